import type { Parameter } from '../../../../facts/code.js';
import type { Call, Context, Library } from '../../library.js';
import type { ClassValue, ExternalValue, FunctionValue, InstanceValue, LibraryValue, Value } from '../../values.js';
import { shortcut } from '../django/shortcuts.js';
import { libraryValue } from '../sqlalchemy/given.js';
import { actionsOf } from './actions.js';
import { formMember, formMethod, formOf, formValue, isModelForm } from './forms.js';
import { functionParameters, permissionsOfFunction } from './functions.js';
import { begin, handledBy, isViewSet, methodFor } from './handled.js';
import { isPermission, permissionsOf } from './permissions.js';
import { isRelatedField, ownRelatedField, relatedField, relatedFieldMethod, relatedFieldValue } from './serializer-fields.js';
import { asView, register } from './routed.js';
import { serializerMember, serializerMethod, serializerOf, serializerValue } from './serializers.js';
import { allParts, dispatchedBefore, forOneRequest, initiated, pathPart, REST, testsOf, viewData, viewMember, viewMethod, viewRequest, viewValue } from './views.js';

const VIEWS = /(?:View|ViewSet|ViewSetMixin|Mixin|ModelMixin)$/;

const SERIALIZERS = /Serializer$/;

const ROUTERS = /Router$/;

/** Of `rest_framework.generics`: Django's own, which takes a wrong type of key for a row that is not there. */
const SHORTCUT = 'get_object_or_404';

/** What a view's own methods call, or the package between them: it is no handler of requests. */
const HOOKS = /^(?:get_queryset|get_object|get_serializer|get_serializer_class|get_serializer_context|get_permissions|filter_queryset|paginate_queryset|perform_create|perform_update|perform_destroy|get_context_data|form_valid|test_func|setup)$/;

/** What runs before the request is known to be allowed, or asks whether it is. */
const BEFORE = /^(?:__init__|setup|initial|dispatch|initialize_request|test_func|get_permissions|get_authenticators|check_\w+|as_view)$/;

/** What a serializer's own methods call, or the package between them. */
const CHECKS = /^(?:create|update|save|validate|validate_\w+|get_fields|get_queryset|to_representation|to_internal_value|__init__)$/;

/** Django's class-based views, and the views of REST framework. */
export const restFrameworkLibrary: Library = {
  name: REST,
  modules: ['rest_framework', 'django.views', 'django.forms', 'django.contrib.auth.mixins', 'rest_framework_extensions', 'drf_spectacular', 'django_filters', 'rest_framework_nested'],
  leads: (name) => VIEWS.test(name) || name === 'ModelForm' || SERIALIZERS.test(name) || name.endsWith('RelatedField') || name === SHORTCUT,
  external: ({ path }, ctx) => (path.at(-1) === 'SAFE_METHODS' ? methods(ctx) : undefined),
  call: (callee, call, ctx) => {
    if (callee.kind === 'external') return callee.path.at(-1) === SHORTCUT ? shortcut(SHORTCUT, call, ctx) : isRelatedField(callee) ? relatedField(call, ctx) : isRouter(callee) ? { ...callee, instance: true } : undefined;
    if (callee.type === 'relatedFieldClass') return ownRelatedField(callee.data as ClassValue, call, ctx);
    if (callee.type === 'formClass') return formOf(callee.data as ClassValue, call, ctx);
    return callee.type === 'serializerClass' ? serializerOf(callee.data as ClassValue, call, ctx) : undefined;
  },
  member: (object, name, _location, ctx) => (object.kind === 'library' ? memberOf(object, name, ctx) : undefined),
  method,
  instance: (instance, base) => baseOf(instance, base),
  inherited: (base, self, ctx) => { const known = ctx.read(self); return known.kind === 'instance' ? baseOf(known, base) : undefined; },
  classValue: (value, base) => (isModelForm(base) ? libraryValue(REST, 'formClass', value) : isSerializer(base) ? libraryValue(REST, 'serializerClass', value) : isRelatedField(base) ? libraryValue(REST, 'relatedFieldClass', value) : isView(base) ? libraryValue(REST, 'viewClass', value) : undefined),
  parameters: (fn, decorators, ctx) => (isViewMethod(fn, ctx) ? parametersOf(fn, ctx) : fn.self === undefined ? functionParameters(fn, decorators, ctx) : undefined),
  granted,
  answers: isPermission,
  actions: (owner, ctx) => actionsOf(owner, (name) => HOOKS.test(name), ctx),
  hook: (fn, ctx) => (HOOKS.test(fn.function.name ?? '') && isViewMethod(fn, ctx)) || (CHECKS.test(fn.function.name ?? '') && isMethodOf(fn, (each) => isSerializer(each) || isRelatedField(each), ctx)),
};

function memberOf(object: LibraryValue, name: string, ctx: Context): Value | undefined {
  const view = viewData(object, ctx);
  return view ? viewMember(view, name, ctx) : serializerMember(object, name, ctx) ?? formMember(object, name, ctx);
}

/** What a view and its permission classes have found out before one of its methods is called, which they know. */
function granted(fn: FunctionValue, ctx: Context): readonly Value[] {
  const { self, function: { location } } = fn;
  if (self === undefined) return permissionsOfFunction(fn, ctx);
  if (!isViewMethod(fn, ctx)) return [];
  begin(self, handledBy(fn, isSet(self, ctx), ctx), location, ctx);
  return forOneRequest(ctx, () => {
    const said = [...begun(self, fn.function, ctx), ...permissionsOf(self, location, ctx)];
    const name = fn.function.name ?? '';
    if (BEFORE.test(name)) return said;
    initiated(self, said, location, ctx);
    return !HOOKS.test(name) && !isHandler(fn) ? said : [...said, ...dispatchedBefore(self, location, ctx)];
  });
}

