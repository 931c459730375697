import type { CommonTableExpression, FromItem, TableReference } from '../../facts/query.js';
import type { Table } from '../catalog/types.js';
import type { Resolution } from '../resolve/types.js';
import type { ColumnOf, Ref, Value } from './graph.js';
import type { Region } from './regions.js';

/** A column as a star or a position sees it. */
export interface Output {
  readonly name: string;
  readonly column: ColumnOf;
  /** The column inside that it shows, if conditions on it reach there. */
  readonly plain?: ColumnOf;
}

/** What a query shows to its reader. */
export interface Outputs {
  readonly columns: readonly Output[];
  /** The region in which the columns are known. */
  readonly region: Region;
  /** There may be others. */
  readonly open: boolean;
}

/** A FROM item in a frame. */
export interface Source {
  readonly ref: Ref;
  readonly columns: readonly Output[];
  readonly open: boolean;
  readonly table?: Table;
  /** Its columns are values that read no table. */
  readonly value?: Value;
}

/** A WITH query: built for each of its readers, or once where readers cannot reach into it. */
export interface Common {
  readonly cte: CommonTableExpression;
  readonly block: Region;
  /** The names in sight of its body. */
  readonly frame: Frame;
  readonly next: Common | undefined;
  readonly recursive: boolean;
  /** Built once. */
  shared?: Outputs;
  /** While the recursive arm is built: its base, and who reads it from inside. */
  building?: { readonly base: Outputs; readonly selves: Source[] };
  /** The columns as each reader sees them. */
  readonly readers: Outputs[];
  isRead: boolean;
}

/** The names of one query block. */
export interface Frame {
  readonly parent: Frame | undefined;
  readonly resolution: Resolution;
  readonly items: Map<FromItem, Source>;
  /** What `*` stands for: the top items of FROM. */
  shown?: Pick<Source, 'columns' | 'open'>[];
  /** COALESCE of these two, which a join equates, is this column. */
  coalesced?: readonly { readonly of: readonly [ColumnOf, ColumnOf]; readonly column: ColumnOf }[];
  common: Common | undefined;
  /** Inside of a view: the reference that stands in the query. */
  readonly reported: TableReference | undefined;
  /** The row proposed by an INSERT. */
  excluded?: Source;
}

/** A frame inside of another. */
export function innerFrame(parent: Frame): Frame {
  return { parent, resolution: parent.resolution, items: new Map(), common: undefined, reported: parent.reported };
}

/** The source of an item in the frames from here outwards. */
export function sourceOf(item: FromItem, frame: Frame): Source | undefined {
  for (let each: Frame | undefined = frame; each; each = each.parent) {
    const source = each.items.get(item);
    if (source) return source;
    if (each.excluded && item.kind === 'table' && item.alias === 'excluded') return each.excluded;
  }
  return undefined;
}

/** The source a qualifier names, where the resolver left it open. */
export function sourceNamed(name: string, frame: Frame): Source | undefined {
  for (let each: Frame | undefined = frame; each; each = each.parent) {
    for (const [item, source] of each.items) {
      if (item.kind !== 'join' && (item.alias ?? (item.kind === 'table' ? item.name.name : undefined)) === name) return source;
    }
  }
  return undefined;
}

/** The WITH query that a name refers to. */
export function commonNamed(name: string, frame: Frame): Common | undefined {
  for (let each: Frame | undefined = frame; each; each = each.parent) {
    for (let entry = each.common; entry; entry = entry.next) if (entry.cte.name === name) return entry;
  }
  return undefined;
}

/** Whether any WITH query is in sight. */
export function hasCommons(frame: Frame): boolean {
  for (let each: Frame | undefined = frame; each; each = each.parent) if (each.common) return true;
  return false;
}
