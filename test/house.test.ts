import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Project, SyntaxKind, type SourceFile } from 'ts-morph';
import { describe, expect, it } from 'vitest';
import { rules } from '../rules/index.js';

const ROOT = join(import.meta.dirname, '..');
const ORDER = ['facts', 'config', 'discover', 'parse', 'cache', 'link', 'plan', 'check', 'database', 'report', 'commands', 'editor'];
/** Modules of src itself that any part may use, and those that stand above all parts. */
const BASE = ['errors', 'entry', 'import', 'rule', 'watch'];
const TOP = ['cli', 'index'];

const project = new Project({ tsConfigFilePath: join(ROOT, 'tsconfig.json'), skipAddingFilesFromTsConfig: true });
const sources = project.addSourceFilesAtPaths([join(ROOT, 'src/**/*.ts'), join(ROOT, 'rules/*.ts')]);
const pathOf = (file: SourceFile): string => relative(ROOT, file.getFilePath()).replaceAll('\\', '/');
const production = sources.filter((file) => pathOf(file) !== 'rules/index.ts');

describe('imports', () => {
  it('point one way: facts ← config ← discover ← parse ← cache ← link ← plan ← check ← report ← commands ← editor', () => {
    const wrong = production.flatMap((file) => imported(file).filter((to) => !mayImport(pathOf(file), to.path, to.typeOnly)).map((to) => `${pathOf(file)} → ${to.path}`));
    expect(wrong).toEqual([]);
  });

  it('of a rule are src/rule.js alone', () => {
    const wrong = production.filter((file) => pathOf(file).startsWith('rules/'))
      .flatMap((file) => file.getImportDeclarations().map((each) => each.getModuleSpecifierValue()).filter((to) => to !== '../src/rule.js').map((to) => `${pathOf(file)} → ${to}`));
    expect(wrong).toEqual([]);
  });
});

function imported(file: SourceFile): { path: string; typeOnly: boolean }[] {
  const declarations = [...file.getImportDeclarations(), ...file.getExportDeclarations()]
    .map((each) => ({ to: each.getModuleSpecifierSourceFile(), typeOnly: each.isTypeOnly() }));
  return declarations.flatMap(({ to, typeOnly }) => (to === undefined ? [] : [{ path: pathOf(to), typeOnly }])).filter(({ path }) => !path.includes('node_modules'));
}

function mayImport(from: string, to: string, typeOnly: boolean): boolean {
  const part = (path: string): string => path.split('/')[1]!.replace(/\.ts$/, '');
  if (from.startsWith('rules/')) return true;
  if (to.startsWith('rules/')) return part(from) === 'commands' || part(from) === 'editor';
  if (TOP.includes(part(from))) return true;
  // rule.ts is the vocabulary of rules: types of what they are asked about, and how SQL writes names.
  if (part(from) === 'rule') return typeOnly || part(to) === 'facts';
  if (BASE.includes(part(to))) return true;
  return ORDER.includes(part(from)) && ORDER.includes(part(to)) && ORDER.indexOf(part(to)) <= ORDER.indexOf(part(from));
}

/** Whether a place is in a comment, a text or a pattern. */
function isInText(file: SourceFile, at: number): boolean {
  return file.getDescendantAtPos(at)?.getKind() !== SyntaxKind.ImportKeyword;
}

