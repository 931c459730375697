import { expect, test } from 'vitest';
import { queriesOf } from './program.js';
import { renderQuery } from './render-query.js';

/** A function that takes more steps than calls may. */
const LONG = `import type { Kysely } from 'kysely';\nexport async function long(db: Kysely<any>, n: number) {\n  let sum = n;\n${'  sum = sum + 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9;\n'.repeat(900)}  await db.selectFrom('last').select('id').execute();\n  return sum;\n}\n`;

test('the own code of a function is read to its end, whatever it calls before', () => {
  const found = queriesOf({
    'src/long.ts': LONG,
    'src/case.ts': `import type { Kysely } from 'kysely';
import { long } from './long';
export async function run(db: Kysely<any>, orgId: string, ids: string[]) {
  await db.selectFrom('first').select('id').where('org_id', '=', orgId).execute();
  const value = await long(db, 1);
  if (!value) return;
  await db.selectFrom('second').select('id').where('n', '=', value).execute();
  await Promise.all(ids.map(async (id) => db.deleteFrom('third').where('id', '=', id).execute()));
}
`,
  });
  expect(found.filter(({ location }) => location.file === 'src/case.ts').map(({ query, isCut }) => `${renderQuery(query!)}${isCut ? ' (after a call that was left)' : ''}`)).toEqual([
    'SELECT id FROM first WHERE org_id = :orgId',
    expect.stringMatching(/^SELECT id FROM second WHERE n = .* \(after a call that was left\)$/),
    expect.stringMatching(/^DELETE FROM third WHERE id = .* \(after a call that was left\)$/),
  ]);
});
