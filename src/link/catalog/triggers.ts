import type { CreateTrigger, DropTrigger, SetTriggerState } from '../../facts/operation.js';
import type { ApplyEnvironment } from './environment.js';
import { alteredTable, createdHere, isOpen, originAt, useRelation } from './lookup.js';
import { keyOf } from './names.js';
import { partitionsOf } from './inheritance.js';
import { reject } from './rejection.js';
import { editTable } from './state.js';
import { requireTriggerFunction } from './functions.js';
import type { Catalog, Table, Trigger } from './types.js';

/** CREATE TRIGGER; partitions get row triggers too. @throws Rejection 42P01, 42703, 42883, 42710, 42809 */
export function createTrigger(catalog: Catalog, operation: CreateTrigger, env: ApplyEnvironment): void {
  const { trigger, location } = operation;
  const found = useRelation(catalog, operation.table, location, env)!;
  rejectTiming(found, operation);
  for (const column of trigger.updateOf) {
    if (!found.columns.has(column) && !isOpen(found)) reject('42703', `column "${column}" of relation "${found.name}" does not exist`, location);
  }
  requireTriggerFunction(catalog, trigger.function, location, env);
  const existing = found.triggers.find((other) => other.name === trigger.name);
  if (existing && !operation.orReplace) {
    reject('42710', `trigger "${trigger.name}" for relation "${found.name}" already exists`, location, {
      ...createdHere('the trigger was created', existing.origin), suggestion: 'Write CREATE OR REPLACE TRIGGER, or DROP TRIGGER IF EXISTS before it.',
    });
  }
  const { location: place, ...facts } = trigger;
  install(catalog, found, { ...facts, enabled: true, origin: originAt(env, place) });
}

function rejectTiming(table: Table, operation: CreateTrigger): void {
  const { timing, forEachRow } = operation.trigger;
  if (table.assumed) return;
  if (table.kind === 'table' && timing === 'insteadOf') {
    reject('42809', `"${table.name}" is a table`, operation.location, { suggestion: 'Tables cannot have INSTEAD OF triggers.' });
  }
  if (table.kind === 'view' && timing !== 'insteadOf' && forEachRow) {
    reject('42809', `"${table.name}" is a view`, operation.location, { suggestion: 'Views cannot have row-level BEFORE or AFTER triggers.' });
  }
  if (table.kind === 'materializedView') {
    reject('42809', `relation "${table.name}" cannot have triggers`, operation.location);
  }
}

function install(catalog: Catalog, found: Table, trigger: Trigger): void {
  const table = editTable(catalog, keyOf(found));
  table.triggers = [...table.triggers.filter((other) => other.name !== trigger.name), trigger];
  if (trigger.forEachRow) for (const partition of partitionsOf(catalog, table)) install(catalog, partition, trigger);
}

/** DROP TRIGGER. IF EXISTS also passes over a missing table. @throws Rejection 42P01, 42704 */
export function dropTrigger(catalog: Catalog, operation: DropTrigger, env: ApplyEnvironment): void {
  const found = useRelation(catalog, operation.table, operation.location, env, operation.ifExists);
  if (!found) return;
  if (!found.triggers.some((trigger) => trigger.name === operation.name)) {
    if (operation.ifExists || isOpen(found)) return;
    reject('42704', `trigger "${operation.name}" for table "${found.name}" does not exist`, operation.location, { suggestion: 'Write IF EXISTS, or correct the name.' });
  }
  remove(catalog, found, operation.name);
}

function remove(catalog: Catalog, found: Table, name: string): void {
  const table = editTable(catalog, keyOf(found));
  table.triggers = table.triggers.filter((trigger) => trigger.name !== name);
  for (const partition of partitionsOf(catalog, table)) remove(catalog, partition, name);
}

/** ENABLE/DISABLE TRIGGER. @throws Rejection 42P01, 42704 */
export function setTriggerState(catalog: Catalog, operation: SetTriggerState, env: ApplyEnvironment): void {
  const found = alteredTable(catalog, operation, env);
  if (!found) return;
  if (operation.name !== undefined && !isOpen(found) && !found.triggers.some((trigger) => trigger.name === operation.name)) {
    reject('42704', `trigger "${operation.name}" for table "${found.name}" does not exist`, operation.location);
  }
  for (const trigger of editTable(catalog, keyOf(found)).triggers) {
    if (operation.name === undefined || trigger.name === operation.name) trigger.enabled = operation.enabled;
  }
}
