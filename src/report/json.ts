import { statsOf } from './stats.js';
import { asJson } from './text.js';
import type { Reporter } from './types.js';

/** The contract's JSON, version 1. The same input gives the same bytes; only `stats.ms` differs. */
export const json: Reporter = (result, options) => {
  const { levels, inferred } = result.tenancy;
  const report = {
    version: 1,
    assumed: {
      tenantColumns: [...new Set(levels.flatMap((level) => level.columns))],
      root: levels[0]?.root ?? null,
      inferred,
    },
    findings: result.findings.map(({ ruleId, severity, message, file, line, column, endLine, endColumn, tables, tenantColumn, related, suggestion, fix, suggestedFixes, fingerprint, docs, replay }) => ({
      ruleId, severity, message, file, line, column, endLine, endColumn, tables, tenantColumn, related, suggestion, fix, ...(suggestedFixes && { suggestedFixes }), fingerprint, docs, ...(replay !== undefined && { replay }),
    })),
    skipped: result.skipped,
    ...(result.crashes.length > 0 ? { crashes: result.crashes.map(({ ruleId, error }) => ({ ruleId, error: error.split('\n', 1)[0] })) } : {}),
    stats: statsOf(result, options.milliseconds),
  };
  return asJson(report);
};
