import { posix } from 'node:path';
import { jsonOf } from '../config/json.js';
import type { Tree } from './tree.js';

/** What the configuration of Prisma or Drizzle names, as paths from the root. */
export interface ToolConfig {
  readonly tool: 'prisma' | 'drizzle';
  /** A file or a folder of .prisma files. */
  readonly schema?: string;
  readonly migrations?: string;
  readonly dialect?: string;
}

/**
 * Reads prisma.config.*, drizzle.config.* and the key `prisma` of package.json. They may be code, which is never executed:
 * only what stands there as a literal is read.
 * @see Prisma manual, "Prisma config"; Drizzle manual, "Drizzle Kit configuration file"
 */
export function toolConfigs(tree: Tree): ToolConfig[] {
  return tree.files.flatMap((path): ToolConfig[] => {
    const name = posix.basename(path);
    if (name === 'package.json') return prismaOfPackage(path, tree.text(path));
    if (/^prisma(?:[.-]\w+)?\.config\.[cm]?[jt]s$/.test(name)) return [prismaConfig(path, withoutComments(tree.text(path)))];
    if (/^drizzle(?:[.-]\w+)?\.config\.(?:[cm]?[jt]s|json)$/.test(name)) return [drizzleConfig(path, withoutComments(tree.text(path)))];
    return [];
  });
}

function prismaOfPackage(path: string, text: string): ToolConfig[] {
  if (!text.includes('"prisma"')) return [];
  const schema = (jsonOf(text) as { prisma?: { schema?: unknown } } | undefined)?.prisma?.schema;
  return typeof schema === 'string' ? [{ tool: 'prisma', schema: fromFolderOf(path, schema) }] : [];
}

function prismaConfig(path: string, text: string): ToolConfig {
  const schema = literal(text, 'schema');
  const folder = /\bmigrations\s*:\s*\{([^}]*)\}/.exec(text)?.[1];
  const migrations = folder === undefined ? undefined : literal(folder, 'path');
  return {
    tool: 'prisma',
    ...(schema !== undefined && { schema: fromFolderOf(path, schema) }),
    ...(migrations !== undefined && { migrations: fromFolderOf(path, migrations) }),
  };
}

function drizzleConfig(path: string, text: string): ToolConfig {
  const out = literal(text, 'out');
  const dialect = literal(text, 'dialect');
  return { tool: 'drizzle', migrations: fromFolderOf(path, out ?? 'drizzle'), ...(dialect !== undefined && { dialect }) };
}

function withoutComments(text: string): string {
  return text.replace(/\/\*(?:[\s\S]*?\*\/|[\s\S]*$(?![\s\S]))|(?<![:'"`\w])\/\/.*$/gm, '');
}

/** The text after a key: a string, or the strings that path.join or path.resolve puts together. */
function literal(text: string, key: string): string | undefined {
  const found = new RegExp(`["']?\\b${key}["']?\\s*:\\s*(?:(['"\`])([^'"\`$\\n]+)\\1|(?:\\w+\\.)?(?:join|resolve)\\(([^()]*)\\))`).exec(text);
  if (!found) return undefined;
  if (found[2] !== undefined) return found[2];
  const parts = found[3]!.split(',').map((part) => part.trim()).filter((part) => part !== '' && part !== '__dirname' && part !== 'import.meta.dirname');
  const texts = parts.map((part) => /^(['"`])([^'"`$]+)\1$/.exec(part)?.[2]);
  return texts.length > 0 && texts.every((part) => part !== undefined) ? texts.join('/') : undefined;
}

function fromFolderOf(path: string, named: string): string {
  return posix.normalize(posix.join(posix.dirname(path), named)).replace(/\/$/, '');
}
