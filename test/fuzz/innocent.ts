/** A small project with findings of its own: whatever stands beside it or was read before it, they stay the same. */
export const INNOCENT: ReadonlyMap<string, string> = new Map([
  ['migrations/0001_base.sql', `create table accounts (id uuid primary key);
create table zebra (id uuid primary key, account_id uuid references accounts (id));
create function stripe() returns void language plpgsql as $$ begin update zebra set account_id = null where id is null; end $$;
`],
  ['migrations/0002_late.sql', 'alter table zebra alter column account_id set not null;\n'],
  ['src/zebra.ts', 'import { Pool } from \'pg\';\nconst pool = new Pool();\nexport const read = (id: string) => pool.query(\'select * from zebra where id = $1\', [id]);\nexport const own = (id: string, accountId: string) => pool.query(\'select * from zebra where id = $1 and account_id = $2\', [id, accountId]);\n'],
  ['src/zebra.py', 'import psycopg2\n\n\ndef read(id):\n    with psycopg2.connect() as conn:\n        conn.cursor().execute("select * from zebra where id = %s", (id,))\n'],
]);

/** The configuration of a project that holds the innocent one and another. */
export const SHARED_CONFIG = '{ "tenant": { "column": ["account_id", "org_id", "tenant_id"], "root": "accounts" } }';
