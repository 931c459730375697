import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Query, Target as SelectTarget } from '../../../../facts/query.js';
import type { ModelTable } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import { COUNT } from '../../lower.js';
import type { FieldValue, Result, RowValue, Value } from '../../values.js';
import { undefinedValue } from '../../values.js';
import { constant, Names, select } from '../build.js';
import { alternatives, fieldsOf } from '../objects.js';
import type { Place } from './models.js';
import { addIncluded, columnAt, countTarget, isLeftOut, plainReading, relationAt, type Reading } from './reading.js';
import { namesOneRow, whereCondition } from './where.js';

/** A call on a delegate: `prisma.user.findMany(args)`. */
export interface Operation {
  readonly model: ModelTable;
  readonly name: string;
  readonly args: Value | undefined;
  readonly location: Location;
  readonly record: (query: Query, location: Location) => void;
  readonly ctx: Context;
}

/** A property of the arguments; where they are not known, neither is the property. */
export function argument(args: Value | undefined, key: string, ctx: Context): Value | undefined {
  if (args === undefined) return undefined;
  const found = alternatives(args, ctx).map((option): Value | undefined => {
    if (option.kind === 'constant') return undefined;
    if (option.kind !== 'object') return option;
    const { given, open } = fieldsOf(option, ctx);
    const own = given.find((each) => each.key === key);
    if (own?.overridden || (own === undefined && open !== undefined)) return option.entries.find((entry) => entry.kind === 'spread')!.value;
    return own?.maybe ? { kind: 'union', options: [own.value, undefinedValue].map((value) => ({ value, facts: [] })) } : own?.value;
  });
  if (found.every((each) => each === undefined)) return undefined;
  return found.length === 1 ? found[0] : { kind: 'union', options: found.map((value) => ({ value: value ?? undefinedValue, facts: [] })) };
}

/** What an operation reads or changes: the rows its `where` names. */
export interface Target {
  readonly reading: Reading;
  readonly place: Place;
  readonly where: Expression;
  readonly isOneRow: boolean;
}

/** The model's rows that `where` names, with what `include` and `select` join to them. */
export function targetOf({ model, args, location, ctx }: Operation, isUnique: boolean, isIncluding = true): Target {
  const names = new Names();
  const place: Place = { model, names, alias: names.fresh(model.name.name) };
  const given = argument(args, 'where', ctx);
  const where = whereCondition(given, place, location, ctx, isUnique);
  const reading = plainReading(place, location);
  if (isIncluding) addIncluded(reading, args, ctx);
  return { reading, place, where, isOneRow: isUnique || namesOneRow(given, place, ctx) };
}

function isGiven(value: Value | undefined, ctx: Context): boolean {
  return value !== undefined && alternatives(value, ctx).some((option) => option.kind !== 'constant' || option.value !== undefined);
}

/** findUnique, findFirst, findMany and their OrThrow forms. */
export function find(operation: Operation, many: boolean): Value {
  const { name, args, location, ctx } = operation;
  const target = targetOf(operation, name.startsWith('findUnique'));
  const { reading, where, isOneRow } = target;
  const isLimited = many ? isGiven(argument(args, 'take', ctx), ctx) || isGiven(argument(args, 'skip', ctx), ctx) : !isOneRow;
  const rows = select({ from: [reading.from], where, ...(isLimited && { limit: constant(1, location) }), location });
  operation.record({ ...rows, targets: reading.targets.length > 0 ? reading.targets : rowTargets(target, location) }, location);
  const result: Result = { ...resultOf(target, rows, location, ctx), isLeftOut: (path) => isLeftOut(args, operation.model, path, ctx) };
  if (many) return { kind: 'rowList', result, path: [] };
  const row: RowValue = { kind: 'row', result, path: [], maybe: !name.endsWith('OrThrow') };
  return row.maybe ? row : present(row, ctx);
}

function rowTargets({ place }: Target, location: Location): SelectTarget[] {
  return [{ expression: { kind: 'star', path: [place.alias], location } }];
}

/** The rows of a target as a result whose properties are fields, also of relations. */
export function resultOf(target: Target, rows: Result['rows'], location: Location, ctx: Context, written?: ReadonlyMap<string, Value>): Result {
  return ctx.result({
    ...(rows && { rows }), ...(written && { written }), column: (path) => columnAt(target.reading, path, location, ctx),
    relation: (path) => relationAt(target.reading.place.model, path, ctx), entity: { model: target.reading.place.model, library: 'prisma' }, location,
  });
}

/** The operation throws unless there is a row. */
export function present(row: RowValue, ctx: Context): RowValue {
  ctx.present(row.result);
  return row;
}

/** count, aggregate, groupBy. */
export function aggregate(operation: Operation): Value {
  const { name, args, location, ctx } = operation;
  const target = targetOf(operation, false, false);
  const { reading, where } = target;
  const rows = select({ from: [reading.from], where, location });
  const by = name === 'groupBy' ? groupColumns(argument(args, 'by', ctx), target, ctx) : [];
  operation.record({ ...rows, targets: [...by.map((expression) => ({ expression })), countTarget(location)], groupBy: by }, location);
  if (name === 'groupBy') return { kind: 'rowList', result: resultOf(target, rows, location, ctx), path: [] };
  const count = countOf(rows, location, ctx);
  if (name === 'count' && !isGiven(argument(args, 'select', ctx), ctx)) return count;
  return { kind: 'row', result: count.result, path: [], maybe: false };
}

function groupColumns(by: Value | undefined, { reading }: Target, ctx: Context): readonly Expression[] {
  if (by === undefined) return [];
  return alternatives(by, ctx).flatMap((option) => (option.kind === 'list' ? option.items.flatMap((item) => alternatives(item.value, ctx)) : [option]))
    .flatMap((option) => (option.kind === 'constant' && typeof option.value === 'string' ? columnAt(reading, [option.value], reading.from.location, ctx) ?? [] : []));
}

/** The number of rows. */
export function countOf(rows: NonNullable<Result['rows']>, location: Location, ctx: Context): FieldValue {
  const { expression } = countTarget(location);
  return { kind: 'field', result: ctx.result({ rows, column: () => expression, location }), path: [COUNT], many: false, maybe: false };
}

/** `{ count }` of createMany, updateMany and deleteMany. */
export function countObject(rows: Result['rows'], location: Location, ctx: Context): Value {
  if (!rows) return { kind: 'unknown', reason: 'a number of rows' };
  return ctx.allocate({ kind: 'object', entries: [{ kind: 'property', key: 'count', value: countOf(rows, location, ctx), maybe: false, location }], location });
}
