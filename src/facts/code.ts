import type { Location } from './location.js';

/**
 * A module of an application language, independent of the parser that read it: TypeScript, JavaScript and Python are lowered
 * into this one tree, and one evaluator reads it. Pure data. What a language has no use for is absent.
 */
export interface CodeModule {
  readonly file: string;
  readonly language: 'javascript' | 'python';
  /** What it imports, in functions as well. */
  readonly imports: readonly ModuleImport[];
  /** What it gives to applications, requests and contexts of web frameworks under a name, and what it asks them for; absent: nothing. */
  readonly carried?: Carried;
  /** Calls that look like queries of an ORM (`db.note.findMany(...)`), whatever they are of; absent: none. */
  readonly operations?: readonly LikelyQuery[];
  /** What its classes say that they implement or extend, in JavaScript and TypeScript; absent: nothing. */
  readonly implementations?: readonly Implementation[];
  /** It does nothing when it is loaded but to give names to functions and values: nobody sees it who does not import it. */
  readonly quiet?: true;
  /** What stands at its top, without the inside of functions: by it two texts of it are compared. */
  readonly skeleton: string;
  /** Read from where it is kept when it is first asked for: most runs ask for few. */
  readonly body: readonly CodeStatement[];
}

export interface Implementation {
  /** The class, at the top of its module. */
  readonly class: string;
  /** The interface or class, as the module calls it that declares it. */
  readonly of: string;
}

export interface Carried {
  readonly given: readonly string[];
  readonly asked: readonly string[];
}

/** Instead of a table: what is about the connection itself. */
export const NO_TABLE = '';

export interface LikelyQuery {
  readonly orm: 'prisma' | 'drizzle' | 'kysely' | 'supabase' | 'entity' | 'sequelize' | 'django' | 'sqlalchemy' | 'sql';
  /** The name of the model or table: `note`. */
  readonly of: string;
  readonly location: Location;
  /** What would be a client, where a name or a member stands for it. */
  readonly client?: LikelyClient;
}

export interface LikelyClient {
  /** Of the value that is asked. */
  readonly location: Location;
  /** The type of a package that the client is then of. */
  readonly module: string;
  readonly name: string;
  /** Members of the client that lead to the value. */
  readonly members?: readonly string[];
}

export interface ModuleImport {
  readonly target: { readonly module: string; readonly level?: number };
  readonly names: readonly string[];
}

export type CodeStatement =
  | ExpressionStatement | DeclareStatement | IfStatement | LoopStatement | SwitchStatement | TryStatement | WithStatement
  | ReturnStatement | ThrowStatement | CodeJump | AssertStatement | FunctionStatement | ClassStatement | ImportStatement | ExportStatement
  | BlockStatement | DeleteStatement | EnumStatement | TypeStatement | UnknownStatement;

interface CodeNode {
  readonly location: Location;
}

export interface ExpressionStatement extends CodeNode {
  readonly kind: 'expression';
  readonly expression: CodeExpression;
}

/** `const x = v`, `let { a } = v`, Python's `x = v` and `x: T = v`. Assignments to what exists are AssignmentExpressions in JavaScript. */
export interface DeclareStatement extends CodeNode {
  readonly kind: 'declare';
  /** Python's assignments (`assign`) bind a name of the function or module, unless it is declared global or nonlocal. */
  readonly form: 'const' | 'let' | 'var' | 'assign';
  readonly target: Pattern;
  readonly type?: CodeType;
  /** Absent: declared without a value (undefined in JavaScript; an annotation only in Python). */
  readonly value?: CodeExpression;
  readonly exported?: boolean;
}

export interface IfStatement extends CodeNode {
  readonly kind: 'if';
  readonly test: CodeExpression;
  readonly then: readonly CodeStatement[];
  readonly otherwise: readonly CodeStatement[];
}

export interface LoopStatement extends CodeNode {
  readonly kind: 'loop';
  /** `forEach`: JavaScript's for-of, Python's for; `forIn`: JavaScript's for-in (keys); `for`: the three-part loop. */
  readonly form: 'forEach' | 'forIn' | 'for' | 'while' | 'doWhile';
  readonly target?: Pattern;
  readonly iterable?: CodeExpression;
  readonly init: readonly CodeStatement[];
  readonly test?: CodeExpression;
  readonly update?: CodeExpression;
  readonly body: readonly CodeStatement[];
  /** Python's `else` of a loop. */
  readonly otherwise: readonly CodeStatement[];
  readonly label?: string;
}

