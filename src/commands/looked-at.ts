import type { FileFacts } from '../facts/file.js';

/** Facts of files, told apart by whether anybody looks at the code of one: `look` is called with its path each time. */
export function watched(files: ReadonlyMap<string, FileFacts>, look: (file: string) => void): Map<string, FileFacts> {
  return new Map([...files].map(([path, facts]): [string, FileFacts] => {
    const { code } = facts;
    if (code === undefined) return [path, facts];
    const body = () => {
      look(path);
      return code.body;
    };
    return [path, withMember(facts, 'code', { value: withMember(code, 'body', { get: body }) })];
  }));
}

/** A copy with one member another; none of those that are read when they are asked for is. */
function withMember<T extends object>(object: T, name: keyof T, member: PropertyDescriptor): T {
  return Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(object), [name]: { enumerable: true, ...member } }) as T;
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
