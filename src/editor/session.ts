import { createHash } from 'node:crypto';
import { isAbsolute, relative } from 'node:path';
import { rules } from '../../rules/index.js';
import { FactsCache } from '../cache/index.js';
import { factsOf } from '../cache/parse.js';
import type { CachePlace } from '../cache/place.js';
import { check } from '../check/index.js';
import { activeRules } from '../check/levels.js';
import type { CheckResult } from '../check/types.js';
import { withFile } from '../commands/pipeline.js';
import { loadConfigNow } from '../config/load.js';
import type { Config, Level, PresetName } from '../config/types.js';
import { CONFIG_NAMES } from '../config/file.js';
import { TextContent } from '../discover/content.js';
import { discover } from '../discover/index.js';
import { listFiles } from '../discover/list.js';
import { readSource } from '../discover/read.js';
import type { Discovery } from '../discover/types.js';
import { entryOf } from '../entry.js';
import type { FileFacts, SourceFile } from '../facts/file.js';
import { link } from '../link/index.js';
import { OneFileLinker } from '../link/one-file.js';
import type { Project } from '../link/project.js';
import { UsageError } from '../errors.js';
import { parseFile } from '../parse/index.js';
import type { Finding } from '../rule.js';
import { limited, TooLong } from '../watch.js';
import { Disk } from './disk.js';

/** Which rules an editor has switched on, and the preset its configuration is made of. */
export interface Selection {
  readonly ids: ReadonlySet<string>;
  readonly preset?: PresetName;
  /** What work on one file may take, in seconds. */
  readonly fileTimeout?: number;
}

/** An editor does nothing else meanwhile. */
const FILE_SECONDS = 10;

interface Loaded {
  readonly config: Config;
  readonly discovery: Discovery;
  readonly sources: ReadonlyMap<string, SourceFile>;
  readonly files: Map<string, FileFacts>;
  /** Content hash of each file that was read. */
  readonly hashes: Map<string, string>;
}

/** Files that say what other files are: they are not linted, but a change of one changes the project. */
const GOVERNING = /(?:^|\/)(?:tenantlint\.config\.\w+|package\.json|[jt]sconfig[^/]*\.json|_journal\.json|migration_lock\.toml|sqitch\.plan|alembic\.ini|(?:drizzle|prisma|knexfile|mikro-orm)(?:\.config)?\.\w+)$/;

/** An editor asks about a file or two at a time: those are linked one by one. Who asks about more is going through the project, which is then linked as a whole. */
const ONE_BY_ONE = 20;

/**
 * One project, kept in memory between the files of a run or the key strokes of an editor. The disk is looked at again now and then;
 * the text at hand stands in for the file's own. What cannot be read elsewhere in the project takes nothing from this file's findings.
 */
export class Session {
  private readonly disk: Disk;
  private loaded: Loaded | undefined;
  /** The project as it is on disk, and what was found in it for a selection of rules. */
  private project: Project | undefined;
  private linker: OneFileLinker | undefined;
  /** The files that were asked about as they are on disk. */
  private readonly asked = new Set<string>();
  private readonly results = new Map<string, ReadonlyMap<string, readonly Finding[]>>();
  /** Files whose work took too long, with the content hash that they had on disk: they are left alone until they are saved anew. */
  private readonly endless = new Map<string, string | undefined>();

  /**
   * @param root absolute folder of the configuration, else the working folder
   * @param place where facts of files are kept from one run to the next, of the command line as well; absent: each file is parsed at the first lint
   */
  constructor(readonly root: string, private readonly place?: CachePlace) {
    this.disk = new Disk(root);
  }

