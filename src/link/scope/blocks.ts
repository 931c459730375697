import type { Expression } from '../../facts/expression.js';
import type { Query, SelectQuery, SetQuery, Target, ValuesQuery } from '../../facts/query.js';
import { outputName } from '../resolve/targets.js';
import type { Builder } from './builder.js';
import { buildUnread, declareCommons } from './commons.js';
import { addCondition } from './conditions.js';
import type { Frame, Output, Outputs, Source } from './frame.js';
import { innerFrame, sourceNamed } from './frame.js';
import { buildFrom } from './from.js';
import type { ColumnOf } from './graph.js';
import type { Region } from './regions.js';
import { columnOrNull, havingOfRows, showingOf, type Showing } from './shape.js';
import { bare, columnOf, isList, resultsOf, valueOf } from './values.js';
import { buildDelete, buildInsert, buildMerge, buildUpdate } from './write.js';

export interface QueryOptions {
  /** The columns that it shows are wanted. */
  readonly outputs?: boolean;
  /** It is asked for a row, or for what stands in one: once is enough for all that ask for the same. */
  readonly once?: boolean;
  /** Filled with the regions of the arms of a set operation. */
  readonly arms?: Region[];
}

/** Builds a query whose block is the region given. */
export function buildQuery(query: Query, parent: Frame, region: Region, builder: Builder, options: QueryOptions): Outputs {
  const frame = innerFrame(parent);
  declareCommons(query, frame, region, builder);
  const outputs = buildBody(query, frame, region, builder, options);
  buildUnread(frame, builder);
  return outputs;
}

function buildBody(query: Query, frame: Frame, region: Region, builder: Builder, options: QueryOptions): Outputs {
  switch (query.kind) {
    case 'select': return buildSelect(query, frame, region, builder, options);
    case 'values': return buildValues(query, frame, region, builder);
    case 'set': return buildSet(query, frame, region, builder, options);
    case 'insert': return buildInsert(query, frame, region, builder, options);
    case 'update': return buildUpdate(query, frame, region, builder, options);
    case 'delete': return buildDelete(query, frame, region, builder, options);
    case 'merge': return buildMerge(query, frame, region, builder);
  }
}

function buildSelect(query: SelectQuery, frame: Frame, region: Region, builder: Builder, options: QueryOptions): Outputs {
  if (options.once !== true || !builder.rows.lend(query, frame, region)) buildRows(query, frame, region, builder);
  if (options.outputs) return outputsOf(query.targets, showingOf(query, frame, builder.domains), region, frame, builder);
  for (const { expression } of query.targets) builder.subqueries(expression, region, frame);
  return { columns: [], region, open: true };
}

function buildRows(query: SelectQuery, frame: Frame, region: Region, builder: Builder): void {
  buildFrom(query.from, region, frame, builder);
  if (query.where) addCondition(query.where, region, frame, builder);
  if (query.having) {
    const { rows, rest } = havingOfRows(query.having, query, frame);
    for (const condition of rows) addCondition(condition, region, frame, builder);
    for (const condition of rest) builder.subqueries(condition, region, frame);
  }
  for (const expression of [...query.groupBy, ...query.distinctOn, ...query.orderBy]) builder.subqueries(expression, region, frame);
  limits(query, region, frame, builder);
}

function limits(query: Pick<SelectQuery, 'limit' | 'offset'>, region: Region, frame: Frame, builder: Builder): void {
  for (const expression of [query.limit, query.offset]) if (expression) builder.subqueries(expression, region, frame);
}

