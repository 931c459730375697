import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { ExecuteStep, SelectIntoStep, VariablePath } from '../../facts/operation.js';
import type { Query } from '../../facts/query.js';
import { queryAsValues, testsOf } from './data-values.js';
import { knownTables, ofUnnamedTables, readDynamicSql, type DynamicSql } from './dynamic.js';
import { goesOn, type Context, type Flow } from './flow.js';
import { Frame, unknownValue } from './frame.js';
import { interpolations } from './interpolation.js';
import type { Interpreter } from './interpreter.js';
import type { ProgramScope } from './program-scope.js';
import { constant, isNull } from './values.js';

/** Runs queries whose rows go into variables, and texts that are run as SQL. */
export class ReceiverRunner {
  constructor(private readonly interpreter: Interpreter) {}

  /** SELECT ... INTO. */
  runSelectInto(step: SelectIntoStep, context: Context): Flow {
    const scope = this.interpreter.scope(context);
    const prepared = scope.prepare(step.query);
    const rows = prepared.resolution.failures.length === 0 ? scope.rows(prepared.query) : undefined;
    const resolution = this.interpreter.settle(prepared.query, step.query, prepared.resolution, context);
    const failure = this.interpreter.machine.perform([{ kind: 'query', query: prepared.query, location: step.location }], this.interpreter.place(context), resolution);
    if (failure) return this.interpreter.finish(failure, context);
    this.interpreter.runCalls(prepared.query, context, scope);
    return this.receive(step, prepared.query, rows, context);
  }

  /** INTO: the first row of a query the catalog decides, or the query itself. */
  private receive(
    step: Pick<SelectIntoStep, 'targets' | 'strict' | 'location'>, query: Query, rows: ReturnType<ProgramScope['rows']>, context: Context,
  ): Flow {
    const { frame } = context;
    const first = rows?.rows[0];
    if (rows && !first?.condition && !(rows.open && !first)) {
      frame.setFound(constant(first !== undefined, step.location), step.location);
      if (!first && step.strict) return this.interpreter.abort(constant(true, step.location), step.location, context, 'P0002', false);
      const values = rows.columns.map((name, index) => ({ name, value: first?.values[index] ?? constant(null, step.location) }));
      const [single] = step.targets;
      if (step.targets.length === 1 && single!.length === 1 && frame.has(single![0]!) && frame.isRecord(single![0]!)) {
        frame.assignRecord(single![0]!, new Map(values.map(({ name, value }) => [name, value])));
      } else {
        step.targets.forEach((path, index) => frame.assign(path, values[index]?.value ?? unknownValue(path.join('.'), step.location)));
      }
      return goesOn;
    }
    frame.setFound(foundOf(query, step.location), step.location);
    const taken: Query = query.kind === 'select' && !query.limit && query.from.length > 0 ? { ...query, into: step.strict ? 'onlyRow' : 'firstRow' } : query;
    this.assignQuery(step.targets, taken, context, step.location);
    return goesOn;
  }

  /** EXECUTE of a text. */
  runExecute(step: ExecuteStep, context: Context): Flow {
    const { flow, dynamic } = this.runDynamic(step.text, step.using, step.location, context);
    if (flow.end || !dynamic) return flow;
    const inner: Context = { ...context, frame: new Frame() };
    for (const statement of dynamic.statements) {
      const [first] = statement.operations;
      if (dynamic.reason !== undefined && this.interpreter.machine.madeUp.covers(statement, dynamic.unknown)) continue;
      const tables = knownTables(statement);
      if (tables) {
        const reason = dynamic.reason ?? 'part of its text is not known';
        this.interpreter.machine.cannotUnderstand({ kind: 'notUnderstood', reason, tables, ...ofUnnamedTables(statement), location: statement.location }, reason, context);
        for (const path of step.targets) context.frame.assign(path, unknownValue(path.join('.'), step.location));
        continue;
      }
      if (step.targets.length > 0 && first?.kind === 'query') {
        const result = this.interpreter.runQuery(first.query, { ...first, location: statement.location }, inner, dynamic.reason);
        if (result.failure) return this.interpreter.finish(result.failure, context);
        const received = this.receive({ targets: step.targets, strict: step.strict, location: step.location }, result.query, result.scope.rows(result.query), context);
        if (received.end) return received;
        continue;
      }
      const ended = this.interpreter.runStatement(statement, inner, dynamic.reason);
      if (ended.end) return ended;
    }
    if (step.targets.length > 0 && dynamic.statements.length === 0) {
      for (const path of step.targets) context.frame.assign(path, unknownValue(path.join('.'), step.location));
    }
    return goesOn;
  }

  /** Reads and runs the text of an EXECUTE; the queries it holds are given back for INTO and FOR. */
  runDynamic(text: Expression, using: readonly Expression[], location: Location, context: Context): { flow: Flow; dynamic?: DynamicSql } {
    const evaluated = this.interpreter.evaluate(text, context);
    if (evaluated.failed) return { flow: evaluated.failed };
    const parameters = using.map((value) => this.interpreter.evaluate(value, context).value);
    if (isNull(evaluated.value)) return { flow: goesOn };
    const dynamic = readDynamicSql(evaluated.value, parameters, location);
    this.interpreter.machine.interpolations.push(...interpolations(dynamic, evaluated.value, this.interpreter.machine.migration.index, location, (query) => this.interpreter.machine.typesOf(query)));
    if (dynamic.reason !== undefined && dynamic.statements.length === 0) {
      this.interpreter.machine.cannotUnderstand({ kind: 'notUnderstood', reason: dynamic.reason, tables: [], location }, dynamic.reason, context);
    }
    return { flow: goesOn, dynamic };
  }

  /** Puts the rows a query returns into variables. */
  assignQuery(targetPaths: readonly VariablePath[], query: Query, context: Context, at: Location): void {
    const values = queryAsValues(query, this.interpreter.machine, at);
    const [single] = targetPaths;
    const { frame } = context;
    if (targetPaths.length === 1 && single!.length === 1 && frame.has(single![0]!) && frame.isRecord(single![0]!)) {
      frame.assignRecord(single![0]!, new Map(values.map(({ name, value }) => [name, value])));
    } else {
      targetPaths.forEach((path, index) => frame.assign(path, values[index]?.value ?? unknownValue(path.join('.'), at)));
    }
    const tests = testsOf(query, values.map(({ value }) => value), at);
    if (tests) this.interpreter.compute({ values: [...values.map(({ value }) => value), ...(frame.lookup(['found'], at) ? [frame.lookup(['found'], at)!] : [])], condition: tests, context, location: at });
  }
}

/** What FOUND is after a query. */
export function foundOf(query: Query, at: Location): Expression {
  if (query.kind !== 'select' && query.kind !== 'values' && query.kind !== 'set') return unknownValue('found', at);
  if (query.kind === 'select' && query.groupBy.length === 0 && !query.having && testsOf(query, [], at)?.kind === 'operator') return constant(true, at);
  return { kind: 'subquery', form: 'exists', query, location: query.location };
}
