/** Made-up projects of any size. */

export type TextFile = readonly [path: string, text: string];

const TABLES = 60;
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

function schema(tables = TABLES): string {
  const items = range(tables).map((i) => `model Item${i} {
  id        String  @id @default(uuid())
  accountId String
  account   Account @relation(fields: [accountId], references: [id])
  title     String
  @@index([accountId])
}
`);
  return `datasource db {\n  provider = "postgresql"\n}\n\nmodel Account {\n  id String @id @default(uuid())\n${range(tables).map((i) => `  items${i} Item${i}[]\n`).join('')}}\n\n${items.join('\n')}`;
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

/** A Prisma schema of a few dozen tables, and services, routes and components that use it. */
export function* sourcesProject(files: number): Generator<TextFile> {
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

/** A Prisma schema alone. */
export function* schemaProject(models: number): Generator<TextFile> {
  yield ['prisma/schema.prisma', schema(models - 1)];
}

/** Migrations in SQL: each fifth makes a table of the tenant's, the others add, fill and index columns. */
export function* migrationsProject(count: number): Generator<TextFile> {
  yield ['migrations/00000_base.sql', 'CREATE TABLE accounts (id uuid PRIMARY KEY);\n'];
  for (const i of range(count - 1)) {
    const table = `items_${i - (i % 5)}`;
    const text = [
      `CREATE TABLE ${table} (id uuid PRIMARY KEY, account_id uuid NOT NULL REFERENCES accounts (id), title text);\nCREATE INDEX ON ${table} (account_id);\n`,
      `ALTER TABLE ${table} ADD COLUMN state text;\n`,
      `UPDATE ${table} SET state = 'new' WHERE state IS NULL;\nALTER TABLE ${table} ALTER COLUMN state SET NOT NULL;\n`,
      `CREATE INDEX ON ${table} (account_id, state);\n`,
      `ALTER TABLE ${table} ADD COLUMN parent_id uuid REFERENCES ${table} (id);\n`,
    ][i % 5]!;
    yield [`migrations/${String(i + 1).padStart(5, '0')}_change.sql`, text];
  }
}
