import type { Call, Context, Library } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { exportedPath } from '../sql-client.js';
import { authMethod } from './auth.js';
import { addStep, clientMethod, clientValue, SUPABASE } from './builder.js';
import { madeClient, makesClient } from './keys.js';
import { send } from './run.js';

/** supabase-js: queries over PostgREST; a builder changes in place and is sent when it is awaited. */
export const supabaseLibrary: Library = {
  name: SUPABASE,
  modules: [
    '@supabase/supabase-js', '@supabase/ssr', '@supabase/postgrest-js', '@supabase/auth-helpers-nextjs', '@supabase/auth-helpers-react', '@supabase/auth-helpers-remix',
    '@supabase/auth-helpers-sveltekit', '@supabase/auth-helpers-shared', '#supabase/server', '@nuxtjs/supabase',
  ],
  // Deno names packages by address: `https://esm.sh/@supabase/supabase-js@2`, `jsr:@supabase/supabase-js@2`.
  speaksFor: (module) => /(^|[:/])@supabase\/(supabase-js|ssr)(@|$|\/)/.test(module),
  call: (callee, call, ctx) => {
    const name = callee.kind === 'external' ? exportedPath(callee).at(-1) : undefined;
    return name !== undefined && makesClient(name) ? clientValue(madeClient(name, call, ctx)) : undefined;
  },
  typed: (type) => (exportedPath(type).at(-1) === 'SupabaseClient' ? clientValue({}) : undefined),
  member: (object, name) => (object.kind === 'library' && object.type === 'client' && /^(?:auth|storage|functions|realtime)$/.test(name) ? { ...object, type: name } : undefined),
  method: (object, name, call, ctx) => (object.kind === 'library' ? method(object, name, call, ctx) : undefined),
  awaited: (value, location, ctx) => (value.type === 'builder' ? send(value, location, ctx) : undefined),
};

function method(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  switch (object.type) {
    case 'client': return clientMethod(object, name, call, ctx);
    case 'builder': return name === 'then' || name === 'catch' || name === 'finally' ? undefined : addStep(object, name, call, ctx);
    case 'auth': return authMethod(name, call, ctx);
    default: return undefined;
  }
}
