import type { Location } from '../../../../facts/location.js';
import type { Assignment, OpenSource } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import type { ObjectValue, Value } from '../../values.js';
import { isUndefined } from '../../values.js';
import { constant, opaque, writeSame } from '../build.js';
import { alternatives, fieldsOf, openColumns, sourcesOf } from '../objects.js';
import { columnName, type TableSource } from './data.js';
import { lowerValue } from './expressions.js';

/** What an object gives to the columns of a table. */
export interface RowData {
  readonly assigned: readonly Assignment[];
  /** Values by the property of the table. */
  readonly written: ReadonlyMap<string, Value>;
  /** Further columns may come from something that is not known. */
  readonly open?: readonly OpenSource[];
}

/**
 * The rows that `values(...)` may be: one for each object of a list and for each path, and where a value may be missing also the row without it.
 * A property that is undefined is left out (Drizzle manual, "Insert", "Update").
 */
export function rowsOfValues(value: Value | undefined, target: TableSource, mode: 'insert' | 'update', ctx: Context): readonly RowData[] {
  if (value === undefined) return [];
  return alternatives(value, ctx).flatMap((option): readonly RowData[] => {
    if (option.kind === 'list') return option.items.flatMap((item) => rowsOfValues(item.value, target, mode, ctx));
    if (option.kind === 'object') return objectRows(option, target, mode, ctx);
    if (option.kind === 'constant') return [];
    return [{ assigned: [], written: new Map(), ...openColumns(sourcesOf(option, ctx), columnsOf(target, ctx)) }];
  });
}

function objectRows(given: ObjectValue, target: TableSource, mode: 'insert' | 'update', ctx: Context): readonly RowData[] {
  const object = withRows(given, target, ctx);
  const full = rowOf(object, target, mode, false, ctx);
  if (mode === 'update') return [full];
  const bare = rowOf(object, target, mode, true, ctx);
  return writeSame(bare.assigned, full.assigned) ? [full] : [full, bare];
}

/** A row that is spread (`{ ...row, name }`) stands for the columns it has. */
function withRows(object: ObjectValue, target: TableSource, ctx: Context): ObjectValue {
  const entries = object.entries.flatMap((entry): ObjectValue['entries'] => {
    const row = entry.kind === 'spread' ? ctx.read(entry.value) : undefined;
    if (entry.kind !== 'spread' || row?.kind !== 'row') return [entry];
    const keys = [...target.columns.keys()].filter((key) => row.without?.includes(key) !== true && row.result.column([...row.path, key]) !== undefined);
    if (keys.length === 0) return [entry];
    return keys.map((key) => ({ kind: 'property', key, value: ctx.member(row, key), maybe: entry.maybe, location: entry.location }));
  });
  return { ...object, entries };
}

/** @param least without what is there on some paths only, and with NULL for what may be null */
function rowOf(object: ObjectValue, target: TableSource, mode: 'insert' | 'update', least: boolean, ctx: Context): RowData {
  const { given, sources } = fieldsOf(object, ctx);
  const assigned: Assignment[] = [];
  const written = new Map<string, Value>();
  for (const { key, value, location, maybe, overridden } of given) {
    const info = target.columns.get(key);
    if (!info || overridden || (least && maybe)) continue;
    const assignment = assign(columnName(info, ctx), value, target, mode, least, location, ctx);
    if (!assignment) continue;
    assigned.push(assignment);
    if (!maybe) written.set(key, value);
  }
  return { assigned, written, ...openColumns(sources, columnsOf(target, ctx)) };
}

function columnsOf(target: TableSource, ctx: Context): (key: string) => string | undefined {
  return (key) => {
    const info = target.columns.get(key);
    return info && columnName(info, ctx);
  };
}

function assign(
  name: string, value: Value, target: TableSource, mode: 'insert' | 'update', least: boolean, location: Location, ctx: Context,
): Assignment | undefined {
  const options = alternatives(value, ctx);
  if (options.every(isUndefined) || (least && options.some(isUndefined))) return undefined;
  if (least && options.some((option) => option.kind === 'constant' && option.value === null)) return { column: name, value: constant(null, location), location };
  const known = options.filter((option) => !isUndefined(option) && !(option.kind === 'constant' && option.value === null && options.length > 1));
  const [first = options[0]!] = known;
  const type = target.model.columns.find((each) => each.name === name)?.type;
  if ((type?.name === 'json' || type?.name === 'jsonb' || first.kind === 'object') && first.kind !== 'library') {
    return { column: name, value: first.kind === 'constant' && first.value === null ? constant(null, location) : opaque('json', [], location), location };
  }
  const single: Value = known.length === options.length ? value : known.length === 1 ? first : { kind: 'union', options: known.map((each) => ({ value: each, facts: [] })) };
  const expression = lowerValue(single, location, ctx);
  return { column: name, value: expression, location, ...(mode === 'update' && expression.kind === 'operator' && { partial: true }) };
}
