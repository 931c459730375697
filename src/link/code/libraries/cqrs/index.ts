import type { CodeClass } from '../../../../facts/code.js';
import type { Call, Context, Library } from '../../library.js';
import type { ClassValue, ExternalValue, LibraryValue, Value } from '../../values.js';
import { stored } from '../../store.js';
import { classesOf, isDecoratedBy } from '../searched.js';

const CQRS = '@nestjs/cqrs';

/** The buses of NestJS, with the decorator of the classes that handle what is sent by them, and the method that is called. */
const BUSES: ReadonlyMap<string, readonly [decorator: string, method: string]> = new Map([
  ['CommandBus', ['CommandHandler', 'execute']], ['QueryBus', ['QueryHandler', 'execute']], ['EventBus', ['EventsHandler', 'handle']],
]);

/** The buses of NestJS: whoever sends a message by one leads to what its handler asks for. */
export const cqrsLibrary: Library = {
  name: CQRS,
  modules: [CQRS],
  joins: true,
  typed: typedBus,
  method: (object, name, call, ctx) => (object.kind === 'library' && object.type === 'bus' ? busMethod(object, name, call, ctx) : undefined),
};

/** A parameter of the type of a bus. */
function typedBus({ module, path }: ExternalValue): Value | undefined {
  const name = path.at(-1) ?? '';
  return module === CQRS && BUSES.has(name) ? { kind: 'library', library: CQRS, type: 'bus', data: name } : undefined;
}

/**
 * `commandBus.execute(new RenameProject(...))`, `eventBus.publish(...)`: the classes that are decorated with the message's class handle it.
 * @see NestJS documentation, "CQRS"
 */
function busMethod(object: LibraryValue, name: string, { arguments: { positional: [message] }, location }: Call, ctx: Context): Value | undefined {
  const bus = BUSES.get(object.data as string);
  const sent = message && ctx.read(message);
  if (bus === undefined || !/^(?:execute|publish)$/.test(name) || sent?.kind !== 'instance') return undefined;
  const [decorator, method] = bus;
  const answers = handlersOf(sent.class, decorator, ctx).flatMap((handler) => {
    const handle = ctx.member(ctx.instanceOf(handler), method);
    return ctx.read(handle).kind === 'function' ? [ctx.invoke(handle, [message!], location)] : [];
  });
  return answers.length === 1 ? answers[0] : undefined;
}

/** The classes that handle a message. */
function handlersOf(message: ClassValue, decorator: string, ctx: Context): readonly ClassValue[] {
  const all = stored(ctx, `handlers of ${decorator}`, () => classesOf(ctx.journal.filesWith(new RegExp(`\\b${decorator}\\b`)), ctx).map((handler) => ({ handler, handled: handledBy(handler, decorator, ctx) })));
  return all.filter(({ handled }) => handled.includes(message.class)).map(({ handler }) => handler);
}

/** The classes of messages that a class is decorated with. */
function handledBy({ class: { decorators }, scope }: ClassValue, decorator: string, ctx: Context): readonly CodeClass[] {
  return decorators.flatMap((node) => (node.kind !== 'call' || !isDecoratedBy([node], scope, (module, name) => module === CQRS && name === decorator, ctx) ? [] : node.arguments.flatMap(({ value }) => {
    const known = ctx.read(ctx.evaluate(value, scope));
    return known.kind === 'classValue' ? [known.class] : [];
  })));
}
