import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { entryOf } from '../../entry.js';
import type { SqlType } from '../../facts/expression.js';
import type { Table } from '../../link/catalog/types.js';
import { revisionOf } from '../../discover/alembic.js';
import { slug } from '../names.js';
import { Sql } from '../sql.js';
import type { PlannedFile, PlannedMigration, Step, TablePlan } from '../types.js';
import type { Dialect, Past } from './types.js';

const sql = new Sql(false, false);

const TYPES: Readonly<Record<string, string>> = { int2: 'sa.SmallInteger()', int4: 'sa.Integer()', int8: 'sa.BigInteger()', text: 'sa.Text()' };

/** Revisions in Python that follow the head, or join the heads; numbered and named like those that are there. */
export const alembicDialect: Dialect = {
  id: 'alembic', name: 'Alembic', sql, outside: 'file',
  foreignKeyName: (table, column) => `fk_${table.name}_${column}`,
  indexName: (table, columns) => `ix_${table.name}_${columns.join('_')}`,
  uniqueName: (table, columns) => `uq_${table.name}_${columns.join('_')}`,
  render: (migrations, past) => {
    const texts = past.migrations.map(({ file }) => ({ file, text: past.text(file) ?? '' }));
    const newUuid = texts.some(({ text }) => /\bsa\.(?:UUID|Uuid)\(/.test(text));
    let parents = heads(texts.map(({ text }) => text));
    return migrations.map((migration, index): PlannedFile => {
      const revision = nextRevision(past, index, `${parents.join()} ${migration.title}`);
      const text = revisionText(migration, revision, parents, newUuid, past.now);
      parents = [revision];
      return { path: fileName(past, index, revision, migration.title), text };
    });
  },
};

/** Revisions that no other one follows. */
function heads(texts: readonly string[]): string[] {
  const revisions = texts.flatMap((text) => revisionOf(text) ?? []);
  const followed = new Set(revisions.flatMap(({ parents }) => parents));
  return revisions.map(({ key }) => key).filter((key) => !followed.has(key));
}

/** Counted on where the last one is a number (`a009`, `0012`), else twelve hexadecimal digits. */
function nextRevision({ migrations }: Past, index: number, seed: string): string {
  const last = migrations.at(-1)?.id ?? '';
  const [, prefix = '', digits = ''] = /^([a-z]?)(\d{2,6})$/i.exec(last) ?? [];
  if (digits !== '') return `${prefix}${String(Number(digits) + 1 + index).padStart(digits.length, '0')}`;
  return createHash('sha256').update(seed).digest('hex').slice(0, 12);
}

function fileName({ migrations, now }: Past, index: number, revision: string, title: string): string {
  const last = migrations.at(-1);
  const words = slug(title).slice(0, 60).replace(/_$/, '');
  const name = last ? posix.basename(last.file) : '';
  const [, digits] = /^(\d{2,5})_/.exec(name) ?? [];
  if (digits !== undefined && !name.startsWith(`${last!.id}_`)) return `${String(Number(digits) + 1 + index).padStart(digits.length, '0')}_${words}.py`;
  const stamp = /^\d{4}_\d\d_\d\d(_\d{4})?-/.exec(name);
  const date = now.toISOString().slice(0, 10).replaceAll('-', '_') + (stamp?.[1] === undefined ? '' : `_${now.toISOString().slice(11, 16).replace(':', '')}`);
  return stamp ? `${date}-${revision}_${words}.py` : `${revision}_${words}.py`;
}

function revisionText(migration: PlannedMigration, revision: string, parents: readonly string[], newUuid: boolean, now: Date): string {
  const down = parents.length === 0 ? 'None' : parents.length === 1 ? python(parents[0]!) : `(${parents.map(python).join(', ')})`;
  const writer = new Writer(newUuid);
  const up = writer.upgrade(migration);
  const undo = writer.downgrade(migration);
  return [
    `"""${migration.title}`, '', `Revision ID: ${revision}`, `Revises: ${parents.join(', ')}`, `Create Date: ${now.toISOString().slice(0, 19).replace('T', ' ')}`, '"""',
    ...(writer.needsAlchemy ? ['import sqlalchemy as sa'] : []), 'from alembic import op', ...(writer.needsPostgres ? ['from sqlalchemy.dialects import postgresql'] : []), '',
    `revision = ${python(revision)}`, `down_revision = ${down}`, 'branch_labels = None', 'depends_on = None', '', '',
    'def upgrade() -> None:', ...up, '', '', 'def downgrade() -> None:', ...(undo.length > 0 ? undo : ['    pass']), '',
  ].join('\n');
}

/** Writes steps as calls of `op`; what it has no call for, as SQL. */
class Writer {
  needsAlchemy = false;
  needsPostgres = false;

  constructor(private readonly newUuid: boolean) {}

  upgrade(migration: PlannedMigration): string[] {
    const lines = migration.steps.flatMap((step) => this.up(step));
    if (!migration.outsideTransaction) return lines.map((line) => `    ${line}`);
    return ['    with op.get_context().autocommit_block():', ...lines.map((line) => `        ${line}`)];
  }

  downgrade({ steps, outsideTransaction }: PlannedMigration): string[] {
    const dropped = new Set(steps.flatMap((step) => (step.kind === 'addColumn' ? [step.plan] : [])));
    const lines = [...steps].reverse().filter((step) => !(step.kind === 'setNotNull' && dropped.has(step.plan))).flatMap((step) => this.down(step));
    if (!outsideTransaction || lines.length === 0) return lines.map((line) => `    ${line}`);
    return ['    with op.get_context().autocommit_block():', ...lines.map((line) => `        ${line}`)];
  }

  private up(step: Step): string[] {
    switch (step.kind) {
      case 'addColumn': {
        const type = this.type(step.plan.type);
        if (type === undefined) return this.execute(sql.up(step));
        this.needsAlchemy = true;
        return [`op.add_column(${this.on(step.plan.table.table)}, sa.Column(${python(step.plan.column)}, ${type}, nullable=True)${this.schema(step.plan)})`];
      }
      case 'addForeignKey': return step.validated ? [this.foreignKey(step)] : this.execute(sql.up(step));
      case 'verify': return this.verify(step.plans);
      case 'setNotNull': return [`op.alter_column(${this.on(step.plan.table.table)}, ${python(step.plan.column)}, nullable=False${this.schema(step.plan)})`];
      case 'createIndex': return [`op.create_index(${python(step.name)}, ${this.on(step.plan.table.table)}, [${python(step.plan.column)}]${step.concurrently ? ', postgresql_concurrently=True' : ''}${this.schema(step.plan)})`];
      case 'fill': return [`# ${step.plan.table.name}: ${step.plan.reason}`, ...this.execute(sql.up(step))];
      default: return this.execute(sql.up(step));
    }
  }

  private down(step: Step): string[] {
    switch (step.kind) {
      case 'addColumn': return [`op.drop_column(${this.on(step.plan.table.table)}, ${python(step.plan.column)}${this.schema(step.plan)})`];
      case 'addForeignKey': return [`op.drop_constraint(${python(step.name)}, ${this.on(step.plan.table.table)}, type_="foreignkey"${this.schema(step.plan)})`];
      case 'setNotNull': return [`op.alter_column(${this.on(step.plan.table.table)}, ${python(step.plan.column)}, nullable=True${this.schema(step.plan)})`];
      case 'createIndex': return [`op.drop_index(${python(step.name)}, table_name=${this.on(step.plan.table.table)}${step.concurrently ? ', postgresql_concurrently=True' : ''}${this.schema(step.plan)})`];
      default: return this.execute(sql.down(step));
    }
  }

  private foreignKey({ plan, name }: Extract<Step, { kind: 'addForeignKey' }>): string {
    const { table, key, onDelete } = plan.root!;
    const action = onDelete === 'noAction' ? '' : `, ondelete=${python(sql.action(onDelete))}`;
    const schemas = [plan.table.table.schema === 'public' ? '' : `, source_schema=${python(plan.table.table.schema)}`, table.schema === 'public' ? '' : `, referent_schema=${python(table.schema)}`].join('');
    return `op.create_foreign_key(${python(name)}, ${this.on(plan.table.table)}, ${this.on(table)}, [${python(plan.column)}], [${python(key)}]${action}${schemas})`;
  }

  private verify(plans: readonly TablePlan[]): string[] {
    this.needsAlchemy = true;
    return ['connection = op.get_bind()', ...plans.flatMap((plan) => {
      const { table, where } = sql.remaining(plan);
      return [
        `remaining = connection.execute(sa.text(${python(`SELECT count(*) FROM ${table} WHERE ${where}`)})).scalar()`, 'if remaining > 0:',
        `    raise RuntimeError(f${python(`${plan.table.name.replace(/[{}]/g, '$&$&')}: {remaining} rows without ${plan.column}`)})`,
      ];
    })];
  }

  private execute(statements: readonly string[]): string[] {
    return statements.flatMap((statement) => {
      const lines = statement.replaceAll('\\', '\\\\').replaceAll('"""', '\\"\\"\\"').split('\n');
      return lines.length === 1 ? [`op.execute(${python(statement)})`] : ['op.execute("""', ...lines.map((line) => `    ${line}`), '""")'];
    });
  }

  private type({ name, modifiers, dimensions, schema }: SqlType): string | undefined {
    if (dimensions > 0 || schema !== undefined) return undefined;
    if (name === 'varchar') return modifiers.length > 0 ? `sa.String(length=${modifiers[0]!})` : 'sa.String()';
    if (name !== 'uuid') return entryOf(TYPES, name);
    if (this.newUuid) return 'sa.UUID()';
    this.needsPostgres = true;
    return 'postgresql.UUID(as_uuid=True)';
  }

  private on({ name }: Table): string {
    return python(name);
  }

  private schema({ table: { table } }: TablePlan): string {
    return table.schema === 'public' ? '' : `, schema=${python(table.schema)}`;
  }
}

function python(text: string): string {
  return JSON.stringify(text);
}
