// Stands in for vitest where mutants are tried: it only collects the tests, so that one process can run any of them any number of times.
import { JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect';
import { format } from '@vitest/pretty-format';
import * as chai from 'chai';

/** A test that was found. */
export interface Collected {
  readonly name: string;
  readonly run: () => unknown;
}

/** The tests of the file that is being imported. */
export const collected: Collected[] = [];
const around: string[] = [];

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin as Parameters<typeof chai.use>[0]);
chai.use(({ Assertion }) => {
  const withoutIndentation = (text: string): string => text.trim().split('\n').map((line) => line.trim()).join('\n');
  Assertion.addMethod('toMatchInlineSnapshot', function toMatchInlineSnapshot(this: Chai.AssertionStatic, expected: string) {
    const shown = format(this._obj, { escapeRegex: true, escapeString: false, indent: 2, printBasicPrototype: false, printFunctionName: false });
    this.assert(withoutIndentation(shown) === withoutIndentation(expected), 'another inline snapshot', 'the same inline snapshot', expected, shown);
  });
});
export const expect = Object.assign(chai.expect, { soft: chai.expect });

type Work = (...given: unknown[]) => unknown;
type Each = (rows: readonly unknown[]) => (name: string, ...rest: unknown[]) => void;

const workOf = (rest: readonly unknown[]): Work => rest.find((each) => typeof each === 'function') as Work;

function every(define: (name: string, work: Work) => void): Each {
  return (rows) => (name, ...rest) => {
    rows.forEach((row, index) => {
      const given = Array.isArray(row) ? row as unknown[] : [row];
      define(`${name} ${index}: ${JSON.stringify(given[0])}`, () => workOf(rest)(...given));
    });
  };
}

function addTest(name: string, ...rest: unknown[]): void {
  collected.push({ name: [...around, name].join(' > '), run: () => workOf(rest)() });
}

function addGroup(name: string, ...rest: unknown[]): void {
  around.push(name);
  workOf(rest)();
  around.pop();
}

export const it = Object.assign(addTest, { each: every(addTest) });
export const test = it;
export const describe = Object.assign(addGroup, { each: every(addGroup) });
