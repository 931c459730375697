import type { Location } from '../../../../facts/location.js';
import type { ConstraintDefinition, IndexDefinition, IndexKey, PolicyDefinition } from '../../../../facts/schema.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { fieldsOf } from '../objects.js';
import { property } from '../sql-client.js';
import { columnName, dataOf, made, textOf, type ColumnData, type SqlData, type TableSource } from './data.js';
import { lowerCondition, lowerValue } from './expressions.js';
import { foreignKey } from './foreign-keys.js';
import { policiesOf } from './policies.js';

/** What the third argument of a table says. */
export interface Extras {
  readonly constraints: readonly ConstraintDefinition[];
  readonly indexes: readonly IndexDefinition[];
  readonly policies: readonly PolicyDefinition[];
}

/** `index('name').on(a, b)`, `unique().on(a)`, `primaryKey({ columns })`, `foreignKey({ ... })`, `check('name', sql)`. */
interface Constraint {
  readonly kind: 'index' | 'uniqueIndex' | 'unique' | 'primaryKey' | 'foreignKey' | 'check';
  readonly name?: string;
  readonly location: Location;
  readonly columns: readonly Value[];
  readonly config?: Value;
  readonly condition?: Value;
  readonly method?: string;
  readonly nullsNotDistinct?: boolean;
  readonly concurrently?: boolean;
  readonly options?: Readonly<Record<string, string>>;
}

const KINDS = new Set(['index', 'uniqueIndex', 'unique', 'primaryKey', 'foreignKey', 'check']);

/** A function that begins a constraint or an index; undefined for another. */
export function constraintCall(name: string, call: Call, ctx: Context): Value | undefined {
  if (!KINDS.has(name)) return undefined;
  const [first, second] = call.arguments.positional;
  const { location } = call;
  const given = first && ctx.read(first);
  const named = textOf(first, ctx);
  const data: Constraint = {
    kind: name as Constraint['kind'], location, columns: [], ...(named !== undefined && { name: named }),
    ...(name === 'check' && second && { condition: second }), ...(given?.kind === 'object' && { config: first! }),
    // Old form: primaryKey(table.a, table.b).
    ...(name === 'primaryKey' && given?.kind === 'library' && { columns: call.arguments.positional }),
  };
  return made('constraint', data);
}

/** A call that describes a constraint further. */
export function describeConstraint(value: LibraryValue, name: string, call: Call): LibraryValue {
  const data = value.data as Constraint;
  const args = call.arguments.positional;
  const [first] = args;
  switch (name) {
    case 'on': case 'onOnly': return made('constraint', { ...data, columns: args });
    case 'using': return made('constraint', { ...data, columns: args.slice(1), ...(first?.kind === 'constant' && { method: String(first.value) }) });
    case 'where': return made('constraint', { ...data, ...(first && { condition: first }) });
    case 'nullsNotDistinct': return made('constraint', { ...data, nullsNotDistinct: true });
    case 'concurrently': return made('constraint', { ...data, concurrently: true });
    case 'onDelete': case 'onUpdate': return made('constraint', { ...data, ...(first?.kind === 'constant' && { options: { ...data.options, [name]: String(first.value) } }) });
    default: return value;
  }
}

/** The constraints and indexes of a table, given as a list or an object by a function of its columns. */
export function extrasOf(extra: Value, table: TableSource, ctx: Context): Extras {
  const given = ctx.read(extra);
  const found = given.kind === 'function' ? ctx.read(ctx.invoke(given, [made('table', table)], table.model.location)) : given;
  const values = found.kind === 'list' ? found.items.map((item) => item.value) : found.kind === 'object' ? fieldsOf(found, ctx).given.map((each) => each.value) : [];
  const parts = values.flatMap((value) => dataOf<Constraint>(ctx.read(value), 'constraint') ?? []);
  return {
    constraints: parts.flatMap((part): readonly ConstraintDefinition[] => constraintOf(part, table, ctx)),
    indexes: parts.flatMap((part): readonly IndexDefinition[] => (part.kind === 'index' || part.kind === 'uniqueIndex' ? [indexOf(part, table, ctx)] : [])),
    policies: values.flatMap((value) => policiesOf(value, ctx)),
  };
}

function constraintOf(part: Constraint, table: TableSource, ctx: Context): readonly ConstraintDefinition[] {
  const { kind, location, config } = part;
  const object = config && ctx.read(config);
  const listed = (key: string): ColumnData[] => {
    const value = object?.kind === 'object' ? property(object.entries, key) : undefined;
    const list = value && ctx.read(value);
    return list?.kind === 'list' ? list.items.flatMap((item) => dataOf<ColumnData>(ctx.read(item.value), 'column') ?? []) : [];
  };
  const name = part.name ?? (object?.kind === 'object' ? textOf(property(object.entries, 'name'), ctx) : undefined);
  const base = { ...(name !== undefined && { name }), location };
  const own = [...part.columns.flatMap((value) => dataOf<ColumnData>(ctx.read(value), 'column') ?? []), ...listed('columns')].map((each) => columnName(each.info, ctx));
  switch (kind) {
    case 'primaryKey': return own.length === 0 ? [] : [{ kind, columns: own, ...base }];
    case 'unique': return own.length === 0 ? [] : [{ kind, columns: own, nullsNotDistinct: part.nullsNotDistinct === true, ...base, name: name ?? `${table.name.name}_${own.join('_')}_unique` }];
    case 'foreignKey': {
      const found = foreignKey(own, listed('foreignColumns'), table.name, optionsValue(part, ctx), location, ctx);
      return found ? [{ ...found, ...(name !== undefined && { name }) }] : [];
    }
    case 'check': return part.condition ? [{ kind, expression: lowerCondition(part.condition, location, ctx), notValid: false, ...base }] : [];
    default: return [];
  }
}

function optionsValue({ options, location }: Constraint, ctx: Context): Value | undefined {
  return options && ctx.allocate({
    kind: 'object', location, entries: Object.entries(options).map(([key, value]) => ({ kind: 'property', key, value: { kind: 'constant', value }, maybe: false, location })),
  });
}

function indexOf(part: Constraint, table: TableSource, ctx: Context): IndexDefinition {
  const keys = part.columns.map((value): IndexKey => {
    const inner = ctx.read(value);
    const column = dataOf<ColumnData>(inner, 'column');
    if (column) return { column: columnName(column.info, ctx) };
    return { expression: dataOf<SqlData>(inner, 'sql') ? lowerValue(inner, part.location, ctx) : { kind: 'other', name: 'expression', parts: [], location: part.location } };
  });
  const unique = part.kind === 'uniqueIndex';
  return {
    name: part.name ?? `${table.name.name}_${keys.map((key) => key.column ?? 'expression').join('_')}_index`, unique, keys, include: [],
    ...(part.condition && { where: lowerCondition(part.condition, part.location, ctx) }), method: part.method ?? 'btree', nullsNotDistinct: part.nullsNotDistinct === true,
    concurrently: part.concurrently === true, location: part.location,
  };
}
