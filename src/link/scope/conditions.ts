import type {
  ArrayExpression, CallExpression, DistinctExpression, Expression, InListExpression, NullTestExpression, OperatorExpression, QuantifiedExpression,
} from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import { partsOf } from '../resolve/walk.js';
import { addCase, addDisjunction, addUnlessNull, type Term } from './branches.js';
import type { Builder } from './builder.js';
import type { Frame } from './frame.js';
import type { ColumnOf, Mode, Value } from './graph.js';
import type { Region } from './regions.js';
import { countedRows, existsCondition, linkSubqueries, linkSubquery, trueSubquery } from './semijoin.js';
import { bare, columnOf, isList, valueOf } from './values.js';

/** Comparisons that are never true for NULL, and say nothing of equality. */
const ordering: ReadonlySet<string> = new Set(['<', '>', '<=', '>=', '<>', '!=']);

/**
 * Takes a condition apart into the facts that hold in a region where it is true: ANDed terms, De Morgan, double negation,
 * branches of OR. Chains of AND and OR are lists, so nothing here recurses on them.
 */
export function addCondition(expression: Expression, region: Region, frame: Frame, builder: Builder, negated = false): void {
  const open: Term[] = [{ expression, negated }];
  for (let term = open.pop(); term; term = open.pop()) addTerm(term, open, region, frame, builder);
}

function addTerm({ expression, negated }: Term, open: Term[], region: Region, frame: Frame, builder: Builder): void {
  switch (expression.kind) {
    case 'and': case 'or':
      if ((expression.kind === 'and') === negated) addDisjunction(expression, expression.operands.map((operand) => ({ expression: operand, negated })), region, frame, builder);
      else for (const operand of expression.operands) open.push({ expression: operand, negated });
      return;
    case 'not': open.push({ expression: expression.operand, negated: !negated }); return;
    case 'cast': open.push({ expression: expression.operand, negated }); return;
    case 'booleanTest': addBooleanTest(expression, negated, open, region, frame, builder); return;
    case 'constant': {
      if (expression.value === null || isTruth(expression.value) === negated) builder.regions.find(region).dead = true;
      return;
    }
    case 'hole': builder.regions.find(region).hole = true; return;
    case 'operator': addComparison(expression, negated, open, region, frame, builder); return;
    case 'distinct': addDistinct(expression, negated, region, frame, builder); return;
    case 'inList': addInList(expression, negated, region, frame, builder); return;
    case 'quantified': addQuantified(expression, negated, region, frame, builder); return;
    case 'nullTest': addNullTest(expression, negated, region, frame, builder); return;
    case 'subquery': addSubquery(expression, negated, region, frame, builder); return;
    case 'case':
      if (expression.operand && !isPlain(expression.operand, frame, builder)) addOpaque(expression, region, frame, builder);
      else addCase(expression, negated, region, frame, builder);
      return;
    case 'column': requirePresence(expression, region, frame, builder); return;
    case 'call':
      if (expression.name.at(-1) === 'coalesce') {
        addDisjunction(expression, expression.arguments.map((argument, index) => ({ expression: argument, negated, nulls: expression.arguments.slice(0, index) })), region, frame, builder);
        return;
      }
      addOpaque(expression, region, frame, builder);
      return;
    default: addOpaque(expression, region, frame, builder);
  }
}

function addBooleanTest(
  expression: Extract<Expression, { kind: 'booleanTest' }>, negated: boolean, open: Term[], region: Region, frame: Frame, builder: Builder,
): void {
  const { test, operand } = expression;
  if ((test === 'true' && !negated) || (test === 'notTrue' && negated)) open.push({ expression: operand, negated: false });
  else if ((test === 'false' && !negated) || (test === 'notFalse' && negated)) open.push({ expression: operand, negated: true });
  else if (test !== 'unknown' && test !== 'notUnknown') addUnlessNull(expression, operand, test === 'notTrue' || test === 'true', region, frame, builder);
  else builder.subqueries(expression, region, frame);
}

