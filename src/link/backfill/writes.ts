import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { Assignment, DeleteQuery, FromItem, InsertQuery, MergeBranch, MergeQuery, Query, SelectQuery, TableReference, UpdateQuery } from '../../facts/query.js';
import { parentsOf } from '../catalog/inheritance.js';
import { displayName, findTable, keyOf } from '../catalog/names.js';
import { replacedBy } from '../catalog/rules.js';
import type { Column, Table } from '../catalog/types.js';
import type { Backfill, Evidence, RowDeletion } from '../project.js';
import { overrules } from '../policies/assigned.js';
import type { OperationEvent } from '../replay/types.js';
import { AmbiguityFinder } from './ambiguity.js';
import { ways } from './conditions.js';
import { Coverage } from './coverage.js';
import type { Graph } from './graph.js';
import { graphOf, itemsRead } from './graph.js';
import { declaredNotNull, Names } from './names.js';
import { both, conjunction, distinctCauses, isFalse, isNull, isTrue, nullTest, vague } from './pieces.js';
import type { Cause, Literal, Piece } from './pieces.js';
import { isBatch } from './batches.js';
import { MadeTables } from './made.js';
import type { ColumnHistory, Histories, OpenBackfill } from './state.js';
import { unreadySources } from './unready.js';
import type { AwaitedColumn } from './unready.js';
import { conjuncts, nodes, nodesOfKind, withoutCasts } from './walk.js';

/** What UPDATE, INSERT, DELETE and MERGE do to the NULLs of columns. */
export class Writes {
  readonly deletions: RowDeletion[] = [];
  /** Columns that a failing backfill reads and that may be added later. */
  readonly awaited: AwaitedColumn[] = [];
  readonly made = new MadeTables();

  constructor(private readonly histories: Histories, private readonly isImplied: (guard: Expression, tableKey: string, column: string, event: OperationEvent) => boolean) {}

  /** Follows a statement, its data-modifying CTEs first. */
  run(query: Query, event: OperationEvent): void {
    const names = new Names(event.resolution, this.histories.catalog, query, this.made);
    const visit = (part: Query): void => {
      for (const { query: inner } of part.with) visit(inner);
      if (part.kind === 'update') this.updated(part, names, event);
      else if (part.kind === 'insert') this.inserted(part, names, event);
      else if (part.kind === 'delete') this.deleted(part, names, event);
      else if (part.kind === 'merge') this.merged(part, names, event);
    };
    visit(query);
    for (const node of nodes(query)) {
      const table = 'target' in node ? event.resolution?.tables.get(node.target as TableReference) : undefined;
      const columns = node.kind === 'update' ? (node as UpdateQuery).set.map(({ column }) => column) : undefined;
      for (const each of table ? [table, ...this.above(table, event.session.searchPath)] : []) {
        this.made.changed(keyOf(each), columns);
        this.histories.forgetRows(keyOf(each), columns);
      }
    }
  }

  private updated(query: UpdateQuery, names: Names, event: OperationEvent): void {
    const table = names.tableOf(query.target);
    if (!table) return;
    const graph = graphOf(query.from, query.where, names);
    const known = new Set<FromItem>([query.target]);
    for (const assignment of query.set) {
      const column = table.columns.get(assignment.column);
      if (column && !assignment.partial) this.assigned({ table, column, value: assignedValue(assignment, column), query, graph, known, names, event, location: query.location });
    }
    if (!event.failure) for (const each of this.above(table, event.session.searchPath)) this.someFilled(query.set, each, 'update', query.location, event);
    if (query.set.some(({ value }) => value && isNothing(value)) && [...nodesOfKind(query.where, 'subquery')].length > 0) this.histories.noteLookForPartners(keyOf(table), false);
    this.histories.forgetColumns(keyOf(table), query.set.map(({ column }) => column));
    this.noteTriggers(query, table, event);
  }

