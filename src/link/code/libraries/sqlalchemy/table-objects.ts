import type { ModelTable } from '../../../../facts/schema.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { dataOf, SQLALCHEMY } from './data.js';
import { lowerColumn, tableConstraints } from './definitions.js';
import type { Place } from './definitions.js';
import { Given, libraryValue } from './given.js';
import { metadataOf } from './metadata.js';
import { withName } from './naming.js';
import { isMigration, registerModel } from './registry.js';
import { qualifiedName, tableValue } from './tables.js';
import type { TableData } from './tables.js';

/** `Table('users', metadata, Column(...), ...)`: a table of the schema when it declares columns. */
export function tableCall(call: Call, ctx: Context): Value | undefined {
  const given = new Given(call, ['name', 'metadata'], ctx);
  const named = given.text('name');
  if (named === undefined) return undefined;
  const metadata = metadataOf(given.value('metadata'), ctx);
  const name = qualifiedName(named, given.text('schema') ?? metadata.schema);
  const columns = given.rest.flatMap(({ value }) => dataOf(value, 'column', ctx) ?? []).filter((column) => column.name !== undefined);
  const declared = columns.map((column) => column.name!);
  const data: TableData = { name, alias: name.name, declared };
  // In a migration a Table stands for what is there already.
  if (columns.length === 0 || isMigration(ctx.file, ctx)) return tableValue(data);
  const place: Place = { table: name, naming: metadata.naming, isModel: true };
  const own = tableConstraints(given.rest.flatMap(({ value }) => dataOf(value, 'constraint', ctx) ?? []), place);
  const key = own.find((constraint) => constraint.kind === 'primaryKey')?.columns ?? columns.filter(({ primaryKey }) => primaryKey).map((column) => column.name!);
  const lowered = columns.map((column) => lowerColumn(column.name!, column, place, key));
  const { location } = call;
  const implied = own.some(({ kind }) => kind === 'primaryKey') || key.length === 0 ? [] : [withName({ kind: 'primaryKey' as const, columns: key, location }, name, place.naming)];
  const model: ModelTable = {
    orm: 'sqlalchemy', name, modelName: named, columns: lowered.map(({ column }) => column), constraints: [...implied, ...own, ...lowered.flatMap(({ constraints }) => constraints)],
    indexes: [...lowered.flatMap(({ indexes }) => indexes), ...given.rest.flatMap(({ value }) => dataOf(value, 'index', ctx)?.index ?? [])],
    fields: Object.fromEntries(declared.map((column) => [column, column])), isView: false, ignored: false, location,
  };
  return tableValue({ ...data, key: registerModel(model, [], ctx) });
}

/** `table.c`. */
export function columnsAccessor(data: TableData): LibraryValue {
  return libraryValue(SQLALCHEMY, 'columns', data);
}
