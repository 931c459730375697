import type { CallExpression, ColumnExpression, Expression, IndirectionExpression } from '../../facts/expression.js';
import type { Query } from '../../facts/query.js';
import { parameterNames } from '../parameters.js';
import { partsOf } from '../resolve/walk.js';
import type { Frame } from './frame.js';
import { commonNamed, sourceNamed, sourceOf } from './frame.js';
import type { ColumnOf, Value } from './graph.js';
import type { ScopeEnvironment } from './types.js';

const CONSTANT = 'constant ';
/** The key of NULL, which is no tenant. */
const NULL = 'null';

/** Whether the key of a value is that of a constant. */
/** The key of a constant that is written like this. */
export const constantKey = (text: string): string => `${CONSTANT}${text}`;

export const isConstant = (key: string): boolean => key.startsWith(CONSTANT);

/** An expression without the casts around it. */
export function bare(expression: Expression): Expression {
  let inner = expression;
  while (inner.kind === 'cast' || (inner.kind === 'row' && inner.items.length === 1)) inner = inner.kind === 'cast' ? inner.operand : inner.items[0]!;
  return inner;
}

/** The column a plain column expression stands for; undefined for any other expression, and for a name that is not a column. */
export function columnOf(expression: Expression, frame: Frame): ColumnOf | undefined {
  const inner = bare(expression);
  if (inner.kind === 'indirection') return fieldOf(inner, frame);
  if (inner.kind === 'call') return coalescedBy(inner, frame);
  if (inner.kind !== 'column') return undefined;
  const binding = frame.resolution.bindings.get(inner);
  if (binding) {
    const source = sourceOf(binding.item, frame);
    return source && { ref: source.ref, name: source.table && binding.column ? binding.column.name : binding.name };
  }
  const source = inner.path.length > 1 ? sourceNamed(inner.path.at(-2)!, frame) : undefined;
  return source && { ref: source.ref, name: inner.path.at(-1)! };
}

/** `COALESCE(l.c, r.c)` of the two sides of a join that equates them. */
function coalescedBy(call: CallExpression, frame: Frame): ColumnOf | undefined {
  if (call.arguments.length !== 2 || call.name.at(-1) !== 'coalesce') return undefined;
  for (let each: Frame | undefined = frame; each; each = each.parent) {
    if (!each.coalesced) continue;
    const [one, other] = call.arguments.map((argument) => columnOf(argument, frame));
    const isOf = (column: ColumnOf, found: ColumnOf | undefined): boolean => column.ref === found?.ref && column.name === found.name;
    const pair = each.coalesced.find(({ of: [left, right] }) => (isOf(left, one) && isOf(right, other)) || (isOf(left, other) && isOf(right, one)));
    if (pair) return pair.column;
  }
  return undefined;
}

/** `(t).c`, where `t` is a row and no column. */
function fieldOf({ operand, fields, subscripts }: IndirectionExpression, frame: Frame): ColumnOf | undefined {
  const [name, ...more] = fields;
  if (operand.kind !== 'column' || operand.path.length > 1 || frame.resolution.bindings.get(operand)?.column || name === undefined || more.length > 0 || subscripts.length > 0) return undefined;
  const source = sourceNamed(operand.path[0]!, frame);
  return source && { ref: source.ref, name };
}

const unknown: Value = { tenant: true, principal: true, doubtful: true, list: false, text: 'a value that cannot be read' };

/**
 * The tenant value an expression is (CONTRACT, section 5): one that reads no column of a table.
 * @returns undefined when it reads a column
 */
export function valueOf(expression: Expression, frame: Frame, env: ScopeEnvironment): Value | undefined {
  const inner = bare(expression);
  switch (inner.kind) {
    case 'constant': return {
      tenant: true, principal: false, doubtful: false, key: inner.value === null ? NULL : `${CONSTANT}${String(inner.value)}`, isNull: inner.value === null,
      list: typeof inner.value === 'string' && /^\{[^,]*,.*\}$/s.test(inner.value), text: typeof inner.value === 'string' ? `'${inner.value}'` : String(inner.value),
    };
    case 'parameter': return inner.secret ? { tenant: false, principal: false, secret: true, doubtful: false, key: `parameter ${inner.name}`, list: false, text: inner.name } : parameterValue(inner.name, env, inner.words);
    case 'column': return columnValue(inner, frame, env);
    case 'array': case 'row': return combined(inner, frame, env, isSeveral(inner.items, frame, env));
    case 'call': case 'operator': case 'case': return combined(inner, frame, env, isSeveral(elementsOf(inner), frame, env));
    default: return combined(inner, frame, env, false);
  }
}

/** Calls that put arrays together, or an element to one; and those that give the elements of what they are given. */
const JOINING = /^array_(?:append|prepend|cat)$/;
const PASSING = /^(?:unnest|coalesce|array_remove)$/;

