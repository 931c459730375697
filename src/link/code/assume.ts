import { entryOf } from '../../entry.js';
import type { Expression, SubqueryExpression } from '../../facts/expression.js';
import { conjuncts } from '../backfill/walk.js';
import { ownNames, parameterNames } from '../parameters.js';
import { askedAbout, checkedParameters, checkedTogether } from './checked.js';
import { ifOnePassed } from './comprehensions.js';
import { comparedAtLeast } from './at-least.js';
import { COUNT, distinctExpressions, expressionOf } from './lower.js';
import type { Machine } from './machine.js';
import { isKnownIn } from './contained.js';
import { entityLibrary } from './members.js';
import { amongConstants, countedBy, isOfConstants, theGiven, theItem } from './collections.js';
import { isOfOneTenant, noteAllOfPlatform, notePlatform, ordinary } from './platform.js';
import { here, holdsBefore, holdsOfRow, holdsSecret, isThere, present } from './present.js';
import { equalSecrets } from './secrets.js';
import { attested, equalSignatures } from './signatures.js';
import { commonFacts } from './state.js';
import type { Condition, ExternalValue, Fact, FieldValue, InputValue, ObjectValue, UnionValue, Value } from './values.js';
import { isNothing } from './values.js';

/** Takes a condition for true or false on the path reached, and notes what follows. @returns false when that is impossible */
export function assume(m: Machine, condition: Condition, outcome: boolean): boolean {
  if (isOfOneTenant(m, condition, outcome)) return false;
  notePlatform(m, condition, outcome);
  switch (condition.operator) {
    case 'not': return assume(m, condition.operand, !outcome);
    case 'and': case 'or': return assumeAll(m, condition.operands, condition.operator === 'and', outcome);
    case 'truthy': return assumeTruthy(m, condition.value, outcome);
    case 'nullish': return assumeNullish(m, condition.value, outcome);
    case 'equal': return assumeEqual(m, condition.left, condition.right, outcome);
    case 'compare': return assumeCompared(m, condition.sign, condition.left, condition.right, outcome);
    case 'in': return assumeAmong(m, condition.left, condition.right, outcome);
  }
}

/** All hold of a true AND and a false OR; of the others only one need, so that nothing follows unless the rest is impossible. */
function assumeAll(m: Machine, operands: readonly Condition[], isAnd: boolean, outcome: boolean): boolean {
  if (isAnd === outcome) return operands.every((operand) => assume(m, operand, outcome));
  const possible = operands.map((operand) => ({ operand, ...m.path(() => assume(m, operand, outcome)) })).filter(({ live }) => live);
  const [only, ...others] = ordinary(possible, ({ snapshot }) => snapshot.facts);
  if (only !== undefined && others.length === 0) return assume(m, only.operand, outcome);
  lookedIn(m, possible.map(({ snapshot }) => snapshot.facts));
  holdsOneOf(m, possible.map(({ snapshot }) => snapshot.facts));
  return possible.length > 0;
}

/** More that several paths have found is not put into one condition. */
const MOST_HELD = 24;

/**
 * One of several paths was taken, and what it found holds, where each found something; also of a row that each says something of:
 * `if (!isMember && !isCollaborator) throw`, `switch (role) { case 'admin': return admin(); case 'reader': return reader(); default: throw ... }`.
 * @param ofRows only what each of them says of one row
 */
