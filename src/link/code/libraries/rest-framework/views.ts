import type { CodeStatement, MemberExpression } from '../../../../facts/code.js';
import type { Location } from '../../../../facts/location.js';
import { nodes } from '../../../queries/nodes.js';
import type { Call, Context } from '../../library.js';
import { stored } from '../../store.js';
import type { ClassValue, Fact, FunctionValue, InstanceValue, LibraryValue, ObjectEntryValue, Value } from '../../values.js';
import { isNothing, unknownValue } from '../../values.js';
import { byGuards } from '../frameworks/put.js';
import { input, request } from '../frameworks/request.js';
import { alternatives } from '../objects.js';
import { libraryData, libraryValue, textOf } from '../sqlalchemy/given.js';
import { methodFor } from './handled.js';

/** The name of the library of views, permissions and serializers. */
export const REST = 'rest-framework';

/** The key of what one view is given: a function is entered with one request. */
export const VIEW = 'the view';

/** What Django's or REST framework's own class gives a view of the project. */
export interface ViewData {
  readonly instance: InstanceValue;
}

/** The base of a view, for an instance of the project's class. */
export function viewValue(instance: InstanceValue): LibraryValue {
  return libraryValue(REST, 'view', { instance } satisfies ViewData);
}

/** The view behind a value. */
export function viewData(value: Value, ctx: Context): ViewData | undefined {
  return libraryData<ViewData>(value, REST, 'view', ctx);
}

/** The request that a view is called for; `method` where it is known. */
export function viewRequest(name: string, method?: string): LibraryValue {
  return request('request', name, `${VIEW}.req`, method);
}

/** Has what runs before a view asked: what it puts on the request (`request.environment = environment`) is there in the view. */
export function forOneRequest<T>(ctx: Context, ask: () => T): T {
  return byGuards(`${VIEW}.req`, ctx, ask);
}

/** A part of the path of the request: `self.kwargs['pk']`, a parameter of a handler. */
export function pathPart(name: string): Value {
  return input(name, `${VIEW}.kwargs.${name}`, 'untrusted');
}

/** All parts of the path: `**kwargs` of a handler. */
export function allParts(): Value {
  return input('kwargs', `${VIEW}.kwargs`, 'untrusted');
}

/** Runs what the project's class does for every request (`setup()`). @returns what has to be true besides (`test_func()`) */
export function testsOf(self: Value, location: Location, ctx: Context): readonly Value[] {
  const test = ownMethod(self, 'test_func', ctx);
  forRequest(self, 'setup', location, ctx);
  return test ? [ctx.call(test, { arguments: { positional: [], named: new Map(), open: false, locations: [] }, isNew: false, location, nameLocation: location, typeArguments: [] })] : [];
}

/**
 * Runs what the project's class does once a request is known to be allowed: `initial()`.
 * @param said what its permission classes have said
 * @see Django REST framework documentation, "Views": `.initial(self, request, *args, **kwargs)`
 */
export function initiated(self: Value, said: readonly Value[], location: Location, ctx: Context): void {
  if (ownMethod(self, 'initial', ctx) === undefined) return;
  for (const value of said) ctx.assume({ operator: 'truthy', value }, true);
  forRequest(self, 'initial', location, ctx);
}

/** What the project's own `dispatch()` of a view had found out, and kept on the view, where it handed on to the handler. */
interface Way {
  readonly facts: readonly Fact[];
  readonly fields: ReadonlyMap<string, Value>;
}

/** The ways on to the handler, while it is found out which there are. */
interface Ways {
  known: Way[] | undefined;
}

function waysOn(ctx: Context): Ways {
  return stored(ctx, 'ways to handlers', () => ({ known: undefined }));
}

/**
 * Runs what the project's class does before a handler is called: its own `dispatch()`, and what that keeps on the view (`self.project = ...`).
 * @returns what held where it called `super().dispatch()`
 * @see Django documentation, "Class-based views", `View.dispatch`
 */
