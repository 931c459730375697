import { expect, test } from 'vitest';
import type { Expression } from '../../../src/facts/expression.js';
import { distinctExpressions } from '../../../src/link/code/lower.js';
import { joined } from '../../../src/link/code/state.js';
import type { ListValue, ObjectValue, Value } from '../../../src/link/code/values.js';
import { queriesOf } from './program.js';
import { renderQuery } from './render-query.js';

const location = { file: 'a.ts', start: 0, end: 0 };
const item = (slot: number, repeated = false): ListValue['items'][number] => ({ value: { kind: 'reference', slot }, maybe: false, repeated });
const listOf = (...items: ListValue['items']): ListValue => ({ kind: 'list', form: 'list', items, location });
const both = (...lists: readonly Value[]): ListValue['items'] => (joined(lists.map((value) => ({ value, facts: [] }))) as ListValue).items;

test('an item that both lists hold behind their first difference is there once', () => {
  const [a, b, c, d] = [item(1), item(2), item(3), item(4)];
  expect(both(listOf(a, b, c), listOf(a, d, c)).map(({ value, maybe }) => [(value as { slot: number }).slot, maybe])).toEqual([[1, false], [2, true], [3, true], [4, true]]);
});

test('what is in one of two lists any number of times is so in both', () => {
  const one = item(1);
  const items = both(listOf(item(9), one), listOf({ ...one, repeated: true }));
  expect(items.filter(({ value }) => value === one.value).some(({ repeated }) => repeated)).toBe(true);
});

test('lists that are joined again and again do not double', () => {
  let list = listOf(item(0));
  for (let turn = 1; turn < 40; turn++) list = listOf(...both(listOf(item(turn), ...list.items), list));
  expect(list.items.length).toBeLessThanOrEqual(41);
});

test('objects that are joined again and again do not double, and nothing of them is more certain than before', () => {
  const spread = (slot: number): ObjectValue['entries'][number] => ({ kind: 'spread', value: { kind: 'reference', slot }, maybe: false, location });
  const objectOf = (...entries: ObjectValue['entries']): ObjectValue => ({ kind: 'object', entries, location });
  const joinedObjects = (...objects: readonly Value[]): ObjectValue => joined(objects.map((value) => ({ value, facts: [] }))) as ObjectValue;
  let object = objectOf(spread(0));
  for (let turn = 1; turn < 40; turn++) object = joinedObjects(objectOf(...object.entries, spread(turn)), objectOf(...object.entries.map((entry) => ({ ...entry }))));
  expect(object.entries.length).toBeLessThanOrEqual(40);
  expect(object.entries.map(({ maybe }) => maybe)).toEqual([false, ...Array.from({ length: 39 }, () => true)]);
});

test('a map that is filled on many paths is followed, and no entry of it is forgotten', () => {
  const puts = Array.from({ length: 30 }, (_, index) => `  if (flags.f${index}) { if (flags.g${index}) owners.set(flags.k${index}, orgId); }\n`).join('');
  const found = queriesOf({
    'src/case.ts': `import type { Kysely } from 'kysely';
export async function run(db: Kysely<any>, orgId: string, other: string, id: string, flags: Record<string, string>) {
  const owners = new Map<string, string>();
  owners.set(flags.first, other);
${puts}  await db.selectFrom('notes').select('id').where('org_id', '=', owners.get(id)!).execute();
}
`,
  });
  expect(found.map(({ query }) => renderQuery(query!))).toEqual([expect.not.stringContaining(':orgId')]);
});

test('expressions are one where they say the same at two places, and only there', () => {
  const column = (name: string, start: number): Expression => ({ kind: 'column', path: ['notes', name], location: { ...location, start } });
  const equal = (left: Expression, right: Expression, start: number): Expression => ({ kind: 'operator', operator: '=', left, right, location: { ...location, start } });
  const long = 'a'.repeat(300);
  const [one, again, other, longer] = [equal(column('id', 1), column(long, 2), 3), equal(column('id', 4), column(long, 5), 6), equal(column(long, 1), column('id', 2), 3), equal(column('id', 1), column(`${long}b`, 2), 3)];
  const constants = [1, '1', null, true, 'true'].map((value): Expression => ({ kind: 'constant', value, location }));
  expect(distinctExpressions([one, other, again, longer])).toEqual([again, other, longer]);
  expect(distinctExpressions([...constants, ...constants])).toEqual(constants);
});

test('what one of two paths adds only now and then is not certain after them', () => {
  const found = queriesOf({
    'src/case.ts': `import { and, eq, type SQL } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/postgres-js';
import { pgTable, text } from 'drizzle-orm/pg-core';
const notes = pgTable('notes', { id: text('id'), orgId: text('org_id') });
const db = drizzle(process.env.DATABASE_URL!);
export async function run(orgId: string, a: boolean, b: boolean) {
  const own = eq(notes.orgId, orgId);
  const terms: SQL[] = [];
  if (a) terms.push(own);
  else if (b) terms.push(own);
  await db.select({ id: notes.id }).from(notes).where(and(...terms));
}
`,
  });
  expect(found.map(({ query }) => query?.kind === 'select' && query.where)).toMatchObject([{ kind: 'or', operands: [{ kind: 'operator', operator: '=' }, { kind: 'nullTest' }] }]);
});
