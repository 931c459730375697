import type { Random } from '../oracle/random.js';
import { hostilePieces, NAMES, type FuzzLanguage } from './hostile.js';

/** What a mutation may use. */
export interface Given {
  readonly random: Random;
  readonly language: FuzzLanguage;
  /** Another text of the same language. */
  readonly donor: string;
}

type Mutation = (tokens: string[], given: Given) => string[];

const LONGEST = 120_000;

/** Tokens that hardly any language would disagree about: words, spaces, single signs. Joined they are the text. */
export function tokensOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}_]+|[^\S\n]+|\n|[^]/gu) ?? [];
}

function span(tokens: readonly string[], random: Random, most = 30): [number, number] {
  const start = random.integer(0, tokens.length);
  return [start, Math.min(tokens.length, start + random.integer(0, random.chance(0.1) ? tokens.length : most))];
}

function wordAt(tokens: readonly string[], random: Random): number {
  const words = tokens.flatMap((token, index) => (/^[\p{L}\p{N}_]/u.test(token) ? [index] : []));
  return words.length === 0 ? random.integer(0, Math.max(0, tokens.length - 1)) : random.pick(words);
}

function lineSpan(tokens: readonly string[], random: Random): [number, number] {
  const ends = [-1, ...tokens.flatMap((token, index) => (token === '\n' ? [index] : []))];
  const at = random.integer(0, ends.length - 1);
  return [ends[at]! + 1, (ends[at + 1] ?? tokens.length - 1) + 1];
}

const replaced = (tokens: readonly string[], [from, to]: readonly [number, number], by: readonly string[]): string[] => [...tokens.slice(0, from), ...by, ...tokens.slice(to)];
/** Few are long: most of what goes wrong is small, and a long text takes the time of a hundred short ones. */
const REPEATS = [[6, 2], [6, 3], [6, 10], [4, 60], [2, 300], [1, 2000], [0.3, 12_000]] as const;

const MUTATIONS: readonly (readonly [number, Mutation])[] = [
  [6, (tokens, { random }) => replaced(tokens, span(tokens, random), [])],
  [4, (tokens, { random }) => replaced(tokens, lineSpan(tokens, random), [])],
  [4, (tokens, { random }) => { const [from, to] = span(tokens, random); return replaced(tokens, [to, to], tokens.slice(from, to)); }],
  [3, (tokens, { random }) => { const [from, to] = lineSpan(tokens, random); const at = lineSpan(tokens, random)[0]; return replaced(tokens, [at, at], tokens.slice(from, to)); }],
  [5, (tokens, { random }) => { const [a, b] = [wordAt(tokens, random), wordAt(tokens, random)]; return tokens.map((token, index) => (index === a ? tokens[b]! : index === b ? tokens[a]! : token)); }],
  [6, (tokens, { random }) => { const at = wordAt(tokens, random); return replaced(tokens, [at, at + 1], [tokens[wordAt(tokens, random)] ?? '']); }],
  [5, (tokens, { random }) => { const at = wordAt(tokens, random); return replaced(tokens, [at, at + 1], [random.pick(NAMES)]); }],
  [3, (tokens, { random }) => { const [name, word] = [random.pick(NAMES), tokens[wordAt(tokens, random)]]; return tokens.map((token) => (token === word ? name : token)); }],
  [8, (tokens, { random, language }) => { const at = random.integer(0, tokens.length); return replaced(tokens, [at, at], [random.pick(hostilePieces(language))]); }],
  [4, (tokens, { random, language }) => { const at = random.integer(0, tokens.length); return replaced(tokens, [at, at + 1], [random.pick(hostilePieces(language))]); }],
  [6, (tokens, { random, donor }) => { const other = tokensOf(donor); const [from, to] = span(other, random, 60); return replaced(tokens, span(tokens, random, 5), other.slice(from, to)); }],
  [2, (tokens, { random, donor }) => { const other = tokensOf(donor); return [...tokens.slice(0, random.integer(0, tokens.length)), ...other.slice(random.integer(0, other.length))]; }],
  [3, (tokens, { random }) => tokens.slice(0, random.integer(0, tokens.length))],
  [2, (tokens, { random }) => { const [from, to] = span(tokens, random, 6); return replaced(tokens, [from, to], [tokens.slice(from, to).join('').repeat(random.weighted(REPEATS))]); }],
  [3, (tokens, { random }) => {
    const [open, close] = random.pick([['(', ')'], ['[', ']'], ['{', '}'], ['not (', ')'], ['(select ', ')'], ['begin ', ' end;'], ['case when ', ' then 1 end'], ['/*', '*/'], ['f(', ')'], ['if (', ')'], ['`${', '}`'], ['<a>', '</a>'], ['lambda: (', ')']] as const);
    const times = random.weighted(REPEATS);
    const [from, to] = span(tokens, random);
    return replaced(tokens, [from, to], [open.repeat(times), ...tokens.slice(from, to), close.repeat(random.chance(0.8) ? times : times - 1)]);
  }],
  [2, (tokens, { random }) => { const by = random.pick(['', '\r\n', '\r', '\t', '\u00a0', '\n\n', ' /* */ ']); return tokens.map((token) => (/^\s+$/.test(token) && random.chance(0.3) ? by : token)); }],
  [2, (tokens, { random }) => { const upper = random.chance(0.5); return tokens.map((token) => (random.chance(0.3) ? upper ? token.toUpperCase() : token.toLowerCase() : token)); }],
];

