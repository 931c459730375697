import type { ColumnExpression, Expression, SubqueryExpression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { SelectQuery, TableReference } from '../../facts/query.js';
import { nodes } from '../queries/nodes.js';
import type { Machine } from './machine.js';
import { meaningOf } from './meaning.js';
import { pulledUp } from './pulled-up.js';
import { conditionValues } from './values.js';
import type { FieldValue, Result, Value } from './values.js';

const DEEPEST_KEY = 4;

/** The path of a field that stands for the number of rows. */
export const COUNT = '#count';

/**
 * A value as an expression of SQL: constants as they are, inputs as parameters named by their key, fields of rows as sub-selects of the
 * query that found the row, lists as arrays.
 * @param location where the value is written
 */
export function expressionOf(m: Machine, value: Value, location: Location): Expression {
  const inner = m.read(value);
  switch (inner.kind) {
    case 'constant': return { kind: 'constant', value: inner.value ?? null, location };
    case 'input': return parameter(m, inner.key, inner, location);
    case 'field': return fieldExpression(m, inner, location);
    case 'row': return fieldExpression(m, { kind: 'field', result: inner.result, path: [...inner.path, 'id'], many: false, maybe: inner.maybe }, location);
    case 'list': return { kind: 'array', items: inner.items.map((item) => expressionOf(m, item.value, location)), location };
    case 'union': return unionExpression(m, inner.options.map((option) => option.value), location);
    case 'text': return textExpression(m, inner, location);
    case 'condition': return { kind: 'call', name: ['coalesce'], arguments: conditionValues(inner.condition).map((each) => expressionOf(m, each, location)), location };
    case 'unknown': return { kind: 'hole', text: inner.reason, location };
    // Members of a package's objects (`req.query.id`) and what the environment says are values from outside.
    case 'external': return inner.path.length > 0 || inner.instance === true ? parameter(m, keyOfValue(m, inner), inner, location) : { kind: 'hole', text: 'a package', location };
    case 'library': case 'function': case 'classValue': case 'namespace': return { kind: 'hole', text: 'a value that is no parameter', location };
    default: return parameter(m, keyOfValue(m, value), inner, location);
  }
}

function parameter(m: Machine, name: string, value: Value, location: Location): Expression {
  m.remember(name, value);
  return { kind: 'parameter', name, words: wordsOf(value), ...(value.kind === 'input' && value.fallback && { fallback: true }), location };
}

/** What a reader of a message calls a value. */
function wordsOf(value: Value): string {
  switch (value.kind) {
    case 'input': return value.name;
    case 'external': return value.path.length > 0 ? value.path.join('.') : value.module;
    case 'row': case 'rowList': case 'field': {
      const column = value.path.filter((part) => !part.startsWith('#')).join('.');
      const row = value.result.entity === undefined ? 'a row read before' : `a row of "${value.result.entity.model.name.name}"`;
      return column === '' ? row : `${column} of ${row}`;
    }
    case 'list': return 'a list';
    case 'object': return 'an object';
    default: return 'a value of the program';
  }
}

/** A string with holes: computed from its holes alone. */
function textExpression(m: Machine, value: Extract<Value, { kind: 'text' }>, location: Location): Expression {
  const operands = value.parts.map((part): Expression => (part.kind === 'text' ? { kind: 'constant', value: part.value, location } : expressionOf(m, part.value, location)));
  return operands.length === 1 ? operands[0]! : { kind: 'call', name: ['concat'], arguments: operands, location };
}

/** One of several values: each is possible, so each has to be a tenant value; undefined, null and an empty list add nothing by themselves. */
function unionExpression(m: Machine, options: readonly Value[], location: Location): Expression {
  const given = options.filter((option) => !(option.kind === 'constant' && (option.value === undefined || option.value === null)));
  const full = given.filter((option) => !isEmptyList(m, option));
  const known = full.length > 0 ? full : given;
  if (known.length === 1) return expressionOf(m, known[0]!, location);
  if (known.length === 0) return { kind: 'constant', value: null, location };
  const expressions = known.map((each) => checkedExpression(m, each, location));
  // One value that came by several ways.
  const distinct = distinctExpressions(expressions);
  return distinct.length === 1 ? expressions[0]! : { kind: 'call', name: ['coalesce'], arguments: distinct, location };
}

/** One of several values: where it is of a row, the row has been checked on the way that it was found on. */
function checkedExpression(m: Machine, value: Value, location: Location): Expression {
  const inner = m.read(value);
  if (inner.kind !== 'field' || inner.many || inner.result.rows === undefined) return expressionOf(m, value, location);
  return expressionOf(m, { ...inner, result: { ...inner.result, rows: checkedRows(m, inner.result.id, inner.result.rows) } }, location);
}

function isEmptyList(m: Machine, value: Value): boolean {
  const inner = m.read(value);
  return inner.kind === 'list' && inner.items.length === 0;
}

/** Expressions that say different things, wherever they stand. */
export function distinctExpressions(expressions: readonly Expression[]): Expression[] {
  return expressions.length < 2 ? [...expressions] : [...new Map(expressions.map((each) => [meaningOf(each), each])).values()];
}

/** The query that finds a field's row (or rows), with the field for its only target. */
export function fieldExpression(m: Machine, field: FieldValue, location: Location): Expression {
  const written = field.path.length === 1 ? field.result.written?.get(field.path[0]!) : undefined;
  const { rows } = field.result;
  if (written !== undefined && (m.read(written).kind !== 'text' || rows === undefined)) return expressionOf(m, written, location);
  const isCount = field.path.at(-1) === COUNT;
  const column: Expression | undefined = isCount ? countExpression(location) : field.result.column(field.path);
  if (rows === undefined || column === undefined) return parameter(m, `row ${field.result.id}.${field.path.join('.')}`, field, location);
  const query = selecting(field.many ? checkedRows(m, field.result.id, rows) : rows, column);
  m.borrowed.set(query, field);
  const scalar: SubqueryExpression = { kind: 'subquery', form: field.many ? 'array' : 'scalar', query, location };
  return scalar;
}

/** The rows of a query with a column for their only target: one of a related row (`note.project.account_id`) is that of a table beside them. */
function selecting(rows: SelectQuery, column: Expression): SelectQuery {
  const related = column.kind === 'subquery' && column.form === 'scalar' && column.query.kind === 'select' ? column.query : undefined;
  const [target] = related?.targets ?? [];
  if (related === undefined || target === undefined || !isBeside(related, rows)) return { ...rows, targets: [{ expression: column }] };
  return selecting({ ...rowsWhere(rows, [related.where!], rows.location), from: [...rows.from, ...related.from] }, target.expression);
}

/** Whether a sub-select of one related row can as well stand beside the rows: no name of either means something else there. */
function isBeside({ targets, from, where, groupBy, limit, offset, with: commons }: SelectQuery, rows: SelectQuery): boolean {
  const [only, ...others] = from;
  if (where === undefined || only?.kind !== 'table' || others.length + commons.length + groupBy.length + rows.groupBy.length > 0 || targets.length !== 1 || limit !== undefined || offset !== undefined) return false;
  const own = nodes([rows.from, rows.where, where, targets]);
  return own.every((node) => (node.kind === 'column' ? (node as unknown as ColumnExpression).path.length > 1 : !isTable(node) || nameOf(node) !== nameOf(only)));
}

function isTable(node: object): node is TableReference {
  return 'columnAliases' in node && 'name' in node;
}

/** The name by which a table is known in its query. */
export function nameOf({ alias, name }: TableReference): string {
  return alias ?? name.name;
}

/** The rows of a query of which conditions hold besides. */
export function rowsWhere(rows: SelectQuery, conditions: readonly Expression[], location: Location): SelectQuery {
  return { ...rows, where: { kind: 'and', operands: [...(rows.where ? [rows.where] : []), ...conditions], location } };
}

/** `count(*)`. */
export function countExpression(location: Location): Expression {
  return { kind: 'call', name: ['count'], arguments: [], star: true, location };
}

/** The rows of a query with what was checked of each before they were used. */
export function checkedRows(m: Machine, result: number, rows: SelectQuery): SelectQuery {
  const checks = rows.limit === undefined && rows.groupBy.length === 0 ? m.recordOf(result)?.checks ?? [] : [];
  return checks.length === 0 ? rows : rowsWhere(rows, checks, rows.location);
}

/** `EXISTS (...)`: the result has a row. */
export function existsExpression(m: Machine, result: Result, location: Location): Expression | undefined {
  if (result.rows === undefined) return undefined;
  const query = pulledUp(result.rows) ?? { ...result.rows, targets: [{ expression: { kind: 'constant', value: 1, location } }] };
  m.borrowed.set(query, undefined);
  return { kind: 'subquery', form: 'exists', query, location };
}

/** What makes two values the same value, in words that go into keys of what is computed from them. */
export function keyOfValue(m: Machine, value: Value, depth = 0): string {
  const inner = m.read(value);
  const part = (each: Value) => keyOfValue(m, each, depth + 1);
  // Objects may hold themselves.
  if (depth > DEEPEST_KEY) return value.kind === 'reference' ? `slot ${value.slot}` : inner.kind;
  switch (inner.kind) {
    case 'constant': return JSON.stringify(inner.value) ?? 'undefined';
    case 'input': return inner.key;
    case 'row': case 'rowList': case 'field': return `row ${inner.result.id}.${inner.path.join('.')}`;
    case 'list': return short(`[${inner.items.map((item) => part(item.value)).join()}]`);
    case 'object': return short(`{${inner.entries.map((entry) => (entry.kind === 'property' ? `${entry.key}:${part(entry.value)}` : `...${part(entry.value)}`)).join()}}`);
    case 'text': return short(inner.parts.map((each) => (each.kind === 'text' ? each.value : `\${${part(each.value)}}`)).join(''));
    case 'union': return short(inner.options.map((option) => part(option.value)).join('|'));
    case 'external': return `${inner.module}.${inner.path.join('.')}`;
    case 'function': return `${inner.function.location.file}:${inner.function.location.start}`;
    default: return value.kind === 'reference' ? `slot ${value.slot}` : inner.kind;
  }
}

/** Whether a value may be undefined (or null) on the path reached. */
export function mayBe(m: Machine, value: Value, what: 'undefined' | 'null'): boolean {
  const inner = m.read(value);
  switch (inner.kind) {
    case 'constant': return what === 'undefined' ? inner.value === undefined : inner.value === null;
    case 'input': return inner.maybe && !m.state.isDefined(inner.key);
    case 'row': case 'field': return inner.maybe && !m.state.isPresent(inner.result.id);
    case 'union': return inner.options.some((option) => mayBe(m, option.value, what));
    default: return false;
  }
}

const LONGEST_KEY = 120;

/** A key of bounded length: keys of calls hold those of their arguments. */
export function short(key: string): string {
  if (key.length <= LONGEST_KEY) return key;
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let index = 0; index < key.length; index++) {
    const code = key.charCodeAt(index);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  return `${key.slice(0, LONGEST_KEY)}#${(a >>> 0).toString(36)}${(b >>> 0).toString(36)}`;
}
