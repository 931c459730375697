import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkProject, loadProject } from '../../src/commands/pipeline.js';
import { walk } from '../../src/discover/list.js';
import { readSource } from '../../src/discover/read.js';
import type { FileView } from '../../src/discover/view.js';
import { UsageError } from '../../src/errors.js';
import { FORMATS } from '../../src/report/types.js';
import { report } from '../../src/report/index.js';
import { rules } from '../../rules/index.js';
import { tenantlint } from '../command-line.js';
import type { Seed } from './corpus.js';
import { INNOCENT, SHARED_CONFIG } from './innocent.js';
import type { Input } from './input.js';
import { problemsOf, problemsOfReport, thrown, type Problem } from './properties.js';
import { problemsOfReading } from './reading.js';

type Files = ReadonlyMap<string, string | Buffer>;

/** Processor time that one input may take; a small project takes some milliseconds. */
const MOST_CPU_MS = 5000;
/** The other inputs are read only, without a project around them. */
const WHOLE_EVERY = 4;
const COMMAND_EVERY = 12;
const TWICE_EVERY = 7;
const BESIDE_EVERY = 9;
const INNOCENT_EVERY = 100;

/** Tries inputs, one project folder a seed: only what an input changes is written anew. */
export class Bench {
  private readonly folders = new Map<string, string>();
  private readonly listings = new Map<string, readonly string[]>();
  private readonly golden = new Map<string, string>();
  private readonly root: string;

  /** @param parent a folder, in memory where there is one */
  constructor(parent: string) {
    this.root = mkdtempSync(join(parent, 'tenantlint-fuzz-'));
  }

  /** Removes what was written. */
  close(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** Runs one input. @returns what must not be; empty: all is well */
  async problems({ index, seed, changed }: Input): Promise<Problem[]> {
    const before = process.cpuUsage();
    const found = index % WHOLE_EVERY === 0 ? await this.examine(index / WHOLE_EVERY, seed, changed) : [...changed].flatMap(([path, content]) => problemsOfReading(path, content));
    const { user, system } = process.cpuUsage(before);
    if ((user + system) / 1000 > MOST_CPU_MS) found.push({ key: `slow: ${[...changed.keys()].join(', ')}`, words: `${Math.round((user + system) / 1000)} ms of processor time` });
    return found;
  }

  private async examine(index: number, seed: Seed, changed: Files): Promise<Problem[]> {
    const found: Problem[] = [];
    const first = await this.with(seed.name, seed.files, changed, (folder) => this.run(folder, found));
    if (index % TWICE_EVERY === 0 && await this.with(seed.name, seed.files, changed, (folder) => this.run(folder, found, true)) !== first) found.push({ key: 'another report for the same input', words: first });
    if (index % COMMAND_EVERY === 0 || [...changed.keys()].some((path) => path.includes('baseline'))) await this.with(seed.name, seed.files, changed, (folder) => command(folder, index, found));
    if (index % BESIDE_EVERY === 0) await this.beside(seed, changed, found);
    if (index % INNOCENT_EVERY === 0) await this.after(found);
    return found;
  }

  /** The report of a project as JSON; what is no report is its message. */
  private async run(folder: string, found: Problem[], reversed = false): Promise<string> {
    const files = this.listings.get(folder)!;
    const view: FileView = { list: () => ({ files: reversed ? files.toReversed() : files, notices: [] }), read: readSource, hasIgnored: true };
    try {
      const loaded = await loadProject({ cwd: folder, paths: [], view });
      const result = checkProject(loaded, folder, { preset: 'strict' });
      found.push(...problemsOf(loaded, result));
      return report('json', result, { rules, version: '', color: false, quiet: false, milliseconds: 0, text: loaded.text, page: () => undefined });
    } catch (error) {
      if (!(error instanceof UsageError)) found.push(thrown('pipeline', error));
      return String(error);
    }
  }

  /** What stands in another part of one project is judged as if the input were not there. */
  private async beside(seed: Seed, changed: Files, found: Problem[]): Promise<void> {
    const moved = (files: Files, app: string): [string, string | Buffer][] => [...files].map(([path, text]) => [`apps/${app}/${path}`, text]);
    const files: Files = new Map([['tenantlint.config.json', SHARED_CONFIG], ...moved(INNOCENT, 'zebra'), ...moved(seed.files, 'case'), ['apps/case/migrations/0000_none.sql', 'create table lion (id int primary key);\n']]);
    const name = `beside ${seed.name}`;
    const own = (text: string): string => JSON.stringify((JSON.parse(text) as { findings: { file: string }[] }).findings.filter(({ file }) => file.startsWith('apps/zebra/')), null, 1);
    if (!this.golden.has(name)) this.golden.set(name, own(await this.with(name, files, new Map(), (folder) => this.run(folder, found))));
    const text = await this.with(name, files, new Map(moved(changed, 'case')), (folder) => this.run(folder, found));
    if (text.startsWith('{') && own(text) !== this.golden.get(name)) found.push({ key: 'other findings for the part of the project beside it', words: `${this.golden.get(name)!}\n${own(text)}` });
  }

  /** What is checked afterwards in the same process is judged as before. */
  private async after(found: Problem[]): Promise<void> {
    const text = await this.with('zebra', INNOCENT, new Map(), (folder) => this.run(folder, found));
    const known = this.golden.get('zebra') ?? text;
    this.golden.set('zebra', known);
    if (text !== known) found.push({ key: 'other findings for a project checked afterwards', words: `${known}\n${text}` });
  }

  private async with<T>(name: string, files: Files, changed: Files, work: (folder: string) => Promise<T>): Promise<T> {
    const folder = this.folders.get(name) ?? mkdtempSync(join(this.root, 'case-'));
    if (!this.folders.has(name)) for (const [path, text] of files) write(folder, path, text);
    this.folders.set(name, folder);
    this.listings.set(folder, [...new Set([...files.keys(), ...changed.keys()])].sort());
    for (const [path, text] of changed) write(folder, path, text);
    try {
      return await work(folder);
    } finally {
      for (const path of changed.keys()) {
        const original = files.get(path);
        if (original === undefined) rmSync(join(folder, path), { force: true });
        else write(folder, path, original);
      }
    }
  }
}

/** The command line in one of its formats, from listing the disk on. */
async function command(folder: string, index: number, found: Problem[]): Promise<void> {
  const format = FORMATS[Math.floor(index / COMMAND_EVERY) % FORMATS.length]!;
  if (walk(folder).files.length === 0) return;
  const outcome = await tenantlint(folder, ['check', '--format', format, '--preset', 'strict']);
  found.push(...problemsOfReport(format, outcome));
}

function write(folder: string, path: string, text: string | Buffer): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
