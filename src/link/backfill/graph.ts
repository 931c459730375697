import type { Expression } from '../../facts/expression.js';
import type { FromItem, Query } from '../../facts/query.js';
import type { Table } from '../catalog/types.js';
import type { Leaf, Names } from './names.js';
import { flatItems, isPlain, labelOf } from './names.js';
import { conjuncts, nodes } from './walk.js';

/** One relation that a query block reads, after plain sub-selects were opened. */
export interface Source {
  readonly item: FromItem;
  readonly label: string;
  readonly table?: Table;
  /** A sub-select or CTE that could not be opened: grouped, limited, a set operation, data-modifying. */
  readonly query?: Query;
  /** Null-supplied by an outer join: the conditions under which it is matched. */
  readonly optional?: readonly Expression[];
}

/** The relations of a block and the conditions that hold for the rows it gives. */
export interface Graph {
  readonly sources: readonly Source[];
  readonly conditions: readonly Expression[];
  /** A FULL or NATURAL join: conditions are not all known. */
  readonly incomplete: boolean;
}

/** A condition `source.column = side`. */
export interface Equality {
  readonly condition: Expression;
  readonly column: Leaf;
  readonly other: Expression;
}

/** Flattens FROM and WHERE: inner joins become conditions, plain sub-selects are opened. */
export function graphOf(from: readonly FromItem[], where: Expression | undefined, names: Names): Graph {
  const sources: Source[] = [];
  const conditions: Expression[] = [];
  let incomplete = false;

  const visit = (item: FromItem, optional?: Expression[]): void => {
    if (item.kind !== 'join') {
      const query = names.queryOf(item);
      if (query && isPlain(query)) {
        for (const inner of query.from) visit(inner, optional);
        (optional ?? conditions).push(...termsOf(query.where));
        return;
      }
      const table = names.tableOf(item);
      sources.push({ item, label: labelOf(item, table), ...(table ? { table } : {}), ...(query ? { query } : {}), ...(optional ? { optional } : {}) });
      return;
    }
    if (item.natural || item.type === 'full') incomplete = true;
    const on = joinConditions(item, names);
    const outer = [...(optional ?? []), ...on];
    visit(item.left, item.type === 'right' || item.type === 'full' ? outer : optional);
    visit(item.right, item.type === 'left' || item.type === 'full' ? outer : optional);
    if (item.type === 'inner' || item.type === 'cross') (optional ?? conditions).push(...on);
  };
  for (const item of from) visit(item);
  conditions.push(...termsOf(where));
  return { sources, conditions, incomplete };
}

function joinConditions(join: Extract<FromItem, { kind: 'join' }>, names: Names): Expression[] {
  const using = join.using.flatMap((name): Expression[] => {
    const [left, right] = [join.left, join.right].map((side) => flatItems([side]).find((item) => !names.tableOf(item) || names.tableOf(item)!.columns.has(name)));
    if (!left || !right) return [];
    const { location } = join;
    return [{ kind: 'operator', operator: '=', left: names.made(left, name, location), right: names.made(right, name, location), location }];
  });
  return [...termsOf(join.on), ...using];
}

/** The terms joined by AND, an equality of rows taken as those of its columns (PostgreSQL manual, 9.25.5). */
function termsOf(condition: Expression | undefined): readonly Expression[] {
  return conjuncts(condition).flatMap((term): readonly Expression[] => {
    if (term.kind !== 'operator' || term.operator !== '=' || term.left?.kind !== 'row' || term.right.kind !== 'row') return [term];
    const { left: { items }, right: { items: others }, location } = term;
    return items.length === others.length ? items.map((left, index): Expression => ({ kind: 'operator', operator: '=', left, right: others[index]!, location })) : [term];
  });
}

/** The equalities among conditions, each from both of its sides where both are columns. */
export function equalities(conditions: readonly Expression[], names: Names): Equality[] {
  return conditions.flatMap((condition): Equality[] => {
    const pair = equalPair(names.expand(condition));
    return pair ? [pair, [pair[1], pair[0]] as const].flatMap(([side, other]) => {
      const column = names.leaf(side);
      return column ? [{ condition, column, other }] : [];
    }) : [];
  });
}

function equalPair(condition: Expression): readonly [Expression, Expression] | undefined {
  if (condition.kind === 'inList' && !condition.negated && condition.list.length === 1) return [condition.operand, condition.list[0]!];
  return condition.kind === 'operator' && condition.operator === '=' && condition.left ? [condition.left, condition.right] : undefined;
}

/** The items (of this block or of blocks around it) whose columns an expression reads; undefined when one is not known. */
export function itemsRead(expression: Expression, names: Names): ReadonlySet<FromItem> | undefined {
  const items = new Set<FromItem>();
  const inner = new Set<FromItem>();
  const visit = (value: unknown): boolean => {
    if (Array.isArray(value)) return value.every(visit);
    if (typeof value !== 'object' || value === null) return true;
    if ('kind' in value && value.kind === 'subquery') {
      for (const node of nodes((value as unknown as { query: Query }).query)) if (node.kind === 'table' || node.kind === 'derived') inner.add(node as FromItem);
    }
    if ('kind' in value && value.kind === 'column') {
      const expanded = names.expand(value as Expression);
      if (expanded !== value) return visit(expanded);
      const leaf = names.leaf(expanded);
      if (leaf) items.add(leaf.item);
      return leaf !== undefined;
    }
    return Object.values(value).every(visit);
  };
  return visit(expression) ? new Set([...items].filter((item) => !inner.has(item))) : undefined;
}
