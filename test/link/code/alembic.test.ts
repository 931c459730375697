import { expect, it } from 'vitest';
import { pythonProgram, upgraded } from './python-program.js';

it('columns are added with their constraints, then their indexes', () => {
  expect(upgraded(`
def upgrade():
    op.add_column('t', sa.Column('a', sa.String(50), nullable=False, server_default='x'))
    op.add_column('t', sa.Column('b', sa.Integer(), sa.ForeignKey('u.id', ondelete='SET NULL', name='fk_b'), index=True), schema='app')
    op.add_column('t', sa.Column('c', sa.DateTime(timezone=True), server_default=sa.func.now(), unique=True))
    op.add_column('t', sa.Column('d', sa.Integer, sa.Identity(always=True)))
    op.add_column('t', sa.Column('e', sa.Integer, sa.Computed('a + 1', persisted=True)))
    op.add_column('t', sa.Column('f', postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]")), if_not_exists=True)
    op.drop_column('t', 'a')
`)).toEqual([
    'ALTER TABLE "t" ADD COLUMN "a" "varchar"(50) DEFAULT \'x\' NOT NULL',
    'ALTER TABLE "app"."t" ADD COLUMN "b" "int4", ADD CONSTRAINT "fk_b" FOREIGN KEY ("b") REFERENCES "u" ("id") ON DELETE SET NULL ON UPDATE NO ACTION',
    'CREATE INDEX "ix_app_t_b" ON "app"."t" USING btree ("b")',
    'ALTER TABLE "t" ADD COLUMN "c" "timestamptz" DEFAULT "now"(), ADD UNIQUE ("c")',
    'ALTER TABLE "t" ADD COLUMN "d" "int4" GENERATED ALWAYS AS IDENTITY NOT NULL',
    'ALTER TABLE "t" ADD COLUMN "e" "int4" GENERATED ALWAYS AS (("a" + 1)) STORED',
    'ALTER TABLE "t" ADD COLUMN IF NOT EXISTS "f" "text"[] DEFAULT (\'{}\')::"text"[]',
    'ALTER TABLE "t" DROP COLUMN "a"',
  ]);
});

it('a column changes in the order of the PostgreSQL dialect', () => {
  expect(upgraded(`
def upgrade():
    op.alter_column('t', 'a', nullable=False, type_=sa.BigInteger(), server_default=None, new_column_name='b', existing_type=sa.Integer())
    op.alter_column('t', 'c', type_=postgresql.UUID(), postgresql_using='c::uuid', server_default=sa.text('gen_random_uuid()'))
    op.alter_column('t', 'd', nullable=True, server_default=sa.false())
`)).toEqual([
    'ALTER TABLE "t" ALTER COLUMN "a" TYPE "int8"',
    'ALTER TABLE "t" ALTER COLUMN "a" SET NOT NULL',
    'ALTER TABLE "t" ALTER COLUMN "a" DROP DEFAULT',
    'ALTER TABLE "t" RENAME COLUMN "a" TO "b"',
    'ALTER TABLE "t" ALTER COLUMN "c" TYPE "uuid" USING ("c")::"uuid"',
    'ALTER TABLE "t" ALTER COLUMN "c" SET DEFAULT "gen_random_uuid"()',
    'ALTER TABLE "t" ALTER COLUMN "d" DROP NOT NULL',
    'ALTER TABLE "t" ALTER COLUMN "d" SET DEFAULT FALSE',
  ]);
});

