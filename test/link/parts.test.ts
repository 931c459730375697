import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkProject, linkProject, loadProject, readProject } from '../../src/commands/pipeline.js';
import type { KeptParts } from '../../src/link/parts.js';
import { sourcesProject } from '../bench/projects.js';

// What is taken of the last run for files that cannot see a change. That it says the same is tested with random changes in kept.test.ts.
let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'tenantlint-parts-'));
  for (const [path, text] of sourcesProject(80)) write(path, text);
  write('src/lib/titles.ts', "export const PREFIX = 'a';\nexport const titled = (title: string) => PREFIX + title;\n");
  write('src/pages/items.ts', "'use server';\nimport { z } from 'zod';\nimport { prisma } from '../db.js';\nimport { titled } from '../lib/titles.js';\nconst schema = z.object({ id: z.string().max(3) });\nexport async function item(id: string) {\n  return prisma.item1.findFirst({ where: { id, title: titled('b') } });\n}\n");
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

function write(path: string, text: string | undefined): void {
  if (text === undefined) return rmSync(join(cwd, path));
  mkdirSync(dirname(join(cwd, path)), { recursive: true });
  writeFileSync(join(cwd, path), text);
}

const NO_ANSWERS = { find: () => undefined, keep: () => undefined };
let last: KeptParts | undefined;
const there = new Set<string>();

/** Links after some files have changed, are new or are gone. @returns whether something was taken of the run before, and the messages of the findings */
async function run(...paths: string[]): Promise<{ taken: boolean; found: string[] }> {
  let taken = false;
  const [changed, removed] = [paths.filter((path) => existsSync(join(cwd, path))), paths.filter((path) => !existsSync(join(cwd, path)))];
  const added = changed.filter((path) => !there.has(path));
  for (const path of changed) there.add(path);
  for (const path of removed) there.delete(path);
  const loaded = await linkProject(await readProject({ cwd, paths: [] }), undefined, {
    answers: NO_ANSWERS, ...(last && { before: { parts: last, changed: new Set(changed), added: new Set(added), removed: new Set(removed) } }),
    keep: (parts, isTaken) => { last = parts; taken = isTaken; },
  });
  return { taken, found: checkProject(loaded, cwd, {}).findings.map(({ file, line, message }) => `${file}:${line} ${message}`) };
}

const cold = async (): Promise<string[]> => checkProject(await loadProject({ cwd, paths: [] }), cwd, {}).findings.map(({ file, line, message }) => `${file}:${line} ${message}`);

/** Makes one change after the other (undefined: the file is gone): whether the last run was of use, and that a cold one finds the same. */
async function afterEachOf(changes: readonly (readonly [path: string, text: string | undefined, taken: boolean])[]): Promise<void> {
  for (const [path, text, taken] of changes) {
    write(path, text);
    const after = await run(path);
    expect([path, after.taken]).toEqual([path, taken]);
    expect(after.found).toEqual(await cold());
  }
}

it('takes what cannot see a change from the last run, and follows all where others may see it', async () => {
  expect((await run()).taken).toBe(false);
  await afterEachOf([
    ['src/services/service0.ts', "import { prisma } from '../db.js';\n\nexport const get0 = (accountId: string, id: string) => prisma.item0.findFirst({ where: { id } });\nexport const rename0 = get0;\n", true],
    ['src/services/service3.ts', "import { prisma } from '../db.js';\nexport const get3 = (accountId: string, id: string) => prisma.item3.findFirst({ where: { id, accountId } });\nexport const rename3 = get3;\n", true],
    ['src/lib/titles.ts', "export const titled = (title: string) => title;\n\n", true],
    ['src/pages/items.ts', "import { prisma } from '../db.js';\nexport const item = (accountId: string) => prisma.item1.findFirst({ where: { accountId } });\n", true],
    // A module that is loaded does something that nobody else sees, then something that others see.
    ['src/pages/items.ts', "import { prisma } from '../db.js';\nprisma.$connect();\nexport const item = (accountId: string) => prisma.item1.findMany();\n", true],
    ['src/pages/items.ts', "import { prisma } from '../db.js';\nglobalThis.items = prisma;\nexport const item = (accountId: string) => prisma.item1.findMany();\n", false],
    ['src/pages/items.ts', "import { prisma } from '../db.js';\nexport const item = (accountId: string) => prisma.item1.findMany();\n", false],
  ]);
}, 60_000);

