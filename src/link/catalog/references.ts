import type { ColumnExpression, Expression, StarExpression } from '../../facts/expression.js';
import type { FromItem, Query, TableReference } from '../../facts/query.js';
import { findTable, keyOf } from './names.js';
import { createCatalog } from './state.js';
import type { Catalog, Table } from './types.js';

/** Replaces parts of an expression or query; undefined leaves a part as it is. Parts are asked before what is in them. */
export interface Rewriter {
  column?(column: ColumnExpression, scope: Scope): ColumnExpression | undefined;
  star?(star: StarExpression, scope: Scope): void;
  table?(table: TableReference, scope: Scope): TableReference | undefined;
}

/** One FROM item as names see it. `table` is absent for derived tables, functions, CTEs and unknown relations. */
interface ScopeItem {
  readonly name: string;
  readonly table?: Table;
  readonly base?: boolean;
}

/** The names in sight at one place: innermost query block first. */
export interface Scope {
  readonly items: readonly ScopeItem[];
  readonly ctes: ReadonlySet<string>;
  readonly outer?: Scope;
}

interface Names {
  readonly catalog: Catalog;
  readonly searchPath: readonly string[];
}

/**
 * Walks an expression or query with the names that are in sight, and rebuilds what the rewriter changes.
 * Names are resolved as far as the catalog's tables go; it never fails.
 * @param base the table an expression of a policy, check, index or trigger belongs to
 */
export function rewrite<T extends Expression | Query>(node: T, rewriter: Rewriter, names: Names, base?: Table): T {
  const scope: Scope = { items: base ? [{ name: base.name, table: base, base: true }] : [], ctes: new Set() };
  return visit(node, scope, rewriter, names) as T;
}

const queryKinds = new Set(['select', 'values', 'set', 'insert', 'update', 'delete', 'merge']);

function visit(node: unknown, scope: Scope, rewriter: Rewriter, names: Names): unknown {
  if (Array.isArray(node)) return mapArray(node, (item) => visit(item, scope, rewriter, names));
  if (typeof node !== 'object' || node === null) return node;
  const kind = (node as { kind?: unknown }).kind;
  if (kind === 'column') return rewriter.column?.(node as ColumnExpression, scope) ?? node;
  if (kind === 'star') rewriter.star?.(node as StarExpression, scope);
  if (kind === 'table' && 'columnAliases' in node) return rewriter.table?.(node as TableReference, scope) ?? node;
  const inner = typeof kind === 'string' && queryKinds.has(kind) ? openScope(node as Query, scope, names) : scope;
  return mapObject(node, (value) => visit(value, inner, rewriter, names));
}

function mapArray(items: readonly unknown[], change: (item: unknown) => unknown): readonly unknown[] {
  const mapped = items.map(change);
  return mapped.some((item, index) => item !== items[index]) ? mapped : items;
}

function mapObject(node: object, change: (value: unknown) => unknown): object {
  let copy: Record<string, unknown> | undefined;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'location' || typeof value !== 'object' || value === null) continue;
    const changed = change(value);
    if (changed !== value) (copy ??= { ...node })[key] = changed;
  }
  return copy ?? node;
}

function openScope(query: Query, outer: Scope, names: Names): Scope {
  const ctes = new Set(outer.ctes);
  for (const cte of query.with) ctes.add(cte.name);
  return { items: fromItems(query).flatMap((item) => scopeItems(item, ctes, names)), ctes, outer };
}

function fromItems(query: Query): readonly FromItem[] {
  switch (query.kind) {
    case 'select': return query.from;
    case 'update': return [query.target, ...query.from];
    case 'delete': return [query.target, ...query.using];
    case 'insert': return [query.target];
    case 'merge': return [query.target, query.source];
    default: return [];
  }
}

