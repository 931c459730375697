import { JournalMap } from './journal.js';
import type { Table } from './types.js';

/** The first table of those that may hold the name which is the one that is looked for. */
export type NameFinder = (name: string, isIt: (table: Table) => boolean) => Table | undefined;

/**
 * The tables of a catalog, found by what they hold as well: the names of their constraints and indexes.
 * What once held a name stays listed under it, so that nothing has to be taken back; who asks looks at the table.
 */
export class TableMap extends JournalMap<string, Table> {
  /** The keys of the tables that hold a name, or did. */
  private readonly holders: Map<string, Set<string>>;
  /** Tables that were put here and may still change in place, until the operation that put them ends. */
  private readonly fresh: Set<string>;

  /** @param from tables to begin with; a map like this one shares what it knows of names */
  constructor(from: Map<string, Table> = new Map()) {
    super(from);
    this.holders = from instanceof TableMap ? from.holders : new Map();
    this.fresh = new Set(from instanceof TableMap ? from.fresh : from.keys());
  }

  override set(key: string, table: Table): this {
    // The constructor of Map sets what it begins with before there is anything else.
    (this.fresh as Set<string> | undefined)?.add(key);
    return super.set(key, table);
  }

  /** To be called between operations: from here on, a table only changes by being replaced. */
  settle(): void {
    for (const key of this.fresh) this.read(key);
    this.fresh.clear();
  }

  /** Finds, until something changes, a table among those that may have a constraint or an index of a name. */
  finder(): NameFinder {
    for (const key of this.fresh) this.read(key);
    return (name, isIt) => {
      for (const key of this.holders.get(name) ?? []) {
        const table = this.get(key);
        if (table && isIt(table)) return table;
      }
      return undefined;
    };
  }

  private read(key: string): void {
    const table = this.get(key);
    if (!table) return;
    for (const name of constraintNamesOf(table)) this.note(name, key);
    for (const { name } of table.indexes) this.note(name, key);
  }

  private note(name: string, key: string): void {
    const known = this.holders.get(name);
    if (known) known.add(key);
    else this.holders.set(name, new Set([key]));
  }
}

/** The names of a table's constraints. */
export function* constraintNamesOf({ primaryKey, uniques, foreignKeys, checks, exclusions, columns }: Table): Iterable<string> {
  if (primaryKey) yield primaryKey.name;
  for (const list of [uniques, foreignKeys, checks, exclusions]) for (const { name } of list) if (name !== undefined) yield name;
  for (const { notNullName } of columns.values()) if (notNullName !== undefined) yield notNullName;
}
