import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BAD_MIGRATION, BAD_QUERY, CJS, ESM, inProject, ROOT } from './packed-project.js';

/** The findings of a report for people or machines, as `file:line rule`. */
function findingsIn(text: string): string[] {
  const github = [...text.matchAll(/^::(?:error|warning) file=([^,]*),line=(\d+),.*?title=tenantlint%3A ([\w-]+)::/gm)];
  return github.map(([, file, line, rule]) => `${file}:${line} ${rule}`).sort();
}

describe('a new project', { timeout: 180_000 }, () => {
  it.each([['eslint', 'eslint.config.mjs', ESM], ['eslint', 'eslint.config.cjs', CJS], ['eslint-v9', 'eslint.config.mjs', ESM], ['eslint-v9', 'eslint.config.cjs', CJS]])(
    '%s with %s underlines an unscoped query and a bad migration', (eslint, config, text) => inProject((project) => {
      project.write(config, text);
      expect(project.eslint('.')).toEqual([]);
      project.write('src/one.js', BAD_QUERY);
      project.write('migrations/0002_late.sql', BAD_MIGRATION);
      expect(project.eslint('.')).toEqual([
        'migrations/0001_base.sql:2 tenant-column-not-null', 'migrations/0002_late.sql:2 no-tenant-regression', 'src/one.js:2 require-tenant-scope',
      ]);
    }, eslint));

  it.each(['eslint', 'eslint-v9'])('%s --cache serves nothing stale when the schema changes', (eslint) => inProject((project) => {
    project.write('eslint.config.mjs', ESM);
    project.write('src/labels.js', BAD_QUERY.replace('notes', 'labels'));
    const lint = () => project.eslint('--cache', 'src');
    expect(lint()).toEqual([]);
    const before = readFileSync(join(project.folder, '.eslintcache'), 'utf8');
    expect(lint()).toEqual([]);
    expect(readFileSync(join(project.folder, '.eslintcache'), 'utf8')).toBe(before);
    project.write('migrations/0002_labels.sql', 'create table labels (id uuid primary key, account_id uuid not null references accounts (id));\ncreate index on labels (account_id);\n');
    expect(lint()).toEqual(['src/labels.js:2 require-tenant-scope']);
    project.write('tenantlint.config.json', '{ "rules": { "require-tenant-scope": "off" } }');
    expect(lint()).toEqual([]);
  }, eslint));

  it('says the same with what V8 compiled in an earlier run, and reads a configuration that is code', () => inProject((project) => {
    project.write('migrations/0002_late.sql', BAD_MIGRATION);
    project.write('src/one.js', BAD_QUERY);
    project.write('tenantlint.config.mjs', "import { sep } from 'node:path';\nexport default { source: { exclude: [`src${sep}one.js`] } };\n");
    const kept = join(project.folder, 'kept');
    const run = () => findingsIn(project.run(join(project.folder, 'node_modules/.bin/tenantlint'), ['check', '--format', 'github'], { XDG_CACHE_HOME: kept }).out);
    const found = ['migrations/0001_base.sql:2 tenant-column-not-null', 'migrations/0002_late.sql:2 no-tenant-regression'];
    const compiled = join(kept, 'tenantlint/compiled');
    for (const damaged of [false, false, true, false]) {
      if (damaged) writeFileSync(join(compiled, readdirSync(compiled)[0]!), 'no such thing');
      expect(run()).toEqual(found);
      expect(readdirSync(compiled)).toHaveLength(1);
    }
  }));

  it('fails before the commit, in ESLint and in continuous integration with the same findings', () => inProject((project) => {
    expect(project.tenantlint('init', '--eslint').out).toBe('eslint.config.mjs written.\n');
    project.git('init', '-q');
    expect(project.tenantlint('init', '--hook').out).toMatch(/pre-commit written/);
    project.git('add', '.');
    expect(project.git('commit', '-m', 'base').status).toBe(0);
    project.write('src/one.js', BAD_QUERY);
    project.write('migrations/0002_late.sql', BAD_MIGRATION);
    project.git('add', '.');
    const commit = project.git('commit', '-m', 'bad');
    expect(commit.status).toBe(1);
    const staged = findingsIn(project.tenantlint('check', '--staged', '--format', 'github').out);
    expect(staged).toHaveLength(3);
    for (const finding of staged) expect(commit.out + commit.error).toContain(finding.split(' ')[1]);
    expect(project.eslint('.')).toEqual(staged);
    const action = /^ {6}run: \|\n([\s\S]*)/m.exec(readFileSync(join(ROOT, 'action.yml'), 'utf8'))![1]!.replace(/^ {8}/gm, '');
    const integration = (env: Record<string, string>) => project.run('bash', ['-c', action], { CHANGED_SINCE: '', MAX_WARNINGS: '', SARIF: '', VERSION: '', ...env });
    const whole = integration({});
    expect(whole.status).toBe(1);
    expect(findingsIn(whole.out)).toEqual(staged);
    const changed = integration({ CHANGED_SINCE: 'HEAD', SARIF: 'out.sarif' });
    expect([changed.status, findingsIn(changed.out)]).toEqual([1, staged]);
    expect(JSON.parse(readFileSync(join(project.folder, 'out.sarif'), 'utf8'))).toMatchObject({ version: '2.1.0' });
    project.git('reset', '-q', '--hard');
    expect(integration({ MAX_WARNINGS: '0' }).status).toBe(0);
  }));
});
