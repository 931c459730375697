import { posix } from 'node:path';
import type { MigrationKind } from '../facts/file.js';
import { namedDialect } from './dialect.js';
import { fault } from './found.js';
import type { FoundSource } from './found.js';
import { compareText } from './order.js';
import { isTest } from './sql.js';
import type { Tree } from './tree.js';
import { stemOf, within } from './tree.js';

type CodeKind = Extract<MigrationKind, 'knex' | 'kysely' | 'typeorm' | 'sequelize' | 'mikro-orm' | 'node-pg-migrate'>;

const SCRIPT = /\.[cm]?[jt]s$/;
const NUMBERED = /^(?:\d{3,}|Migration\d{8,}|V\d+)/i;
const EXPORTS_UP = /\bexports\.up\b|\bexport\s+(?:async\s+)?(?:function|const|let|var)\s+up\b|\bmodule\.exports\s*=\s*\{|\bexport\s+default\s*\{|\bexport\s*\{[^}]*\bup\b|\bexports\.default\b/;
const MYSQL = /\bAUTO_INCREMENT\b|\bENGINE\s*=\s*InnoDB\b|\bAUTOINCREMENT\b(?!\s*:)|\bnvarchar\s*\(|\bdatetime2\b/i;
const POSTGRESQL = /\btimestamptz\b|\bjsonb\b|\b(?:big)?serial\b|::\w|\bgen_random_uuid\b|\buuid_generate_v4\b|\bcharacter varying\b|"\w+"\."\w+"/i;

/** The folders of migrations written in TypeScript or JavaScript: their files' text tells for which tool. */
export function codeMigrationFolders(tree: Tree, isFree: (path: string) => boolean): { dir: string; kind: CodeKind }[] {
  const found: { dir: string; kind: CodeKind }[] = [];
  for (const dir of [...tree.folders.keys()].sort(compareText)) {
    if (isTest(`${dir}/x`)) continue;
    const kinds = new Set(candidates(tree, dir).filter((name) => isFree(within(dir, name))).flatMap((name) => kindOfText(tree.text(within(dir, name))) ?? []));
    for (const kind of kinds) found.push({ dir, kind });
  }
  return found;
}

/** Files that may be migrations by where they are and how they are called. */
function candidates(tree: Tree, dir: string, configured = false): string[] {
  const isNamed = posix.resolve(tree.root, dir).split('/').slice(-2).some((part) => /migrat/i.test(part));
  return tree.names(dir).filter((name) => SCRIPT.test(name) && !/\.d\.[cm]?ts$|[._](?:test|spec)\.\w+$/.test(name) && (isNamed || configured || NUMBERED.test(name)));
}

function kindOfText(text: string): CodeKind | undefined {
  if (!/\bup\b/.test(text)) return undefined;
  if (/\bimplements\s+(?:\w+\.)?MigrationInterface\b/.test(text) || (/\bclass\b/.test(text) && /\bup\s*\(\s*queryRunner\b/.test(text))) return 'typeorm';
  if (/\bclass\s+\w+\s+extends\s+Migration\b/.test(text) && text.includes('mikro-orm')) return 'mikro-orm';
  if (!EXPORTS_UP.test(text)) return undefined;
  if (/\bqueryInterface\b/i.test(text)) return 'sequelize';
  if (/\bfrom\s*['"]kysely['"]|\brequire\(\s*['"]kysely['"]/.test(text)) return 'kysely';
  if (/\bknex\b/i.test(text)) return 'knex';
  return /\bpgm\b|node-pg-migrate/.test(text) ? 'node-pg-migrate' : undefined;
}

/**
 * One folder of migrations of one tool. Knex, Kysely, Sequelize and MikroORM run them by file name, TypeORM by the number that ends the class name,
 * node-pg-migrate by the number that begins the file's name.
 * @param configured the config says what the folder holds
 */
export function codeSource(tree: Tree, dir: string, kind: CodeKind, configured = false): FoundSource {
  const all = candidates(tree, dir, configured).map((name) => within(dir, name)).filter((path) => kindOfText(tree.text(path)) === kind);
  // A compiled copy beside its source is the same migration.
  const typed = new Set(all.filter((path) => /\.[cm]?ts$/.test(path)).map((path) => stemOf(path)));
  const files = all.filter((path) => /\.[cm]?ts$/.test(path) || !typed.has(stemOf(path)));
  // node-pg-migrate runs what is written in SQL beside them, in one order.
  if (kind === 'node-pg-migrate') files.push(...tree.scripts(dir).filter((name) => NUMBERED.test(name) && !/\.down\.sql$/.test(name)).map((name) => within(dir, name)));
  const migrations = files.map((file) => ({ file, stem: stemOf(file), ...orderOf(file, kind, tree) }));
  migrations.sort((a, b) => (a.time ?? 0) - (b.time ?? 0) || compareText(a.file, b.file));
  const faults = migrations.flatMap(({ file, name, at }, index) => {
    const other = name === undefined ? undefined : migrations.slice(0, index).find((before) => before.name === name);
    return other && at ? [fault(file, `Two migrations have the name ${name}: ${posix.basename(other.file)} and ${posix.basename(file)}.`, 'Give the later one a name of its own: TypeORM refuses to run either.', at)] : [];
  });
  return {
    kind, dir, entries: migrations.map(({ file, stem }) => ({ id: stem, file })), faults, notices: [], loneDowns: [],
    unused: all.filter((path) => !files.includes(path)),
    // sequelize-cli opens no transaction.
    ...(kind === 'sequelize' && { transaction: 'none' as const }),
  };
}

/** What a tool orders its migrations by, before the names of their files. */
function orderOf(file: string, kind: CodeKind, tree: Tree): { time?: number; name?: string; at?: { start: number; end: number } } | undefined {
  if (kind === 'typeorm') return typeormName(tree.text(file));
  return kind === 'node-pg-migrate' ? { time: numberOf(file) } : undefined;
}

/** A time of 17 digits (UTC, by its parts) is the number of its milliseconds. */
function numberOf(file: string): number {
  const digits = /^\d+/.exec(posix.basename(file))?.[0] ?? '';
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})$/.exec(digits)?.slice(1).map(Number);
  return parts === undefined ? Number(digits) : Date.UTC(parts[0]!, parts[1]! - 1, ...parts.slice(2));
}

function typeormName(text: string): { name: string; time: number; at: { start: number; end: number } } | undefined {
  const own = /\bclass\s+(\w+?(\d{10,})?)\s+(?:extends\s+[\w.]+\s+)?(?:implements\b|\{)/.exec(text);
  const given = /^[^\S\n]*(?:public\s+|readonly\s+)*name\s*(?::\s*string\s*)?=\s*['"`](\w*?(\d{10,}))['"`]/m.exec(text);
  const found = given ?? own;
  if (!found?.[2]) return undefined;
  const start = found.index + found[0].indexOf(found[1]!);
  return { name: found[1]!, time: Number(found[2]), at: { start, end: start + found[1]!.length } };
}

/** Whether a folder's migrations are written for MySQL, SQLite or SQL Server: by its name (`migrations/sqlite`), or by what stands in them. */
export function foreignCode(tree: Tree, { dir, entries }: FoundSource): string | undefined {
  const named = namedDialect(dir.split('/').slice(-2).join('/'));
  if (named !== undefined) return named;
  const texts = entries.slice(0, 60).map(({ file }) => tree.text(file));
  if (texts.some((text) => POSTGRESQL.test(text))) return undefined;
  return texts.filter((text) => MYSQL.test(text)).length >= Math.max(1, texts.length * 0.2) ? 'MySQL, SQLite or SQL Server' : undefined;
}
