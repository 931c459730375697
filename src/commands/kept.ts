import { AnswerCache } from '../cache/answers.js';
import type { CachePlace } from '../cache/place.js';
import { ingredients, ResultCache, textHash, type Ingredients } from '../cache/results.js';
import { today } from '../check/index.js';
import type { Settings } from '../check/levels.js';
import type { CheckResult } from '../check/types.js';
import { codeLanguage } from '../discover/language.js';
import type { KeptParts, Memory } from '../link/parts.js';
import { parseFile } from '../parse/index.js';
import { during } from '../watch.js';
import { outlineOf } from './looked-at.js';
import { checkProject, linkedLater, linkProject, readProject, type LoadedProject, type ProjectRequest, type ReadProject } from './pipeline.js';

/**
 * Loads a project and runs the rules over it. Where everything is as it was in an earlier run, apart from files that nobody looked into, its result
 * is taken; the project is then linked only if it is asked for.
 * @throws UsageError when the config or a path cannot be used
 */
export async function checkedProject(request: ProjectRequest, settings: Settings): Promise<{ loaded: LoadedProject; result: CheckResult }> {
  const read = await readProject(request);
  const place = placeOf(read);
  if (place === undefined) {
    const loaded = await linkProject(read);
    return { loaded, result: checkProject(loaded, request.cwd, settings) };
  }
  const kept = new ResultCache(place);
  const from = ingredientsOf(read, settings);
  const known = (kept.find(from, read.text) ?? kept.findAlike(from, outlinesNow(read), read.text)) as Omit<CheckResult, 'project'> | undefined;
  if (known !== undefined) {
    const loaded = linkedLater(read);
    return { loaded, result: { ...known, project: () => loaded.project } };
  }
  const asked = new Map<string, string | undefined>();
  const looked = new Set<string>();
  const text = (file: string): string | undefined => {
    const found = read.text(file);
    if (read.contents.has(file)) looked.add(file);
    else asked.set(file, found);
    return found;
  };
  const answers = new AnswerCache(place);
  const state = stateOf(read, settings);
  const last = lastRun(answers, state, read);
  let parts: KeptParts | undefined;
  const loaded = await linkProject({ ...read, text }, (file) => looked.add(file), {
    answers, ...(last && { before: last }),
    keep: (found, isTaken) => {
      parts = found;
      // What was taken of the last run depends on what was looked at then.
      if (isTaken) for (const file of last!.looked) looked.add(file);
      if (isTaken) for (const [file] of last!.asked) asked.set(file, read.text(file));
    },
  });
  if (parts !== undefined) {
    const before = new Map(last?.files.map((each) => [each[0], each]));
    // The same object where it is the same: it is not written again.
    const files = state.files.map((each) => (before.get(each[0])?.[1] === each[1] ? before.get(each[0])! : each));
    answers.keepLast(LAST_RUN, { plain: state.plain, files, looked: [...looked], asked: [...asked].map(([file, each]) => [file, textHash(each)]), parts } satisfies LastRun);
  }
  answers.save();
  const result = checkProject(loaded, request.cwd, settings);
  const { project: _project, ...own } = result;
  if (own.crashes.length === 0) kept.keep(from, { asked, outlines: outlinesOf(loaded, looked), value: own });
  return { loaded, result };
}

/** What the following of a project's files is made from: everything else, and the files that are followed, each with what it is known by. */
interface State {
  readonly plain: string;
  readonly files: readonly (readonly [file: string, is: string])[];
}

interface LastRun extends State {
  readonly looked: readonly string[];
  readonly asked: readonly (readonly [file: string, hash: string | null])[];
  readonly parts: KeptParts;
}

const LAST_RUN = 'the last run';
/** Where more has changed, everything is followed again. */
const MOST_CHANGED = 100;

/** What was kept of the last run, where it differs in a few files of code alone: another text, new ones, some that are gone. */
function lastRun(answers: AnswerCache, { plain, files }: State, { wanted, text }: ReadProject): LastRun & NonNullable<Memory['before']> | undefined {
  const last = answers.findLast(LAST_RUN, (value) => piecesOf(value as LastRun)) as LastRun | undefined;
  if (last?.plain !== plain || !last.asked.every(([file, hash]) => textHash(text(file)) === hash)) return undefined;
  const [before, now] = [new Map(last.files), new Map(files)];
  const added = new Set(files.flatMap(([file]) => (before.has(file) ? [] : [file])));
  const removed = new Set(last.files.flatMap(([file]) => (now.has(file) ? [] : [file])));
  const changed = new Set(files.flatMap(([file, is]) => (before.get(file) === is ? [] : [file])));
  const code = new Set(wanted.flatMap(({ path, language, role }) => (role.type === 'source' && language !== 'sql' && language !== 'prisma' && language !== 'json' ? [path] : [])));
  const size = changed.size + removed.size;
  const isCode = [...changed].every((file) => code.has(file)) && [...removed].every((file) => codeLanguage(file) !== undefined);
  return size > 0 && size <= MOST_CHANGED && isCode ? { ...last, changed, added, removed } : undefined;
}

/** Of what was kept of a run, all that there is much of. */
function piecesOf({ files, parts }: LastRun): readonly object[] {
  return [...files, ...parts.units, ...parts.groups, ...parts.skeletons];
}

/** What the files say that nobody has looked into; a notice stands at a line, which the text tells. */
function outlinesOf({ project }: LoadedProject, looked: ReadonlySet<string>): Map<string, string> {
  const noted = new Set(project.notices.map(({ location }) => location.file));
  return new Map([...project.files.values()].flatMap((facts): [string, string][] => {
    const outline = looked.has(facts.file) || noted.has(facts.file) ? undefined : outlineOf(facts);
    return outline === undefined ? [] : [[facts.file, outline]];
  }));
}

/** What files say as they are now; each is parsed once, with however many earlier runs it is compared. */
function outlinesNow({ wanted, contents }: ReadProject): (file: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (file) => {
    const source = wanted.find(({ path }) => path === file);
    if (source !== undefined && !known.has(file)) known.set(file, outlineOf(during(file, () => parseFile(source, contents.get(file)!.text))));
    return known.get(file);
  };
}

/** None for a text that nobody has saved, nor where a compiler is asked, which reads what it likes. */
function placeOf({ request, config }: ReadProject): CachePlace | undefined {
  return request.overlay !== undefined || request.types === true ? undefined : request.cache?.(config.root);
}

function stateOf({ config, discovery, wanted, contents, notices, request }: ReadProject, { preset, levels }: Settings): State {
  const others = discovery.files.filter(({ path, role }) => role.type !== 'source' || !contents.has(path));
  const { plain } = ingredients([config, { ...discovery, files: others }, notices, request.cwd, request.schemaOnly, preset, [...levels ?? []], today()], new Map());
  const files = wanted.flatMap(({ path, ...what }) => (contents.has(path) ? [[path, `${contents.get(path)!.id} ${JSON.stringify(what)}`] as const] : []));
  return { plain, files };
}

/** All that a result depends on, but for files that are asked for on the way. */
function ingredientsOf({ config, discovery, notices, request, contents }: ReadProject, { preset, levels }: Settings): Ingredients {
  return ingredients([config, discovery, notices, request.cwd, request.schemaOnly, preset, [...levels ?? []], today()], contents);
}
