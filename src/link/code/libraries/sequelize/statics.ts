import { callSite, record, unknownQuery, type CallSite } from '../entities/site.js';
import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { InsertQuery } from '../../../../facts/query.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, ObjectEntryValue, RowValue, Value } from '../../values.js';
import { undefinedValue, unknownValue } from '../../values.js';
import { column, constant, equal } from '../build.js';
import { option, textsOf, textOf } from '../entities/given.js';
import { fieldFilter } from '../entities/filter.js';
import { countOf, countTarget, readingOf, resultOf, rowOf, rowsOf, selectOf, type Reading } from '../entities/reading.js';
import { entityOf, type Entity } from '../entities/registry.js';
import { keysOfRelated } from '../entities/related.js';
import { changedData, deleteOf, insertOf, rowsOfValue, updateOf, withoutKey, writtenWhere, type Data } from '../entities/writing.js';
import { openOf } from '../objects.js';
import { columnName, relationOf } from '../prisma/models.js';
import { related } from '../prisma/relation-filters.js';
import { hooked, noteHook } from './hooks.js';
import { dataOf, addScopes, namesOf } from './models.js';
import { builtOf, namedScopes, scopedValue, type ScopedEntity } from './reading.js';
import { SEQUELIZE } from './types.js';
import { dialectOf } from './where.js';

/** A static method of a model (Sequelize's manual, "Model querying"). */
export function modelMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const entity = object.data as ScopedEntity;
  const args = call.arguments.positional;
  const [first, second] = args;
  const { location } = call;
  const site = callSite(object, location, ctx);
  switch (name) {
    case 'findAll': case 'findOne': case 'findAndCountAll': case 'findByPk': case 'findAndCount': case 'findById': case 'find': return found(entity, name, args, site);
    case 'count': return counted(entity, first, site);
    case 'sum': case 'min': case 'max': case 'aggregate': return aggregated(entity, name, args, site);
    case 'findOrCreate': case 'findCreateFind': case 'findOrBuild': case 'findOrInitialize': return foundOrCreated(entity, name, first, site);
    case 'create': return created(entity, first, site);
    case 'build': return built(entity, first, location, ctx);
    case 'bulkCreate': return bulkCreated(entity, first, second, site);
    case 'upsert': return upserted(entity, first, second, site);
    case 'update': return changed(entity, 'update', first, second, site);
    case 'destroy': case 'restore': return changed(entity, name, undefined, first, site);
    case 'increment': case 'decrement': return changed(entity, name, first, second, site);
    case 'truncate': record(site, deleteOf(entity.model, readingOf(entity.model, location).place.alias, constant(true, location), location)); return undefinedValue;
    case 'scope': case 'withScope': return scopedValue(entity, namedScopes(entity, args, location, ctx), object);
    case 'unscoped': case 'withoutScope': return scopedValue(entity, [], object);
    case 'schema': case 'withSchema': case 'withInitialScope': case 'withoutInitialScope': return object;
    case 'belongsTo': case 'hasOne': case 'hasMany': case 'belongsToMany':
      if (first) dataOf(entity).associations.push({ kind: name, target: first, options: second, location });
      return unknownValue('an association');
    case 'addScope': {
      const scope = textOf(first, ctx);
      if (scope !== undefined && second) addScopes(dataOf(entity), ctx.allocate({ kind: 'object', location, entries: [{ kind: 'property', key: scope, value: second, maybe: false, location }] }), ctx);
      return undefinedValue;
    }
    case 'getTableName': return { kind: 'constant', value: entity.model.name.name };
    default: return noteHook(entity, name, call, ctx) || /^(add|before|after|remove|run)?(hook|Hook)|^(before|after)[A-Z]|^(sync|drop|describe|removeAttribute|refreshAttributes|getAttributes)$/.test(name) ? unknownValue(name) : undefined;
  }
}

function keyCondition(entity: Entity, value: Value, reading: Reading, { location, ctx }: CallSite): Expression {
  const [key = 'id'] = entity.key();
  const field = column(reading.place.alias, columnName(entity.model, key) ?? key, location);
  // Without a value there is no row: findByPk gives null.
  return fieldFilter(field, value, { place: reading.place, name: key, location, ctx, dialect: { ...dialectOf(reading), undefined: 'refused', null: 'refused' } });
}

