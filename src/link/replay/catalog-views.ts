import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import { inputs } from '../catalog/functions.js';
import { tableKey } from '../catalog/index.js';
import type { Catalog, Table } from '../catalog/types.js';
import { typeText } from '../resolve/typing.js';
import { oid } from './values.js';

/** One row of a system view; what is absent is not modelled. */
export type ViewRow = Readonly<Record<string, string | number | boolean | null | Expression | undefined>>;

type View = (catalog: Catalog, at: Location) => Iterable<ViewRow>;

/**
 * The rows of a view of information_schema or pg_catalog, made from the catalog (PostgreSQL manual, chapters 37, 52 and 53).
 * @returns undefined for a relation that is not modelled
 */
export function systemView(schema: string | undefined, name: string): View | undefined {
  if (schema === 'information_schema') return informationSchema.get(name);
  return schema === undefined || schema === 'pg_catalog' ? systemCatalog.get(name) : undefined;
}

/** Columns that name the object a row of a view is about; `table` when the object is a relation. */
export const subjectColumns: ReadonlyMap<string, 'table' | 'other'> = new Map([
  ['table_name', 'table'], ['tablename', 'table'], ['relname', 'table'], ['event_object_table', 'table'], ['viewname', 'table'], ['matviewname', 'table'],
  ['conrelid', 'table'], ['attrelid', 'table'], ['tgrelid', 'table'], ['polrelid', 'table'], ['indrelid', 'table'], ['inhrelid', 'table'],
  ['conname', 'other'], ['constraint_name', 'other'], ['policyname', 'other'], ['polname', 'other'], ['tgname', 'other'], ['trigger_name', 'other'],
  ['indexname', 'other'], ['typname', 'other'], ['enumlabel', 'other'], ['proname', 'other'], ['routine_name', 'other'], ['nspname', 'other'],
  ['schema_name', 'other'], ['sequencename', 'other'], ['sequence_name', 'other'],
]);

/** Views whose rows the history does not make alone: what it lacks may still be there. */
export const openViews: ReadonlySet<string> = new Set(['pg_roles', 'pg_user', 'pg_authid', 'pg_extension', 'pg_available_extensions', 'pg_settings', 'pg_database']);

const yesNo = (value: boolean): string => (value ? 'YES' : 'NO');

function* tables(catalog: Catalog): Iterable<Table> {
  for (const table of catalog.tables.values()) yield table;
}

const dataTypes = new Map([
  ['int4', 'integer'], ['int8', 'bigint'], ['int2', 'smallint'], ['varchar', 'character varying'], ['bpchar', 'character'], ['bool', 'boolean'],
  ['timestamptz', 'timestamp with time zone'], ['timestamp', 'timestamp without time zone'], ['timetz', 'time with time zone'],
  ['time', 'time without time zone'], ['float8', 'double precision'], ['float4', 'real'],
]);
const plainTypes = new Set(['uuid', 'text', 'json', 'jsonb', 'bytea', 'date', 'numeric', 'inet', 'interval', 'xml']);

function* columns(catalog: Catalog): Iterable<ViewRow> {
  for (const table of tables(catalog)) {
    let position = 0;
    for (const column of table.columns.values()) {
      position += 1;
      const { name: type, dimensions } = column.type;
      yield {
        table_catalog: undefined, table_schema: table.schema, table_name: table.name, column_name: column.name, ordinal_position: position,
        is_nullable: yesNo(!column.notNull), udt_name: dimensions > 0 ? `_${type}` : type,
        data_type: type === 'unknown' ? undefined : dimensions > 0 ? 'ARRAY' : dataTypes.get(type) ?? (plainTypes.has(type) ? type : 'USER-DEFINED'),
        column_default: column.default ? undefined : null, is_identity: yesNo(column.generated === 'identity'),
        is_generated: column.generated === 'stored' || column.generated === 'virtual' ? 'ALWAYS' : 'NEVER',
      };
    }
  }
}

