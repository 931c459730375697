import type { Call, Context, Library } from '../../library.js';
import { queriesOfText, boundOf } from '../../sql-text.js';
import type { SqlTextOptions } from '../../sql-text.js';
import { fragmentValue } from '../../sql-pieces.js';
import type { ExternalValue, LibraryValue, Value } from '../../values.js';
import { undefinedValue } from '../../values.js';
import { client, exportedPath, property, runCallbacks } from '../sql-client.js';
import { tagQuery } from '../sql-tag.js';
import { snakeCase, sqlHelper } from './helper.js';

const NAME = 'postgres.js';

/** How names are translated: `transform: postgres.camel`. */
interface Data {
  readonly camel: boolean;
}

/** postgres.js: sql`...` is sent when it is awaited, or is a part of another; `sql(...)` is a helper whose SQL depends on its place. */
export const postgresJsLibrary: Library = {
  name: NAME,
  modules: ['postgres'],
  call: (callee, call, ctx) => {
    if (callee.kind === 'external') return exportedPath(callee).length === 0 ? client(NAME, 'sql', { camel: isCamel(call, ctx) }) : undefined;
    return callee.type === 'sql' ? sqlHelper(call, ctx, NAME, camelOf(callee)) : undefined;
  },
  typed: (type) => (['Sql', 'TransactionSql', 'ReservedSql', 'ISql'].includes(exportedPath(type).at(-1) ?? '') ? client(NAME, 'sql', { camel: false }) : undefined),
  tag: (tag, call, ctx) => (tag.kind === 'library' && tag.type === 'sql' ? tagQuery(call, ctx, NAME, optionsOf(tag)) : undefined),
  method: (object, name, call, ctx) => (object.kind === 'library' && object.type === 'sql' ? method(object, name, call, ctx) : undefined),
};

function camelOf(value: LibraryValue): boolean {
  return (value.data as Data | undefined)?.camel === true;
}

function optionsOf(value: LibraryValue): SqlTextOptions {
  return { ...(value.access && { access: value.access }), ...(camelOf(value) && { columnName: snakeCase }) };
}

function method(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const [first = undefinedValue, second] = call.arguments.positional;
  switch (name) {
    case 'unsafe': return queriesOfText(first, boundOf(second, ctx), ctx, call.location, NAME, optionsOf(object));
    case 'begin': case 'savepoint': return runCallbacks(call, ctx, [ctx.connections.own(object, 'always')]);
    case 'reserve': return ctx.connections.own(object, 'begun');
    case 'json': case 'array': case 'typed': return first;
    case 'file': case 'listen': case 'notify': case 'end': case 'subscribe': return undefinedValue;
    default: return fragmentValue(NAME, [{ kind: 'value', value: first, location: call.location }]);
  }
}

function isCamel(call: Call, ctx: Context): boolean {
  const options = call.arguments.positional.map((value) => ctx.read(value)).find((value) => value.kind === 'object');
  const transform = options?.kind === 'object' ? property(options.entries, 'transform') : undefined;
  const known = transform && ctx.read(transform);
  return known?.kind === 'external' && isCamelTransform(known);
}

function isCamelTransform({ path }: ExternalValue): boolean {
  return ['camel', 'toCamel', 'fromCamel'].includes(path.at(-1) ?? '');
}
