import type { Location } from '../../facts/location.js';
import { displayName, keyOf } from '../catalog/names.js';
import type { Catalog, Column, Table } from '../catalog/types.js';
import type { Backfill, Evidence, Filling, Migration, NullCheck } from '../project.js';
import type { ColumnStates, Fullness } from './coverage.js';
import { declaredNotNull } from './names.js';
import { forget, forgetPlaced, isTrue, nullTest } from './pieces.js';
import type { Piece } from './pieces.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A backfill whose place in the history is not settled yet. */
export type OpenBackfill = Omit<Mutable<Backfill>, 'unready' | 'isTenantColumn'> & { unready: (Backfill['unready'][number] & { key: string })[]; history: ColumnHistory };

/** A check that cannot abort, until a real one makes it harmless. */
export type WeakCheck = Omit<NullCheck, 'isTenantColumn'>;

/** What happened to one column so far: absent → nullable → filled → verified → NOT NULL. */
export interface ColumnHistory {
  tableKey: string;
  tableName: string;
  column: string;
  /** Set when it was added by ALTER TABLE. */
  addedLater: boolean;
  added: Location;
  /** The rows that may hold NULL. */
  pieces: readonly Piece[];
  /** The migration in which `pieces` was last brought up to date. */
  touched: number;
  /** A default at ADD COLUMN filled it. */
  filledByDefault: boolean;
  fillings: Filling[];
  /** Backfills since it was added or last became NOT NULL. */
  backfills: OpenBackfill[];
  /** The aborting check after the last filling. */
  verified?: { location: Location; migration: number };
  weak: WeakCheck[];
  /** Rows were inserted from a query with a value: a filling once the old rows are deleted. */
  copies?: { location: Location; migration: number };
}

/** The histories of all columns of one database, made as they are asked for. */
export class Histories implements ColumnStates {
  private readonly byKey = new Map<string, ColumnHistory>();
  private readonly byTable = new Map<string, Map<string, ColumnHistory>>();
  private readonly weakened = new Set<ColumnHistory>();
  private readonly written = new Set<ColumnHistory>();
  private readonly emptied = new Map<string, number>();
  private readonly filledTables = new Map<string, number>();
  private readonly partners = new Map<string, { readonly migration: number; nullsToo: boolean }>();
  /** Those of dropped columns and tables. */
  readonly closed: ColumnHistory[] = [];
  catalog!: Catalog;
  migration!: Migration;

  *all(): Generator<ColumnHistory> {
    yield* this.closed;
    yield* this.byKey.values();
  }

  ofTable(tableKey: string): Iterable<ColumnHistory> {
    return this.byTable.get(tableKey)?.values() ?? [];
  }

  /** A check of a column that cannot abort. */
  weaken(history: ColumnHistory, check: WeakCheck): void {
    history.weak.push(check);
    this.weakened.add(history);
  }

  addBackfill(history: ColumnHistory, backfill: OpenBackfill): void {
    history.backfills.push(backfill);
    this.written.add(history);
  }

  /** The columns that have got checks that cannot abort, and those that have got backfills, since this was asked last: at the end of each migration. */
  takeTouched(): { readonly weakened: readonly ColumnHistory[]; readonly written: readonly ColumnHistory[] } {
    const found = { weakened: this.inOrder(this.weakened), written: this.inOrder(this.written) };
    this.weakened.clear();
    this.written.clear();
    return found;
  }

  /** Some of all, in the order of all. */
  private inOrder(some: ReadonlySet<ColumnHistory>): readonly ColumnHistory[] {
    if (some.size > 1) return [...this.all()].filter((history) => some.has(history));
    return [...some].filter((history) => this.byKey.get(id(history.tableKey, history.column)) === history || this.closed.includes(history));
  }

  private put(history: ColumnHistory): void {
    this.byKey.set(id(history.tableKey, history.column), history);
    const known = this.byTable.get(history.tableKey);
    if (known === undefined) this.byTable.set(history.tableKey, new Map([[history.column, history]]));
    else known.set(history.column, history);
  }

  private drop(tableKey: string, column: string): void {
    this.byKey.delete(id(tableKey, column));
    this.byTable.get(tableKey)?.delete(column);
  }

  /** The history of a column of the catalog; undefined when there is no such column. */
  get(tableKey: string, name: string): ColumnHistory | undefined {
    const known = this.byKey.get(id(tableKey, name));
    if (known) return known;
    const table = this.catalog.tables.get(tableKey);
    const column = table?.columns.get(name);
    return table && column ? this.start(table, column) : undefined;
  }

  /** Begins a history: of a column declared with its table, or (`added`) of one that ALTER TABLE adds now. */
  start(table: Table, column: Pick<Column, 'name'> & { added: { location: Location } }, added?: { filledByDefault: boolean }): ColumnHistory {
    const empty = this.mayHoldRows(table) === 'no';
    const history: ColumnHistory = {
      tableKey: keyOf(table), tableName: displayName(table), column: column.name,
      addedLater: added !== undefined, added: column.added.location,
      pieces: [], touched: this.migration.index, filledByDefault: added?.filledByDefault === true, fillings: [], backfills: [], weak: [],
    };
    if (!empty && !history.filledByDefault) history.pieces = [allNull(history, !table.assumed)];
    this.put(history);
    return history;
  }

