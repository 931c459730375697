import type { Parameter } from '../../../../facts/code.js';
import type { Context } from '../../library.js';
import type { FunctionValue, Value } from '../../values.js';
import { input, placeKey } from './request.js';
import { nameOf } from './routes.js';

const GRAPHQL = /graphql|apollo|pothos|nexus/i;

/** Resolvers of GraphQL by their usual parameters: `(parent, args, context)`, of which the last may be left out where GraphQL is spoken of. The arguments are the caller's. */
export function resolverParameters(fn: FunctionValue, ctx: Context): readonly (Value | undefined)[] | undefined {
  const [parent, args, context] = fn.function.parameters;
  if (parent === undefined || args === undefined || fn.function.parameters.length > 4) return undefined;
  if (!/^(?:_+|_?parent|_?root|_?obj|_?source|_?rootValue)$/.test(nameOf(parent))) return undefined;
  if (context === undefined ? !speaksGraphql(fn.scope.file, ctx) : !isContext(context)) return undefined;
  if (args.target.kind !== 'object' && !/^_?args$|^_?input$|^_?params$/.test(nameOf(args))) return undefined;
  const name = nameOf(args) || 'args';
  return [undefined, { ...input(name, placeKey(name, args.location), 'untrusted'), ...(args.type && { type: { type: args.type, scope: fn.scope } }) }];
}

function speaksGraphql(file: string, ctx: Context): boolean {
  return GRAPHQL.test(file) || /resolvers?\b/i.test(file) || ctx.modules.get(file)?.body.some((statement) => statement.kind === 'import' && GRAPHQL.test(statement.module)) === true;
}

function isContext(parameter: Parameter): boolean {
  return parameter.target.kind === 'object' || /^_?(?:ctx|context|contextValue)$/.test(nameOf(parameter));
}
