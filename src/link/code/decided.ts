import { and, or } from './libraries/build.js';
import type { Frame, Machine } from './machine.js';
import type { Fact, FunctionValue, Value } from './values.js';

/** Whether a function is asked for an answer alone, and what it says no to does not go on: a permission class, a guard. */
export function isAnswer(m: Machine, fn: FunctionValue): boolean {
  return m.program.libraries.some(({ answers }) => answers?.(fn, m) === true);
}

/** One way on which the answer is yes. */
interface Way {
  readonly value: Value;
  readonly facts: readonly Fact[];
  readonly held: Iterable<Value>;
}

/**
 * A row that was looked up to decide is used where the answer is yes, and nowhere else: what every such way has found out of it is a check of it.
 * A way that has the row and asks nothing of it leaves it unchecked.
 */
export function checkDecided(m: Machine, { newest, location, returns }: Frame): void {
  const ways = returns.flatMap(({ value, snapshot }): Way[] => {
    const { live, snapshot: { facts } } = m.path(() => {
      m.settle([{ ...snapshot, kept: true }]);
      return m.assume({ operator: 'truthy', value }, true);
    });
    return live ? [{ value, facts, held: snapshot.heap.values() }] : [];
  });
  for (const result of new Set(ways.flatMap(({ facts }) => facts.flatMap((fact) => (fact.kind === 'holds' && fact.about !== undefined && fact.about.result > newest ? [fact.about.result] : []))))) {
    const checks = ways.flatMap((way) => {
      const own = way.facts.flatMap((fact) => (fact.kind === 'holds' && fact.about?.result === result ? [fact.about.check] : []));
      return own.length > 0 || holds(way, result) ? [own] : [];
    });
    if (checks.some((own) => own.length === 0)) continue;
    const check = or(checks.map((own) => and(own, location)), location);
    m.check({ kind: 'holds', expression: check, about: { result, check } }, true);
  }
}

/** Whether a way has a row at hand, or anything of it. */
function holds({ value, facts, held }: Way, result: number): boolean {
  return isOf(value, result) || [...held].some((each) => isOf(each, result)) || facts.some((fact) => fact.kind === 'present' && fact.result === result);
}

function isOf(value: Value, result: number): boolean {
  switch (value.kind) {
    case 'row': case 'rowList': case 'field': return value.result.id === result;
    case 'object': return value.entries.some((entry) => isOf(entry.value, result));
    case 'list': return value.items.some((item) => isOf(item.value, result));
    case 'instance': return [...value.fields.values()].some((each) => isOf(each, result));
    case 'union': return value.options.some((option) => isOf(option.value, result));
    default: return false;
  }
}
