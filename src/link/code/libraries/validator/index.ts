import { tablesNamed } from '../../../catalog/names.js';
import type { Call, Context, Library } from '../../library.js';
import type { ExternalValue, FieldValue, Value } from '../../values.js';
import { exportedPath } from '../sql-client.js';

/** `isUUID(note.projectId)` of validator and class-validator, `validate` of uuid (their READMEs): what a column of that type holds is one. */
export const validatorLibrary: Library = {
  name: 'validator',
  modules: ['validator', 'class-validator', 'uuid', 'is-uuid', 'uuid-validate'],
  incidental: true,
  leads: () => false,
  call: (callee, call, ctx) => (callee.kind === 'external' && asksForUuid(callee, exportedPath(callee).at(-1)) ? isUuid(call, ctx) : undefined),
  method: (object, name, call, ctx) => (object.kind === 'external' && asksForUuid(object, name) ? isUuid(call, ctx) : undefined),
};

function asksForUuid({ module }: ExternalValue, name: string | undefined): boolean {
  if (name === 'validate') return module === 'uuid';
  return /^is_?uuid$/i.test(name ?? module.split('/').at(-1)!) || (name === undefined && module === 'uuid-validate');
}

function isUuid({ arguments: { positional: [given] } }: Call, ctx: Context): Value | undefined {
  const value = given && ctx.read(given);
  return value?.kind === 'field' && !value.many && !value.maybe && typeOf(value, ctx) === 'uuid' ? { kind: 'constant', value: true } : undefined;
}

/** The type of the column that a field stands for, where it is one of the only table that its rows are read from. */
function typeOf({ result, path }: FieldValue, ctx: Context): string | undefined {
  const [from, ...others] = result.rows?.from ?? [];
  const column = result.column(path);
  if (from?.kind !== 'table' || others.length > 0 || column?.kind !== 'column' || path.length > 1) return undefined;
  const [table, ...rest] = tablesNamed(ctx.catalogs, from.name);
  const found = rest.length === 0 ? table?.columns.get(column.path.at(-1)!) : undefined;
  return found?.notNull === true && found.type.dimensions === 0 ? found.type.name : undefined;
}
