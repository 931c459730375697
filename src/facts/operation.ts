import type { Expression, SqlType } from './expression.js';
import type { Location } from './location.js';
import type { QualifiedName, Query } from './query.js';
import type {
  ColumnDefault, ColumnDefinition, ConstraintDefinition, IndexDefinition, PolicyDefinition, TableDefinition, TriggerDefinition,
} from './schema.js';
import type { Block } from './step.js';
import type { Need } from './version.js';

/**
 * What one statement, or one sub-command of ALTER TABLE, does. Every migration language is lowered into these.
 * `location` is the sub-command at fault (`ALTER COLUMN c SET NOT NULL`), not the whole statement.
 */
export type Operation =
  | CreateTable | DropRelation | RenameRelation | SetSchema
  | AddColumn | DropColumn | RenameColumn | SetNotNull | DropNotNull | SetDefault | DropDefault | SetType | ChangeGenerated
  | AddConstraint | ValidateConstraint | DropConstraint | RenameConstraint
  | CreateIndex | RenameIndex | AttachPartition | DetachPartition | SetInheritance
  | SetRowSecurity | CreatePolicy | AlterPolicy | DropPolicy | RenamePolicy
  | CreateTrigger | DropTrigger | SetTriggerState | CreateRule | ChangeRule
  | CreateFunction | AlterFunction | DropFunction | CreateView | SetSecurityInvoker
  | CreateSchema | DropSchema | CreateType | AlterEnum | AlterDomain | DropType | CreateSequence | CreateExtension
  | SetSetting | Transaction | Grant | RoleChange | SetOwner
  | Execution | RunQuery | TruncateTable | Harmless | NotUnderstood;

interface OperationBase {
  readonly location: Location;
  /** What only newer versions of PostgreSQL have; said of the first operation of a statement, and of each sub-command of ALTER TABLE. */
  readonly needs?: readonly Need[];
}

interface OnTable extends OperationBase {
  readonly table: QualifiedName;
  /** ALTER TABLE IF EXISTS. */
  readonly ifTableExists?: boolean;
}

export interface CreateTable extends OperationBase {
  readonly kind: 'createTable';
  readonly definition: TableDefinition;
  readonly ifNotExists: boolean;
  readonly temporary: boolean;
  /** LIKE source INCLUDING ...: the options in lower case (`all`, `defaults`, `constraints`, `indexes`, `identity`, ...). */
  readonly like: readonly { readonly table: QualifiedName; readonly including: readonly string[] }[];
  readonly inherits: readonly QualifiedName[];
  readonly partitionOf?: QualifiedName;
  readonly partitioned: boolean;
  /** Columns of the partition key; absent when it has an expression. */
  readonly partitionKey?: readonly string[];
  /** CREATE TABLE AS / SELECT INTO: the rows and columns come from here. */
  readonly asQuery?: Query;
  /** False for WITH NO DATA. */
  readonly withData?: boolean;
  readonly foreign?: boolean;
}

/** DROP TABLE | VIEW | MATERIALIZED VIEW | INDEX | SEQUENCE; one operation for each name. */
export interface DropRelation extends OperationBase {
  readonly kind: 'dropRelation';
  readonly relation: 'table' | 'view' | 'materializedView' | 'index' | 'sequence' | 'foreignTable';
  readonly name: QualifiedName;
  readonly ifExists: boolean;
  readonly cascade: boolean;
  readonly concurrently?: boolean;
}

export interface RenameRelation extends OperationBase {
  readonly kind: 'renameRelation';
  readonly relation: 'table' | 'view' | 'materializedView' | 'sequence' | 'foreignTable';
  readonly name: QualifiedName;
  readonly to: string;
  readonly ifExists: boolean;
}

export interface SetSchema extends OperationBase {
  readonly kind: 'setSchema';
  readonly name: QualifiedName;
  readonly to: string;
  readonly ifExists: boolean;
}

