import type { CodeExpression, MemberExpression, ObjectExpression, TemplateExpression } from '../../facts/code.js';
import { placed } from './places.js';
import { present } from './present.js';
import { asserted } from './told.js';
import { globalName } from './builtins.js';
import { dottedPath } from './call-names.js';
import { evaluateCall, callValue, marked } from './calls.js';
import { change, entriesOf, withChanges } from './changes.js';
import { comprehension } from './comprehensions.js';
import type { Machine } from './machine.js';
import { DominatedRows } from './dominated.js';
import { endsPath } from './ends.js';
import { computedEntry } from './computed.js';
import { globalSet, indexOf, memberOf, restOf, useRows } from './members.js';
import { operate } from './operators.js';
import { fallenBack } from './missing.js';
import { bind, constantText, withDefault } from './patterns.js';
import { narrowNames } from './narrowed-names.js';
import { ordinary } from './platform.js';
import type { Scope } from './scope.js';
import { commonFacts, joined, UNCHANGED, unionOf } from './state.js';
import { presumedAt } from './presumed.js';
import { typedInput } from './type-provider.js';
import { unwrapped } from './unwrapped.js';
import type { Condition, ObjectEntryValue, TextPart, UnionValue, Value } from './values.js';
import { isNothing, neverReturns, undefinedValue, unknownValue } from './values.js';

/** What an expression may be, with its effects recorded. */
export function evaluate(m: Machine, node: CodeExpression, scope: Scope): Value {
  if (!m.budget.step()) return unknownValue('too much code to follow');
  switch (node.kind) {
    case 'literal': return literal(node);
    case 'template': return template(m, node, scope);
    case 'name': return typedInput(m, node, nameValue(m, node.name, scope));
    case 'this': return nameValue(m, 'this', scope);
    case 'super': return nameValue(m, 'super', scope);
    case 'member': {
      const object = evaluate(m, node.object, scope);
      // Of what is not there nothing can be read: code that goes on has found the row.
      const row = node.optional ? undefined : m.read(object);
      if (row?.kind === 'row' && row.maybe) present(m, row.result, row.path);
      if (row?.kind === 'union') holdIfThere(m, row);
      const found = node.optional ? optionalMember(m, object, node) : memberOf(m, object, node.property, node.propertyLocation);
      return typedInput(m, node, marked(m, dottedPath(node), asserted(m, placed(m, node, scope, found), node.asserted, scope)));
    }
    case 'index': {
      const object = evaluate(m, node.object, scope);
      if (node.index.kind === 'slice') return sliced(m, object);
      return indexOf(m, object, evaluate(m, node.index, scope));
    }
    case 'slice': return unknownValue('a slice');
    case 'call': return asserted(m, evaluateCall(m, node, scope), node.asserted ?? (node.typeArguments.length === 1 ? node.typeArguments[0] : undefined), scope);
    case 'object': return objectValue(m, node, scope);
    case 'list': return listValue(m, node, scope);
    case 'functionValue': {
      const made: Value = { kind: 'function', function: node.function, scope };
      m.unit.noteFunction(made);
      return made;
    }
    case 'classValue': return { kind: 'classValue', class: node.class, scope };
    case 'conditional': return conditional(m, node, scope);
    case 'logical': return logical(m, node, scope);
    case 'binary': return operate(m, node.operator, evaluate(m, node.left, scope), evaluate(m, node.right, scope), node.location);
    case 'unary': return node.operator === 'delete' ? deleted(m, node.operand, scope) : operate(m, `unary ${node.operator}`, evaluate(m, node.operand, scope), undefined, node.location);
    case 'await': {
      const value = awaited(m, evaluate(m, node.operand, scope), node.operand.location);
      return typedInput(m, node, node.unwraps === true ? unwrapped(m, value) : value);
    }
    case 'yield': return yielded(m, node, scope);
    case 'assignment': return assignment(m, node, scope);
    case 'comprehension': return comprehension(m, node, scope);
    case 'sequence': return node.expressions.map((each) => evaluate(m, each, scope)).at(-1) ?? undefinedValue;
    case 'other':
      node.parts.forEach((part) => evaluate(m, part, scope));
      return unknownValue(node.name);
  }
}