export function holdsOneOf(m: Machine, all: readonly (readonly Fact[])[], ofRows = false): void {
  const paths = ordinary(all, (facts) => facts);
  const held = paths.map((facts) => facts.filter((fact) => fact.kind === 'holds' && fact.given === undefined && !paths.every((path) => path.includes(fact))) as Extract<Fact, { kind: 'holds' }>[]);
  if (held.length < 2 || held.some((facts) => facts.length === 0)) return;
  if (held.flat().length > 2 * MOST_HELD) return askedOnEach(m, held);
  const location = here(m);
  // What several paths say alike (one look-up, on either of two clients) is said once: it is a part of what is looked up next.
  const joined = (kind: 'and' | 'or', operands: readonly Expression[]): Expression => {
    const own = distinctExpressions(operands);
    return own.length === 1 ? own[0]! : { kind, operands: own, ...(kind === 'or' && { chosen: true }), location };
  };
  const ways = distinctExpressions(held.map((facts) => joined('and', facts.map((fact) => fact.expression))));
  if (ways.flatMap((way) => (way.kind === 'and' ? way.operands : [way])).length > MOST_HELD) return askedOnEach(m, held);
  const expression = joined('or', ways);
  const results = [...new Set(held[0]!.flatMap(({ about }) => about?.result ?? []))].filter((result) => held.every((facts) => facts.some(({ about }) => about?.result === result)));
  if (results.length === 0 && ofRows) askedOnEach(m, held);
  else if (results.length === 0) m.state.add({ kind: 'holds', expression });
  for (const result of results) {
    const check = joined('or', held.map((facts) => joined('and', facts.flatMap(({ about }) => (about?.result === result ? [about.check] : [])))));
    m.state.add({ kind: 'holds', expression, about: { result, check } });
  }
}

/** Of paths that have found out too much to be told one by one: each of them has asked for these inputs together with others. */
function askedOnEach(m: Machine, paths: readonly (readonly { readonly expression: Expression }[])[]): void {
  const isSent = (name: string): boolean => {
    const value = m.parameter(name);
    return value?.kind === 'input' && value.trust === 'untrusted';
  };
  const isAsked = (names: ReadonlySet<string>): boolean => names.size > 1 && ![...names].every(isSent);
  const [first, ...others] = paths.map((facts) => new Set(facts.flatMap(({ expression }) => (isAsked(parameterNames(expression)) ? [...ownNames(expression)] : []))));
  const common = [...first!].filter((name) => others.every((names) => names.has(name)));
  if (common.length > 0) m.state.add({ kind: 'holds', expression: checkedParameters([...common, 'what one of several paths asked'], here(m)) });
}

/** `!found && !isAdmin` stops the flow: that it was looked at is known, though not what holds. */
function lookedIn(m: Machine, paths: readonly (readonly Fact[])[]): void {
  for (const facts of paths) for (const fact of facts) if (fact.kind === 'holds') looked(m, fact.expression);
}

/** Two inputs were compared, with whatever result. */
function looked(m: Machine, expression: Expression): void {
  const inputs = askedAbout(expression).filter((side) => side?.kind === 'parameter');
  if (inputs.length > 1) m.state.add({ kind: 'holds', expression: checkedTogether(inputs, expression.location) });
}

function assumeTruthy(m: Machine, value: Value, outcome: boolean): boolean {
  const inner = m.read(value);
  switch (inner.kind) {
    case 'constant': return Boolean(inner.value) === outcome;
    case 'condition': return assume(m, inner.condition, outcome);
    case 'union':
      if (outcome && inner.place !== undefined) m.state.add({ kind: 'defined', key: inner.place });
      return assumeOption(m, value, inner, (option) => assumeTruthy(m, option, outcome));
    case 'input': if (outcome) holdsInput(m, inner); return true;
    // A related row need not be there where the row itself is.
    case 'row': if (outcome) present(m, inner.result, inner.path); return outcome || inner.path.length > 0 || (inner.maybe && !isThere(m, inner.result));
    case 'field':
      if (isCount(inner)) {
        if (outcome) counted(m, inner);
      } else if (outcome && !inner.many) {
        present(m, inner.result, []);
        holdsField(m, inner);
      }
      return true;
    case 'library': return (m.libraryNamed(inner.library)?.truth?.(inner, m) ?? true) === outcome;
    case 'function': case 'instance': case 'classValue': return outcome;
    case 'external': return outcome || isUntold(inner);
    case 'object': return m.language === 'python' && inner.entries.every((entry) => entry.maybe || entry.kind === 'spread') ? inner.entries.length > 0 || !outcome : outcome;
    case 'list':
      if (outcome) ifOnePassed(inner).forEach((fact) => m.state.add(fact));
      return m.language === 'python' && inner.items.every(({ maybe, repeated }) => maybe || repeated) ? inner.items.length > 0 || !outcome : outcome;
    case 'rowList': if (outcome && m.language === 'python') present(m, inner.result, inner.path); return true;
    default: return isPossible(inner, outcome);
  }
}

