import type { CodeStatement } from '../facts/code.js';

/** What is read afterwards is read by recursion, on a stack that may be a small one. Real code stays below 150. */
const DEEPEST = 1000;
/** `a=>a=>` makes the most of them: what is too short for the rest is not gone through. */
const MOST_LEVELS_A_CHARACTER = 4;
export const TOO_DEEP = 'This statement is nested too deeply: it was not read';

/** Parts statements from those whose trees are deeper than what follows them may go down, however much of the stack the parser happened to leave. */
export function partedByDepth(statements: readonly CodeStatement[]): { readonly shallow: readonly CodeStatement[]; readonly deep: readonly CodeStatement[] } {
  const deep = statements.filter((statement) => isDeeper(statement, DEEPEST));
  return { shallow: deep.length === 0 ? statements : statements.filter((statement) => !deep.includes(statement)), deep };
}

function isDeeper(node: object, left: number): boolean {
  if (left === 0) return true;
  const { location } = node as Partial<CodeStatement>;
  if (location !== undefined && (location.end - location.start) * MOST_LEVELS_A_CHARACTER < left) return false;
  for (const key in node) {
    if (key === 'location') continue;
    const part: unknown = node[key as keyof typeof node];
    if (typeof part === 'object' && part !== null && isDeeper(part, left - 1)) return true;
  }
  return false;
}
