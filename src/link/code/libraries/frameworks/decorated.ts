import type { CodeExpression, Parameter } from '../../../../facts/code.js';
import type { Context } from '../../library.js';
import type { FunctionValue, ObjectEntryValue, Value } from '../../values.js';
import { optionsOf } from '../objects.js';
import { isDecoratedBy } from '../searched.js';
import { FRAMEWORKS } from './name.js';
import { injected } from './nest-providers.js';
import { parameterDecorated, requestKey, type Execution } from './nest-request.js';
import { input, request } from './request.js';
import { parentRow } from './resolvers.js';
import { nameOf, requestFor } from './routes.js';

/** Where a decorator takes its value from: the part of the request. */
const SENT: readonly (readonly [RegExp, string])[] = [
  [/^(?:Param|Params|requestParam)$/, 'params'], [/^(?:Query|QueryParam|QueryParams|queryParam)$/, 'query'], [/^(?:Headers|HeaderParam|HeaderParams|requestHeaders)$/, 'headers'], [/^(?:Args|Arg)$/, 'args'],
  [/^(?:Body|BodyParam|BodyParams|RawBody|requestBody|MessageBody|Payload)$/, 'body'], [/^(?:UploadedFile|UploadedFiles)$/, 'files'], [/^(?:Cookie|CookieParam|cookies)$/, 'cookies'],
];
const REQUEST = /^(?:Req|Request|request)$/;
const PARENT = /^(?:Parent|Root)$/;
const MODULES = /^(?:@nestjs\/(?:common|graphql|websockets|microservices)|type-graphql|routing-controllers|inversify-express-utils|@tsed\/.*|tsoa)$/;

/** Parameter decorators of NestJS and its like: `@Body() dto`, `@Param('id') id`. What a decorator of one's own gives is not known, unless its function is. */
export function decoratedParameters(fn: FunctionValue, ctx: Context): readonly (Value | undefined)[] | undefined {
  const { parameters } = fn.function;
  if (isListener(fn, ctx)) return [requestFor(parameters[0]!, 'socket'), parameters[1] && input(nameOf(parameters[1]) || 'message', `${requestKey(fn)}.body`, 'untrusted')];
  if (parameters.every(({ decorators }) => decorators.length === 0) || ctx.modules.get(fn.scope.file)?.language !== 'javascript') return undefined;
  return parameters.map((parameter) => parameter.decorators.map((node) => decorated(node, parameter, fn, ctx)).find((found) => found !== undefined));
}

/**
 * `@SubscribeMessage('x') handle(client, message)`.
 * @see NestJS documentation, "Gateways"
 */
function isListener({ function: { decorators, parameters }, scope }: FunctionValue, ctx: Context): boolean {
  return parameters.length > 1 && parameters.every((each) => each.decorators.length === 0) && isDecoratedBy(decorators, scope, (module, name) => module === '@nestjs/websockets' && name === 'SubscribeMessage', ctx);
}

function decorated(node: CodeExpression, parameter: Parameter, fn: FunctionValue, ctx: Context): Value | undefined {
  const callee = node.kind === 'call' ? node.callee : node;
  const binding = callee.kind === 'name' ? fn.scope.find(callee.name) : undefined;
  if (typeof binding !== 'object' || !MODULES.test(binding.module)) return ownDecorated(node, parameter, fn, ctx);
  const key = requestKey(fn);
  if (REQUEST.test(binding.imported)) return request('request', nameOf(parameter) || 'req', key);
  if (binding.imported === 'Inject') return injectsRequest(node, fn) ? request('request', nameOf(parameter) || 'req', 'the request') : injectedByToken(node, parameter, fn, ctx);
  if (binding.imported === 'principal') return input('the principal', `${key}.principal`, 'trusted');
  if (PARENT.test(binding.imported)) return parentRow(parameter, fn);
  const part = SENT.find(([names]) => names.test(binding.imported))?.[1];
  if (part === undefined) return undefined;
  const named = node.kind === 'call' ? partNamed(node, ctx, fn) : undefined;
  const name = nameOf(parameter) || named || binding.imported.toLowerCase();
  return { ...input(name, `${key}.${part}${named === undefined ? '' : `.${named}`}`, 'untrusted', parameter.optional), ...(parameter.type && { type: { type: parameter.type, scope: fn.scope } }) };
}

