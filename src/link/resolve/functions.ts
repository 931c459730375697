import type { CallExpression, SqlType } from '../../facts/expression.js';
import type { Answer } from '../../facts/location.js';
import type { Catalog } from '../catalog/types.js';
import { scalarType } from './typing.js';
import type { Value } from './value.js';
import { combine } from './value.js';

const aggregates: ReadonlySet<string> = new Set([
  'count', 'sum', 'avg', 'min', 'max', 'array_agg', 'string_agg', 'bool_and', 'bool_or', 'every', 'json_agg', 'jsonb_agg', 'json_object_agg',
  'jsonb_object_agg', 'bit_and', 'bit_or', 'stddev', 'stddev_pop', 'stddev_samp', 'variance', 'var_pop', 'var_samp', 'corr', 'percentile_cont',
  'percentile_disc', 'mode', 'any_value', 'range_agg', 'xmlagg',
]);

const windowFunctions: ReadonlySet<string> = new Set([
  'row_number', 'rank', 'dense_rank', 'percent_rank', 'cume_dist', 'ntile', 'lag', 'lead', 'first_value', 'last_value', 'nth_value',
]);

/** Functions in FROM whose columns are known: `undefined` stands for one column that takes the alias. */
const tableFunctions = new Map<string, readonly string[] | undefined>([
  ['generate_series', undefined], ['regexp_split_to_table', undefined], ['string_to_table', undefined], ['generate_subscripts', undefined],
  ['jsonb_object_keys', undefined], ['json_object_keys', undefined], ['regexp_matches', undefined],
  ['jsonb_array_elements', ['value']], ['json_array_elements', ['value']], ['jsonb_array_elements_text', ['value']], ['json_array_elements_text', ['value']],
  ['jsonb_each', ['key', 'value']], ['json_each', ['key', 'value']], ['jsonb_each_text', ['key', 'value']], ['json_each_text', ['key', 'value']],
]);

/** Result types of functions; those marked with `strict` are NULL only for a NULL argument. */
const results = new Map<string, { readonly type: string; readonly nullable: Answer | 'strict' }>([
  ['count', { type: 'int8', nullable: 'no' }], ['exists', { type: 'bool', nullable: 'no' }],
  ...['row_number', 'rank', 'dense_rank'].map((name) => [name, { type: 'int8', nullable: 'no' }] as const),
  ...['now', 'current_timestamp', 'clock_timestamp', 'transaction_timestamp', 'statement_timestamp'].map((name) => [name, { type: 'timestamptz', nullable: 'no' }] as const),
  ['localtimestamp', { type: 'timestamp', nullable: 'no' }], ['current_date', { type: 'date', nullable: 'no' }],
  ['gen_random_uuid', { type: 'uuid', nullable: 'no' }], ['uuidv4', { type: 'uuid', nullable: 'no' }], ['uuidv7', { type: 'uuid', nullable: 'no' }],
  ['uuid_generate_v4', { type: 'uuid', nullable: 'no' }], ['uuid_generate_v1', { type: 'uuid', nullable: 'no' }],
  ['nextval', { type: 'int8', nullable: 'strict' }], ['random', { type: 'float8', nullable: 'no' }],
  ...['upper', 'lower', 'initcap', 'trim', 'btrim', 'ltrim', 'rtrim', 'md5', 'replace', 'left', 'right', 'lpad', 'rpad', 'repeat', 'reverse', 'translate',
    'split_part', 'to_char', 'quote_ident', 'quote_literal', 'regexp_replace'].map((name) => [name, { type: 'text', nullable: 'strict' }] as const),
  ['concat', { type: 'text', nullable: 'no' }], ['concat_ws', { type: 'text', nullable: 'strict' }], ['format', { type: 'text', nullable: 'strict' }],
  ['current_setting', { type: 'text', nullable: 'unknown' }], ['string_agg', { type: 'text', nullable: 'yes' }],
  ['length', { type: 'int4', nullable: 'strict' }], ['char_length', { type: 'int4', nullable: 'strict' }], ['cardinality', { type: 'int4', nullable: 'strict' }],
  ['array_length', { type: 'int4', nullable: 'yes' }], ['jsonb_array_length', { type: 'int4', nullable: 'strict' }],
  ['jsonb_build_object', { type: 'jsonb', nullable: 'no' }], ['jsonb_build_array', { type: 'jsonb', nullable: 'no' }], ['to_jsonb', { type: 'jsonb', nullable: 'strict' }],
  ['json_build_object', { type: 'json', nullable: 'no' }], ['json_build_array', { type: 'json', nullable: 'no' }], ['to_json', { type: 'json', nullable: 'strict' }],
  ['jsonb_agg', { type: 'jsonb', nullable: 'yes' }], ['json_agg', { type: 'json', nullable: 'yes' }],
  ['bool_and', { type: 'bool', nullable: 'yes' }], ['bool_or', { type: 'bool', nullable: 'yes' }], ['every', { type: 'bool', nullable: 'yes' }],
  ['starts_with', { type: 'bool', nullable: 'strict' }],
]);

