// Runs in the copy: says which mutants no kept query and no kept migration notices, and looks for some that do. Started by hunt.ts.
import { readFileSync, writeFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { factsOf, NEXT, readBackfill } from '../oracle/backfill-engine.js';
import { BackfillJudge, compareBackfill } from '../oracle/backfill-judge.js';
import { generateBackfill } from '../oracle/backfills.js';
import { environmentOf, readQuery } from '../oracle/engine.js';
import { generateQuery, randomFor } from '../oracle/generate.js';
import { answerOf, BACKFILLS, QUERIES, readKept, type KeptBackfill, type KeptQueries, type KeptQuery } from '../oracle/kept.js';
import { ddl } from '../oracle/schema.js';
import { Pool, splice } from '../oracle/splice.js';
import { print } from '../oracle/tree.js';

/** `open`: the mutants that are looked at, and how often each was tried. */
const { seed, minutes, output, survived, open } = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as { seed: number; minutes: number; output: string; survived: string; open: readonly (readonly [id: number, tried: number])[] };
const random = randomFor(seed, 0);

/** Longer queries are kept without the words of the engine, in which most changes show. */
const LONGEST_QUERY = 200;
const LONGEST_MIGRATION = 900;
/** So much longer than without a mutant, and it does not end. */
const PATIENCE = 50;
/** A mutant that so many inputs have reached in vain is tried with ever fewer. */
const USUAL_TRIES = 30;

let active = 0;
let steps = 0;
let limit = Infinity;
let reached = new Set<number>();
(globalThis as unknown as { __mutant: (id: number) => boolean }).__mutant = (id) => {
  steps += 1;
  if (steps > limit) throw new Error('does not end');
  if (active === 0) reached.add(id);
  return id === active;
};

/** Something to ask the engine about: a query on one of the schemas, or migrations. */
type Input = { readonly schema: number; readonly sql: string; readonly hints: KeptQuery['hints'] } | { readonly statements: readonly string[] };

const groups = readKept<KeptQueries>(QUERIES);
let environments: (ReturnType<typeof environmentOf> | undefined)[] = [];

const backfills = new WeakMap<Input, ReturnType<typeof readBackfill>>();
const queries = new WeakMap<Input, ReturnType<typeof readQuery>>();

function memoised<T>(map: WeakMap<Input, T>, input: Input, read: () => T): T {
  if (!map.has(input)) map.set(input, read());
  return map.get(input)!;
}

function answer(input: Input): string {
  if ('statements' in input) return JSON.stringify(factsOf(memoised(backfills, input, () => readBackfill(input.statements))));
  environments[input.schema] ??= environmentAt(input.schema);
  return JSON.stringify(answerOf(input.sql, environments[input.schema]!, memoised(queries, input, () => readQuery(input.sql))));
}

function environmentAt(schema: number): ReturnType<typeof environmentOf> {
  const before = reached;
  reached = new Set();
  const made = environmentOf(groups[schema]!.schema);
  for (const mutant of reached) ofSetup.add(mutant);
  reached = new Set([...before, ...reached]);
  return made;
}

function answerWith(mutant: number, input: Input, most = Infinity): string {
  active = mutant;
  steps = 0;
  limit = most;
  try {
    return answer(input);
  } catch (error) {
    return `throws ${String(error).slice(0, 100)}`;
  } finally {
    active = 0;
    limit = Infinity;
  }
}

/** The mutants that what is remembered of a schema has met. */
const ofSetup = new Set<number>();

/** Whether the mutant changes the answer. What is remembered of a schema is made anew where the mutant may have changed it. */
function differs(mutant: number, input: Input, right: string, most: number): boolean {
  const before = environments;
  if (ofSetup.has(mutant)) environments = [];
  const isOther = answerWith(mutant, input, most) !== right;
  environments = before;
  if (!isOther || answerWith(0, input) === right) return isOther;
  environments = [];
  return false;
}

const survivors = new Map<number, Input[]>();
const tries = new Map<number, number>();

/** Takes out of the survivors those that this input tells from the original. */
function noticedBy(input: Input, always: boolean): number[] {
  reached = new Set();
  const right = answerWith(0, input);
  const most = steps * PATIENCE + 100_000;
  if (right.startsWith('throws')) return [];
  const noticed: number[] = [];
  for (const mutant of reached) {
    const inputs = survivors.get(mutant);
    if (inputs === undefined) continue;
    const count = tries.get(mutant) ?? 0;
    const usual = ofSetup.has(mutant) ? USUAL_TRIES / 10 : USUAL_TRIES;
    if (!always && !random.chance(usual / (usual + count))) continue;
    tries.set(mutant, count + 1);
    if (differs(mutant, input, right, most)) noticed.push(mutant);
    else if (inputs.length < 60) inputs.push(input);
  }
  return noticed;
}

for (const [id, tried] of open) {
  survivors.set(id, []);
  tries.set(id, tried);
}
const folders = new Set(process.env['FOLDERS']?.split(','));
const kept: Input[] = [
  ...(folders.has('src/link/scope') ? groups.flatMap(({ queries: each }, schema) => each.map(({ sql, hints }): Input => ({ schema, sql, hints }))) : []),
  ...(folders.has('src/link/backfill') ? readKept<KeptBackfill>(BACKFILLS).map(({ statements }): Input => ({ statements })) : []),
];
const cpu = (): number => Math.round(process.cpuUsage().user / 1e6);
for (const [index, input] of kept.entries()) {
  for (const mutant of noticedBy(input, false)) survivors.delete(mutant);
  if (index % 50 === 0 || index < 5) process.stderr.write(`\r${index} of ${kept.length}: ${survivors.size} of ${open.length} left (${cpu()} s)`);
}
process.stderr.write(`\n${open.length - survivors.size} of ${open.length} are noticed by what is kept (${cpu()} s)\n`);
save([]);

const queryPool = new Pool();
const migrationPool = new Pool();
const statements: string[] = [];
for (const input of kept) {
  if ('sql' in input) queryPool.add(input.sql);
  else for (const each of input.statements) {
    statements.push(each);
    migrationPool.add(each);
  }
}

const database = await PGlite.create();
for (const [index, { schema }] of groups.entries()) await database.exec(`create schema h${index}; set search_path = h${index}; ${ddl(schema)}`);
const judge = await BackfillJudge.start(randomFor(99, 0));

/** Whether PostgreSQL accepts it, and, of migrations, whether it sees what the engine says. */
async function isRight(input: Input): Promise<boolean> {
  try {
    if ('sql' in input) {
      await database.exec(`set search_path = h${input.schema}; prepare p (int, int, int, int, int, int, text, text, int[]) as ${input.sql}; deallocate p;`);
      return true;
    }
    const { invalid, missed, unshown } = compareBackfill(input.statements, await judge.courses(input.statements));
    if (missed.length > 0) process.stderr.write(`MISSED ${JSON.stringify(input.statements)} ${missed.join('; ')}\n`);
    return invalid === undefined && missed.length === 0 && unshown.every((each) => each.includes('ambiguous'));
  } catch {
    return false;
  }
}

function parent(): Input {
  const ids = [...survivors.keys()];
  const inputs = random.chance(0.7) && ids.length > 0 ? survivors.get(random.pick(ids))! : [];
  return random.pick(inputs.length > 0 ? inputs : kept);
}

function child(): Input | undefined {
  const from = parent();
  const times = random.weighted([[4, 1], [3, 2], [2, 3], [1, 5]]);
  if ('sql' in from) {
    let { sql } = from;
    if (random.chance(0.05)) sql = print(generateQuery(groups[from.schema]!.schema, random).tree);
    for (let time = 0; time < times; time += 1) sql = splice(sql, queryPool, random);
    return sql.length > LONGEST_QUERY || sql === from.sql ? undefined : { ...from, sql };
  }
  let list = random.chance(0.05) ? generateBackfill(random) : [...from.statements];
  for (let time = 0; time < times; time += 1) list = changed(list);
  return list.length === 0 || list.join('').length > LONGEST_MIGRATION ? undefined : { statements: list };
}

function changed(list: readonly string[]): string[] {
  const at = random.integer(0, list.length - 1);
  const with_ = (...others: string[]): string[] => [...list.slice(0, at), ...others, ...list.slice(at + 1)];
  return random.weighted<() => string[]>([
    [12, () => with_(splice(list[at] ?? '', migrationPool, random))], [3, () => with_(random.pick(statements), list[at] ?? '')], [2, () => with_(random.pick(statements))], [2, () => with_()], [1, () => with_(list[at] ?? '', NEXT)], [1, () => with_(list[at] ?? '', list[at] ?? '')],
    [1, () => random.shuffle(list)],
  ])().filter((each) => each !== '');
}

/** Fewer statements that are noticed as well. */
async function smaller(input: Input, mutants: readonly number[]): Promise<Input> {
  if ('sql' in input) return input;
  for (let index = input.statements.length - 1; index >= 0; index -= 1) {
    const less: Input = { statements: input.statements.filter((_, position) => position !== index) };
    const right = answerWith(0, less);
    const most = steps * PATIENCE + 100_000;
    if (less.statements.length > 0 && !right.startsWith('throws') && mutants.every((mutant) => differs(mutant, less, right, most)) && await isRight(less)) return smaller(less, mutants);
  }
  return input;
}

function save(found: readonly Input[]): void {
  writeFileSync(output, JSON.stringify(found.map((input) => ('sql' in input ? { schema: groups[input.schema]!.schema, queries: [{ sql: input.sql, hints: input.hints, uses: [], words: [] }] } : { statements: input.statements, facts: [] }))));
  writeFileSync(survived, JSON.stringify([...survivors.keys()].map((id) => [id, tries.get(id) ?? 0])));
}

const found: Input[] = [];
let count = 0;
for (const end = Date.now() + Number(minutes) * 60_000; Date.now() < end;) {
  const input = child();
  if (input === undefined) continue;
  count += 1;
  const noticed = noticedBy(input, false);
  if (noticed.length === 0 || !await isRight(input)) continue;
  const small = await smaller(input, noticed);
  found.push(small);
  kept.push(small);
  for (const mutant of [...noticed, ...noticedBy(small, true)]) survivors.delete(mutant);
  process.stderr.write(`${survivors.size} left after ${count} (${cpu()} s): ${'sql' in small ? small.sql : small.statements.join('; ')}\n`);
  save(found);
}
save(found);
process.stderr.write(`${found.length} found in ${count}; ${survivors.size} left (${cpu()} s)\n`);
await database.close();
await judge.close();
process.exit(0);
