import { createHash } from 'node:crypto';
import type { Finding } from '../rule.js';

/**
 * Counts equal places, so that two findings of one rule on the same text in one file get different fingerprints.
 * A fingerprint has two parts. The first is made of rule, tables, tenant column, the first words of the place and its number among equals in its file:
 * not of line numbers, white space, punctuation, case or messages, so it survives edits elsewhere, reformatting and rewordings of a rule.
 * The second is made of the file's path relative to the project's root: what has moved to another file is known by the first.
 */
export function createFingerprinter(): (finding: Finding, file: string, place: string) => string {
  const seen = new Map<string, number>();
  return (finding, file, place) => {
    const content = JSON.stringify([finding.ruleId, finding.tables, finding.tenantColumn, firstWords(place)]);
    const key = JSON.stringify([file, content]);
    const occurrence = (seen.get(key) ?? 0) + 1;
    seen.set(key, occurrence);
    return hash(JSON.stringify([content, occurrence]), CONTENT) + hash(file, FILE);
  };
}

const CONTENT = 16;
const FILE = 8;
const WORDS = 8;

/** The part of a fingerprint that stays when its file is moved. */
export function contentPart(fingerprint: string): string {
  return fingerprint.slice(0, CONTENT);
}

function hash(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

function firstWords(text: string): string[] {
  return [...text.slice(0, 2000).matchAll(/[\p{L}\p{N}_$]+/gu)].slice(0, WORDS).map(([word]) => word.toLowerCase());
}
