// What a commit waits for on a made-up project of 2,000 files: `npx tsx test/bench/staged.ts [files]`, after `npm run build`. Prints CPU seconds of whole runs.
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { costOf, row } from './measure.js';
import { sourcesProject } from './projects.js';

const CLI = join(import.meta.dirname, '../../dist/src/cli.js');
const folder = mkdtempSync(join(tmpdir(), 'tenantlint-bench-'));
const git = (...args: string[]): void => void execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args]);
try {
  for (const [path, text] of sourcesProject(Number(process.argv[2] ?? 2000))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  git('init', '-q');
  git('add', '.');
  git('commit', '-q', '-m', 'base');
  const staged = [CLI, 'check', '--staged', '--cache-dir', `${folder}.cache`];
  console.log(row(['check --staged', 'CPU s', 'MB']));
  const show = (title: string): void => {
    const { cpuSeconds, megabytes } = costOf(staged, folder);
    console.log(row([title, cpuSeconds.toFixed(2), megabytes.toFixed(0)]));
  };
  show('first, nothing staged');
  show('again, nothing staged');
  for (const [title, path, text] of [['a route', 'src/routes/route4.ts', '\n// changed\n'], ['a component', 'src/components/component5.tsx', '\nexport const more = 1;\n'], ['a new route', 'src/routes/more.ts', "import { requireSession } from '../auth.js';\nimport { prisma } from '../db.js';\n\nexport async function GET(request: Request) {\n  const { accountId } = await requireSession(request);\n  return Response.json(await prisma.item3.findMany({ where: { accountId } }));\n}\n"], ['a migration', 'prisma/migrations/20250101000000_more/migration.sql', 'CREATE INDEX ON "Item3" ("title");\n']] as const) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    appendFileSync(join(folder, path), text);
    git('add', '.');
    show(`${title} staged`);
    show(`${title} staged, again`);
  }
} finally {
  for (const each of [folder, `${folder}.cache`]) rmSync(each, { recursive: true, force: true });
}