  private assigned(write: ColumnWrite): void {
    const { table, column, value, query, graph, known, names, event } = write;
    const history = this.histories.get(keyOf(table), column.name);
    if (!history) return;
    const coverage = new Coverage(names, this.histories, query.target);
    coverage.place(graph);
    const valueCauses = value ? coverage.nullable(value, graph, known) : [];
    const nullOnly = valueCauses.some(({ literals, sure, why }) => sure && literals.length === 0 && why.message === 'NULL is written');
    const ownNull = { atom: nullTest(`target.${column.name}`), truth: isTrue };
    const reach = rowConditions(graph, coverage);
    const otherwise = { notNull: (key: string) => key !== ownNull.atom.nullTestOf && coverage.notNull(key) };
    const reachesNull = reach === undefined || conjunction([ownNull, ...reach], otherwise) !== undefined;
    const before = this.histories.pieces(history);
    const after = this.leftAfter(before, [...replaced(table), ...coverage.unmatched(graph, known), ...valueCauses], coverage);
    const overwritten = reach ? this.overwritten(valueCauses, reach, ownNull, coverage) : valueCauses.map((cause) => ({ ...cause, sure: false }));
    const trigger = overrules(table, column.name, this.histories.catalog);
    const overruled: Piece[] = trigger ? [{ literals: [ownNull], sure: false, why: { location: trigger.origin.location, message: `trigger "${trigger.name}" may give it another value` } }] : [];
    const result = distinctCauses(declaredNotNull(table, column) ? [] : [...after, ...overwritten, ...overruled]);
    const guarded = event.guards.some((guard) => !this.isImplied(guard, history.tableKey, column.name, event));
    const failed = event.failure !== undefined;
    const loose = guarded || failed ? before.map((piece) => ({ ...piece, sure: false })) : [];
    this.histories.update(history, failed ? loose : distinctCauses([...result, ...loose]));
    if (!nullOnly) this.record(write, history, coverage, reachesNull);
    if (reachesNull || valueCauses.length > 0) this.unverify(history);
  }

  private leftAfter(before: readonly Piece[], causes: readonly Cause[], coverage: Coverage): Piece[] {
    return before.flatMap((piece) => causes.flatMap((cause) => both(piece, cause, coverage) ?? []));
  }

  /** Rows that had a value and get NULL. */
  private overwritten(valueCauses: readonly Cause[], reach: readonly Literal[], ownNull: Literal, coverage: Coverage): Piece[] {
    return valueCauses.flatMap((cause): Piece[] => {
      const literals = conjunction([{ ...ownNull, truth: isFalse }, ...reach, ...cause.literals], coverage);
      if (!literals) return [];
      const rest = literals.filter(({ atom }) => atom.key !== ownNull.atom.key);
      return [{ literals: [...rest, ownNull], sure: cause.sure && !vague(rest), why: cause.why }];
    });
  }

  private record(write: ColumnWrite, history: ColumnHistory, coverage: Coverage, reachesNull: boolean): void {
    const { table, column, value, query, graph, known, names, event, location } = write;
    const pieces = history.pieces;
    // A statement that PostgreSQL rejects is one fault: what it would have written is not judged as well.
    const failed = event.failure !== undefined;
    const state = failed ? 'unknown' : pieces.length === 0 ? 'total' : reachesNull && pieces.some(({ sure }) => sure) ? 'partial' : 'unknown';
    const migration = event.migration.index;
    const ambiguous = value && !failed ? new AmbiguityFinder(names, coverage).ofValue(value, graph, write.single ?? known) : undefined;
    const backfill: OpenBackfill = {
      table: displayName(table), column: column.name, location, migration,
      coverage: state,
      leavesNull: uniqueEvidence(pieces.filter(({ sure }) => sure).map(({ why }) => why)),
      isLast: false, verifiedLater: false,
      ...(ambiguous ? { ambiguous } : {}),
      unready: [],
      hiddenByRls: failed ? [] : hiddenByRls(query, names, event),
      rewritesWholeTable: !failed && table.created.migration !== migration && event.session.inTransaction && !isBatch(query, graph, column.name, names),
      history,
    };
    if (value) unreadySources({ value, query, table, names, backfill, failed, awaited: this.awaited }, this.histories);
    if (reachesNull) history.fillings.push({ location, migration, coverage: state, how: 'update' });
    this.histories.addBackfill(history, backfill);
  }

