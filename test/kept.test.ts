import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rules } from '../rules/index.js';
import { fingerprintOf } from '../src/cache/pack.js';
import type { CheckResult } from '../src/check/types.js';
import { checkedProject } from '../src/commands/kept.js';
import { checkProject, loadProject, readProject, type LoadedProject } from '../src/commands/pipeline.js';
import { report } from '../src/report/index.js';
import { sourcesProject } from './bench/projects.js';

// A run after a change says what a run without any cache says, to the byte, whether it was taken from an earlier one or not.
const PROJECTS = join(import.meta.dirname, '../fixtures/projects');
let folder: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'tenantlint-kept-')); });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shown = (result: CheckResult): string => report('json', result, { rules, version: '0', color: false, quiet: false, milliseconds: 0, text: () => undefined, page: () => undefined });
const isTaken = (loaded: LoadedProject): boolean => Object.getOwnPropertyDescriptor(loaded, 'project')?.get !== undefined;

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** A project with a cache; `run` compares with a run without one and says whether the result was taken from an earlier run. */
function projectIn(cwd: string) {
  mkdirSync(`${cwd}.program`, { recursive: true });
  const place = { path: `${cwd}.cache`, fingerprint: fingerprintOf([`${cwd}.program`]) };
  return async (): Promise<boolean> => {
    const { loaded, result } = await checkedProject({ cwd, paths: [], cache: () => place }, {});
    expect(shown(result)).toBe(shown(checkProject(await loadProject({ cwd, paths: [] }), cwd, {})));
    return isTaken(loaded);
  };
}

/** Numbers below a bound, the same for the same seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const EDITS: Readonly<Record<'ts' | 'py', readonly ((text: string) => string)[]>> = {
  ts: [
    (text) => `${text}\n// changed\n`,
    (text) => `\n\n${text}`,
    (text) => `${text}\nexport const more = [1, 2].map((each) => each + 1);\n`,
    (text) => `${text}\n// tenantlint-disable-next-line\nexport const other = 1;\n`,
    (text) => `import { prisma } from '../db.js';\n${text}\nexport const all = () => prisma.item1.findMany();\n`,
    (text) => text.replace(/accountId \} \}/, '} }'),
    (text) => text.split('\n').slice(1).join('\n'),
    (text) => `${text}\nexport const broken = (;\n`,
    (text) => `${text}\nexport * from './extra.js';\n`,
  ],
  py: [
    (text) => `${text}\n# changed\n`,
    (text) => `${text}\nMORE = [each + 1 for each in (1, 2)]\n`,
    (text) => `# tenantlint-disable-next-line\n${text}`,
    (text) => text.replace(/\.filter\([^()]*\)/, '.all()'),
    (text) => `${text}\ndef broken(:\n`,
  ],
};

type Edit = (text: string, next: (below: number) => number) => string;

/** Edits of any text: a line is gone or stands twice, a word is another one of the same text. */
const ANYWHERE: readonly Edit[] = [
  (text, next) => changedLine(text, next, () => []),
  (text, next) => changedLine(text, next, (line) => [line, line]),
  (text, next) => {
    const words = [...text.matchAll(/[A-Za-z_]\w+/g)];
    const [from, to] = [words[next(words.length)], words[next(words.length)]];
    return from === undefined || to === undefined ? text : text.slice(0, from.index) + to[0] + text.slice(from.index + from[0].length);
  },
];

function changedLine(text: string, next: (below: number) => number, change: (line: string) => readonly string[]): string {
  const lines = text.split('\n');
  const at = next(lines.length);
  return lines.toSpliced(at, 1, ...change(lines[at]!)).join('\n');
}

