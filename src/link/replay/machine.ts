import type { Expression, SqlType } from '../../facts/expression.js';
import type { Answer, Location } from '../../facts/location.js';
import type { CreateRule, Operation } from '../../facts/operation.js';
import type { Query } from '../../facts/query.js';
import { applyOperation, attempt, displayName, executionOrder, findTable, tableKey } from '../catalog/index.js';
import type { ApplyEnvironment } from '../catalog/environment.js';
import type { Catalog, Table } from '../catalog/types.js';
import type { AppliedOperation, Failure, Interpolation, Migration } from '../project.js';
import { resolveQuery } from '../resolve/index.js';
import type { OutputColumn, Resolution } from '../resolve/types.js';
import type { HistoryNames } from './history.js';
import { MadeUpNames } from './made-up-names.js';
import type { SessionState } from './session.js';
import { lacking, refusedBody } from './refused-body.js';
import { refusedExpression, storesExpressions } from './stored-expressions.js';
import { insertedTables, referencedNames, snapshot, tableNameOf, tablesOf, touchedNames } from './snapshot.js';
import type { AssertionEvent, OperationEvent, ReplayListener } from './types.js';

/** How certain it is that the statement at hand runs. */
export interface Certainty {
  readonly runs: Answer;
  readonly guards: readonly Expression[];
}

/** Where a statement stands. */
export interface Place extends Certainty {
  /** Inside a DO block, a function or dynamic SQL. */
  readonly inProgram: boolean;
  /** Why the statement is not wholly known: part of its text is not. */
  readonly notUnderstood?: string;
  /** Whether an exception handler around it swallows an error of this SQLSTATE. */
  readonly swallows?: (code: string) => boolean;
}

/** Operations on which nothing is taken away or tightened: applied even where it is not certain that they run. */
const additive = new Set<Operation['kind']>([
  'createTable', 'addColumn', 'addConstraint', 'createIndex', 'createPolicy', 'createTrigger', 'createFunction', 'createView', 'createSchema',
  'createType', 'alterEnum', 'createSequence', 'createExtension', 'setDefault', 'attachPartition', 'query', 'role', 'grant',
]);

/** Failures that hang on which objects exist: undefined and duplicate tables, columns, functions, types, constraints, keys. */
const dependsOnObjects: ReadonlySet<string> = new Set([
  '42P01', '42703', '42883', '42704', '42P07', '42701', '42723', '42710', '42P06', '42P10', '42830', '42809', '42804', '42725',
]);

/** When one of these fails, later failures on what it would have made are only its consequences. */
const creations = new Set<Operation['kind']>(['createTable', 'createView', 'createType', 'createFunction', 'createSchema', 'renameRelation']);

/** Applies operations to the catalog, tells the listener, and keeps the record for the rules. */
export class Machine {
  readonly applied: AppliedOperation[] = [];
  readonly interpolations: Interpolation[] = [];
  migration!: Migration;
  session!: SessionState;
  /** Values of variables that something has read. */
  readonly read = new WeakSet<Expression>();
  readonly madeUp = new MadeUpNames();
  statements = 0;
  notUnderstood = 0;
  /** A migration that is not read has run: what exists is not known for certain. */
  afterOpaque = false;
  /** Where PL/pgSQL refuses a body that has been met: what stands there need not be understood. */
  readonly refusedAt = new WeakSet<Location>();
  /** Names that something undecided may have made, changed or taken away: nothing is said to fail on them. */
  private readonly uncertain = new Set<string>();

  constructor(readonly catalog: Catalog, readonly listener: ReplayListener, readonly names: HistoryNames, private readonly version: number) {}

  /** Resolves a query's names; the failures are those PostgreSQL would report here. */
  resolve(query: Query, place: Pick<Place, 'inProgram'>, variables: ReadonlySet<string>, labels?: ReadonlySet<string>): Resolution {
    return resolveQuery(query, {
      catalog: this.catalog,
      searchPath: this.session.current.searchPath,
      variables,
      ...(labels ? { labels } : {}),
      isKnownMissing: (name, kind) => this.isKnownMissing(name, kind, place.inProgram),
    });
  }

