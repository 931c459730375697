import type { ForeignKey } from '../link/catalog/types.js';
import type { ClassifiedTable } from '../link/project.js';
import type { Hop, Source } from './types.js';

/** What the tables that may be read from look like once the plan has run. */
export interface Ends {
  /** The tenant column that rows of the table will have, and whether it is never NULL then; undefined: none, or not decided. */
  readonly columnOf: (table: ClassifiedTable) => { readonly name: string; readonly total: boolean } | undefined;
  /** How rows of a table that may lack the column (`tables.viaParent`) reach their tenant. */
  readonly through: (table: ClassifiedTable) => Source | undefined;
  readonly byKey: (key: string) => ClassifiedTable | undefined;
}

/**
 * The foreign keys of a table that lead to a tenant, in the order they were declared.
 * @param column the tenant column that is to be filled: a key over it says nothing while it is NULL
 */
export function candidates(table: ClassifiedTable, column: string, ends: Ends): Source[] {
  return table.table.foreignKeys.flatMap((key) => {
    const hop = hopOf(table, key, column, ends);
    if (!hop || hop.to.table === table.table) return [];
    const isTotal = key.enforced && key.validated && hop.columns.every((name) => table.table.columns.get(name)?.notNull === true);
    return sourceOver(hop, isTotal, ends) ?? [];
  });
}

/** The foreign key of a table to itself by which a row may inherit its parent's tenant: only where there is one. */
export function selfReference(table: ClassifiedTable, column: string, ends: Ends): Hop | undefined {
  const hops = table.table.foreignKeys.flatMap((key) => hopOf(table, key, column, ends) ?? []).filter(({ to }) => to.table === table.table);
  return hops.length === 1 ? hops[0] : undefined;
}

function hopOf(table: ClassifiedTable, key: ForeignKey, column: string, ends: Ends): Hop | undefined {
  const to = ends.byKey(key.table);
  if (!to || key.referencedColumns.length === 0) return undefined;
  // A composite key may carry the tenant column itself: the rest must name the row alone.
  const pairs = key.columns.map((name, index) => [name, key.referencedColumns[index]!] as const).filter(([name]) => name !== column);
  const toColumns = pairs.map(([, name]) => name);
  // A model may declare what no migration made.
  const exists = pairs.every(([name, other]) => table.table.columns.has(name) && to.table.columns.has(other));
  if (pairs.length === 0 || !exists || !isManyToOne(to, toColumns)) return undefined;
  return { table, columns: pairs.map(([name]) => name), to, toColumns };
}

/** The columns name at most one row of the table. */
function isManyToOne(table: ClassifiedTable, columns: readonly string[]): boolean {
  return table.uniqueKeys.some((key) => !key.partial && !key.hasExpressions && key.columns.length > 0 && key.columns.every((name) => columns.includes(name)));
}

function sourceOver(hop: Hop, isTotal: boolean, ends: Ends): Source | undefined {
  const end = ends.columnOf(hop.to);
  if (end) return { hops: [hop], column: end.name, always: isTotal, total: isTotal && end.total };
  const rest = ends.through(hop.to);
  return rest && { hops: [hop, ...rest.hops], column: rest.column, always: isTotal && rest.always, total: isTotal && rest.total };
}

/** `attachments.session_id → sessions.account_id`. */
export function describeSource({ hops, column }: Source): string {
  return [...hops.map(({ table, columns }) => `${table.name}.${columns.join('+')}`), `${hops.at(-1)!.to.name}.${column}`].join(' → ');
}
