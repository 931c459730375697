import type { Expression } from '../../../../facts/expression.js';
import type { Context } from '../../library.js';
import type { ObjectValue, Value } from '../../values.js';
import { isNothing } from '../../values.js';
import { column, constant, equal, hole } from '../build.js';
import { filterOf, fieldFilter, listFilter, type At } from '../entities/filter.js';
import { isGiven, onAnyPath, option, textOf } from '../entities/given.js';
import { addMany, addRelation, countOf, countTarget, readingOf, resultOf, rowOf, rowsOf, selectOf, type Reading, type Rows } from '../entities/reading.js';
import { alternatives, fieldsOf } from '../objects.js';
import { columnName, relationOf } from '../prisma/models.js';
import { TYPEORM } from './members.js';
import { dialect } from './operators.js';
import { record } from '../entities/site.js';
import type { Site } from './site.js';

const OPTIONS = new Set([
  'where', 'relations', 'select', 'order', 'take', 'skip', 'cache', 'join', 'lock', 'withDeleted', 'loadEagerRelations', 'loadRelationIds', 'relationLoadStrategy', 'transaction', 'comment',
]);

/** find, findOne, count and the like, with options or (`...By`) with conditions. */
export function find(site: Site): Value {
  const { name, args, location, ctx, entity } = site;
  const isBy = /By(OrFail)?$/.test(name);
  const [first] = args;
  const isOne = /^findOne/.test(name);
  const asOptions = !isBy && (isOptions(first, ctx) || (!isOne && isNothing(ctx.read(first!))));
  const reading = readingOf(entity.model, location);
  const given = asOptions ? onAnyPath(first, 'where', ctx) : first;
  const where = asOptions || isBy ? conditions(given, reading, site) : criteria(given, reading, site);
  const options = asOptions ? first : isBy ? undefined : args[1];
  if (options) addRelations(reading, options, site);
  const limited = isOne ? !namesOneRow(given, reading, ctx) : isGiven(option(options, 'take', ctx), ctx) || isGiven(option(options, 'skip', ctx), ctx);
  const rows: Rows = { reading, where, limited, location };
  if (/^count/.test(name)) return counted(rows, site);
  if (/^exist/.test(name)) return existing(rows, site);
  record(site, selectOf(rows));
  const result = resultOf(rows, TYPEORM, ctx);
  if (isOne) return rowOf(result, !/OrFail/.test(name), ctx);
  if (!/AndCount/.test(name)) return rowsOf(result);
  const item = (value: Value) => ({ value, maybe: false, repeated: false });
  return ctx.allocate({ kind: 'list', form: 'list', items: [item(rowsOf(result)), item(countOf(rows, ctx))], location });
}

function counted(rows: Rows, site: Site): Value {
  record(site, selectOf({ ...rows, limited: false }, [countTarget(site.location)]));
  return countOf(rows, site.ctx);
}

function existing(rows: Rows, site: Site): Value {
  record(site, selectOf({ ...rows, limited: true }, [{ expression: constant(1, site.location) }]));
  return rowsExist(rows, site.ctx);
}

/** True where there is a row. */
function rowsExist(rows: Rows, ctx: Context): Value {
  const result = resultOf(rows, TYPEORM, ctx);
  return { kind: 'condition', condition: { operator: 'truthy', value: { kind: 'row', result, path: [], maybe: true } } };
}

/** sum, average, minimum, maximum of a column. */
export function aggregate(site: Site): Value {
  const { args, location, ctx, entity, name } = site;
  const reading = readingOf(entity.model, location);
  const where = conditions(args[1], reading, site);
  const property = textOf(args[0], ctx);
  const target = property === undefined ? undefined : columnName(entity.model, property);
  const argument = target === undefined ? hole('a column that is not known', location) : column(reading.place.alias, target, location);
  record(site, selectOf({ reading, where, location }, [{ expression: { kind: 'call', name: [name], arguments: [argument], location } }]));
  return ctx.input(`${name}(...)`, 'unknown', { key: `${location.file}:${location.start}` });
}

function isOptions(value: Value | undefined, ctx: Context): boolean {
  if (value === undefined) return true;
  return alternatives(value, ctx).some((each) => each.kind === 'object' && (each.entries.length === 0 || each.entries.some((entry) => entry.kind === 'property' && OPTIONS.has(entry.key))
    || each.entries.every((entry) => entry.kind === 'spread')));
}

/** Where a condition of a call stands. */
export function atOf(reading: Reading, { location, ctx }: Pick<Site, 'location' | 'ctx'>): At {
  return { place: reading.place, name: 'where', location, ctx, dialect };
}

/** Conditions as `where` and findBy take them: an object, or a list of which one holds. */
export function conditions(value: Value | undefined, reading: Reading, site: Pick<Site, 'location' | 'ctx'>): Expression {
  return filterOf(value, atOf(reading, site));
}

