import { entryOf } from '../../entry.js';
import type { CallExpression, Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { Catalog } from '../catalog/types.js';
import type { ClassifiedTable, Strictness as ProjectStrictness } from '../project.js';
import { findColumn, functionsNamed, namesOfCall, namesOfRow, resultOf, unwrap, type FoundColumn, type Names, type Placed } from './names.js';
import { provesMembership, valueOfRows } from './subquery.js';
import { fixedValue, kindOfValue, mayBeNull, type ValueContext, type ValueKind } from './values.js';

/** An answer with the weight of its reason: of several, the heaviest is told. */
export type Strictness = ProjectStrictness & {
  readonly weight?: number;
  /** It is lax for rows without a tenant alone: a condition beside it may keep them out. */
  readonly onlyNull?: boolean;
};

export interface PredicateContext extends ValueContext {
  readonly catalog: Catalog;
  readonly table: ClassifiedTable;
  /** All tables of the database, as they are classified. */
  readonly tables: readonly ClassifiedTable[];
  /** Conditions on rows that are read, or on rows as they are written. */
  readonly purpose: 'read' | 'write';
  /** Columns that hold the signed-in user, by the configuration. */
  readonly principalColumns: readonly string[];
  /** Roles that no policy binds. */
  readonly isExemptRole: (role: string) => boolean;
}

export const STRICT: Strictness = { answer: 'strict' };
/** A mistake in the comparison says more than a missing one. */
const WEIGHT = { missing: 1, branch: 2, constant: 3, mistake: 4 } as const;
const MAXIMUM_DEPTH = 8;

/** What is common to all conditions of one project and table. */
export function predicateContext(parts: Omit<PredicateContext, 'subquery'>): PredicateContext {
  const context: PredicateContext = { ...parts, subquery: (placed, depth) => valueOfRows(placed, context, depth) };
  return context;
}

/** Judges the condition of a policy; a condition that is not there lets every row through. */
export function judgeCondition(condition: Expression, context: PredicateContext): Strictness {
  return judge({ expression: condition, names: namesOfRow(context.table.table) }, context, 0);
}

/** Judges one part of a condition: does it hold only for rows of the session's own tenant? */
export function judge(placed: Placed, context: PredicateContext, depth: number): Strictness {
  const { expression, names } = unwrap(placed);
  if (depth > MAXIMUM_DEPTH) return { answer: 'unknown', reason: 'functions call each other too deeply' };
  const part = (inner: Expression): Strictness => judge({ expression: inner, names }, context, depth);
  switch (expression.kind) {
    case 'and': return judgeConjunction(expression.operands, names, context, depth);
    case 'or': return any(expression.operands.map(part), expression.location);
    case 'not': return judgeNegation(expression.operand, names, context, depth);
    case 'constant':
      return expression.value === true || expression.value === 'true' || expression.value === 't' ? lax('it is always true', 'constant', expression.location) : STRICT;
    case 'operator': return judgeOperator(expression, names, context, depth);
    case 'distinct': return expression.negated ? judgeSameness(expression, names, context) : independent({ expression, names }, context);
    case 'inList':
      if (expression.negated) return independent({ expression, names }, context);
      return all(expression.list.map((item) => judgeEquality(expression.operand, item, { expression, names }, context)), true);
    case 'quantified':
      if (expression.operator !== '=' || expression.quantifier !== 'any') return independent({ expression, names }, context);
      return judgeEquality(expression.left, expression.right, { expression, names }, context);
    case 'subquery': return judgeSubquery(expression, names, context, depth);
    case 'nullTest': return judgeNullTest(expression, names, context);
    case 'booleanTest': return expression.test === 'true' ? part(expression.operand) : independent({ expression, names }, context);
    case 'case':
      return any([...expression.branches.map(({ when, then }) => all([part(when), part(then)])), ...(expression.otherwise ? [part(expression.otherwise)] : [])], expression.location);
    case 'call': return judgeCall(expression, names, context, depth);
    case 'hole': case 'other': case 'parameter': return { answer: 'unknown', reason: 'a part of it cannot be read' };
    default: return independent({ expression, names }, context);
  }
}

/** Says that rows of other tenants pass. */
export function lax(reason: string, weight: keyof typeof WEIGHT, location: Location): Strictness {
  return { answer: 'lax', reason, weight: WEIGHT[weight], location };
}

/** ANDed parts: one strict part is enough. `every`: items of an IN list, of which each must be strict. */
function all(parts: readonly Strictness[], every = false): Strictness {
  if (every ? parts.every(({ answer }) => answer === 'strict') : parts.some(({ answer }) => answer === 'strict')) return STRICT;
  return parts.find(({ answer }) => answer === 'unknown') ?? worst(parts);
}

/** ORed parts: one that is lax is enough. */
function any(parts: readonly Strictness[], location: Location): Strictness {
  const open = worst(parts.filter(({ answer }) => answer === 'lax'));
  if (open.answer === 'lax' && parts.some(({ answer }) => answer !== 'lax') && open.weight === WEIGHT.missing) {
    return { ...open, reason: 'one branch of an OR leaves the tenant out', weight: WEIGHT.branch };
  }
  return open.answer === 'lax' ? open : parts.find(({ answer }) => answer === 'unknown') ?? (parts.length === 0 ? lax('it is empty', 'missing', location) : STRICT);
}

function worst(parts: readonly Strictness[]): Strictness {
  return parts.reduce<Strictness>((found, part) => (part.answer === 'lax' && (found.answer !== 'lax' || (part.weight ?? 0) > (found.weight ?? 0)) ? part : found), STRICT);
}

function judgeOperator(expression: Extract<Expression, { kind: 'operator' }>, names: Names, context: PredicateContext, depth: number): Strictness {
  if (countsRows(expression)) return provesMembership({ query: expression.left.query, names, counted: true }, context, depth + 1);
  const { operator, left, right } = expression;
  if (operator === '=' && left !== undefined) return judgeEquality(left, right, { expression, names }, context);
  return judgeContainment(expression, names, context) ?? independent({ expression, names }, context);
}

/** `tenant IS NOT DISTINCT FROM value` may let rows without a tenant through: `tenant IS NOT NULL` beside it keeps them out. */
function judgeConjunction(operands: readonly Expression[], names: Names, context: PredicateContext, depth: number): Strictness {
  const parts = operands.map((expression) => judge({ expression, names }, context, depth));
  const rejectsNull = operands.some((operand) => {
    if (operand.kind !== 'nullTest' || !operand.negated) return false;
    const placed = { expression: operand.operand, names };
    const column = columnOf(placed);
    return column ? isTenantColumn(column, context) : kindOfValue(placed, context) === 'tenant';
  });
  return all(parts.map((part) => (rejectsNull && part.onlyNull === true ? STRICT : part)));
}

/** `column IS NOT DISTINCT FROM value`: equality that two NULLs satisfy as well (PostgreSQL manual, section 9.2). */
function judgeSameness(expression: Extract<Expression, { kind: 'distinct' }>, names: Names, context: PredicateContext): Strictness {
  const answer = judgeEquality(expression.left, expression.right, { expression, names }, context);
  if (answer.answer !== 'strict' || (context.table.hybrid && context.purpose === 'read')) return answer;
  const sides = [expression.left, expression.right].map((side): Placed => ({ expression: side, names }));
  for (const [side, other] of [sides, sides.toReversed()] as [Placed, Placed][]) {
    const column = columnOf(side);
    if (column === undefined || !isTenantColumn(column, context) || context.table.table.columns.get(column.name)?.notNull !== false) continue;
    if (mayBeNull(other, context)) return { ...lax(`rows without a tenant pass while the setting is not set (${column.name} may be NULL)`, 'mistake', expression.location), onlyNull: true };
  }
  return answer;
}

function judgeNegation(operand: Expression, names: Names, context: PredicateContext, depth: number): Strictness {
  const { location } = operand;
  const negated = (inner: Expression): Expression => ({ kind: 'not', operand: inner, location: inner.location });
  const again = (expression: Expression): Strictness => judge({ expression, names }, context, depth);
  switch (operand.kind) {
    case 'not': return again(operand.operand);
    case 'and': return again({ kind: 'or', operands: operand.operands.map(negated), location });
    case 'or': return again({ kind: 'and', operands: operand.operands.map(negated), location });
    case 'distinct': case 'nullTest': case 'inList': return again({ ...operand, negated: !operand.negated });
    case 'constant': return operand.value === false ? lax('it is always true', 'constant', location) : STRICT;
    case 'operator': return operand.operator === '<>' ? again({ ...operand, operator: '=' }) : independent({ expression: operand, names }, context);
    default: return independent({ expression: operand, names }, context);
  }
}

/** A condition that pins nothing: on other columns, or on the session alone. */
function independent(placed: Placed, context: PredicateContext): Strictness {
  const { location } = placed.expression;
  const kind = kindOfValue(placed, context);
  if (kind === 'unknown') return { answer: 'unknown', reason: 'a part of it cannot be read' };
  if (kind === 'row' || kind === 'constant') return lax('it has no condition on the tenant', 'missing', location);
  return lax(kind === 'role' || kind === 'user' ? 'it lets everybody through who is signed in' : 'a branch depends on a setting alone, not on the row', 'branch', location);
}

function judgeNullTest(expression: Extract<Expression, { kind: 'nullTest' }>, names: Names, context: PredicateContext): Strictness {
  const column = columnOf({ expression: expression.operand, names });
  if (column && isTenantColumn(column, context) && !expression.negated) {
    if (context.table.hybrid && context.purpose === 'read') return STRICT;
    return lax(`rows without a tenant (${column.name} IS NULL) pass`, 'mistake', expression.location);
  }
  const kind = kindOfValue({ expression: expression.operand, names }, context);
  if (kind === 'tenant' && !expression.negated) return lax('every row passes while the setting is not set', 'mistake', expression.location);
  return independent({ expression, names }, context);
}

/** `column = value`, in either order. */
function judgeEquality(left: Expression, right: Expression, whole: Placed, context: PredicateContext): Strictness {
  const { names } = whole;
  const sides = [left, right].map((expression) => unwrap({ expression, names }));
  const [one, two] = sides as [Placed, Placed];
  if (one.expression.kind === 'row' && two.expression.kind === 'row' && one.expression.items.length === two.expression.items.length) {
    const others = two.expression.items;
    return all(one.expression.items.map((item, index) => judgeEquality(item, others[index]!, whole, context)));
  }
  for (const [side, other] of [[one, two], [two, one]] as const) {
    const column = columnOf(side);
    if (column?.relation.isRow) return judgeColumn(column, other, whole, context);
  }
  for (const [side, other] of [[one, two], [two, one]] as const) {
    if (side.expression.kind !== 'subquery' || side.expression.form !== 'scalar') continue;
    const linked = provesMembership({ query: side.expression.query, names: side.names, gives: { value: kindOfValue(other, context), position: 0 } }, context, 0);
    if (linked.answer === 'strict') return linked;
  }
  const kinds = sides.map((side) => kindOfValue(side, context));
  if (kinds.includes('role') && sides.some(({ expression }) => expression.kind === 'constant' && context.isExemptRole(String(expression.value)))) return STRICT;
  if (sides.every(({ expression }) => expression.kind === 'constant')) return lax('it is always true', 'constant', whole.expression.location);
  if (sides.some((side) => mentionsTenant(side, context))) return { answer: 'unknown', reason: 'the tenant column stands inside of an expression' };
  return independent(whole, context);
}

/** `tenants of the session @> ARRAY[column]`, `claims ? column`, `ARRAY[column] && tenants`: the column is among values of the session. */
function judgeContainment({ operator, left, right, location }: Extract<Expression, { kind: 'operator' }>, names: Names, context: PredicateContext): Strictness | undefined {
  if (left === undefined) return undefined;
  const [one, two] = [{ expression: left, names }, { expression: right, names }];
  const pairs: Readonly<Record<string, readonly (readonly [Placed, Placed])[]>> = { '?': [[one, two]], '@>': [[one, two]], '<@': [[two, one]], '&&': [[one, two], [two, one]] };
  for (const [values, member] of entryOf(pairs, operator) ?? []) {
    const { expression, names: where } = unwrap(member);
    const item = expression.kind === 'array' && expression.items.length === 1 ? expression.items[0]! : expression.kind === 'call' && expression.name.at(-1) === 'to_jsonb' ? expression.arguments[0]! : expression;
    const column = columnOf({ expression: item, names: where });
    if (column && isTenantColumn(column, context)) return judgeTenant(column.name, kindOfValue(values, context), values, location, context);
  }
  return undefined;
}

function judgeColumn(column: FoundColumn, other: Placed, { expression: { location } }: Placed, context: PredicateContext): Strictness {
  const kind = kindOfValue(other, context);
  const isTenant = isTenantColumn(column, context);
  if (isTenant) return judgeTenant(column.name, kind, other, location, context);
  if (other.expression.kind === 'subquery' && (other.expression.form === 'scalar' || other.expression.form === 'array')) {
    const linked = provesMembership({ query: other.expression.query, names: other.names, equals: { column, position: 0 } }, context, 0);
    if (linked.answer !== 'lax') return linked;
  }
  if (isOwnRow(column, kind, context)) return STRICT;
  if (kind === 'user') return lax(`it compares ${column.name} with the signed-in user and leaves the tenant out`, 'missing', location);
  return kind === 'unknown' ? { answer: 'unknown', reason: 'a part of it cannot be read' } : lax('it has no condition on the tenant', 'missing', location);
}

function judgeTenant(name: string, kind: ValueKind, other: Placed, location: Location, context: PredicateContext): Strictness {
  switch (kind) {
    case 'constant':
      if ((context.table.hybrid && context.purpose === 'read') || fixedValue(other, context) === undefined) return STRICT;
      return lax(`${name} is compared with a constant, not with the session's tenant`, 'mistake', location);
    case 'tenant': {
      const fallback = fixedValue(other, context);
      if (fallback === undefined) return STRICT;
      return lax(`without a tenant in the session it falls back to ${fallback}`, 'mistake', location);
    }
    case 'role': return STRICT;
    case 'unknown': return { answer: 'unknown', reason: `it cannot be told what ${name} is compared with` };
    case 'editable': return lax(`${name} is compared with user_metadata, which users may change themselves`, 'mistake', location);
    case 'user': return tenantIsUser(context) ? STRICT : lax(`${name} is compared with the signed-in user, who is no tenant`, 'mistake', location);
    case 'row': {
      const column = columnOf(other);
      if (column?.relation.isRow && column.name === name) return lax(`${name} is compared with itself`, 'mistake', location);
      if (mentionsTenant(other, context)) return lax(`${name} is compared with an expression that falls back to ${name} itself`, 'mistake', location);
      if (other.expression.kind === 'subquery') {
        return lax(`${name} is compared with rows that nothing ties to the session`, 'mistake', location);
      }
      return lax(`${name} is compared with another column, not with the session's tenant`, 'mistake', location);
    }
  }
}

/** A row that belongs to the signed-in user: the own account, an own membership, a column the configuration names. */
function isOwnRow(column: FoundColumn, kind: ValueKind, { table, purpose, principalColumns }: PredicateContext): boolean {
  if (kind !== 'user') return false;
  if (principalColumns.some((each) => each === column.name || each === `${table.name}.${column.name}`) || table.class === 'root') return true;
  if (purpose === 'write') return false;
  const tenants = table.tenantColumns.map(({ name }) => name);
  return table.uniqueKeys.some(({ columns, partial }) => !partial && columns.includes(column.name) && columns.every((each) => each === column.name || tenants.includes(each)));
}

function judgeSubquery(expression: Extract<Expression, { kind: 'subquery' }>, names: Names, context: PredicateContext, depth: number): Strictness {
  const { form, query, operator, left, location } = expression;
  if (form === 'exists' || form === 'scalar') return provesMembership({ query, names }, context, depth + 1);
  if (form !== 'any' || operator !== '=' || left === undefined) return independent({ expression, names }, context);
  const sides = left.kind === 'row' ? left.items : [left];
  const answers = sides.map((side, position): Strictness => {
    const column = columnOf({ expression: side, names });
    if (column === undefined) {
      const value = kindOfValue({ expression: side, names }, context, depth);
      return provesMembership({ query, names, gives: { value, position } }, context, depth + 1);
    }
    const kind = valueOfRows({ expression, names }, context, depth + 1, position);
    if (column.relation.isRow && isTenantColumn(column, context) && kind !== 'row') return judgeTenant(column.name, kind, { expression, names }, location, context);
    return provesMembership({ query, names, equals: { column, position } }, context, depth + 1);
  });
  return all(answers);
}

/** A function that judges the row: its body if it is known, else that it is given the tenant. */
function judgeCall(call: CallExpression, names: Names, context: PredicateContext, depth: number): Strictness {
  const parts = call.arguments.map((expression): Placed => ({ expression, names }));
  if (call.name.at(-1) === 'coalesce') return any(parts.map((part) => judge(part, context, depth)), call.location);
  const [entry, ...others] = functionsNamed(context.catalog, call.name);
  const result = entry && others.length === 0 ? resultOf(entry) : undefined;
  const answer = entry && result ? judge({ expression: result, names: namesOfCall(entry, call.arguments, names) }, context, depth + 1) : undefined;
  if (answer?.answer === 'strict') return answer;
  const given = parts.some((part) => {
    const column = columnOf(part);
    return column?.relation.isRow === true && identifiesRow(column, context);
  });
  if (given) return answer?.answer === 'lax' && (answer.weight ?? 0) >= WEIGHT.constant ? answer : STRICT;
  if (parts.some((part) => unwrap(part).expression.kind === 'subquery')) return { answer: 'unknown', reason: `what the function ${call.name.join('.')} is given comes from a sub-select` };
  return entry === undefined && parts.some((part) => kindOfValue(part, context) === 'row') ? { answer: 'unknown', reason: `the function ${call.name.join('.')} is not known` } : independent({ expression: call, names }, context);
}

/** `(SELECT count(*) ...) > 0`, which is EXISTS. */
function countsRows(expression: Extract<Expression, { kind: 'operator' }>): expression is typeof expression & { left: Extract<Expression, { kind: 'subquery' }> } {
  const { left, operator, right } = expression;
  if (left?.kind !== 'subquery' || left.form !== 'scalar' || right.kind !== 'constant' || left.query.kind !== 'select') return false;
  const [target] = left.query.targets;
  const counts = target?.expression.kind === 'call' && target.expression.name.at(-1) === 'count' && left.query.from.length > 0;
  return counts && ((operator === '>' && right.value === 0) || (operator === '>=' && right.value === 1));
}

/** The plain column an expression is, casts taken away. */
export function columnOf(placed: Placed): FoundColumn | undefined {
  const { expression, names } = unwrap(placed);
  return expression.kind === 'column' ? findColumn(names, expression.path) : undefined;
}

/** Whether it is the tenant column of the row, or the key of the root table. */
export function isTenantColumn({ relation, name }: FoundColumn, { table }: PredicateContext): boolean {
  if (!relation.isRow) return false;
  if (table.tenantColumns.some((column) => column.name === name)) return true;
  return table.class === 'root' && (table.table.primaryKey?.columns.includes(name) ?? name === 'id');
}

/** Columns that name the row's tenant, its parent, or the row itself. */
export function identifiesRow(column: FoundColumn, context: PredicateContext): boolean {
  const { table } = context;
  return isTenantColumn(column, context) || table.references.some(({ columns, toClass }) => columns.includes(column.name) && ['tenant', 'child', 'root'].includes(toClass))
    || table.uniqueKeys.some(({ columns, partial }) => !partial && columns.length === 1 && columns[0] === column.name);
}

/** Whether the tenant column appears anywhere inside an expression. */
function mentionsTenant({ expression, names }: Placed, context: PredicateContext): boolean {
  const visit = (value: unknown): boolean => {
    if (Array.isArray(value)) return value.some(visit);
    if (typeof value !== 'object' || value === null) return false;
    if ((value as Expression).kind === 'column') {
      const column = findColumn(names, (value as Extract<Expression, { kind: 'column' }>).path);
      if (column && isTenantColumn(column, context)) return true;
    }
    return (value as { kind?: string }).kind === 'select' ? false : Object.entries(value).some(([key, inner]) => key !== 'location' && visit(inner));
  };
  return visit(expression);
}

function tenantIsUser({ table }: PredicateContext): boolean {
  return /^(.*\.)?(app_?)?(users?|profiles?)$/i.test(table.class === 'root' ? table.name : table.root?.name ?? '') || /user|owner/i.test(table.tenantColumnName);
}
