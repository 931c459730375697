import { describe, expect, test } from 'vitest';
import { defaultConfig } from '../../../src/config/load.js';
import { CodeProgram } from '../../../src/link/code/program.js';
import { parseTypeScript } from '../../../src/parse/typescript/index.js';
import { queriesOf, renderedQueries } from './program.js';

const schema = `
import { pgTable, text, uuid, integer, timestamp, boolean, uniqueIndex, index, unique, primaryKey, foreignKey, pgEnum, check, jsonb, varchar, serial, pgSchema, pgTableCreator, pgView, type AnyPgColumn } from 'drizzle-orm/pg-core';
import { relations, sql, eq } from 'drizzle-orm';
const timestamps = { createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(), updatedAt: timestamp('updated_at').$onUpdate(() => new Date()) };
export const role = pgEnum('role', ['admin', 'member']);
export const orgs = pgTable('orgs', { id: uuid('id').primaryKey().defaultRandom(), slug: text('slug').notNull().unique() });
export const users = pgTable('users', { id: uuid().primaryKey(), email: text().notNull().unique('users_email'), managerId: uuid('manager_id').references((): AnyPgColumn => users.id) });
export const members = pgTable('members', { orgId: uuid('org_id').notNull().references(() => orgs.id, { onDelete: 'cascade' }), userId: uuid('user_id').notNull().references(() => users.id), role: role('role').default('member').notNull() }, (t) => [primaryKey({ columns: [t.orgId, t.userId] })]);
export const projects = pgTable('projects', {
  id: uuid('id').primaryKey().default(sql\`gen_random_uuid()\`),
  orgId: uuid('org_id').notNull().references(() => orgs.id),
  slug: varchar('slug', { length: 80 }).notNull(),
  ownerId: uuid('owner_id').references(() => users.id, { onDelete: 'set null' }),
  meta: jsonb('meta').$type<{ a: string }>().default({}),
  tags: text('tags').array(),
  n: integer('n').generatedAlwaysAsIdentity(),
  ...timestamps,
}, (t) => ({ slugIdx: uniqueIndex('projects_org_slug').on(t.orgId, t.slug), live: index('projects_live').on(t.slug.asc()).where(sql\`\${t.n} > 0\`), ck: check('n_positive', sql\`\${t.n} > 0\`) }));
export const tasks = pgTable('tasks', { id: serial('id').primaryKey(), projectId: uuid('project_id').notNull().references(() => projects.id), title: text('title'), orgId: uuid('org_id') }, (t) => [unique().on(t.projectId, t.title), foreignKey({ columns: [t.orgId], foreignColumns: [orgs.id], name: 'tasks_org' }).onDelete('cascade')]);
export const auth = pgSchema('auth');
export const sessions = auth.table('sessions', { id: text('id').primaryKey(), userId: uuid('user_id') });
const table = pgTableCreator((name) => \`app_\${name}\`);
export const posts = table('posts', (t) => ({ id: t.integer().primaryKey(), body: t.text() }));
export const live = pgView('live_projects').as((qb) => qb.select({ id: projects.id, org: projects.orgId }).from(projects).where(eq(projects.slug, 'x')));
export const projectsRelations = relations(projects, ({ one, many }) => ({ org: one(orgs, { fields: [projects.orgId], references: [orgs.id] }), tasks: many(tasks), owner: one(users, { fields: [projects.ownerId], references: [users.id] }) }));
export const tasksRelations = relations(tasks, ({ one }) => ({ project: one(projects, { fields: [tasks.projectId], references: [projects.id] }) }));
export const usersRelations = relations(users, ({ one, many }) => ({ memberships: many(members), manager: one(users, { fields: [users.managerId], references: [users.id] }) }));
export const membersRelations = relations(members, ({ one }) => ({ user: one(users, { fields: [members.userId], references: [users.id] }), org: one(orgs, { fields: [members.orgId], references: [orgs.id] }) }));
`;

const head = `import { drizzle } from 'drizzle-orm/node-postgres';
import { eq, and, or, inArray, sql, count, exists, isNull, ne, not, desc, getTableColumns, union } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import * as schema from './schema';
const { orgs, users, members, projects, tasks, sessions, posts } = schema;
const db = drizzle(process.env.DATABASE_URL!, { schema });
`;

