import type { Expression } from '../../facts/expression.js';
import type { FromItem, FunctionTable, Join, Query, TableReference } from '../../facts/query.js';
import type { Table } from '../catalog/types.js';
import type { Builder } from './builder.js';
import { readCommon } from './commons.js';
import { addCondition } from './conditions.js';
import type { Frame, Output, Outputs, Source } from './frame.js';
import { commonNamed } from './frame.js';
import type { ColumnOf, Ref, Value } from './graph.js';
import type { Region } from './regions.js';
import { isUngroupedAggregate, mayGroupNothing } from './shape.js';
import { shownByJoin, shownColumn, type Shown } from './shown.js';
import type { Access } from './types.js';
import { bare, columnOf, valueOf } from './values.js';

/** Builds the items of a FROM list. */
export function buildFrom(items: readonly FromItem[], region: Region, frame: Frame, builder: Builder): void {
  frame.shown ??= [];
  for (const item of items) frame.shown.push(buildItem(item, region, frame, builder));
}

/** Builds one item whose rows stand in the region. */
export function buildItem(item: FromItem, region: Region, frame: Frame, builder: Builder): Shown {
  if (item.kind === 'join') return buildJoin(item, region, frame, builder);
  const source = buildSource(item, region, frame, builder);
  frame.items.set(item, source);
  return source;
}

function buildSource(item: Exclude<FromItem, Join>, region: Region, frame: Frame, builder: Builder): Source {
  switch (item.kind) {
    case 'table': return buildTable(item, region, frame, builder);
    case 'function': return buildFunction(item, region, frame, builder);
    case 'derived': {
      const inner = isOneRow(item.query) || (item.lateral && isOfRowsBeside(item.query)) ? region : builder.regions.make('block', region);
      const outputs = builder.query(item.query, frame, inner, { outputs: true });
      return derivedSource(item, item.alias ?? 'the sub-select', outputs, outputs.columns.map((output) => output.name), region, builder);
    }
  }
}

/** `LATERAL (SELECT t.c AS x)`: one row beside each, whose columns are those of others by another name. */
function isOneRow(query: Query): boolean {
  return query.kind === 'select' && query.with.length === 0 && query.from.length === 0 && !query.where && query.groupBy.length === 0 && !query.having && !query.limit && !query.offset
    && query.targets.every(({ expression }) => ['column', 'constant', 'parameter'].includes(bare(expression).kind));
}

/** `LATERAL (SELECT ... WHERE t.fk = outer.key)`: a row beside another only where its conditions hold, which then hold of both. */
function isOfRowsBeside(query: Query): boolean {
  return query.kind === 'select' && !isUngroupedAggregate(query) && !mayGroupNothing(query);
}

function buildTable(item: TableReference, region: Region, frame: Frame, builder: Builder): Source {
  const table = frame.resolution.tables.get(item);
  if (table) return limitedByPolicies(tableSource(item, table, 'read', region, frame, builder), item, region, builder);
  const common = item.name.schema === undefined ? commonNamed(item.name.name, frame) : undefined;
  if (common) return readCommon(common, item, region, builder);
  return { ref: builder.facts.ref('derived', item.alias ?? item.name.name, region), columns: [], open: true };
}

/** What users may read of a table under its policies is of their tenants. */
function limitedByPolicies(source: Source, item: TableReference, region: Region, builder: Builder): Source {
  const { owned } = source.ref;
  const column = owned?.classified.tenantColumns.at(-1)?.name;
  if (item.asUser === true && column !== undefined && builder.env.isLimited?.(owned!.classified) === true) {
    builder.seed({ ref: source.ref, name: column }, { tenant: true, principal: false, doubtful: false, list: false, text: 'what policies let users read' }, region, item.location, 'proof', false);
  }
  return source;
}

/** A table or view of the catalog, as the target of a write or as something read. */
export function tableSource(item: TableReference, table: Table, access: Access, region: Region, frame: Frame, builder: Builder): Source {
  const name = item.alias ?? item.name.name;
  if (table.view && !builder.openViews.includes(table) && builder.openViews.length < 30) return viewSource(item, table, region, frame, builder);
  const classified = builder.domains.owned(table);
  const owned = classified && { reference: frame.reported ?? item, table, classified, access };
  const ref = builder.facts.ref('table', name, region, owned);
  ref.table = table;
  const columns = [...table.columns.keys()].map((column, index): Output => ({ name: item.columnAliases[index] ?? column, column: { ref, name: column } }));
  return { ref, columns, open: table.assumed || table.open, table };
}

