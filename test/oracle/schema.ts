import type { Random } from './random.js';

export type ColumnType = 'int' | 'text';

export interface OracleColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** The table whose key this column is or references; columns of one domain may be equated. Absent for global tables. */
  readonly domain?: string;
  /** The referenced table, global ones included. */
  readonly references?: string;
  /** One of the two columns that name a row of this table together: its own key or a reference to it. */
  readonly pair?: { readonly of: string; readonly index: 0 | 1 };
  /** It holds users of the row's tenant: the one who is signed in, or another; or a secret, which nobody else can name. */
  readonly holds?: 'user' | 'secret';
}

export interface OracleTable {
  readonly name: string;
  readonly class: 'root' | 'tenant' | 'child' | 'global';
  readonly columns: readonly OracleColumn[];
  /** The single-column key; absent for tables whose primary key is made of several columns. */
  readonly key?: string;
  readonly primaryKey: readonly string[];
  readonly uniques: readonly (readonly string[])[];
  readonly tenantColumn?: string;
  /** For a child: the NOT NULL foreign key through which its rows belong to a tenant. */
  readonly ownerColumn?: string;
  /** Rows without a tenant are everybody's: a hybrid table, or a child of one. */
  readonly shared?: boolean;
}

export interface OracleView {
  readonly name: string;
  readonly columns: readonly OracleColumn[];
  readonly body: string;
}

/** What the engine is told besides the tenant column. */
export interface OracleTrust {
  readonly principalColumns?: readonly string[];
  readonly credentialColumns?: readonly string[];
  /** Of functions without arguments: they give the own tenant. */
  readonly tenantValues?: readonly string[];
  /** A second level of tenancy, by a column that refers to the key of this table. */
  readonly inner?: { readonly column: string; readonly root: string; readonly proof?: 'membership' };
}

export interface OracleSchema {
  readonly tables: readonly OracleTable[];
  readonly views: readonly OracleView[];
  readonly root: OracleTable;
  readonly tenantColumn: string;
  /** Where it is there, $5 is a row of the inner level that is the own tenant's, and $6 the user who is signed in. */
  readonly trust?: OracleTrust;
}

/** The tenant that runs the queries, in every schema. */
export const OWN_TENANT = 7;
/** The user who is signed in. */
export const OWN_USER = 107;

interface Names {
  key(singular: string): string;
  plain(singular: string, name: string): string;
}

/** Makes a small multi-tenant schema: root, tenant tables, children without the tenant column, a global table, a join table, views. */
export function generateSchema(random: Random): OracleSchema {
  const prefixed = random.chance(0.4);
  const names: Names = {
    key: (singular) => (prefixed ? `${singular}_id` : 'id'),
    plain: (singular, name) => (prefixed && random.chance(0.7) ? `${singular}_${name}` : name),
  };
  const tenantColumn = prefixed ? 'account_id' : 'tenant_id';
  const root: OracleTable = {
    name: 'accounts', class: 'root', key: names.key('account'), primaryKey: [names.key('account')], uniques: [],
    columns: [{ name: names.key('account'), type: 'int', nullable: false, domain: 'accounts' }, { name: names.plain('account', 'name'), type: 'text', nullable: true }],
  };
  const tables: OracleTable[] = [root];
  tables.push({
    name: 'kinds', class: 'global', key: names.key('kind'), primaryKey: [names.key('kind')], uniques: [],
    columns: [{ name: names.key('kind'), type: 'int', nullable: false }, { name: names.plain('kind', 'label'), type: 'text', nullable: true }],
  });
  const singulars = random.sample(['project', 'task', 'note'], random.integer(2, 3));
  const hybrid = random.chance(0.3) ? random.pick(singulars.slice(0, 2)) : undefined;
  for (const singular of singulars) tables.push(ownTable(random, names, singular, tenantColumn, tables, singular === hybrid));
  if (random.chance(0.8)) tables.push(childTable(random, names, 'item', tables.filter((table) => table.class === 'tenant' && table.key !== undefined), tables));
  if (random.chance(0.3)) tables.push(childTable(random, names, 'part', tables.filter((table) => table.class === 'child'), tables));
  if (random.chance(0.6)) tables.push(joinTable(random, tenantColumn, tables));
  if (random.chance(0.3)) tables.push(numberedTable(random, tenantColumn));
  if (random.chance(0.3)) tables.push(...pairedTables(random, tenantColumn));
  return { tables, root, tenantColumn, views: views(random, tables, tenantColumn) };
}

function reference(table: OracleTable, name: string, nullable: boolean): OracleColumn {
  return { name, type: 'int', nullable, references: table.name, ...(table.class === 'global' ? {} : { domain: table.name }) };
}

