import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import { plainPiece, textAlternatives } from '../../sql-pieces.js';
import { queryOfPieces } from '../../sql-text.js';
import type { Value } from '../../values.js';
import { and, constant, hole, not, opaque, or } from '../build.js';
import { conditionOf, conditionsOf } from './conditions.js';
import { SQLALCHEMY } from './data.js';
import { expressionOf, expressionValue } from './expressions.js';
import { itemsOf, libraryValue, textOf } from './given.js';
import { existsValue, queryCall } from './queries.js';
import { aliasedCall } from './subqueries.js';
import { loaderCall } from './loaders.js';
import { criteriaCall } from './loading.js';
import { plainTable, qualifiedName, tableValue } from './tables.js';
import { bindParameter, textValue } from './text.js';
import { typeOf } from './types.js';

/** Names of SQL functions that are written without parentheses. */
const KEYWORDS = new Set(['current_timestamp', 'current_date', 'current_time', 'localtime', 'localtimestamp', 'current_user', 'session_user']);

/** `func.now()`, `func.count(x)`. */
export function functionCall(name: string, call: Call, ctx: Context): Value {
  const given = call.arguments.positional;
  const args = given.map((value) => expressionOf(value, ctx, call.location));
  const star = name === 'count' && args.length === 0;
  const lower = KEYWORDS.has(name.toLowerCase()) ? name.toLowerCase() : name;
  return expressionValue({ kind: 'call', name: [lower], arguments: args, ...(star && { star }), location: call.location }, given, ctx);
}

/** A function of the package that makes an expression, a text, a table or a statement. */
export function packageCall(name: string, call: Call, ctx: Context): Value | undefined {
  const given = call.arguments.positional;
  const { location } = call;
  const [first] = given;
  switch (name) {
    case 'text': return first && textValue({ text: first, named: new Map(), location });
    case 'bindparam': return bindParameter(call, ctx);
    case 'table': return tableOf(call, ctx);
    case 'select': case 'update': case 'delete': case 'insert': case 'union': case 'union_all': case 'intersect': case 'except_': return queryCall(name, call, ctx);
    case 'exists': return existsValue(given, location, ctx);
    case 'aliased': return aliasedCall(call, ctx);
    case 'with_loader_criteria': return criteriaCall(call);
    case 'any_': case 'all_': return first && libraryValue(SQLALCHEMY, 'quantified', { list: first, quantifier: name === 'any_' ? 'any' : 'all' });
    // Of the classes below it, those in tables of their own are joined: that leaves the rows as they are.
    case 'with_polymorphic': case 'alias': case 'quoted_name': case 'conv': case 'col': return first;
    default: {
      const loader = loaderCall(name, call, ctx);
      if (loader) return loader;
      const expression = expressionCall(name, call, ctx, location);
      return expression && expressionValue(expression, given, ctx);
    }
  }
}

function expressionCall(name: string, call: Call, ctx: Context, location: Location): Expression | undefined {
  const given = call.arguments.positional;
  const all = (): Expression[] => given.map((value) => expressionOf(value, ctx, location));
  const [first, second] = given;
  switch (name) {
    case 'and_': return and(conditionsOf(call.arguments, ctx, location), location);
    case 'or_': return or(conditionsOf(call.arguments, ctx, location), location);
    case 'not_': return not(first ? conditionOf(first, ctx, location) : hole('a condition', location), location);
    case 'true': return constant(true, location);
    case 'false': return constant(false, location);
    case 'null': return constant(null, location);
    case 'literal': return all()[0];
    case 'column': return first && columnNamed(first, ctx, location);
    case 'literal_column': return first && written(first, ctx, location);
    case 'cast': case 'type_coerce': return first && { kind: 'cast', operand: expressionOf(first, ctx, location), type: typeOf(second, ctx)?.type ?? { name: 'unknown', modifiers: [], dimensions: 0 }, location };
    case 'desc': case 'asc': case 'nullslast': case 'nullsfirst': case 'nulls_last': case 'nulls_first': case 'distinct': return first && (textOf(first, ctx) === undefined ? all()[0] : columnNamed(first, ctx, location));
    case 'array': { const items = first && itemsOf(first, ctx); return items && { kind: 'array', items: items.map((item) => expressionOf(item, ctx, location)), location }; }
    case 'tuple_': return { kind: 'row', items: all(), location };
    case 'case': return caseOf(call, ctx, location);
    case 'extract': return opaque('extract', all().slice(1), location);
    default: return undefined;
  }
}

function columnNamed(name: Value, ctx: Context, location: Location): Expression {
  const text = textOf(name, ctx);
  return text === undefined ? hole('a column', location) : { kind: 'column', path: [text], location };
}

/** SQL text that stands for an expression. */
function written(text: Value, ctx: Context, location: Location): Expression {
  const [pieces = []] = textAlternatives(text, ctx, location);
  const query = queryOfPieces([plainPiece('SELECT ', location), ...pieces], {}, ctx, location);
  return query?.kind === 'select' && query.targets.length === 1 ? query.targets[0]!.expression : hole('SQL text', location);
}

/** `case((condition, value), ..., else_=value)`; before 1.4 the pairs were one list. */
function caseOf(call: Call, ctx: Context, location: Location): Expression {
  const given = call.arguments.positional;
  const pairs = given.flatMap((value) => {
    const items = itemsOf(value, ctx) ?? [];
    return items.every((item) => itemsOf(item, ctx)) && items.length > 0 ? items : [value];
  });
  const branches = pairs.flatMap((pair) => {
    const [when, then] = itemsOf(pair, ctx) ?? [];
    return when && then ? [{ when: expressionOf(when, ctx, location), then: expressionOf(then, ctx, location) }] : [];
  });
  const otherwise = call.arguments.named.get('else_');
  return { kind: 'case', branches, ...(otherwise && { otherwise: expressionOf(otherwise, ctx, location) }), location };
}

/** `table('users', column('id'), schema='app')`. */
function tableOf(call: Call, ctx: Context): Value | undefined {
  const [first] = call.arguments.positional;
  const name = first && textOf(first, ctx);
  const schema = call.arguments.named.get('schema');
  if (name === undefined) return undefined;
  const declared = call.arguments.positional.slice(1).flatMap((column) => {
    const expression = expressionOf(column, ctx, call.location);
    return expression.kind === 'column' ? [expression.path.at(-1)!] : [];
  });
  return tableValue({ ...plainTable(qualifiedName(name, schema && textOf(schema, ctx))), declared });
}
