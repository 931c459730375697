import { describe, expect, it } from 'vitest';
import type { Query } from '../../src/facts/query.js';
import { query, shape, textOf } from './lower.js';

/** Every query in a query, with its text. */
function texts(sql: string): string[] {
  const found: string[] = [];
  const walk = (node: unknown): void => {
    if (node === null || typeof node !== 'object') return;
    if ('with' in node && 'location' in node) found.push(textOf(sql, (node as Query).location));
    for (const value of Object.values(node)) if (Array.isArray(value)) value.forEach(walk); else walk(value);
  };
  walk(query(sql));
  return found;
}

describe('the span of a query runs from its first keyword to its end', () => {
  it.each([
    ['SELECT a FROM t WHERE b = 1 ORDER BY c LIMIT 3', []],
    ['SELECT DISTINCT ON (a) (a) FROM t', []],
    ['SELECT * FROM (SELECT 1) x', ['SELECT 1']],
    ['SELECT FROM t', []],
    ['TABLE t', []],
    ['VALUES (1), ((2))', []],
    ['SELECT 1 WHERE a IN (SELECT (b) FROM u)', ['SELECT (b) FROM u']],
    ['SELECT 1 UNION SELECT 2 ORDER BY 1', ['SELECT 1', 'SELECT 2']],
    ['WITH a AS (SELECT 1) SELECT * FROM a', ['SELECT 1']],
    ['INSERT INTO t (a) SELECT 1 ON CONFLICT DO NOTHING RETURNING a', ['SELECT 1']],
    ['INSERT INTO t VALUES (1) RETURNING a', ['VALUES (1)']],
    ['WITH d AS (DELETE FROM t RETURNING *) UPDATE u SET a = (SELECT 1)', ['DELETE FROM t RETURNING *', 'SELECT 1']],
  ])('%s', (sql, inner) => {
    expect(texts(sql).sort()).toEqual([sql, ...inner].sort());
  });

  it('keeps the ORDER BY of an arm in parentheses with that arm', () => {
    expect(texts('(SELECT a ORDER BY b LIMIT 1) UNION ALL (SELECT c)')).toEqual([
      'SELECT a ORDER BY b LIMIT 1) UNION ALL (SELECT c)', 'SELECT a ORDER BY b LIMIT 1', 'SELECT c',
    ]);
  });
});

