import { describe, expect, test } from 'vitest';
import { parseSelect } from '../../../src/link/code/libraries/supabase/select-text.js';
import { queriesOf, renderedQueries } from './program.js';

const schema = `
create table users (id uuid primary key, email text);
create table orgs (id uuid primary key, slug text unique);
create table projects (id uuid primary key, org_id uuid not null references orgs (id), owner_id uuid references users (id), name text);
create table tasks (id uuid primary key, project_id uuid not null references projects (id), n int);
create table tags (id uuid primary key, name text);
create table project_tags (project_id uuid not null references projects (id), tag_id uuid not null references tags (id), primary key (project_id, tag_id));
`;

const head = "import { createClient } from '@supabase/supabase-js';\nconst supabase = createClient(process.env.URL!, process.env.SUPABASE_SERVICE_ROLE_KEY!);\n";

function lowered(code: string): string[] {
  const body = code.startsWith('import') ? code : `${head}export async function run(orgId: string, id: string, ids: string[], body: any, maybe?: string) {\n${code}\n}\n`;
  return renderedQueries({ '1.sql': schema, 'src/case.ts': body });
}

describe('filters', () => {
  test.each<[string, string, string]>([
    ['equality', '.eq("org_id", orgId).neq("name", "a")', "projects.org_id = :orgId AND projects.name <> 'a'"],
    ['lists', '.in("id", ids).in("name", ["a", "b"])', "projects.id = ANY (:ids) AND projects.name IN ('a', 'b')"],
    ['is and not', '.is("owner_id", null).not("name", "is", null)', 'projects.owner_id IS NULL AND NOT (projects.name IS NULL)'],
    ['match', '.match({ org_id: orgId, id })', 'projects.org_id = :orgId AND projects.id = :id'],
    ['match of something unknown', '.match(body)', '<a filter that is not known>'],
    ['or', '.or(`org_id.eq.${orgId},and(owner_id.is.null,name.in.(a,b))`)', "projects.org_id = :orgId OR projects.owner_id IS NULL AND projects.name IN ('a', 'b')"],
    ['or of an unknown text', '.or(body)', '<the text of or() is not known>'],
    ['filter', '.filter("org_id", "eq", orgId)', 'projects.org_id = :orgId'],
    ['search', '.ilike("name", "%a%").contains("name", ["x"])', 'ilike(projects.name) AND contains(projects.name)'],
    ['a part of JSON', '.eq("data->>org", orgId)', 'json(projects.data)'],
  ])('%s', (_, filters, expected) => {
    expect(lowered(`await supabase.from('projects').select('id')${filters};`)).toEqual([`SELECT projects.* FROM projects WHERE ${expected}`]);
  });

  test('calls on some paths only', () => {
    expect(lowered("let q = supabase.from('projects').select();\nif (maybe) q = q.eq('org_id', maybe);\nif (id) q.eq('id', id);\nconst { data } = await q;")).toEqual([
      'SELECT projects.* FROM projects WHERE (projects.org_id = :maybe OR :org_id IS NULL) AND (projects.id = :id OR :id IS NULL)']);
  });

  test('a helper that adds one', () => {
    expect(lowered("const scoped = (q: any) => q.eq('org_id', orgId);\nawait scoped(supabase.from('projects').delete()).eq('id', id);")).toEqual(['DELETE FROM projects WHERE projects.org_id = :orgId AND projects.id = :id']);
  });
});

describe('embedded tables', () => {
  test.each<[string, string, string]>([
    ['to one', "select('*, orgs(slug)')", 'SELECT projects.* FROM projects JOIN orgs ON orgs.id = projects.org_id'],
    ['to one, by column, where there may be none', "select('*, owner:owner_id(email)')", 'SELECT projects.* FROM projects LEFT JOIN users ON users.id = projects.owner_id'],
    ['inner, filtered', "select('*, users!inner(*)').eq('users.email', id)", 'SELECT projects.* FROM projects JOIN users ON users.id = projects.owner_id AND users.email = :id'],
    ['to many', "select('*, tasks(*, projects(*))').eq('tasks.n', 1)",
      'SELECT projects.*, ARRAY (SELECT 1 FROM tasks JOIN projects projects_2 ON projects_2.id = tasks.project_id WHERE tasks.project_id = projects.id AND tasks.n = 1) AS tasks FROM projects'],
    ['many-to-many', "select('*, tags(*)')", 'SELECT projects.*, ARRAY (SELECT 1 FROM project_tags JOIN tags ON tags.id = project_tags.tag_id WHERE project_tags.project_id = projects.id) AS tags FROM projects'],
    ['to many, inner', "select('*, tasks!inner(*)')",
      'SELECT projects.*, ARRAY (SELECT 1 FROM tasks WHERE tasks.project_id = projects.id) AS tasks FROM projects WHERE EXISTS (SELECT 1 FROM tasks WHERE tasks.project_id = projects.id)'],
    ['a relation that is not known', "select('*, others(*)')", 'SELECT projects.*, ARRAY (SELECT 1 FROM others WHERE <no foreign key between the tables is known>) AS others FROM projects'],
  ])('%s', (_, chain, expected) => {
    expect(lowered(`await supabase.from('projects').${chain};`)).toEqual([expected]);
  });

  test('select texts', () => {
    expect(parseSelect('id, when:created_at::text, meta->>a, count(), owner:users!fk_owner!inner ( id, "full name" ), ...orgs(slug)')).toMatchObject([
      { name: 'id' }, { alias: 'when', name: 'created_at' }, { name: 'meta' }, { name: 'count' },
      { alias: 'owner', name: 'users', hints: ['fk_owner'], isInner: true, embedded: [{ name: 'id' }, { name: 'fullname' }] }, { name: 'orgs', isSpread: true, embedded: [{ name: 'slug' }] }]);
  });
});

