import { entryOf } from '../../../../entry.js';
import type { Location } from '../../../../facts/location.js';
import type { Context } from '../../library.js';
import type { ExternalValue, TextValue, Value } from '../../values.js';
import { fieldsOf } from '../objects.js';

export const PG_MIGRATE = 'node-pg-migrate';

/** What a migration writes out: constants, lists and objects of them. Text of SQL is `{ literal: true, value }`, as the tool has it. */
export type Data = string | number | bigint | boolean | null | undefined | readonly Data[] | Options;
export interface Options { readonly [key: string]: Data }

/** Stands for what cannot be told. */
export const UNREAD: unique symbol = Symbol('unread');

/** What is only said about a thing. */
const COMMENTS = new Set(['comment', 'referencesConstraintComment']);

/** A value as it is written out. @returns `UNREAD` where any part of it is not known */
export function dataOf(value: Value | undefined, ctx: Context): Data | typeof UNREAD {
  const known = value && ctx.read(value);
  if (known === undefined) return undefined;
  if (known.kind === 'constant') return known.value as Data;
  if (known.kind === 'text') return textOf(known, ctx);
  if (known.kind === 'external') return typeNamed(known);
  if (known.kind === 'library' && known.library === PG_MIGRATE && known.type === 'literal') return literalOf(dataOf(known.data as Value, ctx));
  if (known.kind === 'list') {
    const items = known.items.map((item) => (item.maybe || item.repeated ? UNREAD : dataOf(item.value, ctx)));
    return items.includes(UNREAD) ? UNREAD : items as Data[];
  }
  if (known.kind !== 'object') return UNREAD;
  const { given, open } = fieldsOf(known, ctx);
  const entries = given.filter(({ key }) => !COMMENTS.has(key)).map((each) => [each.key, each.maybe ? UNREAD : dataOf(each.value, ctx)] as const);
  return open !== undefined || entries.some(([, each]) => each === UNREAD) ? UNREAD : Object.fromEntries(entries) as Options;
}

const WORDS: Readonly<Record<string, string>> = { BIT_1: 'bit', PG_LSN: 'pg_lsn', PG_SNAPSHOT: 'pg_snapshot', TXID_SNAPSHOT: 'txid_snapshot' };

/** `PgType.TIMESTAMP_WITH_TIME_ZONE`: the words of the type. */
function typeNamed({ module, path }: ExternalValue): Data | typeof UNREAD {
  const [owner, name] = path.slice(-2);
  return module === PG_MIGRATE && owner === 'PgType' && name !== undefined ? entryOf(WORDS, name) ?? name.toLowerCase().replaceAll('_', ' ') : UNREAD;
}

/** A text of which all parts are known: `${table}_pkey`. */
function textOf({ parts }: TextValue, ctx: Context): Data | typeof UNREAD {
  const texts = parts.map((part) => (part.kind === 'text' ? part.value : dataOf(part.value, ctx)));
  return texts.every((each) => ['string', 'number', 'bigint', 'boolean'].includes(typeof each)) ? texts.map(String).join('') : UNREAD;
}

function literalOf(text: Data | typeof UNREAD): Data | typeof UNREAD {
  return typeof text === 'string' ? { literal: true, value: text } : UNREAD;
}

/** Where the properties of an object stand. */
export function placesOf(value: Value | undefined, ctx: Context): ReadonlyMap<string, Location> {
  const known = value && ctx.read(value);
  return new Map(known?.kind === 'object' ? fieldsOf(known, ctx).given.map(({ key, location }) => [key, location]) : []);
}

/** The options of a call; none where it is given something else. */
export function optionsOf(data: Data): Options {
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? data as Options : {};
}

/** The items of a list, or the one that stands in its place. */
export function listOf(data: Data): readonly Data[] {
  return Array.isArray(data) ? data as readonly Data[] : data === undefined || data === null ? [] : [data];
}
