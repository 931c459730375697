import { describe, expect, test } from 'vitest';
import { renderedQueries } from './program.js';

const entities = `
import { Entity, Property, PrimaryKey, ManyToOne, OneToMany, Collection, Filter } from '@mikro-orm/core';
@Entity({ tableName: 'orgs' })
export class Org {
  @PrimaryKey({ type: 'uuid' }) id!: string;
  @Property() slug!: string;
  @OneToMany({ entity: () => Project, mappedBy: 'org' }) projects = new Collection<Project>(this);
}
@Entity()
@Filter({ name: 'active', cond: { name: 'x' }, default: true })
export class Project {
  @PrimaryKey({ type: 'uuid' }) id!: string;
  @Property({ name: 'organization_id' }) organizationId!: string;
  @Property({ nullable: true }) displayName?: string;
  @Property() name!: string;
  @ManyToOne(() => Org, { nullable: true }) org?: Org;
}
`;

/** The queries of a method; its parameters are orgId, id and ids. */
function lowered(code: string): string[] {
  return renderedQueries({ 'src/entities.ts': entities, 'src/case.ts': `
import { EntityManager, EntityRepository } from '@mikro-orm/postgresql';
import { Org, Project } from './entities';
export class Service {
  constructor(private readonly em: EntityManager, private readonly repo: EntityRepository<Org>) {}
  async run(orgId: string, id: string, ids: string[]) {
${code}
  }
}
` });
}

describe('reading', () => {
  test('conditions, relations, ids, filters', () => {
    expect(lowered('await this.em.find(Project, { organizationId: orgId, org: { slug: id }, id: { $in: ids } }, { filters: false, populate: ["org"] }); await this.em.findOne(Project, id); await this.repo.findOneOrFail({ id }); await this.em.count(Project, { $or: [{ org: orgId }, { displayName: null }] }, { filters: { active: false } });')).toEqual([
      'SELECT project.* FROM project LEFT JOIN orgs ON orgs.id = project.org_id WHERE project.organization_id = :orgId AND EXISTS (SELECT 1 FROM orgs orgs_2 WHERE orgs_2.id = project.org_id AND orgs_2.slug = :id) AND project.id = ANY (:ids)',
      "SELECT project.* FROM project WHERE project.id = :id AND project.name = 'x'", 'SELECT orgs.* FROM orgs WHERE orgs.id = :id',
      'SELECT count(*) FROM project WHERE project.org_id = :orgId OR project.display_name IS NULL',
    ]);
  });

  test('a manager that a container gives, by what the code says it is', () => {
    expect(renderedQueries({ 'src/entities.ts': entities, 'src/case.ts': `
import type { EntityManager } from '@mikro-orm/postgresql';
import { Org } from './entities';
export async function run(container: { resolve(name: string): unknown }, id: string) {
  const em = (container.resolve('em') as EntityManager).fork();
  await em.findOne(Org, { id });
}` })).toEqual(['SELECT orgs.* FROM orgs WHERE orgs.id = :id']);
  });

  test('the query builder of Kysely that a manager gives', () => {
    expect(lowered("const db = (this.em as any).getKysely(); await db.selectFrom('orgs').select(['id']).where('slug', '=', orgId).execute(); await this.em.fork().getKysely<any>().deleteFrom('project').where('id', '=', id).execute();")).toEqual([
      'SELECT id FROM orgs WHERE slug = :orgId', 'DELETE FROM project WHERE id = :id',
    ]);
  });

  test('query builder', () => {
    expect(lowered("await this.em.createQueryBuilder(Org, 'o').select('*').where({ slug: orgId }).andWhere({ id }).getResultList();")).toEqual(['SELECT o.* FROM orgs o WHERE o.slug = :orgId AND o.id = :id']);
  });
});

describe('writing', () => {
  test('persist, native updates, removal of rows', () => {
    expect(lowered('const made = this.em.create(Project, { organizationId: orgId, name: "a" }); await this.em.persistAndFlush(made); await this.em.nativeUpdate(Org, { id }, { slug: "s" }); await this.em.nativeDelete(Org, { id }); const row = await this.repo.findOne({ slug: orgId }); if (row) await this.em.removeAndFlush(row);')).toEqual([
      "INSERT INTO project (organization_id, name) VALUES (:orgId, 'a')", "UPDATE orgs SET slug = 's' WHERE orgs.id = :id", 'DELETE FROM orgs WHERE orgs.id = :id', 'SELECT orgs.* FROM orgs WHERE orgs.slug = :orgId LIMIT 1',
      'DELETE FROM orgs WHERE orgs.id = (SELECT orgs.id FROM orgs WHERE orgs.slug = :orgId LIMIT 1)',
    ]);
  });

  test('schemas without classes', () => {
    expect(renderedQueries({ 'src/case.ts': `
import { EntitySchema, defineEntity, MikroORM } from '@mikro-orm/core';
const Book = new EntitySchema({ name: 'Book', tableName: 'books', properties: { id: { type: 'uuid', primary: true }, tenantId: { type: 'uuid' } } });
const Page = defineEntity({ name: 'Page', properties: (p) => ({ id: p.uuid().primary(), book: () => p.manyToOne(Book) }) });
const orm = await MikroORM.init({});
await orm.em.fork().find(Book, { tenantId: 't' });
await orm.em.find(Page, { book: { tenantId: 't' } });
` })).toEqual(["SELECT books.* FROM books WHERE books.tenant_id = 't'", "SELECT page.* FROM page WHERE EXISTS (SELECT 1 FROM books WHERE books.id = page.book_id AND books.tenant_id = 't')"]);
  });
});
