import type { ColumnExpression, Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { CommonTableExpression, FromItem, Query, SelectQuery } from '../../facts/query.js';
import type { Catalog } from '../catalog/types.js';
import { aggregateCalls, computeAggregates } from './aggregates.js';
import { openViews, subjectColumns, systemView, type ViewRow } from './catalog-views.js';
import { evaluate, type Scope } from './evaluate.js';
import { asArray } from './functions.js';
import { array, conjunction, constant, isKnown, isNull, numberOf, oidTarget, textOf, truth } from './values.js';

/** What a query over the catalog (or over nothing but constants) returns. */
export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly ResultRow[];
  /** There may be rows that the history does not show. */
  readonly open: boolean;
}

export interface ResultRow {
  readonly values: readonly Expression[];
  /** The row is there if this is true; absent: it is there. */
  readonly condition?: Expression;
}

/** What the evaluation of queries needs to know. */
export interface QueryWorld {
  readonly catalog: Catalog;
  readonly scope: Scope;
  /** Whether a relation of this name is wholly known, or known not to exist. */
  isSettled(table: string): boolean;
  /** Whether the catalog holds everything that the database holds. */
  readonly complete: boolean;
}

interface Source {
  readonly alias: string;
  readonly columns: readonly string[];
  readonly rows: Iterable<ViewRow>;
  readonly open: boolean;
}

type Bound = ReadonlyMap<string, ViewRow>;

const maximumCombinations = 300_000;

/**
 * Evaluates a query whose relations are system views, functions of known values, VALUES, or other such queries.
 * @returns undefined when it reads data or uses what is not modelled
 */
export function queryCatalog(query: Query, world: QueryWorld, outer: readonly NamedResult[] = []): QueryResult | undefined {
  const known = bindTables(query.with, world, outer);
  if (!known) return undefined;
  switch (query.kind) {
    case 'select': return selectRows(query, world, known);
    case 'values': {
      const rows = query.rows.map((row) => ({ values: row.map((item) => evaluate(item, world.scope)) }));
      return { columns: (query.rows[0] ?? []).map((_, index) => `column${index + 1}`), rows, open: false };
    }
    case 'set': {
      const [left, right] = [queryCatalog(query.left, world, known), queryCatalog(query.right, world, known)];
      if (!left || !right || query.operator !== 'union') return undefined;
      const rows = [...left.rows, ...right.rows];
      return { columns: left.columns, rows: query.all ? rows : distinctRows(rows), open: left.open || right.open };
    }
    default: return undefined;
  }
}

interface NamedResult {
  readonly name: string;
  readonly result: QueryResult;
}

function bindTables(list: readonly CommonTableExpression[], world: QueryWorld, outer: readonly NamedResult[]): NamedResult[] | undefined {
  const known = [...outer];
  for (const { name, query, columns } of list) {
    const result = queryCatalog(query, world, known);
    if (!result) return undefined;
    known.unshift({ name, result: columns.length > 0 ? { ...result, columns } : result });
  }
  return known;
}

function selectRows(query: SelectQuery, world: QueryWorld, known: readonly NamedResult[]): QueryResult | undefined {
  if (query.intoTable || query.groupBy.length > 0 || query.having || query.distinctOn.length > 0) return undefined;
  const conditions = query.where ? conjuncts(query.where) : [];
  const sources: Source[] = [];
  const outerJoins: { readonly alias: string; readonly on: Expression[] }[] = [];
  for (const item of query.from) if (!collectSources(item, world, known, conditions, sources, outerJoins)) return undefined;
  const open = sources.some((source) => source.open) && !settledBySubject(conditions, world);
  const bound = combine(sources, conditions, outerJoins, world);
  if (!bound) return undefined;
  return project(query, bound, sources, world, open);
}

function conjuncts(condition: Expression): Expression[] {
  return condition.kind === 'and' ? condition.operands.flatMap(conjuncts) : [condition];
}

