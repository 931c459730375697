import { posix } from 'node:path';
import type { ModuleAliases } from '../../discover/types.js';
import { entryOf } from '../../entry.js';
import { FOLDER, type CodeModule, type CodeStatement, type TypeStatement } from '../../facts/code.js';
import { BroughtNames } from './brought.js';
import { exportsOf, type ExportsOfModule } from './exports.js';
import { Implementations } from './implementations.js';
import { push } from './lists.js';
import type { Machine } from './machine.js';
import { presumedImport } from './presumed-bases.js';
import { isPythonBuiltin } from './python-builtins.js';
import { Scope, type ImportBinding } from './scope.js';
import { runAll } from './statements.js';
import { withTypes } from './type-checking.js';
import type { NamedType, Value } from './values.js';
import { unknownValue } from './values.js';

const EXTENSIONS = ['', '.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.vue', '.svelte', '.astro', '/index.ts', '/index.tsx', '/index.js', '/index.mjs', '/index.jsx'];
const DEEPEST_EXPORT = 20;

type ExportTarget =
  | { readonly kind: 'local'; readonly file: string; readonly local: string }
  | { readonly kind: 'namespace'; readonly file: string }
  | { readonly kind: 'external'; readonly module: string; readonly path: readonly string[] };

/** Where modules are does not depend on what is in them: linked again with one text changed, a project need not look again. */
interface Resolutions {
  readonly paths: ReadonlySet<string>;
  readonly found: Map<string, string | undefined>;
  /** The files that each import of a module may stand for. */
  readonly imported: WeakMap<CodeModule, readonly (readonly string[])[]>;
}

const resolutions = new WeakMap<ModuleAliases, Resolutions>();

function resolutionsOf(modules: ReadonlyMap<string, CodeModule>, aliases: ModuleAliases): Resolutions {
  const known = resolutions.get(aliases);
  if (known !== undefined && known.paths.size === modules.size && [...modules.keys()].every((path) => known.paths.has(path))) return known;
  const made: Resolutions = { paths: new Set(modules.keys()), found: new Map(), imported: new WeakMap() };
  resolutions.set(aliases, made);
  return made;
}

/** The modules that stand in a folder itself. */
export function modulesIn(modules: ReadonlyMap<string, CodeModule>, folder: string): string[] {
  return [...modules.keys()].filter((file) => posix.dirname(file) === folder);
}

/** Finds the module that a name in an import stands for, and what it exports. Modules are evaluated when something of them is first asked for. */
export class ModuleResolver {
  private readonly found: Resolutions['found'];
  private readonly targetFiles: Resolutions['imported'];
  /** What was looked up already, by the file that asks and the module it names. */
  private readonly near = new Map<string, Map<string, string | undefined>>();
  private readonly importing = new Set<string>();
  /** Who imports a file. */
  private readonly importers = new Map<string, string[]>();
  private readonly types = new Map<string, ReadonlyMap<string, TypeStatement>>();
  /** Where exports are declared, by file and name: first without, then with what packages may export. */
  private readonly targets = [new Map<string, Map<string, ExportTarget | undefined>>(), new Map<string, Map<string, ExportTarget | undefined>>()] as const;
  private readonly brought = new BroughtNames((file) => this.modules.get(file), (module, statement) => this.targetOf(module, statement));
  private readonly exports = new Map<string, ExportsOfModule>();
  private readonly named = new Map<string, NamedType | undefined>();

  /** The classes of the project that implement or extend what is called so. */
  readonly implementations = new Implementations(() => this.modules.values());

  constructor(private readonly modules: ReadonlyMap<string, CodeModule>, private readonly aliases: ModuleAliases) {
    ({ found: this.found, imported: this.targetFiles } = resolutionsOf(modules, aliases));
  }

  /** The modules that lead to a package of a library, themselves or through what they import; only in these can there be a query. */
  relevant(isSource: (module: CodeModule) => boolean, isLibrary: (module: string, name: string) => boolean): ReadonlySet<string> {
    const sources = new Set<string>();
    for (const [file, module] of this.modules) {
      if (isSource(module)) sources.add(file);
      const found = this.importsOf(module);
      for (const [index, { target, names }] of module.imports.entries()) {
        const inner = found[index]!;
        if (inner.length === 0 && names.some((name) => isLibrary(target.module, name))) sources.add(file);
        for (const each of inner) push(this.importers, each, file);
        if (inner.length > 0) this.noteImplementers(file, inner, names);
      }
    }
    const found = this.withImporters(sources);
    return new Set([...this.modules.keys()].filter((file) => found.has(file)));
  }

