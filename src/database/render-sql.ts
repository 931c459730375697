import type { Expression, SqlType } from '../facts/expression.js';
import type { Operation, Statement, Step } from '../facts/operation.js';
import type { Assignment, FromItem, QualifiedName, Query, TableReference, Target } from '../facts/query.js';
import type { ColumnDefinition, ConstraintDefinition, IndexDefinition } from '../facts/schema.js';
import { literal, quote } from './sql.js';

/**
 * Writes the operations of a statement as SQL that PostgreSQL runs: what a migration in code does, where there is no SQL text of its own.
 * @throws Error for what has no SQL here
 */
export function renderStatement({ operations }: Statement): string {
  return operations.map(renderOperation).join(';\n');
}

/** One operation as SQL. @throws Error for what has no SQL here */
export function renderOperation(operation: Operation): string {
  if ('table' in operation && operation.kind !== 'createIndex') {
    const altered = renderAlteration(operation);
    if (altered !== undefined) return `ALTER TABLE ${operation.ifTableExists ? 'IF EXISTS ' : ''}${name(operation.table)} ${altered}`;
  }
  switch (operation.kind) {
    case 'createTable': {
      const { definition, ifNotExists } = operation;
      const parts = [...definition.columns.map(renderColumn), ...definition.constraints.map(renderConstraint)];
      return `CREATE TABLE ${ifNotExists ? 'IF NOT EXISTS ' : ''}${name(definition.name)} (${parts.join(', ')})`;
    }
    case 'dropRelation': {
      const what = { table: 'TABLE', view: 'VIEW', materializedView: 'MATERIALIZED VIEW', index: 'INDEX', sequence: 'SEQUENCE', foreignTable: 'FOREIGN TABLE' }[operation.relation];
      return `DROP ${what} ${operation.concurrently ? 'CONCURRENTLY ' : ''}${operation.ifExists ? 'IF EXISTS ' : ''}${name(operation.name)}${operation.cascade ? ' CASCADE' : ''}`;
    }
    case 'renameRelation': return `ALTER TABLE ${operation.ifExists ? 'IF EXISTS ' : ''}${name(operation.name)} RENAME TO ${quote(operation.to)}`;
    case 'createIndex': return renderIndex(operation.table, operation.index, operation.ifNotExists);
    case 'renameIndex': return `ALTER INDEX ${operation.ifExists ? 'IF EXISTS ' : ''}${name(operation.name)} RENAME TO ${quote(operation.to)}`;
    case 'createType': return `CREATE TYPE ${name(operation.name)} AS ENUM (${operation.labels.map(literal).join(', ')})`;
    case 'alterEnum': return operation.addLabel !== undefined ? `ALTER TYPE ${name(operation.name)} ADD VALUE ${operation.ifNotExists ? 'IF NOT EXISTS ' : ''}${literal(operation.addLabel)}`
      : operation.renameTo !== undefined ? `ALTER TYPE ${name(operation.name)} RENAME TO ${quote(operation.renameTo)}` : `ALTER TYPE ${name(operation.name)} RENAME VALUE ${literal(operation.renameLabel!.from)} TO ${literal(operation.renameLabel!.to)}`;
    case 'dropType': return `DROP TYPE ${operation.ifExists ? 'IF EXISTS ' : ''}${name(operation.name)}${operation.cascade ? ' CASCADE' : ''}`;
    case 'createSchema': return `CREATE SCHEMA ${operation.ifNotExists ? 'IF NOT EXISTS ' : ''}${quote(operation.name)}`;
    case 'createSequence': return `CREATE SEQUENCE ${operation.ifNotExists ? 'IF NOT EXISTS ' : ''}${name(operation.name)}`;
    case 'createExtension': return `CREATE EXTENSION IF NOT EXISTS ${quote(operation.name)}${operation.schema === undefined ? '' : ` SCHEMA ${quote(operation.schema)}`}`;
    case 'query': return renderQuery(operation.query);
    case 'createPolicy': {
      const { policy, table } = operation;
      const check = policy.withCheck ? ` WITH CHECK (${renderExpression(policy.withCheck)})` : '';
      return `CREATE POLICY ${quote(policy.name)} ON ${name(table)} AS ${policy.permissive ? 'PERMISSIVE' : 'RESTRICTIVE'} FOR ${policy.command.toUpperCase()}${policy.using ? ` USING (${renderExpression(policy.using)})` : ''}${check}`;
    }
    case 'dropPolicy': return `DROP POLICY ${operation.ifExists ? 'IF EXISTS ' : ''}${quote(operation.name)} ON ${name(operation.table)}`;
    case 'execution': return `DO $tl$ BEGIN ${operation.block.body.map(renderStep).join(' ')} END $tl$`;
    case 'transaction': return operation.action === 'begin' ? 'BEGIN' : operation.action.toUpperCase();
    case 'setSetting': return operation.values === undefined ? `RESET ${operation.name}` : `SET ${operation.local ? 'LOCAL ' : ''}${operation.name} = ${operation.values.map(literal).join(', ')}`;
    case 'harmless': return `-- ${operation.name}`;
    case 'notUnderstood': return `-- ${operation.reason.replaceAll('\n', ' ')}`;
    default: throw new Error(`no SQL for ${operation.kind}`);
  }
}

