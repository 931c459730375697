import type { Expression } from '../../../../facts/expression.js';
import type { Context } from '../../library.js';
import type { ObjectValue, RowListValue, RowValue, Value } from '../../values.js';
import { undefinedValue } from '../../values.js';
import { column, constant, equal, equalsAny, hole, or } from '../build.js';
import { itemsOf, option, textsOf } from '../entities/given.js';
import { readingOf, resultOf, rowOf, rowsOf, type Reading } from '../entities/reading.js';
import { entityOf, type Entity } from '../entities/registry.js';
import { asObject, deleteOf, insertOf, rowsOfValue, updateOf, withoutKey, writtenWhere, type Data } from '../entities/writing.js';
import { alternatives, fieldsOf, optionsOf, sourcesOf, worstFor } from '../objects.js';
import { columnName } from '../prisma/models.js';
import { conditions, criteria } from './find.js';
import { propertyColumn } from '../entities/filter.js';
import { TYPEORM } from './members.js';
import { record, unknownQuery } from '../entities/site.js';
import type { Site } from './site.js';

/** update, delete, softDelete, restore, increment, decrement: rows by an id or conditions. */
export function change(site: Site): Value {
  const { name, args, location, entity } = site;
  const reading = readingOf(entity.model, location);
  const where = /^(in|de)crement$/.test(name) ? conditions(args[0], reading, site) : criteria(args[0], reading, site);
  const { alias } = reading.place;
  if (name === 'delete') record(site, deleteOf(entity.model, alias, where, location));
  else for (const data of changes(site)) record(site, updateOf(entity.model, alias, where, data, location));
  return outcome({ reading, where }, site);
}

function changes({ name, args, entity, location, ctx }: Site): readonly Data[] {
  if (name === 'update') return rowsOfValue(args[1], entity.model, 'update', ctx);
  const property = /^(in|de)crement$/.test(name) ? textsOf(args[1], ctx)[0] : entity.deleted();
  const changed = property === undefined ? undefined : columnName(entity.model, property);
  return [{ assigned: changed === undefined ? [] : [{ column: changed, partial: true, value: constant(name === 'restore' ? null : 1, location), location }], written: new Map() }];
}

/** UpdateResult and DeleteResult: `affected` is the number of rows. */
function outcome({ reading, where }: { readonly reading: Reading; readonly where: Expression }, { location, ctx }: Site): Value {
  const result = resultOf({ reading, where, location }, TYPEORM, ctx);
  const property = (key: string, value: Value) => ({ kind: 'property', key, value, maybe: false, location }) as const;
  return ctx.allocate({
    kind: 'object', location, entries: [property('affected', { kind: 'field', result, path: ['#count'], many: false, maybe: false }), property('raw', rowsOf(result))],
  });
}

/** insert and upsert. */
export function insert(site: Site): Value {
  const { name, args, location, ctx, entity } = site;
  const rows = rowsOfValue(args[0], entity.model, 'create', ctx);
  if (rows.length === 0) return unknownQuery(site, 'The rows that are inserted are not known');
  const conflict = name === 'upsert' ? conflictColumns(args[1], entity, ctx) : undefined;
  record(site, insertOf(entity.model, rows, location, conflict && {
    action: 'update', columns: conflict, set: rows.flatMap(({ assigned }) => assigned.filter((each) => !conflict.includes(each.column))), location,
  }));
  return ctx.input(`${name}(...)`, 'unknown', { key: `${location.file}:${location.start}` });
}

function conflictColumns(value: Value | undefined, { model }: Entity, ctx: Context): readonly string[] {
  const names = textsOf(value, ctx);
  return (names.length > 0 ? names : textsOf(option(value, 'conflictPaths', ctx), ctx)).map((each) => propertyColumn(model, each) ?? each);
}

/**
 * save: rows that were read are updated, objects with a key are updated by it (TypeORM looks whether there is such a row), others are inserted.
 */
