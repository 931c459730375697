import { describe, expect, it } from 'vitest';
import { loadProject } from '../../src/commands/pipeline.js';
import { withProject } from '../fixtures.js';

/** The tenancy inferred from one migration, or from a Prisma schema, without a configuration. */
async function infer(text: string, file = 'migrations/0001_base.sql') {
  return withProject(new Map([[file, text]]), async (cwd) => {
    const { project } = await loadProject({ cwd, paths: [] });
    return { levels: project.tenancy.levels.map(({ columns, root }) => [columns.join(','), root]), explanation: project.tenancy.explanation };
  });
}

/** `create table name (id, columns...)`; a column is `name` or `name>table`. */
function tables(shapes: Record<string, readonly string[]>): string {
  return Object.entries(shapes).map(([name, columns]) => {
    const list = columns.map((column) => {
      const [own, target] = column.split('>');
      return `"${own}" bigint${target ? ` references "${target}" (id)` : ''}`;
    });
    return `create table "${name}" (${['id bigint primary key', ...list].join(', ')});`;
  }).join('\n');
}

describe('one level', () => {
  it('takes the column most tables carry, and the table it references', async () => {
    const { levels, explanation } = await infer(tables({
      accounts: [], teams: ['account_id>accounts'], users: ['account_id>accounts', 'team_id>teams'], trees: ['account_id>accounts', 'team_id>teams'],
      sessions: ['account_id>accounts', 'user_id>users'],
    }));
    expect(levels).toEqual([['account_id', 'accounts']]);
    expect(explanation).toBe('Assumed tenant column account_id, root table accounts.');
  });

  it('reads names of any letters, and of none', async () => {
    expect((await infer(tables({ accounts: [], users: ['名前>accounts', '?>accounts'] }))).levels).toEqual([]);
    expect((await infer(tables({ accounts: [], users: ['account_id>accounts', '名前'], 注文: ['account_id>accounts'], '%': ['account_id>accounts'] }))).levels).toEqual([['account_id', 'accounts']]);
  });

  it('takes owner_id only when it references a table, or most tables carry it', async () => {
    expect((await infer(tables({ users: [], entries: ['owner_id>users'], reads: ['owner_id>users'] }))).levels).toEqual([['owner_id', 'users']]);
    expect((await infer(tables({ entries: ['owner_id'], reads: ['owner_id'] }))).levels).toEqual([]);
    expect((await infer(tables({ users: [], entries: ['owner_id'], reads: ['owner_id'], actions: ['owner_id'] }))).levels).toEqual([['owner_id', undefined]]);
    expect((await infer(tables({ users: [], regions: [], plans: [], entries: ['owner_id'], reads: ['owner_id'], actions: ['owner_id'] }))).levels).toEqual([]);
  });

  it('takes org_id, organization_id and organisation_id for one', async () => {
    const { levels } = await infer(tables({ organizations: [], calls: ['org_id>organizations'], leads: ['org_id>organizations'], keys: ['organization_id>organizations'] }));
    expect(levels).toEqual([['org_id,organization_id', 'organizations']]);
  });

  it('finds the root by its name where no foreign key tells', async () => {
    expect((await infer(tables({ companies: [], orders: ['company_id'], items: ['company_id'] }))).levels).toEqual([['company_id', 'companies']]);
  });

  it('does without a root', async () => {
    expect((await infer(tables({ application: ['org_id'], message: ['org_id'] }))).levels).toEqual([['org_id', undefined]]);
  });

  it('says each spelling once', async () => {
    const { levels, explanation } = await infer(tables({ Tenant: [], a: ['tenantId>Tenant'], b: ['tenantId>Tenant'], c: ['tenant_id>Tenant'] }));
    expect(levels).toEqual([['tenantId,tenant_id', 'Tenant']]);
    expect(explanation).toBe('Assumed tenant column tenantId, root table Tenant.');
  });

  it('reads the names of a Prisma schema', async () => {
    const { levels } = await infer(`
datasource db {
  provider = "postgresql"
  url      = env("X")
}
model Tenant {
  id       String    @id
  bookings Booking[]
  services Service[]
  @@map("tenants")
}
model Booking {
  id       String @id
  tenantId String @map("tenant_id")
  tenant   Tenant @relation(fields: [tenantId], references: [id])
  @@map("bookings")
}
model Service {
  id       String @id
  tenantId String @map("tenant_id")
  tenant   Tenant @relation(fields: [tenantId], references: [id])
  @@map("services")
}
`, 'prisma/schema.prisma');
    expect(levels).toEqual([['tenant_id', 'tenants']]);
  });

  it('takes what users are members of, when no usual word is there', async () => {
    const shapes = { spaces: ['owner_id>users'], users: [], space_members: ['space_id>spaces', 'user_id>users'], polls: ['space_id>spaces', 'user_id>users'], sheets: ['space_id>spaces'], events: ['space_id>spaces'] };
    expect((await infer(tables(shapes))).levels).toEqual([['space_id', 'spaces']]);
    expect((await infer(tables({ ...shapes, space_members: ['space_id>spaces'] }))).levels).toEqual([]);
    expect((await infer(tables({ ...shapes, sheets: [], events: [] }))).levels).toEqual([]);
  });

  it('takes what the content belongs to, where the usual word names a group of people', async () => {
    const content = ['talks', 'rooms', 'tracks', 'questions', 'reviews', 'schedules', 'mails', 'slots'];
    const people = { users: ['name'], conferences: ['name'], teams: ['name'], team_members: ['team_id>teams', 'user_id>users'], team_conferences: ['team_id>teams', 'conference_id>conferences'], team_invites: ['team_id>teams', 'email'] };
    const all = (more: readonly string[]) => tables({ ...people, ...Object.fromEntries(content.map((name) => [name, ['conference_id>conferences', 'name', ...more]])) });
    expect((await infer(all([]))).levels).toEqual([['conference_id', 'conferences']]);
    expect((await infer(all(['team_id>teams']))).levels).toEqual([['team_id', 'teams']]);
    expect((await infer(tables(people))).levels).toEqual([['team_id', 'teams']]);
  });

  it('takes what the content belongs to, where the usual word names who pays for some of it', async () => {
    const content = ['rules', 'labels', 'groups', 'messages', 'digests', 'chats', 'meetings', 'briefings'];
    const people = (mailbox: readonly string[]) => ({ users: ['email'], organizations: ['name'], members: ['organization_id>organizations', 'email_account_id>email_accounts'], shared_rules: ['organization_id>organizations', 'body'], email_accounts: ['user_id>users', 'email', ...mailbox] });
    const all = (mailbox: readonly string[], count: number) => tables({ ...people(mailbox), ...Object.fromEntries(content.slice(0, count).map((name) => [name, ['email_account_id>email_accounts', 'name']])) });
    expect((await infer(all([], 8))).levels).toEqual([['email_account_id', 'email_accounts']]);
    expect((await infer(all([], 7))).levels).toEqual([['organization_id', 'organizations']]);
    expect((await infer(all(['organization_id>organizations'], 8))).levels[0]).toEqual(['organization_id', 'organizations']);
  });

  it('takes what users belong to before what they only like', async () => {
    const shapes = {
      groups: [], languages: [], users: ['group_id>groups', 'language_id>languages'], recipes: ['group_id>groups', 'language_id>languages'], foods: ['group_id>groups', 'language_id>languages'], units: ['group_id>groups', 'language_id>languages'],
      user_favorites: ['user_id>users', 'recipe_id>recipes'], steps: ['recipe_id>recipes', 'language_id>languages'], comments: ['recipe_id>recipes'], notes: ['recipe_id>recipes'],
    };
    expect((await infer(tables(shapes))).levels).toEqual([['group_id', 'groups']]);
    expect((await infer(tables({ ...shapes, users: ['language_id>languages'], user_favorites: [] }))).levels).toEqual([]);
  });

  it('takes no place where people talk', async () => {
    const { levels } = await infer(tables({ users: [], rooms: [], room_members: ['room_id>rooms', 'user_id>users'], messages: ['room_id>rooms'], pins: ['room_id>rooms'], calls: ['room_id>rooms'] }));
    expect(levels).toEqual([]);
  });

  it('finds none where nothing names a tenant', async () => {
    const { levels, explanation } = await infer(tables({ posts: [], comments: ['post_id>posts'] }));
    expect(levels).toEqual([]);
    expect(explanation).toMatch(/^No tenant column was found/);
  });
});

