import type { Discovery, MigrationSource } from '../discover/types.js';
import type { FileFacts } from '../facts/file.js';
import type { Statement } from '../facts/operation.js';
import type { HistoryFault, Migration } from './project.js';

/** Migrations that run one after the other on one database. */
export interface History {
  readonly sources: readonly string[];
  /** The databases its sources belong to, where the project holds several. */
  readonly groups: readonly string[];
  readonly migrations: readonly Migration[];
}

interface Named {
  readonly source: MigrationSource;
  /** Tables it creates, and tables it works on without creating them. */
  readonly created: ReadonlySet<string>;
  readonly needed: ReadonlySet<string>;
}

/**
 * Puts the migrations of every source in the order they run. A source that works on tables which only another source
 * creates continues that one's history; otherwise each source has a database of its own.
 */
export function orderMigrations(discovery: Discovery, files: ReadonlyMap<string, FileFacts>): { histories: History[]; faults: HistoryFault[] } {
  const all = discovery.sources.filter(({ entries }) => entries.length > 0).map((source) => named(source, files));
  const groups: Named[][] = [];
  for (const each of startsFirst(all)) {
    const continued = groups.map((group) => ({ group, tables: tablesContinued(each, group) })).filter(({ tables }) => tables > 0)
      .sort((a, b) => Number(ofGroup(each, b.group)) - Number(ofGroup(each, a.group)) || b.tables - a.tables)[0];
    if (continued) continued.group.push(each);
    else groups.push([each]);
  }
  let index = 0;
  const histories = groups.map((group, history): History => ({
    sources: group.map(({ source }) => source.dir),
    groups: group.flatMap(({ source }) => source.group ?? []),
    migrations: group.flatMap(({ source }) => entriesByNeed(source, files).map((entry): Migration => ({
      index: index++, history, kind: source.kind, file: entry.file, id: entry.id,
      transaction: files.get(entry.file)?.transaction ?? source.transaction, direction: 'up',
      ...(entry.down === undefined ? {} : { down: entry.down }),
      ...(entry.opaque ? { opaque: true } : {}), ...(entry.unread && { unread: entry.unread }),
    }))),
  }));
  const faults = discovery.sources.flatMap(({ faults: own }) => own.map((fault): HistoryFault => ({ ...fault, related: [] })));
  return { histories, faults };
}

/** Sources that continue another one come after all that start a history; else the order stays. */
function startsFirst(all: readonly Named[]): Named[] {
  const continues = (each: Named) => all.some((other) => other !== each && tablesContinued(each, [other]) > 0 && tablesContinued(other, [each]) === 0);
  return [...all.filter((each) => !continues(each)), ...all.filter(continues)];
}

/** How many tables of a history a source works on; 0 when it has a history of its own. */
function tablesContinued(each: Named, history: readonly Named[]): number {
  const created = new Set(history.flatMap((other) => [...other.created]));
  if ([...each.created].some((name) => created.has(name))) return 0;
  if (!ofGroup(each, history) && history.every(({ source }) => hasOwnDatabase(source) && hasOwnDatabase(each.source))) return 0;
  return [...each.needed].filter((name) => created.has(name)).length;
}

function ofGroup({ source }: Named, history: readonly Named[]): boolean {
  return history.some((other) => other.source.group === source.group);
}

/** These tools record in the database what has run, and take all tables for their own: two folders are two databases. */
function hasOwnDatabase({ kind }: MigrationSource): boolean {
  return kind === 'prisma' || kind === 'supabase';
}

function named(source: MigrationSource, files: ReadonlyMap<string, FileFacts>): Named {
  const { created, used } = namesOf(source.entries, files);
  return { source, created, needed: new Set([...used].filter((name) => !created.has(name))) };
}

/**
 * Where some files of a plain folder bear a number or a date and others do not, their names give no order between the two kinds:
 * a file without one, which makes a table, runs before the first that works on it.
 */
function entriesByNeed({ kind, entries }: MigrationSource, files: ReadonlyMap<string, FileFacts>): MigrationSource['entries'] {
  const isNumbered = ({ file }: { readonly file: string }): boolean => /^v?\d/i.test(file.slice(file.lastIndexOf('/') + 1));
  if (kind !== 'sql' || entries.every(isNumbered) || !entries.some(isNumbered)) return entries;
  const names = new Map(entries.map((entry) => [entry, namesOf([entry], files)]));
  const makers = new Map<string, MigrationSource['entries'][number][]>();
  for (const [entry, { created }] of names) for (const name of created) makers.set(name, [...makers.get(name) ?? [], entry]);
  const needs = (entry: MigrationSource['entries'][number], other: MigrationSource['entries'][number]): boolean => (
    [...names.get(entry)!.used].some((name) => makers.get(name)?.length === 1 && makers.get(name)![0] === other)
  );
  const ordered = [...entries];
  for (const entry of entries.filter((each) => !isNumbered(each))) {
    const from = ordered.indexOf(entry);
    const to = ordered.findIndex((other, index) => index < from && isNumbered(other) && needs(other, entry));
    if (to < 0 || ordered.slice(to, from).some((other) => needs(entry, other))) continue;
    ordered.splice(from, 1);
    ordered.splice(to, 0, entry);
  }
  return ordered;
}

function namesOf(entries: MigrationSource['entries'], files: ReadonlyMap<string, FileFacts>): { created: Set<string>; used: Set<string> } {
  const created = new Set<string>();
  const used = new Set<string>();
  for (const { file } of entries) {
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
