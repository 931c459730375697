import type { ColumnExpression, Expression } from '../../facts/expression.js';
import type { FromItem, Query, SelectQuery, TableReference } from '../../facts/query.js';
import { displayName, keyOf } from '../catalog/names.js';
import type { Catalog, Column, Table } from '../catalog/types.js';
import type { Resolution } from '../resolve/types.js';
import type { ColumnKeys } from './conditions.js';
import { ways } from './conditions.js';
import type { MadeTable, MadeTables } from './made.js';
import type { Knowledge } from './pieces.js';
import { conjunction, isFalse, isNull, isTrue, nullTest } from './pieces.js';
import { hasAggregate, nodes, withoutCasts } from './walk.js';

/** A column of one item of FROM (or of the target). */
export interface Leaf {
  readonly item: FromItem;
  readonly name: string;
  readonly table?: Table;
  readonly column?: Column;
}

/** A name for an item of FROM in messages. */
export function labelOf(item: FromItem, table?: Table): string {
  if (table) return displayName(table);
  if (item.kind === 'table') return item.name.name;
  return item.kind === 'join' ? 'join' : item.alias ?? 'sub-select';
}

/** Whether NULLs cannot be in the column whatever was done before: NOT NULL, a generated identity, or a validated CHECK that no NULL passes. */
export function declaredNotNull(table: Table, column: Column): boolean {
  return column.notNull || column.generated === 'identity' || table.checks.some((check) => check.validated && impliesNotNull(check.expression, column.name));
}

/** Whether a CHECK expression cannot hold, nor be NULL, where the column is NULL. */
export function impliesNotNull(expression: Expression, column: string): boolean {
  let known = proofs.get(expression);
  if (known === undefined) proofs.set(expression, known = new Map());
  let answer = known.get(column);
  if (answer === undefined) known.set(column, answer = ways(expression, isTrue | isNull, OF_ONE_TABLE).every((literals) => conjunction([...literals, { atom: nullTest(column), truth: isTrue }], NOTHING_KNOWN) === undefined));
  return answer;
}

const proofs = new WeakMap<Expression, Map<string, boolean>>();
const NOTHING_KNOWN: Knowledge = { notNull: () => false };

/** The columns of the one table that a CHECK speaks of. */
const OF_ONE_TABLE: ColumnKeys = {
  keyOf: (expression) => { const inner = withoutCasts(expression); return inner.kind === 'column' ? inner.path.at(-1) : undefined; },
  fewValues: () => false,
  expand: (expression) => expression,
};

/** Whether PostgreSQL sees by a CHECK that it need not look for NULLs in the column (tried out: `existing constraints ... are sufficient to prove`). */
export function sparesScan(expression: Expression, column: string): boolean {
  const isTold = ways(expression, isTrue | isNull, OF_ONE_TABLE).every((literals) => literals.some(({ atom, truth }) => atom.nullTestOf === column && truth === isFalse));
  return isTold && [...nodes(expression)].every(({ kind }) => kind !== 'call');
}

/** Whether every row of the select's FROM comes out, unmerged: it can be read as part of the query around it. */
export function isPlain(query: Query): query is SelectQuery {
  return query.kind === 'select' && query.with.length === 0 && query.groupBy.length === 0 && !query.having && !query.distinct
    && query.distinctOn.length === 0 && !query.limit && !query.offset && query.from.length > 0
    && !query.targets.some(({ expression }) => hasAggregate(expression) || [...nodes(expression)].some((node) => node.kind === 'call' && 'over' in node && node.over));
}

/** The names of one statement, resolved: base tables, sub-selects and CTEs, and the columns they pass on. */
export class Names {
  private readonly added = new Map<ColumnExpression, Leaf>();
  private readonly ctes = new Map<string, Query>();
  private readonly inlined = new Map<FromItem, MadeTable>();

  /** @param made what stands behind tables made by CREATE TABLE ... AS */
  constructor(private readonly resolution: Resolution | undefined, readonly catalog: Catalog, statement: Query | Expression, made?: Pick<MadeTables, 'get'>) {
    for (const node of nodes(statement)) {
      if ('with' in node) for (const { name, query } of (node as unknown as Query).with) this.ctes.set(name, query);
    }
    if (made) this.inline(statement, made);
  }

