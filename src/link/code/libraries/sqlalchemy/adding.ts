import type { Location } from '../../../../facts/location.js';
import type { InsertQuery } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import type { InputValue, InstanceValue, ObjectEntryValue, Value } from '../../values.js';
import { nullValue } from '../../values.js';
import { writtenTerms } from '../../written.js';
import { and, column, equal, select, table } from '../build.js';
import { trustOf } from '../objects.js';
import { mayBeFilled } from './listeners.js';
import { entityTable } from './mapped.js';
import { fieldOf, modelOfTable, relationOfTable } from './related.js';
import { entityReading, entityRows } from './rows.js';
import { isMigration } from './registry.js';
import { run, runNothing, runUnknown, type Site } from './run.js';
import { keyOf } from './statement.js';
import type { TableData } from './tables.js';
import { insertRows, type Entry, type Row } from './writes.js';

/** An object of a mapped class. */
interface Made {
  readonly instance: InstanceValue;
  readonly table: TableData;
}

/** The instance of a mapped class that a value is. */
export function instanceOf(value: Value, ctx: Context): Made | undefined {
  const known = ctx.read(value);
  const data = known.kind === 'instance' ? entityTable(known.class, ctx) : undefined;
  return known.kind === 'instance' && data ? { instance: known, table: data } : undefined;
}

/** The field of an instance that is in the session: it is inserted once. */
const ADDED = '#added';

/** `session.add(User(...))`: an INSERT, and those of the objects that it is related to. A row that was read is in the session already. `linked`: what the object that leads to it gives it. */
export function added(value: Value, site: Site, linked: readonly Entry[] = []): Value {
  const { ctx } = site;
  const known = ctx.read(value);
  if (known.kind === 'union') ctx.oneOf(known.options.map((option) => () => added(option.value, site)), site.location);
  const made = instanceOf(value, ctx);
  const handed: Site = { ...site, given: 'parameter' };
  if (known.kind === 'row' && !isMigration(site.location.file, ctx)) runNothing(site);
  if (made && isHandedIn(value, made.instance, ctx)) runUnknown(`which ${made.table.name.name} is added is not known`, handed);
  else if (made) addedObject(value, made, site, linked);
  else if (known.kind === 'unknown' || known.kind === 'input') {
    const of = known.kind === 'input' ? sentTable(known, ctx) : undefined;
    if (of) insertOf([{ entries: [], open: [{ trust: 'untrusted' }] }], of, site);
    else runUnknown('the object that is added is not known', handed);
  }
  return nullValue;
}

function addedObject(value: Value, made: Made, site: Site, linked: readonly Entry[]): void {
  const { ctx, location } = site;
  const mark = made.instance.fields.get(ADDED);
  if (mark?.kind === 'constant' && mark.value === true) return isMigration(location.file, ctx) ? undefined : runNothing(site);
  const set = (key: string, to: Value): ObjectEntryValue => ({ kind: 'property', key, value: to, maybe: false, location });
  ctx.assign(value, [set(ADDED, { kind: 'constant', value: true })], location);
  for (const each of relatedObjects(made, true, ctx)) added(each.of, { ...site, location: each.location ?? location });
  const row = rowOf(made, location, ctx);
  const entries = [...linked, ...row.entries];
  const query = insertOf([{ ...row, entries }], made.table, site);
  const key = row.open === undefined ? newKey(made.table, query, site) : undefined;
  if (key !== undefined) ctx.assign(value, [set(key.field, key.value)], location);
  for (const { of, columns, location: at = location } of relatedObjects(made, false, ctx)) {
    added(of, { ...site, location: at }, columns.map(({ own, other }): Entry => ({ column: other, value: ctx.member(value, own), location: at })));
  }
}