  /** Whoever asks for an interface is given a class that implements it, as if it imported that; so is a module that declares one. */
  private noteImplementers(file: string, inner: readonly string[], names: readonly string[]): void {
    for (const name of names) {
      for (const { file: its } of this.implementations.of(name)) {
        if (its !== file) push(this.importers, its, file);
        else for (const each of inner) push(this.importers, its, each);
      }
    }
  }

  private importsOf(module: CodeModule): readonly (readonly string[])[] {
    let found = this.targetFiles.get(module);
    if (found === undefined) this.targetFiles.set(module, found = module.imports.map(({ target, names }) => this.filesOf(module, target, names)));
    return found;
  }

  /** Some modules, and all that import them, directly or through others. Known once `relevant` was asked. */
  withImporters(files: Iterable<string>): ReadonlySet<string> {
    const found = new Set(files);
    // Grows while it is walked.
    for (const file of found) for (const importer of this.importers.get(file) ?? []) found.add(importer);
    return found;
  }

  /** The modules that would import files that are not there. */
  importersOf(files: ReadonlySet<string>): readonly string[] {
    const stubs = [...files].map((file) => [file, { file, language: file.endsWith('.py') ? 'python' : 'javascript', imports: [], skeleton: '', body: [] }] as const);
    const others = new ModuleResolver(new Map([...this.modules, ...stubs]), this.aliases);
    return [...this.modules.values()].filter((module) => others.importsOf(module).some((found) => found.some((each) => files.has(each)))).map(({ file }) => file);
  }

  /** The files that an import of some names may stand for: its module's, and those of modules below it; none when it is of a package. */
  filesOf({ file, language }: CodeModule, target: { readonly module: string; readonly level?: number }, names: readonly string[]): readonly string[] {
    if (target.module.endsWith(FOLDER)) return modulesIn(this.modules, posix.join(posix.dirname(file), target.module.slice(0, -FOLDER.length)));
    const inner = target.level === undefined && language === 'javascript' ? this.fileOf(file, target.module) : this.pythonTarget(file, target);
    return inner === undefined ? [] : [inner, ...this.submodules(inner, names)];
  }

  private submodules(file: string, names: readonly string[]): string[] {
    if (!file.endsWith('/__init__.py')) return [];
    return names.flatMap((name) => this.pythonAt(posix.join(posix.dirname(file), name)) ?? []);
  }

  private pythonTarget(from: string, { module, level }: { module: string; level?: number }): string | undefined {
    return level === undefined || level === 0 ? this.pythonFile(from, module) : this.pythonAt(relativeBase(from, level, module));
  }

  /** What an imported name is. */
  imported(m: Machine, from: string, binding: ImportBinding): Value {
    const python = this.modules.get(from)?.language === 'python';
    return python ? this.importedInPython(m, from, binding) : this.importedInJavaScript(m, from, binding);
  }

  private importedInJavaScript(m: Machine, from: string, { module, imported }: ImportBinding): Value {
    const file = this.fileOf(from, module);
    if (file === undefined) return externalOf(m, module, imported === '*' || imported === 'default' ? [] : [imported]);
    if (imported === '*') return this.wholeExport(m, file) ?? { kind: 'namespace', file };
    return this.exported(m, file, imported) ?? unknownValue(`"${imported}" is not exported by ${file}`);
  }

  /** What `module.exports = value` makes of a module; undefined where it also exports by name, or is still being evaluated (a cycle). */
  private wholeExport(m: Machine, file: string): Value | undefined {
    const exports = this.modules.get(file)!.body.filter(({ kind }) => kind === 'export');
    if (!exports.every((each) => each.kind === 'export' && each.value?.exported === '=')) return undefined;
    const whole = exports.length === 0 ? undefined : this.load(m, file).own('export =');
    return typeof whole === 'number' ? m.read({ kind: 'reference', slot: whole }) : undefined;
  }