/** What an array, or a set of rows, that is made of others holds: `ARRAY[$1] || 2`, `unnest(ARRAY[1, 2])`, `generate_series(1, 9)`. */
function elementsOf(expression: Expression, depth = 0): readonly Expression[] {
  const inner = bare(expression);
  if (inner.kind === 'array') return inner.items;
  const name = inner.kind === 'call' ? inner.name.at(-1)! : inner.kind === 'operator' ? inner.operator : inner.kind;
  if (name === 'generate_series') return partsOf(inner).slice(0, 2);
  const isJoining = name === '||' || JOINING.test(name);
  // Chains of operators may be longer than the stack is deep.
  if (depth > 50 || !(isJoining || name === 'case' || PASSING.test(name))) return [];
  const parts = resultsOf(inner);
  const found = parts.map((part) => elementsOf(part, depth + 1));
  const isOfArrays = isJoining && found.some((each) => each.length > 0);
  return found.flatMap((each, index) => (isOfArrays && each.length === 0 ? [parts[index]!] : each));
}

function isSeveral(items: readonly Expression[], frame: Frame, env: ScopeEnvironment): boolean {
  return isList(items.map((item) => valueOf(item, frame, env)));
}

/** Whether values that are compared with one column are several distinct ones. */
export function isList(values: readonly (Value | undefined)[]): boolean {
  const keys = new Set(values.map((value, index) => value?.key ?? value?.origin ?? `unnamed ${index}`));
  return keys.size > 1 || values.some((value) => value?.list === true);
}

/** `session.user.id` and `session.user.teamId`: what is of one user is of one tenant. */
export function areOfOneUser(one: string, other: string): boolean {
  const [a, b] = [one, other].map((each) => (USER.test(each) ? each : each.slice(0, each.lastIndexOf('.'))));
  return a === b && USER.test(a!);
}

const USER = /(?:^|[._])(?:user|viewer|member|profile)$/i;

