import type { Config } from '../config/types.js';
import { UNPRINTABLE } from '../facts/identifier.js';
import { keyOf } from '../link/catalog/index.js';
import type { Catalog, Column } from '../link/catalog/types.js';
import type { ClassifiedTable, Project } from '../link/project.js';
import { TenantColumns } from '../link/tenancy.js';
import { choose, type Choice } from './choose.js';
import { components } from './order.js';
import { candidates, selfReference, type Ends } from './sources.js';
import type { Decisions, PlanRequest, Refusal, Source, TablePlan } from './types.js';

/**
 * Decides for every table of one database that lacks its tenant column, or has it nullable, how it is filled.
 * Parents come before their children; tables that only lead back to each other are refused.
 */
export function decide(project: Project, catalog: Catalog, request: PlanRequest): Decisions {
  return new Decider(project, catalog, request).run();
}

/** Whether SQL that names the table or its columns could not be shown as it is. */
function isObeyed({ table: { schema, name, columns } }: ClassifiedTable): boolean {
  return [schema, name, ...[...columns.values()].map((column) => column.name)].some((each) => each.search(UNPRINTABLE) >= 0);
}

class Decider {
  private readonly tables: ReadonlyMap<string, ClassifiedTable>;
  private readonly columns: TenantColumns;
  private readonly decided = new Map<ClassifiedTable, TablePlan>();
  private readonly passed = new Map<ClassifiedTable, Source>();
  private readonly refused = new Map<ClassifiedTable, string>();
  /** Refused for want of a way to the tenant, but some of their rows name theirs already. */
  private readonly halfFilled = new Set<ClassifiedTable>();
  private readonly config: Config;

  constructor(private readonly project: Project, private readonly catalog: Catalog, private readonly request: PlanRequest) {
    this.config = project.config;
    this.tables = new Map(project.tables.filter(({ table }) => catalog.tables.get(keyOf(table)) === table).map((each) => [keyOf(each.table), each]));
    this.columns = new TenantColumns(project.tenancy.levels, project.config.tables.columns);
  }

  run(): Decisions {
    const open = [...this.tables.values()].filter((table) => this.isTarget(table) || this.isPassage(table));
    for (const component of components(open, (table) => this.parents(table))) this.settle(component);
    const wanted = this.wanted();
    return {
      catalog: this.catalog,
      plans: [...this.decided.values()].filter(({ table }) => wanted.has(table)),
      refused: [...this.refused].filter(([table]) => wanted.has(table) && this.isTarget(table)).map(([table, reason]): Refusal => ({ table, reason })),
    };
  }

  /** The tables that were asked for, and those that theirs are filled from. */
  private wanted(): ReadonlySet<ClassifiedTable> {
    const { tables } = this.request;
    const wanted = new Set([...this.tables.values()].filter(({ name }) => tables.length === 0 || tables.includes(name)));
    for (const table of wanted) {
      for (const { hops } of this.decided.get(table)?.sources ?? []) for (const { to } of hops) wanted.add(to);
    }
    return wanted;
  }

  /** A tenant table without the column, or with one that may be NULL by mistake. */
  private isTarget(each: ClassifiedTable): boolean {
    const { class: kind, viaParent, tenantColumns, neverNull, table, hybrid } = each;
    if ((kind !== 'child' && kind !== 'tenant') || table.kind !== 'table') return false;
    if (tenantColumns.length === 0) return !viaParent;
    return !hybrid && neverNull.length === 0;
  }

  /** A table that may lack the column: others reach the tenant through it. */
  private isPassage({ class: kind, viaParent, tenantColumns }: ClassifiedTable): boolean {
    return viaParent && tenantColumns.length === 0 && (kind === 'child' || kind === 'tenant');
  }

  private columnName(table: ClassifiedTable): string {
    return table.tenantColumns[0]?.name ?? table.tenantColumnName;
  }

  private level(table: ClassifiedTable): number {
    return this.columns.levelOf(table.table, this.columnName(table));
  }

  private parents(table: ClassifiedTable): ClassifiedTable[] {
    return table.table.foreignKeys.flatMap((key) => this.tables.get(key.table) ?? []).filter((parent) => parent !== table);
  }

