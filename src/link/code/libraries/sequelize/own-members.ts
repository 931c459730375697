import type { Context } from '../../library.js';
import { stored } from '../../store.js';
import type { LibraryValue, ObjectEntryValue, Value } from '../../values.js';
import type { Entity } from '../entities/registry.js';

type Members = Map<string, Value>;

/** What a project puts on a model itself: `Invoice.associate = (models) => { ... }`, `User.active = function () { return this.findAll(...); }`. */
export function setOnModel(object: LibraryValue, entries: readonly ObjectEntryValue[], ctx: Context): void {
  const { model } = object.data as Entity;
  const all = everyMember(ctx);
  const own = all.get(model) ?? new Map<string, Value>();
  all.set(model, own);
  for (const entry of entries) if (entry.kind === 'property') own.set(entry.key, entry.value);
}

/** What was put on a model under a name; a function is called with the model as `this`. */
export function ownMember(object: LibraryValue, name: string, ctx: Context): Value | undefined {
  const found = everyMember(ctx).get((object.data as Entity).model)?.get(name);
  const known = found && ctx.read(found);
  return known?.kind === 'function' && known.self === undefined ? { ...known, self: object } : found;
}

function everyMember(ctx: Context): WeakMap<object, Members> {
  return stored(ctx, 'sequelize:own members', () => new WeakMap<object, Members>());
}