function renderAlteration(operation: Extract<Operation, { readonly table: QualifiedName }>): string | undefined {
  switch (operation.kind) {
    case 'addColumn': return [`ADD COLUMN ${operation.ifNotExists ? 'IF NOT EXISTS ' : ''}${renderColumn(operation.column)}`, ...operation.constraints.map((each) => `ADD ${renderConstraint(each)}`)].join(', ');
    case 'dropColumn': return `DROP COLUMN ${operation.ifExists ? 'IF EXISTS ' : ''}${quote(operation.column)}${operation.cascade ? ' CASCADE' : ''}`;
    case 'renameColumn': return `RENAME COLUMN ${quote(operation.column)} TO ${quote(operation.to)}`;
    case 'setNotNull': return `ALTER COLUMN ${quote(operation.column)} SET NOT NULL`;
    case 'dropNotNull': return `ALTER COLUMN ${quote(operation.column)} DROP NOT NULL`;
    case 'setDefault': return `ALTER COLUMN ${quote(operation.column)} SET DEFAULT ${renderExpression(operation.default.expression)}`;
    case 'dropDefault': return `ALTER COLUMN ${quote(operation.column)} DROP DEFAULT`;
    case 'setType': return `ALTER COLUMN ${quote(operation.column)} TYPE ${renderType(operation.type)}${operation.using ? ` USING ${renderExpression(operation.using)}` : ''}`;
    case 'changeGenerated': return operation.generated === 'identity' ? `ALTER COLUMN ${quote(operation.column)} ADD GENERATED BY DEFAULT AS IDENTITY` : `ALTER COLUMN ${quote(operation.column)} DROP EXPRESSION`;
    case 'addConstraint': return `ADD ${renderConstraint(operation.constraint)}`;
    case 'validateConstraint': return `VALIDATE CONSTRAINT ${quote(operation.name)}`;
    case 'dropConstraint': return `DROP CONSTRAINT ${operation.ifExists ? 'IF EXISTS ' : ''}${quote(operation.name)}${operation.cascade ? ' CASCADE' : ''}`;
    case 'renameConstraint': return `RENAME CONSTRAINT ${quote(operation.name)} TO ${quote(operation.to)}`;
    case 'setRowSecurity': return `${{ enable: 'ENABLE', disable: 'DISABLE', force: 'FORCE', noForce: 'NO FORCE' }[operation.change]} ROW LEVEL SECURITY`;
    default: return undefined;
  }
}

function renderStep(step: Step): string {
  switch (step.kind) {
    case 'statement': return `${renderStatement(step)};`;
    case 'if': {
      const branches = step.branches.map(({ condition, body }, index) => `${index === 0 ? 'IF' : 'ELSIF'} ${renderExpression(condition)} THEN ${body.map(renderStep).join(' ') || 'NULL;'}`);
      return `${branches.join(' ')} ELSE ${step.otherwise.map(renderStep).join(' ') || 'NULL;'} END IF;`;
    }
    // A loop of code over rows: its statements are lowered for all of the rows at once.
    case 'loop': return step.body.map(renderStep).join(' ');
    case 'execute': return `EXECUTE ${renderExpression(step.text)};`;
    case 'raise': return step.level === 'exception' ? "RAISE EXCEPTION 'stopped';" : "RAISE NOTICE 'told';";
    case 'block': return `BEGIN ${step.body.map(renderStep).join(' ') || 'NULL;'}${step.handlers.map(({ body }) => ` EXCEPTION WHEN others THEN ${body.map(renderStep).join(' ') || 'NULL;'}`).join('')} END;`;
    default: throw new Error(`no SQL for the step ${step.kind}`);
  }
}


