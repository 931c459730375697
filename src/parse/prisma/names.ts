const LIMIT = 63;

function truncate(text: string, suffix: string): string {
  const limit = LIMIT - Buffer.byteLength(suffix);
  let result = text;
  // Prisma cuts at a character's boundary, counting bytes as PostgreSQL does.
  while (Buffer.byteLength(result) > limit) result = [...result].slice(0, -1).join('');
  return result + suffix;
}

/** Names that Prisma gives to constraints and indexes without `map` (Prisma manual, "Named constraints", default naming conventions). */
export const defaultName = {
  primaryKey: (table: string): string => truncate(table, '_pkey'),
  unique: (table: string, columns: readonly string[]): string => truncate([table, ...columns].join('_'), '_key'),
  index: (table: string, columns: readonly string[]): string => truncate([table, ...columns].join('_'), '_idx'),
  foreignKey: (table: string, columns: readonly string[]): string => truncate([table, ...columns].join('_'), '_fkey'),
};
