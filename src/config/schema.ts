import { NEWEST_VERSION, OLDEST_VERSION } from '../facts/version.js';

/** A description of one value of the config: the JSON Schema and the validation are both made from it. */
export type Shape = StringShape | BooleanShape | NumberShape | ListShape | ObjectShape | UnionShape | TupleShape;

interface ShapeBase {
  readonly description?: string;
  readonly default?: unknown;
}
export interface StringShape extends ShapeBase {
  readonly type: 'string';
  readonly values?: readonly string[];
  /** A regular expression, and what it stands for in words. */
  readonly pattern?: { readonly source: string; readonly words: string };
}
export interface BooleanShape extends ShapeBase {
  readonly type: 'boolean';
}
export interface NumberShape extends ShapeBase {
  readonly type: 'number';
  /** A whole number within these bounds. */
  readonly range?: readonly [minimum: number, maximum: number];
}
export interface ListShape extends ShapeBase {
  readonly type: 'array';
  readonly items: Shape;
  readonly notEmpty?: boolean;
}
/** Known keys, or (`values`) any key with values of one shape. */
export interface ObjectShape extends ShapeBase {
  readonly type: 'object';
  readonly keys: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly values?: Shape;
}
/** Alternatives that differ in their JSON type. */
export interface UnionShape extends ShapeBase {
  readonly type: 'union';
  readonly of: readonly Shape[];
}
export interface TupleShape extends ShapeBase {
  readonly type: 'tuple';
  readonly items: readonly Shape[];
}

const text = (description?: string): StringShape => ({ type: 'string', pattern: { source: '\\S', words: 'a string that is not empty' }, ...(description && { description }) });
const list = (items: Shape, description: string): ListShape => ({ type: 'array', items, description });
const texts = (description: string): ListShape => list(text(), description);
const level: StringShape = { type: 'string', values: ['error', 'warn', 'warning', 'off'] };
const anything: ObjectShape = { type: 'object', keys: {} , values: { type: 'union', of: [] } };
const columnReference: StringShape = {
  type: 'string', pattern: { source: '^[^.\\s]+(\\.[^.\\s]+){1,2}$', words: 'a column as "table.column"' },
};

const tenantLevel: ObjectShape = {
  type: 'object',
  keys: {
    column: {
      type: 'union', of: [text(), { ...texts('Several names of it.'), notEmpty: true }],
      description: 'The column that names the tenant; account_id also matches accountId and "accountId". Inferred when absent.',
    },
    root: text('The table that the tenant column references. Inferred when absent.'),
    proof: {
      type: 'string', values: ['membership'],
      description: 'The level is shared by several tenants: it is pinned only through a row of the signed-in user, never by a parameter.',
    },
  },
};

const tables: ObjectShape = {
  type: 'object', description: 'What tables are, where the foreign keys do not say it. All lists hold globs on table names.',
  keys: {
    global: texts('Shared reference data without a tenant.'),
    tenant: texts('Tables whose rows each belong to one tenant.'),
    ignore: texts('Tables to leave out.'),
    viaParent: texts('Child tables that may lack the tenant column: their parent row has it.'),
    hybrid: texts('Tables whose rows with a NULL tenant are shared by all tenants.'),
    columns: { type: 'object', keys: {}, values: text(), description: 'The tenant column of single tables: table name to column name.' },
  },
};

const queries: ObjectShape = {
  type: 'object', description: 'How application code reaches the database.',
  keys: {
    tenantValues: texts('Expressions and functions to trust as the tenant, besides parameters and current_setting.'),
    scopedClients: texts('Clients that add the tenant to every query themselves.'),
    unscopedClients: texts('Clients that see all tenants (service role, admin).'),
    parameters: {
      type: 'object', description: 'Named parameters of query files. When given, all other named parameters are untrusted input.',
      keys: { tenant: texts('Parameters that hold the tenant.'), principal: texts('Parameters that hold the signed-in user.') },
    },
    principalColumns: texts('Columns ("column" or "table.column") that hold the signed-in user: a row pinned to that user counts as pinned.'),
    credentialColumns: texts('Columns ("table.column") of unique secrets: looking a row up by one finds the tenant.'),
    systemPaths: texts('Globs of files that run for the whole system: query rules are off there. By default, of application code, the folders named scripts.'),
    scopedCallbacks: texts('Functions whose callback runs with the tenant set.'),
    handlers: texts('Globs of request handlers, which must be wrapped by one of handlerWrappers.'),
    handlerWrappers: texts('Functions that wrap handlers.'),
    untrustedSources: texts('Expressions that hold request input, such as req.body.'),
  },
};

