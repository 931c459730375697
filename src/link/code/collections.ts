import type { Expression } from '../../facts/expression.js';
import { parameterNames } from '../parameters.js';
import { callValue } from './calls.js';
import { conditionOf, spreadItems } from './expressions.js';
import type { Call } from './library.js';
import { rowsWhere } from './lower.js';
import type { Machine } from './machine.js';
import { constantText } from './patterns.js';
import { sameValue, unionOf } from './state.js';
import type { Condition, Fact, FieldValue, InputValue, ListValue, RowListValue, Value } from './values.js';
import { undefinedValue, unknownValue } from './values.js';

/** A map of more entries than this is one of which no entry is known. */
const MOST_ENTRIES = 24;

/** `new Set(ids)`, `new Map(rows.map((row) => [row.id, row]))`: a list of the items, or of pairs. What came from outside stays what it is. */
export function collection(m: Machine, name: string, call: Call): Value | undefined {
  if (!call.isNew || m.language !== 'javascript' || (name !== 'Set' && name !== 'Map')) return undefined;
  const [first] = call.arguments.positional;
  const given = first && theGiven(m, first);
  if (given?.kind === 'input') return given;
  if (given !== undefined && !['list', 'rowList', 'field', 'constant'].includes(given.kind)) return undefined;
  return m.allocate({ kind: 'list', form: name === 'Set' ? 'set' : 'map', items: given ? spreadItems(m, given) : [], location: call.location });
}

/** What stands for entries that are not told apart. */
const ANY_ENTRIES: ListValue['items'] = [{ value: unknownValue('an entry of a map'), maybe: true, repeated: true }];

/** A method of a Map. */
export function mapMethod(m: Machine, object: Value, map: ListValue, name: string, call: Call): Value | undefined {
  const [first, second = undefinedValue] = call.arguments.positional;
  const list = (values: readonly Value[]): Value => m.allocate({ kind: 'list', form: 'list', location: call.location, items: values.map((value, index) => ({ ...map.items[index]!, value })) });
  const pairs = pairsOf(m, map);
  switch (name) {
    case 'get': return first && entryOf(m, pairs, first);
    case 'set':
      if (first !== undefined && object.kind === 'reference' && map.items !== ANY_ENTRIES) m.write(object, { ...map, items: map.items.length < MOST_ENTRIES ? [...map.items, { value: tuple(m, [first, second], call), maybe: false, repeated: false }] : ANY_ENTRIES });
      return object;
    case 'has': return first && { kind: 'condition', condition: { operator: 'in', left: first, right: list((pairs ?? []).map(({ key }) => everyOf(m, key))) } };
    case 'keys': return pairs && list(pairs.map(({ key }) => key));
    case 'values': return pairs && list(pairs.map(({ value }) => value));
    case 'entries': return object;
    case 'forEach':
      for (const { key, value } of pairs ?? []) if (first) callValue(m, first, { ...call, arguments: { positional: [value, key], named: new Map(), open: false, locations: [call.location, call.location] }, isNew: false });
      return undefinedValue;
    default: return undefined;
  }
}

function tuple(m: Machine, values: readonly Value[], call: Call): Value {
  return m.allocate({ kind: 'list', form: 'tuple', items: values.map((value) => ({ value, maybe: false, repeated: false })), location: call.location });
}

/** Keys and values; undefined where some entry is not known, or none is: others may have been put in elsewhere. */
function pairsOf(m: Machine, map: ListValue): { readonly key: Value; readonly value: Value; readonly maybe: boolean }[] | undefined {
  const pairs = map.items.flatMap((item) => {
    const inner = m.read(item.value);
    return inner.kind === 'list' && inner.items.length === 2 ? [{ key: inner.items[0]!.value, value: inner.items[1]!.value, maybe: item.maybe }] : [];
  });
  return pairs.length === 0 || pairs.length < map.items.length ? undefined : pairs;
}