/** The queries of a function body; its parameters are orgId, id, ids, where and maybe. */
function lowered(code: string): string[] {
  return renderedQueries({ 'src/schema.ts': schema, 'src/case.ts': `${head}export async function run(orgId: string, id: string, ids: string[], where: any, maybe?: string) {\n${code}\n}\n` });
}

describe('queries', () => {
  test.each<[string, string, string[]]>([
  ['one row by its key and tenant', `await db.select().from(projects).where(and(eq(projects.id, id), eq(projects.orgId, orgId))).limit(1);`, [
    `SELECT projects.* FROM projects WHERE projects.id = :id AND projects.org_id = :orgId LIMIT 1`,
  ]],
  ['a row found before', `const [p] = await db.select({ id: projects.id, o: projects.orgId }).from(projects).where(eq(projects.slug, id)); if (!p) throw new Error(); await db.select().from(tasks).where(eq(tasks.projectId, p.id));`, [
    `SELECT projects.id, projects.org_id FROM projects WHERE projects.slug = :id`,
    `SELECT tasks.* FROM tasks WHERE tasks.project_id = (SELECT projects.id FROM projects WHERE projects.slug = :id)`,
  ]],
  ['a second where replaces the first', `await db.select().from(projects).where(eq(projects.orgId, orgId)).where(eq(projects.id, id));`, [
    `SELECT projects.* FROM projects WHERE projects.id = :id`,
  ]],
  ['and() leaves out undefined', `await db.select().from(projects).where(and(eq(projects.id, id), maybe ? eq(projects.orgId, maybe) : undefined));`, [
    `SELECT projects.* FROM projects WHERE projects.id = :id AND (projects.org_id = :maybe OR :and IS NULL)`,
  ]],
  ['&& loses an operand', `await db.select().from(projects).where(eq(projects.id, id) && eq(projects.orgId, orgId));`, [
    `SELECT projects.* FROM projects WHERE projects.id = :id OR projects.org_id = :orgId`,
  ]],
  ['where on some paths', `let q = db.select().from(projects).$dynamic(); if (maybe) q = q.where(eq(projects.orgId, maybe)); return await q;`, [
    `SELECT projects.* FROM projects WHERE projects.org_id = :maybe OR :where IS NULL`,
  ]],
  ['conditions pushed to a list', `const conds = [eq(projects.orgId, orgId)]; if (maybe) conds.push(eq(projects.slug, maybe)); for (const x of ids) conds.push(ne(projects.slug, x)); await db.select().from(projects).where(and(...conds));`, [
    `SELECT projects.* FROM projects WHERE projects.org_id = :orgId AND (projects.slug = :maybe OR :and IS NULL) AND (projects.slug <> :ids[] OR :and IS NULL)`,
  ]],
  ['joins', `await db.select().from(projects).leftJoin(orgs, eq(orgs.id, projects.orgId)).innerJoin(members, eq(members.orgId, orgs.id)).where(eq(members.userId, id)).orderBy(desc(projects.createdAt));`, [
    `SELECT projects.*, orgs.*, members.* FROM projects LEFT JOIN orgs ON orgs.id = projects.org_id JOIN members ON members.org_id = orgs.id WHERE members.user_id = :id`,
  ]],
  ['ids of joined rows', `const rows = await db.select().from(projects).innerJoin(orgs, eq(orgs.id, projects.orgId)).where(eq(orgs.id, orgId)); await db.delete(tasks).where(inArray(tasks.projectId, rows.map((r) => r.projects.id)));`, [
    `SELECT projects.*, orgs.* FROM projects JOIN orgs ON orgs.id = projects.org_id WHERE orgs.id = :orgId`,
    `DELETE FROM tasks WHERE tasks.project_id = ANY (ARRAY (SELECT projects.id FROM projects JOIN orgs ON orgs.id = projects.org_id WHERE orgs.id = :orgId))`,
  ]],
  ['WITH', `const sq = db.$with('sq').as(db.select({ pid: projects.id }).from(projects).where(eq(projects.orgId, orgId))); await db.with(sq).select().from(sq).innerJoin(tasks, eq(tasks.projectId, sq.pid));`, [
    `WITH sq AS (SELECT projects.id AS pid FROM projects WHERE projects.org_id = :orgId) SELECT sq.pid, tasks.* FROM sq JOIN tasks ON tasks.project_id = sq.pid`,
  ]],
  ['a sub-query with a name', `const sub = db.select().from(projects).where(eq(projects.orgId, orgId)).as('sub'); await db.select({ n: count() }).from(sub).where(eq(sub.slug, id));`, [
    `SELECT count(*) FROM (SELECT projects.id AS id, projects.org_id AS orgId, projects.slug AS slug, projects.owner_id AS ownerId, projects.meta AS meta, projects.tags AS tags, projects.n AS n, projects.created_at AS createdAt, projects.updated_at AS updatedAt FROM projects WHERE projects.org_id = :orgId) sub WHERE sub.slug = :id`,
  ]],
  ['inArray of a query', `await db.select().from(tasks).where(inArray(tasks.projectId, db.select({ id: projects.id }).from(projects).where(eq(projects.orgId, orgId))));`, [
    `SELECT tasks.* FROM tasks WHERE tasks.project_id = ANY (SELECT projects.id AS id FROM projects WHERE projects.org_id = :orgId)`,
  ]],
  ['exists', `await db.select().from(tasks).where(exists(db.select().from(projects).where(and(eq(projects.id, tasks.projectId), eq(projects.orgId, orgId)))));`, [
    `SELECT tasks.* FROM tasks WHERE EXISTS (SELECT projects.id AS id, projects.org_id AS orgId, projects.slug AS slug, projects.owner_id AS ownerId, projects.meta AS meta, projects.tags AS tags, projects.n AS n, projects.created_at AS createdAt, projects.updated_at AS updatedAt FROM projects WHERE projects.id = tasks.project_id AND projects.org_id = :orgId)`,
  ]],
  ['insert', `await db.insert(projects).values({ orgId, slug: id, ownerId: maybe }).returning();`, [
    `INSERT INTO projects (org_id, slug, owner_id) VALUES (:orgId, :id, :maybe) RETURNING projects.*`,
  ]],
  ['upsert', 'await db.insert(projects).values([{ orgId, slug: \'a\' }, { orgId, slug: \'b\', meta: { a: \'x\' } }]).onConflictDoUpdate({ target: [projects.orgId, projects.slug], set: { slug: sql`excluded.slug` } });', [
    `INSERT INTO projects (org_id, slug, meta) VALUES (:orgId, 'a', default()), (:orgId, 'b', json()) ON CONFLICT (org_id, slug) DO UPDATE SET slug = excluded.slug`,
  ]],
  ['an unknown object spread', `await db.insert(projects).values({ ...where, orgId });`, [
    `INSERT INTO projects (org_id, ...unknown) VALUES (:orgId)`,
  ]],
  ['update', 'await db.update(projects).set({ slug: \'x\', updatedAt: sql`now()` }).where(eq(projects.id, id)).returning({ id: projects.id });', [
    `UPDATE projects SET slug = 'x', updated_at = now() WHERE projects.id = :id RETURNING projects.id`,
  ]],
  ['delete without a condition', `await db.delete(projects);`, [
    `DELETE FROM projects`,
  ]],
  ['execute', 'await db.execute(sql`select * from ${projects} where ${projects.orgId} = ${orgId} and ${eq(projects.id, id)}`);', [
    `SELECT * FROM projects WHERE projects.org_id = :orgId AND projects.id = :id`,
  ]],
  ['sql templates as field and condition', 'await db.select({ n: sql<number>`count(*)` }).from(projects).where(sql`${projects.orgId} = ${orgId}`);', [
    `SELECT count(*) FROM projects WHERE projects.org_id = :orgId`,
  ]],
  ['relational: findFirst with relations', `const p = await db.query.projects.findFirst({ where: (t, { eq, and }) => and(eq(t.id, id), eq(t.orgId, orgId)), with: { tasks: { where: eq(tasks.title, 'x') }, org: true, owner: { with: { manager: true } } } }); await db.delete(tasks).where(eq(tasks.id, p!.tasks[0].id));`, [
    `SELECT projects.*, ARRAY (SELECT tasks.* FROM tasks WHERE tasks.project_id = projects.id AND tasks.title = 'x') AS tasks FROM projects JOIN orgs ON orgs.id = projects.org_id LEFT JOIN users ON users.id = projects.owner_id LEFT JOIN users users_2 ON users_2.id = users.manager_id WHERE projects.id = :id AND projects.org_id = :orgId`,
    `DELETE FROM tasks WHERE tasks.id = (SELECT tasks.id FROM projects JOIN orgs ON orgs.id = projects.org_id LEFT JOIN users ON users.id = projects.owner_id LEFT JOIN users users_2 ON users_2.id = users.manager_id, tasks WHERE projects.id = :id AND projects.org_id = :orgId AND tasks.project_id = projects.id AND tasks.title = 'x')`,
  ]],
  ['relational: nested to many', `await db.query.users.findMany({ with: { memberships: { with: { org: true } } } });`, [
    `SELECT users.*, ARRAY (SELECT members.* FROM members JOIN orgs ON orgs.id = members.org_id WHERE members.user_id = users.id) AS memberships FROM users`,
  ]],
  ['a transaction', `await db.transaction(async (tx) => { const [row] = await tx.select().from(projects).where(eq(projects.id, id)).for('update'); if (row.orgId !== orgId) throw new Error(); await tx.update(projects).set({ slug: 'x' }).where(eq(projects.id, row.id)); });`, [
    `SELECT projects.* FROM projects WHERE projects.id = :id`,
    `UPDATE projects SET slug = 'x' WHERE projects.id = (SELECT projects.id FROM projects WHERE projects.id = :id)`,
  ]],
  ['$count', `const n = await db.$count(projects, eq(projects.orgId, orgId));`, [
    `SELECT count(*) FROM projects WHERE projects.org_id = :orgId`,
  ]],
  ['alias', `const m = alias(users, 'm'); await db.select().from(users).leftJoin(m, eq(m.id, users.managerId)).where(eq(users.id, id));`, [
    `SELECT users.*, m.* FROM users LEFT JOIN users m ON m.id = users.manager_id WHERE users.id = :id`,
  ]],
  ['prepared with a placeholder', `const prepared = db.select().from(projects).where(eq(projects.orgId, sql.placeholder('org'))).prepare('x'); await prepared.execute({ org: orgId });`, [
    `SELECT projects.* FROM projects WHERE projects.org_id = :orgId`,
  ]],
  ['union', `await union(db.select({ id: projects.id }).from(projects).where(eq(projects.orgId, orgId)), db.select({ id: tasks.id }).from(tasks));`, [
    `SELECT projects.id AS id FROM projects WHERE projects.org_id = :orgId UNION SELECT tasks.id AS id FROM tasks`,
  ]],
  ['then', `const row = await db.select().from(projects).where(eq(projects.id, id)).then((r) => r[0]); await db.delete(tasks).where(eq(tasks.projectId, row.id));`, [
    `SELECT projects.* FROM projects WHERE projects.id = :id`,
    `DELETE FROM tasks WHERE tasks.project_id = (SELECT projects.id FROM projects WHERE projects.id = :id)`,
  ]],
  ['Promise.all', `await Promise.all([db.delete(tasks).where(eq(tasks.orgId, orgId)), db.select().from(sessions).where(eq(sessions.userId, id)), db.select().from(posts)]);`, [
    `DELETE FROM tasks WHERE tasks.org_id = :orgId`,
    `SELECT sessions.* FROM auth.sessions WHERE sessions.user_id = :id`,
    `SELECT app_posts.* FROM app_posts`,
  ]],
  ['getTableColumns', `await db.select({ ...getTableColumns(projects), owner: users.email }).from(projects).leftJoin(users, eq(users.id, projects.ownerId)).where(and(eq(projects.orgId, orgId), or(isNull(projects.ownerId), not(eq(users.id, id)))));`, [
    `SELECT projects.id, projects.org_id, projects.slug, projects.owner_id, projects.meta, projects.tags, projects.n, projects.created_at, projects.updated_at, users.email FROM projects LEFT JOIN users ON users.id = projects.owner_id WHERE projects.org_id = :orgId AND (projects.owner_id IS NULL OR NOT (users.id = :id))`,
  ]],
  ['insert from a query', `await db.insert(tasks).select(db.select({ projectId: projects.id, title: projects.slug }).from(projects).where(eq(projects.orgId, orgId)));`, [
    `INSERT INTO tasks (project_id, title) SELECT projects.id AS projectId, projects.slug AS title FROM projects WHERE projects.org_id = :orgId`,
  ]],
  ])('%s', (_, code, expected) => {
    expect(lowered(code)).toEqual(expected);
  });

  test('a query stands at its first token', () => {
    const text = `${head}export const run = async (id: string) => {\n  const [row] = await db\n    .select().from(projects).where(eq(projects.id, id));\n  return row;\n};\n`;
    const [query] = queriesOf({ 'src/schema.ts': schema, 'src/case.ts': text });
    expect(text.slice(query!.location.start, query!.location.end)).toBe('db\n    .select().from(projects).where(eq(projects.id, id))');
  });

  test('a client is known by its type', () => {
    const code = `import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { eq } from 'drizzle-orm';
import * as schema from './schema';
import { db as defaultDb } from './db';
type Tx = Parameters<Parameters<typeof defaultDb.transaction>[0]>[0];
export const one = (db: NodePgDatabase<typeof schema>, id: string) => db.query.projects.findFirst({ where: eq(schema.projects.id, id) });
export const two = (tx: typeof defaultDb, id: string) => tx.delete(schema.projects).where(eq(schema.projects.id, id));
export const three = (tx: Tx) => tx.delete(schema.projects);
type Client = typeof defaultDb;
export const four = (tx: Parameters<Parameters<Client['transaction']>[0]>[0]) => tx.delete(schema.tasks);
`;
    expect(renderedQueries({ 'src/schema.ts': schema, 'src/db.ts': "import { drizzle } from 'drizzle-orm/postgres-js';\nexport const db = drizzle('');\n", 'src/case.ts': code })).toEqual([
      'SELECT projects.* FROM projects WHERE projects.id = :id',
      'DELETE FROM projects WHERE projects.id = :id',
      'DELETE FROM projects',
      'DELETE FROM tasks',
    ]);
  });

  test('modules that are imported when they are needed', () => {
    const code = `import { projects } from './schema';
export async function run(id: string) {
  const [{ db }, { eq: equals }] = await Promise.all([import('./db'), import('drizzle-orm')]);
  await db.delete(projects).where(equals(projects.id, id));
}
`;
    expect(renderedQueries({ 'src/schema.ts': schema, 'src/db.ts': "import { drizzle } from 'drizzle-orm/postgres-js';\nexport const db = drizzle('');\n", 'src/case.ts': code })).toEqual([
      'DELETE FROM projects WHERE projects.id = :id',
    ]);
  });

  test('relations of the second version', () => {
    const relations = `import { defineRelations } from 'drizzle-orm';
import * as schema from './schema';
export const relations = defineRelations(schema, (r) => ({
  projects: { tasks: r.many.tasks(), org: r.one.orgs({ from: r.projects.orgId, to: r.orgs.id }) },
  tasks: { project: r.one.projects({ from: r.tasks.projectId, to: r.projects.id }) },
  users: { orgs: r.many.orgs({ from: r.users.id.through(r.members.userId), to: r.orgs.id.through(r.members.orgId) }) },
}));
`;
    const code = `import { drizzle } from 'drizzle-orm/node-postgres';
import { relations } from './relations';
const db = drizzle('', { relations });
export async function run(orgId: string, id?: string) {
  await db.query.projects.findMany({ where: { orgId, slug: { in: ['a', 'b'] }, id, OR: [{ slug: 'a' }, { org: { slug: 'x' } }] }, with: { tasks: true } });
  await db.query.users.findFirst({ where: { email: orgId }, with: { orgs: true } });
}
`;
    expect(renderedQueries({ 'src/schema.ts': schema, 'src/relations.ts': relations, 'src/case.ts': code })).toEqual([
      "SELECT projects.*, ARRAY (SELECT tasks.* FROM tasks WHERE tasks.project_id = projects.id) AS tasks FROM projects WHERE projects.org_id = :orgId AND projects.slug IN ('a', 'b') AND (projects.id = :id OR :id IS NULL) AND (projects.slug = 'a' OR EXISTS (SELECT 1 FROM orgs WHERE orgs.id = projects.org_id AND orgs.slug = 'x'))",
      'SELECT users.*, ARRAY (SELECT orgs.* FROM members JOIN orgs ON orgs.id = members.org_id WHERE members.user_id = users.id) AS orgs FROM users WHERE users.email = :orgId',
    ]);
  });
});

