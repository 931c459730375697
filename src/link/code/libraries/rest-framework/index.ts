import type { Parameter } from '../../../../facts/code.js';
import type { Context, Library } from '../../library.js';
import type { ExternalValue, FunctionValue, Value } from '../../values.js';
import { methodOf, permissionsOf } from './permissions.js';
import { pathPart, REST, viewData, viewMember, viewMethod, viewRequest, viewValue } from './views.js';

const VIEWS = /(?:View|ViewSet|ViewSetMixin|Mixin|ModelMixin)$/;

/** What a view's own methods call, or the package between them: it is no handler of requests. */
const HOOKS = /^(?:get_queryset|get_object|get_serializer|get_serializer_class|get_serializer_context|get_permissions|filter_queryset|paginate_queryset|perform_create|perform_update|perform_destroy|get_context_data|form_valid)$/;

/** Django's class-based views, and the views of REST framework. */
export const restFrameworkLibrary: Library = {
  name: REST,
  modules: ['rest_framework', 'django.views', 'django.contrib.auth.mixins', 'rest_framework_extensions', 'drf_spectacular', 'django_filters', 'rest_framework_nested'],
  leads: (name) => VIEWS.test(name),
  external: ({ path }, ctx) => (path.at(-1) === 'SAFE_METHODS' ? methods(ctx) : undefined),
  member: (object, name, _location, ctx) => (object.kind === 'library' ? viewData(object, ctx) && viewMember(name) : undefined),
  method: (object, name, call, ctx) => { const view = object.kind === 'library' ? viewData(object, ctx) : undefined; return view && viewMethod(view, name, call, ctx); },
  instance: (instance, base) => (isView(base) ? viewValue(instance) : undefined),
  inherited: (base, self, ctx) => { const known = ctx.read(self); return known.kind === 'instance' && isView(base) ? viewValue(known) : undefined; },
  parameters: (fn, _decorators, ctx) => (isViewMethod(fn, ctx) ? parametersOf(fn) : undefined),
  granted: (fn, ctx) => (fn.self !== undefined && isViewMethod(fn, ctx) ? permissionsOf(fn.self, fn, ctx) : []),
  hook: (fn, ctx) => HOOKS.test(fn.function.name ?? '') && isViewMethod(fn, ctx),
};

function isView({ module, path }: ExternalValue): boolean {
  return /^(?:rest_framework|django\.views|django\.contrib\.auth\.mixins)/.test(module) && VIEWS.test(path.at(-1) ?? '');
}

function isViewMethod({ self }: FunctionValue, ctx: Context): boolean {
  const known = self && ctx.read(self);
  return known?.kind === 'instance' && ctx.ancestry(known.class).some((each) => each.kind === 'external' && isView(each));
}

function methods(ctx: Context): Value {
  return ctx.allocate({ kind: 'list', form: 'tuple', location: { file: '', start: 0, end: 0 }, items: ['GET', 'HEAD', 'OPTIONS'].map((value) => ({ value: { kind: 'constant', value }, maybe: false, repeated: false })) });
}

/** A handler gets the request, and the parts of the path by name; other methods what their callers give them. */
function parametersOf({ function: code }: FunctionValue): readonly (Value | undefined)[] | undefined {
  const [, first, ...others] = code.parameters;
  if (first === undefined || nameOf(first) !== 'request') return undefined;
  return [undefined, viewRequest('request', methodOf(code.name)), ...others.map((parameter) => (parameter.rest !== undefined ? undefined : pathPart(nameOf(parameter))))];
}

function nameOf({ target }: Parameter): string {
  return target.kind === 'name' ? target.name : '';
}
