import { posix, relative, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { rules } from '../../rules/index.js';
import type { FactsCache } from '../cache/index.js';
import { check } from '../check/index.js';
import type { Settings } from '../check/levels.js';
import type { CheckResult } from '../check/types.js';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/types.js';
import { discover } from '../discover/index.js';
import { codeLanguage, languageOf } from '../discover/language.js';
import type { Discovery } from '../discover/types.js';
import { WORKING_COPY, type FileView } from '../discover/view.js';
import type { FileFacts, SourceFile } from '../facts/file.js';
import type { Notice } from '../facts/location.js';
import { link } from '../link/index.js';
import type { Project } from '../link/project.js';
import { parseFile } from '../parse/index.js';
import { schemaFiles } from '../parse/schema-files.js';
import { projectTypes } from './project-types.js';

export interface ProjectRequest {
  /** Absolute working folder. */
  readonly cwd: string;
  /** `--config`. */
  readonly configFile?: string;
  readonly paths: readonly string[];
  /** Text that stands in for a file's, as an editor has it; the path is relative to `cwd`. */
  readonly overlay?: { readonly file: string; readonly text: string };
  /** Where files are read from; default: the working copy. */
  readonly view?: FileView;
  /** `--types`: what the code does not tell, the project's compiler is asked. */
  readonly types?: boolean;
  /** Migrations and models are all that is asked about: application code that can hold neither is not read. */
  readonly schemaOnly?: boolean;
  /** The facts that are known of files of the project with this root; absent: every file is parsed. */
  readonly cache?: (root: string) => FactsCache | undefined;
  /** Told after each file. */
  readonly progress?: (done: number, total: number) => void;
}

/** A linked project, and the texts it was made from. */
export interface LoadedProject {
  readonly project: Project;
  readonly config: Config;
  /** The files the user asked about, relative to the project's root; absent: all. */
  readonly focus?: ReadonlySet<string>;
  /** Text by path relative to the project's root. */
  readonly text: (file: string) => string | undefined;
  /** Milliseconds by stage, for `--debug`. */
  readonly timings: Readonly<Record<string, number>>;
}

const BREATHE_EVERY_MS = 50;

/**
 * Reads a project: config, files, facts, links.
 * @throws UsageError when the config or a path cannot be used
 */
export async function loadProject(request: ProjectRequest): Promise<LoadedProject> {
  const timings: Record<string, number> = {};
  const timed = async <T>(stage: string, work: () => T | Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work();
    timings[stage] = performance.now() - start;
    return result;
  };
  const configured = await timed('config', () => loadConfig({
    cwd: request.cwd, paths: request.paths, rules, ...(request.configFile === undefined ? {} : { file: request.configFile }),
  }));
  const view = request.view ?? WORKING_COPY;
  const found = await timed('discover', () => discover(configured, request.cwd, request.paths, view));
  // Without a config the root is known only now: a folder that was named, or the project it is a part of.
  const config = { ...configured, root: found.root };
  const overlay = overlayOf(request, config.root);
  const discovery = overlay === undefined ? found : withFile(found, overlay.file);
  const texts = new Map<string, string>();
  const { files, notices } = await timed('parse', () => parseAll(discovery, { ...request, view, overlay }, texts));
  const text = (file: string): string | undefined => texts.get(file) ?? view.read(config.root, file).text;
  const inside = (file: string): string | undefined => (file.startsWith('..') ? undefined : text(file));
  const typed = request.types === true ? await timed('types', () => projectTypes(config.root, inside)) : undefined;
  const all = [...discovery.notices, ...notices, ...typed?.notices ?? []];
  const project = await timed('link', () => link(config, { ...discovery, notices: all }, files, { text: inside, ...(typed && { types: typed.types }) }, request));
  return { project, config, timings, ...(found.focus && { focus: new Set(found.focus) }), text };
}

/** Runs the rules over a loaded project. */
export function checkProject(loaded: LoadedProject, cwd: string, settings: Settings, focus = loaded.focus): CheckResult {
  return check(loaded.project, { rules, settings, cwd, text: loaded.text, ...(focus === undefined ? {} : { focus }) });
}

/** What decides on how files are read; the path of the overlay is that of the project. */
type Reading = Pick<ProjectRequest, 'schemaOnly' | 'progress' | 'cache'> & { readonly view: FileView; readonly overlay: ProjectRequest['overlay'] };

async function parseAll(discovery: Discovery, { view, overlay, schemaOnly, progress, cache: cacheOf }: Reading, texts: Map<string, string>): Promise<{ files: Map<string, FileFacts>; notices: Notice[] }> {
  const files = new Map<string, FileFacts>();
  const notices: Notice[] = [];
  const read = (path: string): string | undefined => {
    const { text, notices: own } = path === overlay?.file ? { text: overlay.text, notices: [] } : view.read(discovery.root, path);
    notices.push(...own);
    if (text !== undefined) texts.set(path, text);
    return text;
  };
  const wanted = schemaOnly === true ? schemaFiles(discovery.files, read) : discovery.files;
  const cache = cacheOf?.(discovery.root);
  let breath = performance.now();
  for (const [index, source] of wanted.entries()) {
    const text = texts.get(source.path) ?? read(source.path);
    if (text !== undefined) files.set(source.path, factsOf(source, text, cache));
    progress?.(index + 1, wanted.length);
    if (performance.now() - breath > BREATHE_EVERY_MS) {
      // Lets signals and other work through: parsing is synchronous.
      await setImmediate();
      breath = performance.now();
    }
  }
  cache?.save();
  return { files, notices };
}

function factsOf(source: SourceFile, text: string, cache: FactsCache | undefined): FileFacts {
  const known = cache?.get(source, text);
  if (known !== undefined) return known;
  const facts = parseFile(source, text);
  cache?.add(source, text, facts);
  return facts;
}

function overlayOf({ overlay, cwd }: ProjectRequest, root: string): { file: string; text: string } | undefined {
  return overlay === undefined ? undefined : { file: relative(root, resolve(cwd, overlay.file)).replaceAll('\\', '/'), text: overlay.text };
}

/** Adds a file that is not on disk yet: a member of the migration folder it names, else by its kind alone. */
export function withFile(discovery: Discovery, path: string): Discovery {
  if (discovery.files.some((file) => file.path === path)) return discovery;
  const index = discovery.sources.findIndex((each) => path.startsWith(`${each.dir}/`) && isMember(each, path));
  const source = discovery.sources[index];
  const language = languageOf(path);
  const isProgram = language !== 'sql' && language !== 'prisma';
  const role: SourceFile['role'] = language === 'prisma' ? { type: 'model' } : isProgram && source === undefined ? { type: 'source' }
    : { type: 'migration', kind: source?.kind ?? 'sql', source: source === undefined ? discovery.sources.length : index, direction: 'up' };
  const files = [...discovery.files, { path, language, role } as const];
  if (role.type !== 'migration') return { ...discovery, files };
  const entry = { id: path, file: path };
  const sources = source === undefined
    ? [...discovery.sources, { kind: 'sql', dir: '.', transaction: 'none', entries: [entry], faults: [] } as const]
    : discovery.sources.map((each) => (each === source ? { ...each, entries: [...each.entries, entry] } : each));
  return { ...discovery, files, sources };
}

/** A program in a folder of SQL migrations is none of them, nor the other way round; beside a migration in code, helpers lie in folders of their own. */
function isMember({ entries }: Discovery['sources'][number], path: string): boolean {
  const isProgram = (file: string) => codeLanguage(file) !== undefined;
  if (!isProgram(path)) return entries.length === 0 || entries.some(({ file }) => !isProgram(file));
  return entries.some(({ file }) => codeLanguage(file) === codeLanguage(path) && posix.dirname(file) === posix.dirname(path));
}
