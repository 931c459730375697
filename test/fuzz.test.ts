import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { corpus, type Seed } from './fuzz/corpus.js';
import { Inputs, type Input } from './fuzz/input.js';
import { Trial } from './fuzz/trial.js';

const COUNT = 400;

/** What fuzzing broke once, in its smallest form; the words are the cause. */
const BROKEN: readonly (readonly [cause: string, path: string, text: string | Buffer])[] = [
  ['a key of a type of such a name', 'migrations/0002_case.sql', "create type constructor as enum ('a');\ncreate table kinds (id constructor primary key);\ncreate table notes (id int primary key, kind constructor references kinds (id));\n"],
  ['a type of the name of a property of every object', 'migrations/0002_case.sql', 'create table notes (project_id constructor references accounts (id), body toString);\n'],
  ['a Python tree of thousands of levels', 'src/case.py', `def f():\n    return {**(lambda ${'/*'.repeat(2000)}['id'])}, **${'/*'.repeat(2000)}\n`],
  ['what is a Python string to the grammar alone', 'src/case.py', `class Notes:\n    def org_id(self):\n        if self.kwargs.get("org_id"):\n            return self.kwargs["org_id"]\n        if self.request.method == "        if self.request.method == "GET":\n            return\n`],
  ['thousands of template holes in what is no SQL', 'queries/case.sql', ' :x '.repeat(8000)],
  ['tens of thousands of blank lines', 'queries/case.sql', `${'\n'.repeat(60_000)}x`],
  ['scripts and comments without an end', 'src/Case.vue', '<script <script> <!-- '.repeat(20_000)],
  ['an unreadable routine in the body of a routine', 'migrations/0002_case.sql', `${'-- far from the start\n'.repeat(5)}create function t() returns void language plpgsql as $f$ begin do $$$$; end $f$;`],
  ['a quote without an end before a word of JavaScript', 'migrations/0002_case.sql', "alter table users alter ' tenant_id type bigint;"],
  ['a Python type in a quote without an end', 'src/case.py', "class Note:\n    org_id: Mapped[uuid.UUID, '"],
  ['a class that is made from a part of what it replaces', 'src/case.py', 'from django.db import models\n\nclass models(models.Model):\n    pass\n\nclass Note(models.Model):\n    id = models.UUIDField(primary_key=True)\n'],
  ['a Python decorator that breaks off at the end', 'src/case.py', 'class Note:\n    @classmethod)\n'],
  ['a constant of many digits that is no number', 'migrations/0002_case.sql', `do $$ begin if '${'0'.repeat(60_000)}x' = '{${' '.repeat(60_000)}"x' then null; end if; end $$;\n`],
  ['control characters in a message about the configuration', 'tenantlint.config.json', '{ "tenant": "\\u001b[2J" }'],
  ['a configuration that is no object', 'tenantlint.config.json', '"\\u0000"'],
  ['a static field that is made from itself', 'src/Made.vue', '<!-- <script> -->\n<script context="module">\nimport { drizzle } from \'drizzle-orm/node-postgres\'; import { eq, and, or, sql } from \'drizzle-orm\'; const db = drizzle(x);\nimport { PrismaClient } from \'@prisma/client\'; const prisma = new PrismaClient();\nclass u extends t { constructor(private c: any) { super(); } async x(b, { t = b.c } = {}) { if (!a) return; await db.update(users).set({ name: accountId ? new a(\'x\') : a }).where(eq(users.id, prisma.$transaction([prisma.user.update({ where: { id: `a${undefined}` }, data: pool.query(`select * from ${null} where account_id = $1`, u) }), db.select().from(users).where(and(and((t, { eq }) => eq(t.id, null as any), sql`${users.id} = ${await sb.rpc(\'t\', (a) => 1)}`), undefined ? (t, { eq }) => eq(t.id, accountId) : undefined))]))); return; } static t = new b(u?.t, /u/g) ?? accountId; get t() { return Object.keys([!a.x]); } }\nfunction* x() { yield await sql`select * from missing where deleted = ${prisma.$queryRaw`select * from users where id = ${x} and account_id = ${req.body.id}`} ${x?.u[0] ? function () { return; } as any : typeof u?.t ? sql`and order_id = ${a(function () { if (!a) return; for (let i = 0; i < 3; i++) { await sb.from(\'accounts\').select(\'*, orders(*)\').eq(\'account_id\', u.map((b) => Object.keys(1))).or(`a.eq.${t}`); } const where = { b: b.a ? new b(typeof 1, 1, 1) : new t(1, 1) as any, ...null }; await Promise.all(x?.a.map(async (b) => { return; })); return; })}` : sql``}`; }\nconst a = 1;\n</script>\n<!-- <script> -->\n'],
  ['FOR over nothing', 'migrations/0002_case.sql', 'do $$\ndeclare\n  u record;\nbegin\n  for u in loop id from migration select\n    -- finding: no-unanalyzable-users "This statement is not understood"\n    execute format(\'create table %I (id int primary key)\', \'copy_\' || u.id);\n  end loop;\nend $$;\n'],
  ['DEL in a skipped place', 'src/case.ts', 'export const \u007f\u009b31m = ;\n'],
];
const SEED: Seed = { name: 'base', files: new Map([['migrations/0001_base.sql', 'create table accounts (id uuid primary key);\ncreate table users (id uuid primary key, account_id uuid not null references accounts (id));\n']]) };

describe('whatever the input', () => {
  const inputs = new Inputs(20_261, corpus());
  const folder = mkdtempSync(join(tmpdir(), 'tenantlint-fuzz-'));
  const trial = new Trial(folder);
  afterAll(() => {
    trial.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const tell = async (input: Input): Promise<void> => expect((await trial.problems(input)).map(({ key, words }) => `input ${input.index}, ${input.kind} of "${input.seed.name}": ${key}\n${words}`)).toEqual([]);

  it(`${COUNT} of them: no crash, no hang, the same report twice, places inside of the files, nothing lost beside them`, async () => {
    for (let index = 0; index < COUNT; index += 1) await tell(inputs.at(index));
  });

  it.each(BROKEN)('%s', async (cause, path, text) => {
    // Number 0 takes every way there is: twice, as a command, beside another project; 1 is read alone, 144 is reported in another format.
    for (const index of [0, 1, 4 * 36]) await tell({ index, seed: SEED, changed: new Map([[path, text]]), kind: cause });
  });
});
