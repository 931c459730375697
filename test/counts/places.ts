// A second opinion on what there is to be read, by nothing but patterns: no parser, no evaluator, nothing of the tool itself.

/** What a person would search for to find the queries of a program. */
const QUERIES: readonly RegExp[] = [
  // Prisma
  /\.\s*\w+\s*\.\s*(?:find(?:Many|First|Unique)(?:OrThrow)?|(?:create|update|delete)Many(?:AndReturn)?|upsert|aggregate|groupBy)\s*\(/, /\b(?:prisma|db|tx|client)\s*\.\s*\w+\s*\.\s*(?:create|update|delete|count)\s*\(/, /\$(?:query|execute)Raw(?:Unsafe)?\b/,
  // Drizzle
  /\b(?:db|tx|database)\s*\.\s*(?:select|selectDistinct|selectDistinctOn|insert|update|delete)\s*\(/, /\b(?:db|tx)\s*\.\s*(?:execute|all|get|run|values)\s*\(/, /\b(?:db|tx)\.\$count\(/,
  // Kysely, Knex, Supabase
  /\.\s*(?:selectFrom|insertInto|updateTable|deleteFrom|mergeInto)\s*\(/, /\b(?:db|trx|knex)\s*\(\s*['"`A-Z]/, /\b(?:db|knex|trx|sequelize)\s*\.\s*raw\s*\(/, /\bsupabase\w*\s*\.\s*(?:from|rpc)\s*\(/,
  // TypeORM, MikroORM, Sequelize
  /\b(?:this\.\w+|manager|\w*[rR]epository|\w*[rR]epo)\s*\.\s*(?:find\w*|save|remove|delete|softDelete|insert|createQueryBuilder)\s*\(/, /\bem\s*\.\s*(?:find\w*|persist\w*|removeAndFlush|native\w+|upsert\w*|count|createQueryBuilder)\s*\(/,
  /\b[A-Z]\w*\s*\.\s*(?:findAll|findOne|findByPk|findAndCountAll|findOrCreate|bulkCreate|destroy|scope)\s*\(/, /\bsequelize\s*\.\s*query\s*\(/,
  // Any client of PostgreSQL
  /\b(?:pool|client|pg|conn|connection|sql)\s*\.\s*(?:query|unsafe)\s*\(/, /\bsql`/,
  // SQLAlchemy, psycopg, Django
  /(?<![.\w])(?:select|insert|update|delete)\s*\(/, /\b(?:db|session)\s*\.\s*(?:add|add_all|get|merge|delete|query)\s*\(/, /\b(?:db|session|cur|cursor|conn|connection)\s*\.\s*(?:scalars?|execute|executemany)\s*\((?!\s*\w+\s*[,)])/, /\btext\(\s*(?:$|f?["']+\s*(?:$|select|with|insert|update|delete))/i, /\.objects\s*\.\s*\w+/, /\bget_(?:object|list)_or_404\s*\(/, /\bserializer\.save\s*\(/,
];

/** A place in a file that looks like a query. */
export interface Place { readonly line: number; readonly text: string }

const COMMENT = /^\s*(?:\/\/|\/?\*|#|--)|^\s*(?:import|from)\s/;

/** The lines of a program that look like queries. */
export function queryPlaces(text: string): Place[] {
  return text.split('\n').flatMap((own, index) => (!COMMENT.test(own) && QUERIES.some((pattern) => pattern.test(own)) ? [{ line: index + 1, text: own.trim() }] : []));
}

/** What says in a program, a migration or a schema that there is a table; the name stands in the group. */
const TABLES: readonly RegExp[] = [
  /\bcreate\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?(?:"?\w+"?\s*\.\s*)?"?(\w+)/gi, /\b(?:pg|sqlite)Table\(\s*['"](\w+)/g, /\b(?:op\.create_table|createTable)\(\s*['"`](\w+)/g, /\bnew\s+Table\(\{\s*name:\s*['"](\w+)/g, /\b__tablename__\s*=\s*["'](\w+)/g,
  /\b(?:sequelize\.define|@Entity|@Table)\(\s*(?:\{\s*(?:name|tableName):\s*)?['"](\w+)/g, /\bdb_table["']?\s*[:=]\s*["'](\w+)/g,
];

/** The names of the tables that a text makes. */
export function tablesOf(text: string): string[] {
  const plain = text.replace(/--.*|^\s*(?:\/\/|#).*$/gm, '');
  return TABLES.flatMap((pattern) => [...plain.matchAll(pattern)].map(([, name]) => name!));
}

/** Folders of migrations, as the tools name them. */
export const isMigration = (path: string): boolean => /(?:^|\/)(?:migrations|drizzle|versions)\/(?:[^/]+\/migration\.sql|[^/]*\d[^/]*\.(?:sql|[cm]?[jt]s|py))$/.test(path);
