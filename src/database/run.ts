import type { Location } from '../facts/location.js';
import { Surroundings } from './environment.js';
import { databaseError, isAboutRows, type DatabaseError } from './error.js';
import { countRows, Population, type KnownTables } from './populate.js';
import { dropOwnPartition, ofItsTable } from './own-partition.js';
import { placeOfError } from './position.js';
import { quote, relationName } from './sql.js';
import { displayOf, readTables, type TableInfo } from './table-info.js';
import { countMismatches, countNulls, type Mismatch, type NullCount } from './tenants.js';
import { Trials } from './trials.js';
import type {
  Connection, HiddenRows, MixedTenants, OrderDependence, RemainingNulls, RowsLost, RunFailure, RunMigration, RunOptions, RunPlace, RunResult, RunStatement, RunTenancy,
} from './types.js';
import { isOnlySetting, lastDeletion, lastWrite, setsTransaction, transactionAfter } from './writes.js';

const NO_TENANCY: RunTenancy = { isTenantColumn: () => false };

/**
 * Runs migrations in their order on a real PostgreSQL, each on tables that hold rows of two tenants, and watches what becomes of the rows.
 * A statement that fails is left out and the run goes on; where the rows are at fault it is run again on empty tables, so that
 * the schema develops as the author meant it.
 * @param connection an empty database, as a superuser
 */
export async function runMigrations(connection: Connection, migrations: readonly RunMigration[], options: RunOptions = {}): Promise<RunResult> {
  const run = new Run(connection, migrations, options);
  for (const [index, migration] of migrations.entries()) {
    options.progress?.(index, migrations.length);
    await run.migration(migration, index);
  }
  options.progress?.(migrations.length, migrations.length);
  return run.finish(migrations);
}

/** The rows at one moment. */
interface Look extends KnownTables {
  readonly nulls: ReadonlyMap<string, NullCount>;
  readonly mismatches: ReadonlyMap<string, Mismatch>;
}

class Run {
  private readonly failures: RunFailure[] = [];
  private readonly remaining = new Map<string, RemainingNulls>();
  private readonly mixed: MixedTenants[] = [];
  private readonly lost: RowsLost[] = [];
  private readonly orderDependent: OrderDependence[] = [];
  private readonly hidden: HiddenRows[] = [];
  private readonly population: Population | undefined;
  private readonly tenancy: RunTenancy;
  private readonly surroundings: Surroundings;
  /** What was seen after the last migration: nothing happens until the next one but that tables get rows. */
  private last: Look | undefined;
  private inTransaction = false;
  /** The transaction has done nothing yet but change settings: SET TRANSACTION may still stand in it. */
  private untouched = true;
  /** Tables emptied to get a statement through: rows missing there are no loss. */
  private emptied = false;

  constructor(private readonly connection: Connection, migrations: readonly RunMigration[], private readonly options: RunOptions) {
    const { tenancy, rows = 'sparse' } = options;
    this.surroundings = new Surroundings(migrations, options.missing ?? [], tenancy?.root);
    this.tenancy = tenancy ?? NO_TENANCY;
    this.population = rows === 'none' ? undefined : new Population(connection, { full: rows === 'full', distinct: true, ...(tenancy && { tenancy }) });
  }

  async migration(migration: RunMigration, index: number): Promise<void> {
    this.surroundings.begin(migration);
    await this.connection.run('rollback; reset all; reset role');
    const filled = await this.population?.fill(this.last);
    if (this.options.session !== undefined) await this.connection.run(this.options.session);
    const before = filled === true || this.last === undefined ? await this.look() : this.last;
    this.emptied = false;
    this.inTransaction = migration.transaction === 'file';
    this.untouched = true;
    if (this.inTransaction) await this.connection.run('begin');
    let failed = false;
    for (const statement of migration.statements) failed = await this.statement(statement, index, failed) || failed;
    if (this.inTransaction) await this.commit(migration, index, failed);
    await this.connection.run('rollback; reset all; reset role');
    await this.compare(before, migration, index);
  }

