import { PGlite } from '@electric-sql/pglite';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withProject } from '../fixtures.js';
import { tenantlint } from '../command-line.js';
import { plan, prove, type Planned } from './support.js';

/** Four real systems before their tenant columns: what plan chooses, table by table, beside what their teams chose. */
let db: PGlite;
beforeAll(async () => {
  db = await PGlite.create();
});
afterAll(() => db.close());

const FOLDER = join(import.meta.dirname, '../../fixtures/projects');
const read = (project: string, file: string) => readFileSync(join(FOLDER, project, file), 'utf8');

/** `table: source, else source` of every table, from the report. */
async function paths(files: ReadonlyMap<string, string>, args: readonly string[]): Promise<Record<string, string>> {
  return withProject(files, async (cwd) => {
    const { out } = await tenantlint(cwd, ['plan', '--report', ...args]);
    return Object.fromEntries(out.split('\n\n').flatMap((paragraph) => {
      const table = /^(\S+?)(?:\.\w+)?(?: \(is there, nullable\))?$|^(\S+): refused$/m.exec(paragraph.split('\n')[0]!);
      const name = table?.[1] ?? table?.[2];
      if (name === undefined) return [];
      const ways = [...paragraph.matchAll(/^ {2}(?:from|else) (.*?)(?: \(may be NULL\))?$/gm)].map((match) => match[1]!.replace(/^[^ ]*\.(\S+) → (\S+)\.\w+$/, '$1 → $2').replace(/^the default tenant.*/, 'default'));
      return [[name, ways.length > 0 ? ways.join(', else ') : 'refused']];
    }));
  });
}

/** What `replay` finds in the new migrations: on rows of its own, some of which no foreign key assigns. */
async function replayed(files: ReadonlyMap<string, string>, { written }: Planned): Promise<string[]> {
  return withProject(new Map([...files, ...written]), async (cwd) => {
    const { out } = await tenantlint(cwd, ['replay', '--format', 'json']);
    const { findings } = JSON.parse(out) as { findings: { ruleId: string; file: string; line: number; message: string }[] };
    return findings.filter(({ ruleId, file }) => ruleId.startsWith('replay-') && written.has(file)).map(({ ruleId, file, line, message }) => `${file}:${line} ${ruleId} ${message}`);
  });
}

describe('A, sessions and trees (Alembic)', () => {
  const config = '{ "tenant": { "column": "account_id", "root": "accounts" }, "tables": { "ignore": ["teams"] }, "queries": { "principalColumns": ["user_id"] } }';
  const files = new Map([['alembic/env.py', ''], ['alembic/versions/000_baseline.py', read('resolutionflow-fixed', 'backend/alembic/versions/000_baseline.py')], ['tenantlint.config.json', config]]);

  it('goes the ways of the team', async () => {
    const sessions = 'session_id → sessions';
    const ai = 'session_id → ai_sessions';
    const user = 'user_id → users';
    expect(await paths(files, ['--default-tenant', '00000000-0000-0000-0000-000000000001'])).toEqual({
      users: 'default', tree_categories: 'default', tree_tags: 'default', step_categories: 'default',
      sessions: user, attachments: sessions, session_supporting_data: sessions,
      session_resolution_outputs: ai, session_branches: ai, session_handoffs: ai, fork_points: ai, ai_session_steps: ai,
      ai_suggestions: user, step_ratings: user, step_usage_log: user, user_folders: user, user_pinned_trees: user, script_builder_sessions: user, script_generations: user, feedback: user,
      psa_post_log: 'psa_connection_id → psa_connections, else posted_by → users, else default',
      psa_member_mappings: 'psa_connection_id → psa_connections', notification_logs: 'config_id → notification_configs', tree_embeddings: 'tree_id → trees',
      // The team read trees first, whose column was still nullable; who made the schedule is never NULL.
      maintenance_schedules: 'created_by → users',
      // The team also asked for an admin of the row's team, of whom there may be several.
      script_templates: 'created_by → users, else default', target_lists: 'created_by → users, else default',
      // The team gave what has no account to a sentinel; who made it, or its category, says more.
      trees: 'created_by → users, else default', step_library: 'category_id → step_categories, else default',
    });
  });

  it('is filled without a NULL and without mixing accounts', async () => {
    const planned = await plan(files, 'alembic/versions', ['--default-tenant', '00000000-0000-4000-8000-000000000000']);
    expect(planned.error).toMatch(/29 tables in \d+ migrations/);
    expect(planned.checked.findings.filter(({ ruleId }) => ruleId !== 'no-unclassified-table')).toEqual([]);
    expect(await prove(db, planned, { full: false })).toEqual([]);
    expect(await replayed(files, planned)).toEqual([]);
  });
});

