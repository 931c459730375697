import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { entryOf } from '../../entry.js';
import { slug } from '../names.js';
import { Sql, sqlType } from '../sql.js';
import type { PlannedFile, PlannedMigration, Step } from '../types.js';
import { paragraphs, timestamps } from './text.js';
import type { Dialect, Past } from './types.js';

const sql = new Sql(true, false);

/** Files with statement breakpoints, the journal's entry, and the snapshot that drizzle-kit compares the schema with. Its migrator runs all in one transaction. */
export const drizzleDialect: Dialect = {
  id: 'drizzle', name: 'Drizzle', sql, outside: 'never',
  foreignKeyName: (table, column, root, key) => `${table.name}_${column}_${root.name}_${key}_fk`,
  indexName: (table, columns) => `${table.name}_${columns.join('_')}_idx`,
  uniqueName: (table, columns) => `${table.name}_${columns.join('_')}_unique`,
  render: (migrations, past) => {
    const journal = past.text(posix.join(past.dir, 'meta/_journal.json'));
    return journal === undefined && past.migrations.some(({ file }) => posix.basename(file) === 'migration.sql') ? inFolders(migrations, past) : withJournal(migrations, past, journal);
  },
};

/** The layout of Drizzle's later versions. */
function inFolders(migrations: readonly PlannedMigration[], { migrations: past, now }: Past): PlannedFile[] {
  const times = timestamps(migrations.length, now, /^\d{14}/.exec(past.at(-1)?.id ?? '')?.[0]);
  return migrations.map((migration, index) => ({ path: `${times[index]!}_${slug(migration.title)}/migration.sql`, text: breakpoints(migration) }));
}

interface Journal {
  readonly version: string;
  readonly dialect: string;
  readonly entries: { idx: number; version: string; when: number; tag: string; breakpoints: boolean }[];
}

function withJournal(migrations: readonly PlannedMigration[], past: Past, text: string | undefined): PlannedFile[] {
  const journal: Journal = text === undefined ? { version: '7', dialect: 'postgresql', entries: [] } : JSON.parse(text) as Journal;
  const last = [...journal.entries].sort((a, b) => a.idx - b.idx).at(-1);
  const width = /^\d+/.exec(last?.tag ?? '')?.[0].length ?? 4;
  const number = (idx: number) => String(idx).padStart(width, '0');
  let snapshot = last && readSnapshot(past.text(posix.join(past.dir, `meta/${number(last.idx)}_snapshot.json`)));
  const files: PlannedFile[] = [];
  for (const [index, migration] of migrations.entries()) {
    const idx = (last?.idx ?? -1) + 1 + index;
    const tag = `${number(idx)}_${slug(migration.title)}`;
    // A database runs what is later than all it has run.
    const when = Math.max(past.now.getTime(), ...journal.entries.map((entry) => entry.when + 1));
    journal.entries.push({ idx, version: last?.version ?? journal.version, when, tag, breakpoints: true });
    files.push({ path: `${tag}.sql`, text: breakpoints(migration) });
    if (snapshot) {
      snapshot = nextSnapshot(snapshot, migration.steps, tag);
      files.push({ path: `meta/${number(idx)}_snapshot.json`, text: `${JSON.stringify(snapshot, null, 2)}\n` });
    }
  }
  return [...files, { path: 'meta/_journal.json', text: `${JSON.stringify(journal, null, 2)}\n`, ...(text !== undefined && { completes: true as const }) }];
}

function breakpoints(migration: PlannedMigration): string {
  const statements = paragraphs(migration, sql).flatMap(({ comment, statements: all }) => all.map((each, index) => `${index === 0 && comment !== undefined ? `-- ${comment}\n` : ''}${each};`));
  return `${statements.join('--> statement-breakpoint\n')}\n`;
}

interface Snapshot {
  id: string;
  prevId: string;
  tables: Record<string, {
    columns: Record<string, Record<string, unknown>>;
    indexes: Record<string, unknown>;
    foreignKeys: Record<string, unknown>;
    uniqueConstraints: Record<string, unknown>;
  }>;
}

function readSnapshot(text: string | undefined): Snapshot | undefined {
  return text === undefined ? undefined : JSON.parse(text) as Snapshot;
}

function nextSnapshot(before: Snapshot, steps: readonly Step[], tag: string): Snapshot {
  const next = structuredClone(before);
  next.prevId = before.id;
  next.id = createHash('sha256').update(before.id + tag).digest('hex').replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
  for (const step of steps) if ('plan' in step) change(next, step);
  return next;
}

function change(snapshot: Snapshot, step: Extract<Step, { plan: unknown }>): void {
  const { plan } = step;
  const { schema, name } = plan.table.table;
  const table = entryOf(snapshot.tables, `${schema}.${name}`) ?? entryOf(snapshot.tables, name);
  if (!table) return;
  const index = (columns: readonly string[], isUnique: boolean) => ({
    columns: columns.map((expression) => ({ expression, isExpression: false, asc: true, nulls: 'last' })), isUnique, concurrently: false, method: 'btree', with: {},
  });
  if (step.kind === 'addColumn') {
    table.columns[plan.column] = { name: plan.column, type: sqlType(plan.type).replace('character varying', 'varchar'), primaryKey: false, notNull: false };
  } else if (step.kind === 'setNotNull') {
    table.columns[plan.column] = { ...entryOf(table.columns, plan.column), notNull: true };
  } else if (step.kind === 'addForeignKey') {
    table.foreignKeys[step.name] = {
      name: step.name, tableFrom: name, tableTo: plan.root!.table.name, columnsFrom: [plan.column], columnsTo: [plan.root!.key],
      onDelete: sql.action(plan.root!.onDelete).toLowerCase(), onUpdate: 'no action',
    };
  } else if (step.kind === 'createIndex') {
    table.indexes[step.name] = { name: step.name, ...index([plan.column], false) };
  } else if (step.kind === 'replaceUnique') {
    const columns = [plan.column, ...step.old.columns];
    if (step.old.kind === 'index') {
      delete table.indexes[step.old.name];
      table.indexes[step.name] = { name: step.name, ...index(columns, true) };
    } else {
      delete table.uniqueConstraints[step.old.name];
      table.uniqueConstraints[step.name] = { name: step.name, nullsNotDistinct: step.nullsNotDistinct, columns };
    }
  }
}
