import type { ComprehensionExpression } from '../../facts/code.js';
import { conditionOf, evaluate, spreadItems } from './expressions.js';
import type { Machine } from './machine.js';
import { bind, constantText } from './patterns.js';
import { Scope } from './scope.js';
import type { ObjectEntryValue, Value } from './values.js';
import { unknownValue } from './values.js';

type Item = { value: Value; maybe: boolean; repeated: boolean };

/** A comprehension: one element for each item that is known, one repeated element for those that are not. */
export function comprehension(m: Machine, node: ComprehensionExpression, scope: Scope): Value {
  const entries: ObjectEntryValue[] = [];
  const items: Item[] = [];
  const turn = (index: number, inner: Scope, maybe: boolean, repeated: boolean): void => {
    const clause = node.clauses[index];
    if (clause === undefined) {
      if (node.key !== undefined) {
        const key = constantText(m, evaluate(m, node.key, inner));
        const value = evaluate(m, node.element, inner);
        entries.push(key === undefined ? { kind: 'spread', value: unknownValue('a computed key'), maybe, location: node.location } : { kind: 'property', key, value, maybe, location: node.location });
      } else items.push({ value: evaluate(m, node.element, inner), maybe, repeated });
      return;
    }
    for (const item of itemsOf(m, evaluate(m, clause.iterable, inner))) {
      const own = new Scope(inner.file, inner);
      bind(m, clause.target, item.value, own, true);
      const path = m.path(() => clause.conditions.every((each) => m.assume(conditionOf(m, evaluate(m, each, own)), true)));
      const mayFail = path.live && clause.conditions.some((each) => m.path(() => m.assume(conditionOf(m, evaluate(m, each, own)), false)).live);
      if (path.live) turn(index + 1, own, maybe || item.maybe || mayFail, repeated || item.repeated);
    }
  };
  turn(0, new Scope(scope.file, scope), false, false);
  return m.allocate(node.form === 'dict'
    ? { kind: 'object', entries, location: node.location }
    : { kind: 'list', form: node.form === 'set' ? 'set' : 'list', items, location: node.location });
}

/** What a loop over a value binds, turn by turn. */
export function itemsOf(m: Machine, value: Value): Item[] {
  const inner = m.read(value);
  if (inner.kind === 'object') return inner.entries.map((entry) => ({ value: entry.kind === 'property' ? { kind: 'constant', value: entry.key } : unknownValue('an unknown key'), maybe: entry.maybe, repeated: entry.kind === 'spread' }));
  if (inner.kind === 'constant' && typeof inner.value === 'string') return [...inner.value].map((each) => ({ value: { kind: 'constant', value: each }, maybe: false, repeated: false }));
  if (inner.kind === 'library') {
    const items = m.libraryNamed(inner.library)?.operator?.('iterate', value, undefined, { file: m.file, start: 0, end: 0 }, m);
    if (items !== undefined) return itemsOf(m, items);
  }
  return spreadItems(m, value);
}
