import type { ColumnExpression, Expression, HoleExpression, SubqueryExpression } from '../../../facts/expression.js';
import type { Location } from '../../../facts/location.js';
import type { Assignment, FromItem, Join, QualifiedName, SelectQuery, TableReference, Target } from '../../../facts/query.js';

/** Short ways to make the facts that libraries lower calls into. */

/** Names for table references, each used once in a query: the table's own name, then with a number. */
export class Names {
  private readonly used = new Map<string, number>();

  fresh(name: string): string {
    const count = (this.used.get(name) ?? 0) + 1;
    this.used.set(name, count);
    return count === 1 ? name : this.fresh(`${name}_${count}`);
  }
}

/** A table as it stands in FROM. */
export function table(name: QualifiedName, alias: string | undefined, location: Location): TableReference {
  return { kind: 'table', name, ...(alias !== undefined && alias !== name.name && { alias }), columnAliases: [], location };
}

/** A column of a table that is named by its alias. */
export function column(alias: string | undefined, name: string, location: Location): ColumnExpression {
  return { kind: 'column', path: alias === undefined ? [name] : [alias, name], location };
}

/** A constant of SQL. */
export function constant(value: string | number | boolean | null, location: Location): Expression {
  return { kind: 'constant', value, location };
}

/** A condition that is not known: no answer depends on it but "unknown". */
export function hole(text: string, location: Location): HoleExpression {
  return { kind: 'hole', text, location };
}

/** True unless a value outside says otherwise: the form of a filter that may be left out. */
export function leftOut(name: string, location: Location): Expression {
  return { kind: 'nullTest', operand: { kind: 'parameter', name, location }, negated: false, location };
}

/** A condition on columns that says nothing of equality: LIKE, JSON and array operators. */
export function opaque(name: string, parts: readonly Expression[], location: Location): Expression {
  return { kind: 'other', name, parts, location };
}

/** A binary operator. */
export function operator(sign: string, left: Expression, right: Expression, location: Location): Expression {
  return { kind: 'operator', operator: sign, left, right, location };
}

/** `left = right`. */
export function equal(left: Expression, right: Expression, location: Location): Expression {
  return operator('=', left, right, location);
}

/** `operand IS [NOT] NULL`. */
export function isNull(operand: Expression, location: Location, negated = false): Expression {
  return { kind: 'nullTest', operand, negated, location };
}

/** `NOT operand`. */
export function not(operand: Expression, location: Location): Expression {
  return { kind: 'not', operand, location };
}

/** A condition that filters nothing. */
export function isTrue(expression: Expression): boolean {
  return expression.kind === 'constant' && expression.value === true;
}

function isFalse(expression: Expression): boolean {
  return expression.kind === 'constant' && expression.value === false;
}

/** Conditions that all hold; TRUE for none. */
export function and(operands: readonly Expression[], location: Location): Expression {
  const flat = operands.flatMap((each) => (each.kind === 'and' ? each.operands : isTrue(each) ? [] : [each]));
  if (flat.length === 0) return constant(true, location);
  return flat.length === 1 ? flat[0]! : { kind: 'and', operands: flat, location };
}

/** Conditions of which one holds; FALSE for none. */
export function or(operands: readonly Expression[], location: Location): Expression {
  const flat = operands.flatMap((each) => (each.kind === 'or' ? each.operands : isFalse(each) ? [] : [each]));
  if (flat.length === 0) return constant(false, location);
  return flat.length === 1 ? flat[0]! : { kind: 'or', operands: flat, location };
}

export interface SelectParts {
  readonly targets?: readonly Target[];
  readonly from: readonly FromItem[];
  readonly where?: Expression;
  readonly groupBy?: readonly Expression[];
  readonly having?: Expression;
  readonly limit?: Expression;
  readonly offset?: Expression;
  readonly location: Location;
}

/** A SELECT of these parts. */
export function select({ targets = [], from, where, groupBy = [], having, limit, offset, location }: SelectParts): SelectQuery {
  return {
    kind: 'select', targets, from, ...(where && !isTrue(where) && { where }), groupBy, ...(having && { having }), distinctOn: [], orderBy: [],
    ...(limit && { limit }), ...(offset && { offset }), with: [], location,
  };
}

/** Two items of FROM, joined. */
export function join(type: Join['type'], left: FromItem, right: FromItem, on: Expression, location: Location): Join {
  return { kind: 'join', type, left, right, on, using: [], natural: false, location };
}

/** A sub-select as an expression. */
export function subquery(form: SubqueryExpression['form'], query: SelectQuery, location: Location): SubqueryExpression {
  return { kind: 'subquery', form, query: query.targets.length > 0 ? query : { ...query, targets: [{ expression: constant(1, location) }] }, location };
}

/** `left IN (SELECT ...)`. */
export function inSubquery(left: Expression, query: SelectQuery, location: Location): Expression {
  return { kind: 'subquery', form: 'any', operator: '=', left, query, location };
}

/** `left = ANY (list)` for a list that is one expression: a parameter, the column of several rows. */
export function equalsAny(left: Expression, list: Expression, location: Location, negated = false): Expression {
  if (list.kind === 'array') return { kind: 'inList', operand: left, list: list.items.length > 0 ? list.items : [constant(null, location)], negated, location };
  if (list.kind === 'subquery' && list.form === 'scalar') return inList(left, list.query as SelectQuery, location, negated);
  return { kind: 'quantified', operator: negated ? '<>' : '=', quantifier: negated ? 'all' : 'any', left, right: list, location };
}

function inList(left: Expression, query: SelectQuery, location: Location, negated: boolean): Expression {
  const is = inSubquery(left, query, location);
  return negated ? not(is, location) : is;
}

/** Whether an expression is the constant NULL. */
export function isNullConstant(expression: Expression | undefined): boolean {
  return expression?.kind === 'constant' && expression.value === null;
}

/** Whether two readings of one object write the same columns, NULL to the same of them. */
export function writeSame(one: readonly Assignment[], other: readonly Assignment[]): boolean {
  return one.length === other.length && one.every((each, index) => isNullConstant(each.value) === isNullConstant(other[index]!.value));
}
