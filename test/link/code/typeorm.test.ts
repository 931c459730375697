import { describe, expect, test } from 'vitest';
import { defaultConfig } from '../../../src/config/load.js';
import { CodeProgram } from '../../../src/link/code/program.js';
import { parseTypeScript } from '../../../src/parse/typescript/index.js';
import { renderedQueries } from './program.js';

const entities = `
import { Entity, Column, PrimaryGeneratedColumn, ManyToOne, JoinColumn, OneToMany, ManyToMany, JoinTable, DeleteDateColumn, Index, Unique, BaseEntity } from 'typeorm';
abstract class Base {
  @PrimaryGeneratedColumn('uuid') id: string;
  @DeleteDateColumn() deletedAt?: Date;
}
@Entity()
export class Org extends Base {
  @Column({ unique: true }) slug: string;
  @OneToMany(() => Project, (project) => project.org) projects: Project[];
}
@Entity('projects')
@Unique(['org', 'name'])
export class Project extends Base {
  @Column({ nullable: true }) name: string;
  @Column({ name: 'org_id' }) orgId: string;
  @ManyToOne(() => Org, (org) => org.projects, { onDelete: 'CASCADE' }) @JoinColumn({ name: 'org_id' }) org: Org;
  @ManyToOne(() => Project) parent: Project;
  @ManyToMany(() => Tag) @JoinTable() tags: Tag[];
}
@Entity()
export class Tag extends Base { @Column() label: string }
@Entity()
export class Note extends BaseEntity {
  @PrimaryGeneratedColumn() id: number;
  @Column() orgId: string;
}
`;
const head = `
import { Repository, DataSource, EntityManager, In, Not, IsNull, MoreThan, Brackets } from 'typeorm';
import { Org, Project, Tag, Note } from './entities';
`;

/** The queries of a method of a service; its parameters are orgId, id, ids and maybe. */
function lowered(code: string): string[] {
  return renderedQueries({ 'src/entities.ts': entities, 'src/case.ts': `${head}
class Projects extends Repository<Project> { byOrg(orgId: string) { return this.find({ where: { orgId } }); } }
export class Service {
  constructor(private readonly repo: Repository<Project>, private readonly orgs: Repository<Org>, private readonly projects: Projects, private readonly ds: DataSource) {}
  async run(orgId: string, id: string, ids: string[], maybe?: string) {
${code}
  }
}
` }).slice(1);
}

describe('find options', () => {
  test.each<[string, string, string]>([
    ['values, operators and relations', '{ orgId, name: Not(IsNull()), parent: { org: { slug: id } } }',
      'projects.org_id = :orgId AND projects.name IS NOT NULL AND EXISTS (SELECT 1 FROM projects projects_2 WHERE projects_2.id = projects.parentId AND EXISTS (SELECT 1 FROM org WHERE org.id = projects_2.org_id AND org.slug = :id))'],
    ['the key of a relation', '{ org: { id: orgId }, id: In(ids) }', 'projects.org_id = :orgId AND projects.id = ANY (:ids)'],
    ['several of which one holds', '[{ orgId }, { id }]', 'projects.org_id = :orgId OR projects.id = :id'],
    ['undefined and null are left out', '{ orgId: maybe, name: null }', 'projects.org_id = :maybe OR :maybe IS NULL'],
  ])('%s', (_, where, expected) => {
    expect(lowered(`await this.repo.find({ where: ${where} });`)).toEqual([`SELECT projects.* FROM projects WHERE ${expected}`]);
    expect(lowered(`await this.ds.getRepository(Project).findBy(${where});`)).toEqual([`SELECT projects.* FROM projects WHERE ${expected}`]);
  });

  test('relations are joined, those to many read by key', () => {
    expect(lowered(`await this.repo.findOne({ where: { id }, relations: { org: true, tags: true } });`)).toEqual([
      'SELECT projects.*, ARRAY (SELECT 1 FROM projects_tags_tag JOIN tag ON tag.id = projects_tags_tag.tagId WHERE projects_tags_tag.projectsId = projects.id) AS tags FROM projects LEFT JOIN org ON org.id = projects.org_id WHERE projects.id = :id',
    ]);
  });

  test('count, exists, older forms, repositories of ones own', () => {
    expect(lowered('await this.repo.countBy({ orgId }); await this.repo.exists({ where: { orgId } }); await this.orgs.findOne(id); await this.projects.byOrg(orgId); await this.projects.findOneBy({ id, orgId });')).toEqual([
      'SELECT count(*) FROM projects WHERE projects.org_id = :orgId', 'SELECT 1 FROM projects WHERE projects.org_id = :orgId LIMIT 1', 'SELECT org.* FROM org WHERE org.id = :id',
      'SELECT projects.* FROM projects WHERE projects.org_id = :orgId', 'SELECT projects.* FROM projects WHERE projects.id = :id AND projects.org_id = :orgId',
    ]);
  });
});

