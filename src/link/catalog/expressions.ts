import type { Expression } from '../../facts/expression.js';

/** Every expression inside the given one, itself first; sub-queries are not entered. */
export function* parts(node: unknown): Generator<Expression> {
  if (Array.isArray(node)) {
    for (const item of node) yield* parts(item);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  if (typeof (node as { kind?: unknown }).kind === 'string') yield node as Expression;
  for (const [key, value] of Object.entries(node)) if (key !== 'location' && key !== 'query') yield* parts(value);
}

/** Whether the expression has a sub-select in it. */
export function containsSubquery(expression: Expression): boolean {
  for (const part of parts(expression)) if (part.kind === 'subquery') return true;
  return false;
}
