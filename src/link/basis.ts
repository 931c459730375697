import { hashOf } from '../cache/pack.js';
import type { FileFacts } from '../facts/file.js';
import type { ModelTable } from '../facts/schema.js';
import type { Sources } from './index.js';

/**
 * All that the schema of a project is made from, as one text: where it is the same, so are its tables, and what is said of the same query.
 * @param files with what the migrations in code do
 * @param inCode the models that code declares
 * @returns undefined where something of it is no plain data
 */
export function basisOf({ config, discovery, outside }: Sources, files: ReadonlyMap<string, FileFacts>, inCode: readonly ModelTable[]): string | undefined {
  const found = { ...discovery, files: discovery.files.filter(({ role }) => role.type !== 'source') };
  const all = [...files.values()];
  const texts = all.flatMap(({ file, code }) => (code === undefined ? [[file, outside.text?.(file)]] : []));
  const said = all.flatMap((facts) => (facts.code !== undefined && shapes(facts) ? [{ ...facts, code: undefined }] : []));
  try {
    return hashOf(JSON.stringify([config, found, texts, said, inCode], (_, value: unknown) => plain(value))).toString('hex');
  } catch {
    return undefined;
  }
}

/** @throws TypeError for what JSON would leave out */
function plain(value: unknown): unknown {
  if (value instanceof Set || value instanceof Map) return [...value as Iterable<unknown>];
  if (typeof value === 'function' || (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype)) throw new TypeError('no plain data');
  return value;
}

/** Whether a file of code says anything of the schema by itself. */
function shapes({ role, statements, models, down }: FileFacts): boolean {
  return role.type !== 'source' || statements.length > 0 || models.length > 0 || down !== undefined;
}
