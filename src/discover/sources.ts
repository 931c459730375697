import { posix } from 'node:path';
import type { Config } from '../config/types.js';
import type { MigrationKind } from '../facts/file.js';
import type { Notice } from '../facts/location.js';
import { alembicFolders, alembicSource } from './alembic.js';
import { codeMigrationFolders, codeSource, foreignCode } from './code-migrations.js';
import type { Dialects } from './dialect.js';
import { foreignProvider } from './dialect.js';
import { dieselFolders, dieselSource } from './diesel.js';
import { djangoFolders, djangoSource } from './django.js';
import { drizzleFolders, journalDialect, journalSource } from './drizzle.js';
import { byDependency } from './dependencies.js';
import { schemaDumps, staleDumps } from './dumps.js';
import type { FoundSource } from './found.js';
import { compareNames, compareText, versionOf } from './order.js';
import { folderSource, isDrizzleLayout, migrationProvider, prismaFolders } from './prisma.js';
import type { SchemaSet } from './prisma.js';
import { noticeAt } from './read.js';
import { changesSchema, createsTables, isSchemaName, isSeed, isTest, isVersioned, sqitchSource, sqlFolders, sqlSource, supabaseSource } from './sql.js';
import { toolConfigs } from './tool-config.js';
import type { Tree } from './tree.js';
import { isSql, stemOf, within } from './tree.js';

/** The migration folders of a project, and the files that belong to them whether they run or not. */
export interface Sources {
  readonly found: readonly FoundSource[];
  readonly notices: readonly Notice[];
  readonly claimed: ReadonlySet<string>;
}

/** Finds the migration folders of every kind; each file belongs to one of them at most. */
export function detectSources(tree: Tree, sets: readonly SchemaSet[], dialects: Dialects): Sources {
  const found: FoundSource[] = [];
  const notices: Notice[] = [];
  const claimed = new Set<string>();
  const skip = (dir: string, files: readonly string[], other: string, what: string) => {
    files.forEach((file) => claimed.add(file));
    notices.push(noticeAt(dir, 0, `${files.length} ${what} for ${other}: only PostgreSQL is read`, files.length));
  };
  const take = (source: FoundSource) => {
    found.push(source);
    notices.push(...source.notices);
    for (const { file, down } of source.entries) [file, down].forEach((path) => path !== undefined && claimed.add(path));
    [...source.loneDowns, ...source.unused].forEach((path) => claimed.add(path));
  };
  const scripts = (dir: string) => tree.below(dir).filter(isSql);
  const takeSql = (dir: string, files: readonly string[], read: () => FoundSource) => {
    const foreign = dialects.foreign(dir);
    if (foreign) skip(dir, files, foreign, 'SQL files');
    else take(read());
  };

  for (const dir of drizzleFolders(tree).filter((folder) => !isTest(`${folder}/x`) && !isSupabase(folder))) {
    const foreign = foreignProvider(journalDialect(tree, dir)) ?? dialects.foreign(dir);
    if (foreign) skip(dir, scripts(dir), foreign, 'Drizzle migrations');
    else take(ownRunner(tree, withJournal(tree, dir)));
  }
  const tools = toolConfigs(tree);
  const isNamed = (folder: string) => tools.some(({ tool, migrations }) => tool === 'prisma' && migrations === folder);
  for (const dir of prismaFolders(tree).filter((folder) => !isTest(`${folder}/x`) && (isNamed(folder) || isPrismaFolder(tree, folder, sets)))) {
    if (tree.names(dir).length && scripts(dir).every((path) => claimed.has(path))) continue;
    const kind = isDrizzleLayout(tree, dir) ? 'drizzle' : 'prisma';
    const foreign = (kind === 'prisma' ? foreignProvider(migrationProvider(tree, dir, sets)) : undefined) ?? dialects.foreign(dir);
    if (foreign) skip(dir, scripts(dir), foreign, `${kind === 'prisma' ? 'Prisma' : 'Drizzle'} migrations`);
    else take(folderSource(tree, dir, kind));
  }
  for (const { tool, migrations: dir, dialect } of tools) {
    if (tool !== 'drizzle' || dir === undefined || isSupabase(dir) || tree.scripts(dir).every((name) => claimed.has(within(dir, name)))) continue;
    const foreign = foreignProvider(dialect) ?? dialects.foreign(dir);
    if (foreign) skip(dir, scripts(dir), foreign, 'Drizzle migrations');
    else take(withoutJournal(sqlSource(tree, dir)));
  }
  for (const dir of [...tree.folders.keys()].filter((folder) => isSupabase(folder) && tree.scripts(folder).length > 0).sort(compareText)) {
    take(supabaseSource(tree, dir));
  }
  for (const plan of tree.files.filter((path) => posix.basename(path) === 'sqitch.plan')) take(sqitchSource(tree, posix.dirname(plan)));
  for (const dir of dieselFolders(tree, (path) => !claimed.has(path)).filter((folder) => !isTest(`${folder}/x`))) {
    takeSql(dir, scripts(dir), () => dieselSource(tree, dir));
  }
  const inCode = codeMigrationFolders(tree, (path) => !claimed.has(path)).map(({ dir, kind }) => ({ dir, source: codeSource(tree, dir, kind) }));
  // A script beside a folder full of programs is run by one of them, or by nobody.
  const isOfCode = (dir: string) => inCode.some((each) => each.dir === dir && each.source.entries.length > tree.scripts(dir).length);
  for (const dir of sqlFolders(tree, (path) => !claimed.has(path)).filter((folder) => !isOfCode(folder))) {
    takeSql(dir, tree.scripts(dir).map((name) => within(dir, name)), () => sqlSource(tree, dir));
  }
  for (const { dir, source } of inCode) {
    const foreign = foreignCode(tree, source);
    if (source.entries.some(({ file }) => claimed.has(file))) continue;
    if (foreign) skip(dir, source.entries.map(({ file }) => file), foreign, `${source.kind} migrations`);
    else take(source);
  }
  for (const dir of alembicFolders(tree)) take(alembicSource(tree, dir));
  for (const dir of djangoFolders(tree)) take(djangoSource(tree, dir));
  const dumps = schemaDumps(tree, found);
  for (const { entries } of dumps) for (const { file } of entries) claimed.delete(file);
  return { found: found.filter((source) => !dumps.has(source)), notices, claimed };
}

