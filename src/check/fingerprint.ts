import { createHash } from 'node:crypto';
import type { Finding } from '../rule.js';

/**
 * Counts equal places, so that two findings of one rule on the same text in one file get different fingerprints.
 * A fingerprint is made of rule, file (relative to the project's root), tables, tenant column, the first line of the place and its number among equals:
 * not of line numbers or messages, so it survives edits elsewhere in the file and rewordings of a rule.
 */
export function createFingerprinter(): (finding: Finding, file: string, place: string) => string {
  const seen = new Map<string, number>();
  return (finding, file, place) => {
    const content = JSON.stringify([finding.ruleId, file, finding.tables, finding.tenantColumn, firstLine(place)]);
    const occurrence = (seen.get(content) ?? 0) + 1;
    seen.set(content, occurrence);
    return createHash('sha256').update(JSON.stringify([content, occurrence])).digest('hex').slice(0, 24);
  };
}

function firstLine(text: string): string {
  const line = text.trimStart().split(/\r\n|\n|\r/, 1)[0] ?? '';
  return line.replace(/\s+/g, ' ').trim();
}
