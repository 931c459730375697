import { posix } from 'node:path';
import { codeLanguage } from './language.js';
import { isSeed, isTest } from './sql.js';
import type { Tree } from './tree.js';

const TEST_NAME = /\.(?:\w*test|spec|e2e|e2e-spec|test-d|stories|story|cy|bench|mock|fixture)s?\.[cm]?[jt]sx?$|(?:^|\/)conftest\.py$/i;
const PYTHON_TEST_NAME = /(?:^|\/)(?:test_[^/]*|[^/]*_test)\.py$/i;
/** What a test of Python holds; `test_run.py` without it may be the model of a test run. */
const PYTHON_TEST = /^[^\S\n]*(?:async\s+)?def test|^[^\S\n]*(?:import|from)\s+(?:pytest|unittest|django\.test|rest_framework\.test)\b/m;
const TEST_FOLDER = /(?:^|\/)(?:__mocks__|__e2e__|mocks|\.storybook|cypress|playwright|site-packages)\//i;
const GENERATED_NAME = /[.-](?:min|bundle|chunk)\.[cm]?js$/i;
const SEED_NAME = /(?:^|\/)(?:[^/]*[-_.])?seed(?:s|er|ing)?(?:[-_.][^/]*)?\.(?:[cm]?[jt]sx?|py)$/i;

/**
 * The application code of a project: programs that are no migrations, without tests, stories, minified files, type declarations,
 * a package's build output and generated clients.
 * @param isSource what the config includes
 * @param named files the user named: they are read whatever they are
 */
export function sourceCode(tree: Tree, isSource: (path: string) => boolean, claimed: ReadonlySet<string>, named: ReadonlySet<string>): string[] {
  const generated = generatedClients(tree);
  const isGenerated = (path: string): boolean => {
    for (let folder = posix.dirname(path); folder !== '.' && folder !== '/'; folder = posix.dirname(folder)) if (generated.has(folder)) return true;
    return false;
  };
  return tree.files.filter((path) => {
    if (codeLanguage(path) === undefined || claimed.has(path)) return false;
    if (named.has(path)) return true;
    return !isTest(path) && !TEST_NAME.test(path) && !isPythonTest(tree, path) && !TEST_FOLDER.test(path) && !GENERATED_NAME.test(path) && !isBuildOutput(tree, path) && !isGenerated(path) && isSource(path);
  });
}

function isPythonTest(tree: Tree, path: string): boolean {
  if (!PYTHON_TEST_NAME.test(path)) return false;
  const text = tree.text(path);
  return text.trim() === '' || PYTHON_TEST.test(text);
}

/** Programs that fill a database for development. */
export function isSeedCode(path: string): boolean {
  return SEED_NAME.test(path) || isSeed(path);
}

/** `build` and `out` of a package; deeper ones may be parts of the program. */
function isBuildOutput(tree: Tree, path: string): boolean {
  const found = /^((?:.*\/)?)(?:build|out)\//.exec(path);
  return found !== null && tree.has(`${found[1]!}package.json`);
}

/** Folders that Prisma has generated a client into. */
function generatedClients(tree: Tree): Set<string> {
  const folders = new Set<string>();
  for (const path of tree.files) {
    const found = /^(.+)\/(?:runtime\/(?:library|client|query_compiler_bg\.postgresql)\.m?js|internal\/prismaNamespace\.ts|index-browser\.js)$/.exec(path);
    if (found) folders.add(found[1]!);
  }
  return folders;
}