  private unverify(history: ColumnHistory): void {
    delete history.verified;
    history.weak = [];
  }

  /** `UPDATE t SET id = id` is written to fire a trigger: what that fills is not known. */
  private noteTriggers(query: UpdateQuery, table: Table, event: OperationEvent): void {
    const idle = query.set.every(({ column, value }) => value?.kind === 'column' && value.path.at(-1) === column);
    if (!idle || !table.triggers.some(({ enabled, timing, events }) => enabled && timing === 'before' && events.includes('update'))) return;
    for (const column of table.columns.values()) {
      if (declaredNotNull(table, column) || query.set.some((assignment) => assignment.column === column.name)) continue;
      const history = this.histories.get(keyOf(table), column.name)!;
      this.histories.update(history, this.histories.pieces(history).map((piece) => ({ ...piece, sure: false })));
      history.fillings.push({ location: query.location, migration: event.migration.index, coverage: 'unknown', how: 'trigger' });
      this.unverify(history);
    }
  }

  private inserted(query: InsertQuery, names: Names, event: OperationEvent): void {
    const table = names.tableOf(query.target);
    if (!table) return;
    const columns = query.columns.length > 0 ? query.columns : [...table.columns.keys()];
    const isNew = table.created.migration === event.migration.index;
    const wasEmpty = this.histories.mayHoldRows(table) === 'no';
    for (const column of table.columns.values()) {
      if (declaredNotNull(table, column)) continue;
      const history = this.histories.get(keyOf(table), column.name)!;
      const causes = this.insertedNulls(query, columns.indexOf(column.name), column, names);
      const ownNull = { atom: nullTest(`target.${column.name}`), truth: isTrue };
      const added = causes.map((cause): Piece => ({ ...cause, literals: [ownNull] }));
      if (added.length > 0) delete history.verified;
      this.histories.update(history, distinctCauses([...this.histories.pieces(history), ...added]));
      if (!columns.includes(column.name) || added.some(({ sure, why }) => sure && why.message === 'NULL is written')) continue;
      const filling = { location: query.location, migration: event.migration.index };
      if (isNew || wasEmpty) history.fillings.push({ ...filling, coverage: coverageOf(added.length === 0 ? history.pieces : added), how: 'insert' });
      else if (query.source?.kind === 'select' && query.source.from.length > 0) history.copies = filling;
    }
    if (query.onConflict?.action === 'update') this.someFilled(query.onConflict.set, table, 'insert', query.location, event);
    this.histories.rowsInserted(keyOf(table));
  }

  /** CREATE TABLE ... AS: the table begins with the rows of a query. */
  createdAs(query: Query, table: Table, event: OperationEvent): void {
    const names = new Names(event.resolution, this.histories.catalog, query, this.made);
    this.made.made(keyOf(table), query, event.resolution);
    const { location } = query;
    for (const column of table.columns.values()) {
      const history = this.histories.get(keyOf(table), column.name)!;
      const causes = query.kind === 'select' ? this.nullsOf(query, placeOf(query, column.name, [...table.columns.keys()]), column, location, names) : [{ literals: [], sure: false, why: { location, message: 'the rows inserted are not understood' } }];
      const pieces = distinctCauses(causes.map((cause): Piece => ({ ...cause, literals: [{ atom: nullTest(`target.${column.name}`), truth: isTrue }] })));
      this.histories.update(history, pieces);
      history.fillings.push({ location, migration: event.migration.index, coverage: coverageOf(pieces), how: 'insert' });
    }
    this.histories.rowsInserted(keyOf(table));
  }

  private insertedNulls(query: InsertQuery, position: number, column: Column, names: Names): Cause[] {
    return this.nullsOf(query.source, position, column, query.location, names);
  }

