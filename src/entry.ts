/**
 * What a record holds of its own under a name. Names come from the checked project: `constructor` and `toString` must not find
 * what every object of JavaScript has.
 * @returns undefined when it has nothing of that name
 */
export function entryOf<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
