import { parseSqlText } from '../../src/parse/sql/index.js';
import type { Random } from './random.js';

type Sort = 'truth' | 'value' | 'query' | 'table' | 'derived' | 'join';

/** A part of a statement for which another of its sort can stand. */
interface Piece { readonly sort: Sort; readonly kind: string; readonly start: number; readonly end: number }

const TRUTHS: ReadonlySet<string> = new Set(['and', 'or', 'not', 'nullTest', 'booleanTest', 'distinct', 'inList', 'quantified']);
const QUERIES: ReadonlySet<string> = new Set(['select', 'values', 'set', 'insert', 'update', 'delete', 'merge']);
const VALUES: ReadonlySet<string> = new Set(['column', 'constant', 'parameter', 'call', 'case', 'cast', 'row', 'array', 'indirection', 'other']);
const COMPARISONS = /^(?:=|<>|<|>|<=|>=|!?~~?\*?|not between|between)$/;

function sortOf(node: Readonly<Record<string, unknown>>): Sort | undefined {
  const kind = String(node['kind']);
  if (QUERIES.has(kind)) return 'query';
  if (TRUTHS.has(kind) || (kind === 'subquery' && ['exists', 'any', 'all'].includes(String(node['form'])))) return 'truth';
  if (kind === 'operator') return COMPARISONS.test(String(node['operator'])) ? 'truth' : 'value';
  if (VALUES.has(kind) || kind === 'subquery') return 'value';
  return kind === 'table' || kind === 'derived' || kind === 'join' ? kind : undefined;
}

/** Every part of the statement, however deep. */
function piecesOf(sql: string): Piece[] {
  const pieces = new Map<string, Piece>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const node = value as Readonly<Record<string, unknown>>;
    const location = node['location'] as Piece | undefined;
    const sort = sortOf(node);
    if (location !== undefined && sort !== undefined && location.end > location.start) {
      const { start, end } = location;
      pieces.set(`${start} ${end} ${sort}`, { sort, kind: String(node['kind']), start, end });
    }
    for (const [key, each] of Object.entries(node)) if (key !== 'location') walk(each);
  };
  walk(parseSqlText(sql, (start, end) => ({ file: '', start, end })).statements);
  return [...pieces.values()];
}

/** Parts of statements by their sort, to be put into others. */
export class Pool {
  private readonly texts = new Map<Sort, Map<string, number>>();

  add(sql: string): void {
    for (const { sort, start, end } of piecesOf(sql)) {
      const texts = this.texts.get(sort) ?? new Map<string, number>();
      this.texts.set(sort, texts.set(sql.slice(start, end), 0));
    }
  }

  /** undefined: there is none of the sort */
  pick(sort: Sort, random: Random): string | undefined {
    const texts = [...this.texts.get(sort)?.keys() ?? []];
    return texts.length === 0 ? undefined : random.pick(texts);
  }
}

/** Words for which others can stand: what is near is tried more often than what is not. */
const WORDS: readonly (readonly string[])[] = [
  ['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN', 'CROSS JOIN', 'NATURAL JOIN'], ['UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT'], ['AND', 'OR'], ['=', '<>', '<', '>=', 'IS DISTINCT FROM', 'IS NOT DISTINCT FROM', 'IN'], ['IS NULL', 'IS NOT NULL'],
  ['IS TRUE', 'IS NOT TRUE', 'IS FALSE', 'IS NOT FALSE', 'IS UNKNOWN', 'IS NOT UNKNOWN'], ['ANY', 'ALL'], ['EXISTS', 'NOT EXISTS'], ['max', 'min', 'count', 'sum', 'any_value', 'array_agg'], ['RECURSIVE', 'MATERIALIZED', ''], ['DISTINCT', 'ALL', ''],
  ['LIMIT 1', 'OFFSET 1', 'LIMIT 1 OFFSET 1', ''], ['raise exception', 'raise notice', 'raise warning'], ['MATCHED', 'NOT MATCHED', 'NOT MATCHED BY SOURCE'], ['$1', '$2', '1', 'NULL'], ['LATERAL', ''], ['DO NOTHING', 'DO UPDATE SET n = 1'],
  ['not valid', ''], ['perform', 'select'], ['set not null', 'drop not null', 'drop default', 'set default 1'], ['NOT', ''], ['1', '0', '2'], ["'a'", "'b'", 'null'], ['bool_or', 'bool_and', 'every'], ['if', 'while'], ['when', 'else'], ['PARTITION BY', 'ORDER BY'],
];

