import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tenantlint } from './command-line.js';
import { withProject } from './fixtures.js';
import { checkSample, placeOf, ruleSaying } from './sample.js';

const BASE = `create table accounts (id uuid primary key);
create table notes (id uuid primary key, account_id uuid not null references accounts (id));
create index on notes (account_id);
`;
const LATE = 'alter table notes alter column account_id drop not null;\n';
const QUERIES = `-- name: one
select * from notes where id = $1;

-- name: all
select * from notes
where title = $1
order by id;
`;
const FILES = { 'migrations/0001_base.sql': BASE, 'queries/notes.sql': QUERIES };
const within = (files: Readonly<Record<string, string>>, work: (folder: string) => Promise<void>) => withProject(new Map(Object.entries(files)), work);

describe('a suppression that ends', () => {
  const text = 'select 1; -- tenantlint-disable-line sample-rule -- until 2027-01-31\n';
  const rule = ruleSaying([{ message: 'Wrong.', location: placeOf(text, 'select 1') }]);
  const on = (today: string, reason: string) => {
    const sample = { text: text.replace('until 2027-01-31', reason), directives: [{ kind: 'disable-line', rules: ['sample-rule'], reason }] as const };
    return checkSample(sample, [rule], {}, today).findings.map(({ message, severity }) => `${severity} ${message}`);
  };

  it('holds through its last day', () => {
    expect(on('2027-01-31', 'moved until 2027-01-31')).toEqual([]);
    expect(on('2027-02-01', 'moved until 2027-01-31')).toEqual(['error Wrong.', 'error This suppression comment was to hold until 2027-01-31: it holds no more.']);
  });

  it('on a day that does not exist does not hold', () => {
    expect(on('2020-01-01', 'until 2027-02-30')).toEqual(['error Wrong.', 'error There is no day 2027-02-30: this suppression comment does not hold.']);
  });

  it('is not every word "until"', () => expect(on('2099-01-01', 'until the next release')).toEqual([]));
});

describe('check --exemptions', () => {
  const files = {
    ...FILES,
    'migrations/0001_base.sql': `${BASE}create table tmp_x (id int);\n`,
    'migrations/0002_late.sql': `-- tenantlint-disable-next-line no-tenant-regression -- agreed with ops until 2099-12-31\n${LATE}-- tenantlint-disable-next-line no-tenant-regression\nselect 1;\n`,
    'tenantlint.config.json': '{ "tables": { "ignore": ["tmp_*", "gone_*"] }, "rules": { "tenant-column-not-null": "off" } }',
  };

  it('lists what is written in comments, the configuration and the baseline, and what of it is unused', () => within(files, async (folder) => {
    await tenantlint(folder, ['baseline']);
    const { out, status } = await tenantlint(folder, ['check', '--exemptions', '--format', 'json']);
    expect(status).toBe(1);
    expect(JSON.parse(out)).toEqual([
      { where: 'migrations/0002_late.sql:1', what: 'no-tenant-regression', reason: 'agreed with ops until 2099-12-31', until: '2099-12-31', state: 'in use' },
      { where: 'migrations/0002_late.sql:3', what: 'no-tenant-regression', reason: null, until: null, state: 'unused' },
      { where: 'tenantlint.config.json tables.ignore', what: 'tmp_*', reason: null, until: null, state: 'in use' },
      { where: 'tenantlint.config.json tables.ignore', what: 'gone_*', reason: null, until: null, state: 'unused' },
      { where: 'tenantlint.config.json rules.tenant-column-not-null', what: 'off', reason: null, until: null, state: 'in use' },
      ...[1, 2, 3].map(() => expect.objectContaining({ where: 'tenantlint-baseline.json', state: 'in use' }) as object),
    ]);
    expect((await tenantlint(folder, ['check', '--exemptions'])).out).toMatch(/^where .*exempts .*state .*until .*reason\n/);
  }));

  it('is content when there are none', () => within(FILES, async (folder) => expect(await tenantlint(folder, ['check', '--exemptions'])).toMatchObject({ status: 0, out: 'No exceptions.\n' })));
});

describe('a baseline', () => {
  const compact = async (folder: string, ...args: string[]) => (await tenantlint(folder, ['check', '--format', 'compact', ...args])).out.split('\n').filter((line) => / (?:error|warning) /.test(line));

  it('outlives edits elsewhere, reformatting and a move to another file', () => within(FILES, async (folder) => {
    await tenantlint(folder, ['baseline']);
    expect(await compact(folder)).toEqual([]);
    writeFileSync(join(folder, 'queries/notes.sql'), `-- name: more\nselect 1;\n\n${QUERIES.replace('select * from notes\nwhere title = $1\norder by id', 'SELECT  *\n  FROM notes WHERE title = $1\n  ORDER BY id')}`);
    expect(await compact(folder)).toEqual([]);
    mkdirSync(join(folder, 'db/queries'), { recursive: true });
    renameSync(join(folder, 'queries/notes.sql'), join(folder, 'db/queries/all.sql'));
    expect(await compact(folder)).toEqual([]);
    writeFileSync(join(folder, 'db/queries/new.sql'), 'select * from notes where id = $1;\n');
    expect(await compact(folder)).toHaveLength(1);
  }));

  it('tells what is gone', () => within(FILES, async (folder) => {
    await tenantlint(folder, ['baseline']);
    writeFileSync(join(folder, 'queries/notes.sql'), 'select 1;\n');
    expect((await tenantlint(folder, ['check'])).out).toMatch(/2 baseline entries no longer found/);
  }));

  it('may only shrink, where that is asked', () => within(FILES, async (folder) => {
    const git = (...args: string[]) => execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { stdio: 'pipe' });
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'without');
    const shrinks = (ref: string) => tenantlint(folder, ['check', '--baseline-may-only-shrink', ref]);
    await tenantlint(folder, ['baseline']);
    expect(await shrinks('HEAD')).toMatchObject({ status: 2, error: 'tenantlint: --baseline-may-only-shrink: there is no tenantlint-baseline.json in HEAD\n' });
    git('add', '.');
    git('commit', '-qm', 'with');
    expect(await shrinks('HEAD')).toMatchObject({ status: 0 });
    writeFileSync(join(folder, 'queries/new.sql'), 'delete from notes where id = $1;\n');
    await tenantlint(folder, ['baseline']);
    expect(await shrinks('HEAD')).toMatchObject({ status: 1, error: expect.stringMatching(/^tenantlint: not in the baseline of HEAD: queries\/new\.sql: require-tenant-scope/) as string });
    writeFileSync(join(folder, 'queries/new.sql'), 'select 1;\n');
    renameSync(join(folder, 'queries/notes.sql'), join(folder, 'queries/moved.sql'));
    await tenantlint(folder, ['baseline']);
    expect(await shrinks('HEAD')).toMatchObject({ status: 0 });
  }));
});
