import { coverageLine } from './stats.js';
import { printable } from './text.js';
import type { Reporter } from './types.js';

/** Workflow commands that GitHub shows as annotations (GitHub documentation, "Workflow commands for GitHub Actions"). */
export const github: Reporter = (result) => {
  const findings = result.findings.map(({ severity, file, line, column, endLine, endColumn, ruleId, message, suggestion }) => {
    const place = `file=${property(file)},line=${line},endLine=${endLine},col=${column},endColumn=${endColumn},title=${property(`tenantlint: ${ruleId}`)}`;
    return `::${severity} ${place}::${data([message, ...(suggestion === null ? [] : [suggestion])].map(printable).join('\n'))}`;
  });
  const skipped = result.skipped.map(({ file, line, reason }) => (
    `::notice file=${property(file)},line=${line},title=${property('tenantlint: skipped')}::${data(printable(reason))}`
  ));
  return [...findings, ...skipped, coverageLine(result), ''].join('\n');
};

function data(text: string): string {
  return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

function property(text: string): string {
  return data(printable(text)).replace(/:/g, '%3A').replace(/,/g, '%2C');
}
