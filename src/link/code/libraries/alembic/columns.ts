import type { Operation } from '../../../../facts/operation.js';
import type { QualifiedName } from '../../../../facts/query.js';
import { dataOf } from '../sqlalchemy/data.js';
import { lowerColumn } from '../sqlalchemy/definitions.js';
import { isNone } from '../sqlalchemy/given.js';
import { defaultOf, sqlExpression } from '../sqlalchemy/sql-expression.js';
import { typeOf } from '../sqlalchemy/types.js';
import type { Outcome, Site } from './site.js';

/** `op.add_column('t', Column(...))`: the column with its constraints, then its indexes. */
export function addColumn(site: Site, table: QualifiedName): Outcome {
  const { given, location, naming, ctx } = site;
  const data = dataOf(given.value('column'), 'column', ctx);
  if (!data) return 'the column is not known';
  if (data.name === undefined) return 'the name of the column is not known';
  const lowered = lowerColumn(data.name, data, { table, naming, isModel: false }, [], location);
  const add: Operation = { kind: 'addColumn', table, column: lowered.column, constraints: lowered.constraints, ifNotExists: given.flag('if_not_exists') === true, location };
  return [[add], ...lowered.indexes.map((index): Operation[] => [{ kind: 'createIndex', table, index, ifNotExists: false, location }])];
}

/** `op.drop_column(table, column)`. */
export function dropColumn({ given, location }: Site, table: QualifiedName): Outcome {
  const column = given.text('column_name');
  return column === undefined ? 'the name of the column is not known' : [[{ kind: 'dropColumn', table, column, ifExists: given.flag('if_exists') === true, cascade: false, location }]];
}

/** Statements in the order in which Alembic's PostgreSQL dialect sends them: type, NOT NULL, default, name. */
export function alterColumn(site: Site, table: QualifiedName): Outcome {
  const { given, location } = site;
  const column = given.text('column_name');
  if (column === undefined) return 'the name of the column is not known';
  const on = { table, column, location };
  const to = given.text('new_column_name') ?? given.text('name');
  const nullable = given.flag('nullable');
  if (given.has('nullable') && nullable === undefined) return `whether "${column}" becomes nullable is not known`;
  return [
    ...(given.has('type_') ? [[setType(site, on)]] : []),
    ...(nullable === undefined ? [] : [[{ kind: nullable ? 'dropNotNull' as const : 'setNotNull' as const, ...on }]]),
    ...defaultChanges(site, on),
    ...(to === undefined ? [] : [[{ kind: 'renameColumn' as const, ...on, to }]]),
  ];
}

interface On {
  readonly table: QualifiedName;
  readonly column: string;
  readonly location: Site['location'];
}

function setType({ given, ctx, location }: Site, on: On): Operation {
  const type = typeOf(given.value('type_'), ctx)?.type ?? { name: 'unknown', modifiers: [], dimensions: 0 };
  const using = given.value('postgresql_using');
  const expression = using && given.has('postgresql_using') ? sqlExpression(using, ctx, location, 'sql') : undefined;
  return { kind: 'setType', ...on, type, ...(expression && { using: expression }) };
}

/** `server_default=False` (what is assumed when it is not given) leaves the default as it is; None drops it. */
function defaultChanges({ given, ctx, location }: Site, on: On): Operation[][] {
  const value = given.value('server_default');
  if (value === undefined || given.flag('server_default') === false) return [];
  if (isNone(value, ctx)) return [[{ kind: 'dropDefault', ...on }]];
  if (dataOf(value, 'identity', ctx)) return [[{ kind: 'changeGenerated', ...on, generated: 'identity', ifExists: false }]];
  const made = defaultOf(value, ctx, location);
  return made ? [[{ kind: 'setDefault', ...on, default: made }]] : [];
}
