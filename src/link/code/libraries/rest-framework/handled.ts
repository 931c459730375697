import type { CodeExpression } from '../../../../facts/code.js';
import { entryOf } from '../../../../entry.js';
import type { Location } from '../../../../facts/location.js';
import type { Context } from '../../library.js';
import type { FunctionValue, InstanceValue, ObjectEntryValue, Value } from '../../values.js';

/** What a view is called for: what it can ask of itself (`self.action`), and its permission classes of it (`view.action`). */
interface Handled {
  /** Only view sets have one. */
  readonly action?: string;
  /** Whether the path names one row. */
  readonly detail?: boolean;
  /** The request's method; undefined when there are several. */
  readonly method: string | undefined;
  /** `@action(permission_classes=[...])`: instead of those of the view. */
  readonly permissions?: Value;
}

/** The request's method by the name of the handler: REST framework's own names, and those of its view sets. */
const METHODS: Readonly<Record<string, string>> = {
  get: 'GET', post: 'POST', put: 'PUT', patch: 'PATCH', delete: 'DELETE', head: 'HEAD', options: 'OPTIONS',
  list: 'GET', retrieve: 'GET', create: 'POST', update: 'PUT', partial_update: 'PATCH', destroy: 'DELETE',
};

const OF_ONE = /^(?:retrieve|update|partial_update|destroy)$/;

const OF_ALL = /^(?:list|create)$/;

/** Where a view keeps the method of its request; no name of Python's. */
const METHOD = '#method';

/** The method that a handler is called for; undefined when its name does not tell. */
export function methodOf(name: string | undefined): string | undefined {
  return name === undefined ? undefined : entryOf(METHODS, name);
}

/**
 * What a method of a view is called for, as far as its name or its decorator tells.
 * @param isSet whether the view is a view set: others have no actions
 * @see Django REST framework documentation, "ViewSets": "Introspecting ViewSet actions", "Marking extra actions for routing"
 */
export function handledBy(fn: FunctionValue, isSet: boolean, ctx: Context): Handled {
  const { name, decorators } = fn.function;
  const said = isSet ? decorators.find((node) => isAction(node, fn, ctx)) : undefined;
  return said && name !== undefined ? decorated(name, said, fn, ctx) : ofName(name, isSet);
}

/** What a handler is called for that has one of the package's own names. */
export function ofName(name: string | undefined, isSet: boolean): Handled {
  const detail = name !== undefined && (OF_ONE.test(name) || OF_ALL.test(name)) ? OF_ONE.test(name) : undefined;
  return { method: methodOf(name), ...(isSet && detail !== undefined && { action: name!, detail }) };
}

/** `@action(detail=True, methods=["post"])`. */
function isAction(node: CodeExpression, { scope }: FunctionValue, ctx: Context): boolean {
  if (node.kind !== 'call') return false;
  const callee = ctx.read(ctx.evaluate(node.callee, scope));
  return callee.kind === 'external' && callee.module.startsWith('rest_framework') && callee.path.at(-1) === 'action';
}

function decorated(action: string, node: CodeExpression, { scope }: FunctionValue, ctx: Context): Handled {
  const given = (name: string) => (node.kind === 'call' ? node.arguments.find((each) => each.name === name)?.value : undefined);
  const [detail, methods, permissions] = [given('detail'), given('methods'), given('permission_classes')];
  const [only, ...others] = methods === undefined ? ['GET'] : methods.kind === 'list' ? methods.items.map((item) => (item?.value.kind === 'literal' ? String(item.value.value).toUpperCase() : undefined)) : [];
  return { action, method: others.length === 0 ? only : undefined, ...(detail?.kind === 'literal' && typeof detail.value === 'boolean' && { detail: detail.value }), ...(permissions && { permissions: ctx.evaluate(permissions, scope) }) };
}

/** Tells a view what it is called for, on the path reached. */
export function begin(self: Value, { action, detail, method, permissions }: Handled, location: Location, ctx: Context): void {
  const known = Object.entries({ action, detail, [METHOD]: method }).flatMap(([key, value]): ObjectEntryValue[] => (value === undefined ? [] : [{ kind: 'property', key, value: { kind: 'constant', value }, maybe: false, location }]));
  if (permissions) known.push({ kind: 'property', key: 'permission_classes', value: permissions, maybe: false, location });
  if (known.length > 0) ctx.assign(self, known, location);
}

/** The method of the request that a view is called for, where that is known. */
export function methodFor({ fields }: InstanceValue): string | undefined {
  const known = fields.get(METHOD);
  return known?.kind === 'constant' ? String(known.value) : undefined;
}

/** Whether a view is a view set, by the names of the package's classes that it is made from. */
export function isViewSet(bases: readonly string[]): boolean {
  return bases.some((each) => /ViewSet/.test(each));
}