/** An input is true: it is there, and what it tells of secrets and signatures is so. */
function holdsInput(m: Machine, { key, verifies, attests, promise }: InputValue): void {
  m.state.add({ kind: 'defined', key });
  if (promise === true) return;
  if (verifies !== undefined) holdsSecret(m, verifies);
  if (attests !== undefined) attested(m, attests);
}

/** A number that is not less than one is true. */
function isPossible(value: Value, outcome: boolean): boolean {
  return outcome || value.kind !== 'unknown' || (value.least ?? 0) === 0;
}

/** A field that was tested is a condition on its row as far as it can be said: `row.deleted` says no more than that there is one. */
function holdsField(m: Machine, field: FieldValue): void {
  const column = field.result.column(field.path);
  if (column === undefined) return;
  // `SELECT EXISTS (...)` that was true.
  if (column.kind === 'subquery' && column.form === 'exists') return m.state.add({ kind: 'holds', expression: column });
  m.state.add({ kind: 'holds', expression: { kind: 'nullTest', operand: expressionOf(m, field, here(m)), negated: true, location: here(m) } });
}

function isCount(field: FieldValue): boolean {
  if (field.path.at(-1) === COUNT) return true;
  const column = field.result.column(field.path);
  return column?.kind === 'call' && column.star === true && column.name.at(-1) === 'count';
}

/** Only some options are possible: what holds when it is the only one is known now. */
function assumeOption(m: Machine, value: Value, union: UnionValue, test: (option: Value) => boolean): boolean {
  const paths = union.options.map((option) => ({ option, ...m.path(() => test(option.value)) })).filter(({ live }) => live);
  const possible = paths.map(({ option }) => option);
  if (possible.length === 0) return false;
  m.hold(commonFacts(possible));
  if (possible.length === 1) test(possible[0]!.value);
  else {
    const found = paths.map(({ option, snapshot }) => [...option.facts, ...snapshot.facts]);
    const [usual, ...others] = ordinary(possible.map((option, index) => ({ option, facts: found[index]! })), ({ facts }) => facts);
    noteAllOfPlatform(m, found);
    lookedIn(m, paths.map(({ snapshot }) => snapshot.facts));
    if (others.length > 0) holdsOneOf(m, found);
    else {
      m.hold(usual!.option.facts);
      test(usual!.option.value);
    }
  }
  if (value.kind === 'reference' && possible.length < union.options.length) m.write(value, possible.length === 1 ? m.read(possible[0]!.value) : { ...union, options: possible });
  return true;
}

function assumeNullish(m: Machine, value: Value, outcome: boolean): boolean {
  const inner = m.read(value);
  switch (inner.kind) {
    case 'constant': return (inner.value === null || inner.value === undefined) === outcome;
    case 'union':
      if (!outcome && inner.place !== undefined) m.state.add({ kind: 'defined', key: inner.place });
      return assumeOption(m, value, inner, (option) => assumeNullish(m, option, outcome));
    case 'input': if (!outcome) m.state.add({ kind: 'defined', key: inner.key }); return true;
    case 'row': case 'field':
      if (!outcome) present(m, inner.result, inner.kind === 'row' ? inner.path : []);
      return !outcome || inner.kind === 'field' || inner.path.length > 0 || !isThere(m, inner.result);
    case 'unknown': return true;
    case 'external': return !outcome || isUntold(inner);
    default: return !outcome;
  }
}

/** What a package exports, or the program calls by a global name, may be a flag (`building` of SvelteKit), or not be set yet. */
function isUntold({ instance }: ExternalValue): boolean {
  return instance !== true;
}

