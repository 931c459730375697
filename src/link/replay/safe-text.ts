import type { CallExpression, Expression, SqlType } from '../../facts/expression.js';
import type { QualifiedName, Query } from '../../facts/query.js';
import { walkTree } from './tree.js';

/** What a query's output columns are, as far as the catalog knows. */
export type TypesOf = (query: Query) => readonly (SqlType | undefined)[];

/**
 * Whether the text of a value is certain not to carry SQL: constants of the file, numbers, dates, and the like, names of the
 * database's own objects, and what is put together from nothing else.
 */
export function cannotCarrySql(value: Expression, typesOf: TypesOf): boolean {
  const safe = (item: Expression): boolean => cannotCarrySql(item, typesOf);
  switch (value.kind) {
    case 'constant': return true;
    case 'cast': return isSafeType(value.type) || (isTextType(value.type) && safe(value.operand));
    case 'call': return isSafeCall(value, safe);
    case 'operator': return arithmetic.has(value.operator) || (value.operator === '||' && (!value.left || safe(value.left)) && safe(value.right));
    case 'case': return value.branches.every(({ then }) => safe(then)) && (!value.otherwise || safe(value.otherwise));
    case 'array': case 'row': return value.items.every(safe);
    case 'subquery': return value.form === 'exists' || (value.form === 'scalar' && isSafeQuery(value.query, typesOf));
    case 'and': case 'or': case 'not': case 'nullTest': case 'booleanTest': case 'distinct': case 'inList': return true;
    default: return false;
  }
}

/** Whether values of a type have no text that could hold SQL. `name` is what the system catalog calls its objects. */
function isSafeType(type: SqlType): boolean {
  return safeTypes.has(type.name) && type.dimensions === 0;
}

/** Whether a query reads nothing but the system catalog: then its names are those of the database's own objects. */
function readsCatalogOnly(query: Query): boolean {
  let [system, other] = [false, false];
  const local = new Set<string>();
  walkTree(query, (node) => {
    if ('with' in node) for (const { name } of node.with as Query['with']) local.add(name);
    if (node.kind === 'parameter') other = true;
    if (node.kind !== 'table' || !('columnAliases' in node)) return true;
    const { schema, name } = (node as unknown as { name: QualifiedName }).name;
    if (schema === 'information_schema' || schema === 'pg_catalog' || name.startsWith('pg_')) system = true;
    else if (schema !== undefined || !local.has(name)) other = true;
    return true;
  });
  return system && !other;
}

/** A value of a query's row that is not known, with the type that makes its text safe, if it has one. */
export function withSafeType(value: Expression, type: SqlType | undefined, query: Query): Expression {
  const known = readsCatalogOnly(query) ? nameType : type;
  return known && isSafeType(known) ? { kind: 'cast', operand: value, type: known, location: value.location } : value;
}

/** Whatever the catalog calls its objects by; unlike `name` it is no text type, which evaluation drops. */
const nameType: SqlType = { name: 'regclass', modifiers: [], dimensions: 0 };

const arithmetic = new Set(['+', '-', '*', '/', '%']);

const safeTypes = new Set([
  'int2', 'int4', 'int8', 'numeric', 'float4', 'float8', 'bool', 'oid', 'date', 'time', 'timetz', 'timestamp', 'timestamptz', 'interval', 'uuid',
  'regclass', 'regtype', 'regproc', 'regprocedure', 'regrole', 'regnamespace', 'name',
]);

/** Functions whose result is a number, a date, a UUID or a hash, whatever their arguments hold. */
const safeCalls = new Set([
  'count', 'sum', 'avg', 'length', 'char_length', 'array_length', 'cardinality', 'abs', 'ceil', 'ceiling', 'floor', 'round', 'trunc', 'mod', 'random',
  'nextval', 'currval', 'lastval', 'setval', 'extract', 'date_part', 'date_trunc', 'now', 'current_date', 'current_timestamp', 'localtimestamp',
  'clock_timestamp', 'statement_timestamp', 'transaction_timestamp', 'make_date', 'make_timestamp', 'make_interval', 'age', 'to_date', 'to_timestamp',
  'gen_random_uuid', 'uuid_generate_v4', 'uuidv7', 'md5', 'hashtext', 'row_number', 'quote_ident', 'quote_literal', 'quote_nullable',
  'pg_get_constraintdef', 'pg_get_indexdef', 'pg_get_functiondef', 'pg_get_expr', 'pg_get_function_identity_arguments', 'format_type',
]);

/** Functions whose result holds nothing but their arguments. */
const passingCalls = new Set([
  'lower', 'upper', 'initcap', 'trim', 'btrim', 'ltrim', 'rtrim', 'replace', 'left', 'right', 'substring', 'substr', 'lpad', 'rpad', 'concat',
  'concat_ws', 'format', 'split_part', 'repeat', 'reverse', 'coalesce', 'nullif', 'greatest', 'least', 'max', 'min', 'string_agg', 'array_agg',
  'array_to_string', 'regexp_replace', 'text', 'translate',
]);

/** to_char() takes numbers and dates alone; only its format is text. */
function isSafeCall(call: CallExpression, safe: (item: Expression) => boolean): boolean {
  const name = call.name.at(-1)!;
  if (name === 'to_char') return call.arguments.slice(1).every(safe);
  return safeCalls.has(name) || (passingCalls.has(name) && call.arguments.length > 0 && call.arguments.every(safe));
}

function isTextType(type: SqlType): boolean {
  return ['text', 'varchar', 'bpchar', 'unknown'].includes(type.name) && type.dimensions === 0;
}

function isSafeQuery(query: Query, typesOf: TypesOf): boolean {
  if (readsCatalogOnly(query)) return true;
  const target = query.kind === 'select' ? query.targets[0]?.expression : undefined;
  if (target && cannotCarrySql(target, typesOf)) return true;
  const type = typesOf(query)[0];
  return type !== undefined && isSafeType(type);
}
