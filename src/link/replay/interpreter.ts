import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { Block, RaiseStep, RunQuery, Statement, Step } from '../../facts/operation.js';
import type { Query } from '../../facts/query.js';
import { cloneCatalog } from '../catalog/index.js';
import { restoreCatalog } from '../catalog/state.js';
import type { Failure } from '../project.js';
import type { Resolution } from '../resolve/types.js';
import { abortingTests } from './aborting-query.js';
import { callsOf, enterFunction } from './calls.js';
import { ChoiceRunner } from './choices.js';
import { handlerFor } from './conditions.js';
import { testsOf } from './data-values.js';
import { evaluate } from './evaluate.js';
import { catcherOf, goesOn, guarded, swallows, type Context, type Flow, type Jump } from './flow.js';
import { Frame } from './frame.js';
import { LoopRunner } from './loops.js';
import type { Machine, Place } from './machine.js';
import { ProgramScope } from './program-scope.js';
import { foundOf, ReceiverRunner } from './receivers.js';
import { constant, isKnown, negate, truth } from './values.js';

interface Computed {
  readonly values: readonly Expression[];
  readonly condition: Expression;
  readonly context: Context;
  readonly location: Location;
}

/** Where a query stands, and what it needs of the server. */
type RunAt = Pick<RunQuery, 'location' | 'needs'>;

/** Interprets the steps of programs against the machine's catalog. */
export class Interpreter {
  readonly choices = new ChoiceRunner(this);
  readonly receivers = new ReceiverRunner(this);
  private readonly loops = new LoopRunner(this);
  /** Tests on data whose result went into variables: reported when nothing reads them. */
  private computed: Computed[] = [];

  constructor(readonly machine: Machine) {}

  /** Runs a DO block, or the body of a function, from the outside. */
  runProgram(block: Block, context: Context): Flow {
    const outer = this.computed;
    this.computed = [];
    const flow = this.runBlock(block, context);
    for (const { values, condition, context: where, location } of this.computed) {
      if (values.some((value) => this.machine.read.has(value))) continue;
      this.machine.assertion({ condition, reaction: 'none', swallowed: false, guards: where.guards, location });
    }
    this.computed = outer;
    return flow;
  }

  /** Keeps a test on data whose result went into variables. */
  compute(test: Computed): void {
    this.computed.push(test);
  }

  /** Runs steps one after the other; what follows an undecided jump runs under the condition that it did not happen. */
  runSteps(steps: readonly Step[], context: Context): Flow {
    const pending: Flow['pending'][number][] = [];
    let current = context;
    for (const step of steps) {
      const flow = this.runStep(step, current);
      pending.push(...flow.pending);
      if (flow.end) return { end: flow.end, pending };
      for (const { guard } of flow.pending) current = guarded(current, guard);
    }
    return pending.length > 0 ? { pending } : goesOn;
  }

  /** Runs the operations of one statement of a program. */
  runStatement(statement: Statement, context: Context, notUnderstood?: string): Flow {
    const [first] = statement.operations;
    if (statement.operations.length === 1 && first?.kind === 'query') {
      const { failure, query } = this.runQuery(first.query, { ...first, location: statement.location }, context, notUnderstood);
      context.frame.setFound(foundOf(query, statement.location), statement.location);
      return this.finish(failure, context);
    }
    for (const operation of statement.operations) {
      if (operation.kind === 'setSetting') this.machine.session.set(operation);
      if (operation.kind === 'execution') return this.runProgram(operation.block, { ...context, frame: new Frame() });
    }
    return this.finish(this.machine.perform(statement.operations, this.place(context, notUnderstood)), context);
  }

  /** Runs a query: names resolved, variables put in place, functions of the history called. */
  runQuery(query: Query, { location, needs }: RunAt, context: Context, notUnderstood?: string): { query: Query; failure?: Failure; scope: ProgramScope } {
    const scope = this.scope(context);
    const prepared = scope.prepare(query);
    const resolution = this.settle(prepared.query, query, prepared.resolution, context);
    const failure = this.machine.perform([{ kind: 'query', query: prepared.query, location, ...(needs && { needs }) }], this.place(context, notUnderstood), resolution);
    if (!failure && !this.runAborts(prepared.query, context, scope)) this.runCalls(prepared.query, context, scope);
    return { query: prepared.query, scope, ...(failure ? { failure } : {}) };
  }

