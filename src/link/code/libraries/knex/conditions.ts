import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { SelectQuery } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import { conditionOfText } from '../../sql-part.js';
import type { BuilderStep } from '../../steps.js';
import type { Value } from '../../values.js';
import { and, constant, equal, equalsAny, hole, isNull, leftOut, not, opaque, operator, or } from '../build.js';
import { alternatives, fieldsOf } from '../objects.js';
import { isBuilder, isRaw, stepsOf } from './builder.js';
import type { RawData, Step } from './builder.js';
import { columnOf, rawBound, rawExpression, textOf } from './names.js';

/** Lowers a builder that stands in a condition as a sub-select. */
export type Subselect = (builder: Value, ctx: Context, location: Location) => SelectQuery | undefined;

interface Term {
  readonly connector: 'and' | 'or';
  readonly expression: Expression;
  readonly maybe: boolean;
  readonly location: Location;
}

/** Names of conditions: `where`, `orWhereNotIn`, `andHaving`, `onIn`, `andOnNull`. */
const CONDITION = /^(and|or)?(where|having|on)(.*)$/i;

/** Whether a call on a builder adds a condition of that clause. */
export function isCondition(method: string, clause: 'where' | 'having' | 'on'): boolean {
  const found = CONDITION.exec(method);
  return found !== null && found[2]!.toLowerCase() === clause && !/^conflict/i.test(found[3]!) && method !== 'on_duplicate';
}

/** The conditions of a clause that were added to a builder: AND and OR bind as in SQL, each to what stands before it. */
export function conditionsOf(steps: readonly BuilderStep<Step>[], clause: 'where' | 'having' | 'on', subselect: Subselect, ctx: Context): Expression | undefined {
  const terms = steps.flatMap(({ step, maybe }): Term[] => {
    if (step.method === 'unknown') return [{ connector: 'and', expression: hole('calls that are not known', step.location), maybe: false, location: step.location }];
    if (!isCondition(step.method, clause)) return [];
    return termsOf(step, maybe, clause, subselect, ctx);
  });
  const [first] = terms;
  if (!first) return undefined;
  // SQL's precedence: a OR b AND c is a OR (b AND c).
  const groups: Term[][] = [];
  for (const term of terms) {
    if (term.connector === 'or' && groups.length > 0) groups.push([term]);
    else (groups.at(-1) ?? groups[groups.push([]) - 1]!).push(term);
  }
  const place = first.location;
  return or(groups.map((group) => and(group.map((term) => (term.maybe ? or([term.expression, leftOut(`${term.location.file}:${term.location.start}`, term.location)], term.location) : term.expression)), place)), place);
}

function termsOf(step: Step, maybe: boolean, clause: 'where' | 'having' | 'on', subselect: Subselect, ctx: Context): Term[] {
  const [, connective = 'and', , rest = ''] = CONDITION.exec(step.method)!;
  const connector = connective.toLowerCase() as 'and' | 'or';
  const term = (expression: Expression, may = maybe): Term => ({ connector, expression, maybe: may, location: step.location });
  const negated = /^not/i.test(rest);
  const kind = rest.replace(/^not/i, '').toLowerCase();
  const lower = new Lowering(step, clause, subselect, ctx);
  const plain = lower.condition(kind === '' && negated ? '' : kind, negated);
  return plain === undefined ? [] : [term(plain)];
}

class Lowering {
  private readonly args: readonly Value[];
  private readonly location: Location;

  constructor(private readonly step: Step, private readonly clause: string, private readonly subselect: Subselect, private readonly ctx: Context) {
    this.args = step.args;
    this.location = step.places[0] ? { ...step.places[0], end: step.places.at(-1)!.end } : step.location;
  }

