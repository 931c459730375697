import type { QueryFact } from '../project.js';
import { BAD } from './protection.js';

/** Whether a query reaches rows of other tenants, and no policy keeps it from that. */
export function isBad({ references }: QueryFact): boolean {
  // A new row of a tenant table has the tenant it is given; one of a child table has that of its parent.
  return references.some(({ verdict, enforced, access, table, conflictKey }) => BAD.has(verdict) && !enforced && (access !== 'insert' || conflictKey || table.class === 'child'));
}

/** Whether something about a query cannot be told. */
export function isUnknown(query: QueryFact): boolean {
  return query.unknown !== undefined || undecided(query).length > 0;
}

/** The references of a query of which it cannot be told whether they are pinned. */
export function undecided({ references }: QueryFact): QueryFact['references'] {
  return references.filter(({ verdict, enforced }) => verdict === 'unknown' && !enforced);
}

/** Whether a query counts as unknown: of application code, neither scoped nor unscoped. */
export function isUndecided(query: QueryFact): boolean {
  return isJudged(query) && !isBad(query) && isUnknown(query);
}

/** The numbers of the coverage line: of the queries on tenant tables that application code holds, and of the system's own. */
export function countQueries(queries: readonly QueryFact[]): { queries: number; queriesScoped: number; queriesUnscoped: number; queriesUnknown: number } {
  const judged = queries.filter(isJudged);
  const unscoped = judged.filter(isBad).length;
  const undecided = judged.filter(isUndecided).length;
  return { queries: queries.filter(isRelevant).length, queriesScoped: judged.length - unscoped - undecided, queriesUnscoped: unscoped, queriesUnknown: undecided };
}

function isRelevant({ origin, references, unknown }: QueryFact): boolean {
  return origin !== 'view' && (references.length > 0 || unknown !== undefined);
}

function isJudged(query: QueryFact): boolean {
  return isRelevant(query) && !query.system && query.origin !== 'seed';
}
