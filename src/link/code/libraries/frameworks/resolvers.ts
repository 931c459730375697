import type { Parameter } from '../../../../facts/code.js';
import type { FunctionValue, Value } from '../../values.js';
import { input, placeKey } from './request.js';
import { nameOf } from './routes.js';

/** Resolvers of GraphQL by their usual parameters: `(parent, args, context)`. The arguments are the caller's. */
export function resolverParameters(fn: FunctionValue): readonly (Value | undefined)[] | undefined {
  const [parent, args, context] = fn.function.parameters;
  if (parent === undefined || args === undefined || context === undefined || fn.function.parameters.length > 4) return undefined;
  if (!/^(?:_+|_?parent|_?root|_?obj|_?source|_?rootValue)$/.test(nameOf(parent)) || !isContext(context)) return undefined;
  if (args.target.kind !== 'object' && !/^_?args$|^_?input$|^_?params$/.test(nameOf(args))) return undefined;
  const name = nameOf(args) || 'args';
  return [undefined, { ...input(name, placeKey(name, args.location), 'untrusted'), ...(args.type && { type: { type: args.type, scope: fn.scope } }) }];
}

function isContext(parameter: Parameter): boolean {
  return parameter.target.kind === 'object' || /^_?(?:ctx|context|contextValue)$/.test(nameOf(parameter));
}