/**
 * Changes a statement a little, in most cases to one that PostgreSQL accepts: parts of others stand for its own, conditions and values are wrapped,
 * words exchanged, tables and queries put into queries.
 */
export function splice(sql: string, pool: Pool, random: Random): string {
  const pieces = piecesOf(sql);
  if (pieces.length === 0 || random.chance(0.25)) return exchangeWord(sql, random);
  const piece = random.pick(pieces);
  const own = sql.slice(piece.start, piece.end);
  const other = (sort: Sort): string => fitting(random.chance(0.3) ? sql.slice(...rangeOf(random.pick(pieces.filter((each) => each.sort === sort).concat(piece)))) : pool.pick(sort, random) ?? own, sql, random);
  const replaced = random.chance(0.45) ? other(piece.sort) : wrapped(piece, own, other, random);
  return `${sql.slice(0, piece.start)}${replaced}${sql.slice(piece.end)}`;
}

const rangeOf = ({ start, end }: Piece): [number, number] => [start, end];

/** Columns of tables that are not at hand become those of one that is. */
function fitting(part: string, into: string, random: Random): string {
  const names = [...new Set([...into.matchAll(/\b(\w+)\.\w/g)].map(([, name]) => name!))];
  if (names.length === 0 || random.chance(0.2)) return part;
  const chosen = new Map<string, string>();
  return part.replace(/\b([a-z]\w*)\.(?=\w)/g, (found, name: string) => {
    if (names.includes(name) || new RegExp(`\\b${name}\\b(?!\\.)`).test(part)) return found;
    if (!chosen.has(name)) chosen.set(name, random.pick(names));
    return `${chosen.get(name)!}.`;
  });
}

function exchangeWord(sql: string, random: Random): string {
  const words = random.pick(WORDS).filter((word) => word !== '');
  const found = [...sql.matchAll(new RegExp(words.map((word) => (/^\w/.test(word) ? `\\b${word}\\b` : word.replace(/\$/g, '\\$&'))).sort((a, b) => b.length - a.length).join('|'), 'gi'))];
  if (found.length === 0) return sql;
  const { 0: word, index } = random.pick(found);
  return `${sql.slice(0, index)}${random.pick(WORDS.find((each) => each.some((one) => one.toLowerCase() === word.toLowerCase()))!)}${sql.slice(index + word.length)}`;
}

