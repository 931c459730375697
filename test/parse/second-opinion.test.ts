import { astVisitor, parse } from 'pgsql-ast-parser';
import { describe, expect, it } from 'vitest';
import { query } from './lower.js';

/** What another, independent parser finds in a statement: its kind, its tables, its column names. */
function theirs(sql: string) {
  const [statement] = parse(sql);
  const tables: string[] = [];
  const columns: string[] = [];
  astVisitor((visit) => ({
    tableRef: (table) => { tables.push(table.name); visit.super().tableRef(table); },
    ref: (column) => { if (column.name !== '*') columns.push(column.name); visit.super().ref(column); },
  })).statement(statement!);
  return { kind: statement!.type, tables: tables.sort(), columns: columns.sort() };
}

function ours(sql: string) {
  const lowered = query(sql);
  const tables: string[] = [];
  const columns: string[] = [];
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(walk);
    if (node === null || typeof node !== 'object') return;
    const { kind, path, name } = node as { kind?: string; path?: string[]; name?: { name: string } };
    if (kind === 'column') columns.push(path!.at(-1)!);
    if (kind === 'table') tables.push(name!.name);
    Object.values(node).forEach(walk);
  };
  walk(lowered);
  return { kind: lowered.with.length > 0 ? 'with' : lowered.kind, tables: tables.sort(), columns: columns.sort() };
}

describe('an independent parser finds the same kind, tables and columns', () => {
  it.each([
    'SELECT a, t.b FROM t WHERE c = 1 AND d IN (SELECT e FROM u WHERE u.f = t.g)',
    'SELECT a FROM t LEFT JOIN u ON t.id = u.t_id INNER JOIN s.v ON v.id = u.v_id WHERE EXISTS (SELECT 1 FROM w WHERE w.x = t.y)',
    "SELECT CASE WHEN a IS NULL THEN b ELSE coalesce(c, d) END FROM t WHERE e BETWEEN f AND g OR h LIKE 'x'",
    'SELECT count(*), max(a) FROM t GROUP BY b HAVING count(c) > 1 ORDER BY d LIMIT 3',
    'WITH x AS (SELECT a FROM t) SELECT b FROM x JOIN u ON x.a = u.a',
    'SELECT a::text, CAST(b AS int), c || d, e[1] FROM t',
    'UPDATE t SET a = u.b FROM u WHERE t.id = u.id AND u.c IS NOT NULL',
    'DELETE FROM t WHERE a NOT IN (SELECT b FROM u) RETURNING c',
    'SELECT x.a FROM (SELECT a, b FROM t) x WHERE x.b = ANY (SELECT c FROM u)',
    'SELECT a FROM t WHERE (b, c) = (d, e) AND NOT (f OR g)',
  ])('%s', (sql) => {
    expect(ours(sql)).toEqual(theirs(sql));
  });
});
