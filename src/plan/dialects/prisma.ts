import { slug } from '../names.js';
import { Sql } from '../sql.js';
import { sqlText, timestamps } from './text.js';
import type { Dialect } from './types.js';

const sql = new Sql(true, true);

/** `<timestamp>_<name>/migration.sql`, names as `prisma migrate` gives them. A migration of one statement runs outside of a transaction. */
export const prismaDialect: Dialect = {
  id: 'prisma', name: 'Prisma', sql, outside: 'single',
  foreignKeyName: (table, column) => `${table.name}_${column}_fkey`,
  indexName: (table, columns) => `${table.name}_${columns.join('_')}_idx`,
  uniqueName: (table, columns) => `${table.name}_${columns.join('_')}_key`,
  render: (migrations, { migrations: past, now }) => {
    const times = timestamps(migrations.length, now, /^\d{14}/.exec(past.at(-1)?.id ?? '')?.[0]);
    return migrations.map((migration, index) => ({ path: `${times[index]!}_${slug(migration.title)}/migration.sql`, text: sqlText(migration, sql) }));
  },
};
