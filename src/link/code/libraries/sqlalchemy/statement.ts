import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { CommonTableExpression, FromItem, Query, SelectQuery, TableReference, Target } from '../../../../facts/query.js';
import type { Context, QueryEffect, Trace } from '../../library.js';
import { completeGroup, Steps, type BuilderStep } from '../../steps.js';
import type { LibraryValue, ObjectEntryValue, Value } from '../../values.js';
import { placeOfBuilder } from '../begun.js';
import { and, column, equal, isTrue, leftOut, or, table } from '../build.js';
import { SQLALCHEMY } from './data.js';
import type { SessionData } from './begun.js';
import { executed } from './executed.js';
import { heard } from './listeners.js';
import { modelAt } from './registry.js';
import { parentTable } from './mapped.js';
import { primaryKey } from './relationships.js';
import type { TableData } from './tables.js';

/** One thing that a statement selects or returns. */
export type Selected =
  | { readonly kind: 'entity' | 'table'; readonly table: TableData }
  | { readonly kind: 'column'; readonly expression: Expression; readonly label?: string };

/** A statement under construction. */
export interface QueryData {
  readonly query: Query;
  /** Tables named in it, to be put into FROM unless they are there. */
  readonly tables: readonly TableData[];
  readonly selected: readonly Selected[];
  /** Related rows that are read along with those selected. */
  readonly loaded?: readonly Expression[];
  /** Values that an INSERT writes, by column. */
  readonly written: ReadonlyMap<string, Value>;
  /** What was joined last: filter_by() is about it. */
  readonly last?: TableData;
  /** A query of a session, whose own methods run it. */
  readonly session?: { readonly access?: LibraryValue['access']; readonly from?: SessionData };
  /** `execution_options(...)`: what listeners may look at. */
  readonly options?: readonly ObjectEntryValue[];
  /** How the place came to run where it begins: a helper may give it to whoever sends it. */
  readonly begun?: Trace;
  /** Where the last was added to it. */
  readonly added?: Location;
  /** Why it cannot be understood. */
  readonly unknown?: string;
}

/** What a method makes of a statement. `maybe`: it is called on some paths only. */
export interface Step {
  (data: QueryData, maybe: boolean): QueryData;
  /** The conditions that it adds, if it does nothing else. */
  readonly conditions?: readonly Expression[];
}

/** A statement as a value: paths that call other methods of the same one are joined. */
export function statementValue(root: QueryData): LibraryValue {
  return { kind: 'library', library: SQLALCHEMY, type: 'query', data: new Steps<Step>([], root) };
}

/** The statement with another step. */
export function stepped(value: LibraryValue, step: Step): LibraryValue {
  return { ...value, data: (value.data as Steps<Step>).with(step) };
}

/** What a value is as a statement, as far as it was built. */
export function statementData(value: Value | undefined, ctx: Context): QueryData | undefined {
  const known = value && ctx.read(value);
  if (known?.kind !== 'library' || known.library !== SQLALCHEMY || known.type !== 'query') return undefined;
  const { items, root } = known.data as Steps<Step>;
  let data = root as QueryData;
  for (let index = 0; index < items.length;) {
    const { step, maybe, branch } = items[index]!;
    const group = branch && items.slice(index, items.findLastIndex((each) => each.branch?.group === branch.group) + 1);
    const choice = group && choiceOf(group, data.query.location);
    data = choice ? { ...data, query: filtered(data.query, [choice], false) } : step(data, maybe);
    index += choice ? group.length : 1;
  }
  return data;
}

/** Where a statement stands: where it begins, or where the caller of the helper that gave it has added to it. */
export function placeOf({ query: { location }, added }: QueryData, ctx: Context): Pick<QueryEffect, 'location' | 'helper'> {
  return placeOfBuilder(location, added ?? location, ctx);
}