it('asks of a changed file whether it says what is looked for in all of them', async () => {
  write('src/reports.ts', "import type { Kysely } from 'kysely';\nexport const report = (db: Kysely<any>, accountId: string) => db.selectFrom('item1').where('accountId', '=', accountId).selectAll().execute();\n");
  write('src/names.ts', 'export const names = () => [];\n');
  last = undefined;
  await run();
  await afterEachOf([
    ['src/names.ts', "export const names = () => ['a'];\n", true],
    ['src/names.ts', "import { CamelCasePlugin } from 'kysely';\nexport const names = () => [new CamelCasePlugin()];\n", false],
    ['src/services/service9.ts', "import { prisma } from '../db.js';\nexport const get9 = (accountId: string, id: string) => prisma.item9.findFirst({ where: { id } });\n", true],
    ['src/names.ts', 'export const names = () => [];\n', false],
  ]);
}, 60_000);

it('knows of the calls that other files left before their end', async () => {
  const sums = (times: number) => `  sum = ${Array.from({ length: times }, (_, index) => index).join(' + ')};\n`;
  write('src/lib/found.ts', `import { prisma } from '../db.js';\nexport async function found(id: string) {\n  let sum = 0;\n${sums(10).repeat(450)}  return prisma.item2.findFirst({ where: { id, title: String(sum) } });\n}\n`);
  write('src/pages/found.ts', "import { prisma } from '../db.js';\nexport const none = () => prisma.$connect();\n");
  last = undefined;
  const ofFound = ({ found }: { found: string[] }) => found.filter((each) => each.startsWith('src/lib/found.ts')).length;
  expect(ofFound(await run())).toBe(1);
  const calling = "import { prisma } from '../db.js';\nimport { found } from '../lib/found.js';\nexport async function page(accountId: string, id: string) {\n  const item = await prisma.item2.findFirst({ where: { id, accountId } });\n  return item === null ? null : found(id);\n}\n";
  await afterEachOf([['src/pages/found.ts', calling, true]]);
  expect(ofFound(await run('src/pages/found.ts'))).toBe(0);
  await afterEachOf([['src/pages/found.ts', "import { prisma } from '../db.js';\nexport const none = () => prisma.$connect();\n", true]]);
  expect(ofFound(await run('src/pages/found.ts'))).toBe(1);
}, 60_000);

it('knows which classes are there where an interface is asked for', async () => {
  const implementing = (name: string, where: string) => `import { prisma } from '../db.js';\nimport type { Items } from './port.js';\nexport class ${name} implements Items {\n  get(id: string) { return prisma.item5.findFirst({ where: { ${where} } }); }\n}\n`;
  write('src/ports/port.ts', 'export interface Items { get(id: string): Promise<unknown> }\n');
  write('src/ports/stored.ts', implementing('StoredItems', 'id'));
  write('src/ports/checked.ts', "import { prisma } from '../db.js';\nimport type { Items } from './port.js';\nexport class Checked {\n  constructor(private readonly items: Items) {}\n  async get(accountId: string, id: string) {\n    const own = await prisma.item5.findFirst({ where: { id, accountId } });\n    return own === null ? null : this.items.get(own.id);\n  }\n}\n");
  last = undefined;
  for (const path of (await readProject({ cwd, paths: [] })).contents.keys()) there.add(path);
  const ofPorts = ({ found }: { found: string[] }) => found.filter((each) => each.startsWith('src/ports/'));
  expect(ofPorts(await run())).toEqual([]);
  await afterEachOf([
    ['src/ports/stored.ts', implementing('StoredItems', 'id, title: "a"'), true],
    // Another class that implements it is there; it does no longer; it is gone.
    ['src/ports/other.ts', implementing('OtherItems', 'id'), false],
    ['src/ports/other.ts', implementing('OtherItems', 'id').replace('implements Items ', ''), false],
    ['src/ports/other.ts', undefined, true],
    ['src/ports/checked.ts', "export class Checked {}\n", true],
  ]);
  expect(ofPorts(await run('src/ports/checked.ts'))).toHaveLength(1);
}, 60_000);

