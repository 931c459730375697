import ts from 'typescript';

/** One small change of a program that a test should notice. */
export interface Mutant {
  readonly id: number;
  readonly file: string;
  readonly line: number;
  /** What kind of change. */
  readonly kind: string;
  readonly original: string;
  /** Absent: the statement is left out. */
  readonly replacement?: string;
}

type Change = readonly [kind: string, replacement?: string];

/** A file with all of its mutants in it; `__mutant(id)` says which of them is on. */
export interface Instrumented {
  readonly text: string;
  readonly mutants: readonly Mutant[];
}

const SWAPPED: Readonly<Partial<Record<ts.SyntaxKind, string>>> = {
  [ts.SyntaxKind.LessThanToken]: '<=', [ts.SyntaxKind.LessThanEqualsToken]: '<', [ts.SyntaxKind.GreaterThanToken]: '>=', [ts.SyntaxKind.GreaterThanEqualsToken]: '>',
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: '!==', [ts.SyntaxKind.ExclamationEqualsEqualsToken]: '===',
  [ts.SyntaxKind.AmpersandAmpersandToken]: '||', [ts.SyntaxKind.BarBarToken]: '&&', [ts.SyntaxKind.PlusToken]: '-', [ts.SyntaxKind.MinusToken]: '+',
};
const METHODS: Readonly<Record<string, string>> = { some: 'every', every: 'some', min: 'max', max: 'min', has: '', filter: '', startsWith: 'endsWith', endsWith: 'startsWith' };

/**
 * Puts every mutant of a file into it, each behind a switch.
 * @param first the number of the first mutant
 */
export function instrument(file: string, text: string, first: number): Instrumented {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const mutants: Mutant[] = [];
  const note = (node: ts.Node, [kind, replacement]: Change): number => {
    const id = first + mutants.length;
    const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
    mutants.push({ id, file, line, kind, original: node.getText(source), ...(replacement !== undefined && { replacement }) });
    return id;
  };
  const render = (node: ts.Node): string => {
    if (ts.isTypeNode(node)) return node.getFullText(source);
    const changes = isInFunction(node) ? changesOf(node, source) : [];
    const ids = changes.map((change) => note(node, change));
    const start = node.getStart(source);
    let inner = '';
    let at = start;
    ts.forEachChild(node, (child) => {
      inner += text.slice(at, child.getFullStart()) + render(child);
      at = child.getEnd();
    });
    inner += text.slice(at, node.getEnd());
    const lead = text.slice(node.getFullStart(), start);
    if (changes.length === 0) return lead + inner;
    if (ts.isStatement(node)) return `${lead}{if(!__mutant(${ids[0]!})){${inner}}}`;
    return `${lead}(${changes.map(([, replacement], index) => `__mutant(${ids[index]!})?(${replacement!}):`).join('')}(${inner}))`;
  };
  return { text: render(source) + text.slice(source.getEnd()), mutants };
}

function isInFunction(node: ts.Node): boolean {
  for (let { parent } = node; parent as ts.Node | undefined; parent = parent.parent) if (ts.isFunctionLike(parent)) return true;
  return false;
}

function changesOf(node: ts.Node, source: ts.SourceFile): Change[] {
  if (ts.isExpressionStatement(node)) return ['statement left out'].filter(() => !isSuper(node.expression)).map((kind): Change => [kind]);
  if (ts.isContinueStatement(node)) return [['statement left out']];
  if (!ts.isExpression(node) || (node.flags & ts.NodeFlags.OptionalChain) !== 0 || isTarget(node)) return [];
  return [...conditionChanges(node), ...operatorChanges(node, source), ...callChanges(node, source), ...resultChanges(node)];
}

function isSuper(node: ts.Expression): boolean {
  return ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword;
}

/** What is written to, or names a part of something: no value of its own. */
function isTarget(node: ts.Expression): boolean {
  const { parent } = node;
  return (ts.isBinaryExpression(parent) && parent.left === node && parent.operatorToken.kind >= ts.SyntaxKind.FirstAssignment && parent.operatorToken.kind <= ts.SyntaxKind.LastAssignment)
    || ts.isPrefixUnaryExpression(parent) && parent.operator !== ts.SyntaxKind.ExclamationToken || ts.isPostfixUnaryExpression(parent);
}

function conditionChanges(node: ts.Expression): Change[] {
  const { parent } = node;
  const isChosen = (ts.isIfStatement(parent) && parent.expression === node) || (ts.isConditionalExpression(parent) && parent.condition === node);
  const repeats = (ts.isWhileStatement(parent) && parent.expression === node) || (ts.isForStatement(parent) && parent.condition === node);
  if (isChosen && node.kind !== ts.SyntaxKind.TrueKeyword) return [['condition', 'true'], ['condition', 'false']];
  return repeats ? [['condition', 'false']] : [];
}

function operatorChanges(node: ts.Expression, source: ts.SourceFile): Change[] {
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [['constant', 'false']];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [['constant', 'true']];
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) return [['negation left out', node.operand.getText(source)]];
  if (!ts.isBinaryExpression(node)) return [];
  const [left, right] = [node.left.getText(source), node.right.getText(source)];
  const { kind } = node.operatorToken;
  if (kind === ts.SyntaxKind.QuestionQuestionToken) return [['default left out', left], ['default alone', right]];
  const other = SWAPPED[kind];
  if (other === undefined || (kind === ts.SyntaxKind.PlusToken && /['"`]/.test(left + right))) return [];
  const swapped: Change = ['operator', `(${left}) ${other} (${right})`];
  const isLogical = kind === ts.SyntaxKind.AmpersandAmpersandToken || kind === ts.SyntaxKind.BarBarToken;
  return isLogical ? [swapped, ['operand left out', left], ['operand left out', right]] : [swapped];
}

function callChanges(node: ts.Expression, source: ts.SourceFile): Change[] {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression) || !Object.hasOwn(METHODS, node.expression.name.text)) return [];
  const of = node.expression.expression.getText(source);
  const written = node.arguments.map((each) => each.getText(source)).join(', ');
  switch (node.expression.name.text) {
    case 'filter': return [['filter left out', of]];
    case 'has': return [['constant', 'true'], ['constant', 'false']];
    default: return [['method', `${of}.${METHODS[node.expression.name.text]!}(${written})`]];
  }
}

/** The value of a function: nothing, or the other one of two. */
function resultChanges(node: ts.Expression): Change[] {
  const { parent } = node;
  const isResult = (ts.isReturnStatement(parent) && parent.expression === node) || (ts.isArrowFunction(parent) && parent.body === node);
  if (!isResult || node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword) return [];
  if (ts.isIdentifier(node) && node.text === 'undefined') return [];
  if (ts.isArrayLiteralExpression(node)) return node.elements.length === 0 ? [] : [['result', '[]']];
  if (ts.isBinaryExpression(node) && SWAPPED[node.operatorToken.kind] !== undefined) return [['result', 'true'], ['result', 'false']];
  return [['result', 'undefined']];
}
