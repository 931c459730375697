/** What a migration's file or folder name says about its place in the history. */
export interface Version {
  /** As written: `0007`, `2.1`, `20240101120000`. */
  readonly text: string;
  /** Digit groups, to be compared as numbers. */
  readonly parts: readonly string[];
  /** A letter after the number (`012b`). */
  readonly letter: string;
  /** A day, shared by all migrations of that day: not meant to be unique. */
  readonly isDay: boolean;
  /** Sequence number or timestamp. */
  readonly isTimestamp: boolean;
}

const DATE = /^((?:19|20)\d\d)[-_.](\d\d)[-_.](\d\d)(?:[-_T.]?(\d{2,6}(?:[-_]\d{2}){0,2}))?(?![0-9])/;
const NUMBER = /^(?:v|migration|migrate|mig|step|patch|upgrade)?[-_ ]?(\d+(?:\.\d+)*)([a-z])?(?=[-_. +]|$)/i;

/** Reads the version at the start of a name without its extension; undefined when it has none. */
export function versionOf(name: string): Version | undefined {
  const date = DATE.exec(name);
  if (date) {
    const parts = [...date.slice(1, 4), ...(date[4]?.split(/[-_]/) ?? [])];
    return { text: date[0], parts, letter: '', isDay: date[4] === undefined, isTimestamp: true };
  }
  const number = NUMBER.exec(name);
  if (!number) return undefined;
  const text = number[1]!;
  return {
    text: text + (number[2] ?? ''), parts: text.split('.'), letter: (number[2] ?? '').toLowerCase(),
    isDay: /^(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])$/.test(text), isTimestamp: /^\d{10,}$/.test(text),
  };
}

function compareDigits(a: string, b: string): number {
  const [x, y] = [a.replace(/^0+(?=\d)/, ''), b.replace(/^0+(?=\d)/, '')];
  return x.length - y.length || (x < y ? -1 : x > y ? 1 : 0);
}

/** Numbers as numbers (1, 2, 10), dotted ones part by part, then the letter. */
export function compareVersions(a: Version, b: Version): number {
  for (let index = 0; index < Math.max(a.parts.length, b.parts.length); index++) {
    const order = compareDigits(a.parts[index] ?? '0', b.parts[index] ?? '0');
    if (order !== 0) return order;
  }
  return a.letter < b.letter ? -1 : a.letter > b.letter ? 1 : 0;
}

/** Code unit order: the same on every machine, and what the tools use. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Versions first, in their order; names without one after them, by name. */
export function compareNames(a: string, b: string): number {
  const [x, y] = [versionOf(a), versionOf(b)];
  if (x && y) return compareVersions(x, y) || compareText(a, b);
  if (x || y) return x ? -1 : 1;
  return compareText(a, b);
}