export interface AddColumn extends OnTable {
  readonly kind: 'addColumn';
  readonly column: ColumnDefinition;
  readonly ifNotExists: boolean;
  /** Column constraints written with it (REFERENCES, UNIQUE, CHECK, PRIMARY KEY). */
  readonly constraints: readonly ConstraintDefinition[];
}

export interface DropColumn extends OnTable {
  readonly kind: 'dropColumn';
  readonly column: string;
  readonly ifExists: boolean;
  readonly cascade: boolean;
}

export interface RenameColumn extends OnTable {
  readonly kind: 'renameColumn';
  readonly column: string;
  readonly to: string;
}

export interface SetNotNull extends OnTable {
  readonly kind: 'setNotNull';
  readonly column: string;
}

export interface DropNotNull extends OnTable {
  readonly kind: 'dropNotNull';
  readonly column: string;
}

export interface SetDefault extends OnTable {
  readonly kind: 'setDefault';
  readonly column: string;
  readonly default: ColumnDefault;
}

export interface DropDefault extends OnTable {
  readonly kind: 'dropDefault';
  readonly column: string;
}

export interface SetType extends OnTable {
  readonly kind: 'setType';
  readonly column: string;
  readonly type: SqlType;
  readonly using?: Expression;
}

/** ADD/SET/DROP IDENTITY, DROP EXPRESSION, SET EXPRESSION. */
export interface ChangeGenerated extends OnTable {
  readonly kind: 'changeGenerated';
  readonly column: string;
  readonly generated?: 'stored' | 'virtual' | 'identity';
  readonly ifExists: boolean;
}

export interface AddConstraint extends OnTable {
  readonly kind: 'addConstraint';
  readonly constraint: ConstraintDefinition;
}

export interface ValidateConstraint extends OnTable {
  readonly kind: 'validateConstraint';
  readonly name: string;
}

export interface DropConstraint extends OnTable {
  readonly kind: 'dropConstraint';
  readonly name: string;
  readonly ifExists: boolean;
  readonly cascade: boolean;
}

export interface RenameConstraint extends OnTable {
  readonly kind: 'renameConstraint';
  readonly name: string;
  readonly to: string;
}

export interface CreateIndex extends OnTable {
  readonly kind: 'createIndex';
  readonly index: IndexDefinition;
  readonly ifNotExists: boolean;
}

export interface RenameIndex extends OperationBase {
  readonly kind: 'renameIndex';
  readonly name: QualifiedName;
  readonly to: string;
  readonly ifExists: boolean;
}

export interface AttachPartition extends OnTable {
  readonly kind: 'attachPartition';
  readonly partition: QualifiedName;
}

export interface DetachPartition extends OnTable {
  readonly kind: 'detachPartition';
  readonly partition: QualifiedName;
  readonly concurrently?: boolean;
}

/** INHERIT / NO INHERIT. */
export interface SetInheritance extends OnTable {
  readonly kind: 'setInheritance';
  readonly parent: QualifiedName;
  readonly inherit: boolean;
}

/** ENABLE | DISABLE | FORCE | NO FORCE ROW LEVEL SECURITY. */
export interface SetRowSecurity extends OnTable {
  readonly kind: 'setRowSecurity';
  readonly change: 'enable' | 'disable' | 'force' | 'noForce';
}

export interface CreatePolicy extends OnTable {
  readonly kind: 'createPolicy';
  readonly policy: PolicyDefinition;
}

export interface AlterPolicy extends OnTable {
  readonly kind: 'alterPolicy';
  readonly name: string;
  readonly roles?: readonly string[];
  readonly using?: Expression;
  readonly withCheck?: Expression;
}

export interface DropPolicy extends OnTable {
  readonly kind: 'dropPolicy';
  readonly name: string;
  readonly ifExists: boolean;
}

export interface RenamePolicy extends OnTable {
  readonly kind: 'renamePolicy';
  readonly name: string;
  readonly to: string;
}

export interface CreateTrigger extends OnTable {
  readonly kind: 'createTrigger';
  readonly trigger: TriggerDefinition;
  readonly orReplace: boolean;
}

