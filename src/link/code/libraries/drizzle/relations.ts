import { stored } from '../../store.js';
import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import type { FunctionValue, LibraryValue, Value } from '../../values.js';
import { property } from '../sql-client.js';
import { columnName, dataOf, made, sourceOf, textOf, type ColumnData, type TableSource } from './data.js';

/** Where a relation of a table leads: `own.columns = target.referenced`, or by way of a join table. */
export interface Relation {
  readonly many: boolean;
  readonly target: TableSource;
  readonly columns: readonly string[];
  readonly referenced: readonly string[];
  readonly through?: { readonly table: TableSource; readonly columns: readonly string[]; readonly referenced: readonly string[] };
}

/** `one(table, config)` or `many(table, config)` as written. */
interface Declared {
  readonly many: boolean;
  readonly target: Value;
  readonly config?: Value;
}

/** `relations(table, callback)`, `defineRelations(schema, callback)`. */
type Definition = { readonly table: TableSource; readonly callback: FunctionValue; readonly location: Location } | { readonly schema: Value; readonly callback: FunctionValue; readonly location: Location };

interface Store {
  readonly definitions: Definition[];
  /** By table and name; as of so many definitions. */
  declared: ReadonlyMap<string, ReadonlyMap<string, Declared>>;
  known: number;
}

function storeOf(ctx: Context): Store {
  return stored(ctx, 'drizzle relations', (): Store => ({ definitions: [], declared: new Map(), known: 0 }));
}

/** `relations(table, ({ one, many }) => ({ ... }))`. */
export function declareRelations(call: Call, ctx: Context): Value {
  const [first, second] = call.arguments.positional;
  const table = first && sourceOf(ctx.read(first));
  const callback = second && ctx.read(second);
  ctx.journal.changes++;
  if (table?.kind === 'table' && callback?.kind === 'function') storeOf(ctx).definitions.push({ table, callback, location: call.location });
  return made('relations', undefined);
}

/** `defineRelations(schema, (r) => ({ ... }))`: it stands for the schema where a client is given it. */
export function defineRelations(call: Call, ctx: Context): Value {
  const [schema, second] = call.arguments.positional;
  const callback = second && ctx.read(second);
  ctx.journal.changes++;
  if (schema && callback?.kind === 'function') storeOf(ctx).definitions.push({ schema, callback, location: call.location });
  return made('schema', schema);
}

/** `r.one.users(config)`, `r.many.posts(config)`, `r.users.id`. */
export function relationHelper(value: LibraryValue, name: string, ctx: Context): Value | undefined {
  const schema = value.data as Value;
  return name === 'one' || name === 'many' ? made(name === 'one' ? 'relationOne' : 'relationMany', schema) : ctx.member(schema, name);
}

/** `one(table, config)` and `many(table)` inside of relations(). */
export function declaredRelation(many: boolean, target: Value | undefined, config: Value | undefined): Value | undefined {
  return target && made('relation', { many, target, ...(config && { config }) } satisfies Declared);
}

function declaredOf(ctx: Context): Store['declared'] {
  const store = storeOf(ctx);
  if (store.known === store.definitions.length) return store.declared;
  store.known = store.definitions.length;
  const found = new Map<string, Map<string, Declared>>();
  const add = (table: TableSource, object: Value): void => {
    const inner = ctx.read(object);
    const own = found.get(table.id) ?? new Map<string, Declared>();
    found.set(table.id, own);
    for (const entry of inner.kind === 'object' ? inner.entries : []) {
      const relation = entry.kind === 'property' ? dataOf<Declared>(ctx.read(entry.value), 'relation') : undefined;
      if (entry.kind === 'property' && relation) own.set(entry.key, relation);
    }
  };
  for (const definition of store.definitions) {
    if ('table' in definition) {
      add(definition.table, ctx.invoke(definition.callback, [{ kind: 'external', module: 'drizzle-orm', path: ['relation'] }], definition.location));
      continue;
    }
    const all = ctx.read(ctx.invoke(definition.callback, [made('relationHelper', definition.schema)], definition.location));
    for (const entry of all.kind === 'object' ? all.entries : []) {
      const table = entry.kind === 'property' ? sourceOf(ctx.read(ctx.member(definition.schema, entry.key))) : undefined;
      if (entry.kind === 'property' && table?.kind === 'table') add(table, entry.value);
    }
  }
  store.declared = found;
  return found;
}

