import type { Location } from '../../facts/location.js';
import { push } from './lists.js';
import type { QueryRecord } from './machine.js';
import { meaningOf } from './meaning.js';

/** The query that a result came of, and the path it was made on. */
interface Made {
  readonly record: QueryRecord;
  readonly level: readonly number[];
}

/** Which results came of which queries, by their numbers. */
export class Results {
  private readonly made = new Map<number, Made>();
  private readonly byPlace = new Map<Location, number[]>();

  /** Takes note of where a result came from. */
  note(id: number, made: Made): void {
    const { location, query } = made.record;
    if (!this.made.has(id) && query?.kind === 'select') {
      push(this.byPlace, location, id);
    }
    this.made.set(id, made);
  }

  at(id: number): Made | undefined {
    return this.made.get(id);
  }

  /** The results made after one, up to another, that are rows of some records. */
  between(after: number, last: number, records: readonly QueryRecord[]): { readonly id: number; readonly record: QueryRecord }[] {
    const found: { readonly id: number; readonly record: QueryRecord }[] = [];
    for (let id = after + 1; id <= last; id++) {
      const record = this.made.get(id)?.record;
      if (record !== undefined && records.includes(record)) found.push({ id, record });
    }
    return found;
  }

  /**
   * The other results, so far, of the entry that is followed, of queries that ask the same at the same place (`getOrganizationId(await getSurvey(id))`,
   * `getWorkspaceId(await getSurvey(id))`): they are the same row, so that what is checked on one of them is checked on all.
   */
  sameAs(id: number): number[] {
    const { record } = this.made.get(id)!;
    const others = record.query?.kind === 'select' ? this.byPlace.get(record.location) ?? [] : [];
    return others.length < 2 ? [] : others.filter((each) => {
      const other = this.made.get(each)!.record;
      return each !== id && other !== record && other.stack[0] === record.stack[0] && meaningOf(other.query) === meaningOf(record.query);
    });
  }

  /** Another file is followed: nothing that was asked before is asked again. */
  beginFile(): void {
    this.byPlace.clear();
  }
}
