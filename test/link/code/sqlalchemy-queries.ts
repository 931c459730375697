import { queriesOfEffects } from '../../../src/link/queries/code.js';
import { pythonProgram } from './python-program.js';
import { renderQuery } from './render-query.js';

/** Models of the tests. */
export const MODELS = `
from typing import Optional
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

class Base(DeclarativeBase): pass
class Org(Base):
    __tablename__ = 'orgs'
    id: Mapped[int] = mapped_column(primary_key=True)
class User(Base):
    __tablename__ = 'users'
    id: Mapped[int] = mapped_column(primary_key=True)
    org_id: Mapped[int] = mapped_column(ForeignKey('orgs.id'))
    email: Mapped[str] = mapped_column('email_address')
    org: Mapped[Org] = relationship()
    posts: Mapped[list['Post']] = relationship(back_populates='author')
class Post(Base):
    __tablename__ = 'posts'
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey('users.id'))
    title: Mapped[Optional[str]]
    author: Mapped[User] = relationship(back_populates='posts')
`;

/** What the code of the tests imports. */
export const IMPORTS = `
from sqlalchemy import and_, delete, exists, func, insert, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Session, aliased, joinedload, selectinload, with_loader_criteria
from sqlalchemy.ext.asyncio import AsyncSession
from models import Org, Post, User
`;

/** The queries of a module, as SQL; those not understood as `?? reason`. */
export function loweredFiles(files: Readonly<Record<string, string>>): string[] {
  const program = pythonProgram(files);
  program.models();
  return queriesOfEffects(program.effects()).map(({ query, unknown }) => (query ? renderQuery(query).replace(/@?[\w/]+\.py:\d+/g, '') : `?? ${unknown}`));
}

/** The queries of a function's body. */
export function lowered(body: string, parameters = 'session: Session, org_id: int, id: int, x=None', imports = IMPORTS): string[] {
  return loweredFiles({ 'models.py': MODELS, 'app.py': `${imports}\ndef f(${parameters}):\n${body.trim().split('\n').map((line) => `    ${line}`).join('\n')}\n` });
}
