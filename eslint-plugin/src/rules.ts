import type { Rule } from 'eslint';
import { ruleDescriptions, type Finding, type FoundFix, type RuleDescription } from 'tenantlint/editor';
import { Run } from './run.js';

/** Every rule of tenantlint as a rule of ESLint, by its id. */
export const rules: Readonly<Record<string, Rule.RuleModule>> = Object.fromEntries(ruleDescriptions().map((each) => [each.id, toRule(each)]));

/** Options have one home, tenantlint's own configuration, which the command line reads as well: a rule takes none here. */
function toRule({ id, summary, docs, fixable, suggests, level }: RuleDescription): Rule.RuleModule {
  return {
    meta: { type: 'problem', docs: { description: summary, url: docs, recommended: level('recommended') !== 'off' }, schema: [], ...(fixable && { fixable: 'code' }), hasSuggestions: suggests },
    create(context) {
      const run = Run.of(context, id);
      const { sourceCode } = context;
      return {
        // The root of whatever language this is; by now every rule that is on has been created.
        [sourceCode.ast.type]() {
          for (const { finding, start, end } of run.findings(id)) {
            context.report({
              message: wordsOf(finding),
              loc: { start: sourceCode.getLocFromIndex(start), end: sourceCode.getLocFromIndex(end) },
              ...(fixable && finding.fix !== null && { fix: fixOf(finding.fix) }),
              ...(suggests && finding.suggestedFixes && { suggest: finding.suggestedFixes.map((fix) => ({ desc: fix.description, fix: fixOf(fix) })) }),
            });
          }
          const mistake = run.takeMistake();
          if (mistake !== undefined) context.report({ message: `tenantlint: ${mistake}`, loc: sourceCode.getLocFromIndex(0) });
        },
      };
    },
  };
}

function wordsOf({ message, suggestion }: Finding): string {
  return suggestion === null ? message : `${message} ${suggestion}`;
}

function fixOf({ edits }: FoundFix): Rule.ReportFixer {
  return (fixer) => edits.map(({ start, end, text }) => fixer.replaceTextRange([start, end], text));
}
