import type { Expression } from '../../facts/expression.js';
import { keyOf } from './names.js';
import { collectUses } from './references.js';
import type { Catalog, Policy, Table } from './types.js';

/** An object that keeps another from being dropped. */
export type Dependent =
  | { readonly kind: 'view'; readonly table: Table }
  | { readonly kind: 'policy'; readonly table: Table; readonly policy: Policy }
  | { readonly kind: 'foreignKey'; readonly table: Table; readonly name: string }
  | { readonly kind: 'column'; readonly table: Table; readonly name: string }
  | { readonly kind: 'trigger'; readonly table: Table; readonly name: string }
  | { readonly kind: 'table'; readonly table: Table };

/** A dependent in PostgreSQL's words: `view v`, `policy p on table t`. */
export function describe(dependent: Dependent): string {
  const { table } = dependent;
  switch (dependent.kind) {
    case 'view': return `${table.kind === 'materializedView' ? 'materialized view' : 'view'} ${table.name}`;
    case 'policy': return `policy ${dependent.policy.name} on table ${table.name}`;
    case 'foreignKey': return `constraint ${dependent.name} on table ${table.name}`;
    case 'column': return `column ${dependent.name} of table ${table.name}`;
    case 'trigger': return `trigger ${dependent.name} on table ${table.name}`;
    case 'table': return `table ${table.name}`;
  }
}

/** Views whose query reads the relation, or the column of it. */
export function viewsOver(catalog: Catalog, key: string, column?: string): readonly Dependent[] {
  const found: Dependent[] = [];
  for (const view of catalog.tables.values()) {
    if (!view.view || keyOf(view) === key) continue;
    const uses = collectUses(view.view.query, { catalog, searchPath: [] });
    const reads = column === undefined ? uses.tables.has(key)
      : uses.uses(key, column) || (uses.stars.has(key) && view.columns.has(column));
    if (reads) found.push({ kind: 'view', table: view });
  }
  return found;
}

/** Policies of any table that read the relation or column; those of the relation itself only count for a column. */
export function policiesOver(catalog: Catalog, key: string, column?: string): readonly Dependent[] {
  const found: Dependent[] = [];
  for (const table of catalog.tables.values()) {
    if (column === undefined && keyOf(table) === key) continue;
    for (const policy of table.policies) {
      const reads = [policy.using, policy.withCheck].some((expression) => expression && readsFrom(catalog, expression, table, key, column));
      if (reads) found.push({ kind: 'policy', table, policy });
    }
  }
  return found;
}

function readsFrom(catalog: Catalog, expression: Expression, table: Table, key: string, column: string | undefined): boolean {
  const uses = collectUses(expression, { catalog, searchPath: [] }, table);
  return column === undefined ? uses.tables.has(key) : uses.uses(key, column);
}

/** Foreign keys of other tables (and, for a column, of the table itself) that reference the relation or column. */
export function foreignKeysTo(catalog: Catalog, key: string, column?: string): readonly Dependent[] {
  const found: Dependent[] = [];
  for (const table of catalog.tables.values()) {
    if (column === undefined && keyOf(table) === key) continue;
    for (const foreignKey of table.foreignKeys) {
      if (foreignKey.table !== key || (column !== undefined && !foreignKey.referencedColumns.includes(column))) continue;
      found.push({ kind: 'foreignKey', table, name: foreignKey.name });
    }
  }
  return found;
}

/** Generated columns of the table that are computed from the column. */
export function generatedFrom(table: Table, column: string): readonly Dependent[] {
  return [...table.columns.values()]
    .filter((other) => other.name !== column && other.generation && usesColumn(other.generation, column))
    .map((other) => ({ kind: 'column', table, name: other.name }));
}

/** Triggers of the table that name the column in UPDATE OF or WHEN. */
export function triggersOver(table: Table, column: string): readonly Dependent[] {
  return table.triggers
    .filter((trigger) => trigger.updateOf.includes(column) || (trigger.when && usesColumn(trigger.when, column)))
    .map((trigger) => ({ kind: 'trigger', table, name: trigger.name }));
}

function usesColumn(expression: Expression, column: string): boolean {
  return columnNamesOf(expression).has(column);
}

function columnNamesOf(node: unknown, names = new Set<string>()): Set<string> {
  if (typeof node !== 'object' || node === null) return names;
  const { kind, path } = node as { kind?: unknown; path?: readonly string[] };
  if (kind === 'column' && path) names.add(path.at(-1)!);
  for (const [key, value] of Object.entries(node)) if (key !== 'location') columnNamesOf(value, names);
  return names;
}