export function dispatchedBefore(self: Value, location: Location, ctx: Context): readonly Value[] {
  const running = waysOn(ctx);
  if (running.known !== undefined || !doesBefore(self, ctx)) return [];
  const ways: Way[] = running.known = [];
  const before = new Set(ctx.facts);
  try {
    forRequest(self, 'dispatch', location, ctx);
  } finally {
    running.known = undefined;
  }
  const fresh = ways.map(({ facts, fields }) => ({ facts: facts.filter((fact) => !before.has(fact)), fields }));
  const names = new Set(fresh.flatMap(({ fields }) => [...fields.keys()]));
  const kept = [...names].map((key): ObjectEntryValue => ({ kind: 'property', key, value: keptAs(key, fresh), maybe: false, location }));
  if (kept.length > 0) ctx.assign(self, kept, location);
  return fresh.length === 0 ? [] : [{ kind: 'union', options: fresh.map(({ facts }) => ({ value: { kind: 'constant', value: true }, facts })) }];
}

/** Whether a `dispatch()` of the project's does anything before it hands on. */
function doesBefore(self: Value, ctx: Context): boolean {
  const known = ctx.read(self);
  return known.kind === 'instance' && ctx.ancestry(known.class).some((each) => each.kind === 'classValue' && each.class.methods.some(({ name, body }) => name === 'dispatch' && !handsOnAtOnce(body)));
}

function handsOnAtOnce(body: readonly CodeStatement[]): boolean {
  const [first] = body.filter((each) => each.kind !== 'expression' || each.expression.kind !== 'literal');
  if (first?.kind === 'try') return handsOnAtOnce(first.body);
  return first !== undefined && (first.kind === 'return' || first.kind === 'declare' || first.kind === 'expression') && nodes(first).some((node) => node.kind === 'member' && (node as unknown as MemberExpression).property === 'dispatch');
}

function keptAs(name: string, ways: readonly Way[]): Value {
  const [only, ...others] = ways.map(({ facts, fields }) => ({ value: fields.get(name) ?? unknownValue(`what ${name} is`), facts }));
  return others.length === 0 ? only!.value : { kind: 'union', options: [only!, ...others] };
}

/** Calls a method of the project's class with the request and the parts of the path. */
function forRequest(self: Value, name: string, location: Location, ctx: Context): void {
  const method = ownMethod(self, name, ctx);
  if (method) ctx.call(method, { arguments: { positional: [viewRequest('request')], named: new Map(), open: true, locations: [location], spread: [allParts()] }, isNew: false, location, nameLocation: location, typeArguments: [] });
}

function ownMethod(self: Value, name: string, ctx: Context): FunctionValue | undefined {
  const known = ctx.read(ctx.member(self, name));
  return known.kind === 'function' ? known : undefined;
}

/** Django's views of one row, which find it before any method of the project's class is called that may ask for it. */
const OF_ONE = /^(?:Base)?(?:Detail|Update|Delete)View$|^SingleObject\w*Mixin$/;

/** Where a class says what it shows; at its beginning where it does not. */
export function placeOfRows({ class: { fields, location } }: ClassValue): { readonly location: Location; readonly isSaid: boolean } {
  const said = fields.find(({ name, value }) => (name === 'queryset' || name === 'model') && value !== undefined)?.value?.location;
  return { location: said ?? { ...location, end: location.start }, isSaid: said !== undefined };
}

/**
 * `self.object`: the row that `get_object()` gives.
 * @see Django documentation, "Single object mixins": `SingleObjectMixin.get_context_data`
 */
function shown(instance: InstanceValue, ctx: Context): Value | undefined {
  if (!ctx.ancestry(instance.class).some((each) => each.kind === 'external' && OF_ONE.test(each.path.at(-1) ?? ''))) return undefined;
  const { location } = placeOfRows(instance.class);
  return ctx.callMethod(ctx.allocate(instance), 'get_object', { arguments: { positional: [], named: new Map(), open: false, locations: [] }, isNew: false, location, nameLocation: location, typeArguments: [] });
}

