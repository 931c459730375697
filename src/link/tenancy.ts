import type { Config, TenantLevel } from '../config/types.js';
import { entryOf } from '../entry.js';
import { keyOf } from './catalog/index.js';
import type { Catalog, Table } from './catalog/types.js';
import { normalizeName, singular, words } from './names.js';
import type { Tenancy, TenancyLevel } from './project.js';

/**
 * What tenants are called in real products, strongest first. A column counts as a candidate when it is one of these
 * words, with or without `id`; the weight is what one table with such a column says for the word.
 */
const tenantWords: readonly (readonly [word: string, weight: number])[] = [
  ['tenant', 4], ['organization', 3], ['account', 3], ['workspace', 3], ['project', 2.5], ['environment', 2.5], ['team', 2.5],
  ['company', 2.5], ['business', 2], ['clinic', 2], ['practice', 2], ['merchant', 2], ['shop', 2], ['store', 2], ['school', 2],
  ['agency', 2], ['customer', 1], ['client', 1], ['owner', 0.5],
];
const weights = new Map(tenantWords);
/** Words for people and firms that a tenant deals with: no level above another one. */
const nobodysOuter: ReadonlySet<string> = new Set(['customer', 'client', 'owner']);
/** Words for a part of a tenant, when its rows say so as well. */
const innerWords: ReadonlySet<string> = new Set(['organization', 'workspace', 'project', 'environment', 'team']);
/** A level inside of another one is seen in at least so many tables; fewer are ordinary children of an entity. */
const INNER_TABLES = 3;
/** An outer level that users are no members of is seen in at least one of so many tables of the inner one. */
const OUTER_PART = 5;
/** So many tables make a habit. */
const EVERYWHERE = 3;
/** Other spellings of a word; a product that uses both means the same tenant. */
const spellings = new Map([['org', 'organization'], ['organisation', 'organization']]);

/** The column names and the root of a level, ready to compare. */
export class TenantColumns {
  private readonly names: readonly ReadonlySet<string>[];

  constructor(readonly levels: readonly TenancyLevel[], private readonly overrides: Readonly<Record<string, string>>) {
    this.names = levels.map((level) => new Set(level.columns.map(normalizeName)));
  }

  /** The level whose tenant column this is in this table: its index, or -1. */
  levelOf(table: Pick<Table, 'schema' | 'name'>, column: string): number {
    const override = entryOf(this.overrides, table.name) ?? entryOf(this.overrides, `${table.schema}.${table.name}`);
    if (override !== undefined) return normalizeName(override) === normalizeName(column) ? 0 : -1;
    const name = normalizeName(column);
    return this.names.findIndex((set) => set.has(name));
  }
}

/**
 * The tenancy in force: what the config says, completed from the catalogs, or inferred from them altogether.
 * @param config the validated configuration
 * @param catalogs every database of the project
 * @param former tables as they were before migrations dropped columns of theirs: asked where the final state names no tenant
 */
export function decideTenancy(config: Config, catalogs: readonly Catalog[], former: readonly Table[] = []): Tenancy {
  const tables = catalogs.flatMap((catalog) => [...catalog.tables.values()]).filter((table) => table.kind === 'table' && !table.temporary);
  if (config.tenant.some((level) => level.columns.length > 0)) {
    const levels = config.tenant.map((level) => completeLevel(level, tables));
    return { levels, inferred: false, explanation: `Tenant column ${describe(levels)} (from the configuration).` };
  }
  const wanted = config.tenant[0]?.root;
  const levels = (wanted === undefined ? inferLevels(tables, wanted, keyWords(tables)) : undefined) ?? inferLevels(tables, wanted) ?? inferLevels(withFormer(tables, former), wanted) ?? inferLevels(tables, wanted, memberWords(tables));
  if (!levels) {
    return { levels: [], inferred: true, explanation: 'No tenant column was found; name it in the configuration: { "tenant": { "column": "account_id" } }.' };
  }
  return { levels, inferred: true, explanation: `Assumed tenant column ${describe(levels)}.` };
}

