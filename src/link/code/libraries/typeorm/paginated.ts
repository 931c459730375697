import type { Call, Context } from '../../library.js';
import type { ExternalValue, ObjectEntryValue, Value } from '../../values.js';
import { option } from '../entities/given.js';
import { isBuilder } from './builder.js';
import { TYPEORM } from './members.js';

/** Packages whose `paginate` reads one page of a repository or of a builder. */
export const paginatingModules = ['nestjs-paginate', 'nestjs-typeorm-paginate'];

/**
 * `paginate(query, repository, { where })` of nestjs-paginate, `paginate(repository, options, { where })` of nestjs-typeorm-paginate: what the caller asks for
 * besides only narrows it.
 */
export function paginated({ path }: ExternalValue, call: Call, ctx: Context): Value | undefined {
  if (!/^paginate/.test(path.at(-1) ?? '')) return undefined;
  const source = call.arguments.positional.find((each) => isSource(ctx.read(each)));
  if (source === undefined) return undefined;
  const where = option(call.arguments.positional.at(-1), 'where', ctx);
  const { location } = call;
  const entry = (key: string, value: Value): ObjectEntryValue => ({ kind: 'property', key, value, maybe: false, location });
  const object = (entries: readonly ObjectEntryValue[]): Value => ctx.allocate({ kind: 'object', entries, location });
  const isBuilt = isBuilder(ctx.read(source));
  const positional = isBuilt ? [] : [object(where === undefined ? [] : [entry('where', where)])];
  const rows = ctx.callMethod(source, isBuilt ? 'getMany' : 'find', { ...call, arguments: { ...call.arguments, positional, locations: positional.map(() => location) } });
  return object([entry('data', rows), entry('items', rows), entry('meta', { kind: 'unknown', reason: 'what is said of a page' })]);
}

function isSource(value: Value): boolean {
  return value.kind === 'library' && value.library === TYPEORM && (value.type === 'repository' || isBuilder(value));
}
