import type { Location } from '../../../../facts/location.js';
import type { Operation } from '../../../../facts/operation.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { Call, Context } from '../../library.js';
import type { NamingConvention } from '../sqlalchemy/naming.js';
import { Given } from '../sqlalchemy/given.js';

/** The name of the library, for its values. */
export const ALEMBIC = 'alembic';

/** A call of `op.<name>(...)`, or of the same on a batch, whose table is then known. */
export interface Site {
  readonly given: Given;
  readonly ctx: Context;
  readonly call: Call;
  readonly location: Location;
  /** The table of the batch; absent for `op`. */
  readonly batch?: QualifiedName;
  readonly naming: NamingConvention;
}

/** What an operation does: one list for each statement that it sends; a string says why it is not known. */
export type Outcome = readonly (readonly Operation[])[] | string;

/** Operations are the same on `op` and on a batch but for the arguments that name the table. */
export function siteOf(call: Call, ctx: Context, signature: readonly string[], naming: NamingConvention, batch?: QualifiedName): Site {
  const names = batch ? signature.filter((name) => name !== 'table_name' && name !== 'source_table') : signature;
  return { given: new Given(call, names, ctx), ctx, call, location: call.location, naming, ...(batch && { batch }) };
}

/** The table that an operation works on; undefined when its name is not known. */
export function tableOf({ given, batch }: Site, argument = 'table_name', schemaArgument = 'schema'): QualifiedName | undefined {
  if (batch) return batch;
  const name = given.text(argument);
  const schema = given.text(schemaArgument);
  return name === undefined ? undefined : { ...(schema !== undefined && { schema }), name };
}

/** Sends the statements of an operation, in order. */
export function send(site: Site, outcome: Outcome): void {
  const { ctx, location, batch } = site;
  if (typeof outcome === 'string') return ctx.emit({ kind: 'operations', operations: [notUnderstood(outcome, location, batch ? [batch] : [])], location });
  for (const operations of outcome) if (operations.length > 0) ctx.emit({ kind: 'operations', operations, location });
}

/** A call whose effect is not known: counted and named. */
export function notUnderstood(reason: string, location: Location, tables: readonly QualifiedName[] = []): Operation {
  return { kind: 'notUnderstood', reason, tables, location };
}
