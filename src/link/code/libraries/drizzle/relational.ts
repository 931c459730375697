import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { FromItem, SelectQuery, Target } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import type { BuilderStep } from '../../steps.js';
import type { LibraryValue, Value } from '../../values.js';
import { isUndefined, undefinedValue } from '../../values.js';
import { COUNT, countExpression } from '../../lower.js';
import { and, column, constant, equal, isTrue, join, Names, select, subquery, table } from '../build.js';
import { alternatives, fieldsOf } from '../objects.js';
import { columnName, made, sourceOf, type Step, type TableSource } from './data.js';
import { hasOneRow } from './one-row.js';
import { relationalWhere } from './relational-where.js';
import { relationOf, type Relation } from './relations.js';
import { bound, record } from './run.js';

/** A table that a relational query reads, with the relations it was told to load. */
export interface Reading {
  readonly source: TableSource;
  readonly alias: string;
  readonly names: Names;
  from: FromItem;
  readonly targets: Target[];
  /** Relations to one that are joined. */
  readonly joined: Map<string, Reading>;
  /** Relations to many: the rows of one row, as what stands in FROM and its condition. */
  readonly many: Map<string, { readonly reading: Reading; readonly where: Expression }>;
}

/** `db.query.users.findMany(config)`, `findFirst(config)`. */
export function runRelational(builder: LibraryValue, items: readonly BuilderStep<Step>[], bindings: Value | undefined, ctx: Context): Value {
  const { step } = items[0]!;
  const { location } = step;
  const source = step.args[0] && sourceOf(ctx.read(step.args[0]));
  if (source?.kind !== 'table') {
    record(undefined, 'The table of this relational query is not known', { location }, builder, ctx);
    return { kind: 'unknown', reason: 'rows of a table that is not known' };
  }
  const isOne = step.method === 'findFirst';
  const names = new Names();
  const reading = plainReading(source, names, location);
  const where = relationalWhere(configValue(step.args[1], 'where', ctx), reading, location, ctx);
  addRelations(reading, step.args[1], reading, false, ctx);
  const isLimited = isOne ? !hasOneRow(where, reading.source.model, reading.alias) : configValue(step.args[1], 'limit', ctx) !== undefined;
  const rows = bound(select({ from: [reading.from], where, ...(isLimited && { limit: constant(1, location) }), location }), bindings, ctx);
  const targets: readonly Target[] = [{ expression: { kind: 'star', path: [reading.alias], location } }, ...reading.targets];
  record(bound({ ...rows, targets }, bindings, ctx), undefined, { location }, builder, ctx);
  const result = ctx.result({
    rows, location, column: (path) => columnAt(reading, path, location, ctx), relation: (path) => relationAt(reading, path),
  });
  return isOne ? { kind: 'row', result, path: [], maybe: true } : { kind: 'rowList', result, path: [] };
}

/** The reading of a table without related ones. */
export function plainReading(source: TableSource, names: Names, location: Location): Reading {
  const alias = names.fresh(source.alias ?? source.name.name);
  return { source, alias, names, from: table(source.name, alias, location), targets: [], joined: new Map(), many: new Map() };
}

/** The table with the alias under which a reading has it. */
export function aliasedTable(reading: Reading): LibraryValue {
  return made('table', reading.alias === reading.source.name.name ? reading.source : { ...reading.source, alias: reading.alias });
}

/** A property of a configuration object, as far as it is known: also undefined, where it is given on some paths only. */
export function configValue(config: Value | undefined, key: string, ctx: Context): Value | undefined {
  if (config === undefined) return undefined;
  const found = alternatives(config, ctx).flatMap((option): readonly Value[] => {
    if (option.kind === 'constant') return [undefinedValue];
    if (option.kind !== 'object') return [option];
    const { given, open } = fieldsOf(option, ctx);
    const own = given.find((each) => each.key === key);
    if (own === undefined) return open && key === 'where' ? [{ kind: 'unknown', reason: 'a part of the query that is not known' }] : [undefinedValue];
    return own.maybe ? [own.value, undefinedValue] : [own.value];
  });
  if (found.every(isUndefined)) return undefined;
  return found.length < 2 ? found[0] : { kind: 'union', options: found.map((value) => ({ value, facts: [] })) };
}

