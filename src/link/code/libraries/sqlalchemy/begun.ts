import type { CodeExpression, CodeFunction } from '../../../../facts/code.js';
import type { Call, Context } from '../../library.js';
import { stored } from '../../store.js';
import type { FunctionValue, LibraryValue, SettingSet, Value } from '../../values.js';
import { functionsWhere } from '../searched.js';
import { SQLALCHEMY } from './data.js';
import { libraryValue } from './given.js';

/** What a listener of the project sets whenever a session begins a transaction, and of which sessions. */
interface Listener {
  readonly target: Value;
  readonly settings: readonly SettingSet[];
}

/**
 * A new session: `@event.listens_for(Session, "after_begin")` has set what it sets on its connection, in each of its transactions.
 * @param maker the `sessionmaker()` that has made it
 * @param isMade whether it is made here: what a parameter is given some maker may have made
 * @see SQLAlchemy manual, "ORM Events", SessionEvents.after_begin
 */
export function begunSession(session: LibraryValue, maker: LibraryValue | undefined, isMade: boolean, ctx: Context): LibraryValue {
  const { access } = session;
  if (typeof access !== 'object') return session;
  const made = { ...session, data: { ...(maker && { maker: maker.data as string }), isMade } satisfies SessionData };
  const settings = listeners(ctx).filter(({ target }) => isOf(target, maker)).flatMap((each) => each.settings);
  ctx.hold(settings.map((setting) => ({ kind: 'session', session: access.id, event: { ...setting, local: false } })));
  return made;
}

/** `sessionmaker(...)`: known from others by its place. */
export function sessionMaker({ location }: Call): LibraryValue {
  return libraryValue(SQLALCHEMY, 'sessionmaker', `${location.file}:${location.start}`);
}

/** What is known of where a session comes from. */
export interface SessionData {
  /** The `sessionmaker()` that has made it, by its place. */
  readonly maker?: string;
  /** Whether it is known how it was made. */
  readonly isMade: boolean;
}

function isOf(target: Value, maker: LibraryValue | undefined): boolean {
  return target.kind === 'external' ? /Session$/.test(target.path.at(-1) ?? '') : target.kind === 'library' && target.type === 'sessionmaker' && target.data === maker?.data;
}

function listeners(ctx: Context): readonly Listener[] {
  const known = stored(ctx, 'sqlalchemy:begun', () => new WeakMap<CodeFunction, readonly Listener[]>());
  return stored(ctx, 'sqlalchemy:after_begin', () => functionsWhere('python', /["']after_begin["']/, ctx, false)).flatMap((fn) => {
    const found = known.get(fn.function);
    if (found !== undefined) return found;
    // What a listener does with a session of its own is not listened to.
    known.set(fn.function, []);
    const own = listenerOf(fn, ctx);
    known.set(fn.function, own);
    return own;
  });
}

function listenerOf(fn: FunctionValue, ctx: Context): Listener[] {
  return fn.function.decorators.flatMap((node) => {
    const target = targetOf(node, fn, ctx);
    if (target === undefined) return [];
    const settings = ctx.apart(() => {
      const session = ctx.connections.own(libraryValue(SQLALCHEMY, 'session', undefined), 'always');
      return ctx.connections.settingsOf(() => void ctx.invoke(fn, [session, ctx.input('a transaction', 'unknown'), session], fn.function.location));
    });
    return [{ target, settings }];
  });
}

/** What `@event.listens_for(target, "after_begin")` listens to. */
export function targetOf(node: CodeExpression, { scope }: FunctionValue, ctx: Context, event = 'after_begin'): Value | undefined {
  if (node.kind !== 'call' || node.arguments.length < 2) return undefined;
  const [target, name] = node.arguments.map(({ value }) => ctx.read(ctx.evaluate(value, scope)));
  const callee = ctx.read(ctx.evaluate(node.callee, scope));
  return callee.kind === 'external' && callee.path.at(-1) === 'listens_for' && name?.kind === 'constant' && name.value === event ? target : undefined;
}
