#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { nearest } from './config/nearest.js';
import { helpOf, parseArguments } from './commands/arguments.js';
import { COMMANDS } from './commands/index.js';
import { packageVersion } from './commands/package.js';
import type { Io } from './commands/types.js';
import { UsageError } from './errors.js';

const io: Io = {
  cwd: process.cwd(),
  env: process.env,
  stdoutIsTerminal: process.stdout.isTTY,
  stderrIsTerminal: process.stderr.isTTY,
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  input: async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    return new TextDecoder().decode(Buffer.concat(chunks));
  },
};

async function main(argv: readonly string[]): Promise<number> {
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
  if (!named && first !== undefined) rejectUnknownCommand(first);
  const command = await COMMANDS[named ? first : 'check']!.load();
  const args = parseArguments(named ? rest : argv, command.options);
  if (args.flag('help')) {
    io.out(helpOf(command));
    return 0;
  }
  return command.run(args, io);
}

/** A bare word that is no path was meant as a command. */
function rejectUnknownCommand(word: string): void {
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

/** Leaves once everything written has been taken: a report must not be cut where it is piped. */
function exit(status: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(status)));
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
  throw error;
});
process.on('SIGINT', () => process.exit(130));

try {
  exit(await main(process.argv.slice(2)));
} catch (error) {
  io.error(error instanceof UsageError ? `tenantlint: ${error.message}\n` : `tenantlint failed, this is a bug: ${error instanceof Error ? error.stack : String(error)}\n`);
  exit(2);
}
