import type { PGlite } from '@electric-sql/pglite';
import { createCatalog, newTable } from '../../src/link/catalog/state.js';
import type { Catalog, Column, Origin, RelationKind } from '../../src/link/catalog/types.js';
import type { SqlType } from '../../src/facts/expression.js';
import type { Query } from '../../src/facts/query.js';
import { createContext } from '../../src/parse/sql/context.js';
import { parseTree } from '../../src/parse/sql/engine.js';
import { lowerQuery } from '../../src/parse/sql/query.js';

const origin: Origin = { location: { file: 'schema.sql', start: 0, end: 0 } };
const kinds: Record<string, RelationKind> = { r: 'table', p: 'table', v: 'view', m: 'materializedView', f: 'foreignTable' };

/** Reads a catalog from a live database, so that the resolver is tested apart from the replay. */
export async function readCatalog(db: PGlite): Promise<Catalog> {
  const catalog = createCatalog();
  const relations = await db.query<{ schema: string; name: string; kind: string }>(`select n.nspname as schema, c.relname as name, c.relkind as kind
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('public', 'audit') and c.relkind in ('r', 'p', 'v', 'm')`);
  for (const { schema, name, kind } of relations.rows) {
    catalog.schemas.set(schema, undefined);
    catalog.tables.set(`${schema}.${name}`, { ...newTable(schema, name, origin), kind: kinds[kind]! });
  }
  await readColumns(db, catalog);
  await readKeys(db, catalog);
  await readTypes(db, catalog);
  const functions = await db.query<{ name: string }>("select proname as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public'");
  for (const { name } of functions.rows) {
    catalog.functions.set(`public.${name}`, [{
      schema: 'public', name, parameters: [], language: 'sql', procedure: false, securityDefiner: false, settings: {}, volatility: 'volatile', origin,
    }]);
  }
  return catalog;
}

async function readColumns(db: PGlite, catalog: Catalog): Promise<void> {
  const columns = await db.query<{ schema: string; table: string; name: string; not_null: boolean; generated: string; type: string; elem: string | null; own: string }>(`
    select n.nspname as schema, c.relname as table, a.attname as name, a.attnotnull as not_null, a.attgenerated::text || a.attidentity::text as generated,
      t.typname as type, e.typname as elem, tn.nspname as own
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace join pg_type t on t.oid = a.atttypid
    join pg_namespace tn on tn.oid = t.typnamespace left join pg_type e on e.oid = t.typelem and t.typcategory = 'A'
    where a.attnum > 0 and not a.attisdropped and n.nspname in ('public', 'audit') and c.relkind in ('r', 'p', 'v', 'm') order by a.attnum`);
  for (const row of columns.rows) {
    const type: SqlType = { ...(row.own === 'pg_catalog' ? {} : { schema: row.own }), name: row.elem ?? row.type, modifiers: [], dimensions: row.elem ? 1 : 0 };
    const column: Column = {
      name: row.name, type, notNull: row.not_null, added: origin,
      ...(row.generated === 's' ? { generated: 'stored' as const } : row.generated === '' ? {} : { generated: 'identity' as const }),
    };
    catalog.tables.get(`${row.schema}.${row.table}`)!.columns.set(row.name, column);
  }
}

async function readKeys(db: PGlite, catalog: Catalog): Promise<void> {
  const constraints = await db.query<{ schema: string; table: string; name: string; type: string; columns: string[] }>(`
    select n.nspname as schema, c.relname as table, k.conname as name, k.contype::text as type,
      array(select a.attname::text from unnest(k.conkey) with ordinality as u(num, pos) join pg_attribute a on a.attrelid = c.oid and a.attnum = u.num order by u.pos) as columns
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace where k.contype in ('p', 'u')`);
  for (const { schema, table, name, type, columns } of constraints.rows) {
    const owner = catalog.tables.get(`${schema}.${table}`);
    if (!owner) continue;
    const key = { kind: type === 'p' ? 'primaryKey' as const : 'unique' as const, name, columns, nullsNotDistinct: false, origin };
    if (type === 'p') owner.primaryKey = key;
    else owner.uniques.push(key);
  }
  const indexes = await db.query<{ schema: string; table: string; name: string; uniq: boolean; columns: (string | null)[]; predicate: string | null }>(`
    select n.nspname as schema, c.relname as table, i.relname as name, x.indisunique as uniq, pg_get_expr(x.indpred, x.indrelid) as predicate,
      array(select a.attname::text from unnest(x.indkey::int2[]) with ordinality as u(num, pos) left join pg_attribute a on a.attrelid = c.oid and a.attnum = u.num order by u.pos) as columns
    from pg_index x join pg_class c on c.oid = x.indrelid join pg_class i on i.oid = x.indexrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'audit')`);
  for (const { schema, table, name, uniq, columns, predicate } of indexes.rows) {
    const where = predicate === null ? {} : { where: parseExpression(predicate) };
    catalog.tables.get(`${schema}.${table}`)!.indexes.push({
      name, unique: uniq, keys: columns.map((column) => (column === null ? {} : { column })), include: [], ...where, method: 'btree',
      nullsNotDistinct: false, concurrently: false, origin,
    });
  }
}

async function readTypes(db: PGlite, catalog: Catalog): Promise<void> {
  const types = await db.query<{ name: string; kind: string; base: string | null }>(`select t.typname as name, t.typtype::text as kind, b.typname as base
    from pg_type t join pg_namespace n on n.oid = t.typnamespace left join pg_type b on b.oid = t.typbasetype where n.nspname = 'public' and t.typtype in ('e', 'd')`);
  for (const { name, kind, base } of types.rows) {
    catalog.types.set(`public.${name}`, {
      schema: 'public', name, form: kind === 'e' ? 'enum' : 'domain', labels: [], checks: [], origin,
      ...(base === null ? {} : { baseType: { name: base, modifiers: [], dimensions: 0 } }),
    });
  }
}

/** Parses one query; its locations are those of the text. */
export function parseQuery(text: string): Query {
  const tree = parseTree(text);
  if (!tree.ok) throw new Error(`${tree.message}: ${text}`);
  return lowerQuery(tree.statements[0]!.node, createContext({ file: 'query.sql', text, locate: (start, end) => ({ file: 'query.sql', start, end }) }));
}

function parseExpression(text: string) {
  const query = parseQuery(`select ${text}`);
  if (query.kind !== 'select') throw new Error(text);
  return query.targets[0]!.expression;
}

