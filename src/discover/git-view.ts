import { posix } from 'node:path';
import { LaterContent, hasId } from './content.js';
import { git, gitBytes, names } from './git.js';
import { isSkipped } from './list.js';
import { decode, noticeAt, readBytes, type ReadResult } from './read.js';
import type { FileView } from './view.js';

/** One entry of the index or of a tree (`git help ls-files`, `git help ls-tree`). */
interface Entry {
  readonly mode: string;
  readonly object: string;
}

const LINK = '120000';
const MOST_LINKS = 10;

/** A view that looks at git once for each folder. */
function byRoot(viewAt: (root: string) => FileView): FileView {
  const views = new Map<string, FileView>();
  const at = (root: string): FileView => {
    const view = views.get(root) ?? viewAt(root);
    views.set(root, view);
    return view;
  };
  return { list: (folder) => at(folder).list(folder), read: (root, path) => at(root).read(root, path), content: (root, path) => at(root).content?.(root, path), hasIgnored: false };
}

/**
 * The project as it is staged: of a file staged in part only that part, nothing untracked, and what was deleted on disk alone is still there.
 * Submodules are no files; a symbolic link is the staged file it leads to.
 */
export function indexView(): FileView {
  return byRoot(indexAt);
}

function indexAt(root: string): FileView {
  const entries = new Map(names(git(root, ['ls-files', '-z', '--stage', '--cached'])).flatMap((line): [string, Entry][] => {
    const [, mode, object, stage, path] = /^(\d+) (\w+) (\d)\t([\s\S]*)$/.exec(line) ?? [];
    return stage === '0' ? [[path!, { mode: mode!, object: object! }]] : [];
  }));
  return viewOf(root, entries, () => new Set(names(git(root, ['diff-files', '-z', '--name-only', '--relative']))));
}

/**
 * The project as it was in a commit.
 * @param commit a revision that git knows; undefined: before the first one
 */
export function commitView(commit: string | undefined): FileView {
  return byRoot((root) => commitAt(root, commit));
}

function commitAt(root: string, commit: string | undefined): FileView {
  if (commit === undefined) return viewOf(root, new Map(), () => new Set());
  const entries = new Map(names(git(root, ['ls-tree', '-r', '-z', commit])).flatMap((line): [string, Entry][] => {
    const [, mode, object, path] = /^(\d+) \w+ (\w+)\t([\s\S]*)$/.exec(line) ?? [];
    return [[path!, { mode: mode!, object: object! }]];
  }));
  return viewOf(root, entries, () => new Set(names(git(root, ['diff', '-z', '--name-only', '--no-renames', '--relative', commit]))));
}

/** @param changedNow the files that are another on disk: what is the same is read from there, which is faster */
function viewOf(root: string, all: ReadonlyMap<string, Entry>, changedNow: () => ReadonlySet<string>): FileView {
  const entries = new Map([...all].filter(([path, { mode }]) => (mode.startsWith('100') || mode === LINK) && !isSkipped(path)));
  const files = [...entries.keys()].sort();
  const objects = new Map<string, Buffer>();
  let changed: ReadonlySet<string> | undefined;
  const changes = (): ReadonlySet<string> => {
    if (changed !== undefined) return changed;
    const now = changed = changedNow();
    const wanted = [...entries].filter(([path, { mode }]) => now.has(path) || mode === LINK).map(([, { object }]) => object);
    for (const [id, bytes] of readObjects(root, wanted)) objects.set(id, bytes);
    return now;
  };
  const object = (id: string): Buffer | undefined => {
    changes();
    const known = objects.get(id) ?? readObjects(root, [id]).get(id);
    if (known !== undefined) objects.set(id, known);
    return known;
  };
  /** The bytes of an entry, whatever a filter of git or its line ends make of them on disk. */
  const bytesOf = (path: string, id: string): Buffer | undefined => {
    const onDisk = readBytes(root, path);
    return 'bytes' in onDisk && hasId(onDisk.bytes, id) ? onDisk.bytes : object(id);
  };
  const read = (path: string, links: number): ReadResult => {
    const entry = entries.get(path);
    const missing = (reason: string): ReadResult => ({ notices: [noticeAt(path, 0, reason)] });
    if (entry === undefined) return missing('is not under version control');
    if (entry.mode === LINK) {
      const target = object(entry.object)?.toString();
      const inside = target === undefined ? undefined : posix.join(posix.dirname(path), target);
      return inside === undefined || links === 0 || !entries.has(inside) ? missing('is a symbolic link to nothing under version control') : read(inside, links - 1);
    }
    const onDisk = readBytes(root, path);
    if ('bytes' in onDisk && (hasId(onDisk.bytes, entry.object) || !changes().has(path))) return decode(path, onDisk.bytes);
    const bytes = object(entry.object);
    return bytes === undefined ? missing('cannot be read from git') : decode(path, bytes);
  };
  return {
    list: () => ({ files, notices: [] }), read: (_, path) => read(path, MOST_LINKS), hasIgnored: false,
    content: (_, path) => {
      const entry = entries.get(path);
      if (entry === undefined || entry.mode === LINK) return undefined;
      const { object: id } = entry;
      return new LaterContent(id, () => decode(path, bytesOf(path, id) ?? Buffer.of()).text ?? '');
    },
  };
}

/** Reads objects in one go (`git help cat-file`, batch output). */
function readObjects(root: string, ids: readonly string[]): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  if (ids.length === 0) return found;
  const output = gitBytes(root, ['cat-file', '--batch'], `${[...new Set(ids)].join('\n')}\n`);
  for (let at = 0; at < output.length;) {
    const end = output.indexOf(10, at);
    const [id, type, size] = output.subarray(at, end).toString().split(' ');
    at = end + 1;
    if (type === 'missing' || size === undefined) continue;
    found.set(id!, output.subarray(at, at + Number(size)));
    at += Number(size) + 1;
  }
  return found;
}
