import { createHash } from 'node:crypto';
import type { Catalog } from '../link/catalog/types.js';

/** PostgreSQL cuts longer names off (NAMEDATALEN - 1). */
const LONGEST = 63;

/** Gives names to new constraints, indexes and functions: short enough, and none twice. */
export class FreeNames {
  private readonly taken: Set<string>;

  constructor(catalog: Catalog) {
    this.taken = new Set([...catalog.tables.values()].flatMap((table) => [
      table.name, ...(table.primaryKey ? [table.primaryKey.name] : []),
      ...[...table.uniques, ...table.foreignKeys, ...table.checks, ...table.indexes].map(({ name }) => name),
    ]));
  }

  take(wanted: string): string {
    let name = shortened(wanted);
    for (let number = 1; this.taken.has(name); number++) name = shortened(`${wanted}_${number}`);
    this.taken.add(name);
    return name;
  }
}

/** Two long names that differ only at the end stay different. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  let start = name;
  while (Buffer.byteLength(start) > LONGEST - hash.length - 1) start = start.slice(0, -1);
  return `${start}_${hash}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;
}

/** Words as a file name: lower case, joined by underscores. */
export function slug(text: string): string {
  return text.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_|_$/g, '');
}
