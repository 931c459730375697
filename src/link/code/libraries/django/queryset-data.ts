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
  /** `none()`: no query is sent. */
  readonly empty?: boolean;
  /** `union()`: the arms. */
  readonly arms?: readonly QuerySet[];
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
  return select({ targets: targets ?? [own, ...set.targets], from: [set.from], where: whereOf(set), ...(set.limited === true && { limit: constant(1, location) }), location });
}

/** The condition on the rows of a query set. */
export function whereOf({ where, location }: QuerySet): Expression {
  return where.length === 0 ? constant(true, location) : where.length === 1 ? where[0]! : { kind: 'and', operands: where.flatMap((each) => (each.kind === 'and' ? each.operands : [each])), location };
}

/** The column that a query set gives as a sub-select: the first of `values()`, else the key. */
export function givenColumn(set: QuerySet): Expression {
  const [name = 'pk'] = set.values ?? [];
  const { fields, relations } = set.model.table;
  const own = Object.hasOwn(fields, name) ? fields[name] : relations && Object.hasOwn(relations, name) ? relations[name]!.columns[0] : undefined;
  return set.annotations.get(name) ?? column(set.place.alias, own ?? fields['pk'] ?? name, set.location);
}
