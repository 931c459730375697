import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Query, SelectQuery, Target } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import { conditionOfText, expressionOfText } from '../../sql-part.js';
import { fragmentValue, identifierPiece, plainPiece, textAlternatives } from '../../sql-pieces.js';
import type { SqlPiece } from '../../sql-pieces.js';
import type { TextValue, Value } from '../../values.js';
import { and, constant, equal, equalsAny, hole, isNull, isTrue, leftOut, not, opaque, operator, or } from '../build.js';
import { alternatives, fieldsOf } from '../objects.js';
import { joinPieces } from '../sql-tag.js';
import { isKysely, naming, stepsOf } from './builder.js';
import type { Client, Node, Raw } from './builder.js';

/** Lowers what builders were given; names are translated as the database's plugins say. */
export class Lowering {
  readonly name: (text: string) => string;

  /** @param query lowers a builder; text when a part of it is not known */
  constructor(readonly ctx: Context, readonly client: Client | undefined, private readonly query: (builder: Value, location: Location) => Query | string) {
    this.name = naming(client);
  }

  text(value: Value | undefined): string | undefined {
    const known = value && this.ctx.read(value);
    return known?.kind === 'constant' && typeof known.value === 'string' ? known.value : undefined;
  }

  /** A column by its name: `id`, `t.id`, `schema.t.id`, `t.*`. */
  path(text: string, location: Location): Expression {
    const path = text.trim().split('.').map((part) => (part === '*' ? part : this.name(part.trim())));
    return path.at(-1) === '*' ? { kind: 'star', path: path.slice(0, -1), location } : { kind: 'column', path: path.slice(-2), location };
  }

  /** Where a string names a column. */
  reference(value: Value | undefined, location: Location): Expression {
    if (value === undefined) return hole('a column that is not known', location);
    const known = this.ctx.read(value);
    const text = this.text(known);
    if (text !== undefined) return this.path(text, location);
    if (known.kind === 'library') return this.expression(known, location);
    return hole('a column that is not known', location);
  }

  /** Where a string is a value. */
  operand(value: Value | undefined, location: Location): Expression {
    if (value === undefined) return constant(null, location);
    const known = this.ctx.read(value);
    return known.kind === 'library' && known.library === 'kysely' ? this.expression(known, location) : this.ctx.expression(value, location);
  }

  /** A library's own value as an expression. */
  expression(value: Value, location: Location): Expression {
    const known = this.ctx.read(value);
    if (isKysely(known, 'raw')) return expressionOfText({ ...this.raw(known.data as Raw), location: (known.data as Raw).text.location }, this.ctx);
    if (isKysely(known, 'expression')) return this.node(known.data as Node);
    if (stepsOf(known)) {
      const query = this.select(known, location);
      return query ? { kind: 'subquery', form: 'scalar', query, location } : hole('a sub-select that is not known', location);
    }
    return hole('an expression that is not known', location);
  }

  /** A builder as a sub-select. */
  select(value: Value, location: Location): SelectQuery | undefined {
    const query = this.query(this.ctx.read(value), location);
    if (typeof query === 'string') return undefined;
    if (query.kind === 'select') return query;
    return { kind: 'select', targets: [{ expression: { kind: 'star', path: [], location } }], from: [{ kind: 'derived', query, alias: 'inner_query', columnAliases: [], lateral: false, location }], groupBy: [], distinctOn: [], orderBy: [], with: [], location };
  }

  anyQuery(value: Value, location: Location): Query | undefined {
    const query = this.query(this.ctx.read(value), location);
    return typeof query === 'string' ? undefined : query;
  }

  /** Text with holes: values are parameters, builders and expressions stand for themselves. */
  raw({ text }: Raw): { readonly text: TextValue; readonly bound: object; readonly options: { readonly tag: true; readonly expand: (value: Value, location: Location) => readonly SqlPiece[] | undefined } } {
    return { text, bound: {}, options: { tag: true, expand: (value, location) => this.expand(value, location) } };
  }

  private expand(value: Value, location: Location): readonly SqlPiece[] | undefined {
    if (isKysely(value, 'raw')) {
      const [pieces = []] = textAlternatives((value.data as Raw).text, this.ctx, location, this.raw(value.data as Raw).options);
      return pieces;
    }
    if (isKysely(value, 'expression')) {
      const node = value.data as Node;
      if (node.method === 'table' || node.method === 'id') return [identifierPiece(node.args.map((arg) => this.text(arg) ?? '').flatMap((each) => each.split('.')).map(this.name), location)];
      if (node.method === 'join') return this.joined(node);
      return [{ kind: 'expression', expression: this.node(node), location }];
    }
    return stepsOf(value) ? [{ kind: 'expression', expression: this.expression(value, location), location }] : undefined;
  }