function literal(node: Extract<CodeExpression, { kind: 'literal' }>): Value {
  if (node.form === 'regex') return { ...unknownValue(node.form), pattern: String(node.value) };
  if (node.form === 'ellipsis') return unknownValue(node.form);
  if (node.form !== 'string') return { kind: 'constant', value: node.value };
  return { kind: 'constant', value: node.value, source: { location: node.location, contentStart: node.contentStart ?? node.location.start + 1, ...(node.map && { map: node.map }) } };
}

const notThere = unknownValue('a value that is not there yet');

function nameValue(m: Machine, name: string, scope: Scope): Value {
  const found = scope.find(name);
  if (typeof found === 'number') {
    return marked(m, name, m.state.slot(found) ?? notThere);
  }
  if (found !== undefined) return marked(m, name, m.program.resolver.imported(m, scope.file, found));
  return m.program.resolver.starred(m, scope.file, name) ?? globalSet(m, name) ?? globalName(m, name);
}

/** What is known of all that are there of several values, of which a member is read. */
function holdIfThere(m: Machine, { options }: UnionValue): void {
  const there = options.filter(({ value }) => !isNothing(m.read(value)));
  if (there.length === options.length) return;
  m.hold(commonFacts(there));
}

/** `a?.b`: undefined where `a` is. */
function optionalMember(m: Machine, object: Value, { property, propertyLocation }: MemberExpression): Value {
  const inner = m.read(object);
  const member = (value: Value): Value => memberOf(m, value, property, propertyLocation);
  if (isNothing(inner)) return undefinedValue;
  // What is known of one of several is so of its member, too: `members.find((each) => each.userId === user.id)?.role`.
  if (inner.kind === 'union' && inner.options.some(({ facts }) => facts.length > 0)) return unionOf(inner.options.map(({ value, facts }) => ({ value: isNothing(value) ? undefinedValue : member(value), facts })));
  const found = member(object);
  if (!m.mayBe(object, 'undefined') && !m.mayBe(object, 'null') && !isUntold(m, inner)) return found;
  if (found.kind === 'field' || found.kind === 'row') return { ...found, maybe: true };
  if (found.kind === 'input') return { ...found, maybe: true };
  return unionOf([{ value: found, facts: [] }, { value: undefinedValue, facts: [] }]);
}

/** What is not known may be undefined where the code says so (`org?.id`), until it was found to be there. */
function isUntold(m: Machine, value: Value): boolean {
  return value.kind === 'input' && value.type === undefined && value.environment !== true && !m.state.isDefined(value.key);
}

function template(m: Machine, node: TemplateExpression, scope: Scope): Value {
  const parts = node.parts.map((part): TextPart => (part.kind === 'text'
    ? { kind: 'text', value: part.value, source: { location: part.location, contentStart: part.contentStart, ...(part.map && { map: part.map }) } }
    : { kind: 'hole', value: evaluate(m, part.expression, scope), location: part.location, written: '' }));
  const text: Extract<Value, { kind: 'text' }> = { kind: 'text', parts, location: node.location };
  if (node.tag === undefined) return text;
  const tag = presumedAt(m, evaluate(m, node.tag, scope), node.tag.location);
  return callValue(m, tag, {
    arguments: { positional: [], named: new Map(), open: false, locations: [] }, isNew: false, location: node.location, nameLocation: node.tag.location, template: text,
    typeArguments: node.typeArguments.map((type) => ({ type, scope })),
  });
}

function objectValue(m: Machine, node: ObjectExpression, scope: Scope): Value {
  let variants: ObjectEntryValue[][] = [[]];
  const add = (...entries: ObjectEntryValue[]) => variants.forEach((each) => each.push(...entries));
  for (const entry of node.entries) {
    const value = evaluate(m, entry.value, scope);
    if (entry.kind === 'spread') {
      const options = alternatives(m, value, entry.location);
      if (options === undefined || variants.length > 1) add(...spreadEntries(m, value, entry.location));
      else variants = options.map((option) => [...variants[0]!, ...option]);
      continue;
    }
    const computed: Value = typeof entry.key === 'string' ? { kind: 'constant', value: entry.key } : evaluate(m, entry.key, scope);
    const key = keyText(m, computed);
    add(key === undefined
      ? { ...computedEntry(computed, value, entry.location), maybe: false }
      : { kind: 'property', key, value, maybe: false, location: entry.location });
  }
  const made = variants.map((entries): Value => m.allocate({ kind: 'object', entries: effective(entries), location: node.location }));
  return made.length === 1 ? made[0]! : unionOf(made.map((value) => ({ value, facts: [] })));
}

