import { entryOf } from '../../../../entry.js';
import type { Location } from '../../../../facts/location.js';
import type { Operation } from '../../../../facts/operation.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { ConstraintDefinition } from '../../../../facts/schema.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { undefinedValue } from '../../values.js';
import { and, column, equal, equalsAny, hole, isNull, isTrue, table as reference } from '../build.js';
import { fieldsOf } from '../objects.js';
import { flagOf, itemsOf, option, textOf } from '../entities/given.js';
import { dropIndex, dropTable, emitEach, notUnderstood } from '../entities/migrations.js';
import { snakeCase } from '../entities/naming.js';
import { insertOf, rowsOfValue } from '../entities/writing.js';
import { client } from '../sql-client.js';
import { actionOf, attributeOf, tableNameOf, type Attribute } from './attributes.js';
import { indexOf, namesOf } from './models.js';
import { dataType, SEQUELIZE } from './types.js';

/** `module.exports = { up: async (queryInterface, Sequelize) => ... }`; umzug gives `{ context: queryInterface }`. */
export function runMigration(lookup: (name: string) => Value | undefined, direction: 'up' | 'down', ctx: Context): boolean {
  const whole = lookup('default') ?? lookup('export =');
  const found = lookup(direction) ?? (whole && ctx.member(whole, direction));
  const migration = found && ctx.read(found);
  if (migration?.kind !== 'function') return false;
  const { location, parameters } = migration.function;
  const queryInterface = client(SEQUELIZE, 'interface');
  const isUmzug = parameters[0]?.target.kind === 'object';
  const given: Value = isUmzug ? ctx.allocate({ kind: 'object', location, entries: [{ kind: 'property', key: 'context', value: queryInterface, maybe: false, location }] }) : queryInterface;
  ctx.invoke(migration, [given, { kind: 'external', module: 'sequelize', path: [] }], location);
  return true;
}

interface Place {
  readonly ctx: Context;
  readonly location: Location;
}

/** A call on a query interface (Sequelize's manual, "Query Interface"). */
export function interfaceMethod(_object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const args = call.arguments.positional;
  const place: Place = { ctx, location: call.location };
  if (/^(describeTable|showAllTables|showAllSchemas|showIndex|getForeignKeyReferencesForTable|getForeignKeysForTables|showConstraint|tableExists)$/.test(name)) return { kind: 'unknown', reason: `what ${name}() gives` };
  const operations = operationsOf(name, args, place);
  if (operations === undefined) return undefined;
  for (const type of enumTypes(name, args, place)) {
    // Sequelize makes the type unless it is there.
    ctx.emit({ kind: 'try', body: [{ kind: 'operations', operations: [type], location: place.location }], handlers: [[]], location: place.location });
  }
  emitEach(operations, ctx);
  return undefinedValue;
}

/** The types of enumerations: `enum_table_column`. */
function enumTypes(name: string, [first, second, third]: readonly Value[], { ctx, location }: Place): readonly Operation[] {
  const table = tableNameOf(first, ctx);
  if (table === undefined || !/^(createTable|addColumn|changeColumn)$/.test(name)) return [];
  const known = second && ctx.read(second);
  const columns = name !== 'createTable' ? [{ key: textOf(second, ctx) ?? '', value: third ?? undefinedValue }] : known?.kind === 'object' ? fieldsOf(known, ctx).given : [];
  return columns.flatMap(({ key, value }): readonly Operation[] => {
    const given = dataType(option(value, 'type', ctx) ?? value, ctx);
    if (given?.name !== 'ENUM') return [];
    const labels = given.args.flatMap((each) => (ctx.read(each).kind === 'list' ? itemsOf(each, ctx) : [each])).flatMap((each) => textOf(each, ctx) ?? []);
    return [{ kind: 'createType', name: { ...(table.schema !== undefined && { schema: table.schema }), name: `enum_${table.name}_${key}` }, form: 'enum', labels, location }];
  });
}

