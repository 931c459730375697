import type { ChangeRule, CreateRule } from '../../facts/operation.js';
import type { ApplyEnvironment } from './environment.js';
import { findTable, keyOf } from './names.js';
import { editTable } from './state.js';
import type { Catalog, Table } from './types.js';

/** CREATE RULE. What it may refuse is not modelled. */
export function createRule(catalog: Catalog, { table: on, name, event, instead, conditional, nothing }: CreateRule, env: ApplyEnvironment): void {
  const found = findTable(catalog, on, env.searchPath);
  if (!found) return;
  const table = editTable(catalog, keyOf(found));
  table.rules = [...table.rules.filter((rule) => rule.name !== name), { name, event, instead, conditional, nothing, enabled: true, origin: env.origin }];
}

/** DROP RULE; ALTER TABLE ... ENABLE/DISABLE RULE. */
export function changeRule(catalog: Catalog, { table: on, name, change }: ChangeRule, env: ApplyEnvironment): void {
  const found = findTable(catalog, on, env.searchPath);
  if (!found) return;
  const table = editTable(catalog, keyOf(found));
  table.rules = table.rules.flatMap((rule) => (rule.name !== name ? [rule] : change === 'drop' ? [] : [{ ...rule, enabled: change === 'enable' }]));
}

/** The rule that does something else instead of a write: of all rows (`all`) nothing, or of some, or something that is not known. */
export function replacedBy({ rules }: Table, event: 'insert' | 'update' | 'delete'): { readonly rule: Table['rules'][number]; readonly all: boolean } | undefined {
  const own = rules.filter((rule) => rule.enabled && rule.instead && rule.event === event);
  const whole = own.find(({ conditional, nothing }) => !conditional && nothing);
  const rule = whole ?? own[0];
  return rule && { rule, all: whole !== undefined && own.every(({ nothing }) => nothing) };
}