/** The text of a key; a library may take a value of its own for one. */
function keyText(m: Machine, key: Value): string | undefined {
  const inner = m.read(key);
  return inner.kind === 'library' ? m.libraryNamed(inner.library)?.key?.(inner, m) : constantText(m, key);
}

const MOST_ALTERNATIVES = 4;

/** The entries of each of several objects that a spread may be, where they have different keys: what belongs together stays so. */
function alternatives(m: Machine, value: Value, location: ObjectEntryValue['location']): ObjectEntryValue[][] | undefined {
  const inner = m.read(value);
  if (inner.kind !== 'union' || inner.options.length > MOST_ALTERNATIVES || !inner.options.every((option) => m.read(option.value).kind === 'object')) return undefined;
  const entries = inner.options.map((option) => spreadEntries(m, option.value, location));
  const keys = new Set(entries.map((each) => each.map((entry) => (entry.kind === 'property' ? entry.key : '...')).sort().join()));
  return keys.size > 1 && entries.every((each) => each.length > 0) ? entries : undefined;
}

/** Later properties replace earlier ones of the same name. */
function effective(entries: readonly ObjectEntryValue[]): ObjectEntryValue[] {
  return entries.filter((entry, index) => entry.kind === 'spread' || !entries.slice(index + 1).some((later) => later.kind === 'property' && later.key === entry.key && !later.maybe));
}

/** What `...value` puts into an object: nothing for a falsy value, its own entries where it is known. */
export function spreadEntries(m: Machine, value: Value, location: ObjectEntryValue['location']): ObjectEntryValue[] {
  const inner = m.read(value);
  if (inner.kind === 'constant') return [];
  if (inner.kind === 'object') return [...inner.entries];
  if (inner.kind === 'instance' && inner.given !== true && inner.fields.size > 0) return entriesOf(inner);
  if (inner.kind === 'row' || inner.kind === 'input') return withChanges(m, inner)?.entries.slice() ?? [{ kind: 'spread', value, maybe: false, location }];
  if (inner.kind === 'union') {
    const options = inner.options.map((option) => spreadEntries(m, option.value, location));
    const always = (entry: ObjectEntryValue) => options.every((own) => own.some((each) => each.kind === 'property' && entry.kind === 'property' && each.key === entry.key && !each.maybe));
    const keys = new Map<string, ObjectEntryValue>();
    const spreads: ObjectEntryValue[] = [];
    for (const entry of options.flat()) {
      if (entry.kind === 'spread') spreads.push({ ...entry, maybe: true });
      else {
        const before = keys.get(entry.key);
        const both = before?.kind === 'property' ? joined([{ value: before.value, facts: [] }, { value: entry.value, facts: [] }]) : entry.value;
        keys.set(entry.key, { ...entry, value: both, maybe: !always(entry) });
      }
    }
    return [...spreads, ...keys.values()];
  }
  return [{ kind: 'spread', value, maybe: inner.kind === 'condition', location }];
}

function listValue(m: Machine, node: Extract<CodeExpression, { kind: 'list' }>, scope: Scope): Value {
  const items = node.items.flatMap((item) => {
    if (item === undefined) return [{ value: undefinedValue, maybe: false, repeated: false }];
    const value = evaluate(m, item.value, scope);
    return item.spread ? spreadItems(m, value) : [{ value, maybe: false, repeated: false }];
  });
  return m.allocate({ kind: 'list', form: node.form, items, location: node.location });
}

