import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plan, prove } from './support.js';

let db: PGlite;
beforeAll(async () => {
  db = await PGlite.create();
});
afterAll(() => db.close());

const BASE = `create table accounts (id uuid primary key default gen_random_uuid(), name text);
create table users (id uuid primary key default gen_random_uuid(), account_id uuid not null references accounts (id) on delete cascade, email text);
create index on users (account_id);
`;
const sql = (text: string) => new Map([['migrations/0001_base.sql', BASE + text]]);

describe('plan', () => {
  it('adds, fills, verifies, requires and indexes, parents first', async () => {
    const planned = await plan(sql(`create table sessions (id uuid primary key, user_id uuid not null references users (id));
create table attachments (id uuid primary key, session_id uuid not null references sessions (id));`), 'migrations');
    expect(planned.status).toBe(0);
    expect([...planned.written.keys()]).toEqual(['migrations/0002_add_account_id_to_sessions_and_attachments.sql']);
    expect(planned.checked.findings).toEqual([]);
    expect(await prove(db, planned, { full: false })).toEqual([]);
  });
});
