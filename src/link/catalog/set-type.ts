import type { SetType } from '../../facts/operation.js';
import { describe, generatedFrom, policiesOver, triggersOver, viewsOver } from './dependents.js';
import type { ApplyEnvironment } from './environment.js';
import { requireOwnColumn, withDescendants } from './inheritance.js';
import { alteredTable, createdHere, useColumn } from './lookup.js';
import { keyOf } from './names.js';
import { reject } from './rejection.js';
import { editTable } from './state.js';
import { canAssign, canReference, findType, formatType, isString, requireType } from './type-names.js';
import type { Catalog, Column, Table } from './types.js';

/** ALTER COLUMN ... TYPE. @throws Rejection 42P01, 42703, 42704, 42804, 0A000, 42P16 */
export function setType(catalog: Catalog, operation: SetType, env: ApplyEnvironment): void {
  const table = alteredTable(catalog, operation, env);
  if (!table) return;
  const column = useColumn(editTable(catalog, keyOf(table)), operation.column, operation.location, env);
  requireOwnColumn(catalog, table, column.name, 'alter', operation.location);
  requireType(catalog, operation.type, operation.location, env);
  requireCast(catalog, column, operation, env);
  rejectDependents(catalog, table, column, operation);
  requireComparableKeys(catalog, table, column, operation);
  for (const key of withDescendants(catalog, table)) {
    const own = editTable(catalog, key).columns.get(column.name);
    if (own) own.type = operation.type;
  }
}

function requireCast(catalog: Catalog, column: Column, operation: SetType, env: ApplyEnvironment): void {
  const { type, location } = operation;
  if (!operation.using && !castsByItself(catalog, column.type, type, env)) {
    reject('42804', `column "${column.name}" cannot be cast automatically to type ${formatType(type)}`, location, {
      ...createdHere(`the column is ${formatType(column.type)}: declared`, column.added),
      suggestion: `Write USING ${column.name}::${formatType(type)}.`,
    });
  }
  if (column.default && column.default.expression.kind === 'constant' && column.default.expression.value !== null && !column.generated
    && !castsByItself(catalog, column.type, type, env)) {
    reject('42804', `default for column "${column.name}" cannot be cast automatically to type ${formatType(type)}`, location, {
      suggestion: 'Drop the default first, and set it again afterwards.',
    });
  }
}

/** Strings and enums are not cast to (other) enums; built-in types follow pg_cast. */
function castsByItself(catalog: Catalog, from: Column['type'], to: Column['type'], env: ApplyEnvironment): boolean {
  const target = findType(catalog, to, env.searchPath);
  if (target?.form !== 'enum') return canAssign(from, to);
  const source = findType(catalog, from, env.searchPath);
  return source === target || !(isString(from) || source?.form === 'enum');
}

/** PostgreSQL rewrites indexes and constraints for the new type, but not views, policies, triggers and generated columns. */
function rejectDependents(catalog: Catalog, table: Table, column: Column, operation: SetType): void {
  const key = keyOf(table);
  const blockers = [
    ['view or rule', viewsOver(catalog, key, column.name)], ['policy definition', policiesOver(catalog, key, column.name)],
    ['trigger definition', triggersOver(table, column.name)],
  ] as const;
  for (const [what, dependents] of blockers) {
    const first = dependents[0];
    if (!first) continue;
    const used = what === 'view or rule' ? 'by a view or rule' : `in a ${what}`;
    reject('0A000', `cannot alter type of a column used ${used}`, operation.location, {
      suggestion: `${describe(first)} uses it: drop that first and create it again afterwards.`,
    });
  }
  if (generatedFrom(table, column.name).length > 0) reject('0A000', 'cannot alter type of a column used by a generated column', operation.location);
}

function requireComparableKeys(catalog: Catalog, table: Table, column: Column, operation: SetType): void {
  const key = keyOf(table);
  for (const other of catalog.tables.values()) {
    for (const foreignKey of other.foreignKeys) {
      const to = catalog.tables.get(foreignKey.table);
      for (const [position, from] of foreignKey.columns.entries()) {
        const referenced = foreignKey.referencedColumns[position];
        const isFrom = keyOf(other) === key && from === column.name;
        const isTo = foreignKey.table === key && referenced === column.name;
        if ((!isFrom && !isTo) || referenced === undefined) continue;
        const left = isFrom ? operation.type : other.columns.get(from)?.type;
        const right = isTo ? operation.type : to?.columns.get(referenced)?.type;
        if (!left || !right || canReference(left, right)) continue;
        reject('42804', `foreign key constraint "${foreignKey.name}" cannot be implemented`, operation.location, {
          suggestion: `Key columns "${from}" and "${referenced}" would be of incompatible types: ${formatType(left)} and ${formatType(right)}.`,
        });
      }
    }
  }
}
