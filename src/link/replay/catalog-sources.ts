import type { ColumnExpression, Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { FromItem } from '../../facts/query.js';
import { conjuncts } from '../backfill/walk.js';
import { queryCatalog } from './catalog-query.js';
import type { NamedResult, QueryResult, QueryWorld, Source } from './catalog-types.js';
import { openViews, subjectColumns, systemView } from './catalog-views.js';
import { evaluate } from './evaluate.js';
import { asArray } from './functions.js';
import { array, constant, isKnown, numberOf, oidTarget, textOf } from './values.js';

/** Adds the items of FROM and the conditions of their joins; false when one of them is not modelled. */
export function collectSources(
  item: FromItem, world: QueryWorld, known: readonly NamedResult[], conditions: Expression[], sources: Source[],
  outerJoins: { alias: string; on: Expression[] }[],
): boolean {
  switch (item.kind) {
    case 'join': {
      if (item.natural || item.type === 'right' || item.type === 'full') return false;
      if (!collectSources(item.left, world, known, conditions, sources, outerJoins)) return false;
      const before = sources.length;
      if (!collectSources(item.right, world, known, conditions, sources, outerJoins)) return false;
      const on = [...conjuncts(item.on)];
      const right = sources[before];
      const left = sources[before - 1];
      for (const column of item.using) if (left && right) on.push(equality(left.alias, right.alias, column, item.location));
      if (item.type !== 'left') conditions.push(...on);
      else if (sources.length === before + 1 && right) outerJoins.push({ alias: right.alias, on });
      else return false;
      return true;
    }
    case 'table': {
      const result = item.name.schema === undefined ? known.find(({ name }) => name === item.name.name)?.result : undefined;
      const alias = item.alias ?? item.name.name;
      if (result) return pushResult(alias, result, item.columnAliases, sources);
      const view = systemView(item.name.schema, item.name.name);
      if (!view || item.columnAliases.length > 0) return false;
      const rows = [...view(world.catalog, item.location)];
      sources.push({ alias, columns: Object.keys(rows[0] ?? {}), rows, open: openViews.has(item.name.name) || !world.complete });
      return true;
    }
    case 'derived': {
      const result = queryCatalog(item.query, world, known);
      return result ? pushResult(item.alias ?? '?', result, item.columnAliases, sources) : false;
    }
    case 'function': {
      const result = item.calls.length === 1 ? functionRows(item.calls[0]!, world, item.alias) : undefined;
      return result ? pushResult(item.alias ?? functionName(item.calls[0]!), result, item.columnAliases, sources) : false;
    }
  }
}

function equality(left: string, right: string, column: string, location: Location): Expression {
  const side = (alias: string): ColumnExpression => ({ kind: 'column', path: [alias, column], location });
  return { kind: 'operator', operator: '=', left: side(left), right: side(right), location };
}

function pushResult(alias: string, result: QueryResult, names: readonly string[], sources: Source[]): boolean {
  if (result.rows.some((row) => row.condition)) return false;
  const columns = result.columns.map((name, index) => names[index] ?? name);
  const rows = result.rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row.values[index]])));
  sources.push({ alias, columns, rows, open: result.open });
  return true;
}

/** The last part of the name of a function. */
export function functionName(call: Expression): string {
  return call.kind === 'call' ? call.name.at(-1)! : '?';
}

/** Rows of unnest, generate_series and string_to_table with known arguments. */
export function functionRows(call: Expression, world: Pick<QueryWorld, 'scope'>, alias?: string): QueryResult | undefined {
  if (call.kind !== 'call') return undefined;
  const name = functionName(call);
  const args = call.arguments.map((argument) => evaluate(argument, world.scope));
  const column = alias ?? name;
  const single = (items: readonly Expression[]): QueryResult => ({ columns: [column], rows: items.map((item) => ({ values: [item] })), open: false });
  if (name === 'unnest' && args.length === 1) {
    const items = asArray(args[0]);
    return items && single(items.flatMap((item) => (item.kind === 'array' ? item.items : [item])));
  }
  if (name === 'generate_series') {
    const [from, to, by] = args.map(numberOf);
    if (from === undefined || to === undefined || (args.length > 2 && !by) || (to - from) / (by ?? 1) > 10_000) return undefined;
    const items: Expression[] = [];
    for (let value = from; (by ?? 1) > 0 ? value <= to : value >= to; value += by ?? 1) items.push(constant(value, call.location));
    return single(items);
  }
  if (name === 'string_to_table' || name === 'regexp_split_to_table') {
    const [text, separator] = args.map(textOf);
    if (text === undefined || separator === undefined || (name !== 'string_to_table' && !/^[\w ,;]+$/.test(separator))) return undefined;
    return single(text.split(separator).map((item) => constant(item, call.location)));
  }
  return undefined;
}

/** A condition that names the object makes absence certain where the object is settled. */
export function settledBySubject(conditions: readonly Expression[], world: QueryWorld): boolean {
  let named = false;
  for (const condition of conditions) {
    const subject = subjectOf(condition, world);
    if (!subject) continue;
    if (subject.kind === 'table' && !subject.names.every((name) => world.isSettled(name))) return false;
    named = true;
  }
  return named;
}

function subjectOf(condition: Expression, world: QueryWorld): { kind: 'table' | 'other'; names: string[] } | undefined {
  const sides = condition.kind === 'operator' && condition.operator === '=' && condition.left ? [condition.left, condition.right]
    : condition.kind === 'inList' && !condition.negated ? [condition.operand, array(condition.list, condition.location)] : undefined;
  if (!sides) return undefined;
  for (const [column, other] of [[sides[0]!, sides[1]!], [sides[1]!, sides[0]!]] as const) {
    const plain = column.kind === 'cast' ? column.operand : column;
    const kind = plain.kind === 'column' ? subjectColumns.get(plain.path.at(-1)!) : undefined;
    if (!kind) continue;
    const value = evaluate(other, world.scope);
    if (!isKnown(value)) continue;
    const items = value.kind === 'array' ? value.items : [value];
    return { kind, names: items.flatMap((item) => oidTarget(item)?.key.replace(/^[^.]*\./, '') ?? textOf(item) ?? []) };
  }
  return undefined;
}
