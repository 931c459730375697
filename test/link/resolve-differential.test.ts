import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Catalog } from '../../src/link/catalog/types.js';
import { resolveQuery } from '../../src/link/resolve/index.js';
import { parseQuery, readCatalog } from './resolve-catalog.js';
import { queries, schema } from './resolve-cases.js';
import { knownMisses } from './resolve-misses.js';

let db: PGlite;
let catalog: Catalog;

beforeAll(async () => {
  db = new PGlite();
  await db.exec(schema);
  catalog = await readCatalog(db);
});

afterAll(() => db.close());

/** The SQLSTATE and message with which PostgreSQL rejects a query whatever the data; undefined when it does not. */
async function verdict(query: string): Promise<{ code: string; message: string } | undefined> {
  await db.exec('begin');
  try {
    await db.exec(query.includes('$1') ? `prepare p as ${query}` : `explain ${query}`);
    return undefined;
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return code.startsWith('42') || code.startsWith('0A') || code.startsWith('25') ? { code, message } : undefined;
  } finally {
    await db.exec('rollback');
  }
}

describe('the resolver and PostgreSQL agree', () => {
  it.each(queries)('%s', async (query) => {
    const expected = await verdict(query);
    const { failures } = resolveQuery(parseQuery(query), { catalog, searchPath: ['public'], variables: new Set(), isKnownMissing: () => 'missing' });
    const found = failures[0] && { code: failures[0].code, message: failures[0].message };
    if (knownMisses.has(query)) expect({ expected: expected !== undefined, found }).toEqual({ expected: true, found: undefined });
    else expect(found).toEqual(expected);
  });

  it('reports nothing on queries that PostgreSQL takes, and is open about the rest', () => {
    expect([...knownMisses].filter((query) => !queries.includes(query))).toEqual([]);
  });
});
