import type { Location } from '../../../../facts/location.js';
import type { Operation } from '../../../../facts/operation.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { ColumnDefinition, ConstraintDefinition } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import type { BuilderStep } from '../../steps.js';
import type { Value } from '../../values.js';
import { constant } from '../build.js';
import { defaultOf } from '../column-text.js';
import { isColumnMethod } from './column-types.js';
import { builtColumn, foreignKey, indexName } from './columns.js';
import type { BuiltColumn } from './columns.js';
import { argumentNames, argumentOption, argumentText, chainOf, keyName } from './table.js';
import type { TableStep } from './table.js';

interface Place {
  readonly table: QualifiedName;
  readonly schema: string | undefined;
  readonly ctx: Context;
}

/** The columns and keys of a new table, and what is run after it is made. */
export interface TableParts {
  readonly columns: readonly ColumnDefinition[];
  readonly constraints: readonly ConstraintDefinition[];
  readonly after: readonly Operation[];
}

/** What the callback of `createTable` declares. */
export function tableParts(steps: readonly BuilderStep<TableStep>[], table: QualifiedName, schema: string | undefined, ctx: Context): TableParts {
  const place = { table, schema, ctx };
  const columns: ColumnDefinition[] = [];
  const constraints: ConstraintDefinition[] = [];
  const after: Operation[] = [];
  for (const { step } of steps) {
    if (step.of) continue;
    if (isColumnMethod(step.method)) {
      const built = builtColumn(step, steps, table, schema, ctx);
      if (!built) after.push(notUnderstood('a column whose name is not known', step.location, place));
      else {
        columns.push(built.column);
        constraints.push(...built.constraints);
        after.push(...built.indexes);
      }
    } else if (step.method === 'timestamps') columns.push(...timestamps(step, ctx));
    else for (const operation of changeOf(step, steps, place)) {
      if (operation.kind === 'addConstraint') constraints.push(operation.constraint);
      else after.push(operation);
    }
  }
  const keys = constraints.filter((each) => each.kind === 'primaryKey').flatMap((each) => each.columns);
  return { columns: columns.map((each) => (keys.includes(each.name) ? { ...each, notNull: true } : each)), constraints, after };
}

/** What the callback of `alterTable` changes, in the order Knex sends it: columns first, then the rest. */
export function tableChanges(steps: readonly BuilderStep<TableStep>[], table: QualifiedName, schema: string | undefined, ctx: Context): Operation[] {
  const place = { table, schema, ctx };
  const columns: Operation[] = [];
  const altered: Operation[] = [];
  const others: Operation[] = [];
  for (const { step } of steps) {
    if (step.of) continue;
    if (isColumnMethod(step.method)) {
      const built = builtColumn(step, steps, table, schema, ctx);
      if (!built) columns.push(notUnderstood('a column whose name is not known', step.location, place));
      else if (built.alters) {
        altered.push(...alterations(built, place));
        others.push(...addedKeys(built, place));
      } else {
        columns.push({ kind: 'addColumn', table, column: built.column, ifNotExists: false, constraints: built.constraints, location: built.column.location });
        others.push(...built.indexes);
      }
    } else if (step.method === 'timestamps') {
      for (const column of timestamps(step, ctx)) columns.push({ kind: 'addColumn', table, column, ifNotExists: false, constraints: [], location: step.location });
    } else others.push(...changeOf(step, steps, place));
  }
  return [...columns, ...altered, ...others];
}

/** `created_at` and `updated_at`. */
function timestamps({ args, location }: TableStep, ctx: Context): ColumnDefinition[] {
  const isTrue = (value: Value | undefined): boolean => {
    const known = value && ctx.read(value);
    return known?.kind === 'constant' && known.value === true;
  };
  const withDefault = isTrue(args[1]) || isTrue(argumentOption(args[0], 'defaultToNow', ctx));
  const names = isTrue(args[2]) || isTrue(argumentOption(args[0], 'useCamelCase', ctx)) ? ['createdAt', 'updatedAt'] : ['created_at', 'updated_at'];
  const now = defaultOf({ kind: 'call', name: ['current_timestamp'], arguments: [], location }, location);
  return names.map((name) => ({ name, type: { name: 'timestamptz', modifiers: [], dimensions: 0 }, notNull: withDefault, ...(withDefault && { default: now }), location }));
}

/** `.alter()`: what Knex sends to PostgreSQL for a column that is there already: its default and NOT NULL are dropped first. */
function alterations({ column, nullable, alterNullable, alterType }: BuiltColumn, { table }: Place): Operation[] {
  const { name, location } = column;
  const on = { table, column: name, location };
  return [
    { kind: 'dropDefault', ...on },
    ...(alterNullable && nullable !== false ? [{ kind: 'dropNotNull' as const, ...on }] : []),
    ...(alterType ? [{ kind: 'setType' as const, type: column.type, ...on }] : []),
    ...(column.default ? [{ kind: 'setDefault' as const, default: column.default, ...on }] : []),
    ...(alterNullable && nullable === false ? [{ kind: 'setNotNull' as const, ...on }] : []),
  ];
}

function addedKeys({ constraints, indexes }: BuiltColumn, { table }: Place): Operation[] {
  return [...constraints.map((constraint): Operation => ({ kind: 'addConstraint', table, constraint, location: constraint.location })), ...indexes];
}

