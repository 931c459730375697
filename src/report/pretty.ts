import pc from 'picocolors';
import type { CheckResult } from '../check/types.js';
import type { Finding } from '../rule.js';
import { codeFrame } from './frame.js';
import { coverageLine } from './stats.js';
import { count, printable } from './text.js';
import type { Reporter, ReportOptions } from './types.js';

type Colors = ReturnType<typeof pc.createColors>;

const MANY_NAMES = 6;
const MANY_SKIPPED = 20;

/** For people at a terminal: by file, each finding with its source lines, the places it depends on, and what to do. */
export const pretty: Reporter = (result, options) => {
  const colors = pc.createColors(options.color);
  const lines = result.tenancy.explanation === '' ? [] : [colors.dim(printable(result.tenancy.explanation)), ''];
  let file: string | undefined;
  for (const finding of result.findings) {
    if (finding.file !== file) lines.push(colors.underline(printable(finding.file)));
    file = finding.file;
    lines.push(...show(finding, options, colors), '');
  }
  lines.push(...showSkipped(result, colors), ...showBaseline(options, colors), summary(result, colors), colors.dim(coverageLine(result)), '');
  return lines.join('\n');
};

function show(finding: Finding, options: ReportOptions, colors: Colors): string[] {
  const paint = finding.severity === 'error' ? colors.red : colors.yellow;
  const lines = [`  ${finding.line}:${finding.column}  ${paint(finding.severity)}  ${shorten(printable(finding.message))}  ${colors.dim(finding.ruleId)}${finding.replay === undefined ? '' : `  ${colors.cyan(`replay: ${finding.replay}`)}`}`];
  const text = options.text(finding.file);
  if (text !== undefined) lines.push(...codeFrame(text, finding, { gutter: colors.dim, caret: paint }).map((line) => `    ${line}`));
  for (const { file, line, column, message } of finding.related) {
    lines.push(`    ${colors.cyan('↳')} ${printable(file)}:${line}:${column} ${printable(message)}`);
  }
  if (finding.suggestion !== null) lines.push(`    ${colors.green('→')} ${printable(finding.suggestion)}`);
  return lines;
}

/** Long lists of quoted table names are cut; machine formats have them whole. */
function shorten(message: string): string {
  return message.replace(/"[^"]*"(?:, "[^"]*")+ and "[^"]*"/g, (list) => {
    const names = list.match(/"[^"]*"/g)!;
    return names.length <= MANY_NAMES ? list : `${names.slice(0, MANY_NAMES - 1).join(', ')} and ${names.length - MANY_NAMES + 1} more`;
  });
}

function showSkipped({ skipped }: CheckResult, colors: Colors): string[] {
  if (skipped.length === 0) return [];
  const shown = skipped.slice(0, MANY_SKIPPED).map(({ file, line, reason }) => `  ${printable(file)}:${line}  ${printable(reason)}`);
  const rest = skipped.length - shown.length;
  return [colors.yellow('Not checked'), ...shown, ...(rest > 0 ? [`  and ${rest} more (--format json lists all)`] : []), ''];
}

function showBaseline({ goneFromBaseline = [], suppressedByBaseline = 0 }: ReportOptions, colors: Colors): string[] {
  const lines = suppressedByBaseline > 0 ? [colors.dim(`${count(suppressedByBaseline, 'known finding')} in the baseline not shown.`)] : [];
  if (goneFromBaseline.length > 0) {
    lines.push(`${count(goneFromBaseline.length, 'baseline entry', 'baseline entries')} no longer found; run "tenantlint baseline" to drop them:`);
    lines.push(...goneFromBaseline.map((entry) => `  ${printable(entry)}`));
  }
  return lines.length > 0 ? [...lines, ''] : [];
}

function summary({ findings, coverage }: CheckResult, colors: Colors): string {
  const errors = findings.filter((finding) => finding.severity === 'error').length;
  const warnings = findings.length - errors;
  const checked = coverage.tablesClassified + coverage.tablesUnclassified + coverage.queries > 0;
  if (findings.length === 0) return checked ? colors.green('No findings.') : colors.yellow('Nothing was checked.');
  const files = new Set(findings.map((finding) => finding.file)).size;
  const text = `${count(errors, 'error')} and ${count(warnings, 'warning')} in ${count(files, 'file')}. "tenantlint explain <rule>" tells why and what to do.`;
  return errors > 0 ? colors.red(text) : colors.yellow(text);
}
