import type { Join } from '../../facts/query.js';
import { checkOperator } from './checks.js';
import type { Context } from './context.js';
import { declaredHere, didYouMean, failure } from './failure.js';
import type { RelationColumn } from './relation.js';
import { isSystemColumn } from './relation.js';
import type { NamespaceItem } from './scope.js';

interface Side {
  readonly columns: readonly RelationColumn[];
  readonly open: boolean;
}

/** The columns of a join: merged ones first, then the rest of the left and the right side (PostgreSQL manual, section 7.2.1.1). */
export function joinColumns(
  join: Join, left: readonly NamespaceItem[], right: readonly NamespaceItem[], context: Context,
): Side & { readonly merged: readonly RelationColumn[] } {
  const sides = { left: sideOf(left), right: sideOf(right) };
  const open = sides.left.open || sides.right.open;
  const names = join.natural
    ? [...new Set(sides.left.columns.map((column) => column.name))].filter((name) => sides.right.columns.some((column) => column.name === name))
    : join.using;
  const merged = names.flatMap((name) => {
    const pair = [find(name, sides.left, 'left', left, join, context), find(name, sides.right, 'right', right, join, context)] as const;
    return pair[0] && pair[1] ? [merge(join, pair[0], pair[1], context)] : [];
  });
  const rest = (side: Side, nullable: boolean) => side.columns.filter((column) => !names.includes(column.name))
    .map((column) => (nullable ? { ...column, nullable: 'yes' as const } : column));
  return {
    merged,
    columns: [
      ...merged, ...rest(sides.left, join.type === 'right' || join.type === 'full'), ...rest(sides.right, join.type === 'left' || join.type === 'full'),
    ],
    open,
  };
}

function sideOf(items: readonly NamespaceItem[]): Side {
  const shown = items.filter((item) => item.columnsVisible).map((item) => item.relation);
  return { columns: shown.flatMap((relation) => relation.columns), open: shown.some((relation) => relation.open) };
}

function find(
  name: string, side: Side, word: 'left' | 'right', items: readonly NamespaceItem[], join: Join, context: Context,
): RelationColumn | undefined {
  const matches = side.columns.filter((column) => column.name === name);
  if (matches.length > 1) context.fail(failure('42702', `common column name "${name}" appears more than once in ${word} table`, join.location));
  if (matches[0] || side.open || isSystemColumn(name)) return matches[0];
  context.fail(failure('42703', `column "${name}" specified in USING clause does not exist in ${word} table`, join.location, {
    suggestion: didYouMean(name, side.columns.map((column) => column.name)),
    related: items.length === 1 ? declaredHere(items[0]!.relation.table) : [],
  }));
  return undefined;
}

function merge(join: Join, left: RelationColumn, right: RelationColumn, context: Context): RelationColumn {
  checkOperator('=', left, right, join.location, context);
  if (join.type === 'full') {
    const { source: _, ...column } = left;
    return { ...column, nullable: left.nullable === 'no' && right.nullable === 'no' ? 'no' : 'yes', binding: { item: join, block: left.binding.block, name: left.name } };
  }
  return join.type === 'right' ? right : left;
}
