import type { Location } from '../../../../facts/location.js';
import type { Context } from '../../library.js';
import type { ObjectEntryValue, Value } from '../../values.js';
import { SIGNED_IN } from './request.js';

/** Who is signed in is what the server has found out, in the context that it makes or in a middleware. */
export function signedIn(context: Value, location: Location, ctx: Context): Value {
  const known = ctx.read(context);
  if (known.kind === 'union') return { kind: 'union', options: known.options.map((each) => ({ ...each, value: signedIn(each.value, location, ctx) })) };
  if (known.kind === 'object') return ctx.allocate({ ...known, entries: known.entries.map((entry) => (entry.kind === 'property' && SIGNED_IN.test(entry.key) ? { ...entry, value: foundOut(entry.value, `ctx.${entry.key}`, ctx) } : entry)) });
  if (known.kind !== 'input') return context;
  const names = (ctx.keysOf(known) ?? ['session', 'user', 'auth']).filter((name) => SIGNED_IN.test(name));
  const members = names.map((name): ObjectEntryValue => ({ kind: 'property', key: name, value: foundOut(ctx.member(context, name), `ctx.${name}`, ctx), maybe: false, location }));
  return members.length === 0 ? context : ctx.allocate({ kind: 'object', entries: [{ kind: 'spread', value: context, maybe: false, location }, ...members], location });
}

function foundOut(value: Value, name: string, ctx: Context): Value {
  const known = ctx.read(value);
  if (known.kind === 'union') return { kind: 'union', options: known.options.map((each) => ({ ...each, value: foundOut(each.value, name, ctx) })) };
  return known.kind === 'input' && known.trust === 'unknown' ? { ...known, trust: 'trusted', name } : value;
}