it('a table with its types, constraints and indexes', () => {
  expect(upgraded(`
status = sa.Enum('open', 'closed', name='status')
def upgrade():
    op.create_table('t',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('account_id', postgresql.UUID(as_uuid=True), sa.ForeignKey('accounts.id', ondelete='CASCADE'), nullable=False, index=True),
        sa.Column('status', status, nullable=False, server_default='open'),
        sa.Column('slug', sa.String(), unique=True),
        sa.Column('n', sa.Numeric(10, 2)),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_t')),
        sa.UniqueConstraint('account_id', 'slug', name='uq_t'),
        sa.CheckConstraint('n > 0', name='ck_t'),
        sa.ForeignKeyConstraint(['account_id', 'slug'], ['other.account_id', 'other.slug'], ondelete='CASCADE'),
    )
    op.rename_table('t', 's')
    op.drop_table('s')
    status.drop(op.get_bind(), checkfirst=True)
`)).toEqual([
    'CREATE TYPE "status" AS ENUM (\'open\', \'closed\')',
    'CREATE TABLE "t" ("id" serial NOT NULL, "account_id" "uuid" NOT NULL, "status" "status" DEFAULT \'open\' NOT NULL, "slug" "varchar", "n" "numeric"(10, 2), CONSTRAINT "pk_t" PRIMARY KEY ("id"), CONSTRAINT "uq_t" UNIQUE ("account_id", "slug"), CONSTRAINT "ck_t" CHECK (("n" > 0)), FOREIGN KEY ("account_id", "slug") REFERENCES "other" ("account_id", "slug") ON DELETE CASCADE ON UPDATE NO ACTION, FOREIGN KEY ("account_id") REFERENCES "accounts" ("id") ON DELETE CASCADE ON UPDATE NO ACTION, UNIQUE ("slug"))',
    'CREATE INDEX "ix_t_account_id" ON "t" USING btree ("account_id")',
    'ALTER TABLE "t" RENAME TO "s"',
    'DROP TABLE "s"',
    'DROP TYPE IF EXISTS "status"',
  ]);
});

it('indexes and constraints', () => {
  expect(upgraded(`
def upgrade():
    op.create_index('ix_late', 't', ['a', sa.desc('at')])
    op.create_index('ix', 't', ['a', sa.text('lower(b)')], unique=True, postgresql_where=sa.text('deleted IS NULL'), postgresql_concurrently=True)
    op.create_index(op.f('ix_t_a'), 't', ['a'], postgresql_using='gin', if_not_exists=True)
    op.drop_index('ix', table_name='t', postgresql_concurrently=True, if_exists=True)
    op.create_foreign_key('fk', 't', 'u', ['a', 'b'], ['c', 'd'], ondelete='CASCADE', source_schema='s', referent_schema='r')
    op.create_unique_constraint('uq', 't', ['a', 'b'])
    op.create_primary_key('pk', 't', ['id'])
    op.create_check_constraint('ck', 't', 'a IS NOT NULL', postgresql_not_valid=True)
    op.create_check_constraint('ck2', 't', sa.column('a') > 0)
    op.drop_constraint('uq', 't', type_='unique')
`)).toEqual([
    'CREATE INDEX "ix_late" ON "t" USING btree ("a", "at")',
    'CREATE UNIQUE INDEX CONCURRENTLY "ix" ON "t" USING btree ("a", ("lower"("b"))) WHERE ("deleted" IS NULL)',
    'CREATE INDEX IF NOT EXISTS "ix_t_a" ON "t" USING gin ("a")',
    'DROP INDEX CONCURRENTLY IF EXISTS "ix"',
    'ALTER TABLE "s"."t" ADD CONSTRAINT "fk" FOREIGN KEY ("a", "b") REFERENCES "r"."u" ("c", "d") ON DELETE CASCADE ON UPDATE NO ACTION',
    'ALTER TABLE "t" ADD CONSTRAINT "uq" UNIQUE ("a", "b")',
    'ALTER TABLE "t" ADD CONSTRAINT "pk" PRIMARY KEY ("id")',
    'ALTER TABLE "t" ADD CONSTRAINT "ck" CHECK (("a" IS NOT NULL)) NOT VALID',
    'ALTER TABLE "t" ADD CONSTRAINT "ck2" CHECK (("a" > 0))',
    'ALTER TABLE "t" DROP CONSTRAINT "uq"',
  ]);
});

it('a batch knows its table', () => {
  expect(upgraded(`
def upgrade():
    with op.batch_alter_table('t', schema='app') as batch_op:
        batch_op.add_column(sa.Column('a', sa.Text()))
        batch_op.alter_column('b', nullable=False)
        batch_op.create_index(batch_op.f('ix_t_a'), ['a'], unique=False)
        batch_op.create_foreign_key('fk', 'u', ['a'], ['id'])
        batch_op.drop_constraint('uq')
        batch_op.create_unique_constraint('uq2', ['a'])
        batch_op.drop_column('c')
        batch_op.drop_index('ix_old')
`)).toEqual([
    'ALTER TABLE "app"."t" ADD COLUMN "a" "text"',
    'ALTER TABLE "app"."t" ALTER COLUMN "b" SET NOT NULL',
    'CREATE INDEX "ix_t_a" ON "app"."t" USING btree ("a")',
    'ALTER TABLE "app"."t" ADD CONSTRAINT "fk" FOREIGN KEY ("a") REFERENCES "u" ("id") ON DELETE NO ACTION ON UPDATE NO ACTION',
    'ALTER TABLE "app"."t" DROP CONSTRAINT "uq"',
    'ALTER TABLE "app"."t" ADD CONSTRAINT "uq2" UNIQUE ("a")',
    'ALTER TABLE "app"."t" DROP COLUMN "c"',
    'DROP INDEX "app"."ix_old"',
  ]);
});

