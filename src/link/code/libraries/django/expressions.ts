import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Arguments, Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { constant } from '../build.js';
import { libraryData, libraryValue } from '../sqlalchemy/given.js';
import { DJANGO } from './fields.js';

/** `Q(...)`, and Qs joined by `&`, `|`, `~`. */
export type QData =
  | { readonly kind: 'leaf'; readonly arguments: Arguments; readonly location: Location }
  | { readonly kind: 'and' | 'or'; readonly left: Value; readonly right: Value }
  | { readonly kind: 'not'; readonly operand: Value };

/** An expression of Django's: `F('a')`, `OuterRef('pk')`, `Exists(rows)`, `Count('x')`, arithmetic of those. */
export interface ExpressionData {
  readonly name: string;
  readonly arguments: Arguments;
  readonly location: Location;
}

const FUNCTIONS = /^(?:F|OuterRef|ResolvedOuterRef|Value|Exists|Subquery|ArraySubquery|ExpressionWrapper|Case|When|Func|Window|Count|Sum|Avg|Max|Min|StdDev|Variance|RawSQL|OrderBy|Star|Coalesce|Cast|Concat|Greatest|Least|NullIf|Lower|Upper|Length|Trim|LTrim|RTrim|Left|Right|Substr|Replace|StrIndex|Now|Trunc\w*|Extract\w*|ArrayAgg|StringAgg|JSONBAgg|BoolOr|BoolAnd|BitAnd|BitOr|JSONObject|KeyTransform|KeyTextTransform|SearchVector|SearchQuery|SearchRank|SearchHeadline|TrigramSimilarity|TrigramWordSimilarity|RowNumber|Rank|DenseRank|FirstValue|LastValue|Lag|Lead|Abs|Round|Ceil|Floor|Random|Sign|MD5|SHA256|Chr|Ord|Reverse|Repeat|Collate|RandomUUID|TransactionNow|OpClass|IndexExpression)$/;

/** Whether a name of Django is that of an expression. */
export function isExpressionName(name: string): boolean {
  return FUNCTIONS.test(name);
}

/** A call of an expression's class. */
export function expressionValue(name: string, call: Call): LibraryValue {
  return libraryValue(DJANGO, 'expression', { name, arguments: call.arguments, location: call.location } satisfies ExpressionData);
}

/** The expression behind a value. */
export function ownExpression(value: Value | undefined, ctx: Context): ExpressionData | undefined {
  return libraryData<ExpressionData>(value, DJANGO, 'expression', ctx);
}

/** The Q behind a value. */
export function qData(value: Value | undefined, ctx: Context): QData | undefined {
  return libraryData<QData>(value, DJANGO, 'q', ctx);
}

/** `Q(a=1)`. */
export function qValue(data: QData): LibraryValue {
  return libraryValue(DJANGO, 'q', data);
}

/** What `&`, `|`, `~` and arithmetic make of Qs and expressions. */
export function operated(operator: string, left: Value, right: Value | undefined, location: Location, ctx: Context): Value | undefined {
  const isCondition = (value: Value | undefined): boolean => value !== undefined && (qData(value, ctx) !== undefined || ownExpression(value, ctx) !== undefined || ctx.read(value).kind === 'union');
  if (operator === '~' && isCondition(left)) return qValue({ kind: 'not', operand: left });
  if (right === undefined) return operator === '-' && ownExpression(left, ctx) ? left : undefined;
  if ((operator === '&' || operator === '|') && isCondition(left) && isCondition(right)) return qValue({ kind: operator === '&' ? 'and' : 'or', left, right });
  if (!/^[-+*/%]|\*\*$/.test(operator) || (!ownExpression(left, ctx) && !ownExpression(right, ctx))) return undefined;
  return libraryValue(DJANGO, 'expression', { name: operator, arguments: { positional: [left, right], named: new Map(), open: false, locations: [location, location] }, location } satisfies ExpressionData);
}

/** An expression that needs no table: `Value('x')`, `Now()`, `RandomUUID()`. */
export function expressionData(value: Value, ctx: Context): Expression | undefined {
  const own = ownExpression(value, ctx);
  if (own === undefined) return undefined;
  const [first] = own.arguments.positional;
  if (own.name === 'Value' && first) { const known = ctx.read(first); return known.kind === 'constant' ? constant(known.value ?? null, own.location) : ctx.expression(first, own.location); }
  if (own.name === 'Now' || own.name === 'TransactionNow') return { kind: 'call', name: ['now'], arguments: [], location: own.location };
  return own.name === 'RandomUUID' ? { kind: 'call', name: ['gen_random_uuid'], arguments: [], location: own.location } : undefined;
}