/** A call of a table builder that makes no column. */
function changeOf(step: TableStep, steps: readonly BuilderStep<TableStep>[], place: Place): Operation[] {
  const { table, ctx } = place;
  const { args, location } = step;
  const [first, second] = args;
  const columns = argumentNames(first, ctx);
  const on = { table, location };
  switch (step.method) {
    case 'setNullable': return columns.map((column) => ({ kind: 'dropNotNull', column, ...on }));
    case 'dropNullable': return columns.map((column) => ({ kind: 'setNotNull', column, ...on }));
    case 'dropColumn': case 'dropColumns':
      return args.flatMap((arg) => argumentNames(arg, ctx)).map((column) => ({ kind: 'dropColumn', column, ifExists: false, cascade: false, ...on }));
    case 'dropTimestamps': return ['created_at', 'updated_at'].map((column) => ({ kind: 'dropColumn', column, ifExists: false, cascade: false, ...on }));
    case 'renameColumn': {
      const to = argumentText(second, ctx);
      return columns.length === 1 && to !== undefined ? [{ kind: 'renameColumn', column: columns[0]!, to, ...on }] : [notUnderstood('a column whose new name is not known', location, place)];
    }
    case 'primary': return [constraint({ kind: 'primaryKey', columns, name: indexName(second, ctx) ?? `${table.name}_pkey`, location }, place)];
    case 'unique': return uniqueOf(columns, second, location, place);
    case 'index': return [indexOf(columns, args, location, place)];
    case 'foreign': {
      const { modifiers, location: whole } = chainOf(step, steps);
      const key = foreignKey(columns, table, place.schema, modifiers, whole, ctx, argumentText(second, ctx));
      return key ? [constraint(key, place)] : [notUnderstood('a foreign key whose target is not known', location, place)];
    }
    case 'inherits': return [{ kind: 'setInheritance', parent: { name: columns[0] ?? '' }, inherit: true, ...on }];
    case 'comment': case 'engine': case 'charset': case 'collate': case 'queryContext': case 'check': return [];
    default: return droppedKeys(step, columns, place) ?? [notUnderstood(`table.${step.method}()`, location, place)];
  }
}

/** Keys and indexes are dropped by the name that Knex gave them, or by the one that is given. */
function droppedKeys({ method, args, location }: TableStep, columns: readonly string[], place: Place): Operation[] | undefined {
  const { table, ctx } = place;
  const drop = (name: string): Operation => ({ kind: 'dropConstraint', table, name, ifExists: false, cascade: false, location });
  const given = argumentText(args[1], ctx)?.slice(0, 63);
  switch (method) {
    case 'dropPrimary': return [drop(argumentText(args[0], ctx) ?? `${table.name}_pkey`)];
    case 'dropUnique': return [drop(given ?? keyName(table, columns, 'unique'))];
    case 'dropForeign': return [drop(given ?? keyName(table, columns, 'foreign'))];
    case 'dropIndex': return [dropIndex(given ?? keyName(table, columns, 'index'), location, place)];
    case 'dropChecks': return columns.map(drop);
    default: return undefined;
  }
}

function constraint(definition: ConstraintDefinition, { table }: Place): Operation {
  return { kind: 'addConstraint', table, constraint: definition, location: definition.location };
}

function notUnderstood(reason: string, location: Location, { table }: Place): Operation {
  return { kind: 'notUnderstood', reason, tables: [table], location };
}

/** A unique constraint; with a predicate, or `useConstraint: false`, a unique index. */
function uniqueOf(columns: readonly string[], options: Value | undefined, location: Location, place: Place): Operation[] {
  const { table, ctx } = place;
  const name = indexName(options, ctx) ?? keyName(table, columns, 'unique');
  const useConstraint = argumentOption(options, 'useConstraint', ctx);
  const known = useConstraint && ctx.read(useConstraint);
  const predicate = argumentOption(options, 'predicate', ctx);
  if (predicate === undefined && !(known?.kind === 'constant' && known.value === false)) {
    return [constraint({ kind: 'unique', columns, nullsNotDistinct: argumentOption(options, 'nullsNotDistinct', ctx) !== undefined, name, location }, place)];
  }
  const index = { name, unique: true, keys: columns.map((column) => ({ column })), include: [], method: 'btree', nullsNotDistinct: false, concurrently: false, location };
  return [{ kind: 'createIndex', table, ifNotExists: false, location, index: predicate ? { ...index, where: constant(true, location) } : index }];
}

function indexOf(columns: readonly string[], args: readonly Value[], location: Location, { table, ctx }: Place): Operation {
  const name = indexName(args[1], ctx) ?? keyName(table, columns, 'index');
  const options = args[2] ?? args[1];
  const method = argumentText(args[2], ctx) ?? argumentText(argumentOption(options, 'indexType', ctx), ctx) ?? 'btree';
  const partial = argumentOption(options, 'predicate', ctx) !== undefined;
  return {
    kind: 'createIndex', table, ifNotExists: false, location,
    index: { name, unique: false, keys: columns.map((column) => ({ column })), include: [], ...(partial && { where: constant(true, location) }), method: method.toLowerCase(), nullsNotDistinct: false, concurrently: false, location },
  };
}

function dropIndex(name: string, location: Location, { table }: Place): Operation {
  return { kind: 'dropRelation', relation: 'index', name: { ...(table.schema !== undefined && { schema: table.schema }), name }, ifExists: false, cascade: false, location };
}
