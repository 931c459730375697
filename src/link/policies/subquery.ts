import type { Expression } from '../../facts/expression.js';
import type { Query, SelectQuery } from '../../facts/query.js';
import { columnOf, identifiesRow, isTenantColumn, judge, lax, predicateContext, STRICT, type PredicateContext, type Strictness } from './predicate.js';
import { obeysPolicies, shapeOfFrom, type FoundColumn, type Names, type Placed, type Relation } from './names.js';
import { conjuncts } from '../backfill/walk.js';
import { kindOfValue, type ValueKind } from './values.js';

/** A sub-select of a condition; `equals`: the column it is compared with (IN, =), by the position of its output. */
export interface Membership {
  readonly query: Query;
  readonly names: Names;
  readonly equals?: { readonly column: FoundColumn; readonly position: number };
  /** A value of the session that must be among the rows (`auth.uid() IN (SELECT user_id ...)`). */
  readonly gives?: { readonly value: ValueKind; readonly position: number };
  /** Its rows are counted and the count compared with none. */
  readonly counted?: boolean;
}

/** Two columns that are equal, or a column and a value of the session. */
interface Links {
  readonly pairs: readonly (readonly [FoundColumn, FoundColumn])[];
  /** Relations whose rows belong to the session's user or tenant. */
  readonly own: ReadonlySet<Relation>;
  /** `relation.column`s compared with the signed-in user itself. */
  readonly users: readonly FoundColumn[];
  /** Some condition alone ties the row to the tenant. */
  readonly strict: boolean;
}

const UNKNOWN: Strictness = { answer: 'unknown', reason: 'its sub-select is not understood' };
const ALWAYS = new Set(['count', 'sum', 'min', 'max', 'avg', 'bool_or', 'bool_and', 'array_agg', 'string_agg', 'jsonb_agg', 'json_agg', 'every']);

/**
 * Whether a sub-select is true only for rows of the session's own tenant: it reads rows of the session's user or tenant
 * and ties the judged row to them.
 */
export function provesMembership({ query, names, equals, gives, counted }: Membership, context: PredicateContext, depth: number): Strictness {
  if (query.kind === 'set') {
    const arms = [query.left, query.right].map((arm) => provesMembership({ query: arm, names, ...(equals && { equals }), ...(gives && { gives }) }, context, depth));
    const strict = arms.filter(({ answer }) => answer === 'strict').length;
    if (strict === 2 || (query.operator === 'intersect' && strict > 0) || (query.operator === 'except' && arms[0]!.answer === 'strict')) return STRICT;
    return arms.find(({ answer }) => answer === 'lax') ?? UNKNOWN;
  }
  if (query.kind !== 'select' || query.with.length > 0) return UNKNOWN;
  const shape = shapeOfFrom(query.from, context.catalog);
  if (shape === undefined) return UNKNOWN;
  if (equals === undefined && counted !== true && isUngroupedAggregate(query)) return UNKNOWN;
  const inner: Names = { relations: shape.relations, arguments: new Map(), outer: names };
  const output = equals && columnOf({ expression: unwrapAggregate(query.targets[equals.position]?.expression), names: inner });
  const found = linksOf([...shape.conditions, ...(query.where ? [query.where] : [])], inner, context, depth);
  const links = gives ? withValue(found, columnOf({ expression: unwrapAggregate(query.targets[gives.position]?.expression), names: inner }), gives.value) : found;
  if (links.strict) return STRICT;
  const pairs = [...links.pairs, ...(equals && output ? [[equals.column, output] as const] : [])];
  const own = spread(pairs, links.own);
  const tied = pairs.some(([one, two]) => ties(one, two, own, links, context) || ties(two, one, own, links, context));
  if (tied) return STRICT;
  if (shape.relations.some(({ table }) => table === undefined)) return UNKNOWN;
  const reaches = pairs.some((pair) => pair.some((column) => column.relation.isRow && identifiesRow(column, context)));
  return lax(reaches ? 'its sub-select reads rows that nothing ties to the session' : 'its sub-select is not tied to the tenant of the row', reaches ? 'mistake' : 'branch', query.location);
}

/** One more column that is compared with a value of the session. */
function withValue(links: Links, column: FoundColumn | undefined, value: ValueKind): Links {
  if (column === undefined || column.relation.isRow || !['user', 'tenant', 'role'].includes(value)) return links;
  return { ...links, own: new Set([...links.own, column.relation]), users: value === 'user' ? [...links.users, column] : links.users };
}

/** The row's column equals one of an own row, and names the tenant, the parent or the row itself. */
function ties(row: FoundColumn, other: FoundColumn, own: ReadonlySet<Relation>, { users }: Links, context: PredicateContext): boolean {
  if (!row.relation.isRow || !identifiesRow(row, context) || !own.has(other.relation)) return false;
  return isTenantColumn(row, context) || !users.some(({ relation, name }) => relation === other.relation && name === other.name);
}