  /** Tells of the data on which a query ends with an error; whether there are such. */
  runAborts(query: Query, context: Context, scope: ProgramScope): boolean {
    const tests = abortingTests(query, scope);
    for (const condition of tests) {
      this.machine.assertion({ condition, reaction: 'aborts', swallowed: swallows(context, 'P0001'), guards: context.guards, location: query.location });
    }
    return tests.length > 0;
  }

  /** Interprets the functions of the history that a query calls for their effect, and set_config(). */
  runCalls(query: Query, context: Context, scope: ProgramScope): void {
    if (query.kind !== 'select') return;
    for (const { call, args } of callsOf(query, scope)) {
      const [name, value, local] = args;
      if (call === 'set_config' && name?.kind === 'constant' && value?.kind === 'constant') {
        if (context.runs === 'yes') this.machine.session.set({ name: String(name.value), values: [String(value.value ?? '')], local: local ? truth(local) === 'yes' : false });
        continue;
      }
      enterFunction(this, call, args, context);
    }
  }

  /** Evaluates an expression; a sub-query that PostgreSQL rejects ends the step. */
  evaluate(expression: Expression, context: Context): { value: Expression; failed?: Flow } {
    const scope = this.scope(context);
    const value = evaluate(expression, scope);
    if (!scope.failure || context.runs !== 'yes') return { value };
    const { query, resolution } = scope.failure;
    const failure = this.machine.perform([{ kind: 'query', query, location: query.location }], this.place(context), resolution);
    return failure ? { value, failed: this.finish(failure, context) } : { value };
  }

  /** The scope for names in a context. */
  scope(context: Context): ProgramScope {
    return new ProgramScope(this.machine, context.frame, true);
  }

  /** The event place of statements in a context. */
  place(context: Context, notUnderstood?: string): Place {
    return {
      runs: context.runs, guards: context.guards, inProgram: true, swallows: (code) => swallows(context, code),
      ...(notUnderstood === undefined ? {} : { notUnderstood }),
    };
  }

  /** What follows a failure that nothing catches is read as if the fault were mended, as between statements: one fault is told once. */
  finish(failure: Failure | undefined, context: Context): Flow {
    return failure && context.runs === 'yes' && catcherOf(context, failure.code) ? { end: { kind: 'raise', code: failure.code }, pending: [] } : goesOn;
  }

  private runStep(step: Step, context: Context): Flow {
    switch (step.kind) {
      case 'statement': return this.runStatement(step, context);
      case 'block': return this.runBlock(step, context);
      case 'assign': {
        const { value, failed } = step.counts ? { value: context.frame.rowCount(step.location), failed: undefined } : this.evaluate(step.value, context);
        if (failed) return failed;
        context.frame.assign(step.target, value);
        return goesOn;
      }
      case 'if': return this.choices.runIf(step, context);
      case 'loop': case 'forRange': case 'forEach': case 'forQuery': return this.loops.run(step, context);
      case 'selectInto': return this.receivers.runSelectInto(step, context);
      case 'execute': return this.receivers.runExecute(step, context);
      case 'raise': return this.runRaise(step, context);
      case 'assert': {
        const { value, failed } = this.evaluate(step.condition, context);
        return failed ?? this.abort(negate(value), step.location, context, 'P0004', truth(value) === 'yes' && isKnown(value));
      }
      case 'exit': case 'continue': return this.runJump(step, context);
      case 'return': {
        if (step.value) {
          const { failed } = this.evaluate(step.value, context);
          if (failed) return failed;
        }
        if (step.query) {
          const { failure } = this.runQuery(step.query, step, context);
          if (failure) return this.finish(failure, context);
        }
        return step.continues ? goesOn : { end: { kind: 'return' }, pending: [] };
      }
      case 'unknown':
        if (this.machine.refusedAt.has(step.location)) return goesOn;
        this.machine.cannotUnderstand({ kind: 'notUnderstood', reason: step.reason, tables: [], location: step.location }, step.reason, context);
        return goesOn;
    }
  }

