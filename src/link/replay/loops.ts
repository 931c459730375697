import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { ForEachStep, ForQueryStep, ForRangeStep, LoopStep, Step, VariablePath } from '../../facts/operation.js';
import type { Query } from '../../facts/query.js';
import type { QueryResult, ResultRow } from './catalog-types.js';
import { asArray } from './functions.js';
import { goesOn, guarded, targets, type Context, type Flow } from './flow.js';
import { Frame, unknownValue } from './frame.js';
import type { Interpreter } from './interpreter.js';
import { foundOf } from './receivers.js';
import { queryAsValues } from './data-values.js';
import { withSafeType } from './safe-text.js';
import { constant, isKnown, numberOf, truth } from './values.js';

type Loop = LoopStep | ForRangeStep | ForEachStep | ForQueryStep;

const maximumTurns = 2000;

/** Runs loops: turn by turn where the turns are known, once and undecided where they depend on data. */
export class LoopRunner {
  private turns = 0;

  constructor(private readonly interpreter: Interpreter) {}

  /** Runs any loop. */
  run(step: Loop, context: Context): Flow {
    const inner: Context = { ...context, frame: new Frame(context.frame) };
    if (step.kind === 'loop') return this.runWhile(step, inner);
    const flow = step.kind === 'forRange' ? this.runRange(step, inner) : step.kind === 'forEach' ? this.runEach(step, inner) : this.runRows(step, inner);
    // Of its last statement, nothing is left: FOUND tells whether there was a turn.
    context.frame.setFound(step.kind === 'forQuery' && step.query ? foundOf(this.interpreter.scope(context).prepare(step.query).query, step.location) : unknownValue('found', step.location), step.location);
    return flow;
  }

  private runWhile(step: LoopStep, context: Context): Flow {
    if (!step.condition && !mayLeave(step.body)) {
      const reason = 'nothing ends the loop';
      this.interpreter.machine.cannotUnderstand({ kind: 'notUnderstood', reason, tables: [], location: step.location }, reason, context);
      return this.runTurns(step, context, [{}]);
    }
    return this.runTurns(step, context, this.whileTurns(step, context), (flow) => flow.pending.length > 0);
  }

  private *whileTurns(step: LoopStep, context: Context): Iterable<Turn> {
    for (;;) {
      if (!step.condition) {
        yield {};
        continue;
      }
      const { value, failed } = this.interpreter.evaluate(step.condition, context);
      if (failed || (isKnown(value) && truth(value) !== 'yes')) return;
      if (isKnown(value)) {
        yield {};
        continue;
      }
      yield { condition: value };
      return;
    }
  }

  private runRange(step: ForRangeStep, context: Context): Flow {
    const [from, to, by] = [step.from, step.to, step.by].map((bound) => (bound ? numberOf(this.interpreter.evaluate(bound, context).value) : 1));
    context.frame.declare(step.variable, 'integer', constant(null, step.location));
    if (from === undefined || to === undefined || !by) return this.runUnknown(step, context, [[step.variable]], undefined);
    return this.runTurns(step, context, range(step, from, to, by));
  }

  private runEach(step: ForEachStep, context: Context): Flow {
    const { value, failed } = this.interpreter.evaluate(step.array, context);
    if (failed) return failed;
    const items = asArray(value);
    if (!items) return this.runUnknown(step, context, step.targets, undefined);
    const flat = step.slice > 0 ? items : items.flatMap((item) => (item.kind === 'array' ? item.items : [item]));
    return this.runTurns(step, context, flat.map((item): Turn => ({ set: (frame) => assignItem(frame, step.targets, item) })));
  }

  private runRows(step: ForQueryStep, context: Context): Flow {
    const [single] = step.targets;
    if (single && step.targets.length === 1 && !context.frame.has(single[0]!)) context.frame.declare(single[0]!, 'record', constant(null, step.location));
    if (step.dynamic) return this.runDynamicRows(step, step.dynamic, context);
    if (!step.query) return this.runUnknown(step, context, step.targets, undefined);
    const result = this.interpreter.runQuery(step.query, step, context);
    if (result.failure) return this.interpreter.finish(result.failure, context);
    return this.runResult(step, context, result.scope.rows(result.query), result.query);
  }

  private runDynamicRows(step: ForQueryStep, dynamic: NonNullable<ForQueryStep['dynamic']>, context: Context): Flow {
    const { flow, dynamic: read } = this.interpreter.receivers.runDynamic(dynamic.text, dynamic.using, step.location, context);
    if (flow.end) return flow;
    const operation = read?.statements[0]?.operations[0];
    if (operation?.kind !== 'query') return this.runUnknown(step, context, step.targets, undefined);
    const result = this.interpreter.runQuery(operation.query, step, { ...context, frame: new Frame() }, read?.reason);
    if (result.failure) return this.interpreter.finish(result.failure, context);
    return this.runResult(step, context, result.scope.rows(result.query), result.query);
  }