/** `self.request`, `self.kwargs`, `self.object`; `swagger_fake_view` is set where only the documentation of the API is made. */
export function viewMember({ instance }: ViewData, name: string, ctx: Context): Value | undefined {
  if (name === 'swagger_fake_view') return { kind: 'constant', value: false };
  if (name === 'object') return shown(instance, ctx);
  if (name === 'request') return viewRequest('self.request', methodFor(instance));
  return name === 'kwargs' ? input('self.kwargs', `${VIEW}.kwargs`, 'untrusted') : undefined;
}

/**
 * A method of a view that the project's class leaves to the package.
 * @see Django REST framework documentation, "Generic views"; Django documentation, "Class-based views"
 */
export function viewMethod({ instance }: ViewData, name: string, call: Call, ctx: Context): Value | undefined {
  const self = ctx.allocate(instance);
  const { location } = call;
  const [first] = call.arguments.positional;
  const plain = (object: Value, method: string, ...positional: Value[]): Value => ctx.callMethod(object, method, { ...call, arguments: { positional, named: new Map(), open: false, locations: positional.map(() => location) } });
  switch (name) {
    case 'get_queryset': return startOf(self, plain, ctx);
    case 'filter_queryset': return first && filtered(self, first, plain, ctx);
    case 'paginate_queryset': return first;
    case 'get_object': return found(self, first, call, plain, ctx);
    case 'get_serializer_class': return declared(self, 'serializer_class', ctx);
    case 'get_serializer': return serializerFor(self, call, plain, ctx);
    case 'get_serializer_context': return ctx.allocate({ kind: 'object', location, entries: [['request', viewRequest('self.request')], ['view', self]].map(([key, value]) => ({ kind: 'property', key: key as string, value: value as Value, maybe: false, location }) as const) });
    case 'perform_create': case 'perform_update': return first && plain(first, 'save');
    case 'perform_destroy': return first && plain(first, 'delete');
    case 'list': plain(plain(self, 'filter_queryset', plain(self, 'get_queryset')), 'all'); return response(location, ctx);
    case 'retrieve': plain(self, 'get_object'); return response(location, ctx);
    case 'destroy': plain(self, 'perform_destroy', plain(self, 'get_object')); return response(location, ctx);
    case 'create': return saved(self, 'perform_create', [], call, ctx);
    case 'update': case 'partial_update': return saved(self, 'perform_update', [plain(self, 'get_object')], call, ctx);
    case 'dispatch': return dispatched(self, call, ctx);
    case 'setup': return { kind: 'constant', value: null };
    case 'check_object_permissions': case 'check_permissions': case 'initial': return { kind: 'constant', value: null };
    default: return undefined;
  }
}

/** The handlers of the project's class: which of them is called is up to the request. */
const HANDLERS = ['get', 'post', 'put', 'patch', 'delete'];

/** `super().dispatch(request, ...)` calls the handler of the request's method. */
function dispatched(self: Value, { location, nameLocation }: Call, ctx: Context): Value {
  const ways = waysOn(ctx).known;
  const known = ways && ctx.read(self);
  if (known?.kind === 'instance') {
    ways!.push({ facts: ctx.facts, fields: known.fields });
    return response(location, ctx);
  }
  const handlers = HANDLERS.flatMap((name) => { const known = ctx.read(ctx.member(self, name)); return known.kind === 'function' ? [known] : []; });
  const works = handlers.map((handler) => () => {
    const named = handler.function.parameters.slice(2).flatMap(({ target, rest }) => (rest === undefined && target.kind === 'name' ? [[target.name, pathPart(target.name)] as const] : []));
    return ctx.call(handler, { arguments: { positional: [viewRequest('request')], named: new Map(named), open: false, locations: [location] }, isNew: false, location, nameLocation, typeArguments: [] });
  });
  ctx.oneOf([...works, () => response(location, ctx)], location);
  return response(location, ctx);
}