  /** `sql.join(list, separator)`. */
  private joined({ args, location }: Node): readonly SqlPiece[] {
    const list = args[0] && this.ctx.read(args[0]);
    const separator = args[1] && this.expand(this.ctx.read(args[1]), location);
    if (list?.kind !== 'list') return list ? [{ kind: 'value', value: list, location }] : [];
    const items = list.items.map((item) => {
      const pieces = this.expand(this.ctx.read(item.value), location);
      return pieces ? { ...item, value: fragmentValue('kysely', pieces) } : item;
    });
    return joinPieces(items, this.ctx, location, separator ?? [plainPiece(', ', location)]);
  }

  /** Arguments of where, having, on: `column, operator, value`; an expression; an object of equalities. */
  condition(args: readonly Value[], places: readonly Location[], location: Location): Expression {
    if (args.length >= 3) return this.compare(this.reference(args[0], places[0] ?? location), args[1]!, args[2]!, places[2] ?? location, location);
    if (args.length === 0) return constant(true, location);
    const options = alternatives(args[0]!, this.ctx).map((option) => this.single(option, location));
    const known = options.filter((option) => !isTrue(option));
    if (known.length === 0) return options[0]!;
    return known.length === options.length ? or(known, location) : or([...known, leftOut(`${location.file}:${location.start}`, location)], location);
  }

  private single(value: Value, location: Location): Expression {
    if (isKysely(value, 'raw')) return conditionOfText({ ...this.raw(value.data as Raw), location: (value.data as Raw).text.location }, this.ctx);
    if (value.kind === 'library') return this.expression(value, location);
    if (value.kind === 'object') return this.equalities(value, location);
    if (value.kind === 'constant') return constant(value.value !== false, location);
    return hole('a condition that is not known', location);
  }

  private equalities(object: Extract<Value, { kind: 'object' }>, location: Location): Expression {
    const { given, open } = fieldsOf(object, this.ctx);
    const terms = given.map(({ key, value, location: place, maybe }) => {
      const term = this.compare(this.path(key, place), { kind: 'constant', value: '=' }, value, place, place);
      return maybe ? or([term, leftOut(`${place.file}:${place.start}`, place)], place) : term;
    });
    return and(open ? [...terms, hole('a condition that is not known is spread in', location)] : terms, location);
  }

  compare(left: Expression, sign: Value, given: Value, place: Location, location: Location): Expression {
    const { ctx } = this;
    const value = ctx.read(given);
    const text = this.text(sign)?.trim().toLowerCase();
    if (text === undefined) return opaque('comparison', [left, this.operand(given, place)], location);
    if (isKysely(value, 'raw')) return this.compareRaw(left, text, value.data as Raw, location);
    if (text === 'is' || text === 'is not') return this.isTest(left, value, text === 'is not', place, location);
    if (text === 'in' || text === 'not in') return this.listed(left, given, place, text === 'not in', location);
    const right = this.operand(given, place);
    if (text === '=' || text === '==') return equal(left, right, location);
    if (text === 'is distinct from' || text === 'is not distinct from') return { kind: 'distinct', left, right, negated: text.includes('not'), location };
    if (text === '!=' || text === '<>') return operator('<>', left, right, location);
    return /^[<>]=?$/.test(text) ? operator(text, left, right, location) : opaque(text, [left, right], location);
  }

  /** `x = ANY (...)` and the like are written as text on the right. */
  private compareRaw(left: Expression, sign: string, raw: Raw, location: Location): Expression {
    const text: TextValue = {
      kind: 'text', location: raw.text.location,
      parts: [{ kind: 'hole', value: fragmentValue('kysely', [{ kind: 'expression', expression: left, location }]), location, written: 'column' }, { kind: 'text', value: ` ${sign} ` }, ...raw.text.parts],
    };
    return conditionOfText({ ...this.raw({ text }), location: raw.text.location }, this.ctx);
  }

  private isTest(left: Expression, value: Value, negated: boolean, place: Location, location: Location): Expression {
    if (value.kind === 'constant' && value.value === null) return isNull(left, location, negated);
    if (value.kind === 'constant' && typeof value.value === 'boolean') {
      return { kind: 'booleanTest', operand: left, test: value.value ? (negated ? 'notTrue' : 'true') : negated ? 'notFalse' : 'false', location };
    }
    return { kind: 'distinct', left, right: this.operand(value, place), negated: !negated, location };
  }

  private listed(left: Expression, given: Value, place: Location, negated: boolean, location: Location): Expression {
    const value = this.ctx.read(given);
    if (stepsOf(value)) {
      const query = this.select(value, place);
      if (!query) return hole('a sub-select that is not known', location);
      const is: Expression = { kind: 'subquery', form: 'any', operator: '=', left, query, location };
      return negated ? not(is, location) : is;
    }
    return equalsAny(left, this.operand(given, place), location, negated);
  }

