import type { Discovery, MigrationSource } from '../discover/types.js';
import type { FileFacts } from '../facts/file.js';
import type { Statement } from '../facts/operation.js';
import type { HistoryFault, Migration } from './project.js';

/** Migrations that run one after the other on one database. */
export interface History {
  readonly sources: readonly string[];
  readonly migrations: readonly Migration[];
}

/**
 * Puts the migrations of every source in the order they run. A source that works on tables which only an earlier source
 * creates continues that one's history; otherwise each source has a database of its own.
 */
export function orderMigrations(discovery: Discovery, files: ReadonlyMap<string, FileFacts>): { histories: History[]; faults: HistoryFault[] } {
  const groups: MigrationSource[][] = [];
  for (const source of discovery.sources.filter(({ entries }) => entries.length > 0)) {
    const continued = groups.find((group) => continues(source, group, files));
    if (continued) continued.push(source);
    else groups.push([source]);
  }
  let index = 0;
  const histories = groups.map((group) => ({
    sources: group.map(({ dir }) => dir),
    migrations: group.flatMap((source) => source.entries.map((entry): Migration => ({
      index: index++, kind: source.kind, file: entry.file, id: entry.id,
      transaction: files.get(entry.file)?.transaction ?? source.transaction, direction: 'up',
      ...(entry.down === undefined ? {} : { down: entry.down }),
      ...(entry.opaque ? { opaque: true } : {}),
    }))),
  }));
  const faults = discovery.sources.flatMap(({ faults: own }) => own.map((fault): HistoryFault => ({ ...fault, related: [] })));
  return { histories, faults };
}

function continues(source: MigrationSource, group: readonly MigrationSource[], files: ReadonlyMap<string, FileFacts>): boolean {
  const created = new Set(group.flatMap((each) => [...namesOf(each, files).created]));
  const names = namesOf(source, files);
  const overlap = [...names.created].some((name) => created.has(name));
  return !overlap && [...names.used].some((name) => created.has(name) && !names.created.has(name));
}

function namesOf(source: MigrationSource, files: ReadonlyMap<string, FileFacts>): { created: Set<string>; used: Set<string> } {
  const created = new Set<string>();
  const used = new Set<string>();
  for (const { file } of source.entries) {
    for (const statement of files.get(file)?.statements ?? []) collectNames(statement, created, used);
  }
  return { created, used };
}

function collectNames(statement: Statement, created: Set<string>, used: Set<string>): void {
  for (const operation of statement.operations) {
    if (operation.kind === 'createTable') created.add(operation.definition.name.name);
    else if ('table' in operation && operation.table) used.add(operation.table.name);
  }
}