const SAME_PLACES = `import { requireSession, requestsAsJson } from '../auth.js';
import { prisma } from '../db.js';

export async function GET(request: Request) {
  const { id } = await request.json();
  const { accountId } = await requireSession(request);
  return Response.json(await prisma.item1.findFirst({ where: { id, accountId } }));
}

export async function PATCH(request: Request) {
  const { id, title } = await request.json();
  const { accountId } = await requireSession(request);
  const item = await prisma.item1.findUnique({ where: { id } });
  if (item === null || item.accountId !== accountId) throw new Error('not found');
  await prisma.item1.update({ where: { id: item.id }, data: { title } });
}

export async function DELETE(request: Request) {
  const { id, out } = await request.json();
  const { accountId } = await requireSession(request);
  const own = await prisma.item2.findFirst({ where: { id, accountId } });
  if (own === null) return;
  await prisma.item1.deleteMany({ where: { accountId, title: own.title } });
}
`;

async function editedAtRandom(cwd: string, paths: readonly string[], seed: number, steps: number, always?: readonly Edit[]): Promise<number> {
  const next = numbers(seed);
  const run = projectIn(cwd);
  let taken = 0;
  await run();
  for (let step = 0; step < steps; step++) {
    const path = paths[next(paths.length)]!;
    const edits = always ?? EDITS[path.endsWith('.py') ? 'py' : 'ts'];
    const before = readFileSync(join(cwd, path), 'utf8');
    write(cwd, path, edits[next(edits.length)]!(before, next));
    if (await run()) taken++;
    if (next(2) === 0) {
      write(cwd, path, before);
      await run();
    }
  }
  return taken;
}

/** Files are gone, are found elsewhere, or stand twice; then they are back. */
async function movedAtRandom(cwd: string, paths: readonly string[], seed: number, steps: number): Promise<void> {
  const next = numbers(seed);
  const run = projectIn(cwd);
  await run();
  for (let step = 0; step < steps; step++) {
    const path = paths[next(paths.length)]!;
    const text = readFileSync(join(cwd, path), 'utf8');
    const other = posix.join(posix.dirname(paths[next(paths.length)]!), next(2) === 0 ? posix.basename(path) : `other_${posix.basename(path)}`);
    const isNew = !existsSync(join(cwd, other));
    const stays = next(3) === 0;
    if (!stays) rmSync(join(cwd, path));
    if (isNew && next(3) > 0) write(cwd, other, text);
    await run();
    if (isNew) rmSync(join(cwd, other), { force: true });
    write(cwd, path, text);
    if (next(2) === 0) await run();
  }
}