function addSubquery(expression: Extract<Expression, { kind: 'subquery' }>, negated: boolean, region: Region, frame: Frame, builder: Builder): void {
  const { form, operator, left } = expression;
  if (form === 'exists') existsCondition(expression, negated, region, frame, builder);
  else if (form === 'any' && operator === '=' && left) linkSubquery(left, expression, negated, region, frame, builder);
  else if (form === 'all' && isUnequal(operator) && left) linkSubquery(left, expression, !negated, region, frame, builder);
  else if (form === 'scalar' && !negated) trueSubquery(expression, region, frame, builder);
  else builder.subqueries(expression, region, frame);
}

/** What a literal is as a condition. */
export function isTruth(value: string | number | boolean): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return /^(t|true|yes|on|1)$/i.test(value) ? true : /^(f|false|no|off|0)$/i.test(value) ? false : undefined;
  return undefined;
}

/** A predicate that is not understood: the tenant columns in it count only in the optimistic reading. */
function addOpaque(expression: Expression, region: Region, frame: Frame, builder: Builder): void {
  builder.subqueries(expression, region, frame);
  const open: Expression[] = [expression];
  const columns: ColumnOf[] = [];
  let known = true;
  for (let each = open.pop(); each; each = open.pop()) {
    const column = columnOf(each, frame);
    if (column) columns.push(column);
    if (each.kind === 'hole') builder.regions.find(region).hole = true;
    if (each.kind === 'call' && builder.isUserFunction(each)) known = false;
    open.push(...partsOf(each));
  }
  if (known) return;
  const value: Value = { tenant: true, principal: true, doubtful: true, list: false, text: 'a function that is not known' };
  for (const column of columns) builder.facts.seeds.push({ column, region, value, location: expression.location, mode: 'optimistic' });
}

/** The items of the columns named must have a row here. */
export function requirePresence(expression: Expression, region: Region, frame: Frame, builder: Builder): void {
  const inner = bare(expression);
  for (const part of inner.kind === 'row' ? inner.items : [inner]) {
    const column = columnOf(part, frame);
    if (column) builder.present(column, region);
  }
}

/** True, false or NULL of a comparison of two literals. */
export function literalComparison(operator: string, left: Expression | undefined, right: Expression): boolean | null | undefined {
  const [a, b] = [left && bare(left), bare(right)];
  if (a?.kind !== 'constant' || b.kind !== 'constant') return undefined;
  if (a.value === null || b.value === null) return null;
  if (typeof a.value !== typeof b.value || a.text !== undefined || b.text !== undefined) return undefined;
  if (operator === '=') return a.value === b.value;
  return isUnequal(operator) ? a.value !== b.value : undefined;
}

function isUnequal(operator: string | undefined): boolean {
  return operator === '<>' || operator === '!=';
}

function addComparison(expression: OperatorExpression, negated: boolean, open: Term[], region: Region, frame: Frame, builder: Builder): void {
  const { operator, left, right, location } = expression;
  const meant = negated ? undefined : asEquality(expression, frame, builder);
  if (meant) {
    open.push({ expression: meant, negated });
    return;
  }
  if (!left || !(operator === '=' || ordering.has(operator))) {
    if (left && !/is|json|@|\?|\|\|/.test(operator)) {
      requirePresence(left, region, frame, builder);
      requirePresence(right, region, frame, builder);
    }
    addOpaque(expression, region, frame, builder);
    return;
  }
  const truth = literalComparison(operator, left, right);
  if (truth !== undefined) {
    if (truth === null || truth === negated) builder.regions.find(region).dead = true;
    return;
  }
  const isNull = [left, right].some((side) => { const inner = bare(side); return inner.kind === 'constant' && inner.value === null; });
  if (isNull) builder.regions.find(region).dead = true;
  const wrapped = booleanConstant(left, right);
  if (wrapped && (operator === '=' || isUnequal(operator))) {
    open.push({ expression: wrapped.expression, negated: (wrapped.value === (operator === '=')) === negated });
    return;
  }
  const counted = countedRows(operator, left, right, negated);
  if (counted) {
    existsCondition(counted, false, region, frame, builder);
    return;
  }
  const isEqual = operator === '=' ? !negated : isUnequal(operator) && negated;
  const implied = isEqual ? impliedBy(left, right, location, frame, builder) : undefined;
  if (implied) {
    open.push({ expression: implied, negated: false });
    return;
  }
  const defaulted = isEqual ? columnOrDefault(left, right, frame, builder) : undefined;
  if (defaulted) {
    addDisjunction(expression, orderedChoice(defaulted.values, defaulted.other, location), region, frame, builder);
    return;
  }
  const choice = isEqual ? choiceOf(left, right, frame, builder) : undefined;
  if (choice) {
    addDisjunction(expression, choice.values.map((each) => ({ expression: { kind: 'operator', operator: '=', left: choice.column, right: each, location }, negated: false })), region, frame, builder);
    return;
  }
  addEquality(left, right, isEqual ? 'proof' : 'negated', location, region, frame, builder);
}

