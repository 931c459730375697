import { expect, it } from 'vitest';
import { tenantlint } from './command-line.js';
import { withProject } from './fixtures.js';

const PROJECT = new Map([
  ['tenantlint.config.json', '{ "tenant": { "column": "org_id", "root": "organizations" }, "tables": { "viaParent": ["comments"] } }'],
  ['migrations/0001_base.sql', `create table organizations (id uuid primary key);
create table notes (id uuid primary key, org_id uuid not null references organizations (id), body text);
create table comments (id uuid primary key, note_id uuid not null references notes (id));
alter table notes enable row level security;
create policy own on notes using (org_id = current_setting('app.org', true)::uuid) with check (true);
`],
  ['queries/notes.sql', `select c.* from comments c join notes n on n.id = c.note_id where n.org_id = $1;
select * from notes where id = $1;
select * from notes {where};
`],
]);

const WITH_CODE = new Map([
  ...PROJECT,
  ['src/notes.ts', `import { Pool } from 'pg';
const pool = new Pool();
export const remove = (id: string) => pool.query('delete from notes where id = $1', [id]);
`],
  ['src/routes.ts', `import express from 'express';
import { Pool } from 'pg';
import { remove } from './notes';
const pool = new Pool();
const app = express();
app.delete('/notes/:id', async (req, res) => {
  const own = await pool.query('select 1 from notes where id = $1 and org_id = $2', [req.params.id, req.user.orgId]);
  if (own.rowCount === 0) return res.status(404).end();
  await remove(req.params.id);
  res.end();
});
export async function clear(ids: string[]) {
  for (const id of ids) await remove(id);
}
`],
]);

const explain = (place: string, project = PROJECT): Promise<string> => withProject(project, async (folder) => (await tenantlint(folder, ['explain', place])).out);

it('shows step by step what pins a table', async () => {
  const out = await explain('queries/notes.sql:1');
  expect(out).toContain('Nothing is reported here.');
  expect(out).toMatch(/read of comments \(c\) in a query file: scoped; .*\n.*n\.org_id is equal to \$1\n.*n\.id names a row of the same tenant\n.*c\.note_id/);
});

it('shows what is missing, and what is not known', async () => {
  expect(await explain('queries/notes.sql:2')).toMatch(/require-tenant-scope[\s\S]*read of notes in a query file: unscoped; it is filtered by id only\n.*notes\.id is compared with \$1/);
  expect(await explain('queries/notes.sql:3')).toMatch(/a query in a query file: unknown SQL in the template hole/);
});

it('shows the way on which a caller leaves open what others pin', async () => {
  const out = await explain('src/notes.ts:3', WITH_CODE);
  expect(out).toContain('is pinned to one tenant on some paths only');
  expect(out).toMatch(/src\/routes\.ts:12 it is called so by what begins here\n.*src\/routes\.ts:13 which calls on here/);
});

it('shows what a policy lets through', async () => {
  expect(await explain('migrations/0001_base.sql:5')).toContain("lets be read: rows of the session's tenant only; written: rows of other tenants: it is always true");
});

it('counts the scoped queries of each table', () => withProject(PROJECT, async (folder) => {
  const rows = JSON.parse((await tenantlint(folder, ['tables', '--format', 'json'])).out) as { name: string; queries: number; queriesScoped: number }[];
  expect(rows.find(({ name }) => name === 'notes')).toMatchObject({ queries: 2, queriesScoped: 1 });
  expect(rows.find(({ name }) => name === 'comments')).toMatchObject({ queries: 1, queriesScoped: 1 });
}));
