import type { CallExpression, Expression } from '../../facts/expression.js';
import type { Catalog } from '../catalog/types.js';
import { functionsNamed, namesOfCall, resultOf, unwrap, type Placed } from './names.js';

/**
 * What a value is that is compared with a column:
 * `tenant`, `user` (who is signed in), `role`: given by the session; `editable`: given by the session, but the user may change it;
 * `constant`; `row`: it depends on a column; `unknown`.
 */
export type ValueKind = 'tenant' | 'user' | 'role' | 'editable' | 'constant' | 'row' | 'unknown';

export interface ValueContext {
  readonly catalog: Catalog;
  /** Functions and expressions of the configuration that give the tenant. */
  readonly tenantValues: readonly string[];
  /** What the rows of a sub-select tell of the session. */
  readonly subquery: (placed: Placed, depth: number) => ValueKind;
}

/** How deep functions may call each other before the answer is unknown. */
const MAXIMUM_DEPTH = 8;
const STRONGEST: readonly ValueKind[] = ['unknown', 'row', 'editable', 'user', 'tenant', 'role', 'constant'];
const AGGREGATES = new Set(['array_agg', 'min', 'max', 'string_agg', 'jsonb_agg', 'json_agg']);
const VOLATILE = new Set(['now', 'clock_timestamp', 'statement_timestamp', 'gen_random_uuid', 'uuid_generate_v4', 'random', 'current_timestamp', 'current_date', 'localtimestamp']);

/** Says where a value comes from. */
export function kindOfValue(placed: Placed, context: ValueContext, depth = 0): ValueKind {
  const { expression, names } = unwrap(placed);
  const of = (inner: Expression): ValueKind => kindOfValue({ expression: inner, names }, context, depth);
  switch (expression.kind) {
    case 'constant': return 'constant';
    case 'column': return ['current_user', 'session_user', 'user', 'current_role'].includes(expression.path.join('.')) ? 'role' : 'row';
    case 'call': return kindOfCall(expression, { expression, names }, context, depth);
    case 'operator': return ofMember(expression) ?? combine([...(expression.left ? [of(expression.left)] : []), of(expression.right)]);
    case 'and': case 'or': return combine(expression.operands.map(of));
    case 'not': case 'nullTest': case 'booleanTest': return of(expression.operand);
    case 'distinct': return combine([of(expression.left), of(expression.right)]);
    case 'inList': return combine([of(expression.operand), ...expression.list.map(of)]);
    case 'quantified': return combine([of(expression.left), of(expression.right)]);
    case 'array': case 'row': return combine(expression.items.map(of));
    case 'indirection': return of(expression.operand);
    case 'case':
      return combine([...(expression.operand ? [of(expression.operand)] : []), ...expression.branches.flatMap(({ when, then }) => [of(when), of(then)]), ...(expression.otherwise ? [of(expression.otherwise)] : [])]);
    case 'subquery': return depth > MAXIMUM_DEPTH ? 'unknown' : context.subquery({ expression, names }, depth + 1);
    default: return 'unknown';
  }
}

/** The strongest of several: one part that depends on the row makes the whole depend on it. */
function combine(kinds: readonly ValueKind[]): ValueKind {
  return STRONGEST.find((kind) => kinds.includes(kind)) ?? 'constant';
}

/** `auth.jwt() ->> 'sub'`, `... -> 'user_metadata' ->> 'org_id'`: the member decides. */
function ofMember(expression: Extract<Expression, { kind: 'operator' }>): ValueKind | undefined {
  if (!['->', '->>', '#>', '#>>'].includes(expression.operator) || expression.right.kind !== 'constant') return undefined;
  const member = String(expression.right.value);
  if (/user_metadata/.test(member)) return 'editable';
  const inner = expression.left && unwrapMember(expression.left);
  if (inner?.kind === 'operator' && ofMember(inner) === 'editable') return 'editable';
  if (member === 'sub') return 'user';
  return member === 'role' && inner?.kind === 'call' ? 'role' : undefined;
}

function unwrapMember(expression: Expression): Expression {
  return expression.kind === 'cast' ? unwrapMember(expression.operand) : expression;
}

