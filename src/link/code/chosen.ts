import { nodes } from '../queries/nodes.js';
import { parameterNames } from '../parameters.js';
import type { Expression, OperatorExpression } from '../../facts/expression.js';
import type { Context } from './library.js';
import { isSecretColumn } from './secrets.js';
import type { FieldValue, RowValue } from './values.js';

/** Whether something that the caller sent has a part in which row it is. Whoever says the secret that is stored in a row is who they say. */
export function isChosen({ result: { rows } }: RowValue | FieldValue, ctx: Context): boolean {
  const secrets = new Set(nodes(rows).flatMap(secretIn));
  return [...parameterNames(rows)].some((name) => {
    const value = ctx.parameter(name);
    return value?.kind === 'input' && value.trust === 'untrusted' && !secrets.has(name);
  });
}

/** The parameter of `hashed_token = $1`. */
function secretIn(node: { readonly kind?: string }): string[] {
  if (node.kind !== 'operator') return [];
  const { operator, left, right } = node as OperatorExpression;
  return operator === '=' ? [...secretOf(left, right), ...secretOf(right, left)] : [];
}

function secretOf(column: Expression | undefined, value: Expression | undefined): string[] {
  return column?.kind === 'column' && isSecretColumn(column.path.at(-1)!) && value?.kind === 'parameter' ? [value.name] : [];
}
