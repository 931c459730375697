import type { FileFacts } from '../../facts/file.js';
import type { Interpolation } from '../project.js';
import { singleEffects } from './effects.js';
import type { Effect } from './library.js';
import type { CodeProgram } from './program.js';

/** The files, with what the migrations written in code do as their statements. `order`: the migrations in the order they run. */
export function withCodeMigrations(files: ReadonlyMap<string, FileFacts>, code: CodeProgram, order: readonly string[]): { files: ReadonlyMap<string, FileFacts>; interpolations: Interpolation[] } {
  const found = code.migrations(order);
  if (found.size === 0) return { files, interpolations: [] };
  const all = new Map([...files].map(([path, facts]) => {
    const effects = found.get(path);
    return [path, effects === undefined ? facts : { ...facts, statements: effects.up, ...(effects.down && { down: effects.down }) }] as const;
  }));
  return { files: all, interpolations: [...found.values()].flatMap(({ effects }) => interpolationsOf(effects)) };
}

/** Text that is not constant and was pasted into SQL, at any depth; each place once. */
export function interpolationsOf(effects: readonly Effect[]): Interpolation[] {
  const found = new Map<string, Interpolation>();
  for (const each of singleEffects(effects)) {
    if (each.kind === 'interpolation') found.set(`${each.location.file}:${each.location.start}`, { location: each.location, expression: each.written || 'A value', statement: each.statement });
  }
  return [...found.values()];
}
