import type { Expression } from '../../facts/expression.js';
import { quoteIdentifier } from '../../facts/identifier.js';
import type { Location } from '../../facts/location.js';
import { concatenate, formatText } from './text.js';
import { array, constant, isKnown, isNull, numberOf, parseArrayLiteral, quoteLiteral, textOf } from './values.js';

type Builtin = (args: readonly Expression[], location: Location) => Expression | undefined;

/**
 * The value of a call of one of PostgreSQL's pure functions (manual, chapter 9); undefined when it is another function or
 * its arguments are not known enough.
 */
export function callBuiltin(name: string, args: readonly Expression[], location: Location): Expression | undefined {
  const special = lenient.get(name);
  if (special) return special(args, location);
  const builtin = strict.get(name);
  if (!builtin || !args.every(isKnown)) return undefined;
  return args.some(isNull) ? constant(null, location) : builtin(args, location);
}

/** Functions that accept NULL or partly known arguments. */
const lenient = new Map<string, Builtin>([
  ['coalesce', coalesce],
  ['nullif', ([a, b], at) => (a && b && isKnown(a) && isKnown(b) ? (textOf(a) === textOf(b) ? constant(null, at) : a) : undefined)],
  ['greatest', (args, at) => extreme(args, at, 1)],
  ['least', (args, at) => extreme(args, at, -1)],
  ['format', formatText],
  ['concat', (args, at) => concatenate(args.map((arg) => (isNull(arg) ? constant('', at) : arg)), at)],
  ['concat_ws', ([separator, ...rest], at) => {
    if (!separator || isNull(separator)) return undefined;
    const items = rest.filter((item) => !isNull(item));
    return concatenate(items.flatMap((item, index) => (index === 0 ? [item] : [separator, item])), at);
  }],
  ['quote_ident', ([value], at) => (value && isKnown(value) ? textConstant(value, at, quoteIdentifier) : undefined)],
  ['quote_literal', ([value], at) => (value && isKnown(value) ? textConstant(value, at, quoteLiteral) : undefined)],
  ['quote_nullable', ([value], at) => {
    if (!value || !isKnown(value)) return undefined;
    return isNull(value) ? constant('NULL', at) : textConstant(value, at, quoteLiteral);
  }],
  ['array_append', ([list, item], at) => joined(list, item && array([item], at), at)],
  ['array_prepend', ([item, list], at) => joined(item && array([item], at), list, at)],
  ['array_cat', ([a, b], at) => joined(a, b, at)],
  ['array_length', ([list], at) => lengthOf(list, at, false)],
  ['array_upper', ([list], at) => lengthOf(list, at, false)],
  ['array_lower', ([list], at) => (asArray(list)?.length ? constant(1, at) : asArray(list) && constant(null, at))],
  ['cardinality', ([list], at) => lengthOf(list, at, true)],
  ['array_position', ([list, item], at) => {
    const items = asArray(list);
    if (!items || !item || !isKnown(item) || !items.every(isKnown)) return undefined;
    const index = items.findIndex((candidate) => textOf(candidate) === textOf(item));
    return constant(index < 0 ? null : index + 1, at);
  }],
  ['array_remove', ([list, item], at) => {
    const items = asArray(list);
    if (!items || !item || !isKnown(item) || !items.every(isKnown)) return undefined;
    return array(items.filter((candidate) => textOf(candidate) !== textOf(item)), at);
  }],
  ['array_to_string', ([list, separator], at) => {
    const items = asArray(list)?.filter((item) => !isNull(item));
    if (!items || !separator) return undefined;
    return concatenate(items.flatMap((item, index) => (index === 0 ? [item] : [separator, item])), at);
  }],
]);

