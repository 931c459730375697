import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import type { ObjectValue, RowValue, Value } from '../../values.js';
import { column, constant } from '../build.js';
import { flagOf, textsOf } from '../entities/given.js';
import { record, unknownQuery } from '../entities/site.js';
import { insertOf, updateOf, type Data } from '../entities/writing.js';
import { alternatives, trustOf } from '../objects.js';
import { columnName } from '../prisma/models.js';
import { DJANGO } from './fields.js';
import { classOfModel } from './classes.js';
import { built, instanceData, savingAt } from './instances.js';
import { methodOfClass } from './managers.js';
import { atOf, oneRow } from './queryset.js';
import { whereOf, type QuerySet } from './queryset-data.js';
import { dataOf, keywords } from './writing.js';
import { writtenRow } from './written-row.js';

/** What a manager of related rows gives each new row. */
function withGiven(set: QuerySet, object: ObjectValue): ObjectValue {
  return set.given === undefined ? object : { ...object, entries: [...set.given.entries, ...object.entries] };
}

/** `create(...)`: INSERT; the row has what was written. */
export function created(set: QuerySet, object: ObjectValue, location: Location, ctx: Context): RowValue {
  const rows = dataOf(withGiven(set, object), atOf(set, location, ctx));
  const query = insertOf(set.model.table, rows, location);
  if (!savedByClass(set, withGiven(set, object), location, ctx)) record({ library: DJANGO, location, ctx, ...(set.access && { access: set.access }) }, query);
  return writtenRow(set, rows, query, ctx);
}

/** A model that has a `save` of its own: it runs, and what it sets is written (`create()` calls it; bulk_create() does not). */
function savedByClass(set: QuerySet, object: ObjectValue, location: Location, ctx: Context): boolean {
  const own = methodOfClass(classOfModel(set.model.spec, ctx), 'save', ctx);
  if (own === undefined || !set.model.owner) return false;
  const open = object.entries.some((entry) => entry.kind === 'spread');
  const fields = new Map(object.entries.flatMap((entry) => (entry.kind === 'property' ? [[entry.key, entry.value] as const] : [])));
  const made = built(set.model, { arguments: { positional: [], named: fields, open, locations: [] }, isNew: true, location, nameLocation: location, typeArguments: [] }, ctx);
  savingAt(location, ctx, () => ctx.invoke({ kind: 'function', function: own.method, scope: own.owner.scope, self: made, owner: own.owner }, [], location));
  return true;
}

/** `bulk_create([Model(...), ...])`. */
export function manyCreated(set: QuerySet, given: Value | undefined, named: ReadonlyMap<string, Value>, location: Location, ctx: Context): Value {
  const site = { library: DJANGO, location, ctx, ...(set.access && { access: set.access }) };
  const rows = (given ?? named.get('objs')) ? itemsIn((given ?? named.get('objs'))!, ctx).flatMap((each) => { const data = instanceData(each, ctx); return data ? dataOf(withGiven(set, data), atOf(set, location, ctx)) : [{ assigned: [], written: new Map<string, Value>(), open: [{ trust: trustOf(each, ctx) ?? 'unknown' }] } as Data]; }) : [];
  if (rows.length === 0) return unknownQuery(site, 'the rows that are created are not known');
  const updated = textsOf(named.get('update_fields'), ctx).map((each) => columnName(set.model.table, each) ?? each);
  const keys = textsOf(named.get('unique_fields'), ctx).map((each) => columnName(set.model.table, each) ?? each);
  const isUpdate = flagOf(named.get('update_conflicts'), ctx) === true;
  record(site, insertOf(set.model.table, rows, location, isUpdate
    ? { action: 'update', columns: keys, set: updated.map((each) => ({ column: each, value: { kind: 'column', path: ['excluded', each], location }, location })), location }
    : flagOf(named.get('ignore_conflicts'), ctx) === true ? { action: 'nothing', columns: [], set: [], location } : undefined));
  return given ?? ctx.allocate({ kind: 'list', form: 'list', items: [], location });
}

