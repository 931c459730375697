import { renameSync, rmSync, writeFileSync } from 'node:fs';
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
