import type { Config } from '../config/types.js';
import type { SchemaAddition, UnreadChanges } from '../discover/types.js';
import type { UnnamedAddition } from '../facts/operation.js';
import { declaredNotNull } from './backfill/names.js';
import { displayName, isPlatformSchema, keyOf } from './catalog/index.js';
import { findType } from './catalog/type-names.js';
import type { Catalog, Column, ForeignKey, Table } from './catalog/types.js';
import { keepsColumn } from './policies/immutable.js';
import { matchesGlob } from './names.js';
import type { ClassifiedTable, PathStep, Reference, TableClass, Tenancy, UniqueKey } from './project.js';
import type { TenantColumns } from './tenancy.js';
import { isToolTable } from './tool-tables.js';

/** Columns that say who is a member. */
const MEMBER = /user|member|profile|person|people|identity|principal/i;

/**
 * Gives every relation of a catalog its class (CONTRACT: tenant, child, root, global, ignored, unclassified, view), its tenant
 * columns, and the shortest foreign-key path to the tenant. Partitions are left out: their parent stands for them; and tables that nothing
 * creates, unless what the migrations do with them tells that they have the tenant column.
 * @param unread what of its history is not read, or not understood
 */
export function classifyTables(catalog: Catalog, tenancy: Tenancy, config: Config, columns: TenantColumns, unread: Unread = {}): ClassifiedTable[] {
  const classifier = new Classifier(catalog, tenancy, config, columns, unread);
  const classified = [...catalog.tables.values()].filter((table) => !table.isPartition && !table.temporary)
    .map((table) => classifier.classify(table)).filter(({ table, tenantColumns }) => !table.assumed || tenantColumns.length > 0);
  const byKey = new Map(classified.map((each) => [keyOf(each.table), each]));
  return classified.map((each) => ({ ...each, references: each.table.foreignKeys.flatMap((key) => referenceOf(key, byKey)) }));
}

/** What may have been added to the tables of a history. */
export interface Unread {
  /** By migrations that are not read. */
  readonly changes?: readonly UnreadChanges[];
  /** To tables whose names are not known; `migration`: to those that are there by then. */
  readonly unnamed?: readonly (UnnamedAddition & { readonly migration?: number })[];
}

class Classifier {
  private readonly roots: ReadonlyMap<string, number>;
  private readonly uses: readonly number[];
  private readonly usualName: string;
  private readonly paths: ReadonlyMap<string, PathStep[]>;

  constructor(
    private readonly catalog: Catalog,
    private readonly tenancy: Tenancy,
    private readonly config: Config,
    private readonly columns: TenantColumns,
    private readonly unread: Unread,
  ) {
    this.roots = new Map(tenancy.levels.flatMap((level, index) => {
      const table = level.root === undefined ? undefined : findByDisplayName(catalog, level.root);
      return table ? [[keyOf(table), index] as const] : [];
    }));
    this.uses = this.countUses();
    this.usualName = this.mostUsedName();
    this.paths = this.shortestPaths();
  }

  classify(table: Table): Omit<ClassifiedTable, 'references'> {
    const tenantColumns = this.tenantColumnsOf(table);
    const level = tenantColumns[0] ? this.columns.levelOf(table, tenantColumns[0].name) : this.tenancy.levels.length - 1;
    const rootName = this.tenancy.levels[level]?.root;
    const path = this.paths.get(keyOf(table)) ?? [];
    const root = rootName === undefined ? undefined : findByDisplayName(this.catalog, rootName);
    return {
      table,
      name: displayName(table),
      class: this.classOf(table, tenantColumns),
      hybrid: matchesGlob(table, this.config.tables.hybrid),
      viaParent: matchesGlob(table, this.config.tables.viaParent),
      tenantColumns,
      neverNull: tenantColumns.filter((column) => declaredNotNull(table, column)),
      tenantColumnName: tenantColumns[0]?.name ?? this.nameAtEnd(path) ?? this.usualName,
      ...(root ? { root: { table: root, name: displayName(root), ...this.rootKey(root) } } : {}),
      path,
      uniqueKeys: uniqueKeys(table),
      tenantKept: tenantColumns[0] ? keepsColumn(table, tenantColumns[0].name, this.catalog) : 'no',
      unread: this.additionsTo(table),
      location: table.created.location,
    };
  }

