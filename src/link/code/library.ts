import type { Journal } from './journal.js';
import type { CodeClass, CodeExpression, CodeFunction, CodeModule } from '../../facts/code.js';
import type { Expression } from '../../facts/expression.js';
import type { MigrationKind } from '../../facts/file.js';
import type { Location } from '../../facts/location.js';
import type { Operation } from '../../facts/operation.js';
import type { Query } from '../../facts/query.js';
import type { ModelTable } from '../../facts/schema.js';
import type { Catalog } from '../catalog/types.js';
import type { Scope } from './scope.js';
import type { Connections } from './sessions.js';
import type { State } from './state.js';
import type { Access, ClassValue, Condition, ExternalValue, Fact, FunctionValue, InputValue, InstanceValue, LibraryValue, NamedType, ObjectEntryValue, ObjectValue, ReferenceValue, Result, RowListValue, SettingSet, RowValue, Trust, TypeInScope, Value } from './values.js';

/** The arguments of a call, evaluated. */
export interface Arguments {
  readonly positional: readonly Value[];
  /** Python's keyword arguments. */
  readonly named: ReadonlyMap<string, Value>;
  /** Some arguments are not known: an unknown `*args` or `**kwargs` was spread. */
  readonly open: boolean;
  /** Of an open call: what was spread as far as it is known, at places that are not. */
  readonly unplaced?: readonly { readonly value: Value; readonly maybe: boolean }[];
  /** Of an open call: what of its `**kwargs` is not known. */
  readonly spread?: readonly Value[];
  /** Where each positional argument is written. */
  readonly locations: readonly Location[];
  /** The newest rows that were there before these arguments were made: nobody but who is called has later ones (`find().then(use)`). */
  readonly newest?: number;
}

/** A call that a library is asked about. */
export interface Call {
  readonly arguments: Arguments;
  readonly isNew: boolean;
  /** The whole call expression: from the receiver's first token. */
  readonly location: Location;
  /** The callee's last name as written (`findMany`), where it stands. */
  readonly nameLocation: Location;
  /** That name, where it has one. */
  readonly name?: string;
  /** Holes and texts of a tagged template, when it is one; `arguments` is empty then. */
  readonly template?: Extract<Value, { kind: 'text' }>;
  readonly typeArguments: readonly TypeInScope[];
}

/**
 * What one package means: its clients, tables, builders. A library is found by import, construction or type, never by a method's name.
 * Each function may answer undefined: not known here.
 */
