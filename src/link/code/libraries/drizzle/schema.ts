import type { CodeFunction } from '../../../../facts/code.js';
import { Registry } from '../../journal.js';
import type { Call, Context } from '../../library.js';
import { stored } from '../../store.js';
import type { ExternalValue, LibraryValue, Value } from '../../values.js';
import { undefinedValue } from '../../values.js';
import { property } from '../sql-client.js';
import { typeOfText } from './column-types.js';
import { columnBuilder, newColumn } from './columns.js';
import { constraintCall } from './constraints.js';
import { columnName, dataOf, made, sourceOf, textOf, type ClientData, type ColumnData, type ColumnInfo, type SqlData } from './data.js';
import { policyCall } from './policies.js';
import { pathsOf } from './selection.js';
import { leavesOfQuery } from './subqueries.js';
import { declareTable, declareView, enableRowSecurity, TABLE_FUNCTION, type TableMaker } from './tables.js';
import type { SqlType } from '../../../../facts/expression.js';

/** What a function of a dialect's package (`drizzle-orm/pg-core`) declares; undefined for another. */
export function schemaCall(callee: ExternalValue, name: string, call: Call, ctx: Context): Value | undefined {
  const { module } = callee;
  const [first, second] = call.arguments.positional;
  if (TABLE_FUNCTION.test(name)) return declareTable(call, { module }, ctx);
  if (name === 'withRLS') return withRowSecurity(declareTable(call, { module }, ctx), ctx);
  if (/TableCreator$/.test(name)) return first && made('tableMaker', { module, rename: first } satisfies TableMaker);
  if (/^(?:pg|mysql|cockroach|mssql|singlestore)Schema$/.test(name)) return made('namedSchema', { module, schema: textOf(first, ctx) ?? 'public' } satisfies TableMaker);
  if (/View$/.test(name)) return viewMaker(call, { module }, ctx);
  if (name === 'pgEnum' || name === 'cockroachEnum') return enumValue(textOf(first, ctx) ?? 'an enum', undefined, second);
  if (name === 'customType') return made('columnFunction', customType(first, ctx));
  if (name === 'mysqlEnum' || name === 'singlestoreEnum') return newColumn({ name: 'text', modifiers: [], dimensions: 0 }, textOf(first, ctx), call.location);
  return constraintCall(name, call, ctx) ?? columnBuilder(name, call, ctx) ?? policyCall(name, call, ctx) ?? (name === 'pgSequence' ? made('declared', undefined) : undefined);
}

/** The table, with row-level security (`table.enableRLS()`, `pgTable.withRLS(...)`). */
export function withRowSecurity(table: LibraryValue | undefined, ctx: Context): LibraryValue | undefined {
  const source = sourceOf(table);
  if (source?.kind === 'table') enableRowSecurity(source, ctx);
  return table;
}

function enumValue(name: string, schema: string | undefined, values: Value | undefined): Value {
  const type: SqlType = { ...(schema !== undefined && { schema }), name, modifiers: [], dimensions: 0 };
  return made('columnFunction', { type, values: values ?? undefinedValue });
}

interface ColumnFunction {
  readonly type: SqlType;
  /** Of an enum. */
  readonly values?: Value;
}

/** `customType({ dataType() { return 'vector(3)'; } })`. */
function customType(config: Value | undefined, ctx: Context): ColumnFunction {
  const given = config && ctx.read(config);
  const typed = given?.kind === 'object' ? property(given.entries, 'dataType') : undefined;
  const text = typed && textOf(ctx.invoke(typed, [undefinedValue], given!.kind === 'object' ? given.location : { file: '', start: 0, end: 0 }), ctx);
  return { type: text === undefined ? { name: 'custom', modifiers: [], dimensions: 0 } : typeOfText(text) };
}

/** A call of an enum or a custom type: a column of it. */
export function columnFunctionCall(value: LibraryValue, call: Call, ctx: Context): Value {
  return newColumn((value.data as ColumnFunction).type, textOf(call.arguments.positional[0], ctx), call.location);
}

/** A member of what makes columns. */
export function columnFunctionMember(value: LibraryValue, name: string): Value | undefined {
  return name === 'enumValues' ? (value.data as ColumnFunction).values : undefined;
}

/** `pgSchema('auth').table(...)` and the like. */
export function namedSchemaMethod(value: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const maker = value.data as TableMaker;
  switch (name) {
    case 'table': return declareTable(call, maker, ctx);
    case 'view': case 'materializedView': return viewMaker(call, maker, ctx);
    case 'enum': return enumValue(textOf(call.arguments.positional[0], ctx) ?? 'an enum', maker.schema, call.arguments.positional[1]);
    case 'sequence': return made('declared', undefined);
    default: return undefined;
  }
}

/** A call of what makes tables. */
export function tableMakerCall(value: LibraryValue, call: Call, ctx: Context): Value | undefined {
  return declareTable(call, value.data as TableMaker, ctx);
}

interface ViewMaker {
  readonly maker: TableMaker;
  readonly name: string;
  readonly columns?: Value;
  readonly call: Call;
}

function viewMaker(call: Call, maker: TableMaker, ctx: Context): Value | undefined {
  const [first, second] = call.arguments.positional;
  const name = textOf(first, ctx);
  return name === undefined ? undefined : made('viewMaker', { maker, name, call, ...(second && { columns: second }) } satisfies ViewMaker);
}

/** `pgView('name').as((qb) => qb.select()...)`, `pgView('name', columns).as(sql`...`)`, `.existing()`. */
export function viewMethod(value: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const { maker, name: viewName, columns, call: first } = value.data as ViewMaker;
  if (name !== 'as' && name !== 'existing') return value;
  const table = { ...(maker.schema !== undefined && { schema: maker.schema }), name: viewName };
  return declareView(table, columns, columns ? [] : selectedKeys(call, ctx), first.location, maker.module, ctx);
}

/** The functions that say what views are: nobody runs their queries. */
export function definitions(ctx: Context): Registry<CodeFunction, true> {
  return stored(ctx, 'drizzle:views', () => new Registry<CodeFunction, true>(ctx.journal));
}

/** The fields that a view selects; a column keeps its name in the database. */
function selectedKeys(call: Call, ctx: Context): readonly ColumnInfo[] {
  const [first] = call.arguments.positional;
  const given = first && ctx.read(first);
  if (given?.kind === 'function') definitions(ctx).set(given.function, true);
  const query = given?.kind === 'function' ? ctx.read(ctx.invoke(given, [made('client', { module: 'drizzle-orm' } satisfies ClientData)], call.location)) : given;
  return (query ? leavesOfQuery(query, ctx) : []).flatMap((leaf): readonly ColumnInfo[] => {
    if (leaf.whole?.kind === 'table') return [...leaf.whole.columns.values()];
    const value = leaf.value && ctx.read(leaf.value);
    const column = dataOf<ColumnData>(value, 'column');
    const name = column ? columnName(column.info, ctx) : dataOf<SqlData>(value, 'sql')?.alias;
    return leaf.path.length === 1 ? [{ key: leaf.path[0]!, ...(name !== undefined && { given: name }) }] : [];
  });
}

/** `getTableColumns(table)`: an object of its columns. */
export function tableColumns(given: Value | undefined, call: Call, ctx: Context): Value | undefined {
  const source = given && sourceOf(ctx.read(given));
  if (!source) return undefined;
  const { location } = call;
  const entries = pathsOf(source, ctx).map(([key]) => ({ kind: 'property' as const, key: key!, value: ctx.member(given, key!), maybe: false, location }));
  return ctx.allocate({ kind: 'object', entries, location });
}
