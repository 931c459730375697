// How long an editor waits on a made-up project of 2,000 files: `npx tsx test/bench/editor.ts [files] [key strokes]`. Prints milliseconds.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ruleDescriptions, Session } from '../../src/editor/index.js';

const TABLES = 60;
const files = Number(process.argv[2] ?? 2000);
const strokes = Number(process.argv[3] ?? 40);
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

function schema(): string {
  const items = range(TABLES).map((i) => `model Item${i} {
  id        String  @id @default(uuid())
  accountId String
  account   Account @relation(fields: [accountId], references: [id])
  title     String
  @@index([accountId])
}
`);
  return `datasource db {\n  provider = "postgresql"\n}\n\nmodel Account {\n  id String @id @default(uuid())\n${range(TABLES).map((i) => `  items${i} Item${i}[]\n`).join('')}}\n\n${items.join('\n')}`;
}

const service = (i: number) => `import { prisma } from '../db.js';

export async function get${i}(accountId: string, id: string) {
  const row = await prisma.item${i % TABLES}.findFirst({ where: { id, accountId } });
  if (row === null) throw new Error('not found');
  return row;
}

export async function rename${i}(accountId: string, id: string, title: string) {
  const row = await get${i}(accountId, id);
  return prisma.item${i % TABLES}.update({ where: { id: row.id }, data: { title } });
}
`;
const route = (i: number) => `import { requireSession } from '../auth.js';
import { get${i - 1}, rename${i - 1} } from '../services/service${i - 1}.js';

export async function PATCH(request: Request) {
  const { accountId } = await requireSession(request);
  const { id, title } = await request.json();
  await get${i - 1}(accountId, id);
  return Response.json(await rename${i - 1}(accountId, id, title));
}
`;
const component = (i: number) => `export function Component${i}({ title, items }: { title: string; items: { id: string }[] }) {
  return <section><h2>{title}</h2>{items.map((item) => <p key={item.id}>{item.id.toUpperCase()}</p>)}</section>;
}
`;

function* project(): Generator<[string, string]> {
  yield ['prisma/schema.prisma', schema()];
  yield ['prisma/migrations/migration_lock.toml', 'provider = "postgresql"\n'];
  yield ['prisma/migrations/20240101000000_init/migration.sql', 'CREATE TABLE "Account" ("id" TEXT NOT NULL PRIMARY KEY);\n'];
  for (const i of range(TABLES)) {
    yield [`prisma/migrations/202401020000${String(i).padStart(2, '0')}_item/migration.sql`,
      `CREATE TABLE "Item${i}" ("id" TEXT NOT NULL PRIMARY KEY, "accountId" TEXT NOT NULL REFERENCES "Account" ("id"), "title" TEXT NOT NULL);\nCREATE INDEX ON "Item${i}" ("accountId");\n`];
  }
  yield ['src/db.ts', "import { PrismaClient } from '@prisma/client';\nexport const prisma = new PrismaClient();\n"];
  yield ['src/auth.ts', 'export async function requireSession(request: Request): Promise<{ accountId: string }> {\n  return verify(request);\n}\n'];
  for (const i of range(files - TABLES - 6)) {
    if (i % 3 === 0) yield [`src/services/service${i}.ts`, service(i)];
    else if (i % 3 === 1) yield [`src/routes/route${i}.ts`, route(i)];
    else yield [`src/components/component${i}.tsx`, component(i)];
  }
}

const folder = mkdtempSync(join(tmpdir(), 'tenantlint-bench-'));
try {
  for (const [path, text] of project()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const ids = new Set(ruleDescriptions().filter(({ level }) => level('recommended') !== 'off').map(({ id }) => id));
  const timed = (work: () => unknown): number => {
    const start = performance.now();
    work();
    return performance.now() - start;
  };
  const session = new Session(folder);
  const lint = (path: string, more = '') => timed(() => session.lint(join(folder, path), readFileSync(join(folder, path), 'utf8') + more, { ids, preset: 'recommended' }));
  console.log(`first lint: ${lint('src/routes/route4.ts').toFixed(0)}`);
  for (const path of ['src/routes/route4.ts', 'src/services/service3.ts', 'src/components/component5.tsx', 'prisma/schema.prisma']) {
    const times = range(strokes).map((i) => lint(path, '\n'.repeat(i + 1))).sort((a, b) => a - b);
    console.log(`${path}: median ${times[strokes >> 1]!.toFixed(0)}, slowest ${times.at(-1)!.toFixed(0)}`);
  }
  console.log(`heap: ${(process.memoryUsage().heapUsed / 1024 / 1024).toFixed(0)} MB`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