/** The whole config. */
export const CONFIG_SHAPE: ObjectShape = {
  type: 'object',
  keys: {
    $schema: { type: 'string', description: 'Where the JSON Schema of this file is, for editors.' },
    tenant: {
      type: 'union', of: [tenantLevel, { type: 'array', items: tenantLevel, notEmpty: true }],
      description: 'The tenant column and root table, or a list of nested levels, outermost first. Inferred when absent.',
    },
    tables,
    references: list({
      type: 'object', required: ['from', 'to'],
      keys: {
        from: { ...columnReference, description: 'The referencing column, as "table.column".' },
        to: { ...columnReference, description: 'The referenced column, as "table.column".' },
        when: { type: 'object', keys: {}, values: { type: 'string' }, description: 'For polymorphic references: the discriminator column and its value.' },
      },
    }, 'Foreign keys that the database does not declare.'),
    migrations: list({
      type: 'object', required: ['dir'],
      keys: {
        dir: text('Folder of the migrations, relative to this file.'),
        kind: {
          type: 'string', values: ['sql', 'prisma', 'drizzle', 'supabase', 'alembic', 'django', 'knex', 'kysely', 'typeorm', 'sequelize', 'mikro-orm', 'node-pg-migrate'],
          description: 'The tool that runs them. Detected when absent.',
        },
        transaction: {
          type: 'string', values: ['file', 'none'], description: 'Whether each file runs in one transaction. Default: none for sql and sequelize, file for the others.',
        },
      },
    }, 'Migration folders. Detected when absent.'),
    schema: texts('ORM models and schema files: paths or globs. Detected when absent.'),
    source: {
      type: 'object', description: 'Application code and query files.',
      keys: { include: texts('Globs of files to read. Default: all.'), exclude: texts('Globs of files to leave out.') },
    },
    queries,
    rls: {
      type: 'object', description: 'Row-level security is in use; turns its rules on.',
      keys: { setting: text('The setting that holds the tenant, such as app.current_tenant.'), roles: texts('Roles the application connects as.') },
    },
    rules: {
      type: 'object', keys: {}, values: { type: 'union', of: [level, { type: 'tuple', items: [level, anything] }] },
      description: 'Level of single rules, or [level, options].',
    },
    preset: { type: 'string', values: ['recommended', 'strict', 'rls'], default: 'recommended', description: 'The set of levels to start from.' },
    reportUnusedDisableDirectives: { ...level, default: 'warn', description: 'Level of tenantlint-disable comments that suppress nothing.' },
    pgVersion: {
      type: 'number', range: [OLDEST_VERSION, NEWEST_VERSION], default: NEWEST_VERSION,
      description: 'The major version of PostgreSQL that the migrations run on.',
    },
    requireDisableReason: { type: 'boolean', default: false, description: 'Every tenantlint-disable comment must give a reason after "--".' },
  },
};

type Json = Record<string, unknown>;

function jsonSchema(shape: Shape): Json {
  const { description, default: standard } = shape;
  return { ...(description && { description }), ...(standard !== undefined && { default: standard }), ...body(shape) };
}

function body(shape: Shape): Json {
  switch (shape.type) {
    case 'string':
      return { type: 'string', ...(shape.values && { enum: shape.values }), ...(shape.pattern && { pattern: shape.pattern.source }) };
    case 'array':
      return { type: 'array', items: jsonSchema(shape.items), ...(shape.notEmpty && { minItems: 1 }) };
    case 'tuple':
      return { type: 'array', prefixItems: shape.items.map(jsonSchema), minItems: 1, maxItems: shape.items.length };
    case 'union':
      return shape.of.length ? { anyOf: shape.of.map(jsonSchema) } : {};
    case 'object':
      return {
        type: 'object',
        ...(Object.keys(shape.keys).length && { properties: Object.fromEntries(Object.entries(shape.keys).map(([key, value]) => [key, jsonSchema(value)])) }),
        ...(shape.required && { required: shape.required }),
        additionalProperties: shape.values ? jsonSchema(shape.values) : false,
      };
    case 'number':
      return shape.range ? { type: 'integer', minimum: shape.range[0], maximum: shape.range[1] } : { type: 'number' };
    default:
      return { type: shape.type };
  }
}

/** The JSON Schema (draft 2020-12) of tenantlint.config.json, as published with the package. */
export function configSchema(): Json {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'tenantlint configuration',
    allowTrailingCommas: true,
    ...jsonSchema(CONFIG_SHAPE),
  };
}