function name({ schema, name: own }: QualifiedName): string {
  return `${schema === undefined ? '' : `${quote(schema)}.`}${quote(own)}`;
}


/** A type as SQL names it. */
export function renderType({ schema, name: own, modifiers, dimensions }: SqlType): string {
  const base = own === 'bpchar' && modifiers.length > 0 ? 'char' : quote(own);
  return `${schema === undefined ? '' : `${quote(schema)}.`}${base}${modifiers.length > 0 && !['interval', 'timestamptz', 'timestamp'].includes(own) ? `(${modifiers.join(', ')})` : ''}${'[]'.repeat(dimensions)}`;
}

function renderColumn(column: ColumnDefinition): string {
  const value = column.default?.expression;
  const serial = value?.kind === 'call' && value.name.at(-1) === 'nextval' && value.arguments.length === 0;
  if (serial) return `${quote(column.name)} ${{ int2: 'smallserial', int8: 'bigserial' }[column.type.name] ?? 'serial'}${column.notNull ? ' NOT NULL' : ''}`;
  const generated = column.generated === 'identity' ? ` GENERATED ${column.identityAlways ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY`
    : column.generation ? ` GENERATED ALWAYS AS (${renderExpression(column.generation)}) ${column.generated === 'virtual' ? 'VIRTUAL' : 'STORED'}` : '';
  return `${quote(column.name)} ${renderType(column.type)}${value ? ` DEFAULT ${renderExpression(value)}` : ''}${generated}${column.notNull ? ' NOT NULL' : ''}`;
}

const ACTIONS = { noAction: 'NO ACTION', restrict: 'RESTRICT', cascade: 'CASCADE', setNull: 'SET NULL', setDefault: 'SET DEFAULT' } as const;

function list(columns: readonly string[]): string {
  return `(${columns.map(quote).join(', ')})`;
}

function renderConstraint(constraint: ConstraintDefinition): string {
  const named = constraint.name === undefined ? '' : `CONSTRAINT ${quote(constraint.name)} `;
  switch (constraint.kind) {
    case 'primaryKey': return `${named}PRIMARY KEY ${constraint.usingIndex === undefined ? list(constraint.columns) : `USING INDEX ${quote(constraint.usingIndex)}`}`;
    case 'unique': return `${named}UNIQUE ${constraint.usingIndex === undefined ? `${constraint.nullsNotDistinct ? 'NULLS NOT DISTINCT ' : ''}${list(constraint.columns)}` : `USING INDEX ${quote(constraint.usingIndex)}`}`;
    case 'foreignKey': return `${named}FOREIGN KEY ${list(constraint.columns)} REFERENCES ${name(constraint.references)}${constraint.referencedColumns.length > 0 ? ` ${list(constraint.referencedColumns)}` : ''} ON DELETE ${ACTIONS[constraint.onDelete]} ON UPDATE ${ACTIONS[constraint.onUpdate]}${constraint.notValid ? ' NOT VALID' : ''}`;
    case 'check': return `${named}CHECK (${renderExpression(constraint.expression)})${constraint.notValid ? ' NOT VALID' : ''}`;
    case 'notNull': return `${named}NOT NULL ${quote(constraint.column)}`;
    case 'exclusion': throw new Error('no SQL for an exclusion constraint');
  }
}

function renderIndex(table: QualifiedName, index: IndexDefinition, ifNotExists: boolean): string {
  const keys = index.keys.map((key) => (key.column !== undefined ? quote(key.column) : `(${renderExpression(key.expression!)})`)).join(', ');
  return [
    `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${index.concurrently ? 'CONCURRENTLY ' : ''}${ifNotExists ? 'IF NOT EXISTS ' : ''}${index.name === undefined ? '' : quote(index.name)}`,
    ` ON ${name(table)} USING ${index.method} (${keys})${index.include.length > 0 ? ` INCLUDE ${list(index.include)}` : ''}`,
    index.nullsNotDistinct ? ' NULLS NOT DISTINCT' : '', index.where ? ` WHERE ${renderExpression(index.where)}` : '',
  ].join('');
}