describe('writing', () => {
  test('update, delete and soft delete by id and conditions', () => {
    expect(lowered('await this.repo.update(id, { name: "a" }); await this.repo.delete({ id, orgId }); await this.repo.softDelete(ids); await this.ds.manager.delete(Project, { orgId });')).toEqual([
      "UPDATE projects SET name = 'a' WHERE projects.id = :id", 'DELETE FROM projects WHERE projects.id = :id AND projects.org_id = :orgId',
      'UPDATE projects SET deletedAt ~= 1 WHERE projects.id = ANY (:ids)', 'DELETE FROM projects WHERE projects.org_id = :orgId',
    ]);
  });

  test('save inserts what has no key, updates rows that were read', () => {
    expect(lowered('const made = this.repo.create({ orgId, name: "a" }); await this.repo.save(made); const row = await this.repo.findOneBy({ id, orgId }); if (!row) return; row.name = "b"; await this.repo.save(row); await this.repo.remove(row);')).toEqual([
      "INSERT INTO projects (org_id, name) VALUES (:orgId, 'a')", 'SELECT projects.* FROM projects WHERE projects.id = :id AND projects.org_id = :orgId',
      "UPDATE projects SET name = 'b' WHERE projects.id = (SELECT projects.id FROM projects WHERE projects.id = :id AND projects.org_id = :orgId)",
      'DELETE FROM projects WHERE projects.id = (SELECT projects.id FROM projects WHERE projects.id = :id AND projects.org_id = :orgId)',
    ]);
  });

  test('active record', () => {
    expect(lowered('const note = new Note(); note.orgId = orgId; await note.save(); await Note.find({ where: { orgId } }); const other = await Note.findOneBy({ orgId }); await other.remove();')).toEqual([
      'INSERT INTO note (orgId) VALUES (:orgId)', 'SELECT note.* FROM note WHERE note.orgId = :orgId', 'SELECT note.* FROM note WHERE note.orgId = :orgId LIMIT 1',
      'DELETE FROM note WHERE note.id = (SELECT note.id FROM note WHERE note.orgId = :orgId LIMIT 1)',
    ]);
  });
});

describe('query builder', () => {
  test('where begins anew, andWhere adds, OR is weaker', () => {
    expect(lowered(`await this.repo.createQueryBuilder('p').where('p.name = :name', { name: id }).where('p.orgId = :orgId', { orgId }).andWhere('p.id = :id OR p.name IS NULL', { id }).getMany();`)).toEqual([
      'SELECT p.* FROM projects p WHERE p.org_id = :orgId AND p.id = :id OR p.name IS NULL',
    ]);
  });

  test('joins, brackets, sub-queries, steps on some paths', () => {
    expect(lowered(`const qb = this.repo.createQueryBuilder('p').innerJoinAndSelect('p.org', 'o', 'o.slug = :slug', { slug: id }).where(new Brackets((b) => b.where('p.id = :id', { id }).orWhere('p.name = :id')));
if (maybe) qb.andWhere('p.orgId = :maybe', { maybe });
await qb.getOne();`)).toEqual(['SELECT p.* FROM projects p JOIN org o ON o.id = p.org_id AND o.slug = :id WHERE (p.id = :id OR p.name = :id) AND (p.org_id = :maybe OR : IS NULL) LIMIT 1']);
  });

  test('update, delete and insert', () => {
    expect(lowered(`await this.ds.createQueryBuilder().update(Project).set({ name: 'x' }).where('orgId = :orgId', { orgId }).execute();
await this.repo.createQueryBuilder().delete().from(Project).where('id = :id', { id }).execute();
await this.ds.createQueryBuilder().insert().into(Tag).values({ label: 'l' }).execute();
await this.repo.createQueryBuilder('p').where((qb) => 'p.id IN ' + qb.subQuery().select('q.id').from(Project, 'q').where('q.orgId = :orgId').getQuery()).setParameter('orgId', orgId).getCount();`)).toEqual([
      "UPDATE projects SET name = 'x' WHERE orgid = :orgId", 'DELETE FROM projects WHERE id = :id', "INSERT INTO tag (label) VALUES ('l')",
      'SELECT count(*) FROM projects p WHERE p.id = ANY (SELECT q.id FROM projects q WHERE q.org_id = :orgId)',
    ]);
  });

  test('raw text with parameters', () => {
    expect(lowered('await this.ds.query("SELECT * FROM projects WHERE org_id = $1", [orgId]);')).toEqual(['SELECT * FROM projects WHERE org_id = :orgId']);
  });
});

test('of a migration for several databases, the part for PostgreSQL is read', () => {
  const facts = parseTypeScript({ path: 'migrations/1.ts', language: 'typescript', role: { type: 'migration', kind: 'typeorm', source: 0, direction: 'up' } } as const, `import { MigrationInterface, QueryRunner } from 'typeorm';
enum Kind { sqlite = 'better-sqlite3', mysql = 'mysql', postgres = 'postgres' }
const isMySQL = () => process.env.DB_TYPE === 'mysql';
const quoted = (text: string) => (isMySQL() ? text.replace(/"/g, '\`') : text);
const numbered = (text: string, kind: Kind) => ([Kind.sqlite, Kind.mysql].includes(kind) ? text.replace(/\\$\\d+/g, '?') : text);
export class Split1700000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner) {
    let text: string;
    switch (queryRunner.dataSource.options.type as Kind) {
      case Kind.sqlite: text = 'INSERT OR IGNORE INTO "a" ("b") VALUES (?)'; break;
      case Kind.postgres: text = numbered(quoted('INSERT INTO "a" ("b") VALUES (' + ['b'].map((_, index) => '$' + (index + 1)).join(', ') + ')'), queryRunner.connection.options.type as Kind); break;
      default: console.log('unsupported');
    }
    await queryRunner.query(text, ['x']);
  }
}
`);
  const program = new CodeProgram(new Map([[facts.file, facts]]), { paths: [], packages: [] }, defaultConfig('/'), []);
  expect(program.migrations().get('migrations/1.ts')!.up.flatMap(({ operations }) => operations.map(({ kind }) => kind))).toEqual(['query']);
});