function collectSources(
  item: FromItem, world: QueryWorld, known: readonly NamedResult[], conditions: Expression[], sources: Source[],
  outerJoins: { alias: string; on: Expression[] }[],
): boolean {
  switch (item.kind) {
    case 'join': {
      if (item.natural || item.type === 'right' || item.type === 'full') return false;
      if (!collectSources(item.left, world, known, conditions, sources, outerJoins)) return false;
      const before = sources.length;
      if (!collectSources(item.right, world, known, conditions, sources, outerJoins)) return false;
      const on = item.on ? conjuncts(item.on) : [];
      const right = sources[before];
      const left = sources[before - 1];
      for (const column of item.using) if (left && right) on.push(equality(left.alias, right.alias, column, item.location));
      if (item.type !== 'left') conditions.push(...on);
      else if (sources.length === before + 1 && right) outerJoins.push({ alias: right.alias, on });
      else return false;
      return true;
    }
    case 'table': {
      const result = item.name.schema === undefined ? known.find(({ name }) => name === item.name.name)?.result : undefined;
      const alias = item.alias ?? item.name.name;
      if (result) return pushResult(alias, result, item.columnAliases, sources);
      const view = systemView(item.name.schema, item.name.name);
      if (!view || item.columnAliases.length > 0) return false;
      const rows = [...view(world.catalog, item.location)];
      sources.push({ alias, columns: Object.keys(rows[0] ?? {}), rows, open: openViews.has(item.name.name) || !world.complete });
      return true;
    }
    case 'derived': {
      const result = queryCatalog(item.query, world, known);
      return result ? pushResult(item.alias ?? '?', result, item.columnAliases, sources) : false;
    }
    case 'function': {
      const result = item.calls.length === 1 ? functionRows(item.calls[0]!, world, item.alias) : undefined;
      return result ? pushResult(item.alias ?? functionName(item.calls[0]!), result, item.columnAliases, sources) : false;
    }
  }
}

function equality(left: string, right: string, column: string, location: Location): Expression {
  const side = (alias: string): ColumnExpression => ({ kind: 'column', path: [alias, column], location });
  return { kind: 'operator', operator: '=', left: side(left), right: side(right), location };
}

function pushResult(alias: string, result: QueryResult, names: readonly string[], sources: Source[]): boolean {
  if (result.rows.some((row) => row.condition)) return false;
  const columns = result.columns.map((name, index) => names[index] ?? name);
  const rows = result.rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row.values[index]])));
  sources.push({ alias, columns, rows, open: result.open });
  return true;
}

function functionName(call: Expression): string {
  return call.kind === 'call' ? call.name.at(-1)! : '?';
}

/** Rows of unnest, generate_series and string_to_table with known arguments. */
export function functionRows(call: Expression, world: Pick<QueryWorld, 'scope'>, alias?: string): QueryResult | undefined {
  if (call.kind !== 'call') return undefined;
  const name = functionName(call);
  const args = call.arguments.map((argument) => evaluate(argument, world.scope));
  const column = alias ?? name;
  const single = (items: readonly Expression[]): QueryResult => ({ columns: [column], rows: items.map((item) => ({ values: [item] })), open: false });
  if (name === 'unnest' && args.length === 1) {
    const items = asArray(args[0]);
    return items && single(items.flatMap((item) => (item.kind === 'array' ? item.items : [item])));
  }
  if (name === 'generate_series') {
    const [from, to, by] = args.map(numberOf);
    if (from === undefined || to === undefined || (args.length > 2 && !by) || (to - from) / (by ?? 1) > 10_000) return undefined;
    const items: Expression[] = [];
    for (let value = from; (by ?? 1) > 0 ? value <= to : value >= to; value += by ?? 1) items.push(constant(value, call.location));
    return single(items);
  }
  if (name === 'string_to_table' || name === 'regexp_split_to_table') {
    const [text, separator] = args.map(textOf);
    if (text === undefined || separator === undefined || (name !== 'string_to_table' && !/^[\w ,;]+$/.test(separator))) return undefined;
    return single(text.split(separator).map((item) => constant(item, call.location)));
  }
  return undefined;
}

