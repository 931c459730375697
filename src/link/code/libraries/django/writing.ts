import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Assignment } from '../../../../facts/query.js';
import type { ObjectValue, Value } from '../../values.js';
import { isUndefined } from '../../values.js';
import { constant, isNullConstant, opaque } from '../build.js';
import { alternatives, fieldsOf, openColumns, type Openness } from '../objects.js';
import { writtenColumn } from '../prisma/models.js';
import { valueOf, type At } from './conditions.js';
import { ownExpression } from './expressions.js';
import type { Data } from '../entities/writing.js';

/** The values given to the fields of a model: `create(org=org, **data)`. */
export function dataOf(object: ObjectValue, at: At): readonly Data[] {
  const full = one(object, at, false);
  const least = one(object, at, true);
  return full.assigned.length === least.assigned.length && full.assigned.every((each, index) => isNullConstant(each.value) === isNullConstant(least.assigned[index]!.value)) ? [full] : [full, least];
}

function one(object: ObjectValue, at: At, least: boolean): Data {
  const { given, sources } = fieldsOf(object, at.ctx);
  const assigned = new Map<string, Assignment>();
  const written = new Map<string, Value>();
  for (const { key, value, location, maybe, overridden } of given) {
    const name = columnOfKey(key, at);
    if (name === undefined || overridden || (least && maybe)) continue;
    const made = assigned.get(name) ?? assignment(name, value, { ...at, location }, least);
    if (made) assigned.set(name, made);
    if (!maybe) written.set(key, value);
  }
  return { assigned: [...assigned.values()], written, ...openColumns(sources, (key) => columnOfKey(key, at)) };
}

/** The column that a keyword names: a field, or a relation by its name or its column. */
export function columnOfKey(key: string, { place: { model } }: At): string | undefined {
  return writtenColumn(model, key);
}

function assignment(name: string, value: Value, at: At, least: boolean): Assignment | undefined {
  const { ctx, location } = at;
  const options = alternatives(value, ctx);
  if (options.every(isUndefined) || (least && options.some(isUndefined))) return undefined;
  if (least && options.some((each) => each.kind === 'constant' && each.value === null)) return { column: name, value: constant(null, location), location };
  const known = options.filter((each) => !isUndefined(each) && !(each.kind === 'constant' && each.value === null && options.length > 1));
  return { column: name, value: single(known, value, options.length, at), location };
}

function single(known: readonly Value[], value: Value, count: number, at: At): Expression {
  const { ctx, location } = at;
  const [first] = known;
  if (first === undefined) return constant(null, location);
  if (first.kind === 'object' || first.kind === 'function' || (first.kind === 'library' && !ownExpression(first, ctx) && first.type !== 'q')) return opaque('a value', [], location);
  if (known.length === 1) return valueOf(known.length === count ? value : first, at);
  return { kind: 'call', name: ['coalesce'], arguments: known.map((each) => valueOf(each, at)), location };
}

/** Keywords as an object. */
export function keywords(named: ReadonlyMap<string, Value>, open: Openness | undefined, location: Location): ObjectValue {
  const spread = open === undefined ? [] : [{ kind: 'spread', value: { kind: 'input', key: 'keywords', name: 'keywords', trust: open === 'untrusted' ? 'untrusted' : 'unknown', maybe: false }, maybe: false, location } as const];
  return { kind: 'object', location, entries: [...spread, ...[...named].map(([key, value]) => ({ kind: 'property', key, value, maybe: false, location } as const))] };
}