function operationsOf(name: string, args: readonly Value[], place: Place): readonly Operation[] | undefined {
  const { ctx, location } = place;
  const [first, second, third] = args;
  if (/^(createSchema|dropSchema)$/.test(name)) {
    const schema = textOf(first, ctx);
    if (schema === undefined) return [notUnderstood(`${name}() of a name that is not known`, location)];
    return [name === 'createSchema' ? { kind: 'createSchema', name: schema, ifNotExists: true, location } : { kind: 'dropSchema', name: schema, ifExists: true, cascade: true, location }];
  }
  if (/^(createFunction|dropFunction|renameFunction|createTrigger|dropTrigger|dropEnum|dropAllEnums|sequelize|setForeignKeyChecks|createDatabase|dropDatabase)$/.test(name)) return [{ kind: 'harmless', name, location }];
  if (!/^(createTable|dropTable|renameTable|addColumn|removeColumn|changeColumn|renameColumn|addIndex|removeIndex|addConstraint|removeConstraint|bulkInsert|bulkUpdate|bulkDelete|dropAllTables)$/.test(name)) return undefined;
  const table = tableNameOf(first, ctx);
  if (table === undefined) return [notUnderstood(`${name}() of a table that is not known`, location)];
  const text = textOf(second, ctx);
  switch (name) {
    case 'createTable': return createTable(table, second, args[2], place);
    case 'dropTable': return [dropTable(table, true, flagOf(option(second, 'cascade', ctx), ctx) === true, location)];
    case 'renameTable': {
      const to = tableNameOf(second, ctx);
      return [to ? { kind: 'renameRelation', relation: 'table', name: table, to: to.name, ifExists: false, location } : notUnderstood('renameTable() to a name that is not known', location, [table])];
    }
    case 'bulkInsert': return [{ kind: 'query', query: insertInto(table, second, place), location }];
    case 'bulkUpdate': return [{ kind: 'query', location, query: { kind: 'update', target: reference(table, undefined, location), set: assignments(second, place), from: [], ...whereOf(third, place), returning: [], with: [], location } }];
    case 'bulkDelete': return [{ kind: 'query', location, query: { kind: 'delete', target: reference(table, undefined, location), using: [], ...whereOf(second, place), returning: [], with: [], location } }];
    case 'addIndex': return [addIndex(table, args, place)];
    case 'addConstraint': return [addConstraint(table, args, place)];
    case 'removeIndex': {
      const own = text ?? (namesOf(second, ctx).length > 0 ? snakeCase(`${table.name}_${namesOf(second, ctx).join('_')}`) : undefined);
      return [own === undefined ? notUnderstood('removeIndex() of a name that is not known', location, [table]) : { ...dropIndex(own, table.schema, location), ifExists: true } as Operation];
    }
    default: break;
  }
  if (text === undefined) return [notUnderstood(`${name}() of a name that is not known`, location, [table])];
  switch (name) {
    case 'addColumn': return addColumn(table, text, third, place);
    case 'removeColumn': return [{ kind: 'dropColumn', table, column: text, ifExists: false, cascade: false, location }];
    case 'changeColumn': return changeColumn(table, text, third, place);
    case 'renameColumn': {
      const to = textOf(third, ctx);
      return [to === undefined ? notUnderstood('renameColumn() to a name that is not known', location, [table]) : { kind: 'renameColumn', table, column: text, to, location }];
    }
    default: return [{ kind: 'dropConstraint', table, name: text, ifExists: false, cascade: false, location }];
  }
}

