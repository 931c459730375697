import type { Location } from '../../facts/location.js';
import type { TableReference } from '../../facts/query.js';
import type { Table } from '../catalog/types.js';
import type { ClassifiedTable } from '../project.js';
import type { Region } from './regions.js';
import type { Access } from './types.js';

/** One use of something that has columns. A view or CTE that is read twice is two of it. */
export interface Ref {
  readonly id: number;
  readonly kind: 'table' | 'derived' | 'output' | 'parameter';
  /** The name its columns are qualified with in words. */
  readonly name: string;
  readonly region: Region;
  /** Present for a table that belongs to tenants: an answer is due. */
  readonly owned?: OwnedTable;
  /** The table or view it is a use of. */
  table?: Table;
  /** Cells by region, then by column; filled when the graph is made. */
  readonly cells: Map<number, Map<string, Cell>>;
}

export interface OwnedTable {
  readonly reference: TableReference;
  readonly table: Table;
  readonly classified: ClassifiedTable;
  readonly access: Access;
  readonly conflictKey?: readonly string[];
  /** It stands for rows that are answered for elsewhere. */
  readonly isCopy?: boolean;
}

/** A column of a Ref; `*` is the row itself. */
export interface ColumnOf {
  readonly ref: Ref;
  readonly name: string;
}

/** Under which reading of the query an edge counts beyond what is proven. */
export type Mode = 'proof' | 'optimistic' | 'optional' | 'negated' | 'chosen' | 'disjunctive';

/** Where an input comes from: what may be compared with a tenant column, with a user column, or with a credential alone. */
export interface Value {
  readonly tenant: boolean;
  readonly principal: boolean;
  /** A signed message says it. */
  readonly vouched?: boolean;
  /** It stands in a row that was judged where it was read. */
  readonly derived?: boolean;
  /** It is the hash of what was sent. */
  readonly hashed?: boolean;
  /** Only the holder of the row knows it, and it was given. */
  readonly secret?: boolean;
  /** Not certain to be a value: a function that is not known, a hole. */
  readonly doubtful: boolean;
  /** Canonical text of a parameter or constant; equal texts are equal values. */
  readonly key?: string;
  /** The one input that the value is made of: equal origins are no list of tenants. */
  readonly origin?: string;
  /** Several distinct values. */
  readonly list: boolean;
  readonly isNull?: boolean;
  /** As it is put in words. */
  readonly text: string;
}

/** What is known of a column in a region flows along a condition. */
export interface Flow {
  readonly from: ColumnOf;
  readonly fromRegion: Region;
  readonly to: ColumnOf;
  readonly toRegion: Region;
  readonly location: Location;
  readonly mode: Mode;
  /** IS NOT DISTINCT FROM: only if the row must be there for other reasons. */
  readonly nullable?: boolean;
  /** The target is the same column, NULL or not. */
  readonly same?: boolean;
  /** Two columns that flow like this may come from two rows: `min(a), min(b)`, two readers of one result. */
  readonly mixed?: boolean;
  /** The source is NULL in more rows than the target. */
  readonly unlessNull?: boolean;
}

/** A column is equal to a value in a region. */
export interface Seed {
  readonly column: ColumnOf;
  readonly region: Region;
  readonly value: Value;
  readonly location: Location;
  readonly mode: Mode;
  /** IS NULL, IS NOT DISTINCT FROM: only if the row must be there for other reasons. */
  readonly nullable?: boolean;
}

/** What holds in all regions holds in the target; in `disjunctive` mode, what holds in one. */
export interface Gate {
  readonly target: Region;
  readonly branches: readonly GateBranch[];
  readonly location: Location;
  readonly mode: Mode;
  /** For these columns of each branch alone: the arms of a set operation. */
  readonly columns?: readonly { readonly to: ColumnOf; readonly from: readonly ColumnOf[] }[];
  /** The branches are those of an OR. */
  readonly isOr?: boolean;
  /** Each says that a column has another value, of which it has one: `c = COALESCE($1, (SELECT ...))`. */
  readonly isChoice?: boolean;
  /** Only this row: the target of MERGE. */
  readonly only?: Ref;
}

export interface GateBranch {
  readonly region: Region;
  /** A branch that only says that no value was given: `$1 IS NULL`. */
  readonly optional?: boolean;
  /** A branch that is always true. */
  readonly always?: boolean;
}

/** A recursive CTE read inside of itself: it holds what its base arm and, on that assumption, its recursive arm hold. */
export interface Recursion {
  readonly self: Ref;
  readonly selfRegion: Region;
  readonly base: readonly { readonly column: ColumnOf; readonly region: Region }[];
  readonly step: readonly { readonly column: ColumnOf; readonly region: Region }[];
  readonly names: readonly string[];
  /** Present when every row of the CTE is one row of one table that belongs to tenants. */
  rows?: RecursiveRows;
}

/**
 * A recursive CTE whose rows are rows of one table: base and step take them from it. If all readers want the tenant's alone, and each
 * of these comes, step by step, from a row of the tenant's, then no others matter.
 */
export interface RecursiveRows {
  /** What all readers want. */
  readonly wanted: Ref;
  readonly sources: readonly { readonly ref: Ref; readonly region: Region }[];
  /** The row that the step goes on from. */
  readonly self: Ref;
}

/** The facts of one statement. */
export class Facts {
  readonly refs: Ref[] = [];
  readonly flows: Flow[] = [];
  readonly seeds: Seed[] = [];
  readonly gates: Gate[] = [];
  readonly recursions: Recursion[] = [];

  ref(kind: Ref['kind'], name: string, region: Region, owned?: OwnedTable): Ref {
    const ref: Ref = { id: this.refs.length, kind, name, region, cells: new Map(), ...(owned ? { owned } : {}) };
    this.refs.push(ref);
    return ref;
  }
}

/** What is known of a column in a region: the row is pinned, the column equals a value, or the key of a pinned row. */
export interface Known {
  /** `pin`, `member`, `tenant`, `principal`, `input`, `vouched`, `derived`, `hashed`, `secret`, `null`, the name of a domain, or `row`, a key of several columns, the place in it and the row it is of. */
  readonly label: string;
  /** What the pin rests on; two branches of an OR on different values pin to a list. */
  readonly origin: string;
  readonly list: boolean;
  readonly location?: Location;
  readonly cause?: { readonly cell: Cell; readonly label: string };
}

/** A column of a Ref as it is known in one region. */
export interface Cell {
  readonly ref: Ref;
  readonly name: string;
  readonly region: Region;
  readonly known: Map<string, Known>;
  readonly out: { readonly to: Cell; readonly flow?: Flow }[];
  readonly gates: CellGate[];
}

export interface CellGate {
  readonly to: Cell;
  /** The cells it waits for, each with its branch. */
  readonly branches: ReadonlyMap<Cell, GateBranch>;
  readonly gate: Gate;
}
