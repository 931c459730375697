import type { Expression } from '../../facts/expression.js';
import type { Assignment, InsertQuery, Query } from '../../facts/query.js';
import type { Catalog, Column, Table } from '../catalog/types.js';
import { mayGive } from '../policies/assigned.js';
import type { ClassifiedTable, TenantLiteral, TenantWrite } from '../project.js';
import type { Resolution } from '../resolve/types.js';
import { keepsTenant } from './kept.js';
import { isQuery, nodes } from './nodes.js';
import { openFor } from './open.js';

/** What the facts about one query are read from. */
export interface WriteContext {
  readonly catalog: Catalog;
  readonly resolution: Resolution;
  readonly classOf: (table: Table) => ClassifiedTable | undefined;
}

/** The queries of a query, itself first, at any depth. */
function queriesIn(query: Query): Query[] {
  return nodes(query).filter(isQuery);
}

/** Inserts into tenant tables that give the tenant column no value, where nothing else does. */
export function missingTenants(query: Query, context: WriteContext): TenantWrite[] {
  return queriesIn(query).flatMap((each) => (each.kind === 'insert' ? missingIn(each, context) : []));
}

function missingIn(query: InsertQuery, context: WriteContext): TenantWrite[] {
  const { table, column } = tenantOf(context.resolution.tables.get(query.target), context);
  if (table === undefined || column === undefined || isFilledOtherwise(table.table, column, context.catalog)) return [];
  const columns = query.columns.length > 0 ? query.columns : [...table.table.columns.keys()];
  const names = table.tenantColumns.map(({ name }) => name);
  // An object that is not known may give it.
  if (openFor(query, names) !== undefined && !query.columns.some((name) => names.includes(name))) return [];
  const indexes = names.map((name) => columns.indexOf(name)).filter((index) => index >= 0);
  const given = indexes.length > 0 && query.source !== undefined ? valuesAt(query.source, indexes, query.columns.length === 0) : 'missing';
  if (given === 'given' || (given === 'null' && table.hybrid)) return [];
  return [{ table, column: column.name, how: given === 'null' ? 'writes NULL to' : 'leaves out', location: query.location }];
}

type Given = 'given' | 'missing' | 'null';

/** What the source gives at any of several positions (one for each level of tenancy); without a column list it may give fewer values than there are columns. */
function valuesAt(source: Query, indexes: readonly number[], allColumns: boolean): Given {
  if (source.kind === 'set') {
    const [left, right] = [valuesAt(source.left, indexes, allColumns), valuesAt(source.right, indexes, allColumns)];
    return left === 'given' ? right : left === 'null' && right !== 'given' ? right : left;
  }
  const rows = source.kind === 'values' ? source.rows : source.kind === 'select' && source.targets.every(({ expression }) => expression.kind !== 'star') ? [source.targets.map(({ expression }) => expression)] : [];
  const values = rows.map((row) => {
    const found = indexes.map((index) => givenBy(row[index], allColumns));
    return found.includes('given') ? 'given' : found.includes('null') ? 'null' : 'missing';
  });
  return values.includes('missing') ? 'missing' : values.includes('null') ? 'null' : 'given';
}

function givenBy(value: Expression | undefined, allColumns: boolean): Given {
  if (value === undefined ? allColumns : value.kind === 'other' && value.name === 'default') return 'missing';
  return isNull(value) ? 'null' : 'given';
}

function isNull(value: Expression | undefined): boolean {
  if (value?.kind === 'cast') return isNull(value.operand);
  return value?.kind === 'constant' && value.value === null;
}

/** A default other than NULL, a generated column, or a trigger that gives it a value (or may). */
function isFilledOtherwise(table: Table, column: Column, catalog: Catalog): boolean {
  if (column.generated !== undefined || (column.default && !column.default.clientSide && !isNull(column.default.expression))) return true;
  return table.triggers.some((trigger) => mayGive(trigger, 'insert', column.name, catalog));
}

