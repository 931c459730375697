import type { Expression } from '../../facts/expression.js';
import type { InsertQuery } from '../../facts/query.js';
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
  const terms = writtenTerms(query, target.alias ?? target.name.name).filter((term) => query.with.length === 0 || !isSubquery(term));
  const keys = keysOf(m, query);
  const chosen = terms.flatMap((term) => (term.kind === 'operator' && term.left?.kind === 'column' && keys.has(term.left.path.at(-1)!) && term.right.kind === 'parameter' ? [term.right.name] : []));
  if (chosen.length === 0) return;
  const rows = select({ targets: [{ expression: { kind: 'constant', value: 1, location } }], from: [target], where: and(terms, location), location });
  for (const key of chosen) m.state.add({ kind: 'holds', expression: { kind: 'subquery', form: 'exists', query: rows, location }, given: [key] });
}

/** It may read what the statement's own WITH names. */
function isSubquery(term: Expression): boolean {
  return term.kind === 'operator' && term.right.kind === 'subquery';
}

/** The columns each of which tells the rows of the table apart by itself. */
function keysOf(m: Machine, { target: { name } }: InsertQuery): ReadonlySet<string> {
  const tables = m.catalogs.flatMap((catalog) => [...catalog.tables.values()].filter((table) => table.name === name.name && (name.schema === undefined || name.schema === table.schema)));
  return new Set(tables.flatMap(({ primaryKey, uniques }) => [...(primaryKey ? [primaryKey] : []), ...uniques].flatMap(({ columns }) => (columns.length === 1 ? columns : []))));
}