function createTable(table: QualifiedName, attributes: Value | undefined, options: Value | undefined, { ctx, location }: Place): readonly Operation[] {
  const known = attributes && ctx.read(attributes);
  if (known?.kind !== 'object') return [notUnderstood(`the columns of "${table.name}" are not known`, location, [table])];
  const { given, open } = fieldsOf(known, ctx);
  if (open !== undefined) return [notUnderstood(`not all columns of "${table.name}" are known`, location, [table])];
  const read = given.flatMap(({ key, value, location: at }) => attributeOf(textOf(option(value, 'field', ctx), ctx) ?? key, value, table, at, ctx, true) ?? []);
  const primary = read.filter((each) => each.primary).map((each) => each.column.name);
  const uniques = option(options, 'uniqueKeys', ctx) && ctx.read(option(options, 'uniqueKeys', ctx)!);
  const keys = uniques?.kind === 'object' ? fieldsOf(uniques, ctx).given.map(({ key, value }): ConstraintDefinition => ({
    kind: 'unique', columns: namesOf(option(value, 'fields', ctx), ctx), nullsNotDistinct: false, name: textOf(option(value, 'name', ctx), ctx) ?? (/^\d+$/.test(key) ? `uniq_${table.name}_${namesOf(option(value, 'fields', ctx), ctx).join('_')}` : key), location,
  })) : [];
  const constraints: ConstraintDefinition[] = [...(primary.length > 0 ? [{ kind: 'primaryKey', columns: primary, name: `${table.name}_pkey`, location } as const] : []), ...read.flatMap((each) => each.constraints), ...keys];
  return [{ kind: 'createTable', definition: { name: table, columns: read.map((each) => each.column), constraints, location }, ifNotExists: true, temporary: false, like: [], inherits: [], partitioned: false, location }];
}

function addColumn(table: QualifiedName, name: string, value: Value | undefined, { ctx, location }: Place): readonly Operation[] {
  const attribute = value && attributeOf(name, value, table, location, ctx, true);
  if (!attribute) return [notUnderstood('addColumn() with a column that is not known', location, [table])];
  const key: ConstraintDefinition[] = attribute.primary ? [{ kind: 'primaryKey', columns: [name], name: `${table.name}_pkey`, location }] : [];
  return [{ kind: 'addColumn', table, column: attribute.column, ifNotExists: false, constraints: [...key, ...attribute.constraints], location }];
}

/** changeColumn sets or drops NOT NULL and the default; it adds a foreign key, or else sets the type (Sequelize's PostgreSQL query generator). */
function changeColumn(table: QualifiedName, name: string, value: Value | undefined, { ctx, location }: Place): readonly Operation[] {
  const attribute: Attribute | undefined = value && attributeOf(name, value, table, location, ctx, true);
  if (!attribute) return [notUnderstood('changeColumn() with a column that is not known', location, [table])];
  const { column: definition, constraints } = attribute;
  const isEnum = /^(text$|enum_)/.test(definition.type.name);
  const refers = constraints.some((each) => each.kind === 'foreignKey');
  return [
    ...(attribute.typed && !isEnum && !refers ? [{ kind: 'setType', table, column: name, type: definition.type, location } as const] : []),
    { kind: definition.notNull ? 'setNotNull' : 'dropNotNull', table, column: name, location },
    definition.default ? { kind: 'setDefault', table, column: name, default: definition.default, location } : { kind: 'dropDefault', table, column: name, location },
    // Keys are added without a name.
    ...constraints.map(({ name: _name, ...constraint }): Operation => ({ kind: 'addConstraint', table, constraint: constraint as ConstraintDefinition, location })),
  ];
}

/** `addIndex(table, fields, options)`, `addIndex(table, { fields, ... })`. */
function addIndex(table: QualifiedName, args: readonly Value[], { ctx, location }: Place): Operation {
  const [, second, third] = args;
  const isList = second && ctx.read(second).kind === 'list';
  const fields = isList ? [{ kind: 'property', key: 'fields', value: second, maybe: false, location } as const] : [];
  const options = isList ? third : second;
  const known = options && ctx.read(options);
  const merged = ctx.allocate({ kind: 'object', location, entries: [...(known?.kind === 'object' ? known.entries : []), ...fields] });
  const given = textOf(option(known, 'indexName', ctx) ?? option(known, 'name', ctx), ctx);
  const index = indexOf(merged, (each) => each, location, ctx, table.name);
  return index ? { kind: 'createIndex', table, index: { ...index, ...(given !== undefined && { name: given }) }, ifNotExists: false, location } : notUnderstood('addIndex() with options that are not known', location, [table]);
}

