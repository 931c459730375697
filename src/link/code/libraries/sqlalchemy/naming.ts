import type { ConstraintDefinition, ForeignKeyDefinition } from '../../../../facts/schema.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import type { Value } from '../../values.js';
import { textOf } from './given.js';

/** How constraints without a name are named: `{'fk': 'fk_%(table_name)s_...'}`. Keys are `ix`, `uq`, `ck`, `fk`, `pk`. */
export type NamingConvention = ReadonlyMap<string, string>;

const KEYS: Readonly<Record<ConstraintDefinition['kind'], string>> = {
  primaryKey: 'pk', unique: 'uq', foreignKey: 'fk', check: 'ck', exclusion: 'ex', notNull: 'nn',
};

/** PostgreSQL keeps 63 bytes of a name. */
const LONGEST_NAME = 63;

/** The convention that a dict describes; what is not text is left out. */
export function namingOf(value: Value | undefined, ctx: Context): NamingConvention {
  const known = value && ctx.read(value);
  if (known?.kind !== 'object') return new Map();
  return new Map(known.entries.flatMap((entry) => {
    const text = entry.kind === 'property' ? textOf(entry.value, ctx) : undefined;
    return entry.kind === 'property' && text !== undefined ? [[entry.key, text] as const] : [];
  }));
}

/** The constraint with the name that the convention gives it; as it is when it has one already, or there is no convention for it. */
export function withName<T extends ConstraintDefinition>(constraint: T, table: QualifiedName, naming: NamingConvention, final = false): T {
  const pattern = naming.get(KEYS[constraint.kind]);
  if (pattern === undefined || final) return constraint;
  if (constraint.name !== undefined && !pattern.includes('%(constraint_name)s')) return constraint;
  if (constraint.name === undefined && pattern.includes('%(constraint_name)s')) return constraint;
  const name = expanded(pattern, {
    table, columns: 'columns' in constraint ? constraint.columns : [], ...(constraint.name !== undefined && { constraint: constraint.name }),
    ...(constraint.kind === 'foreignKey' && { references: constraint }),
  });
  return name === undefined ? constraint : { ...constraint, name };
}

/** The name of an index over plain columns (`ix_table_column` unless the convention says otherwise). */
export function indexName(table: QualifiedName, columns: readonly string[], naming: NamingConvention): string | undefined {
  return expanded(naming.get('ix') ?? 'ix_%(column_0_label)s', { table, columns });
}

interface Names {
  readonly table: QualifiedName;
  readonly columns: readonly string[];
  readonly constraint?: string;
  readonly references?: ForeignKeyDefinition;
}

function expanded(pattern: string, names: Names): string | undefined {
  let known = true;
  const text = pattern.replace(/%\((\w+)\)s/g, (_, token: string) => {
    const value = tokenOf(token, names);
    known &&= value !== undefined;
    return value ?? '';
  });
  return known && text.length <= LONGEST_NAME ? text : undefined;
}

/** @see SQLAlchemy manual, "Configuring a Naming Convention for a MetaData Collection" */
function tokenOf(token: string, { table, columns, constraint, references }: Names): string | undefined {
  if (token === 'table_name') return table.name;
  if (token === 'constraint_name') return constraint;
  if (token === 'referred_table_name') return references?.references.name;
  const found = /^(referred_)?column_(\d+)(_N|N)?(?:_(name|label|key))?$/.exec(token);
  if (!found) return undefined;
  const [, referred, index, all, form = 'key'] = found;
  const list = referred === undefined ? columns : references?.referencedColumns ?? [];
  if (list.length === 0) return undefined;
  const one = (column: string): string => (form === 'label' ? `${table.schema === undefined ? '' : `${table.schema}_`}${table.name}_${column}` : column);
  if (all !== undefined) return list.map(one).join(all === '_N' ? '_' : '');
  const column = list[Number(index)];
  return column === undefined ? undefined : one(column);
}