function found(entity: ScopedEntity, name: string, args: readonly Value[], site: CallSite): Value {
  const { location, ctx } = site;
  const isByKey = name === 'findByPk' || name === 'findById';
  const options = hooked(entity, ['beforeFind'], isByKey ? args[1] : args[0], site);
  const { reading, where, limited } = builtOf(entity, options, location, ctx, isByKey && args[0] ? (own) => keyCondition(entity, args[0]!, own, site) : undefined);
  const isOne = isByKey || name === 'findOne' || name === 'find';
  const rows = { reading, where, limited: limited || (isOne && !isByKey), location };
  record(site, selectOf(rows));
  const result = resultOf(rows, SEQUELIZE, ctx);
  if (isOne) return rowOf(result, !isRejecting(options, ctx), ctx);
  if (name === 'findAll') return rowsOf(result);
  const property = (key: string, value: Value) => ({ kind: 'property', key, value, maybe: false, location }) as const;
  return ctx.allocate({ kind: 'object', location, entries: [property('rows', rowsOf(result)), property('count', countOf(rows, ctx))] });
}

/** `rejectOnEmpty: true` throws where there is no row. */
function isRejecting(options: Value | undefined, ctx: Context): boolean {
  const given = option(options, 'rejectOnEmpty', ctx);
  const known = given && ctx.read(given);
  return known !== undefined && !(known.kind === 'constant' && known.value !== true) && known.kind !== 'union' && known.kind !== 'input' && known.kind !== 'unknown';
}

function counted(entity: ScopedEntity, options: Value | undefined, site: CallSite): Value {
  const { reading, where } = builtOf(entity, hooked(entity, ['beforeCount'], options, site), site.location, site.ctx);
  const rows = { reading, where, location: site.location };
  record(site, selectOf(rows, [countTarget(site.location)]));
  return countOf(rows, site.ctx);
}

function aggregated(entity: ScopedEntity, name: string, args: readonly Value[], site: CallSite): Value {
  const { location, ctx } = site;
  const { reading, where } = builtOf(entity, name === 'aggregate' ? args[2] : args[1], location, ctx);
  const field = columnName(entity.model, textOf(args[0], ctx) ?? 'id') ?? 'id';
  record(site, selectOf({ reading, where, location }, [{ expression: { kind: 'call', name: [name === 'aggregate' ? 'max' : name], arguments: [column(reading.place.alias, field, location)], location } }]));
  return ctx.input(`${name}(...)`, 'unknown', { key: `${location.file}:${location.start}` });
}

/** What comes of rows that were written. */
function writtenRow(entity: Entity, rows: readonly Data[], query: InsertQuery, { location, ctx }: CallSite): RowValue {
  const reading = readingOf(entity.model, location);
  const where = writtenWhere(query, reading.place.alias);
  return rowOf(resultOf({ reading, where, isWritten: true, location }, SEQUELIZE, ctx, rows.length === 1 ? rows[0]!.written : undefined), false, ctx);
}

function created(entity: Entity, value: Value | undefined, site: CallSite): Value {
  const rows = rowsOfValue(hooked(entity, ['beforeValidate', 'beforeCreate'], value, site), entity.model, 'create', site.ctx);
  const query = insertOf(entity.model, rows, site.location);
  record(site, query);
  return writtenRow(entity, rows, query, site);
}

/** `build(data)`: a row that is not stored yet. */
export function built(entity: Entity, value: Value | undefined, location: Location, ctx: Context): Value {
  return { kind: 'library', library: SEQUELIZE, type: 'built', data: { entity, value: ctx.allocate({ kind: 'object', entries: value ? ctx.spread(value, location) : [], location }) } };
}

function bulkCreated(entity: Entity, value: Value | undefined, options: Value | undefined, site: CallSite): Value {
  const { location, ctx } = site;
  const rows = rowsOfValue(value, entity.model, 'create', ctx);
  if (rows.length === 0) return unknownQuery(site, 'The rows that are created are not known');
  const updated = textsOf(option(options, 'updateOnDuplicate', ctx), ctx).map((each) => columnName(entity.model, each) ?? each);
  const conflict = namesOf(option(options, 'conflictAttributes', ctx), ctx).map((each) => columnName(entity.model, each) ?? each);
  const query = insertOf(entity.model, rows, location, updated.length === 0 ? undefined : {
    action: 'update', columns: conflict.length > 0 ? conflict : primaryColumns(entity), set: updated.map((each) => ({ column: each, value: { kind: 'column', path: ['excluded', each], location }, location })), location,
  });
  record(site, query);
  const reading = readingOf(entity.model, location);
  return rowsOf(resultOf({ reading, where: writtenWhere(query, reading.place.alias), isWritten: true, location }, SEQUELIZE, ctx));
}

