import { describe, expect, it } from 'vitest';
import { rules } from '../rules/index.js';
import { pageIds, readPage } from './fixtures.js';
import { differences, runCase } from './run-case.js';

describe('pages and rules', () => {
  it('every rule has a page and every page a rule', () => {
    expect(pageIds()).toEqual(rules.map((rule) => rule.id).sort());
  });

  it.each(pageIds())('%s shows at least three cases of each kind', (id) => {
    const { cases } = readPage(id);
    for (const section of ['Reported', 'Not reported']) {
      expect(cases.filter((each) => each.section === section).length, section).toBeGreaterThanOrEqual(3);
    }
    for (const each of cases) {
      const own = each.expected.filter((marker) => marker.ruleId === id).length;
      if (each.section === 'Reported') expect(own, each.title).toBeGreaterThan(0);
      if (each.section === 'Not reported') expect(own, each.title).toBe(0);
    }
  });
});

for (const id of pageIds()) {
  const page = readPage(id);
  describe(id, () => {
    for (const each of page.cases) {
      it(`${each.section}: ${each.title}`, async () => {
        const { result } = await runCase(page, each);
        expect(differences(each, result)).toEqual([]);
        const skipped = result.skipped.filter(({ reason }) => !reason.includes('not read by this version'));
        for (const { file, line, reason } of skipped) expect.soft(`${file}:${line} ${reason}`, 'nothing is skipped').toBe('');
      });
    }
  });
}
