import { PGlite } from '@electric-sql/pglite';
import { openServer } from '../src/database/server.js';
import type { Connection } from '../src/database/types.js';

/** As much of a database as the tests ask of it. */
export interface Database {
  /** Runs statements without parameters. */
  exec(sql: string): Promise<unknown>;
  query<T>(sql: string, parameters?: unknown[]): Promise<{ readonly rows: T[] }>;
  close(): Promise<void>;
}

/** The same as the tool's own part knows it. */
export function connectionOf(db: Database): Pick<Connection, 'run' | 'rows'> {
  return { run: async (sql) => void await db.exec(sql), rows: async <T>(sql: string) => (await db.query<T>(sql)).rows };
}

/** The embedded PostgreSQL, or a database of a server, which is several times as fast. @param url of a scratch database, as superuser: everything in it is dropped */
export async function openDatabase(url?: string): Promise<Database> {
  if (url === undefined) return PGlite.create();
  const { run, rows, close } = await openServer(url, 60_000);
  return { exec: run, query: async <T>(sql: string, parameters: unknown[] = []) => ({ rows: await rows<T>(sql, parameters) }), close };
}
