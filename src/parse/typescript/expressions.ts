import type { Argument, Expression, ObjectExpression as ObjectNode, PrivateIdentifier, PropertyKey, SpreadElement, TemplateLiteral } from 'oxc-parser';
import type { CodeArgument, CodeCall, CodeExpression, LiteralExpression, ObjectEntry, TemplatePart } from '../../facts/code.js';
import type { LowerContext } from './context.js';
import { endOf, locate, startOf } from './context.js';
import { requiredInPlace, requiredOfFolder } from './modules.js';
import { lowerClass, lowerFunction } from './functions.js';
import { lowerJsx } from './jsx.js';
import { lowerPattern } from './patterns.js';
import { decodeText } from './strings.js';
import { lowerType, lowerTypeArguments } from './types.js';

type Of<Type extends Expression['type']> = Extract<Expression, { type: Type }>;
type Literal = Of<'Literal'>;

const LOGICAL = { '&&': 'and', '||': 'or', '??': 'nullish' } as const;
const BINARY: Readonly<Record<string, string>> = { '===': '==', '!==': '!=' };

/** An expression. `!` and the wrapper of optional chains are dropped: their operand stands in their place. */
export function lowerExpression(context: LowerContext, node: Expression): CodeExpression {
  const location = locate(context, node);
  const lower = (each: Expression): CodeExpression => lowerExpression(context, each);
  switch (node.type) {
    case 'Literal': return lowerLiteral(context, node);
    case 'Identifier': return node.name === 'undefined' ? { kind: 'literal', form: 'undefined', value: undefined, location } : { kind: 'name', name: node.name, location };
    case 'TemplateLiteral': return template(context, node);
    case 'TaggedTemplateExpression':
      return { kind: 'template', tag: lower(node.tag), parts: templateParts(context, node.quasi), typeArguments: lowerTypeArguments(context, node.typeArguments), location };
    case 'MemberExpression': return member(context, node);
    case 'CallExpression': return requiredInPlace(context, node) ?? call(context, node, false);
    case 'NewExpression': return call(context, node, true);
    case 'ImportExpression': return importCall(context, node);
    case 'ObjectExpression': return { kind: 'object', entries: node.properties.map((property) => objectEntry(context, property)), location };
    case 'ArrayExpression': return { kind: 'list', form: 'list', items: node.elements.map((each) => (each ? element(context, each) : undefined)), location };
    case 'ArrowFunctionExpression': case 'FunctionExpression': case 'FunctionDeclaration': case 'TSDeclareFunction': case 'TSEmptyBodyFunctionExpression':
      return { kind: 'functionValue', function: lowerFunction(context, node), location };
    case 'ClassExpression': case 'ClassDeclaration': return { kind: 'classValue', class: lowerClass(context, node), location };
    case 'TSAsExpression': return asserted(context, lower(node.expression), node.typeAnnotation);
    case 'ChainExpression': case 'ParenthesizedExpression': case 'TSSatisfiesExpression': case 'TSTypeAssertion': case 'TSNonNullExpression':
    case 'TSInstantiationExpression': return lower(node.expression);
    default: return lowerOperator(context, node);
  }
}

/** A call or member that is said to have a type; the outermost of several assertions counts. */
function asserted(context: LowerContext, operand: CodeExpression, type: Of<'TSAsExpression'>['typeAnnotation']): CodeExpression {
  if (operand.kind !== 'call' && operand.kind !== 'member') return operand;
  const lowered = lowerType(context, type);
  return lowered?.kind === 'named' && !PLAIN.has(lowered.path[0]!) ? { ...operand, asserted: lowered } : operand;
}

const PLAIN = new Set(['any', 'unknown', 'never', 'const', 'string', 'number', 'boolean', 'object', 'Record', 'Array', 'Error', 'Promise']);

