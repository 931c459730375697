import type { Random } from '../oracle/random.js';

/** Rules by name; `<name>` in an alternative stands for another rule. */
export type Grammar = Readonly<Record<string, readonly string[]>>;

const DEEPEST = 14;
const LONGEST = 30_000;

/** A text that a grammar makes. Below a depth the first alternative of each rule is taken: it has to end. */
export function expand(grammar: Grammar, rule: string, random: Random): string {
  let length = 0;
  const make = (name: string, depth: number): string => {
    const alternatives = grammar[name]!;
    const chosen = depth > DEEPEST || length > LONGEST ? alternatives[0]! : random.pick(alternatives);
    const text = chosen.replace(/<([a-z]+)>/gi, (whole, inner: string) => (Object.hasOwn(grammar, inner) ? make(inner, depth + 1) : whole));
    length += chosen.length;
    return text;
  };
  return make(rule, 0);
}

const NAMES: Grammar = {
  table: ['users', 'accounts', 'orders', 'items', '"Order"', 'public.users', 'app.orders', 'users_2', 'missing'],
  column: ['id', 'account_id', 'org_id', 'user_id', 'order_id', 'name', 'created_at', '"accountId"', 'deleted', 'missing'],
  word: ['a', 'b', 'c', 'x', 't', 'u'],
};

export const SQL: Grammar = {
  ...NAMES,
  file: ['<statement>;\n', '<statement>;\n<file>', '<statement>;\n-- <word>\n<file>', '<statement>;\n\n<statement>;\n<file>'],
  statement: ['select 1', '<query>', 'create table <table> (<defs>)', 'create table if not exists <table> (<defs>)', 'alter table <table> <alter>', 'alter table <table> <alter>, <alter>', 'drop table if exists <table>', 'update <table> set <column> = <value> where <cond>', 'update <table> <word> set <column> = <word>.<column> from <from> where <cond>',
    'delete from <table> where <cond>', 'insert into <table> (<columns>) values (<values>)', 'insert into <table> (<columns>) <query>', 'create unique index on <table> (<columns>)', 'create index concurrently <word> on <table> (<columns>) where <cond>', 'create view <word> as <query>', 'create policy <word> on <table> using (<cond>) with check (<cond>)',
    'do $$ <block> $$', 'create or replace function <word>() returns trigger language plpgsql as $f$ <block> $f$', 'create function <word>(<word> uuid) returns setof <table> language sql as $$ <query> $$', 'create trigger <word> before insert on <table> for each row execute function <word>()', 'with <word> as (<query>) <statement>', 'explain <query>', 'begin', 'commit', 'set search_path = app, public',
    'create type <word> as enum (\'a\')', 'create schema app', 'comment on table <table> is \'<word>\'', 'truncate <table> cascade', 'lock table <table>', 'create materialized view <word> as <query>', 'merge into <table> using <from> on <cond> when matched then delete when not matched then insert values (<values>)', 'grant select on <table> to <word>', 'create table <word> partition of <table> for values in (\'a\')', 'copy <table> from stdin;\n1\t2\n\\.\nselect 1'],
  alter: ['add column <column> uuid', 'add column <column> uuid not null', 'add column <column> uuid references <table> (<column>)', 'alter column <column> set not null', 'alter column <column> drop not null', 'alter <column> type text using <value>', 'alter column <column> set default <value>', 'drop column <column>', 'rename to <word>', 'rename column <column> to <column>', 'add constraint <word> check (<cond>) not valid',
    'validate constraint <word>', 'add foreign key (<columns>) references <table> (<columns>)', 'add primary key (<columns>)', 'enable row level security', 'force row level security', 'set schema app', 'attach partition <table> default', 'add unique (<columns>)', 'inherit <table>'],
  defs: ['id uuid primary key', '<def>, <defs>', '<def>, <def>, <defs>'],
  def: ['<column> uuid not null', '<column> uuid references <table>', '<column> bigint generated always as identity', '<column> text default <value>', 'unique (<columns>)', 'check (<cond>)', 'like <table> including all', 'foreign key (<columns>) references <table> (<columns>) on delete cascade', 'exclude using gist (<column> with =)', '<column> text generated always as (<value>) stored'],
  columns: ['<column>', '<column>, <columns>'],
  values: ['<value>', '<value>, <values>'],
  value: ['1', '$1', ':account_id', '\'x\'', 'null', '<column>', '<word>.<column>', 'now()', '(<query>)', '(<query> limit 1)', 'coalesce(<value>, <value>)', 'case when <cond> then <value> else <value> end', '<value>::uuid', 'current_setting(\'app.current_tenant\')', 'array[<values>]', 'max(<column>) filter (where <cond>)', 'row_number() over (partition by <columns>)', 'E\'\\n\'', '$q$x$q$', 'any(array(<query>))', 'cast(<value> as text)', '<value> || <value>', '-<value>'],
  cond: ['true', '<value> = <value>', '<word>.account_id = $1', 'account_id = $1', '<cond> and <cond>', '<cond> or <cond>', 'not <cond>', '(<cond>)', '<column> is null', '<column> is not null', 'exists (<query>)', 'not exists (<query>)', '<value> in (<query>)', '<value> in (<values>)', '(<columns>) = (<values>)', '<value> between <value> and <value>', '<column> like \'a%\'', '<value> is distinct from <value>', '<column> = any($1)', '($1 is null or <column> = $1)'],
  from: ['<table> <word>', '<table>', '<from> join <table> <word> on <cond>', '<from> left join <table> <word> using (<column>)', '(<query>) <word>', '<from>, lateral (<query>) <word>', 'unnest($1) <word>', '(values (<values>)) <word>(<column>)', '<from> full join <from> on <cond>', '<from> natural join <table>', 'generate_series(1, 2) <word>', 'only <table>', '<table> tablesample system (1)'],
  query: ['select 1', 'select <values> from <from> where <cond>', 'select * from <from> where <cond>', 'select <word>.* from <from> where <cond> order by <column> limit 1', 'select distinct on (<column>) * from <from>', 'select count(*) from <from> group by <columns> having <cond>', '<query> union all <query>', '(<query>) except (<query>)', 'with <word> as (<query>) select * from <word>', 'with recursive <word> as (<query> union <query>) select * from <word>',
    'with <word> as (delete from <table> where <cond> returning *) select * from <word>', 'values (<values>)', 'table <table>', 'select * from <from> where <cond> for update of <word> skip locked'],
  block: ['begin null; end', 'declare <word> uuid; begin <steps> end', 'begin <steps> exception when others then <steps> end', '<<l>> declare <word> <table>%rowtype; begin <steps> end l'],
  steps: ['null;', '<step> <steps>', '<step> <step>'],
  step: ['null;', 'if <cond> then <steps> end if;', 'if <cond> then <steps> elsif <cond> then <steps> else <steps> end if;', 'for <word> in <query> loop <steps> end loop;', 'for i in 1..3 loop <steps> end loop;', 'while <cond> loop <steps> exit when <cond>; end loop;', 'raise exception \'<word> %\', <value>;', 'raise notice \'x\';', '<word> := <value>;', 'select <column> into <word> from <from> where <cond>;', 'execute \'<statement>\';',
    'execute format(\'alter table %I add column %I uuid\', <value>, <value>);', 'perform <word>(<values>);', '<statement>;', 'return <word>;', 'assert <cond>;', 'case <value> when 1 then <steps> else <steps> end case;', 'foreach <word> in array array[\'users\', \'orders\'] loop execute format(\'alter table %I add column org_id uuid\', <word>); end loop;', '<block>;', 'get diagnostics <word> = row_count;', 'open <word> for <query>;', 'return query <query>;'],
};

