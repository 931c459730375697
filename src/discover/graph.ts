/** One migration of a history that is ordered by what each names as its predecessor. */
export interface Revision {
  readonly key: string;
  readonly file: string;
  readonly parents: readonly string[];
}

/**
 * Orders revisions so that each comes after its parents; what is free comes in the given order. Unknown parents do not hold anything up.
 * @returns the revisions in order, and those that are part of a cycle or behind one
 */
export function topological<R extends Revision>(revisions: readonly R[]): { readonly ordered: readonly R[]; readonly cyclic: readonly R[] } {
  const known = new Set(revisions.map(({ key }) => key));
  const children = new Map<string, R[]>();
  const waiting = new Map<R, number>();
  for (const revision of revisions) {
    const parents = new Set(revision.parents.filter((parent) => known.has(parent)));
    waiting.set(revision, parents.size);
    for (const parent of parents) children.set(parent, [...(children.get(parent) ?? []), revision]);
  }
  const position = new Map(revisions.map((revision, index) => [revision, index]));
  const ready = revisions.filter((revision) => waiting.get(revision) === 0);
  const ordered: R[] = [];
  const placed = new Set<string>();
  for (let next = ready.shift(); next; next = ready.shift()) {
    ordered.push(next);
    if (placed.has(next.key)) continue;
    placed.add(next.key);
    for (const child of children.get(next.key) ?? []) {
      const left = waiting.get(child)! - 1;
      waiting.set(child, left);
      if (left === 0) ready.splice(insertAt(ready, position.get(child)!, position), 0, child);
    }
  }
  const done = new Set(ordered);
  return { ordered, cyclic: revisions.filter((revision) => !done.has(revision)) };
}

function insertAt<R>(ready: readonly R[], at: number, position: ReadonlyMap<R, number>): number {
  const index = ready.findIndex((each) => position.get(each)! > at);
  return index < 0 ? ready.length : index;
}
