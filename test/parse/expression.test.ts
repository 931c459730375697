import { describe, expect, it } from 'vitest';
import { lowerType } from '../../src/parse/sql/expression.js';
import { expression, nodeOf, shape } from './lower.js';

const column = (...path: string[]) => ({ kind: 'column', path });
const constant = (value: unknown) => ({ kind: 'constant', value });

describe('the span of an expression is its text', () => {
  it.each([
    'a', 't.a', '"S"."T".a', 't.*', '-1', '$1', "'it''s'", "$q$x$q$", 'NULL', 'true',
    'a + b', '(a + b) * c', 'a * (b + c)', '((a)) = ((b))', '- (a)', 'a || b || (c)', 'a OPERATOR(pg_catalog.=) b',
    'a AND (b OR c)', '(a OR b) AND c', 'NOT (a AND b)', '(a) AND (b)',
    '(a) IS NULL', 'a IS NOT NULL', 'a ISNULL', '(a OR b) IS NOT TRUE', 'a IS UNKNOWN',
    'a IS DISTINCT FROM (b)', 'a IS NOT DISTINCT FROM b', 'a IN (1, (2))', '(a) NOT IN (1, 2)', 'a BETWEEN (1) AND (2)', 'a NOT BETWEEN SYMMETRIC 1 AND 2',
    "a LIKE 'x'", "a NOT ILIKE 'x' ESCAPE '!'", "a SIMILAR TO 'x'", "a AT TIME ZONE 'utc'", '(a, b) OVERLAPS (c, d)',
    'a = ANY (b)', 'a <> ALL (ARRAY[1, 2])', 'a = ANY (SELECT 1)', 'a IN (SELECT b FROM t)', '(a) NOT IN (SELECT 1)', '(a, b) IN (SELECT 1, 2)',
    'EXISTS (SELECT 1)', 'NOT EXISTS (SELECT 1)', 'ARRAY(SELECT 1)', '(SELECT 1)', 'ARRAY[[1], [2]]', 'ROW(1, 2)', '(1, 2) = (a, b)',
    'count(*)', 's.f(a, b => 1)', 'f(DISTINCT a ORDER BY b) FILTER (WHERE c)', 'rank() OVER (PARTITION BY a ORDER BY b)', 'percentile_cont(0.5) WITHIN GROUP (ORDER BY a)',
    'coalesce(a, b)', 'NULLIF(a, b)', 'GREATEST(a, b)', 'current_user', 'CURRENT_SCHEMA', 'current_timestamp(3)',
    'EXTRACT(year FROM a)', 'trim(both from a)', 'substring(a from 1 for 2)', 'position(a in b)', 'COLLATION FOR (a)',
    'CAST(a AS int)', '(a)::numeric(10, 2)[]', 'a::timestamp with time zone', 'a::double precision', "a::character varying(3)", 'a::s.t', "date '2020-01-01'",
    'CASE WHEN a THEN b END', 'CASE a WHEN 1 THEN CASE WHEN b THEN c END ELSE (d) END',
    '(r).x', '(r).x.y', 'a[1]', 'a[1:2]', '(f(1)).*', '(a[1]).b',
    'a IS DOCUMENT', 'a IS NOT DOCUMENT', 'a IS JSON', '(a) IS NOT JSON ARRAY', "json_object('a': b)", 'json_array(1, 2)', 'json_array(SELECT 1)',
    "json_value(a, '$.x')", 'json_objectagg(a: b) FILTER (WHERE c)', 'xmlelement(name a, b)', 'xmlforest(a, b AS c)', 'xmlserialize(content a as text)',
    'GROUPING(a)', 'é + ü', "'😀' || a",
  ])('%s', (sql) => {
    expect(expression(`${sql} AS x`).text).toBe(sql);
  });
});

