import type { Call, Context } from '../../library.js';
import { fragmentValue } from '../../sql-pieces.js';
import { queriesOfText, type SqlTextOptions } from '../../sql-text.js';
import type { LibraryValue, Value } from '../../values.js';
import { undefinedValue } from '../../values.js';
import { countOf } from '../sql-client.js';
import { joinFragment, rawFragment, tagFragment } from '../sql-tag.js';

/** `$queryRaw` as a tag or called with Prisma.sql, `$queryRawUnsafe(text, ...values)`; the execute forms give the number of rows. */
export function rawQuery(client: LibraryValue, name: string, call: Call, ctx: Context): Value {
  const options: SqlTextOptions = client.access ? { access: client.access } : {};
  const [text = undefinedValue, ...values] = call.arguments.positional;
  const isUnsafe = name.endsWith('Unsafe');
  const result = call.template
    ? queriesOfText(call.template, {}, ctx, call.location, 'prisma', { ...options, tag: true })
    : queriesOfText(text, isUnsafe ? { positional: values } : {}, ctx, call.location, 'prisma', options);
  return name.startsWith('$execute') ? countOf(result) : result;
}

/** `Prisma.empty`. */
export const emptyFragment: Value = fragmentValue('prisma', []);

/** `Prisma.sql`, `Prisma.join`, `Prisma.raw` (Prisma manual, "Raw queries"). */
export function sqlHelper(name: string, call: Call, ctx: Context): Value | undefined {
  const [first, second, prefix, suffix] = call.arguments.positional;
  switch (name) {
    case 'sql': return call.template ? tagFragment(call, ctx, 'prisma') : undefined;
    case 'raw': return rawFragment(first, ctx, call.location, 'prisma');
    case 'join': {
      const joined = joinFragment(first, second ?? { kind: 'constant', value: ',' }, ctx, call.location, 'prisma', ',');
      return prefix || suffix ? surrounded(joined, prefix, suffix, call, ctx) : joined;
    }
    default: return undefined;
  }
}

/** `join(values, separator, prefix, suffix)`. */
function surrounded(joined: Value, prefix: Value | undefined, suffix: Value | undefined, call: Call, ctx: Context): Value {
  const text = (value: Value | undefined) => {
    const known = value && ctx.read(value);
    return known?.kind === 'constant' && typeof known.value === 'string' ? known.value : '';
  };
  const { location } = call;
  const template: NonNullable<Call['template']> = {
    kind: 'text', location,
    parts: [{ kind: 'text', value: text(prefix) }, { kind: 'hole', value: joined, location, written: 'join' }, { kind: 'text', value: text(suffix) }],
  };
  return tagFragment({ ...call, template }, ctx, 'prisma');
}
