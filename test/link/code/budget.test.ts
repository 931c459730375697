import { expect, test } from 'vitest';
import { queriesOf } from './program.js';
import { renderQuery } from './render-query.js';

/** A function that takes more steps than calls may. */
const LONG = `import type { Kysely } from 'kysely';\nexport async function long(db: Kysely<any>, n: number, ids: string[] = []) {\n  let sum = n;\n${'  sum = sum + 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9;\n'.repeat(900)}  await db.selectFrom('last').select('id').execute();\n  return sum;\n}\n`;

test('the own code of a function is read to its end, whatever it calls before', () => {
  const found = queriesOf({
    'src/long.ts': LONG,
    'src/case.ts': `import type { Kysely } from 'kysely';
import { long } from './long';
export async function run(db: Kysely<any>, orgId: string, ids: string[], other: string) {
  await db.selectFrom('first').select('id').where('org_id', '=', orgId).execute();
  const value = await long(db, orgId.length, ids);
  if (!value) return;
  await db.selectFrom('second').select('id').where('n', '=', value).execute();
  await Promise.all(ids.map(async (id) => db.deleteFrom('third').where('id', '=', id).execute()));
  await db.deleteFrom('fourth').where('id', '=', other).execute();
}
`,
  });
  expect(found.filter(({ location }) => location.file === 'src/case.ts').map(({ query, cut }) => `${renderQuery(query!)}${cut ? ' (after a call that was left)' : ''}`)).toEqual([
    'SELECT id FROM first WHERE org_id = :orgId',
    expect.stringMatching(/^SELECT id FROM second WHERE n = /),
    expect.stringMatching(/^DELETE FROM third WHERE id = .* \(after a call that was left\)$/),
    'DELETE FROM fourth WHERE id = :other',
  ]);
});

test('so is a handler that a function of another file wraps', () => {
  const found = queriesOf({
    'src/long.ts': LONG,
    'src/wrap.ts': `export function withUser(handler: (request: Request) => Promise<Response>) {
  return async (request: Request) => {
    if (!request.headers.get('user')) return new Response(null, { status: 401 });
    const answer = await handler(request);
    return answer;
  };
}
`,
    'src/db.ts': "import { Kysely } from 'kysely';\nexport const db = new Kysely<any>({} as any);\n",
    'app/api/tags/route.ts': `import { db } from '../../../src/db';
import { long } from '../../../src/long';
import { withUser } from '../../../src/wrap';
export const POST = withUser(async (request) => {
  const { noteId } = await request.json();
  await long(db, noteId.length);
  let sum = 0;
${'  sum = sum + 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9;\n'.repeat(120)}  await db.insertInto('tags').values({ note_id: noteId }).execute();
  return new Response(String(sum));
});
`,
  });
  const [way] = found.filter(({ location, stack }) => location.file === 'app/api/tags/route.ts' && stack.some(({ file }) => file === 'src/wrap.ts'));
  expect(way && renderQuery(way.query!)).toMatch(/^INSERT INTO tags/);
});

test('a call that is left leaves its caller enough to come to its end', () => {
  const found = queriesOf({
    'src/long.ts': LONG,
    'src/find.ts': `import type { Kysely } from 'kysely';
import { long } from './long';
export async function find(db: Kysely<any>, id: string) {
  const row = await db.selectFrom('first').selectAll().where('id', '=', id).executeTakeFirst();
  await long(db, 1);
  return row;
}`,
    'src/case.ts': `import type { Kysely } from 'kysely';
import { find } from './find';
export async function run(db: Kysely<any>, a: string, b: string) {
  const one = await find(db, a);
  const two = await find(db, b);
  if (!one || !two) return;
  await db.deleteFrom('second').where('id', '=', two.id).execute();
}
`,
  });
  expect(found.flatMap(({ query, location }) => (location.file === 'src/case.ts' && query ? [renderQuery(query)] : []))).toEqual(['DELETE FROM second WHERE id = (SELECT id FROM first WHERE id = :b)']);
});

test('a call whose value nobody looks at and that stops nothing has checked nothing, though it was left before its end', () => {
  const files = (body: string) => ({
    'src/long.ts': `${LONG}export async function prepare(db: Kysely<any>, ids: string[]) {\n  ${body}\n}\n`,
    'src/case.ts': `import type { Kysely } from 'kysely';
import { prepare } from './long';
export async function run(db: Kysely<any>, id: string) {
  await prepare(db, [id]);
  await db.deleteFrom('second').where('id', '=', id).execute();
}
`,
  });
  const cut = (body: string) => queriesOf(files(body)).filter(({ location }) => location.file === 'src/case.ts').map(({ cut: names }) => names !== undefined);
  expect(cut('const sum = await long(db, 1, ids); return sum;')).toEqual([false]);
  expect(cut('const sum = await long(db, 1, ids); if (sum === 0) throw new Error("none");')).toEqual([true]);
  expect(cut('const sum = await long(db, 1, ids); await requireOwner(db, sum);')).toEqual([true]);
});
