import { describe, expect, test } from 'vitest';
import { queriesOf, renderedQueries } from './program.js';

const schema = `
datasource db {
  provider = "postgresql"
}
model Org {
  id       String    @id
  slug     String    @unique
  projects Project[]
}
model Project {
  id      String  @id
  orgId   String  @map("org_id")
  slug    String
  meta    Json?
  org     Org     @relation(fields: [orgId], references: [id])
  tasks   Task[]
  tags    Tag[]
  ownerId String?
  owner   User?   @relation(fields: [ownerId], references: [id])

  @@unique([orgId, slug])
  @@map("projects")
}
model Task {
  id        String   @id
  projectId String
  project   Project  @relation(fields: [projectId], references: [id])
  n         Int
}
model Tag {
  id       String    @id
  projects Project[]
}
model User {
  id       String    @id
  email    String    @unique
  projects Project[]
}
`;

const head = "import { PrismaClient, Prisma } from '@prisma/client';\nconst prisma = new PrismaClient();\n";

/** The queries of a function body; its parameters are orgId, id, ids and maybe. */
function lowered(code: string): string[] {
  const body = code.startsWith('import') ? code : `${head}export async function run(orgId: string, id: string, ids: string[], where: any, maybe?: string) {\n${code}\n}\n`;
  return renderedQueries({ 'schema.prisma': schema, 'src/case.ts': body });
}

describe('filters', () => {
  test.each<[string, string, string]>([
    ['values, null and operators', '{ orgId, ownerId: null, slug: { not: null, in: ["a", "b"] } }', "projects.org_id = :orgId AND projects.ownerId IS NULL AND projects.slug IS NOT NULL AND projects.slug IN ('a', 'b')"],
    ['a list from outside', '{ id: { in: ids }, orgId: { notIn: ids } }', 'projects.id = ANY (:ids) AND projects.org_id <> ALL (:ids)'],
    ['a value that may be undefined filters nothing then', '{ orgId: { equals: maybe } }', 'projects.org_id IS NOT DISTINCT FROM :maybe OR :maybe IS NULL'],
    ['undefined is dropped', '{ orgId: undefined, slug: id }', 'projects.slug = :id'],
    ['one of two values', '{ orgId: maybe ? orgId : undefined }', 'projects.org_id = :orgId OR :orgId IS NULL'],
    ['AND, OR and NOT', '{ AND: [{ orgId }, { slug: "a" }], OR: [{ id }, { slug: "b" }], NOT: { slug: "c" } }', "projects.org_id = :orgId AND projects.slug = 'a' AND (projects.id = :id OR projects.slug = 'b') AND NOT (projects.slug = 'c')"],
    ['a branch of OR that filters nothing', '{ OR: [{ orgId }, {}] }', 'projects.org_id = :orgId OR TRUE'],
    ['search says nothing of equality', '{ slug: { contains: id, mode: "insensitive" } }', 'contains(projects.slug)'],
    ['relation to one', '{ org: { slug: id } }', 'EXISTS (SELECT 1 FROM Org WHERE Org.id = projects.org_id AND Org.slug = :id)'],
    ['is, isNot and null', '{ org: { is: { slug: id } }, owner: null }', 'EXISTS (SELECT 1 FROM Org WHERE Org.id = projects.org_id AND Org.slug = :id) AND projects.ownerId IS NULL'],
    ['some, none, every', '{ tasks: { some: { n: 1 }, none: { n: 2 }, every: { n: 3 } } }',
      'EXISTS (SELECT 1 FROM Task WHERE Task.projectId = projects.id AND Task.n = 1) AND NOT (EXISTS (SELECT 1 FROM Task Task_2 WHERE Task_2.projectId = projects.id AND Task_2.n = 2)) AND NOT (EXISTS (SELECT 1 FROM Task Task_3 WHERE Task_3.projectId = projects.id AND NOT (Task_3.n = 3)))'],
    ['many-to-many', '{ tags: { some: { id } } }', 'EXISTS (SELECT 1 FROM _ProjectToTag JOIN Tag ON Tag.id = _ProjectToTag.B WHERE _ProjectToTag.A = projects.id AND Tag.id = :id)'],
    ['compound selector', '{ orgId_slug: { orgId, slug: maybe } }', 'projects.org_id = :orgId AND projects.slug = :maybe'],
    ['a part that is spread on some paths', '{ slug: "a", ...(maybe && { orgId }) }', "projects.slug = 'a' AND (projects.org_id = :orgId OR :orgId IS NULL)"],
    ['something unknown spread before', '{ ...where, orgId }', 'projects.org_id = :orgId AND <a filter that is not known is spread in>'],
    ['something unknown spread behind', '{ orgId, ...where }', '(projects.org_id = :orgId OR <orgId may be overridden>) AND <a filter that is not known is spread in>'],
    ['a name that is no field', '{ nope: 1 }', '<nope: not a field of Project>'],
  ])('%s', (_, where, expected) => {
    const selector = where.includes('orgId_slug') ? 'findUnique' : 'findMany';
    const [query] = lowered(`await prisma.project.${selector}({ where: ${where} });`);
    expect(query).toBe(`SELECT projects.* FROM projects WHERE ${expected}`);
  });

  test('the only key of findUnique is never left out', () => {
    expect(lowered('await prisma.project.findUnique({ where: { id: maybe } });')).toEqual(['SELECT projects.* FROM projects WHERE projects.id = :maybe']);
  });

  test('where put together step by step', () => {
    expect(lowered('const where: Prisma.ProjectWhereInput = { orgId };\nif (maybe) where.slug = maybe;\nawait prisma.project.count({ where });'))
      .toEqual(['SELECT count(*) FROM projects WHERE projects.org_id = :orgId AND (projects.slug IS NOT DISTINCT FROM :maybe OR :maybe IS NULL OR :slug IS NULL)']);
  });

  test('an unknown where is a hole, arguments that are not known too', () => {
    expect(lowered('await prisma.project.findMany({ where });')).toEqual(['SELECT projects.* FROM projects WHERE <a filter that is not known>']);
    expect(lowered('await prisma.project.findMany(where);')).toEqual(['SELECT projects.* FROM projects WHERE <a filter that is not known> LIMIT 1']);
    expect(lowered('await prisma.project.findMany();')).toEqual(['SELECT projects.* FROM projects']);
  });
});

