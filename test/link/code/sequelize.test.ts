import { describe, expect, test } from 'vitest';
import { renderedQueries } from './program.js';

const models = `
import { Sequelize, DataTypes, Model } from 'sequelize';
export const sequelize = new Sequelize('postgres://', { define: { underscored: true } });
export class Org extends Model {}
Org.init({ id: { type: DataTypes.UUID, primaryKey: true }, slug: { type: DataTypes.STRING, unique: true } }, { sequelize, modelName: 'org' });
export const Project = sequelize.define('Project', {
  orgId: { type: DataTypes.UUID, allowNull: false }, name: DataTypes.STRING,
}, { paranoid: true, scopes: { named: { where: { name: 'x' } }, ofOrg: (orgId) => ({ where: { orgId } }) } });
export const Task = sequelize.define('Task', { title: DataTypes.STRING }, { tableName: 'task_list', defaultScope: { where: { title: 'open' } } });
Project.belongsTo(Org, { foreignKey: 'orgId', as: 'org' });
Project.hasMany(Task, { as: 'tasks' });
Task.belongsTo(Project);
`;

/** The queries of a function; its parameters are orgId, id and ids. */
function lowered(code: string): string[] {
  return renderedQueries({ 'src/models.ts': models, 'src/case.ts': `
import { Op } from 'sequelize';
import { Org, Project, Task, sequelize } from './models';
export async function run(orgId: string, id: string, ids: string[]) {
${code}
}
` });
}

describe('reading', () => {
  test.each<[string, string, string]>([
    ['values, lists, null and operators', '{ orgId, name: null, id: ids, createdAt: { [Op.gt]: 1 } }', 'Projects.org_id = :orgId AND Projects.name IS NULL AND Projects.id = ANY (:ids) AND Projects.created_at > 1'],
    ['Op.or and Op.and', "{ [Op.or]: [{ orgId }, { id }], [Op.and]: [{ name: { [Op.ne]: 'a' } }] }", "(Projects.org_id = :orgId OR Projects.id = :id) AND NOT (Projects.name = 'a')"],
  ])('%s', (_, where, expected) => {
    const table = expected.replaceAll('Projects', 'projects');
    expect(lowered(`await Project.findAll({ where: ${where} });`)).toEqual([`SELECT projects.* FROM projects WHERE ${table}`]);
  });

  test('includes are joined where they are required', () => {
    expect(lowered('await Task.unscoped().findAll({ include: [{ model: Project, where: { orgId }, include: [{ association: "org" }] }] }); await Project.findOne({ where: { id }, include: ["tasks"] });')).toEqual([
      'SELECT task_list.* FROM task_list JOIN projects ON projects.id = task_list.project_id AND projects.org_id = :orgId LEFT JOIN orgs ON orgs.id = projects.org_id',
      'SELECT projects.*, ARRAY (SELECT 1 FROM task_list WHERE task_list.project_id = projects.id) AS tasks FROM projects WHERE projects.id = :id LIMIT 1',
    ]);
  });

  test('scopes', () => {
    expect(lowered('await Task.findByPk(id); await Project.scope("named", { method: ["ofOrg", orgId] }).findAll(); await Project.count({ where: { orgId } });')).toEqual([
      "SELECT task_list.* FROM task_list WHERE task_list.id = :id AND task_list.title = 'open'", "SELECT projects.* FROM projects WHERE projects.name = 'x' AND projects.org_id = :orgId",
      'SELECT count(*) FROM projects WHERE projects.org_id = :orgId',
    ]);
  });
});

describe('writing', () => {
  test('create, update, destroy', () => {
    expect(lowered('await Project.create({ orgId, name: "a" }); await Project.update({ name: "b" }, { where: { id, orgId } }); await Project.destroy({ where: { id } }); await Task.destroy({ where: { id } });')).toEqual([
      "INSERT INTO projects (org_id, name) VALUES (:orgId, 'a')", "UPDATE projects SET name = 'b' WHERE projects.id = :id AND projects.org_id = :orgId",
      'UPDATE projects SET deleted_at ~= 1 WHERE projects.id = :id', "DELETE FROM task_list WHERE task_list.title = 'open' AND task_list.id = :id",
    ]);
  });

  test('rows that were read', () => {
    expect(lowered('const row = await Project.findOne({ where: { id, orgId } }); if (!row) throw new Error(); await row.update({ name: "b" }); await row.getTasks();')).toEqual([
      'SELECT projects.* FROM projects WHERE projects.id = :id AND projects.org_id = :orgId LIMIT 1',
      "UPDATE projects SET name = 'b' WHERE projects.id = (SELECT projects.id FROM projects WHERE projects.id = :id AND projects.org_id = :orgId LIMIT 1)",
      'SELECT task_list.* FROM task_list WHERE task_list.project_id = (SELECT projects.id FROM projects WHERE projects.id = :id AND projects.org_id = :orgId LIMIT 1)',
    ]);
  });

  test('raw text with replacements', () => {
    expect(lowered('await sequelize.query("SELECT * FROM projects WHERE org_id = :org AND id = :id", { replacements: { org: orgId, id } }); await sequelize.query("DELETE FROM projects WHERE id = ?", { replacements: [id] });')).toEqual([
      'SELECT * FROM projects WHERE org_id = :orgId AND id = :id', 'DELETE FROM projects WHERE id = :id',
    ]);
  });
});

test('classes of sequelize-typescript', () => {
  expect(renderedQueries({ 'src/team.ts': `
import { Table, Column, Model, DataType, ForeignKey, BelongsTo, HasMany, PrimaryKey, DefaultScope, Scopes } from 'sequelize-typescript';
abstract class Base extends Model { @PrimaryKey @Column(DataType.UUID) id: string; }
@Table({ tableName: 'teams' })
export class Team extends Base { @Column name: string; @HasMany(() => Doc) docs: Doc[]; static byName(name: string) { return this.findOne({ where: { name } }); } }
@DefaultScope(() => ({ where: { title: 'x' } }))
@Scopes(() => ({ withTeam: { include: [{ model: Team, required: true }] } }))
@Table({ tableName: 'docs' })
export class Doc extends Base { @Column title: string; @ForeignKey(() => Team) @Column(DataType.UUID) teamId: string; @BelongsTo(() => Team, 'teamId') team: Team; }
`, 'src/case.ts': `
import { Doc, Team } from './team';
export async function run(teamId: string, id: string) {
  await Doc.scope(['defaultScope', 'withTeam']).findOne({ where: { id, teamId } });
  const team = await Team.byName('n');
  const doc = await Doc.findByPk(id, { rejectOnEmpty: true });
  await team.$get('docs');
  await doc.destroy();
}` }).slice(1)).toEqual([
    "SELECT docs.* FROM docs JOIN teams ON teams.id = docs.teamId WHERE docs.title = 'x' AND docs.id = :id AND docs.teamId = :teamId LIMIT 1",
    "SELECT teams.* FROM teams WHERE teams.name = 'n' LIMIT 1", "SELECT docs.* FROM docs WHERE docs.id = :id AND docs.title = 'x'",
    "SELECT docs.* FROM docs WHERE docs.teamId = (SELECT teams.id FROM teams WHERE teams.name = 'n' LIMIT 1)", "DELETE FROM docs WHERE docs.id = (SELECT docs.id FROM docs WHERE docs.id = :id AND docs.title = 'x')",
  ]);
});