/** Some mutations of a text by its tokens. */
export function mutateText(text: string, given: Given): string {
  let tokens = tokensOf(text);
  for (let left = given.random.weighted([[5, 1], [3, 2], [2, 4], [1, 12]] as const); left > 0 && tokens.length > 0; left -= 1) {
    tokens = given.random.weighted(MUTATIONS)(tokens, given);
    const result = tokens.join('');
    tokens = tokensOf(result.length > LONGEST ? result.slice(0, LONGEST) : result);
  }
  return tokens.join('');
}

const BYTES = [0, 1, 9, 10, 13, 27, 34, 36, 39, 40, 41, 45, 47, 92, 96, 123, 125, 127, 128, 155, 0xc0, 0xed, 0xef, 0xf4, 0xfe, 0xff];

/** Some mutations of a text by its bytes; what comes out need not be UTF-8. */
export function mutateBytes(text: string, { random }: Given): Buffer {
  if (random.chance(0.05)) return Buffer.from(`${random.chance(0.5) ? '\ufeff' : ''}${text}`, random.chance(0.8) ? 'utf16le' : 'latin1');
  let bytes = Buffer.from(text);
  for (let left = random.weighted([[4, 1], [3, 3], [1, 20]] as const); left > 0 && bytes.length > 0; left -= 1) {
    const at = random.integer(0, bytes.length - 1);
    const choice = random.integer(0, 4);
    const some = Buffer.from(Array.from({ length: random.integer(1, 6) }, () => (random.chance(0.5) ? random.pick(BYTES) : random.integer(0, 255))));
    if (choice === 0) bytes[at]! ^= 1 << random.integer(0, 7);
    else if (choice === 1) bytes[at] = random.pick(BYTES);
    else if (choice === 2) bytes = Buffer.concat([bytes.subarray(0, at), some, bytes.subarray(at)]);
    else if (choice === 3) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + random.integer(1, 40)))]);
    else bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(random.integer(0, bytes.length - 1))]);
    if (bytes.length > LONGEST) bytes = bytes.subarray(0, LONGEST);
  }
  return bytes;
}

const VALUES: readonly unknown[] = [null, true, false, 0, -1, 1.5, 1e308, '', 'x', 'account_id', '../../../../etc/passwd', '/etc/passwd', '**', '[', '(?:', '*'.repeat(40), '__proto__', [], [[]], {}, [null], { x: 1 }, ['account_id', 'org_id'], 'error', 'off', ['error', {}], 'migrations', '.', '..', '\0', '\u001b[2J'];

/** A value of JSON with something in it changed: another type, a key less, a key more. */
export function mutateJson(value: unknown, random: Random): unknown {
  if (random.chance(0.15) || typeof value !== 'object' || value === null) return random.pick(VALUES);
  if (Array.isArray(value)) {
    if (value.length === 0 || random.chance(0.2)) return [...value as unknown[], random.pick(VALUES)];
    const at = random.integer(0, value.length - 1);
    if (random.chance(0.2)) return value.filter((_, index) => index !== at);
    if (random.chance(0.2)) return [...value as unknown[], value[at]];
    return value.map((each: unknown, index) => (index === at ? mutateJson(each, random) : each));
  }
  const entries = Object.entries(value);
  if (entries.length === 0 || random.chance(0.2)) return Object.fromEntries([...entries, [random.pick([...NAMES, 'tenant', 'tables', 'queries', 'rules', 'migrations', 'dir']), random.pick(VALUES)]]);
  const at = random.integer(0, entries.length - 1);
  if (random.chance(0.15)) return Object.fromEntries(entries.filter((_, index) => index !== at));
  if (random.chance(0.1)) return Object.fromEntries(entries.map(([key, each], index) => [index === at ? random.pick(NAMES) : key, each as unknown]));
  return Object.fromEntries(entries.map(([key, each], index) => [key, index === at ? mutateJson(each, random) : each as unknown]));
}
