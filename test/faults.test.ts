import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { spawnTenantlint, tenantlint } from './command-line.js';
import { withProject } from './fixtures.js';

const ROOT = join(import.meta.dirname, '..');
const BASE = 'create table accounts (id uuid primary key);\ncreate table users (id uuid primary key, account_id uuid references accounts (id));\n';
const QUERY = 'import { Pool } from \'pg\';\nconst pool = new Pool();\nexport const one = (id: string) => pool.query(\'select * from users where id = $1\', [id]);\n';
const PROJECT = new Map<string, string | Buffer>([['migrations/0001_base.sql', BASE], ['src/users.ts', QUERY]]);
/** What is found in PROJECT, whatever else lies there. */
const FOUND = ['migrations/0001_base.sql:2 tenant-column-not-null', 'src/users.ts:3 require-tenant-scope'];

interface Report {
  readonly findings: readonly { file: string; line: number; ruleId: string; severity: string }[];
  readonly skipped: readonly { file: string; line: number; reason: string }[];
}

const errors = ({ findings }: Report): string[] => findings.filter(({ severity }) => severity === 'error').map(({ file, line, ruleId }) => `${file}:${line} ${ruleId}`);

/** The report of the real command line on PROJECT and some files more, made by `prepare` where a text does not do. */
async function check(more: ReadonlyMap<string, string | Buffer>, prepare: (folder: string) => void = () => undefined): Promise<Report> {
  return withProject(new Map([...PROJECT, ...more]), async (folder) => {
    prepare(folder);
    const { status, out, error } = await spawnTenantlint(folder, ['check', '--format', 'json']);
    expect([status, error]).toEqual([1, '']);
    return JSON.parse(out) as Report;
  });
}

const reasons = ({ skipped }: Report): Record<string, string> => Object.fromEntries(skipped.map(({ file, reason }) => [file, reason]));

