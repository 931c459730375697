import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { ConstraintDefinition, IndexDefinition, IndexKey } from '../../../../facts/schema.js';
import type { Call, Context } from '../../library.js';
import type { Value } from '../../values.js';
import { actionOf, checkOf, targetOf } from './columns.js';
import { dataOf, make } from './data.js';
import { expressionData } from './expressions.js';
import { Given, isFinalName, textOf, textsOf } from './given.js';
import { sqlExpression } from './sql-expression.js';

const CONSTRAINTS = new Set(['PrimaryKeyConstraint', 'UniqueConstraint', 'ForeignKeyConstraint', 'CheckConstraint', 'ExcludeConstraint']);

/** A constraint or an index that stands in a table's declaration; undefined for any other name of the package. */
export function constraintCall(name: string, call: Call, ctx: Context): Value | undefined {
  if (name === 'Index') return indexValue(call, ctx);
  if (!CONSTRAINTS.has(name)) return undefined;
  const constraint = definition(name, call, ctx);
  const useAlter = name === 'ForeignKeyConstraint' && new Given(call, [], ctx).flag('use_alter') === true;
  const named = call.arguments.named.get('name');
  return constraint && make('constraint', { constraint, final: named !== undefined && isFinalName(named, ctx), ...(useAlter && { useAlter }) });
}

function definition(kind: string, call: Call, ctx: Context): ConstraintDefinition | undefined {
  const { location } = call;
  const name = new Given(call, [], ctx).text('name');
  const named = { ...(name !== undefined && { name }), location };
  switch (kind) {
    case 'PrimaryKeyConstraint': return { kind: 'primaryKey', ...named, columns: columnNames(call.arguments.positional, ctx) };
    case 'UniqueConstraint': {
      const nullsNotDistinct = new Given(call, [], ctx).flag('postgresql_nulls_not_distinct') === true;
      return { kind: 'unique', ...named, columns: columnNames(call.arguments.positional, ctx), nullsNotDistinct };
    }
    case 'CheckConstraint': {
      const given = new Given(call, ['sqltext', 'name'], ctx);
      return checkOf(given, location, given.text('name'));
    }
    case 'ExcludeConstraint': return { kind: 'exclusion', ...named, columns: [] };
    default: return foreignKeyConstraint(call, ctx);
  }
}

function foreignKeyConstraint(call: Call, ctx: Context): ConstraintDefinition | undefined {
  const given = new Given(call, ['columns', 'refcolumns', 'name', 'onupdate', 'ondelete'], ctx);
  const columns = given.value('columns');
  const targets = given.value('refcolumns');
  const referred = (targets ? listOf(targets, ctx) : []).map((target) => targetOf(target, ctx));
  const [first] = referred;
  if (!columns || first?.references === undefined) return undefined;
  const name = given.text('name');
  return {
    kind: 'foreignKey', ...(name !== undefined && { name }), columns: columnNames(listOf(columns, ctx), ctx), references: first.references,
    referencedColumns: referred.flatMap(({ column }) => column ?? []), onDelete: actionOf(given.text('ondelete')), onUpdate: actionOf(given.text('onupdate')),
    match: given.text('match')?.toUpperCase() === 'FULL' ? 'full' : 'simple', notValid: given.flag('postgresql_not_valid') === true, enforced: true, location: call.location,
  };
}

function listOf(value: Value, ctx: Context): readonly Value[] {
  const known = ctx.read(value);
  return known.kind === 'list' ? known.items.map((item) => item.value) : [value];
}

/** Columns by name, or by the Column itself. */
export function columnNames(values: readonly Value[], ctx: Context): string[] {
  return values.flatMap((value) => columnName(value, ctx) ?? []);
}

function columnName(value: Value, ctx: Context): string | undefined {
  const text = textOf(value, ctx);
  if (text !== undefined) return text;
  const column = dataOf(value, 'column', ctx);
  if (column) return column.name;
  const expression = expressionData(value, ctx);
  return expression?.kind === 'column' ? expression.path.at(-1) : undefined;
}

/** `Index('ix', 'a', text('lower(b)'), unique=True, postgresql_where=...)`. */
function indexValue(call: Call, ctx: Context): Value {
  const [name, ...columns] = call.arguments.positional;
  const text = name && textOf(name, ctx);
  return make('index', { index: indexOf(text, columns, new Given(call, [], ctx), call.location) });
}

/** An index from its columns and options. */
export function indexOf(name: string | undefined, columns: readonly Value[], given: Given, location: Location): IndexDefinition {
  const { ctx } = given;
  const where = given.value('postgresql_where');
  const condition = where && given.has('postgresql_where') ? sqlExpression(where, ctx, location, 'sql') ?? hole('a condition', location) : undefined;
  const include = given.value('postgresql_include');
  return {
    ...(name !== undefined && { name }), unique: given.flag('unique') === true, keys: columns.map((column) => keyOf(column, ctx, location)),
    include: include ? textsOf(include, ctx) ?? [] : [], ...(condition && { where: condition }), method: given.text('postgresql_using')?.toLowerCase() ?? 'btree',
    nullsNotDistinct: given.flag('postgresql_nulls_not_distinct') === true, concurrently: given.flag('postgresql_concurrently') === true, location,
  };
}

function keyOf(value: Value, ctx: Context, location: Location): IndexKey {
  const name = columnName(value, ctx);
  if (name !== undefined) return { column: name };
  // `created_at DESC` is a column and its order.
  const expression = sqlExpression(value, ctx, location, 'sql') ?? orderedColumn(value, ctx, location) ?? hole('an expression', location);
  return expression.kind === 'column' ? { column: expression.path.at(-1)! } : { expression };
}

function hole(text: string, location: Location): Expression {
  return { kind: 'hole', text, location };
}

function orderedColumn(value: Value, ctx: Context, location: Location): Expression | undefined {
  const known = ctx.read(value);
  const text = known.kind === 'library' && known.type === 'text' ? textOf((known.data as { text: Value }).text, ctx) : undefined;
  const found = text === undefined ? null : /^\s*"?(\w+)"?\s+(?:asc|desc)(?:\s+nulls\s+(?:first|last))?\s*$/i.exec(text);
  return found ? { kind: 'column', path: [found[1]!], location } : undefined;
}