  private runResult(step: ForQueryStep, context: Context, rows: QueryResult | undefined, query: NonNullable<ForQueryStep['query']>): Flow {
    if (rows) {
      return this.runTurns(step, context, rows.rows.map((row): Turn => ({
        set: (frame) => assignRow(frame, step.targets, rows.columns, row, step.location),
        ...(row.condition ? { condition: row.condition } : {}),
      })));
    }
    const reads = query.kind === 'select' || query.kind === 'values' || query.kind === 'set';
    const guard: Expression | undefined = reads ? { kind: 'subquery', form: 'exists', query, location: query.location } : undefined;
    const [single] = step.targets;
    if (single && step.targets.length === 1 && context.frame.isRecord(single[0]!)) {
      context.frame.assignRecord(single[0]!, this.unknownRow(query, single[0]!, step.location));
      return this.runUnknown(step, context, [], guard);
    }
    const types = this.interpreter.machine.typesOf(query);
    for (const [index, path] of step.targets.entries()) context.frame.assign(path, withSafeType(unknownValue(path.join('.'), step.location), types[index], query));
    return this.runUnknown(step, context, [], guard);
  }

  /** The fields of a row that is not known, with the types that are. */
  private unknownRow(query: Query, variable: string, at: Location): Map<string, Expression> {
    const { machine } = this.interpreter;
    const types = machine.typesOf(query);
    return new Map(queryAsValues(query, machine, at).map(({ name }, index) => (
      [name, withSafeType(unknownValue(`${variable}.${name}`, at), types[index], query)]
    )));
  }

  /** One turn stands for all, with values that are not known. */
  private runUnknown(step: Loop, context: Context, paths: readonly VariablePath[], guard: Expression | undefined): Flow {
    for (const path of paths) context.frame.assign(path, unknownValue(path.join('.'), step.location));
    const condition: Expression = guard ?? { kind: 'hole', text: 'the loop has a turn', location: step.location };
    const body: readonly Step[] = step.body;
    const empty: readonly Step[] = [];
    const flow = this.interpreter.choices.runAlternatives([
      { guard: condition, body, location: step.location }, { guard: { kind: 'not', operand: condition, location: step.location }, body: empty, location: step.location },
    ], context);
    return leave(flow, step.label);
  }

  private runTurns(step: Loop, context: Context, turns: Iterable<Turn>, stop?: (flow: Flow) => boolean): Flow {
    const pending: Flow['pending'][number][] = [];
    let current = context;
    for (const { set, condition } of turns) {
      this.turns += 1;
      if (this.turns > maximumTurns) {
        const reason = `the loop has more than ${maximumTurns} turns`;
        this.interpreter.machine.cannotUnderstand({ kind: 'notUnderstood', reason, tables: [], location: step.location }, reason, current);
        break;
      }
      set?.(current.frame);
      const flow = condition
        ? this.interpreter.choices.runAlternatives([
          { guard: condition, body: step.body, location: step.location },
          { guard: { kind: 'not', operand: condition, location: step.location }, body: [], location: step.location },
        ], current)
        : this.interpreter.runSteps(step.body, current);
      for (const item of flow.pending) {
        if (item.jump.kind === 'continue' && targets(item.jump, step.label)) continue;
        if (!(item.jump.kind === 'exit' && targets(item.jump, step.label))) pending.push(item);
        current = guarded(current, item.guard);
      }
      if (flow.end) {
        if (flow.end.kind === 'raise' || !targets(flow.end as never, step.label)) return { end: flow.end, pending };
        if (flow.end.kind === 'exit') break;
      }
      if (stop?.(flow)) break;
    }
    return pending.length > 0 ? { pending } : goesOn;
  }

  /** The turns are counted anew for every migration. */
  reset(): void {
    this.turns = 0;
  }
}

/** Whether a step, or one inside of it, may end a loop around it: EXIT, RETURN, an exception, or what is not understood. */
function mayLeave(steps: unknown): boolean {
  if (Array.isArray(steps)) return steps.some(mayLeave);
  if (typeof steps !== 'object' || steps === null) return false;
  if ('kind' in steps && LEAVING.has(steps.kind as Step['kind'])) return true;
  return Object.values(steps).some(mayLeave);
}

const LEAVING: ReadonlySet<Step['kind']> = new Set<Step['kind']>(['exit', 'continue', 'return', 'raise', 'assert', 'execute', 'unknown']);

interface Turn {
  readonly set?: (frame: Frame) => void;
  readonly condition?: Expression;
}

function* range(step: ForRangeStep, from: number, to: number, by: number): Iterable<Turn> {
  for (let value = from; step.reverse ? value >= to : value <= to; value += step.reverse ? -by : by) {
    const current = value;
    yield { set: (frame) => frame.assign([step.variable], constant(current, step.location)) };
  }
}

function assignItem(frame: Frame, paths: readonly VariablePath[], item: Expression): void {
  const items = paths.length > 1 && (item.kind === 'row' || item.kind === 'array') ? item.items : [item];
  paths.forEach((path, index) => frame.assign(path, items[index] ?? unknownValue(path.join('.'), item.location)));
}

function assignRow(frame: Frame, paths: readonly VariablePath[], columns: readonly string[], row: ResultRow, at: Location): void {
  const [single] = paths;
  if (single && paths.length === 1 && single.length === 1 && frame.isRecord(single[0]!)) {
    frame.assignRecord(single[0]!, new Map(columns.map((name, index) => [name, row.values[index] ?? constant(null, at)])));
    return;
  }
  paths.forEach((path, index) => frame.assign(path, row.values[index] ?? constant(null, at)));
}

/** Jumps out of this loop end with it. */
function leave(flow: Flow, label: string | undefined): Flow {
  const pending = flow.pending.filter(({ jump }) => !targets(jump, label));
  const end = flow.end && flow.end.kind !== 'raise' && targets(flow.end, label) ? undefined : flow.end;
  return { ...(end ? { end } : {}), pending };
}