describe('files that are not as they should be are named, and hide nothing else', () => {
  it('bytes: NUL, invalid UTF-8, UTF-16, byte order marks, binary, empty, one long line', async () => {
    const report = await check(new Map<string, string | Buffer>([
      ['queries/nul.sql', 'select 1;\0\n'], ['queries/invalid.sql', Buffer.from([0x2d, 0x2d, 0x20, 0xff, 0xc0, 0x0a])], ['queries/binary.sql', Buffer.from([0, 0xff, 1, 0xfe, 0, 0x80])],
      ['queries/wide.sql', Buffer.from('\ufeffselect * from users;\n', 'utf16le')], ['queries/marked.sql', '\ufeffselect * from users;\n'], ['queries/empty.sql', ''],
      ['queries/long.sql', `select ${'1, '.repeat(400_000)}1;\n`], ['src/long.ts', `export const x = [${'1, '.repeat(400_000)}1];\n`], ['src/nul.ts', 'export const x = "\0";\n'], ['src/wide.py', Buffer.from('x = "é"\n', 'utf16le')],
      ['queries/far.sql', Buffer.from(`\ufeff-- ${'表'.repeat(300)}\nselect * from users;\n`, 'utf16le')], ['queries/other.sql', Buffer.from(`\ufeff-- ${'表'.repeat(300)}\nselect * from users;\n`, 'utf16le').swap16()],
    ]));
    expect(errors(report)).toEqual(['migrations/0001_base.sql:2 tenant-column-not-null', 'queries/far.sql:2 require-tenant-scope', 'queries/marked.sql:1 require-tenant-scope', 'queries/other.sql:2 require-tenant-scope', 'queries/wide.sql:1 require-tenant-scope', 'src/users.ts:3 require-tenant-scope']);
    expect(reasons(report)).toMatchObject({
      'queries/nul.sql': expect.stringContaining('NUL') as string, 'queries/invalid.sql': expect.stringContaining('UTF-8') as string, 'queries/binary.sql': 'is a binary file', 'src/long.ts': expect.stringContaining('taken for generated') as string,
    });
  });

  it('nesting deeper than any stack, in every language: the grammar in WebAssembly reads on afterwards', async () => {
    const deep = (open: string, inner: string, close: string): string => open.repeat(20_000) + inner + close.repeat(20_000);
    const report = await check(new Map([
      ['migrations/0000_deep.sql', `select ${deep('(', '1', ')')};\n`], ['migrations/0000a_deep.sql', `select ${deep('case when true then ', '1', ' end')};\n`], ['migrations/0000b_deep.sql', `do $$ begin ${deep('if true then ', 'null;', ' end if;')} end $$;\n`],
      ['src/a.ts', `export const x = ${deep('[', '1', ']')};\n`], ['src/b.tsx', `export const x = ${deep('<a>', '', '</a>')};\n`], ['src/c.js', `x = ${'!'.repeat(50_000)}1;\n`], ['src/d.ts', `x = ${'a ? '.repeat(20_000)}1${' : 2'.repeat(20_000)};\n`], ['src/e.ts', `x${'.y()'.repeat(30_000)};\n`],
      ['src/a.py', `x = ${deep('[', '1', ']')}\n`], ['src/b.py', `x = ${'not '.repeat(20_000)}1\n`], ['src/c.py', `x${'.y()'.repeat(30_000)}\n`], ['prisma/schema.prisma', `datasource db {\n  provider = "postgresql"\n}\nmodel X {\n  id Int @default(${deep('f(', '1', ')')})\n}\n`],
    ]));
    expect(errors(report)).toEqual(expect.arrayContaining(FOUND));
    for (const file of ['migrations/0000_deep.sql', 'src/a.ts', 'src/b.tsx', 'src/c.js', 'src/a.py']) expect(Object.keys(reasons(report))).toContain(file);
  });

  it('links: loops, to nothing, to themselves, to another file of the project, and out of it', async () => {
    const report = await withProject(new Map([['secret.sql', 'select * from users where secret = true;\n']]), (outside) => check(new Map([['queries/real.sql', 'select * from users;\n']]), (folder) => {
      symlinkSync('..', join(folder, 'queries/up'));
      symlinkSync('self.sql', join(folder, 'queries/self.sql'));
      symlinkSync('gone.sql', join(folder, 'queries/dangling.sql'));
      symlinkSync('real.sql', join(folder, 'queries/same.sql'));
      symlinkSync(join(outside, 'secret.sql'), join(folder, 'queries/secret.sql'));
      symlinkSync('/dev/zero', join(folder, 'queries/zero.sql'));
      symlinkSync(outside, join(folder, 'queries/outside'));
    }));
    expect(errors(report)).toEqual([FOUND[0], 'queries/real.sql:1 require-tenant-scope', 'queries/same.sql:1 require-tenant-scope', FOUND[1]]);
    expect(reasons(report)).toEqual({ 'queries/self.sql': 'is a symbolic link to itself', 'queries/dangling.sql': 'does not exist any more', 'queries/secret.sql': 'is a symbolic link out of the project: not read', 'queries/zero.sql': 'is a symbolic link out of the project: not read' });
  });

  it('pipes, folders with the name of a file, names in upper case, names that are no text', async () => {
    const report = await check(new Map([['Queries/ONE.SQL', 'select * from users;\n'], ['src/Two.TS', QUERY], ['queries/\u001b[31m\u202e.sql', 'select * from users;\n'], ['queries/a\nb.sql', 'select * from users;\n'], ['queries/-rf.sql', 'select * from users;\n'], ['queries/$(touch x).sql', 'select * from users;\n']]), (folder) => {
      mkdirSync(join(folder, 'queries/folder.sql'), { recursive: true });
      spawnSync('mkfifo', [join(folder, 'queries/pipe.sql')]);
    });
    expect(errors(report).map((each) => each.replace(/.* /, ''))).toHaveLength(8);
    expect(errors(report)).toEqual(expect.arrayContaining([...FOUND, 'Queries/ONE.SQL:1 require-tenant-scope', 'src/Two.TS:3 require-tenant-scope', 'queries/$(touch x).sql:1 require-tenant-scope']));
  });

  it('a file that is gone, of a repository that still knows it', async () => {
    const report = await check(new Map([['queries/gone.sql', 'select * from users;\n']]), (folder) => {
      for (const args of [['init', '-q'], ['add', '.']]) spawnSync('git', args, { cwd: folder });
      rmSync(join(folder, 'queries/gone.sql'));
    });
    expect(errors(report)).toEqual(FOUND);
  });
});

