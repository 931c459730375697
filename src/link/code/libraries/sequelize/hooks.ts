import type { Call, Context } from '../../library.js';
import { Registry } from '../../journal.js';
import { stored } from '../../store.js';
import { undefinedValue, type FunctionValue, type Value } from '../../values.js';
import type { CallSite } from '../entities/site.js';
import { option, textOf } from '../entities/given.js';
import type { Entity } from '../entities/registry.js';

/** Hooks of all models. */
const ALL = '*';

/** The hooks that may change what a query asks for or writes (Sequelize's manual, "Hooks"). */
const NAMES = ['beforeFind', 'beforeCount', 'beforeBulkUpdate', 'beforeBulkDestroy', 'beforeValidate', 'beforeCreate'] as const;
export type HookName = (typeof NAMES)[number];

function hooksOf(ctx: Context): Registry<string, readonly FunctionValue[]> {
  return stored(ctx, 'sequelize hooks', () => new Registry<string, readonly FunctionValue[]>(ctx.journal));
}

const ownerOf = (entity: Entity | undefined): string => entity?.name ?? ALL;

function add(owner: string, name: string, hook: Value | undefined, ctx: Context): void {
  const own = hook && ctx.read(hook);
  if (own?.kind !== 'function' || !(NAMES as readonly string[]).includes(name)) return;
  const hooks = hooksOf(ctx);
  const key = `${owner} ${name}`;
  const known = hooks.get(key) ?? [];
  if (!known.some((each) => each.function === own.function)) hooks.set(key, [...known, own]);
}

/**
 * `addHook('beforeFind', fn)`, `addHook('beforeFind', 'name', fn)`, `beforeFind(fn)`.
 * @param entity absent: of all models
 * @returns whether the call is one that adds a hook
 */
export function noteHook(entity: Entity | undefined, method: string, { arguments: { positional } }: Call, ctx: Context): boolean {
  const name = method === 'addHook' || method === 'hook' ? textOf(positional[0], ctx) : method;
  if (name === undefined || !/^(?:before|after)[A-Z]/.test(name)) return false;
  add(ownerOf(entity), name, positional.findLast((each) => ctx.read(each).kind === 'function'), ctx);
  return true;
}

/** `{ hooks: { beforeFind(options) { ... } } }` of a model's options. */
export function declareHooks(entity: Entity, options: Value | undefined, ctx: Context): void {
  const hooks = option(options, 'hooks', ctx);
  for (const name of hooks === undefined ? [] : NAMES) add(ownerOf(entity), name, option(hooks, name, ctx), ctx);
}

/** What the hooks of a model, and those of all models, make of the options of a query or of the values of a new row, which they are given a copy of. */
export function hooked(entity: Entity, names: readonly HookName[], given: Value | undefined, { location, ctx }: CallSite): Value | undefined {
  const hooks = hooksOf(ctx);
  const due = names.flatMap((name) => [...hooks.get(`${ALL} ${name}`) ?? [], ...hooks.get(`${ownerOf(entity)} ${name}`) ?? []]);
  if (due.length === 0) return given;
  const copy = ctx.allocate({ kind: 'object', entries: given === undefined ? [] : ctx.spread(given, location), location });
  for (const hook of due) ctx.invoke(hook, [copy, undefinedValue], location);
  return copy;
}
