import { posix } from 'node:path';
import type { CheckResult } from '../../src/check/types.js';
import type { LoadedProject } from '../../src/commands/pipeline.js';
import { lineStartsOf } from '../../src/check/position.js';
import type { Location, Notice } from '../../src/facts/location.js';

/** Something that must never be, whatever the input. `key` is the same for the same cause. */
export interface Problem {
  readonly key: string;
  readonly words: string;
}

/** Words of JavaScript and WebAssembly, not of this program: a notice that has them hides a bug. */
const INTERNAL = /Cannot (?:read|set|convert|destructure|access|use)|is not (?:a function|iterable|defined|a constructor)|(?:of|is) (?:undefined|null)$|Maximum call|more stack than|call stack|Invalid (?:array|string|regular|count|code)|unreachable|out of bounds|table index|Unexpected token|bigint|circular/i;

/** A problem for an error that was thrown. */
export function thrown(where: string, error: unknown): Problem {
  const stack = error instanceof Error ? error.stack ?? error.message : String(error);
  const frames = stack.split('\n').filter((line) => /\/(src|rules|eslint-plugin)\//.test(line)).slice(0, 3).map((line) => /((?:src|rules)\/[^):]+):(\d+)/.exec(line)?.[0] ?? '');
  return { key: `crash ${where}: ${stack.split('\n', 1)[0]!.slice(0, 80)} at ${frames[0] ?? '?'}`, words: stack };
}

/** What is wrong with a result by itself. */
export function problemsOf(loaded: LoadedProject, result: CheckResult): Problem[] {
  return [
    ...result.crashes.map(({ ruleId, error }) => ({ key: `rule ${ruleId}: ${error.split('\n', 2).join(' ').slice(0, 160)}`, words: error })),
    ...loaded.project.notices.flatMap(hiddenBug), ...strayPlaces(loaded, result), ...strayLocations(loaded),
  ];
}

/** A problem for a notice that holds an error of this program instead of what is wrong with the file. */
export function hiddenBug({ reason, location }: Notice): Problem[] {
  const unquoted = reason.replace(/"[^]*/, '');
  const isHidden = INTERNAL.test(unquoted) && !/syntax error/.test(reason);
  return isHidden ? [{ key: `hidden bug: ${reason.slice(0, 120)}`, words: `${location.file}:${location.start} ${reason}` }] : [];
}

/** Lines and columns of the report that the file does not have. */
function strayPlaces({ text, config }: LoadedProject, { findings }: CheckResult): Problem[] {
  const starts = new Map<string, { length: number; lines: readonly number[] }>();
  const of = (file: string) => {
    const content = text(posix.normalize(file)) ?? '';
    const known = starts.get(file) ?? { length: content.length, lines: lineStartsOf(content) };
    starts.set(file, known);
    return known;
  };
  const isInside = (file: string, line: number, column: number): boolean => {
    const { lines, length } = of(file);
    const start = lines[line - 1];
    return start !== undefined && column >= 1 && start + column - 1 <= (lines[line] ?? length);
  };
  return findings.flatMap(({ ruleId, file, line, column, endLine, endColumn, related }): Problem[] => {
    const isOrdered = endLine > line || (endLine === line && endColumn >= column);
    const wrong = !isInside(file, line, column) || !isInside(file, endLine, endColumn) || !isOrdered;
    const places = wrong ? [`${file}:${line}:${column}-${endLine}:${endColumn}`] : [];
    const stray = related.filter((each) => !isInside(each.file, each.line, each.column)).map((each) => `related ${each.file}:${each.line}:${each.column}`);
    return [...places, ...stray].map((place) => ({ key: `place of ${ruleId}${place.startsWith('related') ? ', related' : ''}`, words: `${place} is not in the file (${config.root})` }));
  });
}

function strayLocations({ project, text }: LoadedProject): Problem[] {
  const wrong = ({ file, start, end }: Location): boolean => start < 0 || end < start || end > (project.files.get(file)?.length ?? text(file)?.length ?? 0) || file.startsWith('/');
  const described: [string, Location][] = [
    ...project.notices.map(({ location, reason }): [string, Location] => [`notice "${reason.slice(0, 30)}"`, location]),
    ...project.queries.map(({ location }): [string, Location] => ['query', location]),
    ...project.directives.map(({ location }): [string, Location] => ['directive', location]),
  ];
  return described.filter(([, location]) => wrong(location)).map(([what, location]) => ({ key: `location of ${what}`, words: `${what} at ${JSON.stringify(location)}` }));
}

const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** What is wrong with a report as text, its status and what was said beside it. */
export function problemsOfReport(format: string, { status, out, error }: { status: number | null; out: string; error: string }): Problem[] {
  const problems: Problem[] = [];
  const say = (key: string, words: string): void => { problems.push({ key: `report ${format}: ${key}`, words }); };
  if (/this is a bug/.test(error)) return [{ key: `bug in command: ${error.split('\n').slice(0, 2).join(' ').slice(0, 160)}`, words: error }];
  const control = CONTROL.exec(out.replace(/\r?\n/g, '')) ?? CONTROL.exec(error.replace(/\n/g, ''));
  if (control) say('control character', `U+${control[0].codePointAt(0)!.toString(16)} near ${JSON.stringify((out + error).slice(Math.max(0, control.index - 40), control.index + 40))}`);
  if (![0, 1, 2].includes(status ?? -1)) say('status', String(status));
  if (status === 2 && !/^tenantlint: [^\n]+\n$/.test(error)) say('status 2 without one line', JSON.stringify(error));
  if (status === 2 || !['json', 'sarif', 'gitlab'].includes(format)) return problems;
  try {
    const parsed = JSON.parse(out) as { findings?: { severity: string }[] };
    if (format === 'json' && (status === 1) !== parsed.findings!.some(({ severity }) => severity === 'error')) say('status', `${String(status)} with ${parsed.findings!.length} findings`);
  } catch (failure) {
    say('not JSON', String(failure));
  }
  return problems;
}
