import type { Location } from '../../../../facts/location.js';
import type { Operation } from '../../../../facts/operation.js';
import type { Call, Context } from '../../library.js';
import type { Value } from '../../values.js';
import { nullValue } from '../../values.js';
import { and, column, constant, equal, select, table } from '../build.js';
import type { TypeData } from './data.js';
import { createEnum } from './definitions.js';
import { Given } from './given.js';

/** `status.create(op.get_bind(), checkfirst=True)` and `.drop(...)`: with `checkfirst` only where the type is not there (or is). */
export function enumMethod({ enum: data }: TypeData, name: string, call: Call, ctx: Context): Value | undefined {
  if (!data || data.name === undefined || (name !== 'create' && name !== 'drop')) return undefined;
  const { location } = call;
  const type = { ...(data.schema !== undefined && { schema: data.schema }), name: data.name };
  const checks = new Given(call, ['bind', 'checkfirst'], ctx).flag('checkfirst') === true;
  if (name === 'drop') {
    send([{ kind: 'dropType', name: type, ifExists: checks, cascade: false, location }], ctx, location);
    return nullValue;
  }
  const create = createEnum(data, location);
  if (!checks) send([create], ctx, location);
  else {
    const exists = { operator: 'truthy', value: typeRow(data.name, ctx, location) } as const;
    ctx.emit({ kind: 'branch', condition: exists, then: [], otherwise: [{ kind: 'operations', operations: [create], location }], location });
  }
  return nullValue;
}

function send(operations: readonly Operation[], ctx: Context, location: Location): void {
  ctx.emit({ kind: 'operations', operations, location });
}

/** The type's row of the catalog. */
function typeRow(name: string, ctx: Context, location: Location): Value {
  const where = and([equal(column('pg_type', 'typname', location), constant(name, location), location)], location);
  const rows = select({ from: [table({ schema: 'pg_catalog', name: 'pg_type' }, undefined, location)], where, location });
  return { kind: 'row', result: ctx.result({ rows, column: () => undefined, location }), path: [], maybe: true };
}