export interface DropTrigger extends OnTable {
  readonly kind: 'dropTrigger';
  readonly name: string;
  readonly ifExists: boolean;
}

/** ENABLE/DISABLE TRIGGER name | ALL | USER. */
export interface SetTriggerState extends OnTable {
  readonly kind: 'setTriggerState';
  /** Absent: all. */
  readonly name?: string;
  readonly enabled: boolean;
}

/** CREATE RULE: something else is done beside a write of the table's rows, or instead of it. */
export interface CreateRule extends OnTable {
  readonly kind: 'createRule';
  readonly name: string;
  readonly event: 'insert' | 'update' | 'delete' | 'select';
  readonly instead: boolean;
  /** For some rows only: it has a condition. */
  readonly conditional: boolean;
  /** Nothing is done. */
  readonly nothing: boolean;
}

/** DROP RULE; ALTER TABLE ... ENABLE/DISABLE RULE. */
export interface ChangeRule extends OnTable {
  readonly kind: 'changeRule';
  readonly name: string;
  readonly change: 'drop' | 'enable' | 'disable';
}

export interface CreateFunction extends OperationBase {
  readonly kind: 'createFunction';
  readonly name: QualifiedName;
  readonly parameters: readonly FunctionParameter[];
  readonly returns?: SqlType;
  readonly language: string;
  readonly orReplace: boolean;
  readonly procedure: boolean;
  readonly securityDefiner: boolean;
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  /** SET clauses of the function. */
  readonly settings: Readonly<Record<string, string>>;
  /** Present for SQL and PL/pgSQL bodies that could be read. */
  readonly body?: Block;
}

export interface FunctionParameter {
  readonly name?: string;
  readonly type: SqlType;
  readonly mode: 'in' | 'out' | 'inout' | 'variadic' | 'table';
  readonly default?: Expression;
}

/** ALTER FUNCTION: only what concerns security and settings. */
export interface AlterFunction extends OperationBase {
  readonly kind: 'alterFunction';
  readonly name: QualifiedName;
  /** Types of its input parameters; absent when none are written. */
  readonly parameters?: readonly SqlType[];
  readonly securityDefiner?: boolean;
  readonly renameTo?: string;
}

export interface DropFunction extends OperationBase {
  readonly kind: 'dropFunction';
  readonly name: QualifiedName;
  /** Types of its input parameters; absent when none are written. */
  readonly parameters?: readonly SqlType[];
  readonly ifExists: boolean;
  readonly cascade: boolean;
}

export interface CreateView extends OperationBase {
  readonly kind: 'createView';
  readonly name: QualifiedName;
  readonly columns: readonly string[];
  readonly query: Query;
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly materialized: boolean;
  readonly temporary: boolean;
  readonly securityInvoker: boolean;
}

/** ALTER VIEW ... SET (security_invoker = ...) and RESET (security_invoker). */
export interface SetSecurityInvoker extends OnTable {
  readonly kind: 'setSecurityInvoker';
  readonly invoker: boolean;
}

export interface CreateSchema extends OperationBase {
  readonly kind: 'createSchema';
  readonly name: string;
  readonly ifNotExists: boolean;
}

export interface DropSchema extends OperationBase {
  readonly kind: 'dropSchema';
  readonly name: string;
  readonly ifExists: boolean;
  readonly cascade: boolean;
}

export interface CreateType extends OperationBase {
  readonly kind: 'createType';
  readonly name: QualifiedName;
  readonly form: 'enum' | 'composite' | 'domain' | 'range' | 'base';
  /** Labels of an enum. */
  readonly labels: readonly string[];
  /** A domain's base type, and whether it is NOT NULL and has a default. */
  readonly baseType?: SqlType;
  readonly notNull?: boolean;
  readonly hasDefault?: boolean;
  readonly checks?: readonly Expression[];
}

