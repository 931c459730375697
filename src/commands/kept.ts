import { AnswerCache } from '../cache/answers.js';
import type { CachePlace } from '../cache/place.js';
import { ingredients, ResultCache, textHash, type Ingredients } from '../cache/results.js';
import { today } from '../check/index.js';
import type { Settings } from '../check/levels.js';
import type { CheckResult } from '../check/types.js';
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
  const last = lastRun(answers, from, read);
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
    const hashes = last?.hashes.map((each) => (last.changed.has(each[0]) ? [each[0], from.hashes.get(each[0])!] as const : each)) ?? [...from.hashes];
    answers.keepLast(LAST_RUN, { plain: from.plain, hashes, looked: [...looked], asked: [...asked].map(([file, each]) => [file, textHash(each)]), parts } satisfies LastRun);
  }
  answers.save();
  const result = checkProject(loaded, request.cwd, settings);
  const { project: _project, ...own } = result;
  if (own.crashes.length === 0) kept.keep(from, { asked, outlines: outlinesOf(loaded, looked), value: own });
  return { loaded, result };
}

interface LastRun {
  readonly plain: string;
  readonly hashes: readonly (readonly [file: string, hash: string])[];
  readonly looked: readonly string[];
  readonly asked: readonly (readonly [file: string, hash: string | null])[];
  readonly parts: KeptParts;
}

const LAST_RUN = 'the last run';
/** Where more has changed, everything is followed again. */
const MOST_CHANGED = 100;

/** What was kept of the last run, where it differs in the texts of a few files of code alone. */
function lastRun(answers: AnswerCache, { plain, hashes }: Ingredients, { wanted, text }: ReadProject): LastRun & NonNullable<Memory['before']> | undefined {
  const last = answers.findLast(LAST_RUN, (value) => piecesOf(value as LastRun)) as LastRun | undefined;
  if (last?.plain !== plain || last.hashes.length !== hashes.size || !last.asked.every(([file, hash]) => textHash(text(file)) === hash)) return undefined;
  const changed = new Set(last.hashes.flatMap(([file, hash]) => (hashes.get(file) === hash ? [] : [file])));
  const code = new Set(wanted.flatMap(({ path, language, role }) => (role.type === 'source' && language !== 'sql' && language !== 'prisma' && language !== 'json' ? [path] : [])));
  return changed.size > 0 && changed.size <= MOST_CHANGED && [...changed].every((file) => code.has(file)) ? { ...last, changed } : undefined;
}

/** Of what was kept of a run, all that there is much of. */
function piecesOf({ hashes, parts }: LastRun): readonly object[] {
  return [...hashes, ...parts.units, ...parts.groups];
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

/** All that a result depends on, but for files that are asked for on the way. */
function ingredientsOf({ config, discovery, notices, request, contents }: ReadProject, { preset, levels }: Settings): Ingredients {
  return ingredients([config, discovery, notices, request.cwd, request.schemaOnly, preset, [...levels ?? []], today()], contents);
}
