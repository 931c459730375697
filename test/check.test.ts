import { describe, expect, it } from 'vitest';
import { checkSample, placeOf, ruleSaying, sampleProject } from './sample.js';
import { presetLevel } from '../src/check/levels.js';
import { check, compareFindings } from '../src/check/index.js';
import type { Finding } from '../src/rule.js';

const TEXT = 'select 1;\nalter table a\n  alter column account_id set not null;\nselect 2;\n';
const at = (part: string, text = TEXT) => placeOf(text, part);
const STATEMENTS = [['select 1', ';'], ['alter table', ';'], ['select 2', ';']] as const;

describe('findings', () => {
  it('have 1-based positions with an exclusive end', () => {
    const { findings } = checkSample({ text: TEXT }, [ruleSaying([{ message: 'm', location: at('alter column account_id set not null') }])]);
    expect(findings).toMatchObject([{ file: 'a.sql', line: 3, column: 3, endLine: 3, endColumn: 39, severity: 'error', tables: [], tenantColumn: null }]);
  });

  it('unite the turns of a loop in one finding', () => {
    const problem = (table: string) => ({ message: `"${table}".account_id may be NULL.`, location: at('alter table a'), tables: [table], tenantColumn: 'account_id' });
    const { findings } = checkSample({ text: TEXT }, [ruleSaying([problem('b'), problem('a'), problem('c'), problem('b')])]);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ tables: ['b', 'a', 'c'], message: '"b", "a" and "c".account_id may be NULL.' });
  });

  it('keep two problems of one table at one place apart', () => {
    const location = at('alter table a');
    const { findings } = checkSample({ text: TEXT }, [ruleSaying([{ message: 'x', location, tables: ['a'] }, { message: 'y', location, tables: ['a'] }])]);
    expect(findings.map(({ message }) => message)).toEqual(['x', 'y']);
  });

  it('have fingerprints that survive moved lines and tell equal places apart', () => {
    const fingerprints = (text: string) => checkSample({ text }, [ruleSaying([...text.matchAll(/alter column \w+/g)].map((match) => (
      { message: `at ${match.index}`, location: { file: 'a.sql', start: match.index, end: match.index + match[0].length } }
    )))]).findings.map(({ fingerprint }) => fingerprint);
    const twice = 'alter column x;\nalter column x;\n';
    expect(new Set(fingerprints(twice)).size).toBe(2);
    expect(fingerprints(`\n-- moved\n${twice}`)).toEqual(fingerprints(twice));
  });

  it('are sorted by the numbers of their letters, whatever a language says of those', () => {
    const placed = (file: string) => ({ ruleId: 'r', severity: 'error', message: 'm', file, line: 1, column: 1 }) as Finding;
    expect(['ä.sql', 'a.sql', 'Z.sql', 'a-b.sql', 'ab.sql', 'z.sql'].map(placed).sort(compareFindings).map(({ file }) => file)).toEqual(['Z.sql', 'a-b.sql', 'a.sql', 'ab.sql', 'z.sql', 'ä.sql']);
  });

  it('are sorted by file, line, column and rule', () => {
    const rules = ['b-rule', 'a-rule'].map((id) => ruleSaying([{ message: 'm', location: at('select 2') }, { message: 'm', location: at('select 1') }], { id }));
    const { findings } = checkSample({ text: TEXT }, rules);
    expect(findings.map(({ line, ruleId }) => `${line} ${ruleId}`)).toEqual(['1 a-rule', '1 b-rule', '4 a-rule', '4 b-rule']);
  });

  it('a rule that throws does not stop the others', () => {
    const result = checkSample({ text: TEXT }, [
      ruleSaying(() => { throw new Error('boom'); }, { id: 'broken' }),
      ruleSaying([{ message: 'm', location: at('select 1') }]),
    ]);
    expect(result.crashes).toMatchObject([{ ruleId: 'broken' }]);
    expect(result.findings).toHaveLength(1);
  });
});

