import type { Sql } from '../sql.js';
import type { PlannedMigration, Step } from '../types.js';

/** Said before the first step of each kind. */
const COMMENTS: Partial<Record<Step['kind'], string>> = {
  addColumn: 'Add the column; rows have no tenant yet.',
  addForeignKey: 'It names a tenant that exists.',
  fill: 'Fill it, parents before their children.',
  verify: 'Stop, and undo everything, while a row is left without a tenant.',
  setNotNull: 'From now on every row has a tenant.',
  addNotNullCheck: 'New rows must have a tenant.',
  validate: 'Old rows must have one as well; reads and writes go on meanwhile.',
  dropNotNullCheck: 'NOT NULL says the same.',
  createIndex: 'Every query of one tenant starts here.',
  replaceUnique: 'Values are unique within their tenant.',
  policy: "Sessions see the rows of their own tenant.",
  immutable: 'A row stays with its tenant.',
};

/** A run of statements under one comment. */
export interface Paragraph {
  readonly comment?: string;
  readonly statements: readonly string[];
}

/** The statements of a migration, with a comment where something new begins. */
export function paragraphs({ steps }: PlannedMigration, sql: Sql): Paragraph[] {
  const result: { comment?: string; statements: string[] }[] = [];
  let kind: string | undefined;
  for (const step of steps) {
    const statements = sql.up(step);
    if (statements.length === 0) continue;
    const comment = COMMENTS[step.kind];
    if (step.kind !== kind) result.push({ ...(comment !== undefined && { comment }), statements: [] });
    kind = step.kind;
    result.at(-1)!.statements.push(...statements);
  }
  return result;
}

/** The statements that undo a migration, last things first. */
export function downStatements({ steps }: PlannedMigration, sql: Sql): string[] {
  const dropped = new Set(steps.flatMap((step) => (step.kind === 'addColumn' ? [step.plan] : [])));
  return [...steps].reverse().filter((step) => !(step.kind === 'setNotNull' && dropped.has(step.plan))).flatMap((step) => sql.down(step));
}

/** Plain SQL: each statement on lines of its own, paragraphs apart. */
export function sqlText(migration: PlannedMigration, sql: Sql): string {
  return paragraphs(migration, sql).map(({ comment, statements }) => [...(comment === undefined ? [] : [`-- ${comment}`]), ...statements.map((each) => `${each};`), ''].join('\n')).join('\n');
}

/** `20260102030405` in UTC, one second apart for each migration, and later than all that are there. */
export function timestamps(count: number, now: Date, last: string | undefined): string[] {
  const format = (time: number) => new Date(time).toISOString().replace(/\D/g, '').slice(0, 14);
  const after = last === undefined || last.length !== 14 ? 0 : Date.parse(last.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6Z')) + 1000;
  const start = Math.max(now.getTime(), Number.isNaN(after) ? 0 : after);
  return Array.from({ length: count }, (_, index) => format(start + index * 1000));
}