const ALL = "import { prisma } from '../db.js';\nexport const get = () => prisma.item3.findMany();\n";

it('follows of a new file, and where one is gone, those that import it, by whatever name', async () => {
  write('src/late/user.ts', "import { get } from './late.js';\nimport { other } from './barrel.js';\nexport const user = () => [get(), other()];\n");
  write('src/late/barrel.ts', "export * from './more.js';\n");
  write('src/late/shadowed/index.ts', "export const hidden = (accountId: string) => accountId;\n");
  write('src/late/shadowed.user.ts', "import { prisma } from '../db.js';\nimport { hidden } from './shadowed';\nexport const shadowedUser = (id: string) => prisma.item4.findMany({ where: hidden(id) });\n");
  last = undefined;
  for (const path of (await readProject({ cwd, paths: [] })).contents.keys()) there.add(path);
  await run();
  await afterEachOf([
    ['src/late/alone.ts', ALL, true],
    ['src/late/alone.ts', undefined, true],
    // What is imported was not there; now it is; then again not.
    ['src/late/late.ts', ALL, true],
    ['src/late/late.ts', ALL.replace('findMany()', 'deleteMany()'), true],
    ['src/late/more.ts', ALL.replace('get', 'other'), true],
    ['src/late/late.ts', undefined, true],
    // What was found in a folder stands beside it.
    ['src/late/shadowed.ts', 'export const hidden = (accountId: string) => ({ accountId });\n', true],
    ['src/late/shadowed.ts', undefined, true],
    ['src/late/more.ts', undefined, true],
    // A module that leaves something when it is loaded, and what declares a table.
    ['src/late/acting.ts', "import { prisma } from '../db.js';\nprisma.$connect();\n", true],
    ['src/late/acting.ts', "import { prisma } from '../db.js';\nglobalThis.late = prisma;\n", false],
    ['src/late/acting.ts', undefined, false],
    ['prisma/migrations/20250101000000_more/migration.sql', 'CREATE TABLE "Other" ("id" TEXT PRIMARY KEY, "accountId" TEXT REFERENCES "Account" ("id"));\n', false],
  ]);
}, 120_000);

it('follows all where code lists the folder of a new file', async () => {
  write('src/listed/a.ts', "export const where = (accountId: string) => ({ accountId });\n");
  write('src/listing.ts', "import { readdirSync } from 'node:fs';\nimport { prisma } from './db.js';\nexport const count = (accountId: string) => prisma.item5.findMany({ where: { accountId, title: { in: readdirSync('src/listed') } } });\n");
  last = undefined;
  for (const path of (await readProject({ cwd, paths: [] })).contents.keys()) there.add(path);
  await run();
  await afterEachOf([
    ['src/listed/b.ts', 'export const b = 1;\n', false],
    ['src/late/b.ts', 'export const b = 1;\n', true],
    ['src/listed/b.ts', undefined, false],
  ]);
}, 60_000);

/** A module that keeps functions for others, who ask for them without importing whoever put them there. */
const KEPT = `import { prisma } from '../db.js';
export const checks: ((id: string) => Promise<unknown>)[] = [];
export function checked(check: (id: string) => Promise<unknown>) {
  checks.push(check);
  return check;
}
export const plain = (text: string) => text;
`;
const asked = (where: string, more = '') => `import { checked, plain } from './kept.js';
import { prisma } from '../db.js';
${more}export const check = checked(async (id) => prisma.item6.findFirst({ where: { ${where} } }));
export const named = plain('b');
`;