function entryOf(m: Machine, pairs: ReturnType<typeof pairsOf>, key: Value): Value {
  if (pairs === undefined) return unknownValue('an entry of a map');
  const text = constantText(m, key);
  const named = text === undefined ? undefined : pairs.findLast((pair) => constantText(m, pair.key) === text && !pair.maybe);
  if (named) return named.value;
  if (pairs.every((pair) => constantText(m, pair.key) !== undefined)) return text === undefined ? unionOf([...pairs.map(({ value }) => ({ value, facts: [] })), { value: undefinedValue, facts: [] }]) : unknownValue('an entry of a map');
  return unionOf([...pairs.map((pair) => ({ value: pair.value, facts: factsOf(m, { operator: 'in', left: key, right: everyOf(m, pair.key) }) })), { value: undefinedValue, facts: [] }]);
}

/** The column of every row, in place of that of one. */
function everyOf(m: Machine, key: Value): Value {
  const inner = m.read(key);
  return inner.kind === 'field' ? { ...inner, many: true } : key;
}

/** What follows from a condition. */
export function factsOf(m: Machine, condition: Condition, outcome = true): readonly Fact[] {
  return m.path(() => m.assume(condition, outcome)).snapshot.facts;
}

/** What is known of each of several rows when a test holds (or fails) for all of them; that there are any is not. */
function ofEach(m: Machine, condition: Condition, outcome: boolean, result: number): Fact[] {
  return factsOf(m, condition, outcome).flatMap((fact): Fact[] => {
    if (fact.kind !== 'holds' || fact.about?.result !== result) return [];
    const truth: Expression = { kind: 'constant', value: true, location: fact.expression.location };
    return [{ kind: 'holds', expression: truth, about: fact.about }];
  });
}

/** `rows.every((row) => row.orgId === orgId)`: where it is true, it is so of each row. `rows.some((row) => row.orgId !== orgId)` says it where it is false. */
export function testOfRows(m: Machine, rows: RowListValue | FieldValue, condition: Condition, name: 'every' | 'some'): Value {
  const facts = ofEach(m, condition, name === 'every', rows.result.id);
  if (facts.length === 0) return unknownValue(name);
  return unionOf([{ value: { kind: 'constant', value: name === 'every' }, facts }, { value: { kind: 'constant', value: name !== 'every' }, facts: [] }]);
}

/** The rows that pass a test which compares them with more than constants: `rows.filter((row) => row.orgId === orgId)`. */
export function rowsThatPass(m: Machine, rows: RowListValue, condition: Condition): RowListValue {
  const { result } = rows;
  const checks = ofEach(m, condition, true, result.id).flatMap((fact) => (fact.kind === 'holds' && fact.about ? [fact.about.check] : []));
  const telling = checks.filter((check) => check.kind === 'operator' && [check.left, check.right].some((side) => side?.kind === 'parameter' || side?.kind === 'subquery'));
  if (result.rows === undefined || rows.path.length > 0 || telling.length === 0 || result.rows.limit !== undefined || result.rows.groupBy.length > 0) return rows;
  const record = m.recordOf(result.id);
  const made = m.result({ ...result, rows: rowsWhere(result.rows, telling, result.rows.location) });
  if (record) m.recordResult(made.id, record, false);
  return { ...rows, result: made };
}

/** What is known of each item of an input where a test of it holds for none: `ids.filter((id) => !own.has(id))` that is empty. */
function ofEachItem(m: Machine, item: Value, condition: Condition): readonly Fact[] {
  const input = m.read(item);
  if (input.kind !== 'input') return [];
  const isOf = (name: string): boolean => name === input.key || name.startsWith(`${input.key}.`);
  return factsOf(m, condition, false).filter((fact) => fact.kind === 'holds' && [...parameterNames(fact.expression)].some(isOf));
}

/** What is known of all items where a list of those that passed a test is empty: by its items, which no other list has. */
const known = new WeakMap<ListValue['items'], readonly Fact[]>();

