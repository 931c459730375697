import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { FromItem, InsertQuery, Query, SelectQuery, TableReference, Target } from '../../facts/query.js';
import type { Context } from './library.js';
import { and } from './libraries/build.js';
import type { Result, RowListValue, Value } from './values.js';
import { writtenTerms } from './written.js';

/** The path of a field that stands for the first column of a row, whatever its name. */
export const FIRST_COLUMN = '#first';

/**
 * The rows that a query gives back; a property of a row is the column of that name in its select list or RETURNING.
 * @param written values of the row that are known because the query writes them, by column
 * @param columnName the name in the database of a property, where a library translates
 */
export function rowsOf(query: Query, ctx: Context, location: Location, written?: ReadonlyMap<string, Value>, columnName = (name: string): string => name): RowListValue {
  const { rows, targets } = selection(query);
  const column: Result['column'] = (path) => (path.length === 1 ? columnOf(targets, path[0]!, columnName(path[0]!), location) : undefined);
  return { kind: 'rowList', path: [], result: ctx.result({ ...(rows && { rows }), ...(query.kind === 'insert' && { isWritten: true }), ...(written && written.size > 0 && { written }), column, location }) };
}

function selection(query: Query): { readonly rows?: SelectQuery; readonly targets: readonly Target[] } {
  switch (query.kind) {
    case 'select': return { rows: { ...query, targets: [] }, targets: query.targets };
    case 'set': case 'values': return derivedRows(query);
    case 'insert': {
      const rows = insertedRows(query);
      return { ...(rows && { rows }), targets: query.returning };
    }
    case 'update': return { rows: changedRows(query, query.target, query.from), targets: query.returning };
    case 'delete': return { rows: changedRows(query, query.target, query.using), targets: query.returning };
    case 'merge': return { targets: query.returning };
  }
}

function derivedRows(query: Query): { readonly rows: SelectQuery; readonly targets: readonly Target[] } {
  const { location } = query;
  const from: FromItem = { kind: 'derived', query, alias: 'rows', columnAliases: [], lateral: false, location };
  return { rows: bareSelect([from], undefined, location), targets: [{ expression: { kind: 'star', path: ['rows'], location } }] };
}

/** The rows that an UPDATE or DELETE names, as the condition found them. */
function changedRows(query: Extract<Query, { kind: 'update' | 'delete' }>, target: TableReference, others: readonly FromItem[]): SelectQuery {
  return { ...bareSelect([target, ...others], query.where, query.location), with: query.with, ...(query.recursive && { recursive: true }) };
}

/** The rows that an INSERT gives back. */
function insertedRows(query: InsertQuery): SelectQuery | undefined {
  const { target, location } = query;
  const terms = query.returningNames ? [] : writtenTerms(query, target.alias ?? target.name.name);
  return terms.length === 0 ? undefined : bareSelect([target], and(terms, location), location);
}

function bareSelect(from: readonly FromItem[], where: Expression | undefined, location: Location): SelectQuery {
  return { kind: 'select', targets: [], from, ...(where && { where }), groupBy: [], distinctOn: [], orderBy: [], with: [], location };
}

function columnOf(targets: readonly Target[], property: string, column: string, location: Location): Expression | undefined {
  // Rows of Python's drivers are tuples: `row[0]`.
  if (/^\d+$/.test(property)) return targets.slice(0, Number(property) + 1).some(({ expression }) => expression.kind === 'star') ? undefined : targets[Number(property)]?.expression;
  if (property === FIRST_COLUMN) return targets[0]?.expression.kind === 'star' ? undefined : targets[0]?.expression;
  const named = targets.find((target) => targetName(target) === property) ?? targets.find((target) => targetName(target) === column);
  if (named) return named.expression;
  const star = targets.find(({ expression }) => expression.kind === 'star')?.expression;
  return star?.kind === 'star' ? { kind: 'column', path: [...star.path, column], location } : undefined;
}

/** The name PostgreSQL gives a column of the result. */
function targetName({ alias, expression }: Target): string | undefined {
  if (alias !== undefined) return alias;
  switch (expression.kind) {
    case 'column': return expression.path.at(-1);
    case 'call': return expression.name.at(-1);
    case 'cast': return targetName({ expression: expression.operand });
    case 'subquery': return expression.form === 'exists' ? 'exists' : expression.form === 'scalar' && expression.query.kind === 'select' && expression.query.targets[0] ? targetName(expression.query.targets[0]) : undefined;
    default: return undefined;
  }
}
