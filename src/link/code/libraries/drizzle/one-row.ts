import type { Expression } from '../../../../facts/expression.js';
import type { ModelTable } from '../../../../facts/schema.js';

/** Whether a condition compares a unique key of a table with values: at most one row has it. */
export function hasOneRow(where: Expression | undefined, model: ModelTable, alias: string): boolean {
  if (!where) return false;
  const terms = where.kind === 'and' ? where.operands : [where];
  const compared = new Set(terms.flatMap((term) => (term.kind === 'operator' && term.operator === '=' && term.left?.kind === 'column' && term.left.path[0] === alias && term.right.kind !== 'column'
    ? [term.left.path.at(-1)!] : [])));
  return model.constraints.some((each) => (each.kind === 'primaryKey' || each.kind === 'unique') && each.columns.every((name) => compared.has(name)));
}
