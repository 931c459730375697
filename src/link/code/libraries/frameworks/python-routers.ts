import type { Call, Context } from '../../library.js';
import type { ClassValue, ExternalValue, LibraryValue, Value } from '../../values.js';
import { FRAMEWORKS } from './name.js';

/** What an application or a router asks before each of its handlers, and the routers it is a part of. */
export interface Router {
  readonly dependencies: readonly Value[];
  readonly parents: LibraryValue[];
  /** What the paths of a blueprint begin with. */
  readonly prefix?: Value;
}

/** What a router or an application of Python keeps beside its name: it is found again by the functions that it decorates. */
export function routerData(name: string, { arguments: { named } }: Call): LibraryValue {
  const dependencies = named.get('dependencies');
  const prefix = named.get('url_prefix');
  return { kind: 'library', library: FRAMEWORKS, type: /^(?:Flask|Quart|APIFlask|OpenAPI)$/.test(name) ? 'flask application' : 'python router', data: { dependencies: dependencies ? [dependencies] : [], parents: [], ...(prefix && { prefix }) } satisfies Router };
}

/** What a class of the project that is a router or an application adds to it concerns how its routes are declared alone. */
const DECLARES = /^(?:__\w+__|get|post|put|patch|delete|head|options|trace|route|api_route|websocket|add_api_route|add_route|include_router|mount)$/;

/** A class of the project whose base is a router or an application, `class Router(APIRouter)`: what it makes is one. */
export function routerClass({ class: { methods, fields } }: ClassValue, base: ExternalValue): LibraryValue | undefined {
  return fields.length === 0 && methods.every(({ name }) => DECLARES.test(name ?? '')) ? { kind: 'library', library: FRAMEWORKS, type: 'router class', data: base } : undefined;
}

/** The router or application that a class of the project makes. */
export function madeRouter(base: ExternalValue, call: Call): ExternalValue {
  return { ...base, instance: true, arguments: [routerData(base.path.at(-1)!, call)] };
}

/** `app.include_router(router, dependencies=[...])`. */
export function include(app: ExternalValue, { arguments: { positional: [first], named } }: Call, ctx: Context): void {
  const router = routerBehind(first ?? named.get('router'), ctx);
  const outer = routerBehind(app, ctx);
  if (router === undefined) return;
  const dependencies = named.get('dependencies');
  const asked: Router = { dependencies: dependencies ? [dependencies] : [], parents: outer ? [outer] : [] };
  (router.data as Router).parents.push({ ...router, data: asked });
}

/** The router that a value is made of. */
export function routerBehind(value: Value | undefined, ctx: Context): LibraryValue | undefined {
  const known = value && ctx.read(value);
  return known?.kind === 'external' ? known.arguments?.find((each): each is LibraryValue => each.kind === 'library' && (each.type === 'python router' || each.type === 'flask application')) : undefined;
}