/** What update, delete and the older findOne take: an id, a list of ids, conditions. */
export function criteria(value: Value | undefined, reading: Reading, site: Pick<Site, 'location' | 'ctx' | 'entity'>): Expression {
  const { ctx, location, entity } = site;
  if (value === undefined) return constant(true, location);
  const at = atOf(reading, site);
  const [key] = entity.key();
  const keyColumn = key === undefined ? undefined : columnName(entity.model, key);
  if (keyColumn === undefined) return filterOf(value, at);
  const field = column(reading.place.alias, keyColumn, location);
  const byKey = (each: Value): Expression => fieldFilter(field, each, { ...at, name: key!, dialect: { ...dialect, undefined: 'refused', null: 'refused' } });
  const terms = alternatives(value, ctx).map((each): Expression => {
    if (each.kind === 'list') return each.items.some((item) => ctx.read(item.value).kind === 'object') ? filterOf(each, at) : listFilter(field, each, at);
    if (each.kind === 'row') return equal(field, ctx.expression({ kind: 'field', result: each.result, path: [...each.path, key!], many: false, maybe: false }, location), location);
    if (each.kind === 'object' || each.kind === 'external' || (each.kind === 'input' && isObjectType(each))) return filterOf(each, at);
    return byKey(each);
  });
  return terms.length === 1 ? terms[0]! : { kind: 'or', operands: terms, location };
}

/** Whether an input is said to be more than an id. */
function isObjectType({ type }: Extract<Value, { kind: 'input' }>): boolean {
  const named = type?.type.kind === 'named' ? type.type.path.at(-1) : undefined;
  return type?.type.kind === 'object' || (named !== undefined && /^(any|unknown|object|Record|.*(?:Where|Conditions?|Criteria|Options|Filter))$/.test(named));
}

/** Whether conditions compare the key with a value: at most one row has it. */
function namesOneRow(value: Value | undefined, { place }: Reading, ctx: Context): boolean {
  const object = value && ctx.read(value);
  const key = place.model.constraints.find(({ kind }) => kind === 'primaryKey');
  if (key?.kind !== 'primaryKey' || key.columns.length !== 1) return false;
  if (object?.kind !== 'object') return object?.kind === 'input' && !isObjectType(object);
  return fieldsOf(object, ctx).given.some((each) => !each.maybe && columnName(place.model, each.key) === key.columns[0] && isPlain(each.value, ctx));
}

function isPlain(value: Value, ctx: Context): boolean {
  const known = ctx.read(value);
  return !['object', 'library', 'union', 'list'].includes(known.kind) && !isNothing(known) && !ctx.mayBe(value, 'undefined') && !ctx.mayBe(value, 'null');
}

/** `relations: { org: true, posts: { author: true } }`, `relations: ['org', 'posts.author']`. */
function addRelations(reading: Reading, options: Value, site: Site): void {
  const { ctx } = site;
  const given = option(options, 'relations', ctx);
  if (given === undefined) return;
  for (const each of alternatives(given, ctx)) {
    if (each.kind === 'object') addTree(reading, reading, each, site);
    if (each.kind === 'list') for (const item of each.items) addPath(reading, textOf(item.value, ctx)?.split('.') ?? [], site);
  }
}

function addTree(root: Reading, from: Reading, object: ObjectValue, site: Site): void {
  for (const { key, value } of fieldsOf(object, site.ctx).given) {
    const inner = isWanted(value, site.ctx) ? addOne(root, from, key, site) : undefined;
    const nested = site.ctx.read(value);
    if (inner && nested.kind === 'object') addTree(relationOf(from.place.model, key)?.list === true ? inner : root, inner, nested, site);
  }
}

function isWanted(value: Value, ctx: Context): boolean {
  return alternatives(value, ctx).some((each) => each.kind !== 'constant' || each.value === true);
}

function addPath(reading: Reading, path: readonly string[], site: Site): void {
  let from: Reading | undefined = reading;
  let root = reading;
  for (const name of path) {
    const isMany: boolean = from !== undefined && relationOf(from.place.model, name)?.list === true;
    from = from && addOne(root, from, name, site);
    if (isMany && from) root = from;
  }
}

/** A relation to one is joined, a relation to many is read by the key of its row. */
function addOne(root: Reading, from: Reading, name: string, { location, ctx }: Site): Reading | undefined {
  const relation = relationOf(from.place.model, name);
  if (relation?.list !== true) return addRelation(root, from, name, 'left', location, ctx);
  const known = from.joined.get(`#${name}`);
  if (known) return known;
  const side = addMany(root, from, name, location, ctx);
  if (side) from.joined.set(`#${name}`, side);
  return side;
}
