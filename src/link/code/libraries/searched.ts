import type { CodeModule } from '../../../facts/code.js';
import type { Context } from '../library.js';
import type { FunctionValue } from '../values.js';

/** Short ways to search a project for functions that do something, and to see what that is. */

/** The functions of the files of a language whose text says something. */
export function functionsWhere(language: CodeModule['language'], says: (text: string) => boolean, ctx: Context): readonly FunctionValue[] {
  return [...ctx.modules.values()].filter((module) => module.language === language && says(ctx.text(module.file) ?? '')).flatMap(({ file }) => ctx.functionsOf(file));
}

/** What work adds under a key of a collection while it runs. */
export function collected<T>(collection: Map<string, T[]>, key: string, work: () => void): readonly T[] {
  const found: T[] = [];
  collection.set(key, found);
  work();
  collection.delete(key);
  return found;
}