export const CODE: Grammar = {
  ...NAMES,
  file: ['<import>\n<item>\n', '<import>\n<import>\n<item>\n<item>\n<item>\n'],
  import: ['import { db } from \'./db\';', 'import { drizzle } from \'drizzle-orm/node-postgres\'; import { eq, and, or, sql } from \'drizzle-orm\'; const db = drizzle(x);', 'import { PrismaClient } from \'@prisma/client\'; const prisma = new PrismaClient();', 'import { Pool } from \'pg\'; const pool = new Pool();', 'import postgres from \'postgres\'; const sql = postgres();', 'const knex = require(\'knex\')({ client: \'pg\' });', 'import { Kysely } from \'kysely\'; const k = new Kysely<any>({});', 'import { pgTable, uuid } from \'drizzle-orm/pg-core\'; export const users = pgTable(\'users\', { id: uuid(\'id\').primaryKey(), accountId: uuid(\'account_id\') });', 'import { createClient } from \'@supabase/supabase-js\'; const sb = createClient(a, b);'],
  item: ['const <word> = 1;', 'export async function <word>(<params>) { <steps> }', 'export const <word> = async (<params>) => { <steps> };', 'class <word> extends <word> { constructor(private <word>: any) { super(); } async <word>(<params>) { <steps> } static <word> = <value>; get <word>() { return <value>; } }', 'export default <value>;', 'const { <word>, ...<word> } = <value>;', 'const <word> = <value>;', 'function* <word>() { yield <value>; }', 'enum <word> { A = <value> }', 'router.get(\'/:id\', async (req, res) => { <steps> });', 'type <word> = { <word>: string };', 'export async function <word>(<params>) { return <word>(<values>); }'],
  params: ['', 'id: string', '<word>, { <word> = <value> } = {}', 'accountId?: string, ...<word>: any[]', 'req, res, next', 'ctx: any'],
  steps: ['return;', '<step>', '<step> <steps>', '<step> <step> <steps>'],
  step: ['await <query>;', 'const <word> = await <query>;', 'if (<value>) { <steps> } else { <steps> }', 'if (!<word>) return;', 'if (!<word>) throw new Error(\'x\');', 'for (const <word> of <value>) { <steps> }', 'while (<value>) { <steps> break; }', 'try { <steps> } catch (e) { <steps> } finally { <steps> }', 'switch (<value>) { case 1: <steps> default: <steps> }', 'return <value>;', '<word> = <value>;', '<word>.<word> = <value>;', 'const where = { <word>: <value>, ...<value> };', 'for (let i = 0; i < 3; i++) { <steps> }', 'await db.transaction(async (tx) => { <steps> });', 'await Promise.all(<value>.map(async (<word>) => { <steps> }));'],
  values: ['<value>', '<value>, <values>', '...<value>'],
  value: ['1', '<word>', 'id', 'accountId', '\'x\'', 'null', 'undefined', 'req.body.id', '{ <word>: <value> }', '[<values>]', '<word>.<word>', '<word>?.<word>', '<value> ?? <value>', '<value> && <value>', '<value> ? <value> : <value>', '`a${<value>}`', '(<word>) => <value>', 'await <query>', '<word>(<values>)', 'new <word>(<values>)', 'this.<word>', '<value> as any', '!<value>', 'typeof <value>', '{ ...<value>, <word>: <value> }', '<value>[0]', 'function () { <steps> }', '<word>.map((<word>) => <value>)', 'Object.keys(<value>)', '/<word>/g', '<query>'],
  query: ['db.select().from(users).where(<filter>)', 'db.update(users).set({ name: <value> }).where(<filter>)', 'db.insert(users).values(<value>).onConflictDoNothing()', 'db.query.users.findFirst({ where: <filter>, with: { items: true } })', 'prisma.user.findMany({ where: { accountId: <value>, ...<value> } })', 'prisma.user.update({ where: { id: <value> }, data: <value> })', 'prisma.$queryRaw`select * from users where id = ${<value>} and account_id = ${<value>}`', 'prisma.$transaction([<query>, <query>])', 'pool.query(\'select * from users where id = $1\', [<values>])', 'pool.query(`select * from ${<value>} where <column> = $1`, <value>)', 'sql`select * from <table> where <column> = ${<value>} ${<value> ? sql`and <column> = ${<value>}` : sql``}`', 'knex(\'<table>\').where({ <column>: <value> }).andWhere(\'id\', <value>)', 'knex(\'<table>\').join(\'orders as o\', \'o.user_id\', \'users.id\').whereIn(\'id\', <query>).del()', 'k.selectFrom(\'users as u\').innerJoin(\'orders\', \'orders.user_id\', \'u.id\').where(\'u.account_id\', \'=\', <value>).selectAll().execute()', 'sb.from(\'<table>\').select(\'*, orders(*)\').eq(\'<column>\', <value>).or(`a.eq.${<value>}`)', 'sb.rpc(\'<word>\', <value>)'],
  filter: ['eq(users.id, <value>)', 'and(<filter>, <filter>)', 'or(<filter>, <filter>)', 'sql`${users.id} = ${<value>}`', '<value> ? <filter> : undefined', 'eq(users.accountId, <value>)', '(t, { eq }) => eq(t.id, <value>)', '<value>'],
};

