import type { CodeClass } from '../../../../facts/code.js';
import type { Call, Context } from '../../library.js';
import { Registry } from '../../journal.js';
import { stored } from '../../store.js';
import type { ClassValue } from '../../values.js';
import { textOf } from '../sqlalchemy/given.js';

/** What the routes of the project lead to of a view set. */
export interface Routed {
  /** A router leads to whatever it has. */
  readonly isRegistered: boolean;
  /** `as_view({'get': 'list'})`: the methods by the name of the action. */
  readonly methods: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What the routes of the project lead to of a view set; undefined when none is known. */
export function routedOf(owner: ClassValue, ctx: Context): Routed | undefined {
  return routes(ctx).get(owner.class);
}

/** `router.register('items', Items)`. */
export function register({ arguments: { positional, named } }: Call, ctx: Context): void {
  const view = positional[1] ?? named.get('viewset');
  const known = view && ctx.read(view);
  if (known?.kind === 'classValue') routes(ctx).set(known.class, { ...begun(known, ctx), isRegistered: true });
}

/** `Items.as_view({'get': 'list', 'post': 'create'})`. */
export function asView(owner: ClassValue, { arguments: { positional, named } }: Call, ctx: Context): void {
  const actions = positional[0] ?? named.get('actions');
  const known = actions && ctx.read(actions);
  if (known?.kind !== 'object') return;
  const before = begun(owner, ctx);
  const methods = new Map(before.methods);
  for (const entry of known.entries) {
    const action = entry.kind === 'property' ? textOf(entry.value, ctx) : undefined;
    if (entry.kind === 'property' && action !== undefined) methods.set(action, new Set([...methods.get(action) ?? [], entry.key.toUpperCase()]));
  }
  routes(ctx).set(owner.class, { ...before, methods });
}

function begun(owner: ClassValue, ctx: Context): Routed {
  return routes(ctx).get(owner.class) ?? { isRegistered: false, methods: new Map() };
}

function routes(ctx: Context): Map<CodeClass, Routed> {
  return stored(ctx, 'routed view sets', () => new Registry<CodeClass, Routed>(ctx.journal));
}
