import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../../../src/config/load.js';
import type { FileFacts } from '../../../src/facts/file.js';
import type { Statement } from '../../../src/facts/operation.js';
import { CodeProgram } from '../../../src/link/code/program.js';
import { parseSqlText } from '../../../src/parse/sql/index.js';
import { parseTypeScript } from '../../../src/parse/typescript/index.js';

function migrations(files: Readonly<Record<string, string>>): ReadonlyMap<string, { readonly up: readonly Statement[]; readonly down?: readonly Statement[] }> {
  const facts = new Map(Object.entries(files).map(([path, text]): [string, FileFacts] => [
    path, parseTypeScript({ path, language: 'typescript', role: { type: 'migration', kind: 'node-pg-migrate', source: 0, direction: 'up' } }, text),
  ]));
  const program = new CodeProgram(facts, { paths: [], packages: [] }, defaultConfig('/'), [], { text: (file) => files[file] });
  program.models();
  return program.migrations();
}

const SHORTHANDS = "exports.shorthands = { uid: { type: 'uuid', notNull: true } };";

/** What statements do, wherever they stand. */
function plain(statements: readonly Statement[]): unknown {
  const text = JSON.stringify(statements.flatMap(({ operations }) => operations), (key, value: unknown) => (key === 'location' || /^(?:start|end|offset)$/.test(key) ? undefined : value));
  return JSON.parse(text.replaceAll('$pga$', '$pg1$'));
}

function read(code: string): readonly Statement[] {
  const file = 'migrations/2_a.js';
  return migrations({ 'migrations/1_first.js': `${SHORTHANDS}\nexports.up = () => {};\n`, [file]: `const { PgLiteral, PgType } = require('node-pg-migrate');\nexports.up = async (pgm) => {\n${code}\n};\n` }).get(file)!.up;
}

