import { entryOf } from '../../../../entry.js';
import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { CommonTableExpression, FromItem, Query, SelectQuery, SetQuery, Target } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import { targetsOfText } from '../../sql-part.js';
import { queryOfPieces } from '../../sql-text.js';
import { textAlternatives } from '../../sql-pieces.js';
import { StepList, type BuilderStep } from '../../steps.js';
import type { Value } from '../../values.js';
import { isBuilder, isRaw, stepsOf } from './builder.js';
import type { RawData, Step } from './builder.js';
import { conditionsOf } from './conditions.js';
import { joined, tableItem } from './from.js';
import { columnOf, rawBound, targetsOf, textOf } from './names.js';
import { writeQuery } from './write.js';

/** What a builder says, in the terms of the manual: the last call of a kind wins where there can be one only. */
export class Builder extends StepList<Step> {
  constructor(steps: readonly BuilderStep<Step>[], readonly ctx: Context, readonly location: Location) {
    super(steps);
  }

  get schema(): string | undefined {
    return textOf(this.last('withSchema')?.args[0], this.ctx);
  }

  /** The table as it was given last. */
  get tableStep(): Step | undefined {
    return this.last('from', 'table', 'into');
  }

  /** The table; undefined when it is not known. */
  table(): FromItem | undefined {
    const step = this.tableStep;
    return step && tableItem(step.args[0], step.places[0] ?? step.location, this.schema, subselect, this.ctx);
  }

  from(): FromItem | undefined {
    const first = this.table();
    return first && joined(first, this.steps, this.schema, subselect, this.ctx);
  }

  where(): Expression | undefined {
    return conditionsOf(this.steps, 'where', subselect, this.ctx);
  }

  with(): CommonTableExpression[] {
    return this.steps.flatMap(({ step }) => (/^with(?:Recursive|Materialized|NotMaterialized)?$/.test(step.method) ? cteOf(step, this.ctx) ?? [] : []));
  }
}

