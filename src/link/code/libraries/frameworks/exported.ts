import type { CodeFunction, CodeModule, CodeStatement } from '../../../../facts/code.js';

/** The function that a statement exports. */
export function exportedFunctionOf(statement: CodeStatement): CodeFunction | undefined {
  if (statement.kind === 'function' && statement.exported !== undefined) return statement.function;
  if (statement.kind === 'declare' && statement.exported === true && statement.value?.kind === 'functionValue') return statement.value.function;
  return statement.kind === 'export' && statement.value?.expression.kind === 'functionValue' ? statement.value.expression.function : undefined;
}

/** The name that a function of a module is exported by: its own, or that of what holds it. */
export function exportedName(code: CodeFunction, { body }: CodeModule): string | undefined {
  const statement = body.find((each) => exportedFunctionOf(each) === code);
  return statement?.kind === 'declare' && statement.target.kind === 'name' ? statement.target.name : statement && code.name;
}
