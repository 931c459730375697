import { posix } from 'node:path';
import { defaultConfig } from '../../../src/config/load.js';
import type { FileFacts, Language } from '../../../src/facts/file.js';
import type { Effect } from '../../../src/link/code/library.js';
import { CodeProgram } from '../../../src/link/code/program.js';
import { parsePrismaFile, resolvePrismaModels } from '../../../src/parse/prisma/index.js';
import { parseTypeScript } from '../../../src/parse/typescript/index.js';
import { replaySql } from '../replay-support.js';
import { renderQuery } from './render-query.js';

export type QueryEffect = Extract<Effect, { kind: 'query' }>;

/** The queries that the code of some files runs, in order, those of branches and loops too. Files are named by their path; .sql files are migrations. */
export function queriesOf(given: Readonly<Record<string, string>>): QueryEffect[] {
  const sql = Object.entries(given).filter(([path]) => path.endsWith('.sql')).map(([, text]) => text);
  const files = Object.fromEntries(Object.entries(given).filter(([path]) => !path.endsWith('.sql')));
  const facts = new Map(Object.entries(files).map(([path, text]): [string, FileFacts] => {
    const language: Language = posix.extname(path) === '.prisma' ? 'prisma' : 'typescript';
    const source = { path, language, role: { type: language === 'prisma' ? 'model' : 'source' } } as const;
    return [path, language === 'prisma' ? parsePrismaFile(source, text) : parseTypeScript(source, text)];
  }));
  const program = new CodeProgram(facts, { paths: [], packages: [] }, defaultConfig('/'), resolvePrismaModels([...facts.values()]));
  program.models();
  return program.effects(sql.length === 0 ? [] : [replaySql(sql).result.catalog]).flatMap(flattened);
}

function flattened(effect: Effect): QueryEffect[] {
  switch (effect.kind) {
    case 'query': return effect.draft?.withdrawn ? [] : [effect];
    case 'branch': return [...effect.then, ...effect.otherwise].flatMap(flattened);
    case 'loop': return effect.body.flatMap(flattened);
    case 'try': return [...effect.body, ...effect.handlers.flat()].flatMap(flattened);
    default: return [];
  }
}

/** The same as text, one line a query: SQL, or why it is not understood. */
export function renderedQueries(files: Readonly<Record<string, string>>): string[] {
  return queriesOf(files).map(({ query, unknown }) => (query ? renderQuery(query) : `?? ${unknown ?? ''}`));
}
