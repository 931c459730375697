import type { Config } from '../../config/types.js';
import type { ModuleAliases } from '../../discover/types.js';
import type { CodeFunction, CodeModule } from '../../facts/code.js';
import type { FileFacts } from '../../facts/file.js';
import type { Query } from '../../facts/query.js';
import type { Statement } from '../../facts/operation.js';
import { outermostFunctions } from '../../parse/skeleton.js';
import { during } from '../../watch.js';
import { isWithin, type Location, type Notice } from '../../facts/location.js';
import type { ModelTable } from '../../facts/schema.js';
import type { Catalog } from '../catalog/types.js';
import { enterFunction } from './calls.js';
import { declaredClasses } from './declared-classes.js';
import { grant } from './granted.js';
import { instanceFor } from './classes.js';
import { singleEffects } from './effects.js';
import { libraries } from './libraries/index.js';
import type { Journal } from './journal.js';
import { isSource, type Effect } from './library.js';
import { Machine, type Program } from './machine.js';
import { namingOthers } from './naming-others.js';
import { Presumptions, withHanded } from './presumed.js';
import { Reach } from './reach.js';
import { ModuleResolver, modulesIn } from './resolve.js';
import { wrappedHandlers } from './store.js';
import type { Traces } from './traces.js';
import { wrappedFunctions } from './wrappers.js';
import { statementsOf } from './migration-steps.js';
import type { ClassValue, FunctionValue } from './values.js';

const FEW_FILES = 40;
/** A migration runs once, and what it does has to be known. */
const MIGRATION_BUDGET = 5;

/** What the evaluator may ask beside the facts. */
export type Outside = Pick<Program, 'text' | 'types'>;

/** What became of following a file. */
export interface Followed {
  readonly effects: readonly Effect[];
  readonly notices: readonly Notice[];
  /** Modules that nobody had asked for before. */
  readonly loaded: readonly string[];
  /** The files whose code was looked into. */
  readonly looked: readonly string[];
  /** Something was put where the code of other files looks. */
  readonly acts: boolean;
}

/** What the migrations of one file do, direction by direction. */
export interface MigrationEffects {
  readonly up: readonly Statement[];
  /** Absent when the file has no such part. */
  readonly down?: readonly Statement[];
  readonly effects: readonly Effect[];
}

/** The evaluator over all code of a project, in two phases: models and migrations first, queries when the database is known. */
export class CodeProgram {
  /** Code that was not followed to its end. */
  readonly notices: Notice[] = [];
  private readonly machine: Machine;
  private readonly modules: ReadonlyMap<string, CodeModule>;
  /** Only in these can there be a query or a model. */
  private readonly relevant: ReadonlySet<string>;
  /** Modules that ask a framework's objects for what a module that leads to a library has given them. */
  readonly asking: readonly string[];

  /**
   * @param models what schema files of their own languages declare
   * @param outside what the evaluator may ask besides
   */
  constructor(private readonly files: ReadonlyMap<string, FileFacts>, aliases: ModuleAliases, config: Config, models: readonly ModelTable[], readonly outside: Outside = {}) {
    this.modules = new Map([...files.values()].flatMap(({ file, code }) => (code === undefined ? [] : [[file, code] as const])));
    this.machine = new Machine({ modules: this.modules, resolver: new ModuleResolver(this.modules, aliases), libraries, config, models, ...outside });
    const { machine } = this;
    const relevant = machine.program.resolver.relevant((module) => (module.operations ?? []).some(({ client }) => client !== undefined), (module, name) => isSource(machine.libraryOf(module, [name])) || leadsByName(module, name) || leadsByType(machine, module));
    this.asking = askingFor(this.modules, relevant);
    const asking = machine.program.resolver.withImporters(this.asking);
    this.relevant = new Set([...this.modules.keys()].filter((file) => relevant.has(file) || asking.has(file)));
    this.machine.store.set('migrations', new Set([...files.values()].filter(({ role }) => role.type === 'migration').map(({ file }) => file)));
  }