function assumeEqual(m: Machine, left: Value, right: Value, outcome: boolean): boolean {
  const [a, b] = [m.read(left), m.read(right)];
  if (a.kind === 'constant' && b.kind === 'constant') return (a.value === b.value) === outcome;
  const told = comparedAtLeast('=', a, b);
  if (told !== undefined) return told === outcome;
  const count = countCompared(a, b);
  if (count !== undefined) {
    if ((count.number > 0) === outcome || (count.number === 0 && !outcome)) counted(m, count.field);
    return true;
  }
  if (a.kind === 'union' && b.kind === 'constant') return assumeOption(m, left, a, (option) => assume(m, { operator: 'equal', left: option, right: b }, outcome));
  if (b.kind === 'union' && a.kind === 'constant') return assumeOption(m, right, b, (option) => assume(m, { operator: 'equal', left: a, right: option }, outcome));
  if (!outcome) return true;
  allFound(m, a, b);
  // How many there are says nothing of any of them.
  if ([a, b].some((each) => each.kind === 'field' && isCount(each))) return true;
  if ((a.kind === 'union') !== (b.kind === 'union')) return assumeEqualToOne(m, a, b, a.kind === 'union' ? right : left);
  if (a.kind === 'union') return assumeOption(m, left, a, (option) => assumeEqual(m, option, right, true));
  if (b.kind === 'union') return assumeOption(m, right, b, (option) => assumeEqual(m, left, option, true));
  for (const each of [a, b]) if (each.kind === 'input') m.state.add({ kind: 'defined', key: each.key });
  if (a.kind === 'unknown') return likeUnknown(m, right, b);
  if (b.kind === 'unknown') return likeUnknown(m, left, a);
  if (isOfProgram(b)) checkedWord(m, left, a, 'what the program names');
  if (isOfProgram(a)) checkedWord(m, right, b, 'what the program names');
  holdsEqual(m, comparable(m, left), comparable(m, right));
  for (const field of equalSecrets(m, left, right)) holdsSecret(m, field);
  equalSignatures(m, left, right);
  return true;
}

/** Equal to one of several values. That nothing was found is equal to a row's value that is not there either: such a row is of no other tenant. */
function assumeEqualToOne(m: Machine, a: Value, b: Value, other: Value): boolean {
  const union = (a.kind === 'union' ? a : b) as UnionValue;
  const there = union.options.filter(({ value }) => !isNothing(m.read(value)));
  const [only, ...others] = there;
  if (only === undefined) return true;
  if (others.length === 0) return assumeEqual(m, only.value, other, true);
  const found = there.map(({ value, facts }) => [...facts, ...m.path(() => assumeEqual(m, value, other, true)).snapshot.facts]);
  holdsOneOf(m, found);
  there.forEach(({ value }, index) => checkedOption(m, value, found[index]!));
  return true;
}

/** Whichever of several rows it is, that one was compared. */
function checkedOption(m: Machine, value: Value, facts: readonly Fact[]): void {
  const field = m.read(value);
  if (field.kind !== 'field' || field.many) return;
  for (const fact of facts) {
    if (fact.kind === 'holds' && fact.about?.result === field.result.id) m.state.add({ kind: 'holds', expression: { kind: 'constant', value: true, location: here(m) }, about: { ...fact.about, ofOption: true } });
  }
}

/** A row of a library whose rows are compared by their keys: its key. */
function comparable(m: Machine, value: Value): Value {
  const inner = m.read(value);
  return inner.kind === 'row' ? entityLibrary(m, inner)?.rowKey?.(inner, m) ?? value : value;
}

/** Rows among which one is looked for, of a library whose rows are compared by their keys: their keys. */
function comparableRows(m: Machine, value: Value): Value {
  const inner = m.read(theItem(m, value));
  const key = inner.kind === 'row' || inner.kind === 'rowList' ? comparable(m, { kind: 'row', result: inner.result, path: inner.path, maybe: false }) : undefined;
  return key?.kind === 'field' ? { ...key, many: true } : value;
}