  private nullsOf(source: Query | undefined, position: number, column: Column, location: Location, names: Names): Cause[] {
    const missing: Cause[] = hasDefault(column) ? [] : [{ literals: [], sure: true, why: { location, message: `rows are inserted without ${column.name}` } }];
    if (position < 0 || !source) return missing;
    const coverage = new Coverage(names, this.histories);
    const rows = source.kind === 'values' ? source.rows.map((row) => row[position]) : source.kind === 'select' ? [source.targets[position]?.expression] : [undefined];
    const graph = source.kind === 'select' ? graphOf(source.from, source.where, names) : undefined;
    return rows.flatMap((value): Cause[] => {
      if (!value || value.kind === 'star') return [{ literals: [], sure: false, why: { location, message: 'the rows inserted are not understood' } }];
      if (value.kind === 'other' && value.name === 'default') return missing;
      return coverage.nullable(value, graph, new Set());
    });
  }

  /** Rows are filled, and which ones is not known: those that ON CONFLICT DO UPDATE meets, those of one partition, those that a view shows. */
  private someFilled(set: readonly Assignment[], table: Table, how: 'insert' | 'update', location: Location, event: OperationEvent): void {
    for (const { column, value } of set) {
      const history = this.histories.get(keyOf(table), column);
      if (!history) continue;
      this.histories.update(history, this.histories.pieces(history).map((piece) => ({ ...piece, sure: false })));
      if (value?.kind === 'constant' && value.value === null) continue;
      history.fillings.push({ location, migration: event.migration.index, coverage: 'unknown', how });
      this.unverify(history);
    }
  }

  /** The tables whose rows those of a partition, or of a view of one table, are as well. */
  private above(table: Table, searchPath: readonly string[], depth = 0): Table[] {
    // Views may read each other in a circle; nothing says so before they are asked.
    if (depth > 10) return [];
    const { catalog } = this.histories;
    const query = table.view?.query;
    const [item, ...others] = query?.kind === 'select' ? query.from : [];
    const base = item?.kind === 'table' && others.length === 0 ? findTable(catalog, item.name, searchPath) : undefined;
    const next = table.isPartition ? parentsOf(catalog, table) : base && base !== table ? [base] : [];
    return next.flatMap((each) => [each, ...this.above(each, searchPath, depth + 1)]);
  }

  private merged(query: MergeQuery, names: Names, event: OperationEvent): void {
    const table = names.tableOf(query.target);
    if (!table) return;
    const graph = graphOf([query.source], query.on, names);
    const known = new Set<FromItem>([query.target]);
    for (const branch of query.branches) {
      for (const assignment of branch.action === 'update' ? branch.set : []) {
        const column = table.columns.get(assignment.column);
        if (!column) continue;
        const narrowed = branch.condition ? { ...graph, conditions: [...graph.conditions, ...conjuncts(branch.condition)] } : graph;
        const value = assignedValue(assignment, column);
        this.assigned({ table, column, value, query, graph: narrowed, known, single: new Set([query.target, ...graph.sources.map(({ item }) => item)]), names, event, location: query.location });
      }
      if (branch.action === 'insert') this.mergeInserts(branch, table, names);
    }
  }

  /** The rows that MERGE inserts, if any: those given no value, or one that can be NULL, are without one. */
  private mergeInserts({ columns, values, location }: MergeBranch, table: Table, names: Names): void {
    const order = columns.length > 0 ? columns : [...table.columns.keys()];
    const coverage = new Coverage(names, this.histories);
    for (const column of table.columns.values()) {
      if (declaredNotNull(table, column)) continue;
      const value = values[order.indexOf(column.name)];
      const isGiven = value ? coverage.nullable(value).length === 0 : hasDefault(column);
      if (isGiven) continue;
      const history = this.histories.get(keyOf(table), column.name)!;
      const piece: Piece = { literals: [{ atom: nullTest(`target.${column.name}`), truth: isTrue }], sure: false, why: { location, message: `rows are inserted without ${column.name}` } };
      delete history.verified;
      this.histories.update(history, [...this.histories.pieces(history), piece]);
    }
    this.histories.rowsInserted(keyOf(table));
  }

