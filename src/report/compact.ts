import { coverageLine } from './stats.js';
import { printable } from './text.js';
import type { Reporter } from './types.js';

/** One line a finding: `file:line:column: severity rule message`. */
export const compact: Reporter = (result) => {
  const findings = result.findings.map(({ file, line, column, severity, ruleId, message }) => (
    `${printable(file)}:${line}:${column}: ${severity} ${ruleId} ${printable(message)}`
  ));
  const skipped = result.skipped.map(({ file, line, reason }) => `${printable(file)}:${line}: skipped ${printable(reason)}`);
  return [...findings, ...skipped, coverageLine(result), ''].join('\n');
};
