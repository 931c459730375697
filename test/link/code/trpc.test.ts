import { expect, test } from 'vitest';
import { queriesOf, renderedQueries } from './program.js';

const schema = `import { pgTable, uuid } from 'drizzle-orm/pg-core';
export const members = pgTable('members', { userId: uuid('user_id'), orgId: uuid('org_id') });
export const projects = pgTable('projects', { id: uuid('id').primaryKey(), orgId: uuid('org_id') });
`;

const base = `import { initTRPC, TRPCError } from '@trpc/server';
import { drizzle } from 'drizzle-orm/node-postgres';
import { eq } from 'drizzle-orm';
import { members } from './schema';
const db = drizzle('');
export const createContext = async (opts: { userId: string; tenant: string }) => ({ ...opts, db });
const t = initTRPC.context<CONTEXT>().create({});
export const router = t.router;
const isMember = t.middleware(async ({ ctx, next }) => {
  const [member] = await ctx.db.select().from(members).where(eq(members.userId, ctx.userId));
  if (!member) throw new TRPCError({ code: 'FORBIDDEN' });
  return next({ ctx: { orgId: member.orgId } });
});
export const publicProcedure = t.procedure;
export const memberProcedure = t.procedure.use(isMember);
`;

const code = `import { and, eq } from 'drizzle-orm';
import { memberProcedure, publicProcedure, router } from './trpc';
import { projects } from './schema';
export const projectRouter = router({
  open: publicProcedure.query(({ ctx }) => ctx.db.select().from(projects).where(eq(projects.orgId, ctx.tenant))),
  get: memberProcedure.input({} as never).mutation(async (opts) => {
    await opts.ctx.db.delete(projects).where(and(eq(projects.id, opts.input.id), eq(projects.orgId, opts.ctx.orgId)));
  }),
});
`;

test.each(['Awaited<ReturnType<typeof createContext>>', 'typeof createContext', '{ db: typeof db; userId: string; tenant: string }'])('context<%s>', (context) => {
  const files = { 'src/schema.ts': schema, 'src/trpc.ts': base.replace('CONTEXT', context), 'src/router.ts': code };
  expect(renderedQueries(files)).toEqual([
    // The middleware, entered by itself.
    expect.stringMatching(/^SELECT members\.\* FROM members WHERE members\.user_id = :.*\buserId$/),
    expect.stringMatching(/^SELECT projects\.\* FROM projects WHERE projects\.org_id = :.*\btenant$/),
    expect.stringMatching(/^SELECT members\.\* FROM members WHERE members\.user_id = :.*\buserId$/),
    expect.stringMatching(/^DELETE FROM projects WHERE projects\.id = :input\.id AND projects\.org_id = \(SELECT members\.org_id FROM members WHERE members\.user_id = :.*\buserId\)$/),
  ]);
  const parameters = [...queriesOf(files).at(-1)!.parameters.values()];
  expect(parameters.map((value) => value.kind === 'input' && [value.name.split('.').at(-1), value.trust])).toContainEqual(['id', 'untrusted']);
});

test('oRPC: the builder is a procedure, the context is named in full', () => {
  const files = {
    'src/schema.ts': schema,
    'src/orpc.ts': `import { os as base, ORPCError } from '@orpc/server';
import { drizzle } from 'drizzle-orm/node-postgres';
import { eq } from 'drizzle-orm';
import { members } from './schema';
export const db = drizzle('');
const os = base.$context<{ userId: string }>();
export const memberProcedure = os.use(async ({ context, next }) => {
  const [member] = await db.select().from(members).where(eq(members.userId, context.userId));
  if (!member) throw new ORPCError('FORBIDDEN');
  return next({ context: { ...context, orgId: member.orgId } });
});
`,
    'src/router.ts': `import { and, eq } from 'drizzle-orm';
import { db, memberProcedure } from './orpc';
import { projects } from './schema';
import { remove } from './remove';
export const router = { remove: memberProcedure.route({ method: 'DELETE', path: '/' }).input({} as never).handler(remove) };
`,
    'src/remove.ts': `import { and, eq } from 'drizzle-orm';
import { db } from './orpc';
import { projects } from './schema';
export const remove = async ({ input, context: { orgId } }: { input: { id: string }; context: { orgId: string } }) => {
  await db.delete(projects).where(and(eq(projects.id, input.id), eq(projects.orgId, orgId)));
};
`,
  };
  expect(renderedQueries(files).filter((each) => each.startsWith('DELETE'))).toEqual([
    expect.stringMatching(/^DELETE FROM projects WHERE \(?projects\.id = :input.*AND projects\.org_id = \(SELECT members\.org_id FROM members WHERE members\.user_id = :/),
  ]);
});
