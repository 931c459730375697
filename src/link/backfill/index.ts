import type { Expression } from '../../facts/expression.js';
import type { FileFacts } from '../../facts/file.js';
import type { AddColumn, AddConstraint, AlterDomain, Operation, SetType } from '../../facts/operation.js';
import type { ColumnDefinition } from '../../facts/schema.js';
import { displayName, keyOf, tableKey } from '../catalog/names.js';
import { findType } from '../catalog/type-names.js';
import type { Catalog, Table } from '../catalog/types.js';
import { columnsOfDomain } from '../catalog/user-types.js';
import type { Backfill, Evidence, Migration, NotNullChange, NullCheck, RowDeletion } from '../project.js';
import type { AssertionEvent, OperationEvent, ReplayListener } from '../replay/types.js';
import { Checks } from './checks.js';
import { givesNull, neverNull, strictFunctions } from './functions.js';
import { declaredNotNull, impliesNotNull } from './names.js';
import { nullTests } from './null-tests.js';
import { isTrue, nullTest } from './pieces.js';
import type { Piece } from './pieces.js';
import { Histories } from './state.js';
import type { ColumnHistory, OpenBackfill } from './state.js';
import { nodesOfKind, withoutCasts } from './walk.js';
import { Writes } from './writes.js';

type OpenChange = Omit<NotNullChange, 'isTenantColumn' | 'skippedWhenNullsRemain'> & { skippedWhenNullsRemain?: boolean; history: ColumnHistory };

/** What the rules ask about columns that are filled and made NOT NULL. */
export interface BackfillResult {
  readonly notNullChanges: readonly NotNullChange[];
  readonly backfills: readonly Backfill[];
  readonly nullChecks: readonly NullCheck[];
  readonly rowDeletions: readonly RowDeletion[];
}

/**
 * Follows every column through the migrations: absent → nullable → filled (in whole, in part, unknown) → verified → NOT NULL.
 * @see PostgreSQL manual, sections 5.5.2 (NOT NULL), ALTER TABLE (SET NOT NULL scans the table unless a validated CHECK proves it)
 */
export class BackfillTracker implements ReplayListener {
  private readonly histories = new Histories();
  private readonly checks = new Checks(this.histories);
  private readonly writes = new Writes(this.histories, (guard, key, column, event) => this.checks.isImplied(guard, key, column, event.session.searchPath));
  private readonly changes: OpenChange[] = [];
  private readonly backfills = new Set<OpenBackfill>();
  /** So many of the changes were made by earlier migrations. */
  private changesBefore = 0;
  private changesSchema = false;

  /** @param files the facts of the migrations' files: checks in their comments are reported */
  constructor(private readonly files: ReadonlyMap<string, FileFacts> = new Map()) {}

  migrationStarts(migration: Migration, catalog: Catalog): void {
    this.histories.migration = migration;
    this.histories.catalog = catalog;
    this.changesSchema = false;
    this.writes.made.clear();
    this.changesBefore = this.changes.length;
    if (migration.opaque) this.histories.fillUnknown();
  }

  before(event: OperationEvent, catalog: Catalog): void {
    this.histories.catalog = catalog;
    const { operation } = event;
    if (event.runs === 'no') return;
    if (operation.kind === 'query') this.writes.run(operation.query, event);
    else if (!event.failure) this.definition(operation, event);
  }

  after(event: OperationEvent, catalog: Catalog): void {
    this.histories.catalog = catalog;
    const { operation } = event;
    if (event.runs !== 'no' && !event.failure && operation.kind === 'createTable' && operation.asQuery && operation.withData !== false && event.tableKey !== undefined) {
      const table = catalog.tables.get(event.tableKey);
      if (table !== undefined && !table.open) this.writes.createdAs(operation.asQuery, table, event);
      else this.histories.rowsInserted(event.tableKey);
    }
  }

  assertion(event: AssertionEvent, catalog: Catalog): void {
    this.histories.catalog = catalog;
    this.checks.assertion(event);
  }

  migrationEnds(migration: Migration, catalog: Catalog): void {
    this.histories.catalog = catalog;
    const own = this.changes.slice(this.changesBefore);
    this.settleSkipped(own);
    const file = this.files.get(migration.file);
    if (file) this.checks.comments(migration, file, new Set(own.map(({ history }) => history)));
    const { weakened, written } = this.histories.takeTouched();
    this.checks.settle(weakened);
    for (const history of written) this.collect(history, migration);
  }

