import type { Location } from '../../../../facts/location.js';
import type { Query } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import { COUNT } from '../../lower.js';
import { FIRST_COLUMN, rowsOf } from '../../sql-result.js';
import { queriesOfText } from '../../sql-text.js';
import type { BuilderStep } from '../../steps.js';
import type { LibraryValue, RowListValue, Value } from '../../values.js';
import { unknownValue } from '../../values.js';
import { placeOfBuilder } from '../begun.js';
import { resultObject } from '../sql-client.js';
import { isBuilder, isRaw, KNEX, stepsOf } from './builder.js';
import type { RawData, Step } from './builder.js';
import { rawBound, textOf } from './names.js';
import { builderQuery } from './query.js';

/** Sends what a builder or raw text says. @returns what awaiting it gives */
export function send(value: LibraryValue, ctx: Context, location: Location): Value | undefined {
  if (isRaw(value)) {
    const { text, bindings, location: place } = value.data as RawData;
    const rows = queriesOfText(text, rawBound(bindings, ctx), ctx, place, KNEX, { question: 'knex', ...(value.access && { access: value.access }) });
    return resultObject(rows, ctx, place);
  }
  return isBuilder(value) ? sendBuilder(value, ctx, location) : undefined;
}

function sendBuilder(builder: LibraryValue, ctx: Context, fallback: Location): Value {
  const steps = stepsOf(builder, ctx);
  // A parameter of a builder's type: whoever passes it knows its table.
  if (steps?.[0]?.step.method === 'parameter') return unknownValue('rows of a query that a caller passes');
  const access = builder.access && { access: builder.access };
  const last = steps?.at(-1)?.step.location;
  const place = last ? placeOfBuilder(chainLocation(steps!, fallback), last, ctx) : { location: fallback };
  const { location } = place;
  const begun = steps?.[0]?.step.trace && { begun: steps[0].step.trace };
  const query = steps ? builderQuery(steps, ctx, location) : 'The calls on this builder are not known';
  if (typeof query === 'string') {
    ctx.query({ kind: 'query', unknown: query, ...place, library: KNEX, ...access, ...begun });
    return unknownValue(query);
  }
  ctx.query({ kind: 'query', query, ...place, library: KNEX, ...access, ...begun });
  return resultOf(query, steps!, ctx, location);
}

/** From the first token of the chain to its end; calls on a variable later stand elsewhere. */
function chainLocation(steps: readonly BuilderStep<Step>[], fallback: Location): Location {
  const first = steps[0]?.step.location;
  if (!first) return fallback;
  const chained = steps.map(({ step }) => step.location).filter(({ file, start }) => file === first.file && start === first.start);
  return { ...first, end: Math.max(...chained.map(({ end }) => end)) };
}

function resultOf(query: Query, steps: readonly BuilderStep<Step>[], ctx: Context, location: Location): Value {
  const rows = rowsOf(query, ctx, location, query.kind === 'insert' ? writtenBy(steps, ctx) : undefined);
  const has = (method: string): boolean => steps.some(({ step }) => step.method === method);
  if (query.kind === 'insert' || ((query.kind === 'update' || query.kind === 'delete') && query.returning.length > 0)) return rows;
  if (query.kind === 'update' || query.kind === 'delete') return { kind: 'field', result: rows.result, path: [COUNT], many: false, maybe: false };
  if (has('first')) return { kind: 'row', result: rows.result, path: [], maybe: true };
  return has('pluck') ? plucked(rows) : rows;
}

function plucked({ result }: RowListValue): Value {
  return { kind: 'field', result, path: [FIRST_COLUMN], many: true, maybe: false };
}

/** What a row holds that was just written. */
function writtenBy(steps: readonly BuilderStep<Step>[], ctx: Context): ReadonlyMap<string, Value> | undefined {
  const step = steps.findLast(({ step: { method } }) => method === 'insert')?.step;
  let given = step?.args[0] && ctx.read(step.args[0]);
  if (given?.kind === 'list' && given.items.length === 1) given = ctx.read(given.items[0]!.value);
  if (given?.kind !== 'object' || given.entries.some((entry) => entry.kind === 'spread')) return undefined;
  return new Map(given.entries.flatMap((entry) => (entry.kind === 'property' && !entry.maybe && isPlain(entry.value, ctx) ? [[entry.key, entry.value] as const] : [])));
}

function isPlain(value: Value, ctx: Context): boolean {
  const known = ctx.read(value);
  return known.kind !== 'library' && textOf(known, ctx) !== '';
}
