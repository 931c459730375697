import { isWithin, type Location } from '../../facts/location.js';
import type { FromItem, Query } from '../../facts/query.js';
import { push } from '../code/lists.js';
import type { QueryRecord } from '../code/machine.js';

/**
 * A helper that is told which table it is to read (`findOwned(em, Entity, where)`, a base repository) queries nothing by itself: its queries are
 * those of the places that call it. What a place queries whoever calls it stays there.
 * @param moves told of each query that is one of the place that calls
 */
export function atCallers(records: readonly QueryRecord[], moves?: (from: QueryRecord, to: QueryRecord) => void): readonly QueryRecord[] {
  const places = new Map<string, QueryRecord[]>();
  for (const record of records) {
    push(places, placeOf(record.location), record);
  }
  const moved: QueryRecord[] = [];
  const left = [...places.values()].flatMap((own) => {
    if (!dependsOnCaller(own)) return own;
    const called = own.map(calledFrom);
    // By itself it knows what it reads, or nobody tells it.
    if (own.some(({ query }, index) => query !== undefined && called[index] === undefined)) return own;
    called.forEach((each, index) => {
      if (each === undefined) return;
      moves?.(own[index]!, each);
      moved.push(each);
    });
    return [];
  });
  return moved.length === 0 ? records : [...left, ...atCallers(moved, moves)];
}

/** A place as a key. */
export function placeOf({ file, start, end }: Location): string {
  return `${file}:${start}:${end}`;
}

/** Where a place begins, as a key: a function, or a chain whose end may differ. */
export function beginOf({ file, start }: Location): string {
  return `${file}:${start}`;
}

/** Whether different calls make the query read different tables. */
function dependsOnCaller(records: readonly QueryRecord[]): boolean {
  if (records.length < 2) return false;
  const byCall = new Map<string, Set<string>>();
  for (const record of records) {
    const key = record.calls.map(placeOf).join();
    const tables = byCall.get(key) ?? new Set();
    byCall.set(key, tables.add(record.query === undefined ? '?' : tableOf(record.query)));
  }
  const [first, ...others] = [...byCall.values()].map((tables) => [...tables].sort().join());
  return others.some((each) => each !== first);
}

/** The table that a query is about: the one it changes, else the first it reads. */
function tableOf(query: Query): string {
  switch (query.kind) {
    case 'select': return query.from[0] === undefined ? '' : firstOf(query.from[0]);
    case 'insert': case 'update': case 'delete': case 'merge': return query.target.name.name;
    default: return '';
  }
}

function firstOf(from: FromItem): string {
  return from.kind === 'table' ? from.name.name : from.kind === 'join' ? firstOf(from.left) : '';
}

/** The query as one of the place that calls the function it stands in; undefined when nothing of the project does. */
function calledFrom(record: QueryRecord): QueryRecord | undefined {
  const { stack, calls } = record;
  for (let last = stack.length - 1; last > 0; last--) {
    const call = calls[last]!;
    // A callback that a library calls is called nowhere.
    if (isWithin(call, stack[last - 1]!) && !isWithin(call, stack[last]!)) return { ...record, location: call, stack: stack.slice(0, last), calls: calls.slice(0, last) };
  }
  return undefined;
}
