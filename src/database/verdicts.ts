import type { Locator } from '../check/position.js';
import type { Location } from '../facts/location.js';
import type { Finding, ReplayVerdict } from '../rule.js';
import type { LiveTable } from './catalog.js';
import { displayOf } from './table-info.js';
import type { RunResult } from './types.js';

/** What the runs of all histories showed, as far as findings of rules can be held against it. */
export interface Evidence {
  readonly results: readonly RunResult[];
  /** Files whose statements ran. */
  readonly ran: ReadonlySet<string>;
  /** Places that were not sent to PostgreSQL. */
  readonly notRun: readonly Location[];
  /** The tables at the end. */
  readonly live: readonly LiveTable[];
  /** Display names of tables whose policies were tried → whether rows of another tenant were reached. */
  readonly crossed: ReadonlyMap<string, boolean>;
}

/**
 * Holds a rule's finding against the run.
 * @returns undefined for rules that a run says nothing about
 */
export function verdictOf(finding: Finding, evidence: Evidence, locator: Locator): ReplayVerdict | undefined {
  const judge = JUDGES[finding.ruleId];
  if (judge === undefined) return undefined;
  const places = new Places(finding, evidence, locator);
  if (!FINAL_STATE.has(finding.ruleId) && !places.reached) return 'not reached';
  return judge(finding, evidence, places);
}

type Judge = (finding: Finding, evidence: Evidence, places: Places) => ReplayVerdict;

/** Rules about the tables at the end: they are reached whatever the finding's file. */
const FINAL_STATE: ReadonlySet<string> = new Set(['tenant-column-not-null', 'require-tenant-column', 'rls-enabled', 'rls-forced', 'rls-policy-strict', 'rls-policy-with-check']);

/** Where a finding stands among the statements that ran. */
class Places {
  constructor(private readonly finding: Finding, private readonly evidence: Evidence, private readonly locator: Locator) {}

  get reached(): boolean {
    const file = [...this.evidence.ran].find((each) => this.locator.path(each) === this.finding.file);
    return file !== undefined && !this.evidence.notRun.some((location) => this.covers(location));
  }

  /** Failures of the statement the finding stands in. */
  get failures() {
    return this.evidence.results.flatMap(({ failures }) => failures).filter(({ statement }) => this.covers(statement));
  }

  covers(location: Location): boolean {
    return this.locator.path(location.file) === this.finding.file && this.locator.start(location).line <= this.finding.line && this.locator.end(location).line >= this.finding.line;
  }
}

const shown = (is: boolean): ReplayVerdict => (is ? 'confirmed' : 'not shown');

const names = ({ tables }: Finding, table: string): boolean => tables.includes(table);

const meetsNulls: Judge = (_, __, { failures }) => shown(failures.some(({ code }) => code === '23502'));

const keepsNulls: Judge = (finding, { results }, places) => shown(meetsNulls(finding, { results } as Evidence, places) === 'confirmed'
  || results.some(({ remainingNulls, failures }) => [...remainingNulls, ...failures.filter(({ code }) => code === '23502')].some(({ table, column }) => table !== undefined && names(finding, table) && column === finding.tenantColumn)));

const isCrossed: Judge = (finding, { crossed }) => (finding.tables.some((table) => crossed.has(table)) ? shown(finding.tables.some((table) => crossed.get(table))) : 'not reached');

/** Whether something holds of every table of the finding at the end. */
const atTheEnd = (holds: (table: LiveTable, finding: Finding) => boolean): Judge => (finding, { live }) => {
  const tables = finding.tables.map((name) => live.find((table) => displayOf(table) === name));
  if (tables.length === 0 || tables.includes(undefined)) return 'not reached';
  return tables.every((table) => holds(table!, finding)) ? 'confirmed' : 'refuted';
};

const JUDGES: Readonly<Record<string, Judge>> = {
  'no-failing-statement': (_, __, { failures }) => (failures.some(({ dependsOnRows }) => !dependsOnRows) ? 'confirmed' : failures.length > 0 ? 'not reached' : 'refuted'),
  'not-null-requires-backfill': meetsNulls,
  'not-null-requires-verify': meetsNulls,
  'backfill-may-leave-null': keepsNulls,
  'backfill-ambiguous-source': (finding, { results }) => shown(results.some(({ mixedTenants, orderDependent }) => [...mixedTenants, ...orderDependent].some(({ table }) => names(finding, table)))),
  'backfill-sees-all-rows': (finding, { results }, places) => shown(results.some(({ hiddenRows }) => hiddenRows.some(({ location, table }) => names(finding, table) && places.covers(location)))),
  'backfill-deletes-rows': (finding, { results }) => shown(results.some(({ rowsLost }) => rowsLost.some(({ table }) => names(finding, table)))),
  // A migration may set NOT NULL only where it finds no NULL.
  'tenant-column-not-null': (...given) => (atTheEnd(({ columns }, { tenantColumn }) => columns.some(({ name, notNull }) => name === tenantColumn && !notNull))(...given) === 'confirmed' ? 'confirmed' : 'not shown'),
  'require-tenant-column': atTheEnd(({ columns }, { tenantColumn }) => !columns.some(({ name }) => name === tenantColumn)),
  'rls-enabled': atTheEnd(({ rowSecurity }) => !rowSecurity),
  'rls-forced': atTheEnd(({ forceRowSecurity }) => !forceRowSecurity),
  'rls-policy-strict': isCrossed,
  'rls-policy-with-check': isCrossed,
};
