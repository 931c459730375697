import type { CallExpression, Expression } from '../../facts/expression.js';
import type { Query } from '../../facts/query.js';
import { displayName, findTable } from '../catalog/index.js';
import type { Catalog } from '../catalog/types.js';

/** A function called for its effect on tables, whose body the history does not show. */
export interface UnknownHelper {
  readonly name: string;
  /** Display names of the tables it is given. */
  readonly tables: readonly string[];
}

/** Functions of PostgreSQL and well-known extensions that take a table's name and leave its columns and rows as they are. */
const harmless: ReadonlySet<string> = new Set([
  'setval', 'nextval', 'currval', 'set_config', 'to_regclass', 'has_table_privilege', 'create_hypertable', 'create_distributed_table',
  'create_reference_table', 'add_retention_policy', 'add_compression_policy', 'undistribute_table',
]);

/**
 * The helper that `SELECT helper('table', ...)` or `CALL helper('table')` runs, when nothing is known of it.
 * @param query a statement of a migration
 */
export function unknownHelper(query: Query, catalog: Catalog, searchPath: readonly string[]): UnknownHelper | undefined {
  if (query.kind !== 'select' || query.from.length > 0) return undefined;
  for (const { expression } of query.targets) {
    if (expression.kind !== 'call' || isKnown(expression, catalog)) continue;
    const tables = expression.arguments.flatMap((argument) => namedTable(argument, catalog, searchPath));
    if (tables.length > 0) return { name: expression.name.join('.'), tables };
  }
  return undefined;
}

function isKnown(call: CallExpression, catalog: Catalog): boolean {
  const name = call.name.at(-1)!;
  if (harmless.has(name) || name.startsWith('pg_')) return true;
  return [...catalog.functions.keys()].some((key) => key.endsWith(`.${name}`));
}

function namedTable(argument: Expression, catalog: Catalog, searchPath: readonly string[]): string[] {
  const inner = argument.kind === 'cast' ? argument.operand : argument;
  if (inner.kind !== 'constant' || typeof inner.value !== 'string') return [];
  const [name, schema] = inner.value.split('.').map((part) => part.replace(/^"(.*)"$/, '$1')).reverse();
  const table = name === undefined || name === '' ? undefined : findTable(catalog, { name, ...(schema === undefined ? {} : { schema }) }, searchPath);
  return table ? [displayName(table)] : [];
}