export interface SwitchStatement extends CodeNode {
  readonly kind: 'switch';
  readonly subject: CodeExpression;
  /** An empty `tests` is the default. Python's match: a case whose pattern is a literal or `a | b` of literals has tests; any other has a `pattern`. */
  readonly cases: readonly { readonly tests: readonly CodeExpression[]; readonly pattern?: Pattern; readonly guard?: CodeExpression; readonly body: readonly CodeStatement[] }[];
  /** JavaScript falls through without a break; Python does not. */
  readonly fallsThrough: boolean;
}

export interface TryStatement extends CodeNode {
  readonly kind: 'try';
  readonly body: readonly CodeStatement[];
  readonly handlers: readonly { readonly types: readonly CodeExpression[]; readonly target?: Pattern; readonly body: readonly CodeStatement[] }[];
  /** Python's `else`. */
  readonly otherwise: readonly CodeStatement[];
  readonly finally: readonly CodeStatement[];
}

export interface WithStatement extends CodeNode {
  readonly kind: 'with';
  readonly items: readonly { readonly context: CodeExpression; readonly target?: Pattern }[];
  readonly body: readonly CodeStatement[];
}

export interface ReturnStatement extends CodeNode {
  readonly kind: 'return';
  readonly value?: CodeExpression;
}

export interface ThrowStatement extends CodeNode {
  readonly kind: 'throw';
  /** Absent: Python's bare `raise`. */
  readonly value?: CodeExpression;
}

export interface CodeJump extends CodeNode {
  readonly kind: 'break' | 'continue';
  readonly label?: string;
}

export interface AssertStatement extends CodeNode {
  readonly kind: 'assert';
  readonly test: CodeExpression;
  readonly message?: CodeExpression;
}

export interface FunctionStatement extends CodeNode {
  readonly kind: 'function';
  readonly function: CodeFunction;
  readonly exported?: 'named' | 'default';
}

export interface ClassStatement extends CodeNode {
  readonly kind: 'class';
  readonly class: CodeClass;
  readonly exported?: 'named' | 'default';
}

/** The end of the name of an import that stands for every module of a folder. */
export const FOLDER = '/*';

/** The name of an import that stands in an expression (`require('m')(options)`): no program can declare it. */
export function nameOfRequired(module: string): string {
  return `require('${module}')`;
}

/** The module of such a name. */
export function requiredModuleOf(name: string): string | undefined {
  return name.startsWith("require('") ? name.slice("require('".length, -2) : undefined;
}

/** `import a, { b as c } from 'm'`, `import * as n`, `const x = require('m')` (lowered to this), Python's import and from-import. */
export interface ImportStatement extends CodeNode {
  readonly kind: 'import';
  /** As written, without leading dots in Python (`level` counts them). */
  readonly module: string;
  readonly level?: number;
  /** `imported`: the name in the module, `default`, or `*` for the module itself. `local` `*`: Python's `from m import *`. */
  readonly bindings: readonly { readonly imported: string; readonly local: string; readonly location: Location }[];
  readonly typeOnly?: boolean;
}

/** `export { a as b }`, `export { a } from 'm'`, `export * from 'm'` (`*`), `export * as n from 'm'`, `export default expr`, `module.exports = expr` (`=`). */
export interface ExportStatement extends CodeNode {
  readonly kind: 'export';
  readonly module?: string;
  /** `local` `*`: everything of the module; `exported` is then `*` or the namespace's name. */
  readonly bindings: readonly { readonly local: string; readonly exported: string }[];
  /** `export default expr` (exported as `default`), `module.exports = expr` (as `=`), `exports.a = expr` (as `a`). */
  readonly value?: { readonly exported: string; readonly expression: CodeExpression };
}

export interface BlockStatement extends CodeNode {
  readonly kind: 'block';
  readonly label?: string;
  readonly body: readonly CodeStatement[];
}

export interface DeleteStatement extends CodeNode {
  readonly kind: 'delete';
  readonly targets: readonly CodeExpression[];
}

