import type { Location } from '../../../../facts/location.js';
import type { Operation } from '../../../../facts/operation.js';
import type { ColumnDefinition, ConstraintDefinition } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import { column, isNull } from '../build.js';
import { defaultOf } from '../column-text.js';
import { dropTable } from '../entities/migrations.js';
import { effectiveDefault } from './defaults.js';
import type { FieldData } from './fields.js';
import { lower, type Lowered, type Part } from './lowered.js';
import { indexName } from './names.js';
import type { ModelSpec } from './spec.js';
import { nameOfPart, noteName, registryOf, type MigrationState } from './state.js';

/** Sends what Django's schema editor sends. `location`: the operation of the migration. */
export class SchemaEditor {
  constructor(private readonly state: MigrationState, private readonly location: Location, private readonly ctx: Context) {}

  get context(): Context {
    return this.ctx;
  }

  lowered(spec: ModelSpec): Lowered {
    return lower(spec, registryOf(this.state), this.ctx);
  }

  send(...operations: readonly Operation[]): void {
    for (const operation of operations) this.ctx.emit({ kind: 'operations', operations: [operation], location: operation.location });
  }

  /** What is sent at the end of the migration, once more tables are there. */
  defer(operation: Operation): void {
    this.state.deferred.push(operation);
  }

  flush(): void {
    const { deferred } = this.state;
    this.state.deferred = [];
    this.send(...deferred);
  }

  createModel({ table, columns, parts }: Lowered): void {
    const { location } = this;
    const inline = parts.filter(isInline);
    this.send({
      kind: 'createTable', ifNotExists: false, temporary: false, like: [], inherits: [], partitioned: false, location,
      definition: { name: { name: table }, columns: [...columns.values()], constraints: inline.map(({ constraint }) => constraint!), location },
    });
    for (const part of inline) noteName(this.state, table, part.key, inlineName(table, part.constraint!));
    for (const part of parts) if (!isInline(part)) this.addPart(table, part, true);
  }

  deleteModel(table: string): void {
    this.flush();
    this.send(dropTable({ name: table }, false, true, this.location));
    this.state.names.delete(table);
  }

  renameTable(from: string, to: string): void {
    if (from === to) return;
    this.flush();
    this.send({ kind: 'renameRelation', relation: 'table', name: { name: from }, to, ifExists: false, location: this.location });
  }

  /** A column of the rows that are there gets the effective default, which the column then loses (`BaseDatabaseSchemaEditor.add_field`). */
  addField(table: string, made: ColumnDefinition, field: FieldData, parts: readonly Part[]): void {
    const { location, ctx } = this;
    const given = made.default ?? (made.generated ? undefined : effective(field, ctx));
    const inline = parts.filter((part) => isInline(part) || part.constraint?.kind === 'foreignKey');
    const place = (constraint: ConstraintDefinition): ConstraintDefinition => ({ ...constraint, location });
    this.send({
      kind: 'addColumn', table: { name: table }, ifNotExists: false, location, column: { ...made, location, ...(given && { default: given }) }, constraints: inline.map(({ constraint }) => place(constraint!)),
    });
    for (const part of inline) noteName(this.state, table, part.key, part.constraint!.name ?? inlineName(table, part.constraint!));
    if (given && made.default === undefined) this.send({ kind: 'dropDefault', table: { name: table }, column: made.name, location });
    for (const part of parts) if (!inline.includes(part)) this.addPart(table, part, true);
  }

  removeField(table: string, name: string): void {
    this.flush();
    this.send({ kind: 'dropColumn', table: { name: table }, column: name, ifExists: false, cascade: true, location: this.location });
  }

  renameColumn(table: string, from: string, to: string): void {
    if (from === to) return;
    this.flush();
    this.send({ kind: 'renameColumn', table: { name: table }, column: from, to, location: this.location });
  }

  addPart(table: string, part: Part, later = false, concurrently = false): void {
    const operation = this.addition(table, part, concurrently);
    if (later) this.defer(operation);
    else this.send(operation);
  }

  private addition(table: string, part: Part, concurrently: boolean): Operation {
    const { location } = this;
    if (part.index) {
      if (part.index.name !== undefined) noteName(this.state, table, part.key, part.index.name);
      return { kind: 'createIndex', table: { name: table }, index: { ...part.index, concurrently, location }, ifNotExists: false, location };
    }
    const constraint = named(table, part.constraint!);
    if (constraint.name !== undefined) noteName(this.state, table, part.key, constraint.name);
    return { kind: 'addConstraint', table: { name: table }, constraint: { ...constraint, location }, location };
  }

