import type { CreateView, SetSecurityInvoker } from '../../facts/operation.js';
import type { OutputColumn } from '../resolve/types.js';
import type { ApplyEnvironment } from './environment.js';
import { createdHere, requireFreeRelation, requireFreeType, schemaFor, useRelation } from './lookup.js';
import { keyOf, relationAt, tableKey } from './names.js';
import { qualifyTables } from './references.js';
import { reject } from './rejection.js';
import { editTable, newTable } from './state.js';
import type { Catalog, Column, Table } from './types.js';

/** CREATE VIEW | MATERIALIZED VIEW. Its query is kept with every table named by its schema. @throws Rejection 42P07, 42809, 42P16, 42701, 3F000 */
export function createView(catalog: Catalog, operation: CreateView, env: ApplyEnvironment): void {
  const { location } = operation;
  const { name } = operation.name;
  const schema = schemaFor(catalog, operation.name, location, env, operation.temporary);
  const key = tableKey(schema, name);
  if (operation.ifNotExists && relationAt(catalog, schema, name) !== undefined) return;
  const existing = catalog.tables.get(key);
  const replaces = operation.orReplace && existing && !existing.assumed;
  if (replaces && existing.kind !== 'view') reject('42809', `"${name}" is not a view`, location, createdHere('the relation was created', existing.created));
  if (!replaces) requireFreeRelation(catalog, schema, name, location, 'Write CREATE OR REPLACE VIEW, or drop the first one.');
  requireFreeType(catalog, schema, name, location);
  const view: Table = {
    ...newTable(schema, name, env.origin),
    kind: operation.materialized ? 'materializedView' : 'view',
    temporary: operation.temporary,
    view: { query: qualifyTables(operation.query, { catalog, searchPath: env.searchPath }), securityInvoker: operation.securityInvoker },
  };
  if (env.asColumns) view.columns = outputColumns(operation, env.asColumns, env);
  else view.open = true;
  if (replaces) {
    requireSameStart(existing, view, operation);
    Object.assign(view, { triggers: existing.triggers, owner: existing.owner });
  }
  catalog.tables.set(key, view);
}

/** ALTER VIEW ... SET | RESET (security_invoker). @throws Rejection 42P01 */
export function setSecurityInvoker(catalog: Catalog, operation: SetSecurityInvoker, env: ApplyEnvironment): void {
  const found = useRelation(catalog, operation.table, operation.location, env, operation.ifTableExists);
  if (!found?.view) return;
  const table = editTable(catalog, keyOf(found));
  if (table.view) table.view = { ...table.view, securityInvoker: operation.invoker };
}

function outputColumns(operation: CreateView, outputs: readonly OutputColumn[], env: ApplyEnvironment): Map<string, Column> {
  if (operation.columns.length > outputs.length) {
    reject('42601', 'CREATE VIEW specifies more column names than columns', operation.location);
  }
  const columns = new Map<string, Column>();
  for (const [position, output] of outputs.entries()) {
    const name = operation.columns[position] ?? output.name;
    if (columns.has(name)) reject('42701', `column "${name}" specified more than once`, operation.location);
    columns.set(name, { name, type: output.type ?? { name: 'unknown', modifiers: [], dimensions: 0 }, notNull: output.nullable === 'no', added: env.origin });
  }
  return columns;
}

/** CREATE OR REPLACE VIEW may only add columns at the end (PostgreSQL manual, CREATE VIEW). */
function requireSameStart(existing: Table, view: Table, operation: CreateView): void {
  if (existing.open || view.open) return;
  const related = createdHere('the view was created', existing.created);
  const names = [...view.columns.values()];
  if (names.length < existing.columns.size) reject('42P16', 'cannot drop columns from view', operation.location, related);
  for (const [position, column] of [...existing.columns.values()].entries()) {
    const to = names[position]!;
    if (to.name !== column.name) {
      reject('42P16', `cannot change name of view column "${column.name}" to "${to.name}"`, operation.location, {
        ...related, suggestion: 'Drop the view first, or add new columns at the end.',
      });
    }
  }
}
