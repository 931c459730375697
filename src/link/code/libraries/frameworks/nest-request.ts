import type { Context } from '../../library.js';
import type { ExternalValue, FunctionValue, LibraryValue, Value } from '../../values.js';
import { FRAMEWORKS } from './name.js';
import { input, placeKey, request } from './request.js';

/** The packages of NestJS that say how handlers are called. */
export const NEST_MODULES = ['@nestjs/common', '@nestjs/core', '@nestjs/graphql', '@nestjs/websockets', '@nestjs/microservices'];

/** One call of a handler, as guards and decorators of parameters see it. */
export interface Execution {
  /** The handler; absent where it may be any. */
  readonly fn?: FunctionValue;
  /** Its request, however it is reached, is one value. */
  readonly key: string;
}

/** The key of the request that a handler is called for. */
export function requestKey({ function: { location } }: Pick<FunctionValue, 'function'>): string {
  return placeKey('req', location);
}

/** The call of a handler. */
export function executionOf(fn: FunctionValue): Execution {
  return { fn, key: requestKey(fn) };
}

/** NestJS's ExecutionContext. */
export function execution(data: Execution): LibraryValue {
  return { kind: 'library', library: FRAMEWORKS, type: 'execution', data };
}

/** A parameter of such a type. */
export function typedExecution({ module, path }: ExternalValue): Value | undefined {
  return NEST_MODULES.includes(module) && /ExecutionContext$/.test(path.at(-1) ?? '') ? execution({ key: 'the request' }) : undefined;
}

/** `context.switchToHttp().getRequest()`, `GqlExecutionContext.create(context).getArgs()`. */
export function executionMethod({ data }: LibraryValue, name: string): Value | undefined {
  const { key } = data as Execution;
  switch (name) {
    case 'switchToHttp': case 'switchToWs': case 'switchToRpc': return execution(data as Execution);
    case 'getRequest': return request('request', 'req', key);
    case 'getArgs': return input('args', `${key}.args`, 'untrusted');
    case 'getContext': return { kind: 'library', library: FRAMEWORKS, type: 'executionContext', data };
    default: return undefined;
  }
}

/** The context of a GraphQL call: the request, and what the project has put there. */
export function executionContextMember({ data }: LibraryValue, name: string, ctx: Context): Value {
  const { key } = data as Execution;
  if (name === 'req' || name === 'request') return request('request', 'req', key);
  return ctx.member(request('context', 'ctx', `${key}.context`), name);
}

/** The value of a decorated parameter: what the function of its decorator gives, which is asked with what the decorator is given and the call. */
export function parameterDecorated(value: LibraryValue, fn: FunctionValue, ctx: Context): Value {
  const { fn: made, given } = value.data as { readonly fn: Value; readonly given: Value };
  return ctx.invoke(made, [given, execution(executionOf(fn))], fn.function.location);
}

