import { describe, expect, it } from 'vitest';
import { lowered, loweredFiles } from './sqlalchemy-queries.js';

/** Names that are made of a place, without it. */
const named = (queries: readonly string[]): string[] => queries.map((each) => each.replace(/_\d+\b/g, '_N'));

describe('constructs', () => {
  it('a recursive CTE joined to its base', () => {
    expect(named(lowered(`
tree = select(Post.id, Post.author_id).join(User, Post.author_id == User.id).where(User.org_id == org_id, Post.id == id).cte('tree', recursive=True)
tree = tree.union_all(select(Post.id, Post.author_id).join(tree, Post.author_id == tree.c.id))
session.execute(select(tree.c.id)).all()
`))).toEqual([
      'WITH tree AS (SELECT posts.id, posts.author_id FROM posts JOIN users ON posts.author_id = users.id WHERE users.org_id = :org_id AND posts.id = :id UNION ALL SELECT posts.id, posts.author_id FROM posts JOIN tree ON posts.author_id = tree.id) SELECT tree.id FROM tree',
    ]);
  });

  it('a recursive CTE in WHERE, which is not taken for a table of the outer query', () => {
    expect(named(lowered(`
base = select(Post.id).where(Post.id == id).cte(name='tree', recursive=True)
child = aliased(Post)
base = base.union_all(select(child.id).where(child.author_id == base.c.id))
session.scalars(select(Post).join(base, base.c.id == Post.id)).all()
`))).toEqual([
      'WITH tree AS (SELECT posts.id FROM posts WHERE posts.id = :id UNION ALL SELECT posts_N.id FROM posts posts_N, tree WHERE posts_N.author_id = tree.id) SELECT posts.* FROM posts JOIN tree ON tree.id = posts.id',
    ]);
  });

  it('LATERAL', () => {
    expect(named(lowered(`
latest = select(Post.title).where(Post.author_id == User.id).order_by(Post.id.desc()).limit(1).lateral('latest')
session.execute(select(User.id, latest.c.title).join(latest, true()).where(User.org_id == org_id)).all()
`))).toEqual([
      'SELECT users.id, latest.title FROM users JOIN LATERAL (SELECT posts.title FROM posts WHERE posts.author_id = users.id LIMIT 1) latest ON TRUE WHERE users.org_id = :org_id',
    ]);
  });

  it('Flask-SQLAlchemy: User.query, a method of the class, db.get_or_404()', () => {
    expect(named(loweredFiles({ 'models.py': `
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()
class User(db.Model):
    __tablename__ = 'users'
    id = db.Column(db.Integer, primary_key=True)
    org_id = db.Column(db.Integer)
    name = db.Column(db.String)
    @classmethod
    def by_org(cls, org_id):
        return cls.query.filter(cls.org_id == org_id)
`, 'app.py': `
from models import User, db
def f(org_id, id):
    User.query.filter_by(org_id=org_id, id=id).first_or_404()
    User.query.get_or_404(id)
    User.by_org(org_id).order_by(User.name).paginate(page=1)
    db.session.query(User).filter(User.org_id == org_id).update({User.name: 'x'}, synchronize_session=False)
    db.session.execute(db.select(User).filter_by(id=id)).scalar_one()
    db.first_or_404(db.select(User).where(User.id == id))
    db.get_or_404(User, id)
    db.paginate(db.select(User).where(User.org_id == org_id))
` }))).toEqual([
      'SELECT users.* FROM users WHERE users.org_id = :org_id AND users.id = :id LIMIT 1',
      'SELECT users.* FROM users WHERE users.id = :id',
      'SELECT users.* FROM users WHERE users.org_id = :org_id',
      "UPDATE users SET name = 'x' WHERE users.org_id = :org_id",
      'SELECT users.* FROM users WHERE users.id = :id',
      'SELECT users.* FROM users WHERE users.id = :id',
      'SELECT users.* FROM users WHERE users.id = :id',
      'SELECT users.* FROM users WHERE users.org_id = :org_id',
    ]);
  });

  it('SQLModel: exec(), model_dump(), model_validate(), sqlmodel_update(), fields that Field() describes', () => {
    expect(named(loweredFiles({ 'models.py': `
from sqlmodel import Field, SQLModel
class Hero(SQLModel, table=True):
    id: int = Field(primary_key=True)
    org_id: int
    name: str = Field(default='x', max_length=10)
class HeroIn(SQLModel):
    name: str = Field(default='new')
    org_id: int
`, 'app.py': `
from sqlmodel import Session, select
from models import Hero, HeroIn
def f(session: Session, org_id: int, body: HeroIn):
    session.exec(select(Hero).where(Hero.org_id == org_id)).first()
    hero = session.exec(select(Hero).where(Hero.org_id == org_id)).one()
    session.exec(select(Hero).where(Hero.id == hero.id)).all()
    session.add(Hero(**body.model_dump()))
    session.add(Hero.model_validate(body))
    session.add(Hero.model_validate(body, update={'org_id': org_id}))
    hero.sqlmodel_update(body)
` }))).toEqual([
      'SELECT hero.* FROM hero WHERE hero.org_id = :org_id',
      'SELECT hero.* FROM hero WHERE hero.org_id = :org_id',
      'SELECT hero.* FROM hero WHERE hero.id = (SELECT hero.id FROM hero WHERE hero.org_id = :org_id)',
      'INSERT INTO hero (name, org_id) VALUES (:HeroIn.name, :HeroIn.org_id)',
      'INSERT INTO hero (name, org_id) VALUES (:HeroIn.name, :HeroIn.org_id)',
      'INSERT INTO hero (name, org_id) VALUES (:HeroIn.name, :org_id)',
      'UPDATE hero SET name = :HeroIn.name WHERE hero.id = (SELECT hero.id FROM hero WHERE hero.org_id = :org_id)',
      'UPDATE hero SET org_id = :HeroIn.org_id WHERE hero.id = (SELECT hero.id FROM hero WHERE hero.org_id = :org_id)',
    ]);
  });

  it('polymorphic classes', () => {
    expect(named(loweredFiles({ 'models.py': `
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, with_polymorphic, selectin_polymorphic
class Base(DeclarativeBase): pass
class Employee(Base):
    __tablename__ = 'employees'
    id: Mapped[int] = mapped_column(primary_key=True)
    org_id: Mapped[int]
    type: Mapped[str]
    __mapper_args__ = {'polymorphic_on': 'type', 'polymorphic_identity': 'employee'}
class Manager(Employee):
    __tablename__ = 'managers'
    id: Mapped[int] = mapped_column(ForeignKey('employees.id'), primary_key=True)
    budget: Mapped[int]
class Engineer(Employee):
    level: Mapped[int]
`, 'app.py': `
from sqlalchemy import select
from sqlalchemy.orm import Session, with_polymorphic, selectin_polymorphic
from models import Employee, Engineer, Manager
def f(session: Session, org_id: int, id: int):
    session.scalars(select(Manager).where(Manager.org_id == org_id, Manager.budget > 1)).all()
    session.scalars(select(Engineer).where(Engineer.id == id)).all()
    every = with_polymorphic(Employee, [Manager, Engineer])
    session.scalars(select(every).where(every.org_id == org_id)).all()
    session.scalars(select(every).where(every.Manager.budget > 1, every.org_id == org_id)).all()
    session.scalars(select(Employee).options(selectin_polymorphic(Employee, [Manager])).where(Employee.org_id == org_id)).all()
    session.get(Manager, id)
` }))).toEqual([
      'SELECT managers.* FROM managers, employees WHERE employees.org_id = :org_id AND managers.budget > 1 AND managers.id = employees.id',
      'SELECT employees.* FROM employees WHERE employees.id = :id',
      'SELECT employees.* FROM employees WHERE employees.org_id = :org_id',
      'SELECT employees.* FROM employees WHERE <a condition that is not known> AND employees.org_id = :org_id',
      'SELECT employees.* FROM employees WHERE employees.org_id = :org_id',
      'SELECT managers.* FROM managers, employees WHERE managers.id = :id AND managers.id = employees.id',
    ]);
  });

  it('relationships with a join condition of their own', () => {
    expect(named(loweredFiles({ 'models.py': `
from sqlalchemy import and_
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, foreign, remote
class Base(DeclarativeBase): pass
class Alert(Base):
    __tablename__ = 'alerts'
    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int]
    fingerprint: Mapped[str]
    enrichment: Mapped['Enrichment'] = relationship(primaryjoin="and_(Alert.tenant_id == foreign(Enrichment.tenant_id), Alert.fingerprint == foreign(Enrichment.alert_fingerprint))", uselist=False, viewonly=True)
    loose: Mapped['Enrichment'] = relationship(primaryjoin="Alert.fingerprint == foreign(Enrichment.alert_fingerprint)", viewonly=True)
    called: Mapped['Enrichment'] = relationship(primaryjoin=lambda: Alert.fingerprint == foreign(Enrichment.alert_fingerprint), viewonly=True)
class Enrichment(Base):
    __tablename__ = 'enrichments'
    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int]
    alert_fingerprint: Mapped[str]
`, 'app.py': `
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload
from models import Alert, Enrichment
def f(session: Session, tenant_id: int):
    session.scalars(select(Alert).options(joinedload(Alert.enrichment)).where(Alert.tenant_id == tenant_id)).all()
    session.scalars(select(Alert).options(selectinload(Alert.loose)).where(Alert.tenant_id == tenant_id)).all()
    session.scalars(select(Alert).join(Alert.called).where(Alert.tenant_id == tenant_id)).all()
` }))).toEqual([
      'SELECT alerts.*, ARRAY (SELECT 1 FROM enrichments WHERE enrichments.tenant_id = alerts.tenant_id AND enrichments.alert_fingerprint = alerts.fingerprint) FROM alerts WHERE alerts.tenant_id = :tenant_id',
      'SELECT alerts.*, ARRAY (SELECT 1 FROM enrichments WHERE enrichments.alert_fingerprint = alerts.fingerprint) FROM alerts WHERE alerts.tenant_id = :tenant_id',
      '?? it joins something that is not known',
    ]);
  });

  it('Flask-SQLAlchemy: a class of the project below SQLAlchemy, a column by functools.partial()', () => {
    expect(loweredFiles({ 'models.py': `
import functools
from flask_sqlalchemy import SQLAlchemy
class OwnSQLAlchemy(SQLAlchemy):
    def apply_pool_defaults(self, app, options):
        return options
db = OwnSQLAlchemy(session_options={'expire_on_commit': False})
Column = functools.partial(db.Column, nullable=False)
class Source(db.Model):
    __tablename__ = 'sources'
    id = Column(db.Integer, primary_key=True)
    org_id = Column('org', db.Integer)
`, 'app.py': `
from models import Source, db
def f(org_id, id):
    Source.query.filter(Source.org_id == org_id).first()
    db.session.query(Source).filter_by(id=id).delete()
` })).toEqual([
      'SELECT sources.* FROM sources WHERE sources.org = :org_id LIMIT 1',
      'DELETE FROM sources WHERE sources.id = :id',
    ]);
  });
});