const SUFFIX: Readonly<Record<string, string>> = { unique: 'uk', 'foreign key': 'fk', 'primary key': 'pk', check: 'ck' };

/** `addConstraint(table, { type, fields, name, references })`, and the older form with the fields apart. */
function addConstraint(table: QualifiedName, args: readonly Value[], { ctx, location }: Place): Operation {
  const [, second, third] = args;
  const isList = second !== undefined && ctx.read(second).kind === 'list';
  const options = isList ? third : second;
  const columns = namesOf(isList ? second : option(options, 'fields', ctx), ctx);
  const type = textOf(option(options, 'type', ctx), ctx)?.toLowerCase();
  const references = option(options, 'references', ctx);
  const target = tableNameOf(option(references, 'table', ctx) ?? option(references, 'model', ctx), ctx);
  const name = textOf(option(options, 'name', ctx), ctx) ?? (type === 'foreign key' ? `${table.name}_${columns[0] ?? ''}_${target?.name ?? ''}_fk` : `${table.name}_${columns.join('_')}_${entryOf(SUFFIX, type ?? '') ?? ''}`);
  const base = { name, location };
  const made = ((): ConstraintDefinition | undefined => {
    if (type === 'check') return { ...base, kind: 'check', expression: { kind: 'other', name: 'check', parts: [], location }, notValid: false };
    if (columns.length === 0) return undefined;
    if (type === 'unique') return { ...base, kind: 'unique', columns, nullsNotDistinct: false };
    if (type === 'primary key') return { ...base, kind: 'primaryKey', columns };
    if (type !== 'foreign key' || !target) return undefined;
    const one = textOf(option(references, 'field', ctx) ?? option(references, 'key', ctx), ctx);
    return {
      ...base, kind: 'foreignKey', columns, references: target, referencedColumns: one === undefined ? namesOf(option(references, 'fields', ctx), ctx) : [one], onDelete: actionOf(option(options, 'onDelete', ctx), ctx),
      onUpdate: actionOf(option(options, 'onUpdate', ctx), ctx), match: 'simple', notValid: false, enforced: true,
    };
  })();
  return made ? { kind: 'addConstraint', table, constraint: made, location } : notUnderstood('addConstraint() with options that are not known', location, [table]);
}

/** Columns of a migration are named as they are. */
function insertInto(table: QualifiedName, value: Value | undefined, { ctx, location }: Place) {
  const known = new Set(itemsOf(value, ctx).flatMap((each) => {
    const row = ctx.read(each);
    return row.kind === 'object' ? fieldsOf(row, ctx).given.map(({ key }) => key) : [];
  }));
  const model = { orm: SEQUELIZE, name: table, modelName: table.name, columns: [], constraints: [], indexes: [], fields: Object.fromEntries([...known].map((each) => [each, each])), isView: false, ignored: false, location } as const;
  return insertOf(model, rowsOfValue(value, model, 'create', ctx), location);
}

function assignments(value: Value | undefined, { ctx }: Place) {
  const known = value && ctx.read(value);
  return known?.kind === 'object' ? fieldsOf(known, ctx).given.map(({ key, value: own, location }) => ({ column: key, value: ctx.expression(own, location), location })) : [];
}

function whereOf(value: Value | undefined, { ctx, location }: Place) {
  const known = value && ctx.read(value);
  if (known === undefined || known.kind === 'constant') return {};
  if (known.kind !== 'object') return { where: hole('conditions that are not known', location) };
  const where = and(fieldsOf(known, ctx).given.map(({ key, value: own, location: at }) => {
    const field = column(undefined, key, at);
    const inner = ctx.read(own);
    if (inner.kind === 'constant' && inner.value === null) return isNull(field, at);
    if (inner.kind === 'object') return hole('a condition', at);
    return inner.kind === 'list' ? equalsAny(field, ctx.expression(own, at), at) : equal(field, ctx.expression(own, at), at);
  }), location);
  return isTrue(where) ? {} : { where };
}