/** The items of an input that pass a test, where something is known of each if there is none. */
export function failed(m: Machine, [item]: ListValue['items'], condition: Condition, location: ListValue['location']): Value | undefined {
  const facts = item === undefined ? [] : ofEachItem(m, item.value, condition);
  if (item === undefined || facts.length === 0) return undefined;
  const items = [{ ...item, maybe: true, repeated: true }];
  known.set(items, facts);
  return m.allocate({ kind: 'list', form: 'list', items, location });
}

/** A list that has as many items as another one: `invalid.map((each) => each.id)` is empty where that is. */
export function asManyAs({ items }: ListValue, mapped: ListValue['items']): ListValue['items'] {
  const facts = known.get(items);
  if (facts !== undefined) known.set(mapped, facts);
  return mapped;
}

/** What is known where a list is empty. */
export function ifNoneFailed({ items }: ListValue): readonly Fact[] | undefined {
  return known.get(items);
}

/** Items that a test finds among what a query gave (`ids.filter((id) => allowed.has(id))`) are some of these. */
export function foundIn(m: Machine, item: Value, test: Value): FieldValue | undefined {
  return among(m, item, conditionOf(m, test));
}

function among(m: Machine, item: Value, condition: Condition): FieldValue | undefined {
  if (condition.operator === 'truthy') {
    const inner = m.read(condition.value);
    return inner.kind === 'condition' ? among(m, item, inner.condition) : undefined;
  }
  if (condition.operator === 'and') return condition.operands.map((operand) => among(m, item, operand)).find((found) => found !== undefined);
  if (condition.operator !== 'in' || !sameValue(m.read(condition.left), m.read(item))) return undefined;
  return columnOf(m, condition.right);
}

/** The one column of rows that a list or set holds. */
function columnOf(m: Machine, value: Value): FieldValue | undefined {
  const inner = m.read(theItem(m, value));
  return inner.kind === 'field' && inner.many ? inner : undefined;
}

/** A list or set that holds any number of one thing is that thing; anything else is itself. */
export function theItem(m: Machine, value: Value): Value {
  const inner = m.read(value);
  const [item] = inner.kind === 'list' && inner.items.length === 1 ? inner.items : [];
  return item?.repeated === true ? everyOf(m, item.value) : value;
}

/** The keys of the lists that an input counts the items of (`ids.length`, `ids.size`), if it does. */
export function countedBy({ key, counts }: InputValue): readonly string[] | undefined {
  const list = /^(.*)\.(?:length|size)$/s.exec(key)?.[1];
  return counts ?? (list === undefined ? undefined : [list]);
}

/** The keys of the inputs that the items of a list are, where all of them are. */
export function itemKeys(m: Machine, { items }: ListValue): readonly string[] {
  const inputs = items.map((item) => (item.repeated ? m.read(item.value) : undefined));
  return inputs.every((input) => input?.kind === 'input') ? inputs.map((input) => (input as InputValue).key) : [];
}

/** One of several values of which the others are nothing (`ids ?? []`, `ids ? [...ids] : undefined`): that one; any other value is itself. */
export function theGiven(m: Machine, value: Value): Value {
  const inner = m.read(value);
  if (inner.kind !== 'union') return inner;
  const options = inner.options.map((option) => m.read(option.value)).filter((option) => !(option.kind === 'constant' && !option.value) && !(option.kind === 'list' && option.items.length === 0));
  return options.length === 1 ? options[0]! : inner;
}

/** What is noted of an input that was found among constants. */
export function amongConstants(key: string): string {
  return `${key} among constants`;
}

/** Whether a list is known whole. */
export function isOfConstants(m: Machine, value: Value): boolean {
  const inner = m.read(value);
  return inner.kind === 'list' && inner.items.length > 0 && inner.items.every((item) => m.read(item.value).kind === 'constant');
}
