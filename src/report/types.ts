import type { CheckResult } from '../check/types.js';
import type { Rule } from '../rule.js';

export const FORMATS = ['pretty', 'compact', 'json', 'sarif', 'github', 'gitlab', 'junit', 'html'] as const;
export type Format = (typeof FORMATS)[number];

/** What a report needs besides the result. */
export interface ReportOptions {
  readonly rules: readonly Rule[];
  readonly version: string;
  readonly color: boolean;
  /** Errors only. */
  readonly quiet: boolean;
  readonly milliseconds: number;
  /** Text of a file by its path in the report, for code frames. */
  readonly text: (file: string) => string | undefined;
  /** The rule's page in Markdown, when the package has it. */
  readonly page: (ruleId: string) => string | undefined;
  /** Entries of the baseline that no longer occur. */
  readonly goneFromBaseline?: readonly string[];
  readonly suppressedByBaseline?: number;
}

export type Reporter = (result: CheckResult, options: ReportOptions) => string;