  /** The types of a query's output columns, as far as they are known. */
  typesOf(query: Query): readonly (SqlType | undefined)[] {
    return this.resolve(query, { inProgram: true }, noVariables).columns?.map(({ type }) => type) ?? [];
  }

  /**
   * Runs the operations of one statement: all of them, or none when one fails.
   * @param resolution of the query, when the one operation is a query whose names are resolved already
   * @returns the failure, if PostgreSQL rejects the statement whatever the data
   */
  perform(operations: readonly Operation[], place: Place, resolution?: Resolution): Failure | undefined {
    const all = (): Failure | undefined => {
      for (const operation of executionOrder(operations)) {
        const failure = this.performOne(operation, place, resolution);
        if (failure) return failure;
      }
      return undefined;
    };
    return operations.length > 1 ? attempt(this.catalog, all) : all();
  }

  /** A test on data and what follows from it. */
  assertion(event: Omit<AssertionEvent, 'migration' | 'session'>): void {
    this.listener.assertion({ ...event, migration: this.migration, session: this.session.current }, this.catalog);
  }

  /** A statement whose effect is not known. `tables`: the ones it works on, where the operation does not say. */
  cannotUnderstand(operation: Operation, reason: string, place: Certainty, tables?: readonly string[]): void {
    this.notUnderstood += 1;
    this.applied.push({
      operation, location: operation.location, migration: this.migration.index, runs: place.runs, notUnderstood: reason,
      tables: tables ?? tablesOf(operation, undefined, this.catalog, this.session.current.searchPath),
    });
    for (const name of touchedNames(operation)) this.uncertain.add(name);
  }

  /** Whether a name may stand for something that only perhaps exists. */
  isUncertain(name: string): boolean {
    return this.uncertain.has(name);
  }

  private performOne(operation: Operation, place: Place, given: Resolution | undefined): Failure | undefined {
    if (operation.kind === 'notUnderstood') {
      this.cannotUnderstand(operation, operation.reason, place);
      return undefined;
    }
    if (operation.kind === 'createRule') return this.performRule(operation, place);
    const session = this.session.current;
    const query = queryOf(operation);
    const resolution = query ? given ?? this.resolve(query, place, noVariables) : undefined;
    const table = this.tableOf(operation);
    const foreseen = resolution?.failures[0];
    const event: OperationEvent = {
      operation, location: operation.location, migration: this.migration, session, runs: place.runs, guards: place.guards,
      ...(resolution ? { resolution } : {}),
      ...(foreseen && this.believes(foreseen, operation, place) ? { failure: foreseen } : {}),
      ...(table ? { tableKey: tableKey(table.schema, table.name) } : {}),
    };
    const before = table && snapshot(table, operation, this.migration.index);
    const tables = tablesOf(operation, resolution, this.catalog, session.searchPath);
    this.listener.before(event, this.catalog);
    const failure = this.change(operation, place, resolution);
    const target = this.tableOf(operation) ?? table;
    this.listener.after({
      ...event, ...(failure ? { failure } : {}), ...(target ? { tableKey: tableKey(target.schema, target.name) } : {}),
    }, this.catalog);
    const swallowed = failure !== undefined && (place.swallows?.(failure.code) ?? false);
    this.applied.push({
      operation, location: operation.location, migration: this.migration.index, runs: swallowed ? 'no' : place.runs,
      tables: tables.length > 0 || !target ? tables : [displayName(target)],
      ...(failure && !swallowed ? { failure } : {}), ...(before ? { before } : {}),
      ...(place.notUnderstood === undefined ? {} : { notUnderstood: place.notUnderstood }),
    });
    return failure;
  }

  /** What a rule does is not followed, only that it is there. */
  private performRule(operation: CreateRule, place: Place): undefined {
    this.cannotUnderstand(operation, 'CREATE RULE', place);
    this.change(operation, place, undefined);
  }

