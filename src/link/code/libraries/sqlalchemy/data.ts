import type { Expression, SqlType } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { ColumnDefault, ConstraintDefinition, IndexDefinition, ReferentialAction } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { libraryData, libraryValue } from './given.js';

/** The name of the library, for its values. */
export const SQLALCHEMY = 'sqlalchemy';

/** A type, made or named: `sa.String(255)`, `sa.String`. */
export interface TypeData {
  readonly type: SqlType;
  /** PostgreSQL has a type of its own for it, which is created with the table unless told otherwise. */
  readonly enum?: { readonly name?: string; readonly schema?: string; readonly labels: readonly string[]; readonly created: boolean };
  /** An enumeration that is kept as text: its labels are checked under this name. */
  readonly checked?: { readonly name?: string; readonly labels: readonly string[] };
}

/** `ForeignKey('accounts.id', ondelete='CASCADE')`. */
export interface ForeignKeyData {
  /** The referenced table; absent when it is not known. */
  readonly references?: QualifiedName;
  readonly column?: string;
  /** The attribute of a model (`Account.id`): resolved when the model is known. */
  readonly attribute?: Value;
  readonly name?: string;
  readonly onDelete: ReferentialAction;
  readonly onUpdate: ReferentialAction;
  readonly enforced: boolean;
  /** Added by an ALTER of its own once all tables are there: `op.create_table()` leaves it out. */
  readonly useAlter?: boolean;
  readonly location: Location;
}

/** A column as Column(), mapped_column() or Field() declares it. */
export interface ColumnData {
  readonly name?: string;
  readonly type?: TypeData;
  /** Absent: the default of the place where it stands. */
  readonly nullable?: boolean;
  readonly primaryKey: boolean;
  readonly unique?: boolean;
  readonly index?: boolean;
  readonly default?: ColumnDefault;
  readonly clientDefault: boolean;
  readonly autoincrement?: boolean;
  readonly identity?: { readonly always: boolean };
  readonly computed?: { readonly expression: Expression; readonly stored: boolean };
  readonly foreignKeys: readonly ForeignKeyData[];
  readonly checks: readonly ConstraintDefinition[];
  readonly comment?: string;
  /** Whose annotation alone says the type (`mapped_column()` without one). */
  readonly mapped: boolean;
  readonly location: Location;
}

/** A constraint of a table, with the names of its columns. */
export interface ConstraintData {
  readonly constraint: ConstraintDefinition;
  /** The name was given as final (`op.f(...)`): no naming convention applies. */
  readonly final: boolean;
  readonly useAlter?: boolean;
}

/** An index of a table; `table` where it names its columns by their attributes. */
export interface IndexData {
  readonly index: IndexDefinition;
}

/** MetaData. */
export interface MetadataData {
  readonly schema?: string;
  readonly naming: ReadonlyMap<string, string>;
}

interface Kinds {
  readonly type: TypeData;
  readonly foreignKey: ForeignKeyData;
  readonly column: ColumnData;
  readonly constraint: ConstraintData;
  readonly index: IndexData;
  readonly metadata: MetadataData;
  readonly identity: { readonly always: boolean };
  readonly computed: { readonly expression: Expression; readonly stored: boolean };
  readonly sequence: { readonly name?: string };
}

/** A value of this library. */
export function make<K extends keyof Kinds>(type: K, data: Kinds[K]): LibraryValue {
  return libraryValue(SQLALCHEMY, type, data);
}

/** What a value of this library holds, if it is of this type. */
export function dataOf<K extends keyof Kinds>(value: Value | undefined, type: K, ctx: Context): Kinds[K] | undefined {
  return libraryData<Kinds[K]>(value, SQLALCHEMY, type, ctx);
}
