import type { Call, Context } from '../../library.js';
import { Registry } from '../../journal.js';
import { stored } from '../../store.js';
import type { LibraryValue, TypeInScope, Value } from '../../values.js';
import { functionsWhere, literally } from '../searched.js';
import { client, property } from '../sql-client.js';
import { EFFECT } from './steps.js';

/** What a service is asked for by: `class Notes extends Context.Tag('Notes')<Notes, NotesShape>() {}`. */
interface Tag {
  readonly id: string;
  readonly shape?: TypeInScope;
  /** What `Effect.Service` is made of. */
  readonly options?: Value;
}

/** `Context.Tag('id')`, and what that gives when it is called with types: `<Self, Shape>()`. */
export function tagOf(call: Call, ctx: Context, known?: LibraryValue): LibraryValue {
  const before = known?.data as Tag | undefined;
  const [first, second] = call.arguments.positional.map((each) => ctx.read(each));
  const id = first?.kind === 'constant' && typeof first.value === 'string' ? first.value : before?.id ?? `${call.location.file}:${call.location.start}`;
  const shape = call.typeArguments.at(-1) ?? before?.shape;
  return client(EFFECT, 'tag', { id, ...(shape && { shape }), ...(second?.kind === 'object' ? { options: second } : before?.options && { options: before.options }) } satisfies Tag);
}

/** The tag that a value is: one itself, or a class made from it. */
export function tagBehind(value: Value | undefined, ctx: Context): LibraryValue | undefined {
  const inner = value && ctx.read(value);
  const own = inner?.kind === 'classValue' ? ctx.ancestry(inner) : [inner];
  return own.find((each): each is LibraryValue => each?.kind === 'library' && each.library === EFFECT && each.type === 'tag');
}

function services(ctx: Context): Map<string, Value> {
  return stored(ctx, 'effect services', () => new Registry<string, Value>(ctx.journal));
}

/** `Layer.succeed(Tag, service)`: takes note of what a tag stands for. */
export function provide(tag: Value | undefined, service: Value | undefined, ctx: Context): void {
  const found = tagBehind(tag, ctx);
  const id = (found?.data as Tag | undefined)?.id;
  if (id !== undefined && service !== undefined && !services(ctx).has(id)) services(ctx).set(id, service);
}

/**
 * What `yield* Tag` gives: what some layer of the project makes of it; else what its type says.
 * @param owner the class that is the tag: layers are found by its name
 */
export function serviceOf(tag: LibraryValue, owner: Value | undefined, ctx: Context): Value {
  const { id, shape, options } = tag.data as Tag;
  const name = owner && ctx.nameOf(owner);
  const own = options && ctx.read(options);
  const made = own?.kind === 'object' ? ['effect', 'scoped', 'succeed', 'sync', 'make'].map((key) => property(own.entries, key)).find((each) => each !== undefined) : undefined;
  if (made !== undefined) return ctx.read(made).kind === 'function' ? ctx.apart(() => ctx.invoke(made, [], { file: ctx.file, start: 0, end: 0 })) : made;
  const searched = stored(ctx, 'searched for effect services', () => new Set<string>());
  if (!services(ctx).has(id) && name !== undefined && !searched.has(id)) {
    searched.add(id);
    const says = new RegExp(`\\bLayer\\.(?:succeed|effect|sync|scoped)\\(\\s*${literally(name)}\\b`);
    for (const fn of functionsWhere('javascript', says, ctx)) if (!services(ctx).has(id)) ctx.apart(() => ctx.invoke(fn, [], fn.function.location));
  }
  return services(ctx).get(id) ?? (shape && ctx.typed(shape)) ?? ctx.input(`the service ${id}`, 'unknown', { key: `service ${id}` });
}
