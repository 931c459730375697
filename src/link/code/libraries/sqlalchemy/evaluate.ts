import type { Context } from '../../library.js';
import type { Scope } from '../../scope.js';
import { Scope as NameScope } from '../../scope.js';
import type { Value } from '../../values.js';

/** A scope inside of another that knows some more names. */
export function scopeWith(ctx: Context, parent: Scope, names: ReadonlyMap<string, Value>): Scope {
  const scope = new NameScope(parent.file, parent, true);
  for (const [name, value] of names) ctx.declare(scope, name, value);
  return scope;
}