/** It is equal to something that is not known: the caller's word has been looked at, and a row is of whatever tenant that says. */
function likeUnknown(m: Machine, value: Value, known: Value): boolean {
  const location = here(m);
  checkedWord(m, value, known, 'a value that is not known');
  const column = known.kind === 'field' && !known.many ? known.result.column(known.path) : undefined;
  if (known.kind !== 'field' || column === undefined || isCount(known)) return true;
  const equal = (left: Expression): Expression => ({ kind: 'operator', operator: '=', left, right: { kind: 'hole', text: 'a value that is not known', location }, location });
  present(m, known.result, []);
  m.state.add({ kind: 'holds', expression: equal(expressionOf(m, value, location)), about: { result: known.result.id, check: equal(column) } });
  return true;
}

/** The caller's word has been compared with something else: it is no longer any. */
function checkedWord(m: Machine, value: Value, known: Value, other: string): void {
  if (known.kind !== 'input' || known.trust !== 'untrusted') return;
  const location = here(m);
  m.state.add({ kind: 'holds', expression: checkedTogether([{ kind: 'parameter', name: other, location }, expressionOf(m, value, location)], location) });
}

/** A text that is written in the program, a setting of it (`process.env.DEMO_TENANT`) or what a package exports: no caller chooses it. */
function isOfProgram(value: Value): boolean {
  return (value.kind === 'constant' && typeof value.value === 'string' && value.value !== '') || (value.kind === 'external' && isUntold(value)) || (value.kind === 'input' && value.environment === true);
}

/** `left = right` in SQL, where a side was read from a row; also as a condition on that row itself. */
function holdsEqual(m: Machine, left: Value, right: Value): void {
  const [a, b] = [m.read(left), m.read(right)];
  const isKnown = (value: Value) => value.kind === 'field' || value.kind === 'input' || value.kind === 'constant' || value.kind === 'text';
  if (!isKnown(a) || !isKnown(b) || (a.kind !== 'field' && b.kind !== 'field' && !(a.kind === 'input' && b.kind === 'input'))) return;
  const equal = (one: Expression, other: Expression): Expression => ({ kind: 'operator', operator: '=', left: one, right: other, location: here(m) });
  // Of a row of several queries in one there is nothing that the constant would lead to.
  const isWord = (field: Value, other: Value) => field.kind === 'field' && other.kind === 'constant' && field.result.rows?.from[0]?.kind === 'derived';
  const expression = isWord(a, b) || isWord(b, a) ? { kind: 'constant', value: true, location: here(m) } as const : equal(expressionOf(m, left, here(m)), expressionOf(m, right, here(m)));
  const sides = ([[a, right], [b, left]] as const).flatMap(([field, other]) => {
    const column = field.kind === 'field' && !field.many ? field.result.column(field.path) : undefined;
    if (field.kind !== 'field' || column === undefined) return [];
    const said = expressionOf(m, other, here(m));
    return [{ field, about: { result: field.result.id, check: isRelated(field) && column.kind === 'subquery' ? among(column, said) : equal(column, said) } }];
  });
  if (sides.length === 0) m.state.add({ kind: 'holds', expression });
  for (const { field, about } of sides) {
    m.state.add({ kind: 'holds', expression, about });
    holdsBefore(m, field.result, about.check);
  }
  for (const field of [a, b]) if (field.kind === 'field' && !field.many) present(m, field.result, []);
}

/** There are rows. Of related rows (`team.users.length`): their query was asked about all that it names together. */
function counted(m: Machine, { result, path }: FieldValue): void {
  present(m, result, []);
  const related = path.length > 1 ? result.column(path) : undefined;
  if (related?.kind === 'subquery') holdsOfRow(m, result, { ...related, form: 'exists', query: { ...related.query, targets: [] } as typeof related.query });
  const query = path.length > 1 ? m.recordOf(result.id)?.query : undefined;
  const names = [...parameterNames(query)];
  if (names.length < 2) return;
  const check = checkedParameters(names, here(m));
  m.state.add({ kind: 'holds', expression: check, about: { result: result.id, check } });
}

