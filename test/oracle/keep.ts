// Asks PostgreSQL about the kept queries and migrations of test/link/judged of which the engine now says something else, and writes what is to be said of them:
// `npx tsx test/oracle/keep.ts [CANDIDATES]`. What PostgreSQL contradicts is named and left out. CANDIDATES: a file of more queries (`uses` empty) or migrations (`facts` empty).
import { pathToFileURL } from 'node:url';
import { factsOf, readBackfill, textOf } from './backfill-engine.js';
import { BackfillJudge, compareBackfill } from './backfill-judge.js';
import { ask, environmentOf } from './engine.js';
import { Judge } from './execute.js';
import { randomFor } from './generate.js';
import { Isolation } from './isolate.js';
import { answerOf, BACKFILLS, hintsOf, isSameAnswer, QUERIES, readKept, useText, writeKept, type KeptBackfill, type KeptQueries, type KeptQuery } from './kept.js';

const [candidates] = process.argv.slice(2);
const more = candidates === undefined ? [] : readKept<KeptQueries | KeptBackfill>(pathToFileURL(candidates));
await keepQueries(more.filter((each) => 'schema' in each));
await keepBackfills(more.filter((each) => 'statements' in each));

async function keepQueries(added: readonly KeptQueries[]): Promise<void> {
  const judge = await Judge.start();
  const bySchema = new Map<string, KeptQueries>();
  for (const each of [...readKept<KeptQueries>(QUERIES), ...added]) {
    const key = JSON.stringify(each.schema);
    bySchema.set(key, { ...each, queries: [...new Map([...bySchema.get(key)?.queries ?? [], ...each.queries].map((query) => [query.sql, query])).values()] });
  }
  const kept: KeptQueries[] = [];
  for (const [place, group] of [...bySchema.values()].entries()) kept.push({ ...group, queries: await judgedQueries(judge, group, place) });
  await judge.close();
  writeKept(QUERIES, kept.filter(({ queries }) => queries.length > 0));
}

async function judgedQueries(judge: Judge, { schema, queries }: KeptQueries, place: number): Promise<readonly KeptQuery[]> {
  const worlds = new Isolation(judge, schema, randomFor(17, place), { name: 'kept', count: 5, variants: 4 });
  const environment = environmentOf(schema);
  const result: KeptQuery[] = [];
  let isLoaded = false;
  for (const query of queries) {
    const { uses: said, words } = answerOf(query.sql, environment);
    if (query.uses.length > 0 && isSameAnswer(said, query.uses)) {
      result.push({ ...query, words });
      continue;
    }
    if (!isLoaded) await worlds.load();
    isLoaded = true;
    const assignments = worlds.assignments(hintsOf(query));
    const uses: string[] = [];
    let fault: string | undefined;
    for (const use of ask(query.sql, environment).uses) {
      const judged = await worlds.verdict(query.sql, [use], assignments);
      if (judged.kind === 'invalid') fault = judged.how;
      if (judged.kind === 'leak' && use.kind === 'scoped') fault = `${useText(use)}, and PostgreSQL shows a leak: ${judged.how}`;
      uses.push(`${useText(use)}${judged.kind === 'no leak' && use.kind === 'flagged' ? '?' : ''}`);
    }
    if (fault === undefined) result.push({ ...query, uses, words });
    else process.stdout.write(`left out: ${query.sql}\n  ${fault}\n`);
  }
  return result;
}

async function keepBackfills(added: readonly KeptBackfill[]): Promise<void> {
  const judge = await BackfillJudge.start(randomFor(99, 0));
  const kept: KeptBackfill[] = [];
  const all = new Map([...readKept<KeptBackfill>(BACKFILLS), ...added].map((each) => [textOf(each.statements), each]));
  for (const one of all.values()) {
    const { statements } = one;
    if (JSON.stringify(factsOf(readBackfill(statements))) === JSON.stringify(one.facts)) {
      kept.push(one);
      continue;
    }
    const { invalid, missed, unshown } = compareBackfill(statements, await judge.courses(statements));
    const faults = [...(invalid === undefined ? [] : [invalid]), ...missed, ...unshown.filter((each) => !each.includes('ambiguous'))];
    if (faults.length === 0) kept.push({ statements, facts: factsOf(readBackfill(statements)) });
    else process.stdout.write(`left out: ${textOf(statements)}  ${faults.join('; ')}\n`);
  }
  await judge.close();
  writeKept(BACKFILLS, kept);
}
