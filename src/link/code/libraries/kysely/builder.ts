import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import { Steps } from '../../steps.js';
import type { BuilderStep } from '../../steps.js';
import type { LibraryValue, TextValue, Value } from '../../values.js';
import { snakeCase } from '../postgres-js/helper.js';

export const KYSELY = 'kysely';

/** A database, a transaction, or one with common table expressions. */
export interface Client {
  /** CamelCasePlugin: names are in camel case in code and in snake case in the database. */
  readonly camel: boolean;
  readonly schema?: string;
  readonly with: readonly Step[];
}

/** One call on a builder; its callbacks were called and their results stand in their place. */
export interface Step {
  readonly method: string;
  readonly args: readonly Value[];
  readonly places: readonly Location[];
  readonly location: Location;
  /** Of the first call: the database it was called on. */
  readonly client?: Client;
}

/** `eb('a', '=', b)`, `eb.and([...])`, `eb.ref('a')`, ...: lowered when the query is sent. */
export interface Node {
  readonly method: string;
  readonly args: readonly Value[];
  readonly places: readonly Location[];
  readonly location: Location;
  readonly alias?: Value;
}

/** sql`...`, or a text that a helper of it makes. */
export interface Raw {
  readonly text: TextValue;
  readonly alias?: Value;
}

/** A value of this library; made of another it has its access. */
export function value(type: 'client' | 'query' | 'eb' | 'method' | 'expression' | 'raw' | 'sql' | 'transaction' | 'functions' | 'schema' | 'compiled', data: unknown, from?: LibraryValue): LibraryValue {
  return { kind: 'library', library: KYSELY, type, data, ...(from?.access && { access: from.access }) };
}

/** Whether a value is one of this library and type. */
export function isKysely(given: Value, type: string): given is LibraryValue & { readonly library: 'kysely' } {
  return given.kind === 'library' && given.library === KYSELY && given.type === type;
}

/** The calls of a builder, if the value is one. */
export function stepsOf(given: Value): readonly BuilderStep<Step>[] | undefined {
  return isKysely(given, 'query') && given.data instanceof Steps ? (given.data as Steps<Step>).items : undefined;
}

const JOIN = /Join(?:Lateral)?$/;
const WRITES = /^(?:set|values|doUpdateSet)$/;

/** The step that a call is. Functions among its arguments are called with the builder that the method gives them. */
export function stepOf(method: string, call: Call, ctx: Context, client: Client): Step {
  const builder = JOIN.test(method) || method === 'onConflict'
    ? value('query', new Steps<Step>()) : /^with(?:Recursive)?$/.test(method) ? value('client', { ...client, with: [] } satisfies Client) : value('eb', client);
  const called = (argument: Value): Value => (ctx.read(argument).kind === 'function' ? ctx.invoke(argument, [builder], call.location) : argument);
  const args = call.arguments.positional.map((argument) => {
    const given = ctx.read(argument);
    // `set({ total: (eb) => eb.selectFrom(...) })`
    return given.kind === 'object' && WRITES.test(method) ? { ...given, entries: given.entries.map((entry) => (entry.kind === 'spread' ? entry : { ...entry, value: called(entry.value) })) } : called(argument);
  });
  return { method, args, places: call.arguments.locations, location: call.location };
}

/** Names as the database has them. */
export function naming(client: Client | undefined): (name: string) => string {
  return client?.camel === true ? (name) => (/^[A-Za-z0-9_$]+$/.test(name) ? snakeCase(name) : name) : (name) => name;
}