/** `c BETWEEN $1 AND $1`, `ARRAY[c] <@ $1`: an equality by other words. */
function asEquality({ operator, left, right, location }: OperatorExpression, frame: Frame, builder: Builder): Expression | undefined {
  if (!left) return undefined;
  if (operator.startsWith('between') && right.kind === 'row') {
    const [low, high] = right.items.map((each) => valueOf(each, frame, builder.env)?.key);
    return low !== undefined && low === high ? { kind: 'operator', operator: '=', left, right: right.items[0]!, location } : undefined;
  }
  const [inner, outer] = operator === '<@' ? [left, right] : operator === '@>' ? [right, left] : [];
  const only = inner && bare(inner);
  return only?.kind === 'array' && only.items.length === 1 && outer ? { kind: 'quantified', operator: '=', quantifier: 'any', left: only.items[0]!, right: outer, location } : undefined;
}

/** A column or a value. */
function isPlain(expression: Expression, frame: Frame, builder: Builder): boolean {
  return (columnOf(expression, frame) ?? valueOf(expression, frame, builder.env)) !== undefined;
}

/** One of the values in it, or NULL. */
function isChosen(expression: Expression): boolean {
  const choice = bare(expression);
  return choice.kind === 'case' || (choice.kind === 'call' && choice.name.at(-1) === 'nullif');
}

/** What `CASE ... END = other` and `NULLIF(c, x) = other` say, with the comparison inside. */
function impliedBy(left: Expression, right: Expression, location: Location, frame: Frame, builder: Builder): Expression | undefined {
  for (const [one, other] of [[left, right], [right, left]] as const) {
    const choice = bare(one);
    if (!isChosen(choice) || isPlain(choice, frame, builder) || !isPlain(other, frame, builder)) continue;
    const own = columnOf(other, frame);
    if (own && namesColumn(choice, own, frame)) continue;
    const compare = (value: Expression): Expression => ({ kind: 'operator', operator: '=', left: value, right: other, location });
    if (choice.kind === 'case') return { ...choice, branches: choice.branches.map(({ when, then }) => ({ when, then: compare(then) })), ...(choice.otherwise && { otherwise: compare(choice.otherwise) }) };
    if (choice.kind === 'call' && choice.arguments.every((each) => isPlain(each, frame, builder))) return compare(choice.arguments[0]!);
  }
  return undefined;
}

/** `COALESCE(c, $1) = other`: a column, and what stands for it where it is NULL. */
function columnOrDefault(left: Expression, right: Expression, frame: Frame, builder: Builder): { other: Expression; values: readonly Expression[] } | undefined {
  for (const [one, other] of [[left, right], [right, left]] as const) {
    const call = bare(one);
    if (call.kind !== 'call' || call.name.at(-1) !== 'coalesce' || ![other, ...call.arguments].every((each) => isPlain(each, frame, builder) || isChosen(each))) continue;
    const [first] = call.arguments;
    if ((columnOf(first!, frame) && choicesOf(call, frame).length === 0) || !isPlain(first!, frame, builder)) return { other, values: call.arguments };
  }
  return undefined;
}

/** The first of the values that is not NULL is equal to the other one (PostgreSQL manual, 9.18.2). */
function orderedChoice(values: readonly Expression[], other: Expression, location: Location): Term[] {
  return values.map((value, index): Term => {
    const nulls = values.slice(0, index);
    const tests = nulls.map((operand): Expression => ({ kind: 'nullTest', operand, negated: false, location }));
    return { expression: { kind: 'and', operands: [...tests, { kind: 'operator', operator: '=', left: value, right: other, location }], location }, negated: false, nulls };
  });
}