  /** Changes the catalog, unless the operation fails or must not be believed to run. */
  private change(operation: Operation, place: Place, resolution: Resolution | undefined): Failure | undefined {
    if (place.runs === 'no') return undefined;
    const undecided = place.runs === 'unknown';
    if (undecided) for (const name of touchedNames(operation)) this.uncertain.add(name);
    if (undecided && !isAdditive(operation)) return undefined;
    const failure = this.tooNew(operation) ?? resolution?.failures[0] ?? this.refused(operation) ?? this.apply(operation, place, resolution);
    if (failure) {
      if (!this.believes(failure, operation, place)) return undefined;
      if (creations.has(operation.kind)) for (const name of createdNames(operation)) this.uncertain.add(name);
      return failure;
    }
    for (const name of insertedTables(operation)) {
      findTable(this.catalog, name, this.session.current.searchPath)?.insertedIn.add(this.migration.index);
    }
    return undefined;
  }

  /** Whether a failure is certain: not where the statement may not run, is not wholly known, or hangs on objects that may exist. */
  private believes(failure: Failure, operation: Operation, place: Place): boolean {
    if (place.runs !== 'yes' || place.notUnderstood !== undefined) return false;
    if (this.refusedAt.has(failure.location)) return true;
    if (this.afterOpaque && dependsOnObjects.has(failure.code)) return false;
    // What takes a function away is often a text that is put together from the system tables.
    if (failure.code === '42725' && this.notUnderstood > 0) return false;
    return !referencedNames(operation).some((name) => this.uncertain.has(name));
  }

  /** The refusal of a version of PostgreSQL that lacks what the statement uses. */
  private tooNew({ needs, location }: Operation): Failure | undefined {
    const need = needs?.find((each) => each.version > this.version && !this.defines(each.function));
    return need && lacking(need, this.version, location);
  }

  private defines(name: string | undefined): boolean {
    return name !== undefined && [...this.catalog.functions.values()].some((overloads) => overloads.some((each) => each.name === name));
  }

  private refused(operation: Operation): Failure | undefined {
    const failure = refusedBody(operation, this.session, this.version);
    if (failure) this.refusedAt.add(failure.location);
    return failure;
  }

  private apply(operation: Operation, place: Place, resolution: Resolution | undefined): Failure | undefined {
    const environment = this.environment(operation, place, resolution);
    return attempt(this.catalog, () => {
      const failure = applyOperation(this.catalog, operation, environment);
      if (failure || !storesExpressions(operation)) return failure;
      return refusedExpression(operation, this.catalog, {
        catalog: this.catalog, searchPath: environment.searchPath, variables: noVariables,
        isKnownMissing: (name, kind) => this.isKnownMissing(name, kind, place.inProgram),
      });
    });
  }

  private environment(operation: Operation, place: Place, resolution: Resolution | undefined): ApplyEnvironment {
    const { searchPath, inTransaction } = this.session.current;
    const columns: readonly OutputColumn[] | undefined = resolution?.columns;
    return {
      searchPath,
      origin: { location: operation.location, migration: this.migration.index },
      version: this.version,
      inTransaction: inTransaction || place.inProgram,
      isKnownMissing: (name, kind) => this.isKnownMissing(name, kind, place.inProgram),
      ...(columns ? { asColumns: columns } : {}),
    };
  }

  private isKnownMissing(name: { schema?: string; name: string }, kind: Parameters<HistoryNames['isKnownMissing']>[1], inProgram: boolean): 'missing' | 'external' {
    if (kind === 'triggerFunction' && this.notUnderstood > 0) return 'external';
    return this.uncertain.has(name.name) ? 'external' : this.names.isKnownMissing(name, kind, inProgram);
  }

  private tableOf(operation: Operation): Table | undefined {
    const name = tableNameOf(operation);
    return name && findTable(this.catalog, name, this.session.current.searchPath);
  }
}

const noVariables: ReadonlySet<string> = new Set();

/** The name under which the object would have been made, unless another one has it. */
function createdNames(operation: Operation): readonly string[] {
  return operation.kind === 'renameRelation' ? [operation.to] : touchedNames(operation);
}

function queryOf(operation: Operation): Query | undefined {
  switch (operation.kind) {
    case 'query': return operation.query;
    case 'createTable': return operation.asQuery;
    case 'createView': return operation.query;
    default: return undefined;
  }
}

function isAdditive(operation: Operation): boolean {
  if (operation.kind === 'setRowSecurity') return operation.change === 'enable' || operation.change === 'force';
  if (operation.kind === 'addConstraint') return operation.constraint.kind === 'foreignKey' || operation.constraint.kind === 'unique';
  return additive.has(operation.kind);
}

