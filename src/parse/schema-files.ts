import { posix } from 'node:path';
import type { SourceFile } from '../facts/file.js';

/** Packages that declare tables in code. A module that declares one names such a package, or another module that does. */
const DECLARES = /(?:['"`]|\b(?:from|import)\s+)[@\w./-]*(?:drizzle|typeorm|mikro-orm|sequelize|sqlalchemy|sqlmodel|advanced_alchemy|django)/i;

/** What a module of TypeScript or JavaScript writes to declare a table, a column, a relation or a policy, and nothing else. */
const DECLARATION = /\b(?:pg(?:Table|TableCreator|Schema|View|MaterializedView|Enum|Policy|Role)|(?:sqlite|mysql)Table(?:Creator)?|defineRelations|EntitySchema)\s*[(<]/;
/** Words that mean it only beside one of those packages. */
const BESIDE = /\b(?:relations|defineEntity|DataTypes?)\b|@[A-Z]\w*\b|\.define\(|\bextends\s+Model\b/;

/** Modules of a package or of a folder, by what the end of their path is. */
const ENDS = ['', '/index', '/src/index', '/src'];

const isCode = ({ language }: SourceFile): boolean => language !== 'sql' && language !== 'prisma';
const isScript = ({ language }: SourceFile): boolean => language === 'typescript' || language === 'javascript';

/**
 * The files that may say something of the schema: where code declares none, code is left out. Of TypeScript and JavaScript only the modules that declare
 * something, or call or extend what such a module exports, and what these import.
 * @param read the text of a file; undefined when it cannot be had
 */
export function schemaFiles(files: readonly SourceFile[], read: (path: string) => string | undefined): readonly SourceFile[] {
  const isPart = (file: SourceFile): boolean => file.role.type === 'migration' || file.role.type === 'model';
  const inCode = files.some((file) => isCode(file) && (isPart(file) || DECLARES.test(read(file.path) ?? '')));
  if (!inCode) return files.filter((file) => !isCode(file));
  const scripts = new Map(files.filter(isScript).map(({ path }) => [path, read(path) ?? '']));
  const declaring = declaringModules(scripts, files.filter((file) => isScript(file) && isPart(file)).map(({ path }) => path));
  const wanted = withImports(declaring, scripts);
  return files.filter((file) => !isScript(file) || wanted.has(file.path));
}

/** Modules that declare something, and those that make something of what these export: a base class, a function that makes tables. */
function declaringModules(scripts: ReadonlyMap<string, string>, parts: readonly string[]): Set<string> {
  const found = new Set([...parts, ...[...scripts].filter(([, text]) => DECLARATION.test(text) || (BESIDE.test(text) && DECLARES.test(text))).map(([path]) => path)]);
  const names = new Set<string>();
  for (let fresh = [...found]; fresh.length > 0;) {
    for (const path of fresh) for (const [, name] of scripts.get(path)!.matchAll(/\bexport\s+(?:default\s+)?(?:abstract\s+)?(?:const|let|function|class)\s+([\w$]+)/g)) names.add(name!);
    fresh = [...scripts].filter(([path, text]) => !found.has(path) && makesFrom(text, names)).map(([path]) => path);
    for (const path of fresh) found.add(path);
  }
  return found;
}

/** Whether a module exports what a call of one of these names gives, or a class that extends one of them. */
function makesFrom(text: string, names: ReadonlySet<string>): boolean {
  for (const [, called, base] of text.matchAll(/\bexport\s+(?:const\s+[\w$]+\s*=\s*([\w$]+)(?:\.\w+)*\s*\(|(?:default\s+)?(?:abstract\s+)?class\s+[\w$]+\s+extends\s+([\w$]+))/g)) {
    if (names.has(called ?? base!)) return true;
  }
  return false;
}

/** Modules with what they import, and what that imports from beside it. An import by an alias or of a package of the project is found by the end of its path. */
function withImports(modules: ReadonlySet<string>, scripts: ReadonlyMap<string, string>): Set<string> {
  const byEnd = new Map<string, string[]>();
  for (const path of scripts.keys()) {
    const segments = path.replace(/\.d\.ts$|\.[cm]?[jt]sx?$/, '').split('/');
    for (let length = 1; length <= segments.length; length += 1) {
      const end = segments.slice(-length).join('/');
      const known = byEnd.get(end);
      if (known === undefined) byEnd.set(end, [path]);
      else known.push(path);
    }
  }
  const found = new Set(modules);
  const waiting = [...modules];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    for (const [, specifier] of scripts.get(path)!.matchAll(/(?:\bfrom|\bimport|\brequire|\bimport\s*\()\s*\(?\s*['"`]([^'"`\n]+)['"`]/g)) {
      if (!modules.has(path) && !specifier!.startsWith('.')) continue;
      for (const next of resolved(specifier!, path, byEnd)) if (!found.has(next)) waiting.push(found.add(next) && next);
    }
  }
  return found;
}

function resolved(specifier: string, from: string, byEnd: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const bare = specifier.replace(/\.[cm]?[jt]sx?$/, '');
  if (bare.startsWith('.')) {
    const target = posix.join(posix.dirname(from), bare);
    return ENDS.flatMap((end) => (byEnd.get(posix.basename(target) + end) ?? []).filter((path) => path.startsWith(`${target}${end}.`)));
  }
  const isAlias = /^[@~#]/.test(bare);
  const segments = bare.replace(/^[@~#]\/?/, '').split('/');
  // The longest end that a module has; a package's own name may be left out (`@scope/db/schema`), what is left by then is a folder.
  for (let skip = 0; skip < segments.length; skip += 1) {
    const isLast = skip === segments.length - 1;
    if (isLast && !isAlias) return [];
    const found = (isLast && skip > 0 ? ENDS.slice(1) : ENDS).flatMap((end) => byEnd.get(segments.slice(skip).join('/') + end) ?? []);
    if (found.length > 0) return found;
  }
  return [];
}
