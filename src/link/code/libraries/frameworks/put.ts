import type { AssignmentExpression, CodeExpression, DeclareStatement, Parameter, Pattern } from '../../../../facts/code.js';
import { nodes } from '../../../queries/nodes.js';
import type { Context } from '../../library.js';
import { stored } from '../../store.js';
import { collected, functionsWhere, isSetByName, literally, runForRequest } from '../searched.js';
import type { FunctionValue, LibraryValue, ObjectEntryValue, UnionValue, Value } from '../../values.js';
import { isNothing, undefinedValue } from '../../values.js';
import { FRAMEWORKS } from './name.js';
import type { Request, RequestType } from './request.js';
import { nameOf, requestFor } from './routes.js';

/** A value that is put on a request, with what its middleware had found out by then. */
type Option = UnionValue['options'][number];

/** What the project's own middleware puts on requests, by the name of the member. */
type Put = Map<string, Option[]>;

/** Takes note of what is put on a request: `req.project = project`. */
export function noteOnRequest({ data }: LibraryValue, entries: readonly ObjectEntryValue[], ctx: Context): void {
  const guarded = guardedRequests(ctx).get((data as Request).key);
  for (const entry of entries) if (entry.kind === 'property') guarded?.set(entry.key, { value: entry.value, facts: [...ctx.facts] });
  for (const entry of entries) {
    if (entry.kind !== 'property') continue;
    const known = ctx.read(entry.value);
    const options = known.kind === 'union' ? known.options.map(({ value, facts }) => ({ value: ctx.read(value), facts })) : [{ value: known, facts: [] }];
    put(ctx).get(entry.key)?.push(...options.map(({ value, facts }) => ({ value, facts: [...ctx.facts, ...facts] })));
  }
}

/** Has the guards of a handler asked: what they put on its request is there when it is called. */
export function byGuards<T>(key: string, ctx: Context, ask: () => T): T {
  guardedRequests(ctx).set(key, new Map());
  return ask();
}

/** What the guards of a handler have put on its request under a name; what they had found out by then holds where it is there. */
export function putByGuard({ data }: LibraryValue, name: string, ctx: Context): Value | undefined {
  // Hono's `c.var.name` is `c.get('name')`.
  const found = guardedRequests(ctx).get((data as Request).key.replace(/\.var$/, ''))?.get(name);
  const more = found?.facts.filter((fact) => !ctx.facts.includes(fact)) ?? [];
  return found === undefined || more.length === 0 ? found?.value : { kind: 'union', options: [{ value: found.value, facts: more }, { value: undefinedValue, facts: [] }] };
}

function guardedRequests(ctx: Context): Map<string, Map<string, Option>> {
  return stored(ctx, 'guarded requests', () => new Map<string, Map<string, Option>>());
}

/**
 * What middleware of the project puts on a request under a name: rows that it found, or what the caller sent. Whichever ran before, it is one of these,
 * and what that one has checked was so.
 * @returns undefined where nothing puts such a value there, or something else may be there too
 */
export function putOnRequest(type: RequestType, name: string, ctx: Context): Value | undefined {
  const found = stored(ctx, 'values on requests', () => new Map<string, readonly Option[]>());
  let options = found.get(name);
  if (options === undefined) {
    found.set(name, []);
    found.set(name, options = search(type, name, ctx));
  }
  if (options.length > 1) return { kind: 'union', options };
  ctx.hold(options[0]?.facts ?? []);
  return options[0]?.value;
}

function search(type: RequestType, name: string, ctx: Context): readonly Option[] {
  const options = collected(put(ctx), name, () => {
    const style = ctx.language === 'python' ? 'request' : type;
    for (const fn of settersOf(name, ctx)) ctx.apart(() => runForRequest(fn, (parameter, index) => (isRequest(parameter, index, ctx) ? requestFor(parameter, style) : undefined), ctx));
  });
  const given = options.filter(({ value }) => !isNothing(value));
  const isKnown = (ctx.language === 'javascript' && given.every(({ value }) => value.kind === 'row' || isClient(value))) || given.every(({ value }) => value.kind === 'input' && value.trust === 'untrusted');
  return isKnown ? given : [];
}

/** A client of a database, or an object of a class of the project, which may hold one. */
function isClient(value: Value): boolean {
  return value.kind === 'instance' || (value.kind === 'library' && value.library !== FRAMEWORKS);
}

/** The functions that set a member of what they are given first; in Python of a request, also in a function inside. */
function settersOf(name: string, ctx: Context): FunctionValue[] {
  const sets = (body: unknown, object: string) => object !== '' && nodes(body).some((node) => isSetting(node, object, name));
  return functionsWhere(ctx.language, new RegExp(`\\.${literally(name)} =(?!=)|\\.set\\(\\s*['"]${literally(name)}['"]\\s*,`), ctx).filter(({ function: { parameters: [first], body } }) => (ctx.language === 'python' ? sets(body, 'request') : first !== undefined && sets(body, nameOf(first) || eventIn(first.target))));
}

/** SvelteKit's `({ event, resolve }) => ...`. */
function eventIn(target: Pattern): string {
  const found = target.kind === 'object' ? target.properties.find(({ key }) => key === 'event')?.target : undefined;
  return found?.kind === 'name' ? found.name : '';
}

function isRequest(parameter: Parameter, index: number, ctx: Context): boolean {
  return ctx.language === 'python' ? nameOf(parameter) === 'request' : index === 0;
}

function isSetting(node: { readonly kind: string }, object: string, name: string): boolean {
  if (isSetByName(node, name, (on) => isBelow(on, object))) return true;
  if (node.kind !== 'assignment' && node.kind !== 'declare') return false;
  const { target } = node as AssignmentExpression | DeclareStatement;
  const member = target.kind === 'target' ? target.expression : undefined;
  return member?.kind === 'member' && member.property === name && isBelow(member.object, object);
}

/** `req`, `ctx.state`. */
function isBelow(node: CodeExpression, name: string): boolean {
  return node.kind === 'name' ? node.name === name : node.kind === 'member' && isBelow(node.object, name);
}

function put(ctx: Context): Put {
  return stored(ctx, 'put on requests', () => new Map<string, Option[]>());
}
