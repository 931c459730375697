import type { ForeignKey, Table } from '../catalog/types.js';
import { keyOf } from '../catalog/names.js';
import { uniqueSets } from '../catalog/unique.js';
import { normalizeName } from '../names.js';
import type { ClassifiedTable } from '../project.js';
import { polymorphicReferences, type PolymorphicReference } from '../references.js';
import { TenantColumns } from '../tenancy.js';
import { SharedRows } from './shared.js';
import type { ScopeEnvironment } from './types.js';

const known = new WeakMap<ScopeEnvironment['tables'], Domains[]>();

/**
 * Says which columns name the same thing (CONTRACT, section 5, "Domain"): keys of one table and foreign keys to it.
 * A domain is named by the table and column it goes back to. Global tables have none.
 */
export class Domains {
  private readonly columns: TenantColumns;
  private readonly cache = new Map<Table, Map<string, ReadonlySet<string>>>();
  private readonly memberLevels: ReadonlySet<number>;
  /** Domains of tenancy levels that only a row of the signed-in user proves. */
  readonly memberDomains: ReadonlySet<string>;
  readonly shared: SharedRows;

  /** Those of an environment: the same for all queries that are asked beside the same tables. */
  static in({ catalog, tables, config, tenancy }: ScopeEnvironment): Domains {
    const all = known.get(tables) ?? [];
    known.set(tables, all);
    let found = all.find(({ env }) => env.catalog === catalog && env.config === config && env.tenancy === tenancy);
    if (!found) all.push(found = new Domains({ catalog, tables, config, tenancy }));
    return found;
  }

  private constructor(private readonly env: Pick<ScopeEnvironment, 'catalog' | 'tables' | 'config' | 'tenancy'>) {
    const { levels } = env.tenancy;
    this.columns = new TenantColumns(levels, env.config.tables.columns);
    this.memberLevels = new Set(levels.flatMap((level, index) => (level.proof === 'membership' ? [index] : [])));
    this.memberDomains = new Set([...this.memberLevels].map((level) => this.levelDomain(level)));
    this.shared = new SharedRows(env, (table) => this.owned(table));
  }

  /** The class of a table or of the table it is a partition of, if its rows belong to tenants. */
  owned(table: Table): ClassifiedTable | undefined {
    const classified = this.classified(table, 0);
    return classified && (classified.class === 'tenant' || classified.class === 'child' || classified.class === 'root') ? classified : undefined;
  }

  private classified(table: Table, depth: number): ClassifiedTable | undefined {
    const own = this.env.tables.get(keyOf(table));
    if (own || depth > 10) return own;
    for (const parent of table.parents) {
      const found = this.env.catalog.tables.get(parent);
      const classified = found && this.classified(found, depth + 1);
      if (classified) return classified;
    }
    return undefined;
  }

  /** Whether a value of the tenant's in this column makes the row the tenant's. */
  isTenantColumn(classified: ClassifiedTable, column: string): boolean {
    const level = this.levelOf(classified, column);
    return level >= 0 && !this.memberLevels.has(level);
  }

  /** The columns that name the row's tenant, also where only a row of the user proves it. */
  isOfLevel(classified: ClassifiedTable, column: string): boolean {
    return this.levelOf(classified, column) >= 0;
  }

  private levelOf(classified: ClassifiedTable, column: string): number {
    const own = classified.tenantColumns.findIndex((each) => each.name === column);
    if (own >= 0) return Math.max(this.columns.levelOf(classified.table, column), 0);
    for (const [index, root] of this.roots()) {
      if (root.table === classified.table && root.key === column) return index;
      if (classified.tenantColumns.length === 0 && classified.class !== 'root' && referencesKey(classified.table.foreignKeys, column, root)) return index;
    }
    return -1;
  }

  /** Whether both columns name the row's tenant, each on a level of its own: a project, and the organization of it. */
  areOfTwoLevels(classified: ClassifiedTable, one: string, other: string): boolean {
    const levels = [this.levelOf(classified, one), this.levelOf(classified, other)];
    return levels.every((level) => level >= 0) && levels[0] !== levels[1];
  }

  private rootsFound: Map<number, { table: Table; key: string }> | undefined;