function lowerOperator(context: LowerContext, node: Expression): CodeExpression {
  const location = locate(context, node);
  const lower = (each: Expression): CodeExpression => lowerExpression(context, each);
  switch (node.type) {
    case 'ConditionalExpression': return { kind: 'conditional', test: lower(node.test), then: lower(node.consequent), otherwise: lower(node.alternate), location };
    case 'LogicalExpression': return { kind: 'logical', operator: LOGICAL[node.operator], left: lower(node.left), right: lower(node.right), location };
    case 'BinaryExpression': {
      const left: CodeExpression = node.left.type === 'PrivateIdentifier' ? { kind: 'name', name: `#${node.left.name}`, location: locate(context, node.left) } : lower(node.left);
      return { kind: 'binary', operator: BINARY[node.operator] ?? node.operator, left, right: lower(node.right), location };
    }
    case 'UnaryExpression': return { kind: 'unary', operator: node.operator === '!' ? 'not' : node.operator, operand: lower(node.argument), location };
    case 'UpdateExpression':
      return { kind: 'assignment', operator: node.operator === '++' ? '+=' : '-=', target: lowerPattern(context, node.argument), value: { kind: 'literal', form: 'number', value: 1, location }, location };
    case 'AssignmentExpression': return { kind: 'assignment', operator: node.operator, target: lowerPattern(context, node.left), value: lower(node.right), location };
    case 'AwaitExpression': return { kind: 'await', operand: lower(node.argument), location };
    case 'YieldExpression':
      if (context.inSteps === true && node.delegate && node.argument) return { kind: 'await', operand: lower(node.argument), unwraps: true, location };
      return { kind: 'yield', ...(node.argument && { value: lower(node.argument) }), delegates: node.delegate, location };
    case 'SequenceExpression': return { kind: 'sequence', expressions: node.expressions.map(lower), location };
    case 'ThisExpression': return { kind: 'this', location };
    case 'Super': return { kind: 'super', location };
    case 'JSXElement': case 'JSXFragment': return lowerJsx(context, node);
    case 'MetaProperty': return { kind: 'other', name: `${node.meta.name}.${node.property.name}`, parts: [], location };
    case 'V8IntrinsicExpression': return { kind: 'other', name: 'intrinsic', parts: node.arguments.map((each) => element(context, each).value), location };
    // Another parser's own node: that nothing of it is known is said, not guessed.
    default: return { kind: 'other', name: (node as { type: string }).type, parts: [], location };
  }
}

/** The name of a property, or the expression that computes it. */
export function propertyKey(context: LowerContext, key: PropertyKey, computed: boolean): string | CodeExpression {
  if (key.type === 'PrivateIdentifier') return `#${key.name}`;
  if (key.type === 'Identifier' && !computed) return key.name;
  const lowered = lowerExpression(context, key);
  return lowered.kind === 'literal' && (lowered.form === 'string' || lowered.form === 'number') ? String(lowered.value) : lowered;
}

function lowerLiteral(context: LowerContext, node: Literal): LiteralExpression {
  const location = locate(context, node);
  if ('regex' in node && node.regex) return { kind: 'literal', form: 'regex', value: context.text.slice(location.start, location.end), location };
  if (typeof node.value === 'bigint' || ('bigint' in node && node.bigint !== undefined)) return { kind: 'literal', form: 'bigint', value: (node as { bigint: string }).bigint, location };
  if (typeof node.value === 'number') return { kind: 'literal', form: 'number', value: node.value, location };
  if (typeof node.value === 'boolean') return { kind: 'literal', form: 'boolean', value: node.value, location };
  if (typeof node.value !== 'string') return { kind: 'literal', form: 'null', value: null, location };
  const contentStart = location.start + 1;
  const { map } = decodeText(context.text.slice(contentStart, location.end - 1), contentStart, false);
  return { kind: 'literal', form: 'string', value: node.value, contentStart, ...(map && { map }), location };
}

/** Without holes a template is a string. */
function template(context: LowerContext, node: TemplateLiteral): CodeExpression {
  const parts = templateParts(context, node);
  const [only] = parts;
  if (node.expressions.length > 0) return { kind: 'template', parts, typeArguments: [], location: locate(context, node) };
  if (only?.kind !== 'text') return { kind: 'literal', form: 'string', value: '', contentStart: startOf(node) + 1, location: locate(context, node) };
  return { kind: 'literal', form: 'string', value: only.value, contentStart: only.contentStart, ...(only.map && { map: only.map }), location: locate(context, node) };
}