describe('what is asked of the command line', () => {
  const fails = async (args: readonly string[], words: RegExp): Promise<void> => withProject(PROJECT, async (folder) => {
    const { status, out, error } = await tenantlint(folder, ['check', ...args]);
    expect([status, out]).toEqual([2, '']);
    expect(error).toMatch(/^tenantlint: [^\n]+\n$/);
    expect(error).toMatch(words);
  });

  it('an output that cannot be written is an error, and nothing is left of it', async () => {
    await fails(['--output', '/dev/full'], /Cannot write \/dev\/full: ENOSPC/);
    await fails(['--output', 'gone/report.txt'], /Cannot write .*ENOENT/);
    await fails(['--output', 'src'], /Cannot write .*EISDIR/);
    expect(readdirSync('/dev').filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('a cache that cannot be written is none, and hides nothing: in a folder that the system does not make, behind a file', () => withProject(new Map([...PROJECT, ['a', '']]), async (folder) => {
    for (const place of ['/proc/none/cache', 'a/b']) {
      const { status, out, error } = await spawnTenantlint(folder, ['check', '--format', 'json', '--cache-dir', place]);
      expect([place, status, error, errors(JSON.parse(out) as Report)]).toEqual([place, 1, '', FOUND]);
    }
  }));

  it('a plan that cannot be written is an error, and nothing is left of it', () => withProject(new Map([['migrations/0001_base.sql', `${BASE}create table notes (id uuid primary key, user_id uuid not null references users (id));\n`], ['a', '']]), async (folder) => {
    for (const place of ['/proc/none', 'a/b']) {
      const { status, out, error } = await tenantlint(folder, ['plan', '--out', place, '--default-tenant', '00000000-0000-0000-0000-000000000000']);
      expect([status, out]).toEqual([2, '']);
      expect(error).toMatch(/^tenantlint: Cannot write [^\n]+\n$/);
    }
    expect(readdirSync(folder).sort()).toEqual(['a', 'migrations']);
  }));

  it('an output of which only a part fits is not written at all: what was there stays', () => withProject(new Map([...PROJECT, ['queries/many.sql', 'select * from users;\n'.repeat(300)], ['report.txt', 'old']]), async (folder) => {
    const { status, error } = await throughShell(folder, ['--no-cache', '--format', 'compact', '--output', 'report.txt'], '', 'ulimit -f 8; export TSX_DISABLE_CACHE=1;');
    expect([status, error]).toEqual([2, expect.stringMatching(/^tenantlint: Cannot write .*report\.txt: EFBIG\n$/)]);
    expect([readFileSync(join(folder, 'report.txt'), 'utf8'), readdirSync(folder).filter((name) => name.startsWith('report'))]).toEqual(['old', ['report.txt']]);
  }));

  it('an output that is a link keeps being one, a device a device', () => withProject(new Map([...PROJECT, ['reports/real.txt', 'old']]), async (folder) => {
    symlinkSync('reports/real.txt', join(folder, 'link.txt'));
    await tenantlint(folder, ['check', '--format', 'compact', '--output', 'link.txt']);
    expect(readFileSync(join(folder, 'reports/real.txt'), 'utf8')).toContain('require-tenant-scope');
    const { out } = await throughShell(folder, ['--format', 'compact', '--output', '/dev/stdout'], '| cat');
    expect(out).toContain('require-tenant-scope');
  }));

  it('standard output on a full disk is an error', () => withProject(PROJECT, async (folder) => {
    const { status, error } = await throughShell(folder, [], '> /dev/full');
    expect([status, error]).toEqual([2, 'tenantlint: Cannot write the report: ENOSPC\n']);
  }));

  it('a reader that leaves early does not change the status', () => withProject(PROJECT, async (folder) => {
    const { status, error } = await spawnTenantlint(folder, ['check'], { closeEarly: true });
    expect([status, error]).toEqual([1, '']);
  }));

  it.each([['SIGINT', 130], ['SIGTERM', 143]] as const)('%s ends the run, and leaves no file', (signal, status) => withProject(new Map([...PROJECT, ...Array.from({ length: 400 }, (_, index): [string, string] => [`queries/q${index}.sql`, 'select * from users;\n'.repeat(300)])]), async (folder) => {
    const ended = await new Promise<number | null>((resolve) => {
      const child = spawn(process.execPath, ['--import', join(ROOT, 'node_modules/tsx/dist/esm/index.mjs'), join(ROOT, 'src/cli.ts'), 'check', '--debug', '--output', 'report.txt'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
      // By then the program is loaded and reads.
      setTimeout(() => child.kill(signal), 4000);
      child.on('close', (code) => resolve(code));
    });
    // A fast machine may have come to the end.
    if (ended !== 1) expect([ended, existsSync(join(folder, 'report.txt'))]).toEqual([status, false]);
    expect(readdirSync(folder).filter((name) => name.includes('.tmp'))).toEqual([]);
  }));
});

/** The command line with a redirection or a pipe behind it, and what is set up before it. */
function throughShell(folder: string, args: readonly string[], behind: string, before = ''): Promise<{ status: number | null; out: string; error: string }> {
  return new Promise((resolve) => {
    const child = spawn('sh', ['-c', `${before} "$0" "$@" ${behind}`, process.execPath, '--import', join(ROOT, 'node_modules/tsx/dist/esm/index.mjs'), join(ROOT, 'src/cli.ts'), 'check', ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, error] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (error += chunk));
    child.on('close', (status) => resolve({ status, out, error }));
  });
}
