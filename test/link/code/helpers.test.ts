import { expect, test } from 'vitest';
import { renderedQueries } from './program.js';

const schema = `model Item {
  id    String @id
  orgId String
}
`;
const db = `import { PrismaClient } from '@prisma/client';
export const prisma = new PrismaClient();
`;

function queries(code: string, others: Readonly<Record<string, string>> = {}): string[] {
  return renderedQueries({ 'schema.prisma': schema, 'db.ts': db, ...others, 'case.ts': code });
}

test('a call that is evaluated once for all gives each caller an object of its own', () => {
  const caller = (name: string) => `export async function ${name}(orgId: string) {
  const first = base();
  const second = base();
  first.orgId = orgId;
  await prisma.item.findMany({ where: first });
  await prisma.item.findMany({ where: second });
}
`;
  const found = queries(`import { prisma } from './db';
function base(): Record<string, unknown> { return {}; }
${['a', 'b', 'c', 'd'].map(caller).join('')}`);
  expect(found).toHaveLength(8);
  found.forEach((each, index) => (index % 2 === 0 ? expect(each).toContain('orgId') : expect(each).not.toContain('orgId')));
});

test('queries of a call that is evaluated once for all are those of each of its callers', () => {
  const caller = (name: string) => `export async function ${name}() { return (await all()).length; }\n`;
  const found = queries(`import { prisma } from './db';
async function all() { return prisma.item.findMany(); }
${['a', 'b', 'c'].map(caller).join('')}`);
  expect(found.length).toBeGreaterThanOrEqual(3);
  expect(new Set(found).size).toBe(1);
});

test.each([
  ['an object that the module fills when it is loaded', `import { prisma } from './db';
const holder: { db?: any } = {};
holder.db = prisma;
export async function f() { await holder.db.item.findMany(); }`],
  ['a module imported where it is needed', `export async function f() {
  const { prisma } = await import('./db');
  await prisma.item.findMany();
}`],
  ['what a barrel passes on', `import { prisma } from './barrel';
export async function f() { await prisma.item.findMany(); }`],
  ['the type of a parameter', `import type { Database } from './types';
export async function f(database: Database) { await database.item.findMany(); }`],
  ['a class of the project', `import { prisma } from './db';
class Items { constructor(private readonly client: typeof prisma) {} all() { return this.client.item.findMany(); } }`],
])('a function comes to its client by %s', (_name, code) => {
  const found = queries(code, { 'barrel.ts': "export * from './middle';", 'middle.ts': "export { prisma } from './db';", 'types.ts': "import { PrismaClient } from '@prisma/client';\nexport type Database = Pick<PrismaClient, 'item'>;" });
  expect(found.length).toBeGreaterThan(0);
});

test('a helper that runs no query is followed to the values it makes', () => {
  const [found] = queries(`import { prisma } from './db';
import { byOrganization } from './filters';
export async function f(orgId: string) { await prisma.item.findMany({ where: byOrganization(orgId) }); }`, { 'filters.ts': 'export const byOrganization = (orgId: string) => ({ orgId });' });
  expect(found).toContain('org');
});

test('a factory that other code calls with what is not known is followed with what the types of its parameters say', () => {
  const found = queries(`import { register } from 'container';
import { createService } from './service';
export function setup() { register((given) => createService(given.client)); }`, {
    'service.ts': `import type { PrismaClient } from '@prisma/client';
export function createService(client: PrismaClient) {
  const one = (id: string) => client.item.findFirst({ where: { id } });
  return { one, all: (orgId: string) => client.item.findMany({ where: { orgId } }) };
}` });
  expect(found.filter((each) => !each.startsWith('??'))).toHaveLength(2);
});

test('what a call with a type argument gives is of that type, where nothing else says so', () => {
  const found = queries(`import type { PrismaClient } from '@prisma/client';
import { container } from 'container';
export function run(id: string) { return container.resolve<PrismaClient>('db').item.findFirst({ where: { id } }); }`);
  expect(found).toHaveLength(1);
  expect(found[0]).not.toContain('??');
});

test('a builder that a function returns and that is sent as it is awaited, followed once for all', () => {
  const caller = (name: string) => `export async function ${name}(knex: Knex) { return (await all()).length; }\n`;
  const found = queries(`import knex, { type Knex } from 'knex';
const db = knex({});
async function all() { return db('items').where('id', 1); }
${['a', 'b', 'c'].map(caller).join('')}`);
  expect(found.length).toBeGreaterThanOrEqual(3);
});
