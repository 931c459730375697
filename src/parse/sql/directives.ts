import type { Directive } from '../../facts/file.js';
import type { Location } from '../../facts/location.js';

const DIRECTIVE = /^tenantlint-(disable-next-line|disable-line|disable|enable)(?=$|[\s,:])([\s\S]*)$/;

/**
 * Reads a suppression comment: `tenantlint-disable-next-line rule-a, rule-b -- reason`.
 * @param text the comment without its delimiters, of any language
 * @param location the whole comment
 * @returns undefined when the comment is not a directive
 */
export function parseDirective(text: string, location: Location): Directive | undefined {
  const match = DIRECTIVE.exec(text.replace(/^[\s*/#-]+/, '').trim());
  if (match === null) return undefined;
  const rest = match[2]!;
  const dashes = rest.search(/(?<!\S)--(?!\S)/);
  const rules = dashes < 0 ? rest : rest.slice(0, dashes);
  const reason = dashes < 0 ? '' : rest.slice(dashes + 2).trim();
  return {
    kind: match[1] as Directive['kind'],
    rules: rules.split(/[\s,:]+/).filter((rule) => rule !== ''),
    ...(reason !== '' && { reason }),
    location,
  };
}
