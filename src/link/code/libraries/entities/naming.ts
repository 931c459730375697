import { entryOf } from '../../../../entry.js';
/** `OrganizationUser` → `organization_user`, as ORMs make names of tables and columns. */
export function snakeCase(text: string): string {
  return text.replace(/([A-Z])([A-Z])([a-z])/g, '$1_$2$3').replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}

/** `organization_user` → `organizationUser`. */
export function camelCase(text: string): string {
  return text.replace(/[-_\s.]+(\w)?/g, (_, letter: string | undefined) => letter?.toUpperCase() ?? '').replace(/^[A-Z]/, (letter) => letter.toLowerCase());
}

/** Lodash's snake case, which MikroORM and Sequelize do not share: digits begin a word. */
export function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const IRREGULAR: Readonly<Record<string, string>> = {
  person: 'people', man: 'men', woman: 'women', child: 'children', mouse: 'mice', foot: 'feet', tooth: 'teeth', goose: 'geese', index: 'indices', status: 'statuses',
  datum: 'data', medium: 'media', criterion: 'criteria', analysis: 'analyses', quiz: 'quizzes',
};
const SAME = /(?:equipment|information|rice|money|species|series|fish|sheep|data|media|news|metadata)$/i;

/** The plural that Sequelize's `inflection` gives a name. */
export function plural(word: string): string {
  const last = /[A-Z]?[a-z]+$/.exec(word)?.[0] ?? word;
  const irregular = entryOf(IRREGULAR, last.toLowerCase());
  if (irregular !== undefined) return word.slice(0, word.length - last.length) + (last[0] === last[0]!.toUpperCase() ? upperFirst(irregular) : irregular);
  if (SAME.test(word) || (/s$/.test(word) && !/(?:ss|us|is)$/.test(word))) return word;
  if (/(?:s|x|z|ch|sh)$/i.test(word)) return `${word}es`;
  if (/[^aeiou]y$/i.test(word)) return `${word.slice(0, -1)}ies`;
  return `${word}s`;
}

/** The singular of a plural, for names of foreign keys and getters. */
export function singular(word: string): string {
  for (const [one, many] of Object.entries(IRREGULAR)) if (word.toLowerCase().endsWith(many)) return word.slice(0, word.length - many.length) + (/[A-Z]/.test(word[word.length - many.length]!) ? upperFirst(one) : one);
  if (SAME.test(word)) return word;
  if (/ies$/i.test(word)) return `${word.slice(0, -3)}y`;
  if (/(?:ss|x|ch|sh|us)es$/i.test(word)) return word.slice(0, -2);
  return /s$/i.test(word) && !/(?:ss|us|is)$/i.test(word) ? word.slice(0, -1) : word;
}
