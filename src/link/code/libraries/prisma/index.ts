import type { Call, Context, Library } from '../../library.js';
import type { ExternalValue, LibraryValue, TypeInScope, Value } from '../../values.js';
import { nullValue } from '../../values.js';
import { constantText } from '../objects.js';
import { clientMember, clientMethod, clientValue, delegateMethod, PRISMA, type DelegateData } from './client.js';
import { relatedRows } from './fluent.js';
import { kyselyExtension, KYSELY_EXTENSION } from './kysely-extension.js';
import { modelOfDelegate } from './models.js';
import { rawQuery, emptyFragment, sqlHelper } from './raw.js';

/** The package that gives NestJS a client under names of its own. */
const NEST = 'nestjs-prisma';

/** Prisma Client: the generated client of `@prisma/client`, or of a folder of one's own, or what `nestjs-prisma` makes of it. */
export const prismaLibrary: Library = {
  name: PRISMA,
  modules: ['@prisma/client', '.prisma/client', KYSELY_EXTENSION, NEST],
  speaksFor: (module, name) => name === 'PrismaClient' || ((name === 'Prisma' || name === '*') && /(^|[/@_-])prisma([/_-]|$)/i.test(module)),
  leads: (name) => /^(?:PrismaClient|PrismaService|CustomPrismaService|Prisma|sql|raw|join|default|\*)$/.test(name),
  external: (value) => exported(value),
  member: (object, name, _location, ctx) => (object.kind === 'library' ? member(object, name, ctx) : undefined),
  method: (object, name, call, ctx) => (object.kind === 'library' ? method(object, name, call, ctx) : externalCall({ ...object, path: [...object.path, name] }, call, ctx)),
  call: (callee, call, ctx) => (callee.kind === 'external' ? externalCall(callee, call, ctx) : libraryCall(callee, call, ctx)),
  tag: (tag, call, ctx) => (tag.kind === 'external' ? sqlHelper(tag.path.at(-1)!, call, ctx) : libraryCall(tag, call, ctx)),
  rowMethod: relatedRows,
  typed: (type, [client], ctx) => (type.module === NEST && type.path.at(-1) === 'CustomPrismaService' ? customService(client, ctx) : typed(type, ctx)),
  instance: (_instance, base, ctx) => (isClient(base) ? clientValue(ctx.file) : undefined),
  operator: (operator, left, key, _location, ctx) => (operator === '[]' && left.kind === 'library' && left.type === 'client' && constantText(key, ctx) === undefined
    ? { ...left, type: 'delegate', data: { client: left, name: 'a model chosen when it runs' } satisfies DelegateData } : undefined),
};

function isClient({ module, path }: ExternalValue): boolean {
  const name = path.at(-1);
  return (module === NEST && name === 'PrismaService') || name === 'PrismaClient' || name === 'TransactionClient' || name === 'DefaultPrismaClient';
}

/** `CustomPrismaService<ExtendedClient>`, which holds a client of one's own. */
function customService(client: TypeInScope | undefined, ctx: Context): LibraryValue {
  const known = client && ctx.typed(client);
  return { kind: 'library', library: PRISMA, type: 'service', data: known ?? clientValue(ctx.file) };
}

/** Values of enums, `Prisma.JsonNull`, `Prisma.empty`. */
function exported({ path, instance }: ExternalValue): Value | undefined {
  if (instance) return undefined;
  const [first, second] = path[0] === 'default' ? path.slice(1) : path;
  if (first === 'Prisma' || first === 'empty') {
    const name = first === 'empty' ? first : second;
    if (name === 'empty') return emptyFragment;
    return name === 'JsonNull' || name === 'DbNull' || name === 'AnyNull' ? nullValue : undefined;
  }
  return second !== undefined && first !== undefined && /^[A-Z]/.test(first) && first !== 'PrismaClient' && first !== '$Enums' && path.length === 2 ? { kind: 'constant', value: second } : undefined;
}

function member(object: LibraryValue, name: string, ctx: Context): Value | undefined {
  if (object.type === 'client') return clientMember(object, name, ctx);
  if (object.type === 'service' && name === 'client') return object.data as Value;
  if (object.type === 'delegate') return { ...object, type: 'delegateMethod', data: { delegate: object, name } };
  return undefined;
}

function method(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (object.type === 'client' && name.startsWith('$')) return clientMethod(object, name, call, ctx);
  if (object.type === 'delegate') return delegateMethod(object, name, call, ctx);
  return undefined;
}

/** A method that was taken from its client or delegate: `const { $transaction } = prisma`, `const find = prisma.user.findMany`. */
function libraryCall(callee: LibraryValue, call: Call, ctx: Context): Value | undefined {
  if (callee.type === 'client' && call.isNew) return callee;
  if (callee.type === 'query') return (callee.data as (given: Value | undefined) => Value)(call.arguments.positional[0]);
  if (callee.type === 'delegateMethod') {
    const { delegate, name } = callee.data as { delegate: LibraryValue; name: string };
    return delegateMethod(delegate, name, call, ctx);
  }
  if (callee.type !== 'clientMethod') return undefined;
  const { client, name } = callee.data as { client: LibraryValue; name: string };
  return call.template ? rawQuery(client, name, call, ctx) : clientMethod(client, name, call, ctx);
}

function externalCall(callee: ExternalValue, call: Call, ctx: Context): Value | undefined {
  const name = callee.path.at(-1);
  if (callee.module === KYSELY_EXTENSION) return kyselyExtension(call);
  if (call.isNew && isClient(callee)) return clientValue(ctx.file);
  switch (name) {
    case 'defineExtension': case 'getExtensionContext': return call.arguments.positional[0];
    // Prisma.validator<T>()(object) gives the object.
    case 'validator': return { kind: 'library', library: PRISMA, type: 'query', data: (given: Value | undefined) => given };
    case 'sql': case 'raw': case 'join': return sqlHelper(name, call, ctx);
    default: return undefined;
  }
}

/** `PrismaClient`, `Prisma.TransactionClient`, `Prisma.UserDelegate`. */
function typed(type: ExternalValue, ctx: Context): Value | undefined {
  if (isClient(type)) return clientValue(ctx.file);
  const delegate = /^(\w+)Delegate$/.exec(type.path.at(-1) ?? '');
  const name = delegate && delegate[1]!.charAt(0).toLowerCase() + delegate[1]!.slice(1);
  const model = name ? modelOfDelegate(name, ctx.file, ctx) : undefined;
  if (!name || !model) return aValue(type, ctx);
  const client = clientValue(ctx.file);
  return { ...client, type: 'delegate', data: { client, name, model } satisfies DelegateData };
}

/** Rows, arguments and conditions are types of plain objects: each is a value of its own. */
function aValue({ path }: ExternalValue, ctx: Context): Value {
  const count = (ctx.store.get('prisma values') as number | undefined ?? 0) + 1;
  ctx.store.set('prisma values', count);
  return ctx.input(path.at(-1) ?? 'a value', 'unknown', { key: `${path.join('.')} #${count}` });
}
