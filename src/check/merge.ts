import type { Evidence } from '../link/project.js';
import type { Problem } from '../rule.js';

/**
 * Unites problems that one rule states of one place: a loop over table names is one statement in the file.
 * Tables are united in order; the first table's quoted name in the message becomes the whole list.
 * Two different problems of one table at one place stay two.
 */
export function mergeProblems(problems: readonly Problem[]): Problem[] {
  const groups = new Map<string, Problem[]>();
  const seenOfTable = new Map<string, string[]>();
  for (const problem of problems) {
    const place = placeKey(problem);
    const table = JSON.stringify([place, problem.tables ?? []]);
    const messages = seenOfTable.get(table) ?? [];
    seenOfTable.set(table, messages);
    if (messages.includes(problem.message)) continue;
    const key = JSON.stringify([place, messages.push(problem.message), problem.tables === undefined || problem.tables.length === 0]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [problem]);
    else group.push(problem);
  }
  return uniteAlike([...groups.values()].map(unite));
}

/** Problems without tables that one place has for the same reason (a loop, a function called again) are one, said of the first. */
function uniteAlike(problems: readonly Problem[]): Problem[] {
  const groups = new Map<string, Problem[]>();
  problems.forEach((problem, index) => {
    const alone = (problem.tables?.length ?? 0) > 0 || problem.suggestion === undefined;
    const key = alone ? String(index) : JSON.stringify([placeKey(problem), problem.suggestion]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [problem]);
    else group.push(problem);
  });
  return [...groups.values()].map((group) => {
    const first = group[0]!;
    if (group.length === 1) return first;
    const related = uniqueEvidence(group.flatMap((problem) => problem.related ?? []));
    return { ...first, message: `${first.message} (And ${group.length - 1} more like it.)`, ...(related.length > 0 ? { related } : {}) };
  });
}

function placeKey({ location, tenantColumn }: Problem): string {
  return JSON.stringify([location.file, location.start, location.end, tenantColumn ?? null]);
}

function unite(group: readonly Problem[]): Problem {
  const first = group[0]!;
  if (group.length === 1) return first;
  const tables = [...new Set(group.flatMap((problem) => problem.tables ?? []))];
  const message = first.message.replace(listOf(first.tables ?? []), () => listOf(tables));
  return { ...first, message, tables, related: uniqueEvidence(group.flatMap((problem) => problem.related ?? [])) };
}

/** `"a"`, `"a" and "b"`, `"a", "b" and "c"`. */
export function listOf(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`;
}

function uniqueEvidence(evidence: readonly Evidence[]): Evidence[] {
  const seen = new Set<string>();
  return evidence.filter(({ location, message }) => {
    const key = JSON.stringify([location, message]);
    return !seen.has(key) && seen.add(key);
  });
}