  private runBlock(block: Block, context: Context): Flow {
    const frame = new Frame(context.frame, block.label);
    const inner: Context = { ...context, frame, catchers: block.handlers.length > 0 ? [...context.catchers, block] : context.catchers };
    for (const declaration of block.declarations) {
      const { value, failed } = declaration.value ? this.evaluate(declaration.value, inner) : { value: constant(null, declaration.location) };
      if (failed) return this.caught(block, failed, context, frame, undefined);
      frame.declare(declaration.name, declaration.type, value);
    }
    const saved = block.handlers.length > 0 && context.runs === 'yes' ? cloneCatalog(this.machine.catalog) : undefined;
    return this.caught(block, this.runSteps(block.body, inner), context, frame, saved);
  }

  /** What becomes of a block's end when the block has exception handlers. */
  private caught(block: Block, flow: Flow, context: Context, frame: Frame, saved: ReturnType<typeof cloneCatalog> | undefined): Flow {
    if (block.handlers.length === 0) return flow;
    const mine = flow.pending.filter(({ jump }) => jump.kind === 'handled' && jump.block === block);
    const others = flow.pending.filter((item) => !mine.includes(item));
    for (const { jump, guard } of mine) {
      const handler = jump.kind === 'handled' ? handlerFor(block, jump.code) : undefined;
      if (handler) this.runSteps(handler.body, guarded({ ...context, frame }, negate(guard)));
    }
    const handler = flow.end?.kind === 'raise' ? handlerFor(block, flow.end.code) : undefined;
    if (!handler) return { ...flow, pending: others };
    if (saved) restoreCatalog(this.machine.catalog, saved);
    const handled = this.runSteps(handler.body, { ...context, frame });
    return { ...handled, pending: [...others, ...handled.pending] };
  }

  private runRaise(step: RaiseStep, context: Context): Flow {
    const values: Expression[] = [];
    for (const argument of step.arguments) {
      const { value, failed } = this.evaluate(argument, context);
      if (failed) return failed;
      values.push(value);
    }
    if (step.level === 'exception') return this.abort(constant(true, step.location), step.location, context, 'P0001', false);
    for (const value of context.quiet ? [] : values) {
      const test = testsOf(undefined, [value], step.location);
      if (test) this.machine.assertion({ condition: test, reaction: 'message', swallowed: false, guards: context.guards, location: step.location });
    }
    return goesOn;
  }

  /** An error that the program raises itself if the condition holds. */
  abort(condition: Expression, location: Location, context: Context, code: string, never: boolean): Flow {
    if (never) return goesOn;
    const certain = isKnown(condition);
    const guards = certain && context.guards.length > 0 ? context.guards.slice(0, -1) : context.guards;
    const tested = certain ? context.guards.at(-1) ?? condition : condition;
    const swallowed = swallows(context, code);
    this.machine.assertion({ condition: tested, reaction: 'aborts', swallowed, guards, location });
    if (certain) return { end: { kind: 'raise', code }, pending: [] };
    const catcher = catcherOf(context, code);
    if (!swallowed || !catcher) return goesOn;
    return { pending: [{ jump: { kind: 'handled', block: catcher.block, code }, guard: negate(condition) }] };
  }

  private runJump(step: Extract<Step, { kind: 'exit' | 'continue' }>, context: Context): Flow {
    const jump: Jump = { kind: step.kind, ...(step.label === undefined ? {} : { label: step.label }) };
    if (!step.condition) return { end: jump, pending: [] };
    const { value, failed } = this.evaluate(step.condition, context);
    if (failed) return failed;
    if (isKnown(value)) return truth(value) === 'yes' ? { end: jump, pending: [] } : goesOn;
    return { pending: [{ jump, guard: negate(value) }] };
  }

  /** The resolution of a query whose variables were put in place; PostgreSQL's complaints are those about the query as written. */
  settle(query: Query, written: Query, resolution: Resolution, context: Context): Resolution {
    if (query === written) return resolution;
    const settled = this.machine.resolve(query, { inProgram: true }, new Set(), context.frame.labels());
    return { ...settled, failures: resolution.failures };
  }
}
