import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { Bench } from './fuzz/bench.js';
import { corpus, type Seed } from './fuzz/corpus.js';
import { Inputs, type Input } from './fuzz/input.js';

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
  ['DEL in a skipped place', 'src/case.ts', 'export const \u007f\u009b31m = ;\n'],
];
const SEED: Seed = { name: 'base', files: new Map([['migrations/0001_base.sql', 'create table accounts (id uuid primary key);\ncreate table users (id uuid primary key, account_id uuid not null references accounts (id));\n']]) };

describe('whatever the input', () => {
  const inputs = new Inputs(20_261, corpus());
  const bench = new Bench(tmpdir());
  const tell = async (input: Input): Promise<void> => expect((await bench.problems(input)).map(({ key, words }) => `input ${input.index}, ${input.kind} of "${input.seed.name}": ${key}\n${words}`)).toEqual([]);

  it(`${COUNT} of them: no crash, no hang, the same report twice, places inside of the files, nothing lost beside them`, async () => {
    for (let index = 0; index < COUNT; index += 1) await tell(inputs.at(index));
  });

  it.each(BROKEN)('%s', async (cause, path, text) => {
    // Number 0 takes every way there is: twice, as a command, beside another project; 1 is read alone, 144 is reported in another format.
    for (const index of [0, 1, 4 * 36]) await tell({ index, seed: SEED, changed: new Map([[path, text]]), kind: cause });
  });
});