function scopeItems(item: FromItem, ctes: ReadonlySet<string>, names: Names): readonly ScopeItem[] {
  if (item.kind === 'join') return [...scopeItems(item.left, ctes, names), ...scopeItems(item.right, ctes, names)];
  if (item.kind !== 'table') return [{ name: item.alias ?? '' }];
  const name = item.alias ?? item.name.name;
  const table = referencedTable(item, ctes, names);
  return [table && item.columnAliases.length === 0 ? { name, table } : { name }];
}

function referencedTable(reference: TableReference, ctes: ReadonlySet<string>, names: Names): Table | undefined {
  if (reference.name.schema === undefined && ctes.has(reference.name.name)) return undefined;
  return findTable(names.catalog, reference.name, names.searchPath);
}

/** The table of the catalog that a column expression belongs to; undefined when that cannot be told. */
export function boundTable(column: ColumnExpression, scope: Scope): Table | undefined {
  return boundItem(column, scope)?.table;
}

/** Whether a column is named by the table its policy, check or trigger belongs to, not by a FROM item. */
export function isOfBase(column: ColumnExpression, scope: Scope): boolean {
  return boundItem(column, scope)?.base === true;
}

function boundItem(column: ColumnExpression, scope: Scope): ScopeItem | undefined {
  const name = column.path.at(-1)!;
  const qualifier = column.path.at(-2);
  for (let level: Scope | undefined = scope; level; level = level.outer) {
    if (qualifier !== undefined) {
      const item = level.items.find((candidate) => candidate.name === qualifier);
      if (item) return item;
      continue;
    }
    const owner = level.items.find((item) => item.table?.columns.has(name));
    if (owner) return owner;
    if (level.items.some((item) => !item.table || item.table.open)) return undefined;
  }
  return undefined;
}

/**
 * The same expression or query with every table named by its schema, so that it means the same under any search path,
 * as PostgreSQL stores views and policies.
 */
export function qualifyTables<T extends Expression | Query>(node: T, names: Names, base?: Table): T {
  return rewrite(node, {
    table: (reference, scope) => {
      if (reference.name.schema !== undefined) return undefined;
      const table = referencedTable(reference, scope.ctes, names);
      return table && { ...reference, name: { schema: table.schema, name: table.name } };
    },
  }, names, base);
}

/** What an expression or query reads; tables are named by their keys. */
export interface Uses {
  readonly tables: ReadonlySet<string>;
  /** Tables whose columns are taken by a star. */
  readonly stars: ReadonlySet<string>;
  uses(table: string, column: string): boolean;
}

/** What an expression or query reads, as far as its names can be resolved. */
export function collectUses(node: Expression | Query, names: Names, base?: Table): Uses {
  const tables = new Set<string>();
  const stars = new Set<string>();
  const columns = new Map<string, Set<string>>();
  rewrite(node, {
    star: (star, scope) => {
      const qualifier = star.path.at(-1);
      for (const item of scope.items) {
        if (item.table && (qualifier === undefined || item.name === qualifier)) stars.add(keyOf(item.table));
      }
    },
    table: (reference, scope) => {
      const table = referencedTable(reference, scope.ctes, names);
      if (table) tables.add(keyOf(table));
      return undefined;
    },
    column: (column, scope) => {
      const table = boundTable(column, scope);
      if (!table) return undefined;
      const key = keyOf(table);
      if (!columns.has(key)) columns.set(key, new Set());
      columns.get(key)!.add(column.path.at(-1)!);
      return undefined;
    },
  }, names, base);
  return { tables, stars, uses: (table, column) => columns.get(table)?.has(column) ?? false };
}

/** The plain column names an expression of one table uses, in order of appearance. */
export function columnNames(expression: Expression): readonly string[] {
  const names: string[] = [];
  rewrite(expression, {
    column: (column) => {
      const name = column.path.at(-1)!;
      if (!names.includes(name)) names.push(name);
      return undefined;
    },
  }, { catalog: createCatalog(), searchPath: [] });
  return names;
}