describe('levels', () => {
  const off = ruleSaying([{ message: 'm', location: at('select 1') }], { level: 'off' });
  const severities = (settings: Parameters<typeof checkSample>[2], rules = {}) => checkSample({ text: TEXT, config: { rules } }, [off], settings).findings.map(({ severity }) => severity);

  it('come from the preset, then the config, then the command line', () => {
    expect(severities({})).toEqual([]);
    expect(severities({ preset: 'strict' })).toEqual(['warning']);
    expect(severities({ preset: 'strict' }, { 'sample-rule': { level: 'error' } })).toEqual(['error']);
    expect(severities({ levels: new Map([['sample-rule', 'off']]) }, { 'sample-rule': { level: 'error' } })).toEqual([]);
  });

  it('of the row-level security rules depend on whether it is used', () => {
    const rule = ruleSaying([], { level: 'off', rlsLevel: 'error' });
    expect(['recommended', 'strict', 'rls'].map((preset) => presetLevel(rule, preset as 'strict', false))).toEqual(['off', 'error', 'error']);
    expect(presetLevel(rule, 'recommended', true)).toBe('error');
  });

  it('of an unknown rule are refused with the nearest', () => {
    expect(() => checkSample({ text: TEXT }, [off], { levels: new Map([['sampel-rule', 'error']]) })).toThrow('Unknown rule "sampel-rule"; did you mean "sample-rule"?');
  });

  it('come with complete options', () => {
    const rule = ruleSaying([], { options: { deep: { type: 'boolean', default: false, description: '' }, wide: { type: 'number', default: 3, description: '' } } });
    let seen: unknown;
    const spying = { ...rule, check: (_: unknown, context: { options: unknown }) => ((seen = context.options), []) } as never;
    checkSample({ text: TEXT, config: { rules: { 'sample-rule': { options: { deep: true } } } } }, [spying]);
    expect(seen).toEqual({ deep: true, wide: 3 });
  });
});

describe('suppressions', () => {
  const suppressed = (comment: string, directive: { kind: 'disable-next-line' | 'disable-line' | 'disable'; rules: string[]; reason?: string }, more = {}) => {
    const text = TEXT.replace('alter table', `${comment}\nalter table`);
    return checkSample(
      { text, directives: [directive], statements: STATEMENTS, ...more },
      [ruleSaying([{ message: 'm', location: at('alter column account_id set not null', text) }])],
    ).findings.map(({ ruleId, message }) => `${ruleId} ${message}`);
  };

  it('above a statement cover all its lines', () => {
    expect(suppressed('-- tenantlint-disable-next-line sample-rule', { kind: 'disable-next-line', rules: ['sample-rule'] })).toEqual([]);
  });

  it('may have comments between them and the statement', () => {
    expect(suppressed('-- tenantlint-disable-next-line\n-- why\n', { kind: 'disable-next-line', rules: [] })).toEqual([]);
  });

  it('on one line cover only that line', () => {
    expect(suppressed('-- tenantlint-disable-line sample-rule', { kind: 'disable-line', rules: ['sample-rule'] })).toHaveLength(2);
  });

  it('of a block end where it is enabled again', () => {
    const text = 'a;\n-- tenantlint-disable sample-rule\nb;\n-- tenantlint-enable sample-rule\nc;\n';
    const rule = ruleSaying(['a;', 'b;', 'c;'].map((part) => ({ message: part, location: at(part, text) })));
    const result = checkSample({ text, directives: [{ kind: 'disable', rules: ['sample-rule'] }, { kind: 'enable', rules: ['sample-rule'] }] }, [rule]);
    expect(result.findings.map(({ message }) => message)).toEqual(['a;', 'c;']);
  });

  it('that do nothing or name no rule are reported', () => {
    const unused = checkSample({ text: '-- tenantlint-disable-next-line sample-rule\nselect 1;', directives: [{ kind: 'disable-next-line', rules: ['sample-rule', 'sampl-rule'] }] }, [ruleSaying([])]);
    expect(unused.findings.map(({ ruleId, severity, message }) => ({ ruleId, severity, message }))).toEqual([
      { ruleId: 'disable-directive', severity: 'warning', message: 'This suppression comment is not needed: "sample-rule" reports nothing here.' },
      { ruleId: 'disable-directive', severity: 'warning', message: 'Unknown rule "sampl-rule" in a suppression comment; did you mean "sample-rule"?' },
    ]);
  });

  it('need a reason when the config says so', () => {
    const config = { requireDisableReason: true };
    const directive = { kind: 'disable-next-line' as const, rules: ['sample-rule'] };
    expect(suppressed('-- tenantlint-disable-next-line sample-rule', directive, { config })).toEqual(['disable-directive This suppression comment gives no reason.']);
    expect(suppressed('-- tenantlint-disable-next-line sample-rule', { ...directive, reason: 'shared' }, { config })).toEqual([]);
  });
});

it('keeps only findings in focus', () => {
  const project = sampleProject({ text: TEXT });
  const rule = ruleSaying([{ message: 'm', location: at('select 1') }]);
  const options = { rules: [rule], settings: {}, cwd: '/project', text: () => TEXT };
  expect(check(project, { ...options, focus: new Set(['b.sql']) }).findings).toEqual([]);
  expect(check(project, { ...options, focus: new Set(['a.sql']) }).findings).toHaveLength(1);
});
