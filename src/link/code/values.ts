import type { CodeClass, CodeExpression, CodeFunction, CodeType, SourceMap } from '../../facts/code.js';
import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { SelectQuery } from '../../facts/query.js';
import type { ModelTable } from '../../facts/schema.js';
import type { Scope } from './scope.js';

/**
 * What an expression of application code may be, as far as the evaluator can tell. Values are immutable; what can be changed
 * (objects, lists, instances, builders that change in place) is a `reference` to a slot of the heap.
 */
export type Value =
  | ConstantValue | TextValue | ReferenceValue | ObjectValue | ListValue | FunctionValue | ClassValue | InstanceValue | NamespaceValue | ExternalValue
  | UnionValue | InputValue | RowValue | RowListValue | FieldValue | ConditionValue | LibraryValue | UnknownValue;

/** A value that is known: Python's None is null. */
export interface ConstantValue {
  readonly kind: 'constant';
  readonly value: string | number | boolean | null | undefined;
  /** Of a string: where it is written, for places inside of SQL. */
  readonly source?: TextSource;
}

/** Where the characters of a string stand in a file. */
export interface TextSource {
  readonly location: Location;
  readonly contentStart: number;
  readonly map?: SourceMap;
}

/** A string of which only parts are known: template literals, f-strings, concatenations. */
export interface TextValue {
  readonly kind: 'text';
  readonly parts: readonly TextPart[];
  readonly location: Location;
}

export type TextPart =
  | { readonly kind: 'text'; readonly value: string; readonly source?: TextSource }
  | { readonly kind: 'hole'; readonly value: Value; readonly location: Location; readonly written: string };

/** A slot of the heap. `State.read` gives what it holds. */
export interface ReferenceValue {
  readonly kind: 'reference';
  readonly slot: number;
}

/** An object literal, a dict, keyword arguments. Later entries win over earlier ones. Always behind a reference. */
export interface ObjectValue {
  readonly kind: 'object';
  readonly entries: readonly ObjectEntryValue[];
  readonly location: Location;
  /** What makes the value of a key that is not there yet: `defaultdict(list)`. */
  readonly factory?: Value;
}

export type ObjectEntryValue =
  /** `maybe`: only on some paths (`...(x && { a })`, set in one branch). */
  | { readonly kind: 'property'; readonly key: string; readonly value: Value; readonly maybe: boolean; readonly location: Location }
  /** What is spread is not known: it may hold any key, and so override what stands before it. `maybe` as above. */
  | {
      readonly kind: 'spread'; readonly value: Value; readonly maybe: boolean; readonly location: Location;
      /** Nothing was spread: any number of values, as this one is, stand under keys like this one (`byId[row.id] = row`). */
      readonly computed?: { readonly key: Value; readonly value: Value };
    };

/** An array, tuple, set or map (a list of pairs). Always behind a reference. */
export interface ListValue {
  readonly kind: 'list';
  readonly form: 'list' | 'tuple' | 'set' | 'map';
  /** `maybe`: only on some paths; `repeated`: any number of such (pushed in a loop, an unknown spread). */
  readonly items: readonly { readonly value: Value; readonly maybe: boolean; readonly repeated: boolean }[];
  readonly location: Location;
}

export interface FunctionValue {
  readonly kind: 'function';
  readonly function: CodeFunction;
  readonly scope: Scope;
  readonly self?: Value;
  /** Arguments bound beforehand (`functools.partial`, `bind`). */
  readonly bound?: readonly Value[];
  /** The class a method was found in, which need not be that of `self`. */
  readonly owner?: ClassValue;
  /** A tenant callback was given it: see `handedTo`. */
  readonly handed?: true;
}

export interface ClassValue {
  readonly kind: 'classValue';
  readonly class: CodeClass;
  readonly scope: Scope;
}

/** Always behind a reference. `class` is absent for instances of classes the project does not hold. */
export interface InstanceValue {
  readonly kind: 'instance';
  readonly class: ClassValue;
  readonly fields: ReadonlyMap<string, Value>;
  /** It stands for whatever a parameter or a field of the type is given: where it was made or read is not known. */
  readonly given?: true;
  /** Where an object that a library makes of a class was made. */
  readonly location?: Location;
}

/** `import * as n`, Python's `import m`. */
export interface NamespaceValue {
  readonly kind: 'namespace';
  readonly file: string;
}

/** Something of a package that is not part of the project: `@prisma/client`'s `PrismaClient` is path ['PrismaClient']; the module itself is path []. */
export interface ExternalValue {
  readonly kind: 'external';
  readonly module: string;
  readonly path: readonly string[];
  /** `new X()`, or a parameter of that type. */
  readonly instance?: boolean;
  readonly arguments?: readonly Value[];
}

