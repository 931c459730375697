import type { Frame, Machine } from './machine.js';
import { isChosen } from './chosen.js';
import { isCalledGlobalRole, isGlobalRole } from './global-roles.js';
import type { Condition, Fact, ObjectValue, Value } from './values.js';

/** What is true of administrators of the platform, who are no tenant's: a flag of the signed-in user. */
const FLAG = /(?:^|[._])is_?(?:super_?(?:admin|user)|platform_?(?:admin|owner|staff)|instance_?admin|sys(?:tem)?_?admin)(?:istrator)?$/i;
/** Names of roles that nobody has in a tenant. */
const ROLE = /^(?:platform|instance|sys(?:tem)?)[ _-]?(?:admin|owner|staff)(?:istrator)?$|^super[ _-]?user$/i;
/** A role that is the platform's in most products, and in some the highest one in a tenant. */
const SUPER_ADMIN = /^super[ _-]?admin(?:istrator)?$/i;
/** A flag and a role that are the platform's where a tenant's are told apart from them. */
const ADMIN_FLAG = /(?:^|[._])(?:is_?)?admin$/i;
const ADMIN = /^admin(?:istrator)?$/i;
const ROLES = /(?:^|[._])roles?$/i;
/** Who administers an installation is said by its environment: `env.ADMIN_EMAIL.includes(user.email)`. */
const EMAILS = /(?:^|[._])(?:super_?|platform_?)?admin_?e?mails?(?:\.split)?$/i;
/** One of them: `env.ADMIN_EMAIL.some((email) => email === user.email)`. */
const EMAIL = /(?:^|[._])(?:super_?|platform_?)?admin_?e?mails?(?:\.split\(\.\.\.\))?\[\]$/i;
/** What a clock of the installation is known by: `Bearer ${process.env.CRON_SECRET}`. */
const CLOCK = /_(?:secret|token|key|password)$(?<=(?:^|[._])(?:cron|scheduler?)_(?:\w+_)?(?:secret|token|key|password))/i;
/** Whether an installation has more than one tenant. */
const TENANCY = /(?:^|[._])(?:is_?|enable_?)?multi_?tenan(?:t|cy)(?:_?(?:mode|enabled|on))?$/i;

/**
 * Notes that only administrators of the platform come here: what they read and write is every tenant's.
 * `certain`: no role in a tenant is called so.
 */
export function notePlatform(m: Machine, condition: Condition, outcome: boolean): void {
  if (!outcome) return;
  const certain = ofPlatform(m, condition);
  if (certain !== undefined) m.state.add({ kind: 'platform', certain });
}

/** Only administrators of the platform come by each of several paths: the user was found in either of two ways. */
export function noteAllOfPlatform(m: Machine, paths: readonly (readonly Fact[])[]): void {
  const found = paths.map((facts) => facts.flatMap((fact) => (fact.kind === 'platform' ? [fact.certain] : [])));
  if (found.every(({ length }) => length > 0)) m.state.add({ kind: 'platform', certain: found.every((certain) => certain.includes(true)) });
}

function ofPlatform(m: Machine, condition: Condition): boolean | undefined {
  switch (condition.operator) {
    case 'truthy': return isFlag(m, condition.value) ? true : undefined;
    case 'equal':
      if ([condition.left, condition.right].some((side) => isNamed(m, side, EMAIL) || holesOf(m, side).some((hole) => isNamed(m, hole, CLOCK)))) return true;
      return ofRole(m, condition.left, condition.right) ?? ofRole(m, condition.right, condition.left);
    case 'in': return isEmails(m, condition.right) ? true : ofRole(m, condition.right, condition.left) ?? rolesIn(m, condition.left, condition.right);
    default: return undefined;
  }
}

/** Those that the environment lists, or what is made of each: `(env.ADMIN_EMAILS ?? '').split(',').map((email) => email.trim())`. */
function isEmails(m: Machine, value: Value): boolean {
  const inner = m.read(value);
  const all = (parts: readonly Value[], is: (part: Value) => boolean): boolean => {
    const said = parts.filter((part) => !isNone(m, part));
    return said.length > 0 && said.every(is);
  };
  if (inner.kind === 'union') return all(inner.options.map((option) => option.value), (option) => isEmails(m, option));
  return inner.kind === 'list' ? all(inner.items.map((item) => item.value), (item) => isNamed(m, item, EMAIL)) : isNamed(m, value, EMAILS);
}

/** What nobody's address is: an empty text, an empty list. */
function isNone(m: Machine, value: Value): boolean {
  const inner = m.read(value);
  return (inner.kind === 'constant' && !inner.value) || (inner.kind === 'list' && inner.items.every((item) => isNone(m, item.value)));
}

/** A value, or what is put into a text. */
function holesOf(m: Machine, value: Value): readonly Value[] {
  const inner = m.read(value);
  return inner.kind === 'text' ? inner.parts.flatMap((part) => (part.kind === 'hole' ? [part.value] : [])) : [inner];
}

