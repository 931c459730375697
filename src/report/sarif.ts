import type { CheckResult } from '../check/types.js';
import type { Finding, FoundFix, Rule } from '../rule.js';
import { statsOf } from './stats.js';
import { asJson } from './text.js';
import type { Reporter, ReportOptions } from './types.js';

/** SARIF 2.1.0 (OASIS standard), as code scanning services read it. */
export const sarif: Reporter = (result, options) => {
  const rules = rulesShown(result, options.rules);
  const indices = new Map(rules.map((rule, index) => [rule.id, index]));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{
      tool: { driver: { name: 'tenantlint', semanticVersion: options.version, rules: rules.map((rule) => descriptor(rule, options)) } },
      columnKind: 'utf16CodeUnits',
      originalUriBaseIds: { PROJECT: { description: { text: 'The folder tenantlint was run in.' } } },
      invocations: [invocation(result)],
      results: result.findings.map((finding) => resultOf(finding, indices)),
      properties: { stats: statsOf(result, options.milliseconds) },
    }],
  };
  return asJson(log);
};

interface ShownRule {
  readonly id: string;
  readonly rule?: Rule;
}

function rulesShown(result: CheckResult, rules: readonly Rule[]): ShownRule[] {
  const known = new Map(rules.map((rule) => [rule.id, rule]));
  const ids = [...new Set(result.findings.map((finding) => finding.ruleId))].sort();
  return ids.map((id) => {
    const rule = known.get(id);
    return rule === undefined ? { id } : { id, rule };
  });
}

function descriptor({ id, rule }: ShownRule, options: ReportOptions): object {
  const summary = rule?.summary ?? 'A suppression comment is unused, names an unknown rule or gives no reason.';
  const page = options.page(id);
  return {
    id,
    shortDescription: { text: summary },
    help: page === undefined ? { text: summary } : { text: page, markdown: page },
    defaultConfiguration: { level: rule?.level === 'error' ? 'error' : 'warning' },
    properties: { category: rule?.category ?? 'suppression', tags: ['security', 'multi-tenancy'] },
  };
}

function invocation(result: CheckResult): object {
  const notices = result.skipped.map(({ file, line, reason }) => ({
    level: 'note',
    message: { text: reason },
    locations: [{ physicalLocation: { artifactLocation: artifact(file), region: { startLine: line } } }],
  }));
  const crashes = result.crashes.map(({ ruleId, error }) => ({ level: 'error', message: { text: `Rule ${ruleId} failed: ${error.split('\n', 1)[0]}` } }));
  return { executionSuccessful: result.crashes.length === 0, toolExecutionNotifications: [...crashes, ...notices] };
}

function resultOf(finding: Finding, indices: ReadonlyMap<string, number>): object {
  const related = finding.related.map((place, index) => ({
    id: index + 1,
    message: { text: place.message },
    physicalLocation: { artifactLocation: artifact(place.file), region: { startLine: place.line, startColumn: place.column } },
  }));
  const fixes = [...(finding.fix ? [finding.fix] : []), ...finding.suggestedFixes ?? []];
  return {
    ruleId: finding.ruleId,
    ruleIndex: indices.get(finding.ruleId),
    level: finding.severity,
    message: { text: finding.suggestion === null ? finding.message : `${finding.message} ${finding.suggestion}` },
    locations: [{ physicalLocation: { artifactLocation: artifact(finding.file), region: regionOf(finding) } }],
    ...(related.length === 0 ? {} : { relatedLocations: related }),
    partialFingerprints: { 'tenantlint/v1': finding.fingerprint },
    ...(fixes.length === 0 ? {} : { fixes: fixes.map((fix) => fixOf(finding, fix)) }),
    properties: { tables: finding.tables, tenantColumn: finding.tenantColumn },
  };
}

function regionOf({ line, column, endLine, endColumn }: Finding): object {
  return { startLine: line, startColumn: column, endLine, endColumn };
}

/** SARIF's charOffset counts characters of the text; offsets here are UTF-16 units, which `columnKind` declares for columns. */
function fixOf(finding: Finding, fix: FoundFix): object {
  return {
    description: { text: fix.description },
    artifactChanges: [{
      artifactLocation: artifact(finding.file),
      replacements: fix.edits.map(({ start, end, text }) => ({
        deletedRegion: { charOffset: start, charLength: end - start },
        insertedContent: { text },
      })),
    }],
  };
}

/** Files inside the working folder are relative to it; a path that leaves it stands as it is. */
function artifact(file: string): object {
  const uri = file.split('/').map((part) => encodeURIComponent(part)).join('/');
  return file.startsWith('../') ? { uri } : { uri, uriBaseId: 'PROJECT' };
}
