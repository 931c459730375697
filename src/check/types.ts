import type { Notice } from '../facts/location.js';
import type { Coverage, Project, Tenancy } from '../link/project.js';
import type { Finding } from '../rule.js';
import type { Suppression } from './suppress.js';

/** What a run found: everything a report may show. */
export interface CheckResult {
  /** Sorted by file, line, column, rule. */
  readonly findings: readonly Finding[];
  readonly skipped: readonly SkippedPlace[];
  readonly tenancy: Tenancy;
  readonly coverage: Coverage;
  /** Rules that threw: the others still ran, the run exits 2. */
  readonly crashes: readonly { readonly ruleId: string; readonly error: string }[];
  readonly suppressions: readonly Suppression[];
  /** What was checked; linked only now where the result is one of an earlier run. */
  readonly project: () => Project;
}

/** A notice with its place resolved; `file` is relative to the working folder. */
export interface SkippedPlace {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

export type { Notice };
