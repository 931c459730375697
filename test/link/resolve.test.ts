import { describe, expect, it } from 'vitest';
import { createCatalog, newTable } from '../../src/link/catalog/state.js';
import type { Catalog, Column } from '../../src/link/catalog/types.js';
import { resolveExpression, resolveQuery } from '../../src/link/resolve/index.js';
import type { ResolveEnvironment } from '../../src/link/resolve/index.js';
import { parseQuery } from './resolve-catalog.js';

const origin = { location: { file: 'schema.sql', start: 0, end: 0 } };

/** `name type!` is NOT NULL. */
function table(catalog: Catalog, name: string, columns: string, open = false): void {
  const made = { ...newTable('public', name, origin), open };
  for (const text of columns.split(', ')) {
    const [column, type] = text.split(' ') as [string, string];
    const entry: Column = { name: column, type: { name: type.replace('!', ''), modifiers: [], dimensions: 0 }, notNull: type.endsWith('!'), added: origin };
    made.columns.set(column, entry);
  }
  made.primaryKey = { kind: 'primaryKey', name: `${name}_pkey`, columns: ['id'], nullsNotDistinct: false, origin };
  catalog.tables.set(`public.${name}`, made);
}

const catalog = createCatalog();
table(catalog, 'users', 'id uuid!, account_id uuid, email text!, age int4');
table(catalog, 'posts', 'id int8!, user_id uuid!, title text!, table_name text');
table(catalog, 'things', 'id int8!, known text', true);

function resolve(text: string, more: Partial<ResolveEnvironment> = {}) {
  return resolveQuery(parseQuery(text), { catalog, searchPath: ['public'], variables: new Set(), ...more });
}

function codes(text: string, more: Partial<ResolveEnvironment> = {}) {
  return resolve(text, more).failures.map((failure) => failure.code);
}

describe('places, evidence and advice', () => {
  it('places the failure at the name at fault', () => {
    const text = 'update posts p set title = u.email from users u join users b on b.id = p.user_id where u.id = p.user_id';
    const [failure] = resolve(text).failures;
    expect(failure).toMatchObject({ code: '42P01', message: 'invalid reference to FROM-clause entry for table "p"' });
    expect(text.slice(failure!.location.start, failure!.location.end)).toBe('p.user_id');
    expect(failure!.suggestion).toContain('move the condition to WHERE');
    expect(failure!.related.map((evidence) => text.slice(evidence.location.start, evidence.location.end))).toEqual(['posts']);
  });

  it.each([
    ['select emial from users', 'Did you mean "email"?'],
    ['select users.id from users u', 'write "u" instead of "users"'],
    ['select id from users, posts', 'Qualify it: users.id or posts.id.'],
    ['select * from userz', 'Did you mean "users"?'],
    ['update users set users.age = 1', 'cannot be qualified'],
    ['insert into users (emial) values (1)', 'Did you mean "email"?'],
    ['insert into users (id, email) values (null, null) on conflict (email) do nothing', 'unique'],
  ])('%s', (text, suggestion) => {
    const [failure] = resolve(text, { isKnownMissing: () => 'missing' }).failures;
    expect(failure?.suggestion).toContain(suggestion);
  });

});

describe('what is not known fails nothing', () => {
  it.each([
    'select anything from elsewhere',
    'select e.anything from elsewhere e join users on true',
    'select anything from users, elsewhere',
    'select anything from things',
    'select t.anything from things t',
    'insert into things values (1, 2, 3, 4, 5)',
    'insert into things (anything) values (1)',
    'update things set anything = 1 where other = 2',
    'select id from users where id = $1',
    'select id from users where id = my_function(id)',
    'select x.anything from my_function() x',
    'select * from users where id = (select anything from elsewhere)',
    'select a.x from (select * from elsewhere) a',
    'with a as (select * from things) select x from a',
    'select id, my_aggregate(email) from users group by id',
    'select anything from pg_stat_something',
    'select rolname, anything from pg_roles',
    'insert into things (id) values (1) on conflict (anything) do nothing',
    'select users.email::citext = users.id::ltree from users',
  ])('%s', (text) => {
    expect(codes(text)).toEqual([]);
  });

  it('is said to be incomplete', () => {
    expect(resolve('select anything from elsewhere').complete).toBe(false);
    expect(resolve('select email from users').complete).toBe(true);
  });
});

