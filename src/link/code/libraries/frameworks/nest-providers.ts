import type { Context } from '../../library.js';
import { stored } from '../../store.js';
import type { ClassValue, ObjectValue, Value } from '../../values.js';
import { classesOf } from '../searched.js';
import { property } from '../sql-client.js';

/** A provider of a module, by what asks for it. */
interface Provider {
  readonly token: Value;
  readonly entries: ObjectValue['entries'];
  /** What it has given, once it was asked; while that is found out: nothing. */
  made?: { readonly value: Value | undefined };
}

/**
 * What `@Inject(token)` gives: what the provider of the token is, or makes.
 * @see NestJS documentation, "Custom providers"
 */
export function injected(token: Value, ctx: Context): Value | undefined {
  const provider = providers(ctx).find((each) => isSame(each.token, ctx.read(token)));
  return provider && provided(provider, ctx);
}

/** The object providers of all modules; those that a function makes are not looked for. */
function providers(ctx: Context): readonly Provider[] {
  return stored(ctx, 'nest providers', () => classesOf(ctx.journal.filesWith(/@Module\(/), ctx).flatMap((owner) => ctx.apart(() => providersOf(owner, ctx))));
}

/** The object providers that a class declares, where it is a module. */
export function providersOf({ class: { decorators }, scope }: ClassValue, ctx: Context): Provider[] {
  return decorators.flatMap((node) => {
    if (node.kind !== 'call' || node.arguments.length !== 1) return [];
    return optionsIn(ctx.evaluate(node.arguments[0]!.value, scope), ctx).flatMap((entries) => {
      const token = property(entries, 'provide');
      return token === undefined ? [] : [{ token: ctx.read(token), entries }];
    });
  });
}

/** The objects among the providers of a module. */
function optionsIn(options: Value, ctx: Context): ObjectValue['entries'][] {
  const known = ctx.read(options);
  const given = known.kind === 'object' ? property(known.entries, 'providers') : undefined;
  const list = given && ctx.read(given);
  return list?.kind !== 'list' ? [] : list.items.flatMap(({ value }) => {
    const provider = ctx.read(value);
    return provider.kind === 'object' ? [provider.entries] : [];
  });
}

/** Strings, classes and symbols, which are what made them. */
function isSame(a: Value, b: Value): boolean {
  if (a.kind === 'constant' && b.kind === 'constant') return a.value === b.value;
  if (a.kind === 'classValue' && b.kind === 'classValue') return a.class === b.class;
  return a.kind === 'input' && b.kind === 'input' && a.key === b.key;
}

/** Each is made once, apart from whoever asks for it. */
function provided(provider: Provider, ctx: Context): Value | undefined {
  if (provider.made === undefined) {
    provider.made = { value: undefined };
    provider.made = { value: ctx.apart(() => madeBy(provider.entries, ctx)) };
  }
  return provider.made.value;
}

function madeBy(entries: ObjectValue['entries'], ctx: Context): Value | undefined {
  const value = property(entries, 'useValue');
  if (value !== undefined) return value;
  const owner = property(entries, 'useClass');
  if (owner !== undefined) return ofToken(owner, ctx);
  const other = property(entries, 'useExisting');
  if (other !== undefined) return injected(other, ctx) ?? ofToken(other, ctx);
  const factory = property(entries, 'useFactory');
  const work = factory && ctx.read(factory);
  if (work?.kind !== 'function') return undefined;
  const asked = property(entries, 'inject');
  const tokens = asked && ctx.read(asked);
  const given = tokens?.kind === 'list' ? tokens.items.map((item) => injected(item.value, ctx) ?? ofToken(item.value, ctx) ?? ctx.input('what is injected', 'unknown')) : [];
  return ctx.invoke(work, given, work.function.location);
}

function ofToken(token: Value, ctx: Context): Value | undefined {
  const known = ctx.read(token);
  return known.kind === 'classValue' ? ctx.instanceOf(known) : undefined;
}
