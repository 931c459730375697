import type { Query } from '../../facts/query.js';
import type { QueryRecord } from '../code/machine.js';
import { mixed, ofText } from '../code/meaning.js';
import { isOfParent, isVouched } from '../code/signed.js';
import type { Value } from '../code/values.js';
import type { FoundQuery } from './collect.js';
import { isQuery } from './nodes.js';

/** Everything that a query of code is judged by: not where it was called from. */
export function wayOf({ origin, where, location, system, query, unknown, code }: FoundQuery): readonly unknown[] {
  return [origin, where, location, system, query, unknown, code && conditionsOf(code)];
}

function conditionsOf({ facts, checks, parameters, library, access, rls, cut, isLeft, callback, beside, settings }: QueryRecord): unknown {
  return [
    facts, checks, inputsOf(parameters), library, typeof access === 'string' ? access : null, rls, cut?.map((name) => ({ name })), isLeft, callback, beside,
    settings?.map(({ set, by }) => [set, by && [by.facts, inputsOf(by.parameters)]]),
  ];
}

function inputsOf(parameters: ReadonlyMap<string, Value>): unknown {
  return [...parameters].map(([name, value]) => (value.kind === 'input' ? [{ name }, value.name, value.trust, value.environment, isVouched(value), isOfParent(value)] : [{ name }, value.kind]));
}

const known = new WeakMap<readonly FoundQuery[], readonly FoundQuery[]>();

/**
 * The ways that differ in what they are judged by, the first of those that do not: most callers of a function do the same.
 * @param isBorrowed whether a sub-select only says where a value came from
 */
export function differentWays(ways: readonly FoundQuery[], isBorrowed: (query: Query) => boolean): readonly FoundQuery[] {
  if (ways.length < 2) return ways;
  let different = known.get(ways);
  if (different === undefined) {
    const words = new Map<string, number>();
    const seen = new Set<number>();
    known.set(ways, different = ways.filter((way) => {
      const said = new Reading(words, isBorrowed).of(wayOf(way));
      return !seen.has(said) && seen.add(said);
    }));
  }
  return different;
}

/** What plain data says, as a number. Results of queries are numbered through the project, in names of parameters too: what matters is which are the same. */
export class Reading {
  private readonly rows = new Map<string, number>();

  constructor(private readonly words: Map<string, number>, private readonly isBorrowed: (query: Query) => boolean) {}

  of(part: unknown): number {
    if (typeof part === 'string') return this.word(part);
    if (typeof part === 'number' && Number.isInteger(part)) return mixed(1, part);
    if (typeof part !== 'object' || part === null) return this.word(`${typeof part} ${String(part)}`);
    if (Array.isArray(part)) return part.reduce<number>((said, each) => mixed(said, this.of(each)), 2);
    const node = part as Query;
    let said = isQuery(node) && this.isBorrowed(node) ? 3 : 4;
    for (const key in part) {
      const value = (part as Record<string, unknown>)[key];
      if (value !== undefined) said = mixed(mixed(said, this.word(key)), key === 'name' && typeof value === 'string' ? this.name(value) : this.of(value));
    }
    return said;
  }

  private word(text: string): number {
    let said = this.words.get(text);
    if (said === undefined) this.words.set(text, said = ofText(text));
    return said;
  }

  private name(text: string): number {
    const [, number, rest] = text.startsWith('row ') ? /^row (\d+)(.*)$/s.exec(text) ?? [] : [];
    if (number === undefined) return this.word(text);
    const index = this.rows.get(number) ?? this.rows.size;
    this.rows.set(number, index);
    return mixed(mixed(5, index), this.word(rest!));
  }
}
