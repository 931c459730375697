"""Runs upgrade() of a revision given on standard input against stand-ins of alembic and SQLAlchemy; prints what it does to the database as JSON."""
import contextlib
import json
import sys
import types

done = []


def quote(name):
    return '"' + name + '"'


class Type:
    def __init__(self, sql):
        self.sql = sql


class Column:
    def __init__(self, name, kind, nullable=True):
        self.sql = f"{quote(name)} {kind.sql}{'' if nullable else ' NOT NULL'}"


class Result:
    def scalar(self):
        return 0


class Connection:
    def execute(self, text):
        done.append({"mustBeZero": text})
        return Result()


class Context:
    @contextlib.contextmanager
    def autocommit_block(self):
        op.execute("commit")
        yield
        op.execute("begin")


op = types.ModuleType("op")
op.execute = lambda sql: done.append({"sql": sql})
op.get_bind = Connection
op.get_context = Context
op.add_column = lambda table, column: op.execute(f"ALTER TABLE {quote(table)} ADD COLUMN {column.sql}")
op.alter_column = lambda table, column, nullable: op.execute(f"ALTER TABLE {quote(table)} ALTER COLUMN {quote(column)} {'DROP' if nullable else 'SET'} NOT NULL")
op.create_index = lambda name, table, columns, postgresql_concurrently=False: op.execute(
    f"CREATE INDEX {'CONCURRENTLY ' if postgresql_concurrently else ''}{quote(name)} ON {quote(table)} ({', '.join(map(quote, columns))})")
op.create_foreign_key = lambda name, table, other, columns, others, ondelete="NO ACTION": op.execute(
    f"ALTER TABLE {quote(table)} ADD CONSTRAINT {quote(name)} FOREIGN KEY ({', '.join(map(quote, columns))}) REFERENCES {quote(other)} ({', '.join(map(quote, others))}) ON DELETE {ondelete}")

alembic = types.ModuleType("alembic")
alembic.op = op
sa = types.ModuleType("sqlalchemy")
sa.Column = Column
sa.text = lambda sql: sql
sa.UUID = lambda **_: Type("uuid")
sa.Text = lambda: Type("text")
sa.Integer = lambda: Type("integer")
sa.BigInteger = lambda: Type("bigint")
sa.String = lambda length=None: Type("varchar" if length is None else f"varchar({length})")
postgresql = types.ModuleType("sqlalchemy.dialects.postgresql")
postgresql.UUID = sa.UUID
dialects = types.ModuleType("sqlalchemy.dialects")
dialects.postgresql = postgresql
sys.modules.update({"alembic": alembic, "sqlalchemy": sa, "sqlalchemy.dialects": dialects, "sqlalchemy.dialects.postgresql": postgresql})

scope = {}
exec(compile(sys.stdin.read(), "revision.py", "exec"), scope)
scope["upgrade"]()
print(json.dumps(done))
