import { describe, expect, test } from 'vitest';
import { renderedQueries } from './program.js';

const head = "import { Kysely, sql } from 'kysely';\nimport { jsonObjectFrom } from 'kysely/helpers/postgres';\n";

/** The queries of a function body; its parameters are db, orgId, id, ids and maybe. */
function lowered(code: string, made = ''): string[] {
  return renderedQueries({ 'src/case.ts': `${head}${made}export async function run(${made === '' ? 'db: Kysely<any>, ' : ''}orgId: string, id: string, ids: string[], maybe?: string) {\n${code}\n}\n` });
}

describe('selects', () => {
  test.each<[string, string, string]>([
    ['columns, aliases and a limit', "await db.selectFrom('notes as n').select(['n.id', 'n.body as text']).where('n.org_id', '=', orgId).limit(3).execute();", 'SELECT n.id, n.body AS text FROM notes n WHERE n.org_id = :orgId LIMIT 1'],
    ['joins by columns and by a callback', "await db.selectFrom('notes').innerJoin('projects', 'projects.id', 'notes.project_id').leftJoin('users as u', (join) => join.onRef('u.id', '=', 'notes.user_id').on('u.org_id', '=', orgId)).selectAll('notes').execute();",
      'SELECT notes.* FROM notes JOIN projects ON projects.id = notes.project_id LEFT JOIN users u ON u.id = notes.user_id AND u.org_id = :orgId'],
    ['an expression builder', "await db.selectFrom('notes').selectAll().where((eb) => eb.and([eb('org_id', '=', orgId), eb.or([eb('id', '=', id), eb.not(eb('id', 'in', ids))])])).execute();",
      'SELECT * FROM notes WHERE notes.org_id = :orgId'],
    ['null and lists', "await db.selectFrom('notes').selectAll().where('a', 'is', null).where('b', 'is not', null).where('c', 'in', ids).where('d', 'not in', ['x', 'y']).execute();",
      "SELECT * FROM notes WHERE a IS NULL AND b IS NOT NULL AND c = ANY (:ids) AND d NOT IN ('x', 'y')"],
    ['a sub-select', "await db.selectFrom('notes').selectAll().where('project_id', 'in', (eb) => eb.selectFrom('projects').select('id').where('org_id', '=', orgId)).execute();",
      'SELECT * FROM notes WHERE project_id = ANY (SELECT id FROM projects WHERE org_id = :orgId)'],
    ['a filter on some paths', "await db.selectFrom('notes').selectAll().$if(!!maybe, (qb) => qb.where('org_id', '=', maybe!)).execute();", 'IS NULL'],
    ['a common table expression', "await db.with('mine', (cte) => cte.selectFrom('notes').selectAll().where('org_id', '=', orgId)).selectFrom('mine').selectAll().execute();",
      'WITH mine AS (SELECT * FROM notes WHERE org_id = :orgId) SELECT * FROM mine'],
    ['a union', "await db.selectFrom('a').select('id').union(db.selectFrom('b').select('id')).execute();", 'SELECT id FROM a UNION SELECT id FROM b'],
    ['any() as text', "await db.selectFrom('notes').select('id').where('id', '=', sql`any(${ids}::uuid[])`).execute();", 'SELECT id FROM notes WHERE id = ANY (:ids'],
  ])('%s', (_, code, expected) => {
    const [query] = lowered(code);
    if (expected === 'SELECT * FROM notes WHERE notes.org_id = :orgId') expect(query).toMatch(/^SELECT \* FROM notes WHERE org_id = :orgId AND \(id = :id OR NOT \(id = ANY \(:ids\)\)\)$/);
    else expect(query).toContain(expected);
  });

  test('names in camel case', () => {
    expect(lowered("await db.selectFrom('pageNotes as pn').select('pn.createdAt').where('pn.orgId', '=', orgId).execute();", "import { CamelCasePlugin } from 'kysely';\nconst db = new Kysely<any>({ plugins: [new CamelCasePlugin()] });\n"))
      .toEqual(['SELECT pn.created_at FROM page_notes pn WHERE pn.org_id = :orgId']);
  });
  test('names in camel case, where a module read later makes the database', () => {
    expect(renderedQueries({
      'src/a.ts': "import type { Kysely } from 'kysely';\nexport async function run(db: Kysely<any>, orgId: string) {\n  await db.deleteFrom('pageNotes').where('orgId', '=', orgId).execute();\n}\n",
      'src/module.ts': "import { CamelCasePlugin } from 'kysely';\nimport { make } from 'some-framework';\nexport const database = make(() => ({ plugins: [new CamelCasePlugin()] }));\n",
    })).toEqual(['DELETE FROM page_notes WHERE org_id = :orgId']);
  });
  test('a builder that is changed on some paths', () => {
    expect(lowered("let query = db.selectFrom('notes').select('id').where('org_id', '=', orgId); if (maybe) query = query.where('body', '=', maybe); await query.execute();")[0])
      .toMatch(/^SELECT id FROM notes WHERE org_id = :orgId AND \(body = :maybe OR .* IS NULL\)$/);
  });
  test('a compiled query is run by whoever is given it', () => {
    expect(lowered("const compiled = db.selectFrom('notes').select('id').where('org_id', '=', orgId).compile(); const { rows } = await db.executeQuery(compiled); await db.deleteFrom('comments').where('note_id', '=', rows[0].id).execute();"))
      .toEqual(['SELECT id FROM notes WHERE org_id = :orgId', 'DELETE FROM comments WHERE note_id = (SELECT id FROM notes WHERE org_id = :orgId)']);
  });
  test('what is not executed is no query', () => {
    expect(lowered("db.selectFrom('notes').selectAll(); return db.selectFrom('notes').select('id');")).toEqual([]);
  });
});

