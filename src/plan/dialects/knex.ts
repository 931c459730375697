import { posix } from 'node:path';
import { slug } from '../names.js';
import { Sql } from '../sql.js';
import type { PlannedFile, PlannedMigration, TablePlan } from '../types.js';
import { quoted, scriptStyle, upLines } from './code.js';
import { downStatements, timestamps } from './text.js';
import type { Dialect } from './types.js';

const sql = new Sql(true, false);

/** `<timestamp>_<name>` with `up` and `down`, in the module style of the last one; schema changes as SQL, which says exactly what runs. */
export const knexDialect: Dialect = {
  id: 'knex', name: 'Knex', sql, outside: 'file',
  foreignKeyName: (table, column) => `${table.name}_${column}_foreign`,
  indexName: (table, columns) => `${table.name}_${columns.join('_')}_index`,
  uniqueName: (table, columns) => `${table.name}_${columns.join('_')}_unique`,
  render: (migrations, past) => {
    const style = scriptStyle(past);
    const last = past.migrations.at(-1);
    const times = timestamps(migrations.length, past.now, last && /^\d{14}/.exec(posix.basename(last.file))?.[0]);
    return migrations.map((migration, index): PlannedFile => ({ path: `${times[index]!}_${slug(migration.title)}${style.extension}`, text: moduleText(migration, style) }));
  },
};

function moduleText(migration: PlannedMigration, { typed, modules }: { typed: boolean; modules: boolean }): string {
  const head = (name: string) => (modules ? `export async function ${name}(knex${typed ? ': Knex' : ''})${typed ? ': Promise<void>' : ''} {` : `exports.${name} = async function ${name}(knex) {`);
  const end = modules ? '}' : '};';
  const config = !migration.outsideTransaction ? [] : [modules ? 'export const config = { transaction: false };' : 'exports.config = { transaction: false };', ''];
  return [
    ...(typed ? ["import type { Knex } from 'knex';", ''] : []), ...config, `/** ${migration.title} */`,
    head('up'), ...upLines(migration, sql, run, verify).map((line) => `  ${line}`), end, '',
    head('down'), ...downStatements(migration, sql).map((statement) => `  ${run(statement)}`), end, '',
  ].join('\n');
}

/** `?` stands for a binding, unless it is escaped (Knex guide, Raw). */
function run(statement: string): string {
  return `await knex.raw(${quoted(statement.replaceAll('?', '\\?'))});`;
}

function verify(plan: TablePlan): string[] {
  const { schema, name } = plan.table.table;
  const table = schema === 'public' ? `knex(${quoted(name)})` : `knex(${quoted(name)}).withSchema(${quoted(schema)})`;
  return [
    '{', `  const [{ remaining }] = await ${table}.whereNull(${quoted(plan.column)}).count('* as remaining');`,
    `  if (Number(remaining) > 0) throw new Error(\`${plan.table.name.replace(/[\\`$]/g, '\\$&')}: \${remaining} rows without ${plan.column.replace(/[\\`$]/g, '\\$&')}\`);`, '}',
  ];
}
