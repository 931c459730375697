import type { PGlite } from '@electric-sql/pglite';
import { columnNames } from '../../src/link/catalog/references.js';
import type { Catalog, Index, Table } from '../../src/link/catalog/types.js';

/** A database's state as sorted lines, for comparing PostgreSQL's catalog with ours. */
export type State = readonly string[];

const schemaName = (alias: string): string => `case when ${alias}.nspname like 'pg_temp%' then 'pg_temp' else ${alias}.nspname end`;
const userSchema = (alias: string): string => `${alias}.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and ${alias}.nspname not like 'pg_toast%'`;

const queries = [
  `select 'table ' || ${schemaName('n')} || '.' || relname || ' ' || relkind::text || ' rls=' || relrowsecurity || ' force=' || relforcerowsecurity
   from pg_class c join pg_namespace n on n.oid = relnamespace where relkind in ('r', 'p', 'v', 'm', 'f') and ${userSchema('n')}`,
  `select 'column ' || ${schemaName('n')} || '.' || relname || '.' || attname || ' ' || t.typname || ' notnull='
     || (attnotnull and not exists (select 1 from pg_constraint where conrelid = c.oid and contype = 'n' and conkey = array[attnum] and not convalidated))
     || ' default=' || (atthasdef and attgenerated = '') || ' generated=' || (attgenerated <> '' or attidentity <> '')
   from pg_attribute a join pg_class c on c.oid = attrelid join pg_namespace n on n.oid = relnamespace join pg_type t on t.oid = atttypid
   where attnum > 0 and not attisdropped and relkind in ('r', 'p', 'v', 'm', 'f') and ${userSchema('n')}`,
  `select 'constraint ' || ${schemaName('n')} || '.' || relname || '.' || conname || ' ' || contype::text || ' valid=' || convalidated || ' columns='
     || coalesce((select string_agg(attname, ',' order by attname) from pg_attribute where attrelid = c.oid and attnum = any (conkey)), '')
     || case when contype = 'f' then ' references=' || (select f.relname from pg_class f where f.oid = confrelid) || '(' ||
       (select string_agg(attname, ',' order by attname) from pg_attribute where attrelid = confrelid and attnum = any (confkey)) || ')' else '' end
   from pg_constraint k join pg_class c on c.oid = conrelid join pg_namespace n on n.oid = relnamespace
   where contype in ('p', 'u', 'f', 'c', 'n', 'x') and ${userSchema('n')}`,
  `select 'index ' || ${schemaName('n')} || '.' || i.relname || ' unique=' || indisunique || ' partial=' || (indpred is not null) || ' keys='
     || (select string_agg(coalesce(attname, '?'), ',' order by ord) from unnest(indkey::int[]) with ordinality as k (num, ord)
         left join pg_attribute a on a.attrelid = indrelid and a.attnum = k.num where ord <= indnkeyatts)
   from pg_index x join pg_class i on i.oid = indexrelid join pg_namespace n on n.oid = i.relnamespace where ${userSchema('n')}`,
  `select 'policy ' || ${schemaName('n')} || '.' || relname || '.' || polname || ' ' || polcmd::text || ' permissive=' || polpermissive || ' using='
     || (polqual is not null) || ' check=' || (polwithcheck is not null)
   from pg_policy p join pg_class c on c.oid = polrelid join pg_namespace n on n.oid = relnamespace`,
  `select 'trigger ' || ${schemaName('n')} || '.' || relname || '.' || tgname || ' enabled=' || (tgenabled <> 'D')
   from pg_trigger t join pg_class c on c.oid = tgrelid join pg_namespace n on n.oid = relnamespace where not tgisinternal`,
  `select 'sequence ' || ${schemaName('n')} || '.' || relname from pg_class c join pg_namespace n on n.oid = relnamespace
   where relkind = 'S' and ${userSchema('n')}`,
  `select 'enum ' || n.nspname || '.' || typname || ' ' || string_agg(enumlabel, ',' order by enumsortorder)
   from pg_enum join pg_type t on t.oid = enumtypid join pg_namespace n on n.oid = typnamespace group by n.nspname, typname`,
  `select 'function ' || n.nspname || '.' || proname || '/' || pronargs from pg_proc p join pg_namespace n on n.oid = pronamespace where ${userSchema('n')}`,
  `select 'schema ' || n.nspname from pg_namespace n where ${userSchema('n')} and n.nspname not like 'pg_temp%'`,
];