it('text and statements that are built', () => {
  expect(upgraded(`
t = sa.table('t', sa.column('a'), sa.column('b'))
users = sa.Table('users', sa.MetaData(), sa.Column('id', sa.Integer), sa.Column('org', sa.Text))
def upgrade():
    op.execute("UPDATE t SET a = 1; DELETE FROM t WHERE b IS NULL")
    op.execute(sa.text("UPDATE t SET a = :a").bindparams(a=5))
    op.execute(t.update().where(t.c.a.is_(None)).values(a=sa.func.lower(t.c.b), b='x'))
    op.execute(sa.update(t).where(sa.and_(t.c.a == None, t.c.b.in_(['p', 'q']))).values({'a': users.c.org}).where(users.c.id == t.c.b))
    op.execute(t.delete().where(sa.or_(t.c.a < 3, ~t.c.b.like('x%'))))
    op.execute(sa.insert(t).values(a=1, b='two'))
    op.execute(sa.update(t).values(a=sa.select(sa.func.max(users.c.id)).where(users.c.org == t.c.b).scalar_subquery()))
    op.bulk_insert(t, [{'a': 1, 'b': 'x'}, {'a': 2}])
    op.bulk_insert(t, rows_from_somewhere())
    op.execute('ALTER TYPE status ADD VALUE IF NOT EXISTS %s' % "'late'")
`)).toEqual([
    'UPDATE "t" SET "a" = 1',
    'DELETE FROM "t" WHERE ("b" IS NULL)',
    'UPDATE "t" SET "a" = 5',
    'UPDATE "t" SET "a" = "lower"("t"."b"), "b" = \'x\' WHERE ("t"."a" IS NULL)',
    'UPDATE "t" SET "a" = "users"."org" FROM "users" WHERE (("t"."a" IS NULL) AND ("t"."b" IN (\'p\', \'q\')) AND ("users"."id" = "t"."b"))',
    'DELETE FROM "t" WHERE (("t"."a" < 3) OR (NOT ("t"."b" ~~ \'x%\')))',
    'INSERT INTO "t" ("a", "b") VALUES (1, \'two\')',
    'UPDATE "t" SET "a" = (SELECT "max"("users"."id") FROM "users" WHERE ("users"."org" = "t"."b"))',
    'INSERT INTO "t" ("a", "b") VALUES (1, \'x\'), (2, DEFAULT)',
    'INSERT INTO "t" ("a", "b") VALUES (<a value that is not known>, <a value that is not known>)',
    'ALTER TYPE "status" ADD VALUE IF NOT EXISTS \'late\'',
  ]);
});

it('loops, dicts, helpers and formats are followed; what is not known is said', () => {
  expect(upgraded(`
import textwrap
PAIRS = [('a', 'ix_a'), ('b', 'ix_b')]
NAMES = {'x': ['p', 'q'], 'y': ['r']}
def fill(table, column='org'):
    op.execute(textwrap.dedent(f"""
        UPDATE {table} SET {column} = 1
    """))
def upgrade():
    for table, name in PAIRS:
        op.create_index(name, table, ['org'])
    for table, columns in NAMES.items():
        for column in columns:
            op.execute("UPDATE {} SET {} = 0".format(table, column))
    [op.drop_column(each, 'old') for each in sorted(['m', 'n'])]
    fill('t')
    fill('u', column='acc')
    for i, table in enumerate(('e', 'f')):
        op.rename_table(table, f'{table}_{i}')
    if op.get_context().dialect.name == 'sqlite':
        op.drop_table('never')
    if op.get_bind().dialect.name == 'postgresql':
        op.drop_table('always')
    op.drop_table(unknown_name())
    op.frobnicate('t')
`)).toEqual([
    'CREATE INDEX "ix_a" ON "a" USING btree ("org")',
    'CREATE INDEX "ix_b" ON "b" USING btree ("org")',
    'UPDATE "x" SET "p" = 0',
    'UPDATE "x" SET "q" = 0',
    'UPDATE "y" SET "r" = 0',
    'ALTER TABLE "m" DROP COLUMN "old"',
    'ALTER TABLE "n" DROP COLUMN "old"',
    'UPDATE "t" SET "org" = 1',
    'UPDATE "u" SET "acc" = 1',
    'ALTER TABLE "e" RENAME TO "e_0"',
    'ALTER TABLE "f" RENAME TO "f_1"',
    'DROP TABLE "always"',
    '?? the name of the table in drop_table() is not known',
    '?? what op.frobnicate() does is not known',
  ]);
});

