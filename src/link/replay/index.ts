import type { Config } from '../../config/types.js';
import type { FileFacts } from '../../facts/file.js';
import type { Statement, Transaction } from '../../facts/operation.js';
import { cloneCatalog, createCatalog } from '../catalog/index.js';
import { restoreCatalog } from '../catalog/state.js';
import type { Catalog } from '../catalog/types.js';
import type { AppliedOperation, Interpolation, Migration } from '../project.js';
import { testsOf } from './data-values.js';
import type { Context } from './flow.js';
import { Frame } from './frame.js';
import { unknownHelper } from './helpers.js';
import { HistoryNames, statementsOf } from './history.js';
import { Interpreter } from './interpreter.js';
import { Machine } from './machine.js';
import { ProgramScope } from './program-scope.js';
import { SessionState } from './session.js';
import type { ReplayListener } from './types.js';
import { constant } from './values.js';

import { during } from '../../watch.js';
/** What a replay leaves behind. */
export interface ReplayResult {
  /** The final state of the database. */
  readonly catalog: Catalog;
  /** Every operation, in the order of the replay. */
  readonly applied: readonly AppliedOperation[];
  readonly interpolations: readonly Interpolation[];
  /** Statements of the migrations, and those among them (or inside programs) whose effect is not known. */
  readonly statements: number;
  readonly statementsNotUnderstood: number;
}

/**
 * Replays one history of migrations: every statement is applied to the catalog, every program (DO block, function that is
 * called) is interpreted symbolically. Nothing is executed. A statement that PostgreSQL rejects has no effect; the replay goes on.
 * @param migrations one history, in the order it runs
 * @param files the facts of every file, by path
 * @param listener told of everything that happens, in order
 * @param config the validated configuration
 * @param external names of tables that something else than the history may create (ORM models)
 */
export function replay(
  migrations: readonly Migration[], files: ReadonlyMap<string, FileFacts>, listener: ReplayListener, config: Config,
  external: ReadonlySet<string> = new Set(),
): ReplayResult {
  const machine = new Machine(createCatalog(), listener, new HistoryNames(migrations, files, external), config.pgVersion);
  for (const migration of migrations) during(migration.file, () => replayMigration(machine, migration, statementsOf(migration, files)));
  return {
    catalog: machine.catalog, applied: machine.applied, interpolations: machine.interpolations,
    statements: machine.statements, statementsNotUnderstood: machine.notUnderstood,
  };
}

function replayMigration(machine: Machine, migration: Migration, statements: readonly Statement[]): void {
  machine.migration = migration;
  if (migration.opaque) machine.afterOpaque = true;
  machine.session = new SessionState(machine.catalog, runsInTransaction(migration, statements), migration.kind === 'supabase' ? 'postgres' : undefined);
  machine.session.keepsImplicit = migration.kind === 'prisma' || migration.kind === 'supabase';
  machine.listener.migrationStarts(migration, machine.catalog);
  const interpreter = new Interpreter(machine);
  const transactions = new Transactions(machine, statements);
  for (const statement of statements) {
    machine.statements += 1;
    replayStatement(interpreter, statement, transactions);
  }
  machine.listener.migrationEnds(migration, machine.catalog);
}

/**
 * A migration sent as one query string is one transaction, unless it is a single statement (PostgreSQL manual, section 54.2.2.1);
 * Prisma sends its files so.
 */
function runsInTransaction(migration: Migration, statements: readonly Statement[]): boolean {
  if (migration.transaction === 'none') return false;
  return migration.kind !== 'prisma' || statements.length > 1;
}

function replayStatement(interpreter: Interpreter, statement: Statement, transactions: Transactions): void {
  const { machine } = interpreter;
  const place = { runs: 'yes', guards: [], inProgram: false } as const;
  const frame = new Frame();
  const context: Context = { runs: 'yes', guards: [], frame, catchers: [], depth: 0 };
  const [first] = statement.operations;
  for (const operation of statement.operations) {
    if (operation.kind === 'setSetting') machine.session.set(operation);
    if (operation.kind === 'transaction') transactions.run(operation);
  }
  if (first?.kind === 'execution') {
    frame.declare('found', 'boolean', constant(false, first.location));
    machine.perform([first], place);
    interpreter.runProgram(first.block, context);
    return;
  }
  const failure = machine.perform(statement.operations, place);
  if (failure || first?.kind !== 'query') return;
  const scope = new ProgramScope(machine, frame, false);
  if (interpreter.runAborts(first.query, context, scope)) return;
  interpreter.runCalls(first.query, context, scope);
  const helper = unknownHelper(first.query, machine.catalog, machine.session.current.searchPath);
  if (helper) machine.cannotUnderstand(first, `the function ${helper.name} is not defined in the migrations`, place, helper.tables);
  const test = scope.rows(first.query) ? undefined : testsOf(first.query, [], first.location);
  if (test) machine.assertion({ condition: test, reaction: 'none', swallowed: false, guards: [], location: statement.location });
}

/** BEGIN, COMMIT and ROLLBACK written in a migration. */
class Transactions {
  private saved: Catalog | undefined;
  private readonly savepoints: { readonly name: string; readonly catalog: Catalog }[] = [];
  private readonly rollsBack: boolean;

  constructor(private readonly machine: Machine, statements: readonly Statement[]) {
    this.rollsBack = statements.some(({ operations }) => operations.some((operation) => (
      operation.kind === 'transaction' && (operation.action === 'rollback' || operation.action === 'rollbackTo'))));
  }

  run({ action, name }: Transaction): void {
    const { catalog, session } = this.machine;
    switch (action) {
      case 'begin':
        session.transact('begin');
        if (this.rollsBack) this.saved = cloneCatalog(catalog);
        break;
      case 'rollback':
        if (this.saved) restoreCatalog(catalog, this.saved);
        this.saved = undefined;
        session.transact('end');
        break;
      case 'commit':
        this.saved = undefined;
        session.transact('end');
        break;
      case 'savepoint':
        if (this.rollsBack && name !== undefined) this.savepoints.push({ name, catalog: cloneCatalog(catalog) });
        break;
      case 'rollbackTo': {
        const point = this.savepoints.findLast((savepoint) => savepoint.name === name);
        if (point) restoreCatalog(catalog, point.catalog);
        break;
      }
      case 'release':
        break;
    }
  }
}