/** A condition that names the object makes absence certain where the object is settled. */
function settledBySubject(conditions: readonly Expression[], world: QueryWorld): boolean {
  let named = false;
  for (const condition of conditions) {
    const subject = subjectOf(condition, world);
    if (!subject) continue;
    if (subject.kind === 'table' && !subject.names.every((name) => world.isSettled(name))) return false;
    named = true;
  }
  return named;
}

function subjectOf(condition: Expression, world: QueryWorld): { kind: 'table' | 'other'; names: string[] } | undefined {
  const sides = condition.kind === 'operator' && condition.operator === '=' && condition.left ? [condition.left, condition.right]
    : condition.kind === 'inList' && !condition.negated ? [condition.operand, array(condition.list, condition.location)] : undefined;
  if (!sides) return undefined;
  for (const [column, other] of [[sides[0]!, sides[1]!], [sides[1]!, sides[0]!]] as const) {
    const plain = column.kind === 'cast' ? column.operand : column;
    const kind = plain.kind === 'column' ? subjectColumns.get(plain.path.at(-1)!) : undefined;
    if (!kind) continue;
    const value = evaluate(other, world.scope);
    if (!isKnown(value)) continue;
    const items = value.kind === 'array' ? value.items : [value];
    return { kind, names: items.flatMap((item) => oidTarget(item)?.key.replace(/^[^.]*\./, '') ?? textOf(item) ?? []) };
  }
  return undefined;
}

interface Combination {
  readonly bound: Bound;
  readonly open: readonly Expression[];
}

/** Joins the sources, testing every condition as soon as its names are bound. */
function combine(
  sources: readonly Source[], conditions: readonly Expression[], outerJoins: readonly { alias: string; on: Expression[] }[], world: QueryWorld,
): Combination[] | undefined {
  let combinations: Combination[] = [{ bound: new Map(), open: [] }];
  const waiting = new Set(conditions);
  const aliases = new Set<string>();
  let steps = 0;
  for (const [index, source] of sources.entries()) {
    aliases.add(source.alias);
    const last = index === sources.length - 1;
    const outer = outerJoins.find(({ alias }) => alias === source.alias);
    const ready = outer ? [] : [...waiting].filter((condition) => last || boundBy(condition, aliases, sources));
    for (const condition of ready) waiting.delete(condition);
    const rows = [...source.rows];
    const next: Combination[] = [];
    for (const { bound, open } of combinations) {
      let matched = false;
      for (const row of rows) {
        steps += 1;
        if (steps > maximumCombinations) return undefined;
        const candidate = new Map(bound).set(source.alias, row);
        const kept = test(outer?.on ?? ready, candidate, open, world);
        if (!kept) continue;
        matched = true;
        next.push({ bound: candidate, open: kept });
      }
      if (outer && !matched) next.push({ bound: new Map(bound).set(source.alias, Object.fromEntries(source.columns.map((name) => [name, null]))), open });
    }
    combinations = next;
  }
  if (waiting.size > 0) {
    combinations = combinations.flatMap(({ bound, open }) => {
      const kept = test([...waiting], bound, open, world);
      return kept ? [{ bound, open: kept }] : [];
    });
  }
  return combinations;
}

function boundBy(condition: Expression, aliases: ReadonlySet<string>, sources: readonly Source[]): boolean {
  if (condition.kind !== 'operator' && condition.kind !== 'inList' && condition.kind !== 'nullTest') return false;
  const parts = condition.kind === 'operator' ? [condition.left, condition.right] : condition.kind === 'inList' ? [condition.operand, ...condition.list] : [condition.operand];
  return parts.every((part) => {
    const plain = part?.kind === 'cast' ? part.operand : part;
    if (!plain || plain.kind === 'constant' || (plain.kind === 'array' && isKnown(plain))) return true;
    if (plain.kind !== 'column') return false;
    if (plain.path.length > 1) return aliases.has(plain.path.at(-2)!);
    const owner = sources.find((source) => source.columns.includes(plain.path[0]!));
    return owner !== undefined && aliases.has(owner.alias);
  });
}