export const PYTHON: Grammar = {
  ...NAMES,
  file: ['<import>\n<item>\n', '<import>\n<import>\n<item>\n<item>\n<item>\n'],
  import: ['import sqlalchemy as sa', 'from sqlalchemy import select, text, and_, or_', 'from sqlalchemy.orm import Session, declarative_base, Mapped, mapped_column\nBase = declarative_base()', 'from django.db import models', 'import psycopg2\nconn = psycopg2.connect()', 'from alembic import op\nimport sqlalchemy as sa\nrevision = \'1\'\ndown_revision = None'],
  item: ['x = 1', 'def <word>(<params>):\n    <step>\n    <step>', 'class <word>(Base):\n    __tablename__ = \'<word>\'\n    id = sa.Column(sa.Integer, primary_key=True)\n    account_id: Mapped[int] = mapped_column(sa.ForeignKey(\'accounts.id\'))', 'class <word>(models.Model):\n    account = models.ForeignKey(\'Account\', on_delete=models.CASCADE)\n    class Meta:\n        db_table = <value>', 'async def <word>(<params>):\n    <step>\n    return <value>', 'def upgrade():\n    <migration>\n    <migration>', '@<word>(<value>)\ndef <word>(self, <params>):\n    <step>', '<word> = <value>', 'if <value>:\n    <step>', 'for t in [\'users\', \'orders\']:\n    <migration>', 'class <word>(<word>, <word>):\n    def <word>(self):\n        return self.<word>'],
  params: ['', 'session, id', 'db: Session, account_id: int = None, *args, **kwargs', 'request, pk', 'self'],
  step: ['pass', 'return <value>', '<word> = <value>', 'session.execute(<query>)', 'x = session.scalars(<query>).first()', 'conn.cursor().execute(\'select * from users where id = %s\', (<value>,))', 'with conn.cursor() as c: c.execute(f\'select * from {<value>}\')', 'raise ValueError(<value>)', 'yield <value>', 'User.objects.filter(id=<value>, account=<value>).update(name=<value>)', 'del <word>', 'global <word>', 'assert <value>', 'for <word> in <value>: <word> = <value>', 'try: x = <value>\n    except Exception: pass'],
  query: ['select(User).where(User.id == <value>)', 'select(User).where(and_(User.id == <value>, or_(User.account_id == <value>, <value>)))', 'text(\'select * from users where <column> = :x\')', 'session.query(User).filter_by(id=<value>)', 'sa.update(User).values(name=<value>)', 'text(f\'select * from users where id = {<value>}\')', 'select(User).join(Order).options(selectinload(User.orders))', '<query>.filter(<value>)', 'User.objects.filter(Q(a=<value>) | Q(b=<value>))'],
  migration: ['pass', 'op.add_column(\'<word>\', sa.Column(\'account_id\', sa.UUID(), nullable=<value>))', 'op.execute(\'update users set account_id = 1\')', 'op.alter_column(\'users\', \'account_id\', nullable=False)', 'op.create_table(\'<word>\', sa.Column(\'id\', sa.Integer, primary_key=True), *<value>)', 'op.create_foreign_key(None, \'users\', \'accounts\', [\'account_id\'], [\'id\'])', 'op.execute(f\'alter table {t} add column org_id uuid\')', 'op.drop_table(<value>)', 'op.get_bind().execute(<query>)', 'with op.batch_alter_table(\'users\') as b: b.alter_column(\'x\', nullable=False)'],
  value: ['1', '<word>', '\'x\'', 'None', '[<value>, <value>]', '{\'a\': <value>, **<value>}', '<word>.<word>', '<value> if <value> else <value>', 'f\'{<value>}\'', 'lambda x: <value>', '[<value> for x in <value> if <value>]', '<word>(<value>, x=<value>)', '<value> and <value>', 'not <value>', '<value>[0]', 'self.<word>', '\'%s\' % <value>', '<query>', '(<value>, *<value>)', '(x := <value>)', 'request.GET[\'id\']', '\'\'.join(<value>)', '-<value>', '<value> == <value>'],
};

