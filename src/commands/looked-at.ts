import type { FileFacts } from '../facts/file.js';

/** Has it told whenever anybody looks at the code of one of some files: `look` is called with its path. */
export function watchCode(files: ReadonlyMap<string, FileFacts>, look: (file: string) => void): void {
  for (const [path, { code }] of files) {
    if (code === undefined) continue;
    // In place: members that are read when they are asked for stay so.
    const { get, value } = Object.getOwnPropertyDescriptor(code, 'body')!;
    Object.defineProperty(code, 'body', { enumerable: true, get: () => {
      look(path);
      return get === undefined ? value as unknown : get.call(code) as unknown;
    } });
  }
}

/**
 * What a file of code says to who does not look at its code: a file that says the same can stand in its place.
 * @returns undefined when something of it stands at a place of its own, or is not known to be seen by nobody
 */
export function outlineOf({ role, code, statements, models, notices, directives, comments = [], prisma, unread, down, transaction, rejected, language }: FileFacts): string | undefined {
  const parts = [statements, models, notices, directives, comments];
  if (role.type !== 'source' || code === undefined || prisma !== undefined || unread === true || down !== undefined || transaction !== undefined || rejected > 0 || parts.some(({ length }) => length > 0)) return undefined;
  return JSON.stringify([language, code.language, code.imports, code.carried, code.quiet]);
}
