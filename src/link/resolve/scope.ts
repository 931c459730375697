import type { Query } from '../../facts/query.js';
import type { Relation, RelationColumn } from './relation.js';
import { isSystemColumn } from './relation.js';
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

  constructor(readonly block: Query, readonly parent?: Scope) {}

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
  | { readonly kind: 'system' }
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
  const visible = level.items.filter((item) => item.columnsVisible && (!item.lateralOnly || level.lateralActive));
  const matches = visible.flatMap((item) => item.relation.columns.filter((column) => column.name === name).map((column) => ({ column, item })));
  if (matches.length > 1) return { kind: 'ambiguous', relations: matches.map((match) => match.item.relation) };
  const match = matches[0];
  if (match) return allowed(match.item) ?? { kind: 'found', column: match.column, relation: match.item.relation };
  if (visible.some((item) => item.relation.open)) return { kind: 'unknown' };
  if (isSystemColumn(name)) {
    const owners = visible.filter((item) => item.relation.table);
    if (owners.length > 1) return { kind: 'ambiguous', relations: owners.map((item) => item.relation) };
    if (owners.length === 1) return { kind: 'system' };
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
    const matches = level.items.filter((item) => item.relationVisible && (!item.lateralOnly || level.lateralActive) && isNamed(item.relation, name, schema));
    if (matches.length > 1) return { kind: 'ambiguous' };
    const match = matches[0];
    if (match) return match.lateralOnly && !match.lateralAllowed ? { kind: 'forbidden', relation: match.relation } : { kind: 'found', relation: match.relation };
  }
  return { kind: 'missing' };
}

/** Whether a qualifier, with or without a schema, names the relation. */
export function isNamed(relation: Relation, name: string, schema?: string): boolean {
  if (relation.name !== name) return false;
  if (schema === undefined) return true;
  return !relation.aliased && relation.item.kind === 'table' && (relation.table?.schema ?? relation.item.name.schema ?? schema) === schema;
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