describe('writes', () => {
  test.each<[string, string, string]>([
    ['insert', "insert({ org_id: orgId, name: 'a' }).select().single()", "INSERT INTO projects (org_id, name) VALUES (:orgId, 'a')"],
    ['rows that differ', "insert([{ org_id: orgId, name: 'a' }, { name: 'b' }])", "INSERT INTO projects (org_id, name) VALUES (:orgId, 'a'), (default(), 'b')"],
    ['an object that is not known', 'insert(body)', 'INSERT INTO projects (...unknown) VALUES ()'],
    ['one that is spread', 'insert({ ...body, org_id: orgId })', 'INSERT INTO projects (org_id, ...unknown) VALUES (:orgId)'],
    ['upsert on the primary key', "upsert({ id, org_id: orgId })", 'INSERT INTO projects (id, org_id) VALUES (:id, :orgId) ON CONFLICT (id) DO UPDATE SET org_id = excluded.org_id'],
    ['upsert on other columns', "upsert({ id, org_id: orgId }, { onConflict: 'org_id, id', ignoreDuplicates: true })", 'INSERT INTO projects (id, org_id) VALUES (:id, :orgId) ON CONFLICT (org_id, id) DO NOTHING'],
    ['update', "update({ name: 'b' }).eq('id', id)", "UPDATE projects SET name = 'b' WHERE projects.id = :id"],
    ['delete', "delete().eq('id', id)", 'DELETE FROM projects WHERE projects.id = :id'],
  ])('%s', (_, chain, expected) => {
    expect(lowered(`await supabase.from('projects').${chain};`)).toEqual([expected]);
  });
});

describe('results', () => {
  test('rows are read by column and by embedded table', () => {
    expect(lowered("const { data } = await supabase.from('tasks').select('*, projects(org_id)').eq('id', id).single();\nawait supabase.from('orgs').select().eq('id', data.projects.org_id);")[1])
      .toBe('SELECT orgs.* FROM orgs WHERE orgs.id = (SELECT projects.org_id FROM tasks JOIN projects ON projects.id = tasks.project_id WHERE tasks.id = :id)');
  });

  test('after single() without an error there is a row', () => {
    const code = "const { data, error } = await supabase.from('projects').select().eq('id', id).eq('org_id', orgId).single();\nif (error) throw error;\nawait supabase.from('tasks').delete().eq('project_id', id);";
    const [, query] = queriesOf({ '1.sql': schema, 'src/case.ts': `${head}export async function run(orgId: string, id: string) {\n${code}\n}\n` });
    expect(query!.facts).toHaveLength(1);
  });

  test('who is signed in', () => {
    expect(lowered("const { data: { user } } = await supabase.auth.getUser();\nif (!user) return;\nawait supabase.from('users').select().eq('id', user.id);")).toEqual(['SELECT users.* FROM users WHERE users.id = :the signed-in user.id']);
  });
});

describe('clients', () => {
  const made = (call: string, from = '@supabase/supabase-js') => queriesOf({ '1.sql': schema, 'src/case.ts': `import { createClient, createServerClient } from '${from}';\nconst c = ${call};\nexport const run = async () => { await c.from('orgs').select(); };\n` })[0];

  test.each<[string, string | undefined]>([
    ['createClient(url, process.env.SUPABASE_SERVICE_ROLE_KEY!)', 'bypassed'], ["createClient(url, Deno.env.get('SUPABASE_SERVICE_ROLE_KEY') ?? '')", 'bypassed'],
    ['createClient(url, process.env.NEXT_PUBLIC_SUPABASE_ANON_KEY!)', 'enforced'], ['createClient(url, key)', undefined],
    ['createClient(url, process.env.SUPABASE_SERVICE_ROLE_KEY!, { global: { headers: { Authorization: token } } })', 'enforced'],
    ['createServerClient(url, key, { cookies })', 'enforced'],
  ])('%s', (call, rls) => { expect(made(call)?.rls).toBe(rls); });

  test('other ways to name the package', () => {
    expect(made('createClient(url, key)', 'https://esm.sh/@supabase/supabase-js@2.39.3')?.query).toBeDefined();
    expect(made('createClient(url, key)', 'jsr:@supabase/supabase-js@2')?.query).toBeDefined();
  });

  test('tables that are chosen when it runs, functions, storage', () => {
    expect(lowered("await supabase.from(id).select();\nawait supabase.rpc('do_it', { a: id });\nawait supabase.storage.from('files').remove(['x']);\nawait supabase.schema('app').from('orgs').select();")).toEqual([
      '?? the table is chosen when it runs', 'SELECT do_it(:id)', 'SELECT orgs.* FROM app.orgs']);
  });
});

test('a query stands where its chain begins', () => {
  const code = `${head}export const run = async () => { const { data } = await supabase.from('orgs').select().eq('id', 1); };\n`;
  const [query] = queriesOf({ '1.sql': schema, 'src/case.ts': code });
  expect(code.slice(query!.location.start, query!.location.end)).toBe("supabase.from('orgs').select().eq('id', 1)");
});
