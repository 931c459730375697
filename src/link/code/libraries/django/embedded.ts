import type { Expression } from '../../../../facts/expression.js';
import type { SelectQuery } from '../../../../facts/query.js';
import { hole } from '../build.js';
import { pathExpression, type At } from './conditions.js';
import { OUTER } from './functions.js';
import { withdraw, type QuerySet } from './queryset-data.js';

type Node = Readonly<Record<string, unknown>>;

/** The query of a query set as a part of another: it no longer counts by itself, and `OuterRef` means the row around. */
export function embedded(query: SelectQuery, set: QuerySet, at: At): SelectQuery {
  withdraw(set);
  const { alias } = set.place;
  const clashes = at.named === undefined && alias === at.place.alias;
  const own = clashes ? at.place.names.fresh(alias) : alias;
  const outer = (path: string): Expression => (at.named ? undefined : pathExpression(path, at)) ?? hole('the row around', at.location);
  return mapped(query as unknown as Node, (node) => {
    if (node['kind'] === 'other' && node['name'] === OUTER) return { ...outer(String((node['parts'] as readonly { value: unknown }[])[0]!.value)) };
    if (!clashes) return undefined;
    const path = node['path'] as readonly string[] | undefined;
    if ((node['kind'] === 'column' || node['kind'] === 'star') && path?.[0] === alias) return { ...node, path: [own, ...path.slice(1)] };
    if (node['kind'] === 'table' && 'columnAliases' in node && (node['alias'] ?? (node['name'] as { name: string }).name) === alias) return { ...node, alias: own };
    return undefined;
  }) as unknown as SelectQuery;
}

/** Whether a query set speaks of the row around (`OuterRef`): it is a part of a query, never one of its own. */
export function isPart({ where, annotations }: QuerySet): boolean {
  let found = false;
  mapped([where, [...annotations.values()]], (node) => {
    found ||= node['kind'] === 'other' && node['name'] === OUTER;
    return undefined;
  });
  return found;
}

/** Conditions on the rows of one alias, as conditions on those of another. */
export function asAlias(condition: Expression, from: string, to: string): Expression {
  return mapped(condition, (node) => {
    const path = node['path'] as readonly string[] | undefined;
    return (node['kind'] === 'column' || node['kind'] === 'star') && path?.[0] === from ? { ...node, path: [to, ...path.slice(1)] } : undefined;
  }) as Expression;
}

function mapped(node: unknown, change: (node: Node) => Node | undefined): unknown {
  if (Array.isArray(node)) {
    const items = node.map((each) => mapped(each, change));
    return items.some((each, index) => each !== node[index]) ? items : node;
  }
  if (typeof node !== 'object' || node === null) return node;
  const changed = change(node as Node);
  if (changed) return changed;
  let copy: Record<string, unknown> | undefined;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'location') continue;
    const made = mapped(value, change);
    if (made !== value) (copy ??= { ...node })[key] = made;
  }
  return copy ?? node;
}