  /**
   * Runs the own code of every module that leads to a database library. Those that only give names to functions and values wait until something of them is asked for.
   * @returns the models declared in code
   */
  models(): ModelTable[] {
    for (const file of this.relevant) {
      if (!this.isActing(file)) continue;
      this.machine.budget.refill();
      during(file, () => this.withinStack({ file, start: 0, end: 0 }, () => this.machine.program.resolver.load(this.machine, file)));
    }
    return this.machine.models.filter((model) => !this.machine.program.models.includes(model));
  }

  /** The module of the project that an import stands for. */
  moduleOf(from: string, module: string): CodeModule | undefined {
    const file = this.machine.program.resolver.fileOf(from, module);
    return file === undefined ? undefined : this.modules.get(file);
  }

  /** Whether a query is only a part of another that says where a value of it came from. */
  isBorrowed(query: Query): boolean {
    return this.machine.borrowed.has(query);
  }

  /**
   * What the migrations written in code do, by file.
   * @param order those that run, in their order: Django's stand on what went before
   */
  migrations(order: readonly string[] = []): Map<string, MigrationEffects> {
    const found = new Map<string, MigrationEffects>();
    for (const path of new Set([...order, ...this.files.keys()])) {
      const { file, role, code } = this.files.get(path) ?? {};
      if (file === undefined || role?.type !== 'migration' || code === undefined) continue;
      const [up, down] = during(file, () => [this.direction(file, role.kind, 'up'), this.direction(file, role.kind, 'down')]);
      found.set(file, { up: statementsOf(this.machine, up ?? []), ...(down && { down: statementsOf(this.machine, down) }), effects: up ?? [] });
    }
    return found;
  }

  private direction(file: string, kind: Extract<FileFacts['role'], { type: 'migration' }>['kind'], direction: 'up' | 'down'): Effect[] | undefined {
    const { machine } = this;
    const library = libraries.find(({ migrations }) => migrations?.kinds.includes(kind));
    if (library?.migrations === undefined) return undefined;
    machine.budget.refill(MIGRATION_BUDGET);
    const scope = machine.program.resolver.load(machine, file);
    let has = false;
    const lookup = (name: string) => {
      const own = scope.own(name);
      return typeof own === 'number' ? machine.read({ kind: 'reference', slot: own }) : machine.program.resolver.exported(machine, file, name);
    };
    const { effects } = machine.path(() => machine.inFile(file, () => {
      has = library.migrations!.run(lookup, direction, machine);
      return true;
    }));
    return has ? effects : undefined;
  }

  /**
   * Runs every function that nothing of its own module runs, and collects what all of the code does.
   * @param part the files whose functions are run by themselves; absent: all
   */
  effects(catalogs: readonly Catalog[] = [], part?: ReadonlySet<string>): Effect[] {
    // For a few files, running too much costs less than finding out.
    const found = this.begin(catalogs, part !== undefined && part.size <= FEW_FILES).filter((file) => part?.has(file) !== false).flatMap((file) => this.follow(file, part).effects);
    return part === undefined ? found : [...found, ...this.calledElsewhere(found, part)];
  }

  /**
   * Gets ready to run the functions of the files one by one.
   * @param all whether all functions are run, whether they lead to a query or not
   * @returns the files, in the order in which they are followed
   */
  begin(catalogs: readonly Catalog[], all = false): string[] {
    this.machine.catalogs = catalogs;
    this.machine.presumptions = new Presumptions(this.modules, this.machine.models, catalogs);
    this.machine.reach = all ? undefined : reachOf(this.machine, this.relevant, this.asking);
    return [...this.files.values()].filter(({ file, role }) => this.relevant.has(file) && role.type !== 'migration').map(({ file }) => file);
  }

  /** Runs the functions of a file. */
  follow(file: string, part?: ReadonlySet<string>): Followed {
    const { machine, notices } = this;
    const before = { loaded: machine.loaded.size, notices: notices.length, changes: machine.journal.changes };
    machine.beginFile(file);
    const effects = during(file, () => this.effectsOf(file, machine.reach, part));
    return {
      effects, notices: notices.slice(before.notices), looked: machine.traces.looked(), acts: machine.journal.changes !== before.changes,
      loaded: machine.loaded.size === before.loaded ? [] : [...machine.loaded.keys()].slice(before.loaded),
    };
  }

