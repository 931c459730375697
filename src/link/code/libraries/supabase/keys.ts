import type { Call, Context } from '../../library.js';
import type { Value } from '../../values.js';
import { constantText } from '../objects.js';
import type { ClientData, Rls } from './builder.js';

/** Makers of clients that act for the user of a request: the policies of the database bind them. */
const USER_CLIENTS = new Set([
  'createServerClient', 'createBrowserClient', 'createRouteHandlerClient', 'createServerComponentClient', 'createServerActionClient', 'createMiddlewareClient',
  'createClientComponentClient', 'createPagesServerClient', 'createPagesBrowserClient', 'createBrowserSupabaseClient', 'createServerSupabaseClient',
  'createMiddlewareSupabaseClient', 'serverSupabaseClient', 'useSupabaseClient', 'useSupabase',
]);

const SERVICE_CLIENTS = new Set(['serverSupabaseServiceRole']);

/** Whether a function of the packages makes a client. */
export function makesClient(name: string): boolean {
  return name === 'createClient' || name === 'SupabaseClient' || USER_CLIENTS.has(name) || SERVICE_CLIENTS.has(name);
}

/** The client that a call makes: the service role's key passes by the policies, any other is bound by them (Supabase manual, "API keys"). */
export function madeClient(name: string, call: Call, ctx: Context): ClientData {
  const [, key, options] = call.arguments.positional;
  const schema = options && textAt(options, ['db', 'schema'], ctx);
  const rls = rlsOf(name, key, options, ctx);
  return { ...(rls && { rls }), ...(schema !== undefined && { schema }) };
}

function rlsOf(name: string, key: Value | undefined, options: Value | undefined, ctx: Context): Rls | undefined {
  if (SERVICE_CLIENTS.has(name)) return 'bypassed';
  // A user's own token says who asks, whatever the key.
  if (options && valueAt(options, ['global', 'headers', 'Authorization'], ctx)) return 'enforced';
  const written = key ? namesOf(key, ctx) : '';
  if (/service_?role|service_?key|secret_?key|admin_?key|sb_secret/i.test(written)) return 'bypassed';
  if (/anon|publishable|public/i.test(written) || USER_CLIENTS.has(name)) return 'enforced';
  return undefined;
}

/** The names that a value was read by. */
function namesOf(value: Value, ctx: Context): string {
  const known = ctx.read(value);
  switch (known.kind) {
    case 'external': return known.path.join('.');
    case 'input': return `${known.name} ${/\((.*)/s.exec(known.key)?.[1] ?? known.key.split('@')[0]!}`;
    case 'constant': return typeof known.value === 'string' ? roleOf(known.value) : '';
    case 'union': return known.options.map((option) => namesOf(option.value, ctx)).join(' ');
    case 'text': return known.parts.map((part) => (part.kind === 'hole' ? namesOf(part.value, ctx) : '')).join(' ');
    default: return '';
  }
}

/** The role inside of a key that is written out. */
function roleOf(key: string): string {
  const [, payload] = key.split('.');
  return payload === undefined ? key : Buffer.from(payload, 'base64url').toString('utf8');
}

function valueAt(value: Value, path: readonly string[], ctx: Context): Value | undefined {
  let known: Value = ctx.read(value);
  for (const key of path) {
    if (known.kind !== 'object') return undefined;
    const entry: Value | undefined = known.entries.flatMap((each) => (each.kind === 'property' && each.key.toLowerCase() === key.toLowerCase() ? [each.value] : [])).at(-1);
    if (!entry) return undefined;
    known = ctx.read(entry);
  }
  return known;
}

function textAt(value: Value, path: readonly string[], ctx: Context): string | undefined {
  const found = valueAt(value, path, ctx);
  return found && constantText(found, ctx);
}
