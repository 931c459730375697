import { createHash } from 'node:crypto';
import { entryOf } from '../../../../entry.js';
import type { Location } from '../../../../facts/location.js';
import type { Operation } from '../../../../facts/operation.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { ColumnDefinition, ConstraintDefinition, ForeignKeyDefinition, IndexDefinition, ReferentialAction } from '../../../../facts/schema.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { undefinedValue } from '../../values.js';
import { constant } from '../build.js';
import { flagOf, itemsOf, option, textOf, textsOf } from '../entities/given.js';
import { dropIndex, dropTable, emitEach, existence, migrationInstance, notUnderstood } from '../entities/migrations.js';
import { defaultOf, defaultOfText, generated } from '../column-text.js';
import { client } from '../sql-client.js';
import { namedType } from './columns.js';
import { TYPEORM } from './members.js';
import type { SchemaObject } from './schema-objects.js';

/** `class X implements MigrationInterface { up(queryRunner) }`. */
export function runMigration(lookup: (name: string) => Value | undefined, direction: 'up' | 'down', ctx: Context): boolean {
  const instance = migrationInstance(lookup, direction, ctx);
  const method = instance && ctx.read(ctx.member(instance, direction));
  if (instance === undefined || method?.kind !== 'function') return false;
  ctx.invoke(method, [client(TYPEORM, 'queryRunner')], method.function.location);
  return true;
}

interface Place {
  readonly ctx: Context;
  readonly location: Location;
}

/** A call on a query runner that changes the schema (TypeORM's manual, "Query runner API"); undefined for another. */
export function migrationMethod(_object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const { location } = call;
  const args = call.arguments.positional;
  const place: Place = { ctx, location };
  if (name === 'getTable') return { kind: 'library', library: TYPEORM, type: 'foundTable', data: args[0] };
  const table = tableNameOf(args[0], ctx);
  if (name === 'hasTable' || name === 'hasColumn') {
    const column = columnNameOf(args[1], ctx);
    return table === undefined || (name === 'hasColumn' && column === undefined) ? { kind: 'unknown', reason: 'whether something exists' } : existence(table, name === 'hasColumn' ? column : undefined, TYPEORM, location, ctx);
  }
  const operations = operationsOf(name, table, args, place);
  if (operations === undefined) return undefined;
  emitEach(operations, ctx);
  return undefinedValue;
}

function operationsOf(name: string, table: QualifiedName | undefined, args: readonly Value[], place: Place): readonly Operation[] | undefined {
  const { ctx, location } = place;
  const [first, second, third] = args;
  if (/^(createDatabase|dropDatabase|clearSqlMemory|enableSqlMemory|disableSqlMemory|clearTable|createView|dropView|changeTableComment)$/.test(name)) {
    return name === 'clearTable' && table ? [{ kind: 'truncate', table, cascade: false, location }] : [{ kind: 'harmless', name, location }];
  }
  if (name === 'createSchema' || name === 'dropSchema') {
    const schema = textOf(first, ctx);
    if (schema === undefined) return [notUnderstood(`${name}() of a name that is not known`, location)];
    return [name === 'createSchema' ? { kind: 'createSchema', name: schema, ifNotExists: flagOf(second, ctx) === true, location } : { kind: 'dropSchema', name: schema, ifExists: flagOf(second, ctx) === true, cascade: flagOf(third, ctx) === true, location }];
  }
  if (!/^(create|drop|rename|add|change|update)(Table|Column|Columns|ForeignKey|ForeignKeys|Index|Indices|UniqueConstraint|UniqueConstraints|CheckConstraint|PrimaryKey|PrimaryKeys|ExclusionConstraint)$/.test(name)) return undefined;
  if (table === undefined) return [notUnderstood(`${name}() of a table that is not known`, location)];
  switch (name) {
    case 'createTable': return createTable(table, first, flagOf(second, ctx) === true, place);
    case 'dropTable': return [dropTable(table, flagOf(second, ctx) === true, true, location)];
    case 'renameTable': {
      const to = textOf(second, ctx);
      return to === undefined ? [notUnderstood('renameTable() to a name that is not known', location, [table])] : [{ kind: 'renameRelation', relation: 'table', name: table, to: to.split('.').at(-1)!, ifExists: false, location }];
    }
    case 'addColumn': return addColumn(table, second, place);
    case 'addColumns': return itemsOf(second, ctx).flatMap((each) => addColumn(table, each, place));
    case 'dropColumn': return dropColumn(table, second, place);
    case 'dropColumns': return itemsOf(second, ctx).flatMap((each) => dropColumn(table, each, place));
    case 'renameColumn': {
      const [from, to] = [columnNameOf(second, ctx), columnNameOf(third, ctx)];
      return from === undefined || to === undefined ? [notUnderstood('renameColumn() of names that are not known', location, [table])] : [{ kind: 'renameColumn', table, column: from, to, location }];
    }
    case 'changeColumn': return changeColumn(table, second, third, place);
    case 'changeColumns': return itemsOf(second, ctx).flatMap((each) => changeColumn(table, option(each, 'oldColumn', ctx), option(each, 'newColumn', ctx), place));
    default: return keyOperations(name, table, second, place);
  }
}

