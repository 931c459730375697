import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { gitHooks } from '../discover/git.js';
import { UsageError } from '../errors.js';
import { writeAll } from './write.js';

/** What `tenantlint init` does for one tool: a file to write, or words on what to add where a file is already there. */
export interface Integration {
  /** Absolute; absent: nothing is written. */
  readonly file?: string;
  readonly text: string;
  readonly executable?: boolean;
  /** What to do with the text, where it is not written. */
  readonly advice?: string;
}

const COMMAND = 'npx --no-install tenantlint check --staged';

const ESLINT = `import tenantlint from 'eslint-plugin-tenantlint';

export default [...tenantlint.configs.recommended];
`;
const ESLINT_LINES = `import tenantlint from 'eslint-plugin-tenantlint';   // at the top
...tenantlint.configs.recommended,                   // in the list; give configurations about JavaScript their "files"
`;
const ESLINT_NAMES = ['eslint.config.js', 'eslint.config.mjs', 'eslint.config.cjs', 'eslint.config.ts', 'eslint.config.mts', 'eslint.config.cts'];

const PRE_COMMIT = `  - repo: local
    hooks:
      - id: tenantlint
        name: tenantlint
        entry: ${COMMAND}
        language: system
        pass_filenames: false
`;
const LEFTHOOK = `pre-commit:
  commands:
    tenantlint:
      run: ${COMMAND}
`;

const GITHUB = `name: tenantlint
on:
  pull_request:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  tenantlint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - run: npm ci
      - run: npx --no-install tenantlint check --format github
`;
const GITLAB = `tenantlint:
  image: node:22
  script:
    - npm ci
    - npx --no-install tenantlint check --format gitlab --output gl-code-quality-report.json
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
`;

/** The lines that put the plugin into ESLint's configuration. */
export function eslintIntegration(cwd: string): Integration {
  const present = ESLINT_NAMES.find((name) => existsSync(join(cwd, name)));
  return present === undefined ? { file: join(cwd, 'eslint.config.mjs'), text: ESLINT } : { text: ESLINT_LINES, advice: `${present} is there already; add to it:` };
}

/** The job that runs tenantlint in continuous integration. */
export function ciIntegration(cwd: string, service: 'github' | 'gitlab'): Integration {
  if (service === 'github') return { file: join(cwd, '.github/workflows/tenantlint.yml'), text: GITHUB };
  const file = join(cwd, '.gitlab-ci.yml');
  return existsSync(file) ? { text: GITLAB, advice: '.gitlab-ci.yml is there already; add to it:' } : { file, text: GITLAB };
}

/**
 * The hook that runs before each commit: of the tool that the project uses, else of git itself.
 * @throws UsageError outside of a repository
 */
export function hookIntegration(cwd: string): Integration {
  if (existsSync(join(cwd, '.pre-commit-config.yaml'))) return { text: PRE_COMMIT, advice: 'Add under "repos:" in .pre-commit-config.yaml:' };
  const lefthook = ['lefthook.yml', '.lefthook.yml', 'lefthook.yaml'].find((name) => existsSync(join(cwd, name)));
  if (lefthook !== undefined) return { text: LEFTHOOK, advice: `Add to ${lefthook}:` };
  if (existsSync(join(cwd, '.husky'))) return script(join(cwd, '.husky/pre-commit'), '');
  return script(join(hooksFolder(cwd), 'pre-commit'), '#!/bin/sh\n');
}

/** A shell script with one more line; what it does already stays. */
function script(file: string, beginning: string): Integration {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : beginning;
  if (before.includes('tenantlint')) return { text: '', advice: `${file} runs tenantlint already.` };
  if (/^#!/.test(before) && !/^#!.*\b(?:ba|da|z|k)?sh\b/.test(before)) return { text: `${COMMAND}\n`, advice: `${file} is not a shell script; let it run:` };
  // A failing command before the last one would not stop the commit.
  return { file, text: `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${COMMAND} || exit 1\n`, executable: true };
}

function hooksFolder(cwd: string): string {
  try {
    return resolve(cwd, gitHooks(cwd));
  } catch {
    throw new UsageError(`--hook: ${cwd} is not in a git repository`);
  }
}

/**
 * Writes what there is to write.
 * @param force whether a file that is there may be replaced
 * @returns what to tell the user
 * @throws UsageError when a file is there and may not be replaced, or cannot be written
 */
export function integrate(cwd: string, { file, text, advice, executable }: Integration, dryRun: boolean, force: boolean): string {
  if (file === undefined || dryRun) return [...(advice === undefined ? [] : [`${advice}\n`]), text].join('');
  const name = relative(cwd, file).replaceAll('\\', '/');
  const overwrites = force || executable === true;
  if (!overwrites && existsSync(file)) throw new UsageError(`${name} is there already; --force overwrites it`);
  writeAll([{ file, text, overwrites }]);
  if (executable === true) chmodSync(file, 0o755);
  return `${name} written.\n`;
}
