import type { Config } from '../../config/types.js';
import type { ColumnExpression } from '../../facts/expression.js';
import type { FileFacts } from '../../facts/file.js';
import type { Location } from '../../facts/location.js';
import type { Query, TableReference } from '../../facts/query.js';
import { findTable } from '../catalog/index.js';
import { parentsOf } from '../catalog/inheritance.js';
import { displayName, keyOf } from '../catalog/names.js';
import type { Catalog, Table } from '../catalog/types.js';
import { matchesPath, normalizeName } from '../names.js';
import type { ClassifiedTable, Database, PolicyFact, QueryFact, Tenancy, UntrustedTenant } from '../project.js';
import { resolveQuery } from '../resolve/index.js';
import { during } from '../../watch.js';
import { scopeOfQuery } from '../scope/index.js';
import type { ScopeEnvironment } from '../scope/types.js';
import { beginOf } from './callers.js';
import { withProofs, type QuerySite } from './code.js';
import { isBad, isUnknown } from './counts.js';
import { queriesOfCatalog, queriesOfFiles, type FoundQuery } from './collect.js';
import { callsIn, isQuery, nodes } from './nodes.js';
import { openFor } from './open.js';
import { BAD, isEnforced, limitsUsers, maySeeOneTenant, pinnedByContext } from './protection.js';
import { asksForSecret, callersWord, foreignIds, untrustedSetting } from './trust.js';
import { HASHED } from '../code/call-names.js';
import { isOfParent, isVouched } from '../code/signed.js';
import type { InputValue } from '../code/values.js';
import { membershipColumns, memberships, ownRows } from './memberships.js';
import { differentWays } from './ways.js';
import { missingTenants, reassignedTenants, tenantLiterals, isTenantLiteral } from './writes.js';

/** What the queries of a project are judged by. */
export interface QuerySources {
  readonly files: ReadonlyMap<string, FileFacts>;
  readonly groups: ReadonlyMap<string, string>;
  readonly databases: readonly (Database & { readonly groups: readonly string[]; readonly classes: readonly ClassifiedTable[] })[];
  readonly policies: readonly PolicyFact[];
  readonly tenancy: Tenancy;
  readonly config: Config;
  /** Whether a sub-select only says where a value came from. */
  readonly isBorrowed: (query: Query) => boolean;
  /** Only the queries that stand in this file; absent: all. */
  readonly only?: string;
}

type Source = QuerySources['databases'][number];

/** Collects every query of query files, seed files, functions and views, and judges each reference of a tenant table in it (CONTRACT, section 5). */
export function judgeTexts(sources: QuerySources): QueryFact[] {
  const { databases, files, config } = sources;
  const found = [...queriesOfFiles(files, config), ...databases.flatMap((database) => queriesOfCatalog(database, files))].filter((each) => isWanted(each, sources));
  const seen = new Set<string>();
  return found.flatMap((each): QueryFact[] => {
    const key = `${each.location.file}:${each.location.start}:${each.where}:${each.query?.kind ?? ''}`;
    if (each.query && seen.has(key)) return [];
    seen.add(key);
    const source = databases.find((database) => database.catalog === each.database?.catalog) ?? databaseOf(each, sources);
    return source ? [during(each.location.file, () => judgeQuery(each, source, sources))] : [];
  });
}

/** The same for queries of application code, by place. */
export function judgeSites(sites: readonly QuerySite[], sources: QuerySources): QueryFact[] {
  return sites.filter(({ own, called }) => isWanted((own[0] ?? called[0])!, sources)).flatMap((site) => judgeSite(site, sources));
}

function isWanted({ location }: { readonly location: Location }, { only }: QuerySources): boolean {
  return only === undefined || location.file === only;
}

/** The tables of all databases. */
export function tablesOf({ databases }: QuerySources): ClassifiedTable[] {
  return databases.flatMap(({ classes }) => classes);
}