it('tests of rows and of the catalog are conditions', () => {
  expect(upgraded(`
def upgrade():
    conn = op.get_bind()
    count = conn.execute(sa.text("SELECT COUNT(*) FROM t WHERE org IS NULL")).scalar()
    if count > 0:
        raise RuntimeError(f'{count}')
    if conn.execute(sa.text("SELECT 1 FROM t WHERE org IS NULL LIMIT 1")).fetchone() is not None:
        raise RuntimeError
    assert not conn.execute(sa.text("SELECT EXISTS (SELECT 1 FROM t WHERE org IS NULL)")).scalar()
    rows = conn.execute(sa.select(sa.column('id')).select_from(sa.table('t')).where(sa.column('org').is_(None))).fetchall()
    if len(rows) > 0:
        raise RuntimeError
    inspector = sa.inspect(conn)
    if 'org' not in [c['name'] for c in inspector.get_columns('t')]:
        op.drop_table('t')
    if not inspector.has_table('u'):
        return
    op.drop_table('u')
`)).toEqual([
    'DO $tl$ BEGIN IF ((SELECT "count"(*) FROM "t" WHERE ("org" IS NULL)) > 0) THEN RAISE EXCEPTION \'stopped\'; ELSE NULL; END IF; END $tl$',
    'DO $tl$ BEGIN IF (NOT (NOT EXISTS(SELECT 1 FROM "t" WHERE ("org" IS NULL) LIMIT 1))) THEN RAISE EXCEPTION \'stopped\'; ELSE NULL; END IF; END $tl$',
    'DO $tl$ BEGIN IF (NOT (SELECT EXISTS(SELECT 1 FROM "t" WHERE ("org" IS NULL)))) THEN NULL; ELSE RAISE EXCEPTION \'stopped\'; END IF; END $tl$',
    'DO $tl$ BEGIN IF ((SELECT "count"(*) FROM "t" WHERE ("org" IS NULL)) > 0) THEN RAISE EXCEPTION \'stopped\'; ELSE NULL; END IF; END $tl$',
    'DO $tl$ BEGIN IF (NOT \'org\' = ANY(SELECT "columns"."column_name" FROM "information_schema"."columns" WHERE (("columns"."table_name" = \'t\') AND ("columns"."table_schema" = \'public\')))) THEN DROP TABLE "t"; ELSE NULL; END IF; END $tl$',
    'DO $tl$ BEGIN IF (NOT EXISTS(SELECT 1 FROM "information_schema"."tables" WHERE (("tables"."table_name" = \'u\') AND ("tables"."table_schema" = \'public\')))) THEN NULL; ELSE DROP TABLE "u"; END IF; END $tl$',
  ]);
});

it('an autocommit block leaves the transaction', () => {
  expect(upgraded(`
def upgrade():
    with op.get_context().autocommit_block():
        op.create_index('ix', 't', ['a'], postgresql_concurrently=True)
    op.drop_table('x')
`)).toEqual([
    'COMMIT',
    'CREATE INDEX CONCURRENTLY "ix" ON "t" USING btree ("a")',
    'BEGIN',
    'DROP TABLE "x"',
  ]);
});

