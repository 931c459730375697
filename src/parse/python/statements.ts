import type { CodeExpression, CodeStatement, LoopStatement, Pattern, SwitchStatement, TryStatement, WithStatement } from '../../facts/code.js';
import { lowerClass, lowerFunction } from './definitions.js';
import { lowerExpression, lowerList } from './expressions.js';
import type { Node } from './grammar.js';
import { lowerImport } from './imports.js';
import { casePattern, patternOf } from './patterns.js';
import { checkDepth, inBrackets, splitAtCommas, type Reading } from './reading.js';
import { isAnnotated, lowerAnnotation, newTypeOf } from './types.js';

/** Lowers the statements of a body. */
export function lowerBody(body: Node | undefined, reading: Reading): CodeStatement[] {
  return body ? lowerStatements(body.children.filter(({ type }) => type !== ':'), reading) : [];
}

/** Lowers statements; decorators, which are statements for the grammar, go to the definition that follows. */
export function lowerStatements(nodes: readonly Node[], reading: Reading): CodeStatement[] {
  const statements: CodeStatement[] = [];
  let decorators: CodeExpression[] = [];
  for (const node of nodes) {
    if (node.type === 'ExpressionStatement' && reading.marks.decorators.has(node.from)) {
      decorators.push(lowerExpression(node.children[0], reading));
      continue;
    }
    statements.push(...lowerStatement(node, reading, decorators));
    decorators = [];
  }
  // Decorators of nothing (an error of syntax) are still expressions that are evaluated.
  for (const expression of decorators) statements.push({ kind: 'expression', expression, location: expression.location });
  return statements;
}

function lowerStatement(node: Node, reading: Reading, decorators: readonly CodeExpression[]): CodeStatement[] {
  const location = reading.of(node);
  const expression = (one: Node | undefined) => lowerExpression(one, reading);
  const rest = node.children.slice(1);
  switch (node.type) {
    case 'ExpressionStatement': return [{ kind: 'expression', expression: lowerList(node.children, reading), location }];
    case 'YieldStatement': return [{ kind: 'expression', expression: expression(node), location }];
    case 'AssignStatement': return lowerAssignment(node, reading);
    case 'UpdateStatement': {
      const at = node.children.findIndex(({ type }) => type === 'UpdateOp');
      const target = patternOf(node.children.slice(0, at), reading);
      const operator = reading.word(node.children[at]!);
      return [{ kind: 'expression', expression: { kind: 'assignment', operator, target, value: lowerList(node.children.slice(at + 1), reading), location }, location }];
    }
    case 'StatementGroup': return lowerStatements(node.children.filter(({ type }) => type !== ';'), reading);
    case 'PassStatement': return [];
    case 'BreakStatement': return [{ kind: 'break', location }];
    case 'ContinueStatement': return [{ kind: 'continue', location }];
    case 'ReturnStatement': return [{ kind: 'return', ...(rest.length > 0 && { value: lowerList(rest, reading) }), location }];
    case 'RaiseStatement': return [{ kind: 'throw', ...(rest[0] && { value: expression(rest[0]) }), location }];
    case 'DeleteStatement': return [{ kind: 'delete', targets: splitAtCommas(rest).map(([one]) => expression(one)), location }];
    case 'AssertStatement': {
      const [test, message] = splitAtCommas(rest).map(([one]) => one);
      return [{ kind: 'assert', test: expression(test), ...(message && { message: expression(message) }), location }];
    }
    case 'ScopeStatement': {
      const names = rest.filter(({ type }) => type === 'VariableName').map((name) => reading.word(name));
      return [{ kind: 'unknown', name: node.children[0]!.type, body: [], names, location }];
    }
    case 'ImportStatement': return lowerImport(node, reading);
    case 'TypeDefinition': {
      const name = node.children.find(({ type }) => type === 'VariableName');
      return [aliasOf(name ? reading.word(name) : '', node.children.at(-1)!, reading, location)];
    }
    case 'FunctionDefinition': return [{ kind: 'function', function: lowerFunction(node, reading, decorators), location }];
    case 'ClassDefinition': return [{ kind: 'class', class: lowerClass(node, reading, decorators), location }];
    case 'IfStatement': return [lowerIf(node, reading)];
    case 'WhileStatement': return [reading.marks.matches.has(node.from) ? lowerMatch(node, reading) : lowerLoop(node, reading)];
    case 'ForStatement': return [lowerLoop(node, reading)];
    case 'TryStatement': return [lowerTry(node, reading)];
    case 'WithStatement': return [lowerWith(node, reading)];
    default: return [{ kind: 'unknown', name: node.type, body: lowerStatements(node.children.filter(({ type }) => /Statement$|Definition$/.test(type)), reading), location }];
  }
}

