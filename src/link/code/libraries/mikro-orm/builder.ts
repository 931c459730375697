import type { Expression } from '../../../../facts/expression.js';
import type { Call, Context } from '../../library.js';
import { conditionOfText } from '../../sql-part.js';
import { boundOf } from '../../sql-text.js';
import { Steps } from '../../steps.js';
import type { BuilderStep } from '../../steps.js';
import type { LibraryValue, ReferenceValue, Value } from '../../values.js';
import { unknownValue } from '../../values.js';
import { and, constant, leftOut, or } from '../build.js';
import { filterOf, type At } from '../entities/filter.js';
import { textOf } from '../entities/given.js';
import { addRelation, countOf, countTarget, readingOf, resultOf, rowOf, rowsOf, selectOf, type Reading } from '../entities/reading.js';
import type { Entity } from '../entities/registry.js';
import { deleteOf, insertOf, rowsOfValue, updateOf } from '../entities/writing.js';
import { MIKRO } from './members.js';
import { dialect } from './where.js';

interface Step {
  readonly method: string;
  readonly args: readonly Value[];
  readonly location: Call['location'];
}

interface BuilderData {
  readonly state: ReferenceValue;
  readonly entity: Entity | undefined;
  readonly alias?: string;
}

/** A query builder of MikroORM; it changes in place. */
export function newBuilder(ctx: Context, entity: Entity | undefined, alias: Value | undefined, call: Call, from: LibraryValue): LibraryValue {
  const step: Step = { method: 'begin', args: [], location: call.location };
  const state = ctx.allocate({ kind: 'library', library: MIKRO, type: 'state', data: new Steps([{ step, maybe: false }]) });
  const written = textOf(alias, ctx);
  return { kind: 'library', library: MIKRO, type: 'builder', data: { state, entity, ...(written !== undefined && { alias: written }) } satisfies BuilderData, ...(from.access && { access: from.access }) };
}

const SENDING = /^(getResult|getResultList|getSingleResult|getResultAndCount|execute|getCount|stream)$/;

/** A method of the query builder. */
export function builderMethod(builder: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (SENDING.test(name)) return sendBuilder(builder, name, call.location, ctx);
  if (/^(getQuery|getFormattedQuery|getKnexQuery|toQuery|getParams)$/.test(name)) return unknownValue('the text of a query');
  const { state } = builder.data as BuilderData;
  const before = ctx.read(state);
  if (before.kind === 'library' && before.data instanceof Steps) ctx.write(state, { ...before, data: (before.data as Steps<Step>).with({ method: name, args: call.arguments.positional, location: call.location }) });
  return builder;
}

/** Sends what a builder says. */
export function sendBuilder(builder: LibraryValue, name: string, last: Call['location'], ctx: Context): Value {
  const { state, entity, alias } = builder.data as BuilderData;
  const held = ctx.read(state);
  const steps: readonly BuilderStep<Step>[] = held.kind === 'library' && held.data instanceof Steps ? (held.data as Steps<Step>).items : [];
  const first = steps[0]?.step.location ?? last;
  const location = first.file === last.file && first.start === last.start ? last : first;
  const common = { location, library: MIKRO, ...(builder.access && { access: builder.access }) };
  if (entity === undefined) {
    ctx.query({ kind: 'query', unknown: 'The entity is not known', ...common });
    return unknownValue('rows of a query');
  }
  const reading = readingOf(entity.model, location, alias);
  for (const { step } of steps) if (/join/i.test(step.method)) addJoin(reading, step, ctx);
  const where = conditionsOf(steps, reading, location, ctx);
  const step = (...names: readonly string[]): Step | undefined => steps.findLast((each) => names.includes(each.step.method))?.step;
  const write = step('update', 'insert', 'delete');
  if (write) {
    const data = rowsOfValue(write.args[0], entity.model, write.method === 'insert' ? 'create' : 'update', ctx);
    const also = write.method === 'delete' && write.args[0] ? and([where, filterOf(write.args[0], atOf(reading, location, ctx))], location) : where;
    if (write.method === 'delete') ctx.query({ kind: 'query', query: deleteOf(entity.model, reading.place.alias, also, location), ...common });
    else if (write.method === 'insert') ctx.query({ kind: 'query', query: insertOf(entity.model, data, location), ...common });
    else for (const each of data) ctx.query({ kind: 'query', query: updateOf(entity.model, reading.place.alias, where, each, location), ...common });
    return unknownValue('the result of a write');
  }
  const rows = { reading, where, limited: step('limit', 'offset') !== undefined || name === 'getSingleResult', location };
  const counts = name === 'getCount' || step('count', 'getCount') !== undefined;
  ctx.query({ kind: 'query', query: selectOf({ ...rows, limited: rows.limited && !counts }, counts ? [countTarget(location)] : undefined), ...common });
  if (counts) return countOf(rows, ctx);
  const result = resultOf(rows, MIKRO, ctx);
  if (name === 'getSingleResult') return rowOf(result, true, ctx);
  if (name !== 'getResultAndCount') return rowsOf(result);
  const item = (value: Value) => ({ value, maybe: false, repeated: false });
  return ctx.allocate({ kind: 'list', form: 'list', items: [item(rowsOf(result)), item(countOf(rows, ctx))], location });
}

function atOf(reading: Reading, location: Call['location'], ctx: Context): At {
  return { place: reading.place, name: 'where', location, ctx, dialect };
}

/** `leftJoinAndSelect('e.org', 'o', conditions)`. */
function addJoin(reading: Reading, { method, args, location }: Step, ctx: Context): void {
  const path = textOf(args[0], ctx)?.split('.');
  if (path?.length !== 2 || path[0] !== reading.place.alias) return;
  addRelation(reading, reading, path[1]!, /^inner|^join/.test(method) ? 'inner' : 'left', location, ctx, (side) => (args[2] ? filterOf(args[2], atOf(side, location, ctx)) : constant(true, location)));
}

/** where, andWhere and orWhere: each is added to what stands before it (MikroORM's manual, "Using QueryBuilder"). */
function conditionsOf(steps: readonly BuilderStep<Step>[], reading: Reading, location: Call['location'], ctx: Context): Expression {
  let found: Expression = constant(true, location);
  for (const { step, maybe } of steps) {
    const word = /^(and|or)?where$/i.exec(step.method);
    if (!word || !step.args[0]) continue;
    const known = ctx.read(step.args[0]);
    const isText = known.kind === 'text' || (known.kind === 'constant' && typeof known.value === 'string');
    const term = isText ? conditionOfText({ text: known, bound: boundOf(step.args[1], ctx), location: step.location, options: { question: 'values' } }, ctx) : filterOf(step.args[0], atOf(reading, step.location, ctx));
    const own = maybe ? or([term, leftOut(`${step.location.file}:${step.location.start}`, step.location)], step.location) : term;
    found = word[1]?.toLowerCase() === 'or' ? or([found, own], location) : and([found, own], location);
  }
  return found;
}