  condition(kind: string, negated: boolean): Expression | undefined {
    const { location } = this;
    const wrap = (expression: Expression | undefined): Expression | undefined => expression && (negated ? not(expression, location) : expression);
    switch (kind) {
      case '': return wrap(this.plain());
      case 'val': return wrap(this.comparison(false));
      case 'in': return this.inList(negated);
      case 'null': return isNull(this.column(0), location, negated);
      case 'exists': return wrap(this.exists());
      case 'between': return this.between(negated);
      case 'raw': return wrap(this.raw());
      case 'like': case 'ilike': return wrap(opaque(kind, [this.column(0), this.value(1)], location));
      default: return opaque(kind, this.args.slice(0, 1).map((arg) => columnOf(arg, location, this.ctx)), location);
    }
  }

  private column(index: number): Expression {
    return columnOf(this.args[index], this.step.places[index] ?? this.location, this.ctx);
  }

  /** A value of a comparison: bound, or a column, a raw text, a sub-select. */
  private value(index: number): Expression {
    const given = this.args[index];
    if (given === undefined) return constant(null, this.location);
    const place = this.step.places[index] ?? this.location;
    const value = this.ctx.read(given);
    if (isRaw(value)) return rawExpression(value.data as RawData, this.ctx);
    if (value.kind === 'library' && value.type === 'ref') return columnOf(value, place, this.ctx);
    if (isBuilder(value)) {
      const query = this.subselect(value, this.ctx, place);
      return query ? { kind: 'subquery', form: 'scalar', query, location: place } : hole('a sub-select that is not known', place);
    }
    return this.ctx.expression(given, place);
  }

  /** `where(column, value)`, `where(column, operator, value)`, `where({ ... })`, `where(raw)`, `where(callback)`, `where(true)`. */
  private plain(): Expression | undefined {
    const { args, ctx, location } = this;
    if (args.length === 1) {
      const options = alternatives(args[0]!, ctx).map((option) => this.single(option));
      if (options.every((option) => option === undefined)) return undefined;
      const known = options.filter((option): option is Expression => option !== undefined);
      return or(known.length < options.length ? [...known, leftOut(`${location.file}:${location.start}`, location)] : known, location);
    }
    return this.comparison(this.clause === 'on');
  }

  private single(value: Value): Expression | undefined {
    const { ctx, location } = this;
    if (isRaw(value)) return rawExpression(value.data as RawData, ctx);
    if (isBuilder(value)) return this.group(value);
    if (value.kind === 'object') return this.fields(value);
    if (value.kind === 'constant') return typeof value.value === 'boolean' ? constant(value.value, location) : undefined;
    return hole('a condition that is not known', location);
  }

  /** A callback groups its conditions. */
  private group(builder: Value): Expression | undefined {
    const steps = isBuilder(builder) ? stepsOf(builder, this.ctx) : undefined;
    if (!steps) return hole('a condition that is not known', this.location);
    return conditionsOf(steps, this.clause as 'where', this.subselect, this.ctx);
  }

  private fields(object: Extract<Value, { kind: 'object' }>): Expression | undefined {
    const { ctx } = this;
    const { given, open } = fieldsOf(object, ctx);
    const terms = given.map(({ key, value, location, maybe, overridden }) => {
      const term = this.compare(columnOf({ kind: 'constant', value: key }, location, ctx), '=', value, location, this.clause === 'on');
      if (overridden) return or([term, overridden === 'untrusted' ? constant(true, location) : hole(`${key} may be overridden`, location)], location);
      return maybe ? or([term, leftOut(`${location.file}:${location.start}`, location)], location) : term;
    });
    if (open) terms.push(hole('a condition that is not known is spread in', this.location));
    return terms.length === 0 ? undefined : and(terms, this.location);
  }

  /** @param columns the right side names a column too, as in ON */
  private comparison(columns: boolean): Expression {
    const { args, location, ctx } = this;
    const [sign, value, at] = args.length > 2 ? [textOf(args[1], ctx) ?? '?', args[2]!, 2] : ['=', args[1]!, 1];
    return this.compare(this.column(0), sign, value, this.step.places[at] ?? location, columns);
  }

