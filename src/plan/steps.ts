import { UsageError } from '../errors.js';
import type { Config } from '../config/types.js';
import { keyOf } from '../link/catalog/index.js';
import type { Catalog, Table } from '../link/catalog/types.js';
import type { ClassifiedTable, UniqueKey } from '../link/project.js';
import { isConfinedKey } from '../rule.js';
import type { Dialect } from './dialects/types.js';
import { FreeNames, listed } from './names.js';
import { components } from './order.js';
import { sqlString, sqlType } from './sql.js';
import type { Decisions, PlannedMigration, PlanRequest, Step, TablePlan } from './types.js';

/** So few tables are one migration, whatever their parents. */
const SMALL = 6;

/**
 * Turns decisions into migrations: one for each group of tables, in the order of their dependencies; with `--online` one for each phase.
 * @throws UsageError when what was asked for cannot be written
 */
export function planMigrations({ plans, catalog }: Decisions, request: PlanRequest, dialect: Dialect, config: Config): PlannedMigration[] {
  if (plans.length === 0) return [];
  if (dialect.outside === 'never' && (request.online || request.batched)) throw new UsageError(`${dialect.name} runs its migrations in one transaction: --online and --batched cannot be written for it`);
  const builder = new Builder(catalog, request, dialect, config);
  return request.online ? builder.phases(plans) : groups(plans, request.single).flatMap((group) => builder.group(group));
}

/** A table with its leaves: a table that others are filled from stands at the head of a group, the rest with their parent. */
function groups(plans: readonly TablePlan[], single: boolean): TablePlan[][] {
  if (single || plans.length <= SMALL) return [[...plans]];
  const planOf = new Map(plans.map((plan) => [plan.table, plan]));
  const parents = (plan: TablePlan) => plan.sources.flatMap(({ hops }) => hops.map(({ to }) => to));
  const heads = new Set(plans.flatMap(parents));
  const headOf = (plan: TablePlan): ClassifiedTable | undefined => (heads.has(plan.table) ? plan.table : plan.sources[0]?.hops[0]?.to);
  const byHead = new Map<ClassifiedTable | undefined, TablePlan[]>();
  for (const plan of plans) byHead.set(headOf(plan), [...(byHead.get(headOf(plan)) ?? []), plan]);
  const all = [...byHead.values()];
  const needs = (group: TablePlan[]) => all.filter((other) => other !== group && group.some((plan) => parents(plan).some((parent) => other.includes(planOf.get(parent)!))));
  // Groups that read from each other become one, in the order of the decisions.
  return components(all, needs).map((merged) => plans.filter((plan) => merged.some((group) => group.includes(plan))));
}

/** What a migration is about: `account_id to sessions and 4 more tables`. */
interface Names {
  readonly to: string;
  readonly of: string;
}

class Builder {
  private readonly keepers = new Set<string>();
  private readonly free: FreeNames;

  constructor(private readonly catalog: Catalog, private readonly request: PlanRequest, private readonly dialect: Dialect, private readonly config: Config) {
    this.free = new FreeNames(catalog);
  }

  group(plans: readonly TablePlan[]): PlannedMigration[] {
    const names = this.names(plans);
    if (this.request.batched) return this.batchedGroup(plans, names);
    return [migration(`add ${names.to}`, [...this.additions(plans, true), ...this.filling(plans), ...this.closing(plans), ...this.indexes(plans, false), ...this.extras(plans)])];
  }

  /** Long updates outside of the transaction that changes the schema. */
  private batchedGroup(plans: readonly TablePlan[], names: Names): PlannedMigration[] {
    return [
      migration(`add ${names.to}`, this.additions(plans, true)), ...this.fillOutside(plans, names),
      migration(`require ${names.of}`, [...this.verifying(plans), ...this.closing(plans), ...this.indexes(plans, false), ...this.extras(plans)]),
    ];
  }

