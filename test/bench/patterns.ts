// Regular expressions whose time may grow faster than the text: `npx tsx test/bench/patterns.ts [PART OF]` tries each of the sources on repetitions of what stands in it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '../..');
const [part = '0', of = '1'] = process.argv.slice(2);

/** A linear one takes four times as long on the second. */
const SIZES = [1500, 6000] as const;
const TOO_MUCH = 7;
/** Shorter times say nothing. */
const [SHORT_MS, LONG_MS] = [0.6, 8];
const CHARACTERS = [' ', '\n', '\t', 'a', '_', '1', '"', "'", '`', '(', ')', '/', '*', '-', '.', ',', '$', '\\', '{', ':', '@', 'A', '#', '<', '|', '='];
const PAIRS = ['a ', ' \n', 'a.', 'a,', '--', '/*', '""', "''", '$$', '()'];
const TAILS = ['\u0001', '!x'];

interface Found { readonly at: string; readonly pattern: RegExp }

function patternsOf(file: string): Found[] {
  const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const found: Found[] = [];
  const walk = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      found.push({ at: `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`, pattern: new RegExp(node.text.slice(1, end), node.text.slice(end + 1)) });
    }
    ts.forEachChild(node, walk);
  };
  walk(source);
  return found;
}

/** Starts, and what comes again and again behind them. */
function repetitions({ source }: RegExp): (readonly [start: string, again: string])[] {
  const words = [...new Set([...source.matchAll(/[a-zA-Z_]{2,}/g)].map(([word]) => word).filter((word) => !/^u[0-9a-f]{4}$/.test(word)))].slice(0, 6);
  const characters = CHARACTERS.filter((each) => /\\s|\\w|\.|\[/.test(source) || source.includes(each));
  const starts = ['', ...words.slice(0, 2).map((word) => `${word} `), '"', "'", '/*', '(', '{', 'a', '$a$'];
  return [...characters, ...words, ...PAIRS, ...words.map((word) => `${word} `)].flatMap((again) => starts.map((start) => [start, again] as const));
}

function milliseconds(pattern: RegExp, text: string): number {
  pattern.lastIndex = 0;
  const start = performance.now();
  if (pattern.global) text.replace(pattern, '');
  else pattern.test(text);
  return performance.now() - start;
}

/** The worst of the repetitions in words; undefined: none of them is slow. */
function slowest(pattern: RegExp): string | undefined {
  let worst: { time: number; words: string } | undefined;
  for (const [start, again] of repetitions(pattern)) {
    for (const tail of TAILS) {
      const [short, long] = SIZES.map((size) => start + again.repeat(Math.ceil(size / again.length)) + tail) as [string, string];
      const before = milliseconds(pattern, short);
      if (before < SHORT_MS) continue;
      const after = Math.min(milliseconds(pattern, long), milliseconds(pattern, long));
      if (after > LONG_MS && after / before > TOO_MUCH && after > (worst?.time ?? 0)) worst = { time: after, words: `${JSON.stringify([start, again, tail])}: ${before.toFixed(1)} ms, then ${after.toFixed(1)} ms` };
    }
  }
  return worst?.words;
}

const files = ['src', 'rules', 'eslint-plugin/src'].flatMap((folder) => (readdirSync(join(ROOT, folder), { recursive: true }) as string[]).filter((name) => name.endsWith('.ts')).map((name) => join(folder, name)));
const patterns = files.flatMap(patternsOf).filter((_, index) => index % Number(of) === Number(part));
for (const { at, pattern } of patterns) {
  const words = slowest(pattern);
  if (words !== undefined) process.stdout.write(`${at} ${String(pattern).slice(0, 140)} ${words}\n`);
}
process.stdout.write(`${patterns.length} patterns\n`);
