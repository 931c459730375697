import type { Expression } from '../../facts/expression.js';
import { ownNames, parameterNames } from '../parameters.js';
import { countedBy, itemKeys, theGiven } from './collections.js';
import type { Frame, Machine } from './machine.js';
import { UNCHANGED, type Snapshot } from './state.js';
import type { Condition, Fact, InputValue, Value } from './values.js';

/** The inputs (their keys) or row (its result) whose being there a condition asks for, and whether they are when the condition holds. */
interface Asked {
  readonly of: readonly (string | number)[];
  readonly isThere: boolean;
}

function asked(m: Machine, condition: Condition, isThere = true): Asked | undefined {
  if (condition.operator === 'not') return asked(m, condition.operand, !isThere);
  if (condition.operator === 'and' || condition.operator === 'or') return askedAlike(m, condition.operands, condition.operator === 'and', isThere);
  if (condition.operator === 'equal') return isZero(m, condition.right) ? asked(m, { operator: 'truthy', value: condition.left }, !isThere) : undefined;
  if (condition.operator === 'compare' && condition.sign === '>') return isZero(m, condition.right) ? asked(m, { operator: 'truthy', value: condition.left }, isThere) : undefined;
  if (condition.operator !== 'truthy' && condition.operator !== 'nullish') return undefined;
  const value = theGiven(m, condition.value);
  if (value.kind === 'condition' && condition.operator === 'truthy') return asked(m, value.condition, isThere);
  const of = value.kind === 'row' ? (value.path.length === 0 ? [value.result.id] : []) : keysOf(m, value);
  return of.length === 0 ? undefined : { of, isThere: (condition.operator === 'truthy') === isThere };
}

/** `ids !== undefined && ids.length > 0`: several conditions that ask for one thing. */
function askedAlike(m: Machine, operands: readonly Condition[], isAnd: boolean, isThere: boolean): Asked | undefined {
  const [first, ...rest] = operands.map((operand) => asked(m, operand));
  const areAlike = first?.isThere === isAnd && rest.every((each) => each?.isThere === isAnd && each.of.join('\n') === first.of.join('\n'));
  return areAlike ? { of: first.of, isThere: isAnd === isThere } : undefined;
}

/** An input, what a count counts, the items of a list: of which there is something where they are given. */
function keysOf(m: Machine, value: Value): readonly string[] {
  if (value.kind === 'input') return countedBy(value) ?? [value.key];
  return value.kind === 'list' ? itemKeys(m, value) : [];
}

function isZero(m: Machine, value: Value): boolean {
  const inner = m.read(value);
  return inner.kind === 'constant' && inner.value === 0;
}

/** What is found out of an input or a row where it is there. Where it is not, there is nothing to check: what is said of an input holds for whatever names it. */
export function checked(m: Machine, key: string | number, facts: readonly Fact[]): void {
  if (typeof key === 'number') return m.settle([{ ...UNCHANGED, facts: facts.filter((fact) => fact.kind === 'holds' && fact.about?.result === key) }]);
  for (const fact of facts) {
    if (fact.kind === 'holds' && namesInput(parameterNames(fact.expression), key)) m.state.add({ kind: 'holds', expression: fact.expression, given: [...new Set([...fact.given ?? [], key])] });
  }
}

/** Whether one of some parameters is an input, its items or a part of it. */
function namesInput(names: ReadonlySet<string>, key: string): boolean {
  return names.has(key) || [...names].some((name) => name.startsWith(`${key}[]`) || name.startsWith(`${key}.`));
}

/**
 * The conditions that hold for a query: those that hold where an input is given, if it names the input. What was asked of an input only where
 * another was not sent says nothing of a query that reads it without having looked for the other.
 */
export function heldFor(facts: readonly Fact[], query: object | undefined): Expression[] {
  let names: ReadonlySet<string> | undefined;
  return facts.flatMap((fact) => {
    if (fact.kind !== 'holds') return [];
    const isHeld = fact.given === undefined || fact.given.every((key) => namesInput(names ??= parameterNames(query), key));
    return isHeld && !(query && isOfFallback(fact.expression, query)) ? [fact.expression] : [];
  });
}

