import { ask, environmentOf, type EngineAnswer, type EngineUse } from './engine.js';
import { assignmentsFor, type Assignments, type Judge, type Judgement } from './execute.js';
import { generateQuery, randomFor, type OracleQuery } from './generate.js';
import { Isolation } from './isolate.js';
import { minimal } from './minimise.js';
import { ddl, generateSchema, type OracleSchema } from './schema.js';
import { generateStates } from './states.js';
import { searchLeaks, type Silent } from './search.js';
import { Tally } from './tally.js';
import { print, simplify, simplifyRight, type Node } from './tree.js';

/** The engine and PostgreSQL differ about a query. */
export interface Disagreement {
  /** missed: it leaks and the engine calls it scoped; false alarm: the engine flags it and nothing shows a leak. */
  readonly kind: 'missed' | 'false alarm';
  /** The use of a table that it is about; absent: the query as a whole. */
  readonly use?: string;
  readonly seed: number;
  readonly part: number;
  readonly mutations: readonly string[];
  readonly schema: string;
  readonly sql: string;
  readonly original: string;
  readonly how: string;
  readonly verdicts: readonly string[];
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
  /** Judge the uses of tables in every so many queries; 1 unless said otherwise. */
  readonly usesEvery?: number;
  /** Search long for the leaks of flagged uses that show none: what is left is flagged without need. */
  readonly deep?: boolean;
  readonly onProgress?: (run: Run) => void;
}

const QUERIES_PER_SCHEMA = 100;

/** Generates queries, asks PostgreSQL and the engine about each and about each use of a table in it, and collects where they differ. */
export async function compare(judge: Judge, options: RunOptions): Promise<Run> {
  const { seed, count, from = 0, onProgress } = options;
  const tally = new Tally();
  const disagreements: Disagreement[] = [];
  for (let part = from; tally.queries < count; part += 1) {
    const random = randomFor(seed, part);
    const schema = generateSchema(random);
    const states = generateStates(schema, random);
    await judge.load(schema, states);
    const place = new Place(judge, schema, seed, part, options, tally, disagreements);
    await place.load();
    for (let index = 0; index < QUERIES_PER_SCHEMA && tally.queries < count; index += 1) {
      const query = generateQuery(schema, random);
      await place.compare(query, assignmentsFor(query.hints, states, random));
    }
    await place.finish();
    onProgress?.({ tally, disagreements });
  }
  return { tally, disagreements };
}

/** A flagged query, until it is known which of its uses leak. */
interface Flagged {
  readonly query: OracleQuery;
  readonly shown: boolean;
  readonly silent: readonly Silent[];
  readonly judgeUse: UsesJudge;
}

type UsesJudge = (sql: string, uses: readonly EngineUse[]) => Promise<Judgement>;

/** One schema, on which queries are compared. */
class Place {
  private readonly environment: ReturnType<typeof environmentOf>;
  private readonly worlds: Isolation;
  /** More worlds, for what shows nothing in the first ones. */
  private readonly more: Isolation;
  private hasMore = false;
  private readonly flagged: Flagged[] = [];

  constructor(
    private readonly judge: Judge, private readonly schema: OracleSchema, private readonly seed: number, private readonly part: number,
    private readonly options: RunOptions, private readonly tally: Tally, private readonly disagreements: Disagreement[],
  ) {
    this.environment = environmentOf(schema);
    // Its own choices: the queries of a seed stay the same.
    const random = randomFor(seed ^ 0x5bd1e995, part);
    this.worlds = new Isolation(judge, schema, random, { name: 'world', count: 2, variants: 3 });
    this.more = new Isolation(judge, schema, random, { name: 'more', count: 3, variants: 5 });
  }

  async load(): Promise<void> {
    await this.worlds.load();
  }

  async compare(query: OracleQuery, assignments: Assignments): Promise<void> {
    const sql = print(query.tree);
    const judgement = await this.judge.judge(sql, assignments);
    if (judgement.kind === 'invalid') {
      this.tally.invalid += 1;
      return;
    }
    const mutated = query.mutations.length > 0;
    const answer = this.ask(sql);
    this.tally.query(judgement, answer, mutated);
    if (judgement.kind === 'leak' && answer.kind === 'scoped') await this.report(query, 'missed', undefined, (tree) => this.isMissed(tree, assignments));
    if (this.tally.queries % (this.options.usesEvery ?? 1) !== 0) {
      if (!mutated && answer.kind === 'flagged' && judgement.kind === 'no leak') this.tally.falseAlarm(false);
      return;
    }
    const judgeUse = this.judgeOf(query);
    let shown = judgement.kind === 'leak';
    const silent: Silent[] = [];
    const scoped = answer.uses.filter((use) => use.kind === 'scoped');
    // What is pinned stays so together: only where something shows is each asked for itself.
    const together = scoped.length > 0 ? await judgeUse(sql, scoped) : undefined;
    for (const use of answer.uses) {
      const judged = use.kind === 'scoped' && together?.kind === 'no leak' ? together : await judgeUse(sql, [use]);
      this.tally.use(judged, use, mutated);
      if (judged.kind === 'leak' && use.kind === 'scoped') await this.report(query, 'missed', use, (tree) => this.usesDiffer(tree, use, 'scoped', judgeUse));
      if (use.kind !== 'flagged') continue;
      if (judged.kind === 'no leak') silent.push({ query, sql, use });
      else shown = true;
    }
    if (answer.kind === 'flagged') this.flagged.push({ query, shown, silent, judgeUse });
  }

