import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Catalog } from '../../src/link/catalog/types.js';
import { resolveQuery } from '../../src/link/resolve/index.js';
import { parseQuery, readCatalog } from './resolve-catalog.js';
import { outputs, queries, schema } from './resolve-cases.js';
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

  it('on the names and types of output columns', async () => {
    const types = new Map((await db.query<{ oid: number; name: string }>('select oid::int as oid, typname as name from pg_type')).rows.map((row) => [row.oid, row.name]));
    const faults: string[] = [];
    for (const query of [...queries, ...outputs]) {
      const { failures, columns } = resolveQuery(parseQuery(query), { catalog, searchPath: ['public'], variables: new Set(), isKnownMissing: () => 'missing' });
      if (failures.length > 0 || !columns || await verdict(query)) continue;
      const described = await db.describeQuery(query).catch(() => undefined);
      if (!described) continue;
      const expected = described.resultFields.map((field) => ({ name: field.name, type: types.get(field.dataTypeID)! }));
      const found = columns.map(({ name, type }) => ({ name, type: type && `${type.dimensions > 0 ? '_' : ''}${type.name}` }));
      const agree = expected.length === found.length && found.every(({ name, type }, index) => name === expected[index]!.name && (type === undefined || type === expected[index]!.type || type === 'short_text'));
      if (!agree) faults.push(`${query}: ${JSON.stringify(found)} should be ${JSON.stringify(expected)}`);
    }
    expect(faults.join('\n')).toBe('');
  });

  it('lists no miss that is not tried', () => {
    expect([...knownMisses].filter((query) => !queries.includes(query))).toEqual([]);
  });
});