/**
 * The facts of a site with the calls of the way that each is judged by.
 * @param isBorrowed whether a sub-select only says where a value came from
 */
export function withCalls(facts: readonly QueryFact[], { called }: QuerySite, isBorrowed: QuerySources['isBorrowed']): QueryFact[] {
  return facts.map((fact) => {
    const calls = fact.way === undefined ? undefined : differentWays(called, isBorrowed)[fact.way]?.code?.calls;
    return calls === undefined ? fact : { ...fact, calls };
  });
}

/** From best to worst. */
const ranks: readonly ((fact: QueryFact) => boolean)[] = [isDecided, (fact) => !isBad(fact), () => true];

function isDecided(fact: QueryFact): boolean {
  return !isBad(fact) && !isUnknown(fact) && fact.missingTenants.length === 0;
}

/** What a function's own text does not pin, its callers may: then the worst of them counts. */
function judgeSite({ own, called }: QuerySite, sources: QuerySources): QueryFact[] {
  const judge = (ways: readonly FoundQuery[]) => differentWays(ways, sources.isBorrowed).flatMap((each, way) => {
    const source = databaseOf(each, sources);
    return source ? [{ ...during(each.location.file, () => judgeQuery(each, source, sources)), ...(ways === called && { way }) }] : [];
  });
  const alone = worst(judge(own));
  if (alone !== undefined && isDecided(alone)) return [withCallers(alone, judge(called.filter(({ code }) => hasUntrusted(code))))];
  if (alone !== undefined && called.length === 0) return [alone];
  const ways = judge(called);
  const most = worst(ways);
  const fact = most === undefined ? alone : withCallers(most, ways);
  return fact === undefined ? [] : [fact];
}

function hasUntrusted(code: FoundQuery['code']): boolean {
  return [...code?.parameters.values() ?? []].some((value) => value.kind === 'input' && value.trust === 'untrusted');
}

/** What a function is given is its callers' affair: the values of a request that any of them hands over, whatever the others do. */
function withCallers(alone: QueryFact, called: readonly QueryFact[]): QueryFact {
  const tenants = [alone, ...called].flatMap(({ untrustedTenants: each }) => each);
  return { ...alone, untrustedTenants: firstOfEach(tenants, ({ table, location }) => `${table.name} ${beginOf(location)}`), foreignIds: writesOf([alone, ...called]).foreignIds };
}

/** The worst of several ways; where some ways pin what another leaves open, the condition is optional. */
function worst(facts: readonly QueryFact[]): QueryFact | undefined {
  const rank = (fact: QueryFact) => ranks.findIndex((test) => test(fact));
  const [first] = [...facts].sort((a, b) => rank(b) - rank(a));
  if (first === undefined) return undefined;
  const all = { ...first, ...writesOf([first, ...facts]), literals: first.literals.filter((literal) => facts.every((fact) => fact.literals.some((other) => isSameLiteral(literal, other)))) };
  if (!isBad(first) || !facts.some(isDecided)) return all;
  return {
    ...all,
    references: first.references.map((reference) => (reference.verdict === 'unscoped' ? { ...reference, verdict: 'optional', reason: 'is pinned to one tenant on some paths only' } : reference)),
  };
}

/** A literal of all ways stands in the query or is what every caller gives; one that only some give says nothing of the query. */
function isSameLiteral(one: QueryFact['literals'][number], other: QueryFact['literals'][number]): boolean {
  return one.table === other.table && one.column === other.column && one.literal === other.literal;
}

/** What is written in any of several ways: a loop over the fields of a body writes each of them at one place. */
function writesOf(facts: readonly QueryFact[]): Pick<QueryFact, 'reassignments' | 'foreignIds'> {
  const once = <T extends { readonly column: string; readonly table: ClassifiedTable }>(all: readonly T[]): readonly T[] => firstOfEach(all, ({ table, column }) => `${table.name}.${column}`);
  return { reassignments: once(facts.flatMap(({ reassignments }) => reassignments)), foreignIds: once(facts.flatMap(({ foreignIds: ids }) => ids)) };
}

