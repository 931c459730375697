import { JournalMap } from './journal.js';
import { TableMap } from './table-map.js';
import type { Catalog } from './types.js';

/**
 * Does something to a catalog, or nothing when it fails: then the catalog is as it was before.
 * @param work gives back why it failed, or undefined; what it throws goes on to the caller
 */
export function attempt<T>(catalog: Catalog, work: () => T | undefined): T | undefined {
  const maps = [catalog.schemas, catalog.tables, catalog.types, catalog.functions, catalog.sequences, catalog.extensions, catalog.roles] as readonly Map<unknown, unknown>[];
  const kept = maps.filter((map) => map instanceof JournalMap);
  if (kept.length < maps.length) throw new Error('a catalog that cannot be taken back');
  if (catalog.tables instanceof TableMap) catalog.tables.settle();
  const around = kept[0]!.journal;
  const journal: (() => void)[] = [];
  const grants = [...catalog.grants];
  const write = (to: (() => void)[] | undefined): void => { for (const map of kept) map.journal = to; };
  write(journal);
  let failed = true;
  try {
    const failure = work();
    failed = failure !== undefined;
    return failure;
  } finally {
    write(undefined);
    if (failed) {
      for (const undo of journal.reverse()) undo();
      catalog.grants.splice(0, catalog.grants.length, ...grants);
    } else for (const undo of journal) around?.push(undo);
    write(around);
  }
}