function viewSource(item: TableReference, view: Table, region: Region, frame: Frame, builder: Builder): Source {
  const inner = builder.regions.make('block', region);
  const viewFrame: Frame = {
    parent: undefined, resolution: builder.resolveView(view), items: new Map(), common: undefined, reported: frame.reported ?? item,
  };
  builder.openViews.push(view);
  const outputs = builder.query(view.view!.query, viewFrame, inner, { outputs: true });
  builder.openViews.pop();
  const names = [...view.columns.keys()];
  const isKnown = !outputs.open && names.length === outputs.columns.length;
  if (!isKnown) inner.hole = true;
  const plain = { ...item, columnAliases: [] };
  const source = derivedSource(plain, item.alias ?? item.name.name, isKnown ? outputs : { ...outputs, columns: [] }, names, region, builder);
  return {
    ...source, table: view, open: source.open || view.open,
    columns: names.map((column, index): Output => ({ name: item.columnAliases[index] ?? column, column: { ref: source.ref, name: column } })),
  };
}

/** A sub-select, CTE or view as an item of FROM; its columns are those that it shows. */
export function derivedSource(
  item: { readonly columnAliases: readonly string[]; readonly location: FromItem['location'] }, name: string, outputs: Outputs, names: readonly string[],
  region: Region, builder: Builder,
): Source {
  const ref = builder.facts.ref('derived', name, region);
  const shown = outputs.columns.map((output, index) => item.columnAliases[index] ?? names[index] ?? output.name);
  const keys = keysOf(shown);
  const columns = outputs.columns.map((output, index): Output => {
    const column = { ref, name: keys[index]! };
    const edge = { location: item.location, mode: 'proof' as const };
    builder.facts.flows.push(
      { from: output.column, fromRegion: outputs.region, to: column, toRegion: region, ...edge, same: true },
      { from: column, fromRegion: region, to: output.column, toRegion: outputs.region, ...edge },
    );
    return { name: shown[index]!, column };
  });
  if (outputs.open) outputs.region.hole = true;
  return { ref, columns, open: outputs.open };
}

/** The columns of an item by names of their own: of two that are called the same, which a star alone can read, neither is the other. */
export function keysOf(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name, index) => {
    const key = taken.has(name) ? `${name} #${index}` : name;
    taken.add(name);
    return key;
  });
}

/** A function over values gives values: `unnest($1)`. */
function buildFunction(item: FunctionTable, region: Region, frame: Frame, builder: Builder): Source {
  for (const call of item.calls) builder.subqueries(call, region, frame);
  const values = item.calls.map((call) => valueOf(call, frame, builder.env));
  const ref = builder.facts.ref('derived', item.alias ?? 'the function', region);
  const columns = item.columnAliases.map((name): Output => ({ name, column: { ref, name } }));
  const all = values.every((value) => value !== undefined) ? values : [];
  if (all.length === 0 || item.calls.some((call) => call.kind !== 'call')) return { ref, columns, open: true };
  const value: Value = {
    tenant: all.every((each) => each.tenant), principal: all.every((each) => each.principal), doubtful: all.some((each) => each.doubtful), list: all.some((each) => each.list), text: 'a value of a function',
  };
  return { ref, columns, open: true, value };
}