/**
 * What `GqlExecutionContext.create(context).getArgs()` holds for a handler: what its parameters take of it, and nothing else.
 * @returns undefined where the handler is not known, or takes none
 */
export function argumentsOf({ fn }: Execution, ctx: Context): Value | undefined {
  const entries = fn?.function.parameters.flatMap((parameter) => parameter.decorators.flatMap((node): ObjectEntryValue[] => {
    const callee = node.kind === 'call' ? node.callee : node;
    const binding = callee.kind === 'name' ? fn.scope.find(callee.name) : undefined;
    if (typeof binding !== 'object' || !/^Args?$/.test(binding.imported) || !MODULES.test(binding.module)) return [];
    const value = decorated(node, parameter, fn, ctx)!;
    const key = node.kind === 'call' ? partNamed(node, ctx, fn) : undefined;
    const { location } = parameter;
    return [key === undefined ? { kind: 'spread', value, maybe: false, location } : { kind: 'property', key, value, maybe: false, location }];
  })) ?? [];
  return entries.length === 0 ? undefined : ctx.allocate({ kind: 'object', entries, location: fn!.function.location });
}

/** `@Inject(REQUEST)` of a provider that is made anew for each request. */
function injectsRequest(node: CodeExpression, { scope }: FunctionValue): boolean {
  const first = node.kind === 'call' ? node.arguments[0]?.value : undefined;
  const token = first?.kind === 'name' ? scope.find(first.name) : undefined;
  return typeof token === 'object' && token.module === '@nestjs/core' && token.imported === 'REQUEST';
}

/** `@Inject('NOTES') notes: NotesPort`: where the type tells no client and no class, what the provider of the token gives. */
function injectedByToken(node: CodeExpression, { type }: Parameter, { scope }: FunctionValue, ctx: Context): Value | undefined {
  const token = node.kind === 'call' ? node.arguments[0]?.value : undefined;
  const typed = type && ctx.typed({ type, scope });
  if (token === undefined || (typed !== undefined && /^(?:library|instance)$/.test(ctx.read(typed).kind))) return undefined;
  const found = injected(ctx.evaluate(token, scope), ctx);
  return found !== undefined && /^(?:library|instance|external|function|object|union)$/.test(ctx.read(found).kind) ? found : undefined;
}

/** `@Param('id')`, `@Args({ name: 'id' })`: which thing of the part. */
function partNamed(node: Extract<CodeExpression, { kind: 'call' }>, ctx: Context, fn: FunctionValue): string | undefined {
  const first = node.arguments[0]?.value;
  const written = first?.kind === 'object' ? first.entries.find((entry) => entry.kind === 'property' && entry.key === 'name')?.value : first;
  const known = written?.kind === 'literal' ? written : written && ctx.read(ctx.evaluate(written, fn.scope));
  return known !== undefined && 'value' in known && typeof known.value === 'string' ? known.value : undefined;
}

/** A decorator that the project has made of a function: `@CurrentTeam() team`. What that says less of than the parameter's type does is left to the type. */
function ownDecorated(node: CodeExpression, parameter: Parameter, fn: FunctionValue, ctx: Context): Value | undefined {
  const made = ctx.read(ctx.evaluate(node, fn.scope));
  if (made.kind !== 'library' || made.library !== FRAMEWORKS || made.type !== 'parameterDecoration') return undefined;
  const given = optionsOf(parameterDecorated(made, fn, ctx), ctx).filter((value) => value.kind !== 'constant');
  const [only, ...others] = given;
  if (only === undefined || !given.every((value) => (value.kind === 'input' ? value.trust === 'untrusted' || (value.trust === 'trusted' && saysLess(parameter, fn, ctx)) : value.kind === 'row' || value.kind === 'field'))) return undefined;
  if (others.length > 0) return { kind: 'union', options: given.map((value) => ({ value, facts: [] })) };
  return only.kind === 'input' ? { ...only, maybe: parameter.optional, ...(parameter.type && { type: { type: parameter.type, scope: fn.scope } }) } : only;
}

/** Whether the type of a parameter tells nothing of it that the project knows: a class of it, rows of a library. */
function saysLess({ type }: Parameter, { scope }: FunctionValue, ctx: Context): boolean {
  const typed = type && ctx.typed({ type, scope });
  return typed === undefined || typed.kind === 'external' || typed.kind === 'input' || typed.kind === 'unknown';
}
