import { describe, expect, test } from 'vitest';
import type { ColumnDefinition } from '../../src/facts/schema.js';
import { readSql } from './sql-file.js';

function column(definition: string): ColumnDefinition {
  const [operation] = readSql(`ALTER TABLE t ADD COLUMN ${definition}`).statements[0]!.operations;
  if (operation?.kind !== 'addColumn') throw new Error('no column');
  return operation.column;
}

describe('column types', () => {
  test.each([
    ['int', 'int4'], ['bigint', 'int8'], ['smallint', 'int2'], ['varchar(10)', 'varchar'], ['character varying', 'varchar'], ['char(3)', 'bpchar'],
    ['timestamp with time zone', 'timestamptz'], ['timestamp(3)', 'timestamp'], ['timetz', 'timetz'], ['double precision', 'float8'], ['real', 'float4'],
    ['boolean', 'bool'], ['decimal(10,2)', 'numeric'], ['uuid', 'uuid'], ['"Role"', 'Role'], ['bit varying(3)', 'varbit'], ['interval', 'interval'],
  ])('%s is %s', (written, name) => {
    expect(column(`c ${written}`).type.name).toBe(name);
  });

  test.each([['serial', 'int4'], ['bigserial', 'int8'], ['smallserial', 'int2'], ['serial8', 'int8']])('%s is a NOT NULL %s with a sequence', (written, name) => {
    expect(column(`c ${written}`)).toMatchObject({ type: { name }, notNull: true, default: { generator: true, constant: false } });
  });

  test('identity columns are NOT NULL, generated ones keep what is written', () => {
    expect(column('c int GENERATED ALWAYS AS IDENTITY')).toMatchObject({ notNull: true, generated: 'identity' });
    expect(column('c int GENERATED ALWAYS AS (1) STORED')).toMatchObject({ notNull: false, generated: 'stored' });
    expect(column('c int GENERATED ALWAYS AS (1)')).toMatchObject({ notNull: false, generated: 'virtual' });
  });
});

describe('defaults', () => {
  test.each([
    "'x'", "'x'::text", '-1', 'NULL', 'true', "'{}'::jsonb", "ARRAY['a', 'b']::text[]", "'a' || 'b'", "INTERVAL '1 day'",
    "CAST('00000000-0000-0000-0000-000000000001' AS uuid)",
  ])('%s is constant', (written) => {
    expect(column(`c text DEFAULT ${written}`).default).toMatchObject({ constant: true, generator: false });
  });

  test.each([
    'now()', 'CURRENT_TIMESTAMP', 'CURRENT_DATE', "nextval('s'::regclass)", 'gen_random_uuid()', 'gen_random_uuid()::text',
    'extensions.uuid_generate_v4()', "now() + interval '1 day'", "('x_' || public.nanoid())",
  ])('%s is made by a generator', (written) => {
    expect(column(`c text DEFAULT ${written}`).default).toMatchObject({ constant: false, generator: true });
  });

  test.each(["current_setting('app.tenant')::uuid", 'auth_org_id()', 'CURRENT_USER', 'auth.uid()'])('%s is neither', (written) => {
    expect(column(`c text DEFAULT ${written}`).default).toMatchObject({ constant: false, generator: false });
  });
});

describe('sections', () => {
  const text = 'DROP TABLE a;\n-- Down Migration\nDROP TABLE b;';

  test('are known to the plain kind', () => {
    const facts = readSql(text);
    expect([facts.statements.length, facts.down?.length]).toEqual([1, 1]);
  });

  test.each(['prisma', 'drizzle', 'supabase'] as const)('are unknown to %s, which runs the whole file', (kind) => {
    const facts = readSql(text, { type: 'migration', kind, source: 0, direction: 'up' });
    expect([facts.statements.length, facts.down]).toEqual([2, undefined]);
  });
});

test('a partition may sharpen a column of its parent', () => {
  const [operation] = readSql('CREATE TABLE p PARTITION OF t (a NOT NULL, b DEFAULT 3) FOR VALUES IN (1)').statements[0]!.operations;
  expect(operation).toMatchObject({
    kind: 'createTable', partitionOf: { name: 't' }, definition: { columns: [], constraints: [{ kind: 'notNull', column: 'a' }] },
  });
});
