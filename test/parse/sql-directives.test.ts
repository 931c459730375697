import { describe, expect, test } from 'vitest';
import { parseDirective } from '../../src/parse/sql/directives.js';

const LOCATION = { file: 'a.sql', start: 0, end: 1 };

describe('parseDirective', () => {
  test.each([
    [' tenantlint-disable-next-line a-b, c -- why -- so', { kind: 'disable-next-line', rules: ['a-b', 'c'], reason: 'why -- so' }],
    ['tenantlint-disable-line a', { kind: 'disable-line', rules: ['a'] }],
    [' tenantlint-disable ', { kind: 'disable', rules: [] }],
    ['tenantlint-disable -- all of it', { kind: 'disable', rules: [], reason: 'all of it' }],
    ['*\n * tenantlint-enable a\n  b\n ', { kind: 'enable', rules: ['a', 'b'] }],
  ])('reads %j', (text, expected) => {
    expect(parseDirective(text, LOCATION)).toEqual({ ...expected, location: LOCATION });
  });

  test.each(['see tenantlint-disable', 'tenantlint-disabled a', 'tenantlint-disable-nextline a', 'tenantlint'])('%j is none', (text) => {
    expect(parseDirective(text, LOCATION)).toBeUndefined();
  });
});
