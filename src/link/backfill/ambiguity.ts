import type { CallExpression, Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { FromItem, Query, SelectQuery } from '../../facts/query.js';
import { displayName } from '../catalog/names.js';
import type { Index, Table } from '../catalog/types.js';
import { canonical, ways } from './conditions.js';
import type { ColumnKeys } from './conditions.js';
import type { Equality, Graph, Source } from './graph.js';
import { equalities, graphOf, itemsRead } from './graph.js';
import type { Names } from './names.js';
import { conjunction, isFalse, isTrue, nullTest } from './pieces.js';
import type { Knowledge, Literal } from './pieces.js';
import { isOne, isSingleRow, picks } from './single-row.js';
import { conjuncts, hasAggregate, nodes, nodesOfKind, withoutCasts } from './walk.js';

export interface Ambiguity {
  readonly reason: string;
  readonly location: Location;
}

/** Decides whether the value an UPDATE writes depends on which of several source rows PostgreSQL happens to take. */
export class AmbiguityFinder {
  constructor(private readonly names: Names, private readonly keys: ColumnKeys & Knowledge) {}

  /** Why the value of an assignment is arbitrary; undefined when it is determined by the row, or when that cannot be told. */
  ofValue(value: Expression, graph: Graph, known: ReadonlySet<FromItem>): Ambiguity | undefined {
    const determined = this.determined(graph, known);
    return this.inExpression(value, graph, determined);
  }

  private inExpression(value: Expression, graph: Graph, determined: ReadonlySet<FromItem>): Ambiguity | undefined {
    const expression = withoutCasts(this.names.expand(value));
    if (expression.kind === 'subquery') return expression.form === 'scalar' ? this.inSelect(expression.query, determined) : undefined;
    if (expression.kind === 'column') return this.ofColumn(expression, graph, determined);
    for (const child of directChildren(expression)) {
      const found = this.inExpression(child, graph, determined);
      if (found) return found;
    }
    return undefined;
  }

  private ofColumn(expression: Expression, graph: Graph, determined: ReadonlySet<FromItem>): Ambiguity | undefined {
    const leaf = this.names.leaf(expression);
    const source = leaf && graph.sources.find(({ item }) => item === leaf.item);
    if (!leaf || !source) return undefined;
    if (determined.has(leaf.item)) return source.query ? this.pickIn(source, leaf.name, determined) : undefined;
    const links = equalities(linksOf(graph), this.names).filter(({ column }) => column.item === leaf.item);
    if (links.some(({ column, other }) => column.name === leaf.name && this.isFixed(other, determined))) return undefined;
    const loose = this.origin(source, graph, determined);
    if (loose.table) {
      const columns = [...new Set(this.linksTo(loose, graph).map(({ column }) => column.name))];
      if (loose.table.assumed || loose.table.open) return undefined;
      const by = columns.length > 0 ? `no unique key of "${displayName(loose.table)}" is covered by the join on ${columns.join(', ')}` : `nothing joins "${displayName(loose.table)}" by a unique key`;
      return { reason: `${by}, so several of its rows can match one row`, location: loose.item.location };
    }
    if (loose !== source) return undefined;
    if (!source.query || source.query.kind !== 'select') return undefined;
    return this.pickIn(source, leaf.name, determined)
      ?? (keysOf(source.query) ? { reason: `several rows of "${source.label}" can match one row`, location: source.item.location } : undefined);
  }

  /** Where the second match comes from: a source found by its unique key is only as uncertain as the one that gives the key. */
  private origin(source: Source, graph: Graph, determined: ReadonlySet<FromItem>, seen: ReadonlySet<Source> = new Set()): Source {
    const links = this.linksTo(source, graph);
    if (seen.has(source) || !this.isSingle(source, new Set(links.map(({ column }) => column.name)), linksOf(graph))) return source;
    const givers = new Set(links.flatMap(({ other }) => [...itemsRead(other, this.names) ?? []]));
    const next = graph.sources.find(({ item }) => givers.has(item) && !determined.has(item) && item !== source.item);
    return next ? this.origin(next, graph, determined, new Set([...seen, source])) : source;
  }

  private linksTo(source: Source, graph: Graph): Equality[] {
    return equalities(linksOf(graph), this.names).filter(({ column }) => column.item === source.item);
  }

  /** A sub-select that narrows several rows to one without saying which tenant is meant. */
  private pickIn(source: Source, name: string, determined: ReadonlySet<FromItem>): Ambiguity | undefined {
    const { query } = source;
    if (query?.kind !== 'select') return undefined;
    const inner = graphOf(query.from, query.where, this.names);
    const grouped = keysOf(query) ?? [];
    const fixed = this.determined(inner, determined, [...grouped, ...query.distinctOn]);
    const value = this.names.exposed(source.item, query, name);
    if (!value || sameInGroup(query, value, this.keys)) return undefined;
    const loose = this.looseItem(value, inner, fixed, grouped);
    if (!loose) return undefined;
    const pick = pickOf(query, value);
    return pick ? { reason: `${pick} picks one of several rows of "${loose.label}"`, location: query.location } : undefined;
  }

  private inSelect(query: Query, known: ReadonlySet<FromItem>): Ambiguity | undefined {
    if (query.kind !== 'select' || query.targets.length !== 1) return undefined;
    const value = query.targets[0]!.expression;
    const graph = graphOf(query.from, query.where, this.names);
    const fixed = this.determined(graph, known, keysOf(query) ?? []);
    const pick = pickOf(query, value);
    const loose = pick && !sameInGroup(query, value, this.keys) ? this.looseItem(value, graph, fixed, []) : undefined;
    if (pick && loose) return { reason: `${pick} picks one of several rows of "${loose.label}"`, location: query.location };
    return this.nested(value, graph, fixed, known);
  }

  /** Sub-selects inside the value, and picks inside the sub-selects of FROM. */
  private nested(value: Expression, graph: Graph, fixed: ReadonlySet<FromItem>, known: ReadonlySet<FromItem>): Ambiguity | undefined {
    for (const inner of nodesOfKind(value, 'subquery')) {
      if (inner.form === 'scalar' && inner !== value) {
        const found = this.inSelect(inner.query, new Set([...known, ...fixed]));
        if (found) return found;
      }
    }
    const leaf = this.names.leaf(value);
    const source = leaf && graph.sources.find(({ item, query }) => item === leaf.item && query);
    return source ? this.pickIn(source, leaf.name, fixed) : undefined;
  }

  /** The source of the value that can hold several candidate rows. */
  private looseItem(value: Expression, graph: Graph, fixed: ReadonlySet<FromItem>, grouped: readonly Expression[]): Source | undefined {
    const texts = new Set(grouped.map((key) => canonical(this.names.expand(key), this.keys)));
    const links = equalities(linksOf(graph), this.names);
    const ordering = new Set([...nodesOfKind(value, 'call')].flatMap(({ over }) => [...nodes(over)]));
    for (const node of nodes(value)) {
      if (node.kind !== 'column' || ordering.has(node)) continue;
      const column = this.names.expand(node as Expression);
      const leaf = this.names.leaf(column);
      const source = leaf && graph.sources.find(({ item }) => item === leaf.item);
      if (!source || fixed.has(source.item) || texts.has(canonical(column, this.keys)) || source.table?.assumed) continue;
      if (links.some((link) => link.column.item === leaf.item && link.column.name === leaf.name && this.isFixed(link.other, fixed))) continue;
      if (source.table || source.query?.kind === 'select') return source;
    }
    return undefined;
  }

  /** The items of which at most one row (combination) belongs to one row of the known items. `fixed`: expressions with one value. */
  determined(graph: Graph, known: ReadonlySet<FromItem>, fixed: readonly Expression[] = []): Set<FromItem> {
    const determined = new Set(known);
    const conditions = linksOf(graph);
    const links = equalities(conditions, this.names);
    const given = fixed.flatMap((expression): Pick<Equality, 'column'>[] => {
      const leaf = this.names.leaf(expression);
      return leaf ? [{ column: leaf }] : [];
    });
    for (let progress = true; progress;) {
      progress = false;
      for (const source of graph.sources) {
        if (determined.has(source.item)) continue;
        const bound = new Set([...given.filter(({ column }) => column.item === source.item),
          ...links.filter(({ column, other }) => column.item === source.item && this.isFixed(other, determined))].map(({ column }) => column.name));
        if (!this.isSingle(source, bound, conditions) && !this.isSingleInEachWay(source, bound, conditions, determined)) continue;
        determined.add(source.item);
        progress = true;
      }
    }
    return determined;
  }

  /** `u.id = s.a OR (s.a IS NULL AND u.id = s.b)`: each branch finds one row at most, and no two of them hold for the same row. */
  private isSingleInEachWay(source: Source, bound: ReadonlySet<string>, conditions: readonly Expression[], determined: ReadonlySet<FromItem>): boolean {
    return conditions.some((condition) => {
      if (condition.kind !== 'or') return false;
      const branches = condition.operands.map((operand) => {
        const links = equalities(conjuncts(operand), this.names).filter(({ column, other }) => column.item === source.item && this.isFixed(other, determined));
        const notNull = links.flatMap(({ other }): Literal[] => {
          const key = this.keys.keyOf(other);
          return key === undefined ? [] : [{ atom: nullTest(key), truth: isFalse }];
        });
        return { single: this.isSingle(source, new Set([...bound, ...links.map(({ column }) => column.name)]), conditions), ways: ways(operand, isTrue, this.keys).map((way) => [...way, ...notNull]) };
      });
      return branches.every(({ single }, index) => single && branches.slice(index + 1).every((other) => branches[index]!.ways.every((one) => other.ways.every((way) => conjunction([...one, ...way], this.keys) === undefined))));
    });
  }

  private isSingle(source: Source, bound: ReadonlySet<string>, conditions: readonly Expression[]): boolean {
    const covered = (columns: readonly (string | undefined)[]) => columns.length > 0 && columns.every((name) => name !== undefined && bound.has(name));
    if (source.table) return uniqueColumns(source.table, (index) => this.holds(index, source, conditions)).some(covered);
    const { query } = source;
    if (!query) return false;
    if (isSingleRow(query)) return true;
    if (query.kind !== 'select') return false;
    const keys = keysOf(query)?.filter((key) => !this.isOneValue(key));
    if (!keys) return false;
    const texts = keys.map((key) => canonical(this.names.expand(key), this.keys));
    const given = new Set([...bound].flatMap((name) => {
      const value = this.names.exposed(source.item, query, name);
      return value ? [canonical(this.names.expand(value), this.keys)] : [];
    }));
    return texts.every((text) => given.has(text));
  }

  /** A constant, and what a window function picks of one. */
  private isOneValue(expression: Expression): boolean {
    const inner = withoutCasts(this.names.expand(expression));
    if (inner.kind === 'call' && inner.over && /^(first|last)_value$/.test(inner.name.at(-1)!)) return inner.arguments.every((each) => this.isOneValue(each));
    return inner.kind === 'constant';
  }

  /** Whether the predicate of a partial index is among the conditions on the source. */
  private holds(index: Index, source: Source, conditions: readonly Expression[]): boolean {
    const there = new Set(conditions.filter((condition) => {
      const items = itemsRead(condition, this.names);
      return items?.size === 1 && items.has(source.item);
    }).map(bareText));
    return conjuncts(index.where).every((term) => there.has(bareText(term)));
  }

  private isFixed(expression: Expression, determined: ReadonlySet<FromItem>): boolean {
    const items = itemsRead(expression, this.names);
    return items !== undefined && [...items].every((item) => determined.has(item));
  }
}

/** Columns by their last name only: to compare an index predicate with a condition on the same table. */
function bareText(expression: Expression): string {
  return JSON.stringify(withoutCasts(expression), (name, value: unknown) => {
    if (name === 'location') return undefined;
    if (typeof value === 'object' && value !== null && 'kind' in value) {
      const node = withoutCasts(value as Expression);
      return node.kind === 'column' ? node.path.at(-1) : node;
    }
    return value;
  });
}

/** Conditions that bind rows to each other, those of outer joins included: an outer join adds no second match. */
function linksOf(graph: Graph): Expression[] {
  return [...graph.conditions, ...new Set(graph.sources.flatMap(({ optional }) => optional ?? []))];
}

/** The sets of columns that name at most one row of a table. */
export function uniqueColumns(table: Table, holds: (index: Index) => boolean): (string | undefined)[][] {
  return [
    ...(table.primaryKey ? [table.primaryKey.columns] : []),
    ...table.uniques.map(({ columns }) => columns),
    ...table.indexes.filter((index) => index.unique && (!index.where || holds(index))).map((index) => index.keys.map(({ column }) => column)),
  ];
}

/** The expressions whose values name one row of a grouped or de-duplicated select; undefined when it is neither. */
function keysOf(query: SelectQuery): readonly Expression[] | undefined {
  if (query.distinctOn.length > 0) return query.distinctOn.map((key) => behindAlias(query, key));
  if (query.groupBy.length > 0) return query.groupBy.map((key) => behindAlias(query, key));
  return query.distinct ? query.targets.map(({ expression }) => expression) : undefined;
}

/** `GROUP BY 1` and `GROUP BY alias` name an item of the select list. */
function behindAlias(query: SelectQuery, key: Expression): Expression {
  if (key.kind === 'constant' && typeof key.value === 'number') return query.targets[key.value - 1]?.expression ?? key;
  if (key.kind === 'column' && key.path.length === 1) return query.targets.find(({ alias }) => alias === key.path[0])?.expression ?? key;
  return key;
}

/** The construct that makes one value of several. */
function pickOf(query: SelectQuery, value: Expression): string | undefined {
  for (const call of nodesOfKind(value, 'call')) {
    if (picks.has(call.name.at(-1)!)) return `${call.name.at(-1)}()`;
  }
  if (query.distinctOn.length > 0) return 'DISTINCT ON';
  if (query.into === 'firstRow' && !hasAggregate(value)) return 'SELECT INTO without STRICT';
  return query.limit && isOne(query.limit) ? 'LIMIT 1' : undefined;
}

/** HAVING count(DISTINCT value) = 1 or min(value) = max(value): all candidates agree. */
function sameInGroup(query: SelectQuery, value: Expression, keys: ColumnKeys): boolean {
  const call = withoutCasts(value);
  const picked = call.kind === 'call' && call.arguments[0] ? call.arguments[0] : call;
  const text = canonical(picked, keys);
  const isOf = (call: CallExpression): boolean => !call.filter && call.arguments[0] !== undefined && canonical(call.arguments[0], keys) === text;
  return conjuncts(query.having).some((term) => {
    if (term.kind !== 'operator' || term.operator !== '=' || term.left?.kind !== 'call') return false;
    const { left, right } = term;
    const name = left.name.at(-1)!;
    if (name === 'count' && right.kind === 'constant' && Number(right.value) === 1) return (left.star === true && !left.filter) || (left.distinct === true && isOf(left));
    return right.kind === 'call' && ['min max', 'max min'].includes(`${name} ${right.name.at(-1)!}`) && isOf(left) && isOf(right);
  });
}

function directChildren(expression: Expression): Expression[] {
  const collect = (value: unknown): Expression[] => {
    if (Array.isArray(value)) return value.flatMap(collect);
    if (typeof value !== 'object' || value === null) return [];
    if ('kind' in value) return [value as Expression];
    return 'when' in value ? Object.values(value).flatMap(collect) : [];
  };
  return Object.values(expression).flatMap(collect);
}