describe('what decides scoping is kept', () => {
  it.each<[string, object]>([
    ['SELECT DISTINCT a FROM t', { distinct: true, distinctOn: [] }],
    ['SELECT DISTINCT ON (a) a FROM t', { distinctOn: [{ path: ['a'] }] }],
    ['SELECT a FROM ONLY t', { from: [{ kind: 'table', only: true }] }],
    ['SELECT a FROM t TABLESAMPLE system (1)', { from: [{ kind: 'table', sampled: true, name: { name: 't' } }] }],
    ['SELECT a FROM t LIMIT ALL', { orderBy: [] }],
    ['SELECT a FROM t FETCH FIRST 2 ROWS ONLY', { limit: { value: 2 } }],
    ['SELECT a FROM t x JOIN u USING (id) AS j', { from: [{ type: 'inner', using: ['id'], usingAlias: 'j', left: { alias: 'x' } }] }],
    ['SELECT a FROM t NATURAL LEFT JOIN u', { from: [{ type: 'left', natural: true }] }],
    ['SELECT a FROM t CROSS JOIN u', { from: [{ type: 'cross' }] }],
    ['SELECT a FROM t, LATERAL (SELECT 1) l(x)', { from: [{ kind: 'table' }, { kind: 'derived', lateral: true, alias: 'l', columnAliases: ['x'] }] }],
    ['SELECT a FROM unnest(b) WITH ORDINALITY AS u(x, n)', { from: [{ kind: 'function', ordinality: true, columnAliases: ['x', 'n'] }] }],
    ['SELECT a FROM f() AS (x int, y text)', { from: [{ kind: 'function', columnAliases: ['x', 'y'] }] }],
    ["SELECT * FROM json_table(j, '$' COLUMNS (a int, NESTED '$.b' COLUMNS (c int)))", { from: [{ kind: 'function', columnAliases: ['a', 'c'] }] }],
    ['SELECT rank() OVER w FROM t WINDOW v AS (PARTITION BY a), w AS (v ORDER BY b)', {
      targets: [{ expression: { over: { partitionBy: [{ path: ['a'] }], orderBy: [{ path: ['b'] }] } } }],
    }],
    ['SELECT a FROM t GROUP BY ROLLUP (a), b HAVING count(*) > 1', { groupBy: [{ kind: 'other', name: 'rollup' }, { kind: 'column' }], having: { operator: '>' } }],
    ['SELECT a FROM t x FOR UPDATE OF x', { lockingOf: ['x'] }],
    ['SELECT a INTO s.n FROM t', { intoTable: { schema: 's', name: 'n' } }],
    ['WITH RECURSIVE c (n) AS MATERIALIZED (SELECT 1 UNION SELECT n FROM c) CYCLE n SET hit USING path SELECT * FROM c', {
      recursive: true, with: [{ name: 'c', columns: ['n'], materialized: true, addedColumns: ['hit', 'path'] }],
    }],
    ['INSERT INTO t DEFAULT VALUES', { kind: 'insert', columns: [] }],
    ['INSERT INTO t (a, b) OVERRIDING SYSTEM VALUE VALUES (1, DEFAULT)', { overriding: 'system', source: { rows: [[{ value: 1 }, { kind: 'other', name: 'default' }]] } }],
    ['INSERT INTO t AS x VALUES (1) ON CONFLICT (a, lower(b)) WHERE c DO UPDATE SET d = excluded.d WHERE x.e', {
      target: { alias: 'x' },
      onConflict: { action: 'update', columns: ['a'], expressions: true, targetWhere: { path: ['c'] }, set: [{ column: 'd' }], where: { path: ['x', 'e'] } },
    }],
    ['INSERT INTO t VALUES (1) ON CONFLICT ON CONSTRAINT k DO NOTHING', { onConflict: { action: 'nothing', constraint: 'k', columns: [] } }],
    ['DELETE FROM t USING u WHERE t.a = u.a RETURNING t.a', { kind: 'delete', using: [{ name: { name: 'u' } }], returning: [{ expression: { path: ['t', 'a'] } }] }],
    ['UPDATE t SET a = DEFAULT, b[1] = 2 FROM u', { set: [{ column: 'a' }, { column: 'b', partial: true, value: { value: 2 } }], from: [{ name: { name: 'u' } }] }],
    ['UPDATE t SET a = 1 RETURNING WITH (OLD AS o) o.a', { returningNames: { old: 'o' } }],
  ])('%s', (sql, wanted) => {
    expect(query(sql)).toMatchObject(wanted);
  });

  it('gives both columns of a multiple assignment the same sub-select', () => {
    const lowered = query('UPDATE t SET (a, b) = (SELECT x, y FROM u), (c, d) = (1, DEFAULT)');
    if (lowered.kind !== 'update') throw new Error('not an update');
    const [a, b, c, d] = lowered.set;
    expect(a!.value).toBe(b!.value);
    expect([a!.position, b!.position, c!.position]).toEqual([0, 1, undefined]);
    expect([c!.value, d!.value].map(shape)).toEqual([{ kind: 'constant', value: 1 }, undefined]);
  });

  it('gives every branch of MERGE its place', () => {
    const sql = `MERGE INTO t USING u ON t.id = u.id
      WHEN MATCHED AND CASE WHEN u.gone THEN true END THEN DELETE
      WHEN NOT MATCHED BY SOURCE THEN UPDATE SET a = 1
      WHEN NOT MATCHED THEN INSERT (id, a) VALUES (u.id, 2)
      RETURNING merge_action()`;
    const lowered = query(sql);
    if (lowered.kind !== 'merge') throw new Error('not a merge');
    expect(lowered.branches.map(({ when, action }) => [when, action])).toEqual([['matched', 'delete'], ['notMatchedBySource', 'update'], ['notMatchedByTarget', 'insert']]);
    expect(lowered.branches.map(({ location }) => textOf(sql, location))).toEqual([
      'WHEN MATCHED AND CASE WHEN u.gone THEN true END THEN DELETE',
      'WHEN NOT MATCHED BY SOURCE THEN UPDATE SET a = 1',
      'WHEN NOT MATCHED THEN INSERT (id, a) VALUES (u.id, 2)',
    ]);
    expect(lowered.branches[2]).toMatchObject({ columns: ['id', 'a'], values: [{ path: ['u', 'id'] }, { value: 2 }] });
  });

  it('nests set operations as PostgreSQL does', () => {
    expect(query('SELECT 1 UNION ALL SELECT 2 EXCEPT (SELECT 3 INTERSECT SELECT 4)')).toMatchObject({
      kind: 'set', operator: 'except', all: false, left: { operator: 'union', all: true }, right: { operator: 'intersect' },
    });
  });

  it('takes thousands of UNION arms', () => {
    const sql = Array.from({ length: 2000 }, (_, index) => `SELECT ${index}`).join(' UNION ALL ');
    expect(query(sql)).toMatchObject({ kind: 'set', right: { kind: 'select' } });
  });
});