describe('shapes', () => {
  it.each([
    ['BETWEEN', 'a BETWEEN 1 AND 2', { kind: 'operator', operator: 'between', left: column('a'), right: { kind: 'row', items: [constant(1), constant(2)] } }],
    ['NOT IN list', 'a NOT IN (1)', { kind: 'inList', operand: column('a'), list: [constant(1)], negated: true }],
    ['ANY array', 'a = ANY (b)', { kind: 'quantified', operator: '=', quantifier: 'any', left: column('a'), right: column('b') }],
    ['IS NOT DISTINCT', 'a IS NOT DISTINCT FROM b', { kind: 'distinct', left: column('a'), right: column('b'), negated: true }],
    ['IS NOT TRUE', 'a IS NOT TRUE', { kind: 'booleanTest', operand: column('a'), test: 'notTrue' }],
    ['prefix operator', '- a', { kind: 'operator', operator: '-', right: column('a') }],
    ['zero and false', 'f(0, false, \'\')', { kind: 'call', name: ['f'], arguments: [constant(0), constant(false), constant('')] }],
    ['CURRENT_USER', 'CURRENT_USER', { kind: 'call', name: ['current_user'], arguments: [] }],
    ['AT TIME ZONE', "a AT TIME ZONE 'x'", { kind: 'call', name: ['timezone'], arguments: [constant('x'), column('a')] }],
    ['folded and quoted names', 'T."B"', column('t', 'B')],
    ['named arguments', 'f(x => 1)', { kind: 'call', name: ['f'], arguments: [constant(1)] }],
    ['collation', 'a COLLATE "C" = b', { kind: 'operator', operator: '=', left: column('a'), right: column('b') }],
    ['nested AND is flat', 'a AND (b AND c) AND d', { kind: 'and', operands: [column('a'), column('b'), column('c'), column('d')] }],
    ['large number', '12345678901234567890', { kind: 'constant', value: 12345678901234567000, text: '12345678901234567890' }],
    ['aggregate of JSON', 'json_arrayagg(a ORDER BY b)', { kind: 'call', name: ['json_arrayagg'], arguments: [column('a')], orderBy: [column('b')] }],
  ])('%s', (_name, sql, wanted) => {
    expect(shape(expression(sql).value)).toEqual(wanted);
  });

  it('keeps the quantifier of a sub-select', () => {
    expect(expression('a <> ALL (SELECT 1)').value).toMatchObject({ kind: 'subquery', form: 'all', operator: '<>', left: column('a') });
    expect(expression('a NOT IN (SELECT 1)').value).toMatchObject({ kind: 'not', operand: { kind: 'subquery', form: 'any', operator: '=' } });
  });

  it('reads holes and placeholders of parameters', () => {
    const parts = { holes: new Map([[1, '${a}']]), placeholders: new Map([[2, ':b']]) };
    expect(expression('f($1, $2, $3)', parts).value).toMatchObject({
      arguments: [{ kind: 'hole', text: '${a}' }, { kind: 'parameter', name: ':b' }, { kind: 'parameter', name: '$3' }],
    });
  });

  it('gives modifiers, dimensions and internal names of types', () => {
    const type = (sql: string) => lowerType(nodeOf(`SELECT NULL::${sql}`)['SelectStmt']['targetList'][0]['ResTarget']['val']['TypeCast']['typeName']);
    expect(type('int')).toEqual({ name: 'int4', modifiers: [], dimensions: 0 });
    expect(type('numeric(10,2)[][]')).toEqual({ name: 'numeric', modifiers: [10, 2], dimensions: 2 });
    expect(type('timestamp with time zone')).toMatchObject({ name: 'timestamptz' });
    expect(type('app."Kind"')).toMatchObject({ schema: 'app', name: 'Kind' });
  });

  it('does not recurse along long chains', () => {
    const terms = (count: number, operator: string) => Array.from({ length: count }, (_, index) => `c${index} = 1`).join(` ${operator} `);
    expect(expression(terms(3000, 'OR')).value).toMatchObject({ kind: 'or' });
    const chain = Array.from({ length: 3000 }, (_, index) => `c${index}`).join(' || ');
    expect(expression(chain).text).toBe(chain);
  });
});
