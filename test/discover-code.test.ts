import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadProject } from '../src/commands/pipeline.js';
import { loadConfig } from '../src/config/load.js';
import { discover } from '../src/discover/index.js';

let root: string;
beforeEach(() => { root = mkdtempSync(join(tmpdir(), 'tenantlint-discover-code-')); });
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
async function found(paths: readonly string[] = []) {
  const discovery = await discover(await loadConfig({ cwd: root, paths }), root, paths);
  return {
    histories: discovery.sources.map((source) => `${source.kind} ${source.dir} ${source.transaction}: ${source.entries.map(({ id }) => id).join(' ')}`),
    faults: discovery.sources.flatMap((source) => source.faults.map(({ location, message }) => `${location.file}:${location.start}-${location.end}: ${message}`)),
    reasons: discovery.notices.map(({ location, reason }) => `${location.file}: ${reason}`),
    of: (type: string) => discovery.files.filter(({ role }) => role.type === type).map(({ path }) => path),
    files: discovery.files,
  };
}

describe('application code', () => {
  test('every language that is read; tests, stories, declarations, build output and generated clients are not', async () => {
    for (const path of [
      'src/a.ts', 'src/b.tsx', 'src/c.mjs', 'src/d.vue', 'src/e.svelte', 'src/f.astro', 'src/g.cts', 'app/h.py', 'src/build/i.ts', 'package.json',
      'src/a.test.ts', 'src/b.servertest.ts', 'src/__e2e__/c.ts', 'src/a.d.ts', 'src/a.stories.tsx', 'src/__tests__/x.ts', 'src/__mocks__/x.ts', 'build/x.js', 'public/x.min.js', 'tests/x.py', 'app/test_x.py', 'app/conftest.py',
      'node_modules/p/x.js', 'dist/x.js', 'src/generated/prisma/index.js', 'src/generated/prisma/index-browser.js', 'src/generated/prisma/runtime/library.js',
      'prisma/seed.ts', 'db/seeds/users.ts', 'notes.md',
    ]) write(path, 'x\n');
    write('app/test_x.py', 'import pytest\n\ndef test_x():\n    pass\n');
    write('app/test_run.py', 'class TestRun(Base):\n    pass\n');
    const { of, files } = await found();
    expect(of('source')).toEqual(['app/h.py', 'app/test_run.py', 'src/a.ts', 'src/b.tsx', 'src/build/i.ts', 'src/c.mjs', 'src/d.vue', 'src/e.svelte', 'src/f.astro', 'src/g.cts']);
    expect(of('seed')).toEqual(['db/seeds/users.ts', 'prisma/seed.ts']);
    expect(Object.fromEntries(files.map(({ path, language }) => [path.split('.').at(-1), language]))).toMatchObject({ py: 'python', mjs: 'javascript', vue: 'typescript', cts: 'typescript' });
  });

  test('the config includes and excludes; a file that is named is read whatever it is', async () => {
    for (const path of ['src/a.ts', 'src/b.gen.ts', 'other/c.ts', 'src/d.test.ts']) write(path, 'x\n');
    write('tenantlint.config.json', '{ "source": { "include": ["src/**"], "exclude": ["*.gen.ts"] } }');
    expect((await found()).of('source')).toEqual(['src/a.ts']);
    expect((await found(['src/d.test.ts'])).of('source')).toEqual(['src/a.ts', 'src/d.test.ts']);
    await expect(found(['other'])).rejects.toThrow('no program that is read here');
  });

  test('an editor\'s text of a new file', async () => {
    write('src/a.ts', 'a()\n');
    write('migrations/20240101_a.ts', KNEX);
    const kinds = async (file: string) => {
      const loaded = await loadProject({ cwd: root, paths: [], overlay: { file, text: 'const x = 1; // é' } });
      const facts = loaded.project.files.get(file);
      return [facts?.role.type, facts?.language, facts?.code?.body[0]?.kind];
    };
    expect(await kinds('src/new.ts')).toEqual(['source', 'typescript', 'declare']);
    expect(await kinds('src/a.ts')).toEqual(['source', 'typescript', 'declare']);
    expect(await kinds('migrations/20240102_b.ts')).toEqual(['migration', 'typescript', 'declare']);
  });
});