it('takes what a module has left for others when it is loaded for what it is', async () => {
  write('src/left/kept.ts', KEPT);
  write('src/left/asked.ts', asked('id'));
  write('src/left/asking.ts', "import { checks } from './kept.js';\nimport { prisma } from '../db.js';\nexport async function ask(accountId: string, id: string) {\n  for (const check of checks) await check(id);\n  return prisma.item6.findFirst({ where: { id, accountId } });\n}\n");
  last = undefined;
  for (const path of (await readProject({ cwd, paths: [] })).contents.keys()) there.add(path);
  await run();
  await afterEachOf([
    // What is inside of a function is seen by those that come to call it, whether they import it or not.
    ['src/left/asked.ts', asked('id, accountId: id'), true],
    ['src/left/asked.ts', asked('id'), true],
    // Nor is more that is named missed by anybody.
    ['src/left/asked.ts', asked('id', "import { readFileSync } from 'node:fs';\nexport function more(id: string) {\n  return prisma.item7.findFirst({ where: { id, title: readFileSync('a').toString() } });\n}\n"), true],
    // A function that modules call when they are loaded is another one.
    ['src/left/kept.ts', KEPT.replace('  checks.push(check);\n', ''), false],
    ['src/left/kept.ts', KEPT, false],
    // What it leaves is another thing.
    ['src/left/asked.ts', asked('id').replace('checked(async (id) =>', 'plain(async (id: string) =>'), false],
    ['src/left/asked.ts', asked('id'), false],
    ['src/left/asked.ts', asked('id').replace("export const named = plain('b');\n", ''), false],
  ]);
}, 120_000);

const DI = (provided: string, guard: string) => [
  ['src/nest/notes.service.ts', `import { Injectable } from '@nestjs/common';\nimport { prisma } from '../db.js';\n@Injectable()\nexport class NotesService {\n  constructor(private readonly name: string) {}\n  async find(accountId: string, id: string) {\n    return prisma.item8.findFirst({ where: { ${provided} } });\n  }\n}\n`],
  ['src/nest/tenant.middleware.ts', `import { Injectable } from '@nestjs/common';\nimport { prisma } from '../db.js';\n@Injectable()\nexport class TenantMiddleware {\n  async use(req: any, res: any, next: () => void) {\n    req.item = await prisma.item9.findFirst({ where: { ${guard} } });\n    next();\n  }\n}\n`],
  ['src/nest/notes.controller.ts', "import { Controller, Get, Inject, Param, Req } from '@nestjs/common';\nimport { prisma } from '../db.js';\n@Controller('notes')\nexport class NotesController {\n  constructor(@Inject('NOTES') private readonly notes: any) {}\n  @Get(':id')\n  async get(@Req() req: any, @Param('id') id: string) {\n    await prisma.item8.findFirst({ where: { id: req.item.title } });\n    return this.notes.find(req.accountId, id);\n  }\n}\n"],
  ['src/nest/notes.module.ts', "import { Module } from '@nestjs/common';\nimport { NotesController } from './notes.controller.js';\nimport { NotesService } from './notes.service.js';\n@Module({ controllers: [NotesController], providers: [{ provide: 'NOTES', useClass: NotesService }] })\nexport class NotesModule {}\n"],
] as const;

it('follows what is injected, and what was put on a request, to those that do not import it', async () => {
  for (const [path, text] of DI('id', 'id: req.id')) write(path, text);
  last = undefined;
  for (const path of (await readProject({ cwd, paths: [] })).contents.keys()) there.add(path);
  await run();
  const [[service, notScoped], [middleware]] = DI('id', 'id: req.id');
  const [[, scoped], [, other]] = DI('id, accountId', 'id: req.id, accountId: req.accountId');
  await afterEachOf([[service, scoped, true], [service, notScoped, true], [service, `\n\n${scoped}`, true]]);
  write(middleware, other);
  expect((await run(middleware)).found).toEqual(await cold());
}, 120_000);

it('depends on being told of every change', async () => {
  write('src/services/service6.ts', "import { prisma } from '../db.js';\nexport const get6 = (accountId: string, id: string) => prisma.item6.findFirst({ where: { id } });\n");
  expect((await run('src/services/service9.ts')).found).not.toEqual(await cold());
});