/** The conditions that stay undecided; undefined when one is not true. */
function test(conditions: readonly Expression[], bound: Bound, open: readonly Expression[], world: QueryWorld): readonly Expression[] | undefined {
  const scope = rowScope(bound, world);
  let kept = open;
  for (const condition of conditions) {
    const value = evaluate(condition, scope);
    if (isKnown(value)) {
      if (truth(value) !== 'yes') return undefined;
    } else {
      kept = [...kept, value];
    }
  }
  return kept;
}

function rowScope(bound: Bound, world: QueryWorld): Scope {
  return new RowScope(bound, world);
}

/** What names mean in one combination of rows. A class, because a query over the catalog makes one for each row there is. */
class RowScope implements Scope {
  constructor(private readonly bound: Bound, private readonly world: QueryWorld) {}

  variable(column: ColumnExpression): Expression | undefined {
    return valueOf(column, this.bound) ?? this.world.scope.variable(column);
  }

  subquery(subquery: Extract<Expression, { kind: 'subquery' }>): Expression {
    return subqueryValue(subquery, { ...this.world, scope: this }) ?? subquery;
  }

  environment(name: string, args: readonly Expression[], call: Expression): Expression | undefined {
    return this.world.scope.environment(name, args, call);
  }

  identifier(kind: string, text: string, at: Expression): Expression | undefined {
    return this.world.scope.identifier(kind, text, at);
  }
}

function valueOf(column: ColumnExpression, bound: Bound): Expression | undefined {
  const name = column.path.at(-1)!;
  const alias = column.path.length > 1 ? column.path.at(-2)! : undefined;
  for (const [key, row] of bound) {
    if (alias !== undefined && alias !== key) continue;
    if (!(name in row)) continue;
    const value = row[name];
    if (value === undefined) return undefined;
    return typeof value === 'object' && value !== null ? value : constant(value, column.location);
  }
  return undefined;
}

/** The value of a sub-query over the catalog; undefined when it is not decided. */
export function subqueryValue(subquery: Extract<Expression, { kind: 'subquery' }>, world: QueryWorld): Expression | undefined {
  const result = queryCatalog(subquery.query, world);
  if (!result) return undefined;
  const { location } = subquery;
  const certain = result.rows.filter((row) => !row.condition);
  const decided = certain.length === result.rows.length && !result.open;
  switch (subquery.form) {
    case 'exists':
      if (certain.length > 0) return constant(true, location);
      return decided ? constant(false, location) : undefined;
    case 'scalar':
      if (certain.length !== result.rows.length || certain.length > 1) return undefined;
      if (certain.length === 0) return result.open ? undefined : constant(null, location);
      return certain[0]!.values[0];
    case 'array':
      return certain.length === result.rows.length ? array(certain.map((row) => row.values[0]!), location) : undefined;
    case 'any': case 'all': {
      if (!decided || !subquery.left) return undefined;
      const list = certain.map((row) => (row.values.length === 1 ? row.values[0]! : { kind: 'row' as const, items: row.values, location }));
      return evaluate({
        kind: 'quantified', operator: subquery.operator ?? '=', quantifier: subquery.form, left: subquery.left, right: array(list, location), location,
      }, world.scope);
    }
  }
}

