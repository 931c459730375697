import type { Input } from './input.js';
import { tokensOf } from './mutate.js';
import type { Problem } from './properties.js';

const MOST_TRIES = 300;
const MOST_MS = 120_000;
/** Of work: each try of what has no end takes as long. */
const MOST_SECONDS_A_TRY = 8;

/** What tries an input. */
export interface Tries {
  problems(input: Input, mostSeconds?: number): Promise<Problem[]>;
}

/** The smallest input that is found in a limited time to show the same problem: fewer files changed, then fewer tokens in them. */
export async function minimise(trial: Tries, input: Input, key: string): Promise<Input> {
  let tries = 0;
  const until = Date.now() + MOST_MS;
  const shows = async (candidate: Input): Promise<boolean> =>
    Date.now() < until && tries++ < MOST_TRIES && (await trial.problems(candidate, MOST_SECONDS_A_TRY)).some((problem) => problem.key === key);
  let best = input;
  for (const path of input.changed.keys()) {
    const fewer = { ...best, changed: new Map([...best.changed].filter(([each]) => each !== path)) };
    if (fewer.changed.size > 0 && await shows(fewer)) best = fewer;
  }
  for (const path of best.changed.keys()) {
    const text = best.changed.get(path)!;
    const withText = (tokens: readonly (string | number)[]): Input => ({ ...best, changed: new Map([...best.changed, [path, typeof text === 'string' ? tokens.join('') : Buffer.from(tokens as number[])]]) });
    const kept = await reduce<string | number>(typeof text === 'string' ? tokensOf(text) : [...text], (tokens) => shows(withText(tokens)));
    best = withText(kept);
  }
  return best;
}

/** Takes runs of things away, long ones first, as long as the rest still shows it. */
async function reduce<T>(all: readonly T[], shows: (some: readonly T[]) => Promise<boolean>): Promise<readonly T[]> {
  let kept = all;
  for (let size = Math.ceil(all.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < kept.length;) {
      const fewer = [...kept.slice(0, at), ...kept.slice(at + size)];
      if (await shows(fewer)) kept = fewer;
      else at += size;
    }
  }
  return kept;
}
