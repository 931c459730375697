import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What tells one state of a file from another. */
function stamp(path: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path);
    return `${mtimeMs}:${size}:${ino}`;
  } catch {
    // Gone; or there is a file now where its folder was.
    return '';
  }
}

/** How often the disk is looked at, as a multiple of what looking costs: at most a twentieth of the time. */
const PATIENCE = 20;
const SHORTEST_MS = 100;

/** Notices which of a set of files have changed, and whether files may have come or gone. */
export class Disk {
  private readonly stamps = new Map<string, string>();
  private readonly folders = new Map<string, string>();
  private next = 0;

  constructor(private readonly root: string) {}

  /**
   * Remembers the state of files, and of the folders that hold them.
   * @param files whose contents count, relative to the root
   * @param listed the files whose folders count
   */
  watch(files: Iterable<string>, listed: Iterable<string>): void {
    this.stamps.clear();
    this.folders.clear();
    for (const file of files) this.stamps.set(file, stamp(join(this.root, file)));
    for (const file of listed) {
      const path = join(this.root, file);
      for (let folder = dirname(path); !this.folders.has(folder) && folder.length >= this.root.length; folder = dirname(folder)) this.folders.set(folder, stamp(folder));
    }
    this.next = 0;
  }

  /**
   * What has changed since the last look. Looks seldom enough to cost little.
   * @returns the changed files; `listing` when files may have come or gone
   */
  changes(): { readonly files: readonly string[]; readonly listing: boolean } {
    const start = performance.now();
    if (start < this.next) return { files: [], listing: false };
    const files = [...this.stamps].filter(([file, before]) => stamp(join(this.root, file)) !== before).map(([file]) => file);
    const came = (file: string) => this.stamps.get(file) === '' || stamp(join(this.root, file)) === '';
    const listing = files.some(came) || [...this.folders].some(([folder, before]) => stamp(folder) !== before);
    for (const file of files) this.stamps.set(file, stamp(join(this.root, file)));
    const end = performance.now();
    this.next = end + Math.max(SHORTEST_MS, (end - start) * PATIENCE);
    return { files, listing };
  }
}