// The SQL is what node-pg-migrate 8 itself prints for the calls.
describe('each call is the SQL that the tool sends', () => {
  it.each<[call: string, sql: string]>([
    ["pgm.createTable('notes', { id: 'id', title: { type: 'string', notNull: true, default: 'it\\'s' }, org_id: { type: 'uuid', notNull: true, references: '\"orgs\"', onDelete: 'CASCADE', onUpdate: 'RESTRICT' } })",
      'CREATE TABLE "notes" ( "id" serial PRIMARY KEY, "title" text DEFAULT $pga$it\'s$pga$ NOT NULL, "org_id" uuid NOT NULL REFERENCES "orgs" ON DELETE CASCADE ON UPDATE RESTRICT );'],
    ["pgm.createTable({ schema: 'app', name: 'notes' }, { a: { type: 'int', primaryKey: true }, b: { type: 'bool', primaryKey: true, default: false }, c: { type: 'datetime', default: pgm.func('now()') }, d: { type: 'float', check: 'd > 0', unique: true } }, { ifNotExists: true, constraints: { unique: ['a', 'b'], check: 'a > 1', foreignKeys: [{ columns: ['a', 'b'], references: 'others(a, b)', onDelete: 'CASCADE' }, { columns: 'b', references: { schema: 'app', name: 'flags' }, referencesConstraintName: 'own' }] } })",
      'CREATE TABLE IF NOT EXISTS "app"."notes" ( "a" integer, "b" boolean DEFAULT false, "c" timestamp DEFAULT now(), "d" real UNIQUE CHECK (d > 0), CONSTRAINT "notes_chck" CHECK (a > 1), CONSTRAINT "notes_uniq_a_b" UNIQUE ("a", "b"), CONSTRAINT "notes_pkey" PRIMARY KEY ("a", "b"), CONSTRAINT "notes_fk_a_b" FOREIGN KEY ("a", "b") REFERENCES others(a, b) ON DELETE CASCADE, CONSTRAINT "own" FOREIGN KEY ("b") REFERENCES "app"."flags" );'],
    ["pgm.createTable('t', { id: { type: 'bigint', sequenceGenerated: { precedence: 'ALWAYS' }, primaryKey: true }, n: 'numeric(10,2)', g: { type: 'int', expressionGenerated: 'n * 2' }, m: { type: 'uid' }, x: { type: 'uid', notNull: false } }, { temporary: true, constraints: { unique: [['n', 'g'], 'm'], deferrable: true, deferred: true } })",
      'CREATE TEMPORARY TABLE "t" ( "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, "n" numeric(10,2), "g" integer GENERATED ALWAYS AS (n * 2) STORED, "m" uuid NOT NULL, "x" uuid, CONSTRAINT "t_uniq_n_g" UNIQUE ("n", "g") DEFERRABLE INITIALLY DEFERRED, CONSTRAINT "t_uniq_m" UNIQUE ("m") DEFERRABLE INITIALLY DEFERRED );'],
    ["pgm.createTable('p', { org_id: 'uuid', at: 'timestamptz' }, { partition: { strategy: 'RANGE', columns: ['org_id', { name: 'at' }] } })",
      'CREATE TABLE "p" ( "org_id" uuid, "at" timestamptz ) PARTITION BY RANGE ("org_id", "at");'],
    ["pgm.createTable('k', { own: 'int' }, { like: { table: 'notes', options: { including: ['DEFAULTS', 'INDEXES'] } }, inherits: 'base' })",
      'CREATE TABLE "k" ( "own" integer, LIKE "notes" INCLUDING DEFAULTS INCLUDING INDEXES ) INHERITS ("base");'],
    ["pgm.createTable('n', { created: { type: 'timestamptz', notNull: true, default: new PgLiteral('now()') }, list: { type: 'int[]', default: [1, 2] }, j: { type: 'jsonb', default: '{}' } , z: { type: 'text', default: null } })",
      'CREATE TABLE "n" ( "created" timestamptz DEFAULT now() NOT NULL, "list" int[] DEFAULT ARRAY[1,2], "j" jsonb DEFAULT $pga${}$pga$, "z" text DEFAULT NULL );'],
    ["pgm.addColumns('notes', { org_id: { type: 'uuid', references: 'orgs' }, other: 'id' }, { ifNotExists: true })",
      'ALTER TABLE "notes" ADD IF NOT EXISTS "org_id" uuid REFERENCES "orgs", ADD IF NOT EXISTS "other" serial PRIMARY KEY;'],
    ["pgm.addColumn('notes', { pk1: { type: 'int', primaryKey: true }, f: { type: 'uuid', references: { schema: 's', name: 'o' }, referencesConstraintName: 'fk_o', deferrable: true } })",
      'ALTER TABLE "notes" ADD "pk1" integer PRIMARY KEY, ADD "f" uuid CONSTRAINT "fk_o" REFERENCES "s"."o" DEFERRABLE INITIALLY IMMEDIATE;'],
    ["pgm.dropColumns('notes', ['a', 'b'], { ifExists: true, cascade: true })",
      'ALTER TABLE "notes" DROP IF EXISTS "a" CASCADE, DROP IF EXISTS "b" CASCADE;'],
    ["pgm.dropColumn('notes', 'a')",
      'ALTER TABLE "notes" DROP "a";'],
    ["pgm.dropColumns('notes', { a: 'int', b: {} })",
      'ALTER TABLE "notes" DROP "a", DROP "b";'],
    ["pgm.alterColumn('notes', 'org_id', { notNull: true })",
      'ALTER TABLE "notes" ALTER "org_id" SET NOT NULL;'],
    ["pgm.alterColumn('notes', 'org_id', { type: 'string', using: 'org_id::text', default: 'x', allowNull: true })",
      'ALTER TABLE "notes" ALTER "org_id" SET DEFAULT $pga$x$pga$, ALTER "org_id" SET DATA TYPE text USING org_id::text, ALTER "org_id" DROP NOT NULL;'],
    ["pgm.alterColumn('notes', 'org_id', { default: null, notNull: false })",
      'ALTER TABLE "notes" ALTER "org_id" DROP DEFAULT, ALTER "org_id" DROP NOT NULL;'],
    ["pgm.alterColumn('notes', 'org_id', { sequenceGenerated: false, expressionGenerated: null })",
      'ALTER TABLE "notes" ALTER "org_id" DROP IDENTITY, ALTER "org_id" DROP EXPRESSION;'],
    ["pgm.alterTable('notes', { levelSecurity: 'FORCE' })",
      'ALTER TABLE "notes" FORCE ROW LEVEL SECURITY;'],
    ["pgm.renameTable('notes', 'texts')",
      'ALTER TABLE "notes" RENAME TO "texts";'],
    ["pgm.renameColumn('notes', 'a', 'b')",
      'ALTER TABLE "notes" RENAME "a" TO "b";'],
    ["pgm.renameConstraint('notes', 'a', 'b')",
      'ALTER TABLE "notes" RENAME CONSTRAINT "a" TO "b";'],
    ["pgm.addConstraint('notes', 'own', { check: 'org_id is not null' })",
      'ALTER TABLE "notes" ADD CONSTRAINT "own" CHECK (org_id is not null);'],
    ["pgm.addConstraint('notes', 'own', 'CHECK (org_id IS NOT NULL) NOT VALID')",
      'ALTER TABLE "notes" ADD CONSTRAINT "own" CHECK (org_id IS NOT NULL) NOT VALID;'],
    ["pgm.addConstraint('notes', null, { unique: ['org_id', 'slug'] })",
      'ALTER TABLE "notes" ADD CONSTRAINT "notes_uniq_org_id_slug" UNIQUE ("org_id", "slug");'],
    ["pgm.addConstraint('notes', 'pk', { primaryKey: ['org_id', 'id'] })",
      'ALTER TABLE "notes" ADD CONSTRAINT "pk" PRIMARY KEY ("org_id", "id");'],
    ["pgm.addConstraint('notes', 'fk', { foreignKeys: { columns: ['org_id', 'project_id'], references: 'projects(org_id, id)' } })",
      'ALTER TABLE "notes" ADD CONSTRAINT "fk" FOREIGN KEY ("org_id", "project_id") REFERENCES projects(org_id, id);'],
    ["pgm.addConstraint('notes', undefined, { check: ['a > 0', 'b > 0'] })",
      'ALTER TABLE "notes" ADD CONSTRAINT "notes_chck_1" CHECK (a > 0), ADD CONSTRAINT "notes_chck_2" CHECK (b > 0);'],
    ["pgm.addConstraint('notes', 'ex', { exclude: 'USING gist (a WITH =)' })",
      'ALTER TABLE "notes" ADD CONSTRAINT "ex" EXCLUDE USING gist (a WITH =);'],
    ["pgm.dropConstraint('notes', 'own', { ifExists: true, cascade: true })",
      'ALTER TABLE "notes" DROP CONSTRAINT IF EXISTS "own" CASCADE;'],
    ["pgm.createIndex('notes', 'org_id')",
      'CREATE INDEX "notes_org_id_index" ON "notes" ("org_id");'],
    ["pgm.createIndex({ schema: 'app', name: 'notes' }, ['org_id', { name: 'at', sort: 'DESC' }], { unique: true, where: 'deleted_at IS NULL', method: 'btree', include: 'x' })",
      'CREATE UNIQUE INDEX "notes_org_id_at_unique_index" ON "app"."notes" USING btree ("org_id", "at" DESC) INCLUDE ("x") WHERE deleted_at IS NULL;'],
    ["pgm.createIndex('notes', ['org_id', 'lower(slug)'], { name: 'own', unique: true, ifNotExists: true })",
      'CREATE UNIQUE INDEX IF NOT EXISTS "own" ON "notes" ("org_id", lower(slug));'],
    ["pgm.createIndex('notes', ['org_id'], { concurrently: true })",
      'CREATE INDEX CONCURRENTLY "notes_org_id_index" ON "notes" ("org_id");'],
    ["pgm.createIndex('notes', [{ name: 'body', opclass: 'gin_trgm_ops' }], { method: 'gin' })",
      'CREATE INDEX "notes_body_index" ON "notes" USING gin ("body" "gin_trgm_ops");'],
    ["pgm.dropIndex({ schema: 'app', name: 'notes' }, ['org_id', 'at'], { unique: true, ifExists: true })",
      'DROP INDEX IF EXISTS "app"."notes_org_id_at_unique_index";'],
    ["pgm.dropIndex('notes', [], { name: 'own' })",
      'DROP INDEX "own";'],
    ["pgm.createType('state', ['on', 'off'])",
      'CREATE TYPE "state" AS ENUM ($pga$on$pga$, $pga$off$pga$);'],
    ["pgm.createType('pair', { a: 'int', b: { type: 'string' } })",
      'CREATE TYPE "pair" AS ( "a" integer, "b" text );'],
    ["pgm.addTypeValue('state', 'new', { ifNotExists: true, before: 'on' })",
      'ALTER TYPE "state" ADD VALUE IF NOT EXISTS $pga$new$pga$ BEFORE $pga$on$pga$;'],
    ["pgm.renameTypeValue('state', 'on', 'up')",
      'ALTER TYPE "state" RENAME VALUE $pga$on$pga$ TO $pga$up$pga$;'],
    ["pgm.dropType('state', { ifExists: true })",
      'DROP TYPE IF EXISTS "state";'],
    ["pgm.renameType('state', 'status')",
      'ALTER TYPE "state" RENAME TO "status";'],
    ["pgm.createDomain('email', 'text', { check: 'VALUE ~ 5::text' })",
      'CREATE DOMAIN "email" AS text CHECK (VALUE ~ 5::text);'],
    ["pgm.createDomain('must', { type: 'int' }, { notNull: true, default: 1 })",
      'CREATE DOMAIN "must" AS integer DEFAULT 1 NOT NULL;'],
    ["pgm.dropDomain('email', { cascade: true })",
      'DROP DOMAIN "email" CASCADE;'],
    ["pgm.createFunction('f', [{ name: 'a', type: 'int' }, { mode: 'OUT', name: 'b', type: 'string' }, 'uuid'], { language: 'plpgsql', returns: 'string', replace: true, behavior: 'STABLE', security: 'DEFINER', set: [{ configurationParameter: 'search_path', value: 'public' }] }, 'BEGIN RETURN 1; END')",
      'CREATE OR REPLACE FUNCTION "f"("a" integer, OUT "b" text, uuid) RETURNS string AS $pga$BEGIN RETURN 1; END$pga$ STABLE LANGUAGE plpgsql SECURITY DEFINER SET "search_path" TO public;'],
    ["pgm.dropFunction('f', [{ name: 'a', type: 'int' }], { ifExists: true })",
      'DROP FUNCTION IF EXISTS "f"("a" integer);'],
    ["pgm.createTrigger('notes', 'stamp', { when: 'BEFORE', operation: ['INSERT', 'UPDATE'], level: 'ROW', language: 'plpgsql', replace: true }, 'BEGIN NEW.a := 1; RETURN NEW; END')",
      'CREATE OR REPLACE FUNCTION "stamp"() RETURNS trigger AS $pga$BEGIN NEW.a := 1; RETURN NEW; END$pga$ VOLATILE LANGUAGE plpgsql; CREATE TRIGGER "stamp" BEFORE INSERT OR UPDATE ON "notes" FOR EACH ROW EXECUTE PROCEDURE "stamp"();'],
    ["pgm.createTrigger('notes', 'check_it', { operation: 'UPDATE OF a', constraint: true, deferrable: true, deferred: true, function: 'f', functionParams: ['x', 1], level: 'ROW', condition: 'NEW.a > 0' })",
      'CREATE CONSTRAINT TRIGGER "check_it" AFTER UPDATE OF a ON "notes" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.a > 0) EXECUTE PROCEDURE "f"($pga$x$pga$, 1);'],
    ["pgm.dropTrigger('notes', 'stamp', { ifExists: true })",
      'DROP TRIGGER IF EXISTS "stamp" ON "notes";'],
    ["pgm.renameTrigger('notes', 'stamp', 'mark')",
      'ALTER TRIGGER "stamp" ON "notes" RENAME TO "mark";'],
    ["pgm.createPolicy('notes', 'own', { command: 'SELECT', role: ['app', 'web'], using: 'org_id = 1', check: 'org_id = 1' })",
      'CREATE POLICY "own" ON "notes" FOR SELECT TO app, web USING (org_id = 1) WITH CHECK (org_id = 1);'],
    ["pgm.createPolicy({ schema: 'app', name: 'notes' }, 'own', { using: 'true' })",
      'CREATE POLICY "own" ON "app"."notes" FOR ALL TO PUBLIC USING (true);'],
    ["pgm.alterPolicy('notes', 'own', { using: 'true' })",
      'ALTER POLICY "own" ON "notes" USING (true);'],
    ["pgm.dropPolicy('notes', 'own', { ifExists: true })",
      'DROP POLICY IF EXISTS "own" ON "notes";'],
    ["pgm.renamePolicy('notes', 'own', 'mine')",
      'ALTER POLICY "own" ON "notes" RENAME TO "mine";'],
    ["pgm.createView('v', { replace: true, columns: ['a', 'b'], options: { security_barrier: true, security_invoker: 'on' }, checkOption: 'LOCAL' }, 'SELECT a, b FROM notes')",
      'CREATE OR REPLACE VIEW "v"("a", "b") WITH (security_barrier, security_invoker = on) AS SELECT a, b FROM notes WITH LOCAL CHECK OPTION;'],
    ["pgm.createMaterializedView('m', { ifNotExists: true }, 'SELECT a FROM notes')",
      'CREATE MATERIALIZED VIEW IF NOT EXISTS "m" AS SELECT a FROM notes;'],
    ["pgm.dropView('v', { ifExists: true, cascade: true })",
      'DROP VIEW IF EXISTS "v" CASCADE;'],
    ["pgm.dropMaterializedView('m')",
      'DROP MATERIALIZED VIEW "m";'],
    ["pgm.createSchema('app', { ifNotExists: true })",
      'CREATE SCHEMA IF NOT EXISTS "app";'],
    ["pgm.dropSchema('app', { cascade: true })",
      'DROP SCHEMA "app" CASCADE;'],
    ["pgm.createSequence('s')",
      'CREATE SEQUENCE "s" ;'],
    ["pgm.dropSequence('s')",
      'DROP SEQUENCE "s";'],
    ["pgm.createRole('app', { login: true, bypassrls: true })",
      'CREATE ROLE "app" WITH NOSUPERUSER NOCREATEDB NOCREATEROLE INHERIT LOGIN NOREPLICATION BYPASSRLS;'],
    ["pgm.alterRole('app', { bypassrls: false })",
      'ALTER ROLE "app" WITH NOBYPASSRLS;'],
    ["pgm.dropRole('app')",
      'DROP ROLE "app";'],
    ["pgm.grantRoles('admin', ['app', 'web'])",
      'GRANT "admin" TO "app", "web";'],
    ["pgm.grantOnTables({ privileges: ['SELECT', 'UPDATE'], tables: ['notes', 'orgs'], roles: 'app' })",
      'GRANT SELECT, UPDATE ON "notes", "orgs" TO "app";'],
    ["pgm.grantOnTables({ privileges: 'ALL', tables: 'ALL', schema: 'app', roles: 'PUBLIC' })",
      'GRANT ALL ON ALL TABLES IN SCHEMA "app" TO PUBLIC;'],
    ["pgm.revokeOnTables({ privileges: 'ALL', tables: 'notes', roles: ['app'] })",
      'REVOKE ALL ON "notes" FROM "app";'],
    ["pgm.dropTable({ schema: 'app', name: 'notes' }, { ifExists: true, cascade: true })",
      'DROP TABLE IF EXISTS "app"."notes" CASCADE;'],
    ["pgm.sql('UPDATE notes SET org_id = {v} WHERE {c} IS NULL; SELECT 1', { v: 5, c: 'org_id' })",
      'UPDATE notes SET org_id = 5 WHERE "org_id" IS NULL; SELECT 1;'],
    ["pgm.createExtension('pgcrypto', { ifNotExists: true })",
      'CREATE EXTENSION IF NOT EXISTS "pgcrypto";'],
    ["pgm.dropExtension(['a', 'b'], { ifExists: true })",
      'DROP EXTENSION IF EXISTS "a"; DROP EXTENSION IF EXISTS "b";'],
  ])('%s', (call, sql) => {
    const { statements, notices } = parseSqlText(sql, (start, end) => ({ file: 'migrations/2_a.js', start, end }));
    expect(notices).toEqual([]);
    expect(plain(read(call))).toEqual(plain(statements));
  });
});