/** The first of those with the same key, in their order. */
function firstOfEach<T>(all: readonly T[], key: (each: T) => string): readonly T[] {
  return [...new Map([...all].reverse().map((each) => [key(each), each])).values()].reverse();
}

/** The database of the file's folder; else the one that has most of the tables the query names, the largest among equals. */
function databaseOf({ location, query }: FoundQuery, { databases, groups }: QuerySources): Source | undefined {
  const group = groups.get(location.file);
  const own = databases.filter((database) => group !== undefined && database.groups.includes(group));
  const names = query ? referencesIn(query).map(({ name }) => name) : [];
  const known = (database: Source) => names.filter((name) => findTable(database.catalog, name, ['public'])).length;
  return [...(own.length > 0 ? own : databases)].sort((a, b) => known(b) - known(a))[0];
}

function referencesIn(query: Query): TableReference[] {
  return nodes(query).filter((node) => node.kind === 'table' && 'columnAliases' in node) as unknown as TableReference[];
}

function judgeQuery(found: FoundQuery, source: Source, sources: QuerySources): QueryFact {
  const { origin, where, location, system, query: written, code } = found;
  const base = { origin, where, location, system, missingTenants: [], reassignments: [], literals: [], untrustedTenants: [], foreignIds: [], ...(code && { code: { library: code.library, inHandler: isHandlerFile(location.file, sources.config), ...((code.access === 'scoped' || code.access === 'unscoped') && { access: code.access }) } }) };
  const query = written && code ? withProofs(written, code) : written;
  if (query === undefined) return { ...base, references: [], unknown: found.unknown ?? 'it cannot be read' };
  const around = environmentOf(found, source, sources);
  const resolution = resolveQuery(query, { ...around, variables: around.variables ?? new Set() });
  const own = code && ownReferences(written!, sources);
  const env = { ...around, resolved: { query, resolution }, ...(own && { asked: own }) };
  const context = { catalog: source.catalog, resolution, classOf: (table: ClassifiedTable['table']) => env.tables.get(keyOf(table)) };
  const byCaller: UntrustedTenant[] = [];
  const bound = new Set<unknown>();
  const references = scopeOfQuery(query, env).flatMap((verdict): QueryFact['references'] => {
    const table = env.tables.get(keyOf(verdict.table));
    const unused = found.routine && verdict.verdict === 'unscoped' ? unusedTenant(found.routine, table) : undefined;
    const reason = unused === undefined ? verdict.reason : `${verdict.reason}: the parameter ${unused} is not used`;
    if (!table) return [];
    const { setting, ...pinned } = pinnedByContext(found, table, verdict, source.catalog, sources);
    const named = setting && verdict.verdict !== 'scoped' ? untrustedSetting(setting) : [];
    if (named.length > 0) byCaller.push({ table, input: named.join(', '), location: verdict.reference.location });
    else if (pinned.verdict === 'scoped' && verdict.verdict !== 'scoped') bound.add(verdict.reference);
    const judged = { ...verdict, reason, ...pinned };
    const open = BAD.has(judged.verdict) && code && notFollowed(code);
    const untold = written && verdict.access === 'insert' && verdict.verdict !== 'unknown' && isUntold(written, verdict.reference, table) && { verdict: 'unknown' as const, reason: 'is given an object that is not known', evidence: [] };
    return [{ ...judged, ...open, ...untold, table, enforced: isEnforced(found, table, sources) }];
  });
  const inputs = { query, env, ...(code && { code }) };
  const word = callersWord(inputs, references.filter(({ reference }) => !bound.has(reference)));
  return {
    ...base, query,
    references: references.map((each) => (word.open.has(each.table) && each.verdict === 'scoped' ? { ...each, verdict: 'unknown', reason: 'is pinned by what the caller names, and comes after calls that were not followed to their end', evidence: [] } : each)),
    ...(found.routine && { routine: { name: found.routine.name, definer: found.routine.securityDefiner, location: found.routine.origin.location } }),
    ...(found.view && { view: { name: found.view.name, invoker: found.view.view!.securityInvoker, materialized: found.view.kind === 'materializedView' } }),
    // Policies that bind the query let nobody name another tenant than their own, and of what the query itself does not pin nobody has named the tenant.
    untrustedTenants: [...word.untrustedTenants.filter(({ table }) => !references.some((each) => each.enforced && each.table === table) && !maySeeOneTenant(found, table)), ...byCaller],
    foreignIds: foreignIds(inputs, env.tables, (write) => {
      const target = resolution.tables.get(write.target);
      return target && context.classOf(target);
    }),
    missingTenants: missingTenants(query, context).filter(({ table }) => !maySeeOneTenant(found, table)), reassignments: reassignedTenants(query, context), literals: withDistant(tenantLiterals(query, context), references),
  };
}

