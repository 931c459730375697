import type { Expression, ModuleExportName, Statement, VariableDeclarator } from 'oxc-parser';
import { FOLDER, nameOfRequired, type CodeExpression, type CodeStatement, type ExportStatement, type ImportStatement } from '../../facts/code.js';
import type { Location } from '../../facts/location.js';
import type { LowerContext } from './context.js';
import { locate } from './context.js';
import { lowerExpression } from './expressions.js';
import { lowerClass, lowerFunction } from './functions.js';
import { lowerStatement, lowerVariables } from './statements.js';

type Of<Type extends Statement['type']> = Extract<Statement, { type: Type }>;
type Binding = ImportStatement['bindings'][number];
type CallNode = Extract<Expression, { type: 'CallExpression' }>;

function nameOf(name: ModuleExportName): string {
  return name.type === 'Literal' ? name.value : name.name;
}

/** `import ... from 'm'` and `import x = require('m')`; `import x = A.b` is a constant. */
export function lowerImport(context: LowerContext, node: Of<'ImportDeclaration' | 'TSImportEqualsDeclaration'>): CodeStatement {
  const location = locate(context, node);
  if (node.type === 'TSImportEqualsDeclaration') {
    const { id, moduleReference } = node;
    const bound = { local: id.name, location: locate(context, id) };
    const typeOnly = node.importKind === 'type' && { typeOnly: true };
    if (moduleReference.type === 'TSExternalModuleReference') return { kind: 'import', module: moduleReference.expression.value, bindings: [{ imported: '*', ...bound }], ...typeOnly, location };
    const value = qualified(context, moduleReference);
    return { kind: 'declare', form: 'const', target: { kind: 'name', name: id.name, location: bound.location }, value, location };
  }
  const bindings = node.specifiers.map((each): Binding => ({
    imported: each.type === 'ImportDefaultSpecifier' ? 'default' : each.type === 'ImportNamespaceSpecifier' ? '*' : nameOf(each.imported),
    local: each.local.name, location: locate(context, each),
  }));
  return { kind: 'import', module: node.source.value, bindings, ...(node.importKind === 'type' && { typeOnly: true }), location };
}

type Qualified = Exclude<Of<'TSImportEqualsDeclaration'>['moduleReference'], { type: 'TSExternalModuleReference' }> | Extract<Of<'TSImportEqualsDeclaration'>['moduleReference'], { type: 'TSQualifiedName' }>['left'];

function qualified(context: LowerContext, node: Qualified): CodeExpression {
  const location = locate(context, node);
  if (node.type === 'TSQualifiedName') {
    return { kind: 'member', object: qualified(context, node.left), property: node.right.name, optional: false, propertyLocation: locate(context, node.right), location };
  }
  return node.type === 'ThisExpression' ? { kind: 'this', location } : { kind: 'name', name: node.name, location };
}

/**
 * `const x = require('m')`, `const { a: b } = require('m')`, `const a = require('m').a`, and the same of `await import('m')`.
 * @returns undefined when the declaration is no such import
 */
export function requireBinding(context: LowerContext, node: VariableDeclarator): ImportStatement | undefined {
  if (!node.init) return undefined;
  const init = unwrapped(node.init);
  const member = init.type === 'MemberExpression' && !init.computed && init.property.type === 'Identifier' ? { of: unwrapped(init.object), name: init.property.name } : undefined;
  const module = requiredModule(member?.of ?? init);
  if (module === undefined) return undefined;
  const at = (part: Parameters<typeof locate>[1]) => locate(context, part);
  const statement = (bindings: Binding[]): ImportStatement => ({ kind: 'import', module, bindings, location: at(node) });
  if (node.id.type === 'Identifier') return statement([{ imported: member?.name ?? '*', local: node.id.name, location: at(node.id) }]);
  if (node.id.type !== 'ObjectPattern' || member) return undefined;
  const bindings: Binding[] = [];
  for (const property of node.id.properties) {
    if (property.type !== 'Property' || property.computed || property.key.type !== 'Identifier' || property.value.type !== 'Identifier') return undefined;
    bindings.push({ imported: property.key.name, local: property.value.name, location: at(property) });
  }
  return statement(bindings);
}

