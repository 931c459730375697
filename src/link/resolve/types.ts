import type { ColumnExpression, SqlType } from '../../facts/expression.js';
import type { Answer } from '../../facts/location.js';
import type { FromItem, QualifiedName, Query, TableReference } from '../../facts/query.js';
import type { Catalog, Column, Table } from '../catalog/types.js';
import type { Failure } from '../project.js';
import type { Place } from './context.js';

/** Everything that names in a query may refer to. */
export interface ResolveEnvironment {
  readonly catalog: Catalog;
  /** Schemas searched for unqualified names, in order (`pg_catalog` is implied). */
  readonly searchPath: readonly string[];
  /** PL/pgSQL variables in sight, lower case; a name that is both variable and column is ambiguous (42702). */
  readonly variables: ReadonlySet<string>;
  /** Names that look like tables but are given by the context: transition tables, `new`/`old` of triggers. */
  readonly extraRelations?: ReadonlySet<string>;
  /** Names that qualify variables: the function's own name, block labels. */
  readonly labels?: ReadonlySet<string>;
  /** What a name means that is both variable and column: PL/pgSQL refuses it (the default), SQL functions take the column. */
  readonly variableConflict?: 'error' | 'column' | 'variable';
  /**
   * Whether a relation that the catalog lacks is certain not to exist (`missing`: PostgreSQL fails),
   * or may have been made outside of the recorded history (`external`, also when this is absent).
   */
  readonly isKnownMissing?: (name: QualifiedName, kind: 'table') => 'missing' | 'external';
}

/** What the place of an expression demands of it. */
export interface Asked {
  /** Where aggregates and window functions are refused, in PostgreSQL's words. */
  readonly place?: Place;
  /** It must be boolean, as the argument of this clause. */
  readonly condition?: string;
  /** It is stored in this column. */
  readonly stored?: { readonly column: string; readonly type: SqlType };
}

/** A query with its names resolved. */
export interface Resolution {
  /** What PostgreSQL rejects whatever the data; empty when anything relevant is unknown. */
  readonly failures: readonly Failure[];
  /** Every column expression of the query, sub-queries included, that could be resolved. Keyed by identity. */
  readonly bindings: ReadonlyMap<ColumnExpression, Binding>;
  /** Every table reference of the query, sub-queries included, that names a relation of the catalog. Keyed by identity. */
  readonly tables: ReadonlyMap<TableReference, Table>;
  /** Output columns, in order; undefined when they cannot be known (`*` over something unknown). */
  readonly columns?: readonly OutputColumn[];
  /** False when a name could be neither resolved nor proven wrong. */
  readonly complete: boolean;
}

export interface Binding {
  /** The FROM item (or target) the column belongs to; for a merged column of a FULL JOIN ... USING the join itself. */
  readonly item: FromItem;
  /** The query block that has the item in its FROM. */
  readonly block: Query;
  /** Present when the item is a relation of the catalog with known columns. */
  readonly table?: Table;
  readonly column?: Column;
  /** The column's name in the item. */
  readonly name: string;
}

export interface OutputColumn {
  readonly name: string;
  readonly type?: SqlType;
  readonly nullable: Answer;
  /** The plain column it exposes, if it is one; `table` is the key in `Catalog.tables`. */
  readonly source?: { readonly table: string; readonly column: string };
}