function templateParts(context: LowerContext, node: TemplateLiteral): TemplatePart[] {
  // TS-ESTree counts the delimiters as part of a quasi, ESTree does not.
  const delimiter = startOf(node.quasis[0]!) === startOf(node) ? 1 : 0;
  const parts: TemplatePart[] = [];
  for (const [index, quasi] of node.quasis.entries()) {
    const hole = node.expressions[index];
    const start = startOf(quasi) + delimiter;
    const end = endOf(quasi) - delimiter * (hole ? 2 : 1);
    if (end > start) {
      const raw = context.text.slice(start, end);
      const { value, map } = quasi.value.cooked === null ? { value: raw } : decodeText(raw, start, true);
      parts.push({ kind: 'text', value, contentStart: start, ...(map && { map }), location: { file: context.file, start, end } });
    }
    const next = node.quasis[index + 1];
    if (hole && next) parts.push({ kind: 'hole', expression: lowerExpression(context, hole), location: { file: context.file, start: end, end: startOf(next) + delimiter } });
  }
  return parts;
}

function member(context: LowerContext, node: Of<'MemberExpression'>): CodeExpression {
  const object = lowerExpression(context, node.object);
  const location = locate(context, node);
  const propertyLocation = locate(context, node.property);
  const key: PrivateIdentifier | Expression = node.property;
  if (key.type === 'PrivateIdentifier') return { kind: 'member', object, property: `#${key.name}`, optional: node.optional, propertyLocation, location };
  if (!node.computed) return { kind: 'member', object, property: (key as { name: string }).name, optional: node.optional, propertyLocation, location };
  const index = lowerExpression(context, key);
  return index.kind === 'literal' && typeof index.value === 'string' && index.form === 'string'
    ? { kind: 'member', object, property: index.value, optional: node.optional, propertyLocation, location }
    : { kind: 'index', object, index, optional: node.optional, location };
}

function call(context: LowerContext, node: Of<'CallExpression'> | Of<'NewExpression'>, isNew: boolean): CodeCall {
  const callee = (node.type === 'CallExpression' ? requiredOfFolder(context, node) : undefined) ?? lowerExpression(context, node.callee);
  const inSteps = runsInSteps(callee);
  return {
    kind: 'call', callee, arguments: node.arguments.map((each) => argument(context, each, inSteps)), isNew,
    optional: node.type === 'CallExpression' && node.optional, typeArguments: lowerTypeArguments(context, node.typeArguments), location: locate(context, node),
  };
}

/** `import('m')` is a call of the name `import`. */
function importCall(context: LowerContext, node: Of<'ImportExpression'>): CodeCall {
  const start = startOf(node);
  const callee: CodeExpression = { kind: 'name', name: 'import', location: { file: context.file, start, end: start + 'import'.length } };
  return { kind: 'call', callee, arguments: [{ value: lowerExpression(context, node.source) }], isNew: false, optional: false, typeArguments: [], location: locate(context, node) };
}

/** `Effect.gen(...)`, `Effect.fn('name')(...)`, neverthrow's `safeTry(...)`: what they are given as a generator is run step by step. */
function runsInSteps(callee: CodeExpression): boolean {
  if (callee.kind === 'call') return runsInSteps(callee.callee);
  return /^(?:gen|fn|fnUntraced|safeTry)$/.test(callee.kind === 'member' ? callee.property : callee.kind === 'name' ? callee.name : '');
}

function argument(context: LowerContext, node: Argument, inSteps: boolean): CodeArgument {
  if (inSteps && node.type === 'FunctionExpression' && node.generator) return { value: { kind: 'functionValue', function: lowerFunction(context, node, { inSteps }), location: locate(context, node) } };
  const { value, spread } = element(context, node);
  return spread ? { value, spread: 'list' } : { value };
}

function element(context: LowerContext, node: SpreadElement | Expression): { value: CodeExpression; spread: boolean } {
  return node.type === 'SpreadElement' ? { value: lowerExpression(context, node.argument), spread: true } : { value: lowerExpression(context, node), spread: false };
}

function objectEntry(context: LowerContext, node: ObjectNode['properties'][number]): ObjectEntry {
  const location = locate(context, node);
  if (node.type === 'SpreadElement') return { kind: 'spread', value: lowerExpression(context, node.argument), location };
  const key = propertyKey(context, node.key, node.computed);
  if (node.value.type !== 'FunctionExpression' || (!node.method && node.kind === 'init')) return { kind: 'property', key, value: lowerExpression(context, node.value), location };
  const form = node.kind === 'get' ? 'getter' : node.kind === 'set' ? 'setter' : 'method';
  const named = typeof key === 'string' ? { name: key } : {};
  return { kind: 'property', key, value: { kind: 'functionValue', function: lowerFunction(context, node.value, { ...named, form, span: node }), location }, location };
}
