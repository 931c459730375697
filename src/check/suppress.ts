import type { Level } from '../config/types.js';
import type { Directive, FileFacts } from '../facts/file.js';
import type { Project } from '../link/project.js';
import { didYouMean } from '../config/nearest.js';
import type { Problem, Severity } from '../rule.js';
import { enclosingPlaces } from './places.js';
import type { Locator } from './position.js';

/** Rule id of the findings about suppression comments themselves: unused, unknown rule, missing reason. */
export const DIRECTIVE_RULE = 'disable-directive';

/** A rule's problem on its way to becoming a finding. */
export interface Reported {
  readonly ruleId: string;
  readonly severity: Severity;
  readonly problem: Problem;
}

interface Options {
  readonly ruleIds: ReadonlySet<string>;
  /** Rules that ran: a directive for a rule that is off cannot be called unused. */
  readonly activeIds: ReadonlySet<string>;
  readonly unused: Level;
  readonly requireReason: boolean;
  /** `2027-01-31`: what was to hold until an earlier day holds no more. */
  readonly today: string;
}

/** A suppression comment and one rule of it, for the inventory of exceptions. */
export interface Suppression {
  readonly directive: Directive;
  /** Absent: every rule. */
  readonly ruleId?: string;
  /** The day it ends, when its reason says so: `-- moved next quarter until 2027-01-31`. */
  readonly until?: string;
  readonly expired: boolean;
  readonly used: boolean;
}

/** What is left of the problems, and the suppression comments there are. */
export interface Suppressed {
  readonly reported: readonly Reported[];
  readonly suppressions: readonly Suppression[];
}

/** One directive, one rule: what it covers and whether it did anything. */
interface Cover {
  readonly directive: Directive;
  /** Absent: every rule. */
  readonly ruleId?: string;
  readonly covers: (start: number) => boolean;
  readonly until?: string;
  readonly expired: boolean;
  used: boolean;
}

/**
 * Removes what `tenantlint-disable...` comments cover, and adds findings about the comments themselves.
 * @returns the problems that remain, then those about directives; and every directive
 */
export function suppress(reported: readonly Reported[], project: Project, locator: Locator, options: Options): Suppressed {
  const covers = new Map<string, Cover[]>();
  for (const [file, directives] of byFile(project.directives)) {
    covers.set(file, coversOf(file, directives, project.files.get(file), locator, options.today));
  }
  const remaining = reported.filter(({ ruleId, problem }) => {
    const matching = (covers.get(problem.location.file) ?? [])
      .filter((cover) => !cover.expired && (cover.ruleId === undefined || cover.ruleId === ruleId) && cover.covers(problem.location.start));
    for (const cover of matching) cover.used = true;
    return matching.length === 0;
  });
  const all = [...covers.values()].flat();
  return {
    reported: [...remaining, ...all.flatMap((cover) => faults(cover, options)), ...withoutReason(project.directives, options)],
    suppressions: all.map(({ directive, ruleId, until, expired, used }) => ({ directive, expired, used, ...(ruleId !== undefined && { ruleId }), ...(until !== undefined && { until }) })),
  };
}

function byFile(directives: readonly Directive[]): Map<string, Directive[]> {
  const files = new Map<string, Directive[]>();
  for (const directive of directives) {
    const { file } = directive.location;
    files.set(file, [...(files.get(file) ?? []), directive]);
  }
  return files;
}

function coversOf(file: string, directives: readonly Directive[], facts: FileFacts | undefined, locator: Locator, today: string): Cover[] {
  const places = facts === undefined ? [] : enclosingPlaces(facts);
  const sorted = [...directives].sort((a, b) => a.location.start - b.location.start);
  return sorted.flatMap((directive): Cover[] => {
    if (directive.kind === 'enable') return [];
    const rules: readonly (string | undefined)[] = directive.rules.length > 0 ? directive.rules : [undefined];
    const until = UNTIL.exec(directive.reason ?? '')?.[1];
    const expired = until !== undefined && (isDay(until) ? until < today : true);
    return rules.map((ruleId) => ({
      directive, used: false, expired, ...(until !== undefined && { until }), covers: range(directive, ruleId, sorted, file, places, locator), ...(ruleId === undefined ? {} : { ruleId }),
    }));
  });
}

const UNTIL = /\buntil\s+(\d{4}-\d\d-\d\d)(?!\d)/i;

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function range(
  directive: Directive, ruleId: string | undefined, all: readonly Directive[], file: string,
  places: readonly { readonly start: number; readonly end: number }[], locator: Locator,
): (start: number) => boolean {
  const lineOf = (offset: number): number => locator.position(file, offset).line;
  if (directive.kind === 'disable') {
    const enable = all.find((other) => other.kind === 'enable' && other.location.start > directive.location.start
      && (other.rules.length === 0 || (ruleId !== undefined && other.rules.includes(ruleId))));
    const end = enable?.location.start ?? Infinity;
    return (start) => start >= directive.location.start && start < end;
  }
  const line = directive.kind === 'disable-line' ? lineOf(directive.location.start) : nextLine(locator, file, lineOf(Math.max(directive.location.start, directive.location.end - 1)));
  const statements = places.filter((place) => lineOf(place.start) === line);
  return (start) => lineOf(start) === line || statements.some((place) => start >= place.start && start < place.end);
}

/** The next line that holds something other than blanks and comments. */
function nextLine(locator: Locator, file: string, line: number): number {
  const lines = (locator.text(file) ?? '').split(/\r\n|\n|\r/);
  let next = line + 1;
  while (next <= lines.length && /^\s*($|--|\/\/|#|\/\*|\*)/.test(lines[next - 1]!)) next++;
  return next > lines.length ? line + 1 : next;
}

function faults({ directive, ruleId, used, until, expired }: Cover, options: Options): Reported[] {
  if (expired) {
    return about(directive, 'error', isDay(until!) ? `This suppression comment was to hold until ${until}: it holds no more.` : `There is no day ${until}: this suppression comment does not hold.`,
      'Mend what it suppresses, or agree on another day.');
  }
  if (ruleId !== undefined && ruleId !== DIRECTIVE_RULE && !options.ruleIds.has(ruleId)) {
    return about(directive, options.unused, `Unknown rule "${ruleId}" in a suppression comment${didYouMean(ruleId, options.ruleIds)}`, 'Correct the name or remove the comment.');
  }
  if (used || (ruleId !== undefined && !options.activeIds.has(ruleId))) return [];
  return about(directive, options.unused, ruleId === undefined
    ? 'This suppression comment suppresses nothing.'
    : `This suppression comment is not needed: "${ruleId}" reports nothing here.`, 'Remove the comment.');
}

function withoutReason(directives: readonly Directive[], options: Options): Reported[] {
  if (!options.requireReason) return [];
  return directives
    .filter(({ kind, reason }) => kind !== 'enable' && (reason === undefined || reason.trim() === ''))
    .flatMap((directive) => about(directive, 'error', 'This suppression comment gives no reason.', 'Add the reason after the rule: `-- why this is safe`.'));
}

function about({ location }: Directive, level: Level, message: string, suggestion: string): Reported[] {
  return level === 'off' ? [] : [{ ruleId: DIRECTIVE_RULE, severity: level, problem: { message, location, suggestion } }];
}