/** What the rows of a sub-select are to the session: the tenant's, when they come from own rows. */
export function valueOfRows({ expression, names }: Placed, context: PredicateContext, depth: number, position = 0): ValueKind {
  if (expression.kind !== 'subquery' || expression.form === 'exists') return 'unknown';
  const { query } = expression;
  if (query.kind === 'set') {
    const [left, right] = [query.left, query.right].map((arm) => valueOfRows({ expression: { ...expression, query: arm }, names }, context, depth, position));
    return left === right ? left! : [left, right].includes('row') ? 'row' : 'tenant';
  }
  if (query.kind !== 'select' || query.with.length > 0) return 'unknown';
  const target = query.targets[position]?.expression;
  const shape = shapeOfFrom(query.from, context.catalog);
  if (target === undefined || target.kind === 'star') return 'unknown';
  if (shape === undefined) return kindOfValue({ expression: target, names: { relations: [], arguments: new Map(), outer: names } }, context, depth);
  const inner: Names = { relations: shape.relations, arguments: new Map(), outer: names };
  const value = unwrapAggregate(target);
  const column = columnOf({ expression: value, names: inner });
  if (column === undefined) return kindOfValue({ expression: value, names: inner }, context, depth);
  if (column.relation.isRow) return 'row';
  const links = linksOf([...shape.conditions, ...(query.where ? [query.where] : [])], inner, context, depth);
  if (links.users.some(({ relation, name }) => relation === column.relation && name === column.name)) return 'user';
  if (spread(links.pairs, links.own).has(column.relation)) return 'tenant';
  return column.relation.table === undefined ? 'unknown' : 'row';
}

function linksOf(conditions: readonly Expression[], names: Names, context: PredicateContext, depth: number): Links {
  const pairs: [FoundColumn, FoundColumn][] = [];
  const own = new Set(names.relations.filter(({ table }) => obeysPolicies(names) && table?.rowSecurity === true && table.policies.length > 0 && table !== context.table.table));
  const users: FoundColumn[] = [];
  let strict = false;
  for (const condition of conditions.flatMap(conjuncts)) {
    strict ||= tiesAlone(condition, names, context, depth);
    const linked = linkOf(condition, names, context, depth);
    if (linked === undefined) {
      for (const relation of names.relations) if (!own.has(relation) && pins(condition, relation, names, context, depth)) own.add(relation);
      continue;
    }
    const { column, other, kind } = linked;
    if (other) pairs.push([column, other]);
    else own.add(column.relation);
    if (kind === 'user') users.push(column);
  }
  return { pairs, own, users, strict };
}

/** Conditions on the judged row itself may stand inside the sub-select; what speaks of inner rows alone is no such condition. */
function tiesAlone(condition: Expression, names: Names, context: PredicateContext, depth: number): boolean {
  return judge({ expression: condition, names }, context, depth + 1).answer === 'strict' && condition.kind !== 'constant';
}

/** Whether a condition, as a policy of the inner table, would admit rows of the session's tenant alone. */
function pins(condition: Expression, relation: Relation, names: Names, context: PredicateContext, depth: number): boolean {
  const table = context.tables.find((each) => each.table === relation.table);
  if (table === undefined || condition.kind === 'constant') return false;
  const relations = names.relations.map((each) => ({ ...each, isRow: each === relation }));
  return judge({ expression: condition, names: { relations, arguments: names.arguments, ...(names.bypassesPolicies && { bypassesPolicies: true }) } },
    predicateContext({ ...context, table, purpose: 'read' }), depth + 1).answer === 'strict';
}

interface Link {
  readonly column: FoundColumn;
  readonly other?: FoundColumn;
  readonly kind?: ValueKind;
}

/** `a.x = b.y`, `a.x = session value`, `a.x IN (own rows)`. */
function linkOf(condition: Expression, names: Names, context: PredicateContext, depth: number): Link | undefined {
  if (condition.kind === 'subquery' && condition.form === 'any' && condition.operator === '=' && condition.left) {
    const column = columnOf({ expression: condition.left, names });
    const kind = valueOfRows({ expression: condition, names }, context, depth + 1);
    return column && (kind === 'tenant' || kind === 'user') ? { column, kind } : undefined;
  }
  const [left, right] = sidesOf(condition);
  if (left === undefined || right === undefined) return undefined;
  const one = columnOf({ expression: left, names });
  const two = columnOf({ expression: right, names });
  if (one && two) return { column: one, other: two };
  const column = one ?? two;
  if (column === undefined || column.relation.isRow) return undefined;
  const kind = kindOfValue({ expression: one ? right : left, names }, context, depth);
  return kind === 'tenant' || kind === 'user' || kind === 'role' ? { column, kind } : undefined;
}

function sidesOf(condition: Expression): readonly [Expression?, Expression?] {
  if (condition.kind === 'operator' && condition.operator === '=') return [condition.left, condition.right];
  if (condition.kind === 'quantified' && condition.operator === '=' && condition.quantifier === 'any') return [condition.left, condition.right];
  if (condition.kind === 'distinct' && condition.negated) return [condition.left, condition.right];
  return [];
}

/** Whatever is joined to own rows is own. */
function spread(pairs: readonly (readonly [FoundColumn, FoundColumn])[], own: ReadonlySet<Relation>): ReadonlySet<Relation> {
  const found = new Set(own);
  for (let size = -1; size !== found.size;) {
    size = found.size;
    for (const [one, two] of pairs) {
      if (one.relation.isRow || two.relation.isRow) continue;
      if (found.has(one.relation)) found.add(two.relation);
      else if (found.has(two.relation)) found.add(one.relation);
    }
  }
  return found;
}

function unwrapAggregate(expression: Expression | undefined): Expression {
  if (expression === undefined) return { kind: 'hole', text: '', location: { file: '', start: 0, end: 0 } };
  if (expression.kind === 'call' && ['array_agg', 'min', 'max', 'unnest'].includes(expression.name.at(-1)!) && expression.arguments.length === 1) return unwrapAggregate(expression.arguments[0]);
  return expression.kind === 'cast' ? unwrapAggregate(expression.operand) : expression;
}

function isUngroupedAggregate(query: SelectQuery): boolean {
  return query.groupBy.length === 0 && query.targets.some(({ expression }) => expression.kind === 'call' && expression.over === undefined && ALWAYS.has(expression.name.at(-1)!));
}
