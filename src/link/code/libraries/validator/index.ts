import type { FromItem, TableReference } from '../../../../facts/query.js';
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

/** The type of the column that a field stands for, where it is one of a table that its rows are read from, and never NULL. */
function typeOf({ result, path }: FieldValue, ctx: Context): string | undefined {
  const column = result.column(path);
  const from = result.rows?.from[0];
  if (from === undefined || column?.kind !== 'column' || path.length > 1) return undefined;
  const name = column.path.at(-1)!;
  const named = preserved(from, column.path.at(-2));
  const [table, ...rest] = named === undefined ? [] : tablesNamed(ctx.catalogs, named);
  const found = rest.length === 0 ? table?.columns.get(name) : undefined;
  return found?.notNull === true && found.type.dimensions === 0 ? found.type.name : undefined;
}

/** The table that every row has a row of: `notes LEFT JOIN users`. @param name that it must have, where it is given */
function preserved(from: FromItem, name: string | undefined): TableReference['name'] | undefined {
  if (from.kind === 'join') return from.type === 'inner' || from.type === 'left' ? preserved(from.left, name) : undefined;
  return from.kind === 'table' && (name === undefined || name === (from.alias ?? from.name.name)) ? from.name : undefined;
}
