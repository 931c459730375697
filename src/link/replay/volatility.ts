import type { CallExpression, CastExpression, Expression } from '../../facts/expression.js';
import { parts } from '../catalog/expressions.js';
import type { Catalog, FunctionEntry, Table } from '../catalog/types.js';
import type { Failure } from '../project.js';

/** Functions that are STABLE or VOLATILE whatever they are given (pg_proc of PostgreSQL 18). */
const changeable: ReadonlySet<string> = new Set([
  'now', 'current_timestamp', 'current_date', 'current_time', 'localtime', 'localtimestamp', 'transaction_timestamp', 'statement_timestamp',
  'clock_timestamp', 'timeofday', 'random', 'gen_random_uuid', 'uuidv4', 'uuidv7', 'nextval', 'currval', 'lastval', 'setval', 'current_user',
  'session_user', 'current_role', 'user', 'current_setting', 'set_config', 'to_char', 'concat', 'concat_ws', 'format', 'array_to_string', 'to_jsonb',
  'row_to_json', 'jsonb_build_object', 'json_build_object', 'pg_backend_pid', 'txid_current',
]);

/** Types whose text and parts depend on the session's time zone. */
const zoned = 'timestamptz';
const unzoned: ReadonlySet<string> = new Set(['date', 'timestamp', 'time', 'text', 'varchar']);

/**
 * 42P17 for an expression that must not change with time or session and does (PostgreSQL manual, sections 5.4 and 11.7).
 * Only what is certain: built-in functions that always change, the project's own in PL/pgSQL that are not marked IMMUTABLE, and casts of
 * timestamptz columns, which depend on the time zone.
 */
export function refusedAsChangeable(
  expression: Expression, table: Table, catalog: Catalog, searchPath: readonly string[], message: string,
): Failure | undefined {
  for (const part of parts(expression)) {
    const found = part.kind === 'call' ? changes(part, catalog, searchPath) : part.kind === 'cast' ? dependsOnZone(part, table) : false;
    if (found) return { code: '42P17', message, location: part.location, related: [], suggestion: 'Store the value in a column, or use an IMMUTABLE function.' };
  }
  return undefined;
}

function changes(call: CallExpression, catalog: Catalog, searchPath: readonly string[]): boolean {
  const name = call.name.at(-1)!;
  const schemas = call.name.length > 1 ? call.name.slice(0, 1) : searchPath;
  const own = schemas.flatMap((schema) => catalog.functions.get(`${schema}.${name}`) ?? []) as readonly FunctionEntry[];
  // A function in SQL is judged by what stands in it, once it is inlined.
  if (own.length > 0) return own.every(({ volatility, language }) => volatility !== 'immutable' && language !== 'sql');
  return (call.name.length === 1 || call.name[0] === 'pg_catalog') && changeable.has(name);
}

function dependsOnZone({ operand, type }: CastExpression, table: Table): boolean {
  if (operand.kind !== 'column' || type.dimensions > 0) return false;
  const column = table.columns.get(operand.path.at(-1)!);
  return column?.type.name === zoned && column.type.dimensions === 0 && type.schema === undefined && unzoned.has(type.name);
}