  private importedInPython(m: Machine, from: string, { module, level, imported }: ImportBinding): Value {
    const dotted = level === undefined || level === 0 ? module : undefined;
    const base = dotted === undefined ? relativeBase(from, level!, module) : undefined;
    const file = base === undefined ? this.pythonFile(from, module) : this.pythonAt(base);
    if (imported === '*') {
      if (file !== undefined) return { kind: 'namespace', file };
      const folder = dotted === undefined ? undefined : this.pythonFile(from, `${dotted}.__init__`);
      return folder === undefined ? externalOf(m, module, []) : { kind: 'namespace', file: folder };
    }
    const own = file === undefined ? undefined : this.exported(m, file, imported);
    if (own !== undefined && m.read(own).kind !== 'unknown') return own;
    const below = base === undefined ? this.pythonFile(from, `${module}.${imported}`) : this.pythonAt(posix.join(base, imported));
    if (below !== undefined) return { kind: 'namespace', file: below };
    return file === undefined ? this.presumed(m, from, module, imported) ?? externalOf(m, module, [imported]) : unknownValue(`"${imported}" is not defined in ${file}`);
  }

  private presumed(m: Machine, from: string, module: string, imported: string): Value | undefined {
    const found = m.libraryOf(module, [imported]) === undefined ? presumedImport(this.modules.get(from)!, imported) : undefined;
    return found && (m.libraryOf(found.module)?.external?.(found, m) ?? found);
  }

  /** What a module exports under a name; undefined when nothing. */
  exported(m: Machine, file: string, name: string): Value | undefined {
    // Which names a package exports is not known: `export * from 'package'` is asked for what no module of the project has.
    return this.exportedName(m, file, name, 0, false) ?? this.exportedName(m, file, name, 0, true);
  }

  private exportedName(m: Machine, file: string, name: string, depth: number, ofPackages: boolean): Value | undefined {
    const module = this.modules.get(file);
    if (module === undefined || depth > DEEPEST_EXPORT) return undefined;
    if (module.language === 'python') return this.pythonExport(m, file, this.load(m, file), name, depth);
    const target = this.exportTarget(m, file, name, depth, ofPackages);
    if (target !== undefined) {
      if (target.kind === 'external') return externalOf(m, target.module, target.path);
      return target.kind === 'namespace' ? target : this.valueIn(m, target.file, this.load(m, target.file), target.local);
    }
    const scope = this.load(m, file);
    // `module.exports = ...`: its properties are the exports, and it is the default.
    const whole = scope.own('export =');
    if (typeof whole === 'number') return name === 'default' ? m.read({ kind: 'reference', slot: whole }) : m.member(m.read({ kind: 'reference', slot: whole }), name);
    const single = scope.own(`export ${name}`);
    return typeof single === 'number' ? m.read({ kind: 'reference', slot: single }) : undefined;
  }

  /** Where an exported name is declared, through re-exports. */
  private exportTarget(m: Machine, file: string, name: string, depth: number, ofPackages: boolean): ExportTarget | undefined {
    const targets = this.targets[ofPackages ? 1 : 0];
    let known = targets.get(file);
    if (known === undefined) targets.set(file, known = new Map());
    if (known.has(name)) return known.get(name);
    known.set(name, undefined);
    const found = this.findExport(m, file, name, depth, ofPackages);
    known.set(name, found);
    return found;
  }

  private findExport(m: Machine, file: string, name: string, depth: number, ofPackages: boolean): ExportTarget | undefined {
    const module = this.modules.get(file);
    if (module === undefined || depth > DEEPEST_EXPORT) return undefined;
    let exports = this.exports.get(file);
    if (exports === undefined) this.exports.set(file, exports = exportsOf(module));
    const { declared, others } = exports;
    const own = declared.get(name);
    for (const { statement, position } of others) {
      if (own !== undefined && own.position < position) break;
      const found = this.exportOf(m, file, statement, name, depth, ofPackages);
      if (found !== undefined) return found;
    }
    return own && { kind: 'local', file, local: own.local };
  }

