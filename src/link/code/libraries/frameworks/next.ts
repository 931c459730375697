import type { CodeFunction, CodeModule, CodeStatement, Parameter } from '../../../../facts/code.js';
import type { Context } from '../../library.js';
import type { FunctionValue, ObjectEntryValue, Value } from '../../values.js';
import { exportedFunctionOf, exportedName } from './exported.js';
import { input, placeKey } from './request.js';
import { isFetch, nameOf, requestFor } from './routes.js';

const ROUTE = /(?:^|\/)app\/(?:.*\/)?route\.[jt]sx?$/;
const PAGE = /(?:^|\/)app\/(?:.*\/)?(?:page|layout|default|template)\.[jt]sx?$/;
const PAGES_API = /(?:^|\/)pages\/api\/.*\.[jt]sx?$/;
const REQUEST_PROPS = new Set(['params', 'searchParams']);

/** Route handlers, pages and server actions of Next.js, which are found by where they stand. */
export function nextParameters(fn: FunctionValue, ctx: Context): readonly (Value | undefined)[] | undefined {
  const { file } = fn.scope;
  const { parameters } = fn.function;
  if (parameters.length === 0 || ctx.modules.get(file)?.language !== 'javascript') return undefined;
  if (isAction(fn, ctx)) return parameters.map((parameter) => sent(parameter, fn, ctx));
  const [first, second] = parameters;
  if (ROUTE.test(file) && (isFetch(first!, fn) || /^_?(?:req|request)$/.test(nameOf(first!)))) return [requestFor(first!, 'request'), second && props(second, ctx)];
  if (PAGES_API.test(file) && /^_?(?:req|request)$/.test(nameOf(first!))) return [requestFor(first!, 'request')];
  if (PAGE.test(file) && isRendered(fn.function, ctx.modules.get(file)!)) return [props(first!, ctx)];
  if (exportedName(fn.function, ctx.modules.get(file)!) === 'getServerSideProps') return [requestFor(first!, 'context')];
  if (first!.target.kind === 'object' && first!.target.properties.some(({ key }) => key === 'parsedInput')) return [object([['parsedInput', 'untrusted']], first!, ctx)];
  return undefined;
}

/** Every argument of a server action comes from the browser. */
function isAction({ function: code, scope }: FunctionValue, ctx: Context): boolean {
  if (directs(code.body[0])) return true;
  const module = ctx.modules.get(scope.file);
  return module !== undefined && directs(module.body[0]) && module.body.some((statement) => exportedFunctionOf(statement) === code);
}

function directs(statement: CodeStatement | undefined): boolean {
  return statement?.kind === 'expression' && statement.expression.kind === 'literal' && statement.expression.value === 'use server';
}

/** The component a page exports, and what gives its metadata. */
function isRendered(code: CodeFunction, { body }: CodeModule): boolean {
  return body.some((statement) => exportedFunctionOf(statement) === code && (statement.kind !== 'function' || statement.exported === 'default' || /^generate(?:Metadata|Viewport)$/.test(code.name ?? '')))
    || body.some((statement) => statement.kind === 'export' && statement.value?.exported === 'default' && statement.value.expression.kind === 'name' && statement.value.expression.name === code.name);
}

/** A parameter that the caller of the function fills. */
export function sent(parameter: Parameter, fn: FunctionValue, ctx: Context): Value | undefined {
  if (parameter.rest !== undefined) return undefined;
  const known = parameter.type && ctx.typed({ type: parameter.type, scope: fn.scope });
  if (known?.kind === 'library') return undefined;
  const name = nameOf(parameter) || 'input';
  return { ...input(name, placeKey(name, parameter.location), 'untrusted', parameter.optional), ...(parameter.type && { type: { type: parameter.type, scope: fn.scope } }) };
}

/** `{ params, searchParams }`: the rest of it is what a wrapper or React adds. */
function props(parameter: Parameter, ctx: Context): Value {
  const { target } = parameter;
  const others = target.kind === 'object' ? target.properties.flatMap(({ key }) => (typeof key === 'string' && !REQUEST_PROPS.has(key) ? [key] : [])) : [];
  return object([['params', 'untrusted'], ['searchParams', 'untrusted'], ...others.map((key) => [key, 'unknown'] as const)], parameter, ctx);
}

function object(keys: readonly (readonly [string, 'untrusted' | 'unknown'])[], parameter: Parameter, ctx: Context): Value {
  const { location } = parameter;
  const entries: ObjectEntryValue[] = keys.map(([key, trust]) => ({ kind: 'property', key, value: input(key, placeKey(key, location), trust), maybe: false, location }));
  const rest = input(nameOf(parameter) || 'props', placeKey('props', location), 'unknown');
  return ctx.allocate({ kind: 'object', entries: [{ kind: 'spread', value: rest, maybe: false, location }, ...entries], location });
}
