import { present } from './present.js';
import { modelsInCode } from './store.js';
import type { Config } from '../../config/types.js';
import type { ClassField, CodeClass, CodeExpression, CodeFunction, CodeModule } from '../../facts/code.js';
import type { Expression } from '../../facts/expression.js';
import { isWithin, type Location } from '../../facts/location.js';
import type { Query } from '../../facts/query.js';
import type { ModelTable } from '../../facts/schema.js';
import type { Catalog } from '../catalog/types.js';
import { assume } from './assume.js';
import { Budget } from './budget.js';
import { inputKeys, isAnyOf } from './cut.js';
import { callMethod, callValue } from './calls.js';
import { assignAll, withChanges } from './changes.js';
import { ancestry, instanceFor, libraryOfInstance } from './classes.js';
import { isAlwaysAfter } from './ends.js';
import { evaluate, spreadEntries } from './expressions.js';
import { Journal } from './journal.js';
import { keysOf } from './keys.js';
import { expressionOf, mayBe } from './lower.js';
import { noteMade } from './made.js';
import { parameterNames } from '../parameters.js';
import { copyOf } from '../queries/nodes.js';
import { memberOf } from './members.js';
import { heldFor } from './missing.js';
import type { TypeProvider } from './type-provider.js';
import { typedValue } from './types.js';
import { isOfPackage, type Call, type Context, type Effect, type Library, type QueryEffect, type Trace } from './library.js';
import { oneOf } from './one-of.js';
import type { Presumptions } from './presumed.js';
import type { Reach } from './reach.js';
import type { ModuleResolver } from './resolve.js';
import { Results } from './results.js';
import { ordinary, platformOf } from './platform.js';
import type { Scope } from './scope.js';
import { Connections, contextOf, noteQuery, noteStatements } from './sessions.js';
import { asSigned } from './signatures.js';
import { State, type Snapshot } from './state.js';
import { Traces } from './traces.js';
import { inUnit, Unit } from './unit.js';
import { apart } from './apart.js';
import { withinFunction } from './within.js';
import type { ClassValue, ConditionValue, ExternalValue, Fact, FieldValue, FunctionValue, InputValue, InstanceValue, LibraryValue, NamedType, ObjectEntryValue, ObjectValue, ReferenceValue, Result, RowValue, Trust, TypeInScope, Value } from './values.js';

/** A call that is being evaluated: its returns so far. */
export interface Frame {
  readonly function?: CodeFunction;
  /** What it returns is awaited: a builder is sent there, under what holds there. */
  readonly awaits?: boolean;
  readonly location: Location;
  /** The library of the client that a tenant callback gave it. */
  handed?: string;
  /** Where the call stood: what it changes is told from here. */
  readonly state: State;
  /** The newest rows that were there before it. */
  readonly newest: number;
  /** `missing`: the inputs, or the row by its result, for want of which it is left here. `refuses`: it tells its caller no. */
  readonly returns: { readonly value: Value; readonly snapshot: Snapshot; readonly refuses?: boolean; missing?: readonly (string | number)[] }[];
  readonly loops: { readonly state: State; readonly leaves: Snapshot[]; readonly continues: Snapshot[]; readonly label?: string }[];
}

export type QueryRecord = Extract<Effect, { kind: 'query' }>;

/** What the evaluation of a project is given. */
export interface Program {
  readonly modules: ReadonlyMap<string, CodeModule>;
  readonly resolver: ModuleResolver;
  readonly libraries: readonly Library[];
  readonly config: Config;
  readonly models: readonly ModelTable[];
  /** The text of a file of the project, for code that reads one. */
  readonly text?: (file: string) => string | undefined;
  /** What the project's compiler knows, where it was asked for. */
  readonly types?: TypeProvider;
}

const DEEPEST_CALL = 12;

