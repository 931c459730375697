import { expect, test } from 'vitest';
import { queriesOf } from './program.js';
import { renderQuery } from './render-query.js';

const LONG = Array.from({ length: 700 }, (_, index) => `  n = n + ${index};\n`).join('');
const HELPER = { 'src/text.ts': `export function ofTenant(): string {\n  let n = 0;\n${LONG}  return 'SELECT id FROM notes WHERE org_id = $1';\n}\n` };
const caller = `import { Pool } from 'pg';
import { ofTenant } from './text.js';
const pool = new Pool();
export async function list(orgId: string) {
  return pool.query(ofTenant(), [orgId]);
}
`;

/** What is found of the queries of each file. */
function foundIn(files: Record<string, string>): Map<string, string> {
  return new Map(queriesOf(files).map(({ location, query, unknown }) => [location.file, query === undefined ? unknown! : renderQuery(query)]));
}

test('files that say the same are understood alike, whichever is followed first', () => {
  const found = foundIn({ ...HELPER, 'src/a.ts': caller, 'src/b.ts': caller, 'src/c.ts': caller });
  expect([...found.keys()]).toEqual(['src/a.ts', 'src/b.ts', 'src/c.ts']);
  expect(new Set(found.values()).size).toBe(1);
});

test('what a file gives is the same when others come before it', () => {
  const made = { 'src/make.ts': `import type { Kysely } from 'kysely';
export function finder(db: Kysely<any>) {
  return { one: (id: string, orgId: string) => db.selectFrom('notes').select('id').where('id', '=', id).where('org_id', '=', orgId).execute() };
}
` };
  const user = { 'src/use.ts': `import type { Kysely } from 'kysely';
import { finder } from './make.js';
export const run = (db: Kysely<any>, orgId: string) => finder(db).one('1', orgId);
` };
  const ways = (files: Record<string, string>): string[] => queriesOf(files).map(({ stack, query }) => `${stack.map(({ file, start }) => `${file}:${start}`).join()} ${renderQuery(query!)}`).sort();
  expect(ways({ ...user, ...made })).toEqual(ways({ ...made, ...user }));
});
