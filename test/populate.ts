import type { Database } from './database.js';

/** Rows that each table gets in one round. The last one has NULL wherever it may. */
const ROWS = 6;
/** Parents that children are spread over: fewer than rows, so that some share a parent. */
const PARENTS = 3;

interface ColumnInfo {
  readonly name: string;
  readonly type: string;
  /** b base, e enum, d domain, ... */
  readonly form: string;
  readonly required: boolean;
  readonly hasDefault: boolean;
  readonly generated: boolean;
  readonly labels: readonly string[] | null;
  readonly length: number;
}

interface KeyInfo {
  readonly columns: readonly string[];
  readonly parent: string;
  readonly parentColumns: readonly string[];
}

interface TableInfo {
  readonly name: string;
  readonly columns: readonly ColumnInfo[];
  readonly foreignKeys: readonly KeyInfo[];
  readonly uniques: readonly (readonly string[])[];
  readonly checks: readonly string[];
}

const TABLES = `
select format('%I.%I', n.nspname, c.relname) as name,
  (select coalesce(json_agg(json_build_object('name', a.attname, 'type', b.typname, 'form', t.typtype, 'required', a.attnotnull or t.typnotnull,
      'hasDefault', a.atthasdef and a.attgenerated = '' or a.attidentity <> '', 'generated', a.attgenerated <> '', 'length', a.atttypmod - 4,
      'labels', (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = b.oid)) order by a.attnum), '[]')
    from pg_attribute a join pg_type t on t.oid = a.atttypid join pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
  (select coalesce(json_agg(json_build_object('columns', (select json_agg(a.attname order by u.o) from unnest(k.conkey) with ordinality u(n, o)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.n),
      'parent', format('%I.%I', pn.nspname, p.relname),
      'parentColumns', (select json_agg(a.attname order by u.o) from unnest(k.confkey) with ordinality u(n, o)
        join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.n)) order by k.conname), '[]')
    from pg_constraint k join pg_class p on p.oid = k.confrelid join pg_namespace pn on pn.oid = p.relnamespace
    where k.conrelid = c.oid and k.contype = 'f') as "foreignKeys",
  (select coalesce(json_agg((select json_agg(a.attname) from pg_attribute a where a.attrelid = c.oid and a.attnum = any (i.indkey::int2[]))), '[]')
    from pg_index i where i.indrelid = c.oid and i.indisunique) as uniques,
  (select coalesce(json_agg(pg_get_constraintdef(k.oid)), '[]') from pg_constraint k where k.conrelid = c.oid and k.contype = 'c') as checks
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
order by 1`;

function byDependency(tables: readonly TableInfo[]): TableInfo[] {
  const byName = new Map(tables.map((table) => [table.name, table]));
  const done = new Set<TableInfo>();
  const visit = (table: TableInfo, path: readonly TableInfo[]): void => {
    if (done.has(table) || path.includes(table)) return;
    for (const { parent } of table.foreignKeys) {
      const next = byName.get(parent);
      if (next !== undefined) visit(next, [...path, table]);
    }
    done.add(table);
  };
  for (const table of tables) visit(table, []);
  return [...done];
}

type Row = Readonly<Record<string, unknown>>;

/**
 * Adds rows of two tenants to every table, each of whose foreign keys lead to rows of its own tenant: what a product writes that never mixed them up.
 * Two rounds, so that tables that refer to themselves or to each other find rows. Rows that belong to nobody (with NULLs, one a tenant and round) have no children.
 * @param options root: the table of the tenants, as `schema.name`; full: no row with NULLs, and none that belongs to nobody
 */
export async function populateTenants(db: Database, { full, root }: { full: boolean; root?: string }): Promise<void> {
  const { rows: tables } = await db.query<TableInfo>(TABLES);
  const owned = ownedTables(tables, root);
  const kept = new Map<string, readonly [Row[], Row[]]>(tables.map(({ name }) => [name, [[], []]]));
  for (const round of [0, 1]) {
    for (const table of byDependency(tables)) {
      const hasOwner = (row: Row) => !owned.has(table.name) || table.name === root || table.foreignKeys.some((key) => owned.has(key.parent) && key.columns.every((name) => (row[name] ?? null) !== null));
      for (let number = round * 2 * ROWS; number < (round + 1) * 2 * ROWS; number++) {
        const tenant = number % 2;
        const parents = new Map(table.foreignKeys.map((key) => [key, kept.get(key.parent)![tenant]!] as const));
        const isSparse = !full && number % ROWS >= ROWS - 2;
        if (full && !hasOwner(rowValues(table, number, parents, false, true))) continue;
        const row = await insertRow(db, table, number, parents, true, isSparse);
        const pool = kept.get(table.name)![tenant]!;
        // Two tenants: of the root table one row each has children.
        if (row && !isSparse && hasOwner(row) && !(table.name === root && pool.length > 0)) pool.push(row);
      }
    }
  }
}

