import { expect, it } from 'vitest';
import type { SourceFile } from '../../src/facts/file.js';
import { attempt, cloneCatalog, createCatalog } from '../../src/link/catalog/index.js';
import { constraintNames, findIndexTable, keyOf } from '../../src/link/catalog/names.js';
import { editTable, newTable } from '../../src/link/catalog/state.js';
import type { Catalog } from '../../src/link/catalog/types.js';

const file: SourceFile['path'] = 'migrations/1.sql';
const origin = { location: { file, start: 0, end: 1 } };
const check = (name: string) => ({ name, expression: { kind: 'constant' as const, value: true, location: origin.location }, validated: true, origin });

/** A catalog of tables, each with a check of its own. */
function catalogOf(...names: readonly string[]): Catalog {
  const catalog = createCatalog();
  attempt(catalog, () => {
    for (const name of names) {
      const table = newTable('public', name, origin);
      catalog.tables.set(keyOf(table), table);
      table.checks.push(check(`${name}_check`));
    }
    return undefined;
  });
  return catalog;
}

const isUsed = (catalog: Catalog, name: string): boolean => constraintNames(catalog, 'public')(name);

it('a name is used from when it is given until it is gone', () => {
  const catalog = catalogOf('a', 'b');
  expect([isUsed(catalog, 'a_check'), isUsed(catalog, 'b_check'), isUsed(catalog, 'c_check'), constraintNames(catalog, 'other')('a_check')]).toEqual([true, true, false, false]);
  editTable(catalog, 'public.a').checks.splice(0, 1, check('new'));
  expect([isUsed(catalog, 'a_check'), isUsed(catalog, 'new')]).toEqual([false, true]);
  catalog.tables.delete('public.b');
  expect(isUsed(catalog, 'b_check')).toBe(false);
});

it('what changes in place during an operation is seen at once', () => {
  const catalog = catalogOf('a');
  attempt(catalog, () => {
    const table = editTable(catalog, 'public.a');
    expect(isUsed(catalog, 'more')).toBe(false);
    table.checks.push(check('more'));
    expect(isUsed(catalog, 'more')).toBe(true);
    return undefined;
  });
  expect(isUsed(catalog, 'more')).toBe(true);
});

it('an operation that fails gives the names back that it took, and those it gave away', () => {
  const catalog = catalogOf('a');
  expect(attempt(catalog, () => {
    attempt(catalog, () => {
      editTable(catalog, 'public.a').checks.splice(0, 1, check('inner'));
      return undefined;
    });
    attempt(catalog, () => {
      editTable(catalog, 'public.a').checks.splice(0, 1);
      return undefined;
    });
    expect([isUsed(catalog, 'a_check'), isUsed(catalog, 'inner')]).toEqual([false, false]);
    return 'it fails';
  })).toBe('it fails');
  expect([isUsed(catalog, 'a_check'), isUsed(catalog, 'inner')]).toEqual([true, false]);
});

it('a copy keeps its own names', () => {
  const catalog = catalogOf('a');
  const copy = cloneCatalog(catalog);
  editTable(copy, 'public.a').checks.push(check('copied'));
  editTable(catalog, 'public.a').checks.push(check('original'));
  expect([isUsed(copy, 'a_check'), isUsed(copy, 'copied'), isUsed(copy, 'original')]).toEqual([true, true, false]);
  expect([isUsed(catalog, 'copied'), isUsed(catalog, 'original')]).toEqual([false, true]);
});

it('a catalog of a plain map is looked through', () => {
  const catalog = catalogOf('a');
  expect(isUsed({ ...catalog, tables: new Map(catalog.tables) }, 'a_check')).toBe(true);
});

it('indexes are found by their names', () => {
  const catalog = catalogOf('a', 'b');
  editTable(catalog, 'public.b').indexes.push({ name: 'b_idx', unique: false, method: 'btree', keys: [], include: [], concurrently: false, nullsNotDistinct: false, origin } as never);
  expect([findIndexTable(catalog, 'public', 'b_idx')?.name, findIndexTable(catalog, 'public', 'a_idx'), findIndexTable(catalog, 'public', 'a_check')]).toEqual(['b', undefined, undefined]);
});
