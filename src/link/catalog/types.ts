import type { Expression, SqlType } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { Block, CreateRule, FunctionParameter } from '../../facts/operation.js';
import type { Query } from '../../facts/query.js';
import type {
  CheckDefinition, ColumnDefault, ExclusionDefinition, ForeignKeyDefinition, IndexDefinition, PolicyDefinition, TriggerDefinition,
} from '../../facts/schema.js';

/** Where a fact of the catalog comes from. */
export interface Origin {
  readonly location: Location;
  /** Index of the migration in `Project.migrations`; absent for facts of an ORM model. */
  readonly migration?: number;
}

/** The state of one database, built by replaying operations. Names are PostgreSQL's, already folded. */
export interface Catalog {
  readonly schemas: Map<string, Origin | undefined>;
  /** Keyed by `schema.name`. Tables, views, partitions, foreign tables. */
  readonly tables: Map<string, Table>;
  readonly types: Map<string, UserType>;
  /** Keyed by `schema.name`; overloads share an entry. */
  readonly functions: Map<string, FunctionEntry[]>;
  readonly sequences: Map<string, Sequence>;
  /** Extensions that were created; what they bring (types, functions, tables) is not listed. */
  readonly extensions: Map<string, Origin>;
  readonly roles: Map<string, { bypassRls: boolean; superuser: boolean; origin: Origin }>;
  /** GRANTs in order; the last word counts. */
  readonly grants: { privileges: readonly string[]; table: string; grantee: string; revoke: boolean; origin: Origin }[];
}

export type RelationKind = 'table' | 'view' | 'materializedView' | 'foreignTable';

export interface Table {
  schema: string;
  name: string;
  kind: RelationKind;
  columns: Map<string, Column>;
  primaryKey?: KeyConstraint;
  uniques: KeyConstraint[];
  foreignKeys: ForeignKey[];
  checks: Check[];
  exclusions: (ExclusionDefinition & { origin: Origin })[];
  indexes: Index[];
  policies: Policy[];
  triggers: Trigger[];
  /** What is done instead of writing its rows, or beside. */
  rules: Rule[];
  rowSecurity: boolean;
  forceRowSecurity: boolean;
  rowSecurityOrigin?: Origin;
  owner?: string;
  partitioned: boolean;
  /** Columns of the partition key, when it has no expression. */
  partitionKey?: readonly string[];
  parents: string[];
  isPartition: boolean;
  temporary: boolean;
  /** Definition of a view. */
  view?: { query: Query; securityInvoker: boolean };
  created: Origin;
  /**
   * True for a table that was used but never declared (made by a platform, an extension, or before the recorded history):
   * its columns are not all known, so no statement is said to fail on it.
   */
  assumed: boolean;
  /** True when some of its columns are not known although it was declared (LIKE or AS over something unknown). */
  open: boolean;
  /** The migrations in which rows were inserted into it (indices of `Project.migrations`). */
  insertedIn: Set<number>;
  /** The ORM model that declares the same table. */
  model?: {
    location: Location;
    name: string;
    /** The ORM can say whether row-level security is on. */
    saysRowSecurity?: boolean;
    /** Of another database than PostgreSQL. */
    otherDatabase?: boolean;
  };
}

export interface Column {
  name: string;
  type: SqlType;
  notNull: boolean;
  default?: ColumnDefault;
  generated?: 'stored' | 'virtual' | 'identity';
  /** GENERATED ALWAYS AS IDENTITY, as declared. */
  identityAlways?: boolean;
  /** The expression of a generated column. */
  generation?: Expression;
  /** ADD COLUMN, or the column's place in CREATE TABLE or in the model. */
  added: Origin;
  /** Where NOT NULL was set, when it holds. */
  notNullOrigin?: Origin;
  /** Name of its NOT NULL constraint, as PostgreSQL 18 gives it; kept while a NOT VALID one waits for validation. */
  notNullName?: string;
  /** Whether the model's annotation admits NULL, where that is not what the column says. */
  annotatedNullable?: boolean;
  /** The model leaves it to the database whether the column admits NULL. */
  nullabilityUnsaid?: true;
}

/** A sequence; the one of a serial or identity column belongs to that column and goes with it. */
export interface Sequence extends Origin {
  readonly ownedBy?: { readonly table: string; readonly column: string };
}

/** A primary key or unique constraint. */
export interface KeyConstraint {
  kind: 'primaryKey' | 'unique';
  name: string;
  columns: string[];
  nullsNotDistinct: boolean;
  origin: Origin;
}

export interface ForeignKey extends Omit<ForeignKeyDefinition, 'kind' | 'location' | 'name' | 'notValid' | 'references' | 'columns' | 'referencedColumns'> {
  name: string;
  columns: string[];
  /** Key of the referenced table in `Catalog.tables`. */
  table: string;
  /** Resolved: never empty when the referenced key is known. */
  referencedColumns: string[];
  validated: boolean;
  origin: Origin;
}

export interface Check extends Omit<CheckDefinition, 'kind' | 'location' | 'name' | 'notValid'> {
  name: string;
  validated: boolean;
  origin: Origin;
  validatedOrigin?: Origin;
}

export interface Index extends Omit<IndexDefinition, 'location' | 'name'> {
  name: string;
  /** Backs this constraint. */
  constraint?: string;
  origin: Origin;
}

export interface Policy extends Omit<PolicyDefinition, 'location'> {
  origin: Origin;
}

export interface Trigger extends Omit<TriggerDefinition, 'location'> {
  enabled: boolean;
  origin: Origin;
}

/** A rewrite rule (PostgreSQL manual, 39.4). */
export interface Rule extends Pick<CreateRule, 'name' | 'event' | 'instead' | 'conditional' | 'nothing'> {
  readonly enabled: boolean;
  readonly origin: Origin;
}

export interface UserType {
  schema: string;
  name: string;
  form: 'enum' | 'composite' | 'domain' | 'range' | 'base';
  labels: string[];
  baseType?: SqlType;
  notNull?: boolean;
  hasDefault?: boolean;
  checks: Expression[];
  origin: Origin;
}

export interface FunctionEntry {
  schema: string;
  name: string;
  parameters: readonly FunctionParameter[];
  returns?: SqlType;
  language: string;
  procedure: boolean;
  securityDefiner: boolean;
  settings: Readonly<Record<string, string>>;
  volatility: 'immutable' | 'stable' | 'volatile';
  body?: Block;
  origin: Origin;
}
