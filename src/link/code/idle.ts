import type { CodeFunction } from '../../facts/code.js';
import type { Arguments } from './library.js';
import type { Machine } from './machine.js';
import type { Value } from './values.js';

/** After so many runs that did nothing, and none that did. */
const ENOUGH = 8;

interface Runs {
  idle: number;
  readonly value: Value;
}

/**
 * Helpers that run no query and do nothing for whoever calls them: loggers, meters. They are called everywhere, and to follow each call costs more than all
 * else. One that was followed often, with arguments of the same kinds, and each time found out nothing, changed nothing and gave nothing, is not followed again.
 */
export class Idle {
  private readonly known = new Map<CodeFunction, Map<string, Runs | 'acts'>>();

  /** What a call gives: of a helper that is idle what it always gave, else what following it gives. */
  call(m: Machine, code: CodeFunction, given: Arguments, work: () => Value): Value {
    const kinds = kindsOf(m, given);
    if (kinds === undefined || !m.budget.hasRoom) return work();
    let runs = this.known.get(code);
    if (runs === undefined) this.known.set(code, runs = new Map());
    const before = runs.get(kinds);
    if (before === 'acts') return work();
    if (before !== undefined && before.idle >= ENOUGH) return before.value;
    const { value, acts } = watched(m, work);
    if (acts || (before !== undefined && !isSame(before.value, value))) runs.set(kinds, 'acts');
    else if (before === undefined) runs.set(kinds, { idle: 1, value });
    else before.idle++;
    return value;
  }
}

function watched(m: Machine, work: () => Value): { readonly value: Value; readonly acts: boolean } {
  let value: Value | undefined;
  const newest = m.newestSlot;
  const { effects, snapshot } = m.path(() => {
    value = work();
    return true;
  });
  const isQuiet = effects.length === 0 && snapshot.facts.length === 0 && [...snapshot.touched ?? snapshot.heap.keys()].every((slot) => slot > newest);
  m.emitAll(effects);
  m.settle([snapshot]);
  return { value: value!, acts: !isQuiet || !givesNothing(value!) };
}

/** Nothing, or nothing that is known: it was too long. */
function givesNothing(value: Value): boolean {
  return value === LONG || (value.kind === 'constant' && (value.value === undefined || value.value === null));
}

function isSame(a: Value, b: Value): boolean {
  return a === b || (a.kind === 'constant' && b.kind === 'constant' && a.value === b.value);
}

/** What a helper gives that was left before its end. */
export const LONG: Value = { kind: 'unknown', reason: 'what a long helper gives' };

/** What kinds of values a call is given; undefined where it may be another each time what they do. */
function kindsOf(m: Machine, { positional, named, open }: Arguments): string | undefined {
  if (open) return undefined;
  const kinds: string[] = [];
  for (const [name, value] of [...positional.map((each) => ['', each] as const), ...named]) {
    const inner = m.read(value);
    if (inner.kind === 'function' || inner.kind === 'classValue' || inner.kind === 'library') return undefined;
    kinds.push(`${name}${inner.kind}${inner.kind !== 'constant' ? '' : typeof inner.value === 'boolean' ? String(inner.value) : typeof inner.value}`);
  }
  return kinds.join();
}
