import { posix } from 'node:path';
import type { Notice } from '../facts/location.js';
import { duplicateFault, fault } from './found.js';
import type { FoundSource } from './found.js';
import { compareNames, compareText, versionOf } from './order.js';
import { codeFiles, opaqueNotices } from './opaque.js';
import { noticeAt } from './read.js';
import type { Tree } from './tree.js';
import { isSql, stemOf, within } from './tree.js';

const MIGRATION_FOLDER = /^(?:[a-z0-9]+[-_.])*(?:migrations?|migrate|flyway)(?:[-_.][a-z0-9]+)*$/i;
const OTHER_FOLDER = /^(?:quer(?:y|ies)|sqlc|functions?|views?|procedures?|triggers?|reports?|analytics|snippets|docs?|scripts?)$/i;
const DOWN_FOLDER = /^(?:downs?|rollbacks?|revert|reverts|undo)$/i;

export const isSeed = (path: string): boolean => /(^|\/)(?:[^/]*[-_.])?seeds?(?:[-_.][^/]*)?\.(?:pg|p)?sql$/i.test(path) || /(^|\/)(?:seeds?|seeders?|seeding)\//i.test(path);
export const isTest = (path: string): boolean => /(^|\/)(?:tests?|__tests__|__fixtures__|fixtures|specs?|e2e|testdata|test[-_]data|pgtap)\//i.test(path) || /\.(?:test|spec)\.sql$|(?:^|\/)test[-_][^/]*\.(?:pg|p)?sql$/i.test(path);
/** Where dumps and declarative schemas are kept; they count as such only when they create tables. */
export const isSchemaName = (path: string): boolean => /(^|\/)(?:[^/]*[-_.])?(?:schema|structure)\.(?:pg|p)?sql$/i.test(path) || /(^|\/)(?:schemas?|tables|ddl)\/[^/]+\.(?:pg|p)?sql$/i.test(path) || /(^|\/)supabase\/schemas\//.test(path);
export const createsTables = (text: string): boolean => /^[ \t]*create\s+(?:unlogged\s+|foreign\s+)?table\b/im.test(withoutComments(text));
export const changesSchema = (text: string): boolean => /^[ \t]*(?:create\s+(?:or\s+replace\s+)?(?:unlogged\s+|unique\s+)?(?:table|index|policy|schema)|alter\s+table)\b/im.test(withoutComments(text));

/** Comments within a line, or in the middle of a statement, read as blanks: `CREATE /* ... *\/ TABLE`. */
function withoutComments(text: string): string {
  return text.includes('/*') ? text.replace(/\/\*(?:[^]*?\*\/|[^]*$)/g, ' ') : text;
}

interface Script {
  readonly path: string;
  /** What an up file and its down file have in common. */
  readonly base: string;
  readonly direction: 'up' | 'down';
  /** Runs whenever it changed, after all versions (Flyway `R__x.sql`). */
  readonly repeatable: boolean;
  /** A suffix in words of names (`_rollback`) may as well be part of the title: then a partner decides. */
  readonly unsure: boolean;
}

function script(path: string): Script {
  const stem = stemOf(path);
  const of = (base: string, direction: 'up' | 'down', more: Partial<Script> = {}): Script => ({ path, base, direction, repeatable: false, unsure: false, ...more });
  const flyway = /^([VUR])([\d._]*)__(.*)$/.exec(stem);
  if (flyway) return of(flyway[2]!.replaceAll('_', '.') || flyway[3]!, flyway[1] === 'U' ? 'down' : 'up', { repeatable: flyway[1] === 'R' });
  const suffix = /^(.+)([._-])(up|do|deploy|down|undo|rollback|revert)$/i.exec(stem);
  if (suffix) {
    const direction = /^(up|do|deploy)$/i.test(suffix[3]!) ? 'up' : 'down';
    return of(suffix[1]!, direction, { unsure: direction === 'down' && suffix[2] !== '.' });
  }
  const prefix = /^(\d[\d._-]*[._-])?(?:rollback|down|undo|revert)[-_.](.+)$/i.exec(stem);
  if (prefix) return of((prefix[1] ?? '') + prefix[2]!, 'down');
  return of(stem, DOWN_FOLDER.test(posix.basename(posix.dirname(path))) ? 'down' : 'up');
}

