import { posix } from 'node:path';
import { WORKING_COPY, type FileView } from './view.js';

/** The files of a project by folder: what every detection asks, so that the disk is listed once. */
export class Tree {
  readonly files: readonly string[];
  /** Folder (`.` is the root) → names of its files. */
  readonly folders: ReadonlyMap<string, readonly string[]>;
  readonly #set: ReadonlySet<string>;
  readonly #texts = new Map<string, string>();

  constructor(readonly root: string, files: readonly string[], private readonly view: FileView = WORKING_COPY) {
    this.files = files;
    this.#set = new Set(files);
    const folders = new Map<string, string[]>();
    for (const file of files) {
      const folder = posix.dirname(file);
      const names = folders.get(folder);
      if (names) names.push(posix.basename(file));
      else folders.set(folder, [posix.basename(file)]);
    }
    this.folders = folders;
  }

  has(path: string): boolean {
    return this.#set.has(path);
  }

  /** Names of the files directly in a folder that end so. */
  names(folder: string, ending = ''): string[] {
    return (this.folders.get(folder) ?? []).filter((name) => name.endsWith(ending));
  }

  /** Names of the SQL files directly in a folder. */
  scripts(folder: string): string[] {
    return this.names(folder).filter(isSql);
  }

  /** The files at or below a folder. */
  below(folder: string): readonly string[] {
    return folder === '.' ? this.files : this.files.filter((path) => path.startsWith(`${folder}/`));
  }

  /** A file's text, empty when it cannot be read: parsing it later says so. */
  text(path: string): string {
    let text = this.#texts.get(path);
    if (text === undefined) {
      text = this.view.read(this.root, path).text ?? '';
      this.#texts.set(path, text);
    }
    return text;
  }
}

/** Whether a name is that of an SQL file, in any of the spellings there are. */
export function isSql(path: string): boolean {
  return /\.(?:sql|pgsql|psql)$/i.test(path);
}

/** The name without folder and extension. */
export function stemOf(path: string): string {
  return posix.basename(path).replace(/\.[a-z]+$/i, '');
}

/** Path of a name in a folder; the root is `.`. */
export function within(folder: string, name: string): string {
  return folder === '.' ? name : `${folder}/${name}`;
}

/** Whether a path is the folder itself or below it. */
export function isBelow(path: string, folder: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}
