import { parseSqlFile } from '../../src/parse/sql/index.js';

const FOLDER = 'migrations/';
/** What holds for the rest of its file alone, or ends what is together. */
const TIED = /\b(?:begin|commit|rollback|temp|temporary|set|reset|set_config)\b|\\|tenantlint-|-- *(?:migrate|\+)|concurrently/i;

/** The SQL migrations of a case in their order; undefined where they are not all there is in the folder, or where what they say depends on how they are parted. */
function migrationsOf(files: ReadonlyMap<string, string>): string[] | undefined {
  const paths = [...files.keys()].filter((path) => path.endsWith('.sql'));
  const isPlain = paths.length > 0 && paths.every((path) => /^migrations\/\d{4}_\w+\.sql$/.test(path));
  return isPlain && paths.every((path) => !TIED.test(files.get(path)!)) ? paths.sort().map((path) => files.get(path)!) : undefined;
}

function withMigrations(files: ReadonlyMap<string, string>, texts: readonly string[]): Map<string, string> {
  const others = [...files].filter(([path]) => !path.endsWith('.sql'));
  return new Map([...others, ...texts.map((text, index): [string, string] => [`${FOLDER}${String(index + 1).padStart(4, '0')}_part.sql`, text])]);
}

/** Each statement a migration of its own. @returns undefined where that means something else, or is what stands there */
export function splitMigrations(files: ReadonlyMap<string, string>): Map<string, string> | undefined {
  const texts = migrationsOf(files)?.map((text) => {
    const { statements } = parseSqlFile({ path: 'a.sql', language: 'sql', role: { type: 'migration', kind: 'sql', source: 0, direction: 'up' } }, text);
    const starts = statements.map(({ location }, index) => (index === 0 ? 0 : location.start));
    return starts.map((start, index) => text.slice(start, starts[index + 1] ?? text.length));
  });
  const parts = texts?.flat() ?? [];
  return texts === undefined || parts.length === texts.length ? undefined : withMigrations(files, parts);
}

/** All migrations in one. @returns undefined where that means something else, or is what stands there */
export function joinMigrations(files: ReadonlyMap<string, string>): Map<string, string> | undefined {
  const texts = migrationsOf(files);
  return texts === undefined || texts.length < 2 ? undefined : withMigrations(files, [texts.map((text) => `${text.trimEnd().replace(/;?$/, ';')}\n`).join('')]);
}
