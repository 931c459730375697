import { modelsInCode, stored } from '../../store.js';
import type { Location } from '../../../../facts/location.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { ColumnDefinition, ConstraintDefinition, IndexDefinition, ModelTable } from '../../../../facts/schema.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { fieldsOf } from '../objects.js';
import { columnDefinition, type ColumnBuilder } from './columns.js';
import { extrasOf, type Extras } from './constraints.js';
import { columnName, dataOf, made, textOf, type ColumnInfo, type TableSource } from './data.js';
import { foreignKeyOf } from './foreign-keys.js';

/** Functions that declare a table; the name of the dialect stands in front. */
export const TABLE_FUNCTION = /^(?:pg|sqlite|mysql|singlestore|mssql|cockroach|gel)Table$/;

/** How a function that declares tables makes their names. */
export interface TableMaker {
  readonly schema?: string;
  /** Of `pgTableCreator((name) => ...)`. */
  readonly rename?: Value;
  /** The package of column functions, for columns given by a callback. */
  readonly module: string;
}

/** `pgTable('name', columns, extra)`: the table, which is a model of the project from here on. */
export function declareTable(call: Call, maker: TableMaker, ctx: Context): LibraryValue | undefined {
  const [first, second, extra] = call.arguments.positional;
  const given = textOf(first, ctx);
  const written = given === undefined || !maker.rename ? given : textOf(ctx.invoke(maker.rename, [{ kind: 'constant', value: given }], call.location), ctx);
  if (written === undefined || second === undefined) return undefined;
  const name: QualifiedName = { ...(maker.schema !== undefined && { schema: maker.schema }), name: written };
  const builders = columnsOf(second, maker, call.location, ctx);
  const table = newTable(name, builders, extra, call.location, false, ctx);
  return made('table', table);
}

/** `pgView('name', columns)`, whose columns are given, and `pgView('name').as(...)`, whose columns are those that it selects. */
export function declareView(name: QualifiedName, columns: Value | undefined, keys: readonly ColumnInfo[], location: Location, module: string, ctx: Context): LibraryValue {
  const builders = columns ? columnsOf(columns, { module }, location, ctx) : new Map(keys.map((info): readonly [string, ColumnBuilder] => [info.key, {
    type: { name: 'unknown', modifiers: [], dimensions: 0 }, location, notNull: false, given: columnName(info, ctx),
  }]));
  return made('table', newTable(name, builders, undefined, location, true, ctx));
}

type Builders = ReadonlyMap<string, ColumnBuilder>;

function columnsOf(value: Value, { module }: TableMaker, location: Location, ctx: Context): Builders {
  let given = ctx.read(value);
  if (given.kind === 'function') given = ctx.read(ctx.invoke(given, [{ kind: 'external', module, path: [] }], location));
  if (given.kind !== 'object') return new Map();
  return new Map(fieldsOf(given, ctx).given.flatMap(({ key, value: column }) => {
    const builder = dataOf<ColumnBuilder>(ctx.read(column), 'columnBuilder');
    return builder ? [[key, builder] as const] : [];
  }));
}

function newTable(name: QualifiedName, builders: Builders, extra: Value | undefined, location: Location, isView: boolean, ctx: Context): TableSource {
  const columns = new Map([...builders].map(([key, { given }]): readonly [string, ColumnInfo] => [key, { key, ...(given !== undefined && { given }) }]));
  const id = `${location.file}:${location.start}`;
  const model = modelOf({ name, builders, columns, extra, location, isView }, () => table, ctx);
  const table: TableSource = { kind: 'table', id, name, columns, model };
  register(id, model, ctx);
  return table;
}

function register(id: string, model: ModelTable, ctx: Context): void {
  modelsInCode(ctx).set(id, model);
  tablesByName(ctx).set(keyOf(model.name), model);
}

function keyOf({ schema, name }: QualifiedName): string {
  return `${schema ?? ''}.${name}`;
}

function tablesByName(ctx: Context): Map<string, ModelTable> {
  return stored(ctx, 'drizzle tables', () => new Map<string, ModelTable>());
}

/** The model of a table by its name. */
export function modelNamed(name: QualifiedName, ctx: Context): ModelTable | undefined {
  return tablesByName(ctx).get(keyOf(name));
}

interface Declaration {
  readonly name: QualifiedName;
  readonly builders: Builders;
  readonly columns: ReadonlyMap<string, ColumnInfo>;
  readonly extra: Value | undefined;
  readonly location: Location;
  readonly isView: boolean;
}

/** What a table declares. References lead to tables that may be declared later: they are followed when they are asked for. */
function modelOf({ name, builders, columns, extra, location, isView }: Declaration, table: () => TableSource, ctx: Context): ModelTable {
  let extras: Extras | undefined;
  const lastly = (): Extras => (extras ??= extra ? extrasOf(extra, table(), ctx) : { constraints: [], indexes: [] });
  const named = () => [...builders].map(([key, builder]) => ({ builder, name: columnName(columns.get(key)!, ctx) }));
  return {
    orm: 'drizzle', modelName: name.name, name, location, isView, ignored: false,
    get columns(): ColumnDefinition[] {
      return named().map(({ builder, name: own }) => columnDefinition(builder, own, ctx));
    },
    get fields(): Record<string, string> {
      return Object.fromEntries([...columns.values()].map((info) => [info.key, columnName(info, ctx)]));
    },
    get constraints(): ConstraintDefinition[] {
      return isView ? [] : [...named().flatMap(({ builder, name: own }) => constraintsOf(builder, own, name, ctx)), ...lastly().constraints];
    },
    get indexes(): IndexDefinition[] {
      return [...lastly().indexes];
    },
  };
}

function constraintsOf(builder: ColumnBuilder, column: string, table: QualifiedName, ctx: Context): ConstraintDefinition[] {
  const { primaryKey, unique, references } = builder;
  const key = references && foreignKeyOf(references, column, table, ctx);
  return [
    ...(primaryKey ? [{ kind: 'primaryKey', columns: [column], location: primaryKey } as const] : []),
    ...(unique ? [{ kind: 'unique', name: unique.name ?? `${table.name}_${column}_unique`, columns: [column], nullsNotDistinct: unique.nullsNotDistinct, location: unique.location } as const] : []),
    ...(key ? [key] : []),
  ];
}
