import { entryOf } from '../../../../entry.js';
import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { CommonTableExpression, FromItem, Join, Query, SelectQuery, SetQuery, TableReference, Target } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import { tablesOfText } from '../../sql-part.js';
import { StepList, type BuilderStep } from '../../steps.js';
import type { Value } from '../../values.js';
import { and, constant, equal, hole, isTrue, leftOut, operator, or } from '../build.js';
import { alternatives } from '../objects.js';
import { isKysely, stepsOf } from './builder.js';
import type { Client, Raw, Step } from './builder.js';
import { Lowering } from './expressions.js';
import { deleteQuery, insertQuery, updateQuery } from './write.js';

/** What a builder says. */
export class Builder extends StepList<Step> {
  readonly lower: Lowering;
  readonly client: Client | undefined;
  readonly root: Step | undefined;

  constructor(steps: readonly BuilderStep<Step>[], readonly ctx: Context, readonly location: Location) {
    super(steps);
    this.root = steps.find(({ step }) => step.client !== undefined)?.step;
    this.client = this.root?.client;
    this.lower = new Lowering(ctx, this.client, (value, place) => queryOf(value, ctx, place));
  }

  conditions(method: 'where' | 'having'): Expression | undefined {
    const all = conditions(this.steps, method, this.lower);
    return all && !isTrue(all) ? all : undefined;
  }

  /** The table that is written. */
  target(): TableReference | undefined {
    const item = this.root && tableItem(this.root.args[0], this.root.places[0] ?? this.root.location, this);
    return item?.kind === 'table' ? item : undefined;
  }

  with(): CommonTableExpression[] {
    return (this.client?.with ?? []).flatMap((step) => cteOf(step, this) ?? []);
  }

  returning(): Target[] {
    const all = this.has('returningAll') ? [{ expression: { kind: 'star' as const, path: [], location: this.location } }] : [];
    return [...all, ...this.all('returning').flatMap(({ step }) => step.args.flatMap((arg) => this.lower.targets(arg, step.location)))];
  }
}

/** Conditions of a clause, each ANDed to those before it. */
export function conditions(steps: readonly BuilderStep<Step>[], clause: 'where' | 'having' | 'on', lower: Lowering): Expression | undefined {
  const terms = steps.flatMap(({ step, maybe }): Expression[] => {
    const { args, places, location } = step;
    const term = step.method === clause ? lower.condition(args, places, location)
      : step.method === `${clause}Ref` ? refCondition(step, lower)
        : step.method === 'onTrue' && clause === 'on' ? constant(true, location)
          : step.method === 'unknown' ? hole('calls that are not known', location) : undefined;
    if (!term) return [];
    return [maybe && !isTrue(term) ? or([term, leftOut(`${location.file}:${location.start}`, location)], location) : term];
  });
  const [first] = steps;
  return terms.length === 0 || !first ? undefined : and(terms, first.step.location);
}

function refCondition({ args, places, location }: Step, lower: Lowering): Expression {
  const sign = lower.text(args[1]) ?? '?';
  const [left, right] = [lower.reference(args[0], places[0] ?? location), lower.reference(args[2], places[2] ?? location)];
  return sign === '=' ? equal(left, right, location) : operator(sign === '!=' ? '<>' : sign, left, right, location);
}

/** The query of a builder; text when a part of it is not known. */
export function queryOf(value: Value, ctx: Context, location: Location): Query | string {
  const steps = stepsOf(value);
  if (!steps) return 'A query that is not known';
  const builder = new Builder(effective(steps), ctx, location);
  switch (builder.root?.method) {
    case 'selectFrom': case 'selectNoFrom': return selectQuery(builder);
    case 'insertInto': case 'replaceInto': return insertQuery(builder);
    case 'updateTable': return updateQuery(builder);
    case 'deleteFrom': return deleteQuery(builder);
    default: return 'The table of this query is not known';
  }
}