const KNEX = "import type { Knex } from 'knex';\nexport async function up(knex: Knex) {}\nexport async function down(knex: Knex) {}\n";
const typeorm = (name: string) => `import { MigrationInterface, QueryRunner } from 'typeorm';\nexport class ${name} implements MigrationInterface {\n  public async up(queryRunner: QueryRunner) {}\n}\n`;

describe('migrations in TypeScript and JavaScript', () => {
  test('Knex and Sequelize by file name; a compiled copy is the same migration', async () => {
    write('db/migrations/20240102_b.ts', KNEX);
    write('db/migrations/20240101_a.ts', KNEX);
    write('db/migrations/20240101_a.js', 'exports.up = (knex) => knex.schema.createTable("a", () => {});\n');
    write('db/migrations/2024_c.ts', KNEX);
    write('db/migrations/cleanup.sql', 'DROP TABLE a;');
    write('db/migrations/helpers.ts', 'export const up = 1;\n');
    write('seq/migrations/20240101-a.js', "'use strict';\nmodule.exports = {\n  async up(queryInterface, Sequelize) {},\n};\n");
    const { histories, of } = await found();
    expect(histories).toEqual(['knex db/migrations file: 20240101_a 20240102_b 2024_c', 'sequelize seq/migrations none: 20240101-a']);
    expect(of('source')).toEqual(['db/migrations/helpers.ts']);
    expect(of('migration')).toEqual(['db/migrations/20240101_a.ts', 'db/migrations/20240102_b.ts', 'db/migrations/2024_c.ts', 'seq/migrations/20240101-a.js']);
  });

  test('TypeORM by the number of the class, which stands once; MikroORM', async () => {
    write('src/migrations/b.ts', typeorm('Beta1700000000001'));
    write('src/migrations/c.ts', typeorm('Alpha1700000000000'));
    write('src/migrations/d.ts', typeorm('Alpha1700000000000'));
    write('orm/migrations/Migration20240101000000.ts', "import { Migration } from '@mikro-orm/migrations';\nexport class Migration20240101000000 extends Migration {\n  async up() { this.addSql('select 1'); }\n}\n");
    const { histories, faults } = await found();
    expect(histories).toEqual(['mikro-orm orm/migrations file: Migration20240101000000', 'typeorm src/migrations file: c d b']);
    expect(faults).toEqual(['src/migrations/d.ts:72-90: Two migrations have the name Alpha1700000000000: c.ts and d.ts.']);
  });

  test('another database is said; the config may name a folder', async () => {
    write('my/migrations/1.ts', `${typeorm('A1700000000000')}// CREATE TABLE a (id int AUTO_INCREMENT)\n`);
    write('odd/steps/first.ts', KNEX);
    expect(await found()).toMatchObject({ histories: [], reasons: ['my/migrations: 1 typeorm migrations for MySQL, SQLite or SQL Server: only PostgreSQL is read'] });
    write('tenantlint.config.json', '{ "migrations": [{ "dir": "odd/steps", "kind": "knex" }] }');
    expect((await found()).histories).toEqual(['knex odd/steps file: first']);
  });

  test('a folder for each database: the name of the folder says which', async () => {
    for (const name of ['postgres', 'sqlite', 'mysqldb', 'mariadb']) write(`src/migrations/${name}/1.ts`, typeorm('A1700000000000'));
    expect(await found()).toMatchObject({ histories: ['typeorm src/migrations/postgres file: 1'], reasons: ['MariaDB', 'MySQL', 'SQLite'].map((name) => expect.stringContaining(`1 typeorm migrations for ${name}: only PostgreSQL is read`)) });
  });
});

const alembic = (revision: string, down: string, more = '') => `"""x"""\nfrom alembic import op\n\nrevision: str = "${revision}"\ndown_revision = ${down}\n${more}\ndef upgrade():\n    pass\n`;

