import type { CodeFunction } from '../../facts/code.js';
import { IdleCalls } from './idle.js';
import { Memo } from './memo.js';
import type { Traces } from './traces.js';
import type { FunctionValue } from './values.js';

/**
 * What was met while the code of one file was followed, on top of what loading the modules has shown. Each file begins anew: what is found in it
 * does not depend on which files were followed before.
 */
export class Unit {
  readonly memo = new Memo();
  readonly idle = new IdleCalls();
  /** Functions made since the entry being followed began. */
  readonly made = new Map<CodeFunction, FunctionValue>();
  private readonly entered = new Set<CodeFunction>();
  private readonly calls = new Map<CodeFunction, number>();
  /** Functions met, with the scope they were made in; those that nobody calls are entered by themselves. */
  private readonly functions = new Map<string, Map<CodeFunction, FunctionValue>>();

  /**
   * @param base what loading the modules has shown; absent: this is that
   * @param traces told of what this shows of other modules than the one that is loaded
   */
  constructor(private readonly base?: Unit, private readonly traces?: Traces) {}

  /** Takes note of a function, so that it is entered by itself when nobody calls it. */
  noteFunction(value: FunctionValue): void {
    const { function: code, scope: { file } } = value;
    this.traces?.meet(value);
    if (this.knows(file, code) && (this.hasEntered(code) || this.made.has(code))) return;
    let known = this.functions.get(file);
    if (known === undefined) this.functions.set(file, known = new Map());
    // Met again before it was entered: what its surroundings know now may be more.
    known.set(code, value);
    this.made.set(code, value);
  }

  /** The functions of a file that were met so far. */
  functionsOf(file: string): readonly FunctionValue[] {
    return [...new Map([...this.base?.functions.get(file) ?? [], ...this.functions.get(file) ?? []]).values()];
  }

  private knows(file: string, code: CodeFunction): boolean {
    return this.functions.get(file)?.has(code) === true || this.base?.functions.get(file)?.has(code) === true;
  }

  /** A function is followed by itself. */
  noteEntered(code: CodeFunction): void {
    this.entered.add(code);
    this.traces?.call('entered', code);
  }

  hasEntered(code: CodeFunction): boolean {
    return this.entered.has(code) || this.base?.entered.has(code) === true;
  }

  /** A function is called where it is in sight: with the arguments it is given. */
  noteCall(code: CodeFunction): void {
    this.calls.set(code, this.callsOf(code) + 1);
    this.traces?.call('called', code);
  }

  /** How often a function was called, apart from the loading of modules. */
  callsOf(code: CodeFunction): number {
    return this.calls.get(code) ?? 0;
  }

  hasCalled(code: CodeFunction): boolean {
    return this.calls.has(code) || this.base?.calls.has(code) === true;
  }
}

/** Follows code in a unit of its own. */
export function inUnit<T>(holder: { unit: Unit }, unit: Unit, work: () => T): T {
  const before = holder.unit;
  holder.unit = unit;
  try {
    return work();
  } finally {
    holder.unit = before;
  }
}
