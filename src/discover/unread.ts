import { posix } from 'node:path';
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
    const tool = toolOf(tree, folder, names);
    if (tool) found.push(noticeAt(folder, 0, `${tool} migrations are not read by this version`));
  }
  return found;
}

function toolOf(tree: Tree, folder: string, names: readonly string[]): string | undefined {
  const base = posix.basename(posix.resolve(tree.root, folder));
  if (base !== 'migrations' && base !== 'migration') return undefined;
  const scripts = names.filter((name) => /\.[cm]?[jt]s$/.test(name) && !name.endsWith('.d.ts'));
  const numbered = scripts.find((name) => /^\d{8,}[-_]/.test(name));
  if (numbered === undefined) return undefined;
  const text = tree.text(within(folder, numbered));
  if (/\bKysely\b/i.test(text)) return 'Kysely';
  if (/\bpgm\b|node-pg-migrate/.test(text)) return 'node-pg-migrate';
  return undefined;
}
