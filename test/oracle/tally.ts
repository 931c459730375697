import type { EngineAnswer, EngineUse } from './engine.js';
import type { Judgement } from './execute.js';

/** What was counted. A use is one reference of a table of tenants in a query, judged apart from all others. */
export class Tally {
  queries = 0;
  invalid = 0;
  leaks = 0;
  clean = 0;
  /** Leaks: what the engine said. */
  leaksFlagged = 0;
  leaksUnknown = 0;
  missed = 0;
  /** No leak: what the engine said. */
  cleanScoped = 0;
  cleanUnknown = 0;
  cleanUnmutated = 0;
  /** Flagged queries of which neither the whole nor any flagged use shows a leak. */
  falseAlarms = 0;
  /** Those among queries that were not mutated: certainly wrong. */
  falseAlarmsUnmutated = 0;
  uses = 0;
  usesInvalid = 0;
  usesLeak = 0;
  usesMissed = 0;
  usesUnknown = 0;
  usesScoped = 0;
  /** Flagged uses that show no leak in any world. */
  usesFlagged = 0;
  usesFlaggedUnmutated = 0;
  crashes = 0;

  /** Counts a whole query. */
  query(judgement: Judgement, answer: EngineAnswer, mutated: boolean): void {
    this.queries += 1;
    const unknown = answer.kind === 'unknown' || answer.kind === 'unread';
    if (judgement.kind === 'leak') {
      this.leaks += 1;
      if (answer.kind === 'flagged') this.leaksFlagged += 1;
      else if (unknown) this.leaksUnknown += 1;
      else this.missed += 1;
      return;
    }
    this.clean += 1;
    if (!mutated) this.cleanUnmutated += 1;
    if (answer.kind === 'scoped') this.cleanScoped += 1;
    else if (unknown) this.cleanUnknown += 1;
  }

  /** Counts one use. */
  use(judgement: Judgement, { kind }: EngineUse, mutated: boolean): void {
    this.uses += 1;
    if (judgement.kind === 'invalid') this.usesInvalid += 1;
    else if (kind === 'unknown') this.usesUnknown += 1;
    else if (judgement.kind === 'leak') {
      this.usesLeak += 1;
      if (kind === 'scoped') this.usesMissed += 1;
    } else if (kind === 'scoped') this.usesScoped += 1;
    else {
      this.usesFlagged += 1;
      if (!mutated) this.usesFlaggedUnmutated += 1;
    }
  }

  /** A flagged use that showed nothing at first. */
  leaksAfterAll(mutated: boolean): void {
    this.usesLeak += 1;
    this.usesFlagged -= 1;
    if (!mutated) this.usesFlaggedUnmutated -= 1;
  }

  /** Counts a flagged query that shows nothing. */
  falseAlarm(mutated: boolean): void {
    this.falseAlarms += 1;
    if (!mutated) this.falseAlarmsUnmutated += 1;
  }
}
