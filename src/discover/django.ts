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
 * Several leaves of an app, unknown dependencies and cycles are faults. A squashed migration beside those it replaces is left out;
 * where they are gone, it stands for them.
 */
export function djangoSource(tree: Tree, dir: string): FoundSource {
  const user = userApp(tree, dir);
  const all = migrationFiles(tree, dir).map((file) => readMigration(file, tree, user));
  const byKey = new Map(all.map((migration) => [migration.key, migration]));
  const squashed = new Map(all.filter(({ replaces }) => replaces.length > 0 && replaces.every((key) => byKey.has(key))).map((each) => [each.key, each]));
  const gone = new Map(all.flatMap(({ key, replaces }) => replaces.filter((each) => !byKey.has(each)).map((each) => [each, key] as const)));
  const apps = new Set(all.map(({ app }) => app));
  const resolve = (key: string): string[] => {
    const replaced = squashed.get(key)?.replaces;
    if (replaced) return [...replaced];
    const [app, name] = key.split('.') as [string, string];
    const own = all.filter((each) => each.app === app && !squashed.has(each.key));
    if (name === '__first__') return own.slice(0, 1).map((each) => each.key);
    return name === '__latest__' ? own.map((each) => each.key) : [gone.get(key) ?? key];
  };
  const live = all.filter(({ key }) => !squashed.has(key)).map((each) => ({ ...each, parents: each.parents.flatMap(resolve).filter((parent) => parent !== each.key) }));
  const { cyclic } = topological(live);
  const ordered = planned(live.filter((each) => !cyclic.includes(each)));
  const faults = [...leaves(live), ...missing(live, byKey, apps)];
  const [first] = cyclic;
  if (first) faults.push(fault(first.file, `The migrations ${cyclic.map(({ key }) => key).join(', ')} depend on each other in a cycle.`, 'Move the operations that need each other into one migration.', first.at));
  return {
    kind: 'django', dir, entries: [...ordered, ...cyclic].map(({ key, file }) => ({ id: key, file })), faults, notices: [], loneDowns: [],
    unused: [...squashed.values()].map(({ file }) => file),
  };
}

/**
 * The order in which `migrate` runs them: app by app, each last migration after all it needs, parents from the last name to the first.
 * @see Django's MigrationGraph.leaf_nodes() and iterative_dfs(): what does not depend on each other runs in this order, too
 */
function planned(migrations: readonly DjangoMigration[]): readonly DjangoMigration[] {
  const byKey = new Map(migrations.map((each) => [each.key, each]));
  const inner = new Set(migrations.flatMap(({ app, parents }) => parents.filter((parent) => byKey.get(parent)?.app === app)));
  const done = new Set<DjangoMigration>();
  const byName = (a: DjangoMigration, b: DjangoMigration): number => compareText(a.app, b.app) || compareText(a.name, b.name);
  for (const leaf of migrations.filter(({ key }) => !inner.has(key)).sort(byName)) {
    const open: { readonly migration: DjangoMigration; readonly ready: boolean }[] = [{ migration: leaf, ready: false }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { migration, ready } = next;
      if (done.has(migration)) continue;
      if (ready) done.add(migration);
      else open.push({ migration, ready: true }, ...migration.parents.flatMap((parent) => byKey.get(parent) ?? []).sort(byName).map((each) => ({ migration: each, ready: false })));
    }
  }
  return [...done];
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

function readMigration(file: string, tree: Tree, user: string | undefined): DjangoMigration {
  const text = tree.text(file);
  const app = labelOf(posix.dirname(posix.dirname(file)), tree);
  const name = stemOf(file);
  const dependencies = listOf(text, 'dependencies');
  const ofUsers = user !== undefined && user !== app && dependencies.isSwappable ? [`${user}.__first__`] : [];
  return { key: `${app}.${name}`, app, name, file, parents: [...dependencies.keys, ...ofUsers], replaces: listOf(text, 'replaces').keys, at: dependencies.at };
}

/** The label of an app: what its configuration says, else the name of its folder. */
function labelOf(folder: string, tree: Tree): string {
  const config = posix.join(folder, 'apps.py');
  const own = tree.has(config) ? /^[ \t]+label[ \t]*(?::[^=\n]+)?=[ \t]*["'](\w+)["']/m.exec(tree.text(config))?.[1] : undefined;
  return own ?? (posix.basename(folder) || '.');
}

/** The app of the model of users, as the settings name it (`AUTH_USER_MODEL`). */
function userApp(tree: Tree, dir: string): string | undefined {
  for (const path of tree.files) {
    if (!path.endsWith('.py') || !/settings|conf/.test(path) || !isBelow(path, dir) || isTest(path)) continue;
    const found = /^AUTH_USER_MODEL[ \t]*=[ \t]*["'](\w+)\.\w+["']/m.exec(tree.text(path))?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The pairs of literal strings in a class variable; what else is in it (`swappable_dependency(...)`) names no migration by itself. */
function listOf(text: string, name: 'dependencies' | 'replaces'): { keys: string[]; isSwappable: boolean; at: { start: number; end: number } } {
  const found = new RegExp(`^[ \\t]+${name}(?:[ \\t]*:[^=\\n]+)?[ \\t]*=\\s*[[(]`, 'm').exec(text);
  if (!found) return { keys: [], isSwappable: false, at: { start: 0, end: 0 } };
  const start = found.index + found[0].length;
  const end = endOfList(text, start);
  const body = text.slice(start, end).replace(/#[^\n]*/g, '');
  const keys = [...body.matchAll(/\(\s*["']([\w.]+)["']\s*,\s*["'](\w+)["']\s*,?\s*\)/g)].map(([, app, migration]) => `${app!.split('.').at(-1)}.${migration}`);
  return { keys, isSwappable: body.includes('swappable_dependency('), at: { start: found.index + /^\s*/.exec(found[0])![0].length, end } };
}

function endOfList(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '[' || text[at] === '(') depth += 1;
    else if ((text[at] === ']' || text[at] === ')') && --depth === 0) return at + 1;
  }
  return text.length;
}
