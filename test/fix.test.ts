import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tenantlint } from './command-line.js';
import { eslintIn, withRules } from './eslint/host.js';
import { withProject } from './fixtures.js';

const SCHEMA = `create table organizations (id uuid primary key);
create table notes (id uuid primary key, org_id uuid not null references organizations (id));
create index on notes (org_id);
alter table notes enable row level security;
alter table notes force row level security;
create policy own on notes using (org_id = current_setting('app.org', true)::uuid);
`;
const BEFORE = {
  'queries/a.sql': "\uFEFFset app.org = 'x';\nSET  SESSION app.org TO 'y';\nselect set_config('app.org', $1, false), set_config('app.other', $1, false);\n",
  'src/db.ts': "import { Pool } from 'pg';\nconst pool = new Pool();\nexport const enter = (org: string) => pool.query(\"select set_config('app.org', $1, 'f')\", [org]);\nexport const escaped = () => pool.query('select set_config(\\'app.org\\', $1, \\'f\\')', ['x']);\n",
};
const AFTER = {
  'queries/a.sql': "\uFEFFSET LOCAL app.org = 'x';\nSET LOCAL app.org TO 'y';\nselect set_config('app.org', $1, true), set_config('app.other', $1, false);\n",
  'src/db.ts': BEFORE['src/db.ts'].replace("$1, 'f')", '$1, true)'),
};
const FILES = new Map(Object.entries({ 'migrations/0001_base.sql': SCHEMA, ...BEFORE }));

describe('--fix', () => {
  it('tightens what it can, and judges anew', () => withProject(FILES, async (folder) => {
    const { error, out } = await tenantlint(folder, ['--fix', '--format', 'compact']);
    expect(error).toBe('4 fixed in queries/a.sql, src/db.ts\n');
    for (const [file, text] of Object.entries(AFTER)) expect(readFileSync(join(folder, file), 'utf8')).toBe(text);
    expect(out.match(/\S+ error rls-session-variable/g)).toEqual([expect.stringMatching(/^src\/db\.ts:4:/)]);
    expect((await tenantlint(folder, ['--fix'])).error).toBe('');
  }));

  it('in ESLint as well', () => withProject(FILES, async (folder) => {
    const eslint = eslintIn(folder, withRules(['rls-session-variable']), { fix: true });
    for (const [file, text] of Object.entries(BEFORE)) {
      const [result] = await eslint.lintText(text, { filePath: join(folder, file) });
      expect(result!.output, file).toBe(AFTER[file as keyof typeof AFTER]);
    }
  }));

  it('does not mix with texts that are not on disk', () => withProject(FILES, async (folder) => {
    expect(await tenantlint(folder, ['--fix', '--stdin', '--stdin-filename', 'queries/a.sql'], { input: 'select 1;' })).toMatchObject({ status: 2, error: expect.stringMatching(/exclude each other/) as string });
  }));
});