/** Run by the Supabase CLI, whatever has written them. */
function isSupabase(dir: string): boolean {
  return /(^|\/)supabase\/migrations$/.test(dir);
}

/** A journal that names none of several files is one that nobody keeps: something else runs them, or someone by hand. */
function withJournal(tree: Tree, dir: string): FoundSource {
  const source = journalSource(tree, dir);
  if (source.entries.length > 0 || source.unused.length < 2) return source;
  const scripts = sqlSource(tree, dir);
  return { ...scripts, notices: [...scripts.notices, noticeAt(dir, 0, 'meta/_journal.json names none of the migrations: they are read as SQL, in the order of their names')] };
}

/**
 * Drizzle runs its migrations in one transaction, where CONCURRENTLY fails and stops all that follow. A history that goes on
 * after several such files is run by something else, statement by statement.
 */
function ownRunner(tree: Tree, source: FoundSource): FoundSource {
  const outside = source.entries.slice(0, -1).filter(({ file }) => CONCURRENTLY.test(tree.text(file)));
  if (outside.length < HABIT) return source;
  const reason = `${outside.length} migrations use CONCURRENTLY and others follow: the history is taken to run outside of a transaction ("transaction" in the config says otherwise)`;
  return { ...source, transaction: 'none', notices: [...source.notices, noticeAt(source.dir, 0, reason)] };
}

/** A slip happens once or twice. */
const HABIT = 3;
const CONCURRENTLY = /^[ \t]*(?:create\s+(?:unique\s+)?|drop\s+|re)index\s+concurrently\b/im;

/** What drizzle-kit wrote, its journal left out of version control. */
function withoutJournal(source: FoundSource): FoundSource {
  return { ...source, kind: 'drizzle', notices: [...source.notices, noticeAt(source.dir, 0, 'no meta/_journal.json: the migrations are read in the order of their names')] };
}

/** `x/migration.sql` alone proves nothing: a lock file, a numbered folder, or a Prisma schema with a folder so named does. */
function isPrismaFolder(tree: Tree, dir: string, sets: readonly SchemaSet[]): boolean {
  if (tree.has(within(dir, 'migration_lock.toml'))) return true;
  const ids = [...tree.folders.keys()].filter((folder) => folder !== '.' && posix.dirname(folder) === dir && tree.has(within(folder, 'migration.sql')));
  return ids.some((folder) => versionOf(posix.basename(folder)) !== undefined) || (sets.length > 0 && /migration/i.test(posix.basename(dir)));
}