/** TypeScript's enum; members without a value are numbered by the parser, where that is known. */
export interface EnumStatement extends CodeNode {
  readonly kind: 'enum';
  readonly name: string;
  readonly members: readonly { readonly name: string; readonly value?: CodeExpression }[];
  readonly exported?: boolean;
}

/** `type T = ...`, `interface T { ... }`: what a receiver's or parameter's type may be looked up in. */
export interface TypeStatement extends CodeNode {
  readonly kind: 'type';
  readonly name: string;
  readonly type: CodeType;
  readonly extends: readonly CodeType[];
  /** Python: what `Annotated` says besides the type. */
  readonly decorators?: readonly CodeExpression[];
  readonly exported?: boolean;
}

/** A statement that has no meaning here (`global x`, TypeScript's namespace body, ...); its parts are kept. */
export interface UnknownStatement extends CodeNode {
  readonly kind: 'unknown';
  readonly name: string;
  readonly body: readonly CodeStatement[];
  /** `global` and `nonlocal`: the names. */
  readonly names?: readonly string[];
}

export interface CodeFunction extends CodeNode {
  /** Absent for an anonymous function; for a method its name; `constructor` or `__init__` for a constructor. */
  readonly name?: string;
  readonly form: 'function' | 'arrow' | 'method' | 'getter' | 'setter';
  readonly parameters: readonly Parameter[];
  readonly returns?: CodeType;
  /** An arrow or lambda with an expression for a body has one return statement. */
  readonly body: readonly CodeStatement[];
  readonly async: boolean;
  readonly generator: boolean;
  readonly decorators: readonly CodeExpression[];
  readonly isStatic?: boolean;
}

export interface Parameter extends CodeNode {
  readonly target: Pattern;
  readonly type?: CodeType;
  /** `x?: T` */
  readonly optional: boolean;
  readonly default?: CodeExpression;
  /** `...rest`, `*args`: `list`; `**kwargs`: `map`. */
  readonly rest?: 'list' | 'map';
  readonly keywordOnly?: boolean;
  /** `constructor(private db: Db)`: also a field of the instance. */
  readonly field?: boolean;
  /** Parameter decorators of NestJS: `@Body()`, `@Req()`. */
  readonly decorators: readonly CodeExpression[];
}

export interface CodeClass extends CodeNode {
  readonly name?: string;
  /** JavaScript has at most one; Python any number. */
  readonly bases: readonly CodeExpression[];
  /** Type arguments of the base (`extends Repository<User>`). */
  readonly baseTypes: readonly CodeType[];
  /** Python's `class X(Generic[S, T])`, `class X[S, T]`: the names. */
  readonly typeVariables?: readonly string[];
  /** TypeScript's `implements`. */
  readonly interfaces?: readonly CodeType[];
  /** Python's `class X(Base, table=True)`. */
  readonly keywords: readonly { readonly name: string; readonly value: CodeExpression }[];
  readonly fields: readonly ClassField[];
  readonly methods: readonly CodeFunction[];
  /** Statements of a Python class body that are neither (loops, expressions), and JavaScript's static blocks. */
  readonly rest: readonly CodeStatement[];
  readonly decorators: readonly CodeExpression[];
}

export interface ClassField extends CodeNode {
  readonly name: string;
  readonly type?: CodeType;
  /** `name?: T`. */
  readonly optional?: boolean;
  readonly value?: CodeExpression;
  readonly isStatic: boolean;
  readonly decorators: readonly CodeExpression[];
}

/** What an assignment, parameter or loop binds. */
export type Pattern =
  | { readonly kind: 'name'; readonly name: string; readonly location: Location }
  | { readonly kind: 'object'; readonly properties: readonly { readonly key: string | CodeExpression; readonly target: Pattern; readonly default?: CodeExpression }[]; readonly rest?: Pattern; readonly location: Location }
  | { readonly kind: 'list'; readonly items: readonly (ListPatternItem | undefined)[]; readonly location: Location }
  /** `a.b = v`, `a[i] = v`. */
  | { readonly kind: 'target'; readonly expression: CodeExpression; readonly location: Location };

export interface ListPatternItem {
  readonly target: Pattern;
  readonly default?: CodeExpression;
  readonly rest?: boolean;
}

