import type { Query } from '../../../../facts/query.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { constant } from '../build.js';
import { SQLALCHEMY } from './data.js';
import { expressionValue } from './expressions.js';
import { Given, libraryValue } from './given.js';
import { queryData, finished, type QueryData } from './statement.js';
import { tableData, tableValue, type TableData } from './tables.js';

/** `subquery()`, `cte()`, `lateral()`, `scalar_subquery()`, `exists()`: what a SELECT is inside of another statement. */
export function subqueryOf(data: QueryData, name: string, call: Call, ctx: Context): Value | undefined {
  const { location } = call;
  if (data.unknown !== undefined || (data.query.kind !== 'select' && data.query.kind !== 'set')) return undefined;
  switch (name) {
    case 'exists': return data.query.kind === 'select' ? expressionValue({ kind: 'subquery', form: 'exists', query: { ...(finished(data, ctx) as typeof data.query), targets: [{ expression: constant(1, location) }] }, location }, [], ctx) : undefined;
    case 'scalar_subquery': case 'as_scalar': return expressionValue({ kind: 'subquery', form: 'scalar', query: finished(data, ctx), location }, [], ctx);
    case 'subquery': case 'cte': case 'alias': case 'lateral': return derivedTable(finished(data, ctx), name, call, ctx);
    default: return undefined;
  }
}

function derivedTable(query: Query, name: string, call: Call, ctx: Context): LibraryValue {
  const given = new Given(call, ['name', 'recursive'], ctx);
  const { location } = call;
  const alias = given.text('name') ?? `anon_${location.start}`;
  if (name === 'cte' && given.flag('recursive') === true) return tableValue({ name: { name: alias }, alias, common: { name: alias, columns: [], query, location } });
  return tableValue({ name: { name: alias }, alias, derived: { query, lateral: name === 'lateral' } });
}

/** Methods of a sub-query: `cte.union_all(select(...))`, `.alias('a')`, `.select()`. */
export function derivedMethod(data: TableData, name: string, call: Call, ctx: Context): Value | undefined {
  const [first] = call.arguments.positional;
  const arm = first && queryData(first, ctx);
  if (data.common && arm && /^union(_all)?$/.test(name)) {
    const { common } = data;
    const query: Query = { kind: 'set', operator: 'union', all: name === 'union_all', left: common.query, right: { ...arm, with: [] }, orderBy: [], with: [], location: call.location };
    return tableValue({ ...data, common: { ...common, query } });
  }
  return undefined;
}

/** `aliased(User)`, `aliased(User, subquery)`, `aliased(User, name='u')`. */
export function aliasedCall(call: Call, ctx: Context): Value | undefined {
  const given = new Given(call, ['element', 'alias', 'name'], ctx);
  const element = given.value('element');
  const table = tableData(element, ctx);
  if (!table) return element;
  const other = tableData(given.value('alias'), ctx);
  const alias = other?.alias ?? given.text('name') ?? `${table.name.name}_${call.location.start}`;
  const data: TableData = { ...table, alias, ...(other && { name: other.name, ...(other.derived && { derived: other.derived }), ...(other.common && { common: other.common }) }) };
  return table.entity ? libraryValue(SQLALCHEMY, 'entity', data) : tableValue(data);
}

/** `table.alias('a')`. */
export function aliasOf(data: TableData, call: Call, ctx: Context): Value {
  return tableValue({ ...data, alias: new Given(call, ['name'], ctx).text('name') ?? `${data.alias}_1` });
}
