import type { Location } from '../../../../facts/location.js';
import type { ModelTable } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import type { FunctionValue, LibraryValue, ObjectValue, Value } from '../../values.js';
import { fieldsOf } from '../objects.js';

/** A method that an extension adds to a client or a model (Prisma manual, "Prisma Client extensions"), bound to it. */
export function extensionMember(extensions: readonly Value[], path: readonly string[], name: string, self: LibraryValue, ctx: Context): FunctionValue | undefined {
  for (const extension of [...extensions].reverse()) {
    const found = functionAt(extension, [...path, name], ctx);
    if (found) return { ...found, self };
  }
  return undefined;
}

function functionAt(value: Value, path: readonly string[], ctx: Context): FunctionValue | undefined {
  let known: Value = ctx.read(value);
  for (const key of path) {
    const inner: Value | undefined = known.kind === 'object' ? fieldsOf(known, ctx).given.find((given) => given.key === key)?.value : undefined;
    if (inner === undefined) return undefined;
    known = ctx.read(inner);
  }
  return known.kind === 'function' ? known : undefined;
}

/** The query hooks that an operation passes, the outermost first: of each extension the most specific one. */
export function hooksOf(extensions: readonly Value[], delegate: string, operation: string, ctx: Context): readonly FunctionValue[] {
  const places = [[delegate, operation], [delegate, '$allOperations'], ['$allModels', operation], ['$allModels', '$allOperations'], ['$allOperations']];
  return extensions.flatMap((extension) => {
    for (const place of places) {
      const found = functionAt(extension, ['query', ...place], ctx);
      if (found) return [found];
    }
    return [];
  });
}

/** An operation on its way through the hooks. */
export interface Passing {
  readonly delegateName: string;
  readonly model: ModelTable | undefined;
  readonly operation: string;
  readonly args: Value | undefined;
  readonly location: Location;
  readonly run: (args: Value | undefined) => Value;
}

/** Calls the outermost hook; the `query` it is given calls the next one, and at last runs the operation with the arguments as they were changed. */
export function runHooks(hooks: readonly FunctionValue[], passing: Passing, ctx: Context): Value {
  const [hook, ...rest] = hooks;
  if (!hook) return passing.run(passing.args);
  const { location, operation, model, args } = passing;
  const known = args && ctx.read(args);
  const entries: ObjectValue['entries'] = known?.kind === 'object' ? known.entries : known && known.kind !== 'constant' ? [{ kind: 'spread', value: known, maybe: false, location }] : [];
  const copy = ctx.allocate({ kind: 'object', entries, location });
  const query: LibraryValue = { kind: 'library', library: 'prisma', type: 'query', data: (given: Value | undefined) => runHooks(rest, { ...passing, args: given }, ctx) };
  const property = (key: string, value: Value) => ({ kind: 'property' as const, key, value, maybe: false, location });
  const given = ctx.allocate({
    kind: 'object', location,
    entries: [
      property('model', { kind: 'constant', value: model?.modelName }), property('operation', { kind: 'constant', value: operation }), property('args', copy), property('query', query),
    ],
  });
  return ctx.invoke(hook, [given], location);
}