/** A query as SQL. @throws Error for MERGE */
export function renderQuery(query: Query): string {
  const commons = query.with.map(({ name: own, columns, query: inner }) => `${quote(own)}${columns.length > 0 ? ` ${list(columns)}` : ''} AS (${renderQuery(inner)})`).join(', ');
  return `${commons === '' ? '' : `WITH ${query.recursive ? 'RECURSIVE ' : ''}${commons} `}${body(query)}`;
}

function body(query: Query): string {
  switch (query.kind) {
    case 'select': return [
      'SELECT', query.distinct ? ' DISTINCT' : '', query.distinctOn.length > 0 ? ` DISTINCT ON (${query.distinctOn.map(renderExpression).join(', ')})` : '',
      query.targets.length > 0 ? ` ${targets(query.targets)}` : '', from(' FROM ', query.from), clause(' WHERE ', query.where),
      query.groupBy.length > 0 ? ` GROUP BY ${query.groupBy.map(renderExpression).join(', ')}` : '', clause(' HAVING ', query.having),
      query.orderBy.length > 0 ? ` ORDER BY ${query.orderBy.map(renderExpression).join(', ')}` : '', clause(' LIMIT ', query.limit), clause(' OFFSET ', query.offset),
    ].join('');
    case 'values': return `VALUES ${query.rows.map((row) => `(${row.map(renderExpression).join(', ')})`).join(', ')}`;
    case 'set': return `(${renderQuery(query.left)}) ${query.operator.toUpperCase()}${query.all ? ' ALL' : ''} (${renderQuery(query.right)})`;
    case 'insert': {
      const conflict = query.onConflict;
      const target = conflict?.constraint !== undefined ? ` ON CONSTRAINT ${quote(conflict.constraint)}` : conflict && conflict.columns.length > 0 ? ` ${list(conflict.columns)}${clause(' WHERE ', conflict.targetWhere)}` : '';
      const action = conflict ? ` ON CONFLICT${target} DO ${conflict.action === 'nothing' ? 'NOTHING' : `UPDATE SET ${sets(conflict.set)}${clause(' WHERE ', conflict.where)}`}` : '';
      return `INSERT INTO ${table(query.target, ' AS ')}${query.columns.length > 0 ? ` ${list(query.columns)}` : ''} ${query.source ? renderQuery(query.source) : 'DEFAULT VALUES'}${action}${returning(query.returning)}`;
    }
    case 'update': return `UPDATE ${table(query.target)} SET ${sets(query.set)}${from(' FROM ', query.from)}${clause(' WHERE ', query.where)}${returning(query.returning)}`;
    case 'delete': return `DELETE FROM ${table(query.target)}${from(' USING ', query.using)}${clause(' WHERE ', query.where)}${returning(query.returning)}`;
    case 'merge': throw new Error('no SQL for MERGE');
  }
}

function targets(all: readonly Target[]): string {
  return all.map(({ expression, alias }) => renderExpression(expression) + (alias === undefined ? '' : ` AS ${quote(alias)}`)).join(', ');
}

function returning(all: readonly Target[]): string {
  return all.length === 0 ? '' : ` RETURNING ${targets(all)}`;
}

function clause(word: string, expression: Expression | undefined): string {
  return expression ? word + renderExpression(expression) : '';
}

function sets(all: readonly Assignment[]): string {
  return all.map(({ column, value }) => `${quote(column)} = ${value ? renderExpression(value) : 'DEFAULT'}`).join(', ');
}

function from(word: string, items: readonly FromItem[]): string {
  return items.length === 0 ? '' : word + items.map(item).join(', ');
}

function table({ name: own, alias, columnAliases }: TableReference, as = ' '): string {
  return `${name(own)}${alias === undefined ? '' : `${as}${quote(alias)}`}${columnAliases.length > 0 ? ` ${list(columnAliases)}` : ''}`;
}

function item(each: FromItem): string {
  switch (each.kind) {
    case 'table': return table(each);
    case 'derived': return `${each.lateral ? 'LATERAL ' : ''}(${renderQuery(each.query)}) ${each.alias === undefined ? '' : quote(each.alias)}${each.columnAliases.length > 0 ? ` ${list(each.columnAliases)}` : ''}`;
    case 'function': return `${each.calls.map(renderExpression).join(', ')} ${each.alias === undefined ? '' : quote(each.alias)}${each.columnAliases.length > 0 ? ` ${list(each.columnAliases)}` : ''}`;
    case 'join': {
      const on = each.using.length > 0 ? ` USING ${list(each.using)}` : clause(' ON ', each.on);
      return `(${item(each.left)} ${each.natural ? 'NATURAL ' : ''}${each.type.toUpperCase()} JOIN ${item(each.right)}${on})`;
    }
  }
}