  /** Decides the members of one component: those first that need no other member of it; where all do, one whose rows name their tenant now and then. */
  private settle(component: readonly ClassifiedTable[]): void {
    let open = [...component];
    while (open.length > 0) {
      const found = open.map((table) => ({ table, sources: this.sources(table), waits: this.blocked(table, open) }));
      const next = found.find(({ sources }) => sources.some(({ total }) => total)) ?? found.find(({ waits }) => waits.length === 0) ?? found.find(({ sources }) => sources.length > 0) ?? found.find(({ table }) => table.tenantColumns.length > 0) ?? found[0]!;
      const isBound = next.waits.length > 0 && next.sources.length > 0 && !next.sources.some(({ total }) => total) && !this.request.via.has(next.table.name);
      if (isBound && this.isTarget(next.table)) this.refused.set(next.table, this.cycleReason(next.table, next.waits[0]!, next.sources));
      else this.decideOne(next.table, next.sources, open);
      open = open.filter((table) => table !== next.table);
    }
  }

  /** Rows may get their tenant through the cycle alone: what is filled first would be wrong for them. */
  private cycleReason(table: ClassifiedTable, other: ClassifiedTable, sources: readonly Source[]): string {
    const column = sources[0]!.hops[0]!.columns[0]!;
    return `its foreign keys form a cycle with "${other.name}", and none that leads out of it is never NULL; choose one with --via ${table.name}.${column}`;
  }

  private blocked(table: ClassifiedTable, open: readonly ClassifiedTable[]): ClassifiedTable[] {
    return this.parents(table).filter((parent) => open.includes(parent));
  }

  private sources(table: ClassifiedTable): Source[] {
    return candidates(table, this.columnName(table), this.ends(this.level(table)));
  }

  private ends(level: number): Ends {
    return {
      byKey: (key) => this.tables.get(key),
      through: (table) => (this.level(table) === level ? this.passed.get(table) : undefined),
      columnOf: (table) => this.endOf(table, level),
    };
  }

  private endOf(table: ClassifiedTable, level: number): { name: string; total: boolean } | undefined {
    const plan = this.decided.get(table);
    if (plan) return this.columns.levelOf(table.table, plan.column) === level ? { name: plan.column, total: !plan.staysNullable } : undefined;
    if (['ignored', 'global', 'unclassified', 'view'].includes(table.class)) return undefined;
    if (table.class === 'root' && this.project.tenancy.levels[level]?.root === table.name) {
      const [key, ...more] = table.table.primaryKey?.columns ?? [];
      return key !== undefined && more.length === 0 ? { name: key, total: true } : undefined;
    }
    // Not decided yet: its column is not filled.
    if (this.isTarget(table) && !this.halfFilled.has(table)) return undefined;
    const column = table.tenantColumns.find(({ name }) => this.columns.levelOf(table.table, name) === level);
    return column && { name: column.name, total: table.neverNull.includes(column) };
  }

  private decideOne(table: ClassifiedTable, sources: readonly Source[], open: readonly ClassifiedTable[]): void {
    if (this.isPassage(table)) {
      const best = sources.find(({ total }) => total) ?? sources[0];
      if (best) this.passed.set(table, best);
      return;
    }
    const type = this.typeOf(table);
    if (!type) return void this.refused.set(table, `the type of ${this.columnName(table)} is not known: the root table is not in the schema and no other table has the column`);
    if ([table, ...sources.flatMap(({ hops }) => hops.map(({ to }) => to))].some(isObeyed)) return void this.refused.set(table, 'a name in it, or on its way to the tenant, holds characters that a terminal obeys');
    // What is refused now may be the parent of these rows later: nothing else may fill them meanwhile.
    const barred = sources.some(({ total }) => total) || this.request.via.has(table.name) ? undefined : this.parents(table).find((parent) => this.refused.has(parent) && !this.halfFilled.has(parent));
    const choice = barred ? { refused: `its parent "${barred.name}" is refused` } : sources.length === 0 ? this.withoutSource(table, open) : choose(table, sources, this.preferences(table));
    if ('refused' in choice) {
      this.refused.set(table, choice.refused);
      if (!barred && sources.length === 0 && table.tenantColumns.length > 0) this.halfFilled.add(table);
    } else this.decided.set(table, this.planOf(table, choice, type));
  }

  private withoutSource(table: ClassifiedTable, open: readonly ClassifiedTable[]): Choice {
    if (this.request.defaultTenant !== undefined) return { sources: [], guarded: false, reason: 'no foreign key leads to a tenant: all rows get the default tenant' };
    const cycle = this.blocked(table, open).find((parent) => parent !== table);
    const why = cycle ? `its foreign keys only lead to "${cycle.name}", which leads back to it`
      : table.table.foreignKeys.some((key) => key.table === keyOf(table.table)) ? 'its only foreign key leads to itself'
      : table.path.length > 0 ? 'none of its foreign keys names one row of a table with a tenant' : 'no foreign key leads to a tenant';
    return { refused: `${why}; assign its rows with --default-tenant ID, or name it under tables.global or tables.viaParent` };
  }

