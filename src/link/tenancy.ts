import type { Config, TenantLevel } from '../config/types.js';
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
    const override = this.overrides[table.name] ?? this.overrides[`${table.schema}.${table.name}`];
    if (override !== undefined) return normalizeName(override) === normalizeName(column) ? 0 : -1;
    const name = normalizeName(column);
    return this.names.findIndex((set) => set.has(name));
  }
}

/**
 * The tenancy in force: what the config says, completed from the catalogs, or inferred from them altogether.
 * @param config the validated configuration
 * @param catalogs every database of the project
 */
export function decideTenancy(config: Config, catalogs: readonly Catalog[]): Tenancy {
  const tables = catalogs.flatMap((catalog) => [...catalog.tables.values()]).filter((table) => table.kind === 'table' && !table.temporary);
  if (config.tenant.some((level) => level.columns.length > 0)) {
    const levels = config.tenant.map((level) => completeLevel(level, tables));
    return { levels, inferred: false, explanation: `Tenant column ${describe(levels)} (from the configuration).` };
  }
  const best = bestCandidate(tables, config.tenant[0]?.root);
  if (!best) {
    return { levels: [], inferred: true, explanation: 'No tenant column was found; name it in the configuration: { "tenant": { "column": "account_id" } }.' };
  }
  const levels = withOuterLevels(best, tables);
  return { levels, inferred: true, explanation: `Assumed tenant column ${describe(levels)}.` };
}

function describe(levels: readonly TenancyLevel[]): string {
  return levels.map((level) => `${level.columns.join(' or ')}${level.root ? `, root table ${level.root}` : ''}`).join(' within ');
}

function completeLevel(level: TenantLevel, tables: readonly Table[]): TenancyLevel {
  if (level.root) return { ...level, root: findRootByName(level.root, tables) ?? level.root };
  const names = new Set(level.columns.map(normalizeName));
  const root = rootOf((column) => names.has(normalizeName(column)), level.columns, tables);
  return root ? { ...level, root } : level;
}

interface Candidate {
  readonly word: string;
  readonly columns: Map<string, number>;
  readonly score: number;
  readonly root?: string;
}

function bestCandidate(tables: readonly Table[], root: string | undefined): Candidate | undefined {
  const candidates = candidatesOf(tables).filter((candidate) => root === undefined || candidate.root === root);
  return candidates[0];
}

function candidatesOf(tables: readonly Table[]): Candidate[] {
  const byWord = new Map<string, Map<string, Set<string>>>();
  for (const table of tables) {
    for (const column of table.columns.keys()) {
      const word = tenantWord(column);
      if (!word) continue;
      const columns = byWord.get(word) ?? new Map<string, Set<string>>();
      byWord.set(word, columns.set(column, (columns.get(column) ?? new Set()).add(table.name)));
    }
  }
  return [...byWord].map(([word, columns]) => {
    const counts = new Map([...columns].map(([name, set]) => [name, set.size]));
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const root = rootOf((column) => counts.has(column), [...counts.keys()], tables);
    return { word, columns: counts, score: total * (weights.get(word) ?? 0) * (root ? 1 : 0.5), total, ...(root ? { root } : {}) };
  }).filter((candidate) => candidate.root !== undefined || candidate.total > 1)
    .filter((candidate) => candidate.word !== 'owner' || (candidate.root !== undefined && candidate.total > 1))
    .sort((a, b) => b.score - a.score || (a.word < b.word ? -1 : 1));
}

/** `organization` for `org_id`, `orgId`, `organization_id`; undefined when the name is not `<tenant word>[_id|_uuid]`. */
function tenantWord(column: string): string | undefined {
  const parts = words(column);
  const [stem] = parts;
  const whole = parts.length === 2 && ['id', 'uuid', 'uid'].includes(parts[1]!) ? stem : parts.length === 1 ? /^(.+?)(?:uu)?id$/.exec(stem!)?.[1] : undefined;
  const word = whole === undefined ? undefined : spellings.get(whole) ?? whole;
  return word !== undefined && weights.has(word) ? word : undefined;
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
  const exact = tables.find((table) => root === table.name || root === `${table.schema}.${table.name}`);
  const loose = exact ?? tables.find((table) => table.name.toLowerCase() === root.toLowerCase())
    ?? tables.find((table) => table.model?.name.toLowerCase() === root.toLowerCase());
  return loose && shortName(`${loose.schema}.${loose.name}`);
}

function shortName(key: string): string {
  return key.startsWith('public.') ? key.slice('public.'.length) : key;
}

/** Follows the root upwards: when projects themselves carry an organization_id, organizations are the outer level. */
function withOuterLevels(candidate: Candidate, tables: readonly Table[]): TenancyLevel[] {
  const levels: TenancyLevel[] = [];
  const all = candidatesOf(tables);
  const seen = new Set<string>();
  for (let current: Candidate | undefined = candidate; current && !seen.has(current.word);) {
    seen.add(current.word);
    const root: string | undefined = current.root;
    const columns: string[] = [...current.columns].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
    levels.unshift({ columns, ...(root ? { root } : {}) });
    const table: Table | undefined = tables.find((each) => shortName(`${each.schema}.${each.name}`) === root);
    const outer: ReadonlySet<string | undefined> = new Set([...(table?.columns.keys() ?? [])].map(tenantWord));
    current = all.find((each) => outer.has(each.word) && each.root !== undefined && each.root !== root);
  }
  return levels;
}
