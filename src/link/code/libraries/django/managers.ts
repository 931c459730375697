import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { ModelRelation } from '../../../../facts/schema.js';
import type { Call, Context } from '../../library.js';
import { stored } from '../../store.js';
import type { ClassValue, LibraryValue, RowValue, Value } from '../../values.js';
import { and, column, constant, equal, hole, select, subquery, table } from '../build.js';
import { record } from '../entities/site.js';
import { insertOf, updateOf } from '../entities/writing.js';
import { alternatives } from '../objects.js';
import type { Place } from '../prisma/models.js';
import { libraryData, libraryValue } from '../sqlalchemy/given.js';
import { valueOf } from './conditions.js';
import { DJANGO } from './fields.js';
import { modelNamed, type DjangoModel } from './model.js';
import { allOf, atOf, extended, keyOfRow, querySetMethod, rowsOf } from './queryset.js';
import { querySetIn, withdraw, type QuerySet } from './queryset-data.js';

/** What rows a related manager is about: those of a row, of who is signed in, or of an instance that code has made. */
export type Holder = { readonly kind: 'row'; readonly row: RowValue } | { readonly kind: 'self'; readonly key: () => Value };

/** `Model.objects`, `row.items`. */
export interface ManagerData {
  /** Absent until it is found as an attribute of a model. */
  readonly model?: DjangoModel;
  /** The project's class of the manager, and that of its query sets. */
  readonly owner?: ClassValue;
  readonly querySet?: ClassValue;
  readonly related?: { readonly relation: ModelRelation; readonly holder: Holder };
  /** As Django's own class has it: `super().get_queryset()`. */
  readonly plain?: boolean;
  /** Why its rows are narrowed by what no query says: a package filters them by a tenant that was set elsewhere. */
  readonly context?: string;
}

/** A manager. */
export function managerValue(data: ManagerData): LibraryValue {
  return libraryValue(DJANGO, 'manager', data);
}

/** The manager behind a value. */
export function managerData(value: Value | undefined, ctx: Context): ManagerData | undefined {
  return libraryData<ManagerData>(value, DJANGO, 'manager', ctx);
}

/** The models that a class of managers (or of query sets) is of, and what filters them besides: for its methods when nobody calls them. */
export function usersOf(ctx: Context): Map<unknown, Pick<ManagerData, 'model' | 'context'>> {
  return stored(ctx, 'django:managers', () => new Map<unknown, Pick<ManagerData, 'model' | 'context'>>());
}

/** `row.items`: the related rows of one row. */
export function relatedManager(model: DjangoModel, _name: string, relation: ModelRelation, holder: Holder, ctx: Context): LibraryValue | undefined {
  const target = modelNamed(relation.model, model.registry, ctx);
  const manager = target && defaultManager(target, ctx);
  return target && managerValue({ model: target, related: { relation, holder }, ...(manager?.owner && { owner: manager.owner }), ...(manager?.querySet && { querySet: manager.querySet }) });
}

/** The manager that a model declares as `objects`. */
export function defaultManager(model: DjangoModel, ctx: Context): ManagerData | undefined {
  if (!model.owner) return undefined;
  const found = managerData(ctx.member(model.owner, 'objects'), ctx);
  return found;
}

/** The rows that a manager starts from. */
function startOf(data: ManagerData & { readonly model: DjangoModel }, location: Location, ctx: Context): QuerySet {
  const owner = data.querySet;
  const set = allOf(data.model, location, owner ? { owner } : {});
  if (!data.related) { const context = data.context ?? contextOf(data.model, ctx); return context === undefined ? set : { ...set, where: [hole(context, location)] }; }
  const { relation, holder } = data.related;
  const key = keyOf(holder, relation, location, ctx);
  const given = relation.through ? undefined : { kind: 'object', location, entries: givenEntries(data.model, relation, holder, location) } as const;
  return { ...set, where: [belongs(set.place, relation, key, location)], ...(given && { given }) };
}

