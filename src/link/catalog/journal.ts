import type { Catalog } from './types.js';

/** A map that can take back what was done to it, the order of its entries included. */
export class JournalMap<K, V> extends Map<K, V> {
  /** How to undo each change so far, while somebody may want to. */
  journal: (() => void)[] | undefined;

  override set(key: K, value: V): this {
    if (this.journal) {
      const before = this.get(key);
      this.journal.push(this.has(key) ? () => { super.set(key, before!); } : () => { super.delete(key); });
    }
    return super.set(key, value);
  }

  override delete(key: K): boolean {
    if (this.journal && this.has(key)) this.keep();
    return super.delete(key);
  }

  override clear(): void {
    if (this.journal) this.keep();
    super.clear();
  }

  private keep(): void {
    const entries = [...this];
    this.journal!.push(() => {
      super.clear();
      for (const [key, value] of entries) super.set(key, value);
    });
  }
}

/**
 * Does something to a catalog, or nothing when it fails: then the catalog is as it was before.
 * @param work gives back why it failed, or undefined; what it throws goes on to the caller
 */
export function attempt<T>(catalog: Catalog, work: () => T | undefined): T | undefined {
  const maps = [catalog.schemas, catalog.tables, catalog.types, catalog.functions, catalog.sequences, catalog.extensions, catalog.roles] as readonly Map<unknown, unknown>[];
  const kept = maps.filter((map) => map instanceof JournalMap);
  if (kept.length < maps.length) throw new Error('a catalog that cannot be taken back');
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