  /**
   * What is found in one file.
   * @param file absolute path; it need not be on disk
   * @param text its text as the editor has it, without a byte order mark
   * @returns findings of this file alone; empty for a file that is no part of the project
   * @throws UsageError when the configuration cannot be used, or work on this file takes too long
   */
  lint(file: string, text: string, selection: Selection): readonly Finding[] {
    const path = relative(this.root, file).replaceAll('\\', '/');
    if (path.startsWith('../') || isAbsolute(path) || /(?:^|\/)(?:node_modules|\.git)\//.test(path)) return [];
    const seconds = selection.fileTimeout ?? FILE_SECONDS;
    for (;;) {
      const loaded = this.refreshed();
      for (const [each, hash] of this.endless) if (loaded.hashes.get(each) !== hash) this.endless.delete(each);
      if (this.endless.has(path)) throw new UsageError(`Work on ${path} did not come to an end within ${seconds} s: nothing in it is checked until it is saved anew. Exclude it (source.exclude), or give it longer by settings.tenantlint.fileTimeout.`);
      try {
        return limited(seconds, () => this.found(loaded, path, text, selection));
      } catch (error) {
        if (!(error instanceof TooLong) || !(loaded.files.has(error.file) || error.file === path)) throw error;
        this.leaveOut(loaded, error.file);
      }
    }
  }

  /** Goes on without a file; what was at work is thrown away. */
  private leaveOut(loaded: Loaded, path: string): void {
    this.endless.set(path, loaded.hashes.get(path));
    loaded.files.delete(path);
    this.forget();
  }

  private forget(): void {
    this.project = undefined;
    this.linker = undefined;
    this.results.clear();
  }

  private found(loaded: Loaded, path: string, text: string, selection: Selection): readonly Finding[] {
    const isSaved = loaded.hashes.get(path) === hashOf(text);
    if (isSaved && (this.project !== undefined || this.asked.add(path).size > ONE_BY_ONE)) return this.onDisk(loaded, selection).get(path) ?? [];
    const discovery = loaded.sources.has(path) ? loaded.discovery : withFile(loaded.discovery, path);
    const source = discovery.files.find((each) => each.path === path);
    if (source === undefined || (!loaded.sources.has(path) && readSource(this.root, path).text !== undefined)) return [];
    const facts = isSaved ? loaded.files.get(path)! : parseFile(source, text);
    const read = isSaved ? loaded.files : new Map(loaded.files).set(path, facts);
    const textOf = (each: string) => (each === path ? text : this.text(each));
    this.linker ??= new OneFileLinker({ config: loaded.config, discovery: loaded.discovery, read: loaded.files, outside: { text: (each) => this.text(each) } });
    const project = this.linker.link({ config: loaded.config, discovery, read, outside: { text: textOf } }, facts);
    return this.check(project, selection, textOf, new Set([path])).findings;
  }

  /** Changes whenever something changes that may change a finding of some file. @throws UsageError when the configuration cannot be used */
  fingerprint(): string {
    const { hashes, files } = this.refreshed();
    const hash = createHash('sha256');
    for (const [path, content] of [...hashes].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(`${path}\0${content}\0`);
    // A suppression that ends makes a finding appear without any edit.
    if ([...files.values()].some(({ directives }) => directives.some(({ reason }) => reason?.includes('until')))) hash.update(new Date().toISOString().slice(0, 10));
    return hash.digest('hex').slice(0, 16);
  }

  /** The configuration in force. @throws UsageError when it cannot be used */
  get config(): Config {
    return this.refreshed().config;
  }

  private text(path: string): string | undefined {
    return path.startsWith('..') ? undefined : readSource(this.root, path).text;
  }

  private onDisk(loaded: Loaded, selection: Selection): ReadonlyMap<string, readonly Finding[]> {
    const key = JSON.stringify([selection.preset, [...selection.ids].sort()]);
    let found = this.results.get(key);
    if (found === undefined) {
      const textOf = (path: string) => this.text(path);
      this.project ??= link(loaded.config, loaded.discovery, loaded.files, { text: textOf });
      const byFile = new Map<string, Finding[]>();
      for (const finding of this.check(this.project, selection, textOf).findings) byFile.set(finding.file, [...(byFile.get(finding.file) ?? []), finding]);
      found = byFile;
      this.results.set(key, found);
    }
    return found;
  }

  private check(project: Project, selection: Selection, text: (path: string) => string | undefined, focus?: ReadonlySet<string>): CheckResult {
    return check(project, { rules, settings: { levels: levelsOf(project, selection) }, cwd: this.root, text, ...(focus && { focus }) });
  }

  private refreshed(): Loaded {
    if (this.loaded === undefined) return this.load();
    const { files, listing } = this.disk.changes();
    if (files.length === 0 && !listing) return this.loaded;
    return listing || files.some((file) => !isCodeOf(this.loaded!.sources.get(file))) ? this.load(this.loaded) : this.read(this.loaded, files);
  }

  /** Lists the project again; what has not changed is not parsed again. */
  private load(before?: Loaded): Loaded {
    const config = loadConfigNow({ cwd: this.root, rules });
    const discovery = discover(config, this.root, []);
    const loaded: Loaded = {
      config, discovery, sources: new Map(discovery.files.map((source) => [source.path, source])), files: new Map(), hashes: new Map(),
    };
    const listed = listFiles(this.root).files;
    const governing = listed.filter((path) => GOVERNING.test(path));
    for (const path of governing) loaded.hashes.set(path, hashOf(this.text(path) ?? ''));
    // The state is noted before the reading: what changes meanwhile is read again.
    const own = discovery.files.map(({ path }) => path);
    this.disk.watch([...own, ...governing, ...CONFIG_NAMES], [...own, ...listed]);
    return this.read(loaded, own, before);
  }

  private read(loaded: Loaded, paths: readonly string[], before?: Loaded): Loaded {
    this.forget();
    // What changes later is little, and may change again with the next key stroke.
    const cache = this.loaded === undefined && this.place ? new FactsCache(this.place) : undefined;
    for (const path of paths) {
      const source = loaded.sources.get(path);
      const text = source && this.text(path);
      if (source === undefined || text === undefined) continue;
      const hash = hashOf(text);
      loaded.hashes.set(path, hash);
      if (this.endless.get(path) === hash) continue;
      const known = before?.hashes.get(path) === hash && before.files.has(path) && JSON.stringify(before.sources.get(path)) === JSON.stringify(source);
      loaded.files.set(path, known ? before.files.get(path)! : factsOf(source, new TextContent(text), cache));
    }
    cache?.save();
    this.loaded = loaded;
    return loaded;
  }
}

function hashOf(text: string): string {
  return createHash('sha1').update(text).digest('base64');
}

/** Whether a change of a file can leave what other files are (migration, model, query) as it was. */
function isCodeOf(source: SourceFile | undefined): boolean {
  return source?.role.type === 'source';
}

/**
 * A rule runs when the editor has it on, unless the project's own configuration has it off. The rules about row-level security wait for
 * row-level security to be used, as they do on the command line, unless they were asked for by a preset.
 */
function levelsOf(project: Project, { ids, preset }: Selection): Map<string, Level> {
  const { config } = project;
  const waiting = preset === undefined ? undefined : new Set(activeRules(rules, { ...project, config: { ...config, preset } }, {}).map(({ rule }) => rule.id));
  return new Map(rules.map(({ id, rlsLevel, level }): [string, Level] => {
    const waits = waiting !== undefined && rlsLevel !== undefined && level === 'off' && !waiting.has(id);
    return [id, ids.has(id) && !waits && entryOf(config.rules, id)?.level !== 'off' ? 'error' : 'off'];
  }));
}
