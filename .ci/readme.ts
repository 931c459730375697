import type { Rule } from '../src/rule.js';

/** The rules as a Markdown table, for between `<!-- rules:start -->` and `<!-- rules:end -->` in the README. */
export function ruleTable(rules: readonly Rule[]): string {
  const level = (rule: Rule): string => (rule.rlsLevel === undefined || rule.rlsLevel === rule.level ? rule.level : `${rule.level}; with RLS ${rule.rlsLevel}`);
  const rows = rules.map((rule) => `| [\`${rule.id}\`](fixtures/rules/${rule.id}.md) | ${rule.category} | ${level(rule)} | ${rule.summary} |`);
  return ['| rule | category | recommended | reports |', '|---|---|---|---|', ...rows, ''].join('\n');
}
