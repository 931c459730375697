import type { Expression, SqlType } from './expression.js';
import type { Location } from './location.js';
import type { QualifiedName } from './query.js';

/** A column as one declaration states it: CREATE TABLE, ADD COLUMN, or an ORM model. */
export interface ColumnDefinition {
  readonly name: string;
  readonly type: SqlType;
  readonly notNull: boolean;
  readonly default?: ColumnDefault;
  /** GENERATED ALWAYS AS (...) STORED/VIRTUAL, or an identity column: a row always has a value. */
  readonly generated?: 'stored' | 'virtual' | 'identity';
  /** GENERATED ALWAYS AS IDENTITY: writers may not give a value. */
  readonly identityAlways?: boolean;
  /** The expression of a generated column; `default` is absent then. */
  readonly generation?: Expression;
  readonly location: Location;
  /** The NOT NULL itself, where it was written apart from the column's type. */
  readonly notNullLocation?: Location;
  /** CONSTRAINT name NOT NULL. */
  readonly notNullName?: string;
  /** Whether the type in the model's language admits NULL, where the column says otherwise (`Mapped[Optional[X]]` with `nullable=False`). */
  readonly annotatedNullable?: boolean;
  /** The model leaves it to the database whether the column admits NULL. */
  readonly nullabilityUnsaid?: true;
}

export interface ColumnDefault {
  readonly expression: Expression;
  /** The expression reads nothing and calls nothing but casts: every row gets the same value. `DEFAULT NULL` is constant. */
  readonly constant: boolean;
  /** A value made by the database for each row: sequences, uuid generators, now(). */
  readonly generator: boolean;
  /** Set by the application (an ORM's client-side default): the database has none. */
  readonly clientSide?: boolean;
  readonly location: Location;
}

export type ConstraintDefinition =
  | PrimaryKeyDefinition
  | UniqueDefinition
  | ForeignKeyDefinition
  | CheckDefinition
  | NotNullDefinition
  | ExclusionDefinition;

interface ConstraintBase {
  readonly name?: string;
  readonly location: Location;
}

export interface PrimaryKeyDefinition extends ConstraintBase {
  readonly kind: 'primaryKey';
  readonly columns: readonly string[];
  readonly usingIndex?: string;
}

export interface UniqueDefinition extends ConstraintBase {
  readonly kind: 'unique';
  readonly columns: readonly string[];
  readonly nullsNotDistinct: boolean;
  readonly usingIndex?: string;
}

export interface ForeignKeyDefinition extends ConstraintBase {
  readonly kind: 'foreignKey';
  readonly columns: readonly string[];
  readonly references: QualifiedName;
  /** Empty: the primary key of the referenced table. */
  readonly referencedColumns: readonly string[];
  readonly onDelete: ReferentialAction;
  readonly onUpdate: ReferentialAction;
  readonly match: 'simple' | 'full';
  readonly notValid: boolean;
  /** False for a relation that only the ORM or the config knows. */
  readonly enforced: boolean;
}

export type ReferentialAction = 'noAction' | 'restrict' | 'cascade' | 'setNull' | 'setDefault';

export interface CheckDefinition extends ConstraintBase {
  readonly kind: 'check';
  readonly expression: Expression;
  readonly notValid: boolean;
}

/** A NOT NULL written as a table constraint (PostgreSQL 18 lets it be NOT VALID). */
export interface NotNullDefinition extends ConstraintBase {
  readonly kind: 'notNull';
  readonly column: string;
  readonly notValid: boolean;
}

export interface ExclusionDefinition extends ConstraintBase {
  readonly kind: 'exclusion';
  readonly columns: readonly string[];
}

/** One key of an index: a plain column, or an expression. */
export interface IndexKey {
  readonly column?: string;
  readonly expression?: Expression;
}

export interface IndexDefinition {
  readonly name?: string;
  readonly unique: boolean;
  readonly keys: readonly IndexKey[];
  readonly include: readonly string[];
  readonly where?: Expression;
  readonly method: string;
  readonly nullsNotDistinct: boolean;
  readonly concurrently: boolean;
  readonly location: Location;
}

export type PolicyCommand = 'all' | 'select' | 'insert' | 'update' | 'delete';

export interface PolicyDefinition {
  readonly name: string;
  readonly command: PolicyCommand;
  readonly permissive: boolean;
  readonly roles: readonly string[];
  readonly using?: Expression;
  readonly withCheck?: Expression;
  readonly location: Location;
}

export interface TriggerDefinition {
  readonly name: string;
  readonly timing: 'before' | 'after' | 'insteadOf';
  readonly events: readonly ('insert' | 'update' | 'delete' | 'truncate')[];
  readonly updateOf: readonly string[];
  readonly forEachRow: boolean;
  readonly function: QualifiedName;
  readonly when?: Expression;
  readonly location: Location;
}

/** A table as one place declares it whole: a CREATE TABLE statement or an ORM model. */
export interface TableDefinition {
  readonly name: QualifiedName;
  readonly columns: readonly ColumnDefinition[];
  readonly constraints: readonly ConstraintDefinition[];
  readonly location: Location;
}

/** A table declared by an ORM model, with physical (database) names. */
export interface ModelTable extends TableDefinition {
  readonly orm: 'prisma' | 'drizzle' | 'typeorm' | 'sequelize' | 'mikro-orm' | 'sqlalchemy' | 'django';
  /** The name in the model's language (`model User`). */
  readonly modelName: string;
  /** Field name in the model's language → column name. */
  readonly fields: Readonly<Record<string, string>>;
  readonly indexes: readonly IndexDefinition[];
  /** Row-level security is on, by itself or by a policy. */
  readonly rowSecurity?: boolean;
  readonly policies?: readonly PolicyDefinition[];
  /** Fields that are relations: where they lead, and the columns that join the two tables. */
  readonly relations?: Readonly<Record<string, ModelRelation>>;
  /** Names of unique keys of several fields in the ORM's selectors (`tenantId_slug`) → the fields. */
  readonly selectors?: Readonly<Record<string, readonly string[]>>;
  readonly isView: boolean;
  /** The ORM is told not to manage it (`@@ignore`). */
  readonly ignored: boolean;
  /** Of another database than PostgreSQL (SQLite, MySQL): it counts in a project that has no table of PostgreSQL. */
  readonly otherDatabase?: boolean;
  readonly comment?: string;
}

/** A relation field of a model: `this.columns = other.referencedColumns`, or by way of a join table. */
export interface ModelRelation {
  /** `modelName` of the other side. */
  readonly model: string;
  readonly list: boolean;
  readonly optional: boolean;
  /** Columns of this side: the foreign key's, or those it refers to. With `through`: those the join table refers to. */
  readonly columns: readonly string[];
  readonly referencedColumns: readonly string[];
  /** The foreign key is on this side. */
  readonly owns: boolean;
  readonly through?: { readonly table: QualifiedName; readonly columns: readonly string[]; readonly referencedColumns: readonly string[] };
  /** Where it is declared, when it has a join condition of its own: no foreign key joins the two. */
  readonly joinedAt?: Location;
}
