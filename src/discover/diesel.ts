import { posix } from 'node:path';
import { duplicateFault } from './found.js';
import type { FoundSource } from './found.js';
import { compareNames, compareText, versionOf } from './order.js';
import type { Tree } from './tree.js';
import { within } from './tree.js';

/** Folders of numbered folders that hold an `up.sql` each, as Diesel and others lay migrations out. */
export function dieselFolders(tree: Tree, isFree: (path: string) => boolean): string[] {
  const folders = new Set<string>();
  for (const path of tree.files) {
    const own = posix.dirname(path);
    if (posix.basename(path) === 'up.sql' && own !== '.' && versionOf(posix.basename(own)) !== undefined && isFree(path)) folders.add(posix.dirname(own));
  }
  return [...folders].sort(compareText);
}

/** One such folder, in the order of the names, `down.sql` beside each. Diesel runs each in a transaction (Diesel documentation, "Configuring Diesel CLI"). */
export function dieselSource(tree: Tree, dir: string): FoundSource {
  const names = [...tree.folders.keys()].filter((folder) => folder !== '.' && posix.dirname(folder) === dir && tree.has(within(folder, 'up.sql'))).map((folder) => posix.basename(folder)).sort(compareNames);
  const faults: FoundSource['faults'][number][] = [];
  const seen = new Map<string, string>();
  const entries = names.map((name) => {
    const [file, down] = [within(within(dir, name), 'up.sql'), within(within(dir, name), 'down.sql')];
    const version = versionOf(name);
    const other = version && seen.get(version.text);
    if (other !== undefined && !version!.isDay) faults.push(duplicateFault(file, other, version!.text));
    else if (version) seen.set(version.text, file);
    return { id: version?.text ?? name, file, ...(tree.has(down) && { down }) };
  });
  return { kind: 'sql', dir, entries, faults, notices: [], loneDowns: [], unused: [], ...(isDiesel(tree, dir) && { transaction: 'file' as const }) };
}

function isDiesel(tree: Tree, dir: string): boolean {
  for (let folder = dir; ; folder = posix.dirname(folder)) {
    if (tree.has(within(folder, 'diesel.toml'))) return true;
    if (folder === '.' || folder === '/') return false;
  }
}
