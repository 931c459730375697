import { describe, expect, it } from 'vitest';
import { IMPORTS, lowered, loweredFiles, MODELS } from './sqlalchemy-queries.js';

describe('models', () => {
  it('of a base that a decorator makes', () => {
    expect(loweredFiles({ 'app.py': `
from sqlalchemy import Column, Integer
from sqlalchemy.orm import Session, as_declarative, declared_attr, registry
@as_declarative()
class Base:
    id = Column(Integer, primary_key=True)
    @declared_attr
    def __tablename__(cls):
        return cls.__name__.lower()
class Order(Base):
    org_id = Column(Integer)
mapper = registry()
@mapper.mapped
class Note:
    __tablename__ = 'notes'
    id = Column(Integer, primary_key=True)
def f(db: Session, id, org_id):
    db.query(Order).filter(Order.id == id, Order.org_id == org_id).first()
    db.query(Note).filter(Note.id == id).delete()
` })).toEqual(['SELECT order.* FROM order WHERE order.id = :id AND order.org_id = :org_id LIMIT 1', 'DELETE FROM notes WHERE notes.id = :id']);
  });

  it('called after their class by a regular expression', () => {
    expect(loweredFiles({ 'app.py': `
import re
from sqlalchemy import Column, Integer
from sqlalchemy.orm import DeclarativeBase, Session, declared_attr
def table_name(name):
    names = re.split("(?=[A-Z])", name)
    return "_".join([x.lower() for x in names if x])
WORD = re.compile(r'(?<!^)(?=[A-Z])')
class Base(DeclarativeBase):
    @declared_attr.directive
    def __tablename__(cls):
        return table_name(cls.__name__)
class Plural(DeclarativeBase):
    @declared_attr.directive
    def __tablename__(cls):
        return re.sub(r'^(\\w+)$', r'\\1_s', WORD.sub('_', cls.__name__).lower())
class CaseType(Base):
    id = Column(Integer, primary_key=True)
class TestRun(Plural):
    id = Column(Integer, primary_key=True)
def f(db: Session, id):
    db.query(CaseType).filter(CaseType.id == id).delete()
    db.query(TestRun).filter(TestRun.id == id).delete()
` })).toEqual(['DELETE FROM case_type WHERE case_type.id = :id', 'DELETE FROM test_run_s WHERE test_run_s.id = :id']);
  });

  it('found by a star import, also where they are called', () => {
    expect(lowered('session.add(User(org_id=org_id))', 'session: Session, org_id', IMPORTS.replace('from models import Org, Post, User', 'from models import *')))
      .toEqual(['INSERT INTO users (org_id) VALUES (:org_id)']);
  });

  it('in a package that several source folders share', () => {
    expect(loweredFiles({
      'app/src/acme/__init__.py': '', 'app/src/acme/core/__init__.py': '', 'app/src/acme/core/models.py': MODELS,
      'more/src/acme/__init__.py': '', 'more/src/acme/extra/__init__.py': '', 'more/src/acme/extra/queries.py': `
from sqlalchemy.orm import Session
from acme.core.models import User
def f(session: Session, id):
    session.query(User).filter(User.id == id).delete()
` })).toEqual(['DELETE FROM users WHERE users.id = :id']);
  });

  it('of which a parameter holds one: what is added is not known', () => {
    expect(lowered('session.add(user)', 'session: Session, user: User')).toEqual(['?? which users is added is not known']);
    expect(lowered('user.org_id = org_id\nsession.add(user)', 'session: Session, user: User, org_id')).toEqual(['?? which users is added is not known']);
  });

  it('joined by the other side of a relationship, as backref names it', () => {
    expect(loweredFiles({ 'models.py': MODELS, 'app.py': `${IMPORTS}
from sqlalchemy import Column, ForeignKey, Integer, String, Table
from sqlalchemy.orm import backref, relationship
from models import Base
links = Table('links', Base.metadata, Column('label_id', ForeignKey('labels.id')), Column('shelf_id', ForeignKey('shelves.id')))
class Shelf(Base):
    __tablename__ = 'shelves'
    id = Column(Integer, primary_key=True)
    name = Column(String)
class Label(Base):
    __tablename__ = 'labels'
    id = Column(Integer, primary_key=True)
    shelf_id = Column(ForeignKey('shelves.id'))
    parent_id = Column(ForeignKey('labels.id'))
    shelf = relationship('Shelf', backref=backref('labels', cascade='all'))
    shelves = relationship('Shelf', secondary=links, backref='marks')
    children = relationship('Label', backref=backref('parent', remote_side=[id]))
def f(session: Session, x):
    session.scalars(select(Shelf).join(Shelf.labels).where(Label.id == x)).all()
    session.scalars(select(Shelf).join(Shelf.marks).where(Label.id == x)).all()
    session.scalars(select(Shelf).where(Shelf.labels.any(Label.id == x))).all()
` })).toEqual([
      'SELECT shelves.* FROM shelves JOIN labels ON labels.shelf_id = shelves.id WHERE labels.id = :x',
      'SELECT shelves.* FROM shelves JOIN links links_1 JOIN labels ON labels.id = links_1.label_id ON links_1.shelf_id = shelves.id WHERE labels.id = :x',
      'SELECT shelves.* FROM shelves WHERE EXISTS (SELECT 1 FROM labels WHERE labels.shelf_id = shelves.id AND labels.id = :x)',
    ]);
  });

  it('joined as the condition of a relationship says', () => {
    expect(loweredFiles({ 'models.py': MODELS, 'app.py': `${IMPORTS}
from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import relationship
from models import Base
class Label(Base):
    __tablename__ = 'labels'
    id = Column(Integer, primary_key=True)
    owner = Column(Integer)
    kind = Column(String)
    post = relationship('Post', primaryjoin="and_(foreign(Label.owner) == Post.id, Label.kind == 'post')", viewonly=True)
    either = relationship('Post', primaryjoin="or_(Label.owner == Post.id, Label.id == Post.id)")
def f(session: Session, x):
    session.scalars(select(Label).join(Label.post).where(Post.title == x)).all()
    session.scalars(select(Label).where(Label.post.has(Post.title == x))).all()
    session.scalars(select(Label).join(Label.either)).all()
` })).toEqual([
      'SELECT labels.* FROM labels JOIN posts ON posts.id = labels.owner WHERE posts.title = :x',
      'SELECT labels.* FROM labels WHERE EXISTS (SELECT 1 FROM posts WHERE posts.id = labels.owner AND posts.title = :x)',
      'SELECT labels.* FROM labels JOIN posts ON <a relationship with a join condition of its own>',
    ]);
  });
});