/** The name of a parameter without the marks of its dialect; undefined for a positional one. */
function parameterName(name: string): string | undefined {
  const match = /^[^A-Za-z0-9_%]*(?:%\()?([A-Za-z_]\w*)/.exec(name);
  return match?.[1];
}

function parameterValue(name: string, env: ScopeEnvironment, words = name): Value {
  const given = env.tenantParameters ?? env.config.queries.parameters;
  const tenant = given.tenant ?? [];
  const principal = given.principal ?? [];
  const short = parameterName(name);
  const isGiven = (list: readonly string[]) => list.includes(name) || (short !== undefined && list.includes(short));
  const base = { doubtful: false, key: `parameter ${name}`, list: false, text: words, ...(env.vouched?.includes(name) && { vouched: true }), ...(env.derived?.includes(name) && { derived: true }), ...(env.hashed?.includes(name) && { hashed: true }), ...(env.secret?.includes(name) && { secret: true }) };
  if (name === '?' || name === '%s') return { tenant: true, principal: true, doubtful: false, list: false, text: words };
  if (tenant.length + principal.length === 0) return { ...base, tenant: true, principal: true };
  if (isGiven(tenant) || isGiven(principal)) return { ...base, tenant: isGiven(tenant), principal: isGiven(principal) };
  const namesPositions = [...tenant, ...principal].some((each) => parameterName(each) === undefined);
  return { ...base, tenant: short === undefined && !namesPositions, principal: false };
}

function columnValue(column: ColumnExpression, frame: Frame, env: ScopeEnvironment): Value | undefined {
  const binding = frame.resolution.bindings.get(column);
  if (binding) return sourceOf(binding.item, frame)?.value;
  const isVariable = env.variables?.has(column.path[0]!) === true || env.labels?.has(column.path[0]!) === true;
  if (isVariable) return { ...parameterValue(column.path.at(-1)!, env), key: `variable ${column.path.join('.')}`, text: column.path.join('.') };
  return columnOf(column, frame) ? undefined : unknown;
}

/** A value made of values: each part has to be one. Of what only chooses among them it is asked that it reads no column. */
function combined(whole: Expression, frame: Frame, env: ScopeEnvironment, list: boolean): Value | undefined {
  let result: Value = { tenant: true, principal: true, doubtful: false, list, text: describe(whole) };
  let inputs = 0;
  const origins = new Set<string>();
  let vouched = true;
  const open: { readonly each: Expression; readonly chooses: boolean }[] = [{ each: whole, chooses: false }];
  const add = (part: Value): void => {
    inputs++;
    origins.add(part.key ?? part.text);
    vouched &&= part.vouched === true;
    result = {
      ...result, tenant: result.tenant && part.tenant, principal: result.principal && part.principal, doubtful: result.doubtful || part.doubtful,
      list: result.list || part.list,
    };
  };
  for (let next = open.pop(); next; next = open.pop()) {
    const { each, chooses } = next;
    const part = leafValue(each, frame, env);
    if (part === undefined) return undefined;
    if (part === 'compound') {
      if (each.kind === 'subquery' && !chooses) for (const name of parameterNames(each.query)) add(parameterValue(name, env));
      const results = chooses ? [] : resultsOf(each);
      for (const inner of partsOf(each)) open.push({ each: inner, chooses: !results.includes(inner) });
      continue;
    }
    if (chooses) result = { ...result, doubtful: result.doubtful || part.doubtful };
    else if (each.kind !== 'constant') add(part);
  }
  const [origin, ...more] = origins;
  if (origin !== undefined && more.length === 0) result = { ...result, origin };
  if (inputs > 0 && vouched) result = { ...result, vouched };
  return inputs === 0 && whole.kind !== 'call' && whole.kind !== 'subquery' ? { ...result, principal: false } : result;
}

/** The parts of an expression of which one, or something made of them, comes out: what only chooses among them is left out. */
export function resultsOf(expression: Expression): readonly Expression[] {
  if (expression.kind === 'case') return [...expression.branches.map(({ then }) => then), ...expression.otherwise ? [expression.otherwise] : []];
  return expression.kind === 'call' && expression.name.at(-1) === 'nullif' ? expression.arguments.slice(0, 1) : partsOf(expression);
}

function leafValue(part: Expression, frame: Frame, env: ScopeEnvironment): Value | 'compound' | undefined {
  switch (part.kind) {
    case 'constant': case 'parameter': return valueOf(part, frame, env);
    case 'column': return columnValue(part, frame, env);
    case 'hole': return unknown;
    case 'star': return undefined;
    case 'subquery': return readsNothing(part.query, frame, env) ? 'compound' : undefined;
    case 'call': return callValue(part, env);
    default: return 'compound';
  }
}

const aggregates = /^(count|sum|avg|min|max|array_agg|string_agg|bool_and|bool_or|every|any_value|json_agg|jsonb_agg|json_object_agg|jsonb_object_agg|mode|stddev\w*|var\w*|corr|covar\w*|regr_\w+|percentile_\w+|bit_(and|or|xor)|xmlagg|range_agg|range_intersect_agg|grouping)$/;

/** Whether a call computes one value from several rows. A user's own aggregates are not known. */
export function isAggregate(call: CallExpression): boolean {
  return !call.over && (call.star === true || call.distinct === true || call.filter !== undefined || aggregates.test(call.name.at(-1)!));
}

function callValue(call: CallExpression, env: ScopeEnvironment): 'compound' | Value | undefined {
  if (call.over || isAggregate(call)) return undefined;
  const name = call.name.join('.');
  if (env.config.queries.tenantValues.some((value) => value === name || value === `${name}()`)) return 'compound';
  const last = call.name.at(-1)!;
  const schemas = call.name.length > 1 ? [call.name.at(-2)!] : env.searchPath;
  return schemas.some((schema) => env.catalog.functions.has(`${schema}.${last}`)) ? unknown : 'compound';
}

/** Whether a sub-select reads no table and no column from around it. */
function readsNothing(query: Query, frame: Frame, env: ScopeEnvironment, depth = 0): boolean {
  if (depth > 20) return false;
  const columns: ColumnExpression[] = [];
  const inside = new Set<unknown>();
  const open: unknown[] = [query];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== 'object' || node === null) continue;
    if (Array.isArray(node)) {
      for (const part of node as readonly unknown[]) open.push(part);
      continue;
    }
    const { kind, name, target } = node as { kind?: string; name?: { name: string; schema?: string }; target?: unknown };
    inside.add(node);
    if (kind === 'hole' || (target !== undefined && kind !== undefined)) return false;
    if (kind === 'column') columns.push(node as ColumnExpression);
    if (kind === 'call' && callValue(node as CallExpression, env) !== 'compound' && !isAggregate(node as CallExpression)) return false;
    if (kind === 'table') {
      const common = name?.schema === undefined && !frame.resolution.tables.has(node as never) ? commonNamed(name!.name, frame) : undefined;
      if (!common || common.recursive || !readsNothing(common.cte.query, common.frame, env, depth + 1)) return false;
      common.isRead = true;
    }
    for (const [key, part] of Object.entries(node)) if (key !== 'location') open.push(part);
  }
  return columns.every((column) => {
    const binding = frame.resolution.bindings.get(column);
    return binding ? inside.has(binding.item) : columnValue(column, frame, env) !== undefined;
  });
}

function describe(expression: Expression): string {
  switch (expression.kind) {
    case 'call': return `${expression.name.join('.')}(${expression.arguments.length > 0 ? '...' : ''})`;
    case 'subquery': return 'a sub-select of values';
    case 'array': case 'row': return 'a list of values';
    default: return 'a value';
  }
}