  /** What is not known to be missing in a table: an unread migration names it, or a statement adds it to tables that are not known, of which it may be one. */
  private additionsTo(table: Table): ReadonlySet<SchemaAddition> {
    const { changes = [], unnamed = [] } = this.unread;
    const isThere = (migration: number | undefined): boolean => migration === undefined || (table.created.migration ?? Infinity) <= migration;
    return new Set([
      ...changes.filter(({ words }) => words.has(table.name)).flatMap(({ additions }) => additions),
      ...unnamed.filter(({ column, migration }) => isThere(migration) && (column === undefined || this.columns.levelOf(table, column) >= 0)).map(({ addition }) => addition),
    ]);
  }

  private classOf(table: Table, tenantColumns: readonly Column[]): TableClass {
    if (table.kind === 'view' || table.kind === 'materializedView') return 'view';
    const { ignore, global, tenant } = this.config.tables;
    if (isToolTable(table.name) || isPlatformSchema(table.schema) || matchesGlob(table, ignore)) return 'ignored';
    if (this.roots.has(keyOf(table))) return 'root';
    if (matchesGlob(table, global)) return 'global';
    if (tenantColumns.length > 0) return 'tenant';
    if (matchesGlob(table, tenant)) return 'tenant';
    if (this.tenancy.levels.length > 0 && (this.paths.has(keyOf(table)) || matchesGlob(table, this.config.tables.viaParent))) return 'child';
    return 'unclassified';
  }

  /** Outermost level first. */
  private tenantColumnsOf(table: Table): Column[] {
    return columnsOf(table).map((column) => ({ column, level: this.columns.levelOf(table, column.name) }))
      .filter(({ level }) => level >= 0).sort((a, b) => a.level - b.level).map(({ column }) => this.withoutDomain(column));
  }

  /** A column of a domain has the type below it, and is as NOT NULL as the domain. */
  private withoutDomain(column: Column): Column {
    const domain = findType(this.catalog, column.type, ['public']);
    if (domain?.form !== 'domain' || !domain.baseType || column.type.dimensions > 0) return column;
    return this.withoutDomain({ ...column, type: domain.baseType, notNull: column.notNull || domain.notNull === true });
  }

  /** The tenant column that a path arrives at, which the table at its start would get a copy of. */
  private nameAtEnd(path: readonly PathStep[]): string | undefined {
    const last = path.at(-1);
    const target = last && findByDisplayName(this.catalog, last.to);
    return target && this.copied(target)?.name;
  }

  /** Which of its tenant columns the children of a table copy: one that is always filled, of the level most tables name. */
  private copied(table: Table): Column | undefined {
    const uses = (column: Column) => this.uses[this.columns.levelOf(table, column.name)] ?? 0;
    return this.tenantColumnsOf(table).sort((a, b) => Number(b.notNull) - Number(a.notNull) || uses(b) - uses(a))[0];
  }

  /** How many tables carry a column of each level. */
  private countUses(): number[] {
    const tables = [...this.catalog.tables.values()];
    return this.tenancy.levels.map((_, level) =>
      tables.filter((table) => [...table.columns.keys()].some((name) => this.columns.levelOf(table, name) === level)).length);
  }

