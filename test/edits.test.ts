import { describe, expect, it } from 'vitest';
import { loadProject } from '../src/commands/pipeline.js';
import { edited, faultsOf, findingsIn, fixesOf } from './edits.js';
import { pageIds, readPage, withProject } from './fixtures.js';
import { levelsFor, runCase } from './run-case.js';

const SQL = `create table organizations (id uuid primary key);
create table notes (id uuid primary key, org_id uuid not null references organizations (id), body text);
create index on notes (org_id);
`;
const PRISMA = `datasource db {
  provider = "postgresql"
}

model Organization {
  id    String @id
  notes Note[]
}

model Note {
  id     String       @id
  org_id String
  org    Organization @relation(fields: [org_id], references: [id])
  body   String?

  @@index([org_id])
}
`.replace('org_id String', 'orgId String @map("org_id")').replaceAll('[org_id]', '[orgId]');
const DRIZZLE = `import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
export const organizations = pgTable('organizations', { id: uuid('id').primaryKey() });
export const notes = pgTable('notes', { id: uuid('id').primaryKey(), orgId: uuid('org_id').notNull().references(() => organizations.id), body: text('body') }, (t) => [index().on(t.orgId)]);
`;
const SQLALCHEMY = `import uuid
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)


class Note(Base):
    __tablename__ = "notes"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    org_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    body: Mapped[str]
`;
const PROJECTS = {
  prisma: { 'prisma/schema.prisma': PRISMA, 'package.json': '{ "dependencies": { "@prisma/client": "^6.1.0" } }' },
  'prisma 4': { 'prisma/schema.prisma': PRISMA, 'package.json': '{ "dependencies": { "@prisma/client": "^4.1.0" } }' },
  drizzle: { 'src/schema.ts': DRIZZLE },
  kysely: { 'migrations/0001.sql': SQL },
  knex: { 'migrations/0001.sql': SQL },
  sqlalchemy: { 'app/models.py': SQLALCHEMY },
};
const HEADS: Record<keyof typeof PROJECTS, string> = {
  prisma: "import { PrismaClient } from '@prisma/client';\nconst db = new PrismaClient();\n",
  'prisma 4': "import { PrismaClient } from '@prisma/client';\nconst db = new PrismaClient();\n",
  drizzle: "import { eq } from 'drizzle-orm';\nimport { drizzle } from 'drizzle-orm/node-postgres';\nimport { notes } from './schema.js';\nconst db = drizzle('');\n",
  kysely: "import { Kysely } from 'kysely';\nconst db = new Kysely<any>({} as any);\n",
  knex: "import knex from 'knex';\nconst db = knex({ client: 'pg' });\n",
  sqlalchemy: 'from sqlalchemy import select, update\nfrom sqlalchemy.orm import Session\nfrom app.models import Note\n',
};
const AND = HEADS.drizzle.replace('{ eq }', '{ eq, and }');

