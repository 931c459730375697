import { entryOf } from '../entry.js';
import type { Notice } from '../facts/location.js';
import type { Project, TableClass } from '../link/project.js';
import type { Finding, Fix, FoundFix, Problem, Question, Questions, Rule } from '../rule.js';
import { createFingerprinter } from './fingerprint.js';
import { activeRules, type ActiveRule, type Settings } from './levels.js';
import { mergeProblems } from './merge.js';
import { createLocator, type Locator } from './position.js';
import { PROOF_RULES } from './proof-rules.js';
import { DIRECTIVE_RULE, suppress, type Reported } from './suppress.js';
import type { CheckResult, SkippedPlace } from './types.js';

export interface CheckOptions {
  readonly rules: readonly Rule[];
  readonly settings: Settings;
  /** Absolute working folder: paths in findings are relative to it. */
  readonly cwd: string;
  /** Text of a file, by its path relative to the project's root; undefined when it cannot be had. */
  readonly text: (file: string) => string | undefined;
  /** Only findings in these files (relative to the project's root) are kept; absent: all. */
  readonly focus?: ReadonlySet<string>;
  /** The day it is, as `2027-01-31`, for suppressions that end; default: that of the clock. */
  readonly today?: string;
}

/**
 * Asks every active rule about the project.
 * @param project the linked project
 * @param options rules, levels, and how to show places
 * @returns findings, sorted by file, line, column and rule; a rule that throws is listed in `crashes`, the others still run
 * @throws UsageError for unknown rules or options in the settings
 */
export function check(project: Project, options: CheckOptions): CheckResult {
  const active = activeRules(options.rules, project, options.settings);
  const locator = createLocator(project, options.cwd, options.text);
  const crashes: { ruleId: string; error: string }[] = [];
  const reported = active.flatMap((rule) => ask(rule, project, crashes));
  const { reported: remaining, suppressions } = suppress(reported, project, locator, {
    ruleIds: new Set([...options.rules.map((rule) => rule.id), ...Object.keys(PROOF_RULES)]),
    activeIds: new Set(active.map(({ rule }) => rule.id)),
    unused: project.config.reportUnusedDisableDirectives,
    requireReason: project.config.requireDisableReason,
    today: options.today ?? today(),
  });
  const inFocus = remaining.filter(({ problem }) => options.focus?.has(problem.location.file) ?? true);
  return {
    findings: toFindings(inFocus, locator),
    skipped: skippedPlaces(project.notices, locator),
    tenancy: project.tenancy,
    coverage: project.coverage,
    crashes,
    suppressions,
    project: () => project,
  };
}

/**
 * Findings that no rule made: what a run on a database showed. Suppression comments that name them, or every rule, are honoured.
 * @returns findings in the order of every report
 */
export function proofFindings(reported: readonly Reported[], project: Project, { cwd, text }: Pick<CheckOptions, 'cwd' | 'text'>): Finding[] {
  const locator = createLocator(project, cwd, text);
  const ids = new Set(Object.keys(PROOF_RULES));
  const merged = [...ids].flatMap((ruleId) => mergeProblems(reported.filter((each) => each.ruleId === ruleId).map(({ problem }) => problem))
    .map((problem) => ({ ruleId, severity: entryOf(PROOF_RULES, ruleId)!.severity, problem })));
  const { reported: left } = suppress(merged, project, locator, { ruleIds: ids, activeIds: ids, unused: 'off', requireReason: false, today: today() });
  return toFindings(left.filter(({ ruleId }) => ids.has(ruleId)), locator);
}

