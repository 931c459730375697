import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { BAD_MIGRATION, inProject, type Project } from './packed-project.js';

const store = mkdtempSync(join(tmpdir(), 'tenantlint-endless-'));
afterAll(() => rmSync(store, { recursive: true, force: true }));

/** Stands in for a parser with a fault: it does not come to the end of some files, in JavaScript or in native code. */
const ENDLESS_PARSER = `import { pbkdf2Sync } from 'node:crypto';
Error.stackTraceLimit = 100;
const { exec } = RegExp.prototype;
RegExp.prototype.exec = function (text) {
  if (typeof text === 'string' && new Error().stack.includes('parseFile')) {
    if (text.includes('without end')) for (;;);
    if (text.includes('natively')) pbkdf2Sync('a', 'b', 50_000_000, 64, 'sha512');
  }
  return exec.call(this, text);
};
`;

describe('a file whose parser does not come to an end', { timeout: 180_000 }, () => {
  const check = (project: Project, ...args: string[]): ReturnType<Project['run']> => {
    writeFileSync(join(store, 'endless.mjs'), ENDLESS_PARSER);
    return project.run(join(project.folder, 'node_modules/.bin/tenantlint'), ['check', '--no-cache', '--format', 'json', '--file-timeout', '3', ...args], { NODE_OPTIONS: `--import ${pathToFileURL(join(store, 'endless.mjs')).href}` });
  };
  const withoutTime = ({ status, out }: ReturnType<Project['run']>): string => `${status} ${out.replace(/"ms": \d+/, '')}`;

  it('is left out and named; the others are judged, by any number of threads alike', () => inProject((project) => {
    project.write('migrations/0002_late.sql', BAD_MIGRATION);
    const right = check(project);
    for (let index = 3; index < 11; index += 1) project.write(`migrations/00${index < 10 ? '0' : ''}${index}_long.sql`, `/* ${'x'.repeat(400_000)} */`);
    project.write('queries/a.sql', '-- without end\nselect 1;');
    project.write('queries/b.sql', '-- without end\nselect 2;');
    const one = check(project, '--jobs', '1');
    expect(JSON.parse(one.out)).toMatchObject({
      findings: (JSON.parse(right.out) as { findings: object[] }).findings,
      skipped: ['queries/a.sql', 'queries/b.sql'].map((file) => ({ file, reason: expect.stringMatching(/did not come to an end in time.*--file-timeout/) as string })),
    });
    expect(one.status).toBe(right.status);
    expect(withoutTime(check(project, '--jobs', '3'))).toBe(withoutTime(one));
  }));

  it('is an error when there are many', () => inProject((project) => {
    for (let index = 0; index < 6; index += 1) project.write(`queries/${index}.sql`, '-- without end\nselect 1;');
    const { status, out, error } = check(project);
    expect([status, out, error]).toEqual([2, '', expect.stringMatching(/^tenantlint: Work on 6 files did not end within 3 s each, on queries\/\d\.sql last: [^\n]*\n$/)]);
  }));

  it('cannot be stopped in native code: the report is whole, and the status no right one', () => inProject((project) => {
    project.write('queries/a.sql', '-- natively\nselect 1;');
    const { status, out, error } = check(project);
    expect(JSON.parse(out)).toMatchObject({ skipped: [{ file: 'queries/a.sql' }] });
    expect([status, error]).toEqual([null, expect.stringContaining('killed instead of ending with status 0')]);
  }));
});