export interface AlterEnum extends OperationBase {
  readonly kind: 'alterEnum';
  readonly name: QualifiedName;
  readonly addLabel?: string;
  readonly renameLabel?: { readonly from: string; readonly to: string };
  readonly renameTo?: string;
  readonly ifNotExists: boolean;
}

/** ALTER DOMAIN ... SET/DROP NOT NULL: of all columns of that type. */
export interface AlterDomain extends OperationBase {
  readonly kind: 'alterDomain';
  readonly name: QualifiedName;
  readonly notNull: boolean;
}

export interface DropType extends OperationBase {
  readonly kind: 'dropType';
  readonly name: QualifiedName;
  readonly ifExists: boolean;
  readonly cascade: boolean;
}

export interface CreateSequence extends OperationBase {
  readonly kind: 'createSequence';
  readonly name: QualifiedName;
  readonly ifNotExists: boolean;
}

export interface CreateExtension extends OperationBase {
  readonly kind: 'createExtension';
  readonly name: string;
  readonly schema?: string;
}

/** SET, SET LOCAL, RESET of a run-time setting (also SET ROLE: name `role`). */
export interface SetSetting extends OperationBase {
  readonly kind: 'setSetting';
  readonly name: string;
  /** Absent for RESET and SET ... TO DEFAULT. Lists such as search_path keep their items. */
  readonly values?: readonly string[];
  readonly local: boolean;
}

export interface Transaction extends OperationBase {
  readonly kind: 'transaction';
  readonly action: 'begin' | 'commit' | 'rollback' | 'savepoint' | 'release' | 'rollbackTo';
  readonly name?: string;
}

export interface Grant extends OperationBase {
  readonly kind: 'grant';
  readonly revoke: boolean;
  readonly privileges: readonly string[];
  readonly tables: readonly QualifiedName[];
  readonly grantees: readonly string[];
}

/** CREATE/ALTER/DROP ROLE. */
export interface RoleChange extends OperationBase {
  readonly kind: 'role';
  readonly action: 'create' | 'alter' | 'drop';
  readonly name: string;
  readonly bypassRls?: boolean;
  readonly superuser?: boolean;
}

export interface SetOwner extends OnTable {
  readonly kind: 'setOwner';
  readonly owner: string;
}

/** DO block, or the body of a migration function: steps that run now. */
export interface Execution extends OperationBase {
  readonly kind: 'execution';
  readonly block: Block;
}

/** SELECT, INSERT, UPDATE, DELETE, MERGE, COPY ... FROM as a statement. */
export interface RunQuery extends OperationBase {
  readonly kind: 'query';
  readonly query: Query;
}

export interface TruncateTable extends OnTable {
  readonly kind: 'truncate';
  readonly cascade: boolean;
}

/** Understood, and without effect on what is checked (COMMENT, ANALYZE, ALTER TABLE SET STATISTICS, ...). */
export interface Harmless extends OperationBase {
  readonly kind: 'harmless';
  readonly name: string;
  /** Routines that it names without the types of their parameters: each must be the only one of its name. */
  readonly routines?: readonly QualifiedName[];
}

/** A statement PostgreSQL's grammar accepts whose effect is not modelled: counted, named. */
export interface NotUnderstood extends OperationBase {
  readonly kind: 'notUnderstood';
  readonly reason: string;
  /** Tables it may touch, where they could be read. */
  readonly tables: readonly QualifiedName[];
  /** `PREPARE name AS query`; without the query: `EXECUTE name`. */
  readonly prepared?: { readonly name: string; readonly query?: Query };
  /** What it adds to a table whose name is not known. */
  readonly unnamed?: readonly UnnamedAddition[];
  /** It stands in a template: a program puts the name in, and runs it when it likes. */
  readonly whenever?: true;
}

export interface UnnamedAddition {
  readonly addition: 'column' | 'notNull' | 'foreignKey' | 'index' | 'rowSecurity';
  /** The column that it is about, the first of several. */
  readonly column?: string;
}

export type * from './step.js';
