import { entryOf } from '../../../../entry.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { Call, Context, Library } from '../../library.js';
import type { ExternalValue, LibraryValue, Value } from '../../values.js';
import { nullValue, undefinedValue } from '../../values.js';
import { connectionValue } from '../sqlalchemy/connection.js';
import { dialectValue } from '../sqlalchemy/dialect.js';
import { libraryValue, textOf } from '../sqlalchemy/given.js';
import { tableValue } from '../sqlalchemy/tables.js';
import { addColumn, alterColumn, dropColumn } from './columns.js';
import { createCheck, createExclusion, createForeignKey, createIndex, createPrimaryKey, createUnique, dropConstraint, dropIndex } from './constraints.js';
import { entityCall, runEntity } from './entities.js';
import { execute } from './execute.js';
import { namingInForce } from './naming.js';
import type { Outcome, Site } from './site.js';
import { ALEMBIC, notUnderstood, send, siteOf, tableOf } from './site.js';
import { bulkInsert, createdTable, createTable, dropTable, renameTable } from './tables.js';

type OnTable = (site: Site, table: QualifiedName) => Outcome;

interface Directive {
  readonly signature: readonly string[];
  readonly run: OnTable;
  /** The argument that names the table, where it is not `table_name`. */
  readonly table?: string;
  readonly schema?: string;
}

/** Alembic's operations that work on one table, with the names of their arguments in order. */
const DIRECTIVES: Readonly<Record<string, Directive>> = {
  add_column: { signature: ['table_name', 'column'], run: addColumn },
  drop_column: { signature: ['table_name', 'column_name'], run: dropColumn },
  alter_column: { signature: ['table_name', 'column_name', 'nullable', 'comment', 'server_default', 'new_column_name', 'type_'], run: alterColumn },
  create_table: { signature: ['table_name'], run: createTable },
  drop_table: { signature: ['table_name'], run: dropTable },
  rename_table: { signature: ['table_name', 'new_table_name'], run: renameTable },
  create_index: { signature: ['index_name', 'table_name', 'columns'], run: createIndex },
  create_unique_constraint: { signature: ['constraint_name', 'table_name', 'columns'], run: createUnique },
  create_primary_key: { signature: ['constraint_name', 'table_name', 'columns'], run: createPrimaryKey },
  create_check_constraint: { signature: ['constraint_name', 'table_name', 'condition'], run: createCheck },
  create_exclude_constraint: { signature: ['constraint_name', 'table_name'], run: createExclusion },
  create_foreign_key: { signature: ['constraint_name', 'source_table', 'referent_table', 'local_cols', 'remote_cols', 'onupdate', 'ondelete'], run: createForeignKey, table: 'source_table', schema: 'source_schema' },
  drop_constraint: { signature: ['constraint_name', 'table_name', 'type_'], run: dropConstraint },
};

const HARMLESS = new Set(['create_table_comment', 'drop_table_comment']);

/** `op.<name>(...)`, or the same on the table of a batch. */
function directive(name: string, call: Call, ctx: Context, batch?: QualifiedName): Value {
  const naming = namingInForce(ctx);
  const known = entryOf(DIRECTIVES, name);
  if (known) {
    const site = siteOf(call, ctx, known.signature, naming, batch);
    const table = tableOf(site, known.table, known.schema);
    send(site, table ? known.run(site, table) : `the name of the table in ${name}() is not known`);
    return name === 'create_table' && table ? tableValue(createdTable(site, table)) : nullValue;
  }
  const plain = (signature: readonly string[]): Site => siteOf(call, ctx, signature, naming, batch);
  switch (name) {
    case 'drop_index': { const site = plain(['index_name', 'table_name']); send(site, dropIndex(site)); return nullValue; }
    case 'bulk_insert': { const site = plain(['table', 'rows']); send(site, bulkInsert(site)); return nullValue; }
    case 'execute': {
      const value = plain(['sqltext']).given.value('sqltext');
      if (value) execute(value, ctx, call.location);
      return nullValue;
    }
    case 'f': return finalName(call, ctx);
    case 'inline_literal': return call.arguments.positional[0] ?? undefinedValue;
    case 'get_bind': return connectionValue();
    case 'get_context': case 'get_migration_context': return context();
    case 'batch_alter_table': return batchValue(plain(['table_name', 'schema']));
    default: return other(name, call, ctx, batch);
  }
}

function other(name: string, call: Call, ctx: Context, batch: QualifiedName | undefined): Value {
  if (runEntity(name, call, ctx)) return nullValue;
  const operations = HARMLESS.has(name)
    ? [{ kind: 'harmless' as const, name, location: call.location }]
    : [notUnderstood(`what ${batch ? 'batch_op' : 'op'}.${name}() does is not known`, call.location, batch ? [batch] : [])];
  ctx.emit({ kind: 'operations', operations, location: call.location });
  return nullValue;
}