function keyOperations(name: string, table: QualifiedName, second: Value | undefined, place: Place): readonly Operation[] {
  const { ctx, location } = place;
  const each = /s$|Indices$/.test(name) && ctx.read(second ?? undefinedValue).kind === 'list' && !/PrimaryKey/.test(name) ? itemsOf(second, ctx) : [second ?? undefinedValue];
  const add = (constraint: ConstraintDefinition | undefined): Operation => (constraint ? { kind: 'addConstraint', table, constraint, location } : notUnderstood(`${name}() with options that are not known`, location, [table]));
  const dropped = (own: string | undefined): Operation => (own === undefined ? notUnderstood(`${name}() of a name that is not known`, location, [table]) : { kind: 'dropConstraint', table, name: own, ifExists: false, cascade: false, location });
  if (/^create(ForeignKey)/.test(name)) return each.map((value) => add(foreignKey(table, value, location, ctx)));
  if (/^create(Index|Indices)/.test(name)) return each.map((value): Operation => {
    const index = indexOf(table, value, location, ctx);
    return index ? { kind: 'createIndex', table, index, ifNotExists: false, location } : notUnderstood(`${name}() with options that are not known`, location, [table]);
  });
  if (/^createUnique/.test(name)) return each.map((value) => add(uniqueOf(table, value, location, ctx)));
  if (/^createPrimaryKey/.test(name)) return [add(primaryKey(table, textsOf(second, ctx), location))];
  if (/^createCheck/.test(name)) return each.map((value) => add(checkOf(value, location, ctx)));
  if (/^drop(Index|Indices)/.test(name)) return each.map((value): Operation => {
    const own = nameOf(value, ctx) ?? indexOf(table, value, location, ctx)?.name;
    return own === undefined ? notUnderstood(`${name}() of a name that is not known`, location, [table]) : dropIndex(own, table.schema, location);
  });
  if (/^dropForeignKey/.test(name)) return each.map((value) => dropped(foundKey(value, ctx) ?? nameOf(value, ctx) ?? foreignKey(table, value, location, ctx)?.name));
  if (/^dropUnique/.test(name)) return each.map((value) => dropped(nameOf(value, ctx) ?? uniqueOf(table, value, location, ctx)?.name));
  if (/^dropPrimaryKey/.test(name)) return [dropped(hashed('PK', table, []))];
  if (/^drop(Check|Exclusion)/.test(name)) return each.map((value) => dropped(nameOf(value, ctx)));
  return [notUnderstood(`${name}() is not understood`, location, [table])];
}

/** A name given as text or in the options of an object. */
function nameOf(value: Value, ctx: Context): string | undefined {
  return textOf(value, ctx) ?? textOf(option(optionsOf(value, ctx), 'name', ctx), ctx);
}

/** The options of `new Table({...})`; an object stands for itself. */
function optionsOf(value: Value | undefined, ctx: Context): Value | undefined {
  const known = value && ctx.read(value);
  return known?.kind === 'library' && known.type === 'schemaObject' ? ctx.read((known.data as SchemaObject).options) : known;
}

function placeOf(value: Value | undefined, fallback: Location, ctx: Context): Location {
  const known = value && ctx.read(value);
  if (known?.kind === 'library' && known.type === 'schemaObject') return (known.data as SchemaObject).location;
  return known?.kind === 'object' ? known.location : fallback;
}

function tableNameOf(value: Value | undefined, ctx: Context): QualifiedName | undefined {
  const known = value && ctx.read(value);
  if (known?.kind === 'library' && known.type === 'foundTable') return tableNameOf(known.data as Value, ctx);
  const options = optionsOf(known, ctx);
  const text = textOf(options, ctx) ?? textOf(option(options, 'name', ctx), ctx);
  if (text === undefined) return undefined;
  const schema = textOf(option(options, 'schema', ctx), ctx);
  const [before, after] = text.split('.') as [string, string | undefined];
  const named = after === undefined ? { ...(schema !== undefined && { schema }), name: before } : { schema: before, name: after };
  return named.schema === 'public' ? { name: named.name } : named;
}

function columnNameOf(value: Value | undefined, ctx: Context): string | undefined {
  return value === undefined ? undefined : nameOf(value, ctx);
}

