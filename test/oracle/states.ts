import type { Random } from './random.js';
import { OWN_TENANT, OWN_USER, type OracleColumn, type OracleSchema, type OracleTable } from './schema.js';

export type Value = number | string | null;
export type Row = Readonly<Record<string, Value>>;
/** Rows by table; `tenant` of each row is kept beside it (undefined: a row of a global table, or one that all tenants share). */
export type State = ReadonlyMap<string, readonly OwnedRow[]>;

export interface OwnedRow {
  readonly tenant: number | undefined;
  readonly values: Row;
}

type Draft = Map<string, OwnedRow[]>;

const IDS = Array.from({ length: 20 }, (_, index) => index + 1);
const TEXTS = ['x', 'y', 'z'];
/** For columns that are unique among all tenants: there has to be room for everybody. */
const DISTINCT_TEXTS = Array.from({ length: 24 }, (_, index) => `${TEXTS[index % 3]!}${index < 3 ? '' : index}`);

/** Where the plain values of rows come from. */
export interface Values {
  readonly number: (random: Random) => number;
  readonly texts: readonly string[];
  /** Keys that rows have before all others: what queries ask for. */
  readonly keys: readonly number[];
  /** How often a column that may be NULL is. */
  readonly nulls: number;
  /** How often a reference that may be NULL is. */
  readonly loose: number;
  /** How often a reference is to a row that all tenants share before any other. */
  readonly sharing: number;
}

const USUAL: Values = { number: (random) => (random.chance(0.2) ? random.pick(IDS) : random.integer(1, 3)), texts: TEXTS, keys: [OWN_TENANT], nulls: 0.15, loose: 0.25, sharing: 0 };

/**
 * Values that meet what a query asks for: few, its own constants among them, so that rows of different tables are equal in them.
 * @param constants the numbers and texts that stand in the query
 */
export function valuesFor(constants: readonly Value[], random: Random): Values {
  const numbers = [...constants.filter((value) => typeof value === 'number'), random.integer(1, 3), OWN_TENANT];
  const texts = [...constants.filter((value) => typeof value === 'string'), random.pick(TEXTS)];
  return { number: (source) => source.pick(numbers), texts, keys: numbers, nulls: random.pick([0, 0.1, 0.5]), loose: random.pick([0, 0.1, 0.6]), sharing: random.pick([0, 0.5, 0.9]) };
}

/** What rows are made of. */
interface Source {
  readonly schema: OracleSchema;
  readonly random: Random;
  readonly values: Values;
}

/** Who else lives in the database, from nobody to a crowd that shares every value. */
const PROFILES: readonly { readonly tenants: readonly number[]; readonly rows: number; readonly twins: boolean }[] = [
  { tenants: [], rows: 0, twins: false },
  { tenants: [3], rows: 2, twins: true },
  { tenants: [1, 9], rows: 4, twins: false },
  { tenants: [2, 11], rows: 4, twins: true },
  { tenants: [1, 2, 12], rows: 4, twins: true },
];

/** States of one database that differ only in the rows of other tenants; the first has none. */
export function generateStates(schema: OracleSchema, random: Random): State[] {
  const source: Source = { schema, random, values: USUAL };
  const own = ownRows(source, () => 4);
  return PROFILES.map((profile) => withTenants(own, profile, source));
}

/** The rows of the own tenant and of global tables; the keys that other tenants' rows may have. */
interface Own {
  readonly rows: Draft;
  readonly free: (table: OracleTable) => number[];
}

