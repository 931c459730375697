import type { ClassField, CodeClass, CodeExpression, CodeFunction, CodeStatement, CodeType } from '../../facts/code.js';
import { lowerArguments, lowerParameters } from './expressions.js';
import type { Node } from './grammar.js';
import { inBrackets, splitAtCommas, type Reading } from './reading.js';
import { lowerBody } from './statements.js';
import { lowerAnnotation, typeArguments } from './types.js';

/** Lowers `def`. */
export function lowerFunction(node: Node, reading: Reading, decorators: readonly CodeExpression[], form: CodeFunction['form'] = 'function'): CodeFunction {
  const child = (type: string) => node.children.find((one) => one.type === type);
  const name = child('VariableName');
  const list = child('ParamList');
  const returns = child('TypeDef')?.children.at(-1);
  const parameters = list ? lowerParameters(list, reading, (annotation) => lowerAnnotation(annotation, reading)) : [];
  reading.yields.push(false);
  const body = lowerBody(child('Body'), reading);
  const generator = reading.yields.pop()!;
  return {
    ...(name && { name: reading.word(name) }), form, parameters, ...(returns && { returns: lowerAnnotation(returns, reading).type }), body,
    async: node.children[0]?.type === 'async', generator, decorators, location: reading.of(node),
  };
}

/** Lowers `class`. */
export function lowerClass(node: Node, reading: Reading, decorators: readonly CodeExpression[]): CodeClass {
  const name = node.children.find(({ type }) => type === 'VariableName');
  const list = node.children.find(({ type }) => type === 'ArgList');
  const all = list ? lowerArguments(list, reading) : [];
  const bases = all.filter(({ name, spread }) => name === undefined && spread !== 'map').map(({ value }) => withoutArguments(value));
  const baseTypes = list ? splitAtCommas(inBrackets(list)).filter((group) => group.length === 1).flatMap(([base]) => baseArguments(base!, reading)) : [];
  const typeVariables = [...variablesOf(node.children.find(({ type }) => type === 'TypeParamList'), reading), ...(list?.children ?? []).flatMap((base) => (isParameterList(base, reading) ? typeArguments(base, reading).flatMap((type) => (type.kind === 'named' && type.path.length === 1 ? type.path : [])) : []))];
  const members = lowerBody(node.children.find(({ type }) => type === 'Body'), reading);
  return {
    ...(name && { name: reading.word(name) }), bases, baseTypes, ...(typeVariables.length > 0 && { typeVariables }), decorators, location: reading.of(node),
    keywords: all.flatMap(({ name, value, spread }) => (name === undefined && spread !== 'map' ? [] : [{ name: name ?? '**', value }])),
    ...membersOf(members, reading),
  };
}

/** `Repository[User]` is the class `Repository` with type arguments. */
function withoutArguments(base: CodeExpression): CodeExpression {
  return base.kind === 'index' ? base.object : base;
}

function baseArguments(base: Node, reading: Reading): CodeType[] {
  return isParameterList(base, reading) ? [] : typeArguments(base, reading);
}

/** `Generic[S]`. */
function isParameterList(base: Node, reading: Reading): boolean {
  return base.type === 'MemberExpression' && /(?:^|\.)(?:Generic|Protocol)$/.test(reading.word(base.children[0]!));
}

/** `[S: User | Organization, T]`: the names. */
function variablesOf(list: Node | undefined, reading: Reading): string[] {
  return (list?.children ?? []).flatMap((each) => (each.type === 'TypeParam' ? each.children.filter(({ type }) => type === 'VariableName').slice(0, 1).map((name) => reading.word(name)) : []));
}

function membersOf(statements: readonly CodeStatement[], reading: Reading): Pick<CodeClass, 'fields' | 'methods' | 'rest'> {
  const fields: ClassField[] = [];
  const methods: CodeFunction[] = [];
  const rest: CodeStatement[] = [];
  for (const statement of statements) {
    if (statement.kind === 'function') methods.push(methodOf(statement.function));
    else if (statement.kind === 'declare') {
      const found = fieldsOf(statement, reading);
      if (found.length > 0) fields.push(...found);
      else rest.push(statement);
    } else rest.push(statement);
  }
  return { fields, methods: methods.filter((method, index) => !isSignature(method) || !methods.some((other, at) => at > index && other.name === method.name)), rest };
}

/** `@overload`: a signature of the method that follows. */
function isSignature({ decorators }: CodeFunction): boolean {
  return decorators.some((each) => decoratorName(each) === 'overload');
}

/** `a: T = v`, `a = b = v`: a class attribute is also seen on instances; one without a value is of instances alone. */
function fieldsOf(statement: CodeStatement & { kind: 'declare' }, reading: Reading): ClassField[] {
  const fields: ClassField[] = [];
  const { type, location } = statement;
  let { target, value } = statement;
  const metadata = reading.metadata.get(location.start) ?? [];
  for (;;) {
    const isChain = value?.kind === 'assignment' && value.operator === '=' && target.kind === 'name';
    const last = isChain ? innermost(value!) : value;
    if (target.kind !== 'name') return fields.length > 0 ? fields : [];
    fields.push({ name: target.name, ...(type && { type }), ...(last && { value: last }), isStatic: last !== undefined, decorators: metadata, location });
    if (!isChain || value?.kind !== 'assignment') return fields;
    ({ target, value } = value);
  }
}

function innermost(value: CodeExpression): CodeExpression {
  return value.kind === 'assignment' && value.operator === '=' ? innermost(value.value) : value;
}

function methodOf(method: CodeFunction): CodeFunction {
  const names = method.decorators.map(decoratorName);
  const form = names.some((name) => name === 'property' || name === 'cached_property') ? 'getter'
    : names.includes('setter') ? 'setter' : 'method';
  return { ...method, form, ...(names.includes('staticmethod') && { isStatic: true }) };
}

function decoratorName(decorator: CodeExpression): string | undefined {
  return decorator.kind === 'name' ? decorator.name : decorator.kind === 'member' ? decorator.property : undefined;
}