/** The evaluator's own state: heap, effects, call stack, budget. One serves a whole project. */
export class Machine implements Context {
  readonly root = new State();
  state: State = this.root;
  file = '';
  catalogs: readonly Catalog[] = [];
  readonly frames: Frame[] = [];
  readonly store = new Map<string, unknown>();
  /** What loading the modules has shown of functions; files are followed on top of it. */
  readonly base: Unit;
  unit: Unit;
  readonly loaded = new Map<string, Scope>();
  readonly traces: Traces;
  /** What the own code of each module did. */
  readonly moduleEffects = new Map<string, Effect[]>();
  /** Sub-selects that say where a value came from: of which field of a result, where they are one. */
  readonly borrowed = new WeakMap<Query, FieldValue | undefined>();
  /** The named methods of a file, with the classes they belong to. */
  readonly methods = new Map<string, { readonly method: CodeFunction; readonly owner: ClassValue }[]>();
  /** Instances whose constructor has run, or is running. */
  readonly constructed = new Set<number>();
  /** Fields of classes whose value is being found out. */
  readonly fieldsInMaking = new Set<ClassField>();
  /** Classes whose bases are being found out. */
  readonly openClasses = new Set<CodeClass>();
  /** Loops of a module's own code. */
  readonly moduleFrame: Frame = { location: { file: '', start: 0, end: 0 }, state: this.root, newest: 0, returns: [], loops: [] };
  effects: Effect[] = [];
  private callback: string | undefined;
  private level: readonly number[] = [];
  readonly found = new Results();
  lastRecord: QueryRecord | undefined;
  private slots = 0;
  private marks = 0;
  private results = 0;
  readonly connections = new Connections(this);
  private branches = 0;
  readonly budget = new Budget();
  /** Which functions may come to run a query; absent before all models are known. */
  reach: Reach | undefined;
  /** The clients that calls of the code would have; absent before all models and tables are known. */
  presumptions: Presumptions | undefined;

  constructor(readonly program: Program, readonly journal = new Journal(program)) {
    this.traces = new Traces(() => journal.changes + journal.declared + this.root.rewritten);
    this.unit = this.base = new Unit(undefined, this.traces);
    this.named = new Map(program.libraries.map((library) => [library.name, library]));
  }

  get language(): 'javascript' | 'python' {
    return this.program.modules.get(this.file)?.language ?? 'javascript';
  }

  get models(): readonly ModelTable[] {
    const found = modelsInCode(this);
    return found.size === 0 ? this.program.models : [...this.program.models, ...found.values()];
  }

  /** The code of another file is followed now. */
  beginFile(file: string): void {
    this.unit = new Unit(this.base);
    this.budget.home = file;
    this.traces.beginFile();
    this.found.beginFile();
  }

  functionsOf(file: string): readonly FunctionValue[] {
    this.program.resolver.load(this, file);
    return this.base.functionsOf(file);
  }

  /** Loads a module: whichever file is followed, what it shows is there for all. */
  loading<T>(work: () => T): T {
    return this.traces.once(() => inUnit(this, this.base, () => this.budget.unmetered(() => this.atRoot(() => this.root.lasting(work)))));
  }

  /** A call with these arguments was left before its end. */
  noteCut(given: readonly Value[]): void {
    this.budget.noteCut(inputKeys(this, given));
  }

  /** Whether a module's own code is running, also through functions that it calls: no function was entered by itself. */
  get isLoading(): boolean {
    const [outermost] = this.frames;
    return outermost === undefined || outermost.location !== outermost.function?.location;
  }

  get tooDeep(): boolean {
    return this.frames.length >= DEEPEST_CALL;
  }

  read(value: Value): Value {
    return this.state.read(value);
  }

  allocate(value: Value): ReferenceValue {
    const slot = ++this.slots;
    this.state.make(slot, value);
    return { kind: 'reference', slot };
  }

  write(reference: ReferenceValue, value: Value): void {
    this.state.write(reference, value);
  }