/** @param hasOwnKeys rows of one's own, or that all share, have keys that queries ask for: the tenant's id is what `id = $1` finds */
function ownRows(source: Source, count: () => number, hasOwnKeys = false): Own {
  const { schema, random } = source;
  const { keys } = source.values;
  const reserved = new Map(schema.tables.map((table) => [table.name, new Set([...random.sample(IDS.filter((id) => !keys.includes(id)), table.shared === true ? 8 : 5), ...(hasOwnKeys ? random.sample(keys, random.integer(1, keys.length)) : [])])]));
  const rows: Draft = new Map(schema.tables.map((table) => [table.name, []]));
  const ids = (table: OracleTable, own: boolean): number[] => random.shuffle(IDS.filter((id) => reserved.get(table.name)!.has(id) === own)).sort((a, b) => Number(keys.includes(a)) - Number(keys.includes(b)));
  for (const table of schema.tables) {
    if (table.class === 'global') rows.get(table.name)!.push(...[1, 2, 3, OWN_TENANT].map((id) => ({ tenant: undefined, values: fill(table, rows, undefined, id, source) })));
  }
  const pools = new Map(schema.tables.map((table) => [table.name, ids(table, true)]));
  const pool = (table: OracleTable): number[] => pools.get(table.name)!;
  addTenant(source, rows, undefined, () => random.integer(1, 3), pool, undefined);
  addTenant(source, rows, OWN_TENANT, count, pool, undefined);
  return { rows, free: (table) => ids(table, false) };
}

function withTenants({ rows, free }: Own, profile: (typeof PROFILES)[number], source: Source): State {
  const state: Draft = new Map([...rows].map(([name, own]) => [name, [...own]]));
  const pools = new Map(source.schema.tables.map((table) => [table.name, free(table)]));
  for (const tenant of profile.tenants) addTenant(source, state, tenant, () => profile.rows, (table) => pools.get(table.name)!, profile.twins ? rows : undefined);
  return state;
}

/** A state, and other contents for one use of one of its tables: they differ from it in other tenants' rows. */
export interface World {
  readonly state: State;
  readonly variants: readonly State[];
}

/**
 * A state of a crowd, and its tables again: without others, as they are, with the same keys and other values, with other rows altogether.
 * @param schema the tables
 * @param random where the choices come from
 * @param variants how many of these
 * @param values where plain values come from
 */
export function generateWorld(schema: OracleSchema, random: Random, variants: number, values: Values = USUAL): World {
  const source: Source = { schema, random, values };
  const own = ownRows(source, () => random.weighted([[1, 0], [1, 1], [6, 4]] as [number, number][]), random.chance(0.5));
  const state = withTenants(own, random.pick(PROFILES.slice(2)), source);
  const all = [own.rows, state, changed(state, source), withTenants(own, random.pick(PROFILES.slice(1)), source), changed(state, source)];
  return { state, variants: all.slice(0, variants) };
}

/** Other tenants' rows with their keys and tenants, some of them gone, all else anew. */
function changed(state: State, source: Source): State {
  const { schema, random } = source;
  const result: Draft = new Map(schema.tables.map((table) => [table.name, state.get(table.name)!.filter((row) => row.tenant === undefined || row.tenant === OWN_TENANT)]));
  for (const table of schema.tables) {
    const rows = result.get(table.name)!;
    for (const row of state.get(table.name)!) {
      if (rows.includes(row) || random.chance(0.3)) continue;
      const id = table.key === undefined ? row.values['no'] ?? 1 : row.values[table.key]!;
      const values = fill(table, state as Draft, row.tenant, Number(id), source);
      if (!collides(table, rows, values)) rows.push({ tenant: row.tenant, values });
    }
  }
  return result;
}

function addTenant(source: Source, state: Draft, tenant: number | undefined, count: () => number, pool: (table: OracleTable) => number[], twins: Draft | undefined): void {
  const { schema, random } = source;
  for (const table of schema.tables) {
    if (table.class === 'global' || (tenant === undefined && table.shared !== true)) continue;
    const rows = state.get(table.name)!;
    if (table.class === 'root') {
      rows.push({ tenant, values: fill(table, state, tenant, tenant!, source) });
      continue;
    }
    const ids = pool(table);
    const rowsWanted = count();
    for (let index = 0; index < rowsWanted; index += 1) {
      const id = table.key === undefined ? random.pick([1, 2, 3, 4, ...source.values.keys]) : ids.pop();
      const twin = twins?.get(table.name)!.filter((row) => row.tenant === OWN_TENANT)[index];
      for (let attempt = 0; attempt < 4 && id !== undefined; attempt += 1) {
        const values = fill(table, state, tenant, id, source, attempt === 0 ? twin?.values : undefined);
        if (values === undefined || collides(table, rows, values)) continue;
        rows.push({ tenant, values });
        break;
      }
    }
  }
}

