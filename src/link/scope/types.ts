import type { Config } from '../../config/types.js';
import type { Location } from '../../facts/location.js';
import type { Query, TableReference } from '../../facts/query.js';
import type { Catalog, Table } from '../catalog/types.js';
import type { ClassifiedTable, Evidence, Tenancy } from '../project.js';
import type { Resolution } from '../resolve/types.js';

/** Whether a reference is pinned to one tenant, and if not, why not (CONTRACT, section 5). */
export type Verdict = 'scoped' | 'unscoped' | 'optional' | 'negated' | 'disjunctive' | 'unknown';

export type Access = 'read' | 'update' | 'delete' | 'insert' | 'merge';

/** The answer for one reference of a tenant, child or root table. */
export interface ReferenceVerdict {
  /** As it stands in the query; for a table inside of a view, the reference to the view. */
  readonly reference: TableReference;
  readonly table: Table;
  readonly access: Access;
  readonly verdict: Verdict;
  /** Words for a message that begins with the table: "is filtered by id only". */
  readonly reason: string;
  /** Step by step what pins it, or what stands in the way. */
  readonly evidence: readonly Evidence[];
  /** The constant that it is pinned to, whatever the condition leads through. */
  readonly literal?: { readonly text: string; readonly location: Location };
  /** Pinned to a list of several distinct values. */
  readonly tenantList?: boolean;
  /** Present for the existing row that ON CONFLICT DO UPDATE changes: the columns by which it is found. */
  readonly conflictKey?: readonly string[];
}

/** What the engine needs to know of the project around a query. */
export interface ScopeEnvironment {
  readonly catalog: Catalog;
  readonly searchPath: readonly string[];
  /** Keyed as `Catalog.tables`. */
  readonly tables: ReadonlyMap<string, ClassifiedTable>;
  readonly config: Config;
  /** The tenancy in force: that of the config, or what was found without one. */
  readonly tenancy: Tenancy;
  /** Names of the host language's or PL/pgSQL variables in sight: they read no table. */
  readonly variables?: ReadonlySet<string>;
  readonly labels?: ReadonlySet<string>;
  readonly variableConflict?: 'error' | 'column' | 'variable';
  /** The names of a statement, resolved in this environment: they are not looked for again. */
  readonly resolved?: { readonly query: Query; readonly resolution: Resolution };
  /** Overrides `config.queries.parameters`. */
  readonly tenantParameters?: { readonly tenant?: readonly string[]; readonly principal?: readonly string[] };
  /** Parameters that a signed message says (a webhook that was verified): a row that one of them names is the one that is meant. */
  readonly vouched?: readonly string[];
  /** Parameters that stand in a row which was judged where it was read. */
  readonly derived?: readonly string[];
  /** The references that an answer is wanted for; absent: all of them. A sub-select that says nothing of what stands around it is looked into for their sake only. */
  readonly asked?: ReadonlySet<unknown>;
  /** Whether policies let users of the application read only rows of their own tenants in a table. */
  readonly isLimited?: (table: ClassifiedTable) => boolean;
  /** Parameters that are the hash of what was sent: whoever sent it holds the secret. */
  readonly hashed?: readonly string[];
  /** Parameters that only the signed-in user's own cookie holds: the id of their session. */
  readonly secret?: readonly string[];
}