function effective(steps: readonly BuilderStep<Step>[]): readonly BuilderStep<Step>[] {
  const clears: Readonly<Record<string, RegExp>> = { clearSelect: /^select(?:All)?$/, clearWhere: /^where/, clearGroupBy: /^groupBy$/, clearLimit: /^limit$/, clearOffset: /^offset$/ };
  return steps.filter(({ step }, index) => !steps.slice(index + 1).some((later) => !later.maybe && entryOf(clears, later.step.method)?.test(step.method) === true));
}

function selectQuery(builder: Builder): Query | string {
  const { location, lower, steps } = builder;
  const from = builder.root!.method === 'selectNoFrom' ? [] : fromItems(builder);
  if (from === undefined) return 'A table of this query is not known';
  const where = builder.conditions('where');
  const having = builder.conditions('having');
  const one: Expression = constant(1, location);
  const targets = steps.flatMap(({ step }): Target[] => {
    if (step.method === 'select' || step.method === 'selectNoFrom') return step.args.flatMap((arg) => lower.targets(arg, step.location));
    if (step.method !== 'selectAll') return [];
    const tables = step.args.flatMap((arg) => alternatives(arg, builder.ctx)).flatMap((known) => (known.kind === 'list' ? known.items.map((item) => lower.text(item.value)) : [lower.text(known)]));
    return (tables.length > 0 ? tables : [undefined]).map((name) => ({ expression: { kind: 'star' as const, path: name === undefined ? [] : [lower.name(name)], location: step.location } }));
  });
  const select: SelectQuery = {
    kind: 'select', targets, from, ...(where && { where }), ...(having && { having }),
    groupBy: builder.all('groupBy').flatMap(({ step }) => step.args.flatMap((arg) => lower.targets(arg, step.location).map(({ expression }) => expression))),
    ...(builder.has('distinct') && { distinct: true }),
    distinctOn: builder.all('distinctOn').flatMap(({ step }) => step.args.flatMap((arg) => lower.targets(arg, step.location).map(({ expression }) => expression))),
    orderBy: [], ...(builder.has('limit', 'top', 'fetch') && { limit: one }), ...(builder.has('offset') && { offset: one }),
    with: builder.with(), ...(builder.client?.with.some(({ method }) => method === 'withRecursive') === true && { recursive: true }), location,
  };
  return sets(builder, select);
}

const SETS: Readonly<Record<string, { readonly operator: SetQuery['operator']; readonly all: boolean }>> = {
  union: { operator: 'union', all: false }, unionAll: { operator: 'union', all: true }, intersect: { operator: 'intersect', all: false },
  intersectAll: { operator: 'intersect', all: true }, except: { operator: 'except', all: false }, exceptAll: { operator: 'except', all: true },
};

function sets(builder: Builder, select: SelectQuery): Query | string {
  let query: Query = select;
  for (const { step } of builder.steps) {
    const set = entryOf(SETS, step.method);
    if (!set) continue;
    const arms = step.args.flatMap((arg) => alternatives(arg, builder.ctx)).flatMap((known) => (known.kind === 'list' ? known.items.map((item) => item.value) : [known]));
    for (const arm of arms) {
      const right = builder.lower.anyQuery(arm, step.location);
      if (!right) return 'A part of this UNION is not known';
      query = { kind: 'set', ...set, left: query, right, orderBy: [], with: [], location: builder.location };
    }
  }
  return query;
}

/** The tables of `selectFrom` with the joins; undefined when one is not known. */
function fromItems(builder: Builder): readonly FromItem[] | undefined {
  const { root, ctx } = builder;
  const given = root!.args[0] && ctx.read(root!.args[0]);
  const values = given?.kind === 'list' ? given.items.map((item) => item.value) : [root!.args[0]];
  const items = values.map((each) => tableItem(each, root!.places[0] ?? root!.location, builder));
  if (items.some((item) => item === undefined)) return undefined;
  const [last, ...others] = (items as FromItem[]).reverse();
  const joined = last && withJoins(last, builder);
  return joined && [...others.reverse(), joined];
}

