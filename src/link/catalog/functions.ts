import type { SqlType } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { AlterFunction, CreateFunction, DropFunction, FunctionParameter } from '../../facts/operation.js';
import type { QualifiedName } from '../../facts/query.js';
import { typeText } from '../resolve/typing.js';
import type { ApplyEnvironment } from './environment.js';
import { isMissing } from './environment.js';
import { parts } from './expressions.js';
import { createdHere, schemaFor } from './lookup.js';
import { keyOf, searchedSchemas, tableKey } from './names.js';
import { nameText, reject } from './rejection.js';
import { editTable } from './state.js';
import { hasUnknownExtension, isBuiltIn } from './type-names.js';
import type { Catalog, FunctionEntry, Table } from './types.js';

/** CREATE FUNCTION | PROCEDURE; overloads differ in the types of their input parameters. @throws Rejection 42723, 42P13, 42809, 3F000 */
export function createFunction(catalog: Catalog, operation: CreateFunction, env: ApplyEnvironment): void {
  const { location } = operation;
  const schema = schemaFor(catalog, operation.name, location, env);
  const key = tableKey(schema, operation.name.name);
  const overloads = catalog.functions.get(key) ?? [];
  const existing = overloads.find((entry) => signature(entry.parameters) === signature(operation.parameters));
  if (existing) requireReplaceable(existing, operation);
  const { parameters, returns, language, procedure, securityDefiner, settings, volatility, body } = operation;
  const entry: FunctionEntry = {
    schema, name: operation.name.name, parameters, language, procedure, securityDefiner, settings, volatility, origin: env.origin,
    ...(returns && { returns }), ...(body && { body }),
  };
  catalog.functions.set(key, [...overloads.filter((other) => other !== existing), entry]);
}

/** The parameters that a call gives values to. */
export function inputs(parameters: readonly FunctionParameter[]): readonly FunctionParameter[] {
  return parameters.filter((parameter) => parameter.mode !== 'out' && parameter.mode !== 'table');
}

function signature(parameters: readonly FunctionParameter[]): string {
  return inputs(parameters).map((parameter) => typeKey(parameter.type)).join();
}

/** Two parameters with one key are of one type. */
export function typeKey(type: SqlType): string {
  return `${type.name}${'[]'.repeat(Math.min(type.dimensions, 1))}`;
}

function requireReplaceable(existing: FunctionEntry, operation: CreateFunction): void {
  const { name, location } = { name: operation.name.name, location: operation.location };
  const related = createdHere('the function was created', existing.origin);
  if (!operation.orReplace) {
    const word = existing.procedure ? 'procedure' : 'function';
    reject('42723', `${word} "${name}" already exists with same argument types`, location, { ...related, suggestion: 'Write CREATE OR REPLACE.' });
  }
  if (existing.procedure !== operation.procedure) reject('42809', 'cannot change routine kind', location, related);
  const { returns } = operation;
  if (existing.returns && returns && typeKey(existing.returns) !== typeKey(returns)) {
    reject('42P13', 'cannot change return type of existing function', location, { ...related, suggestion: `Write DROP FUNCTION ${name} first.` });
  }
  for (const [position, parameter] of inputs(existing.parameters).entries()) {
    const to = inputs(operation.parameters)[position]!;
    if (parameter.name !== undefined && parameter.name !== to.name) {
      reject('42P13', `cannot change name of input parameter "${parameter.name}"`, location, { ...related, suggestion: `Write DROP FUNCTION ${name} first.` });
    }
  }
}

/** The key of the function a name refers to. */
function findFunction(catalog: Catalog, name: QualifiedName, env: ApplyEnvironment): string | undefined {
  return searchedSchemas(name, env.searchPath).map((schema) => tableKey(schema, name.name)).find((key) => catalog.functions.has(key));
}

/** Functions for triggers that PostgreSQL and its extensions bring. */
const BROUGHT: ReadonlySet<string> = new Set([
  'tsvector_update_trigger', 'tsvector_update_trigger_column', 'suppress_redundant_updates_trigger', 'moddatetime', 'autoinc', 'insert_username',
  'check_primary_key', 'check_foreign_key', 'lo_manage', 'triggered_change_notification',
]);

/** Refuses a trigger's function that is certain not to exist. @throws Rejection 42883 */
export function requireTriggerFunction(catalog: Catalog, name: QualifiedName, location: Location, env: ApplyEnvironment): void {
  if (findFunction(catalog, name, env) !== undefined) return;
  const isNowhere = !BROUGHT.has(name.name) && !hasUnknownExtension(catalog) && isMissing(env, name, 'triggerFunction');
  if (isNowhere || isMissing(env, name, 'function')) {
    reject('42883', `function ${nameText(name)}() does not exist`, location, { suggestion: 'Create the function before this statement.' });
  }
}

/**
 * Refuses a name without parameters where several routines have it. @throws Rejection 42725
 * Where a type is the project's own, two ways of writing it may be one, and what goes with the type goes with the routine.
 */