/** What is not known where calls were left before their end: they may have checked what a query is given. */
function notFollowed({ cut, isLeft }: NonNullable<FoundQuery['code']>): Pick<QueryFact['references'][number], 'verdict' | 'reason'> | undefined {
  if (cut === undefined && isLeft !== true) return undefined;
  return { verdict: 'unknown', reason: cut !== undefined ? 'comes after calls that were not followed to their end' : 'is called in a way that was not followed to its end' };
}

/** Whether a row is given an object of which too little is known to tell whose it is: neither its parent, nor a tenant that it may do without. */
function isUntold(query: Query, target: TableReference, { class: kind, tenantColumns, references }: ClassifiedTable): boolean {
  const insert = nodes(query).filter(isQuery).find((each) => each.kind === 'insert' && each.target === target);
  if (insert?.kind !== 'insert') return false;
  const telling = kind === 'child' ? references.flatMap(({ columns }) => columns) : tenantColumns.some(({ notNull }) => notNull) ? [] : tenantColumns.map(({ name }) => name);
  return openFor(insert, telling) === 'unknown' && !telling.some((name) => insert.columns.includes(name));
}

/** Also the literals that a table is pinned to through other columns: `t.tenant_id = u.no AND u.no = 2`. */
function withDistant(literals: QueryFact['literals'], references: QueryFact['references']): QueryFact['literals'] {
  const distant = references.flatMap(({ table, literal }) => {
    const [column] = table.tenantColumns;
    const text = literal?.text.replace(/^'|'$/g, '');
    if (literal === undefined || text === undefined || column === undefined || !isTenantLiteral(text) || literals.some((each) => each.table === table || each.literal === text)) return [];
    return [{ table, column: column.name, literal: text, location: literal.location }];
  });
  return [...literals, ...distant.filter((each, index) => distant.findIndex(({ table }) => table === each.table) === index)];
}

/** The references of the query itself: those of sub-selects that say where a value came from were judged where they stand. */
function ownReferences(query: Query, { isBorrowed }: QuerySources): ReadonlySet<unknown> {
  return new Set(nodes(query, (node) => !isQuery(node) || !isBorrowed(node)).filter((node) => node.kind === 'table' && 'columnAliases' in node));
}

/** What usually answers requests, where the config does not say. */
const HANDLERS = ['**/app/**/route.*', '**/pages/api/**', '**/api/**', '**/*.controller.*', '**/controllers/**', '**/routes/**', '**/routers/**', '**/handlers/**', '**/actions/**', '**/views.py'];

function isHandlerFile(file: string, { queries }: Config): boolean {
  return matchesPath(file, queries.handlers.length > 0 ? queries.handlers : HANDLERS);
}