describe('functions', () => {
  it('of keyword arguments only', () => {
    expect(loweredFiles({ 'models.py': MODELS, 'app.py': `${IMPORTS}
def get(*, session: Session, id: int):
    return session.query(User).filter(User.id == id).one_or_none()
` })).toEqual(['SELECT users.* FROM users WHERE users.id = :id']);
  });

  it('behind a wrapper that hands on whatever it is given', () => {
    expect(loweredFiles({ 'models.py': MODELS, 'app.py': `${IMPORTS}
def retried(f):
    def wrapper(*args, **kwargs):
        return f(*args, **kwargs)
    return wrapper
@retried
def get(session: Session, org_id: int, id: int):
    return session.scalars(select(User).where(User.org_id == org_id)).all()
` })).toEqual(['SELECT users.* FROM users WHERE users.org_id = :org_id']);
  });
});

describe('listeners of sessions', () => {
  const LISTENERS = `
from sqlalchemy import event
from sqlalchemy.orm import Session, with_loader_criteria
from models import User
@event.listens_for(Session, 'do_orm_execute')
def scoped(state):
    state.statement = state.statement.options(with_loader_criteria(User, lambda cls: cls.COLUMN == current()))
@event.listens_for(Session, 'before_flush')
def stamped(session, context, instances):
    for each in session.new:
        setattr(each, 'COLUMN', current())
`;
  // What a function registers is not found by its decorator.
  const INSIDE = LISTENERS.replace(/@event.listens_for\(Session, 'do_orm_execute'\)\n(def .*\n)(.*\n)/, (_, head: string, body: string) => `def register():\n    @event.listens_for(Session, 'do_orm_execute')\n    ${head}    ${body}`);
  const queries = (column: string): string[] => loweredFiles({ 'models.py': MODELS, 'listeners.py': INSIDE.replaceAll('COLUMN', column), 'app.py': `${IMPORTS}
def f(session: Session, id):
    session.scalars(select(User).where(User.id == id)).first()
    session.get(User, id)
    session.scalars(select(Org).where(Org.id == id)).first()
    session.query(User).filter(User.id == id).delete()
` });

  it('add conditions that are not known, if they are about a column that says whose rows they are', () => {
    const heard = '<conditions that a listener of the session adds>';
    expect(queries('org_id')).toEqual([
      `SELECT users.* FROM users WHERE users.id = :id AND ${heard}`, `SELECT users.* FROM users WHERE users.id = :id AND ${heard}`,
      'SELECT orgs.* FROM orgs WHERE orgs.id = :id', `DELETE FROM users WHERE users.id = :id AND ${heard}`,
    ]);
    expect(queries('deleted_at')).toEqual([
      'SELECT users.* FROM users WHERE users.id = :id', 'SELECT users.* FROM users WHERE users.id = :id', 'SELECT orgs.* FROM orgs WHERE orgs.id = :id', 'DELETE FROM users WHERE users.id = :id',
    ]);
  });
});