  get newestSlot(): number {
    return this.slots;
  }

  /** A slot that no value refers to: it marks a path. */
  newMark(): number {
    return -(++this.marks);
  }

  /** Whether a value is there from the start of the program, unchanged by the path reached. */
  isOfProgram(value: Value): value is ReferenceValue {
    return value.kind === 'reference' && this.state.isOfRoot(value.slot);
  }

  declare(scope: Scope, name: string, value: Value): void {
    const slot = ++this.slots;
    // Names may be shared by several paths.
    this.state.set(slot, value);
    scope.declare(name, slot);
  }

  member(value: Value, name: string): Value {
    return memberOf(this, value, name);
  }

  invoke(callee: Value, args: readonly Value[], location: Location): Value {
    return callValue(this, callee, {
      arguments: { positional: args, named: new Map(), open: false, locations: args.map(() => location) }, isNew: false, location, nameLocation: location, typeArguments: [],
    });
  }

  call(callee: Value, call: Call): Value {
    return callValue(this, callee, call);
  }

  callMethod(object: Value, name: string, call: Call): Value {
    return callMethod(this, object, name, call);
  }

  query(effect: QueryEffect): void {
    // Where no more is followed nothing is known of what it is given.
    if (effect.query === undefined && this.budget.exhausted) {
      this.lastRecord = undefined;
      return;
    }
    const facts = heldFor(this.state.facts, effect.query);
    const parameters = this.parametersOf([effect.query, facts]);
    const cut = [...parameters].flatMap(([name, value]) => (isAnyOf(value, this.budget.cut) ? [name] : []));
    const record: QueryRecord = {
      ...effect, parameters, facts, checks: [], ...platformOf(this.state.facts),
      ...this.traceOf(effect), ...contextOf(this, effect, this.callback), ...(cut.length > 0 && { cut }),
    };
    noteQuery(this, record);
    this.effects.push(record);
    this.lastRecord = record;
    noteMade(this, effect);
  }

  /** A builder that a helper gave is sent for the one who called the helper. */
  private traceOf({ begun, location }: QueryEffect): Trace {
    const { trace } = this;
    const isHere = begun === undefined || begun.stack[0] !== trace.stack[0] || trace.stack.some((each) => isWithin(location, each));
    return isHere ? trace : begun;
  }

  get trace(): Trace {
    const frames = this.frames.filter(({ function: code }) => code !== undefined);
    return { stack: frames.map(({ function: code }) => code!.location), calls: frames.map(({ location }) => location) };
  }

  /** A query that was recorded elsewhere as it is run by a call made here. */
  calledHere(record: QueryRecord, call: Location): QueryRecord {
    const facts = heldFor(this.state.facts, record.query);
    const { stack, calls } = this.trace;
    const parameters = facts.length === 0 ? record.parameters : new Map([...record.parameters, ...this.parametersOf(facts)]);
    return {
      ...record, facts: [...facts, ...record.facts], parameters, checks: [...record.checks], ...platformOf(this.state.facts), ...contextOf(this, record, this.callback),
      stack: [...stack, ...record.stack], calls: [...calls, ...record.calls.map((each, index) => (index === 0 ? call : each))],
    };
  }

  get newestResult(): number {
    return this.results;
  }

  /** Takes a record for the one that a result is of, on the path reached, or on a branch of it. */
  recordResult(id: number, record: QueryRecord, isBranch: boolean): void {
    this.found.note(id, { record, level: isBranch ? [...this.level, ++this.branches] : this.level });
  }

  emit(effect: Exclude<Effect, { kind: 'query' }>): void {
    if (effect.kind === 'operations') noteStatements(this, effect.access, effect.operations);
    this.effects.push(effect);
  }

  /** Records effects that were collected apart. */
  emitAll(effects: readonly Effect[]): void {
    this.effects.push(...effects);
  }