/** Reads the state of a real database. */
export async function readDatabase(database: PGlite): Promise<State> {
  const lines: string[] = [];
  for (const query of queries) {
    for (const row of (await database.query<Record<string, string>>(query)).rows) lines.push(Object.values(row)[0]!);
  }
  return lines.sort();
}

/** Reads the same of a catalog. */
export function readCatalog(catalog: Catalog): State {
  const lines = [...catalog.tables.values()].flatMap((table) => tableLines(catalog, table));
  for (const key of catalog.sequences.keys()) lines.push(`sequence ${key}`);
  for (const type of catalog.types.values()) if (type.form === 'enum') lines.push(`enum ${type.schema}.${type.name} ${type.labels.join(',')}`);
  for (const [key, overloads] of catalog.functions) {
    for (const entry of overloads) {
      lines.push(`function ${key}/${entry.parameters.filter(({ mode }) => mode !== 'out' && mode !== 'table').length}`);
    }
  }
  for (const schema of catalog.schemas.keys()) if (schema !== 'pg_catalog' && schema !== 'information_schema') lines.push(`schema ${schema}`);
  return lines.sort();
}

function tableLines(catalog: Catalog, table: Table): readonly string[] {
  const key = `${table.schema}.${table.name}`;
  const letter = { table: table.partitioned ? 'p' : 'r', view: 'v', materializedView: 'm', foreignTable: 'f' }[table.kind];
  const lines = [`table ${key} ${letter} rls=${table.rowSecurity} force=${table.forceRowSecurity}`];
  const add = (name: string, type: string, valid: boolean, columns: readonly string[], rest = ''): void => {
    lines.push(`constraint ${key}.${name} ${type} valid=${valid} columns=${[...columns].sort().join(',')}${rest}`);
  };
  for (const column of table.columns.values()) {
    const { notNull, generated, type } = column;
    const isTable = table.kind === 'table' || table.kind === 'foreignTable';
    lines.push(`column ${key}.${column.name} ${type.dimensions > 0 ? '_' : ''}${type.name} notnull=${notNull && isTable} default=${column.default !== undefined && !generated} generated=${generated !== undefined}`);
    if (column.notNullName !== undefined && isTable) add(column.notNullName, 'n', notNull, [column.name]);
  }
  if (table.primaryKey) add(table.primaryKey.name, 'p', true, table.primaryKey.columns);
  for (const unique of table.uniques) add(unique.name, 'u', true, unique.columns);
  for (const exclusion of table.exclusions) add(exclusion.name!, 'x', true, exclusion.columns);
  for (const check of table.checks) add(check.name, 'c', check.validated, columnNames(check.expression));
  for (const foreignKey of table.foreignKeys) {
    const to = catalog.tables.get(foreignKey.table)!;
    add(foreignKey.name, 'f', foreignKey.validated, foreignKey.columns, ` references=${to.name}(${[...foreignKey.referencedColumns].sort().join(',')})`);
  }
  for (const index of table.indexes) lines.push(indexLine(table, index));
  for (const policy of table.policies) {
    const command = { all: '*', select: 'r', insert: 'a', update: 'w', delete: 'd' }[policy.command];
    lines.push(`policy ${key}.${policy.name} ${command} permissive=${policy.permissive} using=${policy.using !== undefined} check=${policy.withCheck !== undefined}`);
  }
  for (const trigger of table.triggers) lines.push(`trigger ${key}.${trigger.name} enabled=${trigger.enabled}`);
  return lines;
}

function indexLine(table: Table, index: Index): string {
  const keys = index.keys.map((part) => part.column ?? '?').join(',');
  return `index ${table.schema}.${index.name} unique=${index.unique} partial=${index.where !== undefined} keys=${keys}`;
}
