import type { CodeModule } from '../../../facts/code.js';
import type { Context } from '../library.js';
import type { FunctionValue } from '../values.js';

/** Short ways to search a project for functions that do something, and to see what that is. */

/** The functions of the files of a language whose text says something. */
export function functionsWhere(language: CodeModule['language'], says: RegExp, ctx: Context): readonly FunctionValue[] {
  return ctx.journal.filesWith(says).filter((file) => ctx.modules.get(file)?.language === language).flatMap((file) => ctx.functionsOf(file));
}

/** A text as a part of a regular expression that means it. */
export function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** What work adds under a key of a collection while it runs. */
export function collected<T>(collection: Map<string, T[]>, key: string, work: () => void): readonly T[] {
  const found: T[] = [];
  collection.set(key, found);
  work();
  collection.delete(key);
  return found;
}