  /** No step holds a lock for longer than a moment: constraints first NOT VALID, then validated; indexes CONCURRENTLY. */
  phases(plans: readonly TablePlan[]): PlannedMigration[] {
    const names = this.names(plans);
    const additions = this.additions(plans, false);
    const foreignKeys = additions.flatMap((step) => (step.kind === 'addForeignKey' ? [{ kind: 'validate', table: step.plan.table.table, name: step.name } as const] : []));
    const required = plans.filter(({ staysNullable }) => !staysNullable);
    const checks = required.map((plan) => ({ plan, name: this.free.take(`${plan.table.table.name}_${plan.column}_not_null`) }));
    const filling = this.request.batched ? this.fillOutside(plans, names) : [migration(`fill ${names.of}`, this.filling(plans))];
    const checking: Step[] = [...(this.request.batched ? this.verifying(plans) : []), ...checks.map((check): Step => ({ kind: 'addNotNullCheck', ...check }))];
    return [
      migration(`add ${names.to}`, additions), ...filling,
      migration(`check ${names.of}`, checking),
      migration(`validate ${names.of}`, [...checks.map(({ plan, name }): Step => ({ kind: 'validate', table: plan.table.table, name })), ...foreignKeys]),
      migration(`require ${names.of}`, [...required.map((plan): Step => ({ kind: 'setNotNull', plan })), ...checks.map((check): Step => ({ kind: 'dropNotNullCheck', ...check })), ...this.extras(plans)]),
      ...(this.dialect.outside === 'each' ? [migration(`index ${names.of}`, this.indexes(plans, false))] : this.outside(`index ${names.of}`, this.indexes(plans, true))),
    ].filter(({ steps }) => steps.length > 0);
  }

  private fillOutside(plans: readonly TablePlan[], names: Names): PlannedMigration[] {
    return this.outside(`fill ${names.of}`, plans.map((plan): Step => ({ kind: 'fill', plan, batched: true })));
  }

  private outside(title: string, steps: readonly Step[]): PlannedMigration[] {
    if (steps.length === 0) return [];
    const { outside, sql, name } = this.dialect;
    if (outside === 'each') throw new UsageError(`${name} runs each migration in a transaction: --batched cannot be written for it`);
    if (outside === 'file') return [{ ...migration(title, steps), outsideTransaction: true }];
    // Each statement alone, so that the tool opens no transaction around it.
    const single = steps.flatMap((step) => (step.kind === 'fill' ? sql.up(step).map((_, part): Step => ({ ...step, part })) : [step]));
    return single.map((step, index) => ({ ...migration(`${title}, part ${index + 1}`, [step]), outsideTransaction: true }));
  }

  private names(plans: readonly TablePlan[]): Names {
    const columns = listed([...new Set(plans.map(({ column }) => column))]);
    const all = plans.map(({ table }) => table.name);
    const tables = all.length <= 3 ? listed(all) : `${all[0]!} and ${all.length - 1} more tables`;
    return { to: `${columns} to ${tables}`, of: `${columns} of ${tables}` };
  }

  private additions(plans: readonly TablePlan[], validated: boolean): Step[] {
    return [
      ...plans.filter(({ adds }) => adds).map((plan): Step => ({ kind: 'addColumn', plan })),
      ...plans.filter(({ root, hasForeignKey }) => root && !hasForeignKey).map((plan): Step => ({
        kind: 'addForeignKey', plan, validated, name: this.free.take(this.dialect.foreignKeyName(plan.table.table, plan.column, plan.root!.table, plan.root!.key)),
      })),
    ];
  }

  private filling(plans: readonly TablePlan[]): Step[] {
    const forced = [...new Set(plans.flatMap(({ table, sources }) => [table.table, ...sources.flatMap(({ hops }) => hops.map(({ to }) => to.table))]))].filter(({ forceRowSecurity }) => forceRowSecurity);
    return [
      ...forced.map((table): Step => ({ kind: 'rowSecurity', table, change: 'NO FORCE' })),
      ...plans.map((plan): Step => ({ kind: 'fill', plan, batched: false })), ...(this.request.online ? [] : this.verifying(plans)),
      ...forced.map((table): Step => ({ kind: 'rowSecurity', table, change: 'FORCE' })),
    ];
  }

  private verifying(plans: readonly TablePlan[]): Step[] {
    const required = plans.filter(({ staysNullable }) => !staysNullable);
    return required.length > 0 ? [{ kind: 'verify', plans: required }] : [];
  }