  /** A file need not be followed: what that did besides is done all the same. */
  pass({ loaded, notices }: Pick<Followed, 'loaded' | 'notices'>): void {
    for (const file of loaded) if (this.isActing(file)) this.machine.program.resolver.load(this.machine, file);
    this.notices.push(...notices);
  }

  /** The modules that did more, when they were loaded, than to define functions, and left something behind: others may see it that do not import them. */
  acting(): string[] {
    const { traces } = this.machine;
    return [...this.machine.loaded.keys()].filter((file) => this.isActing(file) && (traces.isLeftBy(file) || this.modules.get(file)!.language !== 'javascript'));
  }

  /** What the loading of modules, and what is found out once, has left or depends on. */
  get traces(): Pick<Traces, 'called' | 'shared' | 'asked'> {
    return this.machine.traces;
  }

  /** The classes of the project that implement or extend what is called so. */
  implementers(names: Iterable<string>): (readonly [name: string, classes: string])[] {
    return [...names].map((name) => [name, this.machine.program.resolver.implementations.of(name).map((each) => `${each.file} ${each.class}`).join('\n')]);
  }

  /** What each module says to who loads it. */
  skeletons(): (readonly [file: string, skeleton: string])[] {
    return [...this.modules.values()].map(({ file, skeleton }) => [file, skeleton]);
  }

  /** What a module says to who loads it; undefined where there is no such module. */
  skeletonOf(file: string): string | undefined {
    return this.modules.get(file)?.skeleton;
  }

  /** The functions of a module that stand in no other, methods included. */
  functionsIn(file: string): readonly CodeFunction[] {
    return outermostFunctions(this.modules.get(file)?.body);
  }

  private isActing(file: string): boolean {
    const module = this.modules.get(file);
    return module !== undefined && module.quiet !== true;
  }

  /** What following depended on besides imports. */
  get journal(): Readonly<Omit<Journal, 'changes'>> {
    return this.machine.journal;
  }

  /** What a file does; what a framework runs on its way through the file's other functions is followed by itself only where none of them led to it. */
  private effectsOf(file: string, reach: Reach | undefined, part: ReadonlySet<string> | undefined): Effect[] {
    const found = [...this.machine.moduleEffects.get(file) ?? []];
    const entries = this.entriesOf(file).filter((fn) => reach?.reaches(fn.function.location) ?? true);
    const hooks = new Set(entries.filter((fn) => this.machine.inFile(file, () => libraries.some(({ hook }) => hook?.(fn, this.machine)))));
    // A function of a module is followed with its own file, if that is.
    const isElsewhere = ({ function: { location }, scope }: FunctionValue) => scope.parent === undefined && scope.file !== file && this.relevant.has(scope.file) && part?.has(scope.file) !== false && (reach?.reaches(location) ?? true);
    for (const fn of wrappedHandlers(this.machine).get(file) ?? []) if (!isElsewhere(fn)) found.push(...this.withinStack(fn.function.location, () => this.entered(fn)) ?? []);
    // What it was made around nobody else can call.
    const isWrapped = ({ function: code }: FunctionValue) => wrappedFunctions(this.machine).has(code) && this.machine.unit.hasCalled(code);
    for (const fn of entries) if (!hooks.has(fn) && !isWrapped(fn)) found.push(...this.enter(fn));
    for (const owner of declaredClasses(this.machine).get(file) ?? []) found.push(...this.acted(owner));
    for (const fn of hooks) if (!this.machine.unit.hasCalled(fn.function)) found.push(...this.enter(fn));
    return found;
  }