  /** One that is written, or read twice, stays a table: its query has one set of names. */
  private inline(statement: Query | Expression, made: Pick<MadeTables, 'get'>): void {
    const read = new Map<MadeTable, FromItem[]>();
    const targets = new Set<unknown>();
    for (const node of nodes(statement)) {
      if ('target' in node) targets.add(node.target);
      const table = node.kind === 'table' ? this.resolution?.tables.get(node as TableReference) : undefined;
      const found = table && made.get(keyOf(table));
      if (found) read.set(found, [...read.get(found) ?? [], node as FromItem]);
    }
    for (const [found, [item, ...others]] of read) if (others.length === 0 && !targets.has(item)) this.inlined.set(item!, found);
  }

  tableOf(item: FromItem): Table | undefined {
    if (item.kind !== 'table' || this.inlined.has(item)) return undefined;
    return this.resolution?.tables.get(item) ?? firstOf(this.inlined, ({ resolution }) => resolution.tables.get(item));
  }

  /** The query behind a derived table or CTE. */
  queryOf(item: FromItem): Query | undefined {
    if (item.kind === 'derived') return item.query;
    const made = this.inlined.get(item);
    if (made) return made.query;
    return item.kind === 'table' && !this.tableOf(item) && item.name.schema === undefined ? this.ctes.get(item.name.name) : undefined;
  }

  /** The column expression, or what stands behind it where it is passed on by a plain sub-select. */
  expand(expression: Expression): Expression {
    if (expression.kind !== 'column') return expression;
    const leaf = this.bound(expression);
    const query = leaf && this.queryOf(leaf.item);
    if (!leaf || !query || !isPlain(query)) return expression;
    const exposed = this.exposed(leaf.item, query, leaf.name);
    return exposed ? this.expand(exposed) : expression;
  }

  /** The base column an expression is, seen through casts and plain sub-selects. */
  leaf(expression: Expression): Leaf | undefined {
    const expanded = this.expand(expression);
    if (expanded.kind === 'cast') return this.leaf(expanded.operand);
    return expanded.kind === 'column' ? this.bound(expanded) : undefined;
  }

  /** The expression that a sub-select gives out under a name. */
  exposed(item: FromItem, query: SelectQuery, name: string): Expression | undefined {
    const aliases = item.kind === 'table' || item.kind === 'derived' ? item.columnAliases : [];
    const position = aliases.indexOf(name);
    if (position >= 0) return query.targets[position]?.expression;
    for (const { expression, alias } of query.targets) {
      if (expression.kind === 'star') {
        const found = this.throughStar(query, name, expression.location, expression.path.at(-1));
        if (found) return found;
      } else if ((alias ?? implicitName(expression)) === name) return expression;
    }
    return undefined;
  }

  /** A column expression that was not written: made for USING and `*`. */
  made(item: FromItem, name: string, location: ColumnExpression['location']): ColumnExpression {
    const table = this.tableOf(item);
    const expression: ColumnExpression = { kind: 'column', path: [name], location };
    const column = table?.columns.get(name);
    this.added.set(expression, { item, name, ...(table ? { table } : {}), ...(column ? { column } : {}) });
    return expression;
  }

  private bound(expression: ColumnExpression): Leaf | undefined {
    return this.added.get(expression) ?? this.resolution?.bindings.get(expression) ?? firstOf(this.inlined, ({ resolution }) => resolution.bindings.get(expression));
  }

  private throughStar(query: SelectQuery, name: string, location: ColumnExpression['location'], qualifier?: string): Expression | undefined {
    for (const item of flatItems(query.from)) {
      if (qualifier !== undefined && qualifier !== ('alias' in item && item.alias ? item.alias : labelOf(item))) continue;
      if (this.tableOf(item)?.columns.has(name)) return this.made(item, name, location);
      const inner = this.queryOf(item);
      if (inner?.kind === 'select' && this.exposed(item, inner, name)) return this.made(item, name, location);
    }
    return undefined;
  }
}

function firstOf<T>(inlined: ReadonlyMap<FromItem, MadeTable>, find: (made: MadeTable) => T | undefined): T | undefined {
  for (const made of inlined.values()) {
    const found = find(made);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The items of FROM without the joins that hold them together. */
export function flatItems(from: readonly FromItem[]): FromItem[] {
  return from.flatMap((item) => (item.kind === 'join' ? flatItems([item.left, item.right]) : [item]));
}

function implicitName(expression: Expression): string | undefined {
  const bare = expression.kind === 'cast' ? expression.operand : expression;
  if (bare.kind === 'column') return bare.path.at(-1);
  return bare.kind === 'call' ? bare.name.at(-1) : undefined;
}
