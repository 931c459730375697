import { ask, environmentOf, type EngineAnswer } from './engine.js';
import { assignmentsFor, type Assignments, type Judge, type Judgement } from './execute.js';
import { generateQuery, randomFor } from './generate.js';
import { ddl, generateSchema } from './schema.js';
import { generateStates } from './states.js';
import { print, simplify, simplifyRight, variants, type Node } from './tree.js';

/** The engine and PostgreSQL differ about a query. */
export interface Disagreement {
  /** missed: it leaks and the engine calls it scoped; false alarm: the engine flags it and no state shows a leak. */
  readonly kind: 'missed' | 'false alarm';
  readonly seed: number;
  readonly part: number;
  readonly mutations: readonly string[];
  readonly schema: string;
  readonly sql: string;
  readonly original: string;
  readonly how: string;
  readonly verdicts: readonly string[];
}

export interface Tally {
  queries: number;
  invalid: number;
  leaks: number;
  clean: number;
  /** Leaks: what the engine said. */
  leaksFlagged: number;
  leaksUnknown: number;
  missed: number;
  /** No leak: what the engine said. */
  cleanScoped: number;
  cleanUnknown: number;
  cleanUnmutated: number;
  falseAlarms: number;
  /** False alarms among queries that were not mutated: certainly wrong. */
  falseAlarmsUnmutated: number;
  crashes: number;
}

export interface Run {
  readonly tally: Tally;
  readonly disagreements: readonly Disagreement[];
}

export interface RunOptions {
  readonly seed: number;
  readonly count: number;
  /** The first schema (part) of the seed to begin with, to run again where a disagreement was. */
  readonly from?: number;
  /** Minimise at most so many of each kind. */
  readonly minimise: number;
  /** False alarms of mutated queries as well: the states may just not show the leak. */
  readonly all?: boolean;
  readonly onProgress?: (tally: Tally) => void;
}

const QUERIES_PER_SCHEMA = 50;

/** Generates queries, asks PostgreSQL and the engine about each, and collects where they differ. */
export async function compare(judge: Judge, { seed, count, from = 0, minimise, all, onProgress }: RunOptions): Promise<Run> {
  const tally: Tally = { queries: 0, invalid: 0, leaks: 0, clean: 0, leaksFlagged: 0, leaksUnknown: 0, missed: 0, cleanScoped: 0, cleanUnknown: 0, cleanUnmutated: 0, falseAlarms: 0, falseAlarmsUnmutated: 0, crashes: 0 };
  const disagreements: Disagreement[] = [];
  for (let part = from; tally.queries < count; part += 1) {
    const random = randomFor(seed, part);
    const schema = generateSchema(random);
    const states = generateStates(schema, random);
    await judge.load(schema, states);
    const environment = environmentOf(schema);
    for (let index = 0; index < QUERIES_PER_SCHEMA && tally.queries < count; index += 1) {
      const query = generateQuery(schema, random);
      const assignments = assignmentsFor(query.hints, states, random);
      const sql = print(query.tree);
      const judgement = await judge.judge(sql, assignments);
      if (judgement.kind === 'invalid') {
        tally.invalid += 1;
        continue;
      }
      tally.queries += 1;
      const answer = askSafely(sql, environment, tally);
      const kind = record(tally, judgement, answer, query.mutations.length > 0);
      if (kind === undefined) continue;
      const found = disagreements.filter((each) => each.kind === kind).length;
      if (kind === 'false alarm' && query.mutations.length > 0 && all !== true) continue;
      const tree = found < minimise ? await minimal(query.tree, kind === 'missed' ? simplify : simplifyRight, async (candidate) => differs(kind, candidate, judge, assignments, environment)) : query.tree;
      const final = print(tree);
      const how = await judge.judge(final, assignments);
      disagreements.push({
        kind, seed, part, mutations: query.mutations, schema: ddl(schema), sql: final, original: sql, how: how.kind === 'leak' ? how.how : how.kind,
        verdicts: askSafely(final, environment, tally).references.map((each) => `${each.table.name}${each.reference.alias === undefined ? '' : ` ${each.reference.alias}`}: ${each.verdict} (${each.reason})`),
      });
    }
    onProgress?.(tally);
  }
  return { tally, disagreements };
}

function askSafely(sql: string, environment: ReturnType<typeof environmentOf>, tally: Tally): EngineAnswer {
  try {
    return ask(sql, environment);
  } catch (error) {
    tally.crashes += 1;
    if (tally.crashes < 4) process.stderr.write(`crash: ${String(error instanceof Error ? error.stack : error)}\n  ${sql}\n`);
    return { kind: 'unknown', references: [] };
  }
}

function record(tally: Tally, judgement: Judgement, answer: EngineAnswer, mutated: boolean): Disagreement['kind'] | undefined {
  const unknown = answer.kind === 'unknown' || answer.kind === 'unread';
  if (judgement.kind === 'leak') {
    tally.leaks += 1;
    if (answer.kind === 'flagged') tally.leaksFlagged += 1;
    else if (unknown) tally.leaksUnknown += 1;
    else tally.missed += 1;
    return answer.kind === 'scoped' ? 'missed' : undefined;
  }
  tally.clean += 1;
  if (!mutated) tally.cleanUnmutated += 1;
  if (answer.kind === 'scoped') tally.cleanScoped += 1;
  else if (unknown) tally.cleanUnknown += 1;
  else {
    tally.falseAlarms += 1;
    if (!mutated) tally.falseAlarmsUnmutated += 1;
    return 'false alarm';
  }
  return undefined;
}

async function differs(kind: Disagreement['kind'], tree: Node, judge: Judge, assignments: Assignments, environment: ReturnType<typeof environmentOf>): Promise<boolean> {
  const sql = print(tree);
  let answer: EngineAnswer;
  try {
    answer = ask(sql, environment);
  } catch {
    return false;
  }
  if (answer.kind !== (kind === 'missed' ? 'scoped' : 'flagged')) return false;
  const judgement = await judge.judge(sql, assignments);
  return judgement.kind === (kind === 'missed' ? 'leak' : 'no leak');
}

/** Takes parts away as long as the difference remains. */
async function minimal(tree: Node, edit: (node: Node) => Iterable<Node>, holds: (tree: Node) => Promise<boolean>): Promise<Node> {
  for (let steps = 0; steps < 60; steps += 1) {
    const next = await firstThat([...variants(tree, edit)].sort((a, b) => print(a).length - print(b).length), holds);
    if (next === undefined) return tree;
    tree = next;
  }
  return tree;
}

async function firstThat(candidates: readonly Node[], holds: (tree: Node) => Promise<boolean>): Promise<Node | undefined> {
  for (const candidate of candidates) if (await holds(candidate)) return candidate;
  return undefined;
}

/** A disagreement as a text that can be read and tried by hand. */
export function describe(disagreement: Disagreement): string {
  const { kind, seed, part, mutations, schema, sql, how, verdicts, original } = disagreement;
  return `### ${kind} (seed ${seed}, part ${part}, mutations: ${mutations.join(', ') || 'none'})\n\n\`\`\`sql\n${schema}\n-- query\n${sql};\n\`\`\`\nPostgreSQL: ${how}\nEngine: ${verdicts.join('; ')}\nFrom: \`${original}\`\n`;
}
