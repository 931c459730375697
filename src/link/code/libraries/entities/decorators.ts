import { stored } from '../../store.js';
import type { CodeExpression } from '../../../../facts/code.js';
import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import type { Scope } from '../../scope.js';
import type { LibraryValue, Value } from '../../values.js';
import { undefinedValue } from '../../values.js';

/** A decorator of an ORM: `@Column({ nullable: true })`. */
export interface Decoration {
  readonly library: string;
  readonly name: string;
  readonly args: readonly Value[];
  readonly location: Location;
}

const TYPE = 'decorator';
const COLLECTED = 'entities:decorations';

/** What a call of a decorator's name gives: what is applied to a class, property or parameter. */
export function decorator(library: string, name: string, call: Call): LibraryValue {
  return { kind: 'library', library, type: TYPE, data: { library, name, args: call.arguments.positional, location: call.location } satisfies Decoration };
}

/** Whether a value is a decorator of an entity library. */
export function isDecorator(value: Value): value is LibraryValue & { readonly type: 'decorator' } {
  return value.kind === 'library' && value.type === TYPE;
}

/** A decorator that code of the project calls with its target. */
export function applyDecorator(value: LibraryValue, call: Call, ctx: Context): Value {
  const [target] = call.arguments.positional;
  const known = target && ctx.read(target);
  if (known?.kind === 'classValue') {
    ctx.journal.declared++;
    ofClass(known.class, ctx).push(value.data as Decoration);
  }
  (ctx.store.get(COLLECTED) as Decoration[] | undefined)?.push(value.data as Decoration);
  return undefinedValue;
}

/** The decorators that code of the project has applied to a class. */
export function ofClass(code: object, ctx: Context): Decoration[] {
  const all = stored(ctx, 'entities:classes', () => new Map<object, Decoration[]>());
  let found = all.get(code);
  if (found === undefined) all.set(code, found = []);
  return found;
}

/**
 * The decorators of a library on a member of a class, also those that a decorator of the project applies.
 * @param uncalled the name of a decorator of the library that is written without a call
 */
export function decorationsOf(
  decorators: readonly CodeExpression[], scope: Scope, member: string, library: string, uncalled: (value: Value) => string | undefined, ctx: Context,
): readonly Decoration[] {
  return decorators.flatMap((each): readonly Decoration[] => ctx.apart(() => {
    const value = ctx.read(ctx.evaluate(each, scope));
    if (isDecorator(value)) return value.library === library ? [value.data as Decoration] : [];
    const name = uncalled(value);
    if (name !== undefined) return [{ library, name, args: [], location: each.location }];
    return value.kind === 'function' || value.kind === 'union' ? appliedBy(value, member, library, each, ctx) : [];
  }));
}

/** The property decorators that a function of the project applies: `(target, key) => Column(options)(target, key)`. */
function appliedBy(value: Value, member: string, library: string, { location }: CodeExpression, ctx: Context): readonly Decoration[] {
  const before = ctx.store.get(COLLECTED);
  const collected: Decoration[] = [];
  ctx.store.set(COLLECTED, collected);
  try {
    ctx.invoke(value, [ctx.input('the class', 'trusted'), { kind: 'constant', value: member }], location);
  } finally {
    ctx.store.set(COLLECTED, before);
  }
  return collected.filter((each) => each.library === library).map((each) => ({ ...each, location }));
}
