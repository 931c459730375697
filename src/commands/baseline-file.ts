import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentPart } from '../check/fingerprint.js';
import type { CheckResult } from '../check/types.js';
import { baseOf } from '../discover/git.js';
import { commitView } from '../discover/git-view.js';
import { errorMessage, UsageError } from '../errors.js';
import type { Finding } from '../rule.js';
import { BASELINE } from './choices.js';

/** A finding that was there when the baseline was taken. */
export interface BaselineEntry {
  readonly ruleId: string;
  readonly file: string;
  readonly message: string;
  readonly fingerprint: string;
}

/**
 * Reads the baseline of a project.
 * @returns undefined when there is none
 * @throws UsageError when the file is there and cannot be understood
 */
export function readBaseline(root: string): readonly BaselineEntry[] | undefined {
  const file = join(root, BASELINE);
  if (!existsSync(file)) return undefined;
  return parseBaseline(readFileSync(file, 'utf8'));
}

function parseBaseline(text: string): readonly BaselineEntry[] {
  try {
    const { version, findings } = JSON.parse(text) as { version: unknown; findings: unknown };
    if (version !== 1 || !Array.isArray(findings) || !findings.every(isEntry)) throw new Error('not a baseline of version 1');
    return findings;
  } catch (error) {
    throw new UsageError(`${BASELINE} cannot be read: ${errorMessage(error)}`);
  }
}

function isEntry(value: unknown): value is BaselineEntry {
  const entry = value as Record<string, unknown> | null;
  return typeof entry === 'object' && entry !== null && ['ruleId', 'file', 'message', 'fingerprint'].every((key) => typeof entry[key] === 'string');
}

/** The text of a baseline that holds these findings. */
export function baselineText(findings: readonly Finding[]): string {
  const entries = findings.map(({ ruleId, file, message, fingerprint }): BaselineEntry => ({ ruleId, file, message, fingerprint }));
  return `${JSON.stringify({ version: 1, findings: entries }, null, 2)}\n`;
}

/** Takes known findings out of a result, and tells which known ones are gone. What stands in another file now is known by its content. */
export function applyBaseline(result: CheckResult, baseline: readonly BaselineEntry[]): { result: CheckResult; known: number; gone: readonly BaselineEntry[] } {
  const exact = pair(result.findings, baseline, (each) => each.fingerprint);
  const moved = pair(exact.left, exact.unpaired, (each) => contentPart(each.fingerprint));
  const left = new Set(moved.left);
  const findings = result.findings.filter((finding) => left.has(finding));
  return { result: { ...result, findings }, known: result.findings.length - findings.length, gone: moved.unpaired };
}

/** An entry as people read it. */
export function describeEntry({ file, ruleId, message }: BaselineEntry): string {
  return `${file}: ${ruleId} ${message}`;
}

/**
 * The entries of a baseline that an earlier one did not have, moved files aside.
 * @param root absolute folder of the project
 * @param ref the revision whose baseline is compared; one without a baseline is an error, for then nothing limits this one
 * @throws UsageError when git does not know the revision, or it has no baseline that can be read
 */
export function grownSince(root: string, ref: string, baseline: readonly BaselineEntry[]): readonly BaselineEntry[] {
  const commit = baseOf(root, ref, '--baseline-may-only-shrink');
  const { text } = commitView(commit).read(root, BASELINE);
  if (text === undefined) throw new UsageError(`--baseline-may-only-shrink: there is no ${BASELINE} in ${ref}`);
  const before = parseBaseline(text);
  const exact = pair(baseline, before, (each) => each.fingerprint);
  return pair(exact.left, exact.unpaired, (each) => contentPart(each.fingerprint)).left;
}

/** Pairs things of two lists that have the same key, one for one. */
function pair<A, B>(some: readonly A[], others: readonly B[], keyOf: (each: A | B) => string): { left: A[]; unpaired: B[] } {
  const open = new Map<string, B[]>();
  for (const other of others) open.set(keyOf(other), [...(open.get(keyOf(other)) ?? []), other]);
  const left = some.filter((each) => open.get(keyOf(each))?.shift() === undefined);
  const unpaired = new Set([...open.values()].flat());
  return { left, unpaired: others.filter((other) => unpaired.has(other)) };
}
