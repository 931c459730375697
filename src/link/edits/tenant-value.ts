import type { CodeExpression, CodeType, Parameter } from '../../facts/code.js';
import type { Column } from '../catalog/types.js';
import { boundNames } from '../code/mentions.js';
import { normalizeName } from '../names.js';
import type { Place } from './place.js';

/** What the caller sent: a tenant from there is nothing to compare with. */
const SENT = /^(?:req|request|body|query|params|searchParams|headers|input|formData|json|cookies)$/;

/**
 * The one value in sight that is named after a tenant column: a parameter of a function around the place, or a constant that was made before it
 * from something else than a query or a request. Two such names, or one that may be undefined, leave open what is meant.
 * @param columns the tenant columns of a table, outermost level first
 * @param isQueried whether a span of the file holds a query: what was read from a row is no tenant of the caller's
 */
export function tenantValue(place: Place, columns: readonly Column[], isQueried: (expression: CodeExpression) => boolean): { readonly column: string; readonly name: string } | undefined {
  const given = place.functions.flatMap(({ parameters }) => parameters.flatMap((parameter) => boundNames(parameter.target).map((name) => ({ name, isSure: isSure(parameter, name) }))));
  const made = place.declarations.flatMap(({ form, target, value, type }) => boundNames(target).map((name) => ({
    name, isSure: form !== 'let' && value !== undefined && !mayBeUndefined(type) && isMade(value) && !isQueried(value) && !mentionsSent(value),
  })));
  const all = [...given, ...made];
  for (const { name: column } of columns) {
    const named = all.filter(({ name }) => normalizeName(name) === normalizeName(column));
    const [only, ...others] = named;
    if (only !== undefined) return others.length === 0 && only.isSure ? { column, name: only.name } : undefined;
  }
  return undefined;
}

/** Whether a parameter always has a value under this name, as far as its type says. */
function isSure({ target, type, optional, rest, default: fallback, decorators }: Parameter, name: string): boolean {
  if (optional || rest !== undefined || fallback !== undefined || decorators.length > 0) return false;
  if (target.kind === 'name') return !mayBeUndefined(type);
  if (target.kind !== 'object' || type?.kind !== 'object') return false;
  const property = target.properties.find(({ target: bound }) => bound.kind === 'name' && bound.name === name);
  const member = type.members.find((each) => each.name === property?.key);
  return property?.default === undefined && member !== undefined && !member.optional && !mayBeUndefined(member.type);
}

function mayBeUndefined(type: CodeType | undefined): boolean {
  if (type?.kind === 'union') return type.parts.some(mayBeUndefined);
  return type?.kind === 'literal' && (type.value === undefined || type.value === null);
}

/** What a call gives, or a part of that: not a part of an object that came from anywhere. */
function isMade(value: CodeExpression): boolean {
  if (value.kind === 'await') return isMade(value.operand);
  return value.kind === 'member' ? isMade(value.object) : value.kind === 'call';
}

function mentionsSent(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false;
  const { kind, callee } = node as { kind?: string; callee?: CodeExpression };
  // What a request is only handed to, such as the look-up of a session, answers for what it gives.
  if (kind === 'call') return mentionsSent(callee);
  const { name, property } = node as { name?: unknown; property?: unknown };
  if ([name, property].some((each) => typeof each === 'string' && SENT.test(each))) return true;
  return Object.values(node).some(mentionsSent);
}
