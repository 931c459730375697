import { posix } from 'node:path';
import type { Notice } from '../facts/location.js';
import { foreignProvider } from './dialect.js';
import { duplicateFault } from './found.js';
import type { FoundSource } from './found.js';
import { compareText, versionOf } from './order.js';
import { opaqueNotices, programOf } from './opaque.js';
import { noticeAt } from './read.js';
import { toolConfigs } from './tool-config.js';
import type { Tree } from './tree.js';
import { isBelow, within } from './tree.js';

/** The .prisma files that make up one schema. */
export interface SchemaSet {
  /** The folder of the file with the datasource. */
  readonly dir: string;
  readonly files: readonly string[];
  readonly provider?: string;
  /** Named or placed as tools expect it, not a copy lying about. */
  readonly canonical: boolean;
}

const DATASOURCE = /^[ \t]*datasource\s+\w+\s*\{([^}]*)\}?/m;
const PROVIDER = /^[ \t]*provider\s*=\s*\[?\s*"([^"]+)"/m;

/**
 * Groups .prisma files into schemas. A file without a datasource belongs to the nearest datasource at or above its folder
 * (Prisma manual, multi-file Prisma schema); without any, to the schema of its folder.
 */
export function schemaSets(files: readonly { readonly path: string; readonly datasource?: { readonly provider?: string } }[]): SchemaSet[] {
  const heads: { path: string; provider?: string; files: string[] }[] = [];
  const rest: string[] = [];
  for (const { path, datasource } of files) {
    if (datasource) heads.push({ path, files: [path], ...(datasource.provider !== undefined && { provider: datasource.provider }) });
    else rest.push(path);
  }
  const isMain = (path: string) => /(^|\/)(schema|main|base|datasource|_?base|index)\.prisma$/.test(path);
  heads.sort((a, b) => Number(isMain(b.path)) - Number(isMain(a.path)) || compareText(a.path, b.path));
  for (const path of rest.sort(compareText)) {
    const above = heads.filter((head) => isBelow(path, posix.dirname(head.path))).sort((a, b) => posix.dirname(b.path).length - posix.dirname(a.path).length)[0];
    const beside = above ?? heads.find((head) => posix.dirname(posix.dirname(head.path)) === posix.dirname(posix.dirname(path)));
    const sameFolder = beside ?? heads.find((head) => posix.dirname(head.path) === posix.dirname(path));
    if (sameFolder) sameFolder.files.push(path);
    else heads.push({ path, files: [path] });
  }
  return heads.map((head) => ({
    dir: posix.dirname(head.path), files: head.files.sort(compareText), ...(head.provider && { provider: head.provider }),
    canonical: isMain(head.path) || head.files.length > 1 || heads.length === 1,
  })).sort((a, b) => compareText(a.dir, b.dir) || compareText(a.files[0]!, b.files[0]!));
}

/** The schemas of a project that are PostgreSQL's and not copies; what is left out is said. */
export function prismaSchemas(tree: Tree, candidates: readonly string[]): { sets: SchemaSet[]; notices: Notice[] } {
  const all = schemaSets(candidates.map((path) => {
    const datasource = DATASOURCE.exec(tree.text(path));
    const provider = datasource && PROVIDER.exec(datasource[1]!)?.[1];
    return { path, ...(datasource && { datasource: { ...(provider && { provider }) } }) };
  }));
  const named = toolConfigs(tree).flatMap(({ tool, schema }) => (tool === 'prisma' && schema !== undefined ? [schema] : []));
  const isNamed = (set: SchemaSet) => named.some((path) => set.files.some((file) => isBelow(file, path)));
  const known = all.map((set) => (isNamed(set) ? { ...set, canonical: true } : set));
  const hasCanonical = known.some((set) => set.canonical);
  const notices: Notice[] = [];
  const sets = known.filter((set) => {
    const foreign = foreignProvider(set.provider);
    if (foreign) notices.push(noticeAt(set.files[0]!, 0, `Prisma schema for ${foreign}: only PostgreSQL is read`));
    else if (!set.canonical && hasCanonical) notices.push(noticeAt(set.files[0]!, 0, 'a Prisma schema beside the main one: name it under "schema" in the config if it is in use'));
    return !foreign && (set.canonical || !hasCanonical);
  });
  return { sets, notices };
}