const referenceName = (table: OracleTable): string => `${table.name.replace(/s$/, '')}_id`;

function ownTable(random: Random, names: Names, singular: string, tenantColumn: string, before: readonly OracleTable[], hybrid: boolean): OracleTable {
  const name = `${singular}s`;
  const key = names.key(singular);
  const columns: OracleColumn[] = [
    { name: key, type: 'int', nullable: false, domain: name },
    { name: tenantColumn, type: 'int', nullable: hybrid, domain: 'accounts', references: 'accounts' },
  ];
  for (const table of random.sample(before.filter((each) => each.class === 'tenant'), 1)) columns.push(reference(table, referenceName(table), random.chance(0.5) || hybrid));
  if (random.chance(0.3)) columns.push({ name: 'parent_id', type: 'int', nullable: true, domain: name, references: name });
  if (random.chance(0.4)) columns.push(reference(before.find((each) => each.class === 'global')!, 'kind_id', random.chance(0.5)));
  columns.push({ name: names.plain(singular, 'n'), type: 'int', nullable: random.chance(0.5) }, { name: names.plain(singular, 'name'), type: 'text', nullable: true });
  const uniques: string[][] = [];
  if (random.chance(0.5)) {
    const code = names.plain(singular, 'code');
    columns.push({ name: code, type: 'text', nullable: false });
    uniques.push(random.chance(0.75) ? [tenantColumn, code] : [code]);
  }
  return { name, class: 'tenant', columns, key, primaryKey: [key], uniques, tenantColumn, ...(hybrid ? { shared: true } : {}) };
}

function childTable(random: Random, names: Names, singular: string, owners: readonly OracleTable[], before: readonly OracleTable[]): OracleTable {
  const owner = random.pick(owners.length > 0 ? owners : before.filter((table) => table.class === 'tenant'));
  const key = names.key(singular);
  const columns: OracleColumn[] = [{ name: key, type: 'int', nullable: false, domain: `${singular}s` }, reference(owner, referenceName(owner), false)];
  const others = before.filter((table) => table.class === 'tenant' && table !== owner && table.key !== undefined);
  if (others.length > 0 && random.chance(0.4)) columns.push(reference(random.pick(others), 'other_id', true));
  columns.push({ name: names.plain(singular, 'n'), type: 'int', nullable: true }, { name: names.plain(singular, 'name'), type: 'text', nullable: true });
  return { name: `${singular}s`, class: 'child', columns, key, primaryKey: [key], uniques: [], ownerColumn: referenceName(owner), ...(owner.shared === true ? { shared: true } : {}) };
}

function joinTable(random: Random, tenantColumn: string, before: readonly OracleTable[]): OracleTable {
  const [left, right] = random.sample(before.filter((table) => table.class === 'tenant'), 2) as [OracleTable, OracleTable];
  const columns = [reference(left, referenceName(left), false), reference(right, referenceName(right), false)];
  const primaryKey = columns.map((column) => column.name);
  // A link to a row that all share is its other side's.
  if (random.chance(0.5)) return { name: 'links', class: 'child', columns, primaryKey, uniques: [], ownerColumn: primaryKey[left.shared === true ? 1 : 0]! };
  return {
    name: 'links', class: 'tenant', primaryKey, uniques: [], tenantColumn,
    columns: [{ name: tenantColumn, type: 'int', nullable: false, domain: 'accounts', references: 'accounts' }, ...columns],
  };
}

/** Rows numbered per tenant: the key is the pair. */
function numberedTable(random: Random, tenantColumn: string): OracleTable {
  return {
    name: 'invoices', class: 'tenant', primaryKey: [tenantColumn, 'no'], uniques: [], tenantColumn,
    columns: [
      { name: tenantColumn, type: 'int', nullable: false, domain: 'accounts', references: 'accounts' },
      { name: 'no', type: 'int', nullable: false }, { name: 'amount', type: 'int', nullable: random.chance(0.5) },
    ],
  };
}

/** Rows that two columns name together, neither of them alone, and rows that hang on them, with the tenant column or without. */
function pairedTables(random: Random, tenantColumn: string): OracleTable[] {
  const tenant: OracleColumn = { name: tenantColumn, type: 'int', nullable: false, domain: 'accounts', references: 'accounts' };
  const pair = (names: readonly [string, string], nullable: boolean): OracleColumn[] => names.map((name, index) => ({ name, type: 'int', nullable, pair: { of: 'runs', index: index as 0 | 1 } }));
  const names: [string, string] = random.chance(0.5) ? ['run_no', 'run_batch'] : ['no', 'batch'];
  const hasTenant = random.chance(0.4);
  const log: OracleTable = {
    name: 'logs', key: 'id', primaryKey: ['id'], uniques: [], ...(hasTenant ? { class: 'tenant', tenantColumn } : { class: 'child', ownerColumn: names[0] }),
    columns: [{ name: 'id', type: 'int', nullable: false, domain: 'logs' }, ...(hasTenant ? [tenant] : []), ...pair(names, hasTenant && random.chance(0.5)), { name: 'n', type: 'int', nullable: true }],
  };
  const run: OracleTable = {
    name: 'runs', class: 'tenant', primaryKey: ['no', 'batch'], uniques: [], tenantColumn,
    columns: [tenant, ...pair(['no', 'batch'], false), { name: 'state', type: 'text', nullable: true }],
  };
  return [run, log];
}