/** `get_serializer(...)`: of the class that the view says, in the context that it gives. */
function serializerFor(self: Value, call: Call, plain: Plain, ctx: Context): Value {
  const { named } = call.arguments;
  const given = named.has('context') ? named : new Map([...named, ['context', plain(self, 'get_serializer_context')]]);
  return ctx.call(plain(self, 'get_serializer_class'), { ...call, isNew: true, arguments: { ...call.arguments, named: given } });
}

type Plain = (object: Value, method: string, ...positional: Value[]) => Value;

function response(location: Location, ctx: Context): Value {
  return ctx.input('a response', 'unknown', { key: `response@${location.file}:${location.start}` });
}

/** What the class declares under a name; undefined for nothing and for None. */
function declared(self: Value, name: string, ctx: Context): Value | undefined {
  const value = ctx.member(self, name);
  const known = ctx.read(value);
  return known.kind === 'unknown' || isNothing(known) ? undefined : value;
}

/** `queryset = X.objects.all()`, which each request begins anew; `model = X`. */
function startOf(self: Value, plain: Plain, ctx: Context): Value | undefined {
  const rows = declared(self, 'queryset', ctx);
  if (rows) return plain(rows, 'all');
  const model = declared(self, 'model', ctx);
  return model && plain(ctx.member(model, '_default_manager'), 'all');
}

/** Filter backends of the project say what they do; those of packages narrow by what the caller asks for. */
function filtered(self: Value, rows: Value, plain: Plain, ctx: Context): Value {
  const backends = declared(self, 'filter_backends', ctx);
  const items = backends ? alternatives(backends, ctx).flatMap((each) => (each.kind === 'list' ? each.items.map((item) => ctx.read(item.value)) : [])) : [];
  return items.reduce((inner: Value, backend) => (backend.kind === 'classValue' && ctx.ancestry(backend).some((each) => each.kind === 'classValue' && each.class.methods.some((method) => method.name === 'filter_queryset'))
    ? plain(ctx.allocate({ kind: 'instance', class: backend, fields: new Map() }), 'filter_queryset', viewRequest('self.request'), inner, self) : inner), rows);
}

/**
 * `get_object()`: the row of the look-up field that the path names.
 * @see Django documentation, "Single object mixins": `slug_field`, `slug_url_kwarg`
 */
function found(self: Value, given: Value | undefined, call: Call, plain: Plain, ctx: Context): Value | undefined {
  const start = given ?? plain(self, 'filter_queryset', plain(self, 'get_queryset'));
  const slug = textIn(self, 'slug_url_kwarg', ctx) ?? (textIn(self, 'slug_field', ctx) === undefined ? undefined : 'slug');
  const isBySlug = slug !== undefined && textIn(self, 'pk_url_kwarg', ctx) === undefined;
  const field = isBySlug ? textIn(self, 'slug_field', ctx) ?? 'slug' : textIn(self, 'lookup_field', ctx) ?? 'pk';
  const name = isBySlug ? slug : textIn(self, 'lookup_url_kwarg', ctx) ?? textIn(self, 'pk_url_kwarg', ctx) ?? field;
  return ctx.callMethod(start, 'get', { ...call, arguments: { positional: [], named: new Map([[field, pathPart(name)]]), open: false, locations: [] } });
}

function textIn(self: Value, name: string, ctx: Context): string | undefined {
  const value = declared(self, name, ctx);
  return value && textOf(value, ctx);
}

function saved(self: Value, method: string, instance: readonly Value[], call: Call, ctx: Context): Value {
  const { location } = call;
  const data = ctx.member(viewRequest('self.request'), 'data');
  const serializer = ctx.callMethod(self, 'get_serializer', { ...call, arguments: { positional: instance, named: new Map([['data', data]]), open: false, locations: instance.map(() => location) } });
  ctx.callMethod(serializer, 'is_valid', { ...call, arguments: { positional: [], named: new Map([['raise_exception', { kind: 'constant', value: true }]]), open: false, locations: [] } });
  ctx.callMethod(self, method, { ...call, arguments: { positional: [serializer], named: new Map(), open: false, locations: [location] } });
  return response(location, ctx);
}