/** Folders that hold `<name>/migration.sql`, in Prisma's layout or that of Drizzle's later versions. */
export function prismaFolders(tree: Tree): string[] {
  const folders = new Set<string>();
  for (const path of tree.files) {
    if (posix.basename(path) === 'migration.sql' && path.split('/').length > 1) folders.add(posix.dirname(posix.dirname(path)));
  }
  return [...folders].sort(compareText);
}

/** Whether the folders of a migration folder hold Drizzle's snapshots. */
export function isDrizzleLayout(tree: Tree, dir: string): boolean {
  return subfolders(tree, dir).some((folder) => tree.has(within(within(dir, folder), 'snapshot.json')));
}

function subfolders(tree: Tree, dir: string): string[] {
  return [...tree.folders.keys()].filter((folder) => folder !== '.' && posix.dirname(folder) === dir).map((folder) => posix.basename(folder)).sort(compareText);
}

/**
 * One folder of `<name>/migration.sql`, ordered by folder name as Prisma does.
 * Prisma keys on the whole name, so equal timestamps are no fault there; equal sequence numbers (`0003_a`, `0003_b`) are.
 */
export function folderSource(tree: Tree, dir: string, kind: 'prisma' | 'drizzle'): FoundSource {
  const entries: FoundSource['entries'][number][] = [];
  const faults: FoundSource['faults'][number][] = [];
  const notices: Notice[] = [];
  const unused: string[] = [];
  const seen = new Map<string, string>();
  const ignore = (path: string, reason: string) => {
    unused.push(path);
    notices.push(noticeAt(path, 0, reason));
  };
  const tool = kind === 'prisma' ? 'Prisma' : 'Drizzle';
  for (const id of subfolders(tree, dir)) {
    const folder = within(dir, id);
    const scripts = tree.names(folder, '.sql');
    const file = within(folder, 'migration.sql');
    const down = scripts.find((name) => /^(down|rollback|revert|undo)\.sql$/i.test(name));
    for (const name of scripts.filter((script) => script !== 'migration.sql' && script !== down)) {
      ignore(within(folder, name), `${tool} runs migration.sql only: this file is not part of the history`);
    }
    const program = kind === 'prisma' ? programOf(tree, folder) : undefined;
    const asProgram = program === undefined ? [] : [{ id, file: program, opaque: true as const }];
    if (!scripts.includes('migration.sql')) {
      entries.push(...asProgram);
      continue;
    }
    entries.push({ id, file, ...(down && { down: within(folder, down) }) }, ...asProgram);
    const version = versionOf(id);
    if (!version || version.isDay || version.isTimestamp) continue;
    const other = seen.get(version.text);
    if (other) faults.push(duplicateFault(file, other, version.text));
    else seen.set(version.text, file);
  }
  for (const name of tree.names(dir, '.sql')) ignore(within(dir, name), `${tool} runs <name>/migration.sql only: this file is not part of the history`);
  return { kind, dir, entries, faults, notices: [...notices, ...opaqueNotices(dir, entries)], loneDowns: [], unused };
}

/** The provider a Prisma migration folder is for: its lock file, else the nearest schema. */
export function migrationProvider(tree: Tree, dir: string, sets: readonly SchemaSet[]): string | undefined {
  const lock = PROVIDER.exec(tree.text(within(dir, 'migration_lock.toml')))?.[1];
  return lock ?? nearestSet(dir, sets)?.provider;
}

/** The schema with which a folder shares the longest way from the root. */
export function nearestSet(dir: string, sets: readonly SchemaSet[]): SchemaSet | undefined {
  const shared = (set: SchemaSet) => {
    const [a, b] = [dir.split('/'), set.dir.split('/')];
    let length = 0;
    while (length < a.length && a[length] === b[length]) length++;
    return length;
  };
  return [...sets].sort((a, b) => shared(b) - shared(a) || Number(b.canonical) - Number(a.canonical) || a.dir.length - b.dir.length)[0];
}
