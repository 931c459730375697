#!/usr/bin/env node
import { failureText, main } from './commands/main.js';
import type { Io } from './commands/types.js';

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

/** Leaves once everything written has been taken: a report must not be cut where it is piped. */
function exit(status: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(status)));
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
process.on('SIGINT', () => process.exit(130));

try {
  exit(await main(process.argv.slice(2), io));
} catch (error) {
  io.error(failureText(error));
  exit(2);
}
