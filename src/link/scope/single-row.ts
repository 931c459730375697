import type { ColumnExpression, Expression } from '../../facts/expression.js';
import type { FromItem, Query, SelectQuery, TableReference } from '../../facts/query.js';
import { uniqueSets } from '../catalog/unique.js';
import { nodes } from '../queries/nodes.js';
import type { Frame } from './frame.js';
import { bare } from './values.js';

/**
 * Whether a scalar sub-select cannot fail on several rows, whatever the data: every table of it has a unique key that is compared
 * with values, with columns of a table of which there is one row, or with a sub-select that cannot fail either.
 */
export function isSingleRow(query: Query, frame: Frame): boolean {
  if (query.kind !== 'select' || query.groupBy.length > 0 || !query.where) return false;
  const tables: TableReference[] = [];
  const conditions: Condition[] = [{ expression: query.where }];
  if (!query.from.every((item) => collect(item, tables, conditions))) return false;
  const own = tables.length;
  for (const { from, where } of existing(query.where)) if (from.every((item) => collect(item, tables, conditions)) && where) conditions.push({ expression: where });
  const equalities = conditions.flatMap(({ expression, of }) => equalitiesOf(expression).map((sides): Equality => ({ sides, of })));
  const single = new Set<FromItem>();
  for (let grown = true; grown;) {
    grown = false;
    for (const table of tables) {
      if (single.has(table) || !isFixed(table, equalities, tables, single, frame)) continue;
      single.add(table);
      grown = true;
    }
  }
  return tables.slice(0, own).every((table) => single.has(table));
}

/** The sub-selects that have to have a row: what they compare with the tables outside names the rows of these. */
function existing(condition: Expression): SelectQuery[] {
  if (condition.kind === 'and') return condition.operands.flatMap(existing);
  const query = condition.kind === 'subquery' && condition.form === 'exists' ? condition.query : undefined;
  const isPlain = query?.kind === 'select' && query.targets.every(({ expression: { kind } }) => kind === 'constant' || kind === 'column' || kind === 'star');
  return isPlain && query.groupBy.length === 0 && !query.having && !query.limit && !query.offset ? [query] : [];
}

/**
 * `SELECT max(y) ... WHERE y = $1` as `SELECT y ... WHERE y = $1`: all rows are equal in y by a comparison with a value from outside of the sub-select.
 * @returns undefined when they may differ
 */
export function withoutExtreme(query: Query, frame: Frame): SelectQuery | undefined {
  if (query.kind !== 'select' || query.from.length !== 1 || query.groupBy.length > 0 || !query.where || query.having || query.limit || query.offset || query.targets.length !== 1) return undefined;
  const tables: TableReference[] = [];
  const call = bare(query.targets[0]!.expression);
  if (call.kind !== 'call' || call.arguments.length !== 1 || !collect(query.from[0]!, tables, [])) return undefined;
  const [expression] = call.arguments;
  const of = bindingOf(expression!, frame);
  const isOne = of !== undefined && equalitiesOf(query.where).some(([one, other]) => {
    const binding = bindingOf(one, frame);
    return binding?.item === of.item && binding.column === of.column && isValue(bare(other), of.item as TableReference, tables, NOTHING, frame);
  });
  return isOne ? { ...query, targets: [{ ...query.targets[0]!, expression: expression! }] } : undefined;
}

const NOTHING: ReadonlySet<FromItem> = new Set();

function bindingOf(expression: Expression, frame: Frame) {
  const inner = bare(expression);
  const binding = inner.kind === 'column' ? frame.resolution.bindings.get(inner) : undefined;
  return binding?.column ? binding : undefined;
}

interface Condition {
  readonly expression: Expression;
  /** It says something of this table's rows alone: the right side of a left join. */
  readonly of?: TableReference;
}

/** The tables of inner and left joins, and what their ON says; USING and NATURAL only take rows away. A left join adds no row where its right side has one at most. */
function collect(item: FromItem, tables: TableReference[], conditions: Condition[]): boolean {
  if (item.kind === 'table') {
    tables.push(item);
    return true;
  }
  if (item.kind !== 'join' || (item.type !== 'inner' && item.type !== 'left')) return false;
  if (item.on) conditions.push({ expression: item.on, ...(item.type === 'left' && item.right.kind === 'table' ? { of: item.right } : {}) });
  return collect(item.left, tables, conditions) && item.right.kind === 'table' && collect(item.right, tables, conditions);
}

type Sides = readonly [Expression, Expression];

interface Equality {
  readonly sides: Sides;
  readonly of: TableReference | undefined;
}

function equalitiesOf(condition: Expression): Sides[] {
  if (condition.kind === 'and') return condition.operands.flatMap(equalitiesOf);
  return condition.kind === 'operator' && condition.operator === '=' && condition.left ? [[condition.left, condition.right], [condition.right, condition.left]] : [];
}

function isFixed(item: TableReference, equalities: readonly Equality[], tables: readonly TableReference[], single: ReadonlySet<FromItem>, frame: Frame): boolean {
  const table = frame.resolution.tables.get(item);
  if (!table) return false;
  const fixed = new Set(equalities.flatMap(({ sides: [one, other], of }) => {
    if (of && of !== item) return [];
    const binding = bindingOf(one, frame);
    return binding?.item === item && isValue(bare(other), item, tables, single, frame) ? [binding.column!.name] : [];
  }));
  return uniqueSets(table).some((columns) => columns.length > 0 && columns.every((column) => fixed.has(column)));
}

/** Whether a sub-select names columns of tables around it of which there may be several rows: it has a value for each of them. */
function readsOthers(query: Query, tables: readonly TableReference[], single: ReadonlySet<FromItem>, frame: Frame): boolean {
  return nodes(query).some((node) => {
    const binding = node.kind === 'column' ? frame.resolution.bindings.get(node as ColumnExpression) : undefined;
    return binding !== undefined && tables.includes(binding.item as TableReference) && !single.has(binding.item as FromItem);
  });
}

/** A parameter, a constant, the one row of a sub-select, a column from outside of the sub-select, or one of a table of which there is one row. */
function isValue(value: Expression, item: TableReference, tables: readonly TableReference[], single: ReadonlySet<FromItem>, frame: Frame): boolean {
  if (value.kind === 'parameter' || value.kind === 'constant') return true;
  if (value.kind === 'subquery') return value.form === 'scalar' && isSingleRow(value.query, frame) && !readsOthers(value.query, tables, single, frame);
  const binding = value.kind === 'column' ? frame.resolution.bindings.get(value) : undefined;
  if (!binding || binding.item === item) return false;
  return single.has(binding.item as FromItem) || !tables.includes(binding.item as TableReference);
}
