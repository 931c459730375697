import type { ModelTable } from '../../facts/schema.js';
import { Declarations, Registry } from './journal.js';
import type { Context } from './library.js';
import type { FunctionValue } from './values.js';

type Stored = Pick<Context, 'store'>;

/** What is kept under a name for the whole project, made when it is first asked for. */
export function stored<T>({ store }: Stored, key: string, make: () => T): T {
  if (!store.has(key)) store.set(key, make());
  return store.get(key) as T;
}

/** The models found in code, by `file:start` of their declaration. */
export function modelsInCode(ctx: Pick<Context, 'store' | 'journal'>): Map<string, ModelTable> {
  return stored(ctx, 'models', () => new Declarations<string, ModelTable>(ctx.journal));
}

/** Models that know by themselves which model a relation's name means: those of a migration are of its time. */
export function relatives(ctx: Stored): WeakMap<ModelTable, (name: string) => ModelTable | undefined> {
  return stored(ctx, 'relatives', () => new WeakMap<ModelTable, (name: string) => ModelTable | undefined>());
}

/** Handlers that another function has made around the project's own, by the file that gives them to a framework: each is entered, as of all that it makes one alone would be. */
export function wrappedHandlers(ctx: Pick<Context, 'store' | 'journal'>): Map<string, FunctionValue[]> {
  return stored(ctx, 'wrapped handlers', () => new Registry<string, FunctionValue[]>(ctx.journal));
}

/** The files of the project's migrations. */
export function migrationFiles(ctx: Stored): ReadonlySet<string> {
  return stored(ctx, 'migrations', () => new Set<string>());
}

/** Marks a thing as being worked on. @returns false when it is already: it asks about itself */
export function begin(ctx: Stored, key: string, thing: object): boolean {
  const begun = stored(ctx, key, () => new Set<object>());
  if (begun.has(thing)) return false;
  begun.add(thing);
  return true;
}

/** The work on a thing is done. */
export function end(ctx: Stored, key: string, thing: object): void {
  (ctx.store.get(key) as Set<object> | undefined)?.delete(thing);
}
