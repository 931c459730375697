import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { nearest } from '../config/nearest.js';
import { UsageError } from '../errors.js';
import { printable } from '../report/text.js';
import { helpOf, parseArguments } from './arguments.js';
import { COMMANDS } from './index.js';
import { packageVersion } from './package.js';
import type { Arguments, Command, Io } from './types.js';

/**
 * Runs one command line.
 * @param argv the arguments after the program's name
 * @returns the exit status
 * @throws UsageError for what the user got wrong; any other error is a bug
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const line = understood(argv, io);
  if (typeof line !== 'string') return (await line.command.load())(line.args, io);
  io.out(line);
  return 0;
}

/**
 * Does what needs no project, which is quickly done: prints the version or a help.
 * @param argv the arguments after the program's name
 * @returns whether that was all
 * @throws UsageError for what the user got wrong in the arguments
 */
export function answer(argv: readonly string[], io: Io): boolean {
  const line = understood(argv, io);
  if (typeof line === 'string') io.out(line);
  return typeof line === 'string';
}

/** What is to be printed, or the command that is to run. */
function understood(argv: readonly string[], io: Io): string | { readonly command: Command; readonly args: Arguments } {
  const [first, ...rest] = argv;
  if (first === '--version' || first === '-v') return `${packageVersion()}\n`;
  if (first === '--help' || first === '-h' || first === 'help') return overview();
  const named = first !== undefined && Object.hasOwn(COMMANDS, first);
  if (!named && first !== undefined) rejectUnknownCommand(first, io);
  const command = COMMANDS[named ? first : 'check']!;
  const args = parseArguments(named ? rest : argv, command.options);
  return args.flag('help') ? helpOf(command) : { command, args };
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
  const rows = Object.entries(COMMANDS).map(([name, { brief }]) => `  ${name.padEnd(10)}${brief}`);
  return [
    'Usage: tenantlint [command] [options] [path...]', '', 'Commands:', ...rows, '',
    '"tenantlint COMMAND --help" shows the options of a command; "tenantlint --version" the version.', '',
  ].join('\n');
}
