import { databaseError } from './error.js';
import { quote, relationName } from './sql.js';
import type { TableInfo } from './table-info.js';
import type { Connection } from './types.js';

/** Partitions that the run adds, so that a partitioned table whose partitions come later, or by themselves, holds rows at all. */
const NAME = 'tenantlint_partition_of_';
/** The longest identifier has 63 bytes. */
const LONGEST = 32;
/** What PostgreSQL says where another partition finds this one in its way. */
const IN_THE_WAY = /conflicts with existing default partition|updated partition constraint for default partition|would overlap partition/;

/** Whether a row was refused for want of a partition (PostgreSQL manual, section 5.12). */
export function lacksPartition(refusal: string | undefined): boolean {
  return refusal?.startsWith('no partition of relation ') ?? false;
}

/**
 * Adds a partition for whatever the others do not take.
 * @returns whether there is one now
 */
export async function addOwnPartition(connection: Connection, table: TableInfo): Promise<boolean> {
  const [parent] = await connection.rows<{ strategy: string }>(`select partstrat as strategy from pg_partitioned_table where partrelid = ${table.oid}`);
  if (parent === undefined) return false;
  const bounds = parent.strategy === 'h' ? 'for values with (modulus 1, remainder 0)' : 'default';
  try {
    await connection.run(`create table ${quote(table.schema)}.${quote(NAME + table.name.slice(0, LONGEST))} partition of ${relationName(table)} ${bounds}`);
    return true;
  } catch (error) {
    databaseError(error);
    return false;
  }
}

/**
 * Drops the run's own partition that a statement finds in its way.
 * @param message PostgreSQL's, which names the partition
 * @returns whether it was there
 */
export async function dropOwnPartition(connection: Connection, message: string): Promise<boolean> {
  const [name] = new RegExp(`${NAME}[^"]+`).exec(message) ?? [];
  if (name === undefined || !IN_THE_WAY.test(message)) return false;
  const [found] = await connection.rows<{ schema: string }>('select n.nspname as schema from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relname = $1 and c.relispartition', [name]);
  if (found === undefined) return false;
  await connection.run(`drop table ${quote(found.schema)}.${quote(name)}`);
  return true;
}

/** The run's own partitions are no tables of the project: what is said of one is said of its table. */
export function ofItsTable(text: string): string {
  return text.replaceAll(NAME, '');
}