/** `op.f('name')`: a name that no naming convention changes. */
function finalName(call: Call, ctx: Context): Value {
  const [first] = call.arguments.positional;
  const text = first && textOf(first, ctx);
  return text === undefined ? first ?? undefinedValue : libraryValue('sqlalchemy', 'quotedName', text);
}

function batchValue(site: Site): Value {
  const table = tableOf(site);
  return libraryValue(ALEMBIC, 'batch', table ?? { name: '' });
}

function context(): LibraryValue {
  return libraryValue(ALEMBIC, 'context', undefined);
}

/** The path of a name of the package: `alembic.op` and `op` of `alembic` are one. */
function pathOf({ module, path }: ExternalValue): readonly string[] {
  return [...module.split('.').slice(1), ...path];
}

function isOp(value: ExternalValue | LibraryValue): boolean {
  return value.kind === 'external' ? value.instance !== true && pathOf(value).join('.') === 'op' : value.type === 'op';
}

function contextMethod(name: string): Value | undefined {
  switch (name) {
    case 'is_offline_mode': return { kind: 'constant', value: false };
    case 'get_bind': return connectionValue();
    case 'get_context': return context();
    case 'autocommit_block': return libraryValue(ALEMBIC, 'autocommit', undefined);
    case 'begin_transaction': return context();
    default: return undefined;
  }
}

function contextMember(name: string): Value | undefined {
  switch (name) {
    case 'dialect': case 'impl': return dialectValue();
    case 'bind': case 'connection': return connectionValue();
    case 'as_sql': return { kind: 'constant', value: false };
    case 'opts': return libraryValue(ALEMBIC, 'options', undefined);
    default: return undefined;
  }
}

/** `op.get_context().opts['table_prefix']`: what a deployment puts before all names alike; tables are known by the rest. */
function optionOf(key: Value | undefined, ctx: Context): Value | undefined {
  const name = key && textOf(key, ctx);
  return name !== undefined && /prefix/i.test(name) ? { kind: 'constant', value: '' } : undefined;
}

function isOptions(value: Value, ctx: Context): boolean {
  const known = ctx.read(value);
  return known.kind === 'library' && known.type === 'options';
}

function transaction(value: Value, action: 'begin' | 'commit', location: Call['location'], ctx: Context): Value | undefined {
  const known = ctx.read(value);
  if (known.kind !== 'library' || known.type !== 'autocommit') return undefined;
  ctx.emit({ kind: 'operations', operations: [{ kind: 'transaction', action, location }], location });
  return nullValue;
}

/** Alembic: the operations of migrations, and the context they run in. */
export const alembicLibrary: Library = {
  name: ALEMBIC,
  modules: [ALEMBIC, 'alembic_utils'],
  migrations: {
    kinds: ['alembic'],
    run: (lookup, direction, ctx) => {
      const found = lookup(direction === 'up' ? 'upgrade' : 'downgrade');
      const fn = found && ctx.read(found);
      if (fn?.kind !== 'function') return false;
      ctx.invoke(fn, [], fn.function.location);
      return true;
    },
  },
  method: (object, name, call, ctx) => {
    if (isOp(object)) return directive(name, call, ctx);
    if (object.kind === 'external') return pathOf(object).join('.') === 'context' ? contextMethod(name) : undefined;
    if (object.type === 'batch') return directive(name, call, ctx, object.data as QualifiedName);
    if (object.type === 'options') return name === 'get' ? optionOf(call.arguments.positional[0], ctx) : undefined;
    return object.type === 'context' ? contextMethod(name) : undefined;
  },
  call: (callee, call, ctx) => {
    if (callee.kind !== 'external') return undefined;
    if (callee.module.startsWith('alembic_utils')) return entityCall(callee, call, ctx);
    const path = pathOf(callee);
    return path.length === 2 && path[0] === 'op' ? directive(path[1]!, call, ctx) : undefined;
  },
  member: (object, name) => {
    if (object.kind === 'external') return pathOf(object).join('.') === 'context' ? contextMember(name) : undefined;
    return object.type === 'context' ? contextMember(name) : undefined;
  },
  operator: (operator, value, right, location, ctx) => {
    if (operator === '[]') return isOptions(value, ctx) ? optionOf(right, ctx) : undefined;
    if (operator === 'with') return transaction(value, 'commit', location, ctx);
    return operator === 'exit' ? transaction(value, 'begin', location, ctx) : undefined;
  },
  typed: (type) => {
    const name = type.path.at(-1);
    if (name === 'Operations') return libraryValue(ALEMBIC, 'op', undefined);
    return name === 'MigrationContext' ? context() : undefined;
  },
};

