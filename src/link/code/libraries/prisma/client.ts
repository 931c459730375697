import type { Location } from '../../../../facts/location.js';
import type { ModelTable } from '../../../../facts/schema.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { derived, undefinedValue, unknownValue } from '../../values.js';
import { extensionMember, hooksOf, runHooks } from './extensions.js';
import { kyselyMember } from './kysely-extension.js';
import { hasModels, modelOfDelegate } from './models.js';
import { aggregate, find, type Operation } from './operations.js';
import { rawQuery } from './raw.js';
import { create, remove, update, upsert } from './writing.js';

export const PRISMA = 'prisma';

export interface ClientData {
  /** The file that makes the client: of several schemas the nearest one is meant. */
  readonly file: string;
  /** The objects given to `$extends`, the first one first. */
  readonly extensions: readonly Value[];
}

export interface DelegateData {
  readonly client: LibraryValue;
  readonly name: string;
  readonly model?: ModelTable;
}

/** A client: PrismaClient, the client of a transaction, an extended one. */
export function clientValue(file: string): LibraryValue {
  return { kind: 'library', library: PRISMA, type: 'client', data: { file, extensions: [] } satisfies ClientData };
}

/** `prisma.user`, `prisma.$queryRaw`. */
export function clientMember(client: LibraryValue, name: string, ctx: Context): Value | undefined {
  const data = client.data as ClientData;
  if (name === '$kysely') return kyselyMember(client, data.extensions, ctx);
  if (name.startsWith('$')) return extensionMember(data.extensions, ['client'], name, client, ctx) ?? derived(client, 'clientMethod', { client, name });
  const model = modelOfDelegate(name, data.file, ctx);
  const own = model ? undefined : extensionMember(data.extensions, ['client'], name, client, ctx);
  if (own) return own;
  if (!model && !hasModels(ctx)) return undefined;
  return derived(client, 'delegate', { client, name, ...(model && { model }) } satisfies DelegateData);
}

/** `prisma.$transaction(...)` and the like. */
export function clientMethod(client: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const data = client.data as ClientData;
  const [first = undefinedValue] = call.arguments.positional;
  const own = extensionMember(data.extensions, ['client'], name, client, ctx);
  if (own) return ctx.invoke(own, call.arguments.positional, call.location);
  switch (name) {
    case '$transaction':
      if (!isList(first, ctx)) return ctx.invoke(first, [ctx.connections.own(client, 'always')], call.location);
      ctx.connections.batch(call.location);
      return first;
    case '$extends': return extended(client, first, call, ctx);
    case '$queryRaw': case '$executeRaw': case '$queryRawUnsafe': case '$executeRawUnsafe': case '$queryRawTyped': return rawQuery(client, name, call, ctx);
    case '$connect': case '$disconnect': case '$on': case '$use': return undefinedValue;
    default: return undefined;
  }
}

function isList(value: Value, ctx: Context): boolean {
  const known = ctx.read(value);
  if (known.kind === 'union') return known.options.some((option) => isList(option.value, ctx));
  return known.kind !== 'function';
}

/** `$extends({ ... })`, `$extends((client) => client.$extends(...))`. */
function extended(client: LibraryValue, extension: Value, call: Call, ctx: Context): Value {
  const known = ctx.read(extension);
  if (known.kind === 'function') return ctx.invoke(known, [client], call.location);
  if (known.kind !== 'object' && !(known.kind === 'library' && known.type === 'kyselyExtension')) return client;
  const data = client.data as ClientData;
  return derived(client, 'client', { ...data, extensions: [...data.extensions, extension] } satisfies ClientData);
}

/** `prisma.user.findMany(...)`. */
export function delegateMethod(delegate: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const { client, model, name: delegateName } = delegate.data as DelegateData;
  const data = client.data as ClientData;
  const own = extensionMember(data.extensions, ['model', delegateName], name, delegate, ctx) ?? extensionMember(data.extensions, ['model', '$allModels'], name, delegate, ctx);
  if (own) return ctx.invoke(own, call.arguments.positional, call.location);
  if (!OPERATIONS.has(name)) return undefined;
  const run = (args: Value | undefined): Value => operate(delegate, model, name, args, call.location, ctx);
  const hooks = hooksOf(data.extensions, delegateName, name, ctx);
  const [args] = call.arguments.positional;
  return hooks.length === 0 ? run(args) : runHooks(hooks, { delegateName, model, operation: name, args, location: call.location, run }, ctx);
}

const OPERATIONS = new Set([
  'findUnique', 'findUniqueOrThrow', 'findFirst', 'findFirstOrThrow', 'findMany', 'create', 'createMany', 'createManyAndReturn', 'update', 'updateMany',
  'updateManyAndReturn', 'upsert', 'delete', 'deleteMany', 'count', 'aggregate', 'groupBy', 'findRaw', 'aggregateRaw',
]);

function operate(delegate: LibraryValue, model: ModelTable | undefined, name: string, args: Value | undefined, location: Location, ctx: Context): Value {
  const effect = { kind: 'query', library: PRISMA, location, ...(delegate.access && { access: delegate.access }) } as const;
  if (!model) {
    ctx.query({ ...effect, unknown: `no Prisma schema has a model for "${(delegate.data as DelegateData).name}"` });
    return unknownValue('rows of a model that is not known');
  }
  const operation: Operation = { model, name, args, location, ctx, record: (query, at) => { ctx.query({ ...effect, query, location: at }); } };
  switch (name) {
    case 'findMany': return find(operation, true);
    case 'findUnique': case 'findUniqueOrThrow': case 'findFirst': case 'findFirstOrThrow': return find(operation, false);
    case 'count': case 'aggregate': case 'groupBy': return aggregate(operation);
    case 'create': case 'createMany': case 'createManyAndReturn': return create(operation);
    case 'update': case 'updateMany': case 'updateManyAndReturn': return update(operation);
    case 'delete': case 'deleteMany': return remove(operation);
    case 'upsert': return upsert(operation);
    default:
      ctx.query({ ...effect, unknown: `the operation ${name} is not understood` });
      return unknownValue('the result of an operation that is not understood');
  }
}
