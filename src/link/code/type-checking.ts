import type { CodeExpression, CodeStatement } from '../../facts/code.js';

/** `if TYPE_CHECKING:` by what never runs, and by what does instead. */
interface ForTypes {
  readonly types: readonly CodeStatement[];
  readonly runs: readonly CodeStatement[];
}

/** `if TYPE_CHECKING: from app.models import Check`: Python runs nothing of it, but its names stand in annotations; undefined for any other statement. */
export function forTypes(statement: CodeStatement): ForTypes | undefined {
  if (statement.kind !== 'if') return undefined;
  const { test, then, otherwise } = statement;
  if (isTypeChecking(test)) return { types: then, runs: otherwise };
  return test.kind === 'unary' && test.operator === 'not' && isTypeChecking(test.operand) ? { types: otherwise, runs: then } : undefined;
}

/** What a module says at its outermost: of itself, and for its types. */
export function withTypes(body: readonly CodeStatement[]): readonly CodeStatement[] {
  return body.flatMap((statement) => forTypes(statement)?.types ?? [statement]);
}

function isTypeChecking(test: CodeExpression): boolean {
  return (test.kind === 'name' && test.name === 'TYPE_CHECKING') || (test.kind === 'member' && test.property === 'TYPE_CHECKING');
}