/** The migration folders that the config names, in its order. */
export function configuredSources(tree: Tree, configured: Config['migrations'], base: string, sets: readonly SchemaSet[], dialects: Dialects): Sources {
  const found: FoundSource[] = [];
  const notices: Notice[] = [];
  for (const { dir: named, kind, transaction } of configured) {
    const dir = posix.normalize(posix.join(base, named)).replace(/\/$/, '');
    const actual = kind ?? kindOf(tree, dir);
    const source = read(tree, dir, actual);
    found.push({ ...source, ...(transaction && { transaction }) });
    notices.push(...source.notices);
    if (source.entries.length === 0) notices.push(noticeAt(dir, 0, `no ${actual} migration is in this folder`));
  }
  const own = new Set(found.flatMap((source) => [...source.entries.flatMap(({ file, down }) => (down === undefined ? [file] : [file, down])), ...source.loneDowns, ...source.unused]));
  const others = detectSources(tree, sets, dialects);
  const claimed = new Set([...own, ...others.claimed]);
  for (const source of others.found) {
    const left = source.entries.filter(({ file }) => !own.has(file)).length;
    if (left > 0) notices.push(noticeAt(source.dir, 0, `${left} ${source.kind} migrations are not read: the config's "migrations" does not name this folder`, left));
  }
  return { found, notices, claimed };
}

function kindOf(tree: Tree, dir: string): MigrationKind {
  if (isSupabase(dir)) return 'supabase';
  if (tree.has(within(dir, 'meta/_journal.json'))) return 'drizzle';
  if (prismaFolders(tree).includes(dir)) return isDrizzleLayout(tree, dir) ? 'drizzle' : 'prisma';
  if (tree.below(dir).some(isSql)) return 'sql';
  if (tree.below(dir).some((path) => path.endsWith('.py'))) return djangoSource(tree, dir).entries.length > 0 ? 'django' : 'alembic';
  return codeMigrationFolders(tree, () => true).find((each) => each.dir === dir)?.kind ?? 'sql';
}

function read(tree: Tree, dir: string, kind: MigrationKind): FoundSource {
  if (kind === 'drizzle' && !isDrizzleLayout(tree, dir)) return withJournal(tree, dir);
  if (kind === 'drizzle' || kind === 'prisma') return folderSource(tree, dir, kind);
  if (kind === 'supabase') return supabaseSource(tree, dir);
  if (kind === 'alembic') return alembicSource(tree, dir);
  if (kind === 'django') return djangoSource(tree, dir);
  if (kind !== 'sql') return codeSource(tree, dir, kind, true);
  if (tree.has(within(dir, 'sqitch.plan'))) return sqitchSource(tree, dir);
  return dieselFolders(tree, () => true).includes(dir) ? dieselSource(tree, dir) : sqlSource(tree, dir);
}

/**
 * Where a project has neither migrations nor models, the SQL files that create its tables are its history:
 * one source a folder, schema files first, and what nobody has numbered in the order of what it needs. Of several dumps of one database the last one counts.
 */
export function looseSources(tree: Tree, paths: readonly string[]): FoundSource[] {
  const scripts = paths.filter((path) => !isSeed(path) && !isTest(path) && changesSchema(tree.text(path)));
  if (!scripts.some((path) => createsTables(tree.text(path)))) return [];
  const stale = new Set(staleDumps(tree, scripts));
  const folders = [...new Set(scripts.map((path) => posix.dirname(path)))].sort(compareText);
  return folders.map((dir) => {
    const own = scripts.filter((path) => posix.dirname(path) === dir).sort((a, b) =>
      Number(isSchemaName(b)) - Number(isSchemaName(a)) || compareNames(posix.basename(a), posix.basename(b)));
    const unused = own.filter((path) => stale.has(path));
    const used = own.filter((path) => !stale.has(path));
    return {
      kind: 'sql', dir, entries: (own.some(isVersioned) ? used : byDependency(tree, used)).map((file) => ({ id: stemOf(file), file })), faults: [], loneDowns: [], unused,
      notices: unused.map((path) => noticeAt(path, 0, 'pg_dump wrote a later copy of this database as well: this one was not read')),
    };
  });
}