describe('Alembic', () => {
  test('the order of the graph: merges, dependencies, a folder a year', async () => {
    write('app/alembic/env.py');
    write('app/alembic/versions/z_first.py', alembic('aaa1', 'None'));
    write('app/alembic/versions/2024/b.py', alembic('bbb1', "'aaa1'  # after the first"));
    write('app/alembic/versions/a.py', alembic('ccc1', '(\n    "aaa1",\n)', 'depends_on = ("bbb1",)'));
    write('app/alembic/versions/0_merge.py', alembic('ddd1', "('bbb1', 'ccc1')"));
    write('app/alembic/versions/util.py', 'X = 1\n');
    const { histories, faults, of } = await found();
    expect(histories).toEqual(['alembic app/alembic file: aaa1 bbb1 ccc1 ddd1']);
    expect(faults).toEqual([]);
    expect(of('source')).toEqual(['app/alembic/env.py', 'app/alembic/versions/util.py']);
  });

  test('several heads, unknown and repeated revisions, a cycle', async () => {
    write('versions/a.py', alembic('a', 'None'));
    write('versions/b.py', alembic('b', '"a"'));
    write('versions/c.py', alembic('c', '"a"'));
    write('versions/d.py', alembic('d', '"gone"'));
    write('versions/e.py', alembic('b', '"a"'));
    write('versions/f.py', alembic('f', '"g"'));
    write('versions/g.py', alembic('g', '"f"'));
    write('versions/h.py', alembic('h', 'PREVIOUS'));
    const { histories, faults, reasons } = await found();
    expect(histories).toEqual(['alembic versions file: a b c d f g']);
    expect(faults.map((fault) => fault.replace(/:\d+-\d+/, ''))).toEqual([
      'versions/e.py: Two migrations have the revision b: b.py and e.py.',
      'versions/d.py: down_revision names gone, but no migration has this revision.',
      'versions/c.py: The history has 3 heads, b (b.py) and c (c.py) among them: "alembic upgrade head" refuses to run.',
      'versions/d.py: The history has 3 heads, b (b.py) and d (d.py) among them: "alembic upgrade head" refuses to run.',
      'versions/f.py: The revisions f, g follow each other in a cycle.',
    ]);
    expect(reasons).toEqual(['versions/h.py: its revision or down_revision is no literal: its place in the history is unknown']);
  });

  test('labelled branches may stay apart', async () => {
    write('versions/a.py', alembic('a', 'None', 'branch_labels = ("one",)'));
    write('versions/b.py', alembic('b', 'None', 'branch_labels = ("two",)'));
    expect((await found()).faults).toEqual([]);
  });
});

const django = (dependencies: string, more = '') => `from django.db import migrations\n\nclass Migration(migrations.Migration):\n${more}    dependencies = [${dependencies}]\n    operations = []\n`;