export function save(value: Value | undefined, entity: Entity | undefined, site: Omit<Site, 'entity'>): Value {
  const saved = alternatives(value ?? undefinedValue, site.ctx).map((each) => saveOne(each, entity, site));
  return saved.length === 1 ? saved[0]! : { kind: 'union', options: saved.map((each) => ({ value: each, facts: [] })) };
}

function saveOne(value: Value, given: Entity | undefined, partial: Omit<Site, 'entity'>): Value {
  const { ctx, location } = partial;
  if (value.kind === 'list') {
    const items = value.items.map((item) => ({ ...item, value: saveOne(ctx.read(item.value), given, partial) }));
    return ctx.allocate({ kind: 'list', form: 'list', items, location });
  }
  const object = value.kind === 'instance' && value.given !== true && value.fields.size > 0 ? asObject(value) : value;
  const entity = given ?? entityOf(TYPEORM, object.kind === 'object' && value.kind !== 'instance' ? originOf(object, ctx) : value, ctx);
  if (entity === undefined) return unknownQuery(partial, 'The entity that is saved is not known');
  const site: Site = { ...partial, entity };
  if (object.kind === 'row' || object.kind === 'rowList') return saveRows(object, { assigned: [], written: new Map() }, site);
  if (object.kind === 'object') return saveObject(object, site);
  return object.kind === 'constant' ? value : saveUnknown(object, site);
}

/** An object that came whole: a row that has its key is changed, else it is inserted. */
function saveUnknown(value: Value, site: Site): Value {
  if (value.kind === 'instance' || value.kind === 'unknown' || value.kind === 'external') return unknownQuery(site, 'What is saved is not known');
  const { location } = site;
  return saveObject({ kind: 'object', entries: [{ kind: 'spread', value, maybe: false, location }], location }, site);
}

/** The row that was spread into an object: `{ ...row, name }`. */
function originOf({ entries }: ObjectValue, ctx: Context): RowValue | undefined {
  return entries.map((entry) => (entry.kind === 'spread' ? ctx.read(entry.value) : undefined)).find((each): each is RowValue => each?.kind === 'row');
}

function saveObject(object: ObjectValue, site: Site): Value {
  const { entity, ctx, location } = site;
  const origin = originOf(object, ctx);
  // What stands before the row in the object is replaced by what the row has.
  const plain: ObjectValue = origin ? { ...object, entries: object.entries.slice(object.entries.findIndex((entry) => entry.kind === 'spread' && ctx.read(entry.value) === origin) + 1) } : object;
  const rows = rowsOfValue(ctx.allocate(plain), entity.model, 'create', ctx);
  const named = namedRow(plain, site);
  const reading = readingOf(entity.model, location);
  const updated = (where: Expression): void => {
    for (const data of rowsOfValue(ctx.allocate(plain), entity.model, 'update', ctx)) record(site, updateOf(entity.model, reading.place.alias, where, withoutKey(data, entity.model), location));
  };
  const where = named?.value === undefined ? named && hole('an object that may name another row', location) : equal(column(reading.place.alias, columnName(entity.model, named.key)!, location), named.value, location);
  if (origin !== undefined && where === undefined) return saveRows(origin, withoutKey(rows[0] ?? { assigned: [], written: new Map() }, entity.model), site);
  if (where !== undefined) updated(where);
  if (origin !== undefined || named?.isCertain === true) return rowOf(resultOf({ reading, where: where!, location }, TYPEORM, ctx, rows[0]?.written), false, ctx);
  const query = insertOf(entity.model, rows, location);
  record(site, query);
  const result = resultOf({ reading, where: writtenWhere(query, reading.place.alias), isWritten: true, location }, TYPEORM, ctx, rows.length === 1 ? rows[0]!.written : undefined);
  return rowOf(result, false, ctx);
}

