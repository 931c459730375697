import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { FromItem, Join, SelectQuery } from '../../../../facts/query.js';
import type { Call, Context } from '../../library.js';
import type { Value } from '../../values.js';
import { hole, join } from '../build.js';
import { conditionOf, tablesIn } from './conditions.js';
import { textOf } from './given.js';
import { foreignKeyBetween, relatedData, sideOf } from './related.js';
import { relationshipData } from './relationships.js';
import { distinct, fromItem, names, type QueryData, type Step } from './statement.js';
import { tableData, type TableData } from './tables.js';

interface Joined {
  readonly target: TableData;
  readonly from: FromItem;
  readonly on: Expression;
  /** What it is joined to, where that is known. */
  readonly left?: string;
  readonly tables: readonly TableData[];
}

/**
 * `join(User.posts)`, `join(Post)`, `join(Post, Post.user_id == User.id)`, `outerjoin(...)`, `join(Post, isouter=True)`.
 * @returns undefined when the target is not known
 */
export function joinStep(data: QueryData, name: string, call: Call, ctx: Context): Step | undefined {
  const { positional, named } = call.arguments;
  // join_from(A, B), join(B): the left side is given or found.
  const [target, on] = name.endsWith('_from') ? [positional[1], positional[2]] : [positional[0] ?? named.get('target'), positional[1]];
  const given = name.endsWith('_from') ? tableData(positional[0], ctx) : undefined;
  const joined = target && joinOf(data, target, on ?? named.get('onclause'), given, call.location, ctx);
  if (!joined) return undefined;
  const outer = named.get('isouter') ?? named.get('outer');
  const isOuter = name.includes('outer') || (outer !== undefined && !isFalse(outer, ctx));
  const full = named.get('full') !== undefined;
  return (before, maybe) => {
    if (before.query.kind !== 'select') return before;
    const type: Join['type'] = full ? 'full' : isOuter || maybe ? 'left' : 'inner';
    return { ...before, query: withJoin(before, before.query, joined, type), tables: distinct([...before.tables, ...joined.tables, joined.target]), last: joined.target };
  };
}

function isFalse(value: Value, ctx: Context): boolean {
  const known = ctx.read(value);
  return known.kind === 'constant' && known.value === false;
}

function joinOf(data: QueryData, target: Value, on: Value | undefined, left: TableData | undefined, location: Location, ctx: Context): Joined | undefined {
  const related = relatedData(target, ctx) ?? byName(data, target, ctx);
  if (related) {
    const side = sideOf(related, location, ctx);
    return side && { ...side, left: related.table.alias, tables: [related.table] };
  }
  const own = relationshipData(target, ctx);
  const table = tableData(target, ctx) ?? (own?.target === undefined ? undefined : tableNamed(own.target, ctx));
  if (!table) return undefined;
  if (own) return { target: table, from: fromItem(table, location), on: hole('a relationship with a join condition of its own', location), tables: [] };
  const over = relatedData(on, ctx);
  if (over) {
    const side = sideOf({ ...over, target: table }, location, ctx);
    return side && { ...side, left: over.table.alias, tables: [over.table] };
  }
  if (on) {
    const tables = tablesIn([on], ctx).filter(({ alias }) => alias !== table.alias);
    return { target: table, from: fromItem(table, location), on: conditionOf(on, ctx, location), ...(tables[0] && { left: (left ?? tables[0]).alias }), tables };
  }
  return byForeignKey(data, table, left, location, ctx);
}

function byName(data: QueryData, target: Value, ctx: Context) {
  const name = textOf(target, ctx);
  const of = data.last ?? data.tables[0];
  return name !== undefined && of ? { table: of, name } : undefined;
}

function tableNamed(name: string, ctx: Context): TableData | undefined {
  const model = ctx.models.find((each) => each.orm === 'sqlalchemy' && each.modelName === name);
  return model && { name: model.name, alias: model.name.name, key: `${model.location.file}:${model.location.start}`, columns: new Map(Object.entries(model.fields)) };
}

function byForeignKey(data: QueryData, table: TableData, left: TableData | undefined, location: Location, ctx: Context): Joined {
  const candidates = left ? [left] : [...data.tables].filter(({ alias }) => alias !== table.alias).reverse();
  for (const each of candidates) {
    const on = foreignKeyBetween(each, table, location, ctx);
    if (on) return { target: table, from: fromItem(table, location), on, left: each.alias, tables: [each] };
  }
  return { target: table, from: fromItem(table, location), on: hole('a join whose foreign key is not known', location), tables: [] };
}

/** Joins to the item of FROM that has the left side; a table that is not there yet begins one. */
function withJoin({ tables }: QueryData, query: SelectQuery, { target, from, on, left, tables: more }: Joined, type: Join['type']): SelectQuery {
  const { location } = on;
  const index = left === undefined ? query.from.length - 1 : query.from.findIndex((item) => names(item).includes(left));
  if (index >= 0) return { ...query, from: query.from.map((item, at) => (at === index ? join(type, item, from, on, location) : item)) };
  const all = distinct([...more, ...tables]).filter(({ alias }) => alias !== target.alias && !query.from.some((item) => names(item).includes(alias)));
  const start = all.find(({ alias }) => alias === left) ?? all[0];
  return start ? { ...query, from: [...query.from, join(type, fromItem(start, location), from, on, location)] } : { ...query, from: [...query.from, from] };
}
