import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plan, prove, type Planned } from './support.js';

let db: PGlite;
beforeAll(async () => {
  db = await PGlite.create();
});
afterAll(() => db.close());

const TABLES = `create table accounts (id uuid primary key, name text);
create table users (id uuid primary key, account_id uuid not null references accounts (id) on delete cascade);
create index users_account on users (account_id);
create table sessions (id uuid primary key, user_id uuid not null references users (id), slug text unique);
create table notes (id uuid primary key, session_id uuid references sessions (id), author_id uuid references users (id), reply_to uuid references notes (id));
`;
const statements = TABLES.split(';\n').filter(Boolean);
const CONFIG = ['tenantlint.config.json', '{ "rls": { "setting": "app.tenant" } }'] as const;

const ALEMBIC = `"""base"""
import sqlalchemy as sa
from alembic import op

revision = "a000"
down_revision = None


def upgrade():
${statements.map((each) => `    op.execute("""${each}""")`).join('\n')}


def downgrade():
    for table in ("notes", "sessions", "users", "accounts"):
        op.drop_table(table)
`;
const JOURNAL = JSON.stringify({ version: '7', dialect: 'postgresql', entries: [{ idx: 0, version: '7', when: 1700000000000, tag: '0000_base', breakpoints: true }] });

/** One small project in each dialect: its files, where its migrations lie, and how the new ones must be called. */
const PROJECTS: Readonly<Record<string, { files: (readonly [string, string])[]; dir: string; names: RegExp; online: boolean; each?: true }>> = {
  sql: { files: [['db/migrations/0007_base.sql', TABLES]], dir: 'db/migrations', names: /^db\/migrations\/0008_add_account_id_to_sessions_and_notes\.sql$/, online: true },
  'sql with down files': {
    files: [['migrations/000001_base.up.sql', TABLES], ['migrations/000001_base.down.sql', 'drop table notes, sessions, users, accounts;\n']], dir: 'migrations',
    names: /^migrations\/000002_add_account_id_to_sessions_and_notes\.(up|down)\.sql$/, online: true,
  },
  goose: { files: [['migrations/00001_base.sql', `-- +goose Up\n${TABLES}\n-- +goose Down\ndrop table notes, sessions, users, accounts;\n`]], dir: 'migrations', names: /^migrations\/00002_add/, online: true },
  dbmate: { files: [['db/migrations/20240101000000_base.sql', `-- migrate:up\n${TABLES}\n-- migrate:down\ndrop table notes, sessions, users, accounts;\n`]], dir: 'db/migrations', names: /^db\/migrations\/20\d{12}_add/, online: true },
  prisma: { files: [['prisma/migrations/20240101000000_base/migration.sql', TABLES]], dir: 'prisma/migrations', names: /^prisma\/migrations\/20\d{12}_add_account_id_to_sessions_and_notes\/migration\.sql$/, online: true },
  drizzle: { files: [['drizzle/0000_base.sql', statements.map((each) => `${each};`).join('--> statement-breakpoint\n')], ['drizzle/meta/_journal.json', JOURNAL]], dir: 'drizzle', names: /^drizzle\/(0001_add_account_id_to_sessions_and_notes\.sql|meta\/_journal\.json)$/, online: false },
  supabase: { each: true, files: [['supabase/migrations/20240101000000_base.sql', TABLES]], dir: 'supabase/migrations', names: /^supabase\/migrations\/20\d{12}_add_account_id_to_sessions_and_notes\.sql$/, online: true },
  alembic: { files: [['alembic/env.py', ''], ['alembic/versions/a000_base.py', ALEMBIC]], dir: 'alembic/versions', names: /^alembic\/versions\/a001_add_account_id_to_sessions_and_notes\.py$/, online: true },
  knex: {
    files: [['migrations/20240101000000_base.js', `exports.up = async function (knex) {\n${statements.map((each) => `  await knex.raw(\`${each}\`);`).join('\n')}\n};\nexports.down = async function (knex) { await knex.raw('drop table notes, sessions, users, accounts'); };\n`]], dir: 'migrations',
    names: /^migrations\/20\d{12}_add_account_id_to_sessions_and_notes\.js$/, online: true,
  },
  typeorm: {
    files: [['src/migrations/1700000000000-base.ts', `import { MigrationInterface, QueryRunner } from 'typeorm';\nexport class Base1700000000000 implements MigrationInterface {\n  async up(queryRunner: QueryRunner) {\n${statements.map((each) => `    await queryRunner.query(\`${each}\`);`).join('\n')}\n  }\n  async down(queryRunner: QueryRunner) { await queryRunner.query('drop table notes, sessions, users, accounts'); }\n}\n`]],
    dir: 'src/migrations', names: /^src\/migrations\/\d{13}-add-account-id-to-sessions-and-notes\.ts$/, online: true,
  },
};

/** Findings of the strict preset that speak of what plan wrote; application code there is none. */
function faults({ checked, written }: Planned): string[] {
  return checked.findings.filter(({ file, tables }) => written.has(file) || tables.some((table) => ['sessions', 'notes'].includes(table)))
    .map(({ ruleId, file, line, message }) => `${file}:${line} ${ruleId} ${message}`);
}

describe.each(Object.entries(PROJECTS))('%s', (_, { files, dir, names, online, each }) => {
  it('is continued as it was written, passes check, and fills every row with its parent\'s tenant', async () => {
    const planned = await plan(new Map(files), dir, ['--unique', '--default-tenant', '00000000-0000-4000-8000-000000000000']);
    expect(planned.error).toMatch(/2 tables in 1 migration/);
    for (const path of planned.written.keys()) expect(path).toMatch(names);
    expect(faults(planned)).toEqual([]);
    expect(await prove(db, planned, { full: false })).toEqual([]);
  });

  it('stops while a row has no tenant', async () => {
    const planned = await plan(new Map(files), dir);
    expect(planned.error).toMatch(/rows of notes may have no tenant/);
    const [problem] = await prove(db, planned, { full: false });
    expect(problem).toMatch(/P0001 notes: \d+ rows without account_id|: {2}notes: \d+ rows without account_id|RuntimeError: SELECT count\(\*\) FROM notes/);
    expect(await prove(db, planned, { full: true })).toEqual([]);
  });

  it('gets policies and triggers on request', async () => {
    const planned = await plan(new Map([...files, CONFIG]), dir, ['--unique', '--rls', '--immutable'], { preset: 'rls' });
    expect(faults(planned)).toEqual([]);
    expect(await prove(db, planned, { full: true })).toEqual([]);
    expect(planned.after.project.tables.filter(({ name }) => ['sessions', 'notes'].includes(name)).map(({ table, tenantKept }) => [table.rowSecurity, table.forceRowSecurity, tenantKept])).toEqual([[true, true, 'yes'], [true, true, 'yes']]);
  });

  it.runIf(online)('holds no lock for long on request: the strict preset has nothing to say', async () => {
    const planned = await plan(new Map(files), dir, ['--online', ...(each ? [] : ['--batched']), '--unique', '--immutable'], { preset: 'strict' });
    // Policies and composite foreign keys are more than a tenant column.
    const other = each ? /rls-enabled|foreign-key-includes-tenant|tenant-index-concurrently|backfill-in-batches/ : /rls-enabled|foreign-key-includes-tenant/;
    expect(faults(planned).filter((fault) => !other.test(fault))).toEqual([]);
    expect(await prove(db, planned, { full: true })).toEqual([]);
  });

  it.runIf(!online)('refuses what its tool cannot do', async () => {
    expect((await plan(new Map(files), dir, ['--online'])).error).toMatch(/Drizzle runs its migrations in one transaction/);
  });
});
