import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import ts from 'typescript';
import type { FileFacts } from '../../src/facts/file.js';
import type { Database } from '../database.js';

type Run = (sql: string) => Promise<unknown>;

/**
 * Runs one migration as its tool would: SQL statement by statement; TypeScript and JavaScript by calling `up` with stand-ins of
 * Knex and TypeORM; Python with stand-ins of Alembic. Nothing of what is tested reads the file.
 * @throws what the database or the migration throws
 */
export async function runMigration(db: Database, { language, statements }: FileFacts, text: string): Promise<void> {
  const run: Run = (sql) => db.exec(sql);
  if (language === 'sql') for (const { location } of statements) await run(text.slice(location.start, location.end));
  else if (language === 'python') await runPython(db, text);
  else await runScript(db, text);
}

async function runPython(db: Database, text: string): Promise<void> {
  const done = JSON.parse(execFileSync('python3', [join(import.meta.dirname, 'alembic-stub.py')], { input: text, encoding: 'utf8' })) as ({ sql: string } | { mustBeZero: string })[];
  for (const step of done) {
    if ('sql' in step) await db.exec(step.sql);
    else if (await scalar(db, step.mustBeZero) > 0) throw new Error(`RuntimeError: ${step.mustBeZero}`);
  }
}

async function scalar(db: Database, sql: string): Promise<number> {
  return Number(Object.values((await db.query<Record<string, unknown>>(sql)).rows[0]!)[0]);
}

async function runScript(db: Database, text: string): Promise<void> {
  const { outputText } = ts.transpileModule(text, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 } });
  const module = { exports: {} as Record<string, unknown> };
  new Function('module', 'exports', outputText)(module, module.exports);
  const made = typeof module.exports === 'function' ? module.exports : Object.values(module.exports).find((each) => /^class\b/.test(String(each)));
  if (made === undefined) await (module.exports['up'] as (knex: unknown) => Promise<void>)(knex(db));
  else await new (made as new () => { up: (queryRunner: unknown) => Promise<void> })().up({ query: async (sql: string) => (/^\s*select/i.test(sql) ? (await db.query(sql)).rows : db.exec(sql)) });
}

/** As much of Knex as plan writes. */
function knex(db: Database): unknown {
  const table = (name: string) => ({
    whereNull: (column: string) => ({ count: async () => [{ remaining: await scalar(db, `SELECT count(*) FROM "${name}" WHERE "${column}" IS NULL`) }] }),
  });
  return Object.assign(table, { raw: (sql: string) => db.exec(sql.replaceAll('\\?', '?')) });
}
