import type { Row } from './owners.js';
import type { ColumnInfo, KeyInfo, TableInfo } from './table-info.js';

/** Rows that each table gets in one round. The last one has NULL wherever it may. */
export const ROWS = 6;
/** Parents that children are spread over: fewer than rows, so that some share a parent. */
const PARENTS = 3;

/**
 * A value for a column that no foreign key fills: an enum's label, a text a CHECK names, else one made from the row's number.
 * @param unique every row needs another value; else some rows share one, so that joins meet several rows, and one row meets none
 */
export function valueOf(column: ColumnInfo, { checks }: Pick<TableInfo, 'checks'>, number: number, unique: boolean): string {
  const { type, labels, name, length } = column;
  // Rows alternate between tenants: each tenant's are of both kinds.
  if (type === 'bool') return String((number >> 1) % 2 === 0);
  if (labels !== null) return labels[number % labels.length]!;
  const allowed = checks.filter((check) => mentions(check, name)).flatMap((check) => [...check.matchAll(/'([^']*)'::/g)].map(([, text]) => text!));
  if (allowed.length > 0) return allowed[number % allowed.length]!;
  return plainValue(type, unique ? number : number % ROWS === ROWS - 2 ? 900 + number : number % 2, length);
}

function mentions(check: string, column: string): boolean {
  return check.includes(`"${column}"`) || new RegExp(`(^|[^\\w"])${column.replace(/[^\w]/g, '\\$&')}($|[^\\w"])`).test(check);
}

/** What a row leaves out: the last one of a round everything that may be NULL, some others one of several ways to a parent, so that only the next one is left. */
export function optionalColumns({ columns, foreignKeys }: TableInfo, number: number, tenantColumn: string | undefined): readonly string[] {
  const optional = columns.filter(({ required }) => !required).map(({ name }) => name);
  if (number % ROWS === ROWS - 1) return optional;
  const ways = foreignKeys.filter((key) => key.columns.every((name) => optional.includes(name) && name !== tenantColumn));
  return ways.length < 2 ? [] : ways[number % ROWS - 2]?.columns ?? [];
}

/**
 * Children that share one parent differ in the other; where the column is a key by itself, each parent gets one child.
 * @param number the row's number among those that choose from the same parents
 */
export function parentValue(key: KeyInfo, column: ColumnInfo, { uniques, foreignKeys }: TableInfo, rows: readonly Row[], number: number): string | null {
  const alone = uniques.some((columns) => columns.length === 1 && columns[0] === column.name);
  // The last one is among them: it has the NULLs.
  const used = rows.length <= PARENTS ? rows : [...rows.slice(0, PARENTS - 1), rows.at(-1)!];
  const row = alone ? rows[number % Math.max(1, rows.length)] : used[(number + foreignKeys.indexOf(key) * Math.floor(number / used.length)) % Math.max(1, used.length)];
  return row?.[key.parentColumns[key.columns.indexOf(column.name)]!] ?? null;
}

/** A value of a type, made from a number. */
export function plainValue(type: string, number: number, length = 0): string {
  if (type.startsWith('_')) return '{}';
  const day = `2024-01-${pad(1 + (number % 28))}`;
  const time = `${pad(number % 24)}:00:00`;
  switch (type) {
    case 'uuid': return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
    case 'int2': case 'int4': case 'int8': case 'numeric': case 'float4': case 'float8': case 'money': return String(number + 1);
    case 'bool': return String(number % 2 === 0);
    case 'date': case 'timestamp': case 'timestamptz': return `${day} ${time}`;
    case 'json': case 'jsonb': return '{}';
    case 'inet': case 'cidr': return `10.0.${Math.floor(number / 250)}.${number % 250}`;
    case 'macaddr': return `08:00:2b:01:02:${(number % 256).toString(16).padStart(2, '0')}`;
    case 'interval': return `${number} hours`;
    case 'time': case 'timetz': return time;
    case 'bytea': return `\\x${number.toString(16).padStart(4, '0')}`;
    case 'bit': case 'varbit': return (number % 2).toString().repeat(Math.max(1, length + 4));
    case 'point': return `(${number},${number})`;
    case 'xml': return `<v>${number}</v>`;
    case 'tsvector': case 'tsquery': return `v${number}`;
    case 'ltree': return `v${number}`;
    case 'hstore': return `v=>${number}`;
    case 'char': return String.fromCharCode(97 + (number % 26));
    case 'tstzrange': case 'tsrange': case 'daterange': return `[${day},)`;
    case 'int4range': case 'int8range': case 'numrange': return `[${number},)`;
    default: return shortened(`v${number}`, number, length);
  }
}

/** Fits a text into a column of few characters without making two numbers equal as long as there is room. */
function shortened(text: string, number: number, length: number): string {
  if (length < 1 || text.length <= length) return text;
  return number.toString(36).slice(-length);
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}
