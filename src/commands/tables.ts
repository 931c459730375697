import { rules } from '../../rules/index.js';
import { report } from '../report/index.js';
import { describeTable } from '../report/inventory.js';
import { asJson, printable } from '../report/text.js';
import { choiceOption } from './arguments.js';
import { TABLE_FORMATS } from './choices.js';
import { packageVersion, rulePage } from './package.js';
import { checkProject } from './pipeline.js';
import { loadFor, reportText } from './shared.js';
import { markdownTable, table } from './table.js';
import type { Arguments, Io } from './types.js';

const HEAD = ['table', 'class', 'tenant column', 'nullable', 'foreign key', 'index', 'unique keys', 'rls', 'queries scoped', 'path to the root'];

/** Runs the command. @returns the exit status */
export async function run(args: Arguments, io: Io): Promise<number> {
  const format = choiceOption(args, 'format', TABLE_FORMATS) ?? 'table';
  const loaded = await loadFor(args, io);
  const { project } = loaded;
  const rows = project.tables.filter((each) => each.class !== 'view').map((each) => describeTable(each, project.queries));
  if (rows.length === 0) {
    io.error('tenantlint: no table found.\n');
    return 2;
  }
  if (format === 'html') {
    io.out(report('html', checkProject(loaded, io.cwd, {}), { rules, version: packageVersion(), color: false, quiet: false, milliseconds: 0, text: reportText(loaded, io.cwd), page: rulePage }));
    return 0;
  }
  if (format === 'json') {
    io.out(asJson(rows));
    return 0;
  }
  const cells = rows.map((row) => [
    row.name, row.class, row.tenantColumn ?? '', yesNo(row.nullable), yesNo(row.foreignKey), yesNo(row.index),
    row.uniqueKeys.map((key) => `(${key.join(', ')})`).join(' '), row.rls, row.queries === 0 ? '' : `${row.queriesScoped}/${row.queries}`, row.path.join(', '),
  ].map(printable));
  io.out(`${(format === 'markdown' ? markdownTable : table)(HEAD, cells).join('\n')}\n`);
  return 0;
}

function yesNo(value: boolean | null): string {
  return value === null ? '' : value ? 'yes' : 'no';
}
