import { posix, relative, resolve } from 'node:path';
import { rules } from '../../rules/index.js';
import { FactsCache } from '../cache/index.js';
import { factsOf, parseAll } from '../cache/parse.js';
import type { CachePlace } from '../cache/place.js';
import type { Threads } from '../cache/together.js';
import { check } from '../check/index.js';
import type { Settings } from '../check/levels.js';
import type { CheckResult } from '../check/types.js';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/types.js';
import { TextContent, type Content } from '../discover/content.js';
import { discover } from '../discover/index.js';
import { codeLanguage, languageOf } from '../discover/language.js';
import { noticeAt } from '../discover/read.js';
import type { Discovery } from '../discover/types.js';
import { WORKING_COPY, type FileView } from '../discover/view.js';
import type { FileFacts, SourceFile } from '../facts/file.js';
import type { Notice } from '../facts/location.js';
import { link } from '../link/index.js';
import type { Memory } from '../link/parts.js';
import type { Project } from '../link/project.js';
import { schemaFiles } from '../parse/schema-files.js';
import { watchCode } from './looked-at.js';
import { projectTypes, type CompilerAnswers } from './project-types.js';

export interface ProjectRequest {
  /** Absolute working folder. */
  readonly cwd: string;
  /** `--config`. */
  readonly configFile?: string;
  /** `--pg-version`; absent: the configured one. */
  readonly pgVersion?: number;
  /** False: a configuration that is code is refused instead of run. Default: true. */
  readonly allowConfigCode?: boolean;
  readonly paths: readonly string[];
  /** Text that stands in for a file's, as an editor has it; the path is relative to `cwd`. */
  readonly overlay?: { readonly file: string; readonly text: string };
  /** Where files are read from; default: the working copy. */
  readonly view?: FileView;
  /** `--types`: what the code does not tell, the project's compiler is asked. */
  readonly types?: boolean;
  /** Migrations and models are all that is asked about: application code that can hold neither is not read. */
  readonly schemaOnly?: boolean;
  /** Where facts of the project with this root are kept from run to run; absent: every file is parsed. */
  readonly cache?: (root: string) => CachePlace | undefined;
  /** The threads that parse; absent: this one alone. */
  readonly threads?: Threads;
  /** Files, relative to the root, that are not read: work on them did not come to an end. */
  readonly endless?: ReadonlySet<string>;
  /** Told after each file. */
  readonly progress?: (done: number, total: number) => void;
}

const ENDLESS = 'was not read: work on it did not come to an end in time; exclude it, or give it longer by --file-timeout';

/** A project whose files were found and read. */
export interface ReadProject {
  readonly request: ProjectRequest;
  readonly config: Config;
  readonly discovery: Discovery;
  /** The files that are to be parsed, and what those hold that could be read. */
  readonly wanted: readonly SourceFile[];
  readonly contents: ReadonlyMap<string, Content>;
  /** What is kept of them from earlier runs. */
  readonly cache: FactsCache | undefined;
  /** What was wrong with their bytes. */
  readonly notices: readonly Notice[];
  /** Text by path relative to the project's root; also of files that are not among the wanted. */
  readonly text: (file: string) => string | undefined;
  /** Milliseconds by stage, for `--debug`. */
  readonly timings: Record<string, number>;
}

/** A linked project, and the texts it was made from. */
export interface LoadedProject extends Pick<ReadProject, 'config' | 'text'> {
  readonly project: Project;
  /** The files the user asked about, relative to the project's root; absent: all. */
  readonly focus?: ReadonlySet<string>;
  readonly timings: Readonly<Record<string, number>>;
}

/**
 * Reads a project: config, files, facts, links.
 * @throws UsageError when the config or a path cannot be used
 */
export async function loadProject(request: ProjectRequest): Promise<LoadedProject> {
  return linkProject(await readProject(request));
}

/**
 * Finds the files of a project and reads them.
 * @throws UsageError when the config or a path cannot be used
 */
