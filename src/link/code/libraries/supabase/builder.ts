import type { Location } from '../../../../facts/location.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { Call, Context } from '../../library.js';
import { addTo, stepsIn, stepSlot, type BuilderStep } from '../../steps.js';
import type { LibraryValue, ReferenceValue, Value } from '../../values.js';
import { unknownValue } from '../../values.js';
import { constantText } from '../objects.js';

export const SUPABASE = 'supabase';

export type Rls = 'enforced' | 'bypassed';

/** A client; `rls` says whether policies bind it, where its key is known. */
export interface ClientData {
  readonly rls?: Rls;
  readonly schema?: string;
}

/** One call of a builder's chain. */
export interface Step {
  readonly method: string;
  readonly args: readonly Value[];
  readonly places: readonly Location[];
  readonly location: Location;
}

/** `client.from(table)`: builders of supabase-js change in place, so what they are made of stands in a slot of the heap. */
export interface BuilderData {
  readonly client: LibraryValue;
  /** Absent: the table is chosen when it runs. */
  readonly table?: QualifiedName;
  /** `rpc(name, arguments)` instead of a table. */
  readonly routine?: { readonly name: QualifiedName; readonly args: Value | undefined };
  readonly start: Location;
  readonly state: ReferenceValue;
}

/** A client. */
export function clientValue(data: ClientData): LibraryValue {
  return { kind: 'library', library: SUPABASE, type: 'client', data };
}

/** A method of a client: from, schema, rpc. */
export function clientMethod(client: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const data = client.data as ClientData;
  const [first, second] = call.arguments.positional;
  const text = first && constantText(first, ctx);
  const named = text === undefined ? undefined : { ...(data.schema !== undefined && { schema: data.schema }), name: text };
  switch (name) {
    case 'schema': return text === undefined ? unknownValue('a schema chosen when it runs') : { ...client, data: { ...data, schema: text } satisfies ClientData };
    case 'from': return builder(client, { ...(named && { table: named }) }, call, ctx);
    case 'rpc': return named ? builder(client, { routine: { name: named, args: second } }, call, ctx) : builder(client, {}, call, ctx);
    default: return undefined;
  }
}

function builder(client: LibraryValue, what: Pick<BuilderData, 'table' | 'routine'>, call: Call, ctx: Context): LibraryValue {
  const state = stepSlot<Step>(SUPABASE, [], ctx);
  return { ...client, type: 'builder', data: { client, ...what, start: call.location, state } satisfies BuilderData };
}

/** A call on a builder gives the same builder back. */
export function addStep(value: LibraryValue, method: string, call: Call, ctx: Context): LibraryValue {
  const step: Step = { method, args: call.arguments.positional, places: call.arguments.locations, location: call.location };
  addTo((value.data as BuilderData).state, step, ctx);
  return value;
}

/** What was called on a builder so far. */
export function stepsOf(value: LibraryValue, ctx: Context): readonly BuilderStep<Step>[] | undefined {
  return stepsIn((value.data as BuilderData).state, ctx);
}