  private roots(): ReadonlyMap<number, { table: Table; key: string }> {
    if (this.rootsFound) return this.rootsFound;
    const found = new Map<number, { table: Table; key: string }>();
    const names = this.env.tenancy.levels.map((level) => level.root);
    const candidates = [...this.env.tables.values()].filter((each) => each.class === 'root');
    for (const [index, name] of names.entries()) {
      const root = candidates.find((each) => each.name === name || each.table.name === name);
      if (root) add(found, index, root.table);
    }
    for (const each of candidates) if (![...found.values()].some((root) => root.table === each.table)) add(found, names.length + found.size, each.table);
    this.rootsFound = found;
    return found;
  }

  private levelDomain(level: number): string {
    const root = this.roots().get(level);
    return root ? `${keyOf(root.table)}.${root.key}` : `tenant level ${level}`;
  }

  /** The domains of a column of a table that belongs to tenants. */
  of(classified: ClassifiedTable, column: string): ReadonlySet<string> {
    const { table } = classified;
    let columns = this.cache.get(table);
    if (!columns) this.cache.set(table, columns = new Map());
    let domains = columns.get(column);
    if (!domains) {
      columns.set(column, domains = new Set(this.reached(classified, column, new Map())));
    }
    return domains;
  }

  /** Whether a column can only hold keys of rows other than the tenant itself: a literal in it names such a row, and no tenant. */
  namesOtherRows(table: Table, column: string): boolean {
    const classified = this.owned(table);
    const domains = classified ? [...this.of(classified, column)] : [];
    const tenants = new Set([...this.roots().keys()].map((level) => this.levelDomain(level)));
    return domains.length > 0 && !domains.some((domain) => tenants.has(domain) || domain.startsWith('tenant level'));
  }

  /** The names of a column and of those that it refers to, at any distance. @param met the columns that were gone through */
  private reached(classified: ClassifiedTable, column: string, met: Map<Table, Set<string>>): string[] {
    const { table } = classified;
    const columns = met.get(table) ?? new Set();
    met.set(table, columns);
    if (columns.has(column)) return [];
    columns.add(column);
    const level = this.levelOf(classified, column);
    const kind = this.kindsOf(table).find(({ name }) => name === column);
    return [
      ...(level >= 0 ? [this.levelDomain(level)] : []),
      ...(isKey(table, column) || (column === 'ctid' && this.isStoredAlone(table)) ? [`${keyOf(table)}.${column}`] : []),
      ...(kind ? this.reachedKey(kind.target, kind.targetColumn, met) : []),
      ...table.foreignKeys.flatMap((key) => {
        const referenced = key.referencedColumns[key.columns.indexOf(column)];
        const target = this.env.catalog.tables.get(key.table);
        return referenced !== undefined && target ? this.reachedKey(target, referenced, met) : [];
      }),
    ];
  }

  /** Whether no other table is read with it: within one statement `ctid` then names a row (PostgreSQL manual, 5.6). */
  private isStoredAlone(table: Table): boolean {
    return !table.columns.has('ctid') && !table.view && ![...this.env.catalog.tables.values()].some(({ parents }) => parents.includes(keyOf(table)));
  }

  private reachedKey(table: Table, column: string, met: Map<Table, Set<string>>): string[] {
    const owned = this.owned(table);
    return owned && isKey(owned.table, column) ? this.reached(owned, column, met) : [];
  }

  /**
   * The columns that stand for a polymorphic one where its discriminator says whose key it holds (`references` with `when`).
   * They are no columns of the table: their names hold a space.
   */
  kindsOf(table: Table): readonly Kind[] {
    let kinds = this.kinds.get(table);
    if (!kinds) {
      kinds = polymorphicReferences(table, this.env.catalog, this.env.config).map((reference) => ({ ...reference, name: `${reference.column} of ${keyOf(reference.target)}` }));
      this.kinds.set(table, kinds);
    }
    return kinds;
  }

  private readonly kinds = new Map<Table, readonly Kind[]>();

  /** The keys of several columns that name the row or one it refers to. One that holds the tenant says nothing more. */
  rowKeys(classified: ClassifiedTable): readonly RowKey[] {
    const { table } = classified;
    const found = this.rowKeysOf.get(table);
    if (found) return found;
    const keys = uniqueSets(table).map((columns) => rowKey(table, columns, columns));
    for (const key of table.foreignKeys) {
      const target = this.env.catalog.tables.get(key.table);
      const owned = target && this.owned(target);
      const isOfKey = owned && !this.shared.has(owned) && uniqueSets(target).some((columns) => columns.length === key.columns.length && columns.every((column) => key.referencedColumns.includes(column)));
      if (isOfKey) keys.push(rowKey(target, key.referencedColumns, key.columns));
    }
    const several = keys.filter(({ columns }) => columns.length > 1 && !columns.some((column) => this.levelOf(classified, column) >= 0));
    this.rowKeysOf.set(table, several);
    return several;
  }