  /** Decides about what was flagged and has shown nothing, and reports it. */
  async finish(): Promise<void> {
    const silent = this.flagged.flatMap((each) => each.silent);
    const left = new Set(this.options.deep === true ? await searchLeaks(this.judge, this.schema, silent, randomFor(this.seed ^ 0x2545f491, this.part)) : silent);
    for (const { query, shown, silent: own, judgeUse } of this.flagged) {
      const mutated = query.mutations.length > 0;
      const safe = own.filter((each) => left.has(each));
      for (let index = safe.length; index < own.length; index += 1) this.tally.leaksAfterAll(mutated);
      if (!shown && safe.length === own.length) this.tally.falseAlarm(mutated);
      if (mutated && this.options.all !== true) continue;
      for (const { use } of safe) await this.report(query, 'false alarm', use, (tree) => this.usesDiffer(tree, use, 'flagged', judgeUse));
    }
  }

  /** Judges the uses of one query, each with the same parameters. */
  private judgeOf({ hints }: OracleQuery): UsesJudge {
    const first = this.worlds.assignments(hints);
    const later = this.more.assignments(hints);
    return async (sql, uses) => {
      const judged = await this.worlds.verdict(sql, uses, first);
      if (judged.kind !== 'no leak' || uses[0]!.kind !== 'flagged') return judged;
      if (!this.hasMore) await this.more.load();
      this.hasMore = true;
      return this.more.verdict(sql, uses, later);
    };
  }

  private ask(sql: string): EngineAnswer {
    try {
      return ask(sql, this.environment);
    } catch (error) {
      this.tally.crashes += 1;
      if (this.tally.crashes < 4) process.stderr.write(`crash: ${String(error instanceof Error ? error.stack : error)}\n  ${sql}\n`);
      return { kind: 'unknown', uses: [] };
    }
  }

  private async isMissed(tree: Node, assignments: Assignments): Promise<Judgement | undefined> {
    const sql = print(tree);
    if (this.ask(sql).kind !== 'scoped') return undefined;
    const judged = await this.judge.judge(sql, assignments);
    return judged.kind === 'leak' ? judged : undefined;
  }

  private async usesDiffer(tree: Node, use: EngineUse, kind: EngineUse['kind'], judgeUse: UsesJudge): Promise<Judgement | undefined> {
    const sql = print(tree);
    const same = this.ask(sql).uses.find((each) => each.alias === use.alias && each.table === use.table);
    if (same?.kind !== kind) return undefined;
    const judged = await judgeUse(sql, [same]);
    return judged.kind === (kind === 'scoped' ? 'leak' : 'no leak') ? judged : undefined;
  }

  private async report(query: OracleQuery, kind: Disagreement['kind'], use: EngineUse | undefined, differs: (tree: Node) => Promise<Judgement | undefined>): Promise<void> {
    const found = this.disagreements.filter((each) => each.kind === kind).length;
    const tree = found < this.options.minimise ? await minimal(query.tree, kind === 'missed' ? simplify : simplifyRight, differs) : query.tree;
    const how = await differs(tree);
    const sql = print(tree);
    this.disagreements.push({
      kind, ...(use === undefined ? {} : { use: nameOf(use) }), seed: this.seed, part: this.part, mutations: query.mutations, schema: ddl(this.schema), sql, original: print(query.tree),
      how: how?.kind === 'leak' ? how.how : how?.kind ?? 'not the same again', verdicts: this.ask(sql).uses.map((each) => `${nameOf(each)}: ${each.verdicts.map(({ verdict, reason, tenantList }) => `${verdict}${tenantList === true ? ' list' : ''} (${reason})`).join(' and ')}`),
    });
  }
}

const nameOf = ({ table, alias }: EngineUse): string => `${table}${alias === undefined ? '' : ` ${alias}`}`;

/** A disagreement as a text that can be read and tried by hand. */
export function describe(disagreement: Disagreement): string {
  const { kind, use, seed, part, mutations, schema, sql, how, verdicts, original } = disagreement;
  return `### ${kind}${use === undefined ? '' : ` of ${use}`} (seed ${seed}, part ${part}, mutations: ${mutations.join(', ') || 'none'})\n\n\`\`\`sql\n${schema}\n-- query\n${sql};\n\`\`\`\nPostgreSQL: ${how}\nEngine: ${verdicts.join('; ')}\nFrom: \`${original}\`\n`;
}