describe('Django', () => {
  test('names apps as their configurations do, and knows where the users are', async () => {
    write('manage.py');
    write('config/settings/base.py', 'AUTH_USER_MODEL = "people.User"\n');
    write('billing/rules/apps.py', 'from django.apps import AppConfig\n\nclass RulesConfig(AppConfig):\n    name = "billing.rules"\n    label = "billing_rules"\n');
    write('billing/rules/migrations/0001_initial.py', django('migrations.swappable_dependency(settings.AUTH_USER_MODEL),'));
    write('billing/rules/migrations/0002_more.py', django('("billing_rules", "0001_initial")'));
    write('people/migrations/0001_initial.py', django(''));
    write('rules/migrations/0001_initial.py', django('("billing_rules", "0002_more")'));
    const { histories, faults } = await found();
    expect(histories).toEqual(['django . file: people.0001_initial billing_rules.0001_initial billing_rules.0002_more rules.0001_initial']);
    expect(faults).toEqual([]);
  });

  test('the order of the dependencies, which cross apps; squashed migrations', async () => {
    write('manage.py');
    write('accounts/migrations/__init__.py');
    write('accounts/migrations/0001_initial.py', django('migrations.swappable_dependency(settings.AUTH_USER_MODEL), ("auth", "0012_x")'));
    write('accounts/migrations/0002_more.py', django("('accounts', '0001_initial'), ('orders', '0001_initial')"));
    write('accounts/migrations/0001_squashed_0002.py', django('', '    replaces = [("accounts", "0001_initial"), ("accounts", "0002_more")]\n'));
    write('orders/migrations/0001_initial.py', django("('accounts', '0001_initial'),"));
    const { histories, faults } = await found();
    expect(histories).toEqual(['django . file: accounts.0001_initial orders.0001_initial accounts.0002_more']);
    expect(faults).toEqual([]);
  });

  test('a squashed migration stands for those that are gone', async () => {
    write('manage.py');
    write('mail/migrations/0001_squashed.py', django('("documents", "0001_initial")', '    replaces = [("mail", "0001_initial"), ("mail", "0002_more")]\n'));
    write('documents/migrations/0001_squashed.py', django('', '    replaces = [("documents", "0001_initial"), ("documents", "1075_more")]\n'));
    write('documents/migrations/0002_next.py', django('("documents", "1075_more")'));
    const { histories, faults } = await found();
    expect(histories).toEqual(['django . file: documents.0001_squashed documents.0002_next mail.0001_squashed']);
    expect(faults).toEqual([]);
  });

  test('two last migrations, an unknown dependency', async () => {
    write('a/migrations/0001_initial.py', django(''));
    write('a/migrations/0002_x.py', django('("a", "0001_initial")'));
    write('a/migrations/0002_y.py', django('("a", "0001_initial")'));
    write('b/migrations/0001_initial.py', django('("a", "0009_gone")'));
    expect((await found()).faults.map((fault) => fault.replace(/:\d+-\d+/, ''))).toEqual([
      'a/migrations/0002_y.py: The app "a" has 2 last migrations, 0002_x and 0002_y among them: "migrate" refuses to run.',
      'b/migrations/0001_initial.py: This migration depends on a.0009_gone, which does not exist.',
    ]);
  });
});

describe('a part of a Python program', () => {
  test('its modules name themselves from the outermost package that holds the folder', async () => {
    write('src/shop/__init__.py');
    write('src/shop/notes/__init__.py');
    write('src/shop/notes/models.py', `from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass

class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)

class Note(Base):
    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
`);
    write('src/shop/notes/service.py', `from sqlalchemy import select
from sqlalchemy.orm import Session
from shop.notes.models import Note

def one(db: Session, note_id: int):
    return db.scalars(select(Note).where(Note.id == note_id)).one()
`);
    const verdicts = async (folder: string) => {
      const cwd = join(root, folder);
      const loaded = await loadProject({ cwd, paths: [] });
      return loaded.project.queries.map(({ references }) => references.map(({ table, verdict }) => `${table.name} ${verdict}`));
    };
    expect(await verdicts('.')).toEqual([['notes unscoped']]);
    expect(await verdicts('src/shop')).toEqual([['notes unscoped']]);
    expect(await verdicts('src/shop/notes')).toEqual([['notes unscoped']]);
  });
});

describe('libraries of queries that are not read', () => {
  const noticed = async () => (await loadProject({ cwd: root, paths: [] })).project.notices.map(({ location, reason }) => `${location.file}: ${reason}`);

  test('are named once each, at the first file that imports them', async () => {
    write('migrations/0001_a.sql');
    write('src/b.ts', "import { Model } from 'objection';\nexport class B extends Model {}\n");
    write('src/a.ts', "import type { QueryBuilder } from 'objection';\nimport { compose } from 'objection';\n");
    write('src/person.ts', "import { BaseModel } from '@adonisjs/lucid/orm';\n");
    write('app/models.py', 'from tortoise.models import Model\n');
    expect(await noticed()).toEqual([
      'src/person.ts: Lucid is not read by this version (1 file imports it): which rows its queries reach is unknown',
      'app/models.py: Tortoise ORM is not read by this version (1 file imports it): which rows its queries reach is unknown',
      'src/a.ts: Objection.js is not read by this version (2 files import it): which rows its queries reach is unknown',
    ].sort());
  });

  test('are not in tests, nor where a module of the project has the name', async () => {
    write('migrations/0001_a.sql');
    write('tests/a.ts', "import { Model } from 'objection';\n");
    write('src/a.ts', "import { x } from './objection';\nimport { y } from '@/objection';\n");
    write('app/models.py', 'from .tortoise import Model\nfrom app.peewee import Model as M\n');
    expect(await noticed()).toEqual([]);
  });
});