/** What `...value` puts into a list. */
export function spreadItems(m: Machine, value: Value): { value: Value; maybe: boolean; repeated: boolean }[] {
  const inner = m.read(value);
  if (inner.kind === 'list') return [...inner.items];
  if (inner.kind === 'constant') return [];
  useRows(m, inner);
  if (inner.kind === 'union') return inner.options.flatMap((option) => spreadItems(m, option.value).map((item) => ({ ...item, maybe: true })));
  if (inner.kind === 'rowList') return [{ value: { kind: 'row', result: inner.result, path: inner.path, maybe: false }, maybe: true, repeated: true }];
  if (inner.kind === 'field' && inner.many) return [{ value: m.language === 'python' ? { ...inner, many: false } : inner, maybe: false, repeated: true }];
  return [{ value: inner.kind === 'input' ? { ...inner, key: `${inner.key}[]`, name: `${inner.name}[]` } : unknownValue('items that are not known'), maybe: true, repeated: true }];
}

function sliced(m: Machine, object: Value): Value {
  const inner = m.read(object);
  if (inner.kind === 'list') return m.allocate({ ...inner, items: inner.items.map((item) => ({ ...item, maybe: true })) });
  return inner.kind === 'rowList' || inner.kind === 'input' ? inner : inner.kind === 'constant' ? unknownValue('part of a text') : inner;
}

function conditional(m: Machine, node: Extract<CodeExpression, { kind: 'conditional' }>, scope: Scope): Value {
  const condition = conditionOf(m, evaluate(m, node.test, scope));
  const rows = new DominatedRows(m, node.test, scope);
  const branch = (chosen: CodeExpression, outcome: boolean) => () => {
    narrowNames(m, node.test, outcome, scope);
    rows.enter([chosen]);
    return evaluate(m, chosen, scope);
  };
  const value = choose(m, condition, branch(node.then, true), branch(node.otherwise, false), node.location);
  rows.check();
  return value;
}

/** Evaluates both branches, each on a path of its own, unless only one is possible. `how`: see `Machine.path`. */
export function choose(m: Machine, condition: Condition, then: () => Value, otherwise: () => Value, location: CodeExpression['location'], how?: 'certain'): Value {
  const options: { value: Value; path: ReturnType<Machine['path']> }[] = [];
  for (const [outcome, work] of [[true, then], [false, otherwise]] as const) {
    let value: Value = undefinedValue;
    const path = m.path(() => {
      if (!m.assume(condition, outcome)) return false;
      value = fallenBack(m, condition, outcome, work());
      return !endsPath(value);
    }, how);
    options.push({ value, path });
  }
  const [yes, no] = options as [typeof options[number], typeof options[number]];
  const live = options.filter(({ path }) => path.live);
  if (yes.path.effects.length + no.path.effects.length > 0) {
    if (live.length === 2 || options.some(({ value }) => endsPath(value))) m.emit({ kind: 'branch', condition, then: yes.path.effects, otherwise: no.path.effects, location });
    else live.forEach(({ path }) => m.emitAll(path.effects));
  }
  if (live.length === 0 && options.some(({ value }) => endsPath(value))) return neverReturns;
  const taken = ordinary(live, ({ path }) => path.snapshot.facts);
  const hasFacts = taken.some(({ path }) => path.snapshot.facts.length > 0);
  const before = new Set(hasFacts ? m.state.facts : []);
  m.settle(taken.map(({ path }) => path.snapshot));
  return joined(taken.map(({ value, path }) => ({ value, facts: path.snapshot.facts.filter((fact) => !before.has(fact) && !m.state.facts.includes(fact)) })));
}

function logical(m: Machine, node: Extract<CodeExpression, { kind: 'logical' }>, scope: Scope): Value {
  const left = evaluate(m, node.left, scope);
  if (node.operator !== 'nullish' && isFragment(m, left)) return logicalOfFragments(m, node, left, scope);
  if (node.operator !== 'and') return either(m, node, left, () => evaluate(m, node.right, scope));
  const rows = new DominatedRows(m, node.left, scope);
  const value = either(m, node, left, () => {
    rows.enter([node.right]);
    return evaluate(m, node.right, scope);
  });
  rows.check();
  return value;
}

/**
 * The left side, or the right side on the path where the left decides nothing. What is known later of rows that the right one has found is known
 * only where it was evaluated (`if (!user || !(await mayRead(user, id))) return`): it is no branch that others go past.
 */
