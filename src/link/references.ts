import type { Config } from '../config/types.js';
import { findTable } from './catalog/index.js';
import type { Catalog, Table } from './catalog/types.js';
import { addReferenceTo } from './models.js';

/** A reference that holds for rows of one kind only: what names the kind, by column. */
export interface PolymorphicReference {
  readonly column: string;
  readonly target: Table;
  readonly targetColumn: string;
  readonly when: Readonly<Record<string, string>>;
}

/** The references of a table that the config gives with their discriminator (`references` with `when`). */
export function polymorphicReferences(table: Table, catalog: Catalog, config: Config): PolymorphicReference[] {
  return config.references.flatMap(({ from, to, when }): PolymorphicReference[] => {
    const [source, end] = [columnOf(from), columnOf(to)];
    if (when === undefined || source === undefined || end === undefined || findTable(catalog, source.table, ['public']) !== table) return [];
    const target = findTable(catalog, end.table, ['public']);
    return target ? [{ column: source.column, target, targetColumn: end.column, when }] : [];
  });
}

/** Adds the foreign keys that only the config knows (`references`). Polymorphic ones (`when`) are no path to a tenant: see `polymorphicReferences`. */
export function mergeConfiguredReferences(catalog: Catalog, config: Config): void {
  for (const { from, to, when } of config.references) {
    if (when) continue;
    const source = columnOf(from);
    const target = columnOf(to);
    const table = source && findTable(catalog, source.table, ['public']);
    const referenced = target && findTable(catalog, target.table, ['public']);
    if (table && referenced) addReferenceTo(table, [source.column], referenced, [target.column], table.created.location);
  }
}

/** `schema.table.column` or `table.column`. */
function columnOf(path: string): { table: { schema?: string; name: string }; column: string } | undefined {
  const parts = path.split('.');
  const column = parts.pop();
  const name = parts.pop();
  const schema = parts.pop();
  return column !== undefined && name !== undefined ? { table: { name, ...(schema === undefined ? {} : { schema }) }, column } : undefined;
}
