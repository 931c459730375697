import { entryOf } from '../../../../entry.js';
import { stored } from '../../store.js';
import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, RowListValue, Value } from '../../values.js';
import { nullValue, unknownValue } from '../../values.js';
import { and, column, constant, equal, select, table } from '../build.js';
import { SQLALCHEMY } from './data.js';
import { Given, libraryValue } from './given.js';

/** `inspect(bind)`: look-ups of the catalog. */
export function inspectorValue(): LibraryValue {
  return libraryValue(SQLALCHEMY, 'inspector', undefined);
}

/** A view of the catalog: which column holds the table's name and its schema, and what the keys of SQLAlchemy's dicts are there. */
interface View {
  readonly from: readonly [schema: string, name: string];
  readonly table: string;
  readonly schema: string;
  readonly keys: Readonly<Record<string, string>>;
  /** `constraint_type`. */
  readonly type?: string;
}

const CONSTRAINTS: Omit<View, 'type'> = {
  from: ['information_schema', 'table_constraints'], table: 'table_name', schema: 'table_schema', keys: { name: 'constraint_name' },
};
const TABLES: View = { from: ['information_schema', 'tables'], table: 'table_name', schema: 'table_schema', keys: { name: 'table_name' } };
const VIEWS: Readonly<Record<string, View>> = {
  get_columns: { from: ['information_schema', 'columns'], table: 'table_name', schema: 'table_schema', keys: { name: 'column_name', type: 'data_type', default: 'column_default' } },
  get_indexes: { from: ['pg_catalog', 'pg_indexes'], table: 'tablename', schema: 'schemaname', keys: { name: 'indexname' } },
  get_foreign_keys: { ...CONSTRAINTS, type: 'FOREIGN KEY' },
  get_unique_constraints: { ...CONSTRAINTS, type: 'UNIQUE' },
  get_check_constraints: { ...CONSTRAINTS, type: 'CHECK' },
  get_pk_constraint: { ...CONSTRAINTS, type: 'PRIMARY KEY' },
};

/** The rows of a view that belong to a table (and name one object of it). */
function rowsOf(view: View, conditions: readonly (readonly [string, string])[], schema: string | undefined, ctx: Context, location: Location): RowListValue {
  const [namespace, name] = view.from;
  const at = (key: string): Expression => column(name, key, location);
  const where = and([
    ...conditions.map(([key, value]) => equal(at(key), constant(value, location), location)),
    equal(at(view.schema), constant(schema ?? 'public', location), location),
    ...(view.type === undefined ? [] : [equal(at('constraint_type'), constant(view.type, location), location)]),
  ], location);
  const rows = select({ from: [table({ schema: namespace, name }, undefined, location)], where, location });
  const result = ctx.result({
    rows, location,
    column: (path) => {
      const [key] = path;
      if (key === 'nullable' && name === 'columns') return equal(at('is_nullable'), constant('YES', location), location);
      const found = key !== undefined && path.length === 1 ? entryOf(view.keys, key) : undefined;
      return found === undefined ? undefined : at(found);
    },
  });
  return { kind: 'rowList', result, path: [] };
}

/** Results of look-ups that name one object at most. */
function onlyNames(ctx: Context): Set<number> {
  return stored(ctx, 'sqlalchemy:names', () => new Set<number>());
}

/** The name that a look-up gives of the one object it can find, as an expression on the catalog. */
export function nameInCatalog(value: Value | undefined, ctx: Context, location: Location): Expression | undefined {
  const known = value && ctx.read(value);
  return known?.kind === 'field' && onlyNames(ctx).has(known.result.id) ? ctx.expression(known, location) : undefined;
}

/** A method of the inspector; a table whose name is not known has contents that are not known. */
export function inspectorMethod(name: string, call: Call, ctx: Context): Value | undefined {
  const { location } = call;
  if (name === 'clear_cache') return nullValue;
  if (name === 'get_table_names' || name === 'get_view_names') {
    const rows = rowsOf(TABLES, [], new Given(call, ['schema'], ctx).text('schema'), ctx, location);
    return { kind: 'field', result: rows.result, path: ['name'], many: true, maybe: false };
  }
  const given = new Given(call, name === 'has_index' ? ['table_name', 'index_name'] : ['table_name', 'schema'], ctx);
  const view = name === 'has_table' ? TABLES : name === 'has_index' ? VIEWS['get_indexes'] : entryOf(VIEWS, name);
  if (!view) return name.startsWith('get_') || name.startsWith('has_') ? unknownValue('a look-up of the catalog') : undefined;
  const owner = given.text('table_name');
  const index = given.text('index_name');
  if (owner === undefined || (name === 'has_index' && index === undefined)) return unknownValue('a table that is not known');
  const rows = rowsOf(view, [[view.table, owner], ...(name === 'has_index' ? [['indexname', index!] as const] : [])], given.text('schema'), ctx, location);
  if (name === 'get_pk_constraint') onlyNames(ctx).add(rows.result.id);
  return name.startsWith('has_') || name === 'get_pk_constraint' ? { kind: 'row', result: rows.result, path: [], maybe: true } : rows;
}

