import { describe, expect, test } from 'vitest';
import { renderedQueries } from './program.js';

const head = "import { knex, type Knex } from 'knex';\n";

/** The queries of a function body; its parameters are db, orgId, id, ids and maybe. */
function lowered(code: string): string[] {
  return renderedQueries({ 'src/case.ts': `${head}export async function run(db: Knex, orgId: string, id: string, ids: string[], maybe?: string) {\n${code}\n}\n` });
}

describe('selects', () => {
  test.each<[string, string, string]>([
    ['an object, a value, an operator', "await db('notes').where({ org_id: orgId, 'notes.id': id }).andWhere('a', '>', 1).first();", 'SELECT * FROM notes WHERE org_id = :orgId AND notes.id = :id AND a > 1 LIMIT 1'],
    ['OR binds less than AND', "await db('notes').where('a', 1).orWhere('b', 2).where('c', 3);", 'SELECT * FROM notes WHERE a = 1 OR b = 2 AND c = 3'],
    ['groups', "await db('notes').where('a', 1).where((q) => q.where('b', 2).orWhereNull('c')).whereNot(function () { this.where('d', 4); });", 'SELECT * FROM notes WHERE a = 1 AND (b = 2 OR c IS NULL) AND NOT (d = 4)'],
    ['lists', "await db('notes').whereIn('id', ids).whereNotIn('a', [1, 2]).whereIn(['b', 'c'], [[1, 2]]);", 'SELECT * FROM notes WHERE id = ANY (:ids) AND a NOT IN (1, 2) AND '],
    ['sub-selects', "await db('notes').whereIn('project_id', db('projects').select('id').where('org_id', orgId)).whereExists(function () { this.select(1).from('tags').whereRaw('tags.note_id = notes.id'); });",
      'SELECT * FROM notes WHERE project_id = ANY (SELECT id FROM projects WHERE org_id = :orgId) AND EXISTS (SELECT 1 FROM tags WHERE tags.note_id = notes.id)'],
    ['joins', "await db('notes as n').join('projects as p', 'p.id', 'n.project_id').leftJoin({ t: 'tags' }, (j) => j.on('t.note_id', '=', 'n.id').andOnVal('t.org_id', orgId)).select('n.*', { key: 'p.id' });",
      'SELECT n.*, p.id AS key FROM notes n JOIN projects p ON p.id = n.project_id LEFT JOIN tags t ON t.note_id = n.id AND t.org_id = :orgId'],
    ['counts', "await db('notes').where('org_id', orgId).count('* as n').groupBy('project_id');", 'SELECT count(*) AS n FROM notes WHERE org_id = :orgId GROUP BY project_id'],
    ['raw parts with bindings', "await db('notes').select(db.raw('count(*) as n')).whereRaw('org_id = ?', [orgId]).joinRaw('join projects on projects.id = notes.project_id');", 'SELECT count(*) AS n FROM notes JOIN projects ON projects.id = notes.project_id WHERE org_id = :orgId'],
    ['raw text', "await db.raw('select * from ?? where org_id = ?', ['notes', orgId]);", 'SELECT * FROM notes WHERE org_id = :orgId'],
    ['common table expressions', "await db.with('mine', (q) => q.select('*').from('notes').where('org_id', orgId)).select('*').from('mine');", 'WITH mine AS (SELECT * FROM notes WHERE org_id = :orgId) SELECT * FROM mine'],
    ['words between calls', "await db('notes').where('a', 1).or.whereNotIn('b', [2]).not.where('c', 3);", 'SELECT * FROM notes WHERE a = 1 OR b NOT IN (2) AND NOT (c = 3)'],
    ['a copy changes by itself', "const all = db('notes').where('org_id', orgId); await all.clone().where('id', id); await all;", 'SELECT * FROM notes WHERE org_id = :orgId AND id = :id'],
  ])('%s', (_, code, expected) => {
    expect(lowered(code)[0]).toContain(expected);
  });

  test('a builder that is changed on some paths', () => {
    expect(lowered("const query = db('notes').where('org_id', orgId); if (maybe) query.where('body', maybe); await query;")[0])
      .toMatch(/^SELECT \* FROM notes WHERE org_id = :orgId AND \(body = :maybe OR .* IS NULL\)$/);
  });
  test('what is not awaited is not sent', () => {
    expect(lowered("db('notes').del(); const query = db('notes'); await Promise.all([db('a'), db('b')]); void query;")).toEqual(['SELECT * FROM a', 'SELECT * FROM b']);
  });
});

describe('writes', () => {
  test.each<[string, string, string]>([
    ['rows', "await db('notes').insert([{ id, org_id: orgId }, { id }]).returning('id');", 'INSERT INTO notes (id, org_id) VALUES (:id, :orgId), (:id, default()) RETURNING id'],
    ['a conflict', "await db('notes').insert({ id, body: 'x' }).onConflict(['id']).merge();", "INSERT INTO notes (id, body) VALUES (:id, 'x') ON CONFLICT (id) DO UPDATE SET id = excluded.id, body = excluded.body"],
    ['a conflict that is ignored', "await db('notes').insert({ id }).onConflict('id').ignore();", 'INSERT INTO notes (id) VALUES (:id) ON CONFLICT (id) DO NOTHING'],
    ['an update', "await db('notes').where('org_id', orgId).update({ body: 'x' });", "UPDATE notes SET body = 'x' WHERE org_id = :orgId"],
    ['a delete with a join', "await db('notes').join('projects', 'projects.id', 'notes.project_id').where('projects.org_id', orgId).del();", 'DELETE FROM notes USING projects WHERE projects.id = notes.project_id AND projects.org_id = :orgId'],
  ])('%s', (_, code, expected) => {
    expect(lowered(code)).toEqual([expected]);
  });
});