export interface Library {
  readonly name: string;
  /** The package names it speaks for: exact, or a prefix that ends in `/`. */
  readonly modules: readonly string[];
  /** Files that import it reach each other without importing each other: what one sends, another handles. */
  readonly joins?: boolean;
  /** It runs no queries: that a module imports it says nothing about queries in that module. */
  readonly incidental?: boolean;
  /** Whether an import that leads to no file of the project and to no package of `modules` is meant: a client generated into a folder of one's own. */
  readonly speaksFor?: (module: string, name: string) => boolean;
  /** Whether a name that it exports may lead to a query, or to what queries are made with; by default every one. Enumerations, errors and the like do not. */
  readonly leads?: (name: string) => boolean;
  /** Migrations in code of this kind: runs one direction of a module, whose top-level names `lookup` gives. @returns false when it has no such direction */
  readonly migrations?: { readonly kinds: readonly MigrationKind[]; readonly run: (lookup: (name: string) => Value | undefined, direction: 'up' | 'down', ctx: Context) => boolean };
  /** What a member of the package is (`PrismaClient`, `sql`, `op`); by default the ExternalValue itself. */
  readonly external?: (value: ExternalValue, ctx: Context) => Value | undefined;
  /** `value(...)`, `new value(...)` where the value is external to the project or a LibraryValue of this library. */
  readonly call?: (callee: ExternalValue | LibraryValue, call: Call, ctx: Context) => Value | undefined;
  /** `value.name`, `value['name']`. */
  readonly member?: (object: ExternalValue | LibraryValue, name: string, location: Location, ctx: Context) => Value | undefined;
  /** `value.name(...)`. Asked before `member` and `call`. */
  readonly method?: (object: ExternalValue | LibraryValue, name: string, call: Call, ctx: Context) => Value | undefined;
  /** `row.name(...)` on a row of an entity of this library (`user.update(...)`, `org.getMembers()`). */
  readonly rowMethod?: (row: RowValue, name: string, call: Call, ctx: Context) => Value | undefined;
  /** `row.name` on a row of an entity of this library, before what its columns and relations say. */
  readonly rowMember?: (row: RowValue, name: string, ctx: Context) => Value | undefined;
  /** Keys are set on a value of this library: `draft.name = 'x'`, `Object.assign(draft, data)`. */
  readonly changed?: (object: LibraryValue, entries: readonly ObjectEntryValue[], location: Location, ctx: Context) => void;
  /** What rows of an entity of this library are compared by: `row == other` in Django asks for equal keys. */
  readonly rowKey?: (row: RowValue, ctx: Context) => Value;
  /** `rows.name(...)` on rows of an entity of this library, where what a query gives is itself a query. */
  readonly rowsMethod?: (rows: RowListValue, name: string, call: Call, ctx: Context) => Value | undefined;
  /** `row.name = to` on a row of an entity of this library; `setattr(row, name, to)`, whose name may not be known. */
  readonly assigned?: (row: RowValue, name: string | undefined, to: Value, location: Location, ctx: Context) => void;
  /** Rows of an entity of this library that are gone through, returned, or given to code that is not known: they are read now, if not before. */
  readonly used?: (rows: RowListValue, ctx: Context) => void;
  /** Something of this library that is found as an attribute of a class of the project, on the class or on an instance of it (Python's descriptors). */
  readonly bound?: (value: LibraryValue, self: Value, owner: ClassValue, name: string, ctx: Context) => Value | undefined;
  /** What `super()` gives in a method of `self` where the next class is of the package. */
  readonly inherited?: (base: ExternalValue, self: Value, ctx: Context) => LibraryValue | undefined;
  /** What a decorator of the project (a function) applied to a class, when it was called with it. */
  readonly decoratedBy?: (value: ClassValue, ctx: Context) => LibraryValue | undefined;
  /** An operator with a value of this library on a side: `==`, `&`, `|`, `in`, `<`, `not`, `-`, and index access (`[]`). */
  readonly operator?: (operator: string, left: Value, right: Value | undefined, location: Location, ctx: Context) => Value | undefined;
  /** Whether a value of this library is true where code asks (`a and b`, `if a`); by default it is, as any object. */
  readonly truth?: (value: LibraryValue, ctx: Context) => boolean | undefined;
  /**
   * A value of this library that is awaited, given to Promise.all, called `then` on, or returned to whoever awaits it: builders that are sent then.
   * Asked for each option of a union.
   */
  readonly awaited?: (value: LibraryValue, location: Location, ctx: Context) => Value | undefined;
  /** What `yield* value` gives in a generator that a library runs step by step (`Effect.gen`). `owner`: the class or instance that is such a value. */
  readonly unwrapped?: (value: LibraryValue, owner: Value, ctx: Context) => Value | undefined;
  /** `value.pipe(...)` of any value, with functions of this library. */
  readonly piped?: (value: Value, call: Call, ctx: Context) => Value | undefined;
  /** The client that a value of which nothing is known must be: it is called `name` with what only clients of the library are given. */
  readonly presumed?: (name: string, call: Call, ctx: Context) => LibraryValue | undefined;
  /** Template tag: sql`...`. */
  readonly tag?: (tag: ExternalValue | LibraryValue, call: Call, ctx: Context) => Value | undefined;
  /** A parameter, field or variable of a type of the package (`db: PrismaClient`, `session: AsyncSession`). */
  readonly typed?: (type: ExternalValue, typeArguments: readonly TypeInScope[], ctx: Context) => Value | undefined;
  /** An instance of a project's class whose base (at any depth) is of the package: `class Db extends PrismaClient`. What the class itself has wins. */
  readonly instance?: (instance: InstanceValue, base: ExternalValue, ctx: Context) => LibraryValue | ExternalValue | undefined;
  /** A project's class whose base is of the package, used as a value: a model (`class User(Base)`, `User.findAll()`). What the class itself has wins. */
  readonly classValue?: (value: ClassValue, base: ExternalValue, ctx: Context) => LibraryValue | undefined;
  /** An attribute of a class that the package maps (`User.id`), or one of an instance that nothing was assigned to: one that code has made, or was given. Asked before what the class's own code says. */
  readonly mapped?: (owner: ClassValue, name: string, use: 'class' | 'made' | 'given', location: Location, ctx: Context) => Value | undefined;
  /** The name that a value of the library is as a key of a dict: `{User.name: 'x'}`. */
  readonly key?: (value: LibraryValue, ctx: Context) => string | undefined;
  /** A class with a decorator of the package (`@Entity()`), used as a value. */
  readonly decoratedClass?: (value: ClassValue, decorator: ExternalValue, call: Call | undefined, ctx: Context) => LibraryValue | undefined;
  /** What a decorator of the package makes the base of a class: `@as_declarative()`. */
  readonly decoratedBase?: (decorator: ExternalValue) => ExternalValue | undefined;
  /** Values for the parameters of a function that the package calls: route handlers, decorated methods, resolvers. */
  readonly parameters?: (fn: FunctionValue, decorators: readonly { readonly value: Value; readonly call?: Call }[], ctx: Context) => readonly (Value | undefined)[] | undefined;
  /** What the package has found to be true before it calls a function: permission classes of a view. */
  readonly granted?: (fn: FunctionValue, ctx: Context) => readonly Value[];
  /** Whether a function of the project only answers the package whether something may go on: a permission class, a guard. */
  readonly answers?: (fn: FunctionValue, ctx: Context) => boolean;
  /** What the package does by itself for a class of the project, once with each of what it does: the actions of a generic view. */
  readonly actions?: (owner: ClassValue, ctx: Context) => readonly (() => void)[];
  /** A method that others of its class call, or the package on their behalf: it is entered by itself only where nobody has called it. */
  readonly hook?: (fn: FunctionValue, ctx: Context) => boolean;
}