export async function readProject(request: ProjectRequest): Promise<ReadProject> {
  const timings: Record<string, number> = {};
  const configured = await timed(timings, 'config', () => loadConfig({
    cwd: request.cwd, paths: request.paths, rules, allowCode: request.allowConfigCode ?? true, ...(request.configFile === undefined ? {} : { file: request.configFile }),
  }));
  const view = request.view ?? WORKING_COPY;
  const found = await timed(timings, 'discover', () => discover(configured, request.cwd, request.paths, view));
  // Without a config the root is known only now: a folder that was named, or the project it is a part of.
  const config = { ...configured, root: found.root, ...(request.pgVersion === undefined ? {} : { pgVersion: request.pgVersion }) };
  const overlay = overlayOf(request, config.root);
  const discovery = overlay === undefined ? found : withFile(found, overlay.file);
  const place = request.cache?.(discovery.root);
  const cache = place && new FactsCache(place);
  const contents = new Map<string, Content>();
  const notices: Notice[] = [];
  const read = (path: string): string | undefined => {
    const known = contents.get(path);
    if (known !== undefined) return known.text;
    const { text, notices: own } = request.endless?.has(path) === true ? { notices: [noticeAt(path, 0, ENDLESS)] } : path === overlay?.file ? { text: overlay.text, notices: [] } : view.read(discovery.root, path);
    notices.push(...own);
    if (text !== undefined) contents.set(path, new TextContent(text));
    return text;
  };
  /** What is known without being read is read when somebody asks for it. */
  const find = (source: SourceFile): void => {
    const content = request.endless?.has(source.path) === true ? undefined : view.content?.(discovery.root, source.path);
    if (content !== undefined && cache?.has(source, content) === true) contents.set(source.path, content);
    else read(source.path);
  };
  const wanted = await timed(timings, 'read', () => {
    const files = request.schemaOnly === true ? schemaFiles(discovery.files, read) : discovery.files;
    for (const source of files) if (!contents.has(source.path)) find(source);
    return files;
  });
  return { request, config, discovery, wanted, contents, cache, notices, timings, text: (file) => contents.get(file)?.text ?? view.read(config.root, file).text };
}

/**
 * Parses and links a project that was read.
 * @param look told of each file whose code is looked into
 * @param memory what is known of earlier runs
 */
export async function linkProject(read: ReadProject, look?: (file: string) => void, memory?: Memory): Promise<LoadedProject> {
  const { config, timings, request } = read;
  const files = await timed(timings, 'parse', () => parseAll(contentsOf(read), { cache: read.cache, threads: request.threads, progress: request.progress }));
  if (look !== undefined) watchCode(files, look);
  const typed = request.types === true ? await timed(timings, 'types', () => projectTypes(config.root, inside(read))) : undefined;
  return { ...loadedOf(read), project: await timed(timings, 'link', () => linkFiles(read, files, typed, memory)) };
}

/** A project that was read, linked once its facts are asked for. */
export function linkedLater(read: ReadProject): LoadedProject {
  let linked: Project | undefined;
  return {
    ...loadedOf(read),
    get project() {
      return linked ??= linkFiles(read, new Map(contentsOf(read).map(([source, content]) => [source.path, factsOf(source, content, read.cache)])));
    },
  };
}

function loadedOf({ config, discovery, text, timings }: ReadProject): Omit<LoadedProject, 'project'> {
  return { config, timings, text, ...(discovery.focus && { focus: new Set(discovery.focus) }) };
}

async function timed<T>(timings: Record<string, number>, stage: string, work: () => T | Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  timings[stage] = performance.now() - start;
  return result;
}

function inside({ text }: ReadProject): (file: string) => string | undefined {
  return (file) => (file.startsWith('..') ? undefined : text(file));
}

function linkFiles(read: ReadProject, files: ReadonlyMap<string, FileFacts>, typed?: CompilerAnswers, memory?: Memory): Project {
  const { config, discovery, notices, request } = read;
  const all = [...discovery.notices, ...notices, ...typed?.notices ?? []];
  return link(config, { ...discovery, notices: all }, files, { text: inside(read), ...(typed && { types: typed.types }) }, { ...request, ...(memory && { memory }) });
}

/** Runs the rules over a loaded project. */
export function checkProject(loaded: LoadedProject, cwd: string, settings: Settings, focus = loaded.focus): CheckResult {
  return check(loaded.project, { rules, settings, cwd, text: loaded.text, ...(focus === undefined ? {} : { focus }) });
}

function contentsOf({ wanted, contents }: ReadProject): [SourceFile, Content][] {
  return wanted.flatMap((source): [SourceFile, Content][] => (contents.has(source.path) ? [[source, contents.get(source.path)!]] : []));
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
