import type { Expression } from '../../facts/expression.js';
import type { InsertQuery, OnConflict } from '../../facts/query.js';
import { column, equal } from './libraries/build.js';
import { distinctExpressions } from './lower.js';

/**
 * What the rows of an INSERT have in common: they hold what it writes. After ON CONFLICT DO UPDATE they may be rows that were there before, equal
 * in the columns of the conflict, and in those that are set to the same (PostgreSQL manual, INSERT).
 */
export function writtenTerms({ columns, onConflict, location, source }: InsertQuery, alias: string): Expression[] {
  const rows = source === undefined ? [] : source.kind === 'values' ? source.rows : source.kind === 'select' ? [source.targets.map(({ expression }) => expression)] : [];
  return columns.flatMap((name, index) => {
    const value = rows[0]?.[index];
    if (value === undefined || !isGiven(value) || distinctExpressions(rows.flatMap((row) => row[index] ?? [])).length > 1) return [];
    return onConflict?.action === 'update' && !stays(name, value, onConflict) ? [] : [equal(column(alias, name, location), value, location)];
  });
}

/** Whether a value is the same wherever it is asked for, and not NULL by its look. */
function isGiven(value: Expression): boolean {
  return value.kind === 'parameter' || value.kind === 'subquery' || (value.kind === 'constant' && value.value !== null) || (value.kind === 'cast' && isGiven(value.operand));
}

/** Whether the row of a conflict has the value too that would have been inserted. */
function stays(name: string, value: Expression, { columns, set }: OnConflict): boolean {
  const changed = set.filter((each) => each.column === name);
  if (changed.length === 0) return columns.includes(name);
  return changed.every(({ value: to }) => to !== undefined && (isExcluded(to, name) || distinctExpressions([to, value]).length === 1));
}

function isExcluded(value: Expression, name: string): boolean {
  return value.kind === 'column' && value.path.length === 2 && value.path[0] === 'excluded' && value.path[1] === name;
}
