import { posix } from 'node:path';
import { entryOf } from '../entry.js';
import type { Notice } from '../facts/location.js';
import { compareText } from './order.js';
import { noticeAt } from './read.js';
import type { Tree } from './tree.js';
import { within } from './tree.js';
import { isTest } from './sql.js';

/** Migration tools that are recognised but whose files this version does not read: one notice a folder. `named`: folders that are spoken of already. */
export function unreadMigrations(tree: Tree, named: ReadonlySet<string>): Notice[] {
  const found: Notice[] = [];
  for (const [folder, names] of [...tree.folders].sort(([a], [b]) => compareText(a, b))) {
    if (isTest(`${folder}/x`) || named.has(folder)) continue;
    const tool = toolOf(tree, folder, names, named.has(within(folder, 'sqls')));
    if (tool) found.push(noticeAt(folder, 0, `${tool} migrations are not read by this version`));
  }
  return [...found, ...DESCRIBED.flatMap(({ what, path, text }) => {
    const paths = tree.files.filter((each) => path.test(each) && !isTest(each) && text.test(tree.text(each)));
    return paths.length === 0 ? [] : [noticeAt(paths[0]!, 0, `${what} are not read by this version (${paths.length} ${paths.length === 1 ? 'file' : 'files'}): what they change is unknown`, paths.length)];
  })];
}

/** Migrations that are described in XML, YAML or JSON. */
const DESCRIBED = [
  { what: "Liquibase's changelogs in XML, YAML and JSON", path: /change-?(?:logs?|sets?)\b.*\.(?:xml|ya?ml|json)$/i, text: /(?:<|\b)changeSet\b/ },
  { what: "Hasura's migrations in YAML", path: /(?:^|\/)migrations\/(?:.*\/)?\d+_[^/]+[./]up\.ya?ml$/, text: /\btype:\s*(?:pg_)?(?:run_sql|bulk)\b/ },
];

const LANGUAGES: Readonly<Record<string, string>> = {
  go: 'Go', rb: 'Ruby', php: 'PHP', java: 'Java', kt: 'Kotlin', scala: 'Scala', cs: 'C#', fs: 'F#', rs: 'Rust', ex: 'Elixir', exs: 'Elixir', clj: 'Clojure',
  groovy: 'Groovy', pl: 'Perl', pm: 'Perl', vb: 'Visual Basic', erl: 'Erlang', hs: 'Haskell', cr: 'Crystal', lua: 'Lua',
};
/** SQL in the text, or a library through which programs of these languages talk to a database. */
const ASKS_DATABASE = new RegExp([
  String.raw`(?:^[ \t]*|["'\`(])(?:select\s[^;{}]{1,300}?\sfrom\s+["\w]|insert\s+into\s+["\w]|update\s+["\w.]{1,80}\s+set\b|delete\s+from\s+["\w])`,
  String.raw`\bdatabase/sql\b`, String.raw`\bjackc/pgx\b`, String.raw`\bgorm\.io\b`, String.raw`\bentgo\.io\b`, 'uptrace/bun', String.raw`\bActiveRecord\b`, String.raw`\bApplicationRecord\b`, String.raw`\bSequel\b`,
  String.raw`\bEloquent\b`, String.raw`\bIlluminate\\Database\b`, String.raw`\bDoctrine\\`, String.raw`\bnew\s+\\?PDO\b`, String.raw`\bja(?:karta|vax)\.persistence\b`, String.raw`\bjava\.sql\b`, String.raw`\bspringframework\.(?:data|jdbc)\b`, String.raw`\borg\.jooq\b`, String.raw`\bmybatis\b`,
  String.raw`\bjetbrains\.exposed\b`, String.raw`\bEntityFrameworkCore\b`, String.raw`\bNpgsql\b`, String.raw`\bDapper\b`, String.raw`\bsqlx\b`, String.raw`\bdiesel::`, String.raw`\btokio_postgres\b`, String.raw`\bsea_orm\b`, String.raw`\bEcto\.`, String.raw`\b(?:slick|doobie)\.`, String.raw`\bnext\.jdbc\b`,
  String.raw`\bgroovy\.sql\b`, String.raw`\bgrails\.gorm\b`, String.raw`\buse\s+DBIx?\b`, String.raw`\bepgsql\b`, String.raw`\bDatabase\.(?:Persist|PostgreSQL)\b`, String.raw`\bpgmoon\b`,
].join('|'), 'im');

/**
 * Programs in languages that this version does not read, of which one talks to a database: one notice a language. Without it a run would look as if it had seen all queries.
 * @param isSource whether the config wants a file to be looked at
 */
export function unreadPrograms(tree: Tree, isSource: (path: string) => boolean): Notice[] {
  const byLanguage = new Map<string, string[]>();
  for (const path of tree.files) {
    const language = entryOf(LANGUAGES, posix.extname(path).slice(1));
    if (language === undefined || isTest(path) || /_(?:test|spec)\.\w+$/.test(path) || !isSource(path)) continue;
    const paths = byLanguage.get(language);
    if (paths === undefined) byLanguage.set(language, [path]);
    else paths.push(path);
  }
  return [...byLanguage].flatMap(([language, paths]) => {
    const first = paths.find((path) => ASKS_DATABASE.test(tree.text(path)));
    return first === undefined ? [] : [noticeAt(first, 0, `${language} is not read by this version (${paths.length} ${paths.length === 1 ? 'file' : 'files'}): which rows its queries reach is unknown`, paths.length)];
  });
}

/** @param isRead the SQL that its programs run is read, as files of their own (db-migrate) */
function toolOf(tree: Tree, folder: string, names: readonly string[], isRead: boolean): string | undefined {
  const base = posix.basename(posix.resolve(tree.root, folder));
  if (base !== 'migrations' && base !== 'migration') return undefined;
  const scripts = names.filter((name) => /\.[cm]?[jt]s$/.test(name) && !name.endsWith('.d.ts'));
  const numbered = scripts.find((name) => /^\d{6,}[-_]/.test(name));
  if (numbered === undefined) return undefined;
  const text = tree.text(within(folder, numbered));
  if (/\bKysely\b/i.test(text)) return 'Kysely';
  const isProgram = /\bexports\.up\b|\bexport\s+(?:async\s+)?(?:function|const)\s+up\b|\bmodule\.exports\s*=\s*\{[^]*\bup\b/.test(text);
  return isProgram && !isRead && !/\.collection\(/.test(text) ? /ts$/.test(numbered) ? 'TypeScript' : 'JavaScript' : undefined;
}