  /** What the functions of other files that were called do by themselves: whether a query is theirs or their callers' depends on it. */
  private calledElsewhere(effects: readonly Effect[], part: ReadonlySet<string>): Effect[] {
    const called = new Map(singleEffects(effects).flatMap((effect) => (effect.kind !== 'query' ? [] : effect.stack.filter(({ file }) => !part.has(file)).map((place) => [`${place.file}:${place.start}`, place] as const))));
    return [...called.values()].flatMap((place) => {
      this.machine.beginFile(place.file);
      return this.entriesOf(place.file).filter((fn) => fn.function.location.start === place.start).flatMap((fn) => this.enter(fn));
    });
  }

  /** A file and all that import it, directly or through others, and what sends it messages: what may call its functions. */
  callersOf(file: string): ReadonlySet<string> {
    const others = this.isJoined(this.modules.get(file)) ? this.joined() : [];
    return this.machine.program.resolver.withImporters([file, ...others]);
  }

  private joined(): string[] {
    return [...this.modules.values()].filter((module) => this.isJoined(module)).map(({ file }) => file);
  }

  private isJoined(module: CodeModule | undefined): boolean {
    return module?.imports.some(({ target }) => this.machine.libraryOf(target.module)?.joins === true) === true;
  }

  /**
   * The files in which an import, or a name of a module, means another file where some have come and others have gone. What a new file is imported by it says itself.
   * @returns undefined where it cannot be told
   */
  naming(added: ReadonlySet<string>, removed: ReadonlySet<string>): readonly string[] | undefined {
    if (removed.size > 0 && this.joined().length > 0) return undefined;
    return namingOthers({ all: [...this.modules.values()], inFolder: (folder) => modulesIn(this.modules, folder), importersOf: (files) => this.machine.program.resolver.importersOf(files), text: this.outside.text }, added, removed);
  }

  /** The functions and methods at the top of a module, in the order they stand. */
  private entriesOf(file: string): FunctionValue[] {
    const { machine } = this;
    machine.program.resolver.load(machine, file);
    const own = machine.unit.functionsOf(file);
    const methods = (machine.methods.get(file) ?? [])
      .map(({ method: code, owner }): FunctionValue => ({ kind: 'function', function: code, scope: owner.scope, owner, ...(code.isStatic === true ? { self: owner } : { self: instanceFor(machine, owner) }) }));
    const all = new Map<CodeFunction, FunctionValue>([...own.map((each) => [each.function, each] as const), ...methods.map((each) => [each.function, each] as const)]);
    return [...all.values()].sort((a, b) => a.function.location.start - b.function.location.start);
  }

  /** What could not be followed to its end is said, not passed over. */
  private noteBudget({ function: code }: FunctionValue): void {
    if (this.machine.budget.exhausted) this.notices.push({ location: { ...code.location, end: code.location.start }, reason: `${code.name === undefined ? 'A function' : `The function "${code.name}"`} runs more code than is followed: queries near its end may not have been judged` });
  }