/** The steps of clauses that were cleared later do not count. */
export function effective(steps: readonly BuilderStep<Step>[]): readonly BuilderStep<Step>[] {
  const clears: Readonly<Record<string, RegExp>> = {
    clearSelect: /^(?:select|columns?|distinct|count|min|max|sum|avg)/, clearWhere: /where/i, clearHaving: /having/i, clearOrder: /^orderBy/, clearGroup: /^groupBy/,
  };
  return steps.filter(({ step }, index) => !steps.slice(index + 1).some(({ step: later, maybe }) => {
    const name = later.method === 'clear' ? `clear${capital(String((later.args[0] as { value?: unknown } | undefined)?.value ?? ''))}` : later.method;
    return !maybe && entryOf(clears, name)?.test(step.method) === true;
  }));
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/**
 * The query that a builder stands for.
 * @returns undefined with the reason when a part of it is not known
 */
export function builderQuery(steps: readonly BuilderStep<Step>[], ctx: Context, location: Location): Query | string {
  const builder = new Builder(effective(steps), ctx, location);
  if (builder.has('insert', 'update', 'del', 'delete', 'increment', 'decrement', 'truncate', 'upsert')) return writeQuery(builder);
  return selectQuery(builder);
}

/** A builder as a sub-select. */
export function subselect(value: Value, ctx: Context, location: Location): SelectQuery | undefined {
  const known = ctx.read(value);
  const steps = isBuilder(known) ? stepsOf(known, ctx) : undefined;
  if (!steps) return undefined;
  const query = builderQuery(steps, ctx, location);
  if (typeof query === 'string') return undefined;
  if (query.kind === 'select') return query;
  return { kind: 'select', targets: [{ expression: { kind: 'star', path: [], location } }], from: [{ kind: 'derived', query, columnAliases: [], lateral: false, location }], groupBy: [], distinctOn: [], orderBy: [], with: [], location };
}

const AGGREGATES = new Set(['count', 'countDistinct', 'min', 'max', 'sum', 'sumDistinct', 'avg', 'avgDistinct']);

function selectQuery(builder: Builder): Query | string {
  const { ctx, location } = builder;
  const step = builder.tableStep;
  const from = builder.from();
  if (step === undefined && builder.steps.some(({ step: each }) => each.method === 'unknown')) return 'The table of this query is not known';
  if (step !== undefined && from === undefined) return 'A table of this query is not known';
  const where = builder.where();
  const having = conditionsOf(builder.steps, 'having', subselect, ctx);
  const limit = builder.last('limit', 'first');
  const one: Expression = { kind: 'constant', value: 1, location };
  const select: SelectQuery = {
    kind: 'select', targets: targets(builder), from: from ? [from] : [], ...(where && { where }), ...(having && { having }), groupBy: groups(builder),
    ...(builder.has('distinct') && { distinct: true }),
    distinctOn: builder.all('distinctOn').flatMap(({ step: each }) => each.args.flatMap((arg) => targetsOf(arg, each.location, ctx).map(({ expression }) => expression))),
    orderBy: [], ...(limit && { limit: one }), ...(builder.has('offset') && { offset: one }), with: builder.with(), ...(builder.has('withRecursive') && { recursive: true }), location,
  };
  return unions(builder, select);
}

function targets(builder: Builder): Target[] {
  const { ctx } = builder;
  const found = builder.steps.flatMap(({ step }): Target[] => {
    if (['select', 'column', 'columns', 'distinct', 'first', 'pluck'].includes(step.method)) return step.args.flatMap((arg) => selected(arg, step, ctx));
    if (step.method === 'rowNumber' || step.method === 'rank' || step.method === 'denseRank') return [];
    return AGGREGATES.has(step.method) ? [aggregate(step, ctx)] : [];
  });
  return found.length > 0 ? found : [{ expression: { kind: 'star', path: [], location: builder.location } }];
}

function selected(arg: Value, step: Step, ctx: Context): Target[] {
  const value = ctx.read(arg);
  if (isRaw(value)) {
    const { text, bindings, location } = value.data as RawData;
    return [...targetsOfText({ text, bound: rawBound(bindings, ctx), location, options: { question: 'knex' } }, ctx)];
  }
  if (isBuilder(value)) {
    const query = subselect(value, ctx, step.location);
    const alias = textOf(stepsOf(value, ctx)?.findLast(({ step: each }) => each.method === 'as')?.step.args[0], ctx);
    return query ? [{ expression: { kind: 'subquery', form: 'scalar', query, location: step.location }, ...(alias !== undefined && { alias }) }] : [];
  }
  return targetsOf(arg, step.location, ctx);
}

/** `count('id as n')`, `max({ latest: 'created_at' })`. */
function aggregate(step: Step, ctx: Context): Target {
  const { location } = step;
  const name = [step.method.replace('Distinct', '')];
  const [inner] = step.args[0] ? targetsOf(step.args[0], location, ctx) : [];
  const star = inner === undefined || inner.expression.kind === 'star';
  const expression: Expression = { kind: 'call', name, arguments: star ? [] : [inner.expression], ...(star && { star: true }), ...(step.method.endsWith('Distinct') && { distinct: true }), location };
  return { expression, ...(inner?.alias !== undefined && { alias: inner.alias }) };
}

function groups(builder: Builder): Expression[] {
  return builder.all('groupBy', 'groupByRaw').flatMap(({ step }) => step.args.flatMap((arg): Expression[] => {
    if (step.method === 'groupByRaw') return targetsOfText({ text: arg, bound: {}, location: step.location, options: {} }, builder.ctx).map(({ expression }) => expression);
    const value = builder.ctx.read(arg);
    return value.kind === 'list' ? value.items.map((item) => columnOf(item.value, step.location, builder.ctx)) : [columnOf(arg, step.location, builder.ctx)];
  }));
}

const SETS: Readonly<Record<string, { readonly operator: SetQuery['operator']; readonly all: boolean }>> = {
  union: { operator: 'union', all: false }, unionAll: { operator: 'union', all: true }, intersect: { operator: 'intersect', all: false }, except: { operator: 'except', all: false },
};

function unions(builder: Builder, select: SelectQuery): Query | string {
  let query: Query = select;
  for (const { step } of builder.steps) {
    const set = entryOf(SETS, step.method);
    if (!set) continue;
    for (const arg of step.args) {
      const value = builder.ctx.read(arg);
      if (value.kind === 'constant') continue;
      for (const each of value.kind === 'list' ? value.items.map((item) => item.value) : [arg]) {
        const right = anyQuery(each, builder.ctx, step.location);
        if (right === undefined) return 'A part of this UNION is not known';
        query = { kind: 'set', ...set, left: query, right, orderBy: [], with: [], location: builder.location };
      }
    }
  }
  return query;
}

/** A builder or raw text that is a query. */
function anyQuery(value: Value, ctx: Context, location: Location): Query | undefined {
  const known = ctx.read(value);
  if (isRaw(known)) {
    const raw = known.data as RawData;
    const [pieces = []] = textAlternatives(raw.text, ctx, raw.location);
    return queryOfPieces(pieces, rawBound(raw.bindings, ctx), ctx, raw.location, { question: 'knex' });
  }
  const steps = isBuilder(known) ? stepsOf(known, ctx) : undefined;
  const query = steps && builderQuery(steps, ctx, location);
  return typeof query === 'string' ? undefined : query;
}

/** `with(name, query)`, `with(name, columns, query)`. */
function cteOf(step: Step, ctx: Context): CommonTableExpression | undefined {
  const name = textOf(step.args[0], ctx);
  const query = step.args.at(-1) && anyQuery(step.args.at(-1)!, ctx, step.location);
  const columns = step.args.length > 2 && step.args[1] ? ctx.read(step.args[1]) : undefined;
  if (name === undefined || query === undefined) return undefined;
  return { name, columns: columns?.kind === 'list' ? columns.items.flatMap((item) => textOf(item.value, ctx) ?? []) : [], query, location: step.location };
}
