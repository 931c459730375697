import type { FileFacts } from '../facts/file.js';
import type { Operation, Statement, Step } from '../facts/operation.js';
import type { QualifiedName } from '../facts/query.js';
import type { AppliedOperation, ClassifiedTable, Irreversibility, Migration } from './project.js';

/** Something a migration leaves behind: undone when one of `undoneBy` stands in the down part. */
interface Effect {
  readonly words: string;
  readonly undoneBy: readonly string[];
}

interface DownPart {
  readonly file: string;
  readonly statements: readonly Statement[];
}

/**
 * Compares each migration's up part with its down part (rule `reversible-migration`): effects on tables that may hold tenants' rows
 * which the down part does not undo, and down parts that are missing where other migrations of the folder have one. A down part
 * with a program in it decides while it runs what it does: it is not judged.
 */
export function findIrreversible(
  migrations: readonly Migration[], applied: readonly AppliedOperation[], tables: readonly ClassifiedTable[], files: ReadonlyMap<string, FileFacts>,
): Irreversibility[] {
  const downs = new Map(migrations.map((migration) => [migration.index, downOf(migration, files)]));
  const reversible = new Set(migrations.filter(({ index }) => downs.get(index)).map(folder));
  const concerned = new Set(tables.filter(({ class: kind }) => kind !== 'global' && kind !== 'ignored' && kind !== 'view').map(({ table }) => key(table)));
  const missing = migrations.filter((migration) => !migration.opaque && !downs.get(migration.index) && reversible.has(folder(migration)))
    .map(({ file }): Irreversibility => ({ location: { file, start: 0, end: 0 }, tables: [] }));
  const actions = new Map([...downs].map(([index, down]) => [index, down && actionsOf(down.statements)]));
  const left = applied.flatMap((operation) => notUndone(operation, downs.get(operation.migration), actions.get(operation.migration), concerned));
  return [...missing, ...left];
}

function notUndone(
  { operation, location, runs, failure, before }: AppliedOperation, down: DownPart | undefined, undone: ReadonlySet<string> | undefined,
  concerned: ReadonlySet<string>,
): Irreversibility[] {
  const table = tableOf(operation);
  if (!down || !undone || !table || runs === 'no' || failure || (before?.createdInSameMigration && operation.kind !== 'createTable')) return [];
  const effect = effectOf(operation, key(table));
  if (!effect || effect.undoneBy.some((action) => undone.has(action))) return [];
  if (!concerned.has(key(table)) && operation.kind !== 'dropRelation') return [];
  return [{ location, tables: [table.name], never: effect.words, down: { file: down.file, start: 0, end: 0 } }];
}

function downOf(migration: Migration, files: ReadonlyMap<string, FileFacts>): DownPart | undefined {
  const file = migration.down ?? migration.file;
  const facts = files.get(file);
  const statements = migration.down === undefined ? facts?.down : facts?.statements;
  return statements && { file, statements };
}

function folder({ file }: Migration): string {
  return file.slice(0, file.lastIndexOf('/') + 1);
}

function key({ schema, name }: QualifiedName): string {
  return `${schema ?? 'public'}.${name}`;
}

function tableOf(operation: Operation): QualifiedName | undefined {
  if (operation.kind === 'createTable') return operation.definition.name;
  if (operation.kind === 'dropRelation') return operation.relation === 'table' ? operation.name : undefined;
  return 'table' in operation ? operation.table : undefined;
}

function effectOf(operation: Operation, table: string): Effect | undefined {
  const drops = [`drop ${table}`, `rename ${table}`];
  const withColumns = (columns: readonly (string | undefined)[]) => [...drops, ...columns.map((column) => `drop ${table}.${column ?? ''}`)];
  const name = table.slice(table.indexOf('.') + 1);
  switch (operation.kind) {
    case 'createTable': return operation.temporary ? undefined : { words: `drops the table "${name}"`, undoneBy: drops };
    case 'dropRelation': return { words: `creates the table "${name}" again`, undoneBy: [`create ${table}`] };
    case 'addColumn': return { words: `drops ${operation.column.name} of "${name}"`, undoneBy: [...withColumns([operation.column.name]), `rename ${table}.${operation.column.name}`] };
    case 'dropColumn': return { words: `adds ${operation.column} to "${name}" again`, undoneBy: [`add ${table}.${operation.column}`, `create ${table}`] };
    case 'setNotNull': return { words: `drops NOT NULL from ${operation.column} of "${name}"`, undoneBy: [...withColumns([operation.column]), `nullable ${table}.${operation.column}`] };
    case 'createIndex': {
      const { index } = operation;
      return index.name === undefined ? undefined
        : { words: `drops the index "${index.name}"`, undoneBy: [...withColumns(index.keys.map(({ column }) => column)), `drop index ${index.name}`] };
    }
    case 'addConstraint': {
      const { constraint } = operation;
      if (constraint.name === undefined) return undefined;
      const columns = 'columns' in constraint ? constraint.columns : [];
      return { words: `drops the constraint "${constraint.name}"`, undoneBy: [...withColumns(columns), `drop constraint ${constraint.name}`] };
    }
    case 'createPolicy': return { words: `drops the policy "${operation.policy.name}"`, undoneBy: [...drops, `drop policy ${operation.policy.name}`] };
    case 'setRowSecurity': return operation.change === 'enable' ? { words: `disables row-level security of "${name}"`, undoneBy: [...drops, `disable ${table}`] } : undefined;
    default: return undefined;
  }
}

/** What the statements of a down part do; undefined when a program in it decides that while it runs. */
function actionsOf(steps: readonly Step[]): ReadonlySet<string> | undefined {
  const actions = new Set<string>();
  for (const step of steps) {
    if (step.kind !== 'statement') return undefined;
    for (const operation of step.operations) {
      if (operation.kind === 'execution' || operation.kind === 'notUnderstood' || operation.kind === 'dropSchema') return undefined;
      for (const action of actionsOfOperation(operation)) actions.add(action);
    }
  }
  return actions;
}

function actionsOfOperation(operation: Operation): readonly string[] {
  switch (operation.kind) {
    case 'createTable': return [`create ${key(operation.definition.name)}`];
    case 'dropRelation': return operation.relation === 'index' ? [`drop index ${operation.name.name}`] : [`drop ${key(operation.name)}`];
    case 'renameRelation': return [`rename ${key(operation.name)}`, `drop ${key(operation.name)}`, `create ${key({ ...operation.name, name: operation.to })}`];
    case 'addColumn': return [`add ${key(operation.table)}.${operation.column.name}`];
    case 'dropColumn': return [`drop ${key(operation.table)}.${operation.column}`];
    case 'renameColumn': return [`rename ${key(operation.table)}.${operation.column}`, `add ${key(operation.table)}.${operation.to}`];
    case 'dropNotNull': return [`nullable ${key(operation.table)}.${operation.column}`];
    case 'dropConstraint': return [`drop constraint ${operation.name}`];
    case 'dropPolicy': return [`drop policy ${operation.name}`];
    case 'setRowSecurity': return operation.change === 'disable' ? [`disable ${key(operation.table)}`] : [];
    default: return [];
  }
}
