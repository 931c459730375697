import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { nearest } from '../config/nearest.js';
import { UsageError } from '../errors.js';
import { printable } from '../report/text.js';
import { helpOf, parseArguments } from './arguments.js';
import { COMMANDS } from './index.js';
import { packageVersion } from './package.js';
import type { Io } from './types.js';

/**
 * Runs one command line.
 * @param argv the arguments after the program's name
 * @returns the exit status
 * @throws UsageError for what the user got wrong; any other error is a bug
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const [first, ...rest] = argv;
  if (first === '--version' || first === '-v') {
    io.out(`${packageVersion()}\n`);
    return 0;
  }
  if (first === '--help' || first === '-h' || first === 'help') {
    io.out(overview());
    return 0;
  }
  const named = first !== undefined && Object.hasOwn(COMMANDS, first);
  if (!named && first !== undefined) rejectUnknownCommand(first, io);
  const command = await COMMANDS[named ? first : 'check']!.load();
  const args = parseArguments(named ? rest : argv, command.options);
  if (args.flag('help')) {
    io.out(helpOf(command));
    return 0;
  }
  return command.run(args, io);
}

/** What is printed when `main` throws: one line for a mistake of the user, the stack for a bug. */
export function failureText(error: unknown): string {
  if (error instanceof UsageError) return `tenantlint: ${printable(error.message)}\n`;
  return `tenantlint failed, this is a bug: ${error instanceof Error ? error.stack : String(error)}\n`;
}

/** A bare word that is no path was meant as a command. */
function rejectUnknownCommand(word: string, io: Io): void {
  if (!/^[a-z][a-z-]*$/.test(word) || existsSync(resolve(io.cwd, word))) return;
  throw new UsageError(`"${word}" is neither a command nor a path; did you mean "${nearest(word, Object.keys(COMMANDS))}"?`);
}

function overview(): string {
  const rows = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`);
  return [
    'Usage: tenantlint [command] [options] [path...]', '', 'Commands:', ...rows, '',
    '"tenantlint COMMAND --help" shows the options of a command; "tenantlint --version" the version.', '',
  ].join('\n');
}
