import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { SourceFile } from '../../src/facts/file.js';
import { parsePrismaFile, resolvePrismaModels } from '../../src/parse/prisma/index.js';
import { renderModels } from './prisma-render.js';

const FOLDER = new URL('../../fixtures/parse/', import.meta.url);
const BLOCK = /^(?:`([^`\n]+)`:\n)?```(prisma|facts)\n([^]*?)^```$/gm;

const source = (path: string): SourceFile => ({ path, language: 'prisma', role: { type: 'model' } });
const parse = (text: string) => parsePrismaFile(source('schema.prisma'), text);

for (const page of readdirSync(FOLDER).filter((name) => /^prisma.*\.md$/.test(name))) {
  describe(page, () => {
    for (const section of readFileSync(new URL(page, FOLDER), 'utf8').split(/^## /m).slice(1)) {
      test(section.slice(0, section.indexOf('\n')), () => {
        const blocks = [...section.matchAll(BLOCK)].map(([, path = 'schema.prisma', language, text = '']) => ({ path, language, text }));
        const texts = new Map(blocks.filter(({ language }) => language === 'prisma').map(({ path, text }) => [path, text]));
        const files = [...texts].map(([path, text]) => parsePrismaFile(source(path), text));
        expect(renderModels(resolvePrismaModels(files), files, texts)).toBe(blocks.find(({ language }) => language === 'facts')!.text);
      });
    }
  });
}

describe('bad input', () => {
  test.each([
    ['nothing', ''], ['only a keyword', 'model'], ['an open block', 'model A {'], ['an open string', 'model A {\n id String @default("x\n}'],
    ['deep nesting', `model A {\n id Int @default(${'['.repeat(10_000)}\n}`], ['deep calls', `model A {\n id Int @default(${'f('.repeat(10_000)}\n}`],
    ['not Prisma', 'CREATE TABLE x (id int);\n'.repeat(100)], ['an open comment', '/* model A {'], ['lone closing braces', '}}}}'],
  ])('%s', (_, text) => {
    const facts = parse(text);
    expect(facts.rejected).toBe(facts.notices.length);
    for (const { location } of facts.notices) expect(location.end).toBeLessThanOrEqual(text.length);
  });

  test('the prefixes of a schema never throw, and lose no model that is whole', () => {
    const text = 'model A {\n id Int @id @default(autoincrement())\n b B[] @relation("x")\n @@index([id], map: "i")\n}\n\nenum E {\n X @map("y")\n}\nmodel B {\n id Int @id\n}\n';
    for (let length = 0; length <= text.length; length++) {
      const { models } = parse(text.slice(0, length));
      if (length >= text.indexOf('}') + 1) expect(models[0]?.columns.map(({ name }) => name)).toEqual(['id']);
    }
  });

  test('CRLF, a byte order mark and wide characters keep their places', () => {
    const text = '\uFEFF// 😀\r\nmodel A {\r\n  id Int @id /* 😀 */ @map("x")\r\n}\r\n';
    const [model] = parse(text).models;
    expect(text.slice(model!.location.start, model!.location.end)).toBe('model A');
    expect(text.slice(model!.columns[0]!.location.start, model!.columns[0]!.location.end)).toBe('id Int @id /* 😀 */ @map("x")');
    expect(model!.columns[0]!.name).toBe('x');
  });

  test('a long schema is read whole', () => {
    const one = (n: number) => `model M${n} {\n  id String @id @default(cuid())\n  tenantId String @map("tenant_id")\n  @@index([tenantId])\n}\n`;
    const text = Array.from({ length: 20_000 }, (_, n) => one(n)).join('');
    expect(parse(text).models).toHaveLength(20_000);
  });
});

test('each schema of a project is resolved on its own', () => {
  const datasource = (provider: string) => `datasource db {\n  provider = "${provider}"\n}\n`;
  const files = [
    parsePrismaFile(source('a/schema.prisma'), `${datasource('postgresql')}model User {\n id Int @id\n}\n`),
    parsePrismaFile(source('b/schema.prisma'), `${datasource('postgresql')}model User {\n id String @id\n}\n`),
  ];
  expect(resolvePrismaModels(files).map((model) => [model.location.file, model.columns[0]!.type.name])).toEqual([['a/schema.prisma', 'int4'], ['b/schema.prisma', 'text']]);
});

test('relation fields lead to the columns that join the tables', () => {
  const [user, post, tag] = parse([
    'model User {', ' id Int @id', ' posts Post[] @relation("author")', ' reviews Post[] @relation("reviewer")', '}',
    'model Post {', ' id Int', ' orgId Int @map("org_id")', ' authorId Int @map("author_id")', ' reviewerId Int?',
    ' author User @relation("author", fields: [authorId], references: [id])', ' reviewer User? @relation("reviewer", fields: [reviewerId], references: [id])',
    ' tags Tag[]', ' parentId Int?', ' parent Post? @relation("tree", fields: [parentId, orgId], references: [id, orgId])', ' children Post[] @relation("tree")',
    ' @@id([id, orgId])', ' @@unique([orgId, authorId], name: "byAuthor")', '}',
    'model Tag {', ' id Int @id', ' posts Post[]', '}', '',
  ].join('\n')).models;
  const relation = (model: string, list: boolean, optional: boolean, owns: boolean, columns: string[], referencedColumns: string[]) =>
    ({ model, list, optional, owns, columns, referencedColumns });
  expect(user!.relations).toEqual({ posts: relation('Post', true, false, false, ['id'], ['author_id']), reviews: relation('Post', true, false, false, ['id'], ['reviewerId']) });
  expect(post!.relations).toEqual({
    author: relation('User', false, false, true, ['author_id'], ['id']), reviewer: relation('User', false, true, true, ['reviewerId'], ['id']),
    parent: relation('Post', false, true, true, ['parentId', 'org_id'], ['id', 'org_id']),
    children: relation('Post', true, false, false, ['id', 'org_id'], ['parentId', 'org_id']),
  });
  expect(post!.selectors).toEqual({ id_orgId: ['id', 'orgId'], byAuthor: ['orgId', 'authorId'] });
  expect(tag!.relations).toEqual({});
});

test('many-to-many relations lead through their join table', () => {
  const [post, tag] = parse('model Post {\n id Int @id\n tags Tag[]\n}\nmodel Tag {\n name String @id\n posts Post[]\n}\n').models;
  const base = { list: true, optional: false, owns: false };
  expect(post!.relations).toEqual({ tags: { ...base, model: 'Tag', columns: ['id'], referencedColumns: ['name'], through: { table: { name: '_PostToTag' }, columns: ['A'], referencedColumns: ['B'] } } });
  expect(tag!.relations).toEqual({ posts: { ...base, model: 'Post', columns: ['name'], referencedColumns: ['id'], through: { table: { name: '_PostToTag' }, columns: ['B'], referencedColumns: ['A'] } } });
});
