import type { ComprehensionExpression } from '../../facts/code.js';
import { rowsThatPass } from './collections.js';
import { conditionOf, evaluate, spreadItems } from './expressions.js';
import type { Call } from './library.js';
import type { Machine } from './machine.js';
import { computedEntry, keyOfEntry } from './computed.js';
import { useRows } from './members.js';
import { bind, constantText } from './patterns.js';
import { present } from './present.js';
import { Scope } from './scope.js';
import { joined } from './state.js';
import type { Fact, ListValue, ObjectEntryValue, Value } from './values.js';
import { isNothing } from './values.js';

type Item = ListValue['items'][number];

/** What the conditions of a comprehension say of its one item, by its items: where there is one, it holds. */
const passed = new WeakMap<readonly Item[], readonly Fact[]>();

/** What is known where a list that conditions have made has an item. */
export function ifOnePassed({ items }: { readonly items: readonly Item[] }): readonly Fact[] {
  return passed.get(items) ?? [];
}

/** A comprehension: one element for each item that is known, one repeated element for those that are not. */
export function comprehension(m: Machine, node: ComprehensionExpression, scope: Scope): Value {
  const entries: ObjectEntryValue[] = [];
  const items: Item[] = [];
  const facts: Fact[] = [];
  const turn = (index: number, inner: Scope, maybe: boolean, repeated: boolean): void => {
    const clause = node.clauses[index];
    if (clause === undefined) {
      if (node.key !== undefined) {
        const evaluatedKey = evaluate(m, node.key, inner);
        const key = constantText(m, evaluatedKey);
        const value = evaluate(m, node.element, inner);
        entries.push(key === undefined ? computedEntry(evaluatedKey, value, node.location) : { kind: 'property', key, value, maybe, location: node.location });
      } else items.push({ value: evaluate(m, node.element, inner), maybe, repeated });
      return;
    }
    for (const item of itemsOf(m, evaluate(m, clause.iterable, inner))) {
      const own = new Scope(inner.file, inner);
      bind(m, clause.target, item.value, own, true);
      const path = m.path(() => clause.conditions.every((each) => m.assume(conditionOf(m, evaluate(m, each, own)), true)));
      const mayFail = path.live && clause.conditions.some((each) => m.path(() => m.assume(conditionOf(m, evaluate(m, each, own)), false)).live);
      facts.push(...path.snapshot.facts);
      if (path.live) turn(index + 1, own, maybe || item.maybe || mayFail, repeated || item.repeated);
    }
  };
  const narrowed = node.key === undefined && node.clauses.length === 1 ? rowsAmong(m, node, scope) : undefined;
  if (narrowed) return narrowed;
  turn(0, new Scope(scope.file, scope), false, false);
  if (items.length === 1) passed.set(items, facts);
  return m.allocate(node.form === 'dict'
    ? { kind: 'object', entries, location: node.location }
    : { kind: 'list', form: node.form === 'set' ? 'set' : 'list', items, location: node.location });
}

/** `row for row in rows if row.org_id == org_id`: the rows that pass a test. @returns undefined where the test tells nothing of them, or it is no such thing */
function rowsAmong(m: Machine, { element, clauses: [clause] }: ComprehensionExpression, scope: Scope): Value | undefined {
  const { target, iterable, conditions } = clause!;
  if (conditions.length === 0 || element.kind !== 'name' || target.kind !== 'name' || element.name !== target.name) return undefined;
  const rows = m.read(iterated(m, evaluate(m, iterable, scope)));
  if (rows.kind !== 'rowList') return undefined;
  useRows(m, rows);
  const own = new Scope(scope.file, scope);
  bind(m, target, { kind: 'row', result: rows.result, path: rows.path, maybe: false }, own, true);
  const narrowed = rowsThatPass(m, rows, { operator: 'and', operands: conditions.map((each) => conditionOf(m, evaluate(m, each, own))) });
  return narrowed === rows ? undefined : narrowed;
}

/** Python's `next(items)`, which raises where there is none, and `next(items, otherwise)`. */
export function nextOf(m: Machine, items: Value, otherwise: Value | undefined): Value {
  const rows = m.read(iterated(m, items));
  if (rows.kind === 'rowList') {
    useRows(m, rows);
    const row: Value = { kind: 'row', result: rows.result, path: rows.path, maybe: otherwise !== undefined };
    if (otherwise === undefined) present(m, rows.result, rows.path);
    return otherwise === undefined || isNothing(m.read(otherwise)) ? row : joined([{ value: row, facts: [] }, { value: otherwise, facts: [] }]);
  }
  const facts = rows.kind === 'list' ? ifOnePassed(rows) : [];
  return joined([...itemsOf(m, items).map(({ value }) => ({ value, facts })), ...(otherwise ? [{ value: otherwise, facts: [] }] : [])]);
}

/** What a loop over a value goes through. */
export function iterated(m: Machine, value: Value): Value {
  const inner = m.read(value);
  return (inner.kind === 'library' && m.libraryNamed(inner.library)?.operator?.('iterate', value, undefined, { file: m.file, start: 0, end: 0 }, m)) || value;
}

/** What a loop over a value binds, turn by turn. */
export function itemsOf(m: Machine, value: Value): Item[] {
  const inner = m.read(value);
  if (inner.kind === 'object') return inner.entries.map((entry) => ({ value: keyOfEntry(entry), maybe: entry.maybe, repeated: entry.kind === 'spread' }));
  if (inner.kind === 'constant' && typeof inner.value === 'string') return [...inner.value].map((each) => ({ value: { kind: 'constant', value: each }, maybe: false, repeated: false }));
  const items = iterated(m, value);
  return items === value ? spreadItems(m, value) : itemsOf(m, items);
}

/** Python's `zip(items, others)`: tuples of what stands at one place. */
export function zipped(m: Machine, call: Call): Value {
  const lists = call.arguments.positional.map((each) => itemsOf(m, each));
  const length = Math.min(...lists.map((each) => each.length));
  const items = Array.from({ length: Number.isFinite(length) ? length : 0 }, (_, index) => ({
    value: m.allocate({ kind: 'list', form: 'tuple', items: lists.map((each) => ({ value: each[index]!.value, maybe: false, repeated: false })), location: call.location }) as Value,
    maybe: lists.some((each) => each[index]!.maybe), repeated: lists.some((each) => each[index]!.repeated),
  }));
  return m.allocate({ kind: 'list', form: 'list', items, location: call.location });
}
