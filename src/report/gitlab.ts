import type { CheckResult } from '../check/types.js';
import { asJson } from './text.js';
import type { Reporter } from './types.js';

/** GitLab's Code Quality report: a JSON list of issues (GitLab documentation, "Code Quality report format"). */
export const gitlab: Reporter = (result) => asJson([...findings(result), ...skipped(result)]);

function findings(result: CheckResult): object[] {
  return result.findings.map(({ ruleId, severity, message, suggestion, file, line, endLine, fingerprint, related }) => ({
    type: 'issue',
    description: message,
    check_name: ruleId,
    fingerprint,
    severity: severity === 'error' ? 'major' : 'minor',
    categories: ['Security'],
    location: { path: file, lines: { begin: line, end: endLine } },
    ...(suggestion === null ? {} : { content: { body: suggestion } }),
    ...(related.length === 0 ? {} : {
      other_locations: related.map((place) => ({ path: place.file, lines: { begin: place.line, end: place.line } })),
    }),
  }));
}

function skipped(result: CheckResult): object[] {
  return result.skipped.map(({ file, line, reason }, index) => ({
    type: 'issue',
    description: `Not checked: ${reason}`,
    check_name: 'skipped',
    fingerprint: `skipped:${index}:${file}:${reason}`,
    severity: 'info',
    categories: ['Clarity'],
    location: { path: file, lines: { begin: line, end: line } },
  }));
}