describe('levels within each other', () => {
  it('puts the level that the root belongs to outside', async () => {
    const { levels, explanation } = await infer(tables({
      organizations: [], projects: ['org_id>organizations'], members: ['org_id>organizations'],
      traces: ['project_id>projects'], observations: ['project_id>projects', 'trace_id>traces'], scores: ['project_id>projects', 'trace_id>traces'],
    }));
    expect(levels).toEqual([['org_id', 'organizations'], ['project_id', 'projects']]);
    expect(explanation).toBe('Assumed tenant column org_id, root table organizations; within it project_id, root table projects.');
  });

  it('adds the part of the tenant that scopes the rows, in every spelling', async () => {
    const { levels } = await infer(tables({
      Organization: [], Project: ['organizationId>Organization'],
      RuntimeEnvironment: ['organizationId>Organization', 'projectId>Project'],
      Queue: ['projectId>Project', 'runtimeEnvironmentId>RuntimeEnvironment'],
      Run: ['projectId>Project', 'runtimeEnvironmentId>RuntimeEnvironment', 'queueId>Queue'],
      Tag: ['projectId>Project', 'environmentId>RuntimeEnvironment'], Alert: ['environmentId>RuntimeEnvironment', 'runId>Run'],
    }));
    expect(levels).toEqual([['organizationId', 'Organization'], ['projectId', 'Project'], ['environmentId,runtimeEnvironmentId', 'RuntimeEnvironment']]);
  });

  it('leaves an entity with a few children alone', async () => {
    const children = { tasks: ['project_id>projects'], milestones: ['project_id>projects'], files: ['project_id>projects'] };
    expect((await infer(tables({ accounts: [], projects: ['account_id>accounts'], ...children }))).levels).toEqual([['account_id', 'accounts']]);
  });

  it('takes no buyer of a shop for a tenant, but a client that most rows name', async () => {
    const shop = { users: [], products: [], variants: ['product_id>products'], warehouses: [], stocks: ['warehouse_id>warehouses'], orders: ['customer_id>users'], gift_cards: ['customer_id>users'] };
    expect((await infer(tables(shop))).levels).toEqual([]);
    const { levels } = await infer(tables({ clients: [], cases: ['client_id>clients'], documents: ['client_id>clients'], invoices: ['client_id>clients'], currencies: [] }));
    expect(levels).toEqual([['client_id', 'clients']]);
  });

  it('takes a record that the tenant has for no level above it', async () => {
    const rows = Object.fromEntries(['products', 'orders', 'discounts', 'benefits', 'customers', 'files', 'events', 'meters', 'webhooks', 'checkouts', 'refunds'].map((name) => [name, ['organization_id>organizations']]));
    const shape = { users: [], accounts: [], organizations: ['account_id>accounts'], payouts: ['account_id>accounts'], user_organizations: ['organization_id>organizations', 'user_id>users'], ...rows };
    expect((await infer(tables(shape))).levels).toEqual([['organization_id', 'organizations']]);
    expect((await infer(tables({ ...shape, app_user_account: ['account_id>accounts', 'app_user_id>users'] }))).levels).toEqual([['account_id', 'accounts']]);
  });

  it('takes no customer and no owner for a level', async () => {
    const { levels } = await infer(tables({
      users: [], tenants: ['owner_id>users'], customers: ['tenant_id>tenants', 'owner_id>users'],
      orders: ['customer_id>customers', 'tenant_id>tenants'], payments: ['customer_id>customers', 'order_id>orders'], notes: ['customer_id>customers'],
    }));
    expect(levels).toEqual([['tenant_id', 'tenants']]);
  });
});
