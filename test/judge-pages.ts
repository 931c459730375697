import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoadedProject } from '../src/commands/pipeline.js';
import { Population } from '../src/database/populate.js';
import type { Connection } from '../src/database/types.js';
import { visibilities } from '../src/database/visibility.js';
import { pageIds, readPage, type Case } from './fixtures.js';
import { reset, runTrial, type Trial } from './judge.js';
import { runCase } from './run-case.js';

/**
 * Every migration a rule page shows is run on PostgreSQL. Without a claim in the page:
 * a statement fails, whatever the data, exactly where no-failing-statement says so, with the SQLSTATE its message names;
 * NULLs stop SET NOT NULL only under a not-null finding; backfill-may-leave-null leaves NULLs behind;
 * backfill-ambiguous-source gives different results when the same rows are stored in another order.
 * A claim `<!-- postgres: ... -->` says more: skip REASON | as-owner | runs | fails SQLSTATE | leaves-null t.c | no-null t.c | ambiguous t.c | unambiguous t.c |
 * leaks t | isolates t (what a session of one tenant, no owner, can do to rows of another at the end).
 * @param open a database of this suite alone @param pgVersion its major version, for which the cases are checked; absent: the newest
 */
export function judgePages(open: () => Promise<Connection>, pgVersion?: number): void {
  let db: Connection;

  beforeAll(async () => {
    db = await open();
  });

  afterAll(() => db.close());

  for (const id of pageIds()) {
    const page = readPage(id);
    const cases = page.cases.filter(({ files, claims }) => [...files.keys()].some((file) => file.endsWith('.sql') || file.includes('alembic/versions/')) && !claims.some((claim) => claim.startsWith('skip')));
    if (cases.length === 0) continue;
    describe(id, () => {
      for (const each of cases) {
        it(`${each.section}: ${each.title}`, async () => {
          const { loaded, result } = await runCase({ ...page, onlyOwnRule: false }, each, pgVersion);
          const announced = each.claims.flatMap((claim) => /^fails (\w+)/.exec(claim)?.[1] ?? []);
          const asOwner = id === 'backfill-sees-all-rows' || each.claims.includes('as-owner');
          const trial = async (reversed: boolean): Promise<Trial> => {
            const trials: Trial[] = [];
            // Each history has a database of its own: a page's own SQL beside a case in another language.
            for (const one of histories(loaded)) {
              await reset(db, [...each.files.keys()].some((file) => file.startsWith('supabase/')));
              trials.push(await runTrial(db, one, result, { reversed, asOwner, announced, distinct: false }));
            }
            return joined(trials);
          };
          const first = await trial(false);
          expect(first.problems).toEqual([]);
          const ambiguous = result.findings.some(({ ruleId }) => ruleId === 'backfill-ambiguous-source');
          const second = ambiguous || id === 'backfill-ambiguous-source' || each.claims.some((claim) => /ambiguous/.test(claim)) ? await trial(true) : first;
          expect(claimFaults(each, first, second)).toEqual([]);
          expect(await visibilityFaults(each, loaded, db)).toEqual([]);
          const watched = [...first.contents.keys()].some((name) => !name.startsWith('end '));
          if (watched) expect(differing(first, second).filter((name) => !name.startsWith('end ')), 'the value must depend on the order of the rows').not.toEqual([]);
          else if (!ambiguous && id === 'backfill-ambiguous-source') expect(differing(first, second), 'the value must not depend on the order of the rows').toEqual([]);
        });
      }
    });
  }
}

/** The project once for each of its histories of migrations. */
export function histories(loaded: LoadedProject): LoadedProject[] {
  const { migrations } = loaded.project;
  return [...new Set(migrations.map(({ history }) => history))].map((history) => ({ ...loaded, project: { ...loaded.project, migrations: migrations.filter((migration) => migration.history === history) } }));
}

function joined(trials: readonly Trial[]): Trial {
  const stopped = trials.find((trial) => trial.stopped)?.stopped;
  return {
    problems: trials.flatMap(({ problems }) => problems), codes: trials.flatMap(({ codes }) => codes),
    contents: new Map(trials.flatMap(({ contents }) => [...contents])), ...(stopped && { stopped }),
  };
}

function differing(first: Trial, second: Trial): string[] {
  return [...first.contents].filter(([name, rows]) => second.contents.get(name) !== rows).map(([name]) => name);
}

/** `leaks t`, `isolates t`: what a session of one tenant can do to rows of another in the final state. */
async function visibilityFaults({ claims }: Case, loaded: LoadedProject, db: Connection): Promise<string[]> {
  const faults: string[] = [];
  for (const claim of claims) {
    const [, word, table] = /^(leaks|isolates)\s+(\S+)$/.exec(claim) ?? [];
    if (word === undefined || table === undefined) continue;
    await new Population(db, { round: loaded.project.migrations.length, always: true }).fill();
    const subject = loaded.project.tables.find(({ name }) => name === table);
    const { crossings: found, untested } = subject === undefined ? { crossings: [], untested: `no table ${table}` } : (await visibilities(db, loaded.project, [subject])).get(subject)!;
    if (untested !== undefined) faults.push(untested);
    if ((found.length > 0) !== (word === 'leaks')) faults.push(`"${claim}" does not hold: ${found.map(({ what, withTenant }) => `${what} ${withTenant ? 'as another tenant' : 'without a tenant'}`).join(', ') || 'the tenants are kept apart'}`);
  }
  return faults;
}

function claimFaults({ claims }: Case, first: Trial, second: Trial): string[] {
  return claims.flatMap((claim) => {
    const [word, subject = ''] = claim.split(/\s+/);
    const rows = first.contents.get(`end ${subject}`) ?? '';
    const hasNull = rows.includes(',null]');
    const holds: Readonly<Record<string, () => boolean>> = {
      'as-owner': () => true,
      leaks: () => true,
      isolates: () => true,
      runs: () => first.codes.length === 0,
      fails: () => first.codes.includes(subject),
      'leaves-null': () => hasNull,
      'no-null': () => rows !== '' && !hasNull,
      ambiguous: () => differing(first, second).includes(`end ${subject}`),
      unambiguous: () => !differing(first, second).includes(`end ${subject}`),
    };
    const test = holds[word!];
    if (test === undefined) return [`unknown claim "${claim}"`];
    return test() ? [] : [`"${claim}" does not hold${first.stopped === undefined ? '' : `; stopped at ${first.stopped.statement}: ${first.stopped.code} ${first.stopped.message}`}`];
  });
}