/** @param named what tenants may be called, with their weights */
function inferLevels(tables: readonly Table[], wanted: string | undefined, named: ReadonlyMap<string, number> = weights): TenancyLevel[] | undefined {
  const candidates = candidatesOf(tables, named);
  const best = candidates.find((candidate) => (wanted === undefined ? !isPlainEntity(candidate, candidates, tables) && !isDealtWith(candidate, tables) : candidate.root === wanted));
  return best && levelsAround(best, candidates, tables).map(levelOf);
}

/** The tables of the final state, with what they had before columns of theirs were dropped. */
function withFormer(tables: readonly Table[], former: readonly Table[]): Table[] {
  const earlier = new Map([...former].reverse().map((table) => [`${table.schema}.${table.name}`, table]));
  return tables.map((table) => earlier.get(`${table.schema}.${table.name}`) ?? table);
}

/** Outermost level first: `organization_id, root table organizations; within it project_id, root table projects`. */
function describe(levels: readonly TenancyLevel[]): string {
  const spelt = (columns: readonly string[]) => columns.filter((name, index) => columns.findIndex((each) => normalizeName(each) === normalizeName(name)) === index);
  return levels.map((level) => `${spelt(level.columns).join(' or ')}${level.root ? `, root table ${level.root}` : ''}`).join('; within it ');
}

function completeLevel(level: TenantLevel, tables: readonly Table[]): TenancyLevel {
  if (level.root) return { ...level, root: findRootByName(level.root, tables) ?? level.root };
  const names = new Set(level.columns.map(normalizeName));
  const root = rootOf((column) => names.has(normalizeName(column)), level.columns, tables);
  return root ? { ...level, root } : level;
}

interface Candidate {
  readonly word: string;
  /** Tables by the spelling of the column they carry. */
  readonly columns: ReadonlyMap<string, ReadonlySet<Table>>;
  readonly tables: ReadonlySet<Table>;
  readonly score: number;
  readonly root?: string;
}

/**
 * What a product of its own words calls its tenants: that which users belong to (`users.group_id`) or are members of (`space_members`), and whose
 * key many tables carry, these apart.
 */