/** One of several, by path. `facts`: what holds besides when it is this one; `missing`: the inputs (their keys) for want of which it is. */
export interface UnionValue {
  readonly kind: 'union';
  readonly options: readonly { readonly value: Value; readonly facts: readonly Fact[]; readonly missing?: readonly (string | number)[] }[];
  /** Where it stands, as the key by which it is known to be there. */
  readonly place?: string;
}

export type Trust = 'untrusted' | 'trusted' | 'unknown';

/** A value from outside: a parameter, a part of a request, an environment variable, the result of an unknown call. One key is one value. */
export interface InputValue {
  readonly kind: 'input';
  readonly key: string;
  /** As written: `req.params.id`. */
  readonly name: string;
  readonly trust: Trust;
  /** It may be undefined or null; see `State.isDefined`. */
  readonly maybe: boolean;
  readonly type?: TypeInScope;
  /** What is left of an object (`const { a, ...rest } = input`): without these keys. */
  readonly without?: readonly string[];
  /** It is how many items a list has that is made of those of these inputs. */
  readonly counts?: readonly string[];
  /** It comes from the environment, the clock, a random generator: no caller's input. */
  readonly environment?: boolean;
  /** The fields of rows that it was made of: `createHmac('sha256', hook.secret)`. */
  readonly madeOf?: readonly FieldValue[];
  /** It tells whether somebody has said the secret that is stored there: `compare(given, user.passwordHash)`. */
  readonly verifies?: FieldValue;
  /** It is a signature, made with a secret of the program, of what these inputs say. */
  readonly signs?: readonly string[];
  /** It tells whether whoever sent these inputs has signed them so. */
  readonly attests?: readonly string[];
  /** It is a text: whatever read it lets nothing else pass. */
  readonly isText?: true;
  /** It must be awaited before it says so. */
  readonly promise?: true;
  /** It is read only where another input was not sent. */
  readonly fallback?: true;
}

/** A type that has a name. `decorators`: what Python's `Annotated` says besides, in its scope. */
export interface NamedType extends TypeInScope {
  readonly decorators?: readonly CodeExpression[];
}

export interface TypeInScope {
  readonly type: CodeType;
  readonly scope: Scope;
}

/** What a query gives back. */
export interface Result {
  readonly id: number;
  /** The rows it gives, as a SELECT without targets. Absent when nothing is known of them. */
  readonly rows?: SelectQuery;
  /** The column that a property (or path of relations and a property) of a row stands for, in the scope of `rows`. */
  readonly column: (path: readonly string[]) => Expression | undefined;
  /** Whether a path names a related row or related rows instead of a column. */
  readonly relation?: (path: readonly string[]) => 'one' | 'many' | undefined;
  /** Whether the query left out what a path names: it is undefined. */
  readonly isLeftOut?: (path: readonly string[]) => boolean;
  /** The rows were just written: that they are there is known of what was written, and shows nothing of anything else. */
  readonly isWritten?: true;
  /** Values of a row that are known because they were written: `create({ data: { orgId } })`. */
  readonly written?: ReadonlyMap<string, Value>;
  /** The model that the rows are of, and what its library makes of them: `row.update(...)` as a method of a row. */
  readonly entity?: { readonly model: ModelTable; readonly library: string };
  readonly location: Location;
}

/** A row, or a related object of it (`path`). `maybe`: there may be none. */
export interface RowValue {
  readonly kind: 'row';
  readonly result: Result;
  readonly path: readonly string[];
  readonly maybe: boolean;
  /** What is left of a row (`const { id, ...rest } = row`): without these keys. */
  readonly without?: readonly string[];
}

/** Several rows (or related objects). */
export interface RowListValue {
  readonly kind: 'rowList';
  readonly result: Result;
  readonly path: readonly string[];
}

/** A column of a row; `many`: of each of several rows. */
export interface FieldValue {
  readonly kind: 'field';
  readonly result: Result;
  readonly path: readonly string[];
  readonly many: boolean;
  readonly maybe: boolean;
}

/** A truth value that depends on what it was computed from. */
export interface ConditionValue {
  readonly kind: 'condition';
  readonly condition: Condition;
}

export type Condition =
  | { readonly operator: 'truthy' | 'nullish'; readonly value: Value }
  | { readonly operator: 'not'; readonly operand: Condition }
  | { readonly operator: 'and' | 'or'; readonly operands: readonly Condition[] }
  | { readonly operator: 'equal' | 'in'; readonly left: Value; readonly right: Value }
  /** `<`, `>`, `<=`, `>=`, ... */
  | { readonly operator: 'compare'; readonly sign: string; readonly left: Value; readonly right: Value };

