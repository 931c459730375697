import type { Extensions, PGlite } from '@electric-sql/pglite';
import { UsageError } from '../errors.js';
import { modules } from '../import.js';
import type { Connection } from './types.js';

/** An embedded database, and the extensions asked for that it does not ship. */
export interface Embedded {
  readonly connection: Connection;
  readonly missing: readonly string[];
}

/**
 * Starts PGlite, PostgreSQL as WebAssembly, in memory. The package is loaded only here: linting does not need it.
 * @param extensions names as CREATE EXTENSION writes them
 * @throws UsageError when the package is not installed
 */
export async function openEmbedded(extensions: readonly string[] = []): Promise<Embedded> {
  const loaded = new Map<string, Extensions[string]>();
  const missing: string[] = [];
  const { PGlite: Constructor } = await loadPackage();
  for (const name of extensions) {
    if (name === 'plpgsql') continue;
    const module = name.replaceAll('-', '_');
    const shipped = await importContrib(module);
    if (shipped === undefined) missing.push(name);
    else loaded.set(module, shipped);
  }
  const db = await Constructor.create({ extensions: Object.fromEntries(loaded) });
  return { connection: pgliteConnection(db), missing };
}

/** A PGlite instance as a Connection. */
export function pgliteConnection(db: PGlite): Connection {
  return {
    run: async (sql) => void await db.exec(sql),
    rows: async <T>(sql: string, parameters: readonly unknown[] = []) => (await db.query<T>(sql, [...parameters])).rows,
    affected: async (sql) => {
      const result = await db.query(sql);
      return result.rows.length > 0 ? result.rows.length : result.affectedRows ?? 0;
    },
    close: async () => db.close(),
  };
}

async function loadPackage(): Promise<{ PGlite: typeof PGlite }> {
  try {
    return await modules.import('@electric-sql/pglite') as { PGlite: typeof PGlite };
  } catch {
    throw new UsageError('The embedded PostgreSQL is not installed: run "npm install --save-dev @electric-sql/pglite", or give --database-url of an empty scratch database');
  }
}

/** The extension of PGlite's contrib folder by its module name; undefined when there is none. */
async function importContrib(module: string): Promise<Extensions[string] | undefined> {
  if (!/^[a-z0-9_]+$/.test(module)) return undefined;
  try {
    const path = `@electric-sql/pglite/contrib/${module}`;
    return (await modules.import(path) as Extensions)[module];
  } catch {
    return undefined;
  }
}
