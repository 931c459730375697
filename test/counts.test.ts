import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareCounts } from './counts/compare.js';

const FOLDER = join(import.meta.dirname, '../fixtures/projects');
const projects = readdirSync(FOLDER).filter((name) => statSync(join(FOLDER, name)).isDirectory()).sort();

/** What looks like a query and is none of its own: each is read, and why it is left out. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  // A repository for any model: there is a query where it is called. Names of queries that are run: the query is where it is made. An arm of a union.
  resolutionflow: [
    // What a helper begins, its callers add to; what a repository for any model lists is asked where it is called.
    'backend/app/repositories/base.py return select(self.model)', 'backend/app/repositories/base.py return list((await self.db.scalars(self._select()',
    'backend/app/repositories/base.py self.db.add(row)', 'backend/app/repositories/base.py result = await self.db.execute(delete(self.model)',
    'backend/app/services/library.py own = select(Tree.id, Tree.title)', ...Array.from({ length: 2 }, () => 'backend/app/services/reports.py return (await db.execute(query, {'),
  ],
  // A builder that a helper gives: the query stands where its caller adds to it. A condition that a query takes.
  'inventory-knex': ["src/stock-store.ts return this.db(TABLE).where('stock.company_id'"],
  'wiki-kysely': ["src/page-repo.ts return executor.selectFrom('pages')", "src/page-repo.ts return (eb: ExpressionBuilder<Database, 'pages'>) => eb('spaceId', 'in', eb.selectFrom('spaces')"],
};

/** Queries that no pattern finds: methods of rows, calls of a repository of the project, of a builder that a helper gave, SQL in a text, what a view set does of its own (it stands at the class). */
const MORE: Readonly<Record<string, readonly string[]>> = {
  'billing-sequelize': ['src/invoices.js invoice.update({ number })', 'src/invoices.js invoice.getLines()'], 'desk-django': ['desk/views.py ticket.save()', 'desk/views.py', 'desk/views.py'], 'inventory-knex': ['src/products.ts db', 'src/stock-store.ts query.andWhere('],
  resolutionflow: ['backend/app/api/trees.py repository.list()', 'backend/app/api/trees.py repository.add('], 'wiki-kysely': ['src/page-repo.ts query.execute()', 'src/page-repo.ts pagesOf(workspaceId)', 'src/page-repo.ts select tag, count(*) as n from pages'],
};

/** The difference begins with the texts that are expected, in their order; its lines may move. */
function expectTexts(differences: readonly string[], expected: readonly string[] = []): void {
  const texts = differences.map((each) => each.replace(/:\d+ /, ' '));
  expect(texts.map((text, index) => (expected[index] !== undefined && text.startsWith(expected[index]) ? expected[index] : text))).toEqual(expected);
}

describe.each(projects)('%s', (name) => {
  it('holds the queries, tables and migrations that patterns find in it, and no others', async () => {
    const { queries, tables, migrations, coverage } = await compareCounts(join(FOLDER, name));
    const plain = name.replace(/-fixed$/, '');
    expectTexts(queries.missed, PARTS[plain]);
    expectTexts(queries.more, MORE[plain]);
    expect([tables.missed, tables.more]).toEqual([[], []]);
    expect([migrations.missed, migrations.more]).toEqual([[], []]);
    expect(coverage.migrations).toBe(migrations.found);
  });
});
