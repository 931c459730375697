import type { CheckResult } from '../check/types.js';
import { compact } from './compact.js';
import { github } from './github.js';
import { gitlab } from './gitlab.js';
import { html } from './html.js';
import { json } from './json.js';
import { junit } from './junit.js';
import { pretty } from './pretty.js';
import { sarif } from './sarif.js';
import type { Format, Reporter, ReportOptions } from './types.js';

const REPORTERS: Readonly<Record<Format, Reporter>> = { pretty, compact, json, sarif, github, gitlab, junit, html };

/**
 * Writes a result down.
 * @param format one of FORMATS
 * @returns the whole report, ending in a newline
 */
export function report(format: Format, result: CheckResult, options: ReportOptions): string {
  const shown = options.quiet ? { ...result, findings: result.findings.filter((finding) => finding.severity === 'error') } : result;
  return REPORTERS[format](shown, options);
}
