import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tenantlint } from './command-line.js';
import { withProject } from './fixtures.js';

const BASE = `create table accounts (id uuid primary key);
create table users (id uuid primary key, account_id uuid not null references accounts (id));
create index on users (account_id);
create table notes (id uuid primary key, account_id uuid not null references accounts (id), user_id uuid references users (id));
create index on notes (account_id);
`;
const LATE = 'alter table users alter column account_id drop not null;\n';
const QUERY = 'select * from notes where account_id = $1;\n';

/** A repository with one commit, and what one does with it. */
class Repository {
  constructor(readonly folder: string) {}

  git(...args: string[]): string {
    return execFileSync('git', ['-C', this.folder, '-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'protocol.file.allow=always', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  write(file: string, text: string | Buffer): void {
    mkdirSync(dirname(join(this.folder, file)), { recursive: true });
    writeFileSync(join(this.folder, file), text);
  }

  stage(file: string, text: string | Buffer): void {
    this.write(file, text);
    this.git('add', '--', file);
  }

  commit(): void {
    this.git('add', '.');
    this.git('commit', '-q', '-m', 'work');
  }

  /** Each finding as `file:line rule`. */
  async findings(...args: string[]): Promise<string[]> {
    const { out, error, status } = await tenantlint(this.folder, [...args, '--format', 'json']);
    if (status === 2) throw new Error(error);
    return (JSON.parse(out) as { findings: { file: string; line: number; ruleId: string }[] }).findings.map(({ file, line, ruleId }) => `${file}:${line} ${ruleId}`);
  }
}

const inRepository = (work: (repository: Repository) => Promise<void>, files: Readonly<Record<string, string>> = {}) => withProject(
  new Map(Object.entries({ 'migrations/0001_base.sql': BASE, 'queries/notes.sql': QUERY, ...files })),
  async (folder) => {
    const repository = new Repository(folder);
    repository.git('init', '-q');
    repository.commit();
    await work(repository);
  },
);

describe('--staged', () => {
  it('judges what is staged, not what is on disk', () => inRepository(async (repository) => {
    repository.stage('migrations/0002_late.sql', LATE);
    repository.write('migrations/0002_late.sql', 'select 1;\n');
    expect(await repository.findings('--staged')).toEqual(['migrations/0001_base.sql:2 tenant-column-not-null', 'migrations/0002_late.sql:1 no-tenant-regression']);
    repository.stage('migrations/0002_late.sql', 'select 1;\n');
    repository.write('migrations/0002_late.sql', LATE);
    expect(await repository.findings('--staged')).toEqual([]);
  }));

  it('says the same of what it knows from before, whatever is on disk by now', () => inRepository(async (repository) => {
    const staged = () => repository.findings('--staged', '--cache-dir', '.git/kept');
    repository.stage('queries/notes.sql', 'select * from notes where id = $1;\n');
    repository.stage('src/a.ts', 'export const a = 1;\n');
    const found = ['queries/notes.sql:1 require-tenant-scope'];
    expect(await staged()).toEqual(found);
    repository.write('queries/notes.sql', `\n\n${QUERY}`);
    expect(await staged()).toEqual(found);
    repository.stage('queries/more.sql', QUERY);
    expect(await staged()).toEqual(found);
    repository.stage('queries/notes.sql', '\nselect * from notes where id = $1;\n');
    expect(await staged()).toEqual(['queries/notes.sql:2 require-tenant-scope']);
  }));

  it('says the same where git writes other line ends on disk than it keeps', () => inRepository(async (repository) => {
    const staged = () => repository.findings('--staged', '--cache-dir', '.git/kept');
    const query = `${QUERY}select * from notes where id = $1;\n`;
    repository.stage('queries/notes.sql', query);
    const found = ['queries/notes.sql:2 require-tenant-scope'];
    expect(await staged()).toEqual(found);
    repository.git('config', 'core.autocrlf', 'true');
    repository.write('queries/notes.sql', query.replaceAll('\n', '\r\n'));
    repository.git('add', 'queries/notes.sql');
    repository.stage('queries/more.sql', `${query.replaceAll('\n', '\r\n')}\r\n`);
    for (let time = 0; time < 2; time++) expect(await staged()).toEqual(['queries/more.sql:2 require-tenant-scope', ...found]);
  }));

  it('takes a part that is staged for the whole', () => inRepository(async (repository) => {
    repository.stage('queries/notes.sql', `-- name: one\nselect * from notes where id = $1;\n${QUERY}`);
    repository.write('queries/notes.sql', `-- name: one\nselect * from notes where id = $1;\n${QUERY}select * from users where id = $1;\n`);
    expect(await repository.findings('--staged')).toEqual(['queries/notes.sql:2 require-tenant-scope']);
  }));

  it('knows nothing of untracked files, and all of those deleted on disk alone', () => inRepository(async (repository) => {
    repository.write('migrations/0003_untracked.sql', LATE);
    rmSync(join(repository.folder, 'migrations/0001_base.sql'));
    repository.stage('queries/notes.sql', 'select * from notes where id = $1;\n');
    expect(await repository.findings('--staged')).toEqual(['queries/notes.sql:1 require-tenant-scope']);
  }));

  it('follows a rename and sees what a deletion causes', () => inRepository(async (repository) => {
    repository.git('mv', 'queries/notes.sql', 'queries/renamed.sql');
    expect(await repository.findings('--staged')).toEqual([]);
    repository.stage('queries/renamed.sql', 'select * from notes where id = $1;\n');
    expect(await repository.findings('--staged')).toEqual(['queries/renamed.sql:1 require-tenant-scope']);
    repository.git('reset', '-q', '--hard');
    repository.git('rm', '-q', 'migrations/0002_index.sql');
    expect(await repository.findings('--staged')).toEqual(['migrations/0001_base.sql:6 tenant-column-index']);
  }, {
    'migrations/0001_base.sql': `${BASE}create table tags (id uuid primary key, account_id uuid not null references accounts (id));\n`, 'migrations/0002_index.sql': 'create index on tags (account_id);\n',
  }));

  it('reports elsewhere what was caused, not what was there', () => inRepository(async (repository) => {
    repository.stage('migrations/0002_shared.sql', 'alter table notes add column org text;\n');
    expect(await repository.findings('--staged')).toEqual([]);
    repository.stage('migrations/0003_tenant.sql', 'create table labels (id uuid primary key, account_id uuid not null references accounts (id));\ncreate index on labels (account_id);\n');
    expect(await repository.findings('--staged')).toEqual(['queries/labels.sql:1 require-tenant-scope']);
  }, { 'queries/labels.sql': 'select * from labels;\n', 'queries/old.sql': 'select * from users where id = $1;\n' }));

  it('reads binary files, links and submodules as what they are', () => inRepository(async (repository) => {
    const other = join(repository.folder, '../', `${repository.folder.split('/').pop()}-other`);
    try {
      mkdirSync(other);
      const inner = new Repository(other);
      inner.git('init', '-q');
      inner.stage('migrations/0001_theirs.sql', LATE);
      inner.commit();
      repository.git('submodule', '--quiet', 'add', other, 'theirs');
      repository.stage('queries/data.sql', Buffer.from([0, 159, 146, 150, 0, 255]));
      symlinkSync('../queries/gone.sql', join(repository.folder, 'queries/broken.sql'));
      symlinkSync('../shared/one.sql', join(repository.folder, 'queries/one.sql'));
      repository.stage('shared/one.sql', 'select * from notes where id = $1;\n');
      repository.git('add', 'queries');
      repository.write('shared/one.sql', QUERY);
      const found = await repository.findings('--staged');
      expect(found).toEqual(['queries/one.sql:1 require-tenant-scope', 'shared/one.sql:1 require-tenant-scope']);
      const { out } = await tenantlint(repository.folder, ['--staged']);
      expect(out).toMatch(/queries\/broken\.sql:1 {2}is a symbolic link to nothing under version control/);
      expect(out).toMatch(/queries\/data\.sql:1 {2}is a binary file/);
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  }));

  it('works before the first commit and below the top of the repository', () => withProject(new Map([['app/migrations/0001_base.sql', BASE + LATE], ['other/x.sql', '']]), async (folder) => {
    const repository = new Repository(folder);
    repository.git('init', '-q');
    repository.git('add', '.');
    expect(await new Repository(join(folder, 'app')).findings('--staged')).toEqual(['migrations/0001_base.sql:2 tenant-column-not-null']);
  }));
});

describe('--changed-since', () => {
  it('reports what a branch has changed or caused', () => inRepository(async (repository) => {
    repository.git('branch', '-q', 'trunk');
    repository.stage('migrations/0002_labels.sql', 'create table labels (id uuid primary key, account_id uuid not null references accounts (id));\ncreate index on labels (account_id);\n');
    repository.commit();
    repository.write('queries/new.sql', 'select * from labels where id = $1;\n');
    expect(await repository.findings('--changed-since', 'trunk')).toEqual(['queries/labels.sql:1 require-tenant-scope', 'queries/new.sql:1 require-tenant-scope']);
    expect(await repository.findings('--changed-since', 'HEAD')).toEqual(['queries/new.sql:1 require-tenant-scope']);
  }, { 'queries/labels.sql': 'select * from labels;\n', 'queries/old.sql': 'select * from users where id = $1;\n' }));
});