  private deleted(query: DeleteQuery, names: Names, event: OperationEvent): void {
    const table = names.tableOf(query.target);
    if (!table || event.failure) return;
    const key = keyOf(table);
    const rule = replacedBy(table, 'delete');
    if (rule?.all === true) return;
    if (!query.where && !rule && event.guards.length === 0) {
      this.histories.rowsRemoved(key);
      return;
    }
    if ([...nodesOfKind(query.where, 'subquery')].length > 0 || query.using.length > 0) this.histories.noteLookForPartners(key, asksForNone(query.where));
    const nullRows = nullTested(query, names);
    for (const column of nullRows) {
      const found = table.columns.get(column);
      if (!found || found.notNull) continue;
      this.deletions.push({ table: displayName(table), column, location: query.location, migration: event.migration.index });
    }
    for (const history of this.touchedBy(nullRows, table)) {
      const after = this.leftAfterDelete(history, query, event, nullRows.includes(history.column), new Coverage(names, this.histories, query.target));
      this.histories.update(history, distinctCauses(after));
      if (!after.some(({ sure }) => sure)) for (const backfill of history.backfills) settled(backfill, after.length === 0);
      this.copied(history);
      if (!nullRows.includes(history.column) || declaredNotNull(table, table.columns.get(history.column)!)) continue;
      history.fillings.push({ location: query.location, migration: event.migration.index, coverage: coverageOf(after), how: 'delete' });
      this.unverify(history);
    }
  }

  private leftAfterDelete(history: ColumnHistory, query: DeleteQuery, event: OperationEvent, aimsAtNulls: boolean, coverage: Coverage): readonly Piece[] {
    const before = this.histories.pieces(history);
    const untouched = history.fillings.length === 0 && !aimsAtNulls;
    if (!query.where || query.using.length > 0 || event.guards.length > 0 || coverage.names.tableOf(query.target)?.rules.some(({ event: on, instead }) => instead && on === 'delete')) return untouched ? before : before.map((piece) => ({ ...piece, sure: false }));
    // Nothing was filled yet: rows that a condition perhaps spares are as empty as all others.
    const kept = ways(query.where, isFalse | isNull, coverage).map((literals) => (untouched ? literals.filter(({ atom }) => !atom.vague) : literals));
    return before.flatMap((piece) => kept.flatMap((literals) => both(piece, { literals, sure: true, why: piece.why }, coverage) ?? []));
  }

  /** Rows that were copied with a value, and whose originals are deleted: how many of them is not known. */
  private copied(history: ColumnHistory): void {
    if (!history.copies) return;
    history.fillings.push({ ...history.copies, coverage: 'unknown', how: 'insert' });
    delete history.copies;
    this.histories.update(history, history.pieces.map((piece) => ({ ...piece, sure: false })));
  }

  private touchedBy(nullRows: readonly string[], table: Table): ColumnHistory[] {
    for (const column of nullRows) this.histories.get(keyOf(table), column);
    return [...this.histories.ofTable(keyOf(table))];
  }
}

interface ColumnWrite {
  readonly table: Table;
  readonly column: Column;
  readonly value: Expression | undefined;
  readonly query: UpdateQuery | MergeQuery;
  readonly graph: Graph;
  readonly known: ReadonlySet<FromItem>;
  /** Items of which one row at most may match, or PostgreSQL stops with an error: MERGE. */
  readonly single?: ReadonlySet<FromItem>;
  readonly names: Names;
  readonly event: OperationEvent;
  readonly location: Location;
}

function isNothing(value: Expression): boolean {
  const bare = withoutCasts(value);
  return bare.kind === 'constant' && bare.value === null;
}

/** `NOT EXISTS (...)` holds also of rows whose reference is NULL; `NOT IN` does not. */
function asksForNone(where: Expression | undefined): boolean {
  return [...nodesOfKind(where, 'not')].some(({ operand }) => operand.kind === 'subquery' && operand.form === 'exists');
}

/** A rule of the table may leave the rows as they are. */
function replaced(table: Table): Cause[] {
  const found = replacedBy(table, 'update');
  return found ? [{ literals: [], sure: found.all, why: { location: found.rule.origin.location, message: `rule "${found.rule.name}" does something else instead` } }] : [];
}

/** Which of a query's targets gives a column of the table that is made from it; behind a star only those with a name are told apart. */
function placeOf({ targets }: SelectQuery, column: string, columns: readonly string[]): number {
  const star = targets.findIndex(({ expression }) => expression.kind === 'star');
  if (star < 0) return columns.indexOf(column);
  const named = targets.findLastIndex(({ expression, alias }) => expression.kind !== 'star' && (alias ?? (expression.kind === 'column' ? expression.path.at(-1) : undefined)) === column);
  return named < 0 ? star : named;
}

