import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import type { MetadataData } from './data.js';
import { dataOf, make } from './data.js';
import { Given } from './given.js';
import { namingOf } from './naming.js';

/** `MetaData(schema='app', naming_convention={...})`. */
export function metadataCall(call: Call, ctx: Context): Value {
  const given = new Given(call, [], ctx);
  const schema = given.text('schema');
  return make('metadata', { ...(schema !== undefined && { schema }), naming: namingOf(given.value('naming_convention'), ctx) });
}

/** What a MetaData says; nothing where it is not known. */
export function metadataOf(value: Value | undefined, ctx: Context): MetadataData {
  return dataOf(value, 'metadata', ctx) ?? { naming: new Map() };
}

/** `metadata.schema`, `metadata.naming_convention`. */
export function metadataMember(object: LibraryValue, name: string, ctx: Context): Value | undefined {
  return name === 'schema' ? { kind: 'constant', value: metadataOf(object, ctx).schema ?? null } : undefined;
}