function views(random: Random, tables: readonly OracleTable[], tenantColumn: string): OracleView[] {
  const result: OracleView[] = [];
  const tenant = tables.filter((table) => table.class === 'tenant' && table.key !== undefined);
  if (random.chance(0.5)) {
    const table = random.pick(tenant);
    result.push({ name: `${table.name}_view`, columns: table.columns, body: `SELECT ${table.columns.map((column) => column.name).join(', ')} FROM ${table.name}` });
  }
  if (random.chance(0.3)) {
    const table = random.pick(tenant);
    const column: OracleColumn = { name: tenantColumn, type: 'int', nullable: table.shared === true, domain: 'accounts' };
    result.push({ name: 'totals', columns: [column, { name: 'total', type: 'int', nullable: false }], body: `SELECT ${tenantColumn}, count(*)::int AS total FROM ${table.name} GROUP BY ${tenantColumn}` });
  }
  const child = tables.find((table) => table.class === 'child' && table.name === 'items');
  if (child !== undefined && random.chance(0.5)) {
    const owner = tables.find((table) => table.name === child.columns.find((column) => column.name === child.ownerColumn)!.references)!;
    if (owner.tenantColumn !== undefined) {
      const columns = [{ name: owner.tenantColumn, type: 'int' as const, nullable: owner.shared === true, domain: 'accounts' }, ...child.columns];
      result.push({
        name: 'item_details', columns,
        body: `SELECT o.${owner.tenantColumn}, ${child.columns.map((column) => `c.${column.name}`).join(', ')} FROM items c JOIN ${owner.name} o ON o.${owner.key!} = c.${child.ownerColumn!}`,
      });
    }
  }
  return result;
}

/** The schema as DDL. */
export function ddl(schema: OracleSchema): string {
  const tables = schema.tables.map((table) => {
    const columns = table.columns.map((column) => `${column.name} ${column.type}${column.nullable ? '' : ' NOT NULL'}${referencesClause(schema, column)}`);
    const keys = [`PRIMARY KEY (${table.primaryKey.join(', ')})`, ...table.uniques.map((columns) => `UNIQUE (${columns.join(', ')})`)];
    const pair = table.columns.filter((column) => column.pair !== undefined && column.pair.of !== table.name);
    if (pair.length > 0) keys.push(`FOREIGN KEY (${pair.map(({ name }) => name).join(', ')}) REFERENCES ${pair[0]!.pair!.of} (no, batch) ON DELETE CASCADE`);
    return `CREATE TABLE ${table.name} (\n  ${[...columns, ...keys].join(',\n  ')}\n);`;
  });
  const functions = (schema.trust?.tenantValues ?? []).map((name) => `CREATE FUNCTION ${name} RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN ${OWN_TENANT}; END $$;`);
  return [...tables, ...functions, ...schema.views.map((view) => `CREATE VIEW ${view.name} AS ${view.body};`)].join('\n');
}

/** Every reference cascades: otherwise a DELETE that reaches too far fails everywhere and shows nothing. */
function referencesClause(schema: OracleSchema, column: OracleColumn): string {
  if (column.references === undefined) return '';
  const target = schema.tables.find((table) => table.name === column.references)!;
  return ` REFERENCES ${target.name} (${target.key!}) ON DELETE CASCADE`;
}

/** The table that a child's rows belong to, and the condition that joins `alias` to it as `alias` followed by `o`. */
export function ownerOf(schema: OracleSchema, table: OracleTable, alias: string): { readonly owner: OracleTable; readonly condition: string } {
  const column = table.columns.find((each) => each.name === table.ownerColumn)!;
  const owner = schema.tables.find((each) => each.name === (column.pair?.of ?? column.references))!;
  if (column.pair === undefined) return { owner, condition: `${alias}o.${owner.key!} = ${alias}.${column.name}` };
  const [first, second] = table.columns.filter((each) => each.pair !== undefined) as [OracleColumn, OracleColumn];
  return { owner, condition: `(${alias}o.no, ${alias}o.batch) = (${alias}.${first.name}, ${alias}.${second.name})` };
}