  private exportOf(m: Machine, file: string, statement: Extract<CodeStatement, { kind: 'export' }>, name: string, depth: number, ofPackages: boolean): ExportTarget | undefined {
    if (statement.value?.exported === name) return { kind: 'local', file, local: `export ${name}` };
    for (const { local, exported } of statement.bindings) {
      if (exported !== name && !(local === '*' && exported === '*' && name !== 'default')) continue;
      if (statement.module === undefined) return { kind: 'local', file, local };
      const target = this.fileOf(file, statement.module);
      if (target === undefined) {
        if (local !== '*') return { kind: 'external', module: statement.module, path: [local] };
        if (exported !== '*') return { kind: 'external', module: statement.module, path: [] };
        if (ofPackages && m.libraryOf(statement.module) !== undefined) return { kind: 'external', module: statement.module, path: [name] };
        continue;
      }
      if (local === '*' && exported !== '*') return { kind: 'namespace', file: target };
      const found = this.exportTarget(m, target, local === '*' ? name : local, depth + 1, ofPackages);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Modules that import a name from each other in a circle define it nowhere. */
  private importedOnce(m: Machine, file: string, name: string, binding: ImportBinding): Value | undefined {
    const key = `${file}:${name}`;
    if (this.importing.has(key)) return undefined;
    this.importing.add(key);
    try {
      return this.imported(m, file, binding);
    } finally {
      this.importing.delete(key);
    }
  }

  private pythonExport(m: Machine, file: string, scope: Scope, name: string, depth: number): Value | undefined {
    const own = scope.own(name);
    if (own !== undefined) return typeof own === 'number' ? m.read({ kind: 'reference', slot: own }) : this.importedOnce(m, file, name, own);
    const starred = this.starred(m, file, name, depth);
    if (starred !== undefined) return starred;
    const below = this.pythonAt(posix.join(posix.dirname(file), name));
    return /(^|\/)__init__\.py$/.test(file) && below !== undefined ? { kind: 'namespace', file: below } : undefined;
  }

  /** What a name means that only `from module import *` of a Python module can bring; what a package exports is not known, but none hides a built-in. */
  starred(m: Machine, file: string, name: string, depth = 0): Value | undefined {
    const module = this.modules.get(file);
    if (module?.language !== 'python' || depth > DEEPEST_EXPORT || name.startsWith('_') || isPythonBuiltin(name)) return undefined;
    for (const statement of module.body) {
      if (statement.kind !== 'import' || !statement.bindings.some(({ local }) => local === '*')) continue;
      const value = this.imported(m, file, { module: statement.module, imported: '*', ...(statement.level !== undefined && { level: statement.level }) });
      if (value.kind === 'external') return externalOf(m, value.module, [...value.path, name]);
      const found = value.kind === 'namespace' && value.file !== file ? this.exportedName(m, value.file, name, depth + 1, true) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private valueIn(m: Machine, file: string, scope: Scope, name: string): Value | undefined {
    const found = scope.own(name);
    if (found === undefined) return undefined;
    return typeof found === 'number' ? m.read({ kind: 'reference', slot: found }) : this.imported(m, file, found);
  }

  /** Evaluates a module's own code, once. A module that is being evaluated (a cycle) is taken as it is so far. */
  load(m: Machine, file: string): Scope {
    const known = m.loaded.get(file);
    if (known !== undefined) return known;
    const scope = new Scope(file, undefined, true);
    m.loaded.set(file, scope);
    const module = this.modules.get(file);
    if (module !== undefined) m.moduleEffects.set(file, m.traces.during(file, () => m.loading(() => m.inFile(file, () => {
      const { effects, snapshot } = m.path(() => runAll(m, module.body, scope));
      // What a module found out for itself (`if (error) process.exit()`) need not hold where others run.
      m.settle([{ ...snapshot, facts: [] }]);
      return effects;
    }))));
    return scope;
  }

  /** `type T`, `interface T` or an alias that is in sight; in Python also one of a module that is (`auth.Manager`). */
  typeNamed(m: Machine, scope: Scope, name: string): NamedType | undefined {
    const dot = name.lastIndexOf('.');
    if (dot >= 0) {
      const module = m.language === 'python' ? this.moduleNamed(m, scope, name.slice(0, dot)) : undefined;
      return module === undefined ? undefined : this.typeNamed(m, this.load(m, module), name.slice(dot + 1));
    }
    const key = `${scope.file}|${name}`;
    if (!this.named.has(key)) this.named.set(key, this.findType(m, this.load(m, scope.file), name, new Set()));
    return this.named.get(key);
  }

  private moduleNamed(m: Machine, scope: Scope, path: string): string | undefined {
    const [first, ...rest] = path.split('.');
    if (scope.find(first!) === undefined) return undefined;
    const location = { file: scope.file, start: 0, end: 0 };
    const value = m.read(rest.reduce((found: Value, name) => m.member(found, name), m.evaluate({ kind: 'name', name: first!, location }, scope)));
    return value.kind === 'namespace' ? value.file : undefined;
  }

  /** @param seen where it was looked for already: barrels that pass each other on would be gone through again and again */
  private findType(m: Machine, scope: Scope, name: string, seen: Set<string>): NamedType | undefined {
    const { file } = scope;
    if (seen.has(`${file}|${name}`)) return undefined;
    seen.add(`${file}|${name}`);
    const own = this.typesOf(file).get(name);
    if (own !== undefined) return { type: own.extends.length === 0 ? own.type : { kind: 'intersection', parts: [own.type, ...own.extends], location: own.location }, scope, ...(own.decorators && { decorators: own.decorators }) };
    for (const { target, theirs } of this.brought.of(file, name)) {
      const found = this.findType(m, this.load(m, target), theirs === '*' ? name : theirs, seen);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private targetOf({ file, language }: CodeModule, statement: Extract<CodeStatement, { kind: 'import' | 'export' }>): string | undefined {
    const { module } = statement;
    if (module === undefined) return undefined;
    return language === 'python' ? this.pythonTarget(file, { module, ...(statement.kind === 'import' && statement.level !== undefined && { level: statement.level }) }) : this.fileOf(file, module);
  }

  private typesOf(file: string): ReadonlyMap<string, TypeStatement> {
    let known = this.types.get(file);
    if (known === undefined) {
      known = new Map(withTypes(this.modules.get(file)?.body ?? []).flatMap((each) => (each.kind === 'type' ? [[each.name, each] as const] : [])));
      this.types.set(file, known);
    }
    return known;
  }

  /** The file a module name stands for; undefined for a package that is not part of the project. */
  fileOf(from: string, module: string): string | undefined {
    let near = this.near.get(from);
    if (near === undefined) this.near.set(from, near = new Map());
    if (!near.has(module)) near.set(module, this.lookUp(from, module));
    return near.get(module);
  }

  private lookUp(from: string, module: string): string | undefined {
    const key = module.startsWith('.') ? posix.join(posix.dirname(from), module) : `${posix.dirname(from)}|${module}`;
    if (!this.found.has(key)) this.found.set(key, module.startsWith('.') ? this.at(key) : this.aliased(from, module));
    return this.found.get(key);
  }

  private at(path: string): string | undefined {
    const plain = path.replace(/^\.\//, '');
    for (const stem of [plain, plain.replace(/\.(?:js|mjs|cjs|jsx)$/, '')]) for (const extension of EXTENSIONS) if (this.modules.has(stem + extension)) return stem + extension;
    return undefined;
  }

  private aliased(from: string, module: string): string | undefined {
    for (const { dir, baseUrl, patterns } of this.aliases.paths) {
      if (dir !== '.' && !from.startsWith(`${dir}/`)) continue;
      for (const { pattern, targets } of patterns) {
        const [before, after] = pattern.split('*');
        const fits = pattern.includes('*') ? module.startsWith(before!) && module.endsWith(after!) : module === pattern;
        if (!fits) continue;
        const rest = pattern.includes('*') ? module.slice(before!.length, module.length - after!.length) : '';
        for (const target of targets) {
          const found = this.at(target.replace('*', rest));
          if (found !== undefined) return found;
        }
      }
      const found = baseUrl === undefined ? undefined : this.at(posix.join(baseUrl, module));
      if (found !== undefined) return found;
    }
    return this.ofPackage(module);
  }

  private ofPackage(module: string): string | undefined {
    const owner = this.aliases.packages.find(({ name }) => module === name || module.startsWith(`${name}/`));
    if (owner === undefined) return undefined;
    const below = module === owner.name ? '.' : `.${module.slice(owner.name.length)}`;
    const candidates = [...(entryOf(owner.entries, below) ?? []), ...patternEntries(owner.entries, below), ...(below === '.' ? ['src/index', 'index', 'src', 'lib/index'] : [below, `src/${below.slice(2)}`, `lib/${below.slice(2)}`])];
    for (const each of candidates) {
      // What is built is not there: its source is.
      for (const path of [each, each.replace(/(^|\/)(?:dist|build|lib|out)\//, '$1src/'), each.replace(/(^|\/)(?:dist|build|out)\//, '$1lib/'), each.replace(/(^|\/)(?:dist|build|lib|out)\//, '$1')]) {
        const found = this.at(posix.join(owner.dir, path.replace(/\.d\.(ts|mts|cts)$/, '.$1')));
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  /** A folder without an `__init__.py` below a Python package: known by its path until a module of it is named. */
  pythonFolder(file: string, name: string): Value | undefined {
    if (!/(^|\/)__init__\.py$/.test(file)) return undefined;
    const folder = posix.join(posix.dirname(file), name);
    const isThere = [...this.modules.keys()].some((path) => path.startsWith(`${folder}/`));
    return isThere ? { kind: 'external', module: folder.replaceAll('/', '.'), path: [] } : undefined;
  }

  /** The file of a Python module by its dotted name. */
  pythonModule(from: string, module: string): string | undefined {
    return this.pythonFile(from, module);
  }

  private pythonFile(from: string, module: string): string | undefined {
    const path = module.replaceAll('.', '/');
    const key = `python|${from}|${module}`;
    if (this.found.has(key)) return this.found.get(key);
    let found: string | undefined;
    // A package is looked up from the folders around, nearest first; a folder that is a package itself is no place to start from.
    for (let dir = posix.dirname(from); found === undefined; dir = posix.dirname(dir)) {
      const candidates = this.modules.has(posix.join(dir, '__init__.py')) ? [] : [this.pythonAt(posix.join(dir, path)), this.pythonAt(posix.join(dir, 'src', path))];
      found = candidates.find((each) => each !== undefined && each !== from);
      if (dir === '.' || dir === '/') break;
    }
    found ??= this.ofRootPackage(path) ?? this.sharedNamespace(from, path);
    this.found.set(key, found);
    return found;
  }

  /** `import app.models`, where the project's root is the folder `app`. */
  private ofRootPackage(path: string): string | undefined {
    const { pythonPackage } = this.aliases;
    return pythonPackage !== undefined && path.startsWith(`${pythonPackage}/`) ? this.pythonAt(path.slice(pythonPackage.length + 1)) : undefined;
  }

  /** A package of several source folders (`ee/src/acme/...` beside `app/src/acme/...`): the module is in another of them, the one that shares most of its path. */
  private sharedNamespace(from: string, path: string): string | undefined {
    const [first, ...rest] = path.split('/');
    if (rest.length === 0 || !posix.dirname(`/${from}`).split('/').includes(first!)) return undefined;
    const shared = (file: string): number => [...from].findIndex((letter, index) => file[index] !== letter);
    const there = [...this.modules.keys()].filter((file) => file.endsWith(`/${path}.py`) || file.endsWith(`/${path}/__init__.py`));
    return there.sort((a, b) => shared(b) - shared(a) || (a < b ? -1 : 1))[0];
  }

  private pythonAt(path: string): string | undefined {
    const plain = path.replace(/^\.\//, '').replace(/(?<!\/)\/+$/, '');
    return [`${plain}.py`, `${plain}/__init__.py`].find((each) => this.modules.has(each));
  }
}

function relativeBase(from: string, level: number, module: string): string {
  return posix.join(...[posix.dirname(from), ...Array.from({ length: level - 1 }, () => '..')], module.replaceAll('.', '/'));
}

function patternEntries(entries: Readonly<Record<string, readonly string[]>>, below: string): string[] {
  return Object.entries(entries).flatMap(([pattern, targets]) => {
    const [before, after] = pattern.split('*');
    if (after === undefined || !below.startsWith(before!) || !below.endsWith(after)) return [];
    return targets.map((target) => target.replace('*', below.slice(before!.length, below.length - after.length)));
  });
}

function externalOf(m: Machine, module: string, path: readonly string[]): Value {
  const value = { kind: 'external', module, path } as const;
  return m.libraryOf(module, path.length === 0 ? ['*'] : path)?.external?.(value, m) ?? value;
}
