import { posix } from 'node:path';
import { fault } from './found.js';
import type { FoundSource } from './found.js';
import type { Revision } from './graph.js';
import { topological } from './graph.js';
import { compareText } from './order.js';
import { isTest } from './sql.js';
import type { Tree } from './tree.js';
import { isBelow, stemOf } from './tree.js';

interface DjangoMigration extends Revision {
  readonly app: string;
  readonly name: string;
  readonly replaces: readonly string[];
  readonly at: { readonly start: number; readonly end: number };
}

/** The Django projects that have migrations: the folder with manage.py, else the root. */
export function djangoFolders(tree: Tree): string[] {
  const projects = tree.files.filter((path) => posix.basename(path) === 'manage.py').map((path) => posix.dirname(path)).sort((a, b) => b.length - a.length);
  return [...new Set(migrationFiles(tree, '.').map((path) => projects.find((project) => isBelow(path, project)) ?? '.'))].sort(compareText);
}

function migrationFiles(tree: Tree, dir: string): string[] {
  return tree.files.filter((path) => /(?:^|\/)\w*migrations\/\w+\.py$/.test(path) && isBelow(path, dir) && !isTest(path) && !path.endsWith('__init__.py')
    && /^class Migration\(/m.test(tree.text(path)) && /\bmigrations\b/.test(tree.text(path)));
}

/**
 * The migrations of all apps of one Django project, in the order of their dependencies, which cross apps.
 * Several leaves of an app, unknown dependencies and cycles are faults. A squashed migration beside those it replaces is left out.
 */
export function djangoSource(tree: Tree, dir: string): FoundSource {
  const all = migrationFiles(tree, dir).map((file) => readMigration(file, tree.text(file)));
  const byKey = new Map(all.map((migration) => [migration.key, migration]));
  const squashed = new Map(all.filter(({ replaces }) => replaces.length > 0 && replaces.every((key) => byKey.has(key))).map((each) => [each.key, each]));
  const apps = new Set(all.map(({ app }) => app));
  const resolve = (key: string): string[] => {
    const replaced = squashed.get(key)?.replaces;
    if (replaced) return [...replaced];
    const [app, name] = key.split('.') as [string, string];
    const own = all.filter((each) => each.app === app && !squashed.has(each.key));
    if (name === '__first__') return own.slice(0, 1).map((each) => each.key);
    return name === '__latest__' ? own.map((each) => each.key) : [key];
  };
  const live = all.filter(({ key }) => !squashed.has(key)).map((each) => ({ ...each, parents: each.parents.flatMap(resolve).filter((parent) => parent !== each.key) }));
  const { ordered, cyclic } = topological(live);
  const faults = [...leaves(live), ...missing(live, byKey, apps)];
  const [first] = cyclic;
  if (first) faults.push(fault(first.file, `The migrations ${cyclic.map(({ key }) => key).join(', ')} depend on each other in a cycle.`, 'Move the operations that need each other into one migration.', first.at));
  return {
    kind: 'django', dir, entries: [...ordered, ...cyclic].map(({ key, file }) => ({ id: key, file })), faults, notices: [], loneDowns: [],
    unused: [...squashed.values()].map(({ file }) => file),
  };
}

function leaves(migrations: readonly DjangoMigration[]): FoundSource['faults'][number][] {
  const needed = new Map<string, Set<string>>();
  for (const { app, parents } of migrations) for (const parent of parents) if (parent.startsWith(`${app}.`)) needed.set(app, (needed.get(app) ?? new Set()).add(parent));
  const found: FoundSource['faults'][number][] = [];
  for (const app of new Set(migrations.map((each) => each.app))) {
    const [first, ...others] = migrations.filter((each) => each.app === app && !needed.get(app)?.has(each.key)).sort((a, b) => compareText(a.name, b.name));
    for (const other of first ? others : []) {
      found.push(fault(other.file, `The app "${app}" has ${others.length + 1} last migrations, ${first!.name} and ${other.name} among them: "migrate" refuses to run.`,
        `Let this one depend on ${first!.name}, or join them with "makemigrations --merge".`, other.at));
    }
  }
  return found;
}

function missing(migrations: readonly DjangoMigration[], byKey: ReadonlyMap<string, DjangoMigration>, apps: ReadonlySet<string>): FoundSource['faults'][number][] {
  return migrations.flatMap(({ file, parents, at }) => parents.filter((parent) => apps.has(parent.split('.')[0]!) && !byKey.has(parent))
    .map((parent) => fault(file, `This migration depends on ${parent}, which does not exist.`, 'Restore the migration, or depend on the last that is there.', at)));
}

function readMigration(file: string, text: string): DjangoMigration {
  const app = posix.basename(posix.dirname(posix.dirname(file))) || '.';
  const name = stemOf(file);
  const dependencies = listOf(text, 'dependencies');
  return { key: `${app}.${name}`, app, name, file, parents: dependencies.keys, replaces: listOf(text, 'replaces').keys, at: dependencies.at };
}

/** The pairs of literal strings in a class variable; what else is in it (`swappable_dependency(...)`) names no migration here. */
function listOf(text: string, name: 'dependencies' | 'replaces'): { keys: string[]; at: { start: number; end: number } } {
  const found = new RegExp(`^[ \\t]+${name}(?:[ \\t]*:[^=\\n]+)?[ \\t]*=\\s*[[(]`, 'm').exec(text);
  if (!found) return { keys: [], at: { start: 0, end: 0 } };
  const start = found.index + found[0].length;
  const end = endOfList(text, start);
  const body = text.slice(start, end).replace(/#[^\n]*/g, '');
  const keys = [...body.matchAll(/\(\s*["']([\w.]+)["']\s*,\s*["'](\w+)["']\s*,?\s*\)/g)].map(([, app, migration]) => `${app!.split('.').at(-1)}.${migration}`);
  return { keys, at: { start: found.index + /^\s*/.exec(found[0])![0].length, end } };
}

function endOfList(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '[' || text[at] === '(') depth += 1;
    else if ((text[at] === ']' || text[at] === ')') && --depth === 0) return at + 1;
  }
  return text.length;
}