/** `rows.length === ids.length` of the rows whose key is one of `ids`: each of them was found, so that all of them are what the query asks for. */
function allFound(m: Machine, a: Value, b: Value): void {
  const [field, other] = a.kind === 'field' ? [a, b] : [b, a];
  const length = theGiven(m, other);
  if (field.kind !== 'field' || !isCount(field) || length.kind !== 'input') return;
  const { rows } = field.result;
  if (rows === undefined || rows.groupBy.length > 0 || rows.offset !== undefined) return;
  const lists = countedBy(length) ?? [];
  const member = conjuncts(rows.where).map((each) => memberOf(each, lists)).find((each) => each !== undefined);
  if (member === undefined) return;
  present(m, field.result, []);
  const location = here(m);
  const found = { kind: 'subquery', form: 'any', operator: '=', query: { ...rows, targets: [{ expression: member.key }], orderBy: [] }, location } as const;
  // So is each of them, where they are gone through.
  const items = member.areItems ? lists : [...lists, ...lists.map((list) => `${list}[]`)];
  for (const name of items) m.remember(name, m.parameter(name) ?? { ...length, key: name, name });
  for (const name of items) m.state.add({ kind: 'holds', expression: { ...found, left: { kind: 'parameter', name, location } } });
}

/** `key = ANY (list)`, `key IN (item)` of a list whose items are all of one thing each: the key, and whether the items of the lists are named. */
function memberOf(condition: Expression, lists: readonly string[]): { readonly key: Expression; readonly areItems: boolean } | undefined {
  const isList = (each: Expression | undefined) => lists.length === 1 && each?.kind === 'parameter' && each.name === lists[0];
  const areItems = (items: readonly (Expression | undefined)[]) => lists.every((list) => list.includes('[]')) && items.length === lists.length && items.every((each) => each?.kind === 'parameter' && lists.includes(each.name));
  switch (condition.kind) {
    case 'quantified':
      if (condition.quantifier !== 'any' || condition.operator !== '=') return undefined;
      if (isList(condition.right)) return { key: condition.left, areItems: false };
      return condition.right.kind === 'array' && areItems(condition.right.items) ? { key: condition.left, areItems: true } : undefined;
    case 'inList': return !condition.negated && areItems(condition.list) ? { key: condition.operand, areItems: true } : undefined;
    case 'operator': return condition.operator === '=' && condition.left && areItems([condition.right]) ? { key: condition.left, areItems: true } : undefined;
    default: return undefined;
  }
}

function countCompared(a: Value, b: Value): { field: FieldValue; number: number } | undefined {
  const [field, number] = a.kind === 'field' ? [a, b] : [b, a];
  return field.kind === 'field' && isCount(field) && number.kind === 'constant' && typeof number.value === 'number' ? { field, number: number.value } : undefined;
}

function assumeCompared(m: Machine, sign: string, left: Value, right: Value, outcome: boolean): boolean {
  const [a, b] = [m.read(left), m.read(right)];
  if (a.kind === 'union' && b.kind === 'constant') return assumeOption(m, left, a, (option) => assumeCompared(m, sign, option, b, outcome));
  if (a.kind === 'constant' && b.kind === 'constant') return comparedNumbers(sign, a.value, b.value) !== !outcome;
  const told = comparedAtLeast(sign, a, b);
  if (told !== undefined) return told === outcome;
  const count = countCompared(a, b);
  if (count === undefined) return true;
  const turned = a.kind === 'field' ? sign : entryOf(({ '<': '>', '>': '<', '<=': '>=', '>=': '<=' } as Record<string, string>), sign)!;
  const effective = outcome ? turned : entryOf(({ '<': '>=', '>': '<=', '<=': '>', '>=': '<' } as Record<string, string>), turned)!;
  if ((effective === '>' && count.number >= 0) || (effective === '>=' && count.number >= 1)) counted(m, count.field);
  return true;
}

