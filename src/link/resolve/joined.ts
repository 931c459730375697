import type { Relation, RelationColumn } from './relation.js';
import { isNamed, nullSupplied } from './relation.js';

/** Something that outer joins above may supply with NULLs. */
interface Part<T> {
  readonly what: T;
  nulled: boolean;
  /** When it came in. */
  since: number;
}

/**
 * What can be named through a join: the relations in it by their names, and its columns.
 * A join takes over what its larger side holds and adds the smaller to it, so that a chain of joins costs no more than its parts.
 */
export class Joined {
  private readonly relations = new Map<string, Part<Relation>[]>();
  private readonly columns = new Map<string, Part<RelationColumn>[]>();
  private clock = 0;
  /** Everything that was there at this time is null-supplied. */
  private nulledAt = -1;
  private size = 0;

  /** One relation that stands in no join, or in one that has a name of its own. */
  static of(relation: Relation): Joined {
    const joined = new Joined();
    if (relation.name !== undefined) joined.name(relation);
    for (const column of relation.columns) joined.show(column);
    return joined;
  }

  /** Both sides of a join; neither of the two is to be used after that. */
  static both(left: Joined, right: Joined): Joined {
    const [large, small] = left.size < right.size ? [right, left] : [left, right];
    for (const [name, parts] of small.relations) for (const part of parts) large.put(large.relations, name, part.what, small.isNulled(part));
    for (const [name, parts] of small.columns) for (const part of parts) large.put(large.columns, name, part.what, small.isNulled(part));
    return large;
  }

  /** Adds a relation that can be named. */
  name(relation: Relation): void {
    this.put(this.relations, relation.name!, relation, false);
  }

  /** Adds a column that can be named without a qualifier. */
  show(column: RelationColumn): void {
    this.put(this.columns, column.name, column, false);
  }

  /** Takes a column out of sight: USING merges it with another. */
  hide(name: string): void {
    this.columns.delete(name);
  }

  /** All of it stands on the null-supplied side of an outer join. */
  supplyNulls(): void {
    this.nulledAt = this.clock;
    this.clock += 1;
  }

  /** The columns of a name. */
  columnsNamed(name: string): readonly RelationColumn[] {
    return (this.columns.get(name) ?? []).map((part) => (this.isNulled(part) ? { ...part.what, nullable: 'yes' as const } : part.what));
  }

  /** The relations that a qualifier names. */
  relationsNamed(name: string, schema?: string): readonly Relation[] {
    return (this.relations.get(name) ?? []).filter((part) => isNamed(part.what, name, schema)).map((part) => (this.isNulled(part) ? nullSupplied(part.what) : part.what));
  }

  /** Every relation that can be named. */
  named(): Relation[] {
    return [...this.relations.values()].flatMap((parts) => parts.map((part) => part.what));
  }

  /** Pairs of relations of one name, the second of them in `other`. */
  clashes(other: Joined): [Relation, Relation][] {
    const smaller = this.relations.size < other.relations.size ? this : other;
    return [...smaller.relations.keys()].flatMap((name) => {
      const first = this.relations.get(name)?.[0]?.what;
      return first ? (other.relations.get(name) ?? []).map((part): [Relation, Relation] => [first, part.what]) : [];
    });
  }

  private put<T>(parts: Map<string, Part<T>[]>, name: string, what: T, nulled: boolean): void {
    const part = { what, nulled, since: this.clock };
    const list = parts.get(name);
    if (list) list.push(part);
    else parts.set(name, [part]);
    this.size += 1;
  }

  private isNulled(part: Part<unknown>): boolean {
    return part.nulled || part.since <= this.nulledAt;
  }
}

/** How the columns of a join come about. */
export interface Sides {
  readonly left: readonly Relation[];
  readonly right: readonly Relation[];
  readonly merged: readonly RelationColumn[];
  /** The names that USING or NATURAL merges. */
  readonly names: readonly string[];
  readonly nullLeft: boolean;
  readonly nullRight: boolean;
}

/** The columns of a join in their order: merged ones first, then the rest of the left and the right side (PostgreSQL manual, section 7.2.1.1). */
export function columnsOf(sides: Sides): RelationColumn[] {
  const columns: RelationColumn[] = [];
  const merged = new Map<string, number>();
  const count = (names: readonly string[], by: number): void => {
    for (const name of names) merged.set(name, (merged.get(name) ?? 0) + by);
  };
  const show = (column: RelationColumn, nulled: boolean): void => {
    if ((merged.get(column.name) ?? 0) === 0) columns.push(nulled ? { ...column, nullable: 'yes' } : column);
  };
  const open: ({ readonly sides: Sides; readonly nulled: boolean } | { readonly relation: Relation; readonly nulled: boolean } | { readonly leave: readonly string[] })[] = [{ sides, nulled: false }];
  for (let step = open.pop(); step; step = open.pop()) {
    if ('leave' in step) count(step.leave, -1);
    else if ('relation' in step) {
      const { relation, nulled } = step;
      if (relation.sides) open.push({ sides: relation.sides, nulled });
      else for (const column of relation.columns) show(column, nulled);
    } else {
      const { sides: inner, nulled } = step;
      for (const column of inner.merged) show(column, nulled);
      count(inner.names, 1);
      open.push({ leave: inner.names });
      for (const relation of inner.right.toReversed()) open.push({ relation, nulled: nulled || inner.nullRight });
      for (const relation of inner.left.toReversed()) open.push({ relation, nulled: nulled || inner.nullLeft });
    }
  }
  return columns;
}
