import type { AttachPartition, CreateTable, DetachPartition, SetInheritance } from '../../facts/operation.js';
import type { ApplyEnvironment } from './environment.js';
import { inheritForeignKeys } from './foreign-keys.js';
import { addIndex } from './indexes.js';
import { indexColumnNames } from './index-names.js';
import { inheritIndexes, inheritKeys } from './keys.js';
import { alteredTable, isOpen, useTable } from './lookup.js';
import { chooseRelationName, keyOf, nameAddition } from './names.js';
import { reject } from './rejection.js';
import { editTable } from './state.js';
import type { Catalog, Table } from './types.js';

/** INHERITS and PARTITION OF: the new table (not shared yet) gets the parents' columns and checks. @throws Rejection 42P01, 42809 */
export function inheritColumns(catalog: Catalog, table: Table, operation: CreateTable, env: ApplyEnvironment): void {
  const names = [...operation.inherits, ...(operation.partitionOf ? [operation.partitionOf] : [])];
  for (const name of names) {
    const parent = useTable(catalog, name, operation.location, env)!;
    requirePartitioned(catalog, parent, operation);
    table.parents.push(keyOf(parent));
    if (parent.open) table.open = true;
    for (const column of parent.columns.values()) if (!table.columns.has(column.name)) table.columns.set(column.name, { ...column });
    for (const check of parent.checks) if (!table.checks.some((own) => own.name === check.name)) table.checks.push({ ...check });
  }
  if (operation.partitionOf) table.isPartition = true;
}

function requirePartitioned(catalog: Catalog, parent: Table, operation: CreateTable): void {
  if (parent.assumed) {
    if (operation.partitionOf) editTable(catalog, keyOf(parent)).partitioned = true;
    return;
  }
  if (operation.partitionOf && !parent.partitioned) reject('42P17', `"${parent.name}" is not partitioned`, operation.location);
  if (!operation.partitionOf && parent.partitioned) reject('42809', `cannot inherit from partitioned table "${parent.name}"`, operation.location);
}

/** Gives a partition the keys, indexes, foreign keys and row triggers of its parent. */
export function inheritPartition(catalog: Catalog, key: string, parent: Table, env: ApplyEnvironment): void {
  inheritKeys(catalog, key, parent, env);
  inheritIndexes(catalog, key, parent, (index) => {
    const table = catalog.tables.get(key)!;
    const name = chooseRelationName(catalog, table.schema, table.name, nameAddition(indexColumnNames(index.keys, index.include)), 'idx', false);
    addIndex(catalog, table, index, name, env);
  });
  inheritForeignKeys(catalog, key, parent);
  const table = editTable(catalog, key);
  for (const trigger of parent.triggers) if (trigger.forEachRow) table.triggers.push({ ...trigger });
}

/** A table is no child of itself, or of its own children. @throws Rejection 42P07 */
function refuseCircle(catalog: Catalog, parent: Table, child: Table, location: AttachPartition['location']): void {
  const above = new Set([keyOf(parent)]);
  // Grows while it is walked.
  for (const key of above) for (const next of catalog.tables.get(key)?.parents ?? []) above.add(next);
  if (above.has(keyOf(child))) reject('42P07', 'circular inheritance not allowed', location, { suggestion: `"${child.name}" stands above "${parent.name}" already.` });
}

/** ATTACH PARTITION. @throws Rejection 42P01, 42809, 42804 */
export function attachPartition(catalog: Catalog, operation: AttachPartition, env: ApplyEnvironment): void {
  const parent = alteredTable(catalog, operation, env);
  if (!parent) return;
  const partition = useTable(catalog, operation.partition, operation.location, env)!;
  const { location } = operation;
  if (!parent.partitioned && !parent.assumed) reject('42809', `ALTER action ATTACH PARTITION cannot be performed on relation "${parent.name}"`, location);
  if (partition.isPartition) reject('42809', `"${partition.name}" is already a partition`, location);
  refuseCircle(catalog, parent, partition, location);
  requireSameColumns(parent, partition, operation);
  const own = editTable(catalog, keyOf(partition));
  own.isPartition = true;
  own.parents.push(keyOf(parent));
  inheritPartition(catalog, keyOf(partition), catalog.tables.get(keyOf(parent))!, env);
}

function requireSameColumns(parent: Table, partition: Table, operation: AttachPartition): void {
  if (isOpen(parent) || isOpen(partition)) return;
  for (const name of partition.columns.keys()) {
    if (!parent.columns.has(name)) {
      reject('42804', `table "${partition.name}" contains column "${name}" not found in parent "${parent.name}"`, operation.location);
    }
  }
  requireParentFacts(parent, partition, operation.location);
}

function requireParentFacts(parent: Table, child: Table, location: AttachPartition['location']): void {
  for (const column of parent.columns.values()) {
    const own = child.columns.get(column.name);
    if (!own) reject('42804', `child table is missing column "${column.name}"`, location);
    if (column.notNull && !own.notNull) reject('42804', `column "${column.name}" in child table "${child.name}" must be marked NOT NULL`, location);
    if (column.type.name !== own.type.name) reject('42804', `child table "${child.name}" has different type for column "${column.name}"`, location);
  }
  const missing = parent.checks.find((check) => !child.checks.some((own) => own.name === check.name));
  if (missing) reject('42804', `child table is missing constraint "${missing.name}"`, location);
}

/** DETACH PARTITION: the table stays, with what it got. @throws Rejection 42P01 */
export function detachPartition(catalog: Catalog, operation: DetachPartition, env: ApplyEnvironment): void {
  const parent = alteredTable(catalog, operation, env);
  const partition = parent && useTable(catalog, operation.partition, operation.location, env);
  if (operation.concurrently && env.inTransaction) {
    reject('25001', 'ALTER TABLE ... DETACH CONCURRENTLY cannot run inside a transaction block', operation.location);
  }
  if (!parent || !partition) return;
  if (!partition.parents.includes(keyOf(parent)) && !isOpen(parent) && !isOpen(partition)) {
    reject('42P01', `relation "${partition.name}" is not a partition of relation "${parent.name}"`, operation.location);
  }
  const own = editTable(catalog, keyOf(partition));
  own.isPartition = false;
  own.parents = own.parents.filter((key) => key !== keyOf(parent));
  own.triggers = own.triggers.filter((trigger) => !parent.triggers.some((above) => above.name === trigger.name && above.forEachRow));
}

/** INHERIT / NO INHERIT. @throws Rejection 42P01, 42P07, 42804 */
export function setInheritance(catalog: Catalog, operation: SetInheritance, env: ApplyEnvironment): void {
  const child = alteredTable(catalog, operation, env);
  const parent = child && useTable(catalog, operation.parent, operation.location, env);
  if (!child || !parent) return;
  const key = keyOf(parent);
  const inherits = child.parents.includes(key);
  if (!operation.inherit) {
    if (!inherits && !isOpen(child)) reject('42P01', `relation "${parent.name}" is not a parent of relation "${child.name}"`, operation.location);
    const own = editTable(catalog, keyOf(child));
    own.parents = own.parents.filter((other) => other !== key);
    return;
  }
  refuseCircle(catalog, parent, child, operation.location);
  if (inherits) reject('42P07', `relation "${parent.name}" would be inherited from more than once`, operation.location);
  if (!isOpen(child) && !isOpen(parent)) requireParentFacts(parent, child, operation.location);
  editTable(catalog, keyOf(child)).parents.push(key);
}
