import { rules } from '../../rules/index.js';
import { docsOf } from '../check/index.js';
import { presetLevel } from '../check/levels.js';
import { UsageError } from '../errors.js';
import { asJson } from '../report/text.js';
import { choiceOption } from './arguments.js';
import { LIST_FORMATS } from './choices.js';
import { table } from './table.js';
import type { Arguments, Io } from './types.js';

/** Runs the command. @returns the exit status */
export async function run(args: Arguments, io: Io): Promise<number> {
  if (args.positionals.length > 0) throw new UsageError('"tenantlint rules" takes no arguments; "tenantlint explain <rule>" shows one rule');
  if (choiceOption(args, 'format', LIST_FORMATS) === 'json') {
    const list = rules.map((rule) => ({
      id: rule.id, category: rule.category, summary: rule.summary,
      level: { recommended: rule.level, strict: presetLevel(rule, 'strict', false), rls: presetLevel(rule, 'rls', true) },
      fixable: rule.fixable ?? false, options: rule.options ?? {}, docs: docsOf(rule.id),
    }));
    io.out(asJson(list));
    return 0;
  }
  const rows = rules.map((rule) => [rule.id, rule.category, levelOf(rule.level, rule.rlsLevel), rule.fixable === true ? 'yes' : '', rule.summary]);
  io.out(`${table(['rule', 'category', 'level', 'fix', 'reports'], rows).join('\n')}\n`);
  return 0;
}

function levelOf(level: string, rlsLevel: string | undefined): string {
  return rlsLevel === undefined || rlsLevel === level ? level : `${level} (${rlsLevel} with RLS)`;
}
