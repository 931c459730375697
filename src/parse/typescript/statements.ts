import type { Directive, ForStatementLeft, Statement, VariableDeclaration } from 'oxc-parser';
import type { CodeExpression, CodeStatement, EnumStatement, LoopStatement, Pattern } from '../../facts/code.js';
import type { LowerContext } from './context.js';
import { locate } from './context.js';
import { lowerExpression, propertyKey } from './expressions.js';
import { lowerClass, lowerFunction } from './functions.js';
import { lowerCommonJsExport, lowerExport, lowerImport, requireBinding } from './modules.js';
import { lowerPattern } from './patterns.js';
import { lowerAnnotation, lowerMembers, lowerType, lowerTypeArguments } from './types.js';

type Of<Type extends Statement['type']> = Extract<Statement, { type: Type }>;
type LoopNode = Of<'ForStatement' | 'ForInStatement' | 'ForOfStatement' | 'WhileStatement' | 'DoWhileStatement'>;

/** A list of statements; empty ones and overload signatures are left out. */
export function lowerStatements(context: LowerContext, nodes: readonly (Directive | Statement)[]): CodeStatement[] {
  return nodes.flatMap((node) => lowerStatement(context, node as Statement));
}

/** One statement; a declaration of several variables becomes several. */
export function lowerStatement(context: LowerContext, node: Statement): CodeStatement[] {
  const location = locate(context, node);
  const expression = (each: Parameters<typeof lowerExpression>[1]): CodeExpression => lowerExpression(context, each);
  switch (node.type) {
    case 'ExpressionStatement': return [lowerCommonJsExport(context, node) ?? { kind: 'expression', expression: expression(node.expression), location }];
    case 'VariableDeclaration': return lowerVariables(context, node, false);
    case 'FunctionDeclaration': return node.body ? [{ kind: 'function', function: lowerFunction(context, node), location }] : [];
    case 'ClassDeclaration': return [{ kind: 'class', class: lowerClass(context, node), location }];
    case 'IfStatement':
      return [{ kind: 'if', test: expression(node.test), then: block(context, node.consequent), otherwise: node.alternate ? block(context, node.alternate) : [], location }];
    case 'ForStatement': case 'ForInStatement': case 'ForOfStatement': case 'WhileStatement': case 'DoWhileStatement': return [loop(context, node)];
    case 'LabeledStatement': return labeled(context, node);
    case 'SwitchStatement':
      return [{
        kind: 'switch', subject: expression(node.discriminant), fallsThrough: true, location,
        cases: node.cases.map((each) => ({ tests: each.test ? [expression(each.test)] : [], body: lowerStatements(context, each.consequent) })),
      }];
    case 'TryStatement': return [tryStatement(context, node)];
    case 'ReturnStatement': return [{ kind: 'return', ...(node.argument && { value: expression(node.argument) }), location }];
    case 'ThrowStatement': return [{ kind: 'throw', value: expression(node.argument), location }];
    case 'BreakStatement': return [{ kind: 'break', ...(node.label && { label: node.label.name }), location }];
    case 'ContinueStatement': return [{ kind: 'continue', ...(node.label && { label: node.label.name }), location }];
    case 'BlockStatement': return [{ kind: 'block', body: lowerStatements(context, node.body), location }];
    default: return lowerDeclaration(context, node);
  }
}

/** What only stands in a list of statements of a module or namespace, and what hardly stands anywhere. */
function lowerDeclaration(context: LowerContext, node: Statement): CodeStatement[] {
  const location = locate(context, node);
  switch (node.type) {
    case 'WithStatement':
      return [{ kind: 'unknown', name: 'with', body: [{ kind: 'expression', expression: lowerExpression(context, node.object), location }, ...block(context, node.body)], location }];
    case 'ImportDeclaration': case 'TSImportEqualsDeclaration': return [lowerImport(context, node)];
    case 'ExportNamedDeclaration': case 'ExportDefaultDeclaration': case 'ExportAllDeclaration': case 'TSExportAssignment': return lowerExport(context, node);
    case 'TSEnumDeclaration': return [enumStatement(context, node)];
    case 'TSTypeAliasDeclaration': return [{ kind: 'type', name: node.id.name, type: lowerType(context, node.typeAnnotation), extends: [], location }];
    case 'TSInterfaceDeclaration':
      return [{
        kind: 'type', name: node.id.name, type: { kind: 'object', members: lowerMembers(context, node.body.body), location: locate(context, node.body) },
        extends: node.extends.map((each) => heritage(context, each)), location,
      }];
    case 'TSModuleDeclaration': return namespace(context, node);
    case 'TSDeclareFunction': case 'EmptyStatement': case 'DebuggerStatement': case 'TSNamespaceExportDeclaration': return [];
    default: return [{ kind: 'unknown', name: (node as { type: string }).type, body: [], location }];
  }
}

/** The statements of a body, braces or not. */
function block(context: LowerContext, node: Statement): CodeStatement[] {
  return node.type === 'BlockStatement' ? lowerStatements(context, node.body) : lowerStatement(context, node);
}