function ofRole(m: Machine, role: Value, name: Value): boolean | undefined {
  const { kind, value } = m.read(name) as { kind: string; value?: unknown };
  if (kind !== 'constant') return undefined;
  if (value === true) return isFlag(m, role) ? true : undefined;
  if (typeof value !== 'string' || !isNamed(m, role, ROLES)) return undefined;
  if (ROLE.test(value) || (ADMIN.test(value) || SUPER_ADMIN.test(value)) && isOfPlatform(m, role)) return true;
  return SUPER_ADMIN.test(value) ? false : undefined;
}

function isFlag(m: Machine, value: Value): boolean {
  return isNamed(m, value, FLAG) || isNamed(m, value, ADMIN_FLAG) && isOfPlatform(m, value);
}

/** Whether a role is one that a user has besides those in tenants. */
function isOfPlatform(m: Machine, role: Value): boolean {
  const inner = m.read(role);
  return inner.kind === 'field' ? isGlobalRole(inner, m) : inner.kind === 'input' && isCalledGlobalRole(inner.name.replace(CALLED, ''), m);
}

/** `['superadmin', 'platform_admin'].includes(user.role)`. */
function rolesIn(m: Machine, role: Value, list: Value): boolean | undefined {
  const inner = m.read(list);
  if (inner.kind !== 'list' || inner.items.length === 0) return undefined;
  const each = inner.items.map(({ value }) => ofRole(m, role, value));
  return each.includes(undefined) ? undefined : !each.includes(false);
}

/** What is left out of a name: that it was called, or written in other letters. */
const CALLED = /(?:(?:\.(?:toLowerCase|toUpperCase|trim|toString|lower|upper|strip))?\(\.\.\.\))+$/;

/** Whether a value is called so that says something of who is signed in: nothing that the caller sent, no row that the caller has chosen. */
function isNamed(m: Machine, value: Value, name: RegExp): boolean {
  const inner = m.read(value);
  if (inner.kind === 'input') return inner.trust !== 'untrusted' && name.test(inner.name.replace(CALLED, ''));
  if (inner.kind === 'external') return inner.module === 'node:process' && name.test(inner.path.join('.'));
  return inner.kind === 'field' && !inner.many && name.test(inner.path.join('.')) && !isChosen(inner, m);
}

/** Whether a condition is impossible where the tool's subject is: an installation of several tenants. */
export function isOfOneTenant(m: Machine, condition: Condition, outcome: boolean): boolean {
  if (condition.operator === 'truthy') return !outcome && isNamed(m, condition.value, TENANCY);
  if (condition.operator !== 'equal') return false;
  return ([[condition.left, condition.right], [condition.right, condition.left]] as const).some(([flag, constant]) => {
    const { kind, value } = m.read(constant) as { kind: string; value?: unknown };
    return kind === 'constant' && isSwitch(value) && isNamed(m, flag, TENANCY) && /^(?:true|1|on|yes|enabled)$/i.test(String(value)) !== outcome;
  });
}

function isSwitch(value: unknown): boolean {
  return /^(?:true|false|1|0|on|off|yes|no|enabled|disabled)$/i.test(String(value));
}

/** The paths that others come by than administrators of the platform; all, where there are none. */
export function ordinary<T>(paths: readonly T[], factsOf: (path: T) => readonly Fact[]): readonly T[] {
  const others = paths.filter((path) => !factsOf(path).some(({ kind }) => kind === 'platform'));
  return others.length === 0 ? paths : others;
}

/** The ends of a function that others come to than administrators of the platform; all, where the others are only refused: `{ ok: false }`, a response with a status. */
export function ordinaryReturns(returns: Frame['returns']): Frame['returns'] {
  const others = ordinary(returns, ({ snapshot }) => snapshot.facts);
  return others.every((each) => each.refuses === true) ? returns : [...others];
}

/** Whether what a function gives tells its caller no. */
export function refuses(m: Machine, value: Value): boolean {
  const inner = m.read(value);
  if (inner.kind === 'constant') return !inner.value;
  if (inner.kind === 'external') return inner.instance === true && inner.path.at(-1) === 'Response';
  if (inner.kind !== 'object') return false;
  return inner.entries.some((entry) => entry.kind === 'property' && (entry.key === 'error' || isFalse(m, entry.value))) || isVerdict(m, inner);
}

/** `{ kind: 'none' }`: words that whoever asked goes by, beside others for administrators. */
function isVerdict(m: Machine, { entries }: ObjectValue): boolean {
  return entries.length > 0 && entries.every((entry) => {
    const value = entry.kind === 'property' ? m.read(entry.value) : undefined;
    return value?.kind === 'constant' && typeof value.value === 'string';
  });
}

function isFalse(m: Machine, value: Value): boolean {
  const inner = m.read(value);
  return inner.kind === 'constant' && inner.value === false;
}

/** Whether nobody else comes to a query that runs where these facts hold. */
export function platformOf(facts: readonly Fact[]): { readonly platform?: true } {
  return facts.some((fact) => fact.kind === 'platform' && fact.certain) ? { platform: true } : {};
}
