import { hash } from 'node:crypto';
import type { CodeClass, CodeFunction, CodeModule, CodeStatement } from '../facts/code.js';

/** Before what does nothing when it is loaded, and would not be missed by what is there without it. */
const QUIET = '+';
const LOUD = '=';

/** What stands at the top of a module, part by part and wherever it stands: all but the inside of functions. */
export function skeletonOf(body: CodeModule['body']): string {
  return body.flatMap(partsOf).join(' ');
}

/**
 * Whether a module is the same to whoever loads it: what has changed is inside of functions.
 * @param exactly nor may there be anything that was not there before
 */
export function isSameSkeleton(before: string, now: string, exactly: boolean): boolean {
  if (before === now) return true;
  if (exactly) return false;
  const known = before.split(' ');
  let next = 0;
  for (const part of now.split(' ')) {
    if (part === known[next]) next++;
    else if (!part.startsWith(QUIET)) return false;
  }
  return next === known.length;
}

/** What a function is, wherever it stands. */
export function functionMark(code: CodeFunction): string {
  return markOf(code, false);
}

/** The functions in some code that stand in no other, methods included. */
export function outermostFunctions(code: unknown): CodeFunction[] {
  if (Array.isArray(code)) return code.flatMap(outermostFunctions);
  if (typeof code !== 'object' || code === null || isPlace(code)) return [];
  return isFunction(code) ? [code] : Object.values(code).flatMap(outermostFunctions);
}

function partsOf(statement: CodeStatement): string[] {
  if (statement.kind === 'class') return classParts(statement.class, statement);
  return [`${isQuietPart(statement) ? QUIET : LOUD}${markOf(statement, true)}`];
}

function isQuietPart(statement: CodeStatement): boolean {
  switch (statement.kind) {
    case 'import': return true;
    case 'type': return statement.decorators === undefined;
    case 'function': return statement.function.decorators.length === 0;
    case 'declare': return statement.target.kind === 'name' && (statement.value?.kind === 'functionValue' || statement.value?.kind === 'literal');
    default: return false;
  }
}

/** A method more is a part of its own. */
function classParts({ methods, ...code }: CodeClass, statement: CodeStatement): string[] {
  const isPlain = ({ name, decorators }: CodeFunction) => decorators.length === 0 && name !== 'constructor' && name !== '__init__';
  return [`${LOUD}${markOf([statement.kind, { ...statement, class: code }], true)}`, ...methods.map((method) => `${isPlain(method) ? QUIET : LOUD}${markOf([code.name, method], true)}`)];
}

function markOf(value: unknown, isOutside: boolean): string {
  return hash('sha1', JSON.stringify(value, (key, part: unknown) => (key === 'map' || key === 'contentStart' || isPlace(part) ? undefined : isOutside && isFunction(part) ? { ...part, body: 0 } : part)), 'base64url').slice(0, 8);
}

function isPlace(part: unknown): boolean {
  return typeof part === 'object' && part !== null && 'file' in part && 'start' in part && 'end' in part;
}

function isFunction(part: unknown): part is CodeFunction {
  return typeof part === 'object' && part !== null && 'form' in part && 'parameters' in part && Array.isArray((part as Partial<CodeFunction>).body);
}