/** Each: library, the code, what a fix or suggested fix makes of it (with a new head of the file where that changes). */
const MADE: readonly (readonly [keyof typeof PROJECTS, kind: 'fix' | 'suggestion', before: string, after: string, head?: string])[] = [
  ['prisma', 'suggestion', 'export const f = (orgId: string, id: string) => db.note.findMany({ where: { id } });', 'export const f = (orgId: string, id: string) => db.note.findMany({ where: { id, orgId } });'],
  ['prisma', 'suggestion', 'export const f = (org_id: string) => db.note.findMany();', 'export const f = (org_id: string) => db.note.findMany({ where: { orgId: org_id } });'],
  ['prisma', 'suggestion', 'export const f = (orgId: string) => db.note.count({});', 'export const f = (orgId: string) => db.note.count({ where: { orgId } });'],
  ['prisma', 'suggestion', 'export const f = (orgId: string) => db.note.deleteMany({ where: {} });', 'export const f = (orgId: string) => db.note.deleteMany({ where: { orgId } });'],
  ['prisma', 'suggestion', 'export const f = (orgId: string, id: string) => db.note.update({ where: { id, }, data: { body: "" } });', 'export const f = (orgId: string, id: string) => db.note.update({ where: { id, orgId, }, data: { body: "" } });'],
  ['prisma', 'suggestion', 'export const f = (orgId: string, id: string) => db.note.findFirst({ where: { OR: [{ id }, { body: id }] } });', 'export const f = (orgId: string, id: string) => db.note.findFirst({ where: { OR: [{ id }, { body: id }], orgId } });'],
  ['prisma 4', 'suggestion', 'export const f = (orgId: string, id: string) => db.note.findUnique({ where: { id } });', 'export const f = (orgId: string, id: string) => db.note.findFirst({ where: { id, orgId } });'],
  ['prisma', 'suggestion', 'export async function f(id: string) { const { orgId } = await session(); return db.note.findUnique({ where: { id } }); }', 'export async function f(id: string) { const { orgId } = await session(); return db.note.findUnique({ where: { id, orgId } }); }', `import { session } from './session.js';\n${HEADS.prisma}`],
  ['drizzle', 'fix', 'export const f = (orgId: string, id: string) => db.select().from(notes).where(eq(notes.orgId, orgId) && eq(notes.id, id));', 'export const f = (orgId: string, id: string) => db.select().from(notes).where(and(eq(notes.orgId, orgId), eq(notes.id, id)));', AND],
  ['drizzle', 'suggestion', 'export const f = (orgId: string, id: string) => db.select().from(notes).where(eq(notes.id, id)).limit(1);', 'export const f = (orgId: string, id: string) => db.select().from(notes).where(and(eq(notes.id, id), eq(notes.orgId, orgId))).limit(1);', AND],
  ['drizzle', 'suggestion', 'export const f = (orgId: string) => db.select().from(notes).limit(10);', 'export const f = (orgId: string) => db.select().from(notes).where(eq(notes.orgId, orgId)).limit(10);'],
  ['drizzle', 'suggestion', 'export const f = (orgId: string) => db.update(notes).set({ body: "" });', 'export const f = (orgId: string) => db.update(notes).set({ body: "" }).where(eq(notes.orgId, orgId));'],
  ['kysely', 'suggestion', "export const f = (orgId: string, id: string) => db.selectFrom('notes').selectAll().where('id', '=', id).execute();", "export const f = (orgId: string, id: string) => db.selectFrom('notes').where('org_id', '=', orgId).selectAll().where('id', '=', id).execute();"],
  ['kysely', 'suggestion', "export const f = (orgId: string) => db.updateTable('notes').set({ body: '' }).execute();", "export const f = (orgId: string) => db.updateTable('notes').set({ body: '' }).where('org_id', '=', orgId).execute();"],
  ['knex', 'suggestion', "export const f = (orgId: string, id: string) => db('notes').where({ id }).first();", "export const f = (orgId: string, id: string) => db('notes').where('org_id', orgId).where({ id }).first();"],
  ['sqlalchemy', 'suggestion', 'def f(session: Session, org_id: str, id: str):\n    return session.scalars(\n        select(Note)\n        .where(Note.id == id)\n    ).one()', 'def f(session: Session, org_id: str, id: str):\n    return session.scalars(\n        select(Note).where(Note.org_id == org_id)\n        .where(Note.id == id)\n    ).one()'],
  ['sqlalchemy', 'suggestion', 'def f(session: Session, org_id: str):\n    return session.query(Note).all()', 'def f(session: Session, org_id: str):\n    return session.query(Note).filter(Note.org_id == org_id).all()'],
  ['sqlalchemy', 'suggestion', 'def f(session: Session, org_id: str):\n    session.execute(update(Note).values(body=""))', 'def f(session: Session, org_id: str):\n    session.execute(update(Note).where(Note.org_id == org_id).values(body=""))'],
];

/** Nothing certain enough is in sight. */
const NONE: readonly (readonly [keyof typeof PROJECTS, why: string, code: string])[] = [
  ['prisma', 'no tenant in sight', 'export const f = (id: string) => db.note.findMany({ where: { id } });'],
  ['prisma', 'it may be undefined', 'export const f = (id: string, orgId?: string) => db.note.findMany({ where: { id } });'],
  ['prisma', 'it may be undefined', 'export const f = (id: string, orgId: string | undefined) => db.note.findMany({ where: { id } });'],
  ['prisma', 'two of them', 'export const f = (orgId: string) => (org_id: string) => db.note.findMany({ where: { id: "" } });'],
  ['prisma', 'it was read from a row', 'export async function f(id: string) { const { orgId } = (await db.note.findFirstOrThrow({ where: { body: id, orgId: "1" } })); return db.note.delete({ where: { id } }); }'],
  ['prisma', 'it was sent', 'export async function f(request: Request) { const { orgId } = await request.json(); return db.note.findMany(); }'],
  ['prisma', 'a filter that is made elsewhere', 'export function f(orgId: string, id: string) { const where = { id }; return db.note.findMany({ where }); }'],
  ['prisma', 'it is there, and may be left out', 'export const f = (orgId: string, all: boolean) => db.note.findMany({ where: { orgId: all ? undefined : orgId } });'],
  ['prisma 4', 'its update takes a unique key only', 'export const f = (orgId: string, id: string) => db.note.update({ where: { id }, data: { body: "" } });'],
  ['drizzle', 'conditions are lost that are not the tenant', 'export const f = (id: string) => db.select().from(notes).where(eq(notes.body, id) && eq(notes.id, id));'],
  ['drizzle', 'a condition or none', 'export const f = (orgId: string, id: string) => db.select().from(notes).where(id && eq(notes.id, id));'],
  ['sqlalchemy', 'it may be None', 'def f(session: Session, org_id: str | None = None):\n    return session.query(Note).all()'],
  ['knex', 'joined by OR', "export const f = (orgId: string, id: string) => db('notes').where({ id }).orWhere({ body: id });"],
];