describe('source files', () => {
  it('have at most 400 lines of code, the vocabulary of facts aside', () => {
    const lines = (file: SourceFile): number => file.getFullText().replace(/\/\*[\s\S]*?\*\//g, '').split('\n').filter((line) => !/^\s*(\/\/.*)?$/.test(line)).length;
    expect(production.filter((file) => lines(file) > 400 && !pathOf(file).startsWith('src/facts/')).map(pathOf)).toEqual([]);
  });

  it('say what their exported functions and classes do', () => {
    const silent = production.filter((file) => pathOf(file).startsWith('src/')).flatMap((file) => [
      ...file.getFunctions().filter((each) => each.isExported() && !each.isOverload() && each.getJsDocs().length === 0).map((each) => `${pathOf(file)} ${each.getName()}`),
      ...file.getClasses().filter((each) => each.isExported() && each.getJsDocs().length === 0).map((each) => `${pathOf(file)} ${each.getName()}`),
    ]);
    expect(silent).toEqual([]);
  });

  it('start no shell: names of files are words of a command, not its text', () => {
    const started = production.flatMap((file) => file.getImportDeclarations().filter((each) => /child_process$/.test(each.getModuleSpecifierValue())).flatMap((each) => each.getNamedImports().map((named) => `${pathOf(file)} ${named.getName()}`)));
    expect(started).toEqual(['src/discover/git.ts execFileSync']);
    expect(production.filter((file) => /\bshell\s*:/.test(file.getFullText())).map(pathOf)).toEqual([]);
  });

  it('import what is no part of the program through src/import.ts, which a script with kept code can', () => {
    const calls = production.flatMap((file) => [...file.getFullText().matchAll(/(?<!typeof )\bimport\((?!'\.\.?\/)/g)].filter((each) => !isInText(file, each.index)).map(() => pathOf(file)));
    expect(calls).toEqual(['src/import.ts']);
  });

  it('leave nothing for later and switch no check off', () => {
    const comments = production.flatMap((file) => [...file.getFullText().matchAll(/\/\/.*|\/\*[\s\S]*?\*\//g)].map(([text]) => `${pathOf(file)} ${text}`));
    expect(comments.filter((text) => /\b(TODO|FIXME|XXX|HACK)\b|@ts-(ignore|nocheck)/.test(text))).toEqual([]);
  });
});

/** What modules declare as they load (those that do are loaded in every run), and what is found out of a thing, whoever asks. */
const OWN = new Set([
  'models', 'migrations', 'abilities', 'applied decorators', 'drizzle tables', 'drizzle row-level security', 'drizzle relations', 'drizzle schemas', 'entities:${orm}', 'entities:classes',
  'django:classes', 'django:instances', 'django:managers', 'django:state', 'sqlalchemy:classes', 'sqlalchemy:models of migrations',
  'declared classes', 'instances', 'key', 'changes', 'places', 'prisma models', 'running in stores', 'put into stores', 'values of stores', 'guarded requests', 'ways to handlers', 'values on requests', 'put on requests',
  'searched for carried', 'searched for effect services', 'sql:prepared', 'sql:read', 'sequelize:members', 'mikro-orm:members', 'typeorm:members', 'entities:ancestry', 'alembic:naming', 'django:live', 'django:begun', 'django:users', 'django:foreign', 'django:apps', 'django:given', 'sqlalchemy:given', 'sqlalchemy:names',
]);

// What a file depends on without importing it is told to the journal: by that a run after a change knows what need not be followed again.
describe('what one module leaves for another', () => {
  const evaluator = production.filter((file) => pathOf(file).startsWith('src/link/code/'));

  it('is found through the journal: nothing else goes through all modules, but what makes the program and its imports', () => {
    const through = /\b(?:program\.)?modules\)?\.(?:values|keys|entries|forEach)\(|\bof (?:\w+\.)+modules\b|\.\.\.(?:\w+\.)+modules\b/;
    const allowed = ['src/link/code/implementations.ts', 'src/link/code/journal.ts', 'src/link/code/program.ts', 'src/link/code/reach.ts', 'src/link/code/resolve.ts'];
    expect(evaluator.filter((file) => !allowed.includes(pathOf(file)) && through.test(file.getFullText())).map(pathOf)).toEqual([]);
  });

  it('is a Registry, or one of the collections that are known to need none', () => {
    const stored = evaluator.flatMap((file) => [...file.getFullText().matchAll(/\bstored\((?:m|ctx|this|context), ([^,]+), \((?:[^)]*)\)[^=\n]*=> (.*)/g)].map(([, name, made]) => ({ name: name!.replace(/^['`]|['`]$/g, ''), made: made! })));
    expect(stored.length).toBeGreaterThan(50);
    expect(stored.filter(({ name, made }) => !/new Registry|new Weak(?:Map|Set)|journal\.|^functionsWhere\(/.test(made) && !OWN.has(name)).map(({ name }) => name)).toEqual([]);
    expect([...OWN].filter((name) => !stored.some((each) => each.name === name))).toEqual([]);
  });
});

it('the top level holds what it should', () => {
  const allowed = [
    '.ci', '.config', '.git', '.github', '.gitignore', '.npmrc', '.editorconfig', '.pre-commit-hooks.yaml', 'action.yml', 'CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'dist', 'eslint-plugin', 'fixtures',
    'node_modules', 'package-lock.json', 'package.json', 'rules', 'src', 'test', 'tsconfig.json',
  ];
  expect(readdirSync(ROOT).filter((name) => !allowed.includes(name))).toEqual([]);
});

it('the public API is this and nothing else', async () => {
  const api = await import('../src/index.js');
  expect(Object.keys(api).sort()).toEqual(['UsageError', 'defineConfig', 'defineRule', 'lint']);
});

describe('rules', () => {
  it.each(rules.map((rule) => [rule.id, rule] as const))('%s is described', (id, rule) => {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(rule.summary).toMatch(/^[A-Z].*\.$/);
    for (const option of Object.values(rule.options ?? {})) expect(option.description).toMatch(/\.$/);
  });
});

it('the rule table of the README is that of the rules', async () => {
  const { ruleTable } = await import('../.ci/readme.js');
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const between = /<!-- rules:start -->\n([\s\S]*?)<!-- rules:end -->/.exec(readme)?.[1];
  expect(between, 'run: npm run generate -- --readme').toBe(ruleTable(rules));
});
