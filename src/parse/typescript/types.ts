import type { ParamPattern, TSSignature, TSType, TSTypeAnnotation, TSTypeName, TSTypeParameterInstantiation } from 'oxc-parser';
import type { CodeType } from '../../facts/code.js';
import type { LowerContext } from './context.js';
import { locate, startOf, endOf } from './context.js';

type ObjectType = Extract<CodeType, { kind: 'object' }>;

const KEYWORDS: Readonly<Record<string, string>> = {
  TSAnyKeyword: 'any', TSBigIntKeyword: 'bigint', TSBooleanKeyword: 'boolean', TSNeverKeyword: 'never', TSNumberKeyword: 'number', TSObjectKeyword: 'object',
  TSStringKeyword: 'string', TSSymbolKeyword: 'symbol', TSUnknownKeyword: 'unknown', TSVoidKeyword: 'void', TSThisType: 'this',
};

/** A type annotation; undefined where there is none. */
export function lowerAnnotation(context: LowerContext, annotation: TSTypeAnnotation | null | undefined): CodeType | undefined {
  return annotation ? lowerType(context, annotation.typeAnnotation) : undefined;
}

/** `<A, B>` after a name or a call. */
export function lowerTypeArguments(context: LowerContext, given: TSTypeParameterInstantiation | null | undefined): CodeType[] {
  return given?.params.map((each) => lowerType(context, each)) ?? [];
}

/** A type, as far as it names things; what is computed (conditional, mapped, `keyof`) is `other`. */
export function lowerType(context: LowerContext, node: TSType): CodeType {
  const location = locate(context, node);
  const keyword = KEYWORDS[node.type];
  if (keyword !== undefined) return { kind: 'named', path: [keyword], arguments: [], location };
  switch (node.type) {
    case 'TSUndefinedKeyword': return { kind: 'literal', value: undefined, location };
    case 'TSNullKeyword': return { kind: 'literal', value: null, location };
    case 'TSTypeReference': return { kind: 'named', path: pathOf(node.typeName), arguments: lowerTypeArguments(context, node.typeArguments), location };
    case 'TSUnionType': return { kind: 'union', parts: node.types.map((each) => lowerType(context, each)), location };
    case 'TSIntersectionType': return { kind: 'intersection', parts: node.types.map((each) => lowerType(context, each)), location };
    case 'TSArrayType': return { kind: 'array', element: lowerType(context, node.elementType), location };
    case 'TSParenthesizedType': return lowerType(context, node.typeAnnotation);
    case 'TSTypeOperator': return node.operator === 'readonly' ? lowerType(context, node.typeAnnotation) : { kind: 'other', location };
    case 'TSLiteralType': return literalType(context, node.literal, location);
    case 'TSTypeLiteral': return { kind: 'object', members: lowerMembers(context, node.members), location };
    case 'TSFunctionType': return functionType(context, node.params, node.returnType, location);
    case 'TSTypeQuery': return node.exprName.type === 'TSImportType' ? { kind: 'other', location } : { kind: 'typeof', path: pathOf(node.exprName), location };
    case 'TSIndexedAccessType': return { kind: 'indexed', object: lowerType(context, node.objectType), key: lowerType(context, node.indexType), location };
    case 'TSTypePredicate': return { kind: 'named', path: [node.asserts ? 'void' : 'boolean'], arguments: [], location };
    default: return { kind: 'other', location };
  }
}

function pathOf(name: TSTypeName): string[] {
  if (name.type === 'TSQualifiedName') return [...pathOf(name.left), name.right.name];
  return [name.type === 'ThisExpression' ? 'this' : name.name];
}

function literalType(context: LowerContext, literal: Extract<TSType, { type: 'TSLiteralType' }>['literal'], location: CodeType['location']): CodeType {
  if (literal.type === 'TemplateLiteral') {
    const [only] = literal.quasis;
    return literal.quasis.length === 1 && only ? { kind: 'literal', value: only.value.cooked ?? only.value.raw, location } : { kind: 'other', location };
  }
  if (literal.type === 'Literal') return typeof literal.value === 'bigint' ? { kind: 'other', location } : { kind: 'literal', value: literal.value, location };
  const number = Number(context.text.slice(startOf(literal), endOf(literal)));
  return Number.isNaN(number) ? { kind: 'other', location } : { kind: 'literal', value: number, location };
}

/** The parameters and the result of a signature, as a type. */
export function functionType(context: LowerContext, params: readonly ParamPattern[], returns: TSTypeAnnotation | null | undefined, location: CodeType['location']): CodeType {
  const type = lowerAnnotation(context, returns);
  const own = params.filter((param) => !(param.type === 'Identifier' && param.name === 'this'));
  return { kind: 'function', parameters: own.map((param) => parameterType(context, param)), ...(type && { returns: type }), location };
}

function parameterType(context: LowerContext, param: ParamPattern): CodeType | undefined {
  if (param.type === 'TSParameterProperty') return parameterType(context, param.parameter);
  if (param.type === 'AssignmentPattern') return parameterType(context, param.left);
  return lowerAnnotation(context, param.typeAnnotation);
}

/** The members of an interface or an object type that have a name. */
export function lowerMembers(context: LowerContext, signatures: readonly TSSignature[]): ObjectType['members'] {
  return signatures.flatMap((signature): ObjectType['members'] => {
    if (signature.type !== 'TSPropertySignature' && signature.type !== 'TSMethodSignature') return [];
    const name = memberName(signature);
    if (name === undefined) return [];
    const type = signature.type === 'TSPropertySignature' ? lowerAnnotation(context, signature.typeAnnotation)
      : signature.kind === 'get' ? lowerAnnotation(context, signature.returnType)
      : functionType(context, signature.params, signature.returnType, locate(context, signature));
    return [{ name, ...(type && { type }), optional: signature.optional }];
  });
}

function memberName({ key, computed }: Extract<TSSignature, { key: unknown }>): string | undefined {
  if (key.type === 'Literal') return String(key.value);
  return key.type === 'Identifier' && !computed ? key.name : undefined;
}
