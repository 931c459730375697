import type { Location } from '../../facts/location.js';
import { classOfModel, modelOfRow } from './declared-classes.js';
import { conditionOf, spreadItems } from './expressions.js';
import type { Machine } from './machine.js';
import { entityLibrary } from './members.js';
import { formatPercent } from './strings.js';
import { joined } from './state.js';
import type { Condition, ExternalValue, TextPart, Value } from './values.js';
import { isNothing, unknownValue } from './values.js';

/** An operator applied to values; unary ones are named `unary not`, `unary -`, ... */
export function operate(m: Machine, operator: string, left: Value, right: Value | undefined, location: Location): Value {
  const a = m.read(left);
  const b = right === undefined ? undefined : m.read(right);
  const own = ownOperator(m, operator, left, right, location);
  if (own !== undefined) return own;
  if (a.kind === 'constant' && (b === undefined || b.kind === 'constant')) {
    const known = constantResult(operator, a.value, b?.value);
    if (known !== undefined) return { kind: 'constant', value: known.value, ...(a.source && operator === '+' && b?.value === '' && { source: a.source }) };
  }
  switch (operator) {
    case 'unary not': return { kind: 'condition', condition: negated(conditionOf(m, left)) };
    case 'unary typeof':
      if (a.kind === 'input' && a.isText === true && !m.mayBe(a, 'undefined')) return { kind: 'constant', value: 'string' };
      return a.kind === 'input' ? { ...a, key: `${operator} ${a.key}` } : unknownValue(operator);
    case 'unary -': case 'unary ~': return a.kind === 'input' ? { ...a, key: `${operator} ${a.key}` } : unknownValue(operator);
    case 'unary +': return left;
    case 'unary void': return { kind: 'constant', value: undefined };
    case '==': case 'is': return comparison(m, left, right!, true);
    case '!=': case 'is not': return comparison(m, left, right!, false);
    case 'in': return { kind: 'condition', condition: { operator: 'in', left, right: right! } };
    case 'instanceof': return isInstance(m, a, b!) ?? unknownValue(`the operator ${operator}`);
    case 'not in': return { kind: 'condition', condition: { operator: 'not', operand: { operator: 'in', left, right: right! } } };
    case '<': case '>': case '<=': case '>=': return { kind: 'condition', condition: { operator: 'compare', sign: operator, left, right: right! } };
    case '+': return added(m, left, right!, location);
    case '%': return formatPercent(m, left, right!, location) ?? unknownValue('%');
    case '|': return mergedObjects(m, left, right!) ?? unknownValue('|');
    default: return unknownValue(`the operator ${operator}`);
  }
}

/** A library's own meaning of an operator (`User.id == x`), also where one side is one of several. */
function ownOperator(m: Machine, operator: string, left: Value, right: Value | undefined, location: Location): Value | undefined {
  for (const side of [left, right]) {
    const inner = side && m.read(side);
    if (inner?.kind !== 'library' && inner?.kind !== 'external' && inner?.kind !== 'rowList') continue;
    const library = inner.kind === 'rowList' ? entityLibrary(m, inner) : m.libraryBehind(inner);
    const found = library?.operator?.(operator.replace(/^unary /, ''), left, right, location, m);
    if (found !== undefined) return found;
  }
  return undefined;
}

type Plain = string | number | boolean | null | undefined;

function constantResult(operator: string, a: Plain, b: Plain): { value: Plain } | undefined {
  if (operator === '==' || operator === 'is') return { value: a === b || (a === undefined && b === null) || (a === null && b === undefined) };
  if (operator === '!=' || operator === 'is not') return { value: !(a === b || (a === undefined && b === null) || (a === null && b === undefined)) };
  if (operator === 'unary not') return { value: !a };
  if (operator === 'unary -' && typeof a === 'number') return { value: -a };
  if (operator === 'unary typeof') return { value: a === null ? 'object' : typeof a };
  if (typeof a === 'number' && typeof b === 'number') {
    switch (operator) {
      case '+': return { value: a + b };
      case '-': return { value: a - b };
      case '*': return { value: a * b };
      case '/': return { value: a / b };
      case '<': return { value: a < b };
      case '>': return { value: a > b };
      case '<=': return { value: a <= b };
      case '>=': return { value: a >= b };
    }
  }
  if (operator === 'in' && typeof a === 'string' && typeof b === 'string') return { value: b.includes(a) };
  return undefined;
}

