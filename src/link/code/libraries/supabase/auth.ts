import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import type { Fact, ObjectEntryValue, Value } from '../../values.js';
import { nullValue, undefinedValue, unknownValue } from '../../values.js';

const USER = 'the signed-in user';

/** `auth.getUser()`, `auth.getSession()`: who is signed in, as the platform says. */
export function authMethod(name: string, call: Call, ctx: Context): Value | undefined {
  const { location } = call;
  const user = ctx.input(USER, 'trusted', { key: USER, maybe: true });
  switch (name) {
    case 'getUser': case 'getClaims': return answer([['user', user], ['claims', user]], location, ctx);
    case 'getSession': case 'refreshSession': {
      const session = object([['user', { ...user, maybe: false } as Value], ['access_token', ctx.input('access_token', 'trusted', { key: 'the access token' })]], location, ctx);
      return answer([['session', { kind: 'union', options: [{ value: session, facts: [] }, { value: nullValue, facts: [] }] }], ['user', user]], location, ctx);
    }
    case 'signOut': return answer([], location, ctx);
    default: return undefined;
  }
}

function answer(data: readonly (readonly [string, Value])[], location: Location, ctx: Context): Value {
  const facts: readonly Fact[] = [{ kind: 'defined', key: USER }];
  return object([['data', data.length === 0 ? undefinedValue : object(data, location, ctx)], ['error', errorOr(facts, location, ctx)]], location, ctx);
}

/** An error, or null, and then something is known. */
export function errorOr(facts: readonly Fact[], location: Location, ctx: Context): Value {
  const error = ctx.allocate({ kind: 'object', entries: [{ kind: 'spread', value: unknownValue('an error'), maybe: false, location }], location });
  return { kind: 'union', options: [{ value: nullValue, facts }, { value: error, facts: [] }] };
}

function object(entries: readonly (readonly [string, Value])[], location: Location, ctx: Context): Value {
  const properties = entries.map(([key, value]): ObjectEntryValue => ({ kind: 'property', key, value, maybe: false, location }));
  return ctx.allocate({ kind: 'object', entries: properties, location });
}
