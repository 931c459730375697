import { existsSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '../errors.js';
import { makeFolder } from '../cache/folder.js';

/** Told of each temporary file, and when it is gone: who ends the process in between removes it. */
export const temporaries: { begin: (file: string) => void; end: (file: string) => void } = { begin: () => undefined, end: () => undefined };

/**
 * Writes a file whole or not at all; what is no regular file (`/dev/stdout`, a pipe) is written to as it is.
 * @param file absolute path; of a symbolic link, what it leads to is written
 * @throws UsageError when the place cannot be written
 */
export function writeWhole(file: string, text: string): void {
  try {
    const status = statSync(file, { throwIfNoEntry: false });
    if (status === undefined || status.isFile()) replace(status === undefined ? file : realpathSync(file), text);
    else writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(`Cannot write ${file}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

function replace(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  temporaries.begin(temporary);
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    temporaries.end(temporary);
  }
}

/** A file to be written with others. */
export interface NewFile {
  /** Absolute path. */
  readonly file: string;
  readonly text: string;
  /** It may be there already. */
  readonly overwrites: boolean;
}

/**
 * Writes several files, all or none.
 * @throws UsageError when one is there that must not be overwritten, or cannot be written
 */
export function writeAll(files: readonly NewFile[]): void {
  const present = files.find(({ file, overwrites }) => !overwrites && existsSync(file));
  if (present) throw new UsageError(`${present.file} is there already: nothing was written`);
  const undo: (() => void)[] = [];
  try {
    for (const { file, text } of files) {
      const folder = makeFolder(dirname(file));
      if (folder !== undefined) undo.push(() => rmSync(folder, { recursive: true, force: true }));
      const before = existsSync(file) ? readFileSync(file) : undefined;
      writeWhole(file, text);
      undo.push(() => (before === undefined ? rmSync(file, { force: true }) : writeFileSync(file, before)));
    }
  } catch (error) {
    for (const step of undo.reverse()) step();
    throw error instanceof UsageError ? error : new UsageError(`Cannot write ${files.map(({ file }) => file).join(', ')}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}
