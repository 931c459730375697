import type { Context } from '../../library.js';
import { COUNT } from '../../lower.js';
import type { RowListValue, Value } from '../../values.js';
import { nullValue, unknownValue } from '../../values.js';
import { SQLALCHEMY } from './data.js';
import { libraryData, libraryValue } from './given.js';
import type { Rows } from './rows.js';

/** What `execute()` gives back: rows that are read by its methods. */
interface ResultData {
  readonly rows: Rows | Value;
  /** `scalars()`: the first column of each row. */
  readonly scalars: boolean;
}

/** A result over rows; what gives no rows stays as it is. */
export function resultValue(rows: Rows | Value, ctx: Context, scalars = false): Value {
  if (!isRows(rows)) {
    const known = ctx.read(rows);
    if (known.kind === 'union') return { kind: 'union', options: known.options.map((option) => ({ ...option, value: resultValue(option.value, ctx, scalars) })) };
    return libraryValue(SQLALCHEMY, 'result', { rows: known.kind === 'rowList' ? plain(known) : known, scalars } satisfies ResultData);
  }
  return libraryValue(SQLALCHEMY, 'result', { rows, scalars } satisfies ResultData);
}

function isRows(rows: Rows | Value): rows is Rows {
  return 'tuples' in rows;
}

/** Rows of SQL text. */
function plain(rows: RowListValue): Rows {
  return { tuples: rows, first: { kind: 'field', result: rows.result, path: [...rows.path, '0'], many: true, maybe: false }, isEntity: false, count: 0 };
}

function resultData(value: Value, ctx: Context): ResultData | undefined {
  return libraryData<ResultData>(value, SQLALCHEMY, 'result', ctx);
}

/** The rows of a result, for loops over it. */
export function resultItems(value: Value, ctx: Context): Value | undefined {
  const data = resultData(value, ctx);
  if (!data) return undefined;
  return isRows(data.rows) ? (data.scalars ? data.rows.first : data.rows.tuples) : unknownValue('rows that are not known');
}

const ONE: ReadonlySet<string> = new Set(['one', 'first', 'fetchone', 'one_or_none', 'scalar', 'scalar_one', 'scalar_one_or_none']);
const CERTAIN: ReadonlySet<string> = new Set(['one', 'scalar_one']);
const ALL: ReadonlySet<string> = new Set(['all', 'fetchall', 'fetchmany', 'partitions']);
const SAME: ReadonlySet<string> = new Set(['mappings', 'unique', 'tuples', 'freeze', 'yield_per', 'columns', 'execution_options']);

/** `result.scalar()`, `.fetchone()`, `.scalars().all()`, ... */
export function resultMethod(object: Value, name: string, ctx: Context): Value | undefined {
  const data = resultData(object, ctx);
  if (!data) return undefined;
  if (name === 'close') return nullValue;
  if (SAME.has(name)) return object;
  if (name === 'scalars') return resultValue(data.rows, ctx, true);
  const { rows } = data;
  if (!isRows(rows)) return unknownValue('a result that is not known');
  const isFirst = data.scalars || name.startsWith('scalar');
  if (ALL.has(name)) return isFirst ? rows.first : rows.tuples;
  return ONE.has(name) ? oneOf(isFirst ? rows.first : rows.tuples, !CERTAIN.has(name), ctx) : undefined;
}

/** `result.rowcount`: how many rows an UPDATE or DELETE has met. */
export function resultMember(object: Value, name: string, ctx: Context): Value | undefined {
  const data = name === 'rowcount' ? resultData(object, ctx) : undefined;
  return data && isRows(data.rows) ? { kind: 'field', result: data.rows.tuples.result, path: [COUNT], many: false, maybe: false } : undefined;
}

/** One of the rows that a statement gives; it throws unless there may be none. */
export function oneOf(rows: Value, maybe: boolean, ctx: Context): Value {
  if (rows.kind === 'field') {
    if (!maybe) ctx.present(rows.result);
    return { ...rows, many: false, maybe };
  }
  if (rows.kind !== 'rowList') return unknownValue('a row that is not known');
  if (!maybe) ctx.present(rows.result);
  return { kind: 'row', result: rows.result, path: rows.path, maybe };
}