/** What a migration does, in short: its operations by their kinds and tables. */
function kinds(statements: readonly Statement[] | undefined): string[] {
  return (statements ?? []).flatMap(({ operations }) => operations).map((operation) => {
    if (operation.kind === 'query') return operation.query.kind;
    if (operation.kind === 'notUnderstood') return `?? ${operation.reason} (${operation.tables.map(({ name }) => name).join()})`;
    return operation.kind;
  });
}

it('what is not known is said, with its table', () => {
  expect(kinds(read("pgm.createTable('notes', require('./columns'));"))).toEqual(['?? createTable() of what is not known (notes)']);
  expect(kinds(read("pgm.addColumns('notes', { org_id: { type: process.env.TYPE } });"))).toEqual(['?? addColumns() of what is not known (notes)']);
  expect(kinds(read("pgm.addColumns(process.env.TABLE, { org_id: 'uuid' });"))).toEqual(['?? addColumns() of what is not known ()']);
  expect(kinds(read("pgm.createCast('a', 'b'); pgm.noTransaction();"))).toEqual(['harmless']);
});

it('a column of an index with its operator class', () => {
  expect(plain(read("pgm.createIndex('notes', 'body gin_trgm_ops', { name: 'own', method: 'gin' });"))).toEqual(plain(parseSqlText('CREATE INDEX own ON "notes" USING gin (body gin_trgm_ops)', (start, end) => ({ file: '', start, end })).statements));
});

