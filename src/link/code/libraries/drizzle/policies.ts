import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { PolicyCommand, PolicyDefinition } from '../../../../facts/schema.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { constant } from '../build.js';
import { alternatives } from '../objects.js';
import { exportedPath, property } from '../sql-client.js';
import { dataOf, made, sourceOf, textOf } from './data.js';
import { lowerCondition } from './expressions.js';
import { addPolicy } from './tables.js';

/** `pgPolicy(...)` or a part of `crudPolicy(...)`: conditions are lowered when its table is asked for. */
export interface PolicyData {
  readonly name: string;
  readonly command: PolicyCommand;
  readonly permissive: boolean;
  readonly roles: readonly Value[];
  readonly using?: Value;
  readonly withCheck?: Value;
  readonly location: Location;
}

/** Functions that declare policies and roles (Drizzle's manual, "Row-Level Security"); undefined for another. */
export function policyCall(name: string, call: Call, ctx: Context): Value | undefined {
  const [first, second] = call.arguments.positional;
  switch (name) {
    case 'pgPolicy': return made('policy', [policyOf(textOf(first, ctx) ?? 'policy', second, call.location, ctx)]);
    case 'crudPolicy': return made('policy', crud(first, call.location, ctx));
    case 'pgRole': return made('role', textOf(first, ctx) ?? 'role');
    default: return undefined;
  }
}

/** `pgPolicy(...).link(table)`, `pgRole(...).existing()`. */
export function policyMethod(value: LibraryValue, name: string, call: Call, ctx: Context): Value {
  const source = name === 'link' ? sourceOf(call.arguments.positional[0] && ctx.read(call.arguments.positional[0])) : undefined;
  if (source?.kind === 'table') addPolicy(source, value, ctx);
  return value;
}

function policyOf(name: string, config: Value | undefined, location: Location, ctx: Context): PolicyData {
  const given = config && ctx.read(config);
  const option = (key: string): Value | undefined => (given?.kind === 'object' ? property(given.entries, key) : undefined);
  const command = textOf(option('for'), ctx);
  const [using, withCheck] = [option('using'), option('withCheck')];
  return {
    name, location, command: isCommand(command) ? command : 'all', permissive: textOf(option('as'), ctx) !== 'restrictive', roles: rolesOf(option('to'), ctx),
    ...(using && { using }), ...(withCheck && { withCheck }),
  };
}

function isCommand(text: string | undefined): text is PolicyCommand {
  return text !== undefined && ['all', 'select', 'insert', 'update', 'delete'].includes(text);
}

function rolesOf(to: Value | undefined, ctx: Context): readonly Value[] {
  const known = to && ctx.read(to);
  return known?.kind === 'list' ? known.items.map((item) => item.value) : known ? [known] : [];
}

/** `crudPolicy({ role, read, modify })` of Neon: a policy for each command; `null` makes none. */
function crud(config: Value | undefined, location: Location, ctx: Context): PolicyData[] {
  const given = config && ctx.read(config);
  const option = (key: string): Value | undefined => (given?.kind === 'object' ? property(given.entries, key) : undefined);
  const roles = rolesOf(option('role'), ctx);
  const policy = (command: PolicyCommand, key: 'read' | 'modify'): PolicyData[] => {
    const condition = option(key);
    const known = condition && ctx.read(condition);
    if (condition === undefined || (known?.kind === 'constant' && known.value === null)) return [];
    return [{ name: `crud-policy-${command}`, command, permissive: true, roles, location, ...(command !== 'insert' && { using: condition }), ...((command === 'insert' || command === 'update') && { withCheck: condition }) }];
  };
  return [...policy('select', 'read'), ...policy('insert', 'modify'), ...policy('update', 'modify'), ...policy('delete', 'modify')];
}

/** The policies that a value stands for, as the database has them. */
export function policiesOf(value: Value, ctx: Context): PolicyDefinition[] {
  return (dataOf<readonly PolicyData[]>(ctx.read(value), 'policy') ?? []).map(({ roles, using, withCheck, location, name, command, permissive }) => ({
    name, command, permissive, location, roles: roles.flatMap((role) => alternatives(role, ctx).map((each) => roleName(each, ctx))),
    ...(using && { using: conditionOf(using, location, ctx) }), ...(withCheck && { withCheck: conditionOf(withCheck, location, ctx) }),
  }));
}

function conditionOf(value: Value, location: Location, ctx: Context): Expression {
  const known = ctx.read(value);
  return known.kind === 'constant' ? constant(known.value === true, location) : lowerCondition(value, location, ctx);
}

/** A role by its name, by `pgRole(...)`, or by one of those of a platform's package (`authenticatedRole`, `serviceRole`). */
function roleName(role: Value, ctx: Context): string {
  if (role.kind !== 'external') return textOf(role, ctx) ?? dataOf<string>(role, 'role') ?? 'unknown';
  return (exportedPath(role).at(-1) ?? 'unknown').replace(/Role$/, '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
