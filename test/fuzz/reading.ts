import { decode } from '../../src/discover/read.js';
import { languageOf } from '../../src/discover/language.js';
import type { FileRole } from '../../src/facts/file.js';
import { parseFile } from '../../src/parse/index.js';
import { fuzzLanguage } from './hostile.js';
import { hiddenBug, thrown, type Problem } from './properties.js';

const roleOf = (path: string): FileRole => {
  if (/migrations?\/|alembic\/|drizzle\//.test(path)) return { type: 'migration', kind: 'sql', source: 0, direction: 'up' };
  if (path.endsWith('.prisma')) return { type: 'model' };
  return { type: path.endsWith('.sql') ? 'query' : 'source' };
};

/** What is wrong with reading one file by itself: the first stage, on which most input goes wrong and which takes a tenth of the time. */
export function problemsOfReading(path: string, content: string | Buffer): Problem[] {
  if (['json', 'text'].includes(fuzzLanguage(path))) return [];
  const { text } = decode(path, Buffer.from(content));
  if (text === undefined) return [];
  try {
    const facts = parseFile({ path, language: languageOf(path), role: roleOf(path) }, text);
    return [...facts.notices.flatMap(hiddenBug), ...strays(facts, text.length)];
  } catch (error) {
    return [thrown('reading', error)];
  }
}

/** Locations of the facts, at any depth, that the file does not have. */
function strays(facts: object, length: number): Problem[] {
  const problems: Problem[] = [];
  const open: (readonly [value: unknown, path: string])[] = [[facts, '']];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [value, name] = next;
    if (typeof value !== 'object' || value === null) continue;
    if ('start' in value && 'end' in value && 'file' in value) {
      const { start, end } = value as { start: number; end: number };
      if (!(start >= 0 && end >= start && end <= length)) problems.push({ key: `a stray location: ${name}`, words: JSON.stringify(value) });
    } else for (const [key, inner] of value instanceof Map ? value as Map<string, unknown> : Object.entries(value)) open.push([inner, Array.isArray(value) ? name : String(key)]);
  }
  return problems;
}