it('types by the names that the tool exports', () => {
  expect(plain(read("pgm.addColumns('notes', { at: { type: PgType.TIMESTAMP_WITH_TIME_ZONE }, org_id: PgType.UUID, n: { type: `${PgType.VARCHAR}(20)` } });")))
    .toEqual(plain(parseSqlText('ALTER TABLE "notes" ADD "at" timestamp with time zone, ADD "org_id" uuid, ADD "n" varchar(20)', (start, end) => ({ file: '', start, end })).statements));
});

it('helpers, loops over lists, shorthands and comments that are not known', () => {
  expect(kinds(read("const add = (table) => pgm.addColumn(table, { org_id: { type: 'uid', comment: process.env.WHY } });\nfor (const table of ['a', 'b']) add(table);"))).toEqual(['addColumn', 'addColumn']);
  expect(kinds(read("for (const table of ['a', 'b']) { pgm.addConstraint(table, `${table}_pk`, { primaryKey: 'id' }); pgm.alterColumn(table, 'x', { type: 'int', notNull: table !== 'b', using: 'ext(' + table + ')' }); }")))
    .toEqual(['addConstraint', 'setType', 'setNotNull', 'addConstraint', 'setType', 'dropNotNull']);
});

it('what pgm is told is sent after whatever pgm.db was asked, on some paths perhaps not', () => {
  const all = read("pgm.sql('update notes set a = 1');\nconst rows = await pgm.db.select('select 1 from notes');\nif (rows.length > 0) pgm.dropColumn('notes', 'a');").map(({ operations: [first] }) => first!.kind === 'query' ? first!.query.kind : first!.kind);
  expect(all).toEqual(['select', 'update', 'execution']);
});

describe('without a down, up is turned round', () => {
  const down = (rest: string): string[] => {
    const { down: statements } = migrations({ 'm/1_a.js': `exports.up = (pgm) => { pgm.createTable('notes', { id: 'id' }); pgm.addColumns('notes', { org_id: 'uuid' }); pgm.sql('select 1'); pgm.renameColumn('notes', 'a', 'b'); };\n${rest}` }).get('m/1_a.js')!;
    return statements === undefined ? ['none'] : kinds(statements);
  };
  it('where nothing is said of it', () => expect(down('')).toEqual(['dropRelation', 'dropColumn', 'renameColumn']));
  it('not where it is said that there is none', () => expect(down('exports.down = false;')).toEqual(['none']));
  it('not where there is one', () => expect(down("exports.down = (pgm) => pgm.dropTable('notes');")).toEqual(['dropRelation']));
});