const fileOf = (name: keyof typeof PROJECTS) => (name === 'sqlalchemy' ? 'app/case.py' : 'src/case.ts');
const project = (name: keyof typeof PROJECTS, code: string, head = HEADS[name]) => new Map(Object.entries({ ...PROJECTS[name], 'src/session.ts': 'export declare function session(): Promise<{ orgId: string }>;\n', [fileOf(name)]: `${head}${code}\n` }));

describe('an unscoped query', () => {
  for (const [name, kind, before, after, head] of MADE) it(`${name}: ${kind}: ${before}`, async () => {
    const files = project(name, before, head?.includes('session') === true ? head : HEADS[name]);
    const { findings } = await findingsIn(files);
    const [found, ...more] = findings.filter(({ ruleId }) => ruleId === 'require-tenant-scope');
    expect(more).toEqual([]);
    const fixes = fixesOf(found!);
    expect(fixes).toHaveLength(1);
    expect(found!.fix !== null).toBe(kind === 'fix');
    expect(edited(files.get(fileOf(name))!, fixes[0]!)).toBe(project(name, after, head).get(fileOf(name)));
    expect(await faultsOf(fixes[0]!, found!, findings, files)).toEqual([]);
  });

  it.each(NONE)('%s: nothing is offered where %s: %s', async (name, _why, code) => {
    const { findings } = await findingsIn(project(name, code));
    expect(findings.map(({ ruleId }) => ruleId)).toContain('require-tenant-scope');
    expect(findings.flatMap(fixesOf)).toEqual([]);
  });
});

describe('a column that is added NOT NULL', () => {
  const base = `create table organizations (id uuid primary key);
create table projects (id uuid primary key, org_id uuid not null references organizations (id));
create table folders (id uuid primary key, org_id uuid not null references organizations (id));
create index on projects (org_id);
create index on folders (org_id);
`;
  const tasks = (more = '') => `create table tasks (id uuid primary key, project_id uuid not null references projects (id)${more});\n`;
  const add = 'alter table tasks add column title text, ADD COLUMN org_id uuid NOT NULL references organizations (id);\ncreate index on tasks (org_id);\n';
  const files = (late: string, more = '') => new Map([['migrations/0001.sql', base + tasks(more)], ['migrations/0002.sql', late]]);
  const offered = async (of: ReadonlyMap<string, string>) => {
    const { findings } = await findingsIn(of);
    const found = findings.find(({ ruleId }) => ruleId === 'not-null-requires-backfill');
    for (const fix of fixesOf(found!)) expect(await faultsOf(fix, found!, findings, of)).toEqual([]);
    return fixesOf(found!).map((fix) => edited(of.get(found!.file)!, fix));
  };

  it('is added nullable, filled from its parent, verified and then NOT NULL', async () => {
    expect(await offered(files(add))).toEqual([`alter table tasks add column title text, ADD COLUMN org_id uuid references organizations (id);
UPDATE tasks SET org_id = parent.org_id FROM projects parent WHERE parent.id = tasks.project_id;
DO $$ BEGIN
  IF EXISTS (SELECT FROM tasks WHERE org_id IS NULL) THEN RAISE EXCEPTION 'rows without org_id in tasks'; END IF;
END $$;
ALTER TABLE tasks ALTER COLUMN org_id SET NOT NULL;
create index on tasks (org_id);
`]);
  });

  it('from one of its parents, as people choose', async () => {
    expect(await offered(files(add, ', folder_id uuid references folders (id)'))).toHaveLength(2);
  });

  it.each([
    ['a body', `do $$ begin alter table tasks add column org_id uuid not null references organizations (id); end $$;\n`],
    ['a form with both directions', `-- +goose Up\n${add}-- +goose Down\nalter table tasks drop column org_id;\n`],
    ['words that a comment holds', 'alter table tasks add column org_id uuid /* not null */ not null references organizations (id);\n'],
  ])('is left alone in %s', async (_where, text) => {
    expect(await offered(files(text))).toEqual([]);
  });
});

describe('every fix and suggested fix of the pages takes its finding away, and brings none', { timeout: 240_000 }, () => {
  for (const id of pageIds()) {
    const page = readPage(id);
    it(id, async () => {
      for (const each of page.cases.filter(({ section }) => section === 'Reported')) {
        const { result: { findings } } = await runCase(page, each);
        const levels = await withProject(each.files, async (folder) => levelsFor(page, await loadProject({ cwd: folder, paths: [] })));
        for (const finding of findings) for (const fix of fixesOf(finding)) expect(await faultsOf(fix, finding, findings, each.files, levels), each.title).toEqual([]);
      }
    });
  }
});