/** Whether the package calls a method with the request: `get(self, request, ...)`, an action of a view set. */
function isHandler({ function: { parameters } }: FunctionValue): boolean {
  return parameters[1] !== undefined && nameOf(parameters[1]) === 'request';
}

function isSet(self: Value, ctx: Context): boolean {
  const known = ctx.read(self);
  return known.kind === 'instance' && isViewSet(ctx.ancestry(known.class).flatMap((each) => (each.kind === 'external' ? each.path.slice(-1) : [])));
}

function method(object: ExternalValue | LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (object.kind !== 'library') {
    if (name === 'register' && object.instance === true && isRouter(object)) register(call, ctx);
    return undefined;
  }
  if (object.type === 'viewClass' && name === 'as_view') asView(object.data as ClassValue, call, ctx);
  const view = viewData(object, ctx);
  if (view) return checked(viewMethod(view, name, call, ctx), view.instance, name, call, ctx);
  return serializerMethod(object, name, call, ctx) ?? relatedFieldMethod(object, name, call, ctx) ?? formMethod(object, name, call, ctx);
}

/** The row that `get_object()` gives has passed the permission classes, as has one that `check_object_permissions(request, row)` was asked about. */
function checked(given: Value | undefined, instance: InstanceValue, name: string, call: Call, ctx: Context): Value | undefined {
  const row = name === 'get_object' ? given : name === 'check_object_permissions' ? call.arguments.positional[1] : undefined;
  if (row) for (const value of permissionsOf(ctx.allocate(instance), call.location, ctx, row)) ctx.assume({ operator: 'truthy', value }, true);
  return given;
}

function baseOf(instance: InstanceValue, base: ExternalValue): LibraryValue | undefined {
  return isView(base) ? viewValue(instance) : isSerializer(base) ? serializerValue(instance) : isRelatedField(base) ? relatedFieldValue(instance) : isModelForm(base) ? formValue(instance) : undefined;
}

function isRouter({ module, path }: ExternalValue): boolean {
  return module.startsWith('rest_framework') && ROUTERS.test(path.at(-1) ?? '');
}

function isSerializer({ module, path }: ExternalValue): boolean {
  return module.startsWith('rest_framework') && SERIALIZERS.test(path.at(-1) ?? '');
}

function isView({ module, path }: ExternalValue): boolean {
  return /^(?:rest_framework|django\.views|django\.contrib\.auth\.mixins)/.test(module) && VIEWS.test(path.at(-1) ?? '');
}

function isViewMethod(fn: FunctionValue, ctx: Context): boolean {
  return isMethodOf(fn, isView, ctx);
}

function isMethodOf({ self }: FunctionValue, isBase: (base: ExternalValue) => boolean, ctx: Context): boolean {
  const known = self && ctx.read(self);
  return known?.kind === 'instance' && ctx.ancestry(known.class).some((each) => each.kind === 'external' && isBase(each));
}

function methods(ctx: Context): Value {
  return ctx.allocate({ kind: 'list', form: 'tuple', location: { file: '', start: 0, end: 0 }, items: ['GET', 'HEAD', 'OPTIONS'].map((value) => ({ value: { kind: 'constant', value }, maybe: false, repeated: false })) });
}

/**
 * What Django does before a handler: `setup()` of the project's class, and the test of `UserPassesTestMixin`, which has to pass.
 * @see Django documentation, "Class-based views", `View.setup`, `UserPassesTestMixin.test_func`
 */
function begun(self: Value, { name, location, parameters }: FunctionValue['function'], ctx: Context): readonly Value[] {
  if (parameters[1] === undefined || nameOf(parameters[1]) !== 'request' || name === 'setup' || name === 'test_func') return [];
  return testsOf(self, location, ctx);
}

/** A handler gets the request, and the parts of the path by name; other methods what their callers give them. */
function parametersOf({ function: code, self }: FunctionValue, ctx: Context): readonly (Value | undefined)[] | undefined {
  const [, first, ...others] = code.parameters;
  if (/^perform_/.test(code.name ?? '')) return [undefined, performed(self!, code, ctx)];
  if (first === undefined || nameOf(first) !== 'request') return undefined;
  const known = self && ctx.read(self);
  return [undefined, viewRequest('request', known?.kind === 'instance' ? methodFor(known) : undefined), ...others.map((parameter) => (parameter.rest === 'map' ? allParts() : parameter.rest !== undefined ? undefined : pathPart(nameOf(parameter))))];
}

/** What the package hands to `perform_create()` and its like: a serializer of what was sent, which has passed its checks, the row that the path names. */
function performed(self: Value, { name, location }: FunctionValue['function'], ctx: Context): Value {
  const call = (named: readonly (readonly [string, Value])[]): Call => ({ arguments: { positional: [], named: new Map(named), open: false, locations: [] }, isNew: false, location, nameLocation: location, typeArguments: [] });
  const row = name === 'perform_create' ? undefined : ctx.callMethod(self, 'get_object', call([]));
  if (row && name === 'perform_destroy') return row;
  const serializer = ctx.callMethod(self, 'get_serializer', call([['data', ctx.member(viewRequest('self.request'), 'data')], ...(row ? [['instance', row] as const] : [])]));
  ctx.callMethod(serializer, 'is_valid', call([['raise_exception', { kind: 'constant', value: true }]]));
  return serializer;
}

function nameOf({ target }: Parameter): string {
  return target.kind === 'name' ? target.name : '';
}
