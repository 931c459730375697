import { posix } from 'node:path';
import { slug } from '../names.js';
import { Sql } from '../sql.js';
import { sqlText, timestamps } from './text.js';
import type { Dialect } from './types.js';

const sql = new Sql(false, false);

/** `<timestamp>_<name>.sql` as `supabase migration new` makes them. */
export const supabaseDialect: Dialect = {
  id: 'supabase', name: 'Supabase', sql, outside: 'each',
  foreignKeyName: (table, column) => `${table.name}_${column}_fkey`,
  indexName: (table, columns) => `${table.name}_${columns.join('_')}_idx`,
  uniqueName: (table, columns) => `${table.name}_${columns.join('_')}_key`,
  render: (migrations, { migrations: past, now }) => {
    const last = past.at(-1);
    const times = timestamps(migrations.length, now, last && /^\d{14}(?!\d)/.exec(posix.basename(last.file))?.[0]);
    return migrations.map((migration, index) => ({ path: `${times[index]!}_${slug(migration.title)}.sql`, text: `-- ${migration.title}\n\n${sqlText(migration, sql)}` }));
  },
};