export const PRISMA: Grammar = {
  name: ['User', 'Account', 'Order', 'Item'],
  field: ['id', 'accountId', 'account', 'orders', 'name', 'userId'],
  file: ['datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n<models>', '<models>'],
  models: ['<model>', '<model>\n<models>', '<model>\n<model>\n<models>'],
  model: ['model <name> {\n  id String @id\n}\n', 'model <name> {\n  <lines>\n}\n', 'enum <name> {\n  A\n  B @map("b")\n}\n', 'type <name> {\n  <lines>\n}\n', 'view <name> {\n  <lines>\n}\n'],
  lines: ['id String @id', '<line>\n  <lines>', '<line>\n  <line>\n  <lines>'],
  line: ['<field> <type>', '<field> <type> <attribute>', '<field> <type> <attribute> <attribute>', '<field> <name> @relation(fields: [<field>], references: [<field>])', '<field> <name>[] @relation("<name>")', '<field> <name>?', '@@unique([<field>, <field>])', '@@index([<field>(sort: Desc)])', '@@id([<field>, <field>])', '@@map("<field>")', '/// comment', '<field> Unsupported("tsvector")?', '@@schema("app")'],
  type: ['String', 'Int', 'String?', 'String[]', 'BigInt', 'DateTime', 'Json', '<name>', 'Decimal'],
  attribute: ['@id', '@unique', '@default(uuid())', '@default(dbgenerated("gen_random_uuid()"))', '@db.Uuid', '@map("x_y")', '@default([])', '@updatedAt', '@default(autoincrement())', '@ignore'],
};
