import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '../errors.js';

/**
 * Writes a file whole or not at all.
 * @param file absolute path
 * @throws UsageError when the place cannot be written
 */
export function writeWhole(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new UsageError(`Cannot write ${file}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
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
      const folder = mkdirSync(dirname(file), { recursive: true });
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