  /** What the methods of an expression builder stand for. */
  private node({ method, args, places, location }: Node): Expression {
    const place = (index: number): Location => places[index] ?? location;
    switch (method) {
      case 'compare': return args.length === 2 ? this.unary(args, location) : this.condition(args, places, location);
      case 'and': case 'or': return this.group(method, args, location);
      case 'not': return not(this.condition(args.slice(0, 1), places, location), location);
      case 'exists': return this.exists(args[0], location);
      case 'ref': return this.reference(args[0], place(0));
      case 'val': case 'lit': return this.operand(args[0], place(0));
      case 'parens': return args.length >= 3 ? this.condition(args, places, location) : this.condition(args.slice(0, 1), places, location);
      case 'between': case 'betweenSymmetric':
        return { kind: 'operator', operator: 'between', left: this.reference(args[0], place(0)), right: { kind: 'row', items: [this.operand(args[1], place(1)), this.operand(args[2], place(2))], location }, location };
      case 'any': return { kind: 'other', name: 'any', parts: [this.operand(args[0], place(0))], location };
      case 'cast': return this.reference(args[0], place(0));
      case 'count': case 'countAll': case 'sum': case 'min': case 'max': case 'avg': return this.aggregate(method, args, location);
      case 'coalesce': return { kind: 'call', name: ['coalesce'], arguments: args.map((arg, index) => this.reference(arg, place(index))), location };
      case 'json': return opaque('json', args.map((arg) => this.jsonPart(arg, location)), location);
      default: return { kind: 'call', name: [method], arguments: args.map((arg, index) => this.reference(arg, place(index))), location };
    }
  }

  private unary(args: readonly Value[], location: Location): Expression {
    return this.text(args[0]) === 'exists' ? this.exists(args[1], location) : not(this.condition(args.slice(1), [], location), location);
  }

  private aggregate(method: string, args: readonly Value[], location: Location): Expression {
    const star = method === 'countAll' || args.length === 0;
    return { kind: 'call', name: [star ? 'count' : method], arguments: star ? [] : [this.reference(args[0], location)], ...(star && { star }), location };
  }

  /** An object of expressions, or a sub-select that becomes JSON: its parts are kept. */
  private jsonPart(value: Value, location: Location): Expression {
    const known = this.ctx.read(value);
    if (known.kind !== 'object') return this.reference(known, location);
    return opaque('json', known.entries.flatMap((entry) => (entry.kind === 'property' && this.ctx.read(entry.value).kind === 'library' ? [this.expression(entry.value, entry.location)] : [])), location);
  }

  private exists(value: Value | undefined, location: Location): Expression {
    const known = value && this.ctx.read(value);
    const query = known && stepsOf(known) ? this.select(known, location) : undefined;
    if (query) return { kind: 'subquery', form: 'exists', query, location };
    if (known && isKysely(known, 'raw')) {
      const inner = this.expression(known, location);
      if (inner.kind === 'subquery' && inner.form === 'scalar') return { ...inner, form: 'exists' };
    }
    return hole('a sub-select that is not known', location);
  }

  /** `and([...])`, `or([...])`, `and({ ... })`; an empty OR is false, an empty AND true (the manual, "and", "or"). */
  private group(method: 'and' | 'or', args: readonly Value[], location: Location): Expression {
    const [first] = args;
    const known = first && this.ctx.read(first);
    if (args.length >= 3) return this.condition(args, [], location);
    if (known?.kind !== 'list') return known ? this.condition([known], [], location) : constant(true, location);
    const items = known.items.map(({ value, maybe, repeated }) => {
      const term = this.condition([value], [], location);
      return method === 'and' && (maybe || repeated) && !isTrue(term) ? or([term, leftOut(`${location.file}:${location.start}`, location)], location) : term;
    });
    return method === 'and' ? and(items, location) : or(items, location);
  }

  /** An item of a select list: `id`, `t.id as key`, an expression with an alias, or lists of them. */
  targets(value: Value, location: Location): Target[] {
    return alternatives(value, this.ctx).flatMap((known): Target[] => {
      if (known.kind === 'list') return known.items.flatMap((item) => this.targets(item.value, location));
      const text = this.text(known);
      if (text !== undefined) {
        const [, written = text, alias] = /^(.*?)\s+as\s+(.+)$/i.exec(text.trim()) ?? [];
        return [{ expression: this.path(written, location), ...(alias !== undefined && { alias: this.name(alias.trim()) }) }];
      }
      if (known.kind !== 'library') return [{ expression: hole('a column that is not known', location) }];
      const alias = this.aliasOf(known);
      return [{ expression: this.expression(known, location), ...(alias !== undefined && { alias: this.name(alias) }) }];
    });
  }

  aliasOf(value: Value): string | undefined {
    const steps = stepsOf(value);
    if (steps) return this.text(steps.findLast(({ step }) => step.method === 'as')?.step.args[0]);
    return value.kind === 'library' ? this.text((value.data as { alias?: Value } | undefined)?.alias) : undefined;
  }
}
