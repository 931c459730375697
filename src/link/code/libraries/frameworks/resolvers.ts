import { Registry } from '../../journal.js';
import type { Parameter } from '../../../../facts/code.js';
import { isOfAny, type Call, type Context } from '../../library.js';
import { PARENT_ROW } from '../../signed.js';
import { stored } from '../../store.js';
import type { ExternalValue, FunctionValue, Value } from '../../values.js';
import { optionsOf } from '../objects.js';
import { property } from '../sql-client.js';
import { input, placeKey, request } from './request.js';
import { nameOf } from './routes.js';
import { signedIn } from './signed-in.js';

const GRAPHQL = /graphql|apollo|pothos|nexus|mercurius/i;
/** Servers of GraphQL: one of their options is the context that resolvers are given, or the function that makes it. */
export const graphqlServers = ['@apollo/', 'apollo-server', 'apollo-server-express', 'apollo-server-fastify', 'apollo-server-koa', 'apollo-server-micro', '@as-integrations/', 'graphql-yoga', '@graphql-yoga/', 'graphql-http', 'express-graphql', 'mercurius'];
const PARENT = /^_?(?:parent|root|obj|source|rootValue)$/;
const ARGUMENTS = /^_?(?:args|input|params)$/;
const CONTEXT = /^_?(?:ctx|context|contextValue)$/;

/**
 * Resolvers of GraphQL by their usual parameters: `(parent, args, context)`, of which the last may be left out where GraphQL is spoken of. The arguments
 * are the caller's; the parent is a row that another resolver has given; the context is what the server was told to make.
 */
export function resolverParameters(fn: FunctionValue, ctx: Context): readonly (Value | undefined)[] | undefined {
  const { parameters } = fn.function;
  // Pothos hands over what of the fields is asked for first.
  const given = parameters.length > 2 && /^_?query$/.test(nameOf(parameters[0]!)) ? 1 : 0;
  const [parent, args, context] = parameters.slice(given);
  if (parent === undefined || parameters.length > 4 + given) return undefined;
  const speaks = speaksGraphql(fn.scope.file, ctx);
  const before = parameters.slice(0, given).map(() => undefined);
  if (args === undefined) return speaks && PARENT.test(nameOf(parent)) ? [parentRow(parent, fn)] : undefined;
  const isNamed = PARENT.test(nameOf(parent)) || /^_+$/.test(nameOf(parent));
  if (!isNamed && !(speaks && context !== undefined && CONTEXT.test(nameOf(context)) && isRow(parent, fn, ctx))) return undefined;
  if (context === undefined ? !speaks : !isContext(context)) return undefined;
  if (args.target.kind !== 'object' && !ARGUMENTS.test(nameOf(args)) && !(/^_+\w*$/.test(nameOf(args)) && speaks)) return undefined;
  const name = nameOf(args) || 'args';
  return [...before, parentRow(parent, fn), { ...input(name, placeKey(name, args.location), 'untrusted'), ...typeOf(args, fn) }, context && contextOf(context, fn, ctx)];
}

/** The row that a field is a part of: it was judged where another resolver has read it. */
export function parentRow(parameter: Parameter, fn: FunctionValue): Value {
  const name = nameOf(parameter) || 'parent';
  return { ...input(name, `${PARENT_ROW} ${placeKey(name, parameter.location)}`, 'unknown'), ...typeOf(parameter, fn) };
}

function typeOf({ type }: Parameter, { scope }: FunctionValue): { type?: { type: NonNullable<Parameter['type']>; scope: FunctionValue['scope'] } } {
  return type ? { type: { type, scope } } : {};
}

/** Whether a parameter of another name than usual (`(board, args, ctx)`) may be a row: its type is not of a library or a class. */
function isRow({ type }: Parameter, { scope }: FunctionValue, ctx: Context): boolean {
  const known = type && ctx.typed({ type, scope });
  return known === undefined || !['library', 'instance', 'external'].includes(ctx.read(known).kind);
}

function speaksGraphql(file: string, ctx: Context): boolean {
  return GRAPHQL.test(file) || /resolvers?\b/i.test(file) || ctx.modules.get(file)?.body.some((statement) => statement.kind === 'import' && GRAPHQL.test(statement.module)) === true;
}

function isContext(parameter: Parameter): boolean {
  return parameter.target.kind === 'object' || CONTEXT.test(nameOf(parameter));
}

/** `new ApolloServer({ context })`, `createYoga({ context })`, `app.register(mercurius, { context })`: takes note of the function that makes the context. */
export function noteContext(callee: ExternalValue, call: Call, ctx: Context): void {
  if (!isOfAny(callee.module, graphqlServers)) return;
  const makers = call.arguments.positional.flatMap((argument) => {
    const options = ctx.read(argument);
    const made = options.kind === 'object' ? property(options.entries, 'context') : undefined;
    return made === undefined ? [] : optionsOf(made, ctx);
  });
  if (makers.length > 0) contexts(ctx).set(`${call.location.file}:${call.location.start}`, makers);
}

function contexts(ctx: Context): Map<string, readonly Value[]> {
  return stored(ctx, 'graphql contexts', () => new Registry<string, readonly Value[]>(ctx.journal));
}

/** What a resolver is given as its context: what the one function of the project makes that a server was told of, else what its type says. */
function contextOf(parameter: Parameter, fn: FunctionValue, ctx: Context): Value {
  const name = nameOf(parameter) || 'ctx';
  const [made, ...others] = [...contexts(ctx).values()].flat();
  const known = made === undefined || others.length > 0 ? undefined : made.kind === 'function' ? ctx.invoke(made, [request('context', 'ctx', 'the request')], fn.function.location) : made;
  const { type } = parameter;
  const typed = known === undefined ? type && ctx.typed({ type, scope: fn.scope }) : undefined;
  return signedIn(known ?? typed ?? ctx.input(name, 'unknown', { key: placeKey(name, parameter.location) }), fn.function.location, ctx);
}