/** Whether the name of a file says when it runs. */
export function isVersioned(path: string): boolean {
  return versionOf(stemOf(path)) !== undefined || /^[VUR][\d._]*__/.test(posix.basename(path));
}

/** Folders of ordered SQL files that no other kind has claimed: by their name, or because their files are numbered. */
export function sqlFolders(tree: Tree, isFree: (path: string) => boolean): string[] {
  const found: string[] = [];
  for (const folder of tree.folders.keys()) {
    const scripts = tree.scripts(folder).filter((name) => isFree(within(folder, name)) && !isSeed(within(folder, name)) && !isSchemaFile(tree, within(folder, name)));
    if (scripts.length === 0 || isTest(`${folder}/x`) || isDeclarative(tree, folder)) continue;
    const parts = posix.resolve(tree.root, folder).split('/');
    const own = folder === '.' ? parts.slice(-1) : folder.split('/');
    if (DOWN_FOLDER.test(own.at(-1)!) && own.length > 1) continue;
    const numbered = scripts.filter(isVersioned).length;
    const named = own.some((part) => MIGRATION_FOLDER.test(part)) && !OTHER_FOLDER.test(own.at(-1)!);
    if (named || (numbered * 2 >= scripts.length && !own.some((part) => OTHER_FOLDER.test(part)))) found.push(folder);
  }
  return found.sort(compareText);
}

/** Supabase's declarative schemas: its CLI writes migrations from them and runs none of their files ("Declarative database schemas"). */
function isDeclarative(tree: Tree, folder: string): boolean {
  const at = /^(?<home>(?:.*\/)?supabase)\/schemas(?:\/|$)/.exec(folder)?.groups?.home;
  return at !== undefined && tree.scripts(within(at, 'migrations')).length > 0;
}

function isSchemaFile(tree: Tree, path: string): boolean {
  return /(^|\/)(?:schema|structure)\.(?:pg|p)?sql$/i.test(path) && createsTables(tree.text(path));
}

/** One folder of SQL files: numbers as numbers, then names; up and down files paired. */
export function sqlSource(tree: Tree, dir: string): FoundSource {
  const names = tree.scripts(dir).filter((name) => !isSeed(name) && !isSchemaFile(tree, within(dir, name)));
  const nested = [...tree.folders.keys()].filter((folder) => posix.dirname(folder) === dir && DOWN_FOLDER.test(posix.basename(folder)));
  const code = codeFiles(tree, dir).filter((path) => isVersioned(path) && names.some(isVersioned));
  const paths = [...names.map((name) => within(dir, name)), ...nested.flatMap((folder) => tree.scripts(folder).map((name) => within(folder, name)))];
  const ownBases = new Set(paths.map((path) => script(path).base));
  const scripts = [...paths, ...code.filter((path) => !ownBases.has(script(path).base))].map(script);
  const upBases = new Set(scripts.filter(({ direction }) => direction === 'up').map(({ base }) => base));
  const isUp = (item: Script) => item.direction === 'up' || (item.unsure && !upBases.has(item.base));
  const downs = new Map(scripts.filter((item) => !isUp(item)).map((item) => [item.base, item.path]));
  const ups = scripts.filter(isUp).sort((a, b) => Number(a.repeatable) - Number(b.repeatable) || compareNames(a.base, b.base) || compareText(a.path, b.path));
  const entries = ups.map(({ path, base }) => {
    const down = downs.get(base);
    return { id: versionOf(base)?.text ?? base, file: path, ...(down !== undefined && isSql(down) && { down }), ...(!isSql(path) && { opaque: true as const }) };
  });
  const paired = new Set(entries.map(({ down }) => down));
  return {
    kind: 'sql', dir, entries, faults: [...duplicates(ups.filter(({ path }) => isSql(path))), ...atlasFaults(tree, dir, entries.filter(({ opaque }) => !opaque))],
    notices: opaqueNotices(dir, entries), unused: [],
    loneDowns: [...downs.values()].filter((path) => isSql(path) && !paired.has(path)),
  };
}

/** A day shared by several files is no number; sequence numbers and timestamps are. */
function duplicates(ups: readonly Script[]): FoundSource['faults'][number][] {
  const seen = new Map<string, Script>();
  const faults: FoundSource['faults'][number][] = [];
  for (const item of ups) {
    const version = versionOf(item.base);
    if (!version || version.isDay || item.repeatable) continue;
    const key = version.parts.map((part) => part.replace(/^0+(?=\d)/, '')).join('.') + version.letter;
    const other = seen.get(key);
    if (other) faults.push(duplicateFault(item.path, other.path, version.text));
    else seen.set(key, item);
  }
  return faults;
}

