import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tenantlint } from '../command-line.js';
import { withProject } from '../fixtures.js';
import { plan } from './support.js';

const TABLES = `create table accounts (id uuid primary key, name text not null);
create table users (id uuid primary key, account_id uuid not null references accounts (id) on delete cascade, email text not null);
create index users_account on users (account_id);
create table notes (id uuid primary key, author_id uuid not null references users (id), slug text not null constraint notes_slug_key unique);
create table labels (id uuid primary key, account_id uuid references accounts (id) on delete cascade, note_id uuid not null references notes (id));
create index labels_account on labels (account_id);
`;

const PRISMA = `datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model Account {
  id     String  @id @db.Uuid
  name   String
  users  User[]
  labels Label[]

  @@map("accounts")
}

model User {
  id        String  @id @db.Uuid
  accountId String  @map("account_id") @db.Uuid
  email     String
  account   Account @relation(fields: [accountId], references: [id], onDelete: Cascade)
  notes     Note[]

  @@index([accountId])
  @@map("users")
}

model Note {
  id       String  @id @db.Uuid
  authorId String  @map("author_id") @db.Uuid
  slug     String  @unique
  author   User    @relation(fields: [authorId], references: [id])
  labels   Label[]

  @@map("notes")
}

model Label {
  id        String   @id @db.Uuid
  accountId String?  @map("account_id") @db.Uuid
  noteId    String   @map("note_id") @db.Uuid
  account   Account? @relation(fields: [accountId], references: [id], onDelete: Cascade)
  note      Note     @relation(fields: [noteId], references: [id])

  @@index([accountId])
  @@map("labels")
}
`;

const DRIZZLE_ACCOUNTS = `import { pgTable, text, uuid } from 'drizzle-orm/pg-core';

export const accounts = pgTable('accounts', { id: uuid('id').primaryKey(), name: text('name').notNull() });
`;
const DRIZZLE = `import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { accounts } from './accounts';

export const users = pgTable('users', {
  id: uuid('id').primaryKey(),
  accountId: uuid('account_id').notNull().references(() => accounts.id, { onDelete: 'cascade' }),
  email: text('email').notNull(),
}, (table) => [index('users_account').on(table.accountId)]);
`;
const DRIZZLE_NOTES = `import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { accounts } from './accounts';
import { users } from './users';

export const notes = pgTable('notes', {
  id: uuid('id').primaryKey(),
  authorId: uuid('author_id').notNull().references(() => users.id),
  slug: text('slug').notNull().unique('notes_slug_key'),
});

export const labels = pgTable('labels', {
  id: uuid('id').primaryKey(),
  accountId: uuid('account_id').references(() => accounts.id, { onDelete: 'cascade' }),
  noteId: uuid('note_id').notNull().references(() => notes.id),
}, (table) => ({ byAccount: index('labels_account').on(table.accountId) }));
`;

const TYPEORM = `import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';

@Entity('accounts')
export class Account {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ type: 'text' })
  name: string;
}

@Entity('users')
@Index('users_account', ['accountId'])
export class User {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ name: 'account_id', type: 'uuid' })
  accountId: string;

  @ManyToOne(() => Account, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'account_id' })
  account: Account;

  @Column({ type: 'text' })
  email: string;
}
`;
const TYPEORM_NOTES = `import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Account, User } from './users';

@Entity('notes')
export class Note {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ name: 'author_id', type: 'uuid' })
  authorId: string;

  @ManyToOne(() => User, { nullable: false })
  @JoinColumn({ name: 'author_id' })
  author: User;

  @Column({ type: 'text', unique: true })
  slug: string;
}

@Entity('labels')
@Index('labels_account', ['accountId'])
export class Label {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ name: 'account_id', type: 'uuid', nullable: true })
  accountId: string | null;

  @ManyToOne(() => Account, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'account_id' })
  account: Account | null;

  @Column({ name: 'note_id', type: 'uuid' })
  noteId: string;

  @ManyToOne(() => Note, { nullable: false })
  @JoinColumn({ name: 'note_id' })
  note: Note;
}
`;

