import type { Level, PresetName, Severity } from './config/types.js';
import type { Fix } from './facts/edit.js';
import type { Location } from './facts/location.js';
import type { Expression, SqlType } from './facts/expression.js';
import type { Column, Table } from './link/catalog/types.js';
import type {
  Migration, PathStep, UniqueKey, AppliedOperation, Backfill, ClassifiedTable, Drift, Evidence, HandlerFact, HistoryFault, Interpolation, Irreversibility, NotNullChange, NullCheck, PolicyFact, Project, SessionSetting, QueryFact, QueryReference,
  Regression, RowDeletion,
} from './link/project.js';

/** What a rule may be asked about. The key is the rule's `asks`; the value is what `check` receives. */
export interface Questions {
  /** Each tenant, child, root or unclassified table of the final state. */
  table: ClassifiedTable;
  /** Each RLS policy of a tenant, child or root table in the final state. */
  policy: PolicyFact;
  sessionSetting: SessionSetting;
  /** Each handler that a configured handler file exports. */
  handler: HandlerFact;
  /** Each query of application code, seeds, functions and views. */
  query: QueryFact;
  /** Each operation that was replayed. */
  operation: AppliedOperation;
  /** Each column that becomes NOT NULL. */
  notNullChange: NotNullChange;
  backfill: Backfill;
  nullCheck: NullCheck;
  rowDeletion: RowDeletion;
  regression: Regression;
  drift: Drift;
  interpolation: Interpolation;
  irreversibility: Irreversibility;
  historyFault: HistoryFault;
  migration: Migration;
  /** Once, with the whole project. */
  project: Project;
}

export type Question = keyof Questions;

/** What a rule says of one fact. The engine adds rule, severity, position and fingerprint. */
export interface Problem {
  readonly message: string;
  readonly location: Location;
  readonly tables?: readonly string[];
  readonly tenantColumn?: string;
  readonly related?: readonly Evidence[];
  readonly suggestion?: string;
  /** Can only tighten, and has one reading. */
  readonly fix?: Fix;
  /** What somebody has to choose: there are other readings. */
  readonly suggestedFixes?: readonly Fix[];
}

export interface RuleContext {
  readonly project: Project;
  readonly options: Readonly<Record<string, unknown>>;
}

export type Category = 'schema' | 'migration' | 'rls' | 'query';

/** A JSON Schema of one option; the default stands in `default`. */
export interface OptionSchema {
  readonly type: 'boolean' | 'string' | 'number' | 'array';
  readonly items?: { readonly type: 'string' };
  readonly default: unknown;
  readonly description: string;
}

export interface Rule<Q extends Question = Question> {
  readonly id: string;
  readonly category: Category;
  /** One sentence, ends with a full stop. */
  readonly summary: string;
  /** Level in `recommended`; `strict` turns `off` into `warning`. */
  readonly level: Level;
  /** Level that the `rls` preset gives it, and that applies when `rls` is configured or a policy exists. */
  readonly rlsLevel?: Level;
  readonly asks: Q;
  /** Of a rule about tables: it also holds for those of SQLite or MySQL. */
  readonly anyDatabase?: boolean;
  /** Its findings may bring a fix, or edits to choose from. */
  readonly fixable?: boolean;
  readonly suggests?: boolean;
  readonly options?: Readonly<Record<string, OptionSchema>>;
  readonly check: (subject: Questions[Q], context: RuleContext) => Iterable<Problem>;
}

/** A finding as reports show it: positions resolved, sorted, suppressions applied. */
export interface Finding {
  readonly ruleId: string;
  readonly severity: Severity;
  readonly message: string;
  /** POSIX, relative to the working folder. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly tables: readonly string[];
  readonly tenantColumn: string | null;
  readonly related: readonly { readonly file: string; readonly line: number; readonly column: number; readonly message: string }[];
  readonly suggestion: string | null;
  readonly fix: FoundFix | null;
  /** Edits for people to choose from, which `--fix` leaves alone; absent where there are none. */
  readonly suggestedFixes?: readonly FoundFix[];
  readonly fingerprint: string;
  readonly docs: string;
  /** What a run on PostgreSQL showed of it; only in reports of `replay`. */
  readonly replay?: ReplayVerdict;
}

