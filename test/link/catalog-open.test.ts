import { describe, expect, test } from 'vitest';
import type { Failure } from '../../src/link/project.js';
import type { ApplyEnvironment } from '../../src/link/catalog/index.js';
import { applyOperation, cloneCatalog, createCatalog, displayName, findTable } from '../../src/link/catalog/index.js';
import type { Catalog } from '../../src/link/catalog/types.js';
import { parseSqlText } from '../../src/parse/sql/index.js';

/** Applies the statements to the catalog; names the catalog lacks may exist, unless told otherwise. */
function run(catalog: Catalog, sql: string, isKnownMissing?: ApplyEnvironment['isKnownMissing']): Failure[] {
  const { statements } = parseSqlText(sql, (start, end) => ({ file: 'script.sql', start, end }));
  return statements.flatMap(({ operations }) => operations).flatMap((operation) => applyOperation(catalog, operation, {
    searchPath: ['public'], origin: { location: operation.location, migration: 3 }, inTransaction: false, ...(isKnownMissing && { isKnownMissing }),
  }) ?? []);
}

describe('tables made outside of the recorded history', () => {
  test('nothing fails on them, and what is seen of them is noted', () => {
    const catalog = createCatalog();
    expect(run(catalog, `
      alter table profiles add column account_id uuid references accounts (id);
      alter table profiles alter column account_id set not null;
      alter table profiles drop constraint profiles_whatever_fkey;
      alter table profiles drop column legacy;
      alter table profiles rename column title to name;
      create index on profiles (name, created_at);
      create policy own on profiles using (user_id = auth.uid());
      alter policy other on profiles using (true);
      drop policy third on profiles;
      create table notes (id uuid primary key, user_id uuid references auth.users (id) on delete cascade, owner uuid references auth.users);
      drop index some_index;
      drop table some_table;
      drop function some_function();
      create trigger t after insert on auth.users for each row execute function public.handle_new_user();
      alter type some_type add value 'x';
      create table x (a some_type, b extensions.citext, c public.geography(point, 4326));
    `)).toEqual([]);
    const profiles = findTable(catalog, { name: 'profiles' }, ['public'])!;
    expect(profiles).toMatchObject({ assumed: true, open: true });
    expect([...profiles.columns.keys()]).toEqual(['account_id', 'name']);
    expect(profiles.columns.get('account_id')).toMatchObject({ notNull: true, type: { name: 'uuid' }, added: { migration: 3 } });
    expect(catalog.tables.get('auth.users')).toMatchObject({ assumed: true, schema: 'auth' });
    expect(catalog.tables.get('public.notes')!.foreignKeys).toMatchObject([
      { table: 'auth.users', referencedColumns: ['id'], onDelete: 'cascade' }, { table: 'auth.users', referencedColumns: [] },
    ]);
  });

  test('an object of a platform schema is never missing', () => {
    const catalog = createCatalog();
    expect(run(catalog, 'alter table storage.objects enable row level security; drop table cron.job; create table auth.extra (a int);', () => 'missing')).toEqual([]);
  });

  test('a table is declared after it was used', () => {
    const catalog = createCatalog();
    expect(run(catalog, 'create index on t (a); create table t (a int); alter table t add column b int;')).toEqual([]);
    expect(catalog.tables.get('public.t')).toMatchObject({ assumed: false, open: false });
    expect(run(catalog, 'create index on u (a); create table if not exists u (a int); alter table u drop column c;')).toEqual([]);
    expect(catalog.tables.get('public.u')).toMatchObject({ assumed: false, open: true });
  });

  test('what is made of an open table is open', () => {
    const catalog = createCatalog();
    expect(run(catalog, 'create table copy (like original including all); alter table copy drop column whatever; create table made as select * from copy;')).toEqual([]);
    expect(catalog.tables.get('public.copy')!.open).toBe(true);
    expect(catalog.tables.get('public.made')!.open).toBe(true);
  });

  test('types of an extension that is not known pass', () => {
    const catalog = createCatalog();
    expect(run(catalog, 'create table t (a nothing);', () => 'missing')).toMatchObject([{ code: '42704', message: 'type "nothing" does not exist' }]);
    expect(run(catalog, 'create extension strange; create table t (a nothing, b citext);', () => 'missing')).toEqual([]);
  });
});

describe('failures', () => {
  test('they carry PostgreSQL’s message, the place at fault, evidence and a suggestion', () => {
    const catalog = createCatalog();
    const sql = 'create table t (a int);\nalter table t add column b int, add column a text;';
    expect(run(catalog, sql)).toEqual([{
      code: '42701', message: 'column "a" of relation "t" already exists',
      location: { file: 'script.sql', start: sql.indexOf('add column a'), end: sql.length - 1 },
      related: [{ location: { file: 'script.sql', start: sql.indexOf('a int'), end: sql.indexOf('a int') + 5 }, message: 'the column was added here' }],
      suggestion: 'Write ADD COLUMN IF NOT EXISTS, or drop the second one.',
    }]);
  });

  test('a failed operation leaves the catalog as it was', () => {
    const catalog = createCatalog();
    run(catalog, 'create table t (a int);');
    const before = catalog.tables.get('public.t');
    expect(run(catalog, 'alter table t add column b serial unique references t (zzz);')).toMatchObject([{ code: '42703' }]);
    expect(catalog.tables.get('public.t')).toBe(before);
    expect(catalog.sequences.size).toBe(0);
  });
});

describe('copies', () => {
  test('a copy does not see later changes, whichever side they are made on', () => {
    const catalog = createCatalog();
    run(catalog, 'create table t (a int, b int check (b > 0) not valid); create policy p on t using (a = 1);');
    const copy = cloneCatalog(catalog);
    const saved = JSON.stringify([...copy.tables]);
    run(catalog, 'alter table t alter a set not null; alter table t validate constraint t_b_check; alter table t rename column a to c; drop policy p on t; create table u ();');
    expect(JSON.stringify([...copy.tables])).toBe(saved);
    run(copy, 'drop table t;');
    expect([...catalog.tables.keys()]).toEqual(['public.t', 'public.u']);
  });
});

test('the display name leaves out schema public only', () => {
  expect(displayName({ schema: 'public', name: 'Order' })).toBe('Order');
  expect(displayName({ schema: 'app', name: 'order' })).toBe('app.order');
});