  /**
   * @param tenancy tells which columns name a tenant; known only when the whole history is
   */
  result({ isTenantColumn }: { isTenantColumn: (tableKey: string, column: string) => boolean }): BackfillResult {
    const isTenant = ({ history }: { history: ColumnHistory }) => isTenantColumn(history.tableKey, history.column);
    const named = (table: string, column: string) => isTenantColumn(table.includes('.') ? table : `public.${table}`, column);
    for (const history of this.histories.all()) this.markLast(history);
    return {
      notNullChanges: this.changes.map((change) => ({ ...withoutHistory(change), isTenantColumn: isTenant(change) })),
      backfills: [...this.backfills].map((backfill): Backfill => ({
        ...withoutHistory(backfill), isTenantColumn: isTenant(backfill),
        unready: backfill.unready.filter(({ key, column }) => isTenantColumn(key, column)),
      })),
      nullChecks: this.checks.found.map((check) => ({ ...check, isTenantColumn: named(check.table, check.column) })),
      rowDeletions: this.writes.deletions.filter(({ table, column }) => named(table, column)),
    };
  }

  private definition(operation: Operation, event: OperationEvent): void {
    const table = event.tableKey === undefined ? undefined : this.histories.catalog.tables.get(event.tableKey);
    if (schemaChanges.has(operation.kind)) this.changesSchema = true;
    if (operation.kind === 'alterDomain') this.domainAltered(operation, event);
    if (event.tableKey !== undefined && !keepsRows.has(operation.kind)) this.writes.made.changed(event.tableKey);
    if (operation.kind === 'dropRelation' && operation.relation === 'table' && event.tableKey !== undefined) this.histories.close(event.tableKey);
    if (!table) return;
    switch (operation.kind) {
      case 'addColumn': return this.columnAdded(operation, table, event);
      case 'dropColumn': return this.histories.close(keyOf(table), operation.column);
      case 'renameColumn': return this.histories.renameColumn(keyOf(table), operation.column, operation.to);
      case 'renameRelation': return this.histories.renameTable(keyOf(table), { key: tableKey(table.schema, operation.to), name: displayName({ schema: table.schema, name: operation.to }) });
      case 'setSchema': return this.histories.renameTable(keyOf(table), { key: tableKey(operation.to, table.name), name: displayName({ schema: operation.to, name: table.name }) });
      case 'truncate': return this.histories.rowsRemoved(keyOf(table));
      case 'setNotNull': return this.becomesNotNull(table, operation.column, 'set not null', event);
      case 'setType': return this.rewritten(operation, table, event);
      case 'addConstraint': return this.constraintAdded(operation, table, event);
      case 'validateConstraint': return this.checkValidated(table, operation.name, event);
      case 'changeGenerated': if (operation.generated) this.generated(table, operation.column, event);
    }
  }

  private columnAdded({ column, constraints, ifNotExists }: AddColumn, table: Table, event: OperationEvent): void {
    if (table.columns.has(column.name)) return;
    const isGenerated = column.generated === 'stored' || column.generated === 'virtual';
    const filled = isGenerated ? this.isNeverNull(column.generation, table) : fillsRows(column);
    const mayBeFilled = !filled && (isGenerated || (column.default !== undefined && callsUnknown(column.default.expression)));
    const mayExistAlready = (table.assumed || table.open) && (ifNotExists || event.runs !== 'yes');
    const history = this.histories.start(table, { name: column.name, added: { location: event.location } }, { filledByDefault: filled });
    for (const awaited of this.writes.awaited) {
      if (awaited.tableKey !== keyOf(table) || awaited.column !== column.name || mayExistAlready) continue;
      awaited.backfill.unready.push({ table: awaited.table, key: awaited.tableKey, column: column.name, reason: 'is added only later', location: event.location });
    }
    if (filled) history.fillings.push({ location: event.location, migration: event.migration.index, coverage: 'total', how: column.generated ? 'generated' : 'default' });
    if (mayBeFilled) {
      this.histories.update(history, this.histories.pieces(history).map((piece) => ({ ...piece, sure: false })));
      history.fillings.push({ location: event.location, migration: event.migration.index, coverage: 'unknown', how: isGenerated ? 'generated' : 'default' });
      return;
    }
    const asKey = constraints.some(({ kind }) => kind === 'primaryKey');
    if ((column.notNull || asKey || this.refusesNull(column, event)) && !filled) this.change(table, history, asKey ? 'primary key' : 'add column not null', event);
  }

  /** USING writes every row anew: a value that was there may become NULL. */
  private rewritten({ column, using }: SetType, table: Table, { location }: OperationEvent): void {
    const history = using && this.histories.get(keyOf(table), column);
    const declared = table.columns.get(column);
    if (!history || !declared || declaredNotNull(table, declared) || this.isNeverNull(using, table, column)) return;
    const emptied: Piece = { literals: [{ atom: nullTest(`target.${column}`), truth: isTrue }], sure: false, why: { location, message: 'USING may give NULL' } };
    this.histories.update(history, [...this.histories.pieces(history), emptied]);
    delete history.verified;
  }

