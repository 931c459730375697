import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckResult } from '../check/types.js';
import { errorMessage, UsageError } from '../errors.js';
import type { Finding } from '../rule.js';

export const BASELINE = 'tenantlint-baseline.json';

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
  try {
    const { version, findings } = JSON.parse(readFileSync(file, 'utf8')) as { version: unknown; findings: unknown };
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

/** Takes known findings out of a result, and tells which known ones are gone. */
export function applyBaseline(result: CheckResult, baseline: readonly BaselineEntry[]): { result: CheckResult; known: number; gone: string[] } {
  const fingerprints = new Set(baseline.map((entry) => entry.fingerprint));
  const present = new Set(result.findings.map((finding) => finding.fingerprint));
  const findings = result.findings.filter((finding) => !fingerprints.has(finding.fingerprint));
  const gone = baseline.filter((entry) => !present.has(entry.fingerprint)).map(({ ruleId, file, message }) => `${file}: ${ruleId} ${message}`);
  return { result: { ...result, findings }, known: result.findings.length - findings.length, gone };
}
