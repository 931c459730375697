import type { Location } from '../facts/location.js';
import type { Table } from '../link/catalog/types.js';
import type { LiveTable } from './catalog.js';
import { saysElse } from './policy-text.js';
import { displayOf } from './table-info.js';

/** What a difference is about. */
export type DifferenceAspect = 'table' | 'column' | 'type' | 'nullability' | 'default' | 'generation' | 'key' | 'foreign key' | 'check' | 'trigger' | 'index' | 'row security' | 'policy';

/** Takes a difference. */
export type Tell = (aspect: DifferenceAspect, message: string, location?: Location, column?: string) => void;

/** Row-level security of a table: whether it is on, and each policy. */
export function comparePolicies(table: Table, live: LiveTable, tell: Tell): void {
  const name = displayOf(table);
  const onOff = (on: boolean): string => (on ? 'on' : 'off');
  if (table.rowSecurity !== live.rowSecurity) tell('row security', `Row-level security of "${name}" is ${onOff(live.rowSecurity)} in the database, not ${onOff(table.rowSecurity)}`, table.rowSecurityOrigin?.location);
  if (table.forceRowSecurity !== live.forceRowSecurity) tell('row security', `FORCE ROW LEVEL SECURITY of "${name}" is ${onOff(live.forceRowSecurity)} in the database, not ${onOff(table.forceRowSecurity)}`, table.rowSecurityOrigin?.location);
  const theirs = new Map(live.policies.map((policy) => [policy.name, policy]));
  for (const policy of table.policies) {
    const other = theirs.get(policy.name);
    const where = policy.origin.location;
    if (other === undefined) tell('policy', `Policy "${policy.name}" of "${name}" does not exist in the database`, where);
    else if (other.command !== policy.command || other.permissive !== policy.permissive) tell('policy', `Policy "${policy.name}" of "${name}" is ${other.permissive ? 'permissive' : 'restrictive'} for ${other.command} in the database, not ${policy.permissive ? 'permissive' : 'restrictive'} for ${policy.command}`, where);
    else if ((other.using === null) !== (policy.using === undefined) || (other.check === null) !== (policy.withCheck === undefined)) tell('policy', `Policy "${policy.name}" of "${name}" has ${other.using === null ? 'no' : 'a'} USING and ${other.check === null ? 'no' : 'a'} WITH CHECK in the database`, where);
    else {
      for (const part of ['using', 'check'] as const) comparePolicyText(name, policy, other, part, tell);
      compareRoles(name, policy, other, tell);
    }
  }
  for (const { name: policy } of live.policies) if (!table.policies.some((each) => each.name === policy)) tell('policy', `"${name}" has a policy "${policy}" in the database that the migrations do not know`);
}

function comparePolicyText(table: string, policy: Table['policies'][number], live: LiveTable['policies'][number], part: 'using' | 'check', tell: Tell): void {
  const [ours, theirs] = [part === 'using' ? policy.using : policy.withCheck, live[part]];
  if (ours === undefined || theirs === null || saysElse(ours, theirs) !== true) return;
  tell('policy', `${part === 'using' ? 'USING' : 'WITH CHECK'} of policy "${policy.name}" of "${table}" says something else in the database: ${theirs.replace(/\s+/g, ' ')}`, policy.origin.location);
}

/** No role means PUBLIC; CURRENT_USER is whoever ran the statement. */
function compareRoles(table: string, policy: Table['policies'][number], live: LiveTable['policies'][number], tell: Tell): void {
  const ours = policy.roles.length === 0 ? ['public'] : [...policy.roles].sort();
  if (ours.some((role) => /^(current_user|current_role|session_user)$/.test(role))) return;
  const theirs = [...live.roles].sort();
  if (ours.join() !== theirs.join()) tell('policy', `Policy "${policy.name}" of "${table}" is for ${theirs.join(', ')} in the database, not for ${ours.join(', ')}`, policy.origin.location);
}

/** CHECK constraints: those that are there, what they say, and whether existing rows were checked. */
export function compareChecks(table: Table, live: LiveTable, tell: Tell): void {
  const name = displayOf(table);
  for (const check of table.checks) {
    const other = live.checks.find((each) => each.name === check.name);
    const where = check.origin.location;
    if (other === undefined) tell('check', `"${name}" has no CHECK constraint "${check.name}" in the database`, where);
    else if (other.validated !== check.validated) tell('check', `CHECK constraint "${check.name}" of "${name}" is ${other.validated ? 'validated' : 'NOT VALID'} in the database, not ${check.validated ? 'validated' : 'NOT VALID'}`, where);
    else if (saysElse(check.expression, other.expression) === true) tell('check', `CHECK constraint "${check.name}" of "${name}" says something else in the database: ${other.expression.replace(/\s+/g, ' ')}`, where);
  }
  if (table.open) return;
  for (const { name: check } of live.checks) if (!table.checks.some((each) => each.name === check)) tell('check', `"${name}" has a CHECK constraint "${check}" in the database that the migrations and models do not know`);
}

/** Triggers that are gone or switched off. */
export function compareTriggers(table: Table, live: LiveTable, tell: Tell): void {
  const name = displayOf(table);
  for (const trigger of table.triggers) {
    const other = live.triggers.find((each) => each.name === trigger.name);
    if (other === undefined) tell('trigger', `"${name}" has no trigger "${trigger.name}" in the database`, trigger.origin.location);
    else if (other.enabled !== trigger.enabled) tell('trigger', `Trigger "${trigger.name}" of "${name}" is ${other.enabled ? 'enabled' : 'disabled'} in the database`, trigger.origin.location);
  }
}