const SQLALCHEMY = `import uuid
from typing import Optional

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "accounts"

    id: Mapped[uuid.UUID] = mapped_column(UUID(as_uuid=True), primary_key=True)
    name: Mapped[str] = mapped_column(Text)


class User(Base):
    __tablename__ = "users"
    __table_args__ = (Index("users_account", "account_id"),)

    id: Mapped[uuid.UUID] = mapped_column(UUID(as_uuid=True), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(UUID(as_uuid=True), ForeignKey("accounts.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(Text)
`;
const SQLALCHEMY_NOTES = `from sqlalchemy import Column, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import UUID

from app.models import Base


class Note(Base):
    __tablename__ = "notes"

    id = Column(UUID(as_uuid=True), primary_key=True)
    author_id = Column(UUID(as_uuid=True), ForeignKey("users.id"), nullable=False)
    slug = Column(Text, nullable=False, unique=True)


class Label(Base):
    __tablename__ = "labels"
    __table_args__ = (Index("labels_account", "account_id"),)

    id = Column(UUID(as_uuid=True), primary_key=True)
    account_id = Column(UUID(as_uuid=True), ForeignKey("accounts.id", ondelete="CASCADE"), nullable=True)
    note_id = Column(UUID(as_uuid=True), ForeignKey("notes.id"), nullable=False)
`;

const BASE = ['migrations/0001_base.sql', TABLES] as const;
const PROJECTS: Readonly<Record<string, { files: (readonly [string, string])[]; dir: string; byHand?: RegExp }>> = {
  prisma: { files: [['prisma/schema.prisma', PRISMA], ['prisma/migrations/20240101000000_base/migration.sql', TABLES]], dir: 'prisma/migrations' },
  drizzle: { files: [BASE, ['src/accounts.ts', DRIZZLE_ACCOUNTS], ['src/users.ts', DRIZZLE], ['src/notes.ts', DRIZZLE_NOTES], ['package.json', '{ "dependencies": { "drizzle-orm": "1" } }']], dir: 'migrations' },
  typeorm: { files: [BASE, ['src/users.ts', TYPEORM], ['src/notes.ts', TYPEORM_NOTES], ['package.json', '{ "dependencies": { "typeorm": "1", "pg": "8" } }']], dir: 'migrations' },
  sqlalchemy: { files: [BASE, ['app/models.py', SQLALCHEMY], ['app/notes.py', SQLALCHEMY_NOTES]], dir: 'migrations', byHand: /app\/notes\.py: make the unique key over slug of Note/ },
};

describe.each(Object.entries(PROJECTS))('%s', (_, { files, dir, byHand }) => {
  const columnFindings = ['schema-drift', 'tenant-column-index', 'tenant-column-not-null', 'tenant-column-foreign-key', 'require-tenant-column', 'unique-includes-tenant'];

  it('models agree with the migrations before and after', async () => {
    const before = await plan(new Map(files), dir, ['--write-models']);
    expect(before.checked.findings.filter(({ ruleId }) => columnFindings.includes(ruleId)).map(({ ruleId, message }) => `${ruleId} ${message}`)).toEqual([expect.stringMatching(/^unique-includes-tenant/)]);
    expect(before.error).not.toMatch(/by hand/);
  });

  it('unique keys take the tenant column in', async () => {
    const planned = await plan(new Map(files), dir, ['--write-models', '--unique']);
    const left = planned.checked.findings.filter(({ ruleId }) => columnFindings.includes(ruleId)).map(({ ruleId, message }) => `${ruleId} ${message}`);
    if (byHand) expect(planned.error).toMatch(byHand);
    else expect(left).toEqual([]);
  });

  it('prints the changes of models as a diff that applies', () => withProject(new Map(files), async (cwd) => {
    const { out } = await tenantlint(cwd, ['plan', '--out', 'new']);
    writeFileSync(join(cwd, 'models.diff'), out.slice(out.indexOf('--- a/')));
    execFileSync('git', ['apply', '--check', 'models.diff'], { cwd });
  }));
});

it('a model keeps the form of its neighbours', async () => {
  const prisma = await plan(new Map(PROJECTS['prisma']!.files), 'prisma/migrations', ['--write-models', '--unique']);
  expect(prisma.written.get('prisma/schema.prisma')).toContain(`model Note {
  id       String  @id @db.Uuid
  accountId String @map("account_id") @db.Uuid
  authorId String  @map("author_id") @db.Uuid
  slug     String
  author   User    @relation(fields: [authorId], references: [id])
  labels   Label[]
  account  Account @relation(fields: [accountId], references: [id], onDelete: Cascade)

  @@unique([accountId, slug])
  @@map("notes")
}`);
  expect(prisma.written.get('prisma/schema.prisma')).toContain('  accountId String   @map("account_id") @db.Uuid\n  noteId');
  expect(prisma.written.get('prisma/schema.prisma')).toContain('  labels Label[]\n  notes  Note[]\n');
  const drizzle = await plan(new Map(PROJECTS['drizzle']!.files), 'migrations', ['--write-models']);
  expect(drizzle.written.get('src/notes.ts')).toContain(`  slug: text('slug').notNull().unique('notes_slug_key'),
  accountId: uuid('account_id').notNull().references(() => accounts.id, { onDelete: 'cascade' }),
}, (t) => [index('notes_account_id_idx').on(t.accountId)]);`);
});
