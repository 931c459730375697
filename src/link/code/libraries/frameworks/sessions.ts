import { isOfAny, type Call, type Context } from '../../library.js';
import { undefinedValue, type ExternalValue, type Fact, type LibraryValue, type Value } from '../../values.js';
import { exportedPath, runCallbacks } from '../sql-client.js';
import { isSigned, SIGNED_MESSAGE } from '../../signed.js';
import { FRAMEWORKS } from './name.js';
import { input } from './request.js';

/** Packages that say who is signed in, and by what: nobody's input. */
const AUTHENTICATION = ['next-auth', '@auth/', '@clerk/', '@workos-inc/authkit-nextjs', '@auth0/nextjs-auth0', 'better-auth', 'lucia', 'iron-session', '@kinde-oss/', 'remix-auth'];
const SESSIONS = /^(?:getServerSession|getSession|auth|currentUser|getAuth|getToken|validateRequest|unstable_getServerSession|clerkClient|withAuth|getUser|isAuthenticated|authenticate)$/;
/** `betterAuth({...})`, `NextAuth({...})`: what such a package is used by. */
const MAKES = /^(?:|Authenticator|betterAuth|NextAuth|createClerkClient|createAuthClient)$/;
/** Packages for tokens: what was verified is said by who signed it, what was only decoded by whoever sent it. */
const TOKENS = ['jsonwebtoken', 'jose', 'hono/jwt', '@tsndr/cloudflare-worker-jwt', 'fast-jwt', 'jwt-decode', 'jwt-simple'];
const VERIFIES = /^(?:verify|jwtVerify|verifyWithJwks)$/;
const DECODES = /^(?:decode|decodeJwt|jwtDecode|jwt_decode)$/;
/** Packages of Python whose `decode` verifies, unless it is told not to. */
const DECODING = ['jwt', 'jose', 'authlib.jose', 'joserfc'];
/** Services that say whose a token is. */
const IDENTIFYING = /^(?:firebase_admin(?:\.auth)?|google\.oauth2(?:\.id_token)?)$/;
/** Messages of other services that their signature proves: Stripe, Svix (Clerk, Resend), Standard Webhooks. */
const SIGNED = ['stripe', 'svix', 'standardwebhooks', '@octokit/webhooks', '@clerk/nextjs/webhooks', '@clerk/backend/webhooks', '@polar-sh/sdk/webhooks', '@paddle/paddle-node-sdk'];
const UNWRAPS = /^(?:constructEvent|constructEventAsync|verify|verifyWebhook|validateEvent|unmarshal|verifyAndReceive|construct_event)$/;
/** What a program has signed for itself: `itsdangerous` and Django's `signing`. */
const SIGNERS = /^(?:itsdangerous(?:\.\w+)?|django\.core\.signing)\.(?:\w*Signer|\w*Serializer)$/;
const SIGNING = ['itsdangerous', 'django.core.signing'];
/** Remix and React Router, whose sessions stand in cookies that the server signs. */
export const REMIX = ['@remix-run/', 'react-router', '@react-router/'];
const STORAGES = /^create(?:Cookie|Memory|File|Workers?KV|ArcTable)?SessionStorage(?:Factory)?$/;

/** The modules of packages for authentication, tokens and signed messages. */
export const sessionModules = [...AUTHENTICATION, ...TOKENS, ...SIGNED, ...DECODING, ...SIGNING, 'firebase_admin', 'google.oauth2'];

/** Whether a package is one for authentication or tokens. */
export function isOfSessions(module: string): boolean {
  return isOfAny(module, AUTHENTICATION) || TOKENS.includes(module);
}

/** What a function of a package for authentication gives. */
export function sessionCall(callee: ExternalValue, call: Call, ctx: Context): Value | undefined {
  const name = exportedPath(callee).at(-1) ?? '';
  if (isOfAny(callee.module, AUTHENTICATION)) return signedIn(callee, name) ?? (MAKES.test(name) ? { ...callee, path: [], instance: true } : undefined);
  if (TOKENS.includes(callee.module)) {
    if (VERIFIES.test(name)) {
      // `jwt.verify(token, secret, (error, payload) => ...)`: with an error there is no payload.
      runCallbacks(call, ctx, [undefinedValue, token()]);
      return verified(callee, call, ctx);
    }
    return DECODES.test(name) || callee.module === 'jwt-decode' ? decoded(call, ctx) : undefined;
  }
  return isOfAny(callee.module, REMIX) && STORAGES.test(name) ? { kind: 'library', library: FRAMEWORKS, type: 'sessions', data: undefined } : undefined;
}

/** What holds where a token has been verified: it may be decoded by itself then. */
function signature({ arguments: { positional: [first] } }: Call, ctx: Context): Fact | undefined {
  const sent = first && ctx.read(first);
  return sent?.kind === 'input' ? { kind: 'defined', key: `the signature of ${sent.key}` } : undefined;
}

/** Functions of Node throw where the signature is not right, that of Workers gives nothing (before its third version: false). */
function verified({ module }: ExternalValue, call: Call, ctx: Context): Value {
  const fact = signature(call, ctx);
  if (module === '@tsndr/cloudflare-worker-jwt') {
    const value = ctx.allocate({ kind: 'object', entries: [{ kind: 'property', key: 'payload', value: token(), maybe: false, location: call.location }], location: call.location });
    return { kind: 'union', options: [{ value, facts: fact ? [fact] : [] }, { value: { kind: 'constant', value: false }, facts: [] }] };
  }
  if (fact) ctx.hold([fact]);
  return token();
}