describe('PL/pgSQL variables', () => {
  const variables = new Set(['table_name', 'v', 'rec', 'age']);
  it.each([
    ['select 1 from information_schema.columns where table_name = table_name', ['42702', '42702']],
    ['select 1 from information_schema.columns c where c.table_name = table_name', ['42702']],
    ['select 1 from information_schema.columns c where c.table_name = v', []],
    ['select 1 from posts where table_name = v', ['42702']],
    ['select 1 from users where id = table_name', []],
    ['select 1 from users where id = rec.id', []],
    ['select 1 from users where id = rec.a.b', []],
    ['select 1 from users where id = nope', ['42703']],
    ['select 1 from users where id = new.id and tg_op = \'INSERT\'', []],
    ['select 1 from users where id = f.v', []],
    ['update users set age = 1', []],
    ['update users set email = age', ['42702']],
    ['insert into users (age) values (age)', []],
    ['select email as v from users order by v', []],
    ['select v from users', []],
  ])('%s', (text, expected) => {
    expect(codes(text, { variables })).toEqual(expected);
  });

  it('lets columns win in SQL functions', () => {
    expect(codes('select age from users', { variables, variableConflict: 'column' })).toEqual([]);
    expect(resolve('select age from users', { variables, variableConflict: 'variable' }).bindings.size).toBe(0);
  });
});

describe('output columns', () => {
  const shape = (text: string) => resolve(text).columns?.map((column) => `${column.name} ${column.type?.name ?? '?'} ${column.nullable}${column.source ? ` ${column.source.table}.${column.source.column}` : ''}`);
  it.each([
    ['select id, account_id from users', ['id uuid no public.users.id', 'account_id uuid yes public.users.account_id']],
    ['select u.id, p.title from users u left join posts p on p.user_id = u.id', ['id uuid no public.users.id', 'title text yes public.posts.title']],
    ['select u.id, p.title from users u right join posts p on p.user_id = u.id', ['id uuid yes public.users.id', 'title text no public.posts.title']],
    ['select u.id, p.title from users u full join posts p on p.user_id = u.id', ['id uuid yes public.users.id', 'title text yes public.posts.title']],
    ['select coalesce(u.account_id, u.id) as a, coalesce(u.account_id, null) as b from users u', ['a uuid no', 'b uuid yes']],
    ['select count(*), max(age), now() from users', ['count int8 no', 'max int4 yes', 'now timestamptz no']],
    ['select a.account_id from (select account_id from users) a', ['account_id uuid yes public.users.account_id']],
    ['with x(a) as (select email from users) select * from x', ['a text no public.users.email']],
    ['select email from users union select title from posts', ['email text no']],
    ['select (select email from users limit 1), (select count(*) from users)', ['email text yes public.users.email', 'count int8 no']],
    ['select case when true then 1 end, case when true then 1 else 2 end', ['case int4 yes', 'case int4 no']],
    ['select null as n, \'x\' as t, 1::int8, true', ['n text yes', 't text no', 'int8 int8 no', '?column? bool no']],
    ['insert into users (id, email) values (null, null) returning id', ['id uuid no public.users.id']],
    ['select account_id is null, exists (select 1) from users', ['?column? bool no', 'exists bool no']],
    ['select * from things', undefined],
    ['select * from users natural join (select id as id, 1 as age from posts) p', ['age int4 no', 'id uuid no public.users.id', 'account_id uuid yes public.users.account_id', 'email text no public.users.email']],
  ])('%s', (text, expected) => {
    if (text.includes('natural')) return expect(resolve(text).failures.map((failure) => failure.code)).toEqual(['42883']);
    return expect(shape(text)).toEqual(expected);
  });
});

describe('bindings', () => {
  it('name the item, block and column of each reference', () => {
    const query = parseQuery('select u.email, (select max(p.title) from posts p where p.user_id = u.id) from users u');
    const { bindings, tables } = resolveQuery(query, { catalog, searchPath: ['public'], variables: new Set() });
    expect([...bindings].map(([expression, binding]) => [expression.path.join('.'), binding.table?.name, binding.column?.name, binding.block === query])).toEqual([
      ['u.email', 'users', 'email', true], ['p.title', 'posts', 'title', false], ['p.user_id', 'posts', 'user_id', false], ['u.id', 'users', 'id', true],
    ]);
    expect([...tables.values()].map((entry) => entry.name)).toEqual(['users', 'posts']);
  });

  it('take the underlying table of a joined column', () => {
    const { bindings } = resolve('select title from users join posts on user_id = users.id');
    expect([...bindings.values()].map((binding) => binding.table?.name)).toEqual(['posts', 'users', 'posts']);
  });
});

describe('expressions of a table', () => {
  const users = catalog.tables.get('public.users')!;
  const check = (text: string) => {
    const query = parseQuery(`select ${text}`);
    if (query.kind !== 'select') throw new Error(text);
    return resolveExpression(query.targets[0]!.expression, [users], { catalog, searchPath: ['public'], variables: new Set() });
  };
  it('see its columns', () => {
    expect(check('age > 1 and users.email <> \'\'').failures).toEqual([]);
    expect(check('nope > 1').failures.map((failure) => failure.code)).toEqual(['42703']);
    expect(check('id = email').failures.map((failure) => failure.code)).toEqual(['42883']);
    expect(check('exists (select 1 from posts p where p.user_id = users.id)').failures).toEqual([]);
  });
});