function comparedNumbers(sign: string, a: unknown, b: unknown): boolean | undefined {
  if (typeof a !== 'number' || typeof b !== 'number') return undefined;
  return sign === '<' ? a < b : sign === '>' ? a > b : sign === '<=' ? a <= b : sign === '>=' ? a >= b : undefined;
}

function assumeIn(m: Machine, left: Value, list: Value, outcome: boolean): boolean {
  const right = theItem(m, list);
  const [a, b] = [m.read(left), m.read(right)];
  if (a.kind === 'constant' && b.kind === 'union' && m.language === 'javascript') return assumeOption(m, right, b, (option) => assumeIn(m, a, option, outcome));
  const isIn = isKnownIn(m, a, b);
  if (isIn !== undefined) return isIn === outcome;
  if (!outcome || a.kind === 'unknown') return true;
  if (a.kind === 'input') {
    m.state.add({ kind: 'defined', key: a.key });
    if (isOfConstants(m, list)) m.state.add({ kind: 'defined', key: amongConstants(a.key) });
  }
  // A list from outside says that it holds the value, which pins nothing, but has been looked at.
  if (a.kind === 'input' && b.kind === 'input') {
    const arguments_ = [left, right].map((each) => expressionOf(m, each, here(m)));
    m.state.add({ kind: 'holds', expression: checkedTogether(arguments_, here(m)) });
  }
  if (b.kind !== 'field' || !b.many || (a.kind !== 'input' && a.kind !== 'field')) return true;
  const rows = expressionOf(m, right, here(m));
  if (rows.kind !== 'subquery') return true;
  const sought = expressionOf(m, left, here(m));
  // The query that gave the list was asked about more than the caller's word; which rows it gave is not changed by it.
  const about = { result: b.result.id, check: checkedTogether([sought], here(m)) };
  m.state.add({ kind: 'holds', expression: among(rows, sought), about });
  const own = a.kind === 'field' && !a.many ? a.result.column(a.path) : undefined;
  if (a.kind === 'field' && own) m.state.add({ kind: 'holds', expression: among(rows, sought), about: { result: a.result.id, check: among(rows, own) } });
  const related = isRelated(b) ? b.result.column(b.path) : undefined;
  if (related?.kind === 'subquery') holdsOfRow(m, b.result, among(related, sought));
  return true;
}

/** `row in rows`, whichever of several lists of rows it is. */
function assumeAmong(m: Machine, left: Value, list: Value, outcome: boolean): boolean {
  const inner = m.read(list);
  const among = (each: Value) => assumeIn(m, comparable(m, left), comparableRows(m, each), outcome);
  const key = inner.kind === 'object' ? keyOfRows(m, inner) : undefined;
  if (key !== undefined) return assumeIn(m, left, key, outcome);
  return outcome && inner.kind === 'union' && inner.options.every(({ value }) => m.read(value).kind === 'rowList') ? assumeOption(m, list, inner, among) : among(list);
}

/** Python's `id in rows_by_id`: the column of the rows that all keys of a dict are. */
function keyOfRows(m: Machine, { entries }: ObjectValue): Value | undefined {
  const [entry, ...others] = entries;
  if (m.language !== 'python' || others.length > 0 || entry?.kind !== 'spread' || entry.computed === undefined) return undefined;
  const key = m.read(entry.computed.key);
  return key.kind === 'field' ? { ...key, many: true } : undefined;
}

function among(column: SubqueryExpression, sought: Expression): Expression {
  return { ...column, form: 'any', operator: '=', left: sought };
}

/** A field of the rows that one row has: `project.members[].userId`. */
function isRelated({ result, path }: FieldValue): boolean {
  return path.some((_, index) => index > 0 && result.relation?.(path.slice(0, index)) === 'many');
}