const strict = new Map<string, Builtin>([
  ['lower', text((value) => value.toLowerCase())],
  ['upper', text((value) => value.toUpperCase())],
  ['initcap', text((value) => value.toLowerCase().replace(/(^|[^a-z0-9])([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase()))],
  ['trim', text((value, characters) => strip(value, characters, true, true))],
  ['btrim', text((value, characters) => strip(value, characters, true, true))],
  ['ltrim', text((value, characters) => strip(value, characters, true, false))],
  ['rtrim', text((value, characters) => strip(value, characters, false, true))],
  ['replace', text((value, from, to) => (from ? value.split(from).join(to) : value))],
  ['left', text((value, count) => (Number(count) < 0 ? value.slice(0, Number(count)) : value.slice(0, Number(count))))],
  ['right', text((value, count) => (Number(count) < 0 ? value.slice(-Number(count)) : Number(count) === 0 ? '' : value.slice(-Number(count))))],
  ['substring', substring],
  ['substr', substring],
  ['repeat', text((value, count) => (Number(count) * value.length > 100_000 ? undefined : value.repeat(Math.max(0, Number(count)))))],
  ['reverse', text((value) => [...value].reverse().join(''))],
  ['md5', () => undefined],
  ['split_part', text((value, separator, index) => (Number(index) > 0 && separator ? value.split(separator)[Number(index) - 1] ?? '' : undefined))],
  ['length', ([value], at) => counted(value, at)],
  ['char_length', ([value], at) => counted(value, at)],
  ['strpos', ([value, part], at) => constant((textOf(value!) ?? '').indexOf(textOf(part!) ?? '') + 1, at)],
  ['position', ([value, part], at) => constant((textOf(value!) ?? '').indexOf(textOf(part!) ?? '') + 1, at)],
  ['starts_with', ([value, part], at) => constant((textOf(value!) ?? '').startsWith(textOf(part!) ?? ''), at)],
  ['lpad', text((value, count, fill) => value.padStart(Number(count), fill ?? ' ').slice(0, Number(count)))],
  ['rpad', text((value, count, fill) => value.padEnd(Number(count), fill ?? ' ').slice(0, Number(count)))],
  ['chr', ([code], at) => { const number = numberOf(code!); return number === undefined ? undefined : constant(String.fromCodePoint(number), at); }],
  ['abs', ([value], at) => numeric(value, at, Math.abs)],
  ['ceil', ([value], at) => numeric(value, at, Math.ceil)],
  ['floor', ([value], at) => numeric(value, at, Math.floor)],
  ['mod', ([a, b], at) => { const [x, y] = [numberOf(a!), numberOf(b!)]; return x === undefined || !y ? undefined : constant(x % y, at); }],
  ['string_to_array', ([value, separator], at) => {
    const whole = textOf(value!) ?? '';
    return array(whole === '' ? [] : whole.split(textOf(separator!) ?? '').map((item) => constant(item, at)), at);
  }],
]);

function text(compute: (value: string, ...rest: string[]) => string | undefined): Builtin {
  return (args, at) => {
    const texts = args.map(textOf);
    if (texts.some((item) => item === undefined)) return undefined;
    const [first, ...rest] = texts as string[];
    const result = first === undefined ? undefined : compute(first, ...rest);
    return result === undefined ? undefined : constant(result, at);
  };
}

function textConstant(value: Expression, at: Location, quote: (text: string) => string): Expression | undefined {
  const known = textOf(value);
  return constant(known === undefined ? null : quote(known), at);
}

function strip(value: string, characters: string | undefined, start: boolean, end: boolean): string {
  const set = new Set(characters ?? ' ');
  let [from, to] = [0, value.length];
  while (start && from < to && set.has(value[from]!)) from += 1;
  while (end && to > from && set.has(value[to - 1]!)) to -= 1;
  return value.slice(from, to);
}

function substring(args: readonly Expression[], at: Location): Expression | undefined {
  const [value, from, count] = [textOf(args[0]!), numberOf(args[1]!), args[2] && numberOf(args[2])];
  if (value === undefined || from === undefined || (args[2] && count === undefined)) return undefined;
  const start = Math.max(0, from - 1);
  return constant(value.slice(start, count === undefined ? undefined : Math.max(start, from - 1 + count)), at);
}

function counted(value: Expression | undefined, at: Location): Expression | undefined {
  const known = value && textOf(value);
  return known === undefined ? undefined : constant([...known].length, at);
}

function numeric(value: Expression | undefined, at: Location, compute: (value: number) => number): Expression | undefined {
  const known = value && numberOf(value);
  return known === undefined ? undefined : constant(compute(known), at);
}

function coalesce(args: readonly Expression[], at: Location): Expression | undefined {
  const rest = args.filter((arg) => !isNull(arg));
  const first = rest[0];
  if (!first) return constant(null, at);
  if (isKnown(first) || rest.length === 1) return first;
  return isCount(first) ? first : undefined;
}

/** A count over rows is never NULL. */
function isCount(value: Expression): boolean {
  if (value.kind !== 'subquery' || value.form !== 'scalar' || value.query.kind !== 'select') return false;
  const target = value.query.targets[0]?.expression;
  return target?.kind === 'call' && target.name.at(-1) === 'count' && value.query.groupBy.length === 0 && !value.query.having;
}

function extreme(args: readonly Expression[], at: Location, sign: number): Expression | undefined {
  const numbers = args.filter((arg) => !isNull(arg)).map(numberOf);
  if (numbers.some((number) => number === undefined)) return undefined;
  return constant(numbers.length === 0 ? null : sign * Math.max(...numbers.map((number) => sign * number!)), at);
}

/** The items of an array value; a text in array form counts, and NULL is empty. */
export function asArray(value: Expression | undefined): readonly Expression[] | undefined {
  if (value?.kind === 'array') return value.items;
  if (value?.kind !== 'constant') return undefined;
  if (value.value === null) return [];
  const items = typeof value.value === 'string' ? parseArrayLiteral(value.value) : undefined;
  return items?.map((item) => constant(item, value.location));
}

function joined(a: Expression | undefined, b: Expression | undefined, at: Location): Expression | undefined {
  const [left, right] = [asArray(a), asArray(b)];
  return left && right ? array([...left, ...right], at) : undefined;
}

function lengthOf(value: Expression | undefined, at: Location, emptyIsZero: boolean): Expression | undefined {
  if (value && isNull(value)) return constant(null, at);
  const items = asArray(value);
  if (!items) return undefined;
  return constant(items.length === 0 && !emptyIsZero ? null : items.length, at);
}