/** The tables from which a way over foreign keys leads to the root. */
function ownedTables(tables: readonly TableInfo[], root: string | undefined): ReadonlySet<string> {
  const owned = new Set(root === undefined ? [] : [root]);
  for (let before = -1; before < owned.size;) {
    before = owned.size;
    for (const { name, foreignKeys } of tables) if (foreignKeys.some(({ parent }) => owned.has(parent))) owned.add(name);
  }
  return owned;
}

async function insertRow(db: Database, table: TableInfo, number: number, parents: ReadonlyMap<KeyInfo, Row[]>, distinct: boolean, isSparse: boolean): Promise<Row | undefined> {
  // First sparse, with NULLs and defaults; where that is refused, with every column filled.
  for (const sparse of isSparse ? [true, false] : [false]) {
    const values = rowValues(table, number, parents, sparse, distinct);
    const names = Object.keys(values);
    const sql = names.length === 0
      ? `insert into ${table.name} default values returning *`
      : `insert into ${table.name} (${names.map(quote).join(', ')}) overriding system value values (${names.map((name) => literal(values[name])).join(', ')}) returning *`;
    try {
      return (await db.query<Row>(sql)).rows[0];
    } catch {
      // A check or a trigger wants other values; the tables need some rows, not each row.
    }
  }
  return undefined;
}

function rowValues(table: TableInfo, number: number, parents: ReadonlyMap<KeyInfo, Row[]>, sparse: boolean, distinct: boolean): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const column of table.columns) {
    if (column.generated) continue;
    const unique = table.uniques.some((columns) => columns.includes(column.name));
    const alone = table.uniques.some((columns) => columns.length === 1 && columns[0] === column.name);
    if (column.hasDefault && !unique) continue;
    if (sparse && !column.required) {
      values[column.name] = null;
      continue;
    }
    const key = table.foreignKeys.find(({ columns }) => columns.includes(column.name));
    values[column.name] = key === undefined ? valueOf(column, table, number, unique || distinct) : parentValue(key, column.name, parents.get(key)!, number, alone ? undefined : table.foreignKeys.indexOf(key));
  }
  return values;
}

/** @param spread the number of the key in its table: children that share one parent differ in the other; undefined for one child a parent */
function parentValue(key: KeyInfo, column: string, rows: readonly Row[], number: number, spread: number | undefined): unknown {
  // The last one is among them: it has the NULLs.
  const used = rows.length <= PARENTS ? rows : [...rows.slice(0, PARENTS - 1), rows.at(-1)!];
  const row = spread === undefined ? rows[number] : used[(number + spread * Math.floor(number / used.length)) % Math.max(1, used.length)];
  return row?.[key.parentColumns[key.columns.indexOf(column)]!] ?? null;
}

function valueOf({ type, labels, name, length }: ColumnInfo, { checks }: TableInfo, number: number, unique: boolean): unknown {
  if (labels !== null) return labels[number % labels.length];
  const allowed = checks.filter((check) => new RegExp(`\\b${name}\\b`).test(check)).flatMap((check) => [...check.matchAll(/'([^']*)'::/g)].map(([, text]) => text!));
  if (allowed.length > 0) return allowed[number % allowed.length];
  // Without a key, some values meet several rows of another table and one meets none.
  const distinct = unique ? number : number % ROWS === ROWS - 2 ? 900 + number : number % 2;
  if (type.startsWith('_')) return '{}';
  switch (type) {
    case 'uuid': return `00000000-0000-4000-8000-${distinct.toString(16).padStart(12, '0')}`;
    case 'int2': case 'int4': case 'int8': case 'numeric': case 'float4': case 'float8': return distinct + 1;
    case 'bool': return distinct % 2 === 0;
    case 'date': case 'timestamp': case 'timestamptz': return `2024-01-${String(1 + (distinct % 28)).padStart(2, '0')} ${String(distinct % 24).padStart(2, '0')}:00:00`;
    case 'json': case 'jsonb': return '{}';
    case 'inet': case 'cidr': return `10.0.0.${distinct % 250}`;
    case 'interval': return `${distinct} hours`;
    case 'time': case 'timetz': return `${String(distinct % 24).padStart(2, '0')}:00:00`;
    case 'bytea': return `\\x${distinct.toString(16).padStart(4, '0')}`;
    default: return `v${distinct}`.slice(0, length > 0 ? length : undefined);
  }
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(value: unknown): string {
  return value === null || value === undefined ? 'null' : `'${String(value).replaceAll("'", "''")}'`;
}