/** Updates that set the tenant column of rows that have one; filling it where it is NULL is no change of tenant. */
export function reassignedTenants(query: Query, context: WriteContext): TenantWrite[] {
  return queriesIn(query).flatMap((each): TenantWrite[] => {
    if (each.kind !== 'update' && each.kind !== 'merge') return [];
    const { table } = tenantOf(context.resolution.tables.get(each.target), context);
    if (table === undefined) return [];
    const set = each.kind === 'update' ? each.set : each.branches.flatMap((branch) => branch.set);
    const names = table.tenantColumns.map(({ name }) => name);
    const isKept = (assignment: Assignment): boolean => each.kind === 'update' && keepsTenant({ query: each, table: table.table, resolution: context.resolution }, assignment);
    return set.filter((assignment) => names.includes(assignment.column) && !isItself(assignment) && !isKept(assignment))
      .map((assignment) => ({ table, column: assignment.column, how: 'sets', location: each.location }));
  });
}

function isItself({ column, value }: Assignment): boolean {
  return value?.kind === 'column' && value.path.at(-1) === column && value.path.length < 2;
}

/** Literals that the tenant column (or the root's key) is compared with or given. */
export function tenantLiterals(query: Query, context: WriteContext): TenantLiteral[] {
  const found: TenantLiteral[] = [];
  const compare = (left: Expression | undefined, right: Expression | readonly Expression[]): void => {
    const target = left && boundTenant(left, context);
    const literal = (Array.isArray(right) ? right : [right]).find((item: Expression) => isTenantLiteral(literalOf(item))) as Expression | undefined;
    if (target && literal) found.push({ ...target, literal: literalOf(literal)!, location: literal.location });
  };
  for (const node of nodes(query)) {
    const expression = node as Expression;
    if (expression.kind === 'operator' && expression.operator === '=') {
      compare(expression.left, expression.right);
      compare(expression.right, expression.left ?? []);
    }
    if (expression.kind === 'inList' && !expression.negated) compare(expression.operand, expression.list);
    if (isQuery(node)) found.push(...writtenLiterals(node, context));
  }
  return found;
}

function writtenLiterals(query: Query, context: WriteContext): TenantLiteral[] {
  if (query.kind !== 'insert' && query.kind !== 'update') return [];
  const { table, column } = tenantOf(context.resolution.tables.get(query.target), context);
  if (table === undefined || column === undefined) return [];
  const columns = query.kind === 'insert' && query.columns.length > 0 ? query.columns : [...table.table.columns.keys()];
  const rows = query.kind === 'update' ? [] : query.source?.kind === 'values' ? query.source.rows : query.source?.kind === 'select' ? [query.source.targets.map(({ expression }) => expression)] : [];
  const values = query.kind === 'update' ? query.set.filter((each) => each.column === column.name).map(({ value }) => value) : rows.map((row) => row[columns.indexOf(column.name)]);
  const value = values.find((each) => each && literalOf(each) !== undefined);
  return value ? [{ table, column: column.name, literal: literalOf(value)!, location: value.location }] : [];
}

function literalOf(expression: Expression): string | undefined {
  if (expression.kind === 'cast') return literalOf(expression.operand);
  return expression.kind === 'constant' && expression.value !== null && typeof expression.value !== 'boolean' ? String(expression.text ?? expression.value) : undefined;
}

/** Whether a literal can be a tenant's key: no row has a key that is not positive (`teamId ?? -1`, `let teamId = ''`), and a comparison with it finds nothing. */
export function isTenantLiteral(literal: string | undefined): boolean {
  return literal !== undefined && !/^(?:-\d+|0)?$/.test(literal);
}

function boundTenant(expression: Expression, context: WriteContext): { table: ClassifiedTable; column: string } | undefined {
  if (expression.kind === 'cast') return boundTenant(expression.operand, context);
  const binding = expression.kind === 'column' ? context.resolution.bindings.get(expression) : undefined;
  const table = binding?.table && context.classOf(binding.table);
  if (!table || !binding) return undefined;
  const isTenant = table.tenantColumns.some(({ name }) => name === binding.name) || (table.class === 'root' && (table.table.primaryKey?.columns ?? []).join() === binding.name);
  return isTenant ? { table, column: binding.name } : undefined;
}

function tenantOf(table: Table | undefined, { classOf }: WriteContext): { table?: ClassifiedTable; column?: Column } {
  const found = table && classOf(table);
  const column = found?.tenantColumns[0];
  return found && found.class === 'tenant' && column ? { table: found, column } : {};
}
