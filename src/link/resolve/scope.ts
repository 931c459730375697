import type { Query } from '../../facts/query.js';
import type { Joined } from './joined.js';
import type { Relation, RelationColumn } from './relation.js';
import { isNamed, isSystemColumn } from './relation.js';
import type { OutputColumn } from './types.js';

/** A FROM item in a name space, with what may be seen of it (PostgreSQL's ParseNamespaceItem, src/include/parser/parse_node.h). */
export interface NamespaceItem {
  readonly relation: Relation;
  /** Its name may qualify a column. */
  readonly relationVisible: boolean;
  /** Its columns may be named without a qualifier. */
  readonly columnsVisible: boolean;
  /** To be seen only by LATERAL items. */
  readonly lateralOnly: boolean;
  /** A LATERAL reference to it is allowed; if not, it is an error. */
  readonly lateralAllowed: boolean;
  /** Of a join without an alias: what can be named inside of it. */
  readonly inner?: Joined;
}

/** A CTE as its readers see it; `columns` is absent while or where they are not known. */
export interface CommonTable {
  readonly name: string;
  columns?: readonly OutputColumn[];
}

/** The names of one query block. */
export class Scope {
  items: NamespaceItem[] = [];
  /** Every relation of the block, to be seen or not: PostgreSQL's hints speak of them. */
  readonly relations: Relation[] = [];
  readonly commonTables = new Map<string, CommonTable>();
  /** The names of the WITH list that are not in sight yet. */
  readonly laterNames = new Set<string>();
  /** A LATERAL item is being resolved. */
  lateralActive = false;

  private index: { readonly items: readonly NamespaceItem[]; readonly length: number; readonly joins: readonly NamespaceItem[]; readonly names: ReadonlyMap<string, readonly NamespaceItem[]> } | undefined;

  constructor(readonly block: Query, readonly parent?: Scope) {}

  /** The items that can have something of this name: the name of a relation, or of a column. */
  itemsWith(name: string): readonly NamespaceItem[] {
    const { items } = this;
    if (items.length < 8) return items;
    if (this.index?.items !== items || this.index.length !== items.length) {
      const names = new Map<string, NamespaceItem[]>();
      const add = (each: string, item: NamespaceItem): void => {
        const list = names.get(each);
        if (!list) names.set(each, [item]);
        else if (list.at(-1) !== item) list.push(item);
      };
      const joins = items.filter((item) => item.inner);
      for (const item of items) {
        if (item.inner) continue;
        if (item.relation.name !== undefined) add(item.relation.name, item);
        for (const column of item.relation.columns) add(column.name, item);
      }
      this.index = { items, length: items.length, joins, names };
    }
    return [...this.index.names.get(name) ?? [], ...this.index.joins];
  }

  /** The CTE of this name that is in sight. */
  commonTable(name: string): CommonTable | undefined {
    return this.commonTables.get(name) ?? this.parent?.commonTable(name);
  }

  /** The scopes from here outwards. */
  *chain(): Iterable<Scope> {
    for (let scope: Scope | undefined = this; scope; scope = scope.parent) yield scope; // eslint-disable-line @typescript-eslint/no-this-alias
  }
}

/** What a bare column name refers to. */
export type ColumnLookup =
  | { readonly kind: 'found'; readonly column: RelationColumn; readonly relation: Relation }
  | { readonly kind: 'system'; readonly relation: Relation }
  | { readonly kind: 'ambiguous'; readonly relations: readonly Relation[] }
  | { readonly kind: 'forbidden'; readonly relation: Relation }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'missing' };

/** Looks up an unqualified column: the innermost scope that has it (PostgreSQL's colNameToVar). */
export function lookupColumn(scope: Scope, name: string, localOnly = false): ColumnLookup {
  for (const level of scope.chain()) {
    const answer = lookupInLevel(level, name);
    if (answer.kind !== 'missing') return answer;
    if (localOnly) break;
  }
  return { kind: 'missing' };
}

