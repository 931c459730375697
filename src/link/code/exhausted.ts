import type { CodeCall, CodeExpression, CodeType, IfStatement } from '../../facts/code.js';
import type { Machine } from './machine.js';
import type { Scope } from './scope.js';
import type { FunctionValue, TypeInScope, Value } from './values.js';

const GUARDS = /^Type(?:Guard|Is)$/;
const DEEPEST = 8;

/** Whether what follows the last test of a chain is reached, by the `if` that makes the last test. */
const known = new WeakMap<IfStatement, boolean>();

/**
 * Whether an `if` without an `else` is the end of a chain whose tests name every type that a parameter is declared to have:
 * `if is_user(subject): ... elif is_organization(subject): ...` of `subject: AuthSubject[User | Organization]`, where `is_user` gives `TypeGuard[AuthSubject[User]]`; `isinstance(subject, User)`.
 * @see PEP 647, PEP 742
 */
export function leavesNothing(m: Machine, node: IfStatement, scope: Scope): boolean {
  if (m.language !== 'python') return false;
  const chain = chainOf(node);
  const last = chain.at(-1)!;
  // The first of a chain is come to first, with all that follows it.
  if (!known.has(last)) known.set(last, chain.length > 1 && last.otherwise.length === 0 && isExhaustive(m, chain, scope));
  return last === node && known.get(node)!;
}

function chainOf(node: IfStatement): readonly IfStatement[] {
  const [only, ...others] = node.otherwise;
  return only?.kind === 'if' && others.length === 0 ? [node, ...chainOf(only)] : [node];
}

/** One type that a test tells from the others of a parameter. */
interface Told {
  readonly parameter: string;
  readonly types: readonly string[];
}

function isExhaustive(m: Machine, chain: readonly IfStatement[], scope: Scope): boolean {
  const code = m.frames.findLast((frame) => frame.function !== undefined)?.function;
  const told = chain.map(({ test }) => toldBy(m, test, scope));
  const [first] = told;
  if (first === undefined || !told.every((each) => each?.parameter === first.parameter)) return false;
  const type = code?.parameters.find(({ target }) => target.kind === 'name' && target.name === first.parameter)?.type;
  const types = new Set(told.flatMap((each) => each!.types));
  const declared = type === undefined ? [] : alternativesOf(m, type, scope);
  return declared.length > 1 && declared.every((each) => types.has(each));
}

function toldBy(m: Machine, test: CodeExpression, scope: Scope): Told | undefined {
  if (test.kind !== 'call') return undefined;
  const { callee, arguments: [first, second] } = test as CodeCall;
  if (first?.value.kind !== 'name') return undefined;
  const parameter = first.value.name;
  if (callee.kind === 'name' && callee.name === 'isinstance' && scope.find(callee.name) === undefined) return second && { parameter, types: classesIn(m, second.value, scope) };
  const told = guardedType(m.read(m.evaluate(callee, scope)));
  return told && { parameter, types: alternativesOf(m, told.type, told.scope) };
}

/** What a function says of what it is given by giving `TypeGuard[X]`. */
export function guardedType(value: Value): TypeInScope | undefined {
  const returns = value.kind === 'function' ? value.function.returns : undefined;
  const [type] = returns?.kind === 'named' && GUARDS.test(returns.path.at(-1)!) ? returns.arguments : [];
  return type && { type, scope: (value as FunctionValue).scope };
}

function classesIn(m: Machine, node: CodeExpression, scope: Scope): readonly string[] {
  if (node.kind === 'list') return node.items.flatMap((item) => (item ? classesIn(m, item.value, scope) : []));
  return node.kind === 'name' || node.kind === 'member' ? [nameOf(m, node, scope)] : [];
}

/** The types that a type may be, each as a text: of `AuthSubject[User | Organization]` as many as its argument. */
function alternativesOf(m: Machine, type: CodeType, scope: Scope, depth = 0): readonly string[] {
  if (depth > DEEPEST) return [];
  if (type.kind === 'union') return type.parts.flatMap((part) => alternativesOf(m, part, scope, depth + 1));
  if (type.kind !== 'named') return [type.kind === 'literal' ? `${type.value}` : `other ${depth}`];
  const name = type.path.join('.');
  const alias = type.arguments.length === 0 ? m.typeNamed(scope, name) : undefined;
  if (alias !== undefined) return alternativesOf(m, alias.type, alias.scope, depth + 1);
  if (/^(?:Optional|Union)$/.test(type.path.at(-1)!)) return [...type.arguments.flatMap((each) => alternativesOf(m, each, scope, depth + 1)), ...(type.path.at(-1) === 'Optional' ? ['null'] : [])];
  const [first, ...rest] = type.path;
  const own = nameOf(m, rest.reduce((object: CodeExpression, property) => ({ kind: 'member', object, property, optional: false, location: type.location } as CodeExpression), { kind: 'name', name: first!, location: type.location }), scope);
  return type.arguments.reduce((before: readonly string[], argument) => {
    const inner = alternativesOf(m, argument, scope, depth + 1);
    return before.flatMap((each) => inner.map((one) => `${each}[${one}]`));
  }, [own]);
}

/** A class by where it stands: modules import it by names of their own. */
function nameOf(m: Machine, node: CodeExpression, scope: Scope): string {
  const value = m.read(m.evaluate(node, scope));
  if (value.kind === 'classValue') return `${value.class.location.file}:${value.class.location.start}`;
  return node.kind === 'member' ? node.property : node.kind === 'name' ? node.name : '';
}