  /** The rows that may hold NULL now: others may have come since an earlier migration. */
  pieces(history: ColumnHistory): readonly Piece[] {
    if (history.pieces.length > 0 || history.touched === this.migration.index) return history.pieces;
    const wasFilled = history.fillings.length > 0 || history.filledByDefault || history.verified !== undefined;
    return [allNull(history, !wasFilled)];
  }

  fullness(tableKey: string, name: string): Fullness {
    const table = this.catalog.tables.get(tableKey);
    const column = table?.columns.get(name);
    if (!table || !column) return { state: 'unknown' };
    if (declaredNotNull(table, column)) return { state: 'full' };
    const history = this.get(tableKey, name)!;
    const pieces = this.pieces(history);
    if (pieces.length === 0) return { state: 'full' };
    return pieces.some(({ sure }) => sure) ? { state: 'leaky', ...leak(history) } : { state: 'unknown' };
  }

  /** Whether the table can hold rows at this moment. */
  mayHoldRows(table: Table): 'yes' | 'no' {
    const key = keyOf(table);
    const now = this.migration.index;
    if (this.emptied.get(key) === now) return 'no';
    if (table.created.migration !== now || table.assumed) return 'yes';
    return table.insertedIn.has(now) || this.filledTables.get(key) === now ? 'yes' : 'no';
  }

  rowsInserted(tableKey: string): void {
    this.emptied.delete(tableKey);
    this.filledTables.set(tableKey, this.migration.index);
  }

  rowsRemoved(tableKey: string): void {
    this.emptied.set(tableKey, this.migration.index);
    this.filledTables.delete(tableKey);
    for (const history of this.ofTable(tableKey)) this.update(history, []);
  }

  /** @param nullsToo also rows whose reference is NULL */
  noteLookForPartners(tableKey: string, nullsToo: boolean): void {
    const before = this.partners.get(tableKey);
    this.partners.set(tableKey, { migration: this.migration.index, nullsToo: nullsToo || (before?.migration === this.migration.index && before.nullsToo) });
  }

  partnersSeenTo(tableKey: string, nullsToo = false): boolean {
    const seen = this.partners.get(tableKey);
    return seen?.migration === this.migration.index && (seen.nullsToo || !nullsToo);
  }

  update(history: ColumnHistory, pieces: readonly Piece[]): void {
    history.pieces = pieces.slice(0, 48);
    history.touched = this.migration.index;
  }

  /** A migration that is not read runs now: every column that may hold NULL may be filled by it, in whole or in part. */
  fillUnknown(): void {
    const { index: migration, file } = this.migration;
    for (const [key, table] of this.catalog.tables) {
      for (const column of table.columns.values()) {
        if (declaredNotNull(table, column)) continue;
        const history = this.get(key, column.name)!;
        this.update(history, this.pieces(history).map((piece) => ({ ...piece, sure: false })));
        history.fillings.push({ location: { file, start: 0, end: 0 }, migration, coverage: 'unknown', how: 'update' });
        history.backfills = [];
        delete history.verified;
        history.weak = [];
      }
    }
  }

  /** Columns of the table were written: what pieces said of them no longer holds. */
  forgetColumns(tableKey: string, columns: readonly string[]): void {
    for (const history of this.ofTable(tableKey)) {
      const others = columns.filter((name) => name !== history.column).map((name) => `target.${name}`);
      history.pieces = history.pieces.map((piece) => forget(piece, others));
    }
  }

  /** Rows of the table were written, in these columns or in all: what pieces of others said of them no longer holds. */
  forgetRows(tableKey: string, columns: readonly string[] | undefined): void {
    for (const history of this.byKey.values()) if (history.pieces.length > 0) history.pieces = history.pieces.map((piece) => forgetPlaced(piece, tableKey, columns));
  }

  renameColumn(tableKey: string, from: string, to: string): void {
    const history = this.get(tableKey, from);
    this.forgetColumns(tableKey, [from]);
    if (!history) return;
    this.drop(tableKey, from);
    const everyRow = history.pieces.some(({ literals, sure }) => sure && literals.length <= 1);
    history.column = to;
    if (history.pieces.length > 0) history.pieces = [allNull(history, everyRow)];
    this.put(history);
  }

  renameTable(from: string, to: { key: string; name: string }): void {
    for (const history of [...this.ofTable(from)]) {
      this.drop(from, history.column);
      history.tableKey = to.key;
      history.tableName = to.name;
      this.put(history);
    }
  }

  close(tableKey: string, column?: string): void {
    for (const history of [...this.ofTable(tableKey)]) {
      if (column !== undefined && history.column !== column) continue;
      this.closed.push(history);
      this.drop(tableKey, history.column);
    }
  }
}

function id(tableKey: string, column: string): string {
  return `${tableKey}\0${column}`;
}

function own(column: string) {
  return [{ atom: nullTest(`target.${column}`), truth: isTrue }];
}

function allNull(history: ColumnHistory, sure: boolean): Piece {
  const message = history.addedLater ? 'the column was added without a value' : 'the column may hold NULL since it was declared';
  return { literals: own(history.column), sure, why: { location: history.added, message } };
}

function leak(history: ColumnHistory): { why?: Evidence } {
  const last = history.backfills.at(-1);
  if (last) return { why: { location: last.location, message: 'its own backfill can leave NULLs' } };
  return history.addedLater ? { why: { location: history.added, message: 'added without a value and not filled' } } : {};
}
