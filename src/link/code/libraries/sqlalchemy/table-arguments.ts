import type { IndexDefinition } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import type { Value } from '../../values.js';
import type { ConstraintData } from './data.js';
import { dataOf } from './data.js';
import { itemsOf, textOf } from './given.js';

/** What `__table_args__` holds. */
export interface TableArguments {
  readonly schema?: string;
  readonly constraints: readonly ConstraintData[];
  readonly indexes: readonly IndexDefinition[];
}

/** `(UniqueConstraint(...), Index(...), {'schema': 'app'})`, or the dict alone. */
export function tableArguments(value: Value | undefined, ctx: Context): TableArguments {
  const known = value && ctx.read(value);
  if (!known) return { constraints: [], indexes: [] };
  const items = known.kind === 'object' ? [known] : itemsOf(known, ctx) ?? (known.kind === 'list' ? known.items.map((item) => item.value) : []);
  const schema = items.map((item) => schemaIn(item, ctx)).find((each) => each !== undefined);
  return {
    ...(schema !== undefined && { schema }),
    constraints: items.flatMap((item) => dataOf(item, 'constraint', ctx) ?? []),
    indexes: items.flatMap((item) => dataOf(item, 'index', ctx)?.index ?? []),
  };
}

function schemaIn(value: Value, ctx: Context): string | undefined {
  const known = ctx.read(value);
  const entry = known.kind === 'object' ? known.entries.find((each) => each.kind === 'property' && each.key === 'schema') : undefined;
  return entry && textOf(entry.value, ctx);
}