  dropPart(table: string, part: Part, concurrently = false): void {
    const { location } = this;
    const name = nameOfPart(this.state, table, part);
    if (name === undefined) return;
    this.flush();
    this.state.names.get(table)?.delete(part.key);
    if (part.index) this.send({ kind: 'dropRelation', relation: 'index', name: { name }, ifExists: true, cascade: false, location, ...(concurrently && { concurrently }) });
    else this.send({ kind: 'dropConstraint', table: { name: table }, name, ifExists: false, cascade: false, location });
  }

  /** A column changes in the order of Django's `_alter_field`: type, default, rows without a value, NOT NULL, default. */
  alterColumn(table: string, before: ColumnDefinition, after: ColumnDefinition, field: FieldData): void {
    const { location, ctx } = this;
    const on = { table: { name: table }, column: after.name, location };
    if (!sameType(before, after)) this.send({ kind: 'setType', ...on, type: after.type, using: { kind: 'cast', operand: column(undefined, after.name, location), type: after.type, location } });
    if (after.default && !before.default) this.send({ kind: 'setDefault', ...on, default: after.default });
    if (before.default && !after.default) this.send({ kind: 'dropDefault', ...on });
    if (before.notNull && !after.notNull) return this.send({ kind: 'dropNotNull', ...on });
    if (before.notNull || !after.notNull) return;
    const given = after.default ?? effective(field, ctx);
    if (given && after.default === undefined) this.send({ kind: 'setDefault', ...on, default: given });
    if (given && (field.named.has('default') || after.default)) {
      this.send({ kind: 'query', location, query: {
        kind: 'update', target: { kind: 'table', name: { name: table }, columnAliases: [], location }, set: [{ column: after.name, value: given.expression, location }], from: [], where: isNull(column(undefined, after.name, location), location),
        returning: [], with: [], location,
      } });
    }
    this.send({ kind: 'setNotNull', ...on });
    if (given && after.default === undefined) this.send({ kind: 'dropDefault', ...on });
  }
}

function effective(field: FieldData, ctx: Context): ColumnDefinition['default'] {
  const expression = effectiveDefault(field, ctx);
  return expression && defaultOf(expression, field.location);
}

function sameType(a: ColumnDefinition, b: ColumnDefinition): boolean {
  return a.type.name === b.type.name && a.type.dimensions === b.type.dimensions && a.type.modifiers.join() === b.type.modifiers.join();
}

/** Keys, unique fields and checks of fields are written with the column, and get PostgreSQL's own names. */
function isInline({ key, constraint }: Part): boolean {
  return constraint !== undefined && (/^(?:key|unique|check):/.test(key) || constraint.kind === 'check' || (constraint.kind === 'unique' && key.startsWith('meta:')));
}

function inlineName(table: string, constraint: ConstraintDefinition): string {
  if (constraint.name !== undefined) return constraint.name;
  const columns = 'columns' in constraint ? constraint.columns : [];
  if (constraint.kind === 'primaryKey') return `${table}_pkey`;
  return constraint.kind === 'unique' ? madeName(table, columns[0]!, 'key') : madeName(table, checkedColumn(constraint), 'check');
}

/** PostgreSQL's choice of a name (`makeObjectName`): the longer of both parts gives way. */
function madeName(table: string, columnName: string, suffix: string): string {
  let [first, second] = [table, columnName];
  while (first.length + second.length + suffix.length + 2 > 63) {
    if (first.length > second.length) first = first.slice(0, -1);
    else second = second.slice(0, -1);
  }
  return `${first}_${second}_${suffix}`;
}

function checkedColumn(constraint: ConstraintDefinition): string {
  const left = constraint.kind === 'check' && constraint.expression.kind === 'operator' ? constraint.expression.left : undefined;
  return left?.kind === 'column' ? left.path.at(-1)! : '';
}

/** A unique key or a check of a field that is added to a table is named by Django. */
function named(table: string, constraint: ConstraintDefinition): ConstraintDefinition {
  if (constraint.name !== undefined) return constraint;
  if (constraint.kind === 'unique') return { ...constraint, name: indexName(table, constraint.columns, '_uniq') };
  return constraint.kind === 'check' ? { ...constraint, name: indexName(table, [checkedColumn(constraint)], '_check') } : constraint;
}
