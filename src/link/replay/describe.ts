import type { Expression } from '../../facts/expression.js';
import { textOf } from './values.js';

/** An expression in few words, for messages. */
export function describe(expression: Expression): string {
  switch (expression.kind) {
    case 'column': return expression.path.join('.');
    case 'parameter': case 'hole': return expression.kind === 'hole' ? expression.text : expression.name;
    case 'constant': return typeof expression.value === 'string' ? `'${shorten(expression.value)}'` : textOf(expression) ?? 'NULL';
    case 'call': return `${expression.name.join('.')}(${expression.arguments.map(describe).join(', ')})`;
    case 'operator': return `${expression.left ? `${describe(expression.left)} ` : ''}${expression.operator} ${describe(expression.right)}`;
    case 'cast': return describe(expression.operand);
    case 'subquery': return 'the result of a query';
    case 'case': return 'a value chosen by a condition';
    default: return 'an expression';
  }
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
