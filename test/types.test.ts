import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkProject, loadProject } from '../src/commands/pipeline.js';

let folder = '';
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const PROJECT = {
  'package.json': '{ "name": "typed", "dependencies": { "@acme/db": "1", "@acme/session": "1" } }',
  'tsconfig.json': '{ "compilerOptions": { "strict": true, "module": "nodenext", "target": "es2022", "skipLibCheck": true } }',
  'tenantlint.config.json': '{ "tenant": { "column": "orgId", "root": "Org" } }',
  'prisma/schema.prisma': `model Org {
  id    String @id
  notes Note[]
}
model Note {
  id    String @id
  orgId String
  org   Org    @relation(fields: [orgId], references: [id])
  @@index([orgId])
}
`,
  'src/notes.ts': `import { client, connect } from '@acme/db';
import { currentOrg, session } from '@acme/session';

export async function all() {
  return client.note.findMany();
}
export async function one(id: string) {
  const db = await connect(process.env.SHARD);
  return db.note.findUnique({ where: { id } });
}
export async function maybeMine() {
  const orgId = await currentOrg();
  return client.note.findMany({ where: { orgId } });
}
export async function mine() {
  const orgId = await currentOrg();
  if (!orgId) throw new Error('no organization');
  return client.note.findMany({ where: { orgId } });
}
export async function ofSession() {
  return client.note.findMany({ where: { orgId: session().orgId } });
}
`,
};

const INSTALLED = {
  'node_modules/@prisma/client/package.json': '{ "name": "@prisma/client", "version": "1.0.0", "types": "index.d.ts" }',
  'node_modules/@prisma/client/index.d.ts': `export interface NoteDelegate {
  findMany(args?: object): Promise<{ id: string; orgId: string }[]>;
  findUnique(args: object): Promise<{ id: string; orgId: string } | null>;
}
export declare class PrismaClient { readonly note: NoteDelegate; }
`,
  'node_modules/@acme/db/package.json': '{ "name": "@acme/db", "version": "1.0.0", "types": "index.d.ts" }',
  'node_modules/@acme/db/index.d.ts': "import { PrismaClient } from '@prisma/client';\nexport declare const client: PrismaClient;\nexport declare function connect(shard?: string): Promise<PrismaClient>;\n",
  'node_modules/@acme/session/package.json': '{ "name": "@acme/session", "version": "1.0.0", "types": "index.d.ts" }',
  'node_modules/@acme/session/index.d.ts': 'export declare function currentOrg(): Promise<string | undefined>;\nexport declare function session(): { orgId: string };\n',
};

/** A client of the package is known by what it is asked; one that a call makes of something may see one tenant only. */
const WITHOUT = 'src/notes.ts:5 require-tenant-scope This reads "Note", which is used with no condition on the tenant.';

/** What is reported of a project on disk. */
async function report(files: Readonly<Record<string, string>>, types: boolean): Promise<{ findings: string[]; notices: string[] }> {
  folder = mkdtempSync(join(tmpdir(), 'tenantlint-types-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const { findings, skipped } = checkProject(await loadProject({ cwd: folder, paths: [], types }), folder, {});
  return { findings: findings.map(({ file, line, ruleId, message }) => `${file}:${line} ${ruleId} ${message}`), notices: skipped.map(({ reason }) => reason) };
}

describe('--types', () => {
  it('knows the clients that packages give, and what may be undefined', async () => {
    expect(await report({ ...PROJECT, ...INSTALLED }, true)).toEqual({
      findings: [
        WITHOUT,
        'src/notes.ts:9 require-tenant-scope This reads "Note", which is filtered by id only.',
        'src/notes.ts:13 require-tenant-scope This reads "Note", which is filtered by orgId only if a value is given.',
      ],
      notices: [],
    });
  }, 30_000);

  it('says what is not installed', async () => {
    expect(await report(PROJECT, true)).toEqual({
      findings: [WITHOUT],
      notices: ['--types: @acme/db, @acme/session are not installed, so their types are not known; install the dependencies first'],
    });
  }, 30_000);

  it('is not asked without the option', async () => {
    expect(await report({ ...PROJECT, ...INSTALLED }, false)).toEqual({ findings: [WITHOUT], notices: [] });
  });

  it('adds what the compiler knows to a client that the code shows', async () => {
    const files = {
      ...PROJECT, ...INSTALLED,
      'src/notes.ts': `import { PrismaClient } from '@prisma/client';
import { currentOrg } from '@acme/session';
const prisma = new PrismaClient();
export async function maybeMine() {
  return prisma.note.findMany({ where: { orgId: await currentOrg() } });
}
`,
    };
    expect((await report(files, false)).findings).toEqual([]);
    expect((await report(files, true)).findings).toEqual(['src/notes.ts:5 require-tenant-scope This reads "Note", which is filtered by orgId only if a value is given.']);
  }, 30_000);
});
