import type { Table } from './types.js';

/** The sets of plain columns that are unique among all rows. Of a table that nothing creates, `id` is taken for the key. */
export function uniqueSets(table: Table): readonly (readonly string[])[] {
  const key = table.primaryKey?.columns ?? (table.assumed ? ['id'] : undefined);
  return [
    ...(key ? [key] : []),
    ...table.uniques.map((unique) => unique.columns),
    ...table.indexes.filter((index) => index.unique && !index.where && index.keys.every((key) => key.column !== undefined))
      .map((index) => index.keys.map((key) => key.column!)),
  ];
}