export type CodeExpression =
  | LiteralExpression | TemplateExpression | NameExpression | MemberExpression | IndexExpression | SliceExpression | CodeCall
  | ObjectExpression | ListExpression | FunctionExpression | ClassExpression | ConditionalExpression | LogicalOperator | BinaryOperator
  | UnaryOperator | AwaitExpression | YieldExpression | AssignmentExpression | ComprehensionExpression | ThisExpression | SequenceExpression
  | OtherCode;

/** Strings are decoded. `undefined` is the JavaScript global; Python's None is null. Regular expressions and big integers keep their text. */
export interface LiteralExpression extends CodeNode {
  readonly kind: 'literal';
  readonly value: string | number | boolean | null | undefined;
  readonly form: 'string' | 'number' | 'boolean' | 'null' | 'undefined' | 'regex' | 'bigint' | 'bytes' | 'ellipsis';
  /** Of a string with escapes or several pieces: for UTF-16 offsets of the value, where they stand in the file; see `SourceMap`. Absent: value starts at `contentStart`. */
  readonly map?: SourceMap;
  /** Offset in the file of the first character inside the quotes. */
  readonly contentStart?: number;
}

/** Pairs [offset in the value, offset in the file], ascending; between two pairs both advance alike. */
export type SourceMap = readonly (readonly [number, number])[];

/** A template literal or f-string. Text parts are decoded; `tag` for tagged templates. */
export interface TemplateExpression extends CodeNode {
  readonly kind: 'template';
  readonly tag?: CodeExpression;
  readonly parts: readonly TemplatePart[];
  /** sql<User>`...`. */
  readonly typeArguments: readonly CodeType[];
}

export type TemplatePart =
  | { readonly kind: 'text'; readonly value: string; readonly contentStart: number; readonly map?: SourceMap; readonly location: Location }
  /** `format`: Python's conversion and format specification (`!r`, `:>10`), as text. */
  | { readonly kind: 'hole'; readonly expression: CodeExpression; readonly format?: string; readonly location: Location };

export interface NameExpression extends CodeNode {
  readonly kind: 'name';
  readonly name: string;
}

export interface MemberExpression extends CodeNode {
  readonly kind: 'member';
  readonly object: CodeExpression;
  readonly property: string;
  /** `a?.b`. */
  readonly optional: boolean;
  /** Where the property's name stands. */
  readonly propertyLocation: Location;
  /** `a.b as T`. */
  readonly asserted?: CodeType;
}

/** `a[i]`; JavaScript's `a['b']` with a literal string is a MemberExpression. `super` and `this` are names of their own kinds. */
export interface IndexExpression extends CodeNode {
  readonly kind: 'index';
  readonly object: CodeExpression;
  readonly index: CodeExpression;
  readonly optional: boolean;
}

export interface SliceExpression extends CodeNode {
  readonly kind: 'slice';
  readonly from?: CodeExpression;
  readonly to?: CodeExpression;
  readonly step?: CodeExpression;
}

export interface CodeCall extends CodeNode {
  readonly kind: 'call';
  readonly callee: CodeExpression;
  readonly arguments: readonly CodeArgument[];
  /** `new C(...)`. */
  readonly isNew: boolean;
  readonly optional: boolean;
  readonly typeArguments: readonly CodeType[];
  /** `f() as T`: what a call that is not known gives. */
  readonly asserted?: CodeType;
}

export interface CodeArgument {
  readonly value: CodeExpression;
  /** Python's keyword argument. */
  readonly name?: string;
  /** `...x`, `*x`: `list`; `**x`: `map`. */
  readonly spread?: 'list' | 'map';
}

/** An object literal or a dict. */
export interface ObjectExpression extends CodeNode {
  readonly kind: 'object';
  readonly entries: readonly ObjectEntry[];
}

export type ObjectEntry =
  | { readonly kind: 'property'; readonly key: string | CodeExpression; readonly value: CodeExpression; readonly location: Location }
  | { readonly kind: 'spread'; readonly value: CodeExpression; readonly location: Location };

export interface ListExpression extends CodeNode {
  readonly kind: 'list';
  readonly form: 'list' | 'tuple' | 'set';
  /** `undefined` for a hole of a JavaScript array. */
  readonly items: readonly ({ readonly value: CodeExpression; readonly spread: boolean } | undefined)[];
}

