import type { CodeExpression, CodeType } from '../../facts/code.js';
import { inBrackets, splitAtCommas, type Reading } from './reading.js';
import { lowerExpression } from './expressions.js';
import type { Node } from './grammar.js';
import { lowerString, writtenStrings } from './literals.js';
import { flatten } from './operators.js';

/** An annotation: its type, and what `Annotated` adds to it. */
export interface Annotation {
  readonly type: CodeType;
  readonly decorators: readonly CodeExpression[];
}

/** Lowers an annotation. `Annotated[T, x]` is T with the decorator x. */
export function lowerAnnotation(node: Node, reading: Reading): Annotation {
  const groups = isAnnotated(node, reading) ? subscripts(node) : [];
  const [type, ...decorators] = groups.map((group) => group.at(-1)!);
  if (!type) return { type: lowerType(node, reading), decorators: [] };
  const inner = lowerAnnotation(type, reading);
  return { type: inner.type, decorators: [...inner.decorators, ...decorators.map((one) => lowerExpression(one, reading))] };
}

/** Whether an expression is `Annotated[...]`. */
export function isAnnotated(node: Node, reading: Reading): boolean {
  return node.type === 'MemberExpression' && node.children[1]?.type === '[' && nameOf(node.children[0]!, reading) === 'Annotated';
}

/** The type that `NewType('UserId', UUID)` gives another name. */
export function newTypeOf(node: Node, reading: Reading): Node | undefined {
  const [callee, list] = node.children;
  if (node.type !== 'CallExpression' || !list || nameOf(callee!, reading) !== 'NewType') return undefined;
  return splitAtCommas(inBrackets(list))[1]?.at(-1);
}

/** Lowers a type: names with arguments, unions (`Optional`, `Union`, `|`), literals, `Callable`, and types in quotes. */
export function lowerType(node: Node | undefined, reading: Reading): CodeType {
  if (!node) return { kind: 'other', location: reading.at(0, 0) };
  const location = reading.of(node);
  switch (node.type) {
    case 'VariableName': return { kind: 'named', path: [reading.word(node)], arguments: [], location };
    case 'None': return { kind: 'literal', value: null, location };
    case 'MemberExpression': return node.children[1]?.type === '[' ? lowerApplied(node, reading) : lowerPath(node, reading);
    case 'ParenthesizedExpression': return lowerType(inBrackets(node)[0], reading);
    case 'String': case 'ContinuedString': return lowerQuoted(node, reading);
    case 'BinaryExpression': {
      const tokens = flatten(node, reading);
      if (tokens.some((token) => 'operator' in token && token.operator !== '|')) break;
      return unionOf(tokens.flatMap((token) => ('operand' in token ? [lowerType(token.operand, reading)] : [])), location);
    }
  }
  return { kind: 'other', location };
}

function unionOf(parts: readonly CodeType[], location: CodeType['location']): CodeType {
  const flat = parts.flatMap((part) => (part.kind === 'union' ? part.parts : [part]));
  return flat.length === 1 ? flat[0]! : { kind: 'union', parts: flat, location };
}

function pathOf(node: Node, reading: Reading): string[] | undefined {
  if (node.type === 'VariableName') return [reading.word(node)];
  const [object, dot, property] = node.children;
  if (node.type !== 'MemberExpression' || dot?.type !== '.' || !property) return undefined;
  const before = pathOf(object!, reading);
  return before && [...before, reading.word(property)];
}

/** The last name of a path: `Optional` of `typing.Optional`. */
function nameOf(node: Node, reading: Reading): string | undefined {
  return pathOf(node, reading)?.at(-1);
}

function lowerPath(node: Node, reading: Reading): CodeType {
  const path = pathOf(node, reading);
  const location = reading.of(node);
  return path ? { kind: 'named', path, arguments: [], location } : { kind: 'other', location };
}

function subscripts(node: Node): Node[][] {
  return splitAtCommas(node.children.slice(2).filter(({ type }) => type !== ']'));
}

function lowerApplied(node: Node, reading: Reading): CodeType {
  const location = reading.of(node);
  const path = pathOf(node.children[0]!, reading);
  if (!path) return { kind: 'other', location };
  const groups = subscripts(node).map((group) => group.at(-1)!);
  const types = () => groups.map((group) => lowerType(group, reading));
  switch (path.at(-1)) {
    case 'Optional': return unionOf([...types(), { kind: 'literal', value: null, location }], location);
    case 'Union': return unionOf(types(), location);
    case 'Literal': return unionOf(groups.map((group) => literalType(group, reading)), location);
    case 'Callable': {
      const [parameters, returns] = groups;
      if (parameters?.type !== 'ArrayExpression') break;
      const list = splitAtCommas(inBrackets(parameters)).map((group) => lowerType(group.at(-1), reading));
      return { kind: 'function', parameters: list, ...(returns && { returns: lowerType(returns, reading) }), location };
    }
  }
  return { kind: 'named', path, arguments: types(), location };
}

function literalType(node: Node, reading: Reading): CodeType {
  const expression = lowerExpression(node, reading);
  const { location } = expression;
  if (expression.kind === 'literal') return { kind: 'literal', value: expression.value, location };
  if (expression.kind === 'unary' && expression.operator === '-' && expression.operand.kind === 'literal') {
    return { kind: 'literal', value: -Number(expression.operand.value), location };
  }
  return lowerType(node, reading);
}

/** `"User"`, `"list[User] | None"`. */
function lowerQuoted(node: Node, reading: Reading): CodeType {
  const location = reading.of(node);
  const [first, second] = writtenStrings(node, reading);
  const text = lowerString(node, reading, (part) => lowerExpression(part, reading));
  if (text.kind !== 'literal' || text.form !== 'string' || text.map || second) return { kind: 'other', location };
  const known = reading.errors.length;
  const inner = reading.part({ start: first!.contentStart, end: first!.contentEnd }, 'expression');
  // What is no type there is only text.
  const isType = reading.errors.length === known;
  reading.errors.length = known;
  return isType && inner ? lowerType(inner, reading) : { kind: 'other', location };
}

/** The type arguments of a base class: `Repository[User]`. */
export function typeArguments(node: Node, reading: Reading): CodeType[] {
  return node.children[1]?.type === '[' ? subscripts(node).map((group) => lowerType(group.at(-1), reading)) : [];
}
