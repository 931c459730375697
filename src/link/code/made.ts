import type { OperatorExpression } from '../../facts/expression.js';
import type { InsertQuery } from '../../facts/query.js';
import { tablesNamed } from '../catalog/names.js';
import { uniqueSets } from '../catalog/unique.js';
import { and, select } from './libraries/build.js';
import type { QueryEffect } from './library.js';
import type { Machine } from './machine.js';
import { writtenTerms } from './written.js';

/**
 * A row that was made under a key which the program chose is the row that has it: `const id = nanoid(); await insert({ id, orgId }); return find(id)`.
 * An INSERT without ON CONFLICT fails where there is one already. It is known of queries that name the key.
 */
export function noteMade(m: Machine, { query }: QueryEffect): void {
  if (query?.kind !== 'insert' || query.onConflict !== undefined || query.open !== undefined || query.source?.kind !== 'values' || query.source.rows.length !== 1) return;
  const { target, location } = query;
  const keys = keysOf(m, query);
  const given = writtenTerms(query, target.alias ?? target.name.name).filter((term) => term.kind === 'operator');
  const isKey = ({ left }: OperatorExpression): boolean => left?.kind === 'column' && keys.has(left.path.at(-1)!);
  const chosen = given.flatMap((term) => (isKey(term) && term.right.kind === 'parameter' && !isSent(m, term.right.name) ? [term.right.name] : []));
  if (chosen.length === 0) return;
  const terms = given.filter((term) => isKey(term) || tells(m, query, term, chosen));
  const rows = select({ targets: [{ expression: { kind: 'constant', value: 1, location } }], from: [target], where: and(terms, location), location });
  for (const key of chosen) m.state.add({ kind: 'holds', expression: { kind: 'subquery', form: 'exists', query: rows, location }, given: [key] });
}

/** Whether a column says something of the new row, and nothing of the row that the caller has named in it; a sub-select may read what the statement's own WITH names. */
function tells(m: Machine, query: InsertQuery, { right }: OperatorExpression, chosen: readonly string[]): boolean {
  if (right.kind !== 'parameter') return query.with.length === 0 || right.kind !== 'subquery';
  return !chosen.includes(right.name) && !isSent(m, right.name);
}

/** Whether the caller has sent a value: what it names may be another row, too. */
function isSent(m: Machine, name: string): boolean {
  const value = m.parameter(name);
  return value?.kind === 'input' && value.trust === 'untrusted';
}

/** The columns each of which tells the rows of the table apart by itself. */
function keysOf(m: Machine, { target: { name } }: InsertQuery): ReadonlySet<string> {
  return new Set(tablesNamed(m.catalogs, name).flatMap(uniqueSets).flatMap((columns) => (columns.length === 1 ? columns : [])));
}
