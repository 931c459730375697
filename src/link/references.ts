import type { Config } from '../config/types.js';
import { findTable } from './catalog/index.js';
import type { Catalog } from './catalog/types.js';
import { addReferenceTo } from './models.js';

/** Adds the foreign keys that only the config knows (`references`). Polymorphic ones (`when`) are no path to a tenant. */
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