function itemsIn(value: Value, ctx: Context): readonly Value[] {
  return alternatives(value, ctx).flatMap((each) => (each.kind === 'list' ? each.items.map((item) => item.value) : [each]));
}

/** `get_or_create(defaults=None, **kwargs)`, `update_or_create(...)`: the row is looked up, then made (or changed). */
export function foundOrCreated(set: QuerySet, updates: boolean, call: Call, ctx: Context, conditions: (call: Call) => readonly Expression[]): Value {
  const { location } = call;
  const rest = new Map([...call.arguments.named].filter(([name]) => name !== 'defaults' && name !== 'create_defaults'));
  const lookup: Call = { ...call, arguments: { ...call.arguments, named: rest } };
  const found = oneRow({ ...set, location, where: [...set.where, ...conditions(lookup)] }, ctx);
  const defaults = [call.arguments.named.get('create_defaults') ?? call.arguments.named.get('defaults') ?? call.arguments.positional[0]].flatMap((each) => {
    const known = each && ctx.read(each);
    return known === undefined || known.kind === 'constant' ? [] : known.kind === 'object' ? known.entries : [{ kind: 'spread', value: known, maybe: false, location } as const];
  });
  const plain = keywords(new Map([...rest].filter(([name]) => !name.includes('__') || name.endsWith('__exact')).map(([name, value]) => [name.split('__')[0]!, value])), call.arguments.open ? 'unknown' : undefined, location);
  const object: ObjectValue = { ...plain, entries: [...plain.entries, ...defaults] };
  const site = { library: DJANGO, location, ctx, ...(set.access && { access: set.access }) };
  const at = atOf(set, location, ctx);
  if (updates) {
    const changes: ObjectValue = { ...plain, entries: defaults };
    for (const data of dataOf(changes, at).slice(0, 1)) record(site, updateOf(set.model.table, set.place.alias, whereOf({ ...set, where: [...set.where, ...conditions(lookup)] }), data, location));
  }
  if (!savedByClass(set, withGiven(set, object), location, ctx)) record(site, insertOf(set.model.table, dataOf(withGiven(set, object), at), location));
  const item = (value: Value) => ({ value, maybe: false, repeated: false });
  return ctx.allocate({ kind: 'list', form: 'tuple', location, items: [item(found), item({ kind: 'input', key: `${location.file}:${location.start}:created`, name: 'created', trust: 'trusted', maybe: false })] });
}

/** `bulk_update(objects, ['field'])`: the rows are those that the objects are. */
export function manyUpdated(set: QuerySet, given: Value | undefined, fields: readonly string[], location: Location, ctx: Context): Value {
  const [first] = given ? itemsIn(given, ctx) : [];
  const known = first && ctx.read(first);
  const read = known?.kind === 'row' && known.path.length === 0 ? ctx.member(known, '#set') : undefined;
  const own = read?.kind === 'library' && read.type === 'set' ? read.data as QuerySet : undefined;
  const at = atOf(own ?? set, location, ctx);
  const values = fields.map((name) => ({ column: columnName(set.model.table, name) ?? columnName(set.model.table, `${name}_id`) ?? name, value: known?.kind === 'row' ? valueIn(known, name, at) : constant(null, location), location }));
  const site = { library: DJANGO, location, ctx, ...(set.access && { access: set.access }) };
  const where: Expression = own ? whereOf(own) : { kind: 'inList', operand: column(set.place.alias, columnName(set.model.table, 'pk') ?? 'id', location), list: [{ kind: 'hole', text: 'the rows that are given', location }], negated: false, location };
  record(site, updateOf(set.model.table, (own ?? set).place.alias, where, { assigned: values, written: new Map() }, location));
  return { kind: 'constant', value: null };
}

function valueIn(row: RowValue, name: string, at: ReturnType<typeof atOf>): Expression {
  return at.ctx.expression(at.ctx.member(row, name), at.location);
}