/** atlas.sum lists every file with its hash; a file that is not in it, or the other way round, stops atlas. */
function atlasFaults(tree: Tree, dir: string, entries: FoundSource['entries']): FoundSource['faults'][number][] {
  const sum = within(dir, 'atlas.sum');
  if (!tree.has(sum)) return [];
  const listed = new Map([...tree.text(sum).matchAll(/^(\S+\.sql) h1:\S+$/gm)].map((match) => [match[1]!, { start: match.index, end: match.index + match[0].length }]));
  const present = new Set(entries.map(({ file }) => posix.basename(file)));
  return [
    ...[...listed].filter(([name]) => !present.has(name)).map(([name, at]) => fault(sum, `atlas.sum names ${name}, but there is no such file.`, 'Restore the file, or run atlas migrate hash.', at)),
    ...entries.filter(({ file }) => !listed.has(posix.basename(file))).map(({ file }) => fault(file, `${posix.basename(file)} is not in atlas.sum.`, 'Run atlas migrate hash.')),
  ];
}

/** `supabase/migrations`: the CLI runs `<digits>_<name>.sql` only, and keys on the digits. */
export function supabaseSource(tree: Tree, dir: string): FoundSource {
  const notices: Notice[] = [];
  const unused: string[] = [];
  const numbered: string[] = [];
  for (const name of tree.scripts(dir).sort(compareText)) {
    const file = within(dir, name);
    if (/^\d+_.*\.sql$/.test(name)) numbered.push(file);
    else {
      unused.push(file);
      notices.push(noticeAt(file, 0, 'Supabase runs only files named <timestamp>_<name>.sql: this file is not part of the history'));
    }
  }
  const number = (file: string) => /^\d+/.exec(posix.basename(file))![0];
  const downs = new Map(numbered.map(script).filter(({ direction, unsure }) => direction === 'down' && !unsure).map(({ base, path }) => [base, path]));
  const downPaths = new Set(downs.values());
  const ups = numbered.filter((file) => !downPaths.has(file));
  const faults = ups.flatMap((file, index) => {
    const other = ups.slice(0, index).find((before) => number(before) === number(file));
    return other ? [duplicateFault(file, other, number(file))] : [];
  });
  const entries = ups.map((file) => {
    const down = downs.get(script(file).base);
    return { id: number(file), file, ...(down !== undefined && { down }) };
  });
  const paired = new Set(entries.map(({ down }) => down));
  return { kind: 'supabase', dir, entries, faults, notices, unused, loneDowns: [...downPaths].filter((path) => !paired.has(path)) };
}

/** A sqitch project: deploy scripts in the order of the plan, revert scripts as their down files. */
export function sqitchSource(tree: Tree, dir: string): FoundSource {
  const plan = within(dir, 'sqitch.plan');
  const entries: FoundSource['entries'][number][] = [];
  const faults: FoundSource['faults'][number][] = [];
  const planned = new Set<string>();
  for (const match of tree.text(plan).matchAll(/^([^%#@\s][^\s[\]]*)[ \t].*$/gm)) {
    const [line, name] = [match[0], match[1]!];
    const file = within(dir, `deploy/${name}.sql`);
    const down = within(dir, `revert/${name}.sql`);
    planned.add(file);
    if (tree.has(file)) entries.push({ id: name, file, ...(tree.has(down) && { down }) });
    else faults.push(fault(plan, `The plan names "${name}", but there is no deploy/${name}.sql.`, 'Restore the script, or remove the line if no database has run it.', { start: match.index, end: match.index + line.length }));
  }
  const unused = tree.below(within(dir, 'deploy')).filter((path) => path.endsWith('.sql') && !planned.has(path));
  const verify = tree.below(within(dir, 'verify')).filter((path) => path.endsWith('.sql'));
  return {
    kind: 'sql', dir, transaction: 'none', entries, faults, loneDowns: [], unused: [...unused, ...verify],
    notices: unused.map((path) => noticeAt(path, 0, 'not in sqitch.plan: sqitch never runs this file')),
  };
}