function memberWords(tables: readonly Table[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const belonging = tables.filter((table) => isOfUsers(table) || isMembership(table));
  for (const [table, key] of belonging.flatMap((each) => each.foreignKeys.map((key) => [each, key] as const))) {
    const stem = key.columns.length === 1 ? stemOf(key.columns[0]!) : undefined;
    const root = stem === undefined ? undefined : tables.find((each) => keyOf(each) === key.table);
    if (stem === undefined || !root || !stem.endsWith(words(root.name).map(singular).at(-1) ?? root.name) || PERSONS.test(stem) || REFERENCES.test(stem)) continue;
    const carriers = tables.filter((each) => !isMembership(each) && !isOfUsers(each) && [...each.columns.keys()].some((column) => stemOf(column) === stem));
    if (carriers.length >= EVERYWHERE && carriers.length * OUTER_PART >= tables.length) found.set(stem, Math.max(found.get(stem) ?? 0, isOfUsers(table) ? BELONGS : 1));
  }
  return found;
}

/** So many tables that hold content carry the key of what they all belong to, and at least one of so many of all tables. */
const CONTENT_TABLES = 8;
const CONTENT_PART = 5;

/** What content belongs to is carried by so many times as many tables as the usual word. */
const CONTENT_TIMES = 8;

/**
 * What the content of a product belongs to, where the usual word names a group of people only: a team that (almost) no table but those of its members,
 * its invitations and what it may see carries, beside the event that every other table carries.
 */
function keyWords(tables: readonly Table[]): ReadonlyMap<string, number> {
  const [best] = candidatesOf(tables, weights);
  if (best?.root === undefined) return new Map();
  const content = tables.filter((table) => !isMembership(table) && !isLink(table) && !/invit/i.test(table.name));
  const carried = new Map<string, { tables: number; readonly root: string }>();
  for (const table of content) {
    const keys = table.foreignKeys.flatMap((key): [string, string][] => (key.columns.length === 1 && key.table !== keyOf(table) ? keyStem(key.columns[0]!, key.table).map((stem) => [stem, key.table]) : []));
    for (const [stem, root] of new Map(keys)) carried.set(stem, { tables: (carried.get(stem)?.tables ?? 0) + 1, root });
  }
  const [most] = [...carried].filter(([stem]) => !REFERENCES.test(stem) && (stem === 'event' || !PERSONS.test(stem))).sort((a, b) => b[1].tables - a[1].tables || (a[0] < b[0] ? -1 : 1));
  if (most === undefined || most[1].tables < CONTENT_TABLES || most[1].tables * CONTENT_PART < tables.length) return new Map();
  const others = content.filter((table) => best.tables.has(table) && shortName(keyOf(table)) !== best.root).length;
  const isApart = others === 0 || (others * CONTENT_TIMES <= most[1].tables && !isUnder(most[1].root, best.root, tables));
  return isApart ? new Map([[most[0], BELONGS]]) : new Map();
}

/** `event` for `event_id`, `emailaccount` for an `email_account_id` that names a row of `EmailAccount`. */
function keyStem(column: string, root: string): string[] {
  const short = stemOf(column);
  const long = longStemOf(column);
  return short !== undefined ? [short] : long !== undefined && long === words(shortName(root)).map(singular).join('') ? [long] : [];
}

/** Whether rows of a table belong to a root, by whichever way of keys. */
function isUnder(key: string, root: string, tables: readonly Table[]): boolean {
  const seen = new Set([key]);
  for (const each of seen) for (const { table } of tables.find((one) => keyOf(one) === each)?.foreignKeys ?? []) seen.add(table);
  return [...seen].some((each) => shortName(each) === root);
}

/** Nothing but keys of others: which tracks a team may see. */
function isLink({ columns, foreignKeys }: Table): boolean {
  const keys = new Set(foreignKeys.flatMap((key) => key.columns));
  return keys.size > 1 && [...columns.keys()].every((name) => keys.has(name) || name === 'id');
}

/** What rows of all kinds refer to. */
const REFERENCES = /(?:country|language|locale|currency|timezone|zone|region|state|city|address|status|type|category|tag|plan|image|file|media|avatar|photo|theme|level)$/;
/** What a user belongs to says more than what a user is a member of, or likes. */
const BELONGS = 3;

function isOfUsers({ name }: Table): boolean {
  return /^(?:app_?)?users?$/i.test(name);
}

/** Whom a membership is of, what a member may do, and where people merely talk: no tenants. */
const PERSONS = /(?:user|member|person|people|profile|role|permission|actor|author|channel|chat|conversation|room|thread|event)$/;

function candidatesOf(tables: readonly Table[], weights: ReadonlyMap<string, number>): Candidate[] {
  const byWord = new Map<string, Map<string, Set<Table>>>();
  for (const table of tables) {
    for (const column of table.columns.keys()) {
      const word = tenantWord(column, weights);
      if (word) carry(byWord, word, column, table);
    }
  }
  for (const [word, column, table] of longerNames(tables, weights)) carry(byWord, word, column, table);
  return [...byWord].map(([word, columns]) => candidateOf(word, weights.get(word) ?? 0, columns, tables))
    .filter((candidate) => candidate.root !== undefined || candidate.tables.size > 1)
    .filter((candidate) => candidate.word !== 'owner' || (candidate.root !== undefined && candidate.tables.size > 1) || isEverywhere(candidate, tables))
    .sort((a, b) => b.score - a.score || (a.word < b.word ? -1 : 1));
}

/** `workspaceGroupId` where many tables use it to name a row of `workspace`. */
function longerNames(tables: readonly Table[], weights: ReadonlyMap<string, number>): (readonly [word: string, column: string, table: Table])[] {
  const found = tables.flatMap((table) => table.foreignKeys.flatMap((key) => {
    const [column] = key.columns;
    const root = key.columns.length === 1 && key.table !== keyOf(table) ? tables.find((each) => keyOf(each) === key.table) : undefined;
    const parts = root ? words(root.name).map(singular) : [];
    const word = parts.length === 1 ? canonical(parts[0]!) : undefined;
    if (word === undefined || column === undefined || !weights.has(word) || canonical(words(column)[0] ?? column) !== word || tenantWord(column, weights) !== undefined) return [];
    return [[word, column, table] as const];
  }));
  return found.filter(([, column]) => found.filter((other) => other[1] === column).length >= EVERYWHERE);
}

/** A customer or client that few tables name is somebody the product deals with (a shop's buyer), no tenant of it. */
function isDealtWith({ word, tables: carriers }: Candidate, tables: readonly Table[]): boolean {
  return nobodysOuter.has(word) && word !== 'owner' && carriers.size * 3 < tables.length;
}

/** Carried by most tables: then even the owner of a thing says whose all rows are. */
function isEverywhere({ tables: carriers }: Candidate, tables: readonly Table[]): boolean {
  return carriers.size >= EVERYWHERE && carriers.size * 2 > tables.length;
}

function carry(byWord: Map<string, Map<string, Set<Table>>>, word: string, column: string, table: Table): void {
  const columns = byWord.get(word) ?? new Map<string, Set<Table>>();
  byWord.set(word, columns.set(column, (columns.get(column) ?? new Set()).add(table)));
}

function candidateOf(word: string, weight: number, columns: Map<string, Set<Table>>, tables: readonly Table[]): Candidate {
  const root = rootOf((column) => columns.has(column), [...columns.keys()], tables);
  if (root !== undefined && word !== 'owner') addRootSpellings(columns, root, tables);
  const carriers = new Set([...columns.values()].flatMap((each) => [...each]));
  const score = carriers.size * weight * (root ? 1 : 0.5);
  return { word, columns, tables: carriers, score, ...(root === undefined ? {} : { root }) };
}

/** `runtimeEnvironmentId` names the same as `environmentId` when the root is `RuntimeEnvironment`. */
function addRootSpellings(columns: Map<string, Set<Table>>, root: string, tables: readonly Table[]): void {
  const wanted = words(root.split('.').at(-1)!).map(singular).join('');
  for (const table of tables) {
    for (const column of table.columns.keys()) {
      const parts = words(column);
      if (!['id', 'uuid', 'uid'].includes(parts.at(-1)!) || parts.slice(0, -1).join('') !== wanted) continue;
      columns.set(column, (columns.get(column) ?? new Set()).add(table));
    }
  }
}

/** `organization` for `org_id`, `orgId`, `organization_id`; undefined when the name is not `<tenant word>[_id|_uuid]`. */
function tenantWord(column: string, weights: ReadonlyMap<string, number>): string | undefined {
  const whole = stemOf(column) ?? longStemOf(column);
  const word = whole === undefined ? undefined : spellings.get(whole) ?? whole;
  return word !== undefined && weights.has(word) ? word : undefined;
}

/** `account` for `account_id`, `accountId`, `accountid`; undefined for a name of any other form. */
function stemOf(column: string): string | undefined {
  const parts = words(column);
  return parts.length === 2 && ['id', 'uuid', 'uid'].includes(parts[1]!) ? parts[0] : parts.length === 1 ? /^(.+?)(?:uu)?id$/.exec(parts[0]!)?.[1] : undefined;
}

/** `emailaccount` for `email_account_id`: of a name of several words. */
function longStemOf(column: string): string | undefined {
  const parts = words(column);
  return parts.length > 2 && ['id', 'uuid', 'uid'].includes(parts.at(-1)!) ? parts.slice(0, -1).join('') : undefined;
}

/** The table most of these columns reference; without foreign keys, the table that is named like the column. */
function rootOf(isTenantColumn: (column: string) => boolean, columns: readonly string[], tables: readonly Table[]): string | undefined {
  const votes = new Map<string, number>();
  for (const table of tables) {
    for (const key of table.foreignKeys) {
      if (key.columns.length === 1 && isTenantColumn(key.columns[0]!)) votes.set(key.table, (votes.get(key.table) ?? 0) + 1);
    }
  }
  const [winner] = [...votes].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  if (winner) return shortName(winner[0]);
  for (const column of columns) {
    const stem = words(column).filter((word) => !['id', 'uuid', 'uid'].includes(word)).join('');
    const wanted = canonical(stem);
    const table = tables.find((candidate) => canonical(words(candidate.name).map(singular).join('')) === wanted);
    if (table) return shortName(`${table.schema}.${table.name}`);
  }
  return undefined;
}

function canonical(word: string): string {
  const one = singular(word);
  return spellings.get(one) ?? one;
}

function findRootByName(root: string, tables: readonly Table[]): string | undefined {
  const first = (is: (table: Table) => boolean): Table | undefined => nearest(tables.filter(is));
  const loose = first((table) => root === table.name || root === `${table.schema}.${table.name}`) ?? first((table) => table.name.toLowerCase() === root.toLowerCase())
    ?? first((table) => table.model?.name.toLowerCase() === root.toLowerCase());
  return loose && shortName(`${loose.schema}.${loose.name}`);
}

/** Of tables of one name in several schemas: what something creates goes before what is only spoken of, and the schema that need not be named before others. */
function nearest(tables: readonly Table[]): Table | undefined {
  const created = tables.filter(({ assumed }) => !assumed);
  return created.find(({ schema }) => schema === 'public') ?? created[0] ?? tables[0];
}

function shortName(key: string): string {
  return key.startsWith('public.') ? key.slice('public.'.length) : key;
}

/** The root's own row says which row of the outer level it belongs to: projects carry an organization_id. */
function isWithin(inner: Candidate, outer: Candidate, tables: readonly Table[]): boolean {
  if (inner === outer || outer.root === undefined || inner.root === undefined || inner.root === outer.root || nobodysOuter.has(outer.word)) return false;
  const root = tables.find((table) => shortName(`${table.schema}.${table.name}`) === inner.root);
  return root !== undefined && outer.tables.has(root);
}

/**
 * Whether the rows of a part of the tenant are scoped by it, as by a tenant: many tables carry its column, and some carry it
 * although a parent of theirs does. Children of an ordinary entity (tasks of a project) need no such second copy.
 */
function scopesRows(candidate: Candidate, tables: readonly Table[]): boolean {
  if (!innerWords.has(candidate.word) || candidate.tables.size < INNER_TABLES) return false;
  const carriers = new Set([...candidate.tables].map(keyOf));
  const names = new Set(candidate.columns.keys());
  return tables.some((table) => candidate.tables.has(table) && table.foreignKeys.some((key) =>
    key.table !== keyOf(table) && carriers.has(key.table) && !key.columns.every((column) => names.has(column))));
}

/**
 * Whether an outer level is one: a fair part of the tables names it, or users are members of it. What few besides the inner level's
 * root name is a record about the tenant (the account that an organization is paid out to).
 */
function holdsTenants(outer: Candidate, inner: Candidate): boolean {
  return outer.tables.size * OUTER_PART >= inner.tables.size || [...outer.tables].some(isMembership);
}

/** A table that says which users belong to something: `memberships`, `user_organizations`, `team_role`. */
function isMembership({ name, columns }: Table): boolean {
  const parts = words(name).map(singular);
  return parts.some((part) => /^(?:membership|member|user|role|collaborator)$/.test(part)) && (parts.length > 1 || parts[0] !== 'user')
    && [...columns.keys()].some((column) => /(?:^|_)(?:user|member|person|profile)_?(?:uu)?id$/.test(words(column).join('_')));
}

function isPlainEntity(candidate: Candidate, candidates: readonly Candidate[], tables: readonly Table[]): boolean {
  return candidates.some((outer) => isWithin(candidate, outer, tables) && holdsTenants(outer, candidate)) && !scopesRows(candidate, tables);
}

/** The levels around the strongest candidate, outermost first: organizations above projects, environments below. */
function levelsAround(best: Candidate, candidates: readonly Candidate[], tables: readonly Table[]): Candidate[] {
  const levels = [best];
  for (;;) {
    const outer = candidates.find((each) => !levels.includes(each) && isWithin(levels[0]!, each, tables) && holdsTenants(each, levels[0]!));
    if (!outer) break;
    levels.unshift(outer);
  }
  for (;;) {
    const inner = candidates.find((each) => !levels.includes(each) && isWithin(each, levels.at(-1)!, tables)
      && scopesRows(each, tables) && each.tables.size * 2 >= levels.at(-1)!.tables.size);
    if (!inner) return levels;
    levels.push(inner);
  }
}

function levelOf({ columns, root }: Candidate): TenancyLevel {
  const names = [...columns].sort((a, b) => b[1].size - a[1].size || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
  return { columns: names, ...(root === undefined ? {} : { root }) };
}
