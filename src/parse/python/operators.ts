import { entryOf } from '../../entry.js';
import type { CodeExpression } from '../../facts/code.js';
import type { Node } from './grammar.js';
import { checkDepth, type Reading } from './reading.js';

type Token = { readonly operator: string; readonly from: number; readonly to: number } | { readonly operand: Node };
interface Term {
  readonly from: number;
  readonly to: number;
  readonly expression: CodeExpression;
}

const BINARY: Readonly<Record<string, number>> = {
  as: 0, or: 1, and: 2, '|': 5, '^': 6, '&': 7, '<<': 8, '>>': 8, '+': 9, '-': 9, '*': 10, '@': 10, '/': 10, '//': 10, '%': 10, '**': 12,
};
const NOT = 3, COMPARISON = 4, UNARY = 11, AWAIT = 13;
const ASSOCIATIVE = new Set(['or', 'and', '|', '&', '+']);
/** A longer chain becomes a tree that is not as deep as the chain is long. */
const LONG_CHAIN = 200;

/** Whether a node is made of operators and operands. */
export function isOperation(node: Node): boolean {
  return node.type === 'BinaryExpression' || node.type === 'UnaryExpression' || node.type === 'AwaitExpression';
}

/**
 * The operators and operands of a node from left to right. The grammar's own nesting is not used: it reads `not a and b` as
 * `not (a and b)` and `await f() + 1` as `await (f() + 1)`.
 */
export function flatten(node: Node, reading: Reading): Token[] {
  const tokens: Token[] = [];
  const stack: Node[] = [node];
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (isOperation(next)) {
      for (let index = next.children.length - 1; index >= 0; index--) stack.push(next.children[index]!);
      continue;
    }
    const { type, from, to } = next;
    const operator = /^[A-Za-z]+Op$/.test(type) ? reading.word(next) : type;
    if (/^(?:[a-z]+|[^\w\s.([{]+)$/.test(operator) && next.type !== 'None' && !isOperand(type)) {
      const before = tokens.at(-1);
      const joined = before && 'operator' in before && ((before.operator === 'not' && operator === 'in') || (before.operator === 'is' && operator === 'not'));
      if (joined) tokens[tokens.length - 1] = { operator: `${before.operator} ${operator}`, from: before.from, to };
      else if (!reading.marks.decorators.has(from)) tokens.push({ operator: reading.marks.patternNames.has(from) ? 'as' : operator, from, to });
    } else tokens.push({ operand: next });
  }
  return tokens;
}

function isOperand(type: string): boolean {
  return /^[A-Z]/.test(type) && !type.endsWith('Op');
}

/** Lowers a node of operators by Python's own precedence; a chained comparison is an `and` of comparisons. */
export function lowerOperation(node: Node, reading: Reading, lower: (operand: Node | undefined) => CodeExpression): CodeExpression {
  const tokens = flatten(node, reading);
  let next = 0;

  const binary = (operator: string, left: Term, right: Term): Term => {
    const { from } = left;
    const { to } = right;
    const location = reading.at(from, to);
    const sides = { left: left.expression, right: right.expression, location };
    const expression: CodeExpression = operator === 'and' || operator === 'or'
      ? { kind: 'logical', operator, ...sides } : { kind: 'binary', operator, ...sides };
    return { from, to, expression };
  };

  const fold = (operator: string, terms: readonly Term[]): Term => {
    if (terms.length < LONG_CHAIN) return terms.slice(1).reduce((left, right) => binary(operator, left, right), terms[0]!);
    const half = terms.length >> 1;
    return binary(operator, fold(operator, terms.slice(0, half)), fold(operator, terms.slice(half)));
  };

  const prefix = (): Term => {
    const token = tokens[next];
    if (!token || 'operand' in token) {
      next += 1;
      const operand = token?.operand;
      return { from: operand?.from ?? node.to, to: operand?.to ?? node.to, expression: lower(operand) };
    }
    next += 1;
    const { operator, from } = token;
    const operand = parse(operator === 'not' ? NOT : operator === 'await' ? AWAIT : UNARY);
    const location = reading.at(from, operand.to);
    const expression: CodeExpression = operator === 'await'
      ? { kind: 'await', operand: operand.expression, location } : { kind: 'unary', operator, operand: operand.expression, location };
    return { from, to: operand.to, expression };
  };

  const comparison = (first: Term): Term => {
    const parts: Term[] = [];
    let left = first;
    for (;;) {
      const token = tokens[next];
      if (!token || !('operator' in token) || precedence(token.operator) !== COMPARISON) return fold('and', parts);
      next += 1;
      const right = parse(COMPARISON + 1);
      parts.push(binary(token.operator, left, right));
      left = right;
    }
  };

  const parse = (least: number): Term => {
    let left = prefix();
    for (let depth = 0; ; depth++) {
      checkDepth(depth);
      const token = tokens[next];
      if (!token || !('operator' in token)) return left;
      const level = precedence(token.operator);
      if (level < least) return left;
      if (level === COMPARISON) left = comparison(left);
      else if (token.operator === '**') {
        next += 1;
        left = binary('**', left, parse(UNARY));
      } else {
        const terms = [left];
        const same = () => { const now = tokens[next]; return now && 'operator' in now && now.operator === token.operator; };
        do {
          next += 1;
          terms.push(parse(level + 1));
        } while (ASSOCIATIVE.has(token.operator) && same());
        left = fold(token.operator, terms);
      }
    }
  };

  return parse(0).expression;
}

function precedence(operator: string): number {
  return entryOf(BINARY, operator) ?? COMPARISON;
}
