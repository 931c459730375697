import type { CodeFunction } from '../../facts/code.js';
import { isWithin } from '../../facts/location.js';
import { goOn } from '../../watch.js';

/** What the functions that an entry calls may use up, and what its own code may have used by its end. */
const MOST_STEPS = { calls: 8_000, own: 16_000 };
/** What one call may use of what is left: its caller has to come to its end, too. */
const SHARE = 7 / 8;
/** What a call of the entry's own code may use in any case. */
const LEAST_SHARE = 500;
/** For one call that can run no query: it only makes a value. */
const MOST_STEPS_OF_HELPER = 500;
/** For one that is given a statement, to which it may add: what that asks for then is unknown otherwise. */
const MOST_STEPS_OF_ADDING = 4_000;

/** How much code is followed for one entry, and what was left of it. */
export class Budget {
  /** The inputs that calls of this entry were given which were left before their end: they may have been checked there. */
  cut: ReadonlySet<string> = new Set();
  /** A helper that can run no query is being followed. */
  isBrief = false;
  /** The file that is being followed: what a function from elsewhere wraps of it is the entry's own code. */
  home: string | undefined;
  private steps = 0;
  private times = 1;
  private limit = MOST_STEPS.own;

  get exhausted(): boolean {
    return this.steps > this.limit;
  }

  /** False when this entry has used up its budget: what is left is unknown. @throws TooLong where there is a limit of time as well */
  step(): boolean {
    goOn();
    this.steps++;
    return !this.exhausted;
  }

  /** Another entry begins. @param times how much more than usual it may use */
  refill(times = 1): void {
    this.steps = 0;
    this.times = times;
    this.cut = new Set();
    this.limit = MOST_STEPS.own * times;
  }

  /** Takes note of what a call was given that was left before its end. */
  noteCut(keys: Iterable<string>): void {
    this.cut = new Set([...this.cut, ...keys]);
  }

  /** Runs a helper on a budget of its own. @returns what it gives; undefined when it is too much to follow */
  briefly<T>(adds: boolean, work: () => T): T | undefined {
    const { limit, steps } = this;
    this.limit = Math.min(limit, steps + (adds ? MOST_STEPS_OF_ADDING : MOST_STEPS_OF_HELPER));
    this.isBrief = true;
    const result = work();
    const isWhole = !this.exhausted;
    if (!isWhole) this.steps = this.limit;
    this.limit = limit;
    this.isBrief = false;
    return isWhole ? result : undefined;
  }

  /**
   * Runs the body of a function: a call that is not part of the entry's own code is left when it has used up its share.
   * @param stack the functions that are being followed, outermost first, the one to be run last
   * @returns whether it was left
   */
  leaves(stack: readonly { readonly function?: CodeFunction }[], work: () => void): boolean {
    const { limit, isBrief } = this;
    if (!isBrief) this.limit = this.shareOf(stack);
    try {
      work();
      return !isBrief && this.exhausted;
    } finally {
      this.limit = limit;
    }
  }

  private shareOf(stack: readonly { readonly function?: CodeFunction }[]): number {
    const entry = stack[0]?.function;
    const isWrapped = (code: CodeFunction | undefined) => entry?.location.file !== this.home && code?.location.file === this.home;
    const isOwn = (code: CodeFunction | undefined) => entry === undefined || code === undefined || isWithin(code.location, entry.location);
    const own = MOST_STEPS.own * this.times;
    const last = stack.at(-1)?.function;
    if (isOwn(last)) return own;
    // Whoever wraps it has to come to its end, too.
    if (isWrapped(last)) return Math.min(this.limit, Math.floor(own * SHARE));
    const caller = stack.at(-2)?.function;
    const isDirect = isOwn(caller) || isWrapped(caller);
    // What wraps it has made calls of its own.
    const most = isOwn(caller) ? MOST_STEPS.calls * this.times : isWrapped(caller) ? Math.min(this.limit, (MOST_STEPS.calls * this.times + own) / 2) : this.limit;
    const left = Math.floor((most - this.steps) * SHARE);
    return Math.min(this.steps + (isDirect ? Math.max(left, LEAST_SHARE) : left), own);
  }

  /** Runs work that is done once for the whole project, whatever is left of the budget of the entry that first needs it. */
  unmetered<T>(work: () => T): T {
    const { steps, limit, times, isBrief, cut } = this;
    this.refill();
    this.isBrief = false;
    try {
      return work();
    } finally {
      Object.assign(this, { steps, limit, times, isBrief, cut });
    }
  }
}
