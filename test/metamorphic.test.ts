import { describe, expect, it } from 'vitest';
import { isToolTable } from '../src/link/tool-tables.js';
import type { Finding } from '../src/rule.js';
import { pageIds, readPage, type Case } from './fixtures.js';
import { rules } from '../rules/index.js';
import { joinMigrations, splitMigrations } from './metamorphic/migrations.js';
import { compareWordings } from './metamorphic/queries.js';
import { recase, reformat, rename } from './metamorphic/text.js';
import { randomFor } from './oracle/generate.js';
import type { Random } from './oracle/random.js';
import { runCase } from './run-case.js';

it('generated queries: the same in other words is judged the same, and without a tenant value nothing is scoped', () => {
  const { queries, compared, unpinned, differences } = compareWordings(20_261, 12, 20);
  expect([queries > 200, compared > 1500, unpinned > 40]).toEqual([true, true, true]);
  expect(differences).toEqual([]);
});

type Change = (text: string, random: Random) => string;

/** Words that a finding is about, whatever the places are called. */
const wordsOf = (findings: readonly Finding[], change: (text: string) => string): string[] => findings.map(({ ruleId, severity, tables, message }) => `${severity} ${ruleId} [${tables.map(change).sort().join()}] ${change(message)}`).sort();

/** Each way of writing takes one of so many cases. */
const EVERY = 3;

/** Cases of SQL alone; what a history looks like on disk is not their matter. */
const CASES = pageIds().filter((id) => id !== 'linear-migration-history').flatMap((id) => {
  const page = readPage(id);
  return page.cases.filter(({ files }) => [...files.keys()].every((path) => /\.(?:sql|json)$/.test(path))).map((each) => ({ page, each, name: `${id}: ${each.title}` }));
}).map((each, number) => ({ ...each, number }));

function changed({ files, ...rest }: Case, change: (text: string, path: string) => string): Case {
  return { ...rest, files: new Map([...files].map(([path, text]) => [path, path.endsWith('.sql') ? change(text, path) : text])) };
}

/** In the configuration, too. */
function renamed({ files, ...rest }: Case, names: ReadonlyMap<string, string>): Case {
  return { ...rest, files: new Map([...files].map(([path, text]) => [path, rename(text, names)])) };
}

/** Cases whose words are their point. */
const ABOUT_TEXT = /case of (?:the )?letters|capital|comment|quot|one line|line by line|lines|marker|section|journal/i;

describe('the cases of the pages', () => {
  const differing = async (name: string, turn: number, change: Change, applies: (text: string) => boolean): Promise<{ count: number; different: string[] }> => {
    const different: string[] = [];
    let count = 0;
    for (const { page, each, number, name: title } of CASES) {
      const texts = [...each.files].filter(([path]) => path.endsWith('.sql')).map(([, text]) => text);
      if (number % EVERY !== turn || ABOUT_TEXT.test(title) || !texts.every(applies)) continue;
      count += 1;
      const random = randomFor(7, number);
      const before = wordsOf((await runCase(page, each)).result.findings, (text) => text);
      const after = wordsOf((await runCase(page, changed(each, (text) => change(text, random)))).result.findings, (text) => text);
      if (JSON.stringify(after) !== JSON.stringify(before)) different.push(`${title}: ${name}\n${JSON.stringify({ before, after }, null, 1)}`);
    }
    return { count, different };
  };

  it('mean the same with other blanks and comments', async () => {
    const { count, different } = await differing('other blanks', 0, reformat, (text) => !/\$\$|\$\w+\$|\\|tenantlint-/.test(text));
    expect(count).toBeGreaterThan(60);
    expect(different).toEqual([]);
  });

  it('mean the same in other cases of letters', async () => {
    const { count, different } = await differing('other cases', 1, recase, (text) => !/\$\$|\$\w+\$|\\|execute|%[(s]/i.test(text));
    expect(count).toBeGreaterThan(60);
    expect(different).toEqual([]);
  });

  it.each([['each statement a migration', splitMigrations, 60], ['one migration', joinMigrations, 12]] as const)('end in the same schema and policies as %s', async (_, change, least) => {
    // What a migration may rely on does depend on where it begins and ends; what all of them leave behind does not.
    const final = new Set(rules.filter(({ asks }) => asks === 'table' || asks === 'policy').map(({ id }) => id));
    const different: string[] = [];
    let count = 0;
    for (const { page, each, name } of CASES) {
      const files = change(each.files);
      if (files === undefined) continue;
      const said = async (of: Case): Promise<string[]> => wordsOf((await runCase(page, of)).result.findings.filter(({ ruleId }) => final.has(ruleId)), (text) => text);
      const [before, after] = [await said(each), await said({ ...each, files })];
      count += Number(before.length > 0);
      if (JSON.stringify(after) !== JSON.stringify(before)) different.push(`${name}\n${JSON.stringify({ before, after }, null, 1)}`);
    }
    expect(count).toBeGreaterThan(least);
    expect(different).toEqual([]);
  });

  it('mean the same with other names of tables', async () => {
    const different: string[] = [];
    let count = 0;
    for (const { page, each, name, number } of CASES) {
      if (number % EVERY !== 2) continue;
      const texts = [...each.files.values()].join('\n');
      const names = tablesOf(texts);
      // Some names mean something; a configuration has patterns for names that it does not say, and paths.
      if (names.size === 0 || [...each.files].some(([path, text]) => path.endsWith('.json') && /\*|"(?:schema|migrations|source)"/.test(text)) || /\b(?:auth|storage)\./.test(texts)) continue;
      count += 1;
      const before = wordsOf((await runCase(page, each)).result.findings, (text) => rename(text, names));
      const after = wordsOf((await runCase(page, renamed(each, names))).result.findings, (text) => text);
      if (JSON.stringify(after) !== JSON.stringify(before)) different.push(`${name}\n${JSON.stringify({ before, after }, null, 1)}`);
    }
    expect(count).toBeGreaterThan(30);
    expect(different).toEqual([]);
  });
});

/** New names for the tables that a text creates; the root keeps its own, for the tenant column is known by it. */
function tablesOf(text: string): Map<string, string> {
  const found = [...text.matchAll(/\bcreate table (?:if not exists )?([a-z][a-z_0-9]*)\b(?!\.)/gi)].map(([, name]) => name!);
  return new Map(found.filter((name) => !isToolTable(name) && !/account|org|tenant|user|team|workspace|compan|member|project|migration/i.test(name)).map((name) => [name, `zq${name}`]));
}
