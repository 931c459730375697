import { describe, expect, it } from 'vitest';
import type { ModelTable } from '../../../src/facts/schema.js';
import { modelsOf } from './python-program.js';

/** A model in a few lines: its table, its columns, its constraints and indexes, its relations. */
function described(model: ModelTable): string[] {
  const { name, columns, constraints, indexes, relations = {} } = model;
  const qualified = (each: { readonly schema?: string; readonly name: string }) => (each.schema === undefined ? each.name : `${each.schema}.${each.name}`);
  return [
    `${model.modelName}: ${qualified(name)}`,
    ...columns.map((column) => [column.name, `${column.type.name}${'[]'.repeat(column.type.dimensions)}`, column.notNull ? 'not null' : 'null', ...(column.default ? [column.default.clientSide ? 'default of the model' : 'default'] : [])].join(' ')),
    ...constraints.map((each) => `${each.kind}${each.name === undefined ? '' : ` ${each.name}`} (${'columns' in each ? each.columns.join() : ''})${each.kind === 'foreignKey' ? ` to ${qualified(each.references)} (${each.referencedColumns.join()}) ${each.onDelete}` : ''}`),
    ...indexes.map((each) => `${each.unique ? 'unique ' : ''}index ${each.name ?? ''} (${each.keys.map(({ column }) => column ?? 'expression').join()})${each.where ? ' where' : ''}`),
    ...Object.entries(relations).map(([field, { model: other, list, columns: own, referencedColumns, through }]) => `${field}: ${list ? 'many' : 'one'} ${other} by ${own.join()} = ${through ? `${through.table.name}.${through.columns.join()}` : referencedColumns.join()}`),
  ];
}

function described1(text: string, modelName?: string): string[] {
  const models = modelsOf({ 'app/models.py': text });
  return described(modelName === undefined ? models[0]! : models.find((model) => model.modelName === modelName)!);
}

const BASE = `
import enum
import uuid
from datetime import datetime
from typing import Annotated, List, Optional
from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Index, Integer, MetaData, String, Table, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.declarative import declarative_base
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, relationship
`;

describe('mapped_column', () => {
  it('reads types and nullability from the annotation', () => {
    expect(described1(`${BASE}
class Base(DeclarativeBase):
    type_annotation_map = {datetime: DateTime(timezone=True), int: BigInteger}
class Kind(enum.Enum):
    A = 'a'
intpk = Annotated[int, mapped_column(primary_key=True)]
class Item(Base):
    __tablename__ = 'items'
    id: Mapped[intpk]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    name: Mapped[str | None]
    kind: Mapped[Kind]
    tags: Mapped[Optional[list[str]]] = mapped_column(ARRAY(String))
    key: Mapped[uuid.UUID] = mapped_column('item_key', default=uuid.uuid4)
`)).toEqual([
      'Item: items', 'id int8 not null default', 'at timestamptz not null default', 'name varchar null', 'kind kind not null', 'tags varchar[] null',
      'item_key uuid not null default of the model', 'primaryKey (id)',
    ]);
  });

  it('says where the annotation contradicts nullable', () => {
    const [model] = modelsOf({ 'app/models.py': `${BASE}
class Base(DeclarativeBase): pass
class Item(Base):
    __tablename__ = 'items'
    a: Mapped[Optional[int]] = mapped_column(nullable=False)
    b: Mapped[int] = mapped_column(nullable=True)
    c: Mapped[int] = mapped_column(nullable=False)
` });
    expect(model!.columns.map(({ name, notNull, annotatedNullable }) => [name, notNull, annotatedNullable])).toEqual([['a', true, true], ['b', false, false], ['c', true, undefined]]);
  });

  it('takes mixins, declared_attr and __table_args__', () => {
    expect(described1(`${BASE}
class Base(DeclarativeBase): pass
class Owned:
    @declared_attr
    def account_id(cls) -> Mapped[uuid.UUID]:
        return mapped_column(ForeignKey('accounts.id', ondelete='CASCADE'), index=True)
class User(Owned, Base):
    __tablename__ = 'users'
    __table_args__ = (UniqueConstraint('account_id', 'email', name='uq'), Index('ix', text('lower(email)'), unique=True, postgresql_where=text('email IS NOT NULL')), {'schema': 'app'})
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
`)).toEqual([
      'User: app.users', 'id int4 not null default', 'email varchar not null', 'account_id uuid not null', 'primaryKey (id)', 'unique uq (account_id,email)',
      'foreignKey (account_id) to accounts (id) cascade', 'index ix_app_users_account_id (account_id)', 'unique index ix (expression) where',
    ]);
  });
});

