import type { Table } from './catalog/types.js';

/** A column name with case and underscores taken away: `account_id`, `accountId` and `"AccountID"` are one. */
export function normalizeName(name: string): string {
  return name.replace(/_/g, '').toLowerCase();
}

/** Whether a table name matches a glob of the config (`*`, `?`), tried on `name` and on `schema.name`. */
export function matchesGlob(table: Pick<Table, 'schema' | 'name'>, globs: readonly string[]): boolean {
  return globs.some((glob) => {
    const pattern = globPattern(glob);
    return pattern.test(table.name) || pattern.test(`${table.schema}.${table.name}`);
  });
}

const patterns = new Map<string, RegExp>();

function globPattern(glob: string): RegExp {
  let pattern = patterns.get(glob);
  if (!pattern) {
    const source = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*+/g, '.*').replace(/\?/g, '.');
    pattern = new RegExp(`^${source}$`, 'i');
    patterns.set(glob, pattern);
  }
  return pattern;
}

/** Words of an identifier, lower case: `ServiceRequest`, `service_request` → `service`, `request`. */
export function words(name: string): string[] {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);
}

/** Singular of an English table name, well enough to compare `companies` with `company`. */
export function singular(word: string): string {
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (/(ss|x|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}

/** Whether a path matches one of the globs of the config: `*` within a folder, `**` across folders. */
export function matchesPath(path: string, globs: readonly string[]): boolean {
  return globs.some((glob) => pathPattern(glob).test(path));
}

const pathPatterns = new Map<string, RegExp>();

function pathPattern(glob: string): RegExp {
  let pattern = pathPatterns.get(glob);
  if (!pattern) {
    const source = glob.replace(/^\.\//, '').replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*\*\/|\*\*|\*|\?/g, (wildcard) => ({ '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' })[wildcard]!);
    pattern = new RegExp(`^${source}$`);
    pathPatterns.set(glob, pattern);
  }
  return pattern;
}
