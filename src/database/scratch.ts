import { UsageError } from '../errors.js';
import type { Opener } from './prove.js';
import { openServer } from './server.js';
import { quote } from './sql.js';
import { readTables } from './table-info.js';
import type { Connection } from './types.js';

/** Everything that a history of migrations may have left in a database, as the statements that drop it. */
const LEFTOVERS = `
select format('drop publication %I', pubname) as sql from pg_publication
union all select format('drop event trigger %I', evtname) from pg_event_trigger where evtowner <> 10 or evtname not like 'pg\\_%'
union all select format('drop extension if exists %I cascade', extname) from pg_extension where extname <> 'plpgsql'
union all select format('drop schema if exists %I cascade', nspname) from pg_namespace where nspname not like 'pg\\_%' and nspname <> 'information_schema'`;

/**
 * Opens one scratch database of a server for one history after the other: it must be empty at first, and what a history left is dropped before the next.
 * Roles belong to the whole server: those that a history made are dropped at its end.
 * @throws UsageError when the database cannot be reached or is not empty
 */
export function scratchOpener(url: string, timeout: number): Opener {
  let used = false;
  return async ({ extensions }) => {
    const connection = await openServer(url, timeout);
    if (used) await emptyDatabase(connection);
    else if ((await readTables(connection)).length > 0) {
      await connection.close();
      throw new UsageError('The database is not empty: replay runs on an empty scratch database only');
    }
    used = true;
    const available = new Set((await connection.rows<{ name: string }>('select name from pg_available_extensions')).map(({ name }) => name));
    return { connection: await withoutItsRoles(connection), missing: extensions.filter((name) => !available.has(name)) };
  };
}

async function emptyDatabase(connection: Connection): Promise<void> {
  for (const { sql } of await connection.rows<{ sql: string }>(LEFTOVERS)) await connection.run(sql);
  await connection.run('create schema public; grant usage on schema public to public');
}

/** The same connection; closing it drops the roles that were made over it. */
async function withoutItsRoles(connection: Connection): Promise<Connection> {
  const names = async () => (await connection.rows<{ name: string }>('select rolname as name from pg_roles')).map(({ name }) => name);
  const before = new Set(await names());
  const makers: string[] = [];
  return {
    ...connection,
    run: (sql) => {
      if (/\bcreate\s+(role|user|group)\b/i.test(sql)) makers.push(sql.toLowerCase());
      return connection.run(sql);
    },
    close: async () => {
      await connection.run('rollback; reset all; reset role');
      for (const name of await names()) {
        // Another user of the server may have made roles meanwhile.
        if (before.has(name) || !makers.some((sql) => sql.includes(name.toLowerCase()))) continue;
        await connection.run(`reassign owned by ${quote(name)} to current_user; drop owned by ${quote(name)}; drop role ${quote(name)}`);
      }
      await connection.close();
    },
  };
}