function isOfFallback(condition: Expression, query: object): boolean {
  const [all, own] = [parameterNames(condition), ownNames(condition)];
  return all.size > own.size && [...all].some((name) => !own.has(name) && ownNames(query).has(name));
}

/** `if (folderId) { ... }`: what was checked of a value where it is given is known after it. */
export function checkedIfGiven(m: Machine, condition: Condition, yes: Snapshot, no: Snapshot): void {
  const found = asked(m, condition);
  for (const key of found?.of ?? []) if (typeof key === 'string') checked(m, key, (found!.isThere ? yes : no).facts);
}

/** `if (!folderId) return;`: notes of the returns of each branch that the value is missing there. `yes`, `no`: those that the branches have made. */
export function leftIfMissing(m: Machine, condition: Condition, yes: Frame['returns'], no: Frame['returns']): void {
  const found = yes.length + no.length > 0 ? asked(m, condition) : undefined;
  if (found) for (const each of found.isThere ? no : yes) each.missing ??= found.of;
}

/** `if (folderId) return await isOwn(folderId); return true`: what follows comes where the value is missing. `isYes`: whether the condition holds there. */
export function onlyIfMissing(m: Machine, condition: Condition, isYes: boolean): void {
  const found = asked(m, condition);
  if (found !== undefined && found.isThere !== isYes) m.state.add({ kind: 'missing', of: found.of });
}

/** Parts of a path and arguments of GraphQL: whether they are sent is told by the route, or by the operation. Flask calls a query string so. */
const DECLARED = { javascript: /(?::\d+|^the request)\.(?:params|args)\b/, python: /(?::\d+|^the request)\.(?:path_params|view_args)\b/ } as const;

/** `body.accountId ?? header`, `sent ? sent : header`: a value of the way on which an input was not sent. `isYes`: whether the condition holds there. */
export function fallenBack(m: Machine, condition: Condition, isYes: boolean, value: Value): Value {
  return isOtherNotSent(m, condition, isYes) ? asFallback(m, value) : value;
}

/** `if (!named) named = header`: the same of what was set on that way. */
export function fallenBackIn(m: Machine, condition: Condition, isYes: boolean, snapshot: Snapshot): Snapshot {
  if (snapshot.heap.size === 0 || !isOtherNotSent(m, condition, isYes)) return snapshot;
  return { ...snapshot, heap: new Map([...snapshot.heap].map(([slot, value]) => [slot, asFallback(m, value)])) };
}

function isOtherNotSent(m: Machine, condition: Condition, isYes: boolean): boolean {
  return notSent(m, condition, isYes).some(({ trust, key }) => trust === 'untrusted' && !DECLARED[m.language].test(key));
}

/** The inputs of which one was not sent where a condition holds, or does not. */
function notSent(m: Machine, condition: Condition, holds: boolean): readonly InputValue[] {
  if (condition.operator === 'not') return notSent(m, condition.operand, !holds);
  if (condition.operator !== (holds ? 'nullish' : 'truthy')) return [];
  const value = m.read(condition.value);
  return (value.kind === 'union' ? value.options.map((option) => m.read(option.value)) : [value]).filter((each) => each.kind === 'input');
}

function asFallback(m: Machine, value: Value): Value {
  const inner = m.read(value);
  if (inner.kind === 'input') return { ...inner, fallback: true };
  return inner.kind === 'union' ? { ...inner, options: inner.options.map((option) => ({ ...option, value: asFallback(m, option.value) })) } : value;
}

/** For want of what a return is reached. */
export function missingAt({ missing, snapshot }: Frame['returns'][number]): Frame['returns'][number]['missing'] {
  if (missing !== undefined) return missing;
  const fact = snapshot.facts.find((each) => each.kind === 'missing');
  return fact?.kind === 'missing' ? fact.of : undefined;
}

/** What all returns of a function have checked of a value, but those where it is missing. */
export function checkedUnlessMissing(m: Machine, returns: readonly Frame['returns'][number][]): void {
  for (const key of new Set(returns.flatMap(({ missing }) => missing ?? []))) {
    const [first, ...rest] = returns.filter(({ missing }) => !missing?.includes(key));
    if (first) checked(m, key, first.snapshot.facts.filter((fact) => rest.every(({ snapshot }) => snapshot.facts.includes(fact))));
  }
}