/** The day it is, in UTC: suppressions end with their day, wherever they are looked at. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}

const ASKED: ReadonlySet<TableClass> = new Set(['tenant', 'child', 'root', 'unclassified']);

const SUBJECTS: { readonly [Q in Question]: (project: Project, rule: Rule) => Iterable<Questions[Q]> } = {
  table: (project, { anyDatabase }) => project.tables.filter(({ class: of, table }) => ASKED.has(of) && (anyDatabase === true || table.model?.otherDatabase !== true)),
  policy: (project) => project.policies,
  query: (project) => project.queries,
  sessionSetting: (project) => project.sessionSettings,
  handler: (project) => project.handlers,
  operation: (project) => project.appliedOperations,
  notNullChange: (project) => project.notNullChanges,
  backfill: (project) => project.backfills,
  nullCheck: (project) => project.nullChecks,
  rowDeletion: (project) => project.rowDeletions,
  regression: (project) => project.regressions,
  drift: (project) => project.drifts,
  interpolation: (project) => project.interpolations,
  irreversibility: (project) => project.irreversibilities,
  historyFault: (project) => project.historyFaults,
  migration: (project) => project.migrations,
  project: (project) => [project],
};

function ask({ rule, severity, options }: ActiveRule, project: Project, crashes: { ruleId: string; error: string }[]): Reported[] {
  const problems: Problem[] = [];
  try {
    for (const subject of SUBJECTS[rule.asks](project, rule)) problems.push(...rule.check(subject, { project, options }));
  } catch (error) {
    crashes.push({ ruleId: rule.id, error: error instanceof Error ? error.stack ?? error.message : String(error) });
  }
  return mergeProblems(problems).map((problem) => ({ ruleId: rule.id, severity, problem }));
}

function toFindings(reported: readonly Reported[], locator: Locator): Finding[] {
  const fingerprint = createFingerprinter();
  return reported
    .map((entry) => ({ entry, finding: toFinding(entry, locator) }))
    .sort((a, b) => compareFindings(a.finding, b.finding))
    .map(({ entry, finding }) => {
      const { file, start, end } = entry.problem.location;
      return { ...finding, fingerprint: fingerprint(finding, file, (locator.text(file) ?? '').slice(start, end)) };
    });
}

function toFinding({ ruleId, severity, problem }: Reported, locator: Locator): Finding {
  const start = locator.start(problem.location);
  const end = locator.end(problem.location);
  const suggestedFixes = (problem.suggestedFixes ?? []).flatMap((fix) => fixOf(fix, problem.location.file, locator) ?? []);
  return {
    ruleId, severity, message: problem.message, file: locator.path(problem.location.file),
    line: start.line, column: start.column, endLine: end.line, endColumn: end.column,
    tables: problem.tables ?? [],
    tenantColumn: problem.tenantColumn ?? null,
    // What was found out on a path of code stands at no place of its own.
    related: (problem.related ?? []).filter(({ location }) => location.end > 0).map(({ location, message }) => ({ file: locator.path(location.file), ...locator.start(location), message })),
    suggestion: problem.suggestion ?? null,
    fix: fixOf(problem.fix, problem.location.file, locator),
    ...(suggestedFixes.length > 0 && { suggestedFixes }),
    fingerprint: '',
    docs: docsOf(ruleId),
  };
}

/** A fix whose every edit fits the text as it is; else none. */
function fixOf(fix: Fix | undefined, file: string, locator: Locator): FoundFix | null {
  if (fix === undefined) return null;
  const edits = fix.edits.flatMap(({ location, replaces, text }) => {
    const found = location.file === file ? replaces.exec((locator.text(file) ?? '').slice(location.start, location.end)) : null;
    return found === null ? [] : [{ start: location.start, end: location.start + found[0].length, text: text.replace('$1', () => found[1] ?? '') }];
  });
  return edits.length === fix.edits.length ? { description: fix.description, edits } : null;
}

/** Where a rule's page stands, relative to the package. */
export function docsOf(ruleId: string): string {
  if (Object.hasOwn(PROOF_RULES, ruleId)) return 'README.md#proving-it-on-a-database';
  return ruleId === DIRECTIVE_RULE ? 'README.md#suppressing-a-finding' : `fixtures/rules/${ruleId}.md`;
}

/** The order of every report: file, line, column, rule, then the words. Plain code-unit order, whatever the locale. */
export function compareFindings(a: Finding, b: Finding): number {
  return compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.ruleId, b.ruleId) || compare(a.message, b.message);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function skippedPlaces(notices: readonly Notice[], locator: Locator): SkippedPlace[] {
  const places = notices.map(({ location, reason }) => ({ file: locator.path(location.file), line: locator.start(location).line, reason }));
  const keyed = new Map(places.map((place) => [JSON.stringify(place), place]));
  return [...keyed.values()].sort((a, b) => compare(a.file, b.file) || a.line - b.line || compare(a.reason, b.reason));
}
