import { entryOf } from '../../../../entry.js';
import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { FromItem, Query, SelectQuery, Target } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import { stored } from '../../store.js';
import type { ClassValue, LibraryValue, ObjectValue, Result, RowListValue, Value } from '../../values.js';
import { column, constant, select } from '../build.js';
import type { Place } from '../prisma/models.js';
import type { DjangoModel } from './model.js';

/** A query set: what it reads, as far as it has been refined. */
export interface QuerySet {
  readonly model: DjangoModel;
  readonly place: Place;
  readonly from: FromItem;
  readonly where: readonly Expression[];
  /** Related rows that are fetched along (`prefetch_related`, annotations). */
  readonly targets: readonly Target[];
  readonly annotations: ReadonlyMap<string, Expression>;
  /** The fields of `values()`. */
  readonly values?: readonly string[];
  readonly flat?: boolean;
  readonly limited?: boolean;
  /** `in_bulk()`: a dict of its rows by their keys. */
  readonly byKey?: boolean;
  /** `none()`: no query is sent. */
  readonly empty?: boolean;
  /** Its parts are queries of their own: none is sent for it besides. */
  readonly silent?: boolean;
  /** A condition that says nothing of what the rows are: `raw()`, an unknown manager. */
  readonly raw?: Query;
  /** The class of the project whose methods it has. */
  readonly owner?: ClassValue;
  /** What a manager of related rows gives each row that it makes. */
  readonly given?: ObjectValue;
  readonly access?: LibraryValue['access'];
  readonly location: Location;
  /** Where the rows were written in code, its query counts until it is refined. */
  readonly draft?: Draft;
}

/** Whether a query is sent for a query set. */
export function isSent({ empty, silent }: QuerySet): boolean {
  return empty !== true && silent !== true;
}

/** `used`: someone has read the rows as they are. */
export interface Draft {
  withdrawn: boolean;
  used?: boolean;
}

/** A query set that turned out to be a step to another, unless its own rows were read as well. */
export function withdraw({ draft }: QuerySet): void {
  if (draft && draft.used !== true) draft.withdrawn = true;
}

function sets(ctx: Context): WeakMap<Result, QuerySet> {
  return stored(ctx, 'django:sets', () => new WeakMap<Result, QuerySet>());
}

/** Takes note of the query set that a result is of. */
export function remember(result: Result, set: QuerySet, ctx: Context): void {
  sets(ctx).set(result, set);
}

/** The query set behind rows that it gave. */
export function querySetOf({ result, path }: RowListValue, ctx: Context): QuerySet | undefined {
  return path.length === 0 ? sets(ctx).get(result) : undefined;
}

/** The query set that a value is. */
export function querySetIn(value: Value | undefined, ctx: Context): QuerySet | undefined {
  const known = value && ctx.read(value);
  return known?.kind === 'rowList' ? querySetOf(known, ctx) : undefined;
}

/** The query of a query set. */
export function queryOf(set: QuerySet, targets?: readonly Target[]): SelectQuery {
  const { location } = set;
  const own: Target = { expression: { kind: 'star', path: [set.place.alias], location } };
  const limit = set.limited === true ? { limit: constant(1, location) } : {};
  const having = set.where.filter(isAggregate);
  if (having.length === 0 && (targets ?? set.targets).every(({ expression }) => !isAggregate(expression))) return select({ targets: targets ?? [own, ...set.targets], from: [set.from], where: whereOf(set), ...limit, location });
  if (targets && having.length === 0) return select({ targets, from: [set.from], where: whereOf(set), ...limit, location });
  const groups = groupsOf(set);
  return select({
    targets: [...groups.map((expression) => ({ expression })), ...set.targets.filter(({ expression }) => isAggregate(expression))], from: [set.from], groupBy: groups,
    where: joined(set.where.filter((each) => !isAggregate(each)), location), ...(having.length > 0 && { having: joined(having, location) }), ...limit, location,
  });
}

const AGGREGATES = /^(?:count|sum|avg|max|min|stddev\w*|var\w*|\w+_agg|bool_or|bool_and)$/;

const aggregates = new WeakMap<Expression, boolean>();

/** Whether an expression is computed from several rows of the query itself; asked of each condition again at each step of a chain. */
function isAggregate(expression: Expression): boolean {
  const known = aggregates.get(expression) ?? holdsAggregate(expression);
  aggregates.set(expression, known);
  return known;
}

function holdsAggregate(expression: Expression): boolean {
  const open: unknown[] = [expression];
  while (open.length > 0) {
    const node = open.pop() as Partial<Expression> & { name?: unknown };
    if (typeof node !== 'object' || node === null || node.kind === 'subquery') continue;
    if (node.kind === 'call' && Array.isArray(node.name) && AGGREGATES.test(String(node.name.at(-1)))) return true;
    for (const [key, value] of Object.entries(node)) if (key !== 'location') open.push(value);
  }
  return false;
}

/** What an aggregate of a query set is grouped by: the fields of `values()`, else each row. */
function groupsOf(set: QuerySet): readonly Expression[] {
  const { fields, relations } = set.model.table;
  const names = (set.values ?? []).filter((name) => !isAggregate(set.annotations.get(name) ?? constant(1, set.location)));
  const own = names.flatMap((name): readonly Expression[] => {
    const given = set.annotations.get(name);
    const relation = relations && entryOf(relations, name);
    const path = entryOf(fields, name) ?? (relation?.owns ? relation.columns[0] : undefined);
    return given ? [given] : path === undefined ? [] : [column(set.place.alias, path, set.location)];
  });
  return own.length > 0 ? own : [column(set.place.alias, fields['pk'] ?? 'id', set.location)];
}

/** The condition on the rows of a query set; what it asks of groups is not known of a row. */
export function whereOf({ where, location }: QuerySet): Expression {
  return joined(where.map((each) => (isAggregate(each) ? { kind: 'hole', text: 'a condition on groups of rows', location } : each)), location);
}

function joined(where: readonly Expression[], location: Location): Expression {
  return where.length === 0 ? constant(true, location) : where.length === 1 ? where[0]! : { kind: 'and', operands: where.flatMap((each) => (each.kind === 'and' ? each.operands : [each])), location };
}

/** The column that a query set gives as a sub-select: the first of `values()`, else the key. */
export function givenColumn(set: QuerySet): Expression {
  const [name = 'pk'] = set.values ?? [];
  const { fields, relations } = set.model.table;
  const own = entryOf(fields, name) ?? (relations && entryOf(relations, name)?.columns[0]);
  return set.annotations.get(name) ?? column(set.place.alias, own ?? fields['pk'] ?? name, set.location);
}
