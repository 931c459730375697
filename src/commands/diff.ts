/** Unchanged lines around a change. */
const CONTEXT = 3;

/**
 * What changed in a text, in the unified format that `patch` and `git apply` read.
 * Lines are matched greedily: right for insertions and small replacements, which is what edits of models are.
 */
export function unifiedDiff(file: string, before: string, after: string): string {
  const [a, b] = [before.split('\n'), after.split('\n')];
  const changes = changedRuns(a, b);
  if (changes.length === 0) return '';
  const hunks: Run[][] = [];
  for (const run of changes) {
    const last = hunks.at(-1)?.at(-1);
    if (last && run.a[0] - last.a[1] <= CONTEXT * 2) hunks.at(-1)!.push(run);
    else hunks.push([run]);
  }
  return [`--- a/${file}`, `+++ b/${file}`, ...hunks.flatMap((runs) => hunk(runs, a, b)), ''].join('\n');
}

/** Lines [from, to) of the old text that become lines [from, to) of the new one. */
interface Run {
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
}

function changedRuns(a: readonly string[], b: readonly string[]): Run[] {
  const runs: Run[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i++;
      j++;
      continue;
    }
    const [di, dj] = nextMatch(a, b, i, j);
    runs.push({ a: [i, i + di], b: [j, j + dj] });
    i += di;
    j += dj;
  }
  return runs;
}

/** The smallest steps after which two lines in a row agree again, or the texts end. */
function nextMatch(a: readonly string[], b: readonly string[], i: number, j: number): [number, number] {
  for (let sum = 1; sum <= a.length - i + b.length - j; sum++) {
    for (let di = 0; di <= sum; di++) {
      const dj = sum - di;
      if (i + di > a.length || j + dj > b.length) continue;
      if (a[i + di] === b[j + dj] && a[i + di + 1] === b[j + dj + 1]) return [di, dj];
    }
  }
  return [a.length - i, b.length - j];
}

function hunk(runs: readonly Run[], a: readonly string[], b: readonly string[]): string[] {
  const [first, last] = [runs[0]!, runs.at(-1)!];
  const start = Math.max(0, first.a[0] - CONTEXT);
  const end = Math.min(a.length, last.a[1] + CONTEXT);
  const lines: string[] = [];
  let at = start;
  for (const run of runs) {
    lines.push(...a.slice(at, run.a[0]).map((line) => ` ${line}`), ...a.slice(...run.a).map((line) => `-${line}`), ...b.slice(...run.b).map((line) => `+${line}`));
    at = run.a[1];
  }
  lines.push(...a.slice(at, end).map((line) => ` ${line}`));
  // A text that ends in a line break has no last line.
  const shown = end === a.length && a.at(-1) === '' && lines.at(-1) === ' ' ? lines.slice(0, -1) : lines;
  const count = (marks: string) => shown.filter((line) => marks.includes(line[0]!)).length;
  const newStart = first.b[0] - (first.a[0] - start);
  return [`@@ -${start + 1},${count(' -')} +${newStart + 1},${count(' +')} @@`, ...shown];
}