  /** Leaves rows of two tenants behind, for what is tried on them. */
  async finish(migrations: readonly RunMigration[]): Promise<RunResult> {
    await this.population?.fillAgain(this.last);
    return {
      migrations: migrations.length, statements: migrations.reduce((sum, { statements }) => sum + statements.length, 0),
      failures: this.failures, remainingNulls: [...this.remaining.values()], mixedTenants: this.mixed, rowsLost: this.lost, orderDependent: this.orderDependent, hiddenRows: this.hidden, emptyTables: await this.population?.emptyTables() ?? [],
      notRun: this.surroundings.notRun, roles: this.surroundings.roles, tenants: this.surroundings.tenants,
    };
  }

  /** @returns whether it failed */
  private async statement(statement: RunStatement, migration: number, follows: boolean): Promise<boolean> {
    const controls = statement.operations.some(({ kind }) => kind === 'transaction') || (this.untouched && setsTransaction(statement));
    const guarded = this.inTransaction && !controls;
    if (!this.untouched || !controls) await this.tryOut(statement, migration);
    const error = await this.attemptEquipped(statement, guarded);
    this.untouched &&= isOnlySetting(statement);
    if (error === undefined) {
      const wasOpen = this.inTransaction;
      this.inTransaction = transactionAfter(statement.operations, this.inTransaction);
      if (this.inTransaction && !wasOpen) this.untouched = true;
      return false;
    }
    const location = placeOfError(statement, error);
    if (this.surroundings.excuses(statement, location, error)) return true;
    const dependsOnRows = isAboutRows(error) && this.population !== undefined && await this.runsOnEmptyTables(statement, guarded);
    this.failures.push({
      migration, location, statement: statement.location, code: error.code, message: ofItsTable(error.message), dependsOnRows, follows, verbatim: statement.verbatim,
      ...(error.detail !== undefined && { detail: error.detail }), ...tableOf(error),
    });
    return true;
  }

  /** What the statement does to the same rows in another order, and run by an owner whom policies bind. */
  private async tryOut(statement: RunStatement, migration: number): Promise<void> {
    if (this.population === undefined || !Trials.concerns(statement)) return;
    const trials = new Trials(this.connection, this.tenancy, await readTables(this.connection), this.inTransaction);
    const at = (table: TableInfo, column: string): RunPlace => ({ migration, location: lastWrite([statement], table, column) ?? statement.location });
    for (const { table, column, ...rows } of await trials.inBothOrders(statement)) this.orderDependent.push({ ...at(table, column), table: displayOf(table), column, ...rows });
    if (this.options.bypassesRls) return;
    const { hidden, passes } = await trials.asBoundOwner(statement);
    for (const { table, column, rows } of hidden) this.hidden.push({ ...at(table, column), table: displayOf(table), column, rows });
    for (const table of passes) this.hidden.push({ migration, location: statement.location, table: displayOf(table) });
  }

  /** Roles and tenants that statements name and no migration makes stand in every database of the project: they are made when a statement wants them. */
  private async attemptEquipped(statement: RunStatement, guarded: boolean): Promise<DatabaseError | undefined> {
    const error = await this.guardedAttempt(statement, guarded);
    if (error === undefined || !await this.equip(statement, error)) return error;
    return this.attemptEquipped(statement, guarded);
  }

  /** @returns whether another attempt is worth it */
  private async equip(statement: RunStatement, error: DatabaseError): Promise<boolean> {
    const role = this.surroundings.missingRole(error);
    if (role !== undefined) await this.connection.run(`create role ${quote(role)} nologin`);
    const tenant = this.population && this.surroundings.missingTenant(statement, error);
    if (await dropOwnPartition(this.connection, error.message)) return this.emptied = true;
    return role !== undefined || (tenant !== undefined && await this.addTenant(tenant, error));
  }

  /** The message names the column that refers to the tenant; the key of the root table is what it refers to. */
  private async addTenant(key: string, { schema, table, constraint }: DatabaseError): Promise<boolean> {
    const [parent] = await this.connection.rows<{ column: string }>(
      'select a.attname as column from pg_constraint k join pg_attribute a on a.attrelid = k.confrelid and a.attnum = k.confkey[1] where k.conname = $1 and k.conrelid = format(\'%I.%I\', $2::text, $3::text)::regclass', [constraint, schema, table]);
    return parent !== undefined && this.population!.addTenant(parent.column, key, this.inTransaction);
  }

