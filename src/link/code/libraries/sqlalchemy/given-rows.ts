import type { CodeClass } from '../../../../facts/code.js';
import type { Location } from '../../../../facts/location.js';
import type { Context } from '../../library.js';
import { GIVEN_ROW } from '../../signed.js';
import { stored } from '../../store.js';
import type { ClassValue, RowValue, Value } from '../../values.js';
import { and, column, equal, select } from '../build.js';
import { relationOf } from '../prisma/models.js';
import { entityTable } from './mapped.js';
import { modelOfTable } from './related.js';
import { entityReading, entityRows } from './rows.js';
import { keyOf } from './statement.js';
import type { TableData } from './tables.js';

/**
 * An attribute of an instance that a parameter of its class is given, or a method is called on: of a row that was found elsewhere, by a query that is judged there.
 * @returns undefined when it is no column and no relationship
 */
export function givenAttribute(owner: ClassValue, name: string, ctx: Context): Value | undefined {
  const of = entityTable(owner, ctx);
  const model = of && modelOfTable(of, ctx);
  if (!of || !model || (of.columns?.has(name) !== true && !relationOf(model, name))) return undefined;
  const row = rowOf(owner, of, model.location, ctx);
  return row && ctx.member(row, name);
}

function rowOf(owner: ClassValue, of: TableData, location: Location, ctx: Context): RowValue | undefined {
  const known = stored(ctx, 'sqlalchemy:given', () => new Map<CodeClass, RowValue | undefined>());
  if (!known.has(owner.class)) ctx.apart(() => known.set(owner.class, made(owner, of, location, ctx)));
  return known.get(owner.class);
}

function made(owner: ClassValue, of: TableData, location: Location, ctx: Context): RowValue | undefined {
  const reading = entityReading(of, location, ctx);
  const key = keyOf(of, ctx);
  if (!reading || key.length === 0) return undefined;
  const name = owner.class.name ?? of.alias;
  const where = and(key.map((each) => equal(column(of.alias, each, location), ctx.expression(ctx.input(`${name}.${each}`, 'unknown', { key: `${GIVEN_ROW} ${name}.${each}` }), location), location)), location);
  const { result, path } = entityRows(reading, select({ targets: [], from: [reading.from], where, location }), new Map(), location, ctx);
  return { kind: 'row', result, path, maybe: false };
}