function wrapped({ sort, kind }: Piece, own: string, other: (sort: Sort) => string, random: Random): string {
  switch (sort) {
    case 'truth': return random.pick([
      () => `NOT (${own})`, () => `(${own}) IS ${random.pick(['TRUE', 'NOT TRUE', 'FALSE', 'NOT FALSE', 'NOT UNKNOWN', 'NOT NULL'])}`, () => `(${own} AND ${other('truth')})`, () => `(${own} OR ${other('truth')})`, () => `COALESCE(${own}, ${random.pick(['FALSE', 'TRUE', other('truth')])})`,
      () => `CASE WHEN ${own} THEN ${random.pick(['TRUE', other('truth')])} ELSE ${random.pick(['FALSE', other('truth')])} END`, () => `(${own}) = ${random.pick(['TRUE', 'FALSE', `(${other('truth')})`])}`, () => `EXISTS (SELECT 1 WHERE ${own})`, () => `(SELECT ${own})`, () => `(${own})::boolean`, () => `(${own} AND TRUE)`, () => `(${own} OR FALSE)`,
      () => `(${other('truth')} OR ${own})`, () => `(${other('truth')} AND ${own})`, () => `(${own} AND ${own})`,
    ])();
    case 'value': return random.pick([
      () => `COALESCE(${own}, ${other('value')})`, () => `NULLIF(${own}, ${other('value')})`, () => `(${own})::${random.pick(['int', 'bigint', 'text', 'numeric'])}`, () => `CASE WHEN ${other('truth')} THEN ${own} ELSE ${other('value')} END`, () => `CASE WHEN ${other('truth')} THEN ${own} END`, () => `(SELECT ${own})`, () => `(SELECT max(${own}))`, () => `(VALUES (${own}))`,
      () => `GREATEST(${own}, ${other('value')})`, () => `${own} + 0`, () => `(ARRAY[${own}])[1]`, () => `ANY (ARRAY[${own}, ${other('value')}])`, () => `ANY (ARRAY[${own}])`, () => `(${own}, ${other('value')})`, () => `ROW(${own})`, () => `abs(${own})`, () => `(${own})`, () => `IN (${own}, ${other('value')})`, () => `${random.pick(['max', 'min', 'count', 'sum'])}(${own})`,
    ])();
    case 'query': return kind === 'select' || kind === 'set' || kind === 'values' ? random.pick([
      () => `${own} ${random.pick(['UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT'])} ${other('query')}`, () => `${other('query')} ${random.pick(['UNION', 'INTERSECT', 'EXCEPT'])} ${own}`, () => `SELECT * FROM (${own}) z`, () => `SELECT * FROM (${own}) z WHERE ${other('truth')}`, () => `${own} ${random.pick(['LIMIT 1', 'OFFSET 1', 'FETCH FIRST 1 ROWS WITH TIES', 'FOR UPDATE'])}`,
      () => own.replace(/^SELECT /i, 'SELECT DISTINCT '), () => own.replace(/^SELECT /i, `SELECT DISTINCT ON (${other('value')}) `), () => `${own} GROUP BY ${other('value')}`, () => `${own} HAVING ${other('truth')}`, () => `${own} GROUP BY ${other('value')} HAVING ${other('truth')}`, () => `WITH v AS (${own}) SELECT * FROM v`, () => `WITH v AS (${own}) SELECT * FROM v WHERE ${other('truth')}`,
      () => `WITH v AS (${other('query')}) ${own}`, () => `WITH v AS MATERIALIZED (${own}) SELECT * FROM v a, v b`, () => own.replace(/^SELECT /i, `SELECT ${other('value')}, `), () => `${own} ORDER BY ${other('value')} LIMIT 1`, () => `WITH RECURSIVE v AS (${own} UNION ${other('query')}) SELECT * FROM v`, () => (/\bWHERE\b/i.test(own) ? own : `${own} WHERE ${other('truth')}`),
    ])() : random.pick([() => `WITH v AS (${own} RETURNING *) SELECT * FROM v`, () => `${own} RETURNING ${other('value')}`, () => `WITH v AS (${other('query')}) ${own}`, () => (/\bWHERE\b/i.test(own) ? `${own} AND ${other('truth')}` : `${own} WHERE ${other('truth')}`)])();
    case 'table': return random.pick([
      () => `(SELECT * FROM ${own})`, () => `(SELECT * FROM ${own} WHERE ${other('truth')})`, () => `(SELECT DISTINCT * FROM ${own})`, () => `(SELECT * FROM ${own} LIMIT 2)`, () => `(SELECT * FROM ${own} UNION SELECT * FROM ${own})`, () => `(TABLE ${own})`, () => `ONLY ${own}`, () => other('derived'), () => `LATERAL (SELECT * FROM ${own})`, () => `${own} TABLESAMPLE SYSTEM (50)`,
      () => `(SELECT *, row_number() OVER (PARTITION BY ${other('value')}) FROM ${own})`,
    ])();
    case 'derived': return random.pick([() => `LATERAL ${own}`, () => other('table'), () => other('derived')])();
    case 'join': return random.pick([() => `${own} ${random.pick(['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN'])} ${other('table')} k ON ${other('truth')}`, () => `${own}, ${other('table')} k`, () => other('join'), () => own.replace(/\bON\b.*$/i, 'ON TRUE')])();
  }
}