/**
 * `require(path.join(__dirname, file))`: a call of the import of all modules of a folder, which stands before the program.
 * @returns undefined when the call is no such one
 */
export function requiredOfFolder(context: LowerContext, node: CallNode): CodeExpression | undefined {
  const argument = requireArgument(node);
  if (argument === undefined) return undefined;
  const pieces = pathPieces(argument);
  const known = pieces.slice(0, pieces.indexOf(undefined)).join('');
  const folder = known.slice(0, known.lastIndexOf('/'));
  if (!pieces.includes(undefined) || !/^\.\.?(?:\/|$)/.test(folder)) return undefined;
  return requiredName(context, `${folder}${FOLDER}`, locate(context, node.callee));
}

/** The pieces of a path that is put together, undefined for what is not written out; `__dirname` is the folder of the file. */
function pathPieces(node: Expression): readonly (string | undefined)[] {
  switch (node.type) {
    case 'Literal': return [typeof node.value === 'string' ? node.value : undefined];
    case 'Identifier': return [node.name === '__dirname' ? '.' : undefined];
    case 'BinaryExpression': return node.operator === '+' ? [...pathPieces(node.left), ...pathPieces(node.right)] : [undefined];
    case 'TemplateLiteral': return node.quasis.flatMap((quasi, index) => [quasi.value.cooked ?? '', ...node.expressions.slice(index, index + 1).flatMap(pathPieces)]);
    case 'CallExpression': {
      const { callee } = node;
      const isJoin = callee.type === 'MemberExpression' && callee.property.type === 'Identifier' && /^(?:join|resolve)$/.test(callee.property.name);
      return isJoin ? node.arguments.flatMap((each, index) => (each.type === 'SpreadElement' ? [] : [...(index > 0 ? ['/'] : []), ...pathPieces(each)])) : [undefined];
    }
    default: return [undefined];
  }
}

/**
 * `require('m')` in an expression (`require('m')(options)`, `router.use(require('m'))`): the name of an import that stands before the program.
 * @returns undefined when the call is no such one
 */
export function requiredInPlace(context: LowerContext, node: CallNode): CodeExpression | undefined {
  const module = requiredModule(node);
  return module === undefined ? undefined : requiredName(context, module, locate(context, node));
}

/** The imports of what expressions ask for. */
export function importsOfRequired({ required }: LowerContext): ImportStatement[] {
  return [...required].map(([module, location]) => ({ kind: 'import', module, bindings: [{ imported: '*', local: nameOfRequired(module), location }], location }));
}

/** The name that an import is used by in an expression. */
function requiredName(context: LowerContext, module: string, location: Location): CodeExpression {
  if (!context.required.has(module)) context.required.set(module, location);
  return { kind: 'name', name: nameOfRequired(module), location };
}

/** Without type assertions and parentheses. */
function unwrapped(node: Expression): Expression {
  switch (node.type) {
    case 'TSAsExpression': case 'TSSatisfiesExpression': case 'TSTypeAssertion': case 'TSNonNullExpression': case 'ParenthesizedExpression': return unwrapped(node.expression);
    default: return node;
  }
}

function requiredModule(node: Expression): string | undefined {
  const literal = (each: Expression | undefined) => (each?.type === 'Literal' && typeof each.value === 'string' ? each.value : undefined);
  if (node.type === 'AwaitExpression') {
    const operand = unwrapped(node.argument);
    return operand.type === 'ImportExpression' ? literal(operand.source) : undefined;
  }
  return node.type === 'CallExpression' ? literal(requireArgument(node)) : undefined;
}

/** What `require` is asked for. */
function requireArgument({ callee, arguments: [argument, ...others] }: CallNode): Expression | undefined {
  if (callee.type !== 'Identifier' || callee.name !== 'require' || others.length > 0) return undefined;
  return argument?.type === 'SpreadElement' ? undefined : argument;
}