  private closing(plans: readonly TablePlan[]): Step[] {
    return plans.filter(({ staysNullable }) => !staysNullable).map((plan): Step => ({ kind: 'setNotNull', plan }));
  }

  private indexes(plans: readonly TablePlan[], concurrently: boolean): Step[] {
    return plans.filter((plan) => !plan.hasIndex && !this.replacedUniques(plan).length).map((plan): Step => ({
      kind: 'createIndex', plan, concurrently, name: this.free.take(this.dialect.indexName(plan.table.table, [plan.column])),
    }));
  }

  private extras(plans: readonly TablePlan[]): Step[] {
    return [
      ...plans.flatMap((plan) => this.replacedUniques(plan).map((old): Step => ({
        kind: 'replaceUnique', plan, old, name: this.free.take(this.dialect.uniqueName(plan.table.table, [plan.column, ...old.columns])), nullsNotDistinct: nullsNotDistinct(plan.table.table, old),
      }))),
      ...(this.request.rls ? plans.flatMap((plan) => this.policies(plan)) : []),
      ...(this.request.immutable ? plans.filter(({ table }) => table.tenantKept !== 'yes').map((plan) => this.immutable(plan)) : []),
    ];
  }

  private replacedUniques(plan: TablePlan): UniqueKey[] {
    return this.request.unique ? replaceableUniques(plan, this.catalog, this.config) : [];
  }

  private policies(plan: TablePlan): Step[] {
    const { table } = plan.table;
    const tenant = this.sessionTenant(plan);
    return [
      ...(table.policies.length > 0 ? [] : [{ kind: 'policy', plan, tenant, roles: this.config.rls?.roles ?? [], name: 'tenant_isolation' } as const]),
      ...(table.rowSecurity ? [] : [{ kind: 'rowSecurity', table, change: 'ENABLE' } as const]),
      ...(table.forceRowSecurity ? [] : [{ kind: 'rowSecurity', table, change: 'FORCE' } as const]),
    ];
  }

  private sessionTenant({ type }: TablePlan): string {
    const setting = this.config.rls?.setting;
    if (setting !== undefined) return `NULLIF(current_setting(${sqlString(setting)}, true), '')::${sqlType(type)}`;
    const call = this.config.queries.tenantValues.find((value) => /^[\w.]+\(\)$/.test(value));
    if (call !== undefined) return `(SELECT ${call})`;
    throw new UsageError('--rls needs the setting that holds the session\'s tenant: "rls": { "setting": "app.current_tenant" } in the configuration');
  }

  private immutable(plan: TablePlan): Step {
    const name = `keep_${plan.column}`;
    const creates = !this.keepers.has(name);
    this.keepers.add(name);
    return { kind: 'immutable', plan, function: name, trigger: `${plan.table.table.name}_keep_${plan.column}`.slice(0, 63), creates };
  }
}

/** The unique keys of a table by which one tenant could meet another's values, as far as they can be replaced. */
export function replaceableUniques({ table, column }: TablePlan, catalog: Catalog, config: Config): UniqueKey[] {
  const referenced = [...catalog.tables.values()].flatMap(({ foreignKeys }) => foreignKeys.filter((key) => key.table === keyOf(table.table)))
    .map(({ referencedColumns }) => [...referencedColumns].sort().join());
  const tenantColumns = [...table.tenantColumns.filter(({ name }) => name !== column), { name: column }];
  return table.uniqueKeys.filter((key) => key.kind !== 'primaryKey' && !key.hasExpressions && !key.partial && key.columns.length > 0
    && !referenced.includes([...key.columns].sort().join()) && !isConfinedKey(key, { ...table, tenantColumns }, config.queries.credentialColumns));
}

function nullsNotDistinct(table: Table, key: UniqueKey): boolean {
  return [...table.uniques, ...table.indexes].some(({ name, nullsNotDistinct: value }) => name === key.name && value);
}

function migration(title: string, steps: readonly Step[]): PlannedMigration {
  return { title, steps, outsideTransaction: false };
}
