import { describe, expect, it } from 'vitest';
import { IMPORTS, lowered } from './sqlalchemy-queries.js';

describe('select() of mapped classes', () => {
  it('names columns as the database does', () => {
    expect(lowered('session.execute(select(User).where(User.org_id == org_id, User.email == x)).scalars().first()')).toEqual([
      'SELECT users.* FROM users WHERE users.org_id = :org_id AND users.email_address = :x',
    ]);
  });

  it('finds the names that a star import brings, built-ins apart', () => {
    const starred = IMPORTS.replace('from models import Org, Post, User', 'from models import *');
    expect(starred).not.toBe(IMPORTS);
    expect(lowered('return session.scalars(select(User).where(User.org_id == int(org_id))).all()', undefined, starred))
      .toEqual(lowered('return session.scalars(select(User).where(User.org_id == int(org_id))).all()'));
    expect(lowered('return session.scalars(select(User)).all()', undefined, starred)[0]).toContain('users');
  });

  it('joins by relationships, foreign keys and conditions', () => {
    expect(lowered(`
session.scalars(select(Post).join(Post.author).where(User.org_id == org_id)).all()
session.scalars(select(Post).join(User).filter_by(org_id=org_id)).all()
session.scalars(select(Post).outerjoin(User, User.id == Post.author_id)).all()
session.scalars(select(func.count()).select_from(Post).join(User))
`)).toEqual([
      'SELECT posts.* FROM posts JOIN users ON users.id = posts.author_id WHERE users.org_id = :org_id',
      'SELECT posts.* FROM posts JOIN users ON users.id = posts.author_id WHERE users.org_id = :org_id',
      'SELECT posts.* FROM posts LEFT JOIN users ON users.id = posts.author_id',
      'SELECT count(*) FROM posts JOIN users ON users.id = posts.author_id',
    ]);
  });

  it('reads has(), any(), exists() and comparisons of relationships', () => {
    expect(lowered(`
user = session.get(User, id)
session.scalars(select(Post).where(Post.author.has(org_id=org_id)))
session.scalars(select(User).where(User.posts.any(Post.title == x)))
session.scalars(select(Post).where(Post.author == user))
session.scalars(select(User).where(exists().where(Post.author_id == User.id)))
`)).toEqual([
      'SELECT users.* FROM users WHERE users.id = :id',
      'SELECT posts.* FROM posts WHERE EXISTS (SELECT 1 FROM users WHERE users.id = posts.author_id AND users.org_id = :org_id)',
      'SELECT users.* FROM users WHERE EXISTS (SELECT 1 FROM posts WHERE posts.author_id = users.id AND posts.title = :x)',
      'SELECT posts.* FROM posts WHERE posts.author_id = (SELECT users.id FROM users WHERE users.id = :id)',
      'SELECT users.* FROM users WHERE EXISTS (SELECT 1 FROM posts WHERE posts.author_id = users.id)',
    ]);
  });

  it('reads subqueries, CTEs, aliases and unions', () => {
    expect(lowered(`
ids = select(User.id).where(User.org_id == org_id)
session.scalars(select(Post).where(Post.author_id.in_(ids)))
sub = ids.subquery('s')
session.execute(select(Post).join(sub, sub.c.id == Post.author_id))
other = aliased(User, name='other')
session.execute(select(User).join(other, other.org_id == User.org_id))
session.execute(ids.union_all(select(Post.author_id)))
`)).toEqual([
      'SELECT posts.* FROM posts WHERE posts.author_id = ANY (SELECT users.id FROM users WHERE users.org_id = :org_id)',
      'SELECT posts.* FROM posts JOIN (SELECT users.id FROM users WHERE users.org_id = :org_id) s ON s.id = posts.author_id',
      'SELECT users.* FROM users JOIN users other ON other.org_id = users.org_id',
      'SELECT users.id FROM users WHERE users.org_id = :org_id UNION ALL SELECT posts.author_id FROM posts',
    ]);
  });

  it('keeps a filter of one branch apart', () => {
    expect(lowered(`
stmt = select(User).where(User.org_id == org_id)
if x:
    stmt = stmt.where(User.email == x)
session.scalars(stmt)
`)).toEqual([expect.stringMatching(/WHERE users.org_id = :org_id AND \(users.email_address = :x OR :the filter at \d+ IS NULL\)$/)]);
  });

  it('adds the criteria of options(), and the related rows that are read along', () => {
    expect(lowered('session.scalars(select(User).options(selectinload(User.posts), with_loader_criteria(User, lambda cls: cls.org_id == org_id)))')).toEqual([
      'SELECT users.*, ARRAY (SELECT 1 FROM posts WHERE posts.author_id = users.id) FROM users WHERE users.org_id = :org_id',
    ]);
  });
});