function primaryColumns({ model }: Entity): readonly string[] {
  return model.constraints.find((each) => each.kind === 'primaryKey')?.columns ?? [];
}

/** upsert: ON CONFLICT on the unique key whose columns are given, else the primary key. */
function upserted(entity: Entity, value: Value | undefined, options: Value | undefined, site: CallSite): Value {
  const { location, ctx } = site;
  const rows = rowsOfValue(value, entity.model, 'create', ctx);
  const given = new Set(rows[0]?.assigned.map((each) => each.column));
  const named = textsOf(option(options, 'conflictFields', ctx), ctx).map((each) => columnName(entity.model, each) ?? each);
  const primary = primaryColumns(entity);
  const uniques = entity.model.constraints.flatMap((each) => (each.kind === 'unique' ? [each.columns] : []));
  const key = named.length > 0 ? named : primary.every((each) => given.has(each)) ? primary : uniques.find((each) => each.every((own) => given.has(own))) ?? primary;
  const query = insertOf(entity.model, rows, location, { action: 'update', columns: key, set: rows.flatMap(({ assigned }) => assigned.filter((each) => !key.includes(each.column))), location });
  record(site, query);
  const item = (each: Value) => ({ value: each, maybe: false, repeated: false });
  return ctx.allocate({ kind: 'list', form: 'list', location, items: [item(writtenRow(entity, rows, query, site)), item(unknownValue('whether it was created'))] });
}

function changed(entity: ScopedEntity, name: string, data: Value | undefined, options: Value | undefined, site: CallSite): Value {
  const { location, ctx } = site;
  const { reading, where } = builtOf(entity, hooked(entity, [name === 'destroy' ? 'beforeBulkDestroy' : 'beforeBulkUpdate'], options, site), location, ctx);
  const { alias } = reading.place;
  if (name === 'destroy' && (!dataOf(entity).paranoid)) record(site, deleteOf(entity.model, alias, where, location));
  else if (name === 'update') for (const row of rowsOfValue(data, entity.model, 'update', ctx)) record(site, updateOf(entity.model, alias, where, row, location));
  else {
    const property = name === 'destroy' || name === 'restore' ? 'deletedAt' : textOf(data, ctx) ?? 'id';
    record(site, updateOf(entity.model, alias, where, { assigned: [{ column: dataOf(entity).column(property), partial: true, value: constant(1, location), location }], written: new Map() }, location));
  }
  const result = resultOf({ reading, where, location }, SEQUELIZE, ctx);
  const count: Value = { kind: 'field', result, path: ['#count'], many: false, maybe: false };
  if (name === 'destroy') return count;
  const item = (each: Value) => ({ value: each, maybe: false, repeated: false });
  return ctx.allocate({ kind: 'list', form: 'list', location, items: [item(count), item(rowsOf(result))] });
}

function foundOrCreated(entity: ScopedEntity, name: string, options: Value | undefined, site: CallSite): Value {
  const { location, ctx } = site;
  const where = option(options, 'where', ctx);
  const row = found(entity, 'findOne', options ? [options] : [], site);
  const property = (value: Value | undefined) => (value ? [{ kind: 'spread', value, maybe: false, location } as const] : []);
  const known = [where, option(options, 'defaults', ctx)].flatMap((each) => {
    const inner = each && ctx.read(each);
    return inner?.kind === 'object' ? inner.entries : property(each);
  });
  const rows = rowsOfValue(ctx.allocate({ kind: 'object', entries: known, location }), entity.model, 'create', ctx);
  if (name.endsWith('Create') || name === 'findCreateFind') record(site, insertOf(entity.model, rows, location));
  const item = (each: Value) => ({ value: each, maybe: false, repeated: false });
  return ctx.allocate({ kind: 'list', form: 'list', location, items: [item(row.kind === 'row' ? { ...row, maybe: false } : row), item(unknownValue('whether it was created'))] });
}

/** The condition that names a row which was read. */
function byRow(row: RowValue, entity: Entity, reading: Reading, { location, ctx }: CallSite): Expression {
  const [key = 'id'] = entity.key();
  return equal(column(reading.place.alias, columnName(entity.model, key) ?? key, location), ctx.expression({ kind: 'field', result: row.result, path: [...row.path, key], many: false, maybe: false }, location), location);
}