/** Edits of the finding's file; offsets are those of its text, in UTF-16 units. */
export interface FoundFix {
  readonly description: string;
  readonly edits: readonly { readonly start: number; readonly end: number; readonly text: string }[];
}

/** `not shown`: the made-up rows do not bring it out; `not reached`: what it speaks of was not run. */
export type ReplayVerdict = 'confirmed' | 'refuted' | 'not shown' | 'not reached';

/** Declares a rule; keeps the type of its question. */
export function defineRule<Q extends Question>(rule: Rule<Q>): Rule<Q> {
  return rule;
}

export { sqlColumns, sqlTable } from './facts/identifier.js';
export type { ClassifiedTable, Column, Fix, QueryFact, QueryReference, Expression, Level, PresetName, Project, Severity, Table, UniqueKey };

/** `attachments.session_id → sessions.account_id`: the hops of a backfill path and the tenant column at its end. */
export function describePath(path: readonly PathStep[], tenantColumn: string): string {
  const hops = path.map((step) => `${step.table}.${step.columns.join('+')}`);
  const last = path.at(-1);
  return [...hops, last ? `${last.to}.${last.endColumn ?? tenantColumn}` : ''].join(' → ');
}

/** A type in PostgreSQL's internal names, without its modifiers: `uuid`, `int8`, `text[]`. */
export function describeType(type: SqlType): string {
  return `${type.name}${'[]'.repeat(type.dimensions)}`;
}

/** Whether the rules about queries of application code apply: not to the system's own, nor to seeds and views. */
export function isApplicationQuery({ system, origin }: QueryFact): boolean {
  return !system && (origin === 'file' || origin === 'function' || origin === 'code');
}

/** More calls of one way are not shown. */
const MOST_CALLS = 6;

/** How a query comes to run that is judged by what a caller of its function gives: where that begins, and the calls that lead to it. */
export function wayOf({ calls: [begin, ...calls] = [] }: QueryFact): Evidence[] {
  if (begin === undefined) return [];
  return [{ location: begin, message: 'it is called so by what begins here' }, ...calls.slice(0, MOST_CALLS).map((location) => ({ location, message: 'which calls on here' }))];
}

/** Whether a reference is certainly not pinned to one tenant, neither by the query nor by policies. */
export function isUnpinned({ verdict, enforced }: Pick<QueryReference, 'verdict' | 'enforced'>): boolean {
  return !enforced && verdict !== 'scoped' && verdict !== 'unknown';
}

/**
 * Whether no other tenant can meet the values of a unique key: it names the tenant, a row of the tenant, or something nobody can choose.
 * @param credentialColumns `table.column` of secrets that are unique everywhere on purpose (`queries.credentialColumns`)
 */
export function isConfinedKey(
  key: UniqueKey, { table, tenantColumns, uniqueKeys, references }: Pick<ClassifiedTable, 'table' | 'uniqueKeys' | 'references'> & { readonly tenantColumns: readonly { readonly name: string }[] },
  credentialColumns: readonly string[],
): boolean {
  const has = (column: string) => key.columns.includes(column);
  if (tenantColumns.some((column) => has(column.name))) return true;
  // Whatever contains the primary key is unique already.
  if (uniqueKeys.some((each) => each.kind === 'primaryKey' && each.columns.every(has))) return true;
  if (references.some(({ rowColumns, toClass }) => rowColumns.every(has) && ['tenant', 'child', 'root'].includes(toClass))) return true;
  const columns = key.columns.flatMap((column) => table.columns.get(column) ?? []);
  if (columns.some((column) => column.generated === 'identity' || column.default?.generator)) return true;
  const [lone, ...more] = columns;
  return lone !== undefined && more.length === 0 && (lone.type.name === 'uuid' || /token|hash|secret|api_?key/i.test(lone.name) || credentialColumns.includes(`${table.name}.${lone.name}`));
}
