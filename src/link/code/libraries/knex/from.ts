import { entryOf } from '../../../../entry.js';
import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { FromItem, Join } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import { joinsOfText, tablesOfText } from '../../sql-part.js';
import type { BuilderStep } from '../../steps.js';
import type { Value } from '../../values.js';
import { constant, equal, hole, operator } from '../build.js';
import { alternatives } from '../objects.js';
import { isBuilder, isRaw, stepsOf } from './builder.js';
import type { RawData, Step } from './builder.js';
import { conditionsOf } from './conditions.js';
import type { Subselect } from './conditions.js';
import { columnOf, rawBound, tableName, textOf } from './names.js';

const JOINS: Readonly<Record<string, Join['type']>> = {
  join: 'inner', innerJoin: 'inner', leftJoin: 'left', leftOuterJoin: 'left', rightJoin: 'right', rightOuterJoin: 'right',
  outerJoin: 'full', fullOuterJoin: 'full', crossJoin: 'cross',
};

/** Whether a call on a builder joins a table. */
export function isJoin(method: string): boolean {
  return method === 'joinRaw' || Object.hasOwn(JOINS, method);
}

/** A table that a query reads: a name, `{ alias: name }`, a sub-select with an alias, a raw text. Undefined: not known. */
export function tableItem(value: Value | undefined, location: Location, schema: string | undefined, subselect: Subselect, ctx: Context): FromItem | undefined {
  const options = value ? alternatives(value, ctx) : [];
  if (options.length !== 1) return undefined;
  const [known] = options as [Value];
  const text = textOf(known, ctx);
  if (text !== undefined) {
    const { name, alias } = tableName(text, schema);
    return { kind: 'table', name, ...(alias !== undefined && { alias }), columnAliases: [], location };
  }
  if (known.kind === 'object') {
    const [entry] = known.entries;
    if (entry?.kind !== 'property') return undefined;
    const item = tableItem(entry.value, location, schema, subselect, ctx);
    return item && { ...item, alias: entry.key };
  }
  if (isBuilder(known)) return derivedTable(known, location, subselect, ctx);
  if (isRaw(known)) return rawTable(known.data as RawData, ctx);
  return undefined;
}

function derivedTable(builder: Value, location: Location, subselect: Subselect, ctx: Context): FromItem | undefined {
  const query = subselect(builder, ctx, location);
  const alias = isBuilder(builder) ? stepsOf(builder, ctx)?.findLast(({ step }) => step.method === 'as') : undefined;
  const name = alias && textOf(alias.step.args[0], ctx);
  return query && { kind: 'derived', query, ...(name !== undefined && { alias: name }), columnAliases: [], lateral: false, location };
}

function rawTable({ text, bindings, location }: RawData, ctx: Context): FromItem | undefined {
  const items = tablesOfText({ text, bound: rawBound(bindings, ctx), location, options: { question: 'knex' } }, ctx);
  return items?.length === 1 ? items[0] : undefined;
}

/** Adds the joins of a builder, in order. Undefined when one of them is not known. */
export function joined(left: FromItem, steps: readonly BuilderStep<Step>[], schema: string | undefined, subselect: Subselect, ctx: Context): FromItem | undefined {
  let item: FromItem | undefined = left;
  for (const { step, maybe } of steps) {
    if (!isJoin(step.method) || item === undefined) continue;
    const next: FromItem | undefined = step.method === 'joinRaw' ? rawJoin(item, step, ctx) : oneJoin(item, step, schema, subselect, ctx);
    // A join that is there on some paths only filters nothing for certain.
    item = next?.kind === 'join' && maybe ? { ...next, type: next.type === 'inner' || next.type === 'cross' ? 'left' : next.type, on: next.on ?? constant(true, step.location) } : next;
  }
  return item;
}

function rawJoin(left: FromItem, { args, location }: Step, ctx: Context): FromItem | undefined {
  const value = args[0] && ctx.read(args[0]);
  if (!value) return undefined;
  const raw: RawData = isRaw(value) ? value.data as RawData : { text: args[0]!, bindings: args[1], location };
  return joinsOfText(left, { text: raw.text, bound: rawBound(raw.bindings, ctx), location: raw.location, options: { question: 'knex' } }, ctx);
}

function oneJoin(left: FromItem, step: Step, schema: string | undefined, subselect: Subselect, ctx: Context): FromItem | undefined {
  const { location, args } = step;
  const right = tableItem(args[0], step.places[0] ?? location, schema, subselect, ctx);
  if (right === undefined) return undefined;
  const type = entryOf(JOINS, step.method)!;
  const on = type === 'cross' ? undefined : onOf(step, subselect, ctx);
  return { kind: 'join', type, left, right, ...(on && { on }), using: usingOf(step, ctx), natural: false, location };
}

/** ON: `a, b`, `a, operator, b`, `{ a: b }`, a callback, a raw text. */
function onOf({ args, location, places }: Step, subselect: Subselect, ctx: Context): Expression | undefined {
  if (args.length > 2) {
    const sign = args.length > 3 ? textOf(args[2], ctx) ?? '?' : '=';
    const [left, right] = [columnOf(args[1], places[1] ?? location, ctx), columnOf(args.at(-1), places.at(-1) ?? location, ctx)];
    return sign === '=' ? equal(left, right, location) : operator(sign, left, right, location);
  }
  const value = args[1] && ctx.read(args[1]);
  if (value === undefined) return constant(true, location);
  if (isBuilder(value)) {
    const steps = stepsOf(value, ctx);
    if (!steps) return hole('a join condition that is not known', location);
    return conditionsOf(steps, 'on', subselect, ctx) ?? conditionsOf(steps, 'where', subselect, ctx) ?? (steps.some(({ step }) => step.method === 'using') ? undefined : constant(true, location));
  }
  if (isRaw(value)) return columnOf(value, location, ctx);
  const steps = [{ step: { method: 'on', args: [args[1]!], places: places.slice(1), location }, maybe: false }];
  return value.kind === 'object' ? conditionsOf(steps, 'on', subselect, ctx) : hole('a join condition that is not known', location);
}

function usingOf({ args }: Step, ctx: Context): string[] {
  const value = args[1] && ctx.read(args[1]);
  const using = value && isBuilder(value) ? stepsOf(value, ctx)?.find(({ step }) => step.method === 'using')?.step.args[0] : undefined;
  const names = using && ctx.read(using);
  if (names?.kind === 'list') return names.items.flatMap((item) => textOf(item.value, ctx) ?? []);
  const one = textOf(names, ctx);
  return one === undefined ? [] : [one];
}
