import type { CodeCall, CodeExpression, CodeModule, LikelyQuery } from '../facts/code.js';

/** What a single connection is called. */
const OF_ONE = /client|conn|^(?:tx|trx|t|c)$/i;
const OF_CURSOR = /cur(?:sor)?$|^c$/i;

/** The last name of what is called: `db.query`, `sql<Row>`. */
export function nameOf(callee: CodeExpression): string | undefined {
  return callee.kind === 'name' ? callee.name : callee.kind === 'member' ? callee.property : undefined;
}

/** `client` of a query that is asked of `value`, where a name or a member stands for the client, or what a call without arguments gives. */
export function clientAt(client: CodeExpression, { location }: CodeExpression, module: string, name: string, members?: readonly string[]): Pick<LikelyQuery, 'client'> {
  return isPlain(client) ? { client: { location, module, name, ...(members && { members }) } } : {};
}

function isPlain(node: CodeExpression): boolean {
  switch (node.kind) {
    case 'name': case 'this': return true;
    case 'member': return isPlain(node.object);
    case 'await': return isPlain(node.operand);
    case 'call': return node.arguments.length === 0 && !node.isNew && isPlain(node.callee);
    default: return false;
  }
}

/** A text of SQL in a module. */
interface SqlGiven {
  readonly text: string;
  readonly language: CodeModule['language'];
  /** Whether the module takes rows out of results, by name. */
  readonly hasResults: boolean;
}

/** Of what SQL is given to: `db.query('select ...')`, `query('select ...')`, `cursor.execute("select ...")`. */
export function sqlClientAt({ callee }: CodeCall, given: SqlGiven): Pick<LikelyQuery, 'client'> {
  const [module, name] = (given.language === 'python' ? pythonClient : scriptClient)(callee, given) ?? [];
  if (callee.kind === 'name') return module === undefined || !/^query$|Query$/.test(callee.name) ? {} : clientAt(callee, callee, module, name!, ['query']);
  return callee.kind !== 'member' || module === undefined ? {} : clientAt(callee.object, callee.object, module, name!);
}

/** TypeORM's `query` gives the rows themselves, as pg-promise's does and most that projects write for themselves. */
function scriptClient(callee: CodeExpression, { hasResults }: SqlGiven): readonly [string, string] | undefined {
  const method = nameOf(callee) ?? '';
  switch (callee.kind === 'name' ? 'query' : method) {
    case 'query': return !hasResults ? ['pg-promise', 'IDatabase'] : OF_ONE.test(nameOf(callee.kind === 'member' ? callee.object : callee) ?? '') ? ['pg', 'PoolClient'] : ['pg', 'Pool'];
    case 'one': case 'oneOrNone': case 'none': case 'any': case 'many': case 'manyOrNone': return ['pg-promise', 'IDatabase'];
    case 'unsafe': return ['postgres', 'Sql'];
    case 'raw': return ['knex', 'Knex'];
    case 'execute': return ['drizzle-orm/node-postgres', 'NodePgDatabase'];
    case '$queryRawUnsafe': case '$executeRawUnsafe': return ['@prisma/client', 'PrismaClient'];
    default: return undefined;
  }
}

function pythonClient(callee: CodeExpression, { text }: SqlGiven): readonly [string, string] | undefined {
  if (callee.kind !== 'member') return undefined;
  const object = nameOf(callee.object) ?? '';
  switch (callee.property) {
    case 'execute': case 'executemany': return OF_CURSOR.test(object) ? ['psycopg', 'Cursor'] : /\$\d/.test(text) ? ['asyncpg', 'Connection'] : ['psycopg', 'Connection'];
    case 'fetch': case 'fetchrow': case 'fetchval': return ['asyncpg', 'Connection'];
    default: return undefined;
  }
}

/** Of a tag: db.sql`select ...`, prisma.$queryRaw`select ...`. */
export function tagClientAt(tag: CodeExpression): Pick<LikelyQuery, 'client'> {
  const name = nameOf(tag) ?? '';
  if (tag.kind === 'member' && /^\$(?:query|execute)Raw$/.test(name)) return clientAt(tag.object, tag, '@prisma/client', 'PrismaClient', [name]);
  return name === 'sql' ? clientAt(tag, tag, 'postgres', 'Sql') : {};
}