function either(m: Machine, node: Extract<CodeExpression, { kind: 'logical' }>, left: Value, right: () => Value): Value {
  if (node.operator === 'nullish') return choose(m, { operator: 'nullish', value: left }, right, () => narrowed(m, left, true), node.location, 'certain');
  const condition = conditionOf(m, left);
  const inner = m.read(left);
  // Of two truth values the result is one again: what each says is kept.
  if (inner.kind === 'condition') {
    let other: Value = undefinedValue;
    const path = m.path(() => {
      if (!m.assume(condition, node.operator === 'and')) return false;
      other = right();
      return !endsPath(other);
    }, 'certain');
    m.emitAll(path.effects);
    // `isMember || fail()`: what goes on is the other way.
    if (endsPath(other) && !m.assume(condition, node.operator === 'or')) return neverReturns;
    if (!path.live) return left;
    m.settle([{ ...path.snapshot, facts: [] }]);
    const made = m.read(other);
    const isOr = node.operator === 'or';
    // `isThere || db.insert(notes)`: it is sent when it is awaited.
    const isSent = made.kind === 'library' && !isFragment(m, made) && m.libraryNamed(made.library)?.awaited !== undefined;
    if (made.kind === 'condition' || (made.kind === 'constant' && typeof made.value === 'boolean') || (isOr && !isSent)) return { kind: 'condition', condition: { operator: node.operator, operands: [condition, conditionOf(m, other)] } };
    const { snapshot } = m.path(() => m.assume(condition, isOr));
    return joined(ordinary([{ value: other, facts: path.snapshot.facts }, { value: { kind: 'constant', value: isOr }, facts: snapshot.facts }], ({ facts }) => facts));
  }
  if (node.operator === 'and') return choose(m, condition, right, () => narrowed(m, left, false), node.location, 'certain');
  let other: Value = undefinedValue;
  const value = choose(m, condition, () => narrowed(m, left, true), () => other = right(), node.location, 'certain');
  // `row.isLocked || !isMember`: what is asked of it is whether it is true.
  const made = m.read(other);
  return made.kind === 'condition' && m.read(value).kind === 'union' ? { kind: 'condition', condition: { operator: 'or', operands: [condition, made.condition] } } : value;
}

/**
 * `eq(a, x) && eq(b, y)`, Python's `A == x and B == y`: no condition of both, one operand is lost. Which one is nothing to rely on:
 * it is judged as either.
 */
function logicalOfFragments(m: Machine, node: Extract<CodeExpression, { kind: 'logical' }>, left: Value, scope: Scope): Value {
  const right = evaluate(m, node.right, scope);
  if (isFragment(m, right)) return unionOf([{ value: left, facts: [] }, { value: right, facts: [] }]);
  return choose(m, conditionOf(m, left), () => (node.operator === 'and' ? right : left), () => (node.operator === 'and' ? left : right), node.location);
}

/** A part of a query that is a condition or could be one. */
function isFragment(m: Machine, value: Value): boolean {
  const inner = m.read(value);
  return inner.kind === 'library' && ['expression', 'sql', 'q'].includes(inner.type);
}

/** A value known to be truthy (or falsy) on this path. */
export function narrowed(m: Machine, value: Value, truthy: boolean): Value {
  const inner = m.read(value);
  if (!truthy && ['input', 'row', 'field', 'unknown'].includes(inner.kind)) return m.language === 'python' ? { kind: 'constant', value: null } : undefinedValue;
  if (truthy && (inner.kind === 'row' || inner.kind === 'field' || inner.kind === 'input') && inner.maybe) return { ...inner, maybe: false };
  if (inner.kind !== 'union') return value;
  const options = inner.options.filter(({ value: each }) => (each.kind === 'constant' ? Boolean(each.value) === truthy : truthy || !['reference', 'library', 'function'].includes(each.kind)));
  return options.length === 0 ? value : unionOf(options.map((option) => (option.value.kind === 'constant' ? option : { ...option, value: narrowed(m, option.value, truthy) })));
}

