import type { Join } from '../../facts/query.js';
import { checkOperator } from './checks.js';
import type { Context } from './context.js';
import { declaredHere, didYouMean, failure } from './failure.js';
import { columnsOf, Joined, type Sides } from './joined.js';
import type { Relation, RelationColumn } from './relation.js';
import { isSystemColumn } from './relation.js';
import type { NamespaceItem } from './scope.js';
import { columnsNamed, openItems } from './scope.js';

/** A join as a relation, and what can be named through it. The sides are not to be used after that. */
export function joinSides(join: Join, left: NamespaceItem, right: NamespaceItem, context: Context): { readonly relation: Omit<Relation, 'block'>; readonly inner: Joined; readonly merged: readonly RelationColumn[] } {
  const names = join.natural ? commonNames(left, right) : join.using;
  const merged = names.flatMap((name) => {
    const pair = [find(name, left, 'left', join, context), find(name, right, 'right', join, context)] as const;
    return pair[0] && pair[1] ? [merge(join, pair[0], pair[1], context)] : [];
  });
  const sides: Sides = {
    left: [left.relation], right: [right.relation], merged, names,
    nullLeft: join.type === 'right' || join.type === 'full', nullRight: join.type === 'left' || join.type === 'full',
  };
  const relation = {
    item: join, aliased: true, open: openItems([left, right]), sides,
    get columns(): readonly RelationColumn[] {
      const columns = columnsOf(sides);
      Object.defineProperty(this, 'columns', { value: columns, enumerable: true });
      return columns;
    },
    ...(join.alias === undefined ? {} : { name: join.alias }),
  };
  return { relation, merged, inner: joined(sides, left, right) };
}

function joined({ names, merged, nullLeft, nullRight }: Sides, left: NamespaceItem, right: NamespaceItem): Joined {
  const [first, second] = [left.inner ?? Joined.of(left.relation), right.inner ?? Joined.of(right.relation)];
  for (const name of names) for (const side of [first, second]) side.hide(name);
  if (nullLeft) first.supplyNulls();
  if (nullRight) second.supplyNulls();
  const both = Joined.both(first, second);
  for (const column of merged) both.show(column);
  return both;
}

function commonNames(left: NamespaceItem, right: NamespaceItem): string[] {
  return [...new Set(left.relation.columns.map((column) => column.name))].filter((name) => columnsNamed(right, name).length > 0);
}

function find(name: string, side: NamespaceItem, word: 'left' | 'right', join: Join, context: Context): RelationColumn | undefined {
  const matches = columnsNamed(side, name);
  if (matches.length > 1) context.fail(failure('42702', `common column name "${name}" appears more than once in ${word} table`, join.location));
  if (matches[0] || side.relation.open || isSystemColumn(name)) return matches[0];
  context.fail(failure('42703', `column "${name}" specified in USING clause does not exist in ${word} table`, join.location, {
    suggestion: didYouMean(name, side.relation.columns.map((column) => column.name)),
    related: side.inner ? [] : declaredHere(side.relation.table),
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