describe('session.query()', () => {
  it('runs by its own methods', () => {
    expect(lowered(`
session.query(User).filter(User.org_id == org_id).filter_by(id=id).first()
session.query(User).filter_by(org=session.get(Org, org_id)).count()
session.query(Post).join(User).filter(User.org_id == org_id).delete()
session.query(User).filter(User.id == id).update({User.email: x, 'org_id': org_id})
session.query(User).get(id)
session.query(session.query(User).filter_by(id=id).exists()).scalar()
for user in session.query(User): pass
`)).toEqual([
      'SELECT users.* FROM users WHERE users.org_id = :org_id AND users.id = :id LIMIT 1',
      'SELECT orgs.* FROM orgs WHERE orgs.id = :org_id',
      'SELECT users.* FROM users WHERE users.org_id = (SELECT orgs.id FROM orgs WHERE orgs.id = :org_id)',
      'DELETE FROM posts WHERE posts.id = ANY (SELECT posts_found.id FROM posts posts_found JOIN users ON users.id = posts_found.author_id WHERE users.org_id = :org_id)',
      'UPDATE users SET email_address = :x, org_id = :org_id WHERE users.id = :id',
      'SELECT users.* FROM users WHERE users.id = :id',
      'SELECT EXISTS (SELECT 1 FROM users WHERE users.id = :id)',
      'SELECT users.* FROM users',
    ]);
  });
});

describe('writes', () => {
  it('reads insert(), update(), delete() of classes', () => {
    expect(lowered(`
session.execute(insert(User).values(org_id=org_id, email=x))
session.execute(update(User).where(User.id == id).values(email=x))
session.execute(delete(User).where(User.id == id))
session.execute(pg_insert(User).values([{'id': id, 'email': x}]).on_conflict_do_update(index_elements=['id'], set_={'email': x}).returning(User.id))
`)).toEqual([
      'INSERT INTO users (org_id, email_address) VALUES (:org_id, :x)',
      'UPDATE users SET email_address = :x WHERE users.id = :id',
      'DELETE FROM users WHERE users.id = :id',
      expect.stringMatching(/^INSERT INTO users \(id, email_address\) VALUES \(:id, :x\) ON CONFLICT .*RETURNING users.id$/),
    ]);
  });

  it('reads objects that are added, changed and deleted', () => {
    expect(lowered(`
user = User(email=x, org_id=org_id)
session.add(user)
session.add_all([Post(author=session.get(User, id), title=x)])
post = session.scalars(select(Post).where(Post.id == id)).one()
post.title = x
session.delete(post)
session.merge(User(id=id, email=x))
`)).toEqual([
      'INSERT INTO users (email_address, org_id) VALUES (:x, :org_id)',
      'SELECT users.* FROM users WHERE users.id = :id',
      'INSERT INTO posts (author_id, title) VALUES ((SELECT users.id FROM users WHERE users.id = :id), :x)',
      'SELECT posts.* FROM posts WHERE posts.id = :id',
      'UPDATE posts SET title = :x WHERE posts.id = (SELECT posts.id FROM posts WHERE posts.id = :id)',
      'DELETE FROM posts WHERE posts.id = (SELECT posts.id FROM posts WHERE posts.id = :id)',
      expect.stringMatching(/^INSERT INTO users \(id, email_address\) VALUES \(:id, :x\) ON CONFLICT/),
    ]);
  });
});
