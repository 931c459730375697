/** What a terminal obeys instead of showing it: control characters (C0, C1, DEL), line separators and bidirectional overrides. */
export const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** quote_ident: quoted only where needed. Keywords are quoted as well, which is harmless for reading the text. */
export function quoteIdentifier(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) && !reserved.has(name) ? name : `"${name.replace(/"/g, '""')}"`;
}

/** A table as SQL names it, for statements that people may copy: `orders`, `"Order"`, `billing."Order"`. */
export function sqlTable({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return schema === 'public' ? quoteIdentifier(name) : `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** A list of columns as SQL names them: `"tenantId", slug`. */
export function sqlColumns(...names: readonly string[]): string {
  return names.map(quoteIdentifier).join(', ');
}

const reserved = new Set((
  'all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create current_date current_role '
  + 'current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign from grant group '
  + 'having in initially intersect into lateral leading limit localtime localtimestamp not null offset on only or order placing primary '
  + 'references returning select session_user some symmetric system_user table then to trailing true union unique user using variadic when '
  + 'where window with authorization binary collation concurrently cross current_schema freeze full ilike inner is isnull join left like '
  + 'natural notnull outer overlaps right similar tablesample verbose between bigint bit boolean char character coalesce dec decimal exists '
  + 'extract float greatest grouping inout int integer interval least national nchar none normalize nullif numeric out overlay position '
  + 'precision real row setof smallint substring time timestamp treat trim values varchar xmlattributes xmlconcat'
).split(' '));
