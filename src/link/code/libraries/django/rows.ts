import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import { stored } from '../../store.js';
import type { ObjectValue, ReferenceValue, Result, RowListValue, RowValue, Value } from '../../values.js';
import { and, equal } from '../build.js';
import { record } from '../entities/site.js';
import { deleteOf, updateOf } from '../entities/writing.js';
import { relationOf } from '../prisma/models.js';
import { libraryValue } from '../sqlalchemy/given.js';
import { classOfModel } from './classes.js';
import { DJANGO } from './fields.js';
import { methodOfClass, relatedManager } from './managers.js';
import { rootOf } from './model.js';
import { allOf, atOf, fieldOfRow, keyColumn, keyOfRow, modelOfRow, setOfRow } from './queryset.js';
import { querySetOf, whereOf } from './queryset-data.js';
import { dataOf } from './writing.js';

/** What was assigned to the fields of rows that were read; path by path. */
function assignments(ctx: Context): WeakMap<Result, ReferenceValue> {
  return stored(ctx, 'django:assigned', () => new WeakMap<Result, ReferenceValue>());
}

function assignedTo(row: RowValue, ctx: Context): ObjectValue | undefined {
  const slot = row.path.length === 0 ? assignments(ctx).get(row.result) : undefined;
  const known = slot && ctx.read(slot);
  return known?.kind === 'object' ? known : undefined;
}

/** `row.name = to`. */
export function assign(row: RowValue, name: string | undefined, to: Value, location: Location, ctx: Context): void {
  if (row.path.length > 0 || name === undefined) return;
  const slot = assignments(ctx).get(row.result);
  const before = assignedTo(row, ctx);
  const entries = (before?.entries ?? []).filter((each) => each.kind !== 'property' || each.key !== name);
  const made: ObjectValue = { kind: 'object', location, entries: [...entries, { kind: 'property', key: name, value: to, maybe: false, location }] };
  if (slot) ctx.write(slot, made);
  else assignments(ctx).set(row.result, ctx.allocate(made));
}

/** `row.name`: what was assigned, a manager of related rows, a property of the class. */
export function rowMember(row: RowValue, name: string, ctx: Context): Value | undefined {
  const given = assignedTo(row, ctx)?.entries.findLast((each) => each.kind === 'property' && each.key === name);
  if (given?.kind === 'property' && !given.maybe) return given.value;
  if (name === '#set') { const set = setOfRow(row, ctx); return set && libraryValue(DJANGO, 'set', set); }
  const model = modelOfRow(row, ctx);
  if (model === undefined) return undefined;
  if (name === '__class__') return classOfModel(model.spec, ctx);
  const relation = relationOf(model.table, name);
  if (relation?.list === true) return relatedManager(model, name, relation, { kind: 'row', row }, ctx);
  if (relation !== undefined || Object.hasOwn(model.table.fields, name)) return undefined;
  const own = methodOfClass(classOfModel(model.spec, ctx) ?? classOfModel(rootOf(model.spec, model.registry), ctx), name, ctx);
  if (own?.method.form === 'getter') return ctx.invoke({ kind: 'function', function: own.method, scope: own.owner.scope, self: row, owner: own.owner }, [], own.method.location);
  return undefined;
}

/** `row == other`: of one model and with one key (Django manual, "Comparing objects"); what `values_list('id', flat=True)` gives is the value itself. */
export function rowKey(row: RowValue, ctx: Context): Value {
  const { flat, values = [] } = querySetOf({ ...row, kind: 'rowList' }, ctx) ?? {};
  return fieldOfRow(row, flat === true && values.length === 1 ? values[0]! : 'pk');
}

/** `row.save()`, `row.delete()`, methods of the project's class. */
export function rowMethod(row: RowValue, name: string, call: Call, ctx: Context): Value | undefined {
  const model = modelOfRow(row, ctx);
  if (model === undefined) return undefined;
  if (/^a?(?:save|delete)$/.test(name)) return written(row, name, call, ctx);
  if (/^(?:a?refresh_from_db|full_clean|clean|clean_fields|validate_unique|get_deferred_fields)$/.test(name)) return { kind: 'constant', value: null };
  if (relationOf(model.table, name)?.list === true) return undefined;
  const own = methodOfClass(classOfModel(model.spec, ctx), name, ctx);
  return own && ctx.call({ kind: 'function', function: own.method, scope: own.owner.scope, self: row, owner: own.owner }, call);
}

/** The row is named by the conditions it was read under, and by its key where something was found out of it since; a related row by its key. */
function written(row: RowValue, name: string, { location }: Call, ctx: Context): Value {
  const model = modelOfRow(row, ctx)!;
  const read = row.path.length === 0 ? querySetOf({ kind: 'rowList', result: row.result, path: [] }, ctx) : undefined;
  const set = read ?? allOf(model, location);
  const isChecked = ctx.state.facts.some((fact) => fact.kind === 'holds' && fact.about?.result === row.result.id);
  const byKey = read === undefined || isChecked ? [equal(keyColumn(set.place, location), keyOfRow(row, 'pk', location, ctx), location)] : [];
  const where = and([...(read ? [whereOf(read)] : []), ...byKey], location);
  const site = { library: DJANGO, location, ctx, ...(read?.access && { access: read.access }) };
  const { alias } = set.place;
  if (name.endsWith('delete')) record(site, deleteOf(model.table, alias, where, location));
  else {
    const changes = assignedTo(row, ctx) ?? { kind: 'object', entries: [], location };
    for (const data of dataOf(changes, { ...atOf(set, location, ctx), row: row.result }).slice(0, 1)) record(site, updateOf(model.table, alias, where, data, location));
  }
  return { kind: 'constant', value: null };
}

/** Rows that are used, though a part of the code goes on with them otherwise. */
export function used(rows: RowListValue, ctx: Context): void {
  const set = querySetOf(rows, ctx);
  if (set?.draft) Object.assign(set.draft, { withdrawn: false, used: true });
}
