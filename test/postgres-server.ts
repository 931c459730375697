import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A PostgreSQL server of its own in a temporary folder. */
export interface PostgresServer {
  /** URL of a new, empty database. */
  readonly database: (name: string) => string;
  readonly stop: () => void;
}

/** Why no server can be started; undefined when one can. */
export function serverMissing(): string | undefined {
  for (const program of ['initdb', 'postgres', 'psql']) if (spawnSync(program, ['--version']).status !== 0) return `"${program}" is not on PATH`;
  try {
    import.meta.resolve('pg');
  } catch {
    return 'the package "pg" is not installed';
  }
  return process.getuid?.() === 0 && userId() === undefined ? 'PostgreSQL does not run as root, and there is no other user' : undefined;
}

/** The major version of the server that `startPostgres` starts; undefined when none is installed. */
export function majorVersion(): number | undefined {
  const version = /\s(\d+)/.exec(spawnSync('postgres', ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1];
  return version === undefined ? undefined : Number(version);
}

/** PostgreSQL refuses to run as root: then as nobody. */
function userId(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return { uid: process.getuid!(), gid: process.getgid!() };
  const id = (option: string) => Number(spawnSync('id', [option, 'nobody'], { encoding: 'utf8' }).stdout.trim());
  return id('-u') > 0 ? { uid: id('-u'), gid: id('-g') } : undefined;
}

/** Starts a server on a free port of this machine. */
export async function startPostgres(): Promise<PostgresServer> {
  const user = userId()!;
  const folder = mkdtempSync(join(tmpdir(), 'tenantlint-postgres-'));
  chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  execFileSync('initdb', ['-D', data, '-U', 'owner', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C'], { ...user, cwd: folder, stdio: 'ignore' });
  const port = await freePort();
  const server = spawn('postgres', ['-D', data, '-p', String(port), '-k', folder, '-h', '127.0.0.1', '-F'], { ...user, cwd: folder, stdio: 'ignore' });
  const sql = (text: string, database = 'postgres') => spawnSync('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-h', '127.0.0.1', '-p', String(port), '-U', 'owner', '-d', database, '-c', text], { encoding: 'utf8' });
  for (let tries = 0; sql('select 1').status !== 0; tries += 1) {
    if (tries > 200) throw new Error('the PostgreSQL server did not start');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    database: (name) => {
      const made = sql(`create database "${name}"`);
      if (made.status !== 0) throw new Error(made.stderr);
      return `postgres://owner:s3cret-word@127.0.0.1:${port}/${name}`;
    },
    stop: () => {
      server.kill('SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