/** The columns of a select list, as facts on an item that stands for it. */
export function outputsOf(
  targets: readonly Target[], showing: (column: ColumnOf) => Showing, region: Region, frame: Frame, builder: Builder,
): Outputs {
  const ref = builder.facts.ref('output', 'the sub-select', region);
  const columns: Output[] = [];
  let open = false;
  const show = (name: string, column: ColumnOf, orNull = false): void => {
    const shown = { ref, name: `#${columns.length}` };
    const { reached, same } = showing(column);
    const isSame = same && !orNull;
    const edge = { fromRegion: region, toRegion: region, location: targets[0]!.expression.location, mode: 'proof' as const };
    builder.facts.flows.push({ from: column, to: shown, ...edge, ...(isSame && { same: true }) });
    if (reached) builder.facts.flows.push({ from: shown, to: column, ...edge, ...(!isSame && { unlessNull: true }) });
    columns.push({ name, column: shown, ...(reached && isSame && { plain: column }) });
  };
  for (const { expression, alias } of targets) {
    if (expression.kind === 'star') {
      const sources = starSources(expression.path, frame);
      if (!sources || sources.some((source) => source.open)) open = true;
      for (const source of sources ?? []) for (const output of source.columns) show(output.name, output.column);
      continue;
    }
    const column = columnOf(expression, frame);
    const name = alias ?? outputName(expression) ?? '?column?';
    if (column) {
      const value = valueOf(expression, frame, builder.env);
      if (value) builder.seed(column, value, region, expression.location, 'proof', false);
      show(name, column);
      continue;
    }
    const orNull = columnOrNull(expression, frame);
    if (orNull) {
      builder.subqueries(expression, region, frame);
      show(name, orNull, true);
      continue;
    }
    const shown = { ref, name: `#${columns.length}` };
    columns.push({ name, column: shown });
    showExpression(expression, shown, region, frame, builder);
  }
  return { columns, region, open };
}

function showExpression(expression: Expression, shown: ColumnOf, region: Region, frame: Frame, builder: Builder): void {
  const inner = bare(expression);
  const { location } = expression;
  const value = valueOf(inner, frame, builder.env);
  if (value) builder.seed(shown, value, region, location, 'proof', false);
  if (inner.kind === 'subquery' && inner.form === 'scalar' && !value) {
    const outputs = builder.query(inner.query, frame, builder.regions.make('block', region), { outputs: true, once: true });
    const first = outputs.columns[0];
    if (first) builder.facts.flows.push({ from: first.column, fromRegion: outputs.region, to: shown, toRegion: region, location, mode: 'proof' });
    return;
  }
  const choices = value ? [] : choicesOf(inner);
  if (choices.length > 0) {
    showChoice(choices, shown, region, frame, builder);
    if (inner.kind === 'case') for (const part of [inner.operand, ...inner.branches.map(({ when }) => when)]) if (part) builder.subqueries(part, region, frame);
    return;
  }
  const extreme = inner.kind === 'call' && /^(min|max|any_value)$/.test(inner.name.at(-1)!) && !inner.over && inner.arguments[0] ? columnOf(inner.arguments[0], frame) : undefined;
  if (extreme) builder.facts.flows.push({ from: extreme, fromRegion: region, to: shown, toRegion: region, location, mode: 'proof', mixed: true });
  builder.subqueries(expression, region, frame);
}

/** The values of which an expression is one: COALESCE, CASE. */
function choicesOf(expression: Expression): readonly Expression[] {
  return expression.kind === 'case' || (expression.kind === 'call' && expression.name.at(-1) === 'coalesce') ? resultsOf(expression) : [];
}

/** What is shown is one of several values: what holds of all of them holds of it. */
function showChoice(values: readonly Expression[], shown: ColumnOf, region: Region, frame: Frame, builder: Builder): void {
  const { location } = values[0]!;
  const columns = values.map((each) => {
    const known = columnOf(each, frame);
    if (known) return known;
    const column = { ref: builder.facts.ref('derived', 'a value', region), name: '#0' };
    showExpression(each, column, region, frame, builder);
    return column;
  });
  const chosen = builder.oneOf(columns, region, location);
  if (chosen) builder.facts.flows.push({ from: chosen, fromRegion: region, to: shown, toRegion: region, location, mode: 'proof' });
}

function starSources(path: readonly string[], frame: Frame): readonly Pick<Source, 'columns' | 'open'>[] | undefined {
  if (path.length > 0) {
    const source = sourceNamed(path.at(-1)!, frame);
    return source && [source];
  }
  return frame.shown;
}

/** Arms of UNION that lean to the left are taken as one list. */
function armsOf(query: SetQuery): Query[] {
  const arms: Query[] = [];
  let left: Query = query;
  while (left.kind === 'set' && left.operator === 'union' && (left === query || (!left.limit && !left.offset && left.with.length === 0))) {
    arms.push(left.right);
    left = left.left;
  }
  arms.push(left);
  return arms.reverse();
}