/** Every export form but CommonJS; an exported declaration is the declaration, marked. */
export function lowerExport(context: LowerContext, node: Of<'ExportNamedDeclaration' | 'ExportDefaultDeclaration' | 'ExportAllDeclaration' | 'TSExportAssignment'>): CodeStatement[] {
  const location = locate(context, node);
  switch (node.type) {
    case 'ExportAllDeclaration':
      return [{ kind: 'export', module: node.source.value, bindings: [{ local: '*', exported: node.exported ? nameOf(node.exported) : '*' }], location }];
    case 'TSExportAssignment': return [{ kind: 'export', bindings: [], value: { exported: '=', expression: lowerExpression(context, node.expression) }, location }];
    case 'ExportDefaultDeclaration': return defaultExport(context, node);
    default: {
      if (node.declaration) return exportedDeclaration(context, node.declaration);
      const bindings = node.specifiers.map(({ local, exported }) => ({ local: nameOf(local), exported: nameOf(exported) }));
      return [{ kind: 'export', ...(node.source && { module: node.source.value }), bindings, location }];
    }
  }
}

function defaultExport(context: LowerContext, node: Of<'ExportDefaultDeclaration'>): CodeStatement[] {
  const { declaration } = node;
  const location = locate(context, node);
  switch (declaration.type) {
    case 'FunctionDeclaration': return [{ kind: 'function', function: lowerFunction(context, declaration), exported: 'default', location }];
    case 'ClassDeclaration': return [{ kind: 'class', class: lowerClass(context, declaration), exported: 'default', location }];
    case 'TSDeclareFunction': return [];
    case 'TSInterfaceDeclaration':
      return [...lowerStatement(context, declaration), { kind: 'export', bindings: [{ local: declaration.id.name, exported: 'default' }], location }];
    default: return [{ kind: 'export', bindings: [], value: { exported: 'default', expression: lowerExpression(context, declaration) }, location }];
  }
}

function exportedDeclaration(context: LowerContext, node: NonNullable<Of<'ExportNamedDeclaration'>['declaration']>): CodeStatement[] {
  if (node.type === 'VariableDeclaration') return lowerVariables(context, node, true);
  return lowerStatement(context, node).map((statement): CodeStatement => {
    switch (statement.kind) {
      case 'function': case 'class': return { ...statement, exported: 'named' };
      case 'enum': case 'type': case 'declare': return { ...statement, exported: true };
      default: return statement;
    }
  });
}

/**
 * `module.exports = v`, `exports.a = v`, `module.exports.a = v`.
 * @returns undefined for any other statement
 */
export function lowerCommonJsExport(context: LowerContext, node: Of<'ExpressionStatement'>): ExportStatement | undefined {
  const { expression } = node;
  if (expression.type !== 'AssignmentExpression' || expression.operator !== '=') return undefined;
  const exported = exportedName(expression.left);
  if (exported === undefined) return undefined;
  let value = expression.right;
  // `module.exports = exports = v`: one value.
  while (value.type === 'AssignmentExpression' && value.operator === '=' && exportedName(value.left) !== undefined) value = value.right;
  return { kind: 'export', bindings: [], value: { exported, expression: lowerExpression(context, value) }, location: locate(context, node) };
}

function exportedName(target: Extract<Expression, { type: 'AssignmentExpression' }>['left'] | Expression): string | undefined {
  if (target.type === 'Identifier') return target.name === 'exports' ? '=' : undefined;
  if (target.type !== 'MemberExpression' || target.property.type === 'PrivateIdentifier') return undefined;
  const { object, property } = target;
  const name = property.type === 'Identifier' && !target.computed ? property.name : property.type === 'Literal' && typeof property.value === 'string' ? property.value : undefined;
  if (name === undefined) return undefined;
  if (object.type === 'Identifier') return object.name === 'exports' ? name : object.name === 'module' && name === 'exports' ? '=' : undefined;
  return object.type === 'MemberExpression' && exportedName(object) === '=' ? name : undefined;
}
