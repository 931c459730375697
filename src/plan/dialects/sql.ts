import { posix } from 'node:path';
import { UsageError } from '../../errors.js';
import { slug } from '../names.js';
import { Sql } from '../sql.js';
import type { PlannedFile, PlannedMigration } from '../types.js';
import { downStatements, sqlText, timestamps } from './text.js';
import type { Dialect } from './types.js';

const sql = new Sql(false, false);

/** Plain SQL files: numbered and named like those that are there, with their markers and their down parts. */
export const sqlDialect: Dialect = {
  id: 'sql', name: 'plain SQL', sql, outside: 'file',
  foreignKeyName: (table, column) => `${table.name}_${column}_fkey`,
  indexName: (table, columns) => `${table.name}_${columns.join('_')}_idx`,
  uniqueName: (table, columns) => `${table.name}_${columns.join('_')}_key`,
  render: (migrations, past) => {
    const last = past.migrations.at(-1);
    const name = last ? posix.basename(last.file) : '0000_x.sql';
    if (past.text(posix.join(past.dir, '../sqitch.plan')) !== undefined) throw new UsageError('sqitch keeps its migrations in a plan: write plain files with --dialect sql --out DIR and add them with "sqitch add"');
    const tool = toolOf(last ? past.text(last.file) ?? '' : '');
    const down = last?.down !== undefined;
    const stems = stemsLike(name, migrations.map(({ title }) => slug(title)), past.now);
    return migrations.flatMap((migration, index): PlannedFile[] => {
      const stem = stems[index]!;
      const up = tool.up(migration);
      const suffix = /\.up\.sql$/.test(name) ? '.up.sql' : /([._]up)\.sql$/.exec(name)?.[0] ?? '.sql';
      return [
        { path: `${stem}${suffix}`, text: up },
        ...(down ? [{ path: downPath(stem, last.file, last.down!), text: `${downStatements(migration, sql).map((each) => `${each};`).join('\n')}\n` }] : []),
      ];
    });
  },
};

interface Tool {
  readonly up: (migration: PlannedMigration) => string;
}

/** What the last migration shows of its tool: sections in comments, a transaction of its own. */
function toolOf(text: string): Tool {
  const title = (migration: PlannedMigration) => `-- ${migration.title}\n`;
  const down = (migration: PlannedMigration) => downStatements(migration, sql).map((each) => `${each};\n`).join('');
  if (/^--\s*\+goose\s+up\b/im.test(text)) {
    return { up: (each) => `${each.outsideTransaction ? '-- +goose NO TRANSACTION\n' : ''}-- +goose Up\n${title(each)}\n${fenced(sqlText(each, sql))}\n-- +goose Down\n${down(each)}` };
  }
  if (/^--\s*migrate:up\b/im.test(text)) {
    return { up: (each) => `-- migrate:up${each.outsideTransaction ? ' transaction:false' : ''}\n${title(each)}\n${sqlText(each, sql)}\n-- migrate:down\n${down(each)}` };
  }
  if (/^--\s*up migration\b/im.test(text)) return { up: (each) => `-- Up Migration\n${title(each)}\n${sqlText(each, sql)}\n-- Down Migration\n${down(each)}` };
  if (/^[^\S\n]*begin\s*(?:transaction\s*)?;/im.test(text)) {
    return { up: (each) => (each.outsideTransaction ? `${title(each)}\n${sqlText(each, sql)}` : `${title(each)}\nBEGIN;\n\n${sqlText(each, sql)}\nCOMMIT;\n`) };
  }
  return { up: (each) => `${title(each)}\n${sqlText(each, sql)}` };
}

/** goose splits at semicolons, except between these marks. */
function fenced(text: string): string {
  return text.replace(/^DO \$\$[\s\S]*?^\$\$;$|^CREATE OR REPLACE FUNCTION[\s\S]*?^\$\$;$/gm, (block) => `-- +goose StatementBegin\n${block}\n-- +goose StatementEnd`);
}

/** The next numbers, written like the last one: `0008_`, `V8__`, `20260102030405_`, `2026-01-02-`. */
function stemsLike(name: string, slugs: readonly string[], now: Date): string[] {
  const [, prefix = '', digits = '', separator = '_'] = /^([A-Za-z]*?[-_]?)(\d+)(?:[.]\d+)*([-_. ]*)/.exec(name) ?? [];
  if (digits === '') return slugs.map((each, index) => `${now.toISOString().slice(0, 10).replaceAll('-', '')}${String(index + 1).padStart(2, '0')}_${each}`);
  const words = (each: string) => (separator.includes('-') || /^[^_]*-[a-z]/.test(name.slice(prefix.length + digits.length)) ? each.replaceAll('_', '-') : each);
  if (digits.length === 14) return timestamps(slugs.length, now, digits).map((time, index) => `${prefix}${time}${separator}${words(slugs[index]!)}`);
  if (/^(19|20)\d\d-\d\d-\d\d/.test(name)) return slugs.map((each, index) => `${now.toISOString().slice(0, 10)}-${String(index + 1).padStart(2, '0')}-${words(each)}`);
  const first = BigInt(digits) + 1n;
  return slugs.map((each, index) => `${prefix}${String(first + BigInt(index)).padStart(digits.length, '0')}${separator}${words(each)}`);
}

/** The down file as the last one has it: beside its up file with another suffix, or in a folder of its own. */
function downPath(stem: string, up: string, down: string): string {
  const folder = posix.relative(posix.dirname(up), posix.dirname(down));
  const suffix = /[._-](?:down|undo|rollback|revert)\.sql$/i.exec(down)?.[0] ?? '.sql';
  const prefix = /^U(?=[\d.]+__)/.test(posix.basename(down)) ? stem.replace(/^V/, 'U') : stem;
  return posix.join(folder, `${prefix}${suffix}`);
}
