import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';

export function schemaMethod(_object: LibraryValue, _name: string, _call: Call, _ctx: Context): Value | undefined {
  return undefined;
}