  private compare(left: Expression, sign: string, given: Value, place: Location, columns: boolean): Expression {
    const { ctx, location } = this;
    const value = ctx.read(given);
    if (columns) {
      const right = columnOf(given, place, ctx);
      return sign === '=' ? equal(left, right, location) : operator(sign, left, right, location);
    }
    const lower = sign.trim().toLowerCase();
    if (value.kind === 'constant' && value.value === null) return isNull(left, location, lower === '!=' || lower === '<>' || lower === 'is not');
    if (lower === 'in' || lower === 'not in') return this.listed(left, given, place, lower === 'not in');
    const index = this.args.indexOf(given);
    const right = index >= 0 ? this.value(index) : this.boundValue(given, place);
    if (lower === '=' || lower === 'is') return equal(left, right, location);
    return lower === '!=' || lower === '<>' ? operator('<>', left, right, location) : /^[<>]=?$/.test(lower) ? operator(lower, left, right, location) : opaque(lower, [left, right], location);
  }

  private boundValue(given: Value, place: Location): Expression {
    const value = this.ctx.read(given);
    return isRaw(value) ? rawExpression(value.data as RawData, this.ctx) : this.ctx.expression(given, place);
  }

  private inList(negated: boolean): Expression {
    const first = this.args[0] && this.ctx.read(this.args[0]);
    const place = this.step.places[1] ?? this.location;
    const left: Expression = first?.kind === 'list' ? { kind: 'row', items: first.items.map((item) => columnOf(item.value, place, this.ctx)), location: this.location } : this.column(0);
    return this.args[1] === undefined ? hole('a list that is not known', this.location) : this.listed(left, this.args[1], place, negated);
  }

  private listed(left: Expression, given: Value, place: Location, negated: boolean): Expression {
    const { ctx, location } = this;
    const value = ctx.read(given);
    if (isBuilder(value)) {
      const query = this.subselect(value, ctx, place);
      if (!query) return hole('a sub-select that is not known', location);
      const is: Expression = { kind: 'subquery', form: 'any', operator: '=', left, query, location };
      return negated ? not(is, location) : is;
    }
    if (isRaw(value)) return conditionOfRaw(left, value.data as RawData, negated, location, ctx);
    if (value.kind === 'list' && value.items.some(({ maybe, repeated }) => maybe || repeated)) {
      return { kind: 'inList', operand: left, list: value.items.map((item) => ctx.expression(item.value, place)), negated, location };
    }
    return equalsAny(left, ctx.expression(given, place), location, negated);
  }

  private exists(): Expression {
    const { ctx, location } = this;
    const value = this.args[0] && ctx.read(this.args[0]);
    if (value && isRaw(value)) return opaque('exists', [rawExpression(value.data as RawData, ctx)], location);
    const query = value && isBuilder(value) ? this.subselect(value, ctx, location) : undefined;
    return query ? { kind: 'subquery', form: 'exists', query, location } : hole('a sub-select that is not known', location);
  }

  private between(negated: boolean): Expression {
    const { ctx, location } = this;
    const list = this.args[1] && ctx.read(this.args[1]);
    const items = list?.kind === 'list' ? list.items.map((item) => ctx.expression(item.value, location)) : [];
    return { kind: 'operator', operator: negated ? 'not between' : 'between', left: this.column(0), right: { kind: 'row', items, location }, location };
  }

  /** `whereRaw(text, bindings)`, `whereRaw(knex.raw(...))`. */
  private raw(): Expression {
    const { ctx, location } = this;
    const value = this.args[0] && ctx.read(this.args[0]);
    if (value && isRaw(value)) return rawExpression(value.data as RawData, ctx);
    if (!value) return hole('a condition that is not known', location);
    return conditionOfText({ text: this.args[0]!, bound: rawBound(this.args[1], ctx), location, options: { question: 'knex' } }, ctx);
  }
}

/** `whereIn(column, knex.raw('select ...'))`, and a raw list. */
function conditionOfRaw(left: Expression, raw: RawData, negated: boolean, location: Location, ctx: Context): Expression {
  const value = rawExpression(raw, ctx);
  if (value.kind === 'subquery' && value.form === 'scalar') {
    const is: Expression = { kind: 'subquery', form: 'any', operator: '=', left, query: value.query, location };
    return negated ? not(is, location) : is;
  }
  return hole('a list that is written as text', location);
}
