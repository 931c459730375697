import { slug } from '../names.js';
import { Sql } from '../sql.js';
import type { PlannedFile, PlannedMigration, TablePlan } from '../types.js';
import { quoted, scriptStyle, upLines } from './code.js';
import { downStatements } from './text.js';
import type { Dialect } from './types.js';

const sql = new Sql(true, false);

/** Classes named by what they do and the milliseconds, as `typeorm migration:create` makes them. */
export const typeormDialect: Dialect = {
  id: 'typeorm', name: 'TypeORM', sql, outside: 'file',
  foreignKeyName: (table, column) => `FK_${table.name}_${column}`,
  indexName: (table, columns) => `IDX_${table.name}_${columns.join('_')}`,
  uniqueName: (table, columns) => `UQ_${table.name}_${columns.join('_')}`,
  render: (migrations, past) => {
    const { extension, typed } = scriptStyle(past);
    const last = Math.max(0, ...past.migrations.flatMap(({ file }) => [...(past.text(file) ?? '').matchAll(/\bclass\s+\w*?(\d{13})\b/g)].map((match) => Number(match[1]))));
    return migrations.map((migration, index): PlannedFile => {
      const time = Math.max(past.now.getTime(), last + 1) + index;
      const name = slug(migration.title);
      return { path: `${time}-${name.replaceAll('_', '-')}${extension}`, text: typed ? classText(migration, `${pascal(name)}${time}`) : scriptText(migration, `${pascal(name)}${time}`) };
    });
  },
};

function pascal(name: string): string {
  return name.split('_').map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
}

function classText(migration: PlannedMigration, name: string): string {
  return [
    "import type { MigrationInterface, QueryRunner } from 'typeorm';", '', `/** ${migration.title} */`, `export class ${name} implements MigrationInterface {`,
    ...(migration.outsideTransaction ? ['  transaction = false;', ''] : []),
    '  public async up(queryRunner: QueryRunner): Promise<void> {', ...body(migration), '  }', '',
    '  public async down(queryRunner: QueryRunner): Promise<void> {', ...undo(migration), '  }', '}', '',
  ].join('\n');
}

function scriptText(migration: PlannedMigration, name: string): string {
  return [
    `/** ${migration.title} */`, `module.exports = class ${name} {`, ...(migration.outsideTransaction ? ['  transaction = false;', ''] : []),
    `  name = '${name}';`, '', '  async up(queryRunner) {', ...body(migration), '  }', '', '  async down(queryRunner) {', ...undo(migration), '  }', '};', '',
  ].join('\n');
}

const run = (statement: string) => `await queryRunner.query(${quoted(statement)});`;

function body(migration: PlannedMigration): string[] {
  return upLines(migration, sql, run, verify).map((line) => `    ${line}`);
}

function undo(migration: PlannedMigration): string[] {
  return downStatements(migration, sql).map((statement) => `    ${run(statement)}`);
}

function verify(plan: TablePlan): string[] {
  const { table, where } = sql.remaining(plan);
  return [
    '{', `  const [{ remaining }] = await queryRunner.query(${quoted(`SELECT count(*) AS remaining FROM ${table} WHERE ${where}`)});`,
    `  if (Number(remaining) > 0) throw new Error(\`${plan.table.name.replace(/[\\`$]/g, '\\$&')}: \${remaining} rows without ${plan.column.replace(/[\\`$]/g, '\\$&')}\`);`, '}',
  ];
}