  /** What fails is undone alone: the transaction that is open goes on. */
  private async guardedAttempt({ sql, operations }: RunStatement, guarded: boolean): Promise<DatabaseError | undefined> {
    if (guarded) await this.connection.run('savepoint tenantlint');
    const error = await this.attempt(sql);
    if (guarded) await this.connection.run(error === undefined ? 'release savepoint tenantlint' : 'rollback to savepoint tenantlint');
    else if (error !== undefined) {
      const stays = this.inTransaction && transactionAfter(operations, true);
      await this.connection.run(stays ? 'rollback; begin' : 'rollback');
      this.inTransaction = stays;
    }
    return error;
  }

  private async attempt(sql: string): Promise<DatabaseError | undefined> {
    try {
      await this.connection.run(sql);
      return undefined;
    } catch (error) {
      return databaseError(error);
    }
  }

  private async runsOnEmptyTables({ sql }: RunStatement, guarded: boolean): Promise<boolean> {
    const tables = await readTables(this.connection);
    if (tables.length === 0) return false;
    if (guarded) await this.connection.run('savepoint tenantlint');
    const failed = await this.attempt(`truncate ${tables.map(relationName).join(', ')} cascade`) ?? await this.attempt(sql);
    if (guarded) await this.connection.run(failed === undefined ? 'release savepoint tenantlint' : 'rollback to savepoint tenantlint');
    if (failed !== undefined) return false;
    this.emptied = true;
    // What follows in this migration meets rows again.
    await this.population!.refill(this.inTransaction);
    return true;
  }

  /** Deferred constraints are checked only here. */
  private async commit({ file, statements }: RunMigration, migration: number, follows: boolean): Promise<void> {
    const error = await this.attempt('commit');
    if (error === undefined) return;
    const location = statements.at(-1)?.location ?? { file, start: 0, end: 0 };
    this.failures.push({ migration, location, statement: location, code: error.code, message: error.message, dependsOnRows: isAboutRows(error), follows, verbatim: false, ...tableOf(error) });
  }

  private async look(): Promise<Look> {
    const tables = await readTables(this.connection);
    return {
      tables, counts: await countRows(this.connection, tables),
      nulls: await countNulls(this.connection, tables, this.tenancy), mismatches: await countMismatches(this.connection, tables, this.tenancy),
    };
  }

  private async compare(before: Look, migration: RunMigration, index: number): Promise<void> {
    const after = this.last = await this.look();
    for (const [key, count] of after.nulls) this.compareNulls(before, key, count, migration, index);
    for (const key of this.remaining.keys()) if (after.nulls.get(key)?.required ?? true) this.remaining.delete(key);
    if (this.emptied) return;
    for (const [key, { table, column, parent, ...rest }] of after.mismatches) {
      if (rest.rows <= (before.mismatches.get(key)?.rows ?? 0)) continue;
      this.mixed.push({ ...place(index, migration, lastWrite(migration.statements, table, column) ?? lastWrite(migration.statements, parent, rest.parentColumn)), ...rest, table: displayOf(table), column, parent: displayOf(parent) });
    }
    for (const table of after.tables) {
      const [was, is] = [before.counts.get(table.oid) ?? 0, after.counts.get(table.oid) ?? 0];
      if (is < was) this.lost.push({ ...place(index, migration, lastDeletion(migration.statements, table)), table: displayOf(table), before: was, after: is });
    }
  }

  /** A column that is new on a table with rows, or that lost some of its NULLs here. */
  private compareNulls(before: Look, key: string, { table, column, nulls, rows }: NullCount, migration: RunMigration, index: number): void {
    const was = before.nulls.get(key);
    const isNew = was === undefined && (before.counts.get(table.oid) ?? 0) > 0;
    const filled = was === undefined ? nulls < rows : nulls < was.nulls && rows >= was.rows;
    if (!isNew && !filled) return;
    if (nulls === 0) this.remaining.delete(key);
    else this.remaining.set(key, { ...place(index, migration, lastWrite(migration.statements, table, column)), table: displayOf(table), column, nulls, rows, filled });
  }
}

function place(migration: number, { file, statements }: RunMigration, location: Location | undefined): RunPlace {
  return { migration, location: location ?? statements.at(-1)?.location ?? { file, start: 0, end: 0 } };
}

function tableOf({ schema, table, column }: DatabaseError): { table?: string; column?: string } {
  return { ...(table !== undefined && { table: displayOf({ schema: schema ?? 'public', name: ofItsTable(table) }) }), ...(column !== undefined && { column }) };
}