const BARE = new Set(['current_timestamp', 'current_date', 'current_time', 'localtime', 'localtimestamp', 'current_user', 'session_user', 'user', 'current_role', 'current_schema', 'current_catalog']);

/** Writes an expression as SQL, with more brackets than needed. */
export function renderExpression(each: Expression): string {
  const inner = renderExpression;
  switch (each.kind) {
    case 'column': return each.path.map(quote).join('.');
    case 'star': return [...each.path.map(quote), '*'].join('.');
    case 'constant': return typeof each.value === 'string' ? literal(each.value) : each.text ?? String(each.value).toUpperCase();
    // What comes from outside is some text.
    case 'parameter': return "'tl'";
    case 'hole': return `<${each.text}>`;
    case 'call': {
      if (BARE.has(each.name.at(-1)!)) return each.name.at(-1)!.toUpperCase();
      const args = `${each.distinct ? 'DISTINCT ' : ''}${each.star ? '*' : each.arguments.map(inner).join(', ')}${each.orderBy ? ` ORDER BY ${each.orderBy.map(inner).join(', ')}` : ''}`;
      const over = each.over ? ` OVER (${each.over.partitionBy.length > 0 ? `PARTITION BY ${each.over.partitionBy.map(inner).join(', ')} ` : ''}${each.over.orderBy.length > 0 ? `ORDER BY ${each.over.orderBy.map(inner).join(', ')}` : ''})` : '';
      const called = ['coalesce', 'nullif', 'greatest', 'least'].includes(each.name.at(-1)!) ? each.name.at(-1)! : each.name.map(quote).join('.');
      return `${called}(${args})${each.filter ? ` FILTER (WHERE ${inner(each.filter)})` : ''}${over}`;
    }
    case 'operator': {
      if (/between/.test(each.operator) && each.right.kind === 'row') return `(${inner(each.left!)} ${each.operator.toUpperCase()} ${each.right.items.map(inner).join(' AND ')})`;
      return `(${each.left ? `${inner(each.left)} ` : ''}${each.operator} ${inner(each.right)})`;
    }
    case 'and': case 'or': return `(${each.operands.map(inner).join(each.kind === 'and' ? ' AND ' : ' OR ')})`;
    case 'not': return `(NOT ${inner(each.operand)})`;
    case 'nullTest': return `(${inner(each.operand)} IS ${each.negated ? 'NOT ' : ''}NULL)`;
    case 'booleanTest': return `(${inner(each.operand)} IS ${each.test.replace(/^not/, 'not ').toUpperCase()})`;
    case 'distinct': return `(${inner(each.left)} IS ${each.negated ? 'NOT ' : ''}DISTINCT FROM ${inner(each.right)})`;
    case 'inList': return `(${inner(each.operand)} ${each.negated ? 'NOT ' : ''}IN (${each.list.map(inner).join(', ')}))`;
    case 'quantified': return `(${inner(each.left)} ${each.operator} ${each.quantifier.toUpperCase()} (${inner(each.right)}))`;
    case 'subquery': return `${each.left ? `${inner(each.left)} ${each.operator ?? ''} ` : ''}${each.form === 'scalar' ? '' : each.form.toUpperCase()}(${renderQuery(each.query)})`;
    case 'case': return `CASE ${each.operand ? inner(each.operand) : ''} ${each.branches.map(({ when, then }) => `WHEN ${inner(when)} THEN ${inner(then)}`).join(' ')}${each.otherwise ? ` ELSE ${inner(each.otherwise)}` : ''} END`;
    case 'cast': return `(${inner(each.operand)})::${renderType(each.type)}`;
    case 'row': return `ROW(${each.items.map(inner).join(', ')})`;
    case 'array': return `ARRAY[${each.items.map(inner).join(', ')}]`;
    case 'indirection': return `(${inner(each.operand)})${each.fields.map((field) => `.${quote(field)}`).join('')}${each.subscripts.map((part) => `[${inner(part)}]`).join('')}`;
    case 'other': return each.name === 'default' ? 'DEFAULT' : (() => { throw new Error(`no SQL for ${each.name}`); })();
  }
}