  /** Results that follow a query are that query's rows: checks on them are checks of the query. */
  result(result: Omit<Result, 'id'>): Result {
    const made = { ...result, id: ++this.results };
    if (this.lastRecord !== undefined) this.found.note(made.id, { record: this.lastRecord, level: this.level });
    return made;
  }

  present(result: Result): void {
    present(this, result, []);
  }

  /** What is known of each package; undefined: no library names it. */
  private readonly claimed = new Map<string, Library | undefined>();
  private readonly named: ReadonlyMap<string, Library>;

  /** The query that a result came of. */
  recordOf(result: number): QueryRecord | undefined {
    return this.found.at(result)?.record;
  }

  private readonly remembered = new Map<string, Value>();

  /** Remembers what a parameter stands for: one name is one value. */
  remember(name: string, value: Value): void {
    this.remembered.set(name, value);
  }

  /** What a parameter of queries stands for. */
  parameter(name: string): Value | undefined {
    return this.remembered.get(name);
  }

  private parametersOf(parts: unknown): ReadonlyMap<string, Value> {
    const found = new Map<string, Value>();
    for (const name of parameterNames(parts)) {
      const value = this.remembered.get(name);
      if (value !== undefined) found.set(name, asSigned(this, value));
    }
    return found;
  }

  input(name: string, trust: Trust, options: { key?: string; maybe?: boolean; environment?: boolean } = {}): Value {
    return { kind: 'input', key: options.key ?? name, name, trust, maybe: options.maybe ?? false, ...(options.environment === true && { environment: true }) };
  }

  expression(value: Value, location: Location): Expression {
    return expressionOf(this, value, location);
  }

  mayBe(value: Value, what: 'undefined' | 'null'): boolean {
    return mayBe(this, value, what);
  }

  evaluate(node: CodeExpression, scope: Scope): Value {
    return this.inFile(scope.file, () => evaluate(this, node, scope));
  }

  get facts(): readonly Fact[] {
    return this.state.facts;
  }

  hold(facts: readonly Fact[]): void {
    for (const fact of facts) this.state.add(fact);
  }

  get modules(): ReadonlyMap<string, CodeModule> {
    return this.program.modules;
  }

  readonly text = (file: string): string | undefined => this.journal.text(file, this.file);

  apart<T>(work: () => T): T {
    return apart(this, work);
  }

  ancestry(value: ClassValue): readonly (ClassValue | ExternalValue | LibraryValue)[] {
    return ancestry(this, value);
  }

  instanceOf(value: ClassValue): Value {
    return instanceFor(this, value);
  }

  typed(type: TypeInScope): Value | undefined {
    return typedValue(this, type);
  }

  typeNamed(scope: Scope, name: string): NamedType | undefined {
    return this.program.resolver.typeNamed(this, scope, name);
  }

  keysOf(value: InputValue | InstanceValue): readonly string[] | undefined {
    return keysOf(this, value);
  }

  changed(value: RowValue | InputValue): ObjectValue | undefined {
    return withChanges(this, value);
  }

  spread(value: Value, location: Location): readonly ObjectEntryValue[] {
    return spreadEntries(this, value, location);
  }

  assign(target: Value, entries: readonly ObjectEntryValue[], location: Location): void {
    assignAll(this, target, entries, location);
  }

  within<T>(fn: FunctionValue, work: () => T): T {
    return withinFunction(this, fn, work);
  }

  inCallback<T>(name: string, work: () => T): T {
    const before = this.callback;
    this.callback = name;
    try {
      return work();
    } finally {
      this.callback = before;
    }
  }

  nameOf(value: Value): string | undefined {
    const inner = this.read(value);
    if (inner.kind === 'classValue') return inner.class.name;
    return inner.kind === 'function' ? inner.function.name : undefined;
  }

  /** Collects what some work does apart. */
  collect(work: () => void): Effect[] {
    const before = this.effects;
    this.effects = [];
    try {
      work();
      return this.effects;
    } finally {
      this.effects = before;
    }
  }