/** The managers of django-multitenant filter by the tenant that `set_current_tenant()` has set, if one was (its documentation, "Usage"). */
function contextOf({ owner }: DjangoModel, ctx: Context): string | undefined {
  const isScoped = owner !== undefined && ctx.ancestry(owner).some((each) => each.kind === 'external' && each.module.startsWith('django_multitenant'));
  return isScoped ? 'django-multitenant filters by the current tenant, if one is set' : undefined;
}

/** `ScopedManager(event='event', _manager_class=X)` of django-scopes: it filters by the scope that is active. */
export function scopedManager(call: Call, ctx: Context): LibraryValue {
  const given = call.arguments.named.get('_manager_class');
  const made = given && managerData(ctx.call(given, { ...call, arguments: { positional: [], named: new Map(), open: false, locations: [] } }), ctx);
  return managerValue({ ...made, context: 'django-scopes filters by the scope that is active' });
}

function keyOf(holder: Holder, relation: ModelRelation, location: Location, ctx: Context): Expression {
  return holder.kind === 'row' ? keyOfRow(holder.row, relation.columns[0] ?? 'pk', location, ctx) : ctx.expression(holder.key(), location);
}

function givenEntries(model: DjangoModel, relation: ModelRelation, holder: Holder, location: Location): { kind: 'property'; key: string; value: Value; maybe: boolean; location: Location }[] {
  const field = Object.entries(model.table.relations ?? {}).find(([, each]) => each.owns && each.columns[0] === relation.referencedColumns[0])?.[0];
  return field === undefined ? [] : [{ kind: 'property', key: field, value: holder.kind === 'row' ? holder.row : holder.key(), maybe: false, location }];
}

/** The related rows of a key: by their foreign key, or by way of the join table. */
function belongs(place: Place, { referencedColumns, through }: ModelRelation, key: Expression, location: Location): Expression {
  if (!through) return equal(column(place.alias, referencedColumns[0] ?? 'id', location), key, location);
  const middle = place.names.fresh(through.table.name);
  return subquery('exists', select({
    from: [table(through.table, middle, location)],
    where: and([equal(column(middle, through.referencedColumns[0]!, location), column(place.alias, referencedColumns[0] ?? 'id', location), location), equal(column(middle, through.columns[0]!, location), key, location)], location), location,
  }), location);
}

/** A method of a manager: of its own class, of its query sets, of Django. */
export function managerMethod(self: LibraryValue, data: ManagerData, name: string, call: Call, ctx: Context): Value | undefined {
  const { model } = data;
  const own = data.plain === true ? undefined : methodOfClass(data.owner, name, ctx);
  if (own) return placed(ctx.call({ kind: 'function', function: own.method, scope: own.owner.scope, self, owner: own.owner }, call), call, ctx);
  if (model === undefined) return undefined;
  const known = { ...data, model };
  if (data.related) { const changed = relatedMethod(known, data.related, name, call, ctx); if (changed) return changed; }
  const start = queryStart(self, known, call, ctx);
  if (name === 'get_queryset' || name === 'all' || name === 'get_query_set') return start;
  return alternatives(start, ctx).length === 1 && ctx.read(start).kind === 'rowList' ? onRows(start, name, call, ctx) : ctx.callMethod(start, name, call);
}

function queryStart(self: LibraryValue, data: ManagerData & { readonly model: DjangoModel }, call: Call, ctx: Context): Value {
  const overridden = data.plain === true || data.related ? undefined : methodOfClass(data.owner, 'get_queryset', ctx);
  if (overridden) return ctx.invoke({ kind: 'function', function: overridden.method, scope: overridden.owner.scope, self, owner: overridden.owner }, [], call.location);
  return rowsOf({ ...startOf(data, call.location, ctx), ...(self.access && { access: self.access }) }, ctx);
}

