import type { Query } from '../../facts/query.js';
import { Builder } from './builder.js';
import type { Mode, Ref } from './graph.js';
import { Network } from './network.js';
import { whatIsMissing, whatPins } from './reasons.js';
import { Solution } from './solve.js';
import type { Access, ReferenceVerdict, ScopeEnvironment, Verdict } from './types.js';

export type { Access, ReferenceVerdict, ScopeEnvironment, Verdict };

/** What the query would have to mean for a reference to be pinned, and what that makes of it. The first that fits is the answer. */
const readings: readonly (readonly [Mode, Verdict])[] = [['optimistic', 'unknown'], ['optional', 'optional'], ['negated', 'negated'], ['chosen', 'disjunctive'], ['disjunctive', 'disjunctive']];

/** From worst to best: a table read through several readers of one CTE has the worst answer of all. */
const order: readonly Verdict[] = ['unscoped', 'disjunctive', 'optional', 'negated', 'unknown', 'scoped'];

/**
 * Decides for every reference of a tenant, child or root table in a query whether it is pinned to one tenant (CONTRACT, section 5):
 * sub-queries, CTEs and views included; global, unclassified and ignored tables give none.
 * A reference is scoped only if rows of other tenants provably cannot change the result or be changed.
 * Where only some are asked for (`asked`), the others are there for what they prove.
 * @param query a whole statement
 */
export function scopeOfQuery(query: Query, env: ScopeEnvironment): ReferenceVerdict[] {
  const builder = new Builder(env);
  try {
    builder.run(query);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return unreadable(builder);
  }
  const owned = builder.facts.refs.filter(({ owned: own }) => own && !own.isCopy && env.asked?.has(own.reference) !== false);
  return owned.length === 0 ? [] : merge(verdictsOf(owned, builder, new Network(builder)));
}

/** Reading by reading, the strict one first: each is solved anew on the same network. */
function verdictsOf(owned: readonly Ref[], builder: Builder, network: Network): ReferenceVerdict[] {
  const found = new Map<Ref, ReferenceVerdict>();
  const proof = new Solution(builder, network, 'proof');
  for (const ref of owned) {
    if (proof.isPinned(ref)) found.set(ref, { ...baseOf(ref), verdict: 'scoped', ...whatPins(ref, proof), ...(proof.isList(ref) ? { tenantList: true } : {}) });
  }
  for (const [mode, verdict] of readings) {
    if (found.size === owned.length) break;
    if (!builder.isReadOtherwise(mode)) continue;
    const solution = new Solution(builder, network, mode);
    for (const ref of owned) if (!found.has(ref) && solution.isPinned(ref)) found.set(ref, { ...baseOf(ref), verdict, ...whatIsMissing(ref, mode, builder, proof) });
  }
  return owned.map((ref) => found.get(ref) ?? { ...baseOf(ref), verdict: 'unscoped', ...whatIsMissing(ref, 'unscoped', builder, proof) });
}

function baseOf(ref: Ref): Pick<ReferenceVerdict, 'reference' | 'table' | 'access' | 'conflictKey'> {
  const { reference, table, access, conflictKey } = ref.owned!;
  return { reference, table, access, ...(conflictKey ? { conflictKey } : {}) };
}

/** One answer for each reference as it stands in the text, in the order of the text. */
function merge(verdicts: readonly ReferenceVerdict[]): ReferenceVerdict[] {
  const groups = new Map<string, ReferenceVerdict>();
  for (const verdict of verdicts) {
    const { reference, table, conflictKey } = verdict;
    const key = `${reference.location.start} ${reference.location.end} ${table.schema}.${table.name} ${String(conflictKey !== undefined)}`;
    const before = groups.get(key);
    if (!before || order.indexOf(verdict.verdict) < order.indexOf(before.verdict)) groups.set(key, verdict);
  }
  return [...groups.values()].sort((a, b) => a.reference.location.start - b.reference.location.start);
}

/** A statement nested deeper than the stack: nothing is known of the tables met so far. */
function unreadable(builder: Builder): ReferenceVerdict[] {
  return merge(builder.facts.refs.flatMap(({ owned }) => (owned && !owned.isCopy
    ? [{ reference: owned.reference, table: owned.table, access: owned.access, verdict: 'unknown' as const, reason: 'stands in a query that is nested too deeply to be read', evidence: [] }]
    : [])));
}
