import { relative, resolve } from 'node:path';
import pc from 'picocolors';
import { rules } from '../../rules/index.js';
import { didYouMean } from '../config/nearest.js';
import { UsageError } from '../errors.js';
import { explainPlace } from './explain-place.js';
import { rulePage } from './package.js';
import { checkProject } from './pipeline.js';
import { loadFor, wantsColor } from './shared.js';
import type { Arguments, Io } from './types.js';

/** Runs the command. @returns the exit status */
export async function run(args: Arguments, io: Io): Promise<number> {
  const [subject, ...rest] = args.positionals;
  if (subject === undefined || rest.length > 0) throw new UsageError('"tenantlint explain" needs one rule, or one place as FILE:LINE');
  const [, file, line] = /^(.+?):(\d+)(?::\d+)?$/.exec(subject) ?? [];
  if (file !== undefined && line !== undefined) return place(args, io, file, Number(line));
  const ids = rules.map((rule) => rule.id);
  if (!ids.includes(subject)) throw new UsageError(`Unknown rule "${subject}"${didYouMean(subject, ids)}`);
  const page = rulePage(subject);
  if (page === undefined) throw new Error(`The page of ${subject} is missing from the package.`);
  io.out(terminalText(page, pc.createColors(wantsColor(args, io))));
  return 0;
}

async function place(args: Arguments, io: Io, file: string, line: number): Promise<number> {
  const withoutPaths: Arguments = { ...args, positionals: [] };
  const loaded = await loadFor(withoutPaths, io);
  const path = relative(loaded.config.root, resolve(io.cwd, file)).replaceAll('\\', '/');
  if (!loaded.project.files.has(path)) throw new UsageError(`"${file}" is not among the ${loaded.project.files.size} files of the project`);
  const result = checkProject(loaded, io.cwd, {});
  io.out(`${explainPlace(result, path, line, io.cwd).join('\n')}\n`);
  return 0;
}

/** Markdown as a terminal shows it: headings in bold, code set in, comments for machines left out. */
function terminalText(page: string, colors: ReturnType<typeof pc.createColors>): string {
  let inCode = false;
  const lines = page.replace(/<!--[\s\S]*?-->\n?/g, '').split('\n').flatMap((line) => {
    if (/^\s*```/.test(line)) {
      inCode = !inCode;
      return [];
    }
    if (inCode) return [`    ${colors.cyan(line)}`.trimEnd()];
    if (/^#+ /.test(line)) return [colors.bold(line.replace(/^#+ /, ''))];
    return [line.replace(/`([^`]+)`/g, (_, code: string) => colors.cyan(code))];
  });
  return `${lines.join('\n').replace(/\n{3,}/g, '\n\n').trimEnd()}\n`;
}