/** One connection, or transaction. */
export interface Session {
  readonly id: number;
  /** Whether what runs on it is in a transaction without BEGIN. */
  readonly transaction: 'always' | 'begun';
  /** A tenant callback gave it to its function. */
  readonly handed?: true;
}

/**
 * Of a client: it adds the tenant by itself, or must not be trusted (both by the configuration), or which connection it is. Of one that nothing leads to:
 * it may see one tenant only (`untold`), or the database may have been told who asks, for the policies of tables that have some (`policed`).
 */
export type Access = 'scoped' | 'unscoped' | 'untold' | 'policed' | Session;

/** What a library model made: a client, a table, a builder. Only the library named reads `data`. */
export interface LibraryValue {
  readonly kind: 'library';
  readonly library: string;
  /** The library's own word for it: `client`, `delegate`, `table`, `select`. */
  readonly type: string;
  readonly data: unknown;
  /** Whatever is made of one has it too: see `derived`. */
  readonly access?: Access;
}

export interface UnknownValue {
  readonly kind: 'unknown';
  readonly reason: string;
  /** Of a regular expression: how it is written. */
  readonly pattern?: string;
  /** Of a number: it is not less. */
  readonly least?: number;
}

/** What a fact says of a row that was found. `ofOption`: it is one of several that a value may be, each found on a path of its own. */
export interface About {
  readonly result: number;
  readonly check: Expression;
  readonly ofOption?: true;
}

/** Something that is known to hold on a path. */
export type Fact =
  /**
   * A condition in SQL's shape over parameters and sub-selects: `EXISTS (SELECT ... )`, `(SELECT org_id ...) = :orgId`.
   * `given`: it holds where the inputs of these keys are given; where one is not, whatever names it finds and stores nothing.
   */
  | { readonly kind: 'holds'; readonly expression: Expression; readonly about?: About; readonly given?: readonly string[] }
  /** The input of this key is neither undefined nor null. */
  | { readonly kind: 'defined'; readonly key: string }
  /** The result has a row. */
  | { readonly kind: 'present'; readonly result: number }
  /** Where the inputs of these keys (or the row) are given, this is not reached. */
  | { readonly kind: 'missing'; readonly of: readonly (string | number)[] }
  /** Only administrators of the platform come here. `certain`: no role in a tenant is called so. */
  | { readonly kind: 'platform'; readonly certain: boolean }
  /** What happened on a connection. */
  | { readonly kind: 'session'; readonly session: number; readonly event: 'begin' | 'end' | SettingSet | { readonly reset: string } };

/** A setting that a statement has set; `by`: what is known of the statement's inputs. */
export interface SettingSet {
  readonly set: string;
  readonly local: boolean;
  readonly by?: { readonly parameters: ReadonlyMap<string, Value>; readonly facts: readonly Expression[] };
}

export const undefinedValue: ConstantValue = { kind: 'constant', value: undefined };
export const nullValue: ConstantValue = { kind: 'constant', value: null };

/** Whether a value is undefined, and nothing else. */
export function isUndefined(value: Value): boolean {
  return value.kind === 'constant' && value.value === undefined;
}

/** Whether a value is null or undefined, and nothing else. */
export function isNothing(value: Value): boolean {
  return value.kind === 'constant' && (value.value === null || value.value === undefined);
}

/** A value of which nothing is known. */
export function unknownValue(reason: string): UnknownValue {
  return { kind: 'unknown', reason };
}

/** What the call of a function gives that throws on every path: whoever called it does not go on. One value, known by its identity. */
export const neverReturns: UnknownValue = unknownValue('a function that never returns');

/** The same of an asynchronous function, before it is awaited. */
export const rejects: UnknownValue = unknownValue('a promise that is rejected');

/** An attribute whose name is not known: `getattr(model, sort)`. One value, known by its identity. */
export const computedAttribute: UnknownValue = unknownValue('a computed attribute');

/** Another value of the same library, with the access of the one it was made of. */
export function derived(from: LibraryValue, type: string, data: unknown): LibraryValue {
  return { ...from, type, data };
}

/** The values that a condition asks about, at any depth. */
export function conditionValues(condition: Condition): readonly Value[] {
  switch (condition.operator) {
    case 'truthy': case 'nullish': return [condition.value];
    case 'not': return conditionValues(condition.operand);
    case 'and': case 'or': return condition.operands.flatMap(conditionValues);
    default: return [condition.left, condition.right];
  }
}