/** One of several paths is taken, each of which adds conditions: any of them holds. */
function choiceOf(group: readonly BuilderStep<Step>[], location: Location): Expression | undefined {
  const sides = completeGroup(group);
  if (!sides || group.some(({ step }) => step.conditions === undefined)) return undefined;
  const optional = (condition: Expression): Expression => or([condition, leftOut(`the filter at ${condition.location.start}`, condition.location)], condition.location);
  return { kind: 'or', operands: sides.map((side) => and(side.flatMap(({ step, branch }) => step.conditions!.map((each) => (branch!.certain ? each : optional(each)))), location)), chosen: true, location };
}

/** The statement that a value is, whole: with every table that it names. */
export function queryData(value: Value, ctx: Context, session?: SessionData): Query | undefined {
  const data = statementData(value, ctx);
  return data && data.unknown === undefined ? finished(data, ctx, session) : undefined;
}

/** A table in FROM: what stands for a sub-query is that. */
export function fromItem(data: TableData, location: Location): FromItem {
  if (data.derived) return { kind: 'derived', query: data.derived.query, alias: data.alias, columnAliases: [], lateral: data.derived.lateral, location };
  return reference(data, location);
}

/** A table that is written, or read by its name. */
export function reference({ name, alias }: TableData, location: Location): TableReference {
  return table(name, alias, location);
}

/** Adds conditions that all hold; on some paths only: in the form of a filter that may be left out. */
export function filtered(query: Query, conditions: readonly Expression[], maybe: boolean): Query {
  if (query.kind !== 'select' && query.kind !== 'update' && query.kind !== 'delete') return query;
  const { location } = query;
  const given = maybe ? conditions.map((each) => or([each, leftOut(`the filter at ${each.location.start}`, each.location)], each.location)) : conditions;
  const where = and([...(query.where ? [query.where] : []), ...given], location);
  return isTrue(where) ? query : { ...query, where };
}

/** Tables by their alias, each once. */
export function distinct(tables: readonly TableData[]): TableData[] {
  const found = new Map<string, TableData>();
  for (const each of tables) if (!found.has(each.alias)) found.set(each.alias, each);
  return [...found.values()];
}

/** The names that an item of FROM gives. */
export function names(item: FromItem): string[] {
  if (item.kind === 'join') return [...names(item.left), ...names(item.right)];
  return [item.alias ?? (item.kind === 'table' ? item.name.name : '')];
}

/** Tables of conditions that are not in FROM yet are added, as SQLAlchemy adds them. `session`: what sends it. */
export function finished(data: QueryData, ctx: Context, session: SessionData | undefined = data.session?.from): Query {
  const listened = session && listenedTo(data, session, ctx);
  const { query } = listened ?? data;
  const complete = withCommons(completed(withTargets({ ...data, query }), ctx), data.tables);
  const whole = listened ? complete : heard(complete, entitiesOf(data), complete.location, ctx);
  const outer = whole.kind === 'select' ? whole.from : whole.kind === 'update' ? [whole.target, ...whole.from] : whole.kind === 'delete' ? [whole.target, ...whole.using] : [];
  return correlated(whole, new Set(outer.flatMap(names)), ctx, true) as Query;
}

/** The statement with what the project's listeners of `do_orm_execute` add; undefined where that is not known. */
function listenedTo(data: QueryData, session: SessionData, ctx: Context): QueryData | undefined {
  return executed(() => statementValue(data), data.options ?? [], data.query, session, (value) => certainly(value, ctx), ctx);
}

/** A statement as it was built, if no path leaves a part of it out. */
function certainly(value: Value, ctx: Context): QueryData | undefined {
  const known = ctx.read(value);
  const isStatement = known.kind === 'library' && known.library === SQLALCHEMY && known.type === 'query';
  return isStatement && (known.data as Steps<Step>).items.every(({ maybe, branch }) => !maybe && branch === undefined) ? statementData(known, ctx) : undefined;
}

function entitiesOf({ query, tables, last }: QueryData): readonly TableData[] {
  return query.kind === 'select' || last === undefined ? tables : [last, ...tables];
}

