import type { AccessorProperty, ArrowFunctionExpression, Class, Decorator, Function as FunctionNode, MethodDefinition, ParamPattern, PropertyDefinition } from 'oxc-parser';
import type { ClassField, CodeClass, CodeExpression, CodeFunction, CodeStatement, Parameter } from '../../facts/code.js';
import type { LowerContext, Spanned } from './context.js';
import { locate } from './context.js';
import { lowerExpression, propertyKey } from './expressions.js';
import { lowerPattern } from './patterns.js';
import { lowerStatements } from './statements.js';
import { functionType, lowerAnnotation, lowerTypeArguments } from './types.js';

interface FunctionMore {
  readonly name?: string;
  readonly form?: CodeFunction['form'];
  readonly decorators?: readonly CodeExpression[];
  readonly isStatic?: boolean;
  /** The whole method, where it is more than the function. */
  readonly span?: Spanned;
  /** A generator that a library runs step by step. */
  readonly inSteps?: boolean;
}

type Element = Class['body']['body'][number];
type Method = MethodDefinition;
type Field = PropertyDefinition | AccessorProperty;

const isMethod = (node: Element): node is Method => node.type === 'MethodDefinition' || node.type === 'TSAbstractMethodDefinition';

/** A function of any form. The body of an arrow function that is an expression becomes a return statement. */
export function lowerFunction(context: LowerContext, node: FunctionNode | ArrowFunctionExpression, more: FunctionMore = {}): CodeFunction {
  const name = more.name ?? node.id?.name;
  const returns = lowerAnnotation(context, node.returnType);
  const isArrow = node.type === 'ArrowFunctionExpression';
  const inSteps = more.inSteps === true && node.generator;
  return {
    ...(name !== undefined && { name }),
    form: more.form ?? (isArrow ? 'arrow' : 'function'),
    parameters: node.params.filter((param) => !(param.type === 'Identifier' && param.name === 'this')).map((param) => parameter(context, param)),
    ...(returns && { returns }),
    body: bodyOf(inSteps === (context.inSteps ?? false) ? context : { ...context, inSteps }, node),
    async: node.async || inSteps, generator: node.generator && !inSteps, decorators: more.decorators ?? [],
    ...(more.isStatic && { isStatic: true }),
    location: locate(context, more.span ?? node),
  };
}

function bodyOf(context: LowerContext, { body }: FunctionNode | ArrowFunctionExpression): CodeStatement[] {
  if (!body) return [];
  if (body.type === 'BlockStatement') return lowerStatements(context, body.body);
  return [{ kind: 'return', value: lowerExpression(context, body), location: locate(context, body) }];
}

/** `@Body()`, `@Entity`: what stands behind the sign. */
export function lowerDecorators(context: LowerContext, decorators: readonly Decorator[] | undefined): CodeExpression[] {
  return decorators?.map(({ expression }) => lowerExpression(context, expression)) ?? [];
}

function parameter(context: LowerContext, node: ParamPattern): Parameter {
  if (node.type === 'TSParameterProperty') {
    const inner = parameter(context, node.parameter);
    return { ...inner, field: true, decorators: [...lowerDecorators(context, node.decorators), ...inner.decorators], location: locate(context, node) };
  }
  const target = node.type === 'AssignmentPattern' ? node.left : node.type === 'RestElement' ? node.argument : node;
  const type = lowerAnnotation(context, node.typeAnnotation ?? (target.type === 'AssignmentPattern' ? undefined : target.typeAnnotation));
  const decorators: readonly Decorator[] = node.decorators ?? [];
  const inner: readonly Decorator[] = target === node ? [] : target.decorators ?? [];
  return {
    target: lowerPattern(context, target),
    ...(type && { type }),
    optional: Boolean(node.optional ?? false) || Boolean(target.optional ?? false),
    ...(node.type === 'AssignmentPattern' && { default: lowerExpression(context, node.right) }),
    ...(node.type === 'RestElement' && { rest: 'list' as const }),
    decorators: lowerDecorators(context, [...decorators, ...inner]),
    location: locate(context, node),
  };
}

/** A class. Overload signatures are left out; an abstract method is a field with the type of a function. */
export function lowerClass(context: LowerContext, node: Class): CodeClass {
  const fields: ClassField[] = [];
  const methods: CodeFunction[] = [];
  const rest: CodeStatement[] = [];
  for (const element of node.body.body) {
    if (element.type === 'StaticBlock') rest.push({ kind: 'block', body: lowerStatements(context, element.body), location: locate(context, element) });
    else if (element.type === 'TSIndexSignature') continue;
    else if (isMethod(element)) addMethod(context, element, methods, fields);
    else addField(context, element, fields, rest, methods);
  }
  const implemented = node.implements?.map((each) => interfaceType(context, each)) ?? [];
  return {
    ...(node.id && { name: node.id.name }),
    bases: node.superClass ? [lowerExpression(context, node.superClass)] : [],
    baseTypes: lowerTypeArguments(context, node.superTypeArguments),
    ...(implemented.length > 0 && { interfaces: implemented }),
    keywords: [], fields, methods, rest,
    decorators: lowerDecorators(context, node.decorators),
    location: locate(context, node),
  };
}

function interfaceType(context: LowerContext, node: NonNullable<Class['implements']>[number]): NonNullable<CodeClass['interfaces']>[number] {
  const path = (expression: CodeExpression): string[] =>
    expression.kind === 'member' ? [...path(expression.object), expression.property] : expression.kind === 'name' ? [expression.name] : [];
  return { kind: 'named', path: path(lowerExpression(context, node.expression)), arguments: lowerTypeArguments(context, node.typeArguments), location: locate(context, node) };
}

function addMethod(context: LowerContext, node: Method, methods: CodeFunction[], fields: ClassField[]): void {
  const key = propertyKey(context, node.key, node.computed);
  const name = typeof key === 'string' ? key : undefined;
  const decorators = lowerDecorators(context, node.decorators);
  if (!node.value.body) {
    if (node.type !== 'TSAbstractMethodDefinition' || name === undefined) return;
    const location = locate(context, node);
    fields.push({ name, type: functionType(context, node.value.params, node.value.returnType, location), isStatic: node.static, decorators, location });
    return;
  }
  const form = node.kind === 'get' ? 'getter' : node.kind === 'set' ? 'setter' : 'method';
  methods.push(lowerFunction(context, node.value, { ...(name !== undefined && { name }), form, decorators, isStatic: node.static, span: node }));
}

function addField(context: LowerContext, node: Field, fields: ClassField[], rest: CodeStatement[], methods: CodeFunction[]): void {
  const name = propertyKey(context, node.key, node.computed);
  // `list = async (req, res) => { ... }` is a method that knows its object wherever it is called.
  if (typeof name === 'string' && (node.value?.type === 'ArrowFunctionExpression' || node.value?.type === 'FunctionExpression')) {
    methods.push(lowerFunction(context, node.value, { name, form: 'method', decorators: lowerDecorators(context, node.decorators), isStatic: node.static, span: node }));
    return;
  }
  const type = lowerAnnotation(context, node.typeAnnotation);
  const value = node.value ? lowerExpression(context, node.value) : undefined;
  const location = locate(context, node);
  if (typeof name !== 'string') {
    if (value) rest.push({ kind: 'expression', expression: value, location });
    return;
  }
  fields.push({
    name, ...(type && { type }), ...(node.optional && { optional: true }), ...(value && { value }),
    isStatic: node.static, decorators: lowerDecorators(context, node.decorators), location,
  });
}
