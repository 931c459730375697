import type { CodeCall, CodeExpression, CodeFunction } from '../../facts/code.js';
import type { Location } from '../../facts/location.js';
import { nodes } from '../queries/nodes.js';
import { GATES } from './asked.js';

/** What is called in a function that may stop whoever calls it. */
const STOPS = new RegExp(`${GATES.source}|^(?:check|verify|validate)|Or(?:Throw|Fail|404)$`, 'i');

/** A function that is being followed, and where it was called. */
interface Followed {
  readonly function?: CodeFunction;
  readonly location: Location;
}

/** What is known of functions: whether they may stop whoever calls them. */
const stopping = new WeakMap<CodeFunction, boolean>();

/** After this many times a call of no consequence is not followed to its limit again. */
const ENOUGH = 2;

/**
 * Calls whose value nobody looks at (`await decrypt(rows);`): what they are given can have been checked there only if they stop the flow.
 * Those that have no way to, as far as the functions that were followed say, are no reason to doubt what comes after them.
 */
export class IdleCalls {
  private readonly unused = new WeakSet<Location>();
  private readonly left = new Map<CodeFunction, number>();

  /** A statement that is nothing but a call. */
  note(expression: CodeExpression): void {
    const call = expression.kind === 'await' ? expression.operand : expression;
    if (call.kind === 'call') this.unused.add(call.location);
  }

  /** The outermost call of no consequence among what is being followed, outermost first. */
  private find(stack: readonly Followed[]): Followed | undefined {
    let from = stack.length;
    while (from > 1 && !this.mayStop(stack[from - 1]!.function)) from--;
    return stack.slice(from).find(({ location }) => this.unused.has(location));
  }

  /** A function was left before its end. @returns whether that is of no consequence */
  leave(stack: readonly Followed[]): boolean {
    const idle = this.find(stack);
    if (idle?.function === undefined) return false;
    if (idle === stack.at(-1)) this.left.set(idle.function, (this.left.get(idle.function) ?? 0) + 1);
    return true;
  }

  /** Whether a call need not be followed: its value is not looked at, it stops nothing, and it was left before its end before. */
  skips(code: CodeFunction, location: Location): boolean {
    return (this.left.get(code) ?? 0) >= ENOUGH && this.unused.has(location);
  }

  private mayStop(code: CodeFunction | undefined): boolean {
    if (code === undefined) return true;
    let known = stopping.get(code);
    if (known === undefined) stopping.set(code, known = (code.name !== undefined && STOPS.test(code.name)) || nodes(code.body).some((node) => node.kind === 'throw' || (node.kind === 'call' && STOPS.test(calledName(node as unknown as CodeCall)))));
    return known;
  }
}

function calledName({ callee }: CodeCall): string {
  return callee.kind === 'member' ? callee.property : callee.kind === 'name' ? callee.name : '';
}
