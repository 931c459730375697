import type { Operation, Statement, Step } from '../src/facts/operation.js';
import type { QualifiedName } from '../src/facts/query.js';
import type { Migration, Project } from '../src/link/project.js';
import { defineRule } from '../src/rule.js';

/** Something a migration leaves behind: undone when one of `undoneBy` stands in the down part. */
interface Effect {
  readonly words: string;
  readonly undoneBy: readonly string[];
}

export default defineRule({
  id: 'reversible-migration',
  category: 'migration',
  summary: 'A down migration does not undo what its up migration does to a tenant table, or is missing where its siblings have one.',
  level: 'off',
  asks: 'migration',
  *check(migration, { project }) {
    if (migration.opaque) return;
    const down = downOf(migration, project);
    if (!down) {
      if (!project.migrations.some((other) => folder(other) === folder(migration) && downOf(other, project))) return;
      yield {
        message: 'This migration has no down part, though others beside it have one.',
        location: { file: migration.file, start: 0, end: 0 },
        suggestion: 'Write the statements that undo it, or one that says why it cannot be undone.',
      };
      return;
    }
    const undone = actionsOf(down.statements);
    if (!undone) return;
    const concerned = new Set(project.tables.filter(({ class: kind }) => kind !== 'global' && kind !== 'ignored' && kind !== 'view').map(({ table }) => key(table)));
    for (const { operation, location, runs, failure, before } of project.appliedOperations.filter((applied) => applied.migration === migration.index)) {
      const table = tableOf(operation);
      if (!table || runs === 'no' || failure || (before?.createdInSameMigration && operation.kind !== 'createTable')) continue;
      const effect = effectOf(operation, key(table));
      if (!effect || effect.undoneBy.some((action) => undone.has(action))) continue;
      if (!concerned.has(key(table)) && operation.kind !== 'dropRelation') continue;
      yield {
        message: `The down part does not undo this: it never ${effect.words}.`,
        location, tables: [table.name],
        related: [{ location: { file: down.file, start: 0, end: 0 }, message: 'the down part' }],
        suggestion: 'Undo in the down part, in reverse order, everything that the up part does.',
      };
    }
  },
});

function downOf(migration: Migration, project: Project): { file: string; statements: readonly Statement[] } | undefined {
  const file = migration.down ?? migration.file;
  const facts = project.files.get(file);
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
