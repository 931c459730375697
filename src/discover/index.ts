import { posix, relative } from 'node:path';
import glob from 'fast-glob';
import createIgnore from 'ignore';
import { UsageError } from '../errors.js';
import { isGlob } from '../config/load.js';
import type { Config } from '../config/types.js';
import type { FileRole, Language, SourceFile } from '../facts/file.js';
import type { Notice } from '../facts/location.js';
import { isSeedCode, sourceCode } from './code.js';
import { moduleAliases } from './aliases.js';
import { Dialects } from './dialect.js';
import type { FoundSource } from './found.js';
import { groupOf } from './groups.js';
import { codeLanguage, languageOf } from './language.js';
import { walk } from './list.js';
import { compareText } from './order.js';
import { nearestSet, prismaSchemas } from './prisma.js';
import type { SchemaSet } from './prisma.js';
import { noticeAt } from './read.js';
import { expandGlob, isInside, projectRoot, resolveTargets } from './root.js';
import type { Target } from './root.js';
import { configuredSources, detectSources, looseSources } from './sources.js';
import { createsTables, isSchemaName, isSeed, isTest } from './sql.js';
import { Tree, isBelow, isSql, within } from './tree.js';
import type { Discovery, MigrationSource } from './types.js';
import { WORKING_COPY, type FileView } from './view.js';
import { unreadMigrations, unreadPrograms } from './unread.js';
import { unreadChanges } from './opaque.js';

/**
 * Finds the files of a project and what each is: migration, model, query file, seed.
 * The project is the config's, else the folder that was named or its project, else the working folder.
 * @param cwd absolute working folder
 * @param paths files, folders or globs of the command line, relative to `cwd`; they limit what is reported, not what is read
 * @param view where files are read from
 * @throws UsageError for a path that does not exist, a glob that matches nothing, or paths with nothing in them to read
 */
export function discover(config: Config, cwd: string, paths: readonly string[], view: FileView = WORKING_COPY): Discovery {
  const targets = resolveTargets(cwd, paths);
  const configured = config.file !== undefined && targets.every((target) => isInside(target.path, config.root));
  const root = configured || targets.length === 0 ? config.root : projectRoot(cwd, targets);
  const { tree, focus, notices } = listProject(config, cwd, root, targets, view);
  const base = posixRelative(root, config.root);
  const dialects = new Dialects(tree);

  const schema = schemaFiles(config, tree, base, view);
  const models = prismaSchemas(tree, schema.prisma);
  const sources = config.migrations.length > 0
    ? configuredSources(tree, config.migrations, base, models.sets, dialects)
    : detectSources(tree, models.sets, dialects);
  const rest = restOfSql(config, tree, sources.claimed, schema.sql, dialects, base);
  const isBare = sources.found.length === 0 && models.sets.length === 0 && config.migrations.length === 0;
  const loose = isBare ? looseSources(tree, rest.files.map(({ path }) => path)) : [];
  const found = [...sources.found, ...loose];

  const named = new Set([...targets.filter(({ type }) => type === 'file').map(({ path }) => posixRelative(root, path)), ...schema.code]);
  const programs = sourceCode(tree, sourceFilter(config, base), sources.claimed, named);
  const groups = groupsOf(found, models.sets);
  const files = [
    ...found.flatMap((source, index) => migrationFiles(source, index, groups.ofSource(source))),
    ...models.sets.flatMap((set) => set.files.map((path) => file(path, 'prisma', { type: 'model' }, groups.ofSet(set)))),
    ...rest.files.filter(({ path }) => !loose.some((source) => source.unused.includes(path) || source.entries.some((entry) => entry.file === path))).map((each) => withGroup(each, groups)),
    ...programs.map((path) => file(path, codeLanguage(path)!, { type: isSeedCode(path) ? 'seed' : 'source' })),
  ].sort((a, b) => compareText(a.path, b.path));
  const allNotices = [...notices, ...models.notices, ...sources.notices, ...loose.flatMap((source) => source.notices), ...rest.notices, ...unreadMigrations(tree, new Set(found.map(({ dir }) => dir))), ...unreadPrograms(tree, sourceFilter(config, base))].sort(byPlace);
  if (focus) requireSomething(targets, focus, files, allNotices);
  return {
    root, files, sources: found.map((source) => toSource(source, tree, groups.ofSource(source))),
    notices: allNotices, ...(files.some(({ language }) => language !== 'sql' && language !== 'prisma') && { aliases: moduleAliases(tree) }),
    ...(focus && { focus }),
  };
}

