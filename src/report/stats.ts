import type { CheckResult } from '../check/types.js';
import { count } from './text.js';

/** The numbers of the coverage line, as machine formats carry them. */
export interface Stats {
  readonly files: number;
  readonly filesSkipped: number;
  readonly migrations: number;
  readonly statements: number;
  readonly statementsNotUnderstood: number;
  readonly tables: number;
  readonly tablesUnclassified: number;
  readonly queries: number;
  readonly queriesScoped: number;
  readonly queriesUnscoped: number;
  readonly queriesUnknown: number;
  readonly ms: number;
}

/** @param milliseconds how long the run took */
export function statsOf({ coverage }: CheckResult, milliseconds: number): Stats {
  return {
    files: coverage.filesRead,
    filesSkipped: coverage.filesSkipped,
    migrations: coverage.migrations,
    statements: coverage.statements,
    statementsNotUnderstood: coverage.statementsNotUnderstood,
    tables: coverage.tablesClassified + coverage.tablesUnclassified,
    tablesUnclassified: coverage.tablesUnclassified,
    queries: coverage.queries,
    queriesScoped: coverage.queriesScoped,
    queriesUnscoped: coverage.queriesUnscoped,
    queriesUnknown: coverage.queriesUnknown,
    ms: Math.round(milliseconds),
  };
}

/** What was read and what was not: the last line of every report for people. */
export function coverageLine({ coverage }: CheckResult): string {
  const understood = coverage.statements - coverage.statementsNotUnderstood;
  return [
    `${count(coverage.filesRead, 'file')} read, ${coverage.filesSkipped} skipped`,
    `${count(coverage.tablesClassified, 'table')} classified, ${coverage.tablesUnclassified} not`,
    `${count(coverage.migrations, 'migration')}, ${count(understood, 'statement')} understood, ${coverage.statementsNotUnderstood} not`,
    coverage.schemaOnly === true ? 'queries: not looked for' : `queries: ${coverage.queriesScoped} scoped, ${coverage.queriesUnscoped} unscoped, ${coverage.queriesUnknown} unknown`,
  ].join(' · ');
}