/** `a = b = v` assigns the value to each: the inner ones are assignments within the value of the first. */
function lowerAssignment(node: Node, reading: Reading): CodeStatement[] {
  const location = reading.of(node);
  const annotation = node.children.find(({ type }) => type === 'TypeDef');
  const segments: Node[][] = [[]];
  for (const child of node.children) {
    if (child.type === 'AssignOp') segments.push([]);
    else if (child !== annotation) segments.at(-1)!.push(child);
  }
  const typed = annotation && lowerAnnotation(annotation.children.at(-1)!, reading);
  if (typed && typed.decorators.length > 0) reading.metadata.set(node.from, typed.decorators);
  const targets = segments.length > 1 ? segments.slice(0, -1) : segments;
  checkDepth(targets.length);
  let value = segments.length > 1 ? lowerList(segments.at(-1)!, reading) : undefined;
  for (const target of targets.slice(1).reverse()) {
    value = { kind: 'assignment', operator: '=', target: patternOf(target, reading), value: value!, location: reading.at(target[0]?.from ?? node.from, node.to) };
  }
  const declared: CodeStatement = { kind: 'declare', form: 'assign', target: patternOf(targets[0]!, reading), ...(typed && { type: typed.type }), ...(value && { value }), location };
  const [[name, ...more], [given, ...others]] = [targets[0]!, segments.at(-1)!];
  const isPlain = segments.length === 2 && name?.type === 'VariableName' && more.length + others.length === 0 && given !== undefined;
  const type = !isPlain ? undefined : isAnnotated(given, reading) ? given : newTypeOf(given, reading);
  return type === undefined ? [declared] : [declared, aliasOf(reading.word(name!), type, reading, location)];
}

/** `Session = Annotated[AsyncSession, Depends(open)]`, `type Session = ...`: a name for a type, and for what is said of it. */
function aliasOf(name: string, type: Node, reading: Reading, location: CodeStatement['location']): CodeStatement {
  const { type: lowered, decorators } = lowerAnnotation(type, reading);
  return { kind: 'type', name, type: lowered, extends: [], ...(decorators.length > 0 && { decorators }), location };
}

/** The parts of a compound statement: its keyword, what stands up to the colon, and its body. */
interface Clause {
  readonly keyword: string;
  readonly head: readonly Node[];
  readonly body: Node | undefined;
  readonly from: number;
}

function clausesOf(node: Node): Clause[] {
  const clauses: Clause[] = [];
  let open: { keyword: string; head: Node[]; from: number } | undefined;
  for (const child of node.children) {
    if (child.type === 'Body') {
      if (open) clauses.push({ ...open, body: child });
      open = undefined;
    } else if (open) open.head.push(child);
    else open = { keyword: child.type, head: [], from: child.from };
  }
  if (open) clauses.push({ ...open, body: undefined });
  return clauses;
}

function lowerIf(node: Node, reading: Reading): CodeStatement {
  const clauses = clausesOf(node);
  checkDepth(clauses.length);
  const last = clauses.at(-1);
  let otherwise: readonly CodeStatement[] = last?.keyword === 'else' ? lowerBody(last.body, reading) : [];
  const tests = clauses.filter(({ keyword }) => keyword !== 'else');
  const lowered = tests.map(({ head, body, from }) => ({ test: lowerExpression(head[0], reading), then: lowerBody(body, reading), location: reading.at(from, node.to) }));
  for (const clause of lowered.slice(1).reverse()) otherwise = [{ kind: 'if', ...clause, otherwise }];
  return { kind: 'if', ...lowered[0]!, otherwise };
}

