import { describe, expect, it } from 'vitest';
import type { FileRole, SourceFile } from '../../src/facts/file.js';
import { schemaFiles } from '../../src/parse/schema-files.js';

/** The paths kept of some files, each given by its text. */
function kept(texts: Readonly<Record<string, string>>, roles: Readonly<Record<string, FileRole>> = {}): string[] {
  const language = (path: string): SourceFile['language'] => (path.endsWith('.sql') ? 'sql' : path.endsWith('.py') ? 'python' : 'typescript');
  const files = Object.keys(texts).map((path): SourceFile => ({ path, language: language(path), role: roles[path] ?? { type: 'source' } }));
  return schemaFiles(files, (path) => texts[path]).map(({ path }) => path);
}

const DRIZZLE = "import { pgTable } from 'drizzle-orm/pg-core';\nexport const user = pgTable('user', {});\n";
const ROUTE = "import { eq } from 'drizzle-orm';\nimport { user } from '@acme/db/schema';\nexport const GET = () => db.select().from(user).where(eq(user.id, 1));\n";

describe('the files that may declare a schema', () => {
  it('are those of SQL where no code declares one', () => {
    expect(kept({ 'a.sql': '', 'b.ts': 'export const a = 1;' })).toEqual(['a.sql']);
  });

  it('are no modules that only query', () => {
    expect(kept({ 'a.sql': '', 'packages/db/src/schema.ts': DRIZZLE, 'apps/web/route.ts': ROUTE, 'apps/web/page.ts': '// pgTable and pgEnum are declared elsewhere' })).toEqual(['a.sql', 'packages/db/src/schema.ts']);
  });

  it('are modules that declare by way of others: a function, a schema, a base class', () => {
    expect(kept({
      'db/make.ts': "import { pgTable, pgSchema } from 'drizzle-orm/pg-core';\nexport function tenantTable(name: string) { return pgTable(name, {}); }\nexport const app = pgSchema('app');\n",
      'db/order.ts': "import { tenantTable } from './make';\nexport const order = tenantTable('order');\n", 'db/line.ts': "import { app } from './make';\nexport const line = app.table('line', {});\n",
      'entities/base.ts': "import { Column } from 'typeorm';\nexport abstract class Base { @Column() id: string; }\n", 'entities/note.ts': "import { Base } from './base';\nexport class Note extends Base {}\n",
      'web/route.ts': ROUTE,
    })).toEqual(['db/make.ts', 'db/order.ts', 'db/line.ts', 'entities/base.ts', 'entities/note.ts']);
  });

  it('are what these import: beside them, by an alias, from a package of the project', () => {
    expect(kept({
      'packages/db/src/schema.ts': `import { LENGTH } from './constants.js';\nimport { plans } from '@/lib/plans';\nimport { ids } from '@acme/ids';\nimport react from 'react';\n${DRIZZLE}`,
      'packages/db/src/constants.ts': "export { LENGTH } from './more';", 'packages/db/src/more.ts': '', 'apps/web/src/lib/plans.ts': "import '@/lib/ui';", 'apps/web/src/lib/ui.ts': '',
      'packages/ids/src/index.ts': '', 'apps/web/react.ts': '', 'apps/web/ids.ts': '',
    })).toEqual(['packages/db/src/schema.ts', 'packages/db/src/constants.ts', 'packages/db/src/more.ts', 'apps/web/src/lib/plans.ts', 'packages/ids/src/index.ts']);
  });

  it('are migrations and what they import, and all of Python', () => {
    expect(kept(
      { 'migrations/1.ts': "import { up as add } from '../lib/steps';\nexport const up = add;\n", 'lib/steps.ts': '', 'lib/other.ts': '', 'a.py': 'import os' },
      { 'migrations/1.ts': { type: 'migration', kind: 'knex', source: 0, direction: 'up' } },
    )).toEqual(['migrations/1.ts', 'lib/steps.ts', 'a.py']);
  });
});
