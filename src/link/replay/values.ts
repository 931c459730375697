import { quoteIdentifier } from '../../facts/identifier.js';
import type {
  ArrayExpression, ConstantExpression, Expression, LogicalExpression, NotExpression, OperatorExpression,
} from '../../facts/expression.js';
import type { Answer, Location } from '../../facts/location.js';

/** A part of an assembled text and the place that wrote it. */
export interface Piece {
  readonly length: number;
  readonly source: Location;
  /** The literal it is taken from, and where in the literal's value it starts. */
  readonly literal?: { readonly constant: ConstantExpression; readonly from: number };
}

/** A constant text assembled from several places. */
export interface TextConstant extends ConstantExpression {
  readonly pieces?: readonly Piece[];
}

/** Marks the value of a catalog identifier (oid, regclass): no text of a program starts with it. */
const oidMark = '\u0001';

/** A constant with the place it stands for. */
export function constant(value: string | number | boolean | null, location: Location): ConstantExpression {
  return { kind: 'constant', value, location };
}

/** An array value. */
export function array(items: readonly Expression[], location: Location): ArrayExpression {
  return { kind: 'array', items, location };
}

/** The identifier of a catalog object: `relation`, `schema`, `type`, ... and its key; that of a function ends with the types of its parameters. */
export function oid(kind: 'relation' | 'schema' | 'type' | 'constraint' | 'index' | 'function', key: string, location: Location): ConstantExpression {
  return constant(`${oidMark}${kind}:${key}`, location);
}

/** What a catalog identifier names; undefined for other values. */
export function oidTarget(value: Expression): { readonly kind: string; readonly key: string } | undefined {
  if (value.kind !== 'constant' || typeof value.value !== 'string' || !value.value.startsWith(oidMark)) return undefined;
  const colon = value.value.indexOf(':');
  return { kind: value.value.slice(1, colon), key: value.value.slice(colon + 1) };
}

/** Whether the value is fully known. */
export function isKnown(value: Expression): boolean {
  if (value.kind === 'constant') return true;
  return (value.kind === 'array' || value.kind === 'row') && value.items.every(isKnown);
}

/** Whether the value is the constant NULL. */
export function isNull(value: Expression): boolean {
  return value.kind === 'constant' && value.value === null;
}

/** The truth of a condition: `no` for false and NULL, as IF and WHERE treat them. */
export function truth(condition: Expression): Answer {
  if (condition.kind !== 'constant') return 'unknown';
  if (condition.value === null || condition.value === false) return 'no';
  if (typeof condition.value === 'string') return /^(t|true|y|yes|on|1)$/i.test(condition.value.trim()) ? 'yes' : 'no';
  return condition.value === 0 ? 'no' : 'yes';
}

/** A known text as PostgreSQL prints it; undefined when the value is not known or NULL. */
export function textOf(value: Expression): string | undefined {
  if (value.kind === 'array') return isKnown(value) ? arrayLiteral(value.items) : undefined;
  if (value.kind !== 'constant' || value.value === null) return undefined;
  const target = oidTarget(value);
  if (target) {
    const { name = target.key, types = '' } = (target.kind === 'function' ? /^(?<name>[^(]*)(?<types>.*)$/s.exec(target.key)?.groups : undefined) ?? {};
    return `${oidText(name)}${types}`;
  }
  if (typeof value.value === 'boolean') return value.value ? 'true' : 'false';
  return value.text ?? String(value.value);
}

/** How a catalog identifier is printed: without the schema that is searched anyway. */
function oidText(key: string): string {
  const dot = key.indexOf('.');
  if (dot < 0) return quoteIdentifier(key);
  const [schema, name] = [key.slice(0, dot), key.slice(dot + 1)];
  return schema === 'public' || schema === 'pg_catalog' ? quoteIdentifier(name) : `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

function arrayLiteral(items: readonly Expression[]): string {
  return `{${items.map((item) => {
    if (isNull(item)) return 'NULL';
    const text = textOf(item) ?? '';
    return /^[^\s{},"\\]+$/.test(text) && !/^null$/i.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
  }).join(',')}}`;
}

/** A known number; undefined when the value is none. */
export function numberOf(value: Expression): number | undefined {
  if (value.kind !== 'constant' || value.value === null || typeof value.value === 'boolean') return undefined;
  if (typeof value.value === 'number') return value.value;
  return /^\s*[-+]?(\d+(?:\.\d*)?|\.\d+)(e[-+]?\d+)?\s*$/i.test(value.value) ? Number(value.value) : undefined;
}

/** quote_literal. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replace(/'/g, "''").replace(/\\/g, '\\\\')}'`;
  return text.includes('\\') ? ` E${quoted}` : quoted;
}

/** An array literal in PostgreSQL's text form (`{a,"b c",NULL}`); undefined when it is none or has several dimensions. */
export function parseArrayLiteral(text: string): (string | null)[] | undefined {
  const body = /^\s*\{([\s\S]*)\}\s*$/.exec(text)?.[1];
  if (body === undefined) return undefined;
  if (body.trim() === '') return [];
  const items: (string | null)[] = [];
  const pattern = /\s*(?:"((?:[^"\\]|\\[\s\S])*)"\s*|((?:[^",{}\s][^",{}]*)?))(,|$)/y;
  while (pattern.lastIndex < body.length || items.length === 0) {
    const match = pattern.exec(body);
    if (!match) return undefined;
    const plain = (match[2] ?? '').trimEnd();
    if (match[1] !== undefined) items.push(match[1].replace(/\\([\s\S])/g, '$1'));
    else items.push(/^null$/i.test(plain) ? null : plain);
    if (match[3] === '') break;
  }
  return items;
}

/** NOT, simplified. */
export function negate(condition: Expression): Expression {
  if (condition.kind === 'not') return condition.operand;
  const known = condition.kind === 'constant' ? condition.value : undefined;
  if (typeof known === 'boolean') return constant(!known, condition.location);
  return { kind: 'not', operand: condition, location: condition.location } satisfies NotExpression;
}

/** The conjunction of conditions; a single one stays itself. */
export function conjunction(conditions: readonly Expression[], location: Location): Expression {
  if (conditions.length === 0) return constant(true, location);
  if (conditions.length === 1) return conditions[0]!;
  return { kind: 'and', operands: conditions, location } satisfies LogicalExpression;
}

/** `left operator right`. */
export function operation(operator: string, left: Expression, right: Expression, location: Location): OperatorExpression {
  return { kind: 'operator', operator, left, right, location };
}

/** The value of a variable after an undecided branch. */
export function choice(condition: Expression, then: Expression, otherwise: Expression, location: Location): Expression {
  if (then === otherwise) return then;
  return { kind: 'case', branches: [{ when: condition, then }], otherwise, location };
}