describe('C, leads and calls (Supabase)', () => {
  const owned = ['agents', 'campaigns', 'leads', 'contacts', 'calls'];
  const config = JSON.stringify({
    tenant: { column: 'org_id', root: 'organizations' },
    tables: { tenant: [...owned, 'call_logs', 'campaign_leads'], global: ['profiles', 'user_credits', 'customers', 'billing_plans', 'voice_options', 'campaign_templates', 'sync_cursors', 'webhook_deliveries'] },
  });
  const files = new Map([
    ...['20250101000000_base.sql', '20250110000000_organizations.sql'].map((name) => [`supabase/migrations/${name}`, read('warden-fixed', `supabase/migrations/${name}`)] as const),
    ['tenantlint.config.json', config],
  ]);

  it('goes the ways of the team', async () => {
    expect(await paths(files, ['--default-tenant', 'a0000000-0000-0000-0000-000000000001'])).toEqual({
      agents: 'default', contacts: 'default', leads: 'default',
      // These have a parent now and then; the rest is the default organisation's, as are all their parents.
      campaigns: 'agent_id → agents, else default', calls: 'lead_id → leads, else default',
      call_logs: 'call_id → calls, else default',
      // The team read leads; the campaign belongs to the same organisation, for all rows are the default one's.
      campaign_leads: 'campaign_id → campaigns',
    });
  });

  it('is filled without a NULL', async () => {
    const planned = await plan(files, 'supabase/migrations', ['--default-tenant', '00000000-0000-4000-8000-000000000000']);
    const touched = planned.checked.findings.filter(({ file }) => planned.written.has(file));
    expect(touched).toEqual([]);
    expect(await prove(db, planned, { full: false, supabase: true })).toEqual([]);
    expect(await replayed(files, planned)).toEqual([]);
  });
});

describe('D, bookings and invoices (Prisma)', () => {
  const config = '{ "tenant": { "column": "tenantId", "root": "Tenant" }, "tables": { "tenant": ["services", "booking_settings", "IdempotencyKey"], "global": ["currencies"], "viaParent": ["sessions"] } }';
  const init = 'prisma/migrations/20250101090000_init/migration.sql';
  const files = new Map([[init, read('nextaccounting-fixed', init)], ['tenantlint.config.json', config]]);

  it('goes the ways of the team', async () => {
    expect(await paths(files, ['--default-tenant', 't1'])).toEqual({
      services: 'default', booking_settings: 'default', IdempotencyKey: 'default',
      ServiceRequest: 'userId → users, else serviceId → services, else default',
      bookings: 'userId → users, else serviceRequestId → ServiceRequest, else serviceId → services, else default',
      WorkOrder: 'serviceRequestId → ServiceRequest, else bookingId → bookings, else userId → users, else serviceId → services, else default',
      invoices: 'bookingId → bookings, else default', expenses: 'userId → users', ScheduledReminder: 'serviceRequestId → ServiceRequest',
    });
  });

  it('is filled without a NULL; where the sources disagree the migration stops, until their order is given', async () => {
    const args = ['--default-tenant', 'v0', '--unique'];
    const planned = await plan(files, 'prisma/migrations', args);
    expect(planned.checked.findings).toEqual([]);
    // The services belong to one tenant only, and are used by both.
    expect(await prove(db, planned, { full: false })).toEqual([expect.stringMatching(/P0001 ServiceRequest: userId and serviceId lead to different tenants/)]);
    const ordered = await plan(files, 'prisma/migrations', [...args, '--via', 'ServiceRequest.userId,serviceId', '--via', 'bookings.userId,serviceRequestId,serviceId', '--via', 'WorkOrder.serviceRequestId,bookingId,userId,serviceId']);
    expect(ordered.checked.findings).toEqual([]);
    expect((await prove(db, ordered, { full: false })).filter((problem) => !problem.includes('serviceId'))).toEqual([]);
    // As in the team's own backfill: users of both tenants use services, all of which are the default tenant's. What they asked for is theirs, not the service's.
    expect((await replayed(files, ordered)).map((problem) => problem.replace(/^\S+ /, ''))).toEqual(['ServiceRequest', 'bookings', 'WorkOrder'].map((table) => (
      `replay-mixed-tenants Rows of "${table}" got another tenantId than tenantId of the row of "services" that serviceId refers to`)));
  });
});

describe('E, workflows and rules (Drizzle)', () => {
  const journal = JSON.parse(read('saas-25-fixed', 'drizzle/meta/_journal.json')) as { entries: unknown[] };
  const config = '{ "tenant": { "column": "tenant_id", "root": "tenants" }, "tables": { "tenant": ["workflows", "models", "rules", "decision_tables", "knowledge_bases"], "global": ["users", "templates", "widgets", "endpoints", "node_types"], "ignore": ["user", "org", "org_user"] } }';
  const files = new Map([
    ...['drizzle/0000_fair_kestrel.sql', 'drizzle/0001_calm_otter.sql'].map((name) => [name, read('saas-25-fixed', name)] as const),
    ['drizzle/meta/_journal.json', JSON.stringify({ ...journal, entries: journal.entries.slice(0, 2) })], ['tenantlint.config.json', config],
  ]);

  it('gives all rows to the system tenant', async () => {
    expect(await paths(files, ['--default-tenant', '1'])).toEqual({ workflows: 'default', models: 'default', rules: 'default', decision_tables: 'default', knowledge_bases: 'default' });
    const planned = await plan(files, 'drizzle', ['--default-tenant', '1']);
    expect(planned.checked.findings).toEqual([]);
    expect(await prove(db, planned, { full: false })).toEqual([]);
    expect(await replayed(files, planned)).toEqual([]);
  });
});
