import { createRequire } from 'node:module';
import type * as Oxc from 'oxc-parser';
import { entryOf } from '../../entry.js';
type Binding = typeof Oxc;
type Dialect = 'jsx' | 'ts' | 'tsx';

export type Parsed =
  | { readonly ok: true; readonly program: Oxc.Program; readonly comments: readonly Oxc.Comment[] }
  | { readonly ok: false; readonly reason: string; readonly at: number };

let loaded: Binding | string | undefined;

/** Loaded at the first file that needs it: a project of SQL alone does not pay for it, nor fail without it. */
function load(): Binding | string {
  if (loaded === undefined) {
    try {
      loaded = createRequire(import.meta.url)('oxc-parser') as Binding;
    } catch (error) {
      const [line] = String(error instanceof Error ? error.message : error).split('\n');
      loaded = `TypeScript and JavaScript are not read: the parser oxc-parser cannot be loaded on ${process.platform}-${process.arch} (${line})`;
    }
  }
  return loaded;
}

const DIALECTS: Readonly<Record<string, readonly Dialect[]>> = {
  // A .ts file with a comparison in angle brackets may only be read so; one of JavaScript may hold types all the same (Flow, a framework's own).
  ts: ['ts', 'tsx'], mts: ['ts'], cts: ['ts'], tsx: ['tsx'], js: ['jsx', 'tsx', 'ts'], jsx: ['jsx', 'tsx'], mjs: ['jsx', 'ts'], cjs: ['jsx', 'ts'],
};

/**
 * Parses TypeScript or JavaScript; errors after which the parser could go on do not count.
 * @param extension of the file, without its dot: it decides the dialect
 */
export function parseProgram(text: string, extension: string): Parsed {
  const oxc = load();
  if (typeof oxc === 'string') return { ok: false, reason: oxc, at: 0 };
  let first: Oxc.OxcError | undefined;
  for (const lang of entryOf(DIALECTS, extension) ?? DIALECTS['ts']!) {
    const result = oxc.parseSync(`file.${lang}`, text, { lang, astType: 'ts', preserveParens: false, sourceType: extension === 'cjs' || extension === 'cts' ? 'commonjs' : 'module' });
    const { program, errors } = result;
    // A tree without statements after an error: the parser gave up.
    if (errors.length === 0 || program.body.length > 0) return { ok: true, program, comments: result.comments };
    first ??= errors[0];
  }
  return { ok: false, reason: `syntax error: ${first!.message}`, at: first!.labels[0]?.start ?? 0 };
}