/** The key that the database gives a new row, where the object has none: that of the row which has what was written, and is no other. */
function newKey(of: TableData, query: InsertQuery, { location, ctx }: Site): { readonly field: string; readonly value: Value } | undefined {
  const [name, ...others] = keyOf(of, ctx);
  const reading = entityReading(of, location, ctx);
  if (reading === undefined || name === undefined || others.length > 0 || query.columns.includes(name)) return undefined;
  const made = ctx.input(`the new ${of.name.name}`, 'trusted', { key: `new ${of.name.name}@${location.file}:${location.start}` });
  const where = and([...writtenTerms(query, of.alias), equal(column(of.alias, name, location), ctx.expression(made, location), location)], location);
  const { result } = entityRows(reading, select({ from: [reading.from], where, location }), new Map(), location, ctx);
  const field = fieldOf(reading.place.model, name);
  ctx.present(result);
  return { field, value: { kind: 'field', result: { ...result, isWritten: true }, path: [field], many: false, maybe: false } };
}

interface RelatedObject {
  readonly of: Value;
  /** Where it was made: what is wrong with it is said there. */
  readonly location?: Location;
  /** The field of the one, and the column of the other that it is written to. */
  readonly columns: readonly { readonly own: string; readonly other: string }[];
}

/** The new objects that an object leads to by its relationships: those whose key it has (`owns`), or that have its key. They are added with it. */
function relatedObjects({ instance, table: of }: Made, owns: boolean, ctx: Context): readonly RelatedObject[] {
  const model = modelOfTable(of, ctx);
  return [...instance.fields].flatMap(([name, value]): RelatedObject[] => {
    const found = of.columns?.has(name) === true ? undefined : relationOfTable(of, name, ctx);
    if (found === undefined || model === undefined || found.relation.owns !== owns || found.relation.through) return [];
    const columns = found.relation.columns.map((column, index) => ({ own: fieldOf(model, column), other: found.relation.referencedColumns[index] ?? 'id' }));
    const known = ctx.read(value);
    const objects = known.kind === 'list' ? known.items.map((item) => item.value) : [value];
    return objects.flatMap((each) => {
      const made = instanceOf(each, ctx);
      return made && !isHandedIn(each, made.instance, ctx) ? [{ of: each, columns, ...(made.instance.location && { location: made.instance.location }) }] : [];
    });
  });
}

/** The table of an object that the caller has sent whole: SQLModel's classes are models of the body as well (`item: Item`). */
function sentTable({ trust, type }: InputValue, ctx: Context): TableData | undefined {
  const typed = trust === 'untrusted' && type ? ctx.typed(type) : undefined;
  return typed && instanceOf(typed, ctx)?.table;
}

/** The object is whatever a parameter of that class is given: what it holds, and whether it is in the session already, is not known. */
export function isHandedIn(value: Value, { class: owner }: InstanceValue, ctx: Context): boolean {
  const shared = ctx.instanceOf(owner);
  return value.kind === 'reference' && shared.kind === 'reference' && value.slot === shared.slot;
}

/** INSERT of rows into a table of a model. */
export function insertOf(given: readonly Row[], of: TableData, site: Site): InsertQuery {
  const { location, ctx, access } = site;
  const rows = given.map((row): Row => (row.open === undefined && mayBeFilled([...of.columns?.values() ?? []].filter((name) => !row.entries.some(({ column: own }) => own === name)), site) ? { ...row, open: [{ trust: 'unknown' }] } : row));
  const query = insertRows({ kind: 'insert', target: table(of.name, undefined, location), columns: [], returning: [], with: [], location }, rows, ctx);
  run(query, { location, ctx, ...(access && { access }) });
  return query;
}

/** The columns that the attributes of an object are written to; an object that is related gives its key. */
export function rowOf({ instance, table: of }: Made, location: Location, ctx: Context): Row {
  const entries = [...instance.fields].flatMap(([name, value]): Entry[] => {
    const own = of.columns?.get(name);
    if (own !== undefined) return [{ column: own, value, location }];
    const found = relationOfTable(of, name, ctx);
    if (!found?.relation.owns) return [];
    return found.relation.columns.map((each, index) => ({ column: each, value: ctx.member(value, fieldOf(found.other, found.relation.referencedColumns[index] ?? 'id')), location }));
  });
  const rest = instance.fields.get(OPEN);
  return { entries, ...(rest && { open: [{ trust: trustOf(rest, ctx) ?? 'unknown' }] }) };
}

/** The field of an instance that stands for attributes of which only the giver is known. */
export const OPEN = '**';