function environmentOf({ routine, query, code }: FoundQuery, { catalog, classes }: Source, sources: QuerySources): ScopeEnvironment {
  const { config: given, tenancy } = sources;
  const known = code === undefined ? [] : inputsWhere(code, isSignedIn);
  const signedIn = code === undefined ? known : [...known, ...inputsWhere(code, (value) => isSaidToBeSignedIn(value) && (known.length === 0 || isVouched(value)))];
  const secret = code === undefined ? [] : inputsWhere(code, isSessionId);
  const hashed = code === undefined ? [] : inputsWhere(code, isHash);
  // Columns that the config names hold whoever is named.
  const bySession = signedIn.length === 0 && given.queries.principalColumns.length === 0 && (secret.length + hashed.length > 0 || (code !== undefined && query !== undefined && asksForSecret(query)));
  const isKnown = asksWhoIsSignedIn(query) || known.length > 0 || bySession;
  const written = query?.kind === 'insert' ? findTable(catalog, query.target.name, ['public']) : undefined;
  const config = isKnown || signedIn.length > 0 ? withPrincipals(given, classes, written, isKnown) : given;
  const path = routine?.settings['search_path']?.split(',').map((name) => name.trim().replace(/^['"]|['"]$/g, '')).filter(Boolean) ?? [];
  return {
    catalog, config, tenancy, isLimited: (table) => limitsUsers(table, sources), searchPath: path.length > 0 ? path : ['public'], tables: byKey(classes, catalog),
    ...(routine && variablesOf(routine)),
    ...(code && { vouched: inputsWhere(code, isVouched), derived: inputsWhere(code, isOfParent), hashed, secret, tenantParameters: signedIn.length === 0 && !bySession ? {} : { tenant: [...code.parameters.keys()], principal: signedIn } }),
  };
}

const asking = new WeakMap<readonly ClassifiedTable[], { readonly given: Config; readonly written: Table | undefined; readonly isKnown: boolean; readonly config: Config }[]>();

/** The config with the columns that name the signed-in user: the same one for all queries that ask for the same. @param isKnown whether the session says who is signed in */
function withPrincipals(given: Config, classes: readonly ClassifiedTable[], written: Table | undefined, isKnown: boolean): Config {
  const known = asking.get(classes) ?? [];
  asking.set(classes, known);
  const found = known.find((each) => each.given === given && each.written === written && each.isKnown === isKnown);
  if (found) return found.config;
  // Whoever makes themselves a member has yet to be one.
  const others = written === undefined ? classes : classes.filter(({ table }) => table !== written);
  const columns = isKnown ? [...membershipColumns(others), ...(written === undefined ? ownRows(classes) : [])] : memberships(others);
  const config = columns.length > 0 ? { ...given, queries: { ...given.queries, principalColumns: [...given.queries.principalColumns, ...columns] } } : given;
  known.push({ given, written, isKnown, config });
  return config;
}

const keyed = new WeakMap<readonly ClassifiedTable[], ReadonlyMap<string, ClassifiedTable>>();

/** The tables of a database by their keys, and its partitions, which are what their parents are: the same map for all of its queries. */
function byKey(classes: readonly ClassifiedTable[], catalog: Catalog): ReadonlyMap<string, ClassifiedTable> {
  const known = keyed.get(classes) ?? withPartitions(new Map(classes.map((each) => [keyOf(each.table), each])), catalog);
  keyed.set(classes, known);
  return known;
}

function withPartitions(classes: ReadonlyMap<string, ClassifiedTable>, catalog: Catalog): ReadonlyMap<string, ClassifiedTable> {
  const classOf = (table: Table): ClassifiedTable | undefined => {
    const [parent] = table.isPartition ? parentsOf(catalog, table) : [];
    return classes.get(keyOf(table)) ?? (parent && classOf(parent));
  };
  const partitions = [...catalog.tables.values()].filter(({ isPartition }) => isPartition).flatMap((table): [string, ClassifiedTable][] => {
    const parent = classOf(table);
    return parent ? [[keyOf(table), { ...parent, table, name: displayName(table) }]] : [];
  });
  return partitions.length === 0 ? classes : new Map([...classes, ...partitions]);
}

/** The parameter of a function that is named after the tenant column and asked for nothing. */
function unusedTenant({ parameters, body }: NonNullable<FoundQuery['routine']>, table: ClassifiedTable | undefined): string | undefined {
  const column = normalizeName(table?.tenantColumnName ?? '');
  const given = parameters.filter(({ mode }) => mode !== 'out' && mode !== 'table');
  const index = given.findIndex(({ name }) => name !== undefined && normalizeName(name.replace(/^(?:p|in|v|arg)?_+/i, '')) === column);
  const name = given[index]?.name;
  const isUsed = nodes(body).some((node) => (node.kind === 'column' && (node as unknown as ColumnExpression).path.at(-1) === name)
    || (node.kind === 'parameter' && (node as { name?: string }).name === `$${index + 1}`));
  return isUsed ? undefined : name;
}

/** `auth.uid()`: the platform says who is signed in, no parameter does. */
function asksWhoIsSignedIn(query: Query | undefined): boolean {
  return query !== undefined && callsIn(query).some(({ name }) => name.join('.') === 'auth.uid');
}

/** Whether a value is the signed-in user: from the session, and named so. */
function isSignedIn({ name, trust }: InputValue): boolean {
  return trust === 'trusted' && /(?:user|member|viewer|profile)[._]?id$|(?:user|viewer|profile|\bme)(?:\(\))?\.(?:id|pk|email)$|\.(?:sub|uid|user|current_user)$|^the token\._?id$/i.test(name);
}

/** Whether a function is told who is signed in by a caller that is not known: it may ask what they are a member of, as it may filter by the tenant that it is told. */
function isSaidToBeSignedIn({ name, trust }: InputValue): boolean {
  return trust === 'unknown' && /(?:^|\.)(?:(?:current|auth|session|signed_?in|acting)_?)?(?:user|viewer|actor)(?:_?id|\.(?:id|pk|user_?id))$/i.test(name);
}

/** The names of the parameters of a query of code whose values are of a kind. */
function inputsWhere({ parameters }: NonNullable<FoundQuery['code']>, is: (value: InputValue) => boolean): string[] {
  return [...parameters].filter(([, value]) => value.kind === 'input' && is(value)).map(([name]) => name);
}

/** Whether a value is the id of the user's session, as their signed cookie says. */
function isSessionId({ name, trust }: InputValue): boolean {
  return trust === 'trusted' && /session\w*[._]?(?:id|key|token)$/i.test(name);
}

/** Whether a hash function has made it. */
function isHash({ name }: InputValue): boolean {
  return HASHED.test(name);
}

function variablesOf(routine: NonNullable<FoundQuery['routine']>): Pick<ScopeEnvironment, 'variables' | 'labels' | 'variableConflict'> {
  const names = new Set([...routine.parameters.flatMap(({ name }) => name ?? []), ...(routine.language === 'plpgsql' ? ['found'] : [])]);
  const labels = new Set([routine.name]);
  for (const node of nodes(routine.body)) {
    const { declarations, label, variable, targets, declaresTarget } = node as { declarations?: readonly { name: string }[]; label?: string; variable?: string; targets?: unknown; declaresTarget?: boolean };
    if (node.kind === 'block') for (const { name } of declarations ?? []) names.add(name);
    if (typeof label === 'string') labels.add(label);
    if (node.kind === 'forRange' && variable !== undefined) names.add(variable);
    if (node.kind === 'forQuery' && declaresTarget === true) for (const [name] of targets as string[][]) names.add(name!);
  }
  return { variables: names, labels, variableConflict: routine.language === 'sql' ? 'column' : routine.body?.variableConflict ?? 'error' };
}