/** The relation of a table by its name. */
export function relationOf(table: TableSource, name: string, ctx: Context): Relation | undefined {
  const declared = declaredOf(ctx).get(table.id)?.get(name);
  return declared && resolved(table, declared, ctx);
}

function tableOf(value: Value, ctx: Context): TableSource | undefined {
  const source = sourceOf(ctx.read(value));
  return source?.kind === 'table' ? source : undefined;
}

function resolved(table: TableSource, declared: Declared, ctx: Context): Relation | undefined {
  const target = tableOf(declared.target, ctx);
  if (!target) return undefined;
  const { many } = declared;
  const own = columnPair(declared, ctx);
  if (own) return { many, target, ...own };
  const inverse = inverseOf(table, target, declared, ctx);
  if (inverse) return { many, target, columns: inverse.referenced, referenced: inverse.columns };
  return byForeignKey(table, target, many);
}

/** `fields` and `references`, or `from` and `to`, by way of a join table where they say `through`. */
function columnPair({ config }: Declared, ctx: Context): Pick<Relation, 'columns' | 'referenced' | 'through'> | undefined {
  const from = columnsOf(config, ['fields', 'from'], ctx);
  const to = columnsOf(config, ['references', 'to'], ctx);
  if (from.length === 0 || from.length !== to.length) return undefined;
  const names = (columns: readonly Column[]) => columns.map(({ column }) => columnName(column.info, ctx));
  const pair = { columns: names(from), referenced: names(to) };
  const [first] = from;
  const join = first?.through?.source;
  if (join?.kind !== 'table' || to.some(({ through }) => !through)) return pair;
  const between = (columns: readonly Column[]) => columns.map(({ through }) => columnName(through!.info, ctx));
  return { ...pair, through: { table: join, columns: between(from), referenced: between(to) } };
}

interface Column {
  readonly column: ColumnData;
  readonly through?: ColumnData;
}

function columnsOf(config: Value | undefined, keys: readonly string[], ctx: Context): readonly Column[] {
  const inner = config && ctx.read(config);
  const given = inner?.kind === 'object' ? keys.map((key) => property(inner.entries, key)).find((value) => value !== undefined) : undefined;
  const value = given && ctx.read(given);
  const items = value?.kind === 'list' ? value.items.map((item) => ctx.read(item.value)) : value ? [value] : [];
  return items.flatMap((item): readonly Column[] => {
    const column = dataOf<ColumnData>(item, 'column');
    const through = dataOf<Column>(item, 'throughColumn');
    return through ? [through] : column ? [{ column }] : [];
  });
}

function nameOf({ config }: Declared, ctx: Context): string | undefined {
  const inner = config && ctx.read(config);
  return inner?.kind === 'object' ? textOf(property(inner.entries, 'relationName') ?? property(inner.entries, 'alias'), ctx) : undefined;
}

/** The relation of the other side that leads back: of several, the one of the same name. */
function inverseOf(table: TableSource, target: TableSource, declared: Declared, ctx: Context): Pick<Relation, 'columns' | 'referenced'> | undefined {
  const name = nameOf(declared, ctx);
  const others = [...declaredOf(ctx).get(target.id)?.values() ?? []].filter((each) => tableOf(each.target, ctx)?.id === table.id && nameOf(each, ctx) === name);
  return others.map((each) => columnPair(each, ctx)).find((pair) => pair !== undefined);
}

function byForeignKey(table: TableSource, target: TableSource, many: boolean): Relation | undefined {
  const key = (from: TableSource, to: TableSource) => {
    const found = from.model.constraints.find((each) => each.kind === 'foreignKey' && each.references.name === to.name.name && each.references.schema === to.name.schema);
    return found?.kind === 'foreignKey' && found.referencedColumns.length > 0 ? found : undefined;
  };
  const back = key(target, table);
  if (back) return { many, target, columns: back.referencedColumns, referenced: back.columns };
  const own = many ? undefined : key(table, target);
  return own && { many, target, columns: own.columns, referenced: own.referencedColumns };
}