  /** Code that asks for itself in a way that was not foreseen costs what is at hand, not the run. */
  private withinStack<T>(location: Location, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.notices.push({ location, reason: 'This needs more stack than there is to be followed: queries from here on may not have been judged' });
      return undefined;
    }
  }

  /** What packages do for a class of the project. */
  private acted(owner: ClassValue): Effect[] {
    const { machine } = this;
    const { location } = owner.class;
    return machine.inFile(owner.scope.file, () => libraries.flatMap(({ actions }) => actions?.(owner, machine) ?? [])).flatMap((action) => this.withinStack({ ...location, end: location.start }, () => {
      machine.budget.refill();
      return machine.path(() => machine.inFile(owner.scope.file, () => {
        const { effects, snapshot } = machine.path(() => { action(); return true; });
        machine.emitAll(effects);
        for (const fact of snapshot.facts) machine.check(fact, true);
        return true;
      })).effects;
    }) ?? []);
  }

  /** Enters a function, then those made inside of it that nobody called. */
  private enter(fn: FunctionValue): Effect[] {
    const { machine } = this;
    if (machine.unit.hasEntered(fn.function)) return [];
    const { location } = fn.function;
    return this.withinStack({ ...location, end: location.start }, () => this.entered(fn)) ?? [];
  }

  /** Takes for true what packages have found out before they call a function. @returns whether there is anything of the kind */
  private grants(fn: FunctionValue): boolean {
    const { machine } = this;
    return machine.inFile(fn.scope.file, () => {
      const granted = libraries.flatMap((library) => library.granted?.(fn, machine) ?? []);
      for (const value of granted) grant(machine, value);
      return granted.length > 0;
    });
  }

  private entered(fn: FunctionValue): Effect[] {
    const { machine } = this;
    machine.budget.refill();
    machine.unit.made.clear();
    machine.presumptions?.taken.clear();
    machine.unit.noteEntered(fn.function);
    const { effects } = machine.path(() => {
      this.grants(fn);
      enterFunction(machine, fn);
      this.noteBudget(fn);
      // Entering one may make others.
      for (const made of machine.unit.made.values()) {
        if (!machine.unit.hasEntered(made.function) && !machine.unit.hasCalled(made.function) && made.function !== fn.function && isWithin(made.function.location, fn.function.location)) {
          machine.budget.refill();
          machine.unit.noteEntered(made.function);
          // What was found out before one of them is not so of the others.
          // Whoever calls it may have told the database who asks, of the client that it is called with.
          withHanded(machine, machine.presumptions?.hasPolicies === true ? 'policed' : undefined, () => {
            const path = machine.path(() => this.grants(made) && (enterFunction(machine, made), true));
            if (path.live) machine.emitAll(path.effects);
            else enterFunction(machine, made);
          });
          this.noteBudget(made);
        }
      }
      return true;
    });
    return effects;
  }
}

/** The modules that ask a framework's objects for something that a module which leads to a library has given them under that name. */
function askingFor(modules: ReadonlyMap<string, CodeModule>, relevant: ReadonlySet<string>): string[] {
  const given = new Set([...relevant].flatMap((file) => modules.get(file)!.carried?.given ?? []));
  return given.size === 0 ? [] : [...modules.values()].filter(({ carried }) => carried?.asked.some((name) => given.has(name)) === true).map(({ file }) => file);
}

/** Which definitions of the modules that lead to a library lead to it themselves. */
function reachOf(machine: Machine, files: ReadonlySet<string>, asking: readonly string[]): Reach {
  const { modules, resolver } = machine.program;
  const handed = new Set(asking);
  return new Reach({
    modules, files,
    isHanded: (file) => handed.has(file),
    implementers: (name) => resolver.implementations.of(name),
    presumed: (file) => machine.presumptions?.placesIn(file) ?? [],
    filesOf: (from, target, names) => resolver.filesOf(from, target, names),
    isSource: (module, name) => {
      const library = machine.libraryOf(module, [name]);
      return isSource(library) ? library?.leads?.(name) !== false : leadsByName(module, name) || leadsByType(machine, module);
    },
    isKnown: (module) => machine.libraryOf(module) !== undefined || leadsByType(machine, module),
    isSourceType: (file, module, path, type) => {
      const library = machine.libraryOf(module, path);
      if (library === undefined) return leadsByType(machine, module);
      if (!isSource(library)) return false;
      const scope = resolver.load(machine, file);
      const value = machine.loading(() => machine.inFile(file, () => library.typed?.({ kind: 'external', module, path }, type.arguments.map((each) => ({ type: each, scope })), machine)));
      return value !== undefined && value.kind !== 'input';
    },
  });
}

/** Whether a package gives what the project provides elsewhere, by a name (`@Inject('PG') pool`), or what is called as only a database is. */
function leadsByName(module: string, name: string): boolean {
  return name === 'db' || (module === '@nestjs/common' && name === 'Inject');
}

/** Whether a package that is not known gives clients of one that is, by its types. */
function leadsByType(machine: Machine, module: string): boolean {
  const { types, modules } = machine.program;
  if (types === undefined || module.startsWith('.') || machine.libraryOf(module) !== undefined) return false;
  const importer = [...modules.values()].find(({ body }) => body.some((statement) => statement.kind === 'import' && statement.module === module));
  return importer !== undefined && types.leads(importer.file, module, (each) => isSource(machine.libraryOf(each)));
}
