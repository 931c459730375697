import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureText, main } from '../src/commands/main.js';

const ROOT = join(import.meta.dirname, '..');

export interface Outcome {
  readonly status: number | null;
  readonly out: string;
  readonly error: string;
}

export interface Surroundings {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command line inside of this process: everything but the process itself is the same. */
export async function tenantlint(cwd: string, args: readonly string[], { input = '', env = {} }: Surroundings = {}): Promise<Outcome> {
  let out = '';
  let error = '';
  const io = {
    cwd, env, stdoutIsTerminal: false, stderrIsTerminal: false,
    out: (text: string) => void (out += text), error: (text: string) => void (error += text), input: () => Promise.resolve(input),
  };
  try {
    return { status: await main(args, io), out, error };
  } catch (thrown) {
    return { status: 2, out, error: error + failureText(thrown) };
  }
}

/** Runs a command line as its own process, as a user does. `closeEarly` stops reading its output at once. */
export function spawnTenantlint(cwd: string, args: readonly string[], { input = '', env = {}, closeEarly = false }: Surroundings & { closeEarly?: boolean } = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', join(ROOT, 'node_modules/tsx/dist/esm/index.mjs'), join(ROOT, 'src/cli.ts'), ...args], {
      cwd, env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, XDG_CACHE_HOME: join(tmpdir(), 'tenantlint-cache'), ...env },
    });
    let out = '';
    let error = '';
    if (closeEarly) child.stdout.destroy();
    else child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (error += chunk));
    child.on('error', reject).on('close', (status) => resolve({ status, out, error }));
    child.stdin.end(input);
  });
}
