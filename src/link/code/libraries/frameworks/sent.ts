import type { CodeExpression, CodeType, Parameter } from '../../../../facts/code.js';
import type { Location } from '../../../../facts/location.js';
import type { Context } from '../../library.js';
import type { FunctionValue, Value } from '../../values.js';
import { input, placeKey } from './request.js';
import { nameOf } from './routes.js';

const PLAIN = /^(?:str|int|float|bool|UUID|UUID4|datetime|date|dict|Dict|list|List|set|Set|Any|bytes|EmailStr|HttpUrl|Literal|Optional|Union|None|Json)$/;
const SENT = /^(?:Header|Query|Path|Body|Form|Cookie|File)$/;
/** Parts of a request with names of their own; those of the path, the query and the body are told apart by nothing that is written. */
const APART = /^(?:Header|Cookie)$/;

/** `self` or `cls`. */
export function isSelf(parameter: Parameter): boolean {
  return nameOf(parameter) === 'self' || nameOf(parameter) === 'cls';
}

/** A parameter that the caller has sent. `place`: whose request it is of. */
export function sent(parameter: Parameter, fn?: FunctionValue, place: Location = parameter.location, part = ''): Value {
  const name = nameOf(parameter);
  const isOptional = parameter.default?.kind === 'literal' && parameter.default.value === null;
  return { ...input(name, placeKey(`${part}${name}`, place), 'untrusted', isOptional), ...(fn && parameter.type && { type: { type: parameter.type, scope: fn.scope } }) };
}

/**
 * A parameter of a handler or of one of its dependencies that FastAPI takes from the request: one name is one value for all of them.
 * @returns undefined for what is given by something else
 */
export function sentParameter(parameter: Parameter, fn: FunctionValue, handler: FunctionValue, ctx: Context): Value | undefined {
  const mark = marksOf(parameter, fn, ctx).find((name) => SENT.test(name));
  if (mark === undefined && (parameter.type === undefined || !isSent(parameter.type, fn, ctx))) return undefined;
  return sent(parameter, fn, handler.function.location, mark !== undefined && APART.test(mark) ? `${mark} ` : '');
}

/** What is said of a parameter by `= Depends(f)`, `Annotated[T, Depends(f)]`, a name for such a type, or for what `Depends(f)` gave. */
export function saidOf(parameter: Parameter, fn: FunctionValue, ctx: Context): readonly { readonly node: CodeExpression; readonly scope: FunctionValue['scope'] }[] {
  const { type } = parameter;
  const alias = type?.kind === 'named' ? ctx.typeNamed(fn.scope, type.path.join('.')) : undefined;
  const own = [...(parameter.default ? [parameter.default] : []), ...parameter.decorators];
  return [...own.map((node) => ({ node, scope: fn.scope })), ...(alias?.decorators ?? []).map((node) => ({ node, scope: alias!.scope }))]
    .filter(({ node }) => node.kind === 'call' || node.kind === 'name');
}

/** What `= Header(...)`, `Annotated[T, Header()]` or a name for such a type says of a parameter. */
function marksOf(parameter: Parameter, fn: FunctionValue, ctx: Context): readonly string[] {
  return saidOf(parameter, fn, ctx).flatMap(({ node }) => (node.kind === 'call' ? lastName(node.callee) : []));
}

function lastName(node: CodeExpression): string[] {
  return node.kind === 'name' ? [node.name] : node.kind === 'member' ? [node.property] : [];
}

function isSent(type: CodeType, fn: FunctionValue, ctx: Context): boolean {
  if (type.kind === 'union') return type.parts.every((part) => isSent(part, fn, ctx) || part.kind === 'literal');
  if (type.kind === 'array' || type.kind === 'literal') return true;
  if (type.kind !== 'named') return false;
  const name = type.path.at(-1)!;
  if (name === 'Optional' || name === 'Union' || name === 'List' || name === 'list') return type.arguments.every((each) => isSent(each, fn, ctx) || each.kind === 'literal');
  return PLAIN.test(name) || isModel(type.path, fn, ctx);
}

/** A class that pydantic reads the body into. */
function isModel(path: readonly string[], fn: FunctionValue, ctx: Context): boolean {
  const [first, ...rest] = path;
  if (fn.scope.find(first!) === undefined) return false;
  let value: Value | undefined = ctx.read(rest.reduce((found: Value, name) => ctx.member(found, name), ctx.evaluate({ kind: 'name', name: first!, location: fn.function.location }, fn.scope)));
  for (let depth = 0; depth < 8 && value?.kind === 'classValue'; depth++) {
    const base: CodeExpression | undefined = value.class.bases[0];
    value = base && ctx.read(ctx.evaluate(base, value.scope));
    if (value?.kind === 'external') return /^(?:pydantic|sqlmodel|ninja)(?:\.|$)/.test(value.module) || (value.module === 'enum') || /^(?:Enum|StrEnum)$/.test(value.path.at(-1) ?? '');
  }
  return false;
}
