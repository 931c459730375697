import { modelsInCode, stored } from '../../store.js';
import type { Location } from '../../../../facts/location.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { ColumnDefinition, ConstraintDefinition, IndexDefinition, ModelTable, PolicyDefinition } from '../../../../facts/schema.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { fieldsOf } from '../objects.js';
import { columnDefinition, type ColumnBuilder } from './columns.js';
import { extrasOf, type Extras } from './constraints.js';
import { columnName, dataOf, isForeign, made, textOf, type ColumnInfo, type TableSource } from './data.js';
import { foreignKeyOf } from './foreign-keys.js';
import { policiesOf } from './policies.js';

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
  const table = newTable(name, builders, { extra, location: call.location, isView: false, otherDatabase: isForeign(maker.module) }, ctx);
  return made('table', table);
}

/** `pgView('name', columns)`, whose columns are given, and `pgView('name').as(...)`, whose columns are those that it selects. */
export function declareView(name: QualifiedName, columns: Value | undefined, keys: readonly ColumnInfo[], location: Location, module: string, ctx: Context): LibraryValue {
  const builders = columns ? columnsOf(columns, { module }, location, ctx) : new Map(keys.map((info): readonly [string, ColumnBuilder] => [info.key, {
    type: { name: 'unknown', modifiers: [], dimensions: 0 }, location, notNull: false, given: columnName(info, ctx),
  }]));
  return made('table', newTable(name, builders, { extra: undefined, location, isView: true, otherDatabase: isForeign(module) }, ctx));
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

function newTable(name: QualifiedName, builders: Builders, rest: Pick<Declaration, 'extra' | 'location' | 'isView' | 'otherDatabase'>, ctx: Context): TableSource {
  const columns = new Map([...builders].map(([key, { given }]): readonly [string, ColumnInfo] => [key, { key, ...(given !== undefined && { given }) }]));
  const id = `${rest.location.file}:${rest.location.start}`;
  const model = modelOf({ name, builders, columns, ...rest }, () => table, ctx);
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

/** Tables with row-level security that is declared apart from them (`enableRLS()`, `pgPolicy(...).link(table)`), with such policies. */
function securedTables(ctx: Context): Map<string, Value[]> {
  return stored(ctx, 'drizzle row-level security', () => new Map<string, Value[]>());
}

/** `table.enableRLS()`, `pgTable.withRLS(...)`. */
export function enableRowSecurity({ id }: TableSource, ctx: Context): Value[] {
  const policies = securedTables(ctx).get(id) ?? [];
  ctx.journal.changes++;
  securedTables(ctx).set(id, policies);
  return policies;
}

/** `policy.link(table)`: a policy turns row-level security on. */
export function addPolicy(table: TableSource, policy: LibraryValue, ctx: Context): void {
  enableRowSecurity(table, ctx).push(policy);
}

/** The model of a table by its name. */
export function modelNamed(name: QualifiedName, ctx: Context): ModelTable | undefined {
  return tablesByName(ctx).get(keyOf(name));
}

interface Declaration {
  /** Of another database than PostgreSQL. */
  readonly otherDatabase: boolean;
  readonly name: QualifiedName;
  readonly builders: Builders;
  readonly columns: ReadonlyMap<string, ColumnInfo>;
  readonly extra: Value | undefined;
  readonly location: Location;
  readonly isView: boolean;
}

/** What a table declares. References lead to tables that may be declared later: they are followed when they are asked for. */
function modelOf({ name, builders, columns, extra, location, isView, otherDatabase }: Declaration, table: () => TableSource, ctx: Context): ModelTable {
  let extras: Extras | undefined;
  const lastly = (): Extras => (extras ??= extra ? ctx.apart(() => extrasOf(extra, table(), ctx)) : { constraints: [], indexes: [], policies: [] });
  const named = () => [...builders].map(([key, builder]) => ({ builder, name: columnName(columns.get(key)!, ctx) }));
  return {
    orm: 'drizzle', modelName: name.name, name, location, isView, ignored: false, ...(otherDatabase && { otherDatabase }),
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
    get rowSecurity(): boolean {
      return securedTables(ctx).has(table().id) || this.policies!.length > 0;
    },
    get policies(): PolicyDefinition[] {
      return [...lastly().policies, ...(securedTables(ctx).get(table().id) ?? []).flatMap((value) => policiesOf(value, ctx))];
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