function negated(condition: Condition): Condition {
  return condition.operator === 'not' ? condition.operand : { operator: 'not', operand: condition };
}

function comparison(m: Machine, left: Value, right: Value, equal: boolean): Value {
  const condition = equality(m, left, right);
  return { kind: 'condition', condition: equal ? condition : negated(condition) };
}

function equality(m: Machine, left: Value, right: Value): Condition {
  for (const [one, other] of [[left, right], [right, left]] as const) {
    const inner = m.read(one);
    if (inner.kind !== 'constant') continue;
    if (inner.value === null || inner.value === undefined) return { operator: 'nullish', value: other };
    if (typeof inner.value === 'boolean' && m.read(other).kind === 'condition') return inner.value ? conditionOf(m, other) : negated(conditionOf(m, other));
  }
  const [a, b] = [m.read(left), m.read(right)];
  if (a.kind === 'classValue' && b.kind === 'classValue') return { operator: 'truthy', value: { kind: 'constant', value: a.class === b.class } };
  return { operator: 'equal', left, right };
}

function added(m: Machine, left: Value, right: Value, location: Location): Value {
  const a = m.read(left);
  const b = m.read(right);
  if (a.kind === 'list' && (b.kind === 'list' || b.kind === 'rowList' || b.kind === 'input')) return m.allocate({ ...a, items: [...a.items, ...spreadItems(m, right)] });
  if (a.kind === 'text' || b.kind === 'text' || isString(a) || isString(b)) return { kind: 'text', parts: [...textParts(m, left, location), ...textParts(m, right, location)], location };
  return unknownValue('a sum');
}

/** `row instanceof Document`: a row of a model is an instance of the model's class, and of those it is made from. */
export function isInstance(m: Machine, value: Value, of: Value): Value | undefined {
  if (value.kind === 'union') return joined(value.options.map(({ value: each, facts }) => ({ value: isInstance(m, m.read(each), of) ?? unknownValue('the operator instanceof'), facts })));
  if (isNothing(value)) return { kind: 'constant', value: false };
  if (of.kind === 'external') return isInstanceOfExternal(value, of);
  const own = value.kind === 'instance' ? value.class : value.kind === 'row' ? classOfModel(m, modelOfRow(m, value)) : undefined;
  if (own === undefined || of.kind !== 'classValue') return undefined;
  return { kind: 'constant', value: m.ancestry(own).some((each) => each.kind === 'classValue' && each.class === of.class) };
}

/** `result instanceof Response`: what a function makes there, and nothing that the project itself has put together or found. */
function isInstanceOfExternal(value: Value, of: ExternalValue): Value | undefined {
  if (value.kind === 'external' && value.instance === true) {
    const isSame = value.module === of.module && value.path.join('.') === of.path.join('.');
    return isSame || (value.path.join('.') === 'NextResponse' && of.path.join('.') === 'Response') ? { kind: 'constant', value: true } : undefined;
  }
  return /^(?:Next)?Response$/.test(of.path.join('.')) && ['object', 'row', 'list', 'rowList', 'text', 'constant', 'condition', 'function'].includes(value.kind) ? { kind: 'constant', value: false } : undefined;
}

function isString(value: Value): boolean {
  return value.kind === 'constant' && typeof value.value === 'string';
}

/** A value as parts of a text. */
export function textParts(m: Machine, value: Value, location: Location, written = ''): readonly TextPart[] {
  const inner = m.read(value);
  if (inner.kind === 'text') return inner.parts;
  if (inner.kind === 'constant' && inner.value !== null && inner.value !== undefined) return [{ kind: 'text', value: String(inner.value), ...(inner.source && { source: inner.source }) }];
  return [{ kind: 'hole', value, location, written }];
}

/** Python's `a | b` of dicts. */
function mergedObjects(m: Machine, left: Value, right: Value): Value | undefined {
  const a = m.read(left);
  const b = m.read(right);
  if (a.kind !== 'object' || b.kind !== 'object') return undefined;
  const kept = a.entries.filter((entry) => entry.kind === 'spread' || !b.entries.some((other) => other.kind === 'property' && other.key === entry.key && !other.maybe));
  return m.allocate({ ...a, entries: [...kept, ...b.entries] });
}
