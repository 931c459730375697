import { compareText } from '../discover/order.js';
import { isTest } from '../discover/sql.js';
import { entryOf } from '../entry.js';
import type { CodeModule } from '../facts/code.js';
import type { FileFacts } from '../facts/file.js';
import type { Notice } from '../facts/location.js';

/** Libraries that ask PostgreSQL for rows and whose queries are not read, by the package (or Python module) that is imported. */
const LIBRARIES: Readonly<Record<CodeModule['language'], Readonly<Record<string, string>>>> = {
  javascript: {
    objection: 'Objection.js', '@adonisjs/lucid': 'Lucid', bookshelf: 'Bookshelf', 'orchid-orm': 'Orchid ORM', massive: 'Massive.js', zapatos: 'Zapatos', '@pgtyped/runtime': 'PgTyped',
    '@effect/sql': 'Effect SQL', '@effect/sql-pg': 'Effect SQL', 'ts-sql-query': 'ts-sql-query', remult: 'Remult', '@keystone-6/core': 'Keystone', payload: 'Payload', '@strapi/strapi': 'Strapi',
    '@medusajs/framework': 'Medusa', gel: 'Gel', edgedb: 'EdgeDB', waterline: 'Waterline', '@feathersjs/knex': 'Feathers',
  },
  python: {
    peewee: 'Peewee', playhouse: 'Peewee', tortoise: 'Tortoise ORM', piccolo: 'Piccolo', pony: 'Pony ORM', ormar: 'ormar', gino: 'GINO', edgedb: 'EdgeDB',
  },
};

/**
 * Libraries of queries that code imports and this version does not read: one notice each, at the first file. Without it a run would look as if it
 * had seen all queries.
 */
export function unreadLibraries(files: ReadonlyMap<string, FileFacts>): Notice[] {
  const importers = new Map<string, string[]>();
  for (const [path, { code }] of files) {
    if (code === undefined || isTest(path)) continue;
    for (const { target } of code.imports) {
      const library = (target.level ?? 0) > 0 ? undefined : libraryOf(code.language, target.module);
      if (library === undefined) continue;
      const known = importers.get(library);
      if (known === undefined) importers.set(library, [path]);
      else if (known.at(-1) !== path) known.push(path);
    }
  }
  return [...importers].map(([library, paths]) => {
    const [first] = [...paths].sort(compareText);
    return { location: { file: first!, start: 0, end: 0 }, reason: `${library} is not read by this version (${paths.length} ${paths.length === 1 ? 'file imports' : 'files import'} it): which rows its queries reach is unknown` };
  });
}

function libraryOf(language: CodeModule['language'], module: string): string | undefined {
  const [first = '', second] = module.split(language === 'python' ? '.' : '/');
  return entryOf(LIBRARIES[language], first.startsWith('@') ? `${first}/${second}` : first);
}