function lowerLoop(node: Node, reading: Reading): LoopStatement {
  const children = node.children[0]?.type === 'async' ? node.children.slice(1) : node.children;
  const [{ head, body }, second] = clausesOf({ ...node, children }) as [Clause, Clause | undefined];
  const shared = { kind: 'loop' as const, init: [], location: reading.of(node) };
  const tail = () => ({ body: lowerBody(body, reading), otherwise: lowerBody(second?.body, reading) });
  if (node.type === 'WhileStatement') return { ...shared, form: 'while', test: lowerExpression(head[0], reading), ...tail() };
  const split = head.findIndex(({ type }) => type === 'in');
  const target = patternOf(split < 0 ? head : head.slice(0, split), reading);
  return { ...shared, form: 'forEach', target, iterable: lowerList(split < 0 ? [] : head.slice(split + 1), reading), ...tail() };
}

function lowerTry(node: Node, reading: Reading): TryStatement {
  const clauses = clausesOf(node);
  const bodyOf = (keyword: string) => lowerBody(clauses.find((clause) => clause.keyword === keyword)?.body, reading);
  const handlers = clauses.filter(({ keyword }) => keyword === 'except').map(({ head, body }) => {
    const parts = head.filter(({ type }) => type !== '*');
    const as = parts.findIndex(({ type }) => type === 'as');
    const caught = lowerList(as < 0 ? parts : parts.slice(0, as), reading);
    const types = parts.length === 0 ? [] : caught.kind === 'list' ? caught.items.flatMap((item) => item?.value ?? []) : [caught];
    const name = as < 0 ? undefined : parts[as + 1];
    return { types, ...(name && { target: patternOf([name], reading) }), body: lowerBody(body, reading) };
  });
  return { kind: 'try', body: bodyOf('try'), handlers, otherwise: bodyOf('else'), finally: bodyOf('finally'), location: reading.of(node) };
}

function lowerWith(node: Node, reading: Reading): WithStatement {
  const { withTargets } = reading.marks;
  let parts = node.children.filter(({ type }) => type !== 'Body' && type !== 'async' && type !== 'with');
  const [only] = parts;
  const isWrapped = parts.length === 1 && only!.type === 'TupleExpression' && !only!.children.some(({ type }) => type === '*' || type === 'NamedExpression');
  if (isWrapped) parts = inBrackets(only!);
  const items: { context: CodeExpression; target?: Pattern }[] = [];
  let isTarget = false;
  for (const part of parts) {
    if (part.type === ',') isTarget = withTargets.has(part.from);
    else if (isTarget && items.length > 0) items.at(-1)!.target = patternOf([part], reading);
    else items.push({ context: lowerExpression(part, reading) });
  }
  return { kind: 'with', items, body: lowerBody(node.children.at(-1), reading), location: reading.of(node) };
}

function lowerMatch(node: Node, reading: Reading): SwitchStatement {
  const subject = lowerExpression(reading.part(reading.marks.matches.get(node.from)!, 'expression'), reading);
  const clauses = node.children.find(({ type }) => type === 'Body')?.children ?? [];
  const cases = clauses.flatMap((clause): SwitchStatement['cases'][number][] => {
    const mark = reading.marks.cases.get(clause.from);
    if (!mark) return [];
    const pattern = casePattern(lowerExpression(reading.part(mark.pattern, 'pattern'), reading));
    const guard = mark.guard && lowerExpression(reading.part(mark.guard, 'expression'), reading);
    return [{ ...pattern, ...(guard && { guard }), body: lowerBody(clause.children.find(({ type }) => type === 'Body'), reading) }];
  });
  return { kind: 'switch', subject, cases, fallsThrough: false, location: reading.of(node) };
}

