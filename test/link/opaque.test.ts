import { expect, it } from 'vitest';
import { checkProject, loadProject } from '../../src/commands/pipeline.js';
import { withProject } from '../fixtures.js';

const BASE = `create table tenants (id uuid primary key);
create table users (id uuid primary key);
alter table users add column tenant_id uuid references tenants (id);
create index on users (tenant_id);
`;
const LAST = 'update users set nick = null;\nalter table users alter column tenant_id set not null;\n';

/** Errors of a project whose second migration is this file. */
async function errors(second: string) {
  const files = new Map([['migrations/0001_base.sql', BASE], [second, '-- nothing\n'], ['migrations/0003_last.sql', LAST]]);
  return withProject(files, async (cwd) => {
    const loaded = await loadProject({ cwd, paths: [] });
    const { findings, coverage } = checkProject(loaded, cwd, {});
    return { rules: findings.filter(({ severity }) => severity === 'error').map(({ ruleId, line }) => `${line} ${ruleId}`), skipped: coverage.filesSkipped, migrations: coverage.migrations };
  });
}

it('a migration that is not read may create and fill anything, but verifies nothing', async () => {
  expect(await errors('migrations/0002_fill.sql')).toEqual({ rules: ['1 no-failing-statement', '2 not-null-requires-backfill'], skipped: 0, migrations: 3 });
  expect(await errors('migrations/0002_fill.go')).toEqual({ rules: ['2 not-null-requires-verify'], skipped: 1, migrations: 3 });
});
