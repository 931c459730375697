import type { Expression, SqlType } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { ColumnDefault, ColumnDefinition, ConstraintDefinition, IndexDefinition } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import { column, constant, operator } from '../build.js';
import { plainType } from '../column-text.js';
import { columnOf, flag, hasColumn, isIndexed, isNullable, isToOne, isUnique, type FieldData } from './fields.js';
import { fieldType, isNumbered, isPositive } from './field-types.js';
import { metaPart } from './meta.js';
import { indexName, throughTable } from './names.js';
import { databaseDefault } from './defaults.js';
import { foreignTable, keyField, targetKey, throughSpec, type ModelSpec, type Registry } from './spec.js';

/** A constraint or an index of a table. `key` is the same as long as it means the same, whatever it is called. */
export interface Part {
  readonly key: string;
  readonly constraint?: ConstraintDefinition;
  readonly index?: IndexDefinition;
  /** The fields it is made of: it goes with any of them. */
  readonly fields: readonly string[];
}

/** A model as the database has it. */
export interface Lowered {
  readonly table: string;
  /** By the name of the field. */
  readonly columns: ReadonlyMap<string, ColumnDefinition>;
  readonly parts: readonly Part[];
}

/** What a relation to one refers to. */
interface Target {
  readonly table: string;
  readonly column: string;
  readonly type: SqlType;
}

/** A model as Django's PostgreSQL schema editor makes it. */
export function lower(spec: ModelSpec, registry: Registry, ctx: Context): Lowered {
  const columns = new Map<string, ColumnDefinition>();
  const parts: Part[] = [];
  const key = keyField(spec, ctx)?.name;
  for (const [name, field] of spec.fields) {
    if (!hasColumn(field)) continue;
    const made = fieldColumn(spec, name, field, key === name, registry, ctx);
    columns.set(name, made);
    parts.push(...fieldParts(spec, name, field, made, key === name, registry, ctx));
  }
  const columnNamed = (name: string): string => columns.get(name)?.name ?? [...columns.values()].find((each) => each.name === name)?.name ?? name;
  for (const names of spec.uniqueTogether) {
    const own = names.map(columnNamed);
    parts.push({ key: `together:${names.join()}`, fields: names, constraint: { kind: 'unique', name: indexName(spec.table, own, '_uniq'), columns: own, nullsNotDistinct: false, location: spec.location } });
  }
  for (const names of spec.indexTogether) parts.push({ key: `indexTogether:${names.join()}`, fields: names, index: plainIndex(indexName(spec.table, names.map(columnNamed), '_idx'), names.map(columnNamed), spec.location) });
  for (const each of [...spec.indexes, ...spec.constraints]) {
    const part = metaPart(each, spec, columnNamed, ctx);
    if (part) parts.push(part);
  }
  return { table: spec.table, columns, parts };
}

/** An index of plain columns. */
export function plainIndex(name: string, columns: readonly string[], location: Location): IndexDefinition {
  return { name, unique: false, keys: columns.map((each) => ({ column: each })), include: [], method: 'btree', nullsNotDistinct: false, concurrently: false, location };
}

function fieldColumn(spec: ModelSpec, name: string, field: FieldData, isKey: boolean, registry: Registry, ctx: Context): ColumnDefinition {
  const { location } = field;
  const type = isToOne(field) ? targetOf(spec, field, registry, ctx).type : fieldType(field, ctx);
  const numbered = isNumbered(field);
  const given: ColumnDefault | undefined = databaseDefault(field, ctx);
  return {
    name: columnOf(name, field, ctx), type, notNull: isKey || !isNullable(field, ctx), location,
    ...(numbered && { generated: 'identity' as const }), ...(field.type === 'GeneratedField' && { generated: 'stored' as const }), ...(given && { default: given }),
  };
}

function fieldParts(spec: ModelSpec, name: string, field: FieldData, made: ColumnDefinition, isKey: boolean, registry: Registry, ctx: Context): Part[] {
  const { location } = field;
  const parts: Part[] = [];
  const add = (kind: string, part: Pick<Part, 'constraint' | 'index'>): void => { parts.push({ key: `${kind}:${name}`, fields: [name], ...part }); };
  if (isKey) add('key', { constraint: { kind: 'primaryKey', columns: [made.name], location } });
  else if (isUnique(field, ctx)) add('unique', { constraint: { kind: 'unique', columns: [made.name], nullsNotDistinct: false, location } });
  if (isPositive(field)) add('check', { constraint: { kind: 'check', expression: notNegative(made.name, location), notValid: false, location } });
  if (isToOne(field) && flag(field, 'db_constraint', ctx) !== false) {
    const target = targetOf(spec, field, registry, ctx);
    add('foreignKey', { constraint: {
      kind: 'foreignKey', name: indexName(spec.table, [made.name], `_fk_${target.table}_${target.column}`), columns: [made.name], references: { name: target.table }, referencedColumns: [target.column],
      onDelete: 'noAction', onUpdate: 'noAction', match: 'simple', notValid: false, enforced: true, location,
    } });
  }
  if (!isKey && !isUnique(field, ctx) && isIndexed(field, ctx)) add('index', { index: plainIndex(indexName(spec.table, [made.name]), [made.name], location) });
  return parts;
}

function notNegative(name: string, location: Location): Expression {
  return operator('>=', column(undefined, name, location), constant(0, location), location);
}

/** The table and column that a relation to one refers to (`to_field`, else the primary key), and the type of both. */
export function targetOf(spec: ModelSpec, field: FieldData, registry: Registry, ctx: Context, depth = 0): Target {
  const key = targetKey(field.named.get('to'), spec, ctx);
  const other = key === undefined ? undefined : registry.find(key);
  if (key === undefined || depth > 8) return { table: 'unknown', column: 'id', type: plainType('unknown') };
  if (other === undefined) return { table: foreignTable(key), column: 'id', type: plainType(/^(?:auth|contenttypes|sites|admin)\./.test(key) ? 'int4' : 'unknown') };
  const root = other.proxy ? registry.find(other.parents[0] ?? '') ?? other : other;
  const wanted = field.named.get('to_field');
  const name = wanted && ctx.read(wanted).kind === 'constant' ? String((ctx.read(wanted) as { value: unknown }).value) : undefined;
  const given = name === undefined || name === 'null' ? undefined : root.fields.get(name);
  const found = given && name !== undefined ? { name, field: given } : keyField(root, ctx);
  if (found === undefined) return { table: root.table, column: 'id', type: plainType('int4') };
  const type = isToOne(found.field) ? targetOf(root, found.field, registry, ctx, depth + 1).type : fieldType(found.field, ctx);
  return { table: root.table, column: columnOf(found.name, found.field, ctx), type };
}

/** The tables that the many-to-many fields of a model make. */
export function throughSpecs(spec: ModelSpec, ctx: Context): ReadonlyMap<string, ModelSpec> {
  const found = new Map<string, ModelSpec>();
  for (const [name, field] of spec.fields) {
    const made = field.type === 'ManyToManyField' ? throughSpec(spec, name, field, throughTable(spec.table, name), ctx) : undefined;
    if (made) found.set(name, made);
  }
  return found;
}
