import { describe, expect, it } from 'vitest';
import { checkProject, loadProject } from '../../src/commands/pipeline.js';
import { withProject } from '../fixtures.js';

const TABLES = `create table tenants (id uuid primary key);
create table users (id uuid primary key, tenant_id uuid not null references tenants (id));
create index on users (tenant_id);
`;
const MODELS = `model Tenant {
  id String @id @db.Uuid
  @@map("tenants")
}
model User {
  id       String  @id @db.Uuid
  tenantId String? @map("tenant_id") @db.Uuid
  @@map("users")
}
`;

/** Folders of each database, and where the rule on drift reports. */
async function databases(files: Record<string, string>) {
  return withProject(new Map(Object.entries(files)), async (cwd) => {
    const loaded = await loadProject({ cwd, paths: [] });
    const drifts = checkProject(loaded, cwd, {}).findings.filter(({ ruleId }) => ruleId === 'schema-drift').map(({ file }) => file);
    return { sources: loaded.project.databases.map(({ sources }) => sources.join(' + ')).sort(), drifts: [...new Set(drifts)] };
  });
}

describe('the databases of a project', () => {
  it('models belong to the migrations of their folder', async () => {
    expect(await databases({
      'apps/a/prisma/migrations/20250101000000_a/migration.sql': TABLES, 'apps/b/prisma/migrations/20250101000000_b/migration.sql': TABLES,
      'apps/a/prisma/schema.prisma': MODELS.replace('String? @map', 'String  @map'), 'apps/b/prisma/schema.prisma': MODELS,
    })).toEqual({ sources: ['apps/a/prisma/migrations', 'apps/b/prisma/migrations'], drifts: [expect.stringContaining('apps/b/')] });
  });

  it('models without migrations stay apart from a database that has its own', async () => {
    expect(await databases({
      'apps/a/prisma/migrations/20250101000000_a/migration.sql': TABLES,
      'apps/a/prisma/schema.prisma': MODELS.replace('String? @map', 'String  @map'), 'apps/b/prisma/schema.prisma': MODELS,
    })).toEqual({ sources: ['apps/a/prisma/migrations', 'apps/b/prisma/schema.prisma'], drifts: [] });
  });

  it('models elsewhere describe the one database that has their tables', async () => {
    const { sources, drifts } = await databases({ 'backend/migrations/0001_a.sql': TABLES, 'packages/db/prisma/schema.prisma': MODELS });
    expect(sources).toEqual(['backend/migrations']);
    expect(drifts).toHaveLength(1);
  });

  it('a folder that works on the tables of another continues its history, whatever its name', async () => {
    expect((await databases({ 'db/a-fixes/0001_x.sql': 'alter table users add column name text;\n', 'db/migrations/0001_a.sql': TABLES })).sources)
      .toEqual(['db/migrations + db/a-fixes']);
    expect((await databases({ 'prisma/migrations/20250101000000_a/migration.sql': TABLES, 'sql/migrations/0001_rls.sql': 'alter table users enable row level security;\n' })).sources)
      .toEqual(['prisma/migrations + sql/migrations']);
  });

  it('two folders of Prisma are two databases', async () => {
    expect((await databases({
      'apps/a/prisma/migrations/20250101000000_a/migration.sql': TABLES, 'apps/b/prisma/migrations/20250101000000_b/migration.sql': 'alter table users add column name text;\n',
    })).sources).toHaveLength(2);
  });

  it('a folder of schemas that repeats the tables of a history describes its database', async () => {
    const { sources, drifts } = await databases({ 'cmd/migrate/migrations/0001_a.sql': TABLES, 'sql/schema/v1.sql': TABLES.replace('tenant_id uuid not null', 'tenant_id uuid'), 'sql/schema/v1-more.sql': 'create table v1_more (id int);\n' });
    expect(sources).toEqual(['cmd/migrate/migrations']);
    expect(drifts).toEqual([expect.stringContaining('sql/schema/v1.sql')]);
  });

  it('a folder of schemas with tables of its own, or one that changes tables, is a history', async () => {
    expect((await databases({ 'cmd/migrate/migrations/0001_a.sql': TABLES, 'sql/schema/001.sql': 'create table metrics (id int);\n' })).sources).toHaveLength(2);
    expect((await databases({
      'apps/a/migrations/0001_a.sql': TABLES, 'apps/b/schema/001.sql': TABLES, 'apps/b/schema/002.sql': 'alter table users add column name text;\n',
    })).sources).toHaveLength(2);
  });
});