/** @throws UsageError when nothing that was named is read: such a run must not look clean */
function requireSomething(targets: readonly Target[], focus: readonly string[], files: readonly SourceFile[], notices: readonly Notice[]): void {
  const wanted = new Set(focus);
  if (files.some(({ path }) => wanted.has(path))) return;
  const about = notices.find(({ location }) => focus.some((path) => isBelow(path, location.file)));
  const why = about ? ` (${about.location.file}: ${about.reason})` : '';
  throw new UsageError(`${targets.map(({ given }) => given).join(', ')}: no migration, model or query file and no program that is read here${why}: nothing was checked`);
}

function byPlace(a: Notice, b: Notice): number {
  return compareText(a.location.file, b.location.file) || a.location.start - b.location.start || compareText(a.reason, b.reason);
}

function posixRelative(root: string, path: string): string {
  return relative(root, path).replaceAll('\\', '/') || '.';
}

function file(path: string, language: Language, role: FileRole, group?: string): SourceFile {
  return { path, language, role, ...(group !== undefined && { group }) };
}

interface ListedProject {
  readonly tree: Tree;
  readonly focus?: readonly string[];
  readonly notices: readonly Notice[];
}

/** One listing of the root, plus what the user or the config named although it is ignored. */
function listProject(config: Config, cwd: string, root: string, targets: readonly Target[], view: FileView): ListedProject {
  const listing = view.list(root);
  const files = new Set(listing.files);
  const notices = [...listing.notices];
  const addFolder = (folder: string) => {
    const dir = posixRelative(root, folder);
    if (!view.hasIgnored || [...files].some((path) => isBelow(path, dir))) return;
    const found = walk(folder);
    found.files.forEach((path) => files.add(within(dir, path)));
    notices.push(...found.notices.map((notice) => noticeAt(within(dir, notice.location.file), 0, notice.reason, notice.files)));
  };
  for (const { dir } of config.migrations) {
    const folder = posix.join(config.root, dir);
    if (isInside(folder, root)) addFolder(folder);
  }
  for (const path of view.hasIgnored ? config.schema ?? [] : []) if (!isGlob(path)) files.add(posixRelative(root, posix.join(config.root, path)));
  const focus = new Set<string>();
  for (const target of targets) {
    const dir = posixRelative(root, target.path);
    if (target.type === 'folder') {
      addFolder(target.path);
      [...files].filter((path) => isBelow(path, dir)).forEach((path) => focus.add(path));
    } else if (target.type === 'file') {
      files.add(dir);
      focus.add(dir);
    } else globFiles(cwd, root, target, files).forEach((path) => focus.add(path));
  }
  const all = targets.length === 0 || targets.some((target) => target.path === root && target.type === 'folder');
  return { tree: new Tree(root, [...files].sort(compareText), view), notices, ...(!all && { focus: [...focus].sort(compareText) }) };
}

/** The files a glob matches; ignored ones count only when it matches no others. */
function globFiles(cwd: string, root: string, target: Target, files: Set<string>): string[] {
  const matched = expandGlob(cwd, target.given).map((path) => posixRelative(root, path));
  if (matched.length === 0) throw new UsageError(`${target.given}: no file matches`);
  const listed = matched.filter((path) => files.has(path));
  if (listed.length > 0) return listed;
  matched.forEach((path) => files.add(path));
  return matched;
}

/** The files that may declare models: those the config names, else every .prisma file outside of tests. */
function schemaFiles(config: Config, tree: Tree, base: string, view: FileView): { prisma: string[]; sql?: string[]; code: string[] } {
  if (!config.schema) return { prisma: tree.files.filter((path) => path.endsWith('.prisma') && !isTest(path)), code: [] };
  const named: string[] = [];
  for (const given of config.schema) {
    const path = posix.join(base, given);
    const matched = isGlob(path) ? glob.sync(path, { cwd: tree.root, dot: true, ignore: ['**/node_modules/**'] }).filter((each) => view.hasIgnored || tree.has(each)) : tree.has(path) && tree.below(path).length === 0 ? [path] : tree.below(path);
    if (matched.length === 0) throw new UsageError(`${config.file ?? 'config'}: "schema": no file matches "${given}"`);
    named.push(...matched);
  }
  return { prisma: named.filter((path) => path.endsWith('.prisma')), sql: named.filter(isSql), code: named.filter((path) => codeLanguage(path) !== undefined) };
}

