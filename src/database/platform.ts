import { isToolTable } from '../link/tool-tables.js';
import type { Connection } from './types.js';

/**
 * What Supabase provides before the first migration of a project runs, as far as migrations use it: roles, the schemas auth, storage, realtime,
 * extensions, vault, and the functions that policies call (Supabase documentation, "Row Level Security", "Storage schema").
 */
export const SUPABASE = `
do $$ declare r text; begin
  foreach r in array array['anon', 'authenticated', 'service_role', 'authenticator', 'supabase_admin', 'supabase_auth_admin', 'supabase_storage_admin', 'dashboard_user'] loop
    if not exists (select from pg_roles where rolname = r) then
      execute format('create role %I nologin %s', r, case when r in ('service_role', 'supabase_admin') then 'bypassrls' else '' end);
    end if;
  end loop;
end $$;
grant anon, authenticated, service_role to authenticator;
create schema if not exists auth; create schema if not exists extensions; create schema if not exists storage; create schema if not exists realtime; create schema if not exists vault;
grant usage on schema public, auth, extensions, storage to anon, authenticated, service_role;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
create table auth.users (
  instance_id uuid, id uuid primary key, aud varchar(255), role varchar(255), email varchar(255), encrypted_password varchar(255), email_confirmed_at timestamptz, invited_at timestamptz,
  confirmation_token varchar(255), last_sign_in_at timestamptz, raw_app_meta_data jsonb, raw_user_meta_data jsonb, is_super_admin boolean, created_at timestamptz, updated_at timestamptz,
  phone text, banned_until timestamptz, deleted_at timestamptz, is_anonymous boolean not null default false
);
create function auth.uid() returns uuid language sql stable as $$
  select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
create function auth.role() returns text language sql stable as $$
  select coalesce(nullif(current_setting('request.jwt.claim.role', true), ''), nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role') $$;
create function auth.email() returns text language sql stable as $$
  select coalesce(nullif(current_setting('request.jwt.claim.email', true), ''), nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email') $$;
create function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(nullif(current_setting('request.jwt.claim', true), ''), nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb $$;
create table storage.buckets (
  id text primary key, name text not null unique, owner uuid, created_at timestamptz default now(), updated_at timestamptz default now(), public boolean default false,
  avif_autodetection boolean default false, file_size_limit bigint, allowed_mime_types text[], owner_id text
);
create table storage.objects (
  id uuid primary key default gen_random_uuid(), bucket_id text references storage.buckets (id), name text, owner uuid, created_at timestamptz default now(), updated_at timestamptz default now(),
  last_accessed_at timestamptz default now(), metadata jsonb, path_tokens text[] generated always as (string_to_array(name, '/')) stored, version text, owner_id text, user_metadata jsonb
);
alter table storage.buckets enable row level security; alter table storage.objects enable row level security;
create function storage.foldername(name text) returns text[] language sql immutable as $$ select (string_to_array(name, '/'))[1:array_length(string_to_array(name, '/'), 1) - 1] $$;
create function storage.filename(name text) returns text language sql immutable as $$ select (string_to_array(name, '/'))[array_length(string_to_array(name, '/'), 1)] $$;
create function storage.extension(name text) returns text language sql immutable as $$ select reverse(split_part(reverse(name), '.', 1)) $$;
create table realtime.messages (id uuid default gen_random_uuid(), topic text not null, extension text not null, payload jsonb, event text, private boolean default false, inserted_at timestamp not null default now());
create function realtime.topic() returns text language sql stable as $$ select nullif(current_setting('realtime.topic', true), '') $$;
create publication supabase_realtime`;

/** Extensions that every Supabase project has, in the schema `extensions`, which is on its search path. */
export const SUPABASE_EXTENSIONS: readonly string[] = ['pgcrypto', 'uuid-ossp'];
export const SUPABASE_SESSION = 'set search_path = "$user", public, extensions';

/** The types of pgvector as text, where the extension itself is not at hand: columns can be declared, distances and its indexes cannot. */
export const VECTOR = ['vector', 'halfvec', 'sparsevec'].map((name) => `
create type ${name};
create function ${name}_in(cstring) returns ${name} language internal immutable strict as 'textin';
create function ${name}_out(${name}) returns cstring language internal immutable strict as 'textout';
create type ${name} (input = ${name}_in, output = ${name}_out, typmod_in = varchartypmodin, typmod_out = varchartypmodout, like = text);`).join('');

/** Makes a database look as Supabase leaves it. */
export async function setUpSupabase(connection: Connection, missing: readonly string[]): Promise<void> {
  await connection.run(SUPABASE);
  for (const name of SUPABASE_EXTENSIONS) if (!missing.includes(name)) await connection.run(`create extension if not exists "${name}" with schema extensions`);
}

/** Schemas that a platform owns: their tables get rows, and are none of the project's. */
export const PLATFORM_SCHEMAS: ReadonlySet<string> = new Set(['auth', 'storage', 'realtime', 'extensions', 'vault']);

/** Bookkeeping of migration tools that no migration creates: theirs by name, and what TypeORM calls `migrations`. */
export function isBookkeeping(name: string): boolean {
  return isToolTable(name) || name === 'migrations';
}
