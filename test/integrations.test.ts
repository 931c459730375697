import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tenantlint, type Outcome } from './command-line.js';
import { withProject } from './fixtures.js';

const init = (files: Readonly<Record<string, string>>, work: (folder: string, run: (...args: string[]) => Promise<Outcome>) => Promise<void>) => withProject(
  new Map(Object.entries(files)), (folder) => work(folder, (...args) => tenantlint(folder, ['init', ...args])));
const LINE = 'npx --no-install tenantlint check --staged';

describe('init --hook', () => {
  it('is a hook of git where no tool is used, once, after what is there', () => init({ 'a.txt': '' }, async (folder, run) => {
    expect(await run('--hook')).toMatchObject({ status: 2, error: expect.stringMatching(/not in a git repository/) as string });
    execFileSync('git', ['-C', folder, 'init', '-q']);
    const file = join(folder, '.git/hooks/pre-commit');
    expect((await run('--hook', '--dry-run')).out).toContain(LINE);
    expect(existsSync(file)).toBe(false);
    expect((await run('--hook')).out).toBe('.git/hooks/pre-commit written.\n');
    expect(readFileSync(file, 'utf8')).toBe(`#!/bin/sh\n${LINE} || exit 1\n`);
    expect(statSync(file).mode & 0o111).toBe(0o111);
    expect((await run('--hook')).out).toMatch(/runs tenantlint already/);
  }));

  it('joins the tool that is used', () => init({ '.husky/pre-commit': 'npm test' }, async (folder, run) => {
    await run('--hook');
    expect(readFileSync(join(folder, '.husky/pre-commit'), 'utf8')).toBe(`npm test\n${LINE} || exit 1\n`);
  }));

  it.each([['.pre-commit-config.yaml', /Add under "repos:".*\n {2}- repo: local/], ['lefthook.yml', /Add to lefthook\.yml:\npre-commit:/]])('says what to add to %s', (file, words) => init({ [file]: '' }, async (folder, run) => {
    expect((await run('--hook')).out).toMatch(words);
    expect(readFileSync(join(folder, file), 'utf8')).toBe('');
  }));

  it('leaves a hook that is no shell script alone', () => init({ '.husky/pre-commit': '#!/usr/bin/env node\n' }, async (folder, run) => {
    expect((await run('--hook')).out).toMatch(/is not a shell script; let it run:\nnpx/);
    expect(readFileSync(join(folder, '.husky/pre-commit'), 'utf8')).toBe('#!/usr/bin/env node\n');
  }));
});

describe('init --ci and --eslint', () => {
  it('write what is not there, and say what to add to what is', () => init({ '.gitlab-ci.yml': 'x: 1\n', 'eslint.config.js': 'export default [];\n' }, async (folder, run) => {
    expect((await run('--ci', 'github')).out).toBe('.github/workflows/tenantlint.yml written.\n');
    expect(await run('--ci', 'github')).toMatchObject({ status: 2, error: 'tenantlint: .github/workflows/tenantlint.yml is there already; --force overwrites it\n' });
    expect((await run('--ci', 'gitlab')).out).toMatch(/^\.gitlab-ci\.yml is there already; add to it:\ntenantlint:/);
    expect((await run('--eslint')).out).toMatch(/^eslint\.config\.js is there already; add to it:\nimport tenantlint/);
    expect(readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8')).toBe('x: 1\n');
    expect(await run('--ci', 'gitlap')).toMatchObject({ status: 2, error: expect.stringMatching(/did you mean "gitlab"/) as string });
  }));

  it('do all that is asked in one go', () => init({}, async (folder, run) => {
    expect((await run('--ci', 'gitlab', '--eslint')).out).toBe('.gitlab-ci.yml written.\neslint.config.mjs written.\n');
    expect(existsSync(join(folder, 'tenantlint.config.json'))).toBe(false);
  }));
});

it('the hook for the pre-commit framework runs the same command', () => {
  const hooks = readFileSync(join(import.meta.dirname, '../.pre-commit-hooks.yaml'), 'utf8');
  expect(hooks).toMatch(/^- id: tenantlint$/m);
  expect(hooks).toMatch(/^ {2}entry: tenantlint check --staged$/m);
  expect(hooks).toMatch(/^ {2}pass_filenames: false$/m);
});