/** The name of a call of a built-in function; undefined when the name is, or may be, a user's function. */
export function builtinName(call: CallExpression, catalog: Catalog, searchPath: readonly string[]): string | undefined {
  const name = call.name.at(-1)!;
  if (call.name.length > 1) return call.name[0] === 'pg_catalog' ? name : undefined;
  return searchPath.some((schema) => catalog.functions.has(`${schema}.${name}`)) ? undefined : name;
}

/** Whether it is a call of a built-in aggregate, not used as a window function. */
export function isAggregateCall(call: CallExpression, catalog: Catalog, searchPath: readonly string[]): boolean {
  const name = builtinName(call, catalog, searchPath);
  return call.over === undefined && name !== undefined && aggregates.has(name);
}

/** Whether the function exists only as a window function. */
export function isWindowOnly(name: string): boolean {
  return windowFunctions.has(name);
}

const plainFunctions: ReadonlySet<string> = new Set(['coalesce', 'greatest', 'least', 'nullif', 'abs', 'round', 'extract', 'date_trunc', 'substring']);

/** Whether a call may aggregate for all that is known: a user's function can be an aggregate. */
export function mayAggregate(call: CallExpression, catalog: Catalog, searchPath: readonly string[]): boolean {
  const name = builtinName(call, catalog, searchPath);
  if (call.over !== undefined) return false;
  return name === undefined || aggregates.has(name) || (!results.has(name) && !plainFunctions.has(name));
}

/** Column names of a built-in function in FROM: a list, `alias` for one column named like the item, or undefined. */
export function functionColumns(name: string, argumentCount: number): readonly string[] | 'alias' | undefined {
  if (name === 'unnest') return argumentCount === 1 ? 'alias' : Array.from({ length: argumentCount }, () => 'unnest');
  if (!tableFunctions.has(name)) return undefined;
  return tableFunctions.get(name) ?? 'alias';
}

/** Whether the function returns a set of rows. */
export function isSetReturning(name: string): boolean {
  return name === 'unnest' || tableFunctions.has(name);
}

/** What a call of a built-in function returns, as far as it is known. `common` is the common type of its arguments. */
export function builtinResult(name: string, values: readonly Value[], common: SqlType | undefined): Value {
  switch (name) {
    case 'coalesce': return typed(common, coalesced(values));
    case 'greatest': case 'least': return typed(common, coalesced(values));
    case 'nullif': return typed(values[0]?.literal ? scalarType('text') : values[0]?.type, 'yes');
    case 'min': case 'max': case 'any_value': case 'lag': case 'lead': case 'first_value': case 'last_value':
      return typed(values[0]?.literal ? scalarType('text') : values[0]?.type, 'yes');
    case 'sum': case 'avg': case 'array_agg': return { nullable: 'yes' };
    case 'current_user': case 'session_user': case 'user': return { type: scalarType('name'), nullable: 'no' };
    case 'abs': return typed(values[0]?.type, combine(values));
  }
  const result = results.get(name);
  if (!result) return { nullable: 'unknown' };
  return { type: scalarType(result.type), nullable: result.nullable === 'strict' ? combine(values) : result.nullable };
}

function typed(type: SqlType | undefined, nullable: Answer): Value {
  return type ? { type, nullable } : { nullable };
}

function coalesced(values: readonly Value[]): Answer {
  if (values.some((value) => value.nullable === 'no')) return 'no';
  return values.every((value) => value.nullable === 'yes') ? 'yes' : 'unknown';
}
