import type { Expression } from '../../../../facts/expression.js';
import type { Operation, Step } from '../../../../facts/operation.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { ConstraintDefinition, IndexDefinition } from '../../../../facts/schema.js';
import { actionOf, checkOf } from '../sqlalchemy/columns.js';
import { columnNames, indexOf } from '../sqlalchemy/constraints.js';
import { isFinalName, itemsOf, textOf } from '../sqlalchemy/given.js';
import { nameInCatalog } from '../sqlalchemy/inspector.js';
import { indexName, withName } from '../sqlalchemy/naming.js';
import type { Outcome, Site } from './site.js';

function nameOf({ given, ctx }: Site, argument = 'constraint_name'): { readonly name?: string; readonly final: boolean } {
  const value = given.value(argument);
  const name = value && textOf(value, ctx);
  return { ...(name !== undefined && { name }), final: value !== undefined && isFinalName(value, ctx) };
}

function add(site: Site, table: QualifiedName, constraint: ConstraintDefinition): Outcome {
  const named = withName(constraint, table, site.naming, nameOf(site).final);
  return [[{ kind: 'addConstraint', table, constraint: named, location: site.location }]];
}

function columnsOf({ given, ctx }: Site, argument = 'columns'): string[] | undefined {
  const value = given.value(argument);
  const items = value && (itemsOf(value, ctx) ?? (textOf(value, ctx) === undefined ? undefined : [value]));
  const names = items && columnNames(items, ctx);
  return names?.length === items?.length ? names : undefined;
}

/** `op.create_unique_constraint(...)`. */
export function createUnique(site: Site, table: QualifiedName): Outcome {
  const columns = columnsOf(site);
  if (!columns) return 'the columns of the unique constraint are not known';
  const { location, given } = site;
  return add(site, table, { kind: 'unique', ...named(site), columns, nullsNotDistinct: given.flag('postgresql_nulls_not_distinct') === true, location });
}

/** `op.create_primary_key(...)`. */
export function createPrimaryKey(site: Site, table: QualifiedName): Outcome {
  const columns = columnsOf(site);
  return columns ? add(site, table, { kind: 'primaryKey', ...named(site), columns, location: site.location }) : 'the columns of the primary key are not known';
}

/** `op.create_check_constraint(...)`. */
export function createCheck(site: Site, table: QualifiedName): Outcome {
  return add(site, table, checkOf(site.given, site.location, nameOf(site).name));
}

/** `op.create_exclude_constraint(...)`. */
export function createExclusion(site: Site, table: QualifiedName): Outcome {
  return add(site, table, { kind: 'exclusion', ...named(site), columns: [], location: site.location });
}

/** `op.create_foreign_key(name, source, referent, local, remote, ...)`. */
export function createForeignKey(site: Site, table: QualifiedName): Outcome {
  const { given, location } = site;
  const referent = given.text('referent_table');
  const columns = columnsOf(site, 'local_cols');
  const referencedColumns = columnsOf(site, 'remote_cols');
  if (referent === undefined) return 'the referenced table is not known';
  if (!columns || !referencedColumns) return 'the columns of the foreign key are not known';
  const schema = given.text('referent_schema');
  return add(site, table, {
    kind: 'foreignKey', ...named(site), columns, references: { ...(schema !== undefined && { schema }), name: referent }, referencedColumns,
    onDelete: actionOf(given.text('ondelete')), onUpdate: actionOf(given.text('onupdate')), match: given.text('match')?.toUpperCase() === 'FULL' ? 'full' : 'simple',
    notValid: given.flag('postgresql_not_valid') === true, enforced: true, location,
  });
}

function named(site: Site): { readonly name?: string } {
  const { name } = nameOf(site);
  return name === undefined ? {} : { name };
}

/** `op.drop_constraint(...)`. */
export function dropConstraint(site: Site, table: QualifiedName): Outcome {
  const { name } = nameOf(site);
  const found = nameInCatalog(site.given.value('constraint_name'), site.ctx, site.location);
  if (found) return [[dropNamed(table, found, site.location)]];
  if (name === undefined) return 'the name of the constraint is not known';
  return [[{ kind: 'dropConstraint', table, name, ifExists: site.given.flag('if_exists') === true, cascade: false, location: site.location }]];
}

/** `inspector.get_pk_constraint(...)['name']`: the statement is put together when the catalog is known. */
function dropNamed(table: QualifiedName, name: Expression, location: Site['location']): Operation {
  const quoted = [...(table.schema === undefined ? [] : [table.schema]), table.name].map((part) => `"${part.replaceAll('"', '""')}"`).join('.');
  const text: Expression = {
    kind: 'operator', operator: '||', left: { kind: 'constant', value: `ALTER TABLE ${quoted} DROP CONSTRAINT `, location },
    right: { kind: 'call', name: ['quote_ident'], arguments: [name], location }, location,
  };
  const step: Step = { kind: 'execute', text, using: [], targets: [], strict: false, location };
  return { kind: 'execution', block: { kind: 'block', declarations: [], body: [step], handlers: [], location }, location };
}

/** `op.create_index(name, table, columns, unique=...)`. */
export function createIndex(site: Site, table: QualifiedName): Outcome {
  const { given, ctx, location, naming } = site;
  const value = given.value('columns');
  const columns = value && (itemsOf(value, ctx) ?? (textOf(value, ctx) === undefined ? undefined : [value]));
  if (!columns) return 'the columns of the index are not known';
  const plain = indexOf(nameOf(site, 'index_name').name, columns, given, location);
  const index = plain.name === undefined ? withIndexName(plain, table, naming) : plain;
  return [[{ kind: 'createIndex', table, index, ifNotExists: given.flag('if_not_exists') === true, location }]];
}

function withIndexName(index: IndexDefinition, table: QualifiedName, naming: Site['naming']): IndexDefinition {
  const columns = index.keys.flatMap(({ column }) => column ?? []);
  const name = columns.length === index.keys.length ? indexName(table, columns, naming) : undefined;
  return name === undefined ? index : { ...index, name };
}

/** An index is found by its name; the table is only needed by other databases. */
export function dropIndex(site: Site): Outcome {
  const { given, location, batch } = site;
  const { name } = nameOf(site, 'index_name');
  if (name === undefined) return 'the name of the index is not known';
  const schema = given.text('schema') ?? batch?.schema;
  const drop: Operation = {
    kind: 'dropRelation', relation: 'index', name: { ...(schema !== undefined && { schema }), name }, ifExists: given.flag('if_exists') === true, cascade: false,
    ...(given.flag('postgresql_concurrently') === true && { concurrently: true }), location,
  };
  return [[drop]];
}