/** Whether a module is a package of a name, or a part of it; a name that ends in `/` stands for all packages that begin so. */
export function isOfPackage(module: string, name: string): boolean {
  return module === name || module.startsWith(name.endsWith('/') ? name : `${name}/`) || module.startsWith(`${name}.`);
}

/** Whether a module is of one of several packages. */
export function isOfAny(module: string, names: readonly string[]): boolean {
  return names.some((name) => isOfPackage(module, name));
}

/** Whether a package may run queries. */
export function isSource(library: Library | undefined): boolean {
  return library !== undefined && library.incidental !== true;
}

/** How code came to run. */
export interface Trace {
  /** The functions on the stack, outermost first: their locations. Empty: run by the module itself. */
  readonly stack: readonly Location[];
  /** Where each of them was called; of the outermost, where it stands. */
  readonly calls: readonly Location[];
}

/** How a query reaches the database. */
export interface QueryEffect {
  readonly kind: 'query';
  /** Absent when it could not be understood; `unknown` then says why. */
  readonly query?: Query;
  readonly unknown?: string;
  /** First token of the query expression (`prisma.user...`, the SQL keyword in the string) to its end. */
  readonly location: Location;
  /** `prisma`, `drizzle`, `raw sql`, ... for the coverage by ORM. */
  readonly library: string;
  readonly access?: Access;
  /** It goes to another database than PostgreSQL. */
  readonly otherDatabase?: boolean;
  /** Whether the policies of the database bind the role it runs as. */
  readonly rls?: 'enforced' | 'bypassed';
  /** How a builder came to be begun that is sent elsewhere. */
  readonly begun?: Trace;
  /** Where a helper has begun the builder that its caller has added to: by itself it asks nothing there. */
  readonly helper?: Location;
  /** Where a function sends what it was given: by itself it does not know what that asks. */
  readonly sender?: Location;
  /**
   * An object that a session is given: `parameter` where its function does not know it, which those that call it may; `row` where it was there already,
   * so that nothing is asked.
   */
  readonly given?: 'parameter' | 'row';
  /** Set later when it turns out that the text was no query but a part of another: then it does not count. */
  readonly draft?: { readonly withdrawn: boolean };
}