  /**
   * Whether what a column is made of cannot be NULL in any row.
   * @param own a column that is taken to have a value
   */
  private isNeverNull(expression: Expression | undefined, table: Table, own?: string): boolean {
    const inner = expression && withoutCasts(expression);
    const isFull = (part: Expression | undefined): boolean => this.isNeverNull(part, table, own);
    switch (inner?.kind) {
      case 'constant': return inner.value !== null;
      case 'column': return inner.path.at(-1) === own || this.histories.fullness(keyOf(table), inner.path.at(-1)!).state === 'full';
      case 'case': return inner.branches.every(({ then }) => isFull(then)) && isFull(inner.otherwise);
      case 'call': {
        const name = inner.name.at(-1)!;
        if (name === 'coalesce' || name === 'greatest' || name === 'least') return inner.arguments.some(isFull);
        return neverNull.has(name) || (strictFunctions.has(name) && inner.arguments.every(isFull));
      }
      case 'operator': return !givesNull(inner.operator) && (!inner.left || isFull(inner.left)) && isFull(inner.right);
      default: return false;
    }
  }

  /** A column whose domain is NOT NULL and has no default. */
  private refusesNull({ type }: ColumnDefinition, event: OperationEvent): boolean {
    const domain = findType(this.histories.catalog, type, event.session.searchPath);
    return domain?.form === 'domain' && type.dimensions === 0 && domain.notNull === true && domain.hasDefault !== true;
  }

  /** Values of arrays of the domain may be NULL as before, and the columns of views are those of tables. */
  private domainAltered({ name, notNull }: AlterDomain, event: OperationEvent): void {
    if (!notNull) return;
    for (const { table, column } of columnsOfDomain(this.histories.catalog, name, event.session.searchPath)) {
      if (table.kind === 'table' && table.columns.get(column)?.type.dimensions === 0) this.becomesNotNull(table, column, 'set not null', event);
    }
  }

  private constraintAdded({ constraint }: AddConstraint, table: Table, event: OperationEvent): void {
    if (constraint.kind === 'primaryKey') {
      const index = table.indexes.find(({ name }) => name === constraint.usingIndex);
      for (const column of index?.keys.flatMap((key) => key.column ?? []) ?? constraint.columns) this.becomesNotNull(table, column, 'primary key', event);
    } else if (constraint.kind === 'notNull' && !constraint.notValid) this.becomesNotNull(table, constraint.column, 'set not null', event);
    else if (constraint.kind === 'check' && !constraint.notValid) this.checkHolds(table, constraint.expression, event);
  }

  private checkValidated(table: Table, name: string, event: OperationEvent): void {
    const check = table.checks.find((each) => each.name === name && !each.validated);
    if (check) this.checkHolds(table, check.expression, event);
  }

  private checkHolds(table: Table, expression: Parameters<typeof impliesNotNull>[0], event: OperationEvent): void {
    for (const column of table.columns.values()) {
      if (!impliesNotNull(expression, column.name) || declaredNotNull(table, column)) continue;
      const history = this.histories.get(keyOf(table), column.name)!;
      this.change(table, history, 'validated check', event);
      this.checks.verify(history, event.location);
    }
  }

  private generated(table: Table, name: string, event: OperationEvent): void {
    const history = this.histories.get(keyOf(table), name);
    if (!history) return;
    this.histories.update(history, []);
    history.fillings.push({ location: event.location, migration: event.migration.index, coverage: 'total', how: 'generated' });
  }

  private becomesNotNull(table: Table, name: string, form: NotNullChange['form'], event: OperationEvent): void {
    const column = table.columns.get(name);
    if (column ? column.notNull : !table.assumed && !table.open) return;
    // A column made outside of the history is met here for the first time.
    const history = this.histories.get(keyOf(table), name) ?? this.histories.start(table, { name, added: { location: event.location } });
    const catalog = column ? this.histories.catalog : withColumn(this.histories.catalog, table, name, event);
    const skipped = event.guards.some((guard) => nullTests(guard, catalog, event.session.searchPath)
      .some((test) => test.sense === 'true when none remain' && test.tableKey === keyOf(table) && test.column === name));
    this.change(table, history, form, event, skipped);
    if (!skipped) {
      this.markLast(history);
      this.collect(history);
      this.histories.update(history, []);
    }
  }