describe('writes', () => {
  test.each<[string, string, string]>([
    ['values', "await db.insertInto('notes').values({ id, org_id: orgId, body: undefined }).execute();", 'INSERT INTO notes (id, org_id) VALUES (:id, :orgId)'],
    ['a conflict', "await db.insertInto('notes').values({ id }).onConflict((oc) => oc.columns(['id']).doUpdateSet({ org_id: orgId }).where('notes.org_id', '=', orgId)).returning('id').execute();",
      'INSERT INTO notes (id) VALUES (:id) ON CONFLICT (id) DO UPDATE SET org_id = :orgId WHERE notes.org_id = :orgId RETURNING id'],
    ['a query', "await db.insertInto('notes').columns(['id']).expression((eb) => eb.selectFrom('old').select('id').where('org_id', '=', orgId)).execute();", 'INSERT INTO notes (id) SELECT id FROM old WHERE org_id = :orgId'],
    ['an update', "await db.updateTable('notes').set({ body: 'x' }).where('org_id', '=', orgId).execute();", "UPDATE notes SET body = 'x' WHERE org_id = :orgId"],
    ['an update of two tables', "await db.updateTable('notes').from('projects as p').set('body', 'x').whereRef('p.id', '=', 'notes.project_id').execute();", "UPDATE notes SET body = 'x' FROM projects p WHERE p.id = notes.project_id"],
    ['a delete', "await db.deleteFrom('notes').using('projects').whereRef('projects.id', '=', 'notes.project_id').where('projects.org_id', '=', orgId).execute();", 'DELETE FROM notes USING projects WHERE projects.id = notes.project_id AND projects.org_id = :orgId'],
    ['text', 'await sql`delete from ${sql.table("notes")} where org_id = ${orgId} and id in (${sql.join([id, orgId])})`.execute(db);', 'DELETE FROM notes WHERE org_id = :orgId AND id IN (:id, :orgId)'],
    ['in a transaction', "await db.transaction().execute(async (trx) => { await trx.deleteFrom('notes').where('id', '=', id).execute(); });", 'DELETE FROM notes WHERE id = :id'],
  ])('%s', (_, code, expected) => {
    expect(lowered(code)).toEqual([expected]);
  });
});