interface ConstraintRow {
  readonly name: string;
  readonly type: 'p' | 'u' | 'f' | 'c' | 'x';
  readonly columns: readonly string[];
  readonly target?: string;
  readonly validated: boolean;
}

function* constraintsOf(table: Table): Iterable<ConstraintRow> {
  if (table.primaryKey) yield { name: table.primaryKey.name, type: 'p', columns: table.primaryKey.columns, validated: true };
  for (const { name, columns: list } of table.uniques) yield { name, type: 'u', columns: list, validated: true };
  for (const key of table.foreignKeys) yield { name: key.name, type: 'f', columns: key.columns, target: key.table, validated: key.validated };
  for (const check of table.checks) yield { name: check.name, type: 'c', columns: [], validated: check.validated };
  for (const exclusion of table.exclusions) yield { name: exclusion.name ?? '', type: 'x', columns: exclusion.columns, validated: true };
}

const constraintTypes = { p: 'PRIMARY KEY', u: 'UNIQUE', f: 'FOREIGN KEY', c: 'CHECK', x: undefined } as const;

function* tableConstraints(catalog: Catalog): Iterable<ViewRow> {
  for (const table of tables(catalog)) {
    for (const { name, type } of constraintsOf(table)) {
      if (type === 'x') continue;
      yield {
        constraint_schema: table.schema, constraint_name: name, table_schema: table.schema, table_name: table.name,
        constraint_type: constraintTypes[type], is_deferrable: undefined,
      };
    }
  }
}

function* keyColumnUsage(catalog: Catalog): Iterable<ViewRow> {
  for (const table of tables(catalog)) {
    for (const { name, type, columns: list } of constraintsOf(table)) {
      if (type === 'c' || type === 'x') continue;
      for (const [index, column] of list.entries()) {
        yield {
          constraint_schema: table.schema, constraint_name: name, table_schema: table.schema, table_name: table.name, column_name: column,
          ordinal_position: index + 1,
        };
      }
    }
  }
}

function* constraintColumnUsage(catalog: Catalog): Iterable<ViewRow> {
  for (const table of tables(catalog)) {
    for (const key of table.foreignKeys) {
      const target = catalog.tables.get(key.table);
      for (const column of key.referencedColumns) {
        yield {
          constraint_schema: table.schema, constraint_name: key.name, table_schema: target?.schema, table_name: target?.name, column_name: column,
        };
      }
    }
    for (const { name, type, columns: list } of constraintsOf(table)) {
      if (type !== 'p' && type !== 'u') continue;
      for (const column of list) {
        yield { constraint_schema: table.schema, constraint_name: name, table_schema: table.schema, table_name: table.name, column_name: column };
      }
    }
  }
}

const rules = { noAction: 'NO ACTION', restrict: 'RESTRICT', cascade: 'CASCADE', setNull: 'SET NULL', setDefault: 'SET DEFAULT' } as const;

