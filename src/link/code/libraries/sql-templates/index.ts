import type { Call, Context, Library } from '../../library.js';
import { fragmentPieces, fragmentValue } from '../../sql-pieces.js';
import { queriesOfText } from '../../sql-text.js';
import type { LibraryValue, Value } from '../../values.js';
import { undefinedValue } from '../../values.js';
import { client, exportedPath, runCallbacks } from '../sql-client.js';
import { identifierFragment, joinFragment, rawFragment, tagFragment } from '../sql-tag.js';

const NAME = 'sql-templates';

/** Tags that only make texts (sql-template-tag, sql-template-strings, pg-template-tag), and @databases, whose client sends them. */
export const sqlTemplatesLibrary: Library = {
  name: NAME,
  modules: ['sql-template-tag', 'sql-template-strings', 'pg-template-tag', '@databases/pg', '@databases/sql', '@nearform/sql'],
  external: (value) => {
    if (value.instance) return undefined;
    const name = exportedPath(value).join('.');
    if (name === 'empty') return fragmentValue(NAME, []);
    return name === 'sql' || name === 'SQL' || (name === '' && value.path.length > 0 && value.module !== '@databases/pg') ? client(NAME, 'sql') : undefined;
  },
  call: (callee, call, ctx) => {
    if (callee.kind !== 'external') return undefined;
    const name = exportedPath(callee).at(-1);
    const [first, second] = call.arguments.positional;
    if (name === 'join') return joinFragment(first, second, ctx, call.location, NAME, ',');
    if (name === 'raw') return rawFragment(first, ctx, call.location, NAME);
    return callee.module === '@databases/pg' && (name === undefined || name === 'createConnectionPool') ? client(NAME, 'database') : undefined;
  },
  typed: (type) => (/^(?:Queryable|ConnectionPool|Connection|Transaction)$/.test(exportedPath(type).at(-1) ?? '') ? client(NAME, 'database') : undefined),
  tag: (tag, call, ctx) => {
    const isTag = tag.kind === 'library' ? tag.type === 'sql' : exportedPath(tag).length === 0;
    return isTag ? tagFragment(call, ctx, NAME) : undefined;
  },
  method: (object, name, call, ctx) => (object.kind === 'library' ? method(object, name, call, ctx) : undefined),
};

function method(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const [first, second] = call.arguments.positional;
  if (object.type === 'database') return databaseMethod(object, name, call, ctx);
  const pieces = fragmentPieces(object);
  if (pieces && name === 'append') return fragmentValue(NAME, [...pieces, ...(fragmentPieces(first ?? undefinedValue) ?? [])]);
  if (object.type !== 'sql') return undefined;
  switch (name) {
    case 'ident': return identifierFragment(first, ctx, call.location, NAME);
    case 'join': case 'glue': return joinFragment(first, second, ctx, call.location, NAME);
    case 'value': return fragmentValue(NAME, [{ kind: 'value', value: first ?? undefinedValue, location: call.location }]);
    case '__dangerous__rawValue': case 'unsafe': return rawFragment(first, ctx, call.location, NAME);
    default: return undefined;
  }
}

function databaseMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (name === 'query') return queriesOfText(call.arguments.positional[0] ?? undefinedValue, {}, ctx, call.location, NAME, { tag: true, ...(object.access && { access: object.access }) });
  return name === 'tx' || name === 'task' ? runCallbacks(call, ctx, [object]) : name === 'dispose' ? undefinedValue : undefined;
}
