import type { Config } from '../config/types.js';
import type { FileFacts } from '../facts/file.js';
import type { Location } from '../facts/location.js';
import type { Effect } from './code/library.js';
import { singleEffects } from './code/effects.js';
import { constantText, isFalse } from './code/sessions.js';
import { functionsNamed } from './policies/names.js';
import { callsIn, nodes } from './queries/nodes.js';
import type { Catalog, Table } from './catalog/types.js';
import { matchesPath } from './names.js';
import type { Database, SessionSetting } from './project.js';

/**
 * Where application code (code, query files, functions) gives the tenant setting a value for the session instead of the transaction:
 * the configured setting, or one that a policy reads.
 */
export function findSessionSettings(databases: readonly Database[], files: ReadonlyMap<string, FileFacts>, inCode: readonly SessionSetting[], config: Config): SessionSetting[] {
  const names = settingsInForce(databases, config);
  const found: SessionSetting[] = [];
  const collect = (node: unknown, where: string): void => {
    for (const assignment of assignments(node)) if (names.has(assignment.name.toLowerCase())) found.push({ where, ...assignment });
  };
  for (const { file, role, statements } of files.values()) {
    if (role.type === 'query' && !matchesPath(file, config.queries.systemPaths)) {
      for (const statement of statements) for (const operation of statement.operations) if (operation.kind !== 'createFunction') collect(operation, 'a query file');
    }
  }
  found.push(...inCode.filter(({ name }) => names.has(name.toLowerCase())));
  for (const { catalog } of databases) {
    for (const entry of [...catalog.functions.values()].flat()) collect(entry.body, `function "${entry.name}"`);
  }
  return [...new Map(found.map((each) => [`${each.location.file}:${each.location.start}:${each.name}`, each])).values()];
}

/** The settings that code gives values for the session, whatever reads them. */
export function settingsInCode(effects: readonly Effect[], config: Config): SessionSetting[] {
  return sqlOf(effects).filter(({ location }) => !matchesPath(location.file, config.queries.systemPaths)).flatMap(({ node }) => [...assignments(node)].map((each) => ({ where: 'application code', ...each })));
}

/** The statements and queries of application code, at any depth. */
function sqlOf(effects: readonly Effect[]): { readonly node: unknown; readonly location: Location }[] {
  return singleEffects(effects).flatMap((effect): { readonly node: unknown; readonly location: Location }[] => {
    if (effect.kind === 'query') return [{ node: effect.query, location: effect.location }];
    return effect.kind === 'operations' ? [{ node: effect.operations, location: effect.location }] : [];
  });
}

/** The configured setting and those that policies and their functions read, lower case. */
function settingsInForce(databases: readonly Database[], { rls }: Config): ReadonlySet<string> {
  const names = new Set(rls?.setting === undefined ? [] : [rls.setting.toLowerCase()]);
  for (const { catalog } of databases) {
    for (const table of catalog.tables.values()) for (const name of settingsOf(table, catalog)) names.add(name);
  }
  return names;
}

const settingsByTable = new WeakMap<Table, ReadonlySet<string>>();

/** The settings that the policies of a table, and the functions they call, read by `current_setting`, lower case; asked of a catalog that does not change any more. */
export function settingsOf(table: Table, catalog: Catalog): ReadonlySet<string> {
  const known = settingsByTable.get(table) ?? settingsRead(table, catalog);
  settingsByTable.set(table, known);
  return known;
}

function settingsRead({ policies }: Table, catalog: Catalog): ReadonlySet<string> {
  const names = new Set<string>();
  // Grows while it is walked: what the conditions call, and what that calls.
  const bodies = new Set<unknown>(policies.flatMap(({ using, withCheck }) => [using, withCheck]));
  for (const body of bodies) {
    for (const call of callsIn(body)) {
      const setting = constantText(call.arguments[0]);
      if (call.name.at(-1) === 'current_setting' && setting !== undefined) names.add(setting.toLowerCase());
      for (const entry of functionsNamed(catalog, call.name)) bodies.add(entry.body);
    }
  }
  return names;
}

type Assignment = Omit<SessionSetting, 'where'>;

/** SET without LOCAL, and set_config(name, value, false). */
function* assignments(node: unknown): Generator<Assignment> {
  for (const each of nodes(node)) {
    if (each.kind === 'setSetting') {
      const { name, values, local, location } = each as unknown as { name: string; values?: unknown; local: boolean; location: Location };
      if (!local && values !== undefined) yield { name, location };
    }
  }
  for (const { name, arguments: [setting, , local], location } of callsIn(node)) {
    const text = name.at(-1) === 'set_config' ? constantText(setting) : undefined;
    if (text !== undefined && isFalse(local)) yield { name: text, location, flag: local!.location };
  }
}
