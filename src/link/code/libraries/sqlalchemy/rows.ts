import { entryOf } from '../../../../entry.js';
import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Query } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import { rowsOf } from '../../sql-result.js';
import type { Result, RowListValue, Value } from '../../values.js';
import { Names, table } from '../build.js';
import { columnAt, relationAt, type Reading } from '../prisma/reading.js';
import { SQLALCHEMY } from './data.js';
import { modelOfTable } from './related.js';
import type { Selected } from './statement.js';
import type { TableData } from './tables.js';

/** What a statement gives back: rows of what was selected, and the first thing of each row. */
export interface Rows {
  readonly tuples: RowListValue;
  /** Rows of the entity that was selected first, or the column. */
  readonly first: Value;
  /** The one thing selected is an entity: a query of a session gives the objects themselves. */
  readonly isEntity: boolean;
  readonly count: number;
}

/**
 * The rows of a statement that has run.
 * @param written values of the row that are known because the statement writes them, by column
 */
export function rowsOfStatement(query: Query, selected: readonly Selected[], written: ReadonlyMap<string, Value>, ctx: Context): Rows {
  const { location } = query;
  const plain = rowsOf(query, ctx, location, written);
  if (selected.length === 0) return { tuples: plain, first: field(plain), isEntity: false, count: 0 };
  const readings = selected.map((each) => readingOf(each, location, ctx));
  const at = (name: string): number => (/^\d+$/.test(name) ? Number(name) : selected.findIndex((each) => nameOf(each) === name));
  const column: Result['column'] = ([name = '', ...rest]) => {
    const index = at(name);
    const one = selected[index];
    if (one?.kind === 'column') return rest.length === 0 ? one.expression : undefined;
    const reading = readings[index];
    if (reading) return rest.length === 0 ? undefined : attribute(reading, rest, location, ctx);
    return selected.every(({ kind }) => kind === 'column') ? undefined : plain.result.column([name, ...rest]);
  };
  const relation: Result['relation'] = ([name = '', ...rest]) => {
    const reading = readings[at(name)];
    if (!reading) return undefined;
    return rest.length === 0 ? 'one' : relationAt(reading.place.model, rest, ctx);
  };
  const { rows } = plain.result;
  const tuples: RowListValue = { kind: 'rowList', path: [], result: ctx.result({ ...(rows && { rows }), column, relation, location }) };
  const [reading] = readings;
  const isEntity = reading !== undefined && selected.length === 1;
  return { tuples, first: reading ? entityRows(reading, rows, written, location, ctx) : field(tuples), isEntity, count: selected.length };
}

function field({ result, path }: RowListValue): Value {
  return { kind: 'field', result, path: [...path, '0'], many: true, maybe: false };
}

function nameOf(each: Selected): string | undefined {
  if (each.kind !== 'column') return each.table.entity?.class.name ?? each.table.alias;
  return each.label ?? (each.expression.kind === 'column' ? each.expression.path.at(-1) : each.expression.kind === 'call' ? each.expression.name.at(-1) : undefined);
}

function readingOf(each: Selected, location: Location, ctx: Context): Reading | undefined {
  return each.kind === 'entity' ? entityReading(each.table, location, ctx) : undefined;
}

/** A reading of an entity's table, for what its attributes and relationships are. */
export function entityReading(data: TableData, location: Location, ctx: Context): Reading | undefined {
  const model = modelOfTable(data, ctx);
  return model && { place: { model, alias: data.alias, names: new Names() }, from: table(data.name, data.alias, location), targets: [], joined: new Map(), many: new Map() };
}

function attribute(reading: Reading, path: readonly string[], location: Location, ctx: Context): Expression | undefined {
  return columnAt(reading, path, location, ctx);
}

/** The objects that a statement finds. */
export function entityRows(reading: Reading, rows: Result['rows'], written: ReadonlyMap<string, Value>, location: Location, ctx: Context): RowListValue {
  const { model } = reading.place;
  const byAttribute = new Map([...written].map(([name, value]) => [Object.keys(model.fields).find((each) => entryOf(model.fields, each) === name) ?? name, value]));
  return {
    kind: 'rowList', path: [],
    result: ctx.result({
      ...(rows && { rows }), ...(byAttribute.size > 0 && { written: byAttribute }), column: (path) => columnAt(reading, path, location, ctx),
      relation: (path) => relationAt(model, path, ctx), entity: { model, library: SQLALCHEMY }, location,
    }),
  };
}