/** The name that TypeORM gives a key (its DefaultNamingStrategy): a hash of the table and columns. */
export function hashed(kind: 'PK' | 'UQ' | 'FK' | 'IDX', table: QualifiedName, columns: readonly string[]): string {
  const name = table.name.replace('.', '_');
  return `${kind}_${createHash('sha1').update(`${name}_${[...columns].sort().join('_')}`).digest('hex').slice(0, kind === 'IDX' ? 26 : 27)}`;
}

interface TableColumn {
  readonly definition: ColumnDefinition;
  readonly primary: boolean;
  readonly unique: boolean;
}

/** `new TableColumn({ name, type, isNullable, default, ... })`. */
function tableColumn(value: Value | undefined, location: Location, ctx: Context): TableColumn | undefined {
  const options = optionsOf(value, ctx);
  const get = (key: string): Value | undefined => option(options, key, ctx);
  const name = textOf(get('name'), ctx);
  if (name === undefined) return undefined;
  const type = namedType(textOf(get('type'), ctx) ?? 'varchar');
  const primary = flagOf(get('isPrimary'), ctx) === true;
  const isGenerated = flagOf(get('isGenerated'), ctx) === true;
  const strategy = textOf(get('generationStrategy'), ctx) ?? (isGenerated ? 'increment' : undefined);
  const written = get('default') && ctx.read(get('default')!);
  const text = written?.kind === 'constant' && written.value !== null && written.value !== undefined ? String(written.value) : undefined;
  const given = strategy === 'uuid' ? generated('gen_random_uuid', location) : isGenerated && strategy === 'increment' ? generated('nextval', location)
    : text !== undefined && text.toLowerCase() !== 'null' ? defaultOfText(text, location) : written && written.kind !== 'constant' ? defaultOf({ kind: 'other', name: 'default', parts: [], location }, location) : undefined;
  return {
    definition: { name, type: flagOf(get('isArray'), ctx) === true ? { ...type, dimensions: 1 } : type, notNull: primary || flagOf(get('isNullable'), ctx) !== true, ...(given && { default: given }), location },
    primary, unique: flagOf(get('isUnique'), ctx) === true,
  };
}

function createTable(table: QualifiedName, value: Value | undefined, ifNotExists: boolean, { ctx, location }: Place): readonly Operation[] {
  const options = optionsOf(value, ctx);
  const list = (key: string): readonly Value[] => itemsOf(option(options, key, ctx), ctx);
  const columns = list('columns').map((each) => tableColumn(each, placeOf(each, location, ctx), ctx));
  if (options?.kind !== 'object' || columns.length === 0 || columns.some((each) => each === undefined)) return [notUnderstood(`not all columns of "${table.name}" are known`, location, [table])];
  const known = columns as readonly TableColumn[];
  const primary = known.filter((each) => each.primary).map(({ definition }) => definition.name);
  const constraints = [
    ...(primary.length > 0 ? [primaryKey(table, primary, location)!] : []),
    ...known.filter((each) => each.unique).map(({ definition }): ConstraintDefinition => ({ kind: 'unique', columns: [definition.name], nullsNotDistinct: false, name: hashed('UQ', table, [definition.name]), location: definition.location })),
    ...list('uniques').flatMap((each) => uniqueOf(table, each, placeOf(each, location, ctx), ctx) ?? []),
    ...list('foreignKeys').flatMap((each) => foreignKey(table, each, placeOf(each, location, ctx), ctx) ?? []),
    ...list('checks').flatMap((each) => checkOf(each, placeOf(each, location, ctx), ctx) ?? []),
  ];
  const indexes = list('indices').flatMap((each): Operation[] => {
    const index = indexOf(table, each, placeOf(each, location, ctx), ctx);
    return index ? [{ kind: 'createIndex', table, index, ifNotExists: false, location: index.location }] : [];
  });
  return [{
    kind: 'createTable', definition: { name: table, columns: known.map(({ definition }) => definition), constraints, location }, ifNotExists, temporary: false, like: [], inherits: [], partitioned: false, location,
  }, ...indexes];
}

function primaryKey(table: QualifiedName, columns: readonly string[], location: Location): ConstraintDefinition | undefined {
  return columns.length === 0 ? undefined : { kind: 'primaryKey', columns, name: hashed('PK', table, columns), location };
}

function addColumn(table: QualifiedName, value: Value | undefined, { ctx, location }: Place): readonly Operation[] {
  const column = tableColumn(value, location, ctx);
  if (column === undefined) return [notUnderstood('addColumn() with a column that is not known', location, [table])];
  const { name } = column.definition;
  const constraints: ConstraintDefinition[] = column.unique ? [{ kind: 'unique', columns: [name], nullsNotDistinct: false, name: hashed('UQ', table, [name]), location }] : [];
  return [{ kind: 'addColumn', table, column: column.definition, ifNotExists: false, constraints, location }];
}