function kindOfCall(call: CallExpression, { names }: Placed, context: ValueContext, depth: number): ValueKind {
  const name = call.name.join('.');
  const last = call.name.at(-1)!;
  const kinds = call.arguments.map((expression) => kindOfValue({ expression, names }, context, depth));
  if (context.tenantValues.some((value) => [name, last].includes(value.split('(', 1)[0]!))) return 'tenant';
  if (last === 'current_setting') return ofSetting(call.arguments[0]);
  if (name === 'auth.uid') return 'user';
  if (['auth.role', 'current_user', 'session_user', 'current_role', 'user'].includes(name)) return 'role';
  if (VOLATILE.has(last)) return 'constant';
  if (AGGREGATES.has(last) || kinds.includes('row') || kinds.includes('unknown')) return combine(kinds);
  const inner = bodyOf(call, { expression: call, names }, context);
  if (inner && depth <= MAXIMUM_DEPTH) {
    const kind = kindOfValue(inner, context, depth + 1);
    if (kind !== 'unknown') return kind;
  }
  if (call.arguments.length > 0 && functionsNamed(context.catalog, call.name).length === 0) return combine(kinds);
  return /(^|_)(uid|user_?id)$/i.test(last) ? 'user' : /role/i.test(last) ? 'role' : 'tenant';
}

function ofSetting(name: Expression | undefined): ValueKind {
  const setting = name?.kind === 'constant' ? String(name.value) : '';
  if (/claims?\.sub$|user_?id$/.test(setting)) return 'user';
  return /claims?\.role$|^role$|^is_superuser$/.test(setting) ? 'role' : 'tenant';
}

/** Values that stand for no tenant where a fallback is wanted. */
const NOBODY = /^(0|-1|[0-]+|)$/;

/**
 * A value that is the same in every session and may be somebody's: a constant, or a constant that COALESCE or CASE falls back to.
 * Nil values ('', 0, -1, the nil UUID) name no tenant.
 * @returns the constant as text; undefined when there is none
 */
export function fixedValue(placed: Placed, context: ValueContext, depth = 0): string | undefined {
  const { expression, names } = unwrap(placed);
  const first = (parts: readonly Expression[]): string | undefined => {
    for (const part of parts) {
      const found = fixedValue({ expression: part, names }, context, depth);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  switch (expression.kind) {
    case 'constant': return expression.value === null || NOBODY.test(String(expression.value)) ? undefined : String(expression.value);
    case 'array': return first(expression.items);
    case 'case': return first([...expression.branches.map(({ then }) => then), ...(expression.otherwise ? [expression.otherwise] : [])]);
    case 'call': {
      if (expression.name.at(-1) === 'coalesce') return first(expression.arguments);
      if (expression.name.at(-1) === 'nullif') return first(expression.arguments.slice(0, 1));
      const inner = bodyOf(expression, { expression, names }, context);
      return inner && depth <= MAXIMUM_DEPTH ? fixedValue(inner, context, depth + 1) : undefined;
    }
    default: return undefined;
  }
}

/** Whether a value may be NULL: a setting that need not be set, NULLIF, what is not known. */
export function mayBeNull(placed: Placed, context: ValueContext, depth = 0): boolean {
  const { expression, names } = unwrap(placed);
  const of = (inner: Expression): boolean => mayBeNull({ expression: inner, names }, context, depth);
  if (expression.kind === 'constant') return expression.value === null;
  if (expression.kind !== 'call') return true;
  switch (expression.name.at(-1)) {
    case 'current_setting': return expression.arguments.length > 1;
    case 'coalesce': return expression.arguments.every(of);
    default: {
      const inner = bodyOf(expression, { expression, names }, context);
      return inner === undefined || depth > MAXIMUM_DEPTH || mayBeNull(inner, context, depth + 1);
    }
  }
}

/** What the one function gives back that a call means. */
function bodyOf(call: CallExpression, { names }: Placed, context: ValueContext): Placed | undefined {
  const [entry, ...others] = functionsNamed(context.catalog, call.name);
  const result = entry && others.length === 0 ? resultOf(entry) : undefined;
  return entry && result && { expression: result, names: namesOfCall(entry, call.arguments, names) };
}