const informationSchema = new Map<string, View>([
  ['columns', columns],
  ['tables', function* (catalog) {
    for (const table of tables(catalog)) {
      if (table.kind === 'materializedView') continue;
      yield { table_schema: table.schema, table_name: table.name, table_type: table.kind === 'view' ? 'VIEW' : table.kind === 'foreignTable' ? 'FOREIGN' : 'BASE TABLE' };
    }
  }],
  ['views', function* (catalog) {
    for (const table of tables(catalog)) if (table.kind === 'view') yield { table_schema: table.schema, table_name: table.name };
  }],
  ['table_constraints', tableConstraints],
  ['key_column_usage', keyColumnUsage],
  ['constraint_column_usage', constraintColumnUsage],
  ['referential_constraints', function* (catalog) {
    for (const table of tables(catalog)) {
      for (const key of table.foreignKeys) {
        yield { constraint_schema: table.schema, constraint_name: key.name, delete_rule: rules[key.onDelete], update_rule: rules[key.onUpdate] };
      }
    }
  }],
  ['check_constraints', function* (catalog) {
    for (const table of tables(catalog)) for (const { name } of table.checks) yield { constraint_schema: table.schema, constraint_name: name };
  }],
  ['triggers', function* (catalog) {
    for (const table of tables(catalog)) {
      for (const { name } of table.triggers) {
        yield { trigger_schema: table.schema, trigger_name: name, event_object_schema: table.schema, event_object_table: table.name };
      }
    }
  }],
  ['routines', function* (catalog) {
    for (const entries of catalog.functions.values()) {
      for (const entry of entries) yield { routine_schema: entry.schema, routine_name: entry.name, routine_type: entry.procedure ? 'PROCEDURE' : 'FUNCTION' };
    }
  }],
  ['schemata', function* (catalog) {
    for (const name of catalog.schemas.keys()) yield { schema_name: name };
  }],
  ['sequences', function* (catalog) {
    for (const key of catalog.sequences.keys()) yield { sequence_schema: schemaOf(key), sequence_name: nameOf(key) };
  }],
]);

const relationKinds = { table: 'r', view: 'v', materializedView: 'm', foreignTable: 'f' } as const;
const typeForms = { enum: 'e', composite: 'c', domain: 'd', range: 'r', base: 'b' } as const;

function relation(table: Table, at: Location): Expression {
  return oid('relation', tableKey(table.schema, table.name), at);
}

