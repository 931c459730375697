import { entryOf } from '../../../../entry.js';
import type { Expression } from '../../../../facts/expression.js';
import type { IndexDefinition, IndexKey } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import type { Value } from '../../values.js';
import { hole, isNull, and, column } from '../build.js';
import { flagOf, itemsOf } from '../entities/given.js';
import { isNone, libraryValue, textOf } from '../sqlalchemy/given.js';
import type { Call } from '../../library.js';
import { checkCondition } from './conditions.js';
import { DJANGO } from './fields.js';
import type { Part } from './lowered.js';
import { metaIndexName } from './names.js';
import { metaName, type MetaData, type ModelSpec } from './spec.js';

const INDEXES: Readonly<Record<string, string>> = {
  Index: 'btree', BTreeIndex: 'btree', GinIndex: 'gin', GistIndex: 'gist', BrinIndex: 'brin', HashIndex: 'hash', SpGistIndex: 'spgist', BloomIndex: 'bloom',
};
const CONSTRAINTS = new Set(['UniqueConstraint', 'CheckConstraint', 'ExclusionConstraint']);

/** Whether a name is that of a class of indexes or constraints. */
export function isMetaName(name: string): boolean {
  return Object.hasOwn(INDEXES, name) || CONSTRAINTS.has(name) || /^\w+(?:Index)$/.test(name);
}

/** `models.Index(fields=[...], name='...')`, `models.UniqueConstraint(...)`. */
export function metaValue(type: string, call: Call): Value {
  return libraryValue(DJANGO, 'meta', { type, named: call.arguments.named, positional: call.arguments.positional, location: call.location } satisfies MetaData);
}

/** An index or a constraint of `Meta` as the database has it. */
export function metaPart(data: MetaData, spec: ModelSpec, columnNamed: (name: string) => string, ctx: Context): Part | undefined {
  const { type, named, location } = data;
  const fields = itemsOf(named.get('fields'), ctx).flatMap((each) => textOf(each, ctx) ?? []);
  const names = fields.map((each) => each.replace(/^-/, ''));
  const given = metaName(data, ctx);
  const where = named.get('condition') ?? named.get('check');
  const condition = where === undefined || isNone(where, ctx) ? undefined : checkCondition(where, columnNamed, ctx, location);
  const own = { key: `meta:${given ?? `${type}:${fields.join()}`}`, fields: names };
  const name = given ?? metaIndexName(spec.table, fields.map((each) => (each.startsWith('-') ? `-${columnNamed(each.slice(1))}` : columnNamed(each))));
  if (type === 'CheckConstraint') return { ...own, constraint: { kind: 'check', ...(given !== undefined && { name: given }), expression: condition ?? hole('a check that is not known', location), notValid: false, location } };
  if (type === 'ExclusionConstraint') return { ...own, constraint: { kind: 'exclusion', ...(given !== undefined && { name: given }), columns: [], location } };
  const expressions = data.positional.length > 0 ? data.positional : type === 'UniqueConstraint' ? itemsOf(named.get('expressions'), ctx) : [];
  const isUnique = type === 'UniqueConstraint';
  const include = itemsOf(named.get('include'), ctx).flatMap((each) => textOf(each, ctx) ?? []);
  const nullsNotDistinct = flagOf(named.get('nulls_distinct'), ctx) === false;
  const keys: IndexKey[] = [...names.map((each) => ({ column: columnNamed(each) })), ...expressions.map((each) => keyOf(each, columnNamed, ctx, data))];
  if (isUnique && condition === undefined && expressions.length === 0 && include.length === 0 && !named.has('opclasses')) {
    return { ...own, constraint: { kind: 'unique', name, columns: names.map(columnNamed), nullsNotDistinct, location } };
  }
  const index: IndexDefinition = {
    name, unique: isUnique, keys, include: include.map(columnNamed), method: entryOf(INDEXES, type) ?? 'btree', nullsNotDistinct, concurrently: false, location, ...(condition && { where: condition }),
  };
  return { ...own, index };
}

/** A key of an index that is an expression: `Lower('name')`, `F('a')`, `'a'`. */
function keyOf(value: Value, columnNamed: (name: string) => string, ctx: Context, { location }: MetaData): IndexKey {
  const plain = textOf(value, ctx);
  if (plain !== undefined) return { column: columnNamed(plain.replace(/^-/, '')) };
  const expression: Expression = checkCondition(value, columnNamed, ctx, location);
  return expression.kind === 'column' && expression.path.length === 1 ? { column: expression.path[0]! } : { expression };
}

/** All of several columns are NULL. */
export function allNull(columns: readonly string[], data: MetaData): Expression {
  return and(columns.map((name) => isNull(column(undefined, name, data.location), data.location)), data.location);
}
