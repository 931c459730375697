import { readFileSync, readdirSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Statement } from '../../src/facts/operation.js';
import type { Failure } from '../../src/link/project.js';
import type { ApplyEnvironment } from '../../src/link/catalog/index.js';
import { applyOperation, cloneCatalog, createCatalog, executionOrder } from '../../src/link/catalog/index.js';
import type { Catalog } from '../../src/link/catalog/types.js';
import { resolveQuery } from '../../src/link/resolve/index.js';
import { parseSqlText } from '../../src/parse/sql/index.js';
import { readCatalog, readDatabase } from './catalog-state.js';

/**
 * PostgreSQL is the judge: every script of catalog-scripts/ runs on PGlite and on the catalog, statement by statement.
 * Both must agree on which statement fails, with which SQLSTATE, and on the state after each script.
 * In a script file, `-- script: title` starts a script on an empty database.
 */
const folder = new URL('./catalog-scripts/', import.meta.url);

interface Script {
  readonly title: string;
  readonly sql: string;
}

function readScripts(file: string): readonly Script[] {
  return readFileSync(new URL(file, folder), 'utf8').split(/^-- script: /m).slice(1).map((part) => {
    const end = part.indexOf('\n');
    return { title: part.slice(0, end).trim(), sql: part.slice(end + 1) };
  });
}

let database: PGlite;
beforeAll(async () => {
  database = await PGlite.create();
});
afterAll(() => database.close());

for (const file of readdirSync(folder).sort()) {
  describe(file, () => {
    for (const script of readScripts(file)) {
      test(script.title, async () => {
        await reset();
        await compare(script.sql);
      });
    }
  });
}

async function reset(): Promise<void> {
  await database.exec('rollback; reset all; discard temp; set client_min_messages = error;');
  const schemas = await database.query<{ name: string }>(
    `select nspname as name from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'`);
  for (const { name } of schemas.rows) await database.exec(`drop schema "${name}" cascade`);
  await database.exec('create schema public');
}

async function compare(sql: string): Promise<void> {
  const { statements, notices } = parseSqlText(sql, (start, end) => ({ file: 'script.sql', start, end }));
  expect(notices).toEqual([]);
  const session = new Session();
  for (const statement of statements) {
    const text = sql.slice(statement.location.start, statement.location.end);
    const expected = await codeOf(text);
    const failure = session.run(statement);
    expect(`${text} → ${failure?.code ?? 'ok'}`, failure?.message).toBe(`${text} → ${expected?.code ?? 'ok'}`);
    if (failure && expected && isReported(failure.code)) expect(failure.message).toBe(expected.message);
  }
  expect(readCatalog(session.catalog)).toEqual(await readDatabase(database));
}

/** The classes of `no-failing-statement`; the words of other failures are never shown. */
function isReported(code: string): boolean {
  return /^(?:42|25|0A)/.test(code);
}

async function codeOf(text: string): Promise<{ code: string; message: string } | undefined> {
  try {
    await database.exec(text);
    return undefined;
  } catch (error) {
    return error as { code: string; message: string };
  }
}

/** Applies statements as the replay does: all operations of a statement or none, with transactions. */
class Session {
  catalog: Catalog = createCatalog();
  private searchPath: readonly string[] = ['public'];
  private saved: Catalog | undefined;

  run(statement: Statement): Failure | undefined {
    const before = cloneCatalog(this.catalog);
    for (const operation of executionOrder(statement.operations)) {
      if (operation.kind === 'transaction') this.transaction(operation.action);
      if (operation.kind === 'setSetting' && operation.name === 'search_path') this.searchPath = operation.values ?? ['public'];
      const query = operation.kind === 'createView' ? operation.query : operation.kind === 'createTable' ? operation.asQuery : undefined;
      const resolution = query && resolveQuery(query, { catalog: this.catalog, searchPath: this.searchPath, variables: new Set() });
      const env: ApplyEnvironment = {
        searchPath: this.searchPath, origin: { location: operation.location, migration: 0 }, inTransaction: this.saved !== undefined,
        ...(resolution?.columns && { asColumns: resolution.columns }), isKnownMissing: () => 'missing',
      };
      const failure = applyOperation(this.catalog, operation, env);
      if (failure) {
        this.catalog = before;
        return failure;
      }
    }
    return undefined;
  }

  private transaction(action: string): void {
    if (action === 'begin') this.saved = cloneCatalog(this.catalog);
    if (action === 'rollback' && this.saved) this.catalog = this.saved;
    if (action === 'commit' || action === 'rollback') this.saved = undefined;
  }
}