  /** Runs a path of its own. `live`: it goes on after it. Nothing was asked before one that is `tried`, but what fails in it may be caught; one that is `certain` is taken always. */
  path(work: () => boolean, how?: 'tried' | 'certain'): { readonly live: boolean; readonly snapshot: Snapshot; readonly effects: Effect[] } {
    const before = this.state;
    const level = this.level;
    this.state = before.fork();
    if (how !== 'certain') this.level = [...level, how === 'tried' ? -++this.branches : ++this.branches];
    let live = false;
    try {
      const effects = this.collect(() => {
        live = work();
      });
      return { live, snapshot: this.state.since(before), effects };
    } finally {
      this.state = before;
      this.level = level;
    }
  }

  oneOf<T>(works: readonly (() => T)[], location: Location): T[] {
    return oneOf(this, works, location);
  }

  /** Goes on as the paths that are still live have left things. */
  settle(paths: readonly Snapshot[], partedLate = false): void {
    for (const fact of this.state.merge(ordinary(paths, ({ facts }) => facts), partedLate)) this.check(fact);
  }

  /**
   * A condition on a row that was found holds for every use of it that follows: the query that found it is judged with it.
   * @param always whatever path it is checked on: the row is used on no other
   */
  check(fact: Fact, always = false): void {
    if (fact.kind !== 'holds' || fact.about === undefined) return;
    const { result, check, ofOption } = fact.about;
    for (const id of this.found.at(result) === undefined ? [] : [result, ...this.found.sameAs(result)]) {
      const found = this.found.at(id)!;
      if ((!always && !isAlwaysAfter(this.level, found.level, ofOption)) || this.frames.some(({ newest, returns }) => id <= newest && returns.length > 0)) continue;
      found.record.checks.push(id === result ? check : copyOf(check));
      found.record.parameters = new Map([...found.record.parameters, ...this.parametersOf(check)]);
    }
  }

  /** Takes a condition for true or false on this path. @returns false when it cannot be */
  assume(condition: ConditionValue['condition'], outcome: boolean): boolean {
    return assume(this, condition, outcome);
  }

  /** Runs work at the start of the program, as a module's own code runs, whatever path is being followed. */
  atRoot<T>(work: () => T): T {
    const { state, level, callback } = this;
    const frames = this.frames.splice(0);
    this.state = this.root;
    this.level = [];
    this.callback = undefined;
    try {
      return work();
    } finally {
      this.state = state;
      this.level = level;
      this.callback = callback;
      this.frames.push(...frames);
    }
  }

  /** Evaluates the code of one file: names and locations are that file's. */
  inFile<T>(file: string, work: () => T): T {
    const before = this.file;
    this.file = file;
    this.traces.look(file);
    try {
      return work();
    } finally {
      this.file = before;
    }
  }

  /** A class of the project is there: libraries that it is a model of take note. */
  classDeclared(value: ClassValue): void {
    libraryOfInstance(this, value);
  }

  /** The library a package belongs to; `names`: what is imported of it. */
  libraryOf(module: string, names: readonly string[] = []): Library | undefined {
    if (!this.claimed.has(module)) this.claimed.set(module, this.program.libraries.find(({ modules }) => modules.some((name) => isOfPackage(module, name))));
    const known = this.claimed.get(module);
    if (known !== undefined || names.length === 0) return known;
    const found = this.program.libraries.find(({ speaksFor }) => speaksFor?.(module, names[0]!));
    if (found !== undefined) this.claimed.set(module, found);
    return found;
  }

  libraryNamed(name: string): Library | undefined {
    return this.named.get(name);
  }

  /** The library that a value of it, or of its package, is understood by. */
  libraryBehind(value: ExternalValue | LibraryValue): Library | undefined {
    return value.kind === 'library' ? this.libraryNamed(value.library) : this.libraryOf(value.module);
  }
}
