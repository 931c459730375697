import type { Location } from '../facts/location.js';
import type { Operation } from '../facts/operation.js';
import { declaredNotNull, impliesNotNull } from './backfill/names.js';
import { displayName, tableKey } from './catalog/index.js';
import type { Catalog, Index, Origin, Policy, Table } from './catalog/types.js';
import type { ClassifiedTable, Migration, Regression } from './project.js';
import type { OperationEvent, ReplayListener } from './replay/types.js';
import type { TenantColumns } from './tenancy.js';

interface Loss {
  table: string;
  readonly what: Regression['what'];
  readonly location: Location;
  readonly migration: number;
  readonly origin: Origin | undefined;
  readonly name?: string;
  /** The column, for losses of the column itself and of its NOT NULL. */
  readonly column?: string;
  /** Columns of a lost key, index or foreign key. */
  readonly columns?: readonly string[];
  readonly policy?: Policy;
}

/**
 * Watches a replay for migrations that take a protection away, and says at the end which ones nothing gave back
 * (rule `no-tenant-regression`). What a migration both makes and takes away is its own affair.
 */
export class RegressionWatch implements ReplayListener {
  private readonly losses: Loss[] = [];
  /** Tables as they were before a migration dropped a column of theirs. */
  readonly formerTables: Table[] = [];

  migrationStarts(): void {}
  assertion(): void {}
  migrationEnds(): void {}

  before(event: OperationEvent, catalog: Catalog): void {
    if (event.failure || event.runs === 'no' || event.migration.direction === 'down') return;
    const table = event.tableKey === undefined ? undefined : catalog.tables.get(event.tableKey);
    if (table && event.operation.kind === 'dropColumn' && event.runs === 'yes') this.formerTables.push(table);
    const found = table ? lossesOnTable(event.operation, table) : lossOfIndex(event.operation, catalog, event.session.searchPath);
    for (const loss of found) {
      if (loss.origin && loss.origin.migration !== event.migration.index) this.losses.push({ ...loss, ...place(event, event.migration) });
    }
  }

  after(event: OperationEvent, catalog: Catalog): void {
    const { operation, tableKey: before } = event;
    if (event.failure || before === undefined || catalog.tables.has(before)) return;
    const after = operation.kind === 'renameRelation' ? operation.to : operation.kind === 'setSchema' ? operation.name.name : undefined;
    if (after === undefined) return;
    const schema = operation.kind === 'setSchema' ? operation.to : before.slice(0, before.indexOf('.'));
    for (const loss of this.losses) if (loss.table === before) loss.table = tableKey(schema, after);
  }

  /** The losses that the final state does not make good. */
  result(catalog: Catalog, classified: readonly ClassifiedTable[], columns: TenantColumns): Regression[] {
    const byKey = new Map(classified.map((each) => [tableKey(each.table.schema, each.table.name), each]));
    const said = new Set<string>();
    return this.losses.flatMap((loss) => {
      const table = catalog.tables.get(loss.table);
      const subject = byKey.get(loss.table);
      if (!table || !subject || subject.class === 'global' || subject.class === 'ignored') return [];
      if (!concernsTenant(loss, subject, columns) || isMadeGood(loss, subject, columns)) return [];
      const { what, location, migration, name, origin } = loss;
      // One operation takes several things away: the first one that nothing gives back stands for all.
      const place = `${loss.table} ${location.file} ${location.start}`;
      if (said.has(place)) return [];
      said.add(place);
      return [{ table: displayName(table), what, location, migration, ...(origin ? { origin: origin.location } : {}), ...(name === undefined ? {} : { name }) }];
    });
  }
}

function place(event: OperationEvent, migration: Migration): Pick<Loss, 'location' | 'migration'> {
  return { location: event.location, migration: migration.index };
}

type Found = Omit<Loss, 'location' | 'migration'>;

function lossesOnTable(operation: Operation, table: Table): Found[] {
  const key = tableKey(table.schema, table.name);
  switch (operation.kind) {
    case 'dropColumn': return lossesWithColumn(operation.column, table, key);
    case 'dropNotNull': {
      const column = table.columns.get(operation.column);
      return column?.notNull ? [{ table: key, what: 'not null', origin: column.notNullOrigin ?? column.added, column: column.name }] : [];
    }
    case 'dropConstraint': return lossOfConstraint(operation.name, table, key);
    case 'dropPolicy': {
      const policy = table.policies.find((each) => each.name === operation.name);
      return policy ? [{ table: key, what: 'policy', origin: policy.origin, name: policy.name, policy }] : [];
    }
    case 'setRowSecurity': return lossOfRowSecurity(operation.change, table, key);
    default: return [];
  }
}