function buildJoin(join: Join, region: Region, frame: Frame, builder: Builder): Shown {
  const { regions } = builder;
  const leftRegion = join.type === 'right' || join.type === 'full' ? regions.make('outer', region) : region;
  const rightRegion = join.type === 'left' || join.type === 'full' ? regions.make('outer', region) : region;
  const left = buildItem(join.left, leftRegion, frame, builder);
  const right = buildItem(join.right, rightRegion, frame, builder);
  const names = join.natural ? left.columns.map((output) => output.name).filter((name) => shownColumn(right, name)) : join.using;
  const pairs = [...new Set(names)].flatMap((name) => {
    const [a, b] = [left, right].map((side) => shownColumn(side, name)?.column);
    return a && b ? [{ name, left: a, right: b }] : [];
  });
  if (join.natural && (left.open || right.open)) regions.find(rightRegion).hole = true;
  const place = (target: Region): void => {
    for (const pair of pairs) {
      builder.present(pair.left, target);
      builder.present(pair.right, target);
      builder.equate(pair.left, pair.right, target, join.location);
    }
    if (join.on) addCondition(join.on, target, frame, builder);
  };
  if (join.type === 'full') placeFull(join, leftRegion, rightRegion, region, place, frame, builder);
  else place(join.type === 'left' ? rightRegion : join.type === 'right' ? leftRegion : region);
  const regionsOf = { left: leftRegion, right: rightRegion, join: region };
  if (join.on) addCoalesced(join, join.on, { left, right }, regionsOf, frame, builder);
  return shownByJoin({ merged: merge(join, pairs, regionsOf, frame, builder), left, right });
}

function merge(join: Join, pairs: readonly Pair[], regions: JoinRegions, frame: Frame, builder: Builder): Output[] {
  if (join.type === 'full') return mergedColumns(join, pairs, regions, frame, builder);
  return pairs.map(({ name, left, right }) => ({ name, column: join.type === 'right' ? right : left }));
}

/** The ON of a FULL JOIN governs neither side, unless a condition above makes one of them necessary: then it governs the other. */
function placeFull(join: Join, left: Region, right: Region, region: Region, place: (target: Region) => void, frame: Frame, builder: Builder): void {
  let placed = false;
  const once = (target: Region) => () => {
    if (placed) return;
    placed = true;
    place(target);
  };
  left.onMerge = once(right);
  right.onMerge = once(left);
  builder.later.push(() => {
    if (!placed && join.on) builder.subqueries(join.on, region, frame);
    placed = true;
  });
}

/** `l FULL JOIN r ON l.c = r.c`: COALESCE of the two is what USING shows. */
function addCoalesced(
  join: Join, on: Expression, sides: { readonly left: Shown; readonly right: Shown }, regions: JoinRegions, frame: Frame, builder: Builder,
): void {
  const isOf = (side: Shown, { ref }: ColumnOf): boolean => side.columns.some(({ column }) => column.ref === ref);
  const pairs = (on.kind === 'and' ? on.operands : [on]).flatMap((term, index): Pair[] => {
    if (term.kind !== 'operator' || term.operator !== '=' || !term.left) return [];
    const [a, b] = [columnOf(term.left, frame), columnOf(term.right, frame)];
    if (!a || !b) return [];
    const name = `#${index}`;
    if (isOf(sides.left, a) && isOf(sides.right, b)) return [{ name, left: a, right: b }];
    return isOf(sides.left, b) && isOf(sides.right, a) ? [{ name, left: b, right: a }] : [];
  });
  if (pairs.length === 0) return;
  const columns = merge(join, pairs, regions, frame, builder);
  frame.coalesced = [...frame.coalesced ?? [], ...pairs.map((pair, index) => ({ of: [pair.left, pair.right] as const, column: columns[index]!.column }))];
}

interface Pair {
  readonly name: string;
  readonly left: ColumnOf;
  readonly right: ColumnOf;
}

interface JoinRegions {
  readonly left: Region;
  readonly right: Region;
  readonly join: Region;
}

/** A merged column of FULL JOIN ... USING: each side equals it where it has a row, and what both sides say holds of it. */
function mergedColumns(join: Join, pairs: readonly Pair[], regions: JoinRegions, frame: Frame, builder: Builder): Output[] {
  const ref: Ref = builder.facts.ref('derived', 'the joined column', regions.join);
  const columns = pairs.map(({ name, left, right }): Output => {
    const column = { ref, name };
    const edge = { from: column, fromRegion: regions.join, location: join.location, mode: 'proof' as const };
    builder.facts.flows.push({ ...edge, to: left, toRegion: regions.left }, { ...edge, to: right, toRegion: regions.right });
    return { name, column };
  });
  builder.facts.gates.push({
    target: regions.join, branches: [{ region: regions.left }, { region: regions.right }], location: join.location, mode: 'proof',
    columns: columns.map(({ column }, index) => ({ to: column, from: [pairs[index]!.left, pairs[index]!.right] })),
  });
  frame.items.set(join, { ref, columns, open: false });
  return columns;
}