function requireOnlyOne(overloads: readonly FunctionEntry[], name: QualifiedName, location: Location): void {
  const [first, second] = overloads;
  if (!first || !second || overloads.some(({ procedure, parameters }) => procedure !== first.procedure || !inputs(parameters).every(({ type }) => isBuiltIn(type)))) return;
  const word = first.procedure ? 'procedure' : 'function';
  const written = overloads.map(({ parameters }) => `${nameText(name)}(${inputs(parameters).map(({ type }) => typeText(type)).join(', ')})`);
  reject('42725', `${word} name "${nameText(name)}" is not unique`, location, {
    related: overloads.map(({ origin }, index) => ({ location: origin.location, message: `${written[index]!} is created here` })),
    suggestion: `Say which one is meant: ${written.join(' or ')}.`,
  });
}

/** What names routines without their parameters, and does nothing else that is checked (COMMENT, GRANT). @throws Rejection 42725 */
export function requireUnique(catalog: Catalog, names: readonly QualifiedName[], location: Location, env: ApplyEnvironment): void {
  for (const name of names) {
    const key = findFunction(catalog, name, env);
    if (key !== undefined) requireOnlyOne(catalog.functions.get(key)!, name, location);
  }
}

function isOf(entry: FunctionEntry, types: readonly SqlType[]): boolean {
  return signature(entry.parameters) === types.map(typeKey).join();
}

/** ALTER FUNCTION: security and name. It passes over functions that are not known. @throws Rejection 42883, 42725 */
export function alterFunction(catalog: Catalog, operation: AlterFunction, env: ApplyEnvironment): void {
  const key = findFunction(catalog, operation.name, env);
  if (key === undefined) {
    if (isMissing(env, operation.name, 'function')) {
      reject('42883', `could not find a function named "${nameText(operation.name)}"`, operation.location);
    }
    return;
  }
  const { securityDefiner, renameTo, parameters } = operation;
  const overloads = catalog.functions.get(key)!;
  if (parameters === undefined) requireOnlyOne(overloads, operation.name, operation.location);
  const meant = overloads.filter((entry) => parameters === undefined || overloads.length === 1 || isOf(entry, parameters));
  if (meant.length === 0) return;
  const entries = meant.map((entry) => ({
    ...entry, ...(securityDefiner === undefined ? {} : { securityDefiner }), ...(renameTo === undefined ? {} : { name: renameTo }),
  }));
  keepOverloads(catalog, key, overloads.filter((entry) => !meant.includes(entry)));
  const target = renameTo === undefined ? key : tableKey(entries[0]!.schema, renameTo);
  catalog.functions.set(target, [...(catalog.functions.get(target) ?? []), ...entries]);
  if (renameTo !== undefined) renameInTriggers(catalog, operation.name.name, renameTo);
}

function keepOverloads(catalog: Catalog, key: string, left: FunctionEntry[]): void {
  if (left.length > 0) catalog.functions.set(key, left);
  else catalog.functions.delete(key);
}

function renameInTriggers(catalog: Catalog, from: string, to: string): void {
  for (const table of usersOf(catalog, from)) {
    const own = editTable(catalog, keyOf(table));
    own.triggers = own.triggers.map((trigger) => (trigger.function.name === from ? { ...trigger, function: { ...trigger.function, name: to } } : trigger));
  }
}

/** DROP FUNCTION: with CASCADE its triggers, policies and defaults go too. @throws Rejection 42883, 42725, 2BP01 */
export function dropFunction(catalog: Catalog, operation: DropFunction, env: ApplyEnvironment): void {
  const { name, location } = operation;
  const key = findFunction(catalog, name, env);
  if (key === undefined) {
    if (!operation.ifExists && isMissing(env, name, 'function')) {
      reject('42883', `could not find a function named "${nameText(name)}"`, location, { suggestion: 'Write DROP FUNCTION IF EXISTS, or correct the name.' });
    }
    return;
  }
  const overloads = catalog.functions.get(key)!;
  const { parameters } = operation;
  if (parameters === undefined) requireOnlyOne(overloads, name, location);
  const dropped = parameters ? overloads.filter((entry) => isOf(entry, parameters)) : overloads;
  if (dropped.length === 0) return;
  const users = usersOf(catalog, name.name);
  const isOverloaded = overloads.length > 1;
  if (users.length > 0 && !operation.cascade && !isOverloaded) {
    reject('2BP01', `cannot drop function ${nameText(name)} because other objects depend on it`, location, {
      suggestion: `Table "${users[0]!.name}" uses it in a trigger or policy: drop that first, or add CASCADE.`,
    });
  }
  keepOverloads(catalog, key, overloads.filter((entry) => !dropped.includes(entry)));
  if (operation.cascade && !isOverloaded) for (const table of users) removeUses(editTable(catalog, keyOf(table)), name.name);
}

/** Tables with a trigger or policy that calls a function of this name. */
function usersOf(catalog: Catalog, name: string): readonly Table[] {
  return [...catalog.tables.values()].filter((table) => table.triggers.some((trigger) => trigger.function.name === name)
    || table.policies.some((policy) => calls([policy.using, policy.withCheck], name))
    || [...table.columns.values()].some((column) => calls([column.default?.expression], name)));
}

function removeUses(table: Table, name: string): void {
  table.triggers = table.triggers.filter((trigger) => trigger.function.name !== name);
  table.policies = table.policies.filter((policy) => !calls([policy.using, policy.withCheck], name));
  for (const column of table.columns.values()) if (calls([column.default?.expression], name)) delete column.default;
}

function calls(expressions: readonly unknown[], name: string): boolean {
  for (const part of parts(expressions)) if (part.kind === 'call' && part.name.at(-1) === name) return true;
  return false;
}