function lookupInLevel(level: Scope, name: string): ColumnLookup {
  const inSight = (item: NamespaceItem): boolean => item.columnsVisible && (!item.lateralOnly || level.lateralActive);
  const matches = level.itemsWith(name).filter(inSight).flatMap((item) => columnsNamed(item, name).map((column) => ({ column, item })));
  if (matches.length > 1) return { kind: 'ambiguous', relations: matches.map((match) => match.item.relation) };
  const match = matches[0];
  if (match) return allowed(match.item) ?? { kind: 'found', column: match.column, relation: match.item.relation };
  const visible = level.items.filter(inSight);
  if (visible.some((item) => item.relation.open)) return { kind: 'unknown' };
  if (isSystemColumn(name)) {
    const owners = visible.filter((item) => item.relation.table);
    if (owners.length > 1) return { kind: 'ambiguous', relations: owners.map((item) => item.relation) };
    if (owners.length === 1) return { kind: 'system', relation: owners[0]!.relation };
    return visible.length > 0 ? { kind: 'unknown' } : { kind: 'missing' };
  }
  return { kind: 'missing' };
}

function allowed(item: NamespaceItem): ColumnLookup | undefined {
  return item.lateralOnly && !item.lateralAllowed ? { kind: 'forbidden', relation: item.relation } : undefined;
}

/** What a qualifier refers to. */
export type RelationLookup =
  | { readonly kind: 'found'; readonly relation: Relation }
  | { readonly kind: 'ambiguous' }
  | { readonly kind: 'forbidden'; readonly relation: Relation }
  | { readonly kind: 'missing' };

/** Looks up a table name or alias used as a qualifier (PostgreSQL's refnameNamespaceItem). */
export function lookupRelation(scope: Scope, name: string, schema?: string): RelationLookup {
  for (const level of scope.chain()) {
    const matches = level.itemsWith(name).filter((item) => !item.lateralOnly || level.lateralActive)
      .flatMap((item) => relationsNamed(item, name, schema).map((relation) => ({ relation, isForbidden: item.lateralOnly && !item.lateralAllowed })));
    if (matches.length > 1) return { kind: 'ambiguous' };
    const match = matches[0];
    if (match) return { kind: match.isForbidden ? 'forbidden' : 'found', relation: match.relation };
  }
  return { kind: 'missing' };
}

/** The columns of a name that an item shows. */
export function columnsNamed(item: NamespaceItem, name: string): readonly RelationColumn[] {
  return item.inner ? item.inner.columnsNamed(name) : item.relation.columns.filter((column) => column.name === name);
}

/** The relations that a qualifier can mean in an item: itself, or those in a join. */
export function relationsNamed(item: NamespaceItem, name: string, schema?: string): readonly Relation[] {
  if (item.relationVisible && isNamed(item.relation, name, schema)) return [item.relation];
  return item.inner?.relationsNamed(name, schema) ?? [];
}

/** Whether one of the items may have columns that are not known. */
export function openItems(items: readonly NamespaceItem[]): boolean {
  return items.some((item) => item.columnsVisible && item.relation.open);
}

/** Every relation that can be named in the items. */
export function namedRelations(items: readonly NamespaceItem[]): readonly Relation[] {
  return items.flatMap((item) => item.inner?.named() ?? (item.relation.name === undefined ? [] : [item.relation]));
}

/** The relation a failing qualifier was meant for, though it cannot be seen from there; and the one whose alias hides that name. */
export function unreachableRelation(scope: Scope, name: string): { readonly named?: Relation; readonly hidden?: Relation } {
  for (const level of scope.chain()) {
    const named = level.relations.find((relation) => relation.name === name);
    if (named) return { named };
    const hidden = level.relations.find((relation) => relation.aliased && relation.item.kind === 'table' && relation.item.name.name === name);
    if (hidden) return { hidden };
  }
  return {};
}
