import type { Expression } from '../../facts/expression.js';
import type { FileFacts } from '../../facts/file.js';
import type { Location } from '../../facts/location.js';
import type { AssertionEvent } from '../replay/types.js';
import type { Migration, NullCheck } from '../project.js';
import { namesOf, nullLookups, nullTests, rowTests } from './null-tests.js';
import type { NullTarget } from './null-tests.js';
import type { ColumnHistory, Histories, WeakCheck } from './state.js';
import { commentedQueries } from './comments.js';
import { declaredNotNull } from './names.js';
import { hiddenByRls } from './writes.js';

/** Tests for remaining NULLs: those that abort verify a column, others are kept as weak until a real one comes. */
export class Checks {
  readonly found: Omit<NullCheck, 'isTenantColumn'>[] = [];

  constructor(private readonly histories: Histories) {}

  /** Whether a guard is always true while NULLs remain in the column: what it guards then runs when it matters. */
  isImplied(guard: Expression, tableKey: string, column: string, searchPath: readonly string[]): boolean {
    const { catalog } = this.histories;
    if (rowTests(guard, catalog, searchPath).includes(tableKey)) return true;
    return nullTests(guard, catalog, searchPath).some((test) => test.sense === 'true when NULLs remain' && test.complete && test.tableKey === tableKey && test.column === column);
  }

  assertion(event: AssertionEvent): void {
    const { catalog } = this.histories;
    const { searchPath } = event.session;
    if (event.reaction !== 'aborts' || event.swallowed) {
      for (const target of nullLookups(event.condition, catalog, searchPath)) this.weak(event, target, reasonOf(event));
      return;
    }
    for (const target of distinct(nullTests(event.condition, catalog, searchPath).filter(({ sense }) => sense === 'true when NULLs remain'))) {
      const history = this.current(target, event);
      if (!history) continue;
      const certain = target.complete && event.guards.every((guard) => this.isImplied(guard, target.tableKey, target.column, searchPath));
      this.found.push({ ...this.check(event, history), aborts: certain ? 'yes' : 'unknown' });
      if (certain) this.verify(history, event.location);
    }
  }

  /** An aborting check, or a validated CHECK: no NULL is left. */
  verify(history: ColumnHistory, location: Location): void {
    this.histories.update(history, []);
    history.verified = { location, migration: this.histories.migration.index };
    history.weak = [];
    for (const backfill of history.backfills) backfill.verifiedLater = true;
  }

  /** Weak checks that no real one made up for are final. */
  settle(weakened: readonly ColumnHistory[]): void {
    for (const history of weakened) {
      this.found.push(...history.weak);
      history.weak = [];
    }
  }

  private weak(event: AssertionEvent, target: NullTarget, reason: NonNullable<NullCheck['reason']>): void {
    const history = this.current(target, event);
    if (!history || history.verified?.migration === event.migration.index) return;
    if (history.weak.some(({ location }) => location.file === event.location.file && location.start === event.location.start)) return;
    this.histories.weaken(history, { ...this.check(event, history), aborts: 'no', reason });
  }

  /** The history of the column tested; undefined when it cannot hold NULL, or when the test was made before the last backfill. */
  private current(target: NullTarget, event: AssertionEvent): ColumnHistory | undefined {
    const column = this.histories.catalog.tables.get(target.tableKey)?.columns.get(target.column);
    if (!column || column.notNull) return undefined;
    const history = this.histories.get(target.tableKey, target.column);
    const filled = history?.fillings.at(-1)?.location;
    const stale = filled !== undefined && filled.file === target.location.file && filled.file === event.location.file
      && target.location.start < filled.start && filled.start < event.location.start;
    return stale ? undefined : history;
  }

  private check(event: AssertionEvent, history: ColumnHistory): Omit<WeakCheck, 'aborts' | 'reason'> {
    const names = namesOf(event.condition, this.histories.catalog, event.session.searchPath);
    return {
      table: history.tableName, column: history.column, location: event.location, migration: event.migration.index,
      hiddenByRls: hiddenByRls(event.condition, names, event),
    };
  }

  /** Checks that only a comment makes. */
  comments(migration: Migration, file: FileFacts, changed: ReadonlySet<ColumnHistory>): void {
    for (const { location, condition } of commentedQueries(file)) {
      for (const target of nullLookups(condition, this.histories.catalog, ['public'])) {
        const table = this.histories.catalog.tables.get(target.tableKey);
        const column = table?.columns.get(target.column);
        const history = this.histories.get(target.tableKey, target.column);
        if (!table || !column || !history || (declaredNotNull(table, column) && !changed.has(history))) continue;
        const filled = history.fillings.at(-1);
        if (history.verified?.migration === migration.index || history.weak.length > 0) continue;
        if (filled && filled.location.file === location.file && location.start < filled.location.start) continue;
        this.histories.weaken(history, { table: history.tableName, column: history.column, location, migration: migration.index, aborts: 'no', reason: 'comment', hiddenByRls: [] });
      }
    }
  }
}

function reasonOf({ reaction, swallowed }: AssertionEvent): NonNullable<NullCheck['reason']> {
  if (swallowed) return 'swallowed';
  return reaction === 'message' ? 'notice' : 'bare select';
}

function distinct<T extends NullTarget>(targets: readonly T[]): T[] {
  return targets.filter((target, index) => targets.findIndex((other) => other.tableKey === target.tableKey && other.column === target.column && (other.complete || !target.complete)) === index);
}