describe('reading', () => {
  test('relations to one are joined, relations to many are sub-selects of the row', () => {
    expect(lowered('await prisma.project.findMany({ where: { orgId }, include: { org: true, owner: true, tasks: { where: { n: 1 }, select: { project: true } }, tags: true, _count: { select: { tasks: true } } } });')).toEqual([
      'SELECT ARRAY (SELECT 1 FROM Task JOIN projects projects_2 ON projects_2.id = Task.projectId WHERE Task.projectId = projects.id AND Task.n = 1) AS tasks, '
      + 'ARRAY (SELECT 1 FROM _ProjectToTag JOIN Tag ON Tag.id = _ProjectToTag.B WHERE _ProjectToTag.A = projects.id) AS tags, (SELECT count(*) FROM Task Task_2 WHERE Task_2.projectId = projects.id) AS _count_tasks '
      + 'FROM projects JOIN Org ON Org.id = projects.org_id LEFT JOIN User ON User.id = projects.ownerId WHERE projects.org_id = :orgId',
    ]);
  });

  test('findFirst takes one of several rows, findUnique the only one', () => {
    const code = 'const a = await prisma.project.findFirst({ where: { orgId } });\nif (!a) return;\nconst b = await prisma.project.findFirst({ where: { id, orgId } });\nif (!b) return;\n'
      + 'await prisma.task.findMany({ where: { projectId: { in: [a.id, b.id] } } });';
    expect(lowered(code)[2]).toBe('SELECT Task.* FROM Task WHERE Task.projectId IN ((SELECT projects.id FROM projects WHERE projects.org_id = :orgId LIMIT 1), (SELECT projects.id FROM projects WHERE projects.id = :id AND projects.org_id = :orgId))');
  });

  test('fields of related rows come from joins, else from the key or a table beside', () => {
    const code = 'const t = await prisma.task.findFirstOrThrow({ where: { id }, include: { project: true } });\nawait prisma.org.findMany({ where: { id: t.project.orgId, slug: { not: t.project.org.slug } } });';
    expect(lowered(code)[1]).toBe('SELECT Org.* FROM Org WHERE Org.id = (SELECT projects.org_id FROM Task JOIN projects ON projects.id = Task.projectId WHERE Task.id = :id) '
      + 'AND NOT (Org.slug = (SELECT Org.slug FROM Task JOIN projects ON projects.id = Task.projectId, Org WHERE Task.id = :id AND Org.id = projects.org_id))');
  });

  test('the column of several rows', () => {
    expect(lowered('const rows = await prisma.project.findMany({ where: { orgId } });\nawait prisma.task.findMany({ where: { projectId: { in: rows.map((row) => row.id) } } });')[1])
      .toMatch(/^SELECT Task\.\* FROM Task WHERE Task\.projectId (= ANY \(ARRAY|IN|ANY|= ANY) ?\(SELECT projects\.id FROM projects WHERE projects\.org_id = :orgId\)+$/);
  });

  test('groupBy and aggregate', () => {
    expect(lowered('await prisma.project.groupBy({ by: ["orgId"], where: { orgId } });\nawait prisma.task.aggregate({ _sum: { n: true }, where: { projectId: id } });')).toEqual([
      'SELECT projects.org_id, count(*) FROM projects WHERE projects.org_id = :orgId GROUP BY projects.org_id', 'SELECT count(*) FROM Task WHERE Task.projectId = :id']);
  });
});

describe('writing', () => {
  test.each<[string, string, string[]]>([
    ['connect gives the key', 'await prisma.task.create({ data: { n: 1, project: { connect: { id } } } });', ['INSERT INTO Task (n, projectId) VALUES (1, :id)']],
    ['connect by another key reads it', 'await prisma.task.create({ data: { n: 1, project: { connect: { id, orgId } } } });',
      ['INSERT INTO Task (n, projectId) VALUES (1, (SELECT projects.id FROM projects WHERE projects.id = :id AND projects.org_id = :orgId))']],
    ['rows that hang on the row', 'await prisma.project.create({ data: { orgId, slug: "a", tasks: { create: [{ n: 1 }] }, tags: { connect: { id } } } });', [
      "WITH new_projects AS (INSERT INTO projects (org_id, slug) VALUES (:orgId, 'a') RETURNING *), nested AS (INSERT INTO Task (n, projectId) SELECT 1, new_projects.id FROM new_projects), "
      + 'nested_2 AS (INSERT INTO _ProjectToTag (A, B) SELECT new_projects.id, Tag.id FROM new_projects, Tag WHERE Tag.id = :id) SELECT * FROM new_projects']],
    ['the row it hangs on', 'await prisma.task.create({ data: { n: 1, project: { create: { slug: "a", orgId } } } });', [
      "WITH new_projects AS (INSERT INTO projects (slug, org_id) VALUES ('a', :orgId) RETURNING *) INSERT INTO Task (n, projectId) VALUES (1, (SELECT new_projects.id FROM new_projects))"]],
    ['rows that differ', 'await prisma.project.createMany({ data: [{ orgId, slug: "a" }, { slug: "b" }] });', ["INSERT INTO projects (org_id, slug) VALUES (:orgId, 'a'), (default(), 'b')"]],
    ['a column on some paths', 'await prisma.project.create({ data: { ...(maybe && { orgId }), slug: "a" } });', ["INSERT INTO projects (org_id, slug) VALUES (:orgId, 'a'), (default(), 'a')"]],
    ['data that is not known', 'await prisma.project.create({ data: { ...where, orgId } });', ['INSERT INTO projects (org_id, ...unknown) VALUES (:orgId)']],
    ['data that may override', 'await prisma.project.create({ data: { orgId, ...where } });', ['INSERT INTO projects (...unknown) VALUES ()']],
    ['a row that is copied', 'const row = await prisma.project.findFirstOrThrow({ where: { id, orgId } }); const { id: own, meta, ownerId, ...rest } = row; await prisma.project.create({ data: { ...rest, slug: "b" } });', [
      'SELECT projects.* FROM projects WHERE projects.id = :id AND projects.org_id = :orgId',
      "INSERT INTO projects (org_id, slug) VALUES ((SELECT projects.org_id FROM projects WHERE projects.id = :id AND projects.org_id = :orgId), 'b')"]],
    ['set, increment and JSON', 'await prisma.task.updateMany({ where: { projectId: id }, data: { n: { increment: 1 } } });\nawait prisma.project.update({ where: { id }, data: { slug: { set: "a" }, meta: { a: 1 } } });', [
      'UPDATE Task SET n ~= change() WHERE Task.projectId = :id', "UPDATE projects SET slug = 'a', meta = json() WHERE projects.id = :id"]],
    ['nested writes of an update are queries of their own', 'await prisma.project.update({ where: { id, orgId }, data: { owner: { disconnect: true }, tasks: { update: { where: { id: maybe }, data: { n: 2 } }, deleteMany: {} }, tags: { set: [{ id }] } } });', [
      'UPDATE projects SET ownerId = NULL WHERE projects.id = :id AND projects.org_id = :orgId',
      'UPDATE Task SET n = 2 FROM projects WHERE Task.projectId = projects.id AND projects.id = :id AND projects.org_id = :orgId AND (Task.id IS NOT DISTINCT FROM :maybe OR :maybe IS NULL)',
      'DELETE FROM Task Task_2 USING projects WHERE Task_2.projectId = projects.id AND projects.id = :id AND projects.org_id = :orgId',
      'DELETE FROM _ProjectToTag USING projects, Tag WHERE Tag.id = _ProjectToTag.B AND _ProjectToTag.A = projects.id AND projects.id = :id AND projects.org_id = :orgId',
      'INSERT INTO _ProjectToTag (A, B) SELECT projects.id, Tag.id FROM projects, Tag WHERE projects.id = :id AND projects.org_id = :orgId AND Tag.id = :id']],
    ['upsert', 'await prisma.project.upsert({ where: { orgId_slug: { orgId, slug: id } }, create: { orgId, slug: id }, update: { slug: "b" } });', [
      "INSERT INTO projects (org_id, slug) VALUES (:orgId, :id) ON CONFLICT (org_id, slug) DO UPDATE SET slug = 'b' WHERE projects.org_id = :orgId AND projects.slug = :id"]],
    ['delete', 'await prisma.project.delete({ where: { id } });\nawait prisma.task.deleteMany({});', ['DELETE FROM projects WHERE projects.id = :id', 'DELETE FROM Task']],
  ])('%s', (_, code, expected) => {
    expect(lowered(code)).toEqual(expected);
  });

  test('what was written is known of the row', () => {
    expect(lowered('const p = await prisma.project.create({ data: { orgId, slug: "a" } });\nawait prisma.task.findMany({ where: { projectId: p.id, project: { orgId: p.orgId } } });')[1]).toBe(
      "SELECT Task.* FROM Task WHERE Task.projectId = (SELECT projects.id FROM projects WHERE projects.org_id = :orgId AND projects.slug = 'a') AND EXISTS (SELECT 1 FROM projects WHERE projects.id = Task.projectId AND projects.org_id = :orgId)");
  });
});

describe('clients', () => {
  test.each<[string, string]>([
    ['transactions', `${head}export const run = (id: string) => prisma.$transaction(async (tx) => tx.org.count({ where: { id } }));`],
    ['a list of queries', `${head}export const run = (id: string) => prisma.$transaction([prisma.org.count({ where: { id } })]);`],
    ['a parameter of the type', "import type { Prisma } from '@prisma/client';\nexport const run = (tx: Prisma.TransactionClient, id: string) => tx.org.count({ where: { id } });"],
    ['a type that leaves parts out', "import { PrismaClient } from '@prisma/client';\nexport const run = (tx: Omit<PrismaClient, '$extends'>, id: string) => tx.org.count({ where: { id } });"],
    ['a client generated into a folder', "import { PrismaClient } from '../generated/client';\nconst db = new PrismaClient();\nexport const run = (id: string) => db.org.count({ where: { id } });"],
    ['a global', "import { PrismaClient } from '@prisma/client';\nconst g = globalThis as unknown as { prisma?: PrismaClient };\nexport const db = g.prisma ?? new PrismaClient();\nexport const run = (id: string) => db.org.count({ where: { id } });"],
    ['a service of NestJS', "import { PrismaClient } from '@prisma/client';\nclass PrismaService extends PrismaClient {}\nexport class Orgs {\n constructor(private readonly prisma: PrismaService) {}\n run(id: string) { return this.prisma.org.count({ where: { id } }); }\n}"],
    ['a delegate taken out', `${head}const { org } = prisma;\nexport const run = (id: string) => org.count({ where: { id } });`],
    ['an extension that adds a method', `${head}const db = prisma.$extends({ model: { $allModels: { exists(where) { return this.count({ where }); } } } });\nexport const run = (id: string) => db.org.exists({ id });`],
    ['an extension that adds a filter', "import { PrismaClient } from '@prisma/client';\nconst prisma = new PrismaClient();\nconst scoped = (id: string) => prisma.$extends({ query: { $allModels: { async $allOperations({ args, query }) { args.where = { ...args.where, id }; return query(args); } } } });\nexport const run = (id: string) => scoped(id).org.count();"],
  ])('%s', (_, code) => {
    expect(lowered(code)).toEqual(['SELECT count(*) FROM Org WHERE Org.id = :id']);
  });

  test('the schema nearest to the client is meant', () => {
    const model = (table: string) => `datasource db {\n provider = "postgresql"\n}\nmodel User {\n id String @id\n @@map("${table}")\n}\n`;
    const code = "import { PrismaClient } from '@prisma/client';\nconst db = new PrismaClient();\nexport const run = () => db.user.findMany();";
    expect(renderedQueries({ 'a/prisma/schema.prisma': model('a_users'), 'b/prisma/schema.prisma': model('b_users'), 'b/src/x.ts': code })).toEqual(['SELECT b_users.* FROM b_users']);
  });

  test('models and operations that are not known are counted', () => {
    expect(lowered('await prisma.nope.findMany();')).toEqual(['?? no Prisma schema has a model for "nope"']);
  });
});

describe('raw SQL', () => {
  test('tags, Prisma.sql, join, empty and text with values', () => {
    expect(lowered([
      'await prisma.$queryRaw`select * from projects where org_id = ${orgId} ${maybe ? Prisma.sql`and slug = ${maybe}` : Prisma.empty}`;',
      'await prisma.$queryRaw(Prisma.sql`select * from projects where id in (${Prisma.join(ids)})`);',
      "await prisma.$executeRawUnsafe('delete from projects where org_id = $1', orgId);",
    ].join('\n'))).toEqual([
      'SELECT * FROM projects WHERE org_id = :orgId AND slug = :maybe', 'SELECT * FROM projects WHERE org_id = :orgId', 'SELECT * FROM projects WHERE id IN (:ids)', 'DELETE FROM projects WHERE org_id = :orgId']);
  });
});

test('a query stands where its expression begins', () => {
  const code = `${head}export const run = async () => { const a = await prisma.org.findMany(); };\n`;
  const [query] = queriesOf({ 'schema.prisma': schema, 'src/case.ts': code });
  expect(code.slice(query!.location.start, query!.location.end)).toBe('prisma.org.findMany()');
});
