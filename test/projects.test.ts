import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rules } from '../rules/index.js';
import { checkProject, loadProject } from '../src/commands/pipeline.js';
import { report } from '../src/report/index.js';
import { describeTable } from '../src/report/inventory.js';

const FOLDER = join(import.meta.dirname, '../fixtures/projects');
/** UPDATE_GOLDEN=1 writes the expected output anew; read the difference before committing it. */
const UPDATE = process.env['UPDATE_GOLDEN'] === '1';
const projects = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();

describe.each(projects)('%s', (name) => {
  it('is reported as recorded', async () => {
    const cwd = join(FOLDER, name);
    const loaded = await loadProject({ cwd, paths: [] });
    const result = checkProject(loaded, cwd, {});
    const text = report('json', result, { rules, version: '0', color: false, quiet: false, milliseconds: 0, text: () => undefined, page: () => undefined });
    const golden = join(FOLDER, `${name}.expected.json`);
    if (UPDATE) writeFileSync(golden, text);
    expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(golden, 'utf8')));
    expect(result.crashes).toEqual([]);
    if (name.endsWith('-fixed')) expect(result.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    else if (projects.includes(`${name}-fixed`)) expect(result.findings.filter(({ severity }) => severity === 'error')).not.toEqual([]);
  });

  it('has the same migrations and tables when nothing but these is read', async () => {
    const cwd = join(FOLDER, name);
    const whole = checkProject(await loadProject({ cwd, paths: [] }), cwd, {});
    const schema = checkProject(await loadProject({ cwd, paths: [], schemaOnly: true }), cwd, {});
    const ofCode: ReadonlySet<string> = new Set(['query', 'handler', 'sessionSetting', 'interpolation', 'project']);
    const asked = new Set(rules.filter(({ asks }) => !ofCode.has(asks)).map(({ id }) => id));
    const said = ({ findings }: typeof whole) => findings.filter(({ ruleId }) => asked.has(ruleId));
    expect(said(schema)).toEqual(said(whole));
    expect(schema.project().tables.map((each) => describeTable(each, []))).toEqual(whole.project().tables.map((each) => describeTable(each, [])));
    expect(schema.project().queries).toEqual([]);
  });
});
