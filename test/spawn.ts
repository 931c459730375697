import { spawn } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

export interface Outcome {
  readonly status: number | null;
  readonly out: string;
  readonly error: string;
}

/** Runs the command line as its own process, as a user does. */
export function tenantlint(cwd: string, args: readonly string[], { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', join(ROOT, 'node_modules/tsx/dist/esm/index.mjs'), join(ROOT, 'src/cli.ts'), ...args], {
      cwd, env: { ...process.env, NO_COLOR: '', FORCE_COLOR: '', ...env },
    });
    let out = '';
    let error = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (error += chunk));
    child.on('error', reject).on('close', (status) => resolve({ status, out, error }));
    child.stdin.end(input);
  });
}