describe('models', () => {
  test('tables, columns, constraints, indexes', () => {
    const source = { path: 'src/schema.ts', language: 'typescript', role: { type: 'source' } } as const;
    const program = new CodeProgram(new Map([[source.path, parseTypeScript(source, schema)]]), { paths: [], packages: [] }, defaultConfig('/'), []);
    const models = program.models().map(({ name, columns, constraints, indexes, isView }) => [
      `${isView ? 'view ' : ''}${name.schema === undefined ? '' : `${name.schema}.`}${name.name}`,
      ...columns.map((each) => `${each.name} ${each.type.name}${'[]'.repeat(each.type.dimensions)}${each.notNull ? ' not null' : ''}${each.default ? ` default ${each.default.clientSide ? 'client' : each.default.generator ? 'generator' : 'constant'}` : ''}${each.generated ? ` ${each.generated}` : ''}`),
      ...constraints.map((each) => `${each.kind} ${'columns' in each ? each.columns.join() : ''}${each.kind === 'foreignKey' ? ` -> ${each.references.name} ${each.referencedColumns.join()} ${each.onDelete}` : ''}`),
      ...indexes.map((each) => `${each.unique ? 'unique ' : ''}index ${each.name} ${each.keys.map((key) => key.column).join()}`),
    ]);
    expect(models).toMatchInlineSnapshot(`
      [
        [
          "orgs",
          "id uuid not null default generator",
          "slug text not null",
          "primaryKey id",
          "unique slug",
        ],
        [
          "users",
          "id uuid not null",
          "email text not null",
          "manager_id uuid",
          "primaryKey id",
          "unique email",
          "foreignKey manager_id -> users id noAction",
        ],
        [
          "members",
          "org_id uuid not null",
          "user_id uuid not null",
          "role role not null default constant",
          "foreignKey org_id -> orgs id cascade",
          "foreignKey user_id -> users id noAction",
          "primaryKey org_id,user_id",
        ],
        [
          "projects",
          "id uuid not null default generator",
          "org_id uuid not null",
          "slug varchar not null",
          "owner_id uuid",
          "meta jsonb default constant",
          "tags text[]",
          "n int4 not null identity",
          "created_at timestamptz not null default generator",
          "updated_at timestamp default client",
          "primaryKey id",
          "foreignKey org_id -> orgs id noAction",
          "foreignKey owner_id -> users id setNull",
          "check ",
          "unique index projects_org_slug org_id,slug",
          "index projects_live slug",
        ],
        [
          "tasks",
          "id int4 not null default generator",
          "project_id uuid not null",
          "title text",
          "org_id uuid",
          "primaryKey id",
          "foreignKey project_id -> projects id noAction",
          "unique project_id,title",
          "foreignKey org_id -> orgs id cascade",
        ],
        [
          "auth.sessions",
          "id text not null",
          "user_id uuid",
          "primaryKey id",
        ],
        [
          "app_posts",
          "id int4 not null identity",
          "body text",
          "primaryKey id",
        ],
        [
          "view live_projects",
          "id unknown",
          "org_id unknown",
        ],
      ]
    `);
  });

  test('names follow the casing of the client', () => {
    const code = `import { drizzle } from 'drizzle-orm/node-postgres';
import { pgTable, uuid } from 'drizzle-orm/pg-core';
const db = drizzle('', { casing: 'snake_case' });
const notes = pgTable('notes', { id: uuid().primaryKey(), orgId: uuid().notNull(), ownURL2: uuid() });
export const run = () => db.select({ a: notes.orgId, b: notes.ownURL2 }).from(notes);
`;
    expect(renderedQueries({ 'src/case.ts': code })).toEqual(['SELECT notes.org_id, notes.own_url_2 FROM notes']);
  });
});

test('queries of a database on the device are told apart from those of PostgreSQL', () => {
  expect(queriesOf({
    'src/case.ts': `import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { drizzle as postgres } from 'drizzle-orm/node-postgres';
import { sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { pgTable, uuid } from 'drizzle-orm/pg-core';
const notes = sqliteTable('notes', { id: text('id') });
const pages = pgTable('pages', { id: uuid('id') });
export async function run(id: string) {
  await drizzle('file.db').select().from(notes).where(eq(notes.id, id));
  drizzle('file.db').run(sql\`delete from notes\`);
  await postgres(process.env.URL).select().from(pages).where(eq(pages.id, id));
}
`,
  }).map(({ query, otherDatabase }) => [query?.kind, otherDatabase ?? false])).toEqual([['select', true], ['delete', true], ['select', false]]);
});