export interface FunctionExpression extends CodeNode {
  readonly kind: 'functionValue';
  readonly function: CodeFunction;
}

export interface ClassExpression extends CodeNode {
  readonly kind: 'classValue';
  readonly class: CodeClass;
}

/** `test ? then : otherwise`, Python's `then if test else otherwise`. */
export interface ConditionalExpression extends CodeNode {
  readonly kind: 'conditional';
  readonly test: CodeExpression;
  readonly then: CodeExpression;
  readonly otherwise: CodeExpression;
}

export interface LogicalOperator extends CodeNode {
  readonly kind: 'logical';
  readonly operator: 'and' | 'or' | 'nullish';
  readonly left: CodeExpression;
  readonly right: CodeExpression;
}

/** `operator` as written, but Python's and JavaScript's equalities agree: `===` and `==` both `==`, `!==` and `!=` both `!=`; also `is`, `is not`, `in`, `not in`, `instanceof`. Python's chained comparison is an `and` of these. */
export interface BinaryOperator extends CodeNode {
  readonly kind: 'binary';
  readonly operator: string;
  readonly left: CodeExpression;
  readonly right: CodeExpression;
}

/** `not`, `-`, `+`, `~`, `typeof`, `void`, `delete`. */
export interface UnaryOperator extends CodeNode {
  readonly kind: 'unary';
  readonly operator: string;
  readonly operand: CodeExpression;
}

export interface AwaitExpression extends CodeNode {
  readonly kind: 'await';
  readonly operand: CodeExpression;
  /** `yield* effect` in a generator that a library runs step by step: it gives what is in it, or else ends. */
  readonly unwraps?: true;
}

export interface YieldExpression extends CodeNode {
  readonly kind: 'yield';
  readonly value?: CodeExpression;
  readonly delegates: boolean;
}

/** JavaScript's assignment, Python's augmented assignment and walrus; `operator` is `=`, `+=`, `??=`, ... `x++` is `+= 1`. */
export interface AssignmentExpression extends CodeNode {
  readonly kind: 'assignment';
  readonly operator: string;
  readonly target: Pattern;
  readonly value: CodeExpression;
}

export interface ComprehensionExpression extends CodeNode {
  readonly kind: 'comprehension';
  readonly form: 'list' | 'set' | 'dict' | 'generator';
  readonly key?: CodeExpression;
  readonly element: CodeExpression;
  readonly clauses: readonly { readonly target: Pattern; readonly iterable: CodeExpression; readonly conditions: readonly CodeExpression[] }[];
}

export interface ThisExpression extends CodeNode {
  readonly kind: 'this' | 'super';
}

export interface SequenceExpression extends CodeNode {
  readonly kind: 'sequence';
  readonly expressions: readonly CodeExpression[];
}

/** JSX and whatever else: its parts are kept so that calls in it are seen. Type assertions and non-null marks are dropped: their operand stands in their place. */
export interface OtherCode extends CodeNode {
  readonly kind: 'other';
  readonly name: string;
  readonly parts: readonly CodeExpression[];
}

/** A type annotation, as far as it names things. Python's annotations are read alike: `Optional[X]`, `X | None`, `list[X]`. */
export type CodeType =
  | { readonly kind: 'named'; readonly path: readonly string[]; readonly arguments: readonly CodeType[]; readonly location: Location }
  | { readonly kind: 'union' | 'intersection'; readonly parts: readonly CodeType[]; readonly location: Location }
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null | undefined; readonly location: Location }
  | { readonly kind: 'object'; readonly members: readonly { readonly name: string; readonly type?: CodeType; readonly optional: boolean }[]; readonly location: Location }
  | { readonly kind: 'array'; readonly element: CodeType; readonly location: Location }
  | { readonly kind: 'function'; readonly parameters: readonly (CodeType | undefined)[]; readonly returns?: CodeType; readonly location: Location }
  /** `typeof db`, `ReturnType<typeof f>` is named with this as its argument. */
  | { readonly kind: 'typeof'; readonly path: readonly string[]; readonly location: Location }
  /** `T['key']`. */
  | { readonly kind: 'indexed'; readonly object: CodeType; readonly key: CodeType; readonly location: Location }
  | { readonly kind: 'other'; readonly location: Location };