describe('types of the project', () => {
  it('are what they are kept as on PostgreSQL', () => {
    expect(described1(`${BASE}
from sqlalchemy.types import CHAR, TypeDecorator, UserDefinedType
from sqlalchemy.dialects.postgresql import UUID
class GUID(TypeDecorator):
    impl = CHAR
    def load_dialect_impl(self, dialect):
        if dialect.name == 'postgresql':
            return dialect.type_descriptor(UUID())
        return dialect.type_descriptor(CHAR(32))
class Config(TypeDecorator):
    impl = JSONB
class Point(UserDefinedType):
    def get_col_spec(self, **kw):
        return 'POINT'
class Short(String):
    pass
Base = declarative_base()
class Item(Base):
    __tablename__ = 'items'
    a = Column(GUID(), primary_key=True)
    b = Column(Config)
    c = Column(Point())
    d = Column(Short(5))
`)).toEqual(['Item: items', 'a uuid not null', 'b jsonb null', 'c point null', 'd varchar null', 'primaryKey (a)']);
  });
});

describe('classic models', () => {
  const text = `${BASE}
metadata = MetaData(schema='core', naming_convention={'fk': 'fk_%(table_name)s_%(column_0_name)s', 'uq': 'uq_%(table_name)s_%(column_0_name)s'})
Base = declarative_base(metadata=metadata)
links = Table('links', metadata, Column('post_id', ForeignKey('core.posts.id'), primary_key=True), Column('tag_id', ForeignKey('core.tags.id'), primary_key=True))
class Model(Base):
    __abstract__ = True
    id = Column(Integer, primary_key=True)
class Post(Model):
    __tablename__ = 'posts'
    title = Column(String(20), nullable=False, unique=True)
    tags = relationship('Tag', secondary=links)
class Article(Post):
    summary = Column(String)
class Video(Post):
    __tablename__ = 'videos'
    id = Column(Integer, ForeignKey('core.posts.id'), primary_key=True)
class Tag(Model):
    __tablename__ = 'tags'
`;

  it('are tables with the schema and the names of their metadata; a column has the type of the one it refers to', () => {
    expect(described1(text, 'links')).toEqual([
      'links: core.links', 'post_id int4 not null', 'tag_id int4 not null', 'primaryKey (post_id,tag_id)',
      'foreignKey fk_links_post_id (post_id) to core.posts (id) noAction', 'foreignKey fk_links_tag_id (tag_id) to core.tags (id) noAction',
    ]);
  });

  it('share a table (single-table inheritance) or have one of their own (joined)', () => {
    expect(described1(text, 'Post')).toEqual([
      'Post: core.posts', 'title varchar not null', 'id int4 not null default', 'summary varchar null', 'primaryKey (id)', 'unique uq_posts_title (title)',
      'tags: many Tag by id = links.post_id',
    ]);
    expect(described1(text, 'Video')).toEqual(['Video: core.videos', 'id int4 not null', 'primaryKey (id)', 'foreignKey fk_videos_id (id) to core.posts (id) noAction']);
    expect(modelsOf({ 'app/models.py': text }).map(({ modelName }) => modelName)).toEqual(['links', 'Post', 'Video', 'Tag']);
  });
});

describe('SQLModel and Flask-SQLAlchemy', () => {
  it('only classes with table=True are tables', () => {
    expect(modelsOf({ 'app/models.py': `
from typing import Optional
from pydantic import PrivateAttr
from sqlmodel import SQLModel, Field, Relationship, Column, JSON
class TeamBase(SQLModel):
    name: str = Field(index=True)
class Team(TeamBase, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    heroes: list['Hero'] = Relationship(back_populates='team')
class Hero(SQLModel, table=True):
    __tablename__ = 'heroes'
    id: int = Field(primary_key=True)
    team_id: int | None = Field(default=None, foreign_key='team.id')
    meta: dict = Field(sa_column=Column(JSON, nullable=False))
    tags: list = Field(sa_column=Column(JSON))
    _seen: list = PrivateAttr(default_factory=list)
    team: Team | None = Relationship(back_populates='heroes')
class Read(TeamBase):
    id: int
` }).map(described)).toEqual([
      ['Team: team', 'id int4 not null default', 'name varchar not null', 'primaryKey (id)', 'index ix_team_name (name)', 'heroes: many Hero by id = team_id'],
      ['Hero: heroes', 'id int4 not null default', 'team_id int4 null', 'meta json not null', 'tags json null', 'primaryKey (id)', 'foreignKey (team_id) to team (id) noAction', 'team: one Team by team_id = id'],
    ]);
  });

  it('names that are made for the class', () => {
    expect(modelsOf({ 'app/models.py': `${BASE}
import re
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()
class BlogPost(db.Model):
    id = db.Column(db.Integer, primary_key=True)
class Plural(DeclarativeBase):
    @declared_attr.directive
    def __tablename__(cls) -> str:
        return cls.__name__.lower() + 's'
class Invoice(Plural):
    id: Mapped[int] = mapped_column(primary_key=True)
class Snake(DeclarativeBase):
    def __init_subclass__(cls, **kwargs):
        cls.__tablename__ = re.sub(r'(?<!^)(?=[A-Z])', '_', cls.__name__).lower()
        super().__init_subclass__(**kwargs)
class LineItem(Snake):
    id: Mapped[int] = mapped_column(primary_key=True)
` }).map(({ modelName, name }) => [modelName, name.name])).toEqual([['BlogPost', 'blog_post'], ['Invoice', 'invoices'], ['LineItem', 'line_item']]);
  });
});