  private change(table: Table, history: ColumnHistory, form: NotNullChange['form'], event: OperationEvent, skipped = false): void {
    const migration = event.migration.index;
    const pieces = this.histories.pieces(history);
    const verified = history.verified && (history.verified.migration === migration || this.hasValidCheck(table, history)) ? history.verified.location : undefined;
    const exempt = this.needsNoVerify(table, history, pieces);
    const weak = history.weak.at(-1)?.location;
    this.changes.push({
      table: history.tableName, column: history.column, form, location: event.location, migration, history,
      mayHoldRows: this.histories.mayHoldRows(table),
      ...(history.addedLater ? { added: history.added } : {}),
      filledBy: [...history.fillings],
      ...(exempt !== undefined ? { needsNoVerify: exempt } : {}),
      ...(verified ? { verifiedBy: verified } : {}),
      totalBackfill: pieces.length === 0 && history.fillings.at(-1)?.migration === migration,
      ...(weak ? { weakCheck: weak } : {}),
      ...(skipped ? { skippedWhenNullsRemain: true } : {}),
      evidence: this.evidence(history, pieces.filter(({ sure }) => sure).map(({ why }) => why)),
    });
  }

  private evidence(history: ColumnHistory, leaks: readonly Evidence[]): Evidence[] {
    const last = history.fillings.at(-1);
    return [
      ...(history.addedLater ? [{ location: history.added, message: 'column added here' }] : []),
      ...(last ? [{ location: last.location, message: 'last backfill' }, ...leaks.filter(({ location }, index) => leaks.findIndex((other) => other.location.start === location.start) === index)] : []),
    ];
  }

  private hasValidCheck(table: Table, history: ColumnHistory): boolean {
    return table.checks.some((check) => check.validated && impliesNotNull(check.expression, history.column));
  }

  private needsNoVerify(table: Table, history: ColumnHistory, pieces: readonly Piece[]): string | undefined {
    if (this.hasValidCheck(table, history)) return 'a validated CHECK proves that no NULL is left';
    const isMadeHere = table.created.migration === this.histories.migration.index && !table.assumed;
    if (isMadeHere && !(history.fillings.length > 0 && pieces.some(({ sure }) => sure))) return 'the table is created in the same migration';
    const stillByDefault = history.filledByDefault && (pieces.length === 0 || history.pieces.length === 0);
    return stillByDefault ? 'the default at ADD COLUMN filled every row' : undefined;
  }

  /** `IF count = 0 THEN SET NOT NULL` is harmless when the other branch aborts. */
  private settleSkipped(changes: readonly OpenChange[]): void {
    for (const change of changes) {
      if (!change.skippedWhenNullsRemain) continue;
      if (change.history.verified?.migration === change.migration) {
        delete change.skippedWhenNullsRemain;
        Object.assign(change, { verifiedBy: change.history.verified.location });
        continue;
      }
      change.history.weak = [];
      this.checks.found.push({
        table: change.table, column: change.column, location: change.location, migration: change.migration, aborts: 'no', reason: 'skips not null', hiddenByRls: [],
      });
    }
  }

  private markLast(history: ColumnHistory): void {
    const last = history.backfills.at(-1);
    if (last) last.isLast = true;
  }

  /** Moves settled backfills to the result: those of an ended migration whose column became NOT NULL, and at the end all. */
  private collect(history: ColumnHistory, migration?: Migration): void {
    for (const backfill of history.backfills) {
      if (migration && backfill.migration === migration.index) backfill.rewritesWholeTable &&= this.changesSchema;
      this.backfills.add(backfill);
    }
    if (!migration) history.backfills = [];
  }
}

function fillsRows(column: ColumnDefinition): boolean {
  if (column.generated) return true;
  const value = column.default;
  return value !== undefined && !value.clientSide && (value.generator || value.constant) && !(value.expression.kind === 'constant' && value.expression.value === null);
}

/** Whether a function gives the value of which nothing is known; a migration has no settings of a session. */
function callsUnknown(expression: Expression): boolean {
  return [...nodesOfKind(expression, 'call')].some(({ name }) => name.at(-1) !== 'current_setting');
}

/** The catalog as it is when the table has a column that nothing in the history declares. */
function withColumn(catalog: Catalog, table: Table, name: string, event: OperationEvent): Catalog {
  const added = { location: event.location, migration: event.migration.index };
  const columns = new Map(table.columns).set(name, { name, type: { name: 'unknown', modifiers: [], dimensions: 0 }, notNull: false, added });
  return { ...catalog, tables: new Map(catalog.tables).set(keyOf(table), { ...table, columns }) };
}

function withoutHistory<T extends { history: ColumnHistory }>(value: T): Omit<T, 'history'> {
  const { history: _history, ...rest } = value;
  return rest;
}

const keepsRows: ReadonlySet<Operation['kind']> = new Set<Operation['kind']>(['addColumn', 'addConstraint', 'createIndex', 'setNotNull', 'setDefault', 'validateConstraint', 'createTable']);
const schemaChanges: ReadonlySet<Operation['kind']> = new Set<Operation['kind']>([
  'addColumn', 'dropColumn', 'setNotNull', 'setType', 'addConstraint', 'createIndex', 'setDefault', 'renameColumn', 'dropNotNull', 'validateConstraint',
]);