  /** The column of the level most tables name, in the spelling most tables use. */
  private mostUsedName(): string {
    const level = this.uses.indexOf(Math.max(...this.uses));
    const counts = new Map<string, number>();
    for (const table of this.catalog.tables.values()) {
      for (const name of table.columns.keys()) {
        if (this.columns.levelOf(table, name) === level) counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    }
    const [best] = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    return best?.[0] ?? this.tenancy.levels[level]?.columns[0] ?? 'tenant_id';
  }

  private rootKey(root: Table): { key?: Column } {
    const [name, ...more] = root.primaryKey?.columns ?? [];
    const key = name !== undefined && more.length === 0 ? root.columns.get(name) : undefined;
    return key ? { key: this.withoutDomain(key) } : {};
  }

  /** Breadth-first from the tables that name their tenant, against the direction of the foreign keys. */
  private shortestPaths(): Map<string, PathStep[]> {
    const paths = new Map<string, PathStep[]>();
    const incoming = this.incomingKeys();
    const independent = new Set([...this.olderThanRoots(), ...this.members()]);
    let frontier = [...this.catalog.tables.values()].filter((table) => this.namesTenant(table)).map(keyOf);
    for (const key of frontier) paths.set(key, []);
    while (frontier.length > 0) {
      const next = new Map<string, Link[]>();
      for (const link of frontier.flatMap((target) => incoming.get(target) ?? [])) {
        const from = keyOf(link.table);
        if (independent.has(from) && isNullable(link)) continue;
        if (!paths.has(from) && !matchesGlob(link.table, this.config.tables.global)) next.set(from, [...(next.get(from) ?? []), link]);
      }
      for (const [from, links] of next) {
        const { table, key } = bestLink(links);
        paths.set(from, [this.stepOf(table, key), ...paths.get(key.table)!]);
      }
      frontier = [...next.keys()];
    }
    return new Map([...paths].filter(([, path]) => path.length > 0));
  }

  /** Tables that a root cannot do without (the users of whom one owns each organization): their rows are there before it, and what they may point to afterwards does not own them. */
  private olderThanRoots(): ReadonlySet<string> {
    const roots = [...this.roots.keys()].flatMap((key) => this.catalog.tables.get(key) ?? []);
    return new Set(roots.flatMap((table) => table.foreignKeys.filter((key) => !isNullable({ table, key })).map((key) => key.table)));
  }

  /** Tables whose rows are members of tenants (`memberships (user_id, org_id)`, each pair once): of any number of them, whatever else they may point to. */
  private members(): readonly string[] {
    return [...this.catalog.tables.values()].flatMap((table) => {
      const tenant = new Set(this.tenantColumnsOf(table).filter(({ notNull }) => notNull).map(({ name }) => name));
      const pairs = uniqueKeys(table).filter(({ partial, hasExpressions, columns }) => !partial && !hasExpressions && columns.some((name) => tenant.has(name))).map(({ columns }) => columns.filter((name) => !tenant.has(name)));
      return table.foreignKeys.filter((key) => !isNullable({ table, key }) && MEMBER.test(key.columns.join()) && pairs.some((rest) => rest.length === key.columns.length && key.columns.every((name) => rest.includes(name)))).map((key) => key.table);
    });
  }

  private namesTenant(table: Table): boolean {
    if (matchesGlob(table, this.config.tables.global) || matchesGlob(table, this.config.tables.ignore)) return false;
    return this.roots.has(keyOf(table)) || this.tenantColumnsOf(table).length > 0;
  }

  private stepOf(table: Table, key: ForeignKey): PathStep {
    const target = this.catalog.tables.get(key.table);
    const end = target && (this.copied(target)?.name ?? (this.roots.has(key.table) ? target.primaryKey?.columns[0] : undefined));
    return {
      table: displayName(table), columns: key.columns, to: target ? displayName(target) : key.table, toColumns: key.referencedColumns,
      nullable: isNullable({ table, key }), ...(end === undefined ? {} : { endColumn: end }),
    };
  }

  private incomingKeys(): Map<string, Link[]> {
    const incoming = new Map<string, Link[]>();
    for (const table of this.catalog.tables.values()) {
      for (const key of table.foreignKeys) {
        const list = incoming.get(key.table);
        if (list) list.push({ table, key });
        else incoming.set(key.table, [{ table, key }]);
      }
    }
    return incoming;
  }
}

/** A foreign key and the table that has it. */
interface Link {
  readonly table: Table;
  readonly key: ForeignKey;
}

function isNullable({ table, key }: Link): boolean {
  return key.columns.some((name) => !table.columns.get(name)?.notNull);
}

/** Of several equally short ways the one that is never NULL, else the one declared first. */
function bestLink(links: readonly Link[]): Link {
  const order = ({ table, key }: Link) => table.foreignKeys.indexOf(key);
  return [...links].sort((a, b) => Number(isNullable(a)) - Number(isNullable(b)) || order(a) - order(b))[0]!;
}

function referenceOf(key: ForeignKey, byKey: ReadonlyMap<string, Omit<ClassifiedTable, 'references'>>): Reference[] {
  const target = byKey.get(key.table);
  if (!target) return [];
  const [tenant] = target.tenantColumns;
  return [{
    columns: key.columns, to: target.name, toColumns: key.referencedColumns, toClass: target.class, enforced: key.enforced,
    rowColumns: rowColumns(key, target), location: key.origin.location, ...(tenant ? { toTenantColumn: tenant.name } : {}),
  }];
}

function rowColumns(key: ForeignKey, target: Omit<ClassifiedTable, 'references'>): readonly string[] {
  const tenant = new Set(target.tenantColumns.map((column) => column.name));
  const rest = key.columns.filter((_, index) => !tenant.has(key.referencedColumns[index] ?? ''));
  const referenced = new Set(key.referencedColumns.filter((name) => !tenant.has(name)));
  const isKey = target.uniqueKeys.some((unique) => !unique.partial && !unique.hasExpressions && unique.columns.every((name) => referenced.has(name)));
  return isKey ? rest : key.columns;
}

function uniqueKeys(table: Table): UniqueKey[] {
  const constraints = [...(table.primaryKey ? [table.primaryKey] : []), ...table.uniques];
  const names = new Set(constraints.map((constraint) => constraint.name));
  return [
    ...constraints.map((constraint): UniqueKey => ({
      kind: constraint.kind === 'primaryKey' ? 'primaryKey' : 'constraint',
      name: constraint.name, columns: constraint.columns, hasExpressions: false, partial: false, location: constraint.origin.location,
    })),
    ...table.indexes.filter((index) => index.unique && !names.has(index.name)).map((index): UniqueKey => ({
      kind: 'index',
      name: index.name,
      columns: index.keys.flatMap((key) => (key.column !== undefined ? [key.column] : key.expression ? columnsIn(key.expression) : [])),
      hasExpressions: index.keys.some((key) => key.column === undefined),
      partial: index.where !== undefined,
      location: index.origin.location,
    })),
  ];
}

/** The columns of a table; those of one that nothing creates are known by what its keys, indexes, checks and policies name. */
function columnsOf(table: Table): readonly Column[] {
  if (!table.assumed) return [...table.columns.values()];
  const { foreignKeys, uniques, primaryKey, indexes, checks, policies } = table;
  const named = [...[...foreignKeys, ...uniques, ...(primaryKey ? [primaryKey] : [])].flatMap(({ columns }) => columns), ...indexes.flatMap(({ keys }) => keys.flatMap(({ column }) => column ?? [])),
    ...columnsIn([checks.map(({ expression }) => expression), policies.map(({ using, withCheck }) => [using, withCheck])])];
  const missing = [...new Set(named)].filter((name) => !table.columns.has(name));
  return [...table.columns.values(), ...missing.map((name): Column => ({ name, type: { name: 'unknown', modifiers: [], dimensions: 0 }, notNull: false, added: table.created }))];
}

/** Names of the plain columns anywhere in an expression. */
function columnsIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(columnsIn);
  if (typeof node !== 'object' || node === null) return [];
  const { kind, path } = node as { kind?: string; path?: readonly string[] };
  return kind === 'column' && path ? path.slice(-1) : Object.values(node).flatMap(columnsIn);
}

function findByDisplayName(catalog: Catalog, name: string): Table | undefined {
  return catalog.tables.get(`public.${name}`) ?? catalog.tables.get(name);
}