const systemCatalog = new Map<string, View>([
  ['pg_tables', function* (catalog) {
    for (const table of tables(catalog)) {
      if (table.kind === 'table') yield { schemaname: table.schema, tablename: table.name, rowsecurity: table.rowSecurity, tableowner: table.owner };
    }
  }],
  ['pg_views', function* (catalog) {
    for (const table of tables(catalog)) if (table.kind === 'view') yield { schemaname: table.schema, viewname: table.name };
  }],
  ['pg_matviews', function* (catalog) {
    for (const table of tables(catalog)) if (table.kind === 'materializedView') yield { schemaname: table.schema, matviewname: table.name };
  }],
  ['pg_indexes', function* (catalog) {
    for (const table of tables(catalog)) for (const index of table.indexes) yield { schemaname: table.schema, tablename: table.name, indexname: index.name };
  }],
  ['pg_policies', function* (catalog) {
    for (const table of tables(catalog)) {
      for (const policy of table.policies) {
        yield { schemaname: table.schema, tablename: table.name, policyname: policy.name, permissive: policy.permissive ? 'PERMISSIVE' : 'RESTRICTIVE', cmd: policy.command.toUpperCase() };
      }
    }
  }],
  ['pg_policy', function* (catalog, at) {
    for (const table of tables(catalog)) for (const policy of table.policies) yield { polname: policy.name, polrelid: relation(table, at), polpermissive: policy.permissive };
  }],
  ['pg_class', function* (catalog, at) {
    for (const table of tables(catalog)) {
      yield {
        oid: relation(table, at), relname: table.name, relnamespace: oid('schema', table.schema, at), relkind: table.partitioned ? 'p' : relationKinds[table.kind],
        relrowsecurity: table.rowSecurity, relforcerowsecurity: table.forceRowSecurity, relispartition: table.isPartition,
      };
      for (const index of table.indexes) {
        yield { oid: oid('index', tableKey(table.schema, index.name), at), relname: index.name, relnamespace: oid('schema', table.schema, at), relkind: 'i' };
      }
    }
    for (const key of catalog.sequences.keys()) {
      yield { oid: oid('relation', key, at), relname: nameOf(key), relnamespace: oid('schema', schemaOf(key), at), relkind: 'S' };
    }
  }],
  ['pg_inherits', function* (catalog, at) {
    for (const table of tables(catalog)) {
      for (const [index, key] of table.parents.entries()) {
        const parent = catalog.tables.get(key);
        if (parent) yield { inhrelid: relation(table, at), inhparent: relation(parent, at), inhseqno: index + 1, inhdetachpending: false };
      }
    }
  }],
  ['pg_namespace', function* (catalog, at) {
    for (const name of catalog.schemas.keys()) yield { oid: oid('schema', name, at), nspname: name };
  }],
  ['pg_attribute', function* (catalog, at) {
    for (const table of tables(catalog)) {
      let position = 0;
      for (const column of table.columns.values()) {
        position += 1;
        yield { attrelid: relation(table, at), attname: column.name, attnum: position, attnotnull: column.notNull, attisdropped: false, atthasdef: column.default !== undefined };
      }
    }
  }],
  ['pg_constraint', function* (catalog, at) {
    for (const table of tables(catalog)) {
      const positions = new Map([...table.columns.keys()].map((name, index) => [name, index + 1]));
      for (const constraint of constraintsOf(table)) {
        yield {
          oid: oid('constraint', `${table.schema}.${table.name}.${constraint.name}`, at), conname: constraint.name, contype: constraint.type,
          connamespace: oid('schema', table.schema, at), conrelid: relation(table, at), convalidated: constraint.validated,
          confrelid: constraint.target === undefined ? 0 : oid('relation', constraint.target, at),
          conkey: constraint.type === 'c' ? undefined : {
            kind: 'array', location: at, items: constraint.columns.map((name) => ({ kind: 'constant', value: positions.get(name) ?? 0, location: at })),
          },
        };
      }
    }
  }],
  ['pg_index', function* (catalog, at) {
    for (const table of tables(catalog)) {
      for (const index of table.indexes) {
        yield {
          indexrelid: oid('index', tableKey(table.schema, index.name), at), indrelid: relation(table, at), indisunique: index.unique,
          indisprimary: index.constraint !== undefined && index.constraint === table.primaryKey?.name, indisvalid: true,
        };
      }
    }
  }],
  ['pg_trigger', function* (catalog, at) {
    for (const table of tables(catalog)) for (const { name } of table.triggers) yield { tgname: name, tgrelid: relation(table, at), tgisinternal: false };
  }],
  ['pg_type', function* (catalog, at) {
    for (const [key, type] of catalog.types) {
      yield { oid: oid('type', key, at), typname: type.name, typnamespace: oid('schema', type.schema, at), typtype: typeForms[type.form] };
    }
    for (const table of tables(catalog)) {
      yield { oid: oid('type', tableKey(table.schema, table.name), at), typname: table.name, typnamespace: oid('schema', table.schema, at), typtype: 'c' };
    }
  }],
  ['pg_enum', function* (catalog, at) {
    for (const [key, type] of catalog.types) for (const label of type.labels) yield { enumtypid: oid('type', key, at), enumlabel: label };
  }],
  ['pg_proc', function* (catalog, at) {
    for (const [key, entries] of catalog.functions) {
      for (const entry of entries) yield { oid: oid('function', `${key}(${inputs(entry.parameters).map(({ type }) => typeText(type)).join()})`, at), proname: entry.name, pronamespace: oid('schema', entry.schema, at) };
    }
  }],
  ['pg_sequences', function* (catalog) {
    for (const key of catalog.sequences.keys()) yield { schemaname: schemaOf(key), sequencename: nameOf(key) };
  }],
  ['pg_roles', function* (catalog) {
    for (const [name, role] of catalog.roles) yield { rolname: name, rolbypassrls: role.bypassRls, rolsuper: role.superuser };
  }],
  ['pg_extension', function* (catalog) {
    for (const name of catalog.extensions.keys()) yield { extname: name };
  }],
]);

function schemaOf(key: string): string {
  return key.slice(0, key.indexOf('.'));
}

function nameOf(key: string): string {
  return key.slice(key.indexOf('.') + 1);
}
