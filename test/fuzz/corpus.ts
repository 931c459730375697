import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pageIds, readPage } from '../fixtures.js';

/** A project that is right as it is, and that mutations start from. */
export interface Seed {
  readonly name: string;
  /** Path → text. */
  readonly files: ReadonlyMap<string, string>;
  /** A whole project: worth many cases, and it takes the time of many. */
  readonly isLarge?: true;
}

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const BLOCK_FILES: Readonly<Record<string, string>> = { sql: 'migrations/0001_block.sql', prisma: 'prisma/schema.prisma', ts: 'src/block.ts', py: 'src/block.py' };

/** The cases of all rule pages, the blocks of the parser pages and the fixture projects, in one fixed order. */
export function corpus(): Seed[] {
  const cases = pageIds().flatMap((id) => readPage(id).cases.map(({ title, files }): Seed => ({ name: `${id}: ${title}`, files })));
  return [...cases, ...parserBlocks(), ...projects()];
}

function parserBlocks(): Seed[] {
  const folder = join(FIXTURES, 'parse');
  return readdirSync(folder).sort().flatMap((page) => [...readFileSync(join(folder, page), 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, language, text], index): Seed[] => {
    const path = BLOCK_FILES[language!];
    return path === undefined ? [] : [{ name: `${page}: block ${index}`, files: new Map([[path, text!]]) }];
  }));
}

function projects(): Seed[] {
  const folder = join(FIXTURES, 'projects');
  return readdirSync(folder).sort().filter((name) => statSync(join(folder, name)).isDirectory()).map((name) => {
    const paths = readdirSync(join(folder, name), { recursive: true }).map((path) => String(path).replaceAll('\\', '/')).sort();
    const files = paths.filter((path) => statSync(join(folder, name, path)).isFile());
    return { name, files: new Map(files.map((path) => [path, readFileSync(join(folder, name, path), 'utf8')])), isLarge: true };
  });
}
