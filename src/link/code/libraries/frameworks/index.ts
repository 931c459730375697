import type { Call, Context, Library } from '../../library.js';
import type { ExternalValue, LibraryValue, Value } from '../../values.js';
import { exportedPath } from '../sql-client.js';
import { decoratedParameters } from './decorated.js';
import { nextParameters } from './next.js';
import { isApplication, pythonExternal, pythonParameters } from './python.js';
import { FRAMEWORKS } from './name.js';
import { input, requestMember, requestMethod } from './request.js';
import { resolverParameters } from './resolvers.js';
import { handlerParameters, routerMethod, routerOf, typedAs } from './routes.js';
import { schemaMethod } from './schemas.js';
import { validating } from './validated.js';

/** Who is signed in, as packages for authentication say: nobody's input. */
const SESSIONS = /^(?:getServerSession|getSession|auth|currentUser|getAuth|getToken|validateRequest|unstable_getServerSession|clerkClient|withAuth|getUser)$/;
const AUTHENTICATION = /^(?:next-auth|@auth\/|@clerk\/|@workos-inc\/authkit-nextjs|@auth0\/nextjs-auth0|better-auth|lucia|iron-session|@kinde-oss\/)/;

/** Web frameworks: what of their values the caller sent, and what authentication says. They run no queries. */
export const frameworksLibrary: Library = {
  name: FRAMEWORKS,
  incidental: true,
  modules: [
    'express', 'express-promise-router', 'express-serve-static-core', 'fastify', 'restify', 'polka', 'hono', '@hono/', 'hono-openapi', 'koa', 'koa-router', '@koa/router',
    'next', 'zod', 'next-auth', '@auth/', '@clerk/', '@workos-inc/authkit-nextjs', '@auth0/nextjs-auth0', 'better-auth', 'lucia', 'iron-session', '@kinde-oss/',
    'fastapi', 'starlette', 'flask', 'quart', 'flask_restx', 'flask_smorest', 'apiflask', 'flask_openapi3', 'flask_login', 'django.http',
  ],
  external: (value) => pythonExternal(value),
  call: (callee, call, ctx) => (callee.kind === 'external' ? validating(callee, call, ctx) ?? called(callee, call) : undefined),
  member: (object, name) => (object.kind === 'library' && isRequest(object) ? requestMember(object, name) : undefined),
  method,
  typed: (type) => typedAs(type),
  parameters: (fn, decorators, ctx) => decoratedParameters(fn, ctx) ?? pythonParameters(fn, decorators, ctx) ?? nextParameters(fn, ctx) ?? (ctx.modules.get(fn.scope.file)?.language === 'javascript' ? handlerParameters(fn, ctx) ?? resolverParameters(fn) : undefined),
};

function isRequest({ type }: LibraryValue): boolean {
  return type === 'request' || type === 'context';
}

function called(callee: ExternalValue, { location }: Call): Value | undefined {
  const name = exportedPath(callee).at(-1) ?? '';
  if (AUTHENTICATION.test(callee.module)) return SESSIONS.test(name) ? input(`${name}()`, 'the session', 'trusted') : undefined;
  if (callee.module === 'next/headers') return name === 'headers' || name === 'cookies' ? input(`${name}()`, `the ${name}`, 'untrusted') : undefined;
  if (isApplication(callee.module, name)) return { ...callee, instance: true };
  if (callee.module.startsWith('next') || location.file === '') return undefined;
  return routerOf(callee);
}

function method(object: ExternalValue | LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (object.kind === 'library' && isRequest(object)) return requestMethod(object, name, call, ctx);
  if (object.kind === 'library' && object.type === 'router') return routerMethod(object, name, call, ctx);
  if (object.kind === 'external' && object.module === 'express' && name === 'Router') return routerOf({ ...object, path: ['Router'] });
  return object.kind === 'external' || object.type === 'schema' ? schemaMethod(object, name, call, ctx) : undefined;
}