function coverageOf(pieces: readonly Piece[]): Backfill['coverage'] {
  if (pieces.length === 0) return 'total';
  return pieces.some(({ sure }) => sure) ? 'partial' : 'unknown';
}

/** The rows that a backfill left out are gone now, all of them or perhaps. */
function settled(backfill: OpenBackfill, all: boolean): void {
  backfill.coverage = all ? 'total' : 'unknown';
  backfill.leavesNull = [];
}

function hasDefault(column: Column): boolean {
  const value = column.default;
  if (column.generated) return true;
  return value !== undefined && !value.clientSide && !(value.expression.kind === 'constant' && value.expression.value === null);
}

/** The value written; for `(a, b) = (SELECT x, y)` the sub-select with that one column, for DEFAULT the column's default. */
function assignedValue({ value, position, location }: Assignment, column: Column): Expression | undefined {
  if (!value) return column.default?.expression ?? (column.generated ? undefined : { kind: 'constant', value: null, location });
  if (position === undefined) return value;
  const bare = withoutCasts(value);
  if (bare.kind === 'row') return bare.items[position] ?? value;
  const query = bare.kind === 'subquery' && bare.query.kind === 'select' ? bare.query : undefined;
  const target = query?.targets[position];
  return query && target && bare.kind === 'subquery' ? { ...bare, query: { ...query, targets: [target] } } : value;
}

/** What holds for every row that is reached, as far as it concerns the row alone; undefined when there are several ways. */
function rowConditions(graph: Graph, coverage: Coverage): Literal[] | undefined {
  const literals: Literal[] = [];
  for (const condition of graph.conditions) {
    const items = itemsRead(condition, coverage.names);
    if (!items || items.size > 1) continue;
    const met = ways(condition, isTrue, coverage);
    if (met.length !== 1) return undefined;
    literals.push(...met[0]!);
  }
  return literals;
}

/** The columns of the target whose NULL rows a DELETE looks for, itself or in a sub-select over the same table. */
function nullTested({ where, target }: DeleteQuery, names: Names): string[] {
  const table = names.tableOf(target);
  const inner = conjuncts(where).flatMap((term) => [...nodesOfKind(term, 'subquery')].flatMap(({ form, query }) => {
    if (term.kind === 'not' || form === 'exists' || query.kind !== 'select') return [];
    const [item, ...others] = query.from;
    return item && others.length === 0 && names.tableOf(item) === table ? nullColumns(query.where, names, item) : [];
  }));
  return [...new Set([...nullColumns(where, names, target), ...inner])];
}

function nullColumns(where: Expression | undefined, names: Names, target: FromItem): string[] {
  const terms = conjuncts(where).flatMap((term) => (term.kind === 'or' ? term.operands.flatMap((operand) => conjuncts(operand)) : [term]));
  return terms.flatMap((term) => {
    const leaf = term.kind === 'nullTest' && !term.negated ? names.leaf(term.operand) : undefined;
    return leaf && leaf.item === target ? [leaf.name] : [];
  });
}

/** The tables of a query on which RLS is forced while nothing lifts it: it sees only the rows of some tenants. */
export function hiddenByRls(query: Query | Expression, names: Names, { session, location }: Pick<OperationEvent, 'session' | 'location'>): Evidence[] {
  if (session.rowSecurityLifted) return [];
  const hidden = new Map<string, Evidence>();
  for (const node of nodes(query)) {
    const table = node.kind === 'table' ? names.tableOf(node as FromItem) : undefined;
    if (table?.rowSecurity && table.forceRowSecurity) {
      hidden.set(keyOf(table), { location: table.rowSecurityOrigin?.location ?? location, message: `row-level security is forced on "${displayName(table)}" here` });
    }
  }
  return [...hidden.values()];
}

function uniqueEvidence(evidence: readonly Evidence[]): Evidence[] {
  return evidence.filter(({ message }, index) => evidence.findIndex((other) => other.message === message) === index);
}