/** A table: `t`, `schema.t as a`, a sub-select with an alias, a text. */
export function tableItem(value: Value | undefined, location: Location, builder: Pick<Builder, 'ctx' | 'lower' | 'client'>): FromItem | undefined {
  const { ctx, lower, client } = builder;
  const options = value ? alternatives(value, ctx) : [];
  if (options.length !== 1) return undefined;
  const [known] = options as [Value];
  const text = lower.text(known);
  if (text !== undefined) {
    const [, written = text, alias] = /^(.*?)\s+as\s+(.+)$/i.exec(text.trim()) ?? [];
    const parts = written.trim().split('.').map(lower.name);
    const schema = parts.length > 1 ? parts.at(-2) : client?.schema;
    return { kind: 'table', name: { ...(schema !== undefined && { schema }), name: parts.at(-1)! }, ...(alias !== undefined && { alias: lower.name(alias.trim()) }), columnAliases: [], location };
  }
  const alias = lower.aliasOf(known);
  if (stepsOf(known)) {
    const query = lower.anyQuery(known, location);
    return query && { kind: 'derived', query, ...(alias !== undefined && { alias: lower.name(alias) }), columnAliases: [], lateral: false, location };
  }
  if (isKysely(known, 'raw')) {
    const items = tablesOfText({ ...lower.raw(known.data as Raw), location }, ctx);
    return items?.length === 1 ? { ...items[0]!, ...(alias !== undefined && { alias: lower.name(alias) }) } : undefined;
  }
  return undefined;
}

const JOINS: Readonly<Record<string, Join['type']>> = { innerJoin: 'inner', leftJoin: 'left', rightJoin: 'right', fullJoin: 'full', crossJoin: 'cross' };

function withJoins(left: FromItem, builder: Builder): FromItem | undefined {
  let item: FromItem | undefined = left;
  for (const { step, maybe } of builder.steps) {
    const type = entryOf(JOINS, step.method.replace(/Lateral$/, ''));
    if (!type || !item) continue;
    const right = tableItem(step.args[0], step.places[0] ?? step.location, builder);
    if (!right) return undefined;
    const lateral = step.method.endsWith('Lateral') && right.kind === 'derived' ? { ...right, lateral: true } : right;
    const on = type === 'cross' ? undefined : onOf(step, builder);
    // A join that is there on some paths only filters nothing for certain.
    item = { kind: 'join', type: maybe && type === 'inner' ? 'left' : type, left: item, right: lateral, ...(on && { on }), using: [], natural: false, location: step.location };
  }
  return item;
}

/** `(table, a, b)` compares two columns; `(table, join => join.onRef(...))`. */
function onOf({ args, places, location }: Step, { ctx, lower }: Builder): Expression {
  if (args.length >= 3) return equal(lower.reference(args[1], places[1] ?? location), lower.reference(args[2], places[2] ?? location), location);
  const given = args[1] && ctx.read(args[1]);
  const steps = given && stepsOf(given);
  if (!steps) return given ? hole('a join condition that is not known', location) : constant(true, location);
  return conditions(steps, 'on', lower) ?? constant(true, location);
}

/** `with('name', db => ...)`, `with('name(a, b)', ...)`. */
function cteOf(step: Step, { lower, ctx }: Builder): CommonTableExpression | undefined {
  const written = lower.text(step.args[0]);
  const query = step.args[1] && cteQuery(step.args[1], lower, ctx, step.location);
  const [, name, columns] = /^\s*([^(\s]+)\s*(?:\((.*)\))?\s*$/.exec(written ?? '') ?? [];
  if (name === undefined || !query) return undefined;
  return { name: lower.name(name), columns: columns?.split(',').map((each) => lower.name(each.trim())) ?? [], query, location: step.location };
}

function cteQuery(value: Value, lower: Lowering, ctx: Context, location: Location): Query | undefined {
  const known = ctx.read(value);
  if (!isKysely(known, 'raw')) return lower.anyQuery(known, location);
  const inner = lower.expression(known, location);
  return inner.kind === 'subquery' ? inner.query : undefined;
}
