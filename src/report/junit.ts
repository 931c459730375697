import type { Finding } from '../rule.js';
import { coverageLine } from './stats.js';
import { printable } from './text.js';
import type { Reporter } from './types.js';

/** JUnit XML as CI systems read it: one suite a file, one failing case a finding; what was skipped is a skipped case. */
export const junit: Reporter = (result, options) => {
  const files = new Map<string, Finding[]>();
  for (const finding of result.findings) files.set(finding.file, [...(files.get(finding.file) ?? []), finding]);
  const suites = [...files].map(([file, findings]) => suite(file, findings.length, 0, findings.map(testCase)));
  if (result.skipped.length > 0) {
    suites.push(suite('skipped', 0, result.skipped.length, result.skipped.map(({ file, line, reason }) => (
      `    <testcase classname="${escape(file)}" name="line ${line}"><skipped message="${escape(reason)}"/></testcase>`
    ))));
  }
  if (suites.length === 0) suites.push(suite('tenantlint', 0, 0, ['    <testcase classname="tenantlint" name="no findings"/>']));
  const tests = Math.max(1, result.findings.length + result.skipped.length);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="tenantlint" tests="${tests}" failures="${result.findings.length}" skipped="${result.skipped.length}" time="${(options.milliseconds / 1000).toFixed(3)}">`,
    ...suites,
    `  <!-- ${coverageLine(result).replace(/--/g, '- -')} -->`,
    '</testsuites>',
    '',
  ].join('\n');
};

function suite(name: string, failures: number, skipped: number, cases: readonly string[]): string {
  return [`  <testsuite name="${escape(name)}" tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}">`, ...cases, '  </testsuite>'].join('\n');
}

function testCase({ ruleId, severity, message, suggestion, file, line, column }: Finding): string {
  const body = [`${file}:${line}:${column}`, message, ...(suggestion === null ? [] : [suggestion])].map(escape).join('\n');
  return [
    `    <testcase classname="${escape(file)}" name="${escape(`${ruleId} at ${line}:${column}`)}">`,
    `      <failure type="${severity}" message="${escape(message)}">${body}</failure>`,
    '    </testcase>',
  ].join('\n');
}

function escape(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return printable(text).replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]|[\uFFFE\uFFFF]/g, '\uFFFD')
    .replace(/[&<>"]/g, (character) => entities[character]!);
}