/** What running code does, in order. */
export type Effect =
  | (QueryEffect & RecordedQuery)
  /** A statement of a migration: its operations take effect together. */
  | { readonly kind: 'operations'; readonly operations: readonly Operation[]; readonly location: Location; readonly access?: Access }
  | { readonly kind: 'branch'; readonly condition: Condition | undefined; readonly then: readonly Effect[]; readonly otherwise: readonly Effect[]; readonly location: Location }
  | { readonly kind: 'loop'; readonly body: readonly Effect[]; readonly location: Location }
  | { readonly kind: 'try'; readonly body: readonly Effect[]; readonly handlers: readonly (readonly Effect[])[]; readonly location: Location }
  /** An exception (`throw`, `raise`, a failed assert), or a line that is only logged. */
  | { readonly kind: 'raise'; readonly level: 'exception' | 'log'; readonly location: Location }
  /** Something of a migration that could not be understood: an unknown helper that was given the connection. */
  | { readonly kind: 'opaque'; readonly reason: string; readonly location: Location }
  /** A call was left before its end: what the last of these functions does is not known of the others, outermost first. */
  | { readonly kind: 'left'; readonly stack: readonly Location[]; readonly location: Location }
  /** Text that is not constant was pasted into SQL without quoting. */
  | { readonly kind: 'interpolation'; readonly written: string; readonly statement: string; readonly location: Location };

/** What the evaluator adds to a query: what held when it ran, and how it came to run. */
export interface RecordedQuery extends Trace {
  readonly facts: readonly Expression[];
  /** Conditions on its own rows that were checked before they were used; added while evaluation goes on. */
  readonly checks: Expression[];
  /** The configured tenant callback it runs in. */
  readonly callback?: string;
  /** Only administrators of the platform come here. */
  readonly platform?: true;
  /** The one it runs beside of: on another client than it hands over. */
  readonly beside?: string;
  /** The settings that are set on its connection. */
  settings?: readonly SettingSet[];
  /** Those of its parameters that something was given which was called before and not followed to its end: it may have checked them. */
  readonly cut?: readonly string[];
  /** The function it begins at was called as well in ways that were not followed to their end. */
  readonly isLeft?: true;
  /** Values by the name of the parameter that stands for them in the query: their trust is known here. */
  parameters: ReadonlyMap<string, Value>;
}

