import { ResultCache, resultKey } from '../cache/results.js';
import { today } from '../check/index.js';
import type { Settings } from '../check/levels.js';
import type { CheckResult } from '../check/types.js';
import { checkProject, linkedLater, linkProject, readProject, type LoadedProject, type ProjectRequest, type ReadProject } from './pipeline.js';

/**
 * Loads a project and runs the rules over it. Where everything is as it was in an earlier run, its result is taken; the project is then linked
 * only if it is asked for.
 * @throws UsageError when the config or a path cannot be used
 */
export async function checkedProject(request: ProjectRequest, settings: Settings): Promise<{ loaded: LoadedProject; result: CheckResult }> {
  const read = await readProject(request);
  const kept = resultsOf(read);
  if (kept === undefined) {
    const loaded = await linkProject(read);
    return { loaded, result: checkProject(loaded, request.cwd, settings) };
  }
  const key = keyOf(read, settings);
  const known = kept.find(key, read.text) as Omit<CheckResult, 'project'> | undefined;
  if (known !== undefined) {
    const loaded = linkedLater(read);
    return { loaded, result: { ...known, project: () => loaded.project } };
  }
  const asked = new Map<string, string | undefined>();
  const text = (file: string): string | undefined => {
    const found = read.text(file);
    if (!read.texts.has(file)) asked.set(file, found);
    return found;
  };
  const loaded = await linkProject({ ...read, text });
  const result = checkProject(loaded, request.cwd, settings);
  const { project: _project, ...own } = result;
  if (own.crashes.length === 0) kept.keep(key, asked, own);
  return { loaded, result };
}

/** None for a text that nobody has saved, nor where a compiler is asked, which reads what it likes. */
function resultsOf({ request, config }: ReadProject): ResultCache | undefined {
  const place = request.overlay !== undefined || request.types === true ? undefined : request.cache?.(config.root);
  return place && new ResultCache(place);
}

/** All that a result depends on, but for files that are asked for on the way. */
function keyOf({ config, discovery, notices, request, texts }: ReadProject, { preset, levels }: Settings): string {
  return resultKey([config, discovery, notices, request.cwd, request.schemaOnly, preset, [...levels ?? []], today()], texts);
}
