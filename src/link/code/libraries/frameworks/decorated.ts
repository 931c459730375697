import type { CodeExpression, Parameter } from '../../../../facts/code.js';
import type { Context } from '../../library.js';
import type { FunctionValue, Value } from '../../values.js';
import { input, placeKey } from './request.js';
import { nameOf, requestFor } from './routes.js';

const SENT = /^(?:Body|Param|Query|Headers|Args|Arg|HeaderParam|HeaderParams|QueryParam|QueryParams|BodyParam|Params|UploadedFile|UploadedFiles|Cookie|CookieParam|RawBody|MessageBody|Payload)$/;
const REQUEST = /^(?:Req|Request)$/;
const MODULES = /^(?:@nestjs\/(?:common|graphql|websockets|microservices)|type-graphql|routing-controllers|@tsed\/.*|tsoa)$/;

/** Parameter decorators of NestJS and its like: `@Body() dto`, `@Param('id') id`. What a decorator of one's own gives is not known. */
export function decoratedParameters(fn: FunctionValue, ctx: Context): readonly (Value | undefined)[] | undefined {
  const { parameters } = fn.function;
  if (parameters.every(({ decorators }) => decorators.length === 0) || ctx.modules.get(fn.scope.file)?.language !== 'javascript') return undefined;
  return parameters.map((parameter) => parameter.decorators.map((node) => decorated(node, parameter, fn)).find((found) => found !== undefined));
}

function decorated(node: CodeExpression, parameter: Parameter, fn: FunctionValue): Value | undefined {
  const callee = node.kind === 'call' ? node.callee : node;
  const binding = callee.kind === 'name' ? fn.scope.find(callee.name) : undefined;
  if (typeof binding !== 'object' || !MODULES.test(binding.module)) return undefined;
  if (REQUEST.test(binding.imported)) return requestFor(parameter, 'request');
  if (!SENT.test(binding.imported)) return undefined;
  const [first] = node.kind === 'call' ? node.arguments : [];
  const part = first?.value.kind === 'literal' && typeof first.value.value === 'string' ? first.value.value : undefined;
  const name = nameOf(parameter) || part || binding.imported.toLowerCase();
  return { ...input(name, placeKey(name, parameter.location), 'untrusted', parameter.optional), ...(parameter.type && { type: { type: parameter.type, scope: fn.scope } }) };
}
