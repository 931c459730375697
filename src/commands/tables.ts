import type { ClassifiedTable, QueryFact } from '../link/project.js';
import { isApplicationQuery } from '../rule.js';
import { UsageError } from '../errors.js';
import { printable } from '../report/text.js';
import { choiceOption } from './arguments.js';
import { loadFor, PROJECT_OPTIONS } from './shared.js';
import { markdownTable, table } from './table.js';
import type { Arguments, Command, Io } from './types.js';

const HEAD = ['table', 'class', 'tenant column', 'nullable', 'foreign key', 'index', 'unique keys', 'rls', 'queries scoped', 'path to the root'];

export const command: Command = {
  usage: 'tables',
  summary: 'Lists every table: its class, tenant column, keys, row-level security and its path to the root table.',
  options: { ...PROJECT_OPTIONS, format: { type: 'string', value: 'FORMAT', help: 'table, json or markdown.' } },
  run,
};

async function run(args: Arguments, io: Io): Promise<number> {
  const format = choiceOption(args, 'format', ['table', 'json', 'markdown', 'html'] as const) ?? 'table';
  if (format === 'html') throw new UsageError('--format html is not available in this version; use table, json or markdown');
  const { project } = await loadFor(args, io);
  const rows = project.tables.filter((each) => each.class !== 'view').map((each) => describe(each, project.queries));
  if (rows.length === 0) {
    io.error('tenantlint: no table found.\n');
    return 2;
  }
  if (format === 'json') {
    io.out(`${JSON.stringify(rows, null, 2)}\n`);
    return 0;
  }
  const cells = rows.map((row) => [
    row.name, row.class, row.tenantColumn ?? '', yesNo(row.nullable), yesNo(row.foreignKey), yesNo(row.index),
    row.uniqueKeys.map((key) => `(${key.join(', ')})`).join(' '), row.rls, row.queries === 0 ? '' : `${row.queriesScoped}/${row.queries}`, row.path.join(', '),
  ].map(printable));
  io.out(`${(format === 'markdown' ? markdownTable : table)(HEAD, cells).join('\n')}\n`);
  return 0;
}

/** One row of the inventory; facts about a column that is not there are null. */
function describe({ name, class: kind, tenantColumns, uniqueKeys, path, table: state }: ClassifiedTable, queries: readonly QueryFact[]) {
  const uses = queries.filter(isApplicationQuery).map(({ references }) => references.filter(({ table }) => table.table === state)).filter((each) => each.length > 0);
  const column = tenantColumns[0];
  const leads = (columns: readonly (string | undefined)[]): boolean => columns[0] === column?.name;
  return {
    name,
    class: kind,
    tenantColumn: column?.name ?? null,
    nullable: column === undefined ? null : !column.notNull,
    foreignKey: column === undefined ? null : state.foreignKeys.some((key) => key.columns.includes(column.name)),
    index: column === undefined ? null
      : state.indexes.some((index) => leads(index.keys.map((key) => key.column))) || uniqueKeys.some((key) => leads(key.columns)),
    uniqueKeys: uniqueKeys.map((key) => [...key.columns]),
    rls: state.rowSecurity ? (state.forceRowSecurity ? 'forced' : 'enabled') : 'off',
    queries: uses.length,
    queriesScoped: uses.filter((references) => references.every(({ verdict, enforced }) => enforced || verdict === 'scoped')).length,
    policies: state.policies.map((policy) => policy.name),
    path: path.map((step) => `${step.table}.${step.columns.join('+')} → ${step.to}.${step.toColumns.join('+')}`),
  };
}

function yesNo(value: boolean | null): string {
  return value === null ? '' : value ? 'yes' : 'no';
}