/** A method of rows: of the project's class of query sets, else of Django's. */
export function onRows(rows: Value, name: string, call: Call, ctx: Context): Value | undefined {
  const set = querySetIn(rows, ctx);
  if (set === undefined) return undefined;
  const own = methodOfClass(set.owner, name, ctx);
  if (own) { withdraw(set); return placed(ctx.call({ kind: 'function', function: own.method, scope: own.owner.scope, self: rows, owner: own.owner }, call), call, ctx); }
  if (name === 'get_queryset') return rows;
  return querySetMethod(set, name, call, ctx, ctx.read(rows)) ?? unknownMethod(set, name, call, ctx);
}

/** A method that a package has added: it asks for rows that are not known. */
function unknownMethod(set: QuerySet, name: string, { location }: Call, ctx: Context): undefined {
  withdraw(set);
  ctx.query({ kind: 'query', unknown: `what ${name}() asks for is not known`, location: extended(set.location, location), library: DJANGO, ...(set.access && { access: set.access }) });
  return undefined;
}

/** What a method of the project's manager makes is a query of the place that calls it. */
function placed(made: Value, call: Call, ctx: Context): Value {
  const set = querySetIn(made, ctx);
  if (set === undefined || set.location.file === call.location.file) return made;
  withdraw(set);
  return rowsOf({ ...set, location: call.location }, ctx);
}

/** A method that a class of the project declares. */
export function methodOfClass(owner: ClassValue | undefined, name: string, ctx: Context): { readonly method: ClassValue['class']['methods'][number]; readonly owner: ClassValue } | undefined {
  for (const each of owner ? ctx.ancestry(owner) : []) {
    const method = each.kind === 'classValue' ? each.class.methods.find((candidate) => candidate.name === name) : undefined;
    if (method && each.kind === 'classValue') return { method, owner: each };
  }
  return undefined;
}

/** The objects (or their keys) that are added, or that take the place of others: `add(one, *others)`, `set(all)`. */
function objectsGiven({ arguments: { positional, unplaced = [] } }: Call, name: string, ctx: Context): readonly Value[] {
  const [first] = positional;
  const rows = /set/.test(name) && first !== undefined ? ctx.read(first) : undefined;
  if (rows?.kind === 'list') return rows.items.map((item) => item.value);
  if (rows?.kind === 'rowList') return [{ kind: 'row', result: rows.result, path: rows.path, maybe: false }];
  return [...positional, ...unplaced.map((each) => each.value)];
}

/** `row.items.add(...)`, `remove`, `clear`, `set`: the foreign key or the rows of the join table change. */
function relatedMethod(data: ManagerData & { readonly model: DjangoModel }, { relation, holder }: NonNullable<ManagerData['related']>, name: string, call: Call, ctx: Context): Value | undefined {
  const { location } = call;
  const { through } = relation;
  if (!/^a?(?:add|remove|clear|set)$/.test(name)) return undefined;
  const key = keyOf(holder, relation, location, ctx);
  const site = { library: DJANGO, location, ctx };
  const [first] = call.arguments.positional;
  const set = allOf(data.model, location);
  const nothing: Value = { kind: 'constant', value: null };
  const [other = constant(null, location), ...more] = objectsGiven(call, name, ctx).map((each) => valueOf(each, atOf(set, location, ctx)));
  if (through) {
    const model = { ...data.model.table, name: through.table };
    if (/add|set/.test(name)) record(site, insertOf(model, [other, ...more].map((each) => ({ assigned: [{ column: through.columns[0]!, value: key, location }, { column: through.referencedColumns[0]!, value: each, location }], written: new Map() })), location));
    else record(site, { kind: 'delete', target: table(through.table, undefined, location), using: [], where: equal(column(through.table.name, through.columns[0]!, location), key, location), returning: [], with: [], location });
    return nothing;
  }
  const foreign = relation.referencedColumns[0]!;
  const isAdded = /add|set/.test(name);
  const where = isAdded || first ? equal(column(set.place.alias, set.model.table.fields['pk'] ?? 'id', location), other, location) : equal(column(set.place.alias, foreign, location), key, location);
  record(site, updateOf(data.model.table, set.place.alias, where, { assigned: [{ column: foreign, value: isAdded ? key : constant(null, location), location }], written: new Map() }, location));
  return nothing;
}