/** A row of the table; undefined when a row that it must reference does not exist. */
function fill(table: OracleTable, state: Draft, tenant: number | undefined, id: number, source: Source, twin?: Row): Row {
  const values: Record<string, Value> = {};
  for (const column of table.columns) values[column.name] = valueOf(table, column, state, tenant, id, source, twin);
  const pair = table.columns.filter((column) => column.pair !== undefined && column.pair.of !== table.name);
  if (pair.length > 0) {
    const targets = state.get(pair[0]!.pair!.of)!.filter((row) => row.tenant === tenant);
    const target = targets.length === 0 || (pair[0]!.nullable && source.random.chance(source.values.loose)) ? undefined : source.random.pick(targets);
    for (const { name, pair: part } of pair) values[name] = target?.values[part!.index === 0 ? 'no' : 'batch'] ?? null;
  }
  return values;
}

function valueOf(table: OracleTable, column: OracleColumn, state: Draft, tenant: number | undefined, id: number, { schema, random, values }: Source, twin: Row | undefined): Value {
  if (column.name === table.key || (column.name === 'no' && table.key === undefined)) return id;
  if (column.name === table.tenantColumn) return tenant ?? null;
  if (column.references !== undefined) {
    const key = schema.tables.find((each) => each.name === column.references)!.key!;
    const targets = state.get(column.references)!.filter((row) => row.tenant === tenant || (row.tenant === undefined && column.name !== table.ownerColumn));
    if (targets.length === 0 || (column.nullable && random.chance(values.loose))) return null;
    const shared = tenant === undefined ? [] : targets.filter((row) => row.tenant === undefined);
    return random.pick(shared.length > 0 && random.chance(values.sharing) ? shared : targets).values[key]!;
  }
  // Nobody else has the user who is signed in among theirs, or can name a secret: its text is none of those that are sent.
  if (column.holds === 'user') return tenant === OWN_TENANT && random.chance(0.5) ? OWN_USER : 200 + values.number(random);
  if (column.holds === 'secret') return `secret of ${tenant ?? 'all'} ${id}`;
  // The tenant's own id as another's plain value: what `n = $1` finds.
  if (column.type === 'int' && tenant !== undefined && tenant !== OWN_TENANT && random.chance(0.2)) return OWN_TENANT;
  if (twin !== undefined && !isUniqueAmongAll(table, column)) return twin[column.name]!;
  if (column.nullable && random.chance(values.nulls)) return null;
  if (column.type === 'int') return values.number(random);
  return random.pick(isUniqueAmongAll(table, column) ? DISTINCT_TEXTS : values.texts);
}

const isUniqueAmongAll = (table: OracleTable, column: OracleColumn): boolean => table.uniques.some((columns) => columns.length === 1 && columns[0] === column.name);

function collides(table: OracleTable, rows: readonly OwnedRow[], values: Row): boolean {
  if (table.columns.some((column) => !column.nullable && values[column.name] === null)) return true;
  return [table.primaryKey, ...table.uniques].some((columns) => rows.some((row) => columns.every((column) => row.values[column] === values[column] && values[column] !== null)));
}

const literal = (value: Value): string => (value === null ? 'NULL' : typeof value === 'number' ? String(value) : `'${value}'`);

/** INSERT statements for the state, other tenants' rows on both sides of one's own. */
export function inserts(schema: OracleSchema, state: State): string {
  return schema.tables.map((table) => rowsOf(table, table.name, state.get(table.name)!)).join('\n');
}

/** An INSERT of the rows of a table into the one named. */
export function rowsOf(table: OracleTable, name: string, rows: readonly OwnedRow[]): string {
  if (rows.length === 0) return '';
  return `INSERT INTO ${name} VALUES ${rows.map((row) => `(${table.columns.map((column) => literal(row.values[column.name]!)).join(', ')})`).join(', ')};`;
}
