import { UsageError } from '../errors.js';
import { modules } from '../import.js';
import type { Connection } from './types.js';

/** What is used of node-postgres. */
interface Client {
  readonly connect: () => Promise<unknown>;
  readonly query: (text: string | { readonly text: string; readonly values?: readonly unknown[] }) => Promise<{ readonly rows: unknown[]; readonly rowCount: number | null }>;
  readonly end: () => Promise<void>;
  readonly on: (event: 'error', listener: () => void) => unknown;
}

interface ClientModule {
  readonly default: { readonly Client: new (options: { readonly connectionString: string; readonly connectionTimeoutMillis: number; readonly application_name: string }) => Client };
}

const CONNECT_MS = 10_000;

/**
 * Connects to a server. The URL and what it holds are in no message.
 * @param url `postgres://...` @param timeout of each statement, in milliseconds
 * @throws UsageError when the client is not installed, the URL is none, or the server cannot be reached
 */
export async function openServer(url: string, timeout: number): Promise<Connection> {
  requireUrl(url);
  const { default: { Client } } = await loadClient();
  let client: Client;
  try {
    client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS, application_name: 'tenantlint' });
    // A connection that breaks makes the query at hand fail; the event alone must not end the process.
    client.on('error', () => undefined);
    await client.connect();
    await client.query(`set statement_timeout = ${timeout}`);
  } catch (error) {
    throw new UsageError(`Cannot connect to the database: ${reasonOf(error, url)}`);
  }
  return {
    run: async (sql) => void await client.query(sql),
    rows: async <T>(sql: string, parameters: readonly unknown[] = []) => (await client.query({ text: sql, values: parameters })).rows as T[],
    affected: async (sql) => (await client.query(sql)).rowCount ?? 0,
    close: () => client.end(),
  };
}

function requireUrl(url: string): void {
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) throw new UsageError('The database URL must look like postgres://user@host:5432/database');
}

async function loadClient(): Promise<ClientModule> {
  try {
    // Its types are not needed for the little that is used of it.
    return await modules.import('pg') as ClientModule;
  } catch {
    throw new UsageError('The client for PostgreSQL servers is not installed: run "npm install --save-dev pg"');
  }
}

/** An error's words without what the URL says: user, password, host. */
function reasonOf(error: unknown, url: string): string {
  const { code, message } = error as { code?: string; message?: string };
  const { username, password, searchParams } = new URL(url);
  const secrets = [url, password, decoded(password), searchParams.get('password') ?? ''].filter((text) => text.length > 0);
  const words = [message, code].find((text) => text !== undefined && text !== '') ?? 'no reason given';
  return secrets.reduce((text, secret) => text.replaceAll(secret, '***'), words).replaceAll(`"${username}"`, 'of the URL');
}

/** Percent signs that encode nothing stand for themselves. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