function buildSet(query: SetQuery, frame: Frame, region: Region, builder: Builder, options: QueryOptions): Outputs {
  const queries = query.operator === 'union' ? armsOf(query) : [query.left, query.right];
  const isWanted = options.outputs === true || query.operator !== 'union';
  const arms = queries.map((arm) => {
    const inner = builder.regions.make('block', region);
    options.arms?.push(inner);
    return builder.query(arm, frame, inner, { outputs: isWanted });
  });
  limits(query, region, frame, builder);
  if (!isWanted) return { columns: [], region, open: true };
  return combine(query, arms, region, builder);
}

/** The columns of a set operation: of UNION what all arms say, of INTERSECT what one says, of EXCEPT what the first says. */
function combine(query: SetQuery, arms: readonly Outputs[], region: Region, builder: Builder): Outputs {
  const ref = builder.facts.ref('output', `the ${query.operator.toUpperCase()}`, region);
  const { location } = query;
  const reached = !query.limit && !query.offset;
  const columns = arms[0]!.columns.map(({ name }, index): Output => ({ name, column: { ref, name: `#${index}` } }));
  for (const [index, { column }] of columns.entries()) {
    for (const [position, arm] of arms.entries()) {
      const inner = arm.columns[index]?.column;
      if (!inner) continue;
      const speaks = query.operator === 'intersect' || (query.operator === 'except' && position === 0);
      if (speaks) builder.facts.flows.push({ from: inner, fromRegion: arm.region, to: column, toRegion: region, location, mode: 'proof' });
      // INTERSECT and EXCEPT take two NULLs for equal (PostgreSQL manual, 7.4).
      const nullable = query.operator === 'union' ? {} : { nullable: true };
      if (reached) builder.facts.flows.push({ from: column, fromRegion: region, to: inner, toRegion: arm.region, location, mode: 'proof', ...nullable });
    }
  }
  if (query.operator === 'union') {
    const pairs = columns.map(({ column }, index) => ({ to: column, from: arms.flatMap((arm) => arm.columns[index]?.column ?? []) }));
    builder.facts.gates.push({ target: region, branches: arms.map((arm) => ({ region: arm.region })), location, mode: 'proof', columns: pairs });
  }
  return { columns, region, open: arms.some((arm) => arm.open) };
}

function buildValues(query: ValuesQuery, frame: Frame, region: Region, builder: Builder): Outputs {
  const ref = builder.facts.ref('output', 'VALUES', region);
  const [first] = query.rows;
  const columns = (first ?? []).map((_, index): Output => ({ name: `column${index + 1}`, column: { ref, name: `#${index}` } }));
  limits(query, region, frame, builder);
  if (query.rows.length === 1) {
    columns.forEach(({ column }, index) => { showCell(first![index]!, column, region, frame, builder); });
    return { columns, region, open: false };
  }
  const shown = new Set<Expression>();
  columns.forEach(({ column }, index) => {
    const cells = query.rows.flatMap((row) => row[index] ?? []);
    const values = cells.map((cell) => valueOf(cell, frame, builder.env));
    if (cells.length === query.rows.length && cells.every((cell, at) => values[at] || isScalar(cell)) && values.includes(undefined)) {
      showChoice(cells, column, region, frame, builder);
      cells.forEach((cell) => shown.add(cell));
    }
    if (values.length < query.rows.length || values.some((value) => !value)) return;
    const list = isList(values);
    const value = {
      ...values[0]!, list, tenant: values.every((each) => each!.tenant), principal: values.every((each) => each!.principal),
      doubtful: values.some((each) => each!.doubtful), text: list ? 'a list of values' : values[0]!.text,
    };
    builder.seed(column, value, region, query.location, 'proof', false);
  });
  for (const row of query.rows) for (const cell of row) if (!shown.has(cell)) builder.subqueries(cell, region, frame);
  return { columns, region, open: false };
}

function isScalar(cell: Expression): boolean {
  const inner = bare(cell);
  return inner.kind === 'subquery' && inner.form === 'scalar';
}

function showCell(cell: Expression, shown: ColumnOf, region: Region, frame: Frame, builder: Builder): void {
  if (cell.kind === 'other' && cell.name === 'default') return;
  const column = columnOf(cell, frame);
  if (column) builder.equate(column, shown, region, cell.location);
  else showExpression(cell, shown, region, frame, builder);
}