it('names follow the convention of the target metadata', () => {
  expect(upgraded(`
def upgrade():
    op.create_table('t', sa.Column('id', sa.Integer, primary_key=True), sa.Column('u_id', sa.Integer, sa.ForeignKey('u.id'), unique=True, index=False), sa.Column('k', sa.Text, index=True), sa.CheckConstraint('id > 1', name='large'), sa.CheckConstraint('id > 2', name=op.f('larger')))
    op.create_unique_constraint(None, 't', ['k'])
    op.create_check_constraint('positive', 't', 'id > 0')
`, {
    'alembic/env.py': `
from alembic import context
from app.db import Base
target_metadata = Base.metadata
`,
    'app/db.py': `
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase
class Base(DeclarativeBase):
    metadata = MetaData(naming_convention={"ix": "ix_%(column_0_label)s", "uq": "uq_%(table_name)s_%(column_0_name)s", "ck": "ck_%(table_name)s_%(constraint_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s", "pk": "pk_%(table_name)s"})
`,
  })).toEqual([
    'CREATE TABLE "t" ("id" serial NOT NULL, "u_id" "int4", "k" "text", CONSTRAINT "pk_t" PRIMARY KEY ("id"), CONSTRAINT "ck_t_large" CHECK (("id" > 1)), CONSTRAINT "larger" CHECK (("id" > 2)), CONSTRAINT "fk_t_u_id_u" FOREIGN KEY ("u_id") REFERENCES "u" ("id") ON DELETE NO ACTION ON UPDATE NO ACTION, CONSTRAINT "uq_t_u_id" UNIQUE ("u_id"))',
    'CREATE INDEX "ix_t_k" ON "t" USING btree ("k")',
    'ALTER TABLE "t" ADD CONSTRAINT "uq_t_k" UNIQUE ("k")',
    'ALTER TABLE "t" ADD CONSTRAINT "ck_t_positive" CHECK (("id" > 0))',
  ]);
});

it('functions of alembic_utils are dropped by their parameters, without what these are by default', () => {
  const program = pythonProgram({ 'alembic/versions/a.py': `
from alembic import op
from alembic_utils.pg_function import PGFunction
def upgrade():
    op.drop_entity(PGFunction(schema='public', signature="f(at timestamptz DEFAULT now(), n numeric(10, 2) = coalesce(g(1), 2), label text default 'a')", definition="RETURNS void LANGUAGE sql AS 'SELECT'"))
` });
  program.models();
  const [statement] = program.migrations().get('alembic/versions/a.py')!.up;
  expect(statement!.operations).toMatchObject([{ kind: 'dropFunction', name: { name: 'f' }, parameters: [{ name: 'timestamptz' }, { name: 'numeric' }, { name: 'text' }] }]);
});

it('policies and extensions of alembic_utils', () => {
  expect(upgraded(`
from alembic_utils.pg_policy import PGPolicy
from alembic_utils.pg_extension import PGExtension
citext = PGExtension(schema='public', signature='citext')
def upgrade():
    op.create_entity(PGPolicy(schema='public', signature='own', on_entity='t', definition="USING (org = current_setting('app.org'))"))
    op.drop_entity(citext)
    op.replace_entity(PGPolicy('public', 'other', 'USING (true)', 'public.t'))
    op.create_entity(unheard_of())
`)).toEqual([
    'CREATE POLICY "own" ON "public"."t" AS PERMISSIVE FOR ALL USING (("org" = "current_setting"(\'app.org\')))',
    '-- drop extension',
    'DROP POLICY IF EXISTS "other" ON "public"."t"',
    'CREATE POLICY "other" ON "public"."t" AS PERMISSIVE FOR ALL USING (TRUE)',
    '?? what op.create_entity() does is not known',
  ]);
});

it('a constraint is dropped by the name that the catalog gives', () => {
  const program = pythonProgram({ 'alembic/versions/a.py': `
import sqlalchemy as sa
from alembic import op
def upgrade():
    key = sa.inspect(op.get_bind()).get_pk_constraint('t')
    op.drop_constraint(key['name'], 't', type_='primary')
` });
  program.models();
  const [statement] = program.migrations().get('alembic/versions/a.py')!.up;
  expect(statement!.operations).toMatchObject([{ kind: 'execution', block: { body: [{ kind: 'execute', text: { operator: '||', left: { value: 'ALTER TABLE "t" DROP CONSTRAINT ' } } }] } }]);
});

it('rows of records are read by their fields', () => {
  expect(upgraded(`
from dataclasses import dataclass
from typing import NamedTuple
@dataclass
class Meta:
    name: str
    key: str = 'id'
class Pair(NamedTuple):
    a: str
    b: str
def upgrade():
    for meta in [Meta('t'), Meta('u', key='uid')]:
        op.drop_column(meta.name, meta.key)
    for pair in (Pair('x', 'y'),):
        op.drop_column(pair.a, pair.b)
`)).toEqual([
    'ALTER TABLE "t" DROP COLUMN "id"',
    'ALTER TABLE "u" DROP COLUMN "uid"',
    'ALTER TABLE "x" DROP COLUMN "y"',
  ]);
});
