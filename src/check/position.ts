import { posix, relative, resolve, sep } from 'node:path';
import type { Location, Position } from '../facts/location.js';
import type { Project } from '../link/project.js';

/** Turns locations (offsets in files of the project) into what reports show. */
export interface Locator {
  /** The file's path as reports show it: POSIX, relative to the working folder. */
  readonly path: (file: string) => string;
  readonly position: (file: string, offset: number) => Position;
  readonly start: (location: Location) => Position;
  readonly end: (location: Location) => Position;
  /** Text of the file, when it is at hand. */
  readonly text: (file: string) => string | undefined;
}

/**
 * @param project its files' line starts are used
 * @param cwd absolute working folder
 * @param text reads a file of the project, by its path relative to the project's root
 */
export function createLocator(project: Project, cwd: string, text: (file: string) => string | undefined): Locator {
  const computed = new Map<string, readonly number[]>();
  const lineStarts = (file: string): readonly number[] => {
    const known = project.files.get(file)?.lineStarts ?? computed.get(file);
    if (known !== undefined) return known;
    const starts = lineStartsOf(text(file) ?? '');
    computed.set(file, starts);
    return starts;
  };
  const position = (file: string, offset: number): Position => positionIn(lineStarts(file), offset);
  return {
    path: (file) => reportPath(project.config.root, cwd, file),
    position,
    start: (location) => position(location.file, location.start),
    end: (location) => position(location.file, location.end),
    text,
  };
}

/** Path of a project file as seen from the working folder, POSIX. */
export function reportPath(root: string, cwd: string, file: string): string {
  const path = relative(cwd, resolve(root, file));
  return sep === posix.sep ? path : path.split(sep).join(posix.sep);
}

/** Offset of the first character of each line. Lines end at LF, CRLF or a lone CR. */
export function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
  return starts;
}

function positionIn(lineStarts: readonly number[], offset: number): Position {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (lineStarts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: Math.max(0, offset - (lineStarts[low] ?? 0)) + 1 };
}