/** `set(key, value)`, `set({ ... })`. */
export function setEntries({ arguments: { positional: [first, second] }, location }: Call, ctx: Context): readonly ObjectEntryValue[] {
  const key = textOf(first, ctx);
  if (key !== undefined) return second ? [{ kind: 'property', key, value: second, maybe: false, location }] : [];
  return first ? ctx.spread(first, location) : [];
}

/** A method of a row: update, save, destroy, the getters of its associations. */
export function rowMethod(row: RowValue, name: string, call: Call, ctx: Context): Value | undefined {
  const site: CallSite = { library: SEQUELIZE, location: call.location, ctx };
  const { location } = call;
  const entity = row.path.length === 0 ? entityOf(SEQUELIZE, row, ctx) : undefined;
  const [first, second] = call.arguments.positional;
  if (name === 'get' || name === 'getDataValue') return textOf(first, ctx) === undefined ? row : ctx.member(row, textOf(first, ctx)!);
  if (name === 'toJSON') return row;
  if (name === 'reload') return row;
  if (name === 'set' || name === 'setDataValue') {
    ctx.assign(row, setEntries(call, ctx), location);
    return row;
  }
  if (name === 'changed' || name === 'previous' || name === 'isNewRecord') return unknownValue(name);
  if (entity === undefined) return undefined;
  const reading = readingOf(entity.model, location);
  const where = (): Expression => byRow(row, entity, reading, site);
  if (name === 'update' || name === 'save' || name === 'increment' || name === 'decrement' || name === 'restore' || (name === 'destroy' && dataOf(entity).paranoid)) {
    const set = name === 'update' ? rowsOfValue(first, entity.model, 'update', ctx) : [];
    const changed = changedData(row, entity.model, ctx);
    // The key of a row that is stored stays what it is (Sequelize ignores it).
    for (const data of set.length > 0 ? set : [changed]) record(site, updateOf(entity.model, reading.place.alias, where(), withoutKey({ ...data, ...openOf([changed, data]), assigned: [...changed.assigned, ...data === changed ? [] : data.assigned] }, entity.model), location));
    return row;
  }
  if (name === 'destroy') {
    record(site, deleteOf(entity.model, reading.place.alias, where(), location));
    return undefinedValue;
  }
  return associationMethod(row, entity, name, first, second, site);
}

/** `org.getMembers()`, `org.$get('members')`, `org.countMembers()`, `org.createMember()`. */
function associationMethod(row: RowValue, entity: Entity, method: string, first: Value | undefined, second: Value | undefined, site: CallSite): Value | undefined {
  const { ctx, location } = site;
  const isNamed = /^\$(get|count|create)$/.exec(method);
  const plain = /^(get|count|create|add|set|remove|has)([A-Z]\w*)$/.exec(method);
  const action = isNamed?.[1] ?? plain?.[1];
  const wanted = isNamed ? textOf(first, ctx) : plain?.[2];
  if (action === undefined || wanted === undefined) return undefined;
  const relations = entity.model.relations ?? {};
  const name = Object.keys(relations).find((each) => [each, `${each}s`, each.replace(/s$/, '')].some((form) => form.toLowerCase() === wanted.toLowerCase()));
  const relation = name === undefined ? undefined : relationOf(entity.model, name);
  if (relation === undefined) return undefined;
  const reading = readingOf(entity.model, location);
  const side = related(relation, reading.place, location, ctx);
  const target = side && entityOf(SEQUELIZE, { kind: 'constant', value: relation.model }, ctx);
  if (!side || !target) return undefined;
  if (action === 'create') return created(target, isNamed ? second : first, site);
  if (action !== 'get' && action !== 'count') return unknownQuery(site, `${method}() is not understood`);
  const options = isNamed ? second : first;
  const built = builtOf({ ...target, applied: [] }, options, location, ctx, (own) => keysOfRelated(row, relation, own.place, location, ctx));
  const rows = { reading: built.reading, where: built.where, location };
  record(site, selectOf(rows, action === 'count' ? [countTarget(location)] : undefined));
  if (action === 'count') return countOf(rows, ctx);
  const result = resultOf(rows, SEQUELIZE, ctx);
  return relation.list ? rowsOf(result) : rowOf(result, true, ctx);
}