  private readonly rowKeysOf = new Map<Table, readonly RowKey[]>();

  /** Whether a column is said to hold the signed-in user. */
  isPrincipalColumn(table: Table, column: string): boolean {
    return this.answered('principal', table, column, () => this.env.config.queries.principalColumns.some((name) => isNamed(name, table, column)));
  }

  /** Whether knowing the value of this column is proof enough: a unique secret. */
  isCredential(table: Table, column: string): boolean {
    return this.answered('credential', table, column, () => this.env.config.queries.credentialColumns.some((name) => isNamed(name, table, column))
      || ((isSecretName(column) || isIssuedCode(table.name, column) || isIssuedKey(table.name, column)) && (isKey(table, column) || table.indexes.some((index) => index.unique && index.keys.length === 1 && index.keys[0]!.column === column))));
  }

  private readonly answers = new WeakMap<Table, Map<string, boolean>>();

  /** What is asked of a column again and again. */
  private answered(question: string, table: Table, column: string, ask: () => boolean): boolean {
    let known = this.answers.get(table);
    if (!known) this.answers.set(table, known = new Map());
    const key = `${question} ${column}`;
    let answer = known.get(key);
    if (answer === undefined) known.set(key, answer = ask());
    return answer;
  }
}

/** Whether a column is named like a secret that only its holder knows. */
export function isSecretName(column: string): boolean {
  return /token|hash|secret/i.test(column);
}

/** Whether a column holds the keys that programs sign in with: `api_keys.key`, `deployments.api_key`. */
function isIssuedKey(table: string, column: string): boolean {
  return /(?:api|access)_?key$/i.test(column) || (/^(?:key|value)$/i.test(column) && /(?:api|access|secret|deployment|service)_?keys?$/i.test(table));
}

/** Whether a column holds codes that are given out to one person each: `authorization_codes.code`, `verification_codes.code`. */
function isIssuedCode(table: string, column: string): boolean {
  return /^code$/i.test(column) && /(?:authori[sz]ation|auth|device|verification|login|recovery|reset|invit(?:e|ation)|otp|one_?time)_?codes?$/i.test(table);
}

/** Whether a column is named like the hash of a secret: `hashed_key`, `token_hash`. That several rows have one hash is nothing to reckon with. */
export function isHashOfSecret(column: string): boolean {
  return /hash|digest/i.test(column) && /token|secret|key/i.test(column);
}

/** A polymorphic reference, and the name of the column that stands for it. */
interface Kind extends PolymorphicReference {
  readonly name: string;
}

/** Columns that name a row of a table together, in the order of the names of the key's columns. */
interface RowKey {
  /** Of the table and its key. */
  readonly name: string;
  readonly columns: readonly string[];
}

function rowKey(table: Table, key: readonly string[], columns: readonly string[]): RowKey {
  const order = key.map((_, index) => index).sort((a, b) => (key[a]! < key[b]! ? -1 : 1));
  return { name: `${keyOf(table)} ${order.map((index) => key[index]).join()}`, columns: order.map((index) => columns[index]!) };
}

function add(found: Map<number, { table: Table; key: string }>, index: number, table: Table): void {
  const [key, ...more] = table.primaryKey?.columns ?? [];
  if (key !== undefined && more.length === 0) found.set(index, { table, key });
}

function referencesKey(keys: readonly ForeignKey[], column: string, root: { table: Table; key: string }): boolean {
  return keys.some((key) => key.table === keyOf(root.table) && key.columns.length === 1 && key.columns[0] === column && key.referencedColumns[0] === root.key);
}

function isNamed(name: string, table: Table, column: string): boolean {
  const parts = name.split('.');
  const last = parts.pop()!;
  if (normalizeName(last) !== normalizeName(column)) return false;
  return parts.length === 0 || parts.join('.') === table.name || parts.join('.') === `${table.schema}.${table.name}`;
}

/** Whether a column by itself names one row of its table. */
export function isKey(table: Table, column: string): boolean {
  return uniqueSets(table).some((columns) => columns.length === 1 && columns[0] === column);
}