function dropColumn(table: QualifiedName, value: Value | undefined, { ctx, location }: Place): readonly Operation[] {
  const column = columnNameOf(value, ctx);
  return [column === undefined ? notUnderstood('dropColumn() of a name that is not known', location, [table]) : { kind: 'dropColumn', table, column, ifExists: false, cascade: false, location }];
}

/** changeColumn: a new type drops the column and adds it again (TypeORM's PostgresQueryRunner), else what differs is altered. */
function changeColumn(table: QualifiedName, before: Value | undefined, after: Value | undefined, { ctx, location }: Place): readonly Operation[] {
  const from = columnNameOf(before, ctx);
  const to = tableColumn(after, location, ctx);
  if (from === undefined || to === undefined) return [notUnderstood('changeColumn() with a column that is not known', location, [table])];
  const { definition } = to;
  const column = definition.name;
  const rename: Operation[] = column === from ? [] : [{ kind: 'renameColumn', table, column: from, to: column, location }];
  return [
    ...rename, { kind: definition.notNull ? 'setNotNull' : 'dropNotNull', table, column, location },
    ...(definition.default ? [{ kind: 'setDefault', table, column, default: definition.default, location } as const] : []),
  ];
}

const ACTIONS: Readonly<Record<string, ReferentialAction>> = { CASCADE: 'cascade', 'SET NULL': 'setNull', 'SET DEFAULT': 'setDefault', RESTRICT: 'restrict', 'NO ACTION': 'noAction' };

function foreignKey(table: QualifiedName, value: Value | undefined, location: Location, ctx: Context): ForeignKeyDefinition | undefined {
  const options = optionsOf(value, ctx);
  const get = (key: string): Value | undefined => option(options, key, ctx);
  const columns = textsOf(get('columnNames'), ctx);
  const target = textOf(get('referencedTableName'), ctx);
  if (columns.length === 0 || target === undefined) return undefined;
  const schema = textOf(get('referencedSchema'), ctx);
  const action = (key: string): ReferentialAction => entryOf(ACTIONS, textOf(get(key), ctx)?.toUpperCase() ?? '') ?? 'noAction';
  return {
    kind: 'foreignKey', columns, references: { ...(schema !== undefined && { schema }), name: target.split('.').at(-1)! }, referencedColumns: textsOf(get('referencedColumnNames'), ctx),
    onDelete: action('onDelete'), onUpdate: action('onUpdate'), match: 'simple', notValid: false, enforced: true, name: textOf(get('name'), ctx) ?? hashed('FK', table, columns), location,
  };
}

/** A key that was looked up: `table.foreignKeys.find((fk) => fk.columnNames.indexOf('org_id') !== -1)`. */
function foundKey(value: Value, ctx: Context): string | undefined {
  const known = ctx.read(value);
  return known.kind === 'library' && known.type === 'foundKey' ? known.data as string : undefined;
}

function uniqueOf(table: QualifiedName, value: Value | undefined, location: Location, ctx: Context): ConstraintDefinition | undefined {
  const options = optionsOf(value, ctx);
  const columns = textsOf(option(options, 'columnNames', ctx), ctx);
  return columns.length === 0 ? undefined : { kind: 'unique', columns, nullsNotDistinct: false, name: textOf(option(options, 'name', ctx), ctx) ?? hashed('UQ', table, columns), location };
}

function checkOf(value: Value | undefined, location: Location, ctx: Context): ConstraintDefinition | undefined {
  const options = optionsOf(value, ctx);
  const name = textOf(option(options, 'name', ctx), ctx);
  return option(options, 'expression', ctx) === undefined ? undefined : { kind: 'check', expression: { kind: 'other', name: 'check', parts: [], location }, notValid: false, ...(name !== undefined && { name }), location };
}

function indexOf(table: QualifiedName, value: Value | undefined, location: Location, ctx: Context): IndexDefinition | undefined {
  const options = optionsOf(value, ctx);
  const columns = textsOf(option(options, 'columnNames', ctx), ctx);
  if (columns.length === 0) return undefined;
  return {
    name: textOf(option(options, 'name', ctx), ctx) ?? hashed('IDX', table, columns), unique: flagOf(option(options, 'isUnique', ctx), ctx) === true, keys: columns.map((column) => ({ column })), include: [],
    ...(option(options, 'where', ctx) !== undefined && { where: constant(true, location) }), method: 'btree', nullsNotDistinct: false, concurrently: false, location,
  };
}