  private preferences(table: ClassifiedTable): Parameters<typeof choose>[2] {
    const via = this.request.via.get(table.name);
    return {
      ...(via && { via }), agree: this.request.agree, principalColumns: this.config.queries.principalColumns,
      isBelow: (below, above) => this.isBelow(below, above),
      isUniform: (parent) => this.isUniform(parent),
    };
  }

  /** Over foreign keys that are never NULL, and not the other way round. */
  private isBelow(below: ClassifiedTable, above: ClassifiedTable): boolean {
    return this.above(below).has(above) && !this.above(above).has(below);
  }

  private above(table: ClassifiedTable): ReadonlySet<ClassifiedTable> {
    const seen = new Set<ClassifiedTable>();
    const visit = (each: ClassifiedTable): void => {
      for (const key of each.table.foreignKeys) {
        const parent = this.tables.get(key.table);
        if (!parent || seen.has(parent) || !key.columns.every((name) => each.table.columns.get(name)?.notNull)) continue;
        seen.add(parent);
        visit(parent);
      }
    };
    visit(table);
    return seen;
  }

  private isUniform(table: ClassifiedTable): boolean {
    const plan = this.decided.get(table);
    return plan !== undefined && plan.adds && plan.defaultTenant !== undefined && plan.sources.every((source) => this.isUniform(source.hops.at(-1)!.to));
  }

  private planOf(table: ClassifiedTable, { sources, guarded, reason }: Exclude<Choice, { refused: string }>, type: TablePlan['type']): TablePlan {
    const column = this.columnName(table);
    const existing = table.table.columns.get(column);
    const isTotal = sources.some(({ total }) => total);
    const self = isTotal || table.hybrid ? undefined : selfReference(table, column, this.ends(this.level(table)));
    const root = this.rootOf(table);
    const fills = !isTotal && !table.hybrid && this.request.defaultTenant !== undefined;
    return {
      table, column, type, adds: existing === undefined, staysNullable: table.hybrid, sources, guarded, reason,
      ...(self && sources.length > 0 && { selfReference: self }),
      ...(fills && { defaultTenant: this.request.defaultTenant! }),
      ...(root && { root }),
      hasForeignKey: table.table.foreignKeys.some((key) => key.enforced && key.columns.includes(column)),
      hasIndex: [...table.uniqueKeys.filter(({ kind }) => kind !== 'index').map(({ columns }) => columns[0]), ...table.table.indexes.map(({ keys }) => keys[0]?.column)].includes(column),
    };
  }

  /** The root table of a level of the tenancy. */
  private rootTable(level: number): ClassifiedTable | undefined {
    const name = this.project.tenancy.levels[level]?.root;
    return name === undefined ? undefined : [...this.tables.values()].find((each) => each.name === name);
  }

  private rootOf(table: ClassifiedTable): TablePlan['root'] {
    const level = this.level(table);
    const root = this.rootTable(level);
    const key = root?.table.primaryKey?.columns;
    if (!root || key?.length !== 1) return undefined;
    const actions = [...this.tables.values()].flatMap((each) => each.table.foreignKeys
      .filter((foreign) => foreign.enforced && foreign.table === keyOf(root.table) && foreign.columns.length === 1 && this.columns.levelOf(each.table, foreign.columns[0]!) === level)
      .map(({ onDelete }) => onDelete));
    const common = [...new Set(actions)].sort((a, b) => actions.filter((each) => each === b).length - actions.filter((each) => each === a).length)[0];
    // A column that is NOT NULL cannot be emptied with its tenant.
    return { table: root.table, key: key[0]!, onDelete: common === undefined || common === 'setNull' || common === 'setDefault' ? 'noAction' : common };
  }

  private typeOf(table: ClassifiedTable): TablePlan['type'] | undefined {
    const level = this.level(table);
    const own = table.table.columns.get(this.columnName(table));
    const others = [...this.tables.values()].flatMap((each) => each.tenantColumns.filter(({ name }) => this.columns.levelOf(each.table, name) === level));
    const known = (column: Column | undefined) => (column && column.type.name !== 'unknown' ? column.type : undefined);
    const root = this.rootTable(level);
    const key = root?.table.primaryKey?.columns;
    return known(own) ?? (root && key?.length === 1 ? known(root.table.columns.get(key[0]!)) : undefined) ?? others.map(known).find((type) => type !== undefined);
  }
}
