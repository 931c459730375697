import { Registry } from '../../journal.js';
import type { Call, Context } from '../../library.js';
import { stored } from '../../store.js';
import type { FunctionValue, LibraryValue, ObjectEntryValue, Value } from '../../values.js';
import { constantText } from '../objects.js';
import { pool } from '../pg/index.js';
import { functionsWhere, literally } from '../searched.js';
import { request, type Request } from './request.js';
import { nameOf, routerValue } from './routes.js';

/** `app.decorate('db', pool)`, `app.set('db', pool)`: how an application is given something that its routes find there. */
const GIVES = 'decorate|decorateRequest|set';
const GIVING = new RegExp(`^(?:${GIVES})$`);
/** What Fastify's plugins call the application that they are given. */
const APPLICATION = /^_?(?:app|fastify|server|instance)$/;

/** The key of what holds for all requests of an application. */
const APPLICATIONS = 'the application';

/** Takes note of what an application is given under a name. */
export function noteCarried(name: string, call: Call, ctx: Context): void {
  const [key, value] = call.arguments.positional;
  if (!GIVING.test(name) || value === undefined) return;
  const given = constantText(key, ctx);
  const { kind } = ctx.read(value);
  if (given !== undefined && kind !== 'constant' && kind !== 'unknown') carriedValues(ctx).set(given, value);
}

/** `app.locals.db = pool`, `app.context.db = pool`. */
export function noteHolding({ data }: LibraryValue, entries: readonly ObjectEntryValue[], ctx: Context): void {
  if (!(data as Request).key.startsWith(APPLICATIONS)) return;
  for (const entry of entries) if (entry.kind === 'property') carriedValues(ctx).set(entry.key, entry.value);
}

/** What the project's applications carry under a name: found where a module has been run, or in functions that do so. */
export function carried(name: string, ctx: Context): Value | undefined {
  if (ctx.language !== 'javascript') return undefined;
  if (name === 'pg' && ctx.journal.filesWith(/@fastify\/postgres/).length > 0) return pool();
  const values = carriedValues(ctx);
  const searched = stored(ctx, 'searched for carried', () => new Set<string>());
  if (!values.has(name) && !searched.has(name)) {
    searched.add(name);
    const says = new RegExp(`\\.(?:${GIVES})\\(\\s*['"\`]${literally(name)}['"\`]\\s*,`);
    for (const fn of functionsWhere('javascript', says, ctx)) if (!values.has(name)) ctx.apart(() => ctx.invoke(fn, fn.function.parameters.map(() => routerValue('request')), fn.function.location));
  }
  return values.get(name);
}

function carriedValues(ctx: Context): Map<string, Value> {
  return stored(ctx, 'carried', () => new Registry<string, Value>(ctx.journal));
}

/** Functions that Fastify calls with an application: `fp(async (app) => ...)`, `module.exports = async function (fastify, opts) {}`. */
export function pluginParameters(fn: FunctionValue, ctx: Context): readonly (Value | undefined)[] | undefined {
  const { parameters: [first, second, ...others] } = fn.function;
  if (first === undefined || first.type !== undefined || others.length > 1 || !APPLICATION.test(nameOf(first))) return undefined;
  const isOptions = second === undefined || second.target.kind === 'object' || /^_?(?:opts|options|_+|done|next)\w*$/.test(nameOf(second));
  const speaks = nameOf(first) === 'fastify' || ctx.modules.get(fn.scope.file)?.imports.some(({ target }) => /^(?:@fastify\/|fastify)/.test(target.module)) === true;
  return isOptions && speaks ? [routerValue('request')] : undefined;
}

/** `app.db`, `app.locals`. */
export function memberOfRouter(name: string, ctx: Context): Value | undefined {
  return name === 'locals' || name === 'context' ? request('context', `app.${name}`, `${APPLICATIONS}.${name}`) : carried(name, ctx);
}