/** The SQL files that are no migration: schema dumps, seeds, query files. */
function restOfSql(
  config: Config, tree: Tree, claimed: ReadonlySet<string>, schema: readonly string[] | undefined, dialects: Dialects, base: string,
): { files: SourceFile[]; notices: Notice[] } {
  const isSource = sourceFilter(config, base);
  const skipped = new Map<string, { count: number; other: string }>();
  const files: SourceFile[] = [];
  for (const path of tree.files.filter((candidate) => isSql(candidate) && !claimed.has(candidate))) {
    const folder = posix.dirname(path);
    const named = schema?.includes(path);
    const other = named ? undefined : dialects.foreign(folder);
    if (other) {
      skipped.set(folder, { count: (skipped.get(folder)?.count ?? 0) + 1, other });
      continue;
    }
    const isModel = named ?? (!isTest(path) && isSchemaName(path) && createsTables(tree.text(path)));
    if (isModel) files.push(file(path, 'sql', { type: 'model' }, undefined));
    else if (isSource(path)) files.push(file(path, 'sql', { type: isSeed(path) || isTest(path) ? 'seed' : 'query' }));
  }
  return { files, notices: [...skipped].map(([folder, { count, other }]) => noticeAt(folder, 0, `${count} SQL ${count === 1 ? 'file' : 'files'} for ${other}: only PostgreSQL is read`, count)) };
}

/** `source.include` and `source.exclude` of the config, as .gitignore patterns from its folder. */
function sourceFilter(config: Config, base: string): (path: string) => boolean {
  const { include, exclude } = config.source;
  const matcher = (patterns: readonly string[]) => createIgnore().add(patterns.map((pattern) => (pattern.includes('/') ? `/${pattern}` : pattern)));
  const [included, excluded] = [matcher(include), matcher(exclude)];
  return (path) => {
    const own = base === '.' ? path : posix.relative(base, path);
    if (own.startsWith('..')) return true;
    return (include.length === 0 || included.ignores(own)) && !excluded.ignores(own);
  };
}

function migrationFiles(source: FoundSource, index: number, group: string | undefined): SourceFile[] {
  const role = (direction: 'up' | 'down'): FileRole => ({ type: 'migration', kind: source.kind, source: index, direction });
  const downs = [...source.entries.flatMap(({ down }) => (down === undefined ? [] : [down])), ...source.loneDowns];
  return [
    ...source.entries.filter(({ opaque }) => !opaque).map((entry) => file(entry.file, languageOf(entry.file), role('up'), group)),
    ...[...new Set(downs)].map((path) => file(path, languageOf(path), role('down'), group)),
  ];
}

function toSource(source: FoundSource, tree: Tree, group: string | undefined): MigrationSource {
  const { kind, dir, faults } = source;
  const entries = source.entries.map((entry) => (entry.opaque ? { ...entry, unread: unreadChanges(tree.text(entry.file)) } : entry));
  return { kind, dir, ...(group !== undefined && { group }), transaction: source.transaction ?? (kind === 'sql' ? 'none' : 'file'), entries, faults };
}

function withGroup(each: SourceFile, groups: ReturnType<typeof groupsOf>): SourceFile {
  const group = each.role.type === 'model' ? groups.ofFolder(posix.dirname(each.path)) : undefined;
  return group === undefined ? each : { ...each, group };
}

/** Several databases in one project are told apart by their folders; with one, nothing is said. */
function groupsOf(found: readonly FoundSource[], sets: readonly SchemaSet[]): { ofSource(source: FoundSource): string | undefined; ofSet(set: SchemaSet): string | undefined; ofFolder(folder: string): string | undefined } {
  const setGroup = (set: SchemaSet) => groupOf(set.dir);
  const sourceGroup = (source: FoundSource) => {
    const set = source.kind === 'prisma' ? nearestSet(source.dir, sets) : undefined;
    return set ? setGroup(set) : groupOf(source.dir);
  };
  const several = new Set([...found.map(sourceGroup), ...sets.map(setGroup)]).size > 1;
  return { ofSource: (source) => (several ? sourceGroup(source) : undefined), ofSet: (set) => (several ? setGroup(set) : undefined), ofFolder: (folder) => (several ? groupOf(folder) : undefined) };
}
