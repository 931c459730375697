import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { report } from '../src/report/index.js';
import { FORMATS, type Format, type ReportOptions } from '../src/report/types.js';
import { printable } from '../src/report/text.js';
import type { Rule } from '../src/rule.js';
import { checkSample, placeOf, ruleSaying } from './sample.js';
import { sarifSubset } from './sarif-subset.js';

const TEXT = 'create table "bad\u001b[31m" (id int);\r\nalter table "é😀" alter column account_id set not null;\n';
const NAME = 'evil\u001b[2J\u202e<&">,:%\n::error::';

const rule: Rule = ruleSaying([{
  message: `Column of "${NAME}" may be NULL.`, location: placeOf(TEXT, 'alter column account_id set not null'), tables: [NAME], tenantColumn: 'account_id',
  related: [{ location: placeOf(TEXT, 'create table'), message: `table ${NAME}` }], suggestion: 'Backfill it.',
  fix: { description: 'Drop it', edits: [{ location: placeOf(TEXT, 'alter column'), replaces: /^[\s\S]*/, text: 'drop column' }] },
}]);

function render(format: Format, more: Partial<ReportOptions> = {}): string {
  const result = checkSample({ text: TEXT, notices: [{ location: placeOf(TEXT, 'alter table'), reason: `syntax error at ${NAME}` }] }, [rule]);
  return report(format, result, {
    rules: [rule], version: '1.2.3', color: false, quiet: false, milliseconds: 12.4,
    text: (file) => (file === 'a.sql' ? TEXT : undefined), page: () => '# page', ...more,
  });
}

describe('every format', () => {
  it.each(FORMATS)('%s ends in a newline and is the same twice', (format) => {
    expect(render(format)).toBe(render(format));
    expect(render(format)).toMatch(/\n$/);
  });

  it.each(FORMATS)('%s obeys no terminal escape of a name', (format) => {
    expect(render(format)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  it('shows control and bidirectional characters instead of obeying them', () => {
    expect(printable('a\u001bb\u202ec\nd')).toBe('a\\u{1b}b\\u{202e}c d');
  });
});

describe('pretty', () => {
  it('shows the line, the place, what it depends on and what to do', () => {
    expect(render('pretty').split('\n').map((line) => line.replaceAll(printable(NAME), 'NAME'))).toEqual([
      'Assumed account_id of accounts.',
      '',
      'a.sql',
      '  2:19  error  Column of "NAME" may be NULL.  sample-rule',
      '    2 | alter table "é😀" alter column account_id set not null;',
      `    ${' '.repeat(2)}| ${' '.repeat(18)}${'^'.repeat(36)}`,
      '    ↳ a.sql:1:1 table NAME',
      '    → Backfill it.',
      '',
      'Not checked',
      '  a.sql:2  syntax error at NAME',
      '',
      '1 error and 0 warnings in 1 file. "tenantlint explain <rule>" tells why and what to do.',
      '1 file read, 0 skipped · 2 tables classified, 1 not · 1 migration, 4 statements understood, 1 not · queries: 1 scoped, 1 unscoped, 1 unknown',
      '',
    ]);
  });

  it('shortens long lists of tables', () => {
    const tables = Array.from({ length: 9 }, (_, index) => `t${index}`);
    const many = ruleSaying(tables.map((table) => ({ message: `"${table}" lacks it.`, location: placeOf(TEXT, 'create table'), tables: [table] })));
    const result = checkSample({ text: TEXT }, [many]);
    const text = report('pretty', result, { rules: [many], version: '1', color: false, quiet: false, milliseconds: 0, text: () => undefined, page: () => undefined });
    expect(text).toContain('"t0", "t1", "t2", "t3", "t4" and 4 more lacks it.');
    expect(result.findings[0]!.tables).toEqual(tables);
  });

  it('has colours only when asked', () => {
    expect(render('pretty', { color: true })).toMatch(/\u001b\[31m/);
  });
});

describe('json', () => {
  it('is the contract', () => {
    const parsed = JSON.parse(render('json')) as Record<string, unknown>;
    expect(Object.keys(parsed)).toEqual(['version', 'assumed', 'findings', 'skipped', 'stats']);
    expect(parsed['assumed']).toEqual({ tenantColumns: ['account_id'], root: 'accounts', inferred: true });
    expect(parsed['findings']).toMatchObject([{
      ruleId: 'sample-rule', severity: 'error', file: 'a.sql', line: 2, column: 19, endLine: 2, endColumn: 55, tables: [NAME], tenantColumn: 'account_id',
      related: [{ file: 'a.sql', line: 1, column: 1, message: `table ${NAME}` }], suggestion: 'Backfill it.',
      fix: { description: 'Drop it', edits: [{ text: 'drop column' }] }, docs: 'fixtures/rules/sample-rule.md',
    }]);
    expect(parsed['skipped']).toEqual([{ file: 'a.sql', line: 2, reason: `syntax error at ${NAME}` }]);
    expect(parsed['stats']).toMatchObject({ files: 1, migrations: 1, tables: 3, queries: 3, queriesScoped: 1, ms: 12, statements: 5, statementsNotUnderstood: 1 });
  });
});

describe('sarif', () => {
  it('fits the standard', () => {
    const ajv = new Ajv({ strict: false, formats: { 'uri-reference': /^[^\s\\]*$/ }, allErrors: true });
    const valid = ajv.compile(sarifSubset);
    valid(JSON.parse(render('sarif')));
    expect(valid.errors ?? []).toEqual([]);
  });
});

describe('github', () => {
  it('escapes what would be another command', () => {
    const [first] = render('github').split('\n');
    expect(first).toMatch(/^::error file=a\.sql,line=2,endLine=2,col=19,endColumn=55,title=tenantlint%3A sample-rule::Column of/);
    expect(first).toContain('%0ABackfill it.');
    expect(render('github').split('\n').filter((line) => line.startsWith('::'))).toHaveLength(2);
  });
});

describe('gitlab', () => {
  it('lists issues with what GitLab requires', () => {
    for (const issue of JSON.parse(render('gitlab')) as Record<string, unknown>[]) {
      expect(issue).toMatchObject({ description: expect.any(String), check_name: expect.any(String), fingerprint: expect.any(String), location: { path: 'a.sql', lines: { begin: 2 } } });
      expect(['info', 'minor', 'major', 'critical', 'blocker']).toContain(issue['severity']);
    }
  });
});

describe('junit', () => {
  it('is well-formed and counts', () => {
    const text = render('junit');
    expect(text).toContain('<testsuites name="tenantlint" tests="2" failures="1" skipped="1" time="0.012">');
    expect(text).toContain('&lt;&amp;&quot;&gt;');
    const open = [...text.matchAll(/<(\w+)(?:\s[^<>]*)?(?<!\/)>/g)].map(([, name]) => name);
    const closed = [...text.matchAll(/<\/(\w+)>/g)].map(([, name]) => name);
    expect(open.sort()).toEqual(closed.sort());
  });
});

it('--quiet leaves warnings out', () => {
  const warning = ruleSaying([{ message: 'm', location: placeOf(TEXT, 'create table') }], { level: 'warning' });
  const result = checkSample({ text: TEXT }, [warning]);
  const options = { rules: [warning], version: '1', color: false, milliseconds: 0, text: () => undefined, page: () => undefined };
  expect(report('compact', result, { ...options, quiet: true })).not.toContain('sample-rule');
  expect(report('compact', result, { ...options, quiet: false })).toContain('a.sql:1:1: warning sample-rule m');
});
