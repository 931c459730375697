import type { Location } from '../../../../facts/location.js';
import type { Assignment, OpenSource } from '../../../../facts/query.js';
import type { ModelRelation, ModelTable } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import type { ObjectValue, Value } from '../../values.js';
import { isUndefined } from '../../values.js';
import { constant, opaque, writeSame } from '../build.js';
import { alternatives, fieldsOf, openColumns, sourcesOf, withRows } from '../objects.js';
import { columnName, relationOf, writtenColumn } from './models.js';

/** A relation field of `data` and the nested writes it holds. */
export interface NestedField {
  readonly relation: ModelRelation;
  readonly value: ObjectValue;
  readonly location: Location;
}

/** What a `data` object gives to the columns of a model. */
export interface Data {
  readonly assigned: readonly Assignment[];
  /** Values by the name of the field. */
  readonly written: ReadonlyMap<string, Value>;
  readonly nested: readonly NestedField[];
  /** Further columns may come from something that is not known. */
  readonly open?: readonly OpenSource[];
}

/**
 * The rows that `data` may be: one for each object of a list and for each path, and where a value may be missing also the row without it.
 * @param mode `update` knows `{ set }`, `{ increment }` and the like (Prisma reference, "Atomic number operations")
 */
export function dataRows(value: Value | undefined, model: ModelTable, mode: 'create' | 'update', ctx: Context): readonly Data[] {
  if (value === undefined) return [{ assigned: [], written: new Map(), nested: [] }];
  return alternatives(value, ctx).flatMap((option): readonly Data[] => {
    if (option.kind === 'list') return option.items.flatMap((item) => dataRows(item.value, model, mode, ctx));
    if (option.kind === 'object') return objectRows(option, model, mode, ctx);
    if (option.kind === 'constant') return [];
    return [{ assigned: [], written: new Map(), nested: [], ...openColumns(sourcesOf(option, ctx), (key) => writtenColumn(model, key)) }];
  });
}

function objectRows(given: ObjectValue, model: ModelTable, mode: 'create' | 'update', ctx: Context): readonly Data[] {
  const object = mode === 'create' ? withRows(given, ctx) : given;
  const full = objectData(object, model, mode, false, ctx);
  if (mode === 'update') return [full];
  const bare = objectData(object, model, mode, true, ctx);
  return writeSame(bare.assigned, full.assigned) ? [full] : [full, { ...bare, nested: bare.nested.filter(({ relation }) => relation.owns) }];
}

/** @param least without what is there on some paths only, and with NULL for what may be null */
function objectData(object: ObjectValue, model: ModelTable, mode: 'create' | 'update', least: boolean, ctx: Context): Data {
  const { given, sources } = fieldsOf(object, ctx);
  const assigned: Assignment[] = [];
  const written = new Map<string, Value>();
  const nested: NestedField[] = [];
  for (const { key, value, location, maybe, overridden } of given) {
    if (overridden || (least && maybe)) continue;
    const name = columnName(model, key);
    if (name !== undefined) {
      const assignment = assign(name, value, model, mode, least, location, ctx);
      if (!assignment) continue;
      assigned.push(assignment);
      if (!maybe) written.set(key, value);
      continue;
    }
    const relation = relationOf(model, key);
    for (const option of relation ? alternatives(value, ctx) : []) if (option.kind === 'object') nested.push({ relation: relation!, value: option, location });
  }
  return { assigned, written, nested, ...openColumns(sources, (key) => writtenColumn(model, key)) };
}

function assign(
  name: string, value: Value, model: ModelTable, mode: 'create' | 'update', least: boolean, location: Location, ctx: Context,
): Assignment | undefined {
  const options = alternatives(value, ctx);
  if (options.every(isUndefined) || (least && options.some(isUndefined))) return undefined;
  if (least && options.some((option) => option.kind === 'constant' && option.value === null)) return { column: name, value: constant(null, location), location };
  const known = options.filter((option) => !isUndefined(option) && !(option.kind === 'constant' && option.value === null && options.length > 1));
  const [first = options[0]!] = known;
  const type = model.columns.find((each) => each.name === name)?.type.name;
  if (type === 'json' || type === 'jsonb') return { column: name, value: first.kind === 'constant' && first.value === null ? constant(null, location) : opaque('json', [], location), location };
  if (mode === 'update' && first.kind === 'object') return operation(name, first, location, ctx);
  const single = known.length === options.length ? value : known.length === 1 ? first : { kind: 'union' as const, options: known.map((each) => ({ value: each, facts: [] })) };
  return { column: name, value: ctx.expression(single, location), location };
}

/** `{ set: value }` is the value; `{ increment: 1 }`, `{ push: x }` change what is there. */
function operation(name: string, object: ObjectValue, location: Location, ctx: Context): Assignment {
  const { given } = fieldsOf(object, ctx);
  const set = given.find(({ key }) => key === 'set');
  if (set) return { column: name, value: ctx.expression(set.value, set.location), location };
  return { column: name, partial: true, value: opaque('change', [], location), location };
}
