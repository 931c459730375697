import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { IfStep, Step } from '../../facts/operation.js';
import { alwaysRaises } from './conditions.js';
import { catcherOf, goesOn, guarded, swallows, type Context, type Flow, type Jump } from './flow.js';
import type { Saved } from './frame.js';
import type { Interpreter } from './interpreter.js';
import { conjunction, isKnown, negate, truth } from './values.js';

/** One of several bodies, and when it is the one that runs. */
interface Alternative {
  readonly guard: Expression;
  readonly body: readonly Step[];
  readonly location: Location;
}

/** Runs what has several ways to go, and merges what they leave. */
export class ChoiceRunner {
  constructor(private readonly interpreter: Interpreter) {}

  /** IF and ELSIF. */
  runIf(step: IfStep, context: Context): Flow {
    const negations: Expression[] = [];
    const alternatives: Alternative[] = [];
    let last = step.otherwise;
    for (const { condition, body, location } of step.branches) {
      const { value, failed } = this.interpreter.evaluate(condition, context);
      if (failed) return failed;
      const taken = isKnown(value) ? truth(value) : 'unknown';
      if (taken === 'no') continue;
      if (taken === 'yes') {
        last = body;
        break;
      }
      alternatives.push({ guard: conjunction([...negations, value], value.location), body, location });
      negations.push(negate(value));
    }
    if (alternatives.length === 0) return this.interpreter.runSteps(last, context);
    alternatives.push({ guard: conjunction(negations, step.location), body: last, location: step.location });
    return this.runAlternatives(alternatives, context);
  }

  /** Interprets each of the bodies, one of which runs, and merges what they leave. */
  runAlternatives(alternatives: readonly Alternative[], context: Context): Flow {
    const aborting = swallows(context, 'P0001') ? [] : alternatives.filter(({ body }) => alwaysRaises(body));
    const others = alternatives.filter((each) => !aborting.includes(each));
    return aborting.length > 0 && others.length === 1 ? this.runOnlyWay(aborting, others[0]!, context) : this.runEach(alternatives, context);
  }

  /** Every other branch stops the migration: what the last one does is certain. */
  private runOnlyWay(aborting: readonly Alternative[], { body }: Alternative, context: Context): Flow {
    const base = context.frame.save();
    for (const { guard, body: raising } of aborting) {
      this.interpreter.runSteps(raising, guarded(context, guard));
      context.frame.restore(base);
    }
    return this.interpreter.runSteps(body, context);
  }

  private runEach(alternatives: readonly Alternative[], context: Context): Flow {
    const base = context.frame.save();
    const remaining: { guard: Expression; saved: Saved }[] = [];
    const pending: Flow['pending'][number][] = [];
    const ends: NonNullable<Flow['end']>[] = [];
    for (const { guard, body } of alternatives) {
      context.frame.restore(base);
      const quiet = onlyTalks(body);
      const inner = { ...guarded(context, guard), quiet };
      const flow = this.interpreter.runSteps(body, inner);
      if (quiet) this.message(body, inner);
      for (const { jump, guard: stays } of flow.pending) {
        pending.push({ jump, guard: { kind: 'or', operands: [negate(guard), stays], location: guard.location } });
      }
      if (!flow.end) {
        remaining.push({ guard, saved: context.frame.save() });
        continue;
      }
      ends.push(flow.end);
      const jump = this.jumpOf(flow.end, context);
      if (jump) pending.push({ jump, guard: negate(guard) });
    }
    if (remaining.length === 0) return { end: ends.find(({ kind }) => kind !== 'raise') ?? ends[0]!, pending: [] };
    context.frame.restore(base);
    context.frame.merge(remaining);
    return pending.length > 0 ? { pending } : goesOn;
  }

  /** The jump that an alternative's end means for what follows the choice; an abort of everything means none. */
  private jumpOf(end: NonNullable<Flow['end']>, context: Context): Jump | undefined {
    if (end.kind !== 'raise') return end;
    const catcher = catcherOf(context, end.code);
    return catcher?.swallows ? { kind: 'handled', block: catcher.block, code: end.code } : undefined;
  }

  /** A branch that does nothing but report. */
  private message(body: readonly Step[], context: Context): void {
    const raise = body.find((step) => step.kind === 'raise');
    const condition = context.guards.at(-1);
    if (!raise || !condition) return;
    this.interpreter.machine.assertion({ condition, reaction: 'message', swallowed: false, guards: context.guards.slice(0, -1), location: raise.location });
  }
}

/** Steps that only report, assign or leave, and report at least once. */
function onlyTalks(body: readonly Step[]): boolean {
  if (alwaysRaises(body) || !body.some((step) => step.kind === 'raise')) return false;
  return body.every((step) => ['raise', 'assign', 'exit', 'continue', 'return'].includes(step.kind));
}