/** With the column go its NOT NULL and its foreign keys: a later column of that name does not bring them back. */
function lossesWithColumn(name: string, table: Table, key: string): Found[] {
  const column = table.columns.get(name);
  if (!column) return [];
  const foreignKeys = table.foreignKeys.filter((each) => each.enforced && each.columns.includes(name));
  return [
    { table: key, what: 'tenant column', origin: column.added, column: name },
    ...(declaredNotNull(table, column) ? [{ table: key, what: 'not null', origin: column.notNullOrigin ?? column.added, column: name } as const] : []),
    ...foreignKeys.map((each) => ({ table: key, what: 'foreign key', origin: each.origin, name: each.name, columns: each.columns } as const)),
  ];
}

function lossOfConstraint(name: string, table: Table, key: string): Found[] {
  const foreignKey = table.foreignKeys.find((each) => each.name === name);
  if (foreignKey) return [{ table: key, what: 'foreign key', origin: foreignKey.origin, name, columns: foreignKey.columns }];
  const check = table.checks.find((each) => each.name === name);
  if (check?.validated) {
    return [...table.columns.values()].filter((column) => !column.notNull && impliesNotNull(check.expression, column.name))
      .map((column) => ({ table: key, what: 'not null', origin: check.origin, column: column.name }));
  }
  const unique = table.uniques.find((each) => each.name === name);
  return unique ? [{ table: key, what: 'unique', origin: unique.origin, name, columns: unique.columns }] : [];
}

function lossOfRowSecurity(change: string, table: Table, key: string): Found[] {
  if (change === 'disable' && table.rowSecurity) return [{ table: key, what: 'row security', origin: table.rowSecurityOrigin }];
  if (change === 'noForce' && table.forceRowSecurity) return [{ table: key, what: 'forced row security', origin: table.rowSecurityOrigin }];
  return [];
}

function lossOfIndex(operation: Operation, catalog: Catalog, searchPath: readonly string[]): Found[] {
  if (operation.kind !== 'dropRelation' || operation.relation !== 'index') return [];
  const schemas = operation.name.schema === undefined ? searchPath : [operation.name.schema];
  for (const table of catalog.tables.values()) {
    if (!schemas.includes(table.schema)) continue;
    const index = table.indexes.find((each) => each.name === operation.name.name);
    if (index) {
      return [{
        table: tableKey(table.schema, table.name), what: index.unique ? 'unique' : 'index', origin: index.origin, name: index.name, columns: indexColumns(index),
      }];
    }
  }
  return [];
}

function indexColumns(index: Index): string[] {
  return index.keys.flatMap((key) => (key.column === undefined ? [] : [key.column]));
}

function concernsTenant(loss: Loss, { table, tenantColumns, class: kind }: ClassifiedTable, columns: TenantColumns): boolean {
  const isTenantColumn = (name: string) => columns.levelOf(table, name) >= 0;
  if (loss.column !== undefined) return isTenantColumn(loss.column);
  if (loss.columns) return loss.what === 'index' ? isTenantColumn(loss.columns[0] ?? '') : loss.columns.some(isTenantColumn);
  return tenantColumns.length > 0 || kind === 'root';
}

function isMadeGood(loss: Loss, { table, tenantColumns, uniqueKeys }: ClassifiedTable, columns: TenantColumns): boolean {
  const isTenantColumn = (name: string) => columns.levelOf(table, name) >= 0;
  const lost = loss.columns ?? [];
  switch (loss.what) {
    case 'tenant column': return tenantColumns.length > 0;
    // A row pinned at any level of a nested tenancy is pinned.
    case 'not null': return !table.columns.has(loss.column!) || tenantColumns.some((column) => declaredNotNull(table, column));
    // A column that is gone is a loss of its own.
    case 'foreign key': return !lost.every((name) => table.columns.has(name)) || table.foreignKeys.some((key) => key.enforced && lost.filter(isTenantColumn).every((name) => key.columns.includes(name)));
    case 'unique': return tenantColumns.length === 0 || uniqueKeys.some((key) => key.columns.some(isTenantColumn) && overlaps(key.columns, lost, isTenantColumn));
    case 'index': return tenantColumns.length === 0 || table.indexes.some((index) => index.keys[0]?.column !== undefined && isTenantColumn(index.keys[0].column));
    case 'row security': return table.rowSecurity;
    case 'forced row security': return table.forceRowSecurity || !table.rowSecurity;
    case 'policy': return table.policies.some((policy) => policy.permissive === loss.policy!.permissive && replaces(policy, loss.policy!));
  }
}

/** A unique key takes another's place when, the tenant aside, it is over the same columns or over some of them. */
function overlaps(key: readonly string[], lost: readonly string[], isTenantColumn: (name: string) => boolean): boolean {
  const rest = (names: readonly string[]) => names.filter((name) => !isTenantColumn(name));
  return rest(lost).every((name) => key.includes(name)) || rest(key).every((name) => lost.includes(name));
}

function replaces(policy: Policy, lost: Policy): boolean {
  return policy.command === 'all' || policy.command === lost.command || lost.command === 'all';
}