describe('programs in languages that are not read', () => {
  test('migrations of other tools in JavaScript, XML and YAML are said to be unread; programs that only run the SQL files beside them are not', async () => {
    write('ley/migrations/000001-a.js', 'exports.up = async (sql) => { await sql`create table a (id int)`; };\n');
    write('mongo/migrations/20240101-a.js', "module.exports = { async up(db) { await db.collection('a').updateMany({}, {}); } };\n");
    write('db/migrations/20240101000000-a.js', "exports.up = (db) => db.runSql(require('fs').readFileSync(__dirname + '/sqls/20240101000000-a-up.sql'));\n");
    write('db/migrations/sqls/20240101000000-a-up.sql');
    write('src/main/resources/db/changelog/db.changelog-1.xml', '<databaseChangeLog><changeSet id="1" author="a"><createTable tableName="a"/></changeSet></databaseChangeLog>\n');
    write('src/main/resources/db/changelog/master.yaml', 'databaseChangeLog:\n  - includeAll:\n      path: db/changelog\n');
    write('hasura/migrations/default/1700000000000_a/up.yaml', '- args:\n    sql: create table a (id int)\n  type: run_sql\n');
    const { reasons } = await found();
    expect(reasons).toEqual([
      "hasura/migrations/default/1700000000000_a/up.yaml: Hasura's migrations in YAML are not read by this version (1 file): what they change is unknown",
      'ley/migrations: JavaScript migrations are not read by this version',
      "src/main/resources/db/changelog/db.changelog-1.xml: Liquibase's changelogs in XML, YAML and JSON are not read by this version (1 file): what they change is unknown",
    ]);
  });

  test('are named when one of them talks to a database, once a language', async () => {
    write('migrations/0001_a.sql');
    write('cmd/util.go', 'package main\n');
    write('cmd/notes.go', 'package main\nfunc find() { db.QueryRow("SELECT body FROM notes WHERE id = $1", id) }\n');
    write('cmd/notes_test.go', 'package main\nimport "database/sql"\n');
    write('app/models/note.rb', 'class Note < ApplicationRecord\nend\n');
    write('lib/Notes.pm', 'use DBI;\n');
    write('priv/repo/seeds.exs', 'import Ecto.Query\n');
    write('src/Notes.groovy', 'import groovy.sql.Sql\n');
    expect((await found()).reasons).toEqual([
      'app/models/note.rb: Ruby is not read by this version (1 file): which rows its queries reach is unknown', 'cmd/notes.go: Go is not read by this version (2 files): which rows its queries reach is unknown',
      'lib/Notes.pm: Perl is not read by this version (1 file): which rows its queries reach is unknown', 'priv/repo/seeds.exs: Elixir is not read by this version (1 file): which rows its queries reach is unknown',
      'src/Notes.groovy: Groovy is not read by this version (1 file): which rows its queries reach is unknown',
    ]);
  });

  test('are not when none does, and when they are only tests, or ignored', async () => {
    write('migrations/0001_a.sql');
    write('android/Main.kt', '// select a colour, then take it from the list below\nfun main() {}\n');
    write('ios/Podfile.rb', 'platform :ios\n');
    write('tests/Load.java', 'import java.sql.Connection;\n');
    write('vendor/lib.go', 'import "database/sql"\n');
    write('.gitignore', 'gen/\n');
    write('gen/x.rs', 'use sqlx::query;\n');
    expect((await found()).reasons).toEqual([]);
  });
});
