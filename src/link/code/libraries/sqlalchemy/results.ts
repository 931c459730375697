import type { Context } from '../../library.js';
import type { FieldValue, RowListValue, Value } from '../../values.js';
import { nullValue, unknownValue } from '../../values.js';
import { SQLALCHEMY } from './data.js';
import { libraryData, libraryValue } from './given.js';

/** What `execute()` gives back: rows that are read by its methods. */
interface ResultData {
  readonly rows: Value;
  /** `scalars()`: the first column of each row. */
  readonly scalars: boolean;
}

/** A result over rows; what gives no rows stays as it is. */
export function resultValue(rows: Value, ctx: Context, scalars = false): Value {
  const known = ctx.read(rows);
  if (known.kind === 'union') return { kind: 'union', options: known.options.map((option) => ({ ...option, value: resultValue(option.value, ctx, scalars) })) };
  return libraryValue(SQLALCHEMY, 'result', { rows: known, scalars } satisfies ResultData);
}

function resultData(value: Value, ctx: Context): ResultData | undefined {
  return libraryData<ResultData>(value, SQLALCHEMY, 'result', ctx);
}

/** The first column. */
const FIRST = ['0'];

function field(rows: RowListValue, many: boolean, maybe: boolean): FieldValue {
  return { kind: 'field', result: rows.result, path: [...rows.path, ...FIRST], many, maybe };
}

/** The rows of a result, for loops over it. */
export function resultItems(value: Value, ctx: Context): Value | undefined {
  const data = resultData(value, ctx);
  if (data?.rows.kind !== 'rowList') return data && unknownValue('rows that are not known');
  return data.scalars ? field(data.rows, true, false) : data.rows;
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
  if (rows.kind !== 'rowList') return unknownValue('a result that is not known');
  if (ALL.has(name)) return data.scalars ? field(rows, true, false) : rows;
  if (!ONE.has(name)) return undefined;
  const maybe = !CERTAIN.has(name);
  if (!maybe) ctx.present(rows.result);
  return data.scalars || name.startsWith('scalar') ? field(rows, false, maybe) : { kind: 'row', result: rows.result, path: rows.path, maybe };
}
