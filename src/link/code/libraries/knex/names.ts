import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { QualifiedName, Target } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import { expressionOfText } from '../../sql-part.js';
import { knownText } from '../../sql-pieces.js';
import { boundOf } from '../../sql-text.js';
import type { Bound } from '../../sql-text.js';
import type { Value } from '../../values.js';
import { alternatives } from '../objects.js';
import { isRaw } from './builder.js';
import type { RawData } from './builder.js';

/** A table as Knex is given it: `users as u`, `schema.users`. */
export interface NamedTable {
  readonly name: QualifiedName;
  readonly alias?: string;
}

/** Reads `schema.table as alias` (Knex's manual, "Identifier Syntax"). */
export function tableName(text: string, schema?: string): NamedTable {
  const [, written = text, alias] = /^(.*?)\s+as\s+(.+)$/i.exec(text.trim()) ?? [];
  const parts = written.trim().split('.').map((part) => part.replace(/^"|"$/g, ''));
  const own = parts.length > 1 ? parts.at(-2) : schema;
  return { name: { ...(own !== undefined && { schema: own }), name: parts.at(-1)! }, ...(alias !== undefined && { alias: alias.trim() }) };
}

/** A column as Knex is given it: `users.id`, `*`, `u.*`. */
export function columnPath(text: string, location: Location): Expression {
  const path = text.trim().split('.').map((part) => part.trim().replace(/^"|"$/g, ''));
  if (path.at(-1) === '*') return { kind: 'star', path: path.slice(0, -1), location };
  return { kind: 'column', path, location };
}

/** Constant text that a value is, if it is one. */
export function textOf(value: Value | undefined, ctx: Context): string | undefined {
  return knownText(value, ctx);
}

/** A column that is given as a name, `knex.ref(...)` or `knex.raw(...)`. */
export function columnOf(value: Value | undefined, location: Location, ctx: Context): Expression {
  const known = value && ctx.read(value);
  const text = textOf(known, ctx);
  if (text !== undefined) return columnPath(text, location);
  if (known?.kind === 'library' && known.library === 'knex') {
    if (known.type === 'ref') return columnPath((known.data as { path: string }).path, location);
    if (isRaw(known)) return rawExpression(known.data as RawData, ctx);
  }
  if (known?.kind === 'constant' && known.value !== null && known.value !== undefined) return { kind: 'constant', value: known.value, location };
  return { kind: 'hole', text: 'a column that is not known', location };
}

/** What `knex.raw` binds: a list, an object, or one value. */
export function rawBound(bindings: Value | undefined, ctx: Context): Bound {
  if (bindings === undefined) return {};
  const bound = boundOf(bindings, ctx);
  return bound.positional || bound.named ? bound : { positional: [bindings] };
}

/** A raw text as an expression, with its bindings. */
export function rawExpression(raw: RawData, ctx: Context): Expression {
  return expressionOfText({ text: raw.text, bound: rawBound(raw.bindings, ctx), location: raw.location, options: { question: 'knex' } }, ctx);
}

/** An item of a select list: `id`, `id as key`, `{ key: 'id' }`, a raw text. */
export function targetsOf(value: Value, location: Location, ctx: Context): Target[] {
  const options = alternatives(value, ctx);
  if (options.length > 1) return options.flatMap((option) => targetsOf(option, location, ctx));
  const [known] = options;
  if (known?.kind === 'list') return known.items.flatMap((item) => targetsOf(item.value, location, ctx));
  if (known?.kind === 'object') {
    return known.entries.flatMap((entry) => (entry.kind === 'property' ? [{ expression: columnOf(entry.value, entry.location, ctx), alias: entry.key }] : []));
  }
  const text = textOf(known, ctx);
  const [, written, alias] = text === undefined ? [] : /^(.*?)\s+as\s+(.+)$/i.exec(text.trim()) ?? [];
  if (written !== undefined && alias !== undefined) return [{ expression: columnPath(written, location), alias: alias.trim() }];
  const named = known?.kind === 'library' ? (known.data as { alias?: string } | undefined)?.alias : undefined;
  return [{ expression: columnOf(known, location, ctx), ...(named !== undefined && { alias: named }) }];
}