/** `c = COALESCE((SELECT ...), (SELECT ...))`, `c = COALESCE($1, d)`: c is one of them. */
function choiceOf(left: Expression, right: Expression, frame: Frame, builder: Builder): { column: Expression; values: readonly Expression[] } | undefined {
  for (const [column, other] of [[left, right], [right, left]] as const) {
    const choice = bare(other);
    if (choice.kind !== 'call' || choice.name.at(-1) !== 'coalesce') continue;
    const { arguments: values } = choice;
    if (values.some((each) => bare(each).kind === 'subquery') || isMixed(column, values, frame, builder)) return { column, values };
  }
  return undefined;
}

/** Values and columns, none of them the column that is compared: that would be no condition where the values are NULL. */
function isMixed(compared: Expression, values: readonly Expression[], frame: Frame, builder: Builder): boolean {
  const own = columnOf(compared, frame);
  const columns = values.map((each) => columnOf(each, frame));
  return own !== undefined && columns.some((each) => each !== undefined) && columns.every((each, index) => (each === undefined ? valueOf(values[index]!, frame, builder.env) !== undefined : each.ref !== own.ref || each.name !== own.name));
}

/** `p = TRUE`, where p is a condition. */
function booleanConstant(left: Expression, right: Expression): { expression: Expression; value: boolean } | undefined {
  for (const [one, other] of [[left, right], [right, left]] as const) {
    const constant = bare(other);
    if (constant.kind === 'constant' && typeof constant.value === 'boolean' && bare(one).kind !== 'subquery') return { expression: one, value: constant.value };
  }
  return undefined;
}

/** An equality, row by row where both sides are rows. */
export function addEquality(left: Expression, right: Expression, mode: Mode, location: Location, region: Region, frame: Frame, builder: Builder, nullable = false): void {
  const [a, b] = [bare(left), bare(right)];
  if (a.kind === 'row' && b.kind === 'row' && a.items.length === b.items.length) {
    a.items.forEach((item, index) => { addEquality(item, b.items[index]!, mode, location, region, frame, builder, nullable); });
    return;
  }
  if (a.kind === 'subquery' && a.form === 'scalar' && b.kind === 'subquery' && b.form === 'scalar' && !nullable && !valueOf(a, frame, builder.env) && !valueOf(b, frame, builder.env)) {
    linkSubqueries(a, b, mode !== 'proof', region, frame, builder);
    return;
  }
  for (const [one, other] of [[left, b], [right, a]] as const) {
    if (other.kind === 'subquery' && other.form === 'scalar' && !nullable) {
      if (valueOf(other, frame, builder.env)) break;
      linkSubquery(one, other, mode !== 'proof', region, frame, builder);
      return;
    }
  }
  const [x, y] = [columnOf(a, frame), columnOf(b, frame)];
  if (!nullable) for (const side of [x, y]) if (side) builder.present(side, region);
  if (x && y) {
    builder.equate(x, y, region, location, mode, nullable);
    for (const [column, other] of [[x, b], [y, a]] as const) {
      const value = valueOf(other, frame, builder.env);
      if (value) builder.seed(column, value, region, location, mode, nullable);
    }
  }
  else if (x) compareWithValue(x, b, mode, location, region, frame, builder, nullable);
  else if (y) compareWithValue(y, a, mode, location, region, frame, builder, nullable);
  for (const side of [a, b]) builder.subqueries(side, region, frame);
}

function compareWithValue(column: ColumnOf, other: Expression, mode: Mode, location: Location, region: Region, frame: Frame, builder: Builder, nullable: boolean): void {
  const value = valueOf(other, frame, builder.env);
  const chosen = value || nullable || mode !== 'proof' ? undefined : builder.oneOf(choicesOf(other, frame), region, location);
  if (value) builder.seed(column, value, region, location, mode, nullable);
  else if (chosen) builder.facts.flows.push({ from: chosen, fromRegion: region, to: column, toRegion: region, location, mode });
  else if (namesColumn(other, column, frame)) {
    const text = { tenant: true, principal: true, doubtful: false, list: false, text: 'a value or the column itself' };
    builder.facts.seeds.push({ column, region, value: text, location, mode: 'optional' });
  }
}

