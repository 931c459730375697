import { lineStartsOf } from '../src/check/position.js';
import { check } from '../src/check/index.js';
import type { Settings } from '../src/check/levels.js';
import type { CheckResult } from '../src/check/types.js';
import { defaultConfig } from '../src/config/load.js';
import type { Config } from '../src/config/types.js';
import type { Directive, FileFacts } from '../src/facts/file.js';
import type { Location, Notice } from '../src/facts/location.js';
import type { Project } from '../src/link/project.js';
import type { Problem, Rule } from '../src/rule.js';

/** A project made by hand: one SQL file and what one rule says of it. */
export interface Sample {
  readonly file?: string;
  readonly text: string;
  readonly statements?: readonly (readonly [start: string, end: string])[];
  readonly directives?: readonly Omit<Directive, 'location'>[];
  readonly notices?: readonly Notice[];
  readonly config?: Partial<Config>;
}

const FOLDER = '/project';

/** The place of a text's first occurrence. */
export function placeOf(text: string, part: string, file = 'a.sql'): Location {
  const start = text.indexOf(part);
  if (start < 0) throw new Error(`"${part}" is not in the sample`);
  return { file, start, end: start + part.length };
}

/** A rule that says what it is given. */
export function ruleSaying(problems: readonly Problem[] | (() => never), more: Partial<Rule> = {}): Rule {
  return {
    id: 'sample-rule', category: 'schema', summary: 'A sample.', level: 'error', asks: 'project',
    check: typeof problems === 'function' ? problems : () => problems, ...more,
  } as Rule;
}

/** Directives stand where `tenantlint-` stands in the text, in order. */
export function sampleProject({ file = 'a.sql', text, statements = [], directives = [], notices = [], config = {} }: Sample): Project {
  const comments = [...text.matchAll(/(?:--|\/\/) tenantlint-.*/g)];
  const facts: FileFacts = {
    file, language: 'sql', role: { type: 'query' }, lineStarts: lineStartsOf(text), length: text.length, models: [], rejected: 0, notices,
    statements: statements.map(([from, to]) => ({
      kind: 'statement', operations: [], location: { file, start: text.indexOf(from), end: text.indexOf(to, text.indexOf(from)) + to.length },
    })),
    directives: directives.map((directive, index) => ({
      ...directive, location: { file, start: comments[index]!.index, end: comments[index]!.index + comments[index]![0].length },
    })),
  };
  return {
    config: { ...defaultConfig(FOLDER), ...config },
    tenancy: { levels: [{ columns: ['account_id'], root: 'accounts' }], inferred: true, explanation: 'Assumed account_id of accounts.' },
    databases: [], tables: [], migrations: [], historyFaults: [], appliedOperations: [], notNullChanges: [], backfills: [], nullChecks: [],
    rowDeletions: [], regressions: [], drifts: [], interpolations: [], irreversibilities: [], policies: [], sessionSettings: [], queries: [], handlers: [], models: [],
    directives: facts.directives, notices, files: new Map([[file, facts]]),
    coverage: {
      filesRead: 1, filesSkipped: 0, tablesClassified: 2, tablesUnclassified: 1, migrations: 1, statements: 5, statementsNotUnderstood: 1,
      queries: 3, queriesScoped: 1, queriesUnscoped: 1, queriesUnknown: 1,
    },
  };
}

/** Checks a sample with the given rules. */
export function checkSample(sample: Sample, rules: readonly Rule[], settings: Settings = {}, today?: string): CheckResult {
  return check(sampleProject(sample), { rules, settings, cwd: FOLDER, ...(today !== undefined && { today }), text: (file) => (file === (sample.file ?? 'a.sql') ? sample.text : undefined) });
}