/** What a library may ask of the evaluator. */
export interface Context {
  readonly state: State;
  readonly language: 'javascript' | 'python';
  /** The file being evaluated. */
  readonly file: string;
  /** What a slot of the heap holds; any other value as it is. */
  read(value: Value): Value;
  /** Puts an object, a list or a builder that changes in place on the heap. */
  allocate(value: Value): ReferenceValue;
  /** Changes what a slot holds. */
  write(reference: ReferenceValue, value: Value): void;
  /** A property of any value, as `value.name` evaluates. */
  member(value: Value, name: string): Value;
  /** The modules of the project. */
  readonly modules: ReadonlyMap<string, CodeModule>;
  /** The functions of a module that were met so far, its own code being run. */
  functionsOf(file: string): readonly FunctionValue[];
  /** What was met while the file being followed was: how often a function was called, apart from the loading of modules. */
  readonly unit: { callsOf(code: CodeFunction): number };
  /** The text of a file of the project, for code that reads one. */
  text(file: string): string | undefined;
  /** Runs work as a module's own code runs: what it does has no effect on the path being followed, nor on its budget. */
  apart<T>(work: () => T): T;
  /** Gives a name a value in a scope. */
  declare(scope: Scope, name: string, value: Value): void;
  /** The classes a class is made from, nearest first, itself included; what the project does not hold is external. */
  ancestry(value: ClassValue): readonly (ClassValue | ExternalValue | LibraryValue)[];
  /** The one instance of a class that stands for whatever is injected. */
  instanceOf(value: ClassValue): Value;
  /** Calls any value: functions of the project are evaluated, callbacks too. */
  invoke(callee: Value, args: readonly Value[], location: Location): Value;
  /** Calls a value as code does: with named arguments, too. */
  call(callee: Value, call: Call): Value;
  /** Calls a method of a value. */
  callMethod(object: Value, name: string, call: Call): Value;
  /** How the code that is running came to run. */
  readonly trace: Trace;
  /** Records a query in the order of evaluation. */
  query(effect: QueryEffect): void;
  /** Records any other effect. */
  emit(effect: Exclude<Effect, { kind: 'query' }>): void;
  /** A result with an id of its own. */
  result(result: Omit<Result, 'id'>): Result;
  /** The result has a row from here on: the operation throws otherwise. */
  present(result: Result): void;
  /** A value that nobody knows, of the given trust. `key` makes two of them the same value. */
  input(name: string, trust: Trust, options?: { key?: string; maybe?: boolean; environment?: boolean }): Value;
  /** The sub-selects that only say where a value came from: whoever changes a query leaves them as they are. */
  readonly borrowed: Pick<WeakMap<Query, unknown>, 'has'>;
  /** The value as an expression of SQL: constants, parameters for inputs, sub-selects for fields of rows, arrays for lists. */
  expression(value: Value, location: Location): Expression;
  /** Whether the value may be undefined (`undefined`), null (`null`), on the path reached. */
  mayBe(value: Value, what: 'undefined' | 'null'): boolean;
  /** What an expression of the project's code may be. */
  evaluate(node: CodeExpression, scope: Scope): Value;
  /** A value of a type that is written in code. */
  typed(type: TypeInScope): Value | undefined;
  /** A type of the project that has a name in sight: `type T`, `T = Annotated[...]`, `module.T`. */
  typeNamed(scope: Scope, name: string): NamedType | undefined;
  /** The keys that an object may have, as its type or class says. */
  keysOf(value: InputValue | InstanceValue): readonly string[] | undefined;
  /** A row or an input with what was set on it on the path reached, where anything was. */
  changed(value: RowValue | InputValue): ObjectValue | undefined;
  /** What `...value` puts into an object. */
  spread(value: Value, location: Location): readonly ObjectEntryValue[];
  /** Puts keys into an object, an instance, a row or an input, as `Object.assign` does. */
  assign(target: Value, entries: readonly ObjectEntryValue[], location: Location): void;
  /** What holds on the path reached. */
  readonly facts: readonly Fact[];
  /** Takes it that facts hold from here on. */
  hold(facts: readonly Fact[]): void;
  /** Takes a condition for true or false from here on. @returns false when it cannot be */
  assume(condition: Condition, outcome: boolean): boolean;
  /** Does one of several things, which one is not known: each is a path of its own. @returns what those give that go on */
  oneOf<T>(works: readonly (() => T)[], location: Location): T[];
  /** What a parameter of a query stands for. */
  parameter(name: string): Value | undefined;
  /** Runs work as a part of a function that is about to be entered: a framework asks something before. */
  within<T>(fn: FunctionValue, work: () => T): T;
  /** The connections that clients run on: see `Connections`. */
  readonly connections: Pick<Connections, 'own' | 'event' | 'batch' | 'settingsOf'>;
  /** Runs work in a tenant callback (`withTenant(...)`): its queries are marked. */
  inCallback<T>(name: string, work: () => T): T;
  /** The models of the project: Prisma's, and those that libraries found in code, by their physical table. */
  readonly models: readonly ModelTable[];
  /** The databases, once the migrations were replayed: empty before. */
  readonly catalogs: readonly Catalog[];
  /** Name of the class or function a value was made from, for look-ups of models. */
  nameOf(value: Value): string | undefined;
  /** Told of what is put where the code of other files looks; all modules, and files by a word in them, are found by it. */
  readonly journal: Pick<Journal, 'changes' | 'declared' | 'everyModule' | 'filesWith' | 'folders' | 'modulesWith'>;
  /** Shared by all evaluations of a project; each library keeps its own under its name. */
  readonly store: Map<string, unknown>;
}

export type { CodeClass, CodeFunction, Condition, ExternalValue, FunctionValue, InstanceValue, LibraryValue, Result, Value };