/** The columns of `COALESCE(a, b)`, which is one of them; none where something else may come out. */
function choicesOf(expression: Expression, frame: Frame): readonly ColumnOf[] {
  if (expression.kind !== 'call' || expression.name.at(-1) !== 'coalesce') return [];
  const columns = expression.arguments.map((argument) => columnOf(argument, frame));
  return columns.every((column) => column !== undefined) ? columns : [];
}

/** `COALESCE($1, c)`: the column is compared with a value or, when there is none, with itself. */
function namesColumn(expression: Expression, column: ColumnOf, frame: Frame): boolean {
  const open: Expression[] = [expression];
  let found = false;
  let input = false;
  for (let each = open.pop(); each; each = open.pop()) {
    const other = columnOf(each, frame);
    if (other?.ref === column.ref && other.name === column.name) found = true;
    if (each.kind === 'parameter' || each.kind === 'call') input = true;
    open.push(...partsOf(each));
  }
  return found && input;
}

function addDistinct(expression: DistinctExpression, negated: boolean, region: Region, frame: Frame, builder: Builder): void {
  const isSame = expression.negated !== negated;
  const [a, b] = [bare(expression.left), bare(expression.right)];
  for (const [one, other] of [[a, b], [b, a]] as const) {
    if (other.kind === 'constant' && other.value === null) {
      addNullTest({ kind: 'nullTest', operand: one, negated: !isSame, location: expression.location }, false, region, frame, builder);
      return;
    }
  }
  if (isSame && [[a, b], [b, a]].some(([one, other]) => linkNullable(one!, other!, region, frame, builder))) return;
  addEquality(expression.left, expression.right, isSame ? 'proof' : 'negated', expression.location, region, frame, builder, true);
}

/** `org_id IS NOT DISTINCT FROM (SELECT ...)`: what the sub-select finds, or NULL where it finds nothing: rows whose tenant is NULL are nobody's. */
function linkNullable(one: Expression, other: Expression, region: Region, frame: Frame, builder: Builder): boolean {
  const column = columnOf(one, frame);
  if (!column || other.kind !== 'subquery' || other.form !== 'scalar' || valueOf(other, frame, builder.env)) return false;
  const inner = builder.regions.make('block', region);
  const [output] = builder.query(other.query, frame, inner, { outputs: true }).columns;
  if (!output) return true;
  const { owned } = column.ref;
  const isTenant = owned !== undefined && builder.domains.isTenantColumn(owned.classified, column.name);
  builder.facts.flows.push({ from: output.column, fromRegion: inner, to: column, toRegion: region, location: other.location, mode: 'proof', ...(!isTenant && { nullable: true }) });
  return true;
}

function addNullTest(expression: NullTestExpression, negated: boolean, region: Region, frame: Frame, builder: Builder): void {
  const isNull = expression.negated === negated;
  const column = columnOf(expression.operand, frame);
  const inner = bare(expression.operand);
  if (inner.kind === 'constant') {
    if ((inner.value === null) !== isNull) builder.regions.find(region).dead = true;
    return;
  }
  if (!column) {
    if (isNull && inner.kind === 'call' && inner.name.at(-1) === 'nullif' && inner.arguments.length === 2) {
      addDisjunction(expression, nullOfNullif(inner, expression.location), region, frame, builder);
      return;
    }
    if (!isNull && inner.kind === 'row') requirePresence(inner, region, frame, builder);
    builder.subqueries(expression.operand, region, frame);
    return;
  }
  if (!isNull) {
    builder.present(column, region);
    return;
  }
  const value: Value = { tenant: false, principal: false, doubtful: false, list: false, isNull: true, text: 'NULL' };
  builder.seed(column, value, region, expression.location, 'proof', true);
}

/** `NULLIF(a, b) IS NULL`: `a = b`, or a is NULL. */
function nullOfNullif({ arguments: [one, other] }: CallExpression, location: Location): Term[] {
  return [{ expression: { kind: 'operator', operator: '=', left: one!, right: other!, location }, negated: false }, { expression: { kind: 'nullTest', operand: one!, negated: false, location }, negated: false, nulls: [one!] }];
}

