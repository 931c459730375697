import type { CodeFunction, CodeStatement } from '../../../../facts/code.js';

/** The function that a statement exports. */
export function exportedFunctionOf(statement: CodeStatement): CodeFunction | undefined {
  if (statement.kind === 'function' && statement.exported !== undefined) return statement.function;
  if (statement.kind === 'declare' && statement.exported === true && statement.value?.kind === 'functionValue') return statement.value.function;
  return statement.kind === 'export' && statement.value?.expression.kind === 'functionValue' ? statement.value.expression.function : undefined;
}
