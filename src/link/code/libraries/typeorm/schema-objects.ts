import type { Call } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { undefinedValue } from '../../values.js';
import { TYPEORM } from './members.js';

/** `new Table({...})`, `new TableColumn({...})` and the like of migrations. */
export interface SchemaObject {
  readonly name: string;
  readonly options: Value;
  readonly location: Call['location'];
}

const NAMES = /^Table(?:Column|ForeignKey|Index|Unique|Check|Exclusion)?$/;

/** `new Table(...)`, `new TableColumn(...)` and the like. */
export function schemaObject(name: string, call: Call): LibraryValue | undefined {
  if (!NAMES.test(name)) return undefined;
  return { kind: 'library', library: TYPEORM, type: 'schemaObject', data: { name, options: call.arguments.positional[0] ?? undefinedValue, location: call.location } satisfies SchemaObject };
}