/** What is selected as a select list, or as RETURNING. */
export function targetsOf(selected: readonly Selected[], location: Location): Target[] {
  return selected.map((each) => (each.kind === 'column'
    ? { expression: each.expression, ...(each.label !== undefined && { alias: each.label }) } : { expression: { kind: 'star', path: [each.table.alias], location } }));
}

function withTargets(data: QueryData): QueryData {
  const { query, selected, loaded = [] } = data;
  const targets = targetsOf(selected, query.location);
  if (query.kind === 'select' && loaded.length > 0) return { ...data, query: { ...query, targets: [...targets, ...loaded.map((expression) => ({ expression }))] } };
  if (query.kind === 'select') return { ...data, query: { ...query, targets } };
  return 'returning' in query && selected.length > 0 ? { ...data, query: { ...query, returning: targets } } : data;
}

function withCommons(query: Query, tables: readonly TableData[]): Query {
  const commons = new Map<string, CommonTableExpression>();
  for (const { common } of tables) if (common) commons.set(common.name, common);
  return commons.size === 0 ? query : { ...query, with: [...query.with, ...commons.values()], recursive: true };
}

/** Tables of the outer query are not named again in FROM of a sub-query, unless nothing were left there. @see SQLAlchemy manual, "Correlated subqueries" */
function correlated(node: unknown, outer: ReadonlySet<string>, ctx: Context, isOuter = false): unknown {
  if (Array.isArray(node)) return node.map((each) => correlated(each, outer, ctx));
  if (node === null || typeof node !== 'object' || ctx.borrowed.has(node as Query)) return node;
  // What a CTE reads is its own.
  const parts = Object.entries(node).map(([key, value]) => [key, key === 'location' || key === 'with' ? value : correlated(value, outer, ctx)] as const);
  const copy = Object.fromEntries(parts) as unknown as SelectQuery;
  if (isOuter || (node as { kind?: string }).kind !== 'select') return copy;
  const from = copy.from.filter((item) => item.kind !== 'table' || !names(item).some((name) => outer.has(name)));
  return from.length > 0 && from.length < copy.from.length ? { ...copy, from } : copy;
}

function completed({ query, tables }: QueryData, ctx: Context): Query {
  const { location } = query;
  const missing = (known: readonly FromItem[]): TableData[] => withParents(tables.filter(({ alias }) => !known.some((item) => names(item).includes(alias))), tables, ctx);
  switch (query.kind) {
    case 'select': {
      const added = missing(query.from);
      return filtered({ ...query, from: [...query.from, ...added.map((each) => fromItem(each, location))] }, inheritance(tables, location, ctx), false);
    }
    case 'update': return { ...query, from: [...query.from, ...missing([query.target, ...query.from]).map((each) => fromItem(each, location))] };
    case 'delete': return { ...query, using: [...query.using, ...missing([query.target, ...query.using]).map((each) => fromItem(each, location))] };
    default: return query;
  }
}

/** A class whose parent is in a table of its own is read together with it. */
function withParents(added: readonly TableData[], known: readonly TableData[], ctx: Context): TableData[] {
  const parents = added.flatMap((each) => (each.entity && each.alias === each.name.name ? parentTable(each.entity, ctx) ?? [] : []));
  return distinct([...added, ...parents.filter(({ alias }) => !known.some((each) => each.alias === alias))]);
}

/** `managers.id = employees.id`: what joins the tables of a class and its parent. */
function inheritance(tables: readonly TableData[], location: Location, ctx: Context): Expression[] {
  return tables.flatMap((each) => {
    const parent = each.entity && each.alias === each.name.name ? parentTable(each.entity, ctx) : undefined;
    const keys = parent && keyOf(parent, ctx);
    return parent && keys?.length === 1 ? [equal(column(each.alias, keyOf(each, ctx)[0] ?? keys[0]!, location), column(parent.alias, keys[0]!, location), location)] : [];
  });
}

/** The columns of a table's primary key. */
export function keyOf({ key }: TableData, ctx: Context): readonly string[] {
  const model = key === undefined ? undefined : modelAt(key, ctx);
  return model ? primaryKey(model) : [];
}