function decoded(call: Call, ctx: Context): Value {
  const fact = signature(call, ctx);
  return ctx.facts.some((each) => fact?.kind === 'defined' && each.kind === 'defined' && each.key === fact.key) ? token() : unverified();
}

/** `stripe.webhooks.constructEvent(body, signature, secret)`, `new Webhook(secret).verify(body, headers)`: what comes out is what the service said. */
export function signedMessage({ module }: ExternalValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (!SIGNED.includes(module)) return undefined;
  if (UNWRAPS.test(name)) return input('the webhook', SIGNED_MESSAGE, 'trusted');
  // What the service itself says of a thing that its message names.
  const [first] = call.arguments.positional;
  const asked = first && ctx.read(first);
  return name === 'retrieve' && asked?.kind === 'input' && isSigned(asked) ? input(`the webhook's ${asked.name}`, `${SIGNED_MESSAGE}.${asked.key}`, 'trusted') : undefined;
}

/**
 * `URLSafeTimedSerializer(key).loads(token)`, `TimestampSigner().unsign(token)`: an exception where the signature is not that of the key.
 * @see ItsDangerous documentation, "Serialization Interface"; Django documentation, "Cryptographic signing"
 */
export function signedByKey(object: ExternalValue, name: string, { arguments: { positional, named } }: Call, ctx: Context): Value | undefined {
  const path = [object.module, ...object.path].join('.');
  const ofClass = SIGNERS.test(path);
  if (ofClass ? !/^(?:loads?(?:_unsafe|_payload)?|unsign(?:_object)?)$/.test(name) : path !== 'django.core.signing' || name !== 'loads') return undefined;
  if (/_/.test(name) && name !== 'unsign_object') return unverified();
  // Whoever sent the key has signed what they like.
  const keys = ofClass ? object.arguments ?? [] : [positional[1], named.get('key')];
  const isSent = keys.some((key) => { const known = key && ctx.read(key); return known?.kind === 'input' && known.trust === 'untrusted'; });
  return isSent ? unverified() : input('what was signed', SIGNED_MESSAGE, 'trusted');
}

/** A signer of Python, and what `signing.loads` gives. */
export function signerCall(callee: ExternalValue, call: Call, ctx: Context): Value | undefined {
  const path = [callee.module, ...callee.path];
  if (SIGNERS.test(path.join('.'))) return { ...callee, instance: true, arguments: [...call.arguments.positional, ...call.arguments.named.values()] };
  return signedByKey({ ...callee, module: path.slice(0, -1).join('.'), path: [] }, path.at(-1)!, call, ctx);
}

/** `auth.api.getSession({ headers })` of an object that a package for authentication has made. */
export function sessionMethod(object: ExternalValue, name: string): Value | undefined {
  return object.instance === true ? signedIn(object, name) : undefined;
}

/**
 * What a token says, as Python's packages read it.
 * @see PyJWT documentation, "Usage Examples": `options={"verify_signature": False}`
 */
export function tokenCall(callee: ExternalValue, { arguments: { named } }: Call, ctx: Context): Value | undefined {
  const name = exportedPath(callee).at(-1) ?? '';
  if (IDENTIFYING.test(callee.module) && /^verify_\w*token$/.test(name)) return token();
  if (ctx.language !== 'python' || !DECODING.includes(callee.module)) return undefined;
  if (/^get_unverified/.test(name)) return unverified();
  if (!/^decode(?:_complete)?$/.test(name)) return undefined;
  const options = named.get('options');
  const isRefused = (value: Value | undefined): boolean => { const known = value && ctx.read(value); return known?.kind === 'constant' && known.value === false; };
  return isRefused(named.get('verify')) || (options !== undefined && isRefused(ctx.member(options, 'verify_signature'))) ? unverified() : token();
}

function token(): Value {
  return input('the token', 'the token', 'trusted');
}

function unverified(): Value {
  return input('a token that is not verified', 'the decoded token', 'untrusted');
}

function signedIn({ module }: ExternalValue, name: string): Value | undefined {
  return SESSIONS.test(name) && isOfAny(module, AUTHENTICATION) ? input(`${name}()`, 'the session', 'trusted') : undefined;
}

/** `const { getSession } = createCookieSessionStorage(...)`. */
export function storageMember({ type }: LibraryValue, name: string): Value | undefined {
  return type === 'sessions' && name === 'getSession' ? { kind: 'library', library: FRAMEWORKS, type: 'getSession', data: undefined } : undefined;
}

/** `sessionStorage.getSession(cookie)`, `session.get('userId')`. */
export function storageMethod({ type }: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (type === 'sessions') return name === 'getSession' ? session() : undefined;
  const first = call.arguments.positional[0];
  const key = first && ctx.read(first);
  if (type !== 'session' || name !== 'get' || key?.kind !== 'constant' || typeof key.value !== 'string') return undefined;
  return input(`session.${key.value}`, `the session.${key.value}`, 'trusted');
}

/** A session that was opened. */
export function session(): LibraryValue {
  return { kind: 'library', library: FRAMEWORKS, type: 'session', data: undefined };
}