/** @param root the reading in whose FROM the joins stand */
function addRelations(reading: Reading, config: Value | undefined, root: Reading, isOuter: boolean, ctx: Context): void {
  const loaded = configValue(config, 'with', ctx);
  for (const option of loaded ? alternatives(loaded, ctx) : []) {
    for (const { key, value, location: place } of option.kind === 'object' ? fieldsOf(option, ctx).given : []) {
      const isWanted = alternatives(value, ctx).some((each) => each.kind !== 'constant' || each.value === true);
      const relation = isWanted ? relationOf(reading.source, key, ctx) : undefined;
      if (relation) addRelation(reading, key, relation, value, root, isOuter, place, ctx);
    }
  }
}

function addRelation(reading: Reading, key: string, relation: Relation, config: Value, root: Reading, isOuter: boolean, location: Location, ctx: Context): void {
  const inner = plainReading(relation.target, reading.names, location);
  const linked = link(reading, inner, relation, location);
  const filter = relationalWhere(configValue(config, 'where', ctx), inner, location, ctx);
  if (!relation.many && !relation.through) {
    const isRequired = !isOuter && isTrue(filter) && relation.columns.every((name) => relation.columns.length > 0 && reading.source.model.columns.find((each) => each.name === name)?.notNull)
      && reading.source.model.constraints.some((each) => each.kind === 'foreignKey' && each.columns.join() === relation.columns.join());
    reading.joined.set(key, inner);
    root.from = join(isRequired ? 'inner' : 'left', root.from, inner.from, and([linked.on, filter], location), location);
    addRelations(inner, config, root, isOuter || !isRequired, ctx);
    return;
  }
  inner.from = linked.from;
  addRelations(inner, config, inner, false, ctx);
  const where = and([linked.on, filter], location);
  reading.many.set(key, { reading: inner, where });
  const targets: readonly Target[] = [{ expression: { kind: 'star', path: [inner.alias], location } }, ...inner.targets];
  root.targets.push({ expression: subquery('array', select({ targets, from: [inner.from], where, location }), location), alias: key });
}

/** The condition that links a related table to the row it belongs to. */
export function link(reading: Pick<Reading, 'alias' | 'names'>, inner: Reading, relation: Relation, location: Location): { readonly from: FromItem; readonly on: Expression } {
  const { through } = relation;
  const pairs = (left: string, leftColumns: readonly string[], right: string, rightColumns: readonly string[]): Expression[] =>
    leftColumns.map((name, index) => equal(column(left, name, location), column(right, rightColumns[index]!, location), location));
  if (!through) return { from: inner.from, on: and(pairs(inner.alias, relation.referenced, reading.alias, relation.columns), location) };
  const between = reading.names.fresh(through.table.name.name);
  const on = and(pairs(inner.alias, relation.referenced, between, through.referenced), location);
  const from = join('inner', table(through.table.name, between, location), inner.from, on, location);
  return { from, on: and(pairs(between, through.columns, reading.alias, relation.columns), location) };
}

/** The column of a field of a row or of a row related to it. */
function columnAt(reading: Reading, path: readonly string[], location: Location, ctx: Context): Expression | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return undefined;
  if (rest.length === 0) {
    const info = reading.source.columns.get(key);
    return info && column(reading.alias, columnName(info, ctx), location);
  }
  const joined = reading.joined.get(key);
  if (joined) return columnAt(joined, rest, location, ctx);
  const many = reading.many.get(key);
  const target = many && (rest.join() === COUNT ? countExpression(location) : columnAt(many.reading, rest, location, ctx));
  return target && many && subquery('scalar', select({ targets: [{ expression: target }], from: [many.reading.from], where: many.where, location }) as SelectQuery, location);
}

function relationAt(reading: Reading, path: readonly string[]): 'one' | 'many' | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return undefined;
  const joined = reading.joined.get(key);
  const many = reading.many.get(key);
  if (rest.length === 0) return joined ? 'one' : many ? 'many' : undefined;
  const inner = joined ?? many?.reading;
  return inner && relationAt(inner, rest);
}