/** The key that an object is given, or may be: TypeORM changes the row that has it, whatever row it was read from (its manual, "Repository APIs", save). */
function namedRow(object: ObjectValue, { entity, ctx, location }: Site): { readonly key: string; readonly value?: Expression; readonly isCertain: boolean } | undefined {
  const [key, ...others] = entity.key();
  const isGenerated = key !== undefined && others.length === 0 && entity.model.columns.some(({ name, default: value }) => name === columnName(entity.model, key) && value?.generator === true);
  if (!isGenerated) return undefined;
  const { given, sources } = fieldsOf(object, ctx);
  const own = given.find((each) => each.key === key && each.overridden === undefined);
  if (own && !own.maybe && isThere(own.value, ctx)) return { key, value: ctx.expression(own.value, location), isCertain: true };
  if (worstFor(sources, key) === undefined) return undefined;
  const sent = object.entries.flatMap((entry) => (entry.kind === 'spread' && worstFor(sourcesOf(entry.value, ctx), key) === 'untrusted' ? [entry.value] : []));
  return { key, ...(sent.length > 0 && { value: ctx.expression(ctx.member(sent.at(-1)!, key), location) }), isCertain: false };
}

function isThere(value: Value, ctx: Context): boolean {
  return !alternatives(value, ctx).some((each) => each.kind === 'constant' && (each.value === undefined || each.value === null)) && !ctx.mayBe(value, 'undefined');
}

/** Rows that were read: UPDATE by their keys. */
export function saveRows(value: RowValue | RowListValue, data: Data, site: Site): Value {
  const { entity, location } = site;
  const reading = readingOf(entity.model, location);
  record(site, updateOf(entity.model, reading.place.alias, byRows(value, reading, site), data, location));
  return value;
}

/** The condition that names rows which were read. */
export function byRows(value: RowValue | RowListValue, { place }: Reading, { entity, location, ctx }: Site): Expression {
  const terms = entity.key().map((key) => {
    const field = column(place.alias, columnName(entity.model, key) ?? key, location);
    const own = ctx.expression({ kind: 'field', result: value.result, path: [...value.path, key], many: value.kind === 'rowList', maybe: false }, location);
    return value.kind === 'rowList' ? equalsAny(field, own, location) : equal(field, own, location);
  });
  return terms.length === 1 ? terms[0]! : { kind: 'and', operands: terms, location };
}

/** remove, softRemove, recover: rows that were read. */
export function remove(value: Value | undefined, given: Entity | undefined, partial: Omit<Site, 'entity'>): Value {
  const { ctx, location, name } = partial;
  for (const each of optionsOf(value ?? undefinedValue, ctx)) {
    const entity = given ?? entityOf(TYPEORM, each.kind === 'list' ? itemsOf(each, ctx)[0] : each, ctx);
    if (entity === undefined) return unknownQuery(partial, 'The entity that is removed is not known');
    const site: Site = { ...partial, entity };
    const reading = readingOf(entity.model, location);
    const where = removed(each, reading, site);
    if (where === undefined) return unknownQuery(site, 'What is removed is not known');
    record(site, name === 'remove' ? deleteOf(entity.model, reading.place.alias, where, location) : updateOf(entity.model, reading.place.alias, where, { assigned: [], written: new Map() }, location));
  }
  return value ?? undefinedValue;
}

function removed(value: Value, reading: Reading, site: Site): Expression | undefined {
  const { ctx, location, entity } = site;
  if (value.kind === 'row' || value.kind === 'rowList') return byRows(value, reading, site);
  if (value.kind === 'list') {
    const terms = value.items.map((item) => removed(ctx.read(item.value), reading, site));
    return terms.some((each) => each === undefined) || terms.length === 0 ? undefined : or(terms as Expression[], location);
  }
  const object = value.kind === 'instance' ? asObject(value) : value;
  if (object.kind !== 'object' || (value.kind === 'instance' && value.fields.size === 0)) return undefined;
  const [key] = entity.key();
  const own = key === undefined ? undefined : fieldsOf(object, ctx).given.find((each) => each.key === key);
  return own && equal(column(reading.place.alias, columnName(entity.model, key!)!, location), ctx.expression(own.value, location), location);
}
