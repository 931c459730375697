import { entryOf } from '../../../../entry.js';
import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Context } from '../../library.js';
import type { Value } from '../../values.js';
import { constant, hole, opaque, operator } from '../build.js';
import { textOf } from '../sqlalchemy/given.js';
import { expressionData, type ExpressionData } from './expressions.js';

/** How the parts of an expression are read where it stands. */
interface Reader {
  readonly location: Location;
  readonly ctx: Context;
  readonly path: (text: string) => Expression | undefined;
  readonly value: (value: Value) => Expression;
  readonly condition: (value: Value) => Expression;
  readonly sub: (value: Value, form: 'exists' | 'scalar' | 'array') => Expression | undefined;
}

/** A reference to the query around, until it is known. */
export const OUTER = 'outerRef';

const AGGREGATES = /^(?:Count|Sum|Avg|Max|Min|StdDev|Variance|ArrayAgg|StringAgg|JSONBAgg|BoolOr|BoolAnd)$/;
const NAMES: Readonly<Record<string, string>> = { ArrayAgg: 'array_agg', StringAgg: 'string_agg', JSONBAgg: 'jsonb_agg', BoolOr: 'bool_or', BoolAnd: 'bool_and', StdDev: 'stddev_pop', Variance: 'var_pop' };
const PLAIN: Readonly<Record<string, string>> = { Coalesce: 'coalesce', Lower: 'lower', Upper: 'upper', Greatest: 'greatest', Least: 'least', NullIf: 'nullif', Concat: 'concat', Length: 'length', Abs: 'abs', Round: 'round', Trim: 'btrim' };

/** An expression of Django's as SQL has it. What is not known in detail keeps its parts. */
export function functionExpression(own: ExpressionData, read: Reader): Expression {
  const { name, arguments: { positional, named } } = own;
  const { location, ctx } = read;
  const [first] = positional;
  const text = first && textOf(first, ctx);
  const known = libraryConstant(own, ctx);
  if (known) return known;
  const named2 = (value: Value): Expression => { const plain = textOf(value, ctx); return plain === undefined || ctx.read(value).kind !== 'constant' ? read.value(value) : plain === '*' ? constant(1, location) : read.path(plain) ?? hole(plain, location); };
  switch (name) {
    case 'F': return text === undefined ? hole('a field', location) : read.path(text) ?? hole(`${text}: not a field`, location);
    case 'OuterRef': return { kind: 'other', name: OUTER, parts: [constant(text ?? 'pk', location)], location };
    case 'Exists': return (first && read.sub(first, 'exists')) ?? hole('rows that are not known', location);
    case 'Subquery': case 'ArraySubquery': return (first && read.sub(first, name === 'Subquery' ? 'scalar' : 'array')) ?? hole('rows that are not known', location);
    case 'ExpressionWrapper': case 'OrderBy': return first ? named2(first) : hole(name, location);
    case 'Case': return { kind: 'case', branches: positional.flatMap((each) => branch(each, read)), ...(named.get('default') && { otherwise: named2(named.get('default')!) }), location };
    default: break;
  }
  if (/^[-+*/%]/.test(name) && positional.length === 2) return operator(name === '**' ? '^' : name, read.value(positional[0]!), read.value(positional[1]!), location);
  const parts = positional.map(named2);
  if (AGGREGATES.test(name)) {
    const filter = named.get('filter');
    const of = (argument: Expression | undefined): Expression => ({ kind: 'call', name: [entryOf(NAMES, name) ?? name.toLowerCase()], arguments: argument ? [argument] : [], ...(filter && { filter: read.condition(filter) }), location });
    // Of related rows it is computed among them.
    const [related] = parts;
    return related?.kind === 'subquery' && related.form === 'scalar' && related.query.kind === 'select' ? { ...related, query: { ...related.query, targets: [{ expression: of(related.query.targets[0]?.expression) }] } } : of(related);
  }
  const plain = entryOf(PLAIN, name);
  return plain === undefined ? opaque(name.toLowerCase(), parts, location) : { kind: 'call', name: [plain], arguments: parts, location };
}

function libraryConstant(own: ExpressionData, ctx: Context): Expression | undefined {
  return expressionData({ kind: 'library', library: 'django', type: 'expression', data: own }, ctx);
}

/** `When(condition, then=value)`, `When(a=1, then=value)`. */
function branch(value: Value, read: Reader): { readonly when: Expression; readonly then: Expression }[] {
  const known = read.ctx.read(value);
  if (known.kind !== 'library' || known.type !== 'expression') return [];
  const { arguments: given, location } = known.data as ExpressionData;
  const then = given.named.get('then');
  const rest = new Map([...given.named].filter(([name]) => name !== 'then'));
  const when = read.condition({ kind: 'library', library: 'django', type: 'q', data: { kind: 'leaf', arguments: { ...given, named: rest }, location } });
  const plain = then && read.ctx.read(then);
  return then ? [{ when, then: plain?.kind === 'constant' && typeof plain.value === 'string' ? read.path(plain.value) ?? constant(plain.value, location) : read.value(then) }] : [];
}