describe('a listener at the top of a module', () => {
  it('adds what it adds', () => {
    expect(loweredFiles({ 'models.py': MODELS, 'app.py': `${IMPORTS}
from sqlalchemy import event
from sqlalchemy.orm import with_loader_criteria
@event.listens_for(Session, 'do_orm_execute')
def scoped(state):
    state.statement = state.statement.options(with_loader_criteria(User, lambda cls: cls.org_id == 1))
def f(session: Session, id):
    session.scalars(select(User).where(User.id == id)).first()
    session.get(User, id)
    session.scalars(select(Org).where(Org.id == id)).first()
    session.query(User).filter(User.id == id).delete()
` })).toEqual([
      'SELECT users.* FROM users WHERE users.id = :id AND users.org_id = 1', 'SELECT users.* FROM users WHERE users.id = :id AND users.org_id = 1',
      'SELECT orgs.* FROM orgs WHERE orgs.id = :id', 'DELETE FROM users WHERE users.id = :id AND users.org_id = 1',
    ]);
  });
});

describe('conditions of branches', () => {
  it('hold one or the other where each branch adds some', () => {
    expect(lowered(`
query = select(User)
if x:
    query = query.where(User.org_id == org_id)
elif id:
    query = query.where(User.id == id).where(User.org_id == 1)
else:
    query = query.where(User.org_id.in_(x))
session.scalars(query).all()
`)).toEqual(['SELECT users.* FROM users WHERE users.org_id = :org_id OR users.id = :id AND users.org_id = 1 OR users.org_id = ANY (:x)']);
  });

  it('may be left out where one branch adds none', () => {
    expect(lowered(`
query = select(User)
if x:
    query = query.where(User.org_id == org_id)
elif id:
    query = query.where(User.id == id)
session.scalars(query).all()
`)[0]).toMatch(/WHERE users\.org_id = :org_id OR users\.id = :id OR :the filter at \d+ IS NULL$/);
  });
});

describe('generic bases', () => {
  it('a method of the class reads the table of the class it is called on, where it is called', () => {
    const queries = loweredFiles({ 'base.py': `
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
class Base(DeclarativeBase): pass
class Common(Base):
    __abstract__ = True
    id: Mapped[str] = mapped_column(primary_key=True)
    @classmethod
    def scoped(cls, query, org_id):
        return query.where(cls.org_id == org_id)
    @classmethod
    def read(cls, *, session: Session, id, org_id):
        query = select(cls).where(cls.id == id)
        query = cls.scoped(query, org_id)
        return session.execute(query).scalar_one_or_none()
`, 'app.py': `
from sqlalchemy.orm import Mapped, Session
from base import Common
class File(Common):
    __tablename__ = 'files'
    org_id: Mapped[str]
def f(session: Session, id, org_id):
    File.read(session=session, id=id, org_id=org_id)
` });
    expect(queries).toContain('SELECT files.* FROM files WHERE files.id = :id AND files.org_id = :org_id');
    expect(queries.filter((each) => !each.includes('files'))).toEqual(['?? the model that is selected is not known']);
  });
});