/** One statement a variable. `require()` and `await import()` become imports. */
export function lowerVariables(context: LowerContext, node: VariableDeclaration, exported: boolean): CodeStatement[] {
  const form = node.kind === 'let' || node.kind === 'var' ? node.kind : 'const';
  return node.declarations.map((declarator): CodeStatement => {
    const imported = exported ? undefined : requireBinding(context, declarator);
    if (imported) return imported;
    const type = declarator.id.type === 'AssignmentPattern' ? undefined : lowerAnnotation(context, declarator.id.typeAnnotation);
    const location = locate(context, declarator);
    const declared: CodeExpression | undefined = node.declare ? { kind: 'other', name: 'declare', parts: [], location } : undefined;
    const value = declarator.init ? lowerExpression(context, declarator.init) : declared;
    return { kind: 'declare', form, target: lowerPattern(context, declarator.id), ...(type && { type }), ...(value && { value }), ...(exported && { exported }), location };
  });
}

function loop(context: LowerContext, node: LoopNode, label?: string): LoopStatement {
  const common = { kind: 'loop', body: block(context, node.body), otherwise: [], ...(label !== undefined && { label }), location: locate(context, node) } as const;
  switch (node.type) {
    case 'ForOfStatement': case 'ForInStatement':
      return { ...common, form: node.type === 'ForOfStatement' ? 'forEach' : 'forIn', target: loopTarget(context, node.left), iterable: lowerExpression(context, node.right), init: [] };
    case 'ForStatement': {
      const { init } = node;
      const statements: CodeStatement[] = !init ? [] : init.type === 'VariableDeclaration' ? lowerVariables(context, init, false)
        : [{ kind: 'expression', expression: lowerExpression(context, init), location: locate(context, init) }];
      return {
        ...common, form: 'for', init: statements, ...(node.test && { test: lowerExpression(context, node.test) }), ...(node.update && { update: lowerExpression(context, node.update) }),
      };
    }
    default: return { ...common, form: node.type === 'WhileStatement' ? 'while' : 'doWhile', init: [], test: lowerExpression(context, node.test) };
  }
}

function loopTarget(context: LowerContext, left: ForStatementLeft): Pattern {
  return lowerPattern(context, left.type === 'VariableDeclaration' ? left.declarations[0]!.id : left);
}

function labeled(context: LowerContext, { label, body }: Of<'LabeledStatement'>): CodeStatement[] {
  switch (body.type) {
    case 'ForStatement': case 'ForInStatement': case 'ForOfStatement': case 'WhileStatement': case 'DoWhileStatement': return [loop(context, body, label.name)];
    default: return [{ kind: 'block', label: label.name, body: block(context, body), location: locate(context, body) }];
  }
}

function tryStatement(context: LowerContext, node: Of<'TryStatement'>): CodeStatement {
  const { handler } = node;
  return {
    kind: 'try', body: lowerStatements(context, node.block.body),
    handlers: handler ? [{ types: [], ...(handler.param && { target: lowerPattern(context, handler.param) }), body: lowerStatements(context, handler.body.body) }] : [],
    otherwise: [], finally: node.finalizer ? lowerStatements(context, node.finalizer.body) : [], location: locate(context, node),
  };
}

/** Members without a value count on from the one before, as long as that is a known number. */
function enumStatement(context: LowerContext, node: Of<'TSEnumDeclaration'>): EnumStatement {
  let next: number | undefined = 0;
  const members = node.body.members.map((member): EnumStatement['members'][number] => {
    const key = propertyKey(context, member.id, member.computed);
    const name = typeof key === 'string' ? key : '';
    const location = locate(context, member);
    const value: CodeExpression | undefined = member.initializer ? lowerExpression(context, member.initializer)
      : next === undefined ? undefined : { kind: 'literal', form: 'number', value: next, location };
    const number = value && numberOf(value);
    next = number === undefined ? undefined : number + 1;
    return { name, ...(value && { value }) };
  });
  return { kind: 'enum', name: node.id.name, members, location: locate(context, node) };
}

function numberOf(value: CodeExpression): number | undefined {
  if (value.kind === 'unary' && value.operator === '-') {
    const positive = numberOf(value.operand);
    return positive === undefined ? undefined : -positive;
  }
  return value.kind === 'literal' && typeof value.value === 'number' ? value.value : undefined;
}

function heritage(context: LowerContext, node: Of<'TSInterfaceDeclaration'>['extends'][number]): ReturnType<typeof lowerType> {
  const path = (each: CodeExpression): string[] => (each.kind === 'member' ? [...path(each.object), each.property] : each.kind === 'name' ? [each.name] : []);
  return { kind: 'named', path: path(lowerExpression(context, node.expression)), arguments: lowerTypeArguments(context, node.typeArguments), location: locate(context, node) };
}

function globals(context: LowerContext, { body, ...node }: Of<'TSModuleDeclaration'>): CodeStatement[] {
  const variables = (body?.body ?? []).flatMap((each) => (each.type === 'VariableDeclaration' ? lowerVariables(context, { ...each, declare: true }, false) : []));
  return variables.length === 0 ? [] : [{ kind: 'unknown', name: 'declare global', names: [], body: variables, location: locate(context, node) }];
}

/** `declare module` describes what is elsewhere: nothing of it runs. The variables of `declare global` are there for the module that declares them. */
function namespace(context: LowerContext, node: Of<'TSModuleDeclaration'>): CodeStatement[] {
  if (node.kind === 'global') return globals(context, node);
  if (node.declare || node.id.type === 'Literal' || !node.body) return [];
  const name = node.id.type === 'TSQualifiedName' ? node.id.right.name : node.id.name;
  return [{ kind: 'unknown', name: 'namespace', names: [name], body: lowerStatements(context, node.body.body), location: locate(context, node) }];
}