/** `delete object.key`, Python's `del object['key']`. */
export function deleted(m: Machine, node: CodeExpression, scope: Scope): Value {
  if (node.kind !== 'member' && node.kind !== 'index') return evaluate(m, node, scope);
  const object = evaluate(m, node.object, scope);
  const key = node.kind === 'member' ? node.property : constantText(m, evaluate(m, node.index, scope));
  const inner = m.read(object);
  if (key === undefined) return undefinedValue;
  if (object.kind === 'reference' && inner.kind === 'object') m.write(object, m.read(restOf(m, object, [key])));
  else if (inner.kind === 'input' || inner.kind === 'row') change(m, inner, [{ kind: 'property', key, value: undefinedValue, maybe: false, location: node.location }], node.location);
  return undefinedValue;
}

/** A value as a condition. */
export function conditionOf(m: Machine, value: Value): Condition {
  const inner = m.read(value);
  return inner.kind === 'condition' ? inner.condition : { operator: 'truthy', value };
}

function yielded(m: Machine, node: Extract<CodeExpression, { kind: 'yield' }>, scope: Scope): Value {
  const value = node.value === undefined ? undefinedValue : evaluate(m, node.value, scope);
  const frame = m.frames.at(-1);
  frame?.returns.push({ value, snapshot: UNCHANGED });
  return unknownValue('what a generator is sent');
}

function assignment(m: Machine, node: Extract<CodeExpression, { kind: 'assignment' }>, scope: Scope): Value {
  const { operator, target } = node;
  const current = (): Value => (target.kind === 'name' ? nameValue(m, target.name, scope) : target.kind === 'target' ? evaluate(m, target.expression, scope) : undefinedValue);
  if (operator === '=' || operator === ':=') {
    const value = evaluate(m, node.value, scope);
    bind(m, target, value, scope, false);
    return value;
  }
  const value = operator === '??='
    ? unlessNothing(m, current(), () => evaluate(m, node.value, scope))
    : operator === '||=' || operator === '&&='
      ? joined([{ value: current(), facts: [] }, { value: evaluate(m, node.value, scope), facts: [] }])
      : operate(m, operator.slice(0, -1), current(), evaluate(m, node.value, scope), node.location);
  bind(m, target, value, scope, false);
  return value;
}

/** A value, or what stands in for it where it is null or undefined. */
function unlessNothing(m: Machine, value: Value, fallback: () => Value): Value {
  const inner = m.read(value);
  if (isNothing(inner)) return fallback();
  if (inner.kind === 'external' && inner.instance !== true) return unionOf([{ value, facts: [] }, { value: fallback(), facts: [] }]);
  if (inner.kind !== 'union' || !inner.options.some((option) => isNothing(m.read(option.value)))) return withDefault(m, value, fallback);
  return unionOf([...inner.options.filter((option) => !isNothing(m.read(option.value))), { value: fallback(), facts: [] }]);
}

/** A builder that is one of several values is sent on the way that it was made on: `(await isOwner(id)) ? db.delete(notes) : null`. */
function awaitedOption(m: Machine, { options }: UnionValue, location: CodeExpression['location']): Value {
  const each = (value: Value): Value => awaited(m, value, location);
  if (!options.some(({ value, facts }) => facts.length > 0 && m.read(value).kind === 'library')) return joined(options.map(({ value, facts }) => ({ value: each(value), facts })));
  const found: UnionValue['options'][number][] = [];
  m.oneOf(options.map(({ value, facts }) => () => {
    facts.forEach((fact) => m.state.add(fact));
    const given = each(value);
    if (!endsPath(given)) found.push({ value: given, facts });
    return given;
  }), location);
  return found.length === 0 ? neverReturns : joined(found);
}

/** What awaiting a value gives: a builder of a library is sent then. */
export function awaited(m: Machine, value: Value, location: CodeExpression['location']): Value {
  const inner = m.read(value);
  if (inner.kind === 'union') return awaitedOption(m, inner, location);
  if (inner.kind === 'library') return m.libraryNamed(inner.library)?.awaited?.(inner, location, m) ?? value;
  if (inner.kind === 'input' && inner.promise) {
    const { promise: _, ...settled } = inner;
    return settled;
  }
  return endsPath(inner, true) ? neverReturns : value;
}