function addInList(expression: InListExpression, negated: boolean, region: Region, frame: Frame, builder: Builder): void {
  const { operand, list, location } = expression;
  const mode: Mode = expression.negated === negated ? 'proof' : 'negated';
  const inner = bare(operand);
  if (list.length === 1) return addCondition({ kind: 'operator', operator: '=', left: operand, right: list[0]!, location }, region, frame, builder, mode === 'negated');
  const rows = list.map(bare);
  const columns = inner.kind === 'row' ? inner.items : [operand];
  const lists = columns.map((_, index) => rows.map((row) => (inner.kind !== 'row' ? row : row.kind === 'row' ? row.items[index] : undefined)));
  const values = lists.map((items) => items.map((item) => item && valueOf(item, frame, builder.env)));
  if (mode === 'proof' && values.some((items) => items.some((value) => !value))) {
    const terms = list.map((item): Term => ({ expression: { kind: 'operator', operator: '=', left: operand, right: item, location }, negated: false }));
    return addDisjunction(expression, terms, region, frame, builder);
  }
  columns.forEach((each, index) => {
    const column = columnOf(each, frame);
    if (column) addValueList(column, values[index]!, mode, location, region, builder);
  });
  builder.subqueries(expression, region, frame);
}

function addValueList(column: ColumnOf, values: readonly (Value | undefined)[], mode: Mode, location: Location, region: Region, builder: Builder): void {
  builder.present(column, region);
  const known = values.filter((value) => value !== undefined && value.isNull !== true);
  if (known.length === 0) return;
  const value: Value = {
    tenant: known.every((each) => each?.tenant), principal: known.every((each) => each?.principal), doubtful: known.some((each) => each?.doubtful),
    list: isList(known), text: known.length > 1 ? 'a list of values' : known[0]!.text, ...(isList(known) ? {} : { key: known[0]?.key ?? 'a value' }),
  };
  builder.seed(column, value, region, location, mode, false);
}

function addQuantified(expression: QuantifiedExpression, negated: boolean, region: Region, frame: Frame, builder: Builder): void {
  const { operator, quantifier, left, right, location } = expression;
  const isMember = quantifier === 'any' ? operator === '=' && !negated : isUnequal(operator) && negated;
  const isNonMember = quantifier === 'any' ? operator === '=' && negated : isUnequal(operator) && !negated;
  const inner = bare(right);
  if ((isMember || isNonMember) && inner.kind === 'subquery' && inner.form === 'array' && !valueOf(inner, frame, builder.env)) {
    linkSubquery(left, inner, isNonMember, region, frame, builder);
    return;
  }
  const column = columnOf(left, frame);
  if (inner.kind === 'array' && inner.items.length > 0 && isEqualToAll(expression, negated)) {
    for (const item of inner.items) addEquality(left, item, 'proof', location, region, frame, builder);
    return;
  }
  if (column && isMember && inner.kind === 'array') {
    addInList(anyOf(left, inner, location), false, region, frame, builder);
    return;
  }
  if (isMember) requirePresence(left, region, frame, builder);
  const value = column && (isMember || isNonMember) ? valueOf(right, frame, builder.env) : undefined;
  if (column && value) builder.seed(column, value, region, location, isMember ? 'proof' : 'negated', false, true);
  else if (column && (isMember || isNonMember) && namesColumn(right, column, frame)) compareWithValue(column, right, 'proof', location, region, frame, builder, false);
  builder.subqueries(expression, region, frame);
}

/** `x = ALL (...)`, or NOT `x <> ANY (...)`. */
function isEqualToAll({ operator, quantifier }: QuantifiedExpression, negated: boolean): boolean {
  return quantifier === 'all' ? operator === '=' && !negated : isUnequal(operator) && negated;
}

/** `x = ANY (ARRAY[a, b])` as `x IN (a, b)`; nothing is in an empty one. */
function anyOf(operand: Expression, { items }: ArrayExpression, location: Location): InListExpression {
  return { kind: 'inList', operand, list: items.length > 0 ? items : [{ kind: 'constant', value: null, location }], negated: false, location };
}
