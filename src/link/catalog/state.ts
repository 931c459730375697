import { JournalMap } from './journal.js';
import { TableMap } from './table-map.js';
import type { Catalog, Column, Origin, Table } from './types.js';

/** A new database: the schema `public` and PostgreSQL's own. */
export function createCatalog(): Catalog {
  return {
    schemas: new JournalMap([['public', undefined], ['pg_catalog', undefined], ['information_schema', undefined]]),
    tables: new TableMap(),
    types: new JournalMap(),
    functions: new JournalMap(),
    sequences: new JournalMap(),
    extensions: new JournalMap(),
    roles: new JournalMap(),
    grants: [],
  };
}

/**
 * An independent copy. Operations replace the objects they change and never alter them in place,
 * so the copy shares them; only `Table.insertedIn` is shared for good.
 */
export function cloneCatalog(catalog: Catalog): Catalog {
  return {
    schemas: new JournalMap(catalog.schemas),
    tables: new TableMap(catalog.tables),
    types: new JournalMap(catalog.types),
    functions: new JournalMap(catalog.functions),
    sequences: new JournalMap(catalog.sequences),
    extensions: new JournalMap(catalog.extensions),
    roles: new JournalMap(catalog.roles),
    grants: [...catalog.grants],
  };
}

/** Puts the state `saved` back into `catalog`, which keeps its identity. */
export function restoreCatalog(catalog: Catalog, saved: Catalog): void {
  refill(catalog.schemas, saved.schemas);
  refill(catalog.tables, saved.tables);
  refill(catalog.types, saved.types);
  refill(catalog.functions, saved.functions);
  refill(catalog.sequences, saved.sequences);
  refill(catalog.extensions, saved.extensions);
  refill(catalog.roles, saved.roles);
  catalog.grants.splice(0, catalog.grants.length, ...saved.grants);
}

function refill<K, V>(target: Map<K, V>, source: ReadonlyMap<K, V>): void {
  target.clear();
  for (const [key, value] of source) target.set(key, value);
}

/** An empty table in the schema. The caller fills it and puts it into the catalog. */
export function newTable(schema: string, name: string, created: Origin): Table {
  return {
    schema, name, kind: 'table', columns: new Map(), uniques: [], foreignKeys: [], checks: [], exclusions: [], indexes: [],
    policies: [], triggers: [], rules: [], rowSecurity: false, forceRowSecurity: false, partitioned: false, parents: [], isPartition: false,
    temporary: false, created, assumed: false, open: false, insertedIn: new Set(),
  };
}

/** Puts a copy of the table in its place, which the caller may change: other copies of the catalog keep the old one. */
export function editTable(catalog: Catalog, key: string): Table {
  const old = catalog.tables.get(key)!;
  const copy: Table = {
    ...old,
    columns: new Map([...old.columns].map(([name, column]): [string, Column] => [name, { ...column }])),
    uniques: copies(old.uniques),
    foreignKeys: copies(old.foreignKeys),
    checks: copies(old.checks),
    exclusions: copies(old.exclusions),
    indexes: copies(old.indexes),
    policies: copies(old.policies),
    triggers: copies(old.triggers),
    parents: [...old.parents],
  };
  if (old.primaryKey) copy.primaryKey = { ...old.primaryKey };
  catalog.tables.set(key, copy);
  return copy;
}

function copies<T extends object>(items: readonly T[]): T[] {
  return items.map((item) => ({ ...item }));
}