function project(
  query: SelectQuery, combinations: readonly Combination[], sources: readonly Source[], world: QueryWorld, open: boolean,
): QueryResult | undefined {
  const star = query.targets.some(({ expression }) => expression.kind === 'star');
  const columns = query.targets.flatMap((target) => (
    target.expression.kind === 'star' ? starColumns(target.expression.path, sources) : [target.alias ?? outputName(target.expression)]));
  const calls = query.targets.flatMap(({ expression }) => aggregateCalls(expression));
  if (calls.length > 0) {
    if (star || combinations.some((item) => item.open.length > 0)) return undefined;
    if (open && !calls.every((call) => ['array_agg', 'string_agg', 'json_agg', 'jsonb_agg'].includes(functionName(call)))) return undefined;
    const scopes = sortCombinations(query.orderBy, combinations, world).map(({ bound }) => rowScope(bound, world));
    const values = query.targets.map(({ expression }) => computeAggregates(expression, scopes, world.scope));
    return values.every((value) => value !== undefined) ? { columns, rows: [{ values: values as Expression[] }], open: false } : undefined;
  }
  let rows = sortCombinations(query.orderBy, combinations, world).map(({ bound, open: undecided }): ResultRow => {
    const scope = rowScope(bound, world);
    const values = query.targets.flatMap(({ expression }) => (
      expression.kind === 'star' ? starValues(expression.path, sources, bound, expression.location) : [evaluate(expression, scope)]));
    return undecided.length > 0 ? { values, condition: conjunction(undecided, query.location) } : { values };
  });
  if (sources.length === 0 && query.targets.length === 1 && !query.where) {
    const expanded = functionRows(query.targets[0]!.expression, world);
    if (expanded && functionName(query.targets[0]!.expression) !== 'format') rows = [...expanded.rows];
  }
  if (query.distinct) rows = distinctRows(rows);
  if (query.limit || query.offset) {
    const [limit, offset] = [query.limit && numberOf(evaluate(query.limit, world.scope)), query.offset && numberOf(evaluate(query.offset, world.scope))];
    if ((query.limit && limit === undefined) || (query.offset && offset === undefined) || rows.some((row) => row.condition)) return undefined;
    rows = rows.slice(offset ?? 0, limit === undefined ? undefined : (offset ?? 0) + limit);
  }
  return { columns, rows, open };
}

/** The name PostgreSQL gives a select item without an alias. */
export function outputName(expression: Expression): string {
  if (expression.kind === 'column') return expression.path.at(-1)!;
  if (expression.kind === 'call') return expression.name.at(-1)!;
  if (expression.kind === 'cast') return outputName(expression.operand) === '?column?' ? expression.type.name : outputName(expression.operand);
  if (expression.kind === 'subquery') return expression.form === 'exists' ? 'exists' : '?column?';
  return expression.kind === 'case' ? 'case' : expression.kind === 'array' ? 'array' : '?column?';
}

function starColumns(path: readonly string[], sources: readonly Source[]): string[] {
  return sources.filter(({ alias }) => path.length === 0 || alias === path.at(-1)).flatMap(({ columns }) => [...columns]);
}

function starValues(path: readonly string[], sources: readonly Source[], bound: Bound, location: Location): Expression[] {
  return sources.filter(({ alias }) => path.length === 0 || alias === path.at(-1)).flatMap(({ alias, columns }) => columns.map((name) => (
    valueOf({ kind: 'column', path: [alias, name], location }, bound) ?? { kind: 'column', path: [alias, name], location })));
}

function sortCombinations(orderBy: readonly Expression[], combinations: readonly Combination[], world: QueryWorld): readonly Combination[] {
  if (orderBy.length === 0) return combinations;
  const keyed = combinations.map((item) => ({ item, keys: orderBy.map((key) => evaluate(key, rowScope(item.bound, world))) }));
  keyed.sort((a, b) => {
    for (const [index, key] of a.keys.entries()) {
      const [x, y] = [key, b.keys[index]!];
      const [m, n] = [numberOf(x), numberOf(y)];
      if (m !== undefined && n !== undefined && m !== n) return m - n;
      const [s, t] = [textOf(x), textOf(y)];
      if (s !== undefined && t !== undefined && s !== t) return s < t ? -1 : 1;
    }
    return 0;
  });
  return keyed.map(({ item }) => item);
}

function distinctRows(rows: readonly ResultRow[]): ResultRow[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    if (row.condition || !row.values.every(isKnown)) return true;
    const key = JSON.stringify(row.values.map((value) => (isNull(value) ? null : value.kind === 'constant' ? value.value : textOf(value))));
    return !seen.has(key) && seen.add(key);
  });
}
