import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Operation } from '../../../../facts/operation.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { ColumnDefinition, ConstraintDefinition, ForeignKeyDefinition, ReferentialAction } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import type { BuilderStep } from '../../steps.js';
import type { Value } from '../../values.js';
import { isRaw } from './builder.js';
import type { RawData } from './builder.js';
import { defaultOf, referentialAction } from '../column-text.js';
import { columnType, isSerial } from './column-types.js';
import { rawExpression, tableName } from './names.js';
import { argumentNames, argumentOption, argumentText, chainOf, keyName } from './table.js';
import type { TableStep } from './table.js';

/** A column as a table builder makes it, with what its modifiers add beside it. */
export interface BuiltColumn {
  readonly column: ColumnDefinition;
  readonly constraints: readonly ConstraintDefinition[];
  /** Indexes are made by statements of their own. */
  readonly indexes: readonly Operation[];
  /** `.alter()`: the column is there, and is changed. */
  readonly alters: boolean;
  readonly nullable?: boolean;
  readonly alterNullable: boolean;
  readonly alterType: boolean;
}

/** Reads the column that a call and its modifiers make. Undefined when its name is not known. */
export function builtColumn(step: TableStep, steps: readonly BuilderStep<TableStep>[], table: QualifiedName, schema: string | undefined, ctx: Context): BuiltColumn | undefined {
  const name = argumentText(step.args[0], ctx) ?? (isSerial(step.method) && (step.args.length === 0 || argumentText(step.args[0], ctx) === undefined) ? 'id' : undefined);
  if (name === undefined) return undefined;
  const { modifiers, location } = chainOf(step, steps);
  const modifier = (...names: readonly string[]): TableStep | undefined => modifiers.findLast(({ method }) => names.includes(method));
  const serial = isSerial(step.method);
  const nullability = modifiers.findLast(({ method }) => method === 'notNullable' || method === 'notNull' || method === 'nullable');
  const nullable = nullability === undefined ? undefined : nullability.method === 'nullable' ? !isFalse(nullability.args[0], ctx) : false;
  const written = modifier('defaultTo', 'default');
  const value = serial ? { kind: 'call' as const, name: ['nextval'], arguments: [], location } : written?.args[0] && defaultExpression(written.args[0], step.location, ctx);
  const alter = modifier('alter');
  const isFalseOption = (key: string): boolean => isFalse(argumentOption(alter?.args[0], key, ctx), ctx);
  const others = steps.some(({ step: each }) => each.method === 'primary' && each.of !== step);
  const primary = serial ? !others && !isFalse(argumentOption(step.args[1] ?? step.args[0], 'primaryKey', ctx), ctx) : modifier('primary') !== undefined;
  const column: ColumnDefinition = {
    name, type: columnType(step.method, argumentText(step.args[1], ctx), withoutTimezone(step, ctx)), notNull: nullable === false || serial || primary,
    ...(value && !isNullDefault(value) && { default: defaultOf(value, location) }), location,
  };
  return {
    column, constraints: constraintsOf(name, table, schema, primary, modifiers, location, ctx), indexes: indexesOf(name, table, modifiers, ctx),
    alters: alter !== undefined, ...(nullable !== undefined && { nullable }), alterNullable: !isFalseOption('alterNullable'), alterType: !isFalseOption('alterType'),
  };
}

function isNullDefault(expression: Expression): boolean {
  return expression.kind === 'constant' && expression.value === null;
}

function isFalse(value: Value | undefined, ctx: Context): boolean {
  const known = value && ctx.read(value);
  return known?.kind === 'constant' && known.value === false;
}

/** `timestamp(name, { useTz: false })`, and the older `timestamp(name, true)`. */
function withoutTimezone({ args }: TableStep, ctx: Context): boolean {
  const second = args[1] && ctx.read(args[1]);
  return isFalse(argumentOption(args[1], 'useTz', ctx), ctx) || (second?.kind === 'constant' && second.value === true);
}

function defaultExpression(given: Value, location: Location, ctx: Context): Expression {
  const value = ctx.read(given);
  if (isRaw(value)) return rawExpression(value.data as RawData, ctx);
  if (value.kind === 'object' || value.kind === 'list') return { kind: 'constant', value: '{}', location };
  return ctx.expression(given, location);
}

function constraintsOf(
  name: string, table: QualifiedName, schema: string | undefined, primary: boolean, modifiers: readonly TableStep[], location: Location, ctx: Context,
): ConstraintDefinition[] {
  const found: ConstraintDefinition[] = [];
  if (primary) found.push({ kind: 'primaryKey', columns: [name], name: `${table.name}_pkey`, location });
  for (const { method, args } of modifiers) {
    if (method === 'unique') found.push({ kind: 'unique', columns: [name], nullsNotDistinct: false, name: indexName(args[0], ctx) ?? keyName(table, [name], 'unique'), location });
  }
  const key = foreignKey([name], table, schema, modifiers, location, ctx);
  return key ? [...found, key] : found;
}

/** A name given directly or as `{ indexName }`. */
export function indexName(value: Value | undefined, ctx: Context): string | undefined {
  return (argumentText(value, ctx) ?? argumentText(argumentOption(value, 'indexName', ctx) ?? argumentOption(value, 'constraintName', ctx), ctx))?.slice(0, 63);
}

function indexesOf(name: string, table: QualifiedName, modifiers: readonly TableStep[], ctx: Context): Operation[] {
  return modifiers.filter(({ method }) => method === 'index').map(({ args, location }): Operation => ({
    kind: 'createIndex', table, ifNotExists: false, location,
    index: { name: indexName(args[0], ctx) ?? keyName(table, [name], 'index'), unique: false, keys: [{ column: name }], include: [], method: 'btree', nullsNotDistinct: false, concurrently: false, location },
  }));
}

/** `references('id').inTable('t')`, `references('t.id')`, with `onDelete` and `onUpdate`. */
export function foreignKey(
  columns: readonly string[], table: QualifiedName, schema: string | undefined, modifiers: readonly TableStep[], location: Location, ctx: Context, name?: string,
): ForeignKeyDefinition | undefined {
  const last = (...names: readonly string[]): Value | undefined => modifiers.findLast(({ method }) => names.includes(method))?.args[0];
  const given = argumentNames(last('references'), ctx);
  const inTable = argumentText(last('inTable', 'on'), ctx);
  const [first] = given;
  if (first === undefined) return undefined;
  const parts = first.split('.');
  const target = inTable ?? (parts.length > 1 ? parts.slice(0, -1).join('.') : undefined);
  if (target === undefined) return undefined;
  const action = (method: string): ReferentialAction => referentialAction(argumentText(last(method), ctx));
  const named = name ?? argumentText(last('withKeyName'), ctx) ?? keyName(table, columns, 'foreign');
  return {
    kind: 'foreignKey', columns, references: tableName(target, schema).name, referencedColumns: given.map((each) => each.split('.').at(-1)!), onDelete: action('onDelete'), onUpdate: action('onUpdate'),
    match: 'simple', notValid: false, enforced: true, name: named, location,
  };
}
