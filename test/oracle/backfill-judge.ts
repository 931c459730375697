import { PGlite } from '@electric-sql/pglite';
import type { Location } from '../../src/facts/location.js';
import { NEXT, numberAt, projectOfBackfill, readBackfill } from './backfill-engine.js';
import { BACKFILL_BASE, backfillRows } from './backfills.js';
import type { Random } from './random.js';

/** What one state of the database saw of a migration. */
interface Course {
  /** After each statement that ran: the accounts of the sessions, by id. */
  readonly contents: readonly (readonly (number | null)[])[];
  /** SQLSTATE of the statement that stopped it, the one after the last of `contents`. */
  readonly stopped?: string;
}

/** One state, in the order in which its rows were made and in the opposite one. */
type Both = readonly [Course, Course];

const STATES = 9;
/** Chances of NULLs and of partners that are not there. */
const LOOSE = [0, 0.2, 0.5];

/** PostgreSQL as the judge of backfills: the base of the generated migrations with several contents. */
export class BackfillJudge {
  private constructor(private readonly db: PGlite) {}

  /** @param random where the rows come from */
  static async start(random: Random): Promise<BackfillJudge> {
    const db = await PGlite.create();
    for (let state = 0; state < STATES; state += 1) {
      const rows = backfillRows(random, LOOSE[state % LOOSE.length]!);
      await db.exec(`create schema s${state}; set search_path = s${state}; ${BACKFILL_BASE} ${rows.join(';')};`);
      await db.exec(`create schema r${state}; set search_path = r${state}; ${BACKFILL_BASE} ${backwards(rows).join(';')};`);
    }
    return new BackfillJudge(db);
  }

  /** Runs the statements on every state. */
  async courses(statements: readonly string[]): Promise<Both[]> {
    const courses: Both[] = [];
    for (let state = 0; state < STATES; state += 1) courses.push([await this.course(`s${state}`, statements), await this.course(`r${state}`, statements)]);
    return courses;
  }

  private async course(schema: string, statements: readonly string[]): Promise<Course> {
    await this.db.exec(`begin; set local search_path = ${schema};`);
    const contents: (number | null)[][] = [];
    try {
      for (const statement of statements) {
        await (statement === NEXT ? this.live(contents.length) : this.db.exec(statement));
        const { rows } = await this.db.query<{ row: Readonly<Record<string, number | null>> }>('select to_jsonb(x) as row from sessions x order by id');
        contents.push(rows.map(({ row }) => row['account_id'] ?? row['tenant'] ?? null));
      }
      return { contents };
    } catch (error) {
      return { contents, stopped: (error as { code?: string }).code ?? 'unknown' };
    } finally {
      await this.db.exec('rollback');
    }
  }

  /** Between two migrations the old program goes on writing rows. */
  private async live(number: number): Promise<void> {
    await this.db.exec(`do $$ begin insert into sessions (id, user_id, kind) values (${500 + number}, 1, 'a'); exception when others then null; end $$`);
  }

  async close(): Promise<void> {
    await this.db.close();
  }
}

function backwards(rows: readonly string[]): string[] {
  const byTable = new Map<string, string[]>();
  for (const row of rows) {
    const [, head, values] = /^(insert into \w+ values )(.*)$/.exec(row) as unknown as [string, string, string];
    const single = values.split('), (').map((each) => `${head}(${each.replace(/^\(|\)$/g, '')})`);
    byTable.set(head, [...single.reverse(), ...byTable.get(head) ?? []]);
  }
  return [...byTable.values()].flat();
}

/** What PostgreSQL and the engine say of a generated migration. */
export interface BackfillJudgement {
  /** PostgreSQL rejects a statement whatever the rows. */
  readonly invalid?: string;
  /** The engine says that all is well, and it is not. */
  readonly missed: readonly string[];
  /** The engine finds fault, and no state shows it. */
  readonly unshown: readonly string[];
}

/** Whether a session has one account in the one and another in the other. */
function disagree(one: readonly (number | null)[], other: readonly (number | null)[]): boolean {
  return one.some((value, index) => value !== null && (other[index] ?? null) !== null && value !== other[index]);
}

/** SQLSTATEs of statements that are wrong in themselves. */
const REJECTED = /^(42|0A|25|unknown)/;

/** Compares what the engine says of the migration with what happened. */
export function compareBackfill(statements: readonly string[], courses: readonly Both[]): BackfillJudgement {
  const every = courses.flat();
  const invalid = every.find(({ stopped }) => stopped !== undefined && REJECTED.test(stopped))?.stopped;
  const missed: string[] = [];
  const unshown: string[] = [];
  if (invalid !== undefined) return { invalid, missed, unshown };
  const read = readBackfill(statements);
  const numberOf = (location: Location): number => numberAt(read, location) ?? 0;
  const { backfills, nullChecks, notNullChanges } = projectOfBackfill(read);
  const hasNull = (course: Course, number: number): boolean => course.contents[number - 1]?.includes(null) === true;
  for (const { location, table, column, coverage, ambiguous } of backfills) {
    if (table !== 'sessions' || (column !== 'account_id' && column !== 'tenant')) continue;
    const number = numberOf(location);
    // Rows without a value that are deleted later do not count.
    const last = Math.max(number, statements.findLastIndex((each) => each.startsWith('delete')) + 1);
    const leaves = every.some((course) => hasNull(course, last));
    if (coverage === 'total' && leaves) missed.push(`${number}: total, and NULLs are left`);
    if (coverage === 'partial' && !leaves) unshown.push(`${number}: partial, and no NULL is left`);
    const differs = courses.some(([one, other]) => JSON.stringify(one.contents[number - 2]) === JSON.stringify(other.contents[number - 2]) && disagree(one.contents[number - 1] ?? [], other.contents[number - 1] ?? []));
    if (differs && !ambiguous) missed.push(`${number}: not ambiguous, and the order of the rows matters`);
    if (ambiguous && !differs) unshown.push(`${number}: ambiguous, and the order of the rows does not matter`);
  }
  for (const { location, table, aborts } of nullChecks) {
    if (table !== 'sessions') continue;
    const number = numberOf(location);
    const passes = every.some((course) => hasNull(course, number - 1) && course.contents.length >= number);
    if (aborts === 'yes' && passes) missed.push(`${number}: the test aborts, and NULLs pass it`);
    if (aborts === 'no' && !passes) unshown.push(`${number}: the test does not abort, and no NULL passes it`);
  }
  for (const { location, table, totalBackfill, verifiedBy } of notNullChanges) {
    if (table !== 'sessions') continue;
    const number = numberOf(location);
    const meets = every.some((course) => course.contents.length === number - 1 && course.stopped === '23502');
    if ((totalBackfill || verifiedBy !== undefined) && meets) missed.push(`${number}: NOT NULL is safe, and meets NULLs`);
  }
  return { missed, unshown };
}
