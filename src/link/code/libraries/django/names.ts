import { createHash } from 'node:crypto';

const LONGEST = 63;

/** The first digits of the hash that makes Django's names unique. */
function digest(...parts: readonly string[]): string {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 8);
}

/** The name that Django's schema editor gives to an index or a constraint (`BaseDatabaseSchemaEditor._create_index_name`). */
export function indexName(table: string, columns: readonly string[], suffix = ''): string {
  let hashed = `${digest(table, ...columns)}${suffix}`;
  const name = `${table}_${columns.join('_')}_${hashed}`;
  if (name.length <= LONGEST) return name;
  if (hashed.length > LONGEST / 3) hashed = hashed.slice(0, Math.floor(LONGEST / 3));
  const other = Math.floor((LONGEST - hashed.length) / 2) - 1;
  const short = `${table.slice(0, other)}_${columns.join('_').slice(0, other)}_${hashed}`;
  return /^[_\d]/.test(short) ? `D${short.slice(0, -1)}` : short;
}

/** The name of an index of `Meta.indexes` that is given none (`Index.set_name_with_model`). */
export function metaIndexName(table: string, columns: readonly string[]): string {
  const [first = ''] = columns;
  return `${table.slice(0, 11)}_${first.replace(/^-/, '').slice(0, 7)}_${digest(table, ...columns, 'idx').slice(0, 6)}_idx`;
}

/** The table of a many-to-many field without a model of its own, shortened as Django does. */
export function throughTable(table: string, field: string): string {
  const name = `${table}_${field}`;
  return name.length <= LONGEST ? name : `${name.slice(0, LONGEST - 4)}${digest(name).slice(0, 4)}`;
}
