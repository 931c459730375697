import type { Location } from '../../../../facts/location.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { ForeignKeyDefinition, ReferentialAction } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import type { Value } from '../../values.js';
import { referentialAction } from '../column-text.js';
import { alternatives } from '../objects.js';
import { property } from '../sql-client.js';
import { columnName, dataOf, textOf, type ColumnData } from './data.js';

/** `.references(() => other.id, { onDelete, name })`. */
export function foreignKeyOf(
  { target, options, location }: { readonly target: Value; readonly options?: Value; readonly location: Location }, column: string, table: QualifiedName, ctx: Context,
): ForeignKeyDefinition | undefined {
  const given = ctx.read(target);
  const found = given.kind === 'function' ? ctx.apart(() => ctx.invoke(given, [], location)) : given;
  const other = alternatives(found, ctx).map((option) => dataOf<ColumnData>(option, 'column')).find((each) => each !== undefined);
  return other && foreignKey([column], [other], table, options, location, ctx);
}

/** A foreign key to columns of one table. */
export function foreignKey(
  columns: readonly string[], others: readonly ColumnData[], table: QualifiedName, options: Value | undefined, location: Location, ctx: Context,
): ForeignKeyDefinition | undefined {
  const [first] = others;
  if (first?.source?.kind !== 'table' || columns.length !== others.length) return undefined;
  const referenced = others.map((each) => columnName(each.info, ctx));
  const { name: target } = first.source;
  const given = options && ctx.read(options);
  const option = (key: string): string | undefined => (given?.kind === 'object' ? textOf(property(given.entries, key), ctx) : undefined);
  const action = (key: string): ReferentialAction => referentialAction(option(key));
  return {
    kind: 'foreignKey', name: option('name') ?? `${table.name}_${columns.join('_')}_${target.name}_${referenced.join('_')}_fk`, columns, references: target,
    referencedColumns: referenced, onDelete: action('onDelete'), onUpdate: action('onUpdate'), match: 'simple', notValid: false, enforced: true, location,
  };
}