describe('a run after a change', () => {
  it('of a made-up project says the same as one without a cache', async () => {
    const cwd = join(folder, 'made-up');
    const files = [...sourcesProject(90)].filter(([path]) => path.startsWith('prisma/') || !/[4-9]\d*\.tsx?$/.test(path) || path.includes('/components/'));
    for (const [path, text] of files) write(cwd, path, text);
    write(cwd, 'src/components/extra.ts', 'export const extra = 1;\n');
    expect(await editedAtRandom(cwd, files.map(([path]) => path).filter((path) => path.endsWith('.ts') || path.endsWith('.tsx')), 7, 24)).toBeGreaterThan(2);
  }, 120_000);

  it.each(['desk-django', 'crm-typeorm'])('of %s says the same as one without a cache', async (name) => {
    const cwd = join(folder, name);
    cpSync(join(PROJECTS, name), cwd, { recursive: true });
    const { wanted } = await readProject({ cwd, paths: [] });
    await editedAtRandom(cwd, wanted.map(({ path }) => path).filter((path) => /\.(?:ts|tsx|py)$/.test(path)), 3, 8);
  }, 120_000);

  it.each(['saas-25', 'wiki-kysely', 'inventory-knex', 'two-databases', 'desk-django', 'warden'])('anywhere in %s says the same as one without a cache', async (name) => {
    const cwd = join(folder, `anywhere-${name}`);
    cpSync(join(PROJECTS, name), cwd, { recursive: true });
    const { wanted } = await readProject({ cwd, paths: [] });
    await editedAtRandom(cwd, wanted.map(({ path }) => path), 11, 12, ANYWHERE);
  }, 120_000);

  it.each(['saas-25', 'wiki-kysely', 'crm-typeorm', 'desk-django', 'warden', 'nextaccounting', 'helpdesk-mikro-orm'])('after files of %s have come and gone says the same as one without a cache', async (name) => {
    const cwd = join(folder, `moved-${name}`);
    cpSync(join(PROJECTS, name), cwd, { recursive: true });
    const { wanted } = await readProject({ cwd, paths: [] });
    await movedAtRandom(cwd, wanted.map(({ path }) => path).filter((path) => /\.(?:ts|tsx|js|py)$/.test(path)), 5, 8);
  }, 120_000);

  it.each([
    ['a condition of the query', /where: \{ id, accountId \}/, 'where: { id, title: id }'],
    ['what was checked before', /item\.accountId !== accountId/, 'item.accountId === accountId'],
    ['where a value comes from', /= await requireSession\(request\)/, '= await requestsAsJson(request)'],
    ['the row that an id is of', /const own = await prisma/, 'const out = await prisma'],
  ])('that leaves every place where it was says the same as one without a cache: %s', async (name, from, to) => {
    const cwd = join(folder, name.replaceAll(' ', '-'));
    for (const [path, text] of sourcesProject(80)) if (!/[1-9]\.tsx?$/.test(path)) write(cwd, path, text);
    const text = SAME_PLACES;
    expect(text.replace(from, to)).toHaveLength(text.length);
    write(cwd, 'src/auth.ts', 'export declare function requireSession(request: Request): Promise<{ accountId: string }>;\nexport const requestsAsJson = (request: Request) => request.json();\n');
    write(cwd, 'src/routes/item.ts', text);
    const run = projectIn(cwd);
    await run();
    write(cwd, 'src/routes/item.ts', text.replace(from, to));
    expect(await run()).toBe(false);
  }, 60_000);

  it('of code that is handed its client by an application says the same as one without a cache', async () => {
    const cwd = join(folder, 'carried');
    write(cwd, 'migrations/1.sql', 'create table accounts (id uuid primary key);\ncreate table notes (id uuid primary key, account_id uuid not null references accounts (id));\n');
    write(cwd, 'src/db.ts', "import fp from 'fastify-plugin';\nimport { Pool } from 'pg';\nexport default fp(async (app) => { app.decorate('db', new Pool()); });\n");
    const route = (text: string) => `import type { FastifyPluginAsync } from 'fastify';\nconst routes: FastifyPluginAsync = async (app) => { app.get('/notes/:id', async (req) => app.db.query('${text}', [req.params.id])); };\nexport default routes;\n`;
    const run = projectIn(cwd);
    for (const condition of ['id = $1', 'account_id = $1', 'id = $1']) {
      write(cwd, 'src/routes.ts', route(`select * from notes where ${condition}`));
      await run();
    }
    write(cwd, 'src/db.ts', 'export default async () => undefined;\n');
    await run();
  }, 60_000);

  it('of a file that nobody looks into is not linked again, however often; of another it is', async () => {
    const cwd = join(folder, 'component');
    for (const [path, text] of sourcesProject(80)) write(cwd, path, text);
    const run = projectIn(cwd);
    expect(await run()).toBe(false);
    for (const text of ['export const Component2 = () => null;\n', '\nexport function Component2() { return <b>{1}</b>; }\n']) {
      write(cwd, 'src/components/component2.tsx', text);
      expect(await run()).toBe(true);
      expect(await run()).toBe(true);
    }
    // Now it leads to the database.
    write(cwd, 'src/components/component2.tsx', "import { get0 } from '../services/service0.js';\nexport const Component2 = () => get0('1', '2');\n");
    expect(await run()).toBe(false);
    write(cwd, 'src/components/component2.tsx', "import { get0 } from '../services/service0.js';\nexport const Component2 = () => get0('1', '3');\n");
    expect(await run()).toBe(false);
    write(cwd, 'src/services/service0.ts', "import { prisma } from '../db.js';\nexport const get0 = (accountId: string, id: string) => prisma.item0.findFirst({ where: { id } });\n");
    expect(await run()).toBe(false);
  }, 120_000);
});
