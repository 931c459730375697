import type { Data, Options } from './data.js';
import { listOf, optionsOf } from './data.js';
import { columnOptions, columnTexts, constraintTexts, identityText, indexTexts, typeText } from './columns.js';
import type { Shorthands } from './columns.js';
import { nameList, nameText, plain, plainName, valueText, when } from './text.js';

/** SQL, in parts; a part may be the text of one of the columns that the call is given. */
export type Sql = readonly (string | { readonly column: string; readonly text: string })[];
type Write = (args: readonly Data[], shorthands: Shorthands) => Sql;

const exists = ({ ifExists }: Options): string => when(ifExists, 'IF EXISTS ');
const missing = ({ ifNotExists }: Options): string => when(ifNotExists, 'IF NOT EXISTS ');
const cascade = ({ cascade: given }: Options): string => when(given, ' CASCADE');

/** DROP of something that has a name alone. */
const drop = (what: string): Write => ([name, given]) => [`DROP ${what} ${exists(optionsOf(given))}${nameText(name)}${cascade(optionsOf(given))}`];
const rename = (what: string): Write => ([name, to]) => [`ALTER ${what} ${nameText(name)} RENAME TO ${nameText(to)}`];
/** DROP and RENAME of what belongs to a table. */
const dropOn = (what: string): Write => ([table, name, given]) => [`DROP ${what} ${exists(optionsOf(given))}${nameText(name)} ON ${nameText(table)}${what === 'POLICY' ? '' : cascade(optionsOf(given))}`];
const renameOn = (what: string): Write => ([table, name, to]) => [`ALTER ${what} ${nameText(name)} ON ${nameText(table)} RENAME TO ${nameText(to)}`];
const joined = (parts: readonly Sql[]): Sql => parts.flatMap((part, index) => (index === 0 ? part : [', ', ...part]));

const createTable: Write = ([table, columns, given], shorthands) => {
  const options = optionsOf(given);
  const { columns: lines, key } = columnTexts(columns, shorthands);
  const constraints = constraintTexts(table, { ...optionsOf(options['constraints']), ...(key.length > 0 && { primaryKey: key }) }, undefined);
  const { temporary, inherits, like, partition } = options;
  const body = [...lines.map(([column, text]): Sql => [{ column, text }]), ...constraints.map((each) => [each]), ...(like === undefined ? [] : [[likeText(like)]])];
  const { strategy, columns: by } = optionsOf(partition);
  const parts = listOf(by).map((each) => nameText(plainName(each))).join(', ');
  return [`CREATE ${when(temporary, 'TEMPORARY ')}TABLE ${missing(options)}${nameText(table)} (`, ...joined(body), `)${when(inherits, ` INHERITS (${nameText(inherits)})`)}${when(partition, ` PARTITION BY ${plain(strategy)} (${parts})`)}`];
};

function likeText(like: Data): string {
  const { table, options } = optionsOf(like);
  const { including, excluding } = optionsOf(options);
  return `LIKE ${nameText(table ?? like)}${listOf(including).map((each) => ` INCLUDING ${plain(each)}`).join('')}${listOf(excluding).map((each) => ` EXCLUDING ${plain(each)}`).join('')}`;
}

const addColumns: Write = ([table, columns, given], shorthands) => [
  `ALTER TABLE ${nameText(table)} `, ...joined(columnTexts(columns, shorthands).columns.map(([column, text]) => [{ column, text: `ADD ${missing(optionsOf(given))}${text}` }])),
];

const dropColumns: Write = ([table, columns, given]) => {
  const names = Array.isArray(columns) || typeof columns === 'string' ? listOf(columns) : Object.keys(optionsOf(columns));
  return [`ALTER TABLE ${nameText(table)} ${names.map((name) => `DROP ${exists(optionsOf(given))}${nameText(name)}${cascade(optionsOf(given))}`).join(', ')}`];
};

const alterColumn: Write = ([table, column, given]) => {
  const { default: value, type, collation, using, notNull, allowNull, sequenceGenerated, expressionGenerated } = optionsOf(given);
  const actions = [
    value === undefined ? '' : value === null ? 'DROP DEFAULT' : `SET DEFAULT ${valueText(value)}`,
    when(type, `SET DATA TYPE ${typeText(type)}${when(collation, ` COLLATE ${plain(collation)}`)}${when(using, ` USING ${plain(using)}`)}`),
    notNull === true ? 'SET NOT NULL' : notNull === false || allowNull === true ? 'DROP NOT NULL' : '',
    sequenceGenerated === undefined ? '' : when(sequenceGenerated, `ADD ${identityText(sequenceGenerated)}`) || 'DROP IDENTITY',
    expressionGenerated === null ? 'DROP EXPRESSION' : '',
  ].filter((action) => action !== '');
  return actions.length === 0 ? [] : [`ALTER TABLE ${nameText(table)} ${actions.map((action) => `ALTER ${nameText(column)} ${action}`).join(', ')}`];
};

const alterTable: Write = ([table, given]) => {
  const { levelSecurity } = optionsOf(given);
  return levelSecurity === undefined ? [] : [`ALTER TABLE ${nameText(table)} ${plain(levelSecurity)} ROW LEVEL SECURITY`];
};

const addConstraint: Write = ([table, name, given]) => {
  const texts = typeof given === 'string' ? [`${when(name, `CONSTRAINT ${nameText(name)} `)}${given}`] : constraintTexts(table, optionsOf(given), name);
  return [`ALTER TABLE ${nameText(table)} ${texts.map((each) => `ADD ${each}`).join(', ')}`];
};

const createIndex: Write = ([table, columns, given]) => {
  const options = optionsOf(given);
  const { unique, concurrently, method, where, include, nulls } = options;
  // CREATE INDEX takes the schema of its table.
  const index = indexTexts(plainName(table), columns, options);
  return [`CREATE ${when(unique, 'UNIQUE ')}INDEX ${when(concurrently, 'CONCURRENTLY ')}${missing(options)}${index.name} ON ${nameText(table)}${when(method, ` USING ${plain(method)}`)} (${index.columns})`
    + `${when(include, ` INCLUDE (${nameList(include)})`)}${when(nulls, ` NULLS ${plain(nulls).toUpperCase()}`)}${when(where, ` WHERE ${plain(where)}`)}`];
};

const dropIndex: Write = ([table, columns, given]) => {
  const options = optionsOf(given);
  return [`DROP INDEX ${when(options['concurrently'], 'CONCURRENTLY ')}${exists(options)}${indexTexts(table, columns, options).name}${cascade(options)}`];
};

const createFunction: Write = ([name, parameters, given, definition], shorthands) => {
  const { replace, returns, language, behavior, security, set } = optionsOf(given);
  const list = listOf(parameters).map((each) => {
    const { mode, name: own, type, default: value } = columnOptions(each, shorthands);
    return [plain(mode), when(own, nameText(own)), plain(type), value === undefined ? '' : `DEFAULT ${valueText(value)}`].filter((part) => part !== '').join(' ');
  });
  const settings = listOf(set).map(optionsOf).map(({ configurationParameter, value }) => ` SET ${nameText(configurationParameter)} ${value === 'FROM CURRENT' ? plain(value) : `TO ${plain(value)}`}`).join('');
  return [`CREATE ${when(replace, 'OR REPLACE ')}FUNCTION ${nameText(name)}(${list.join(', ')}) RETURNS ${plain(returns ?? 'void')} AS ${valueText(definition)} ${plain(behavior ?? 'VOLATILE')} LANGUAGE ${plain(language)}${security === 'DEFINER' ? ' SECURITY DEFINER' : ''}${settings}`];
};

const dropFunction: Write = ([name, parameters, given], shorthands) => [
  `DROP FUNCTION ${exists(optionsOf(given))}${nameText(name)}(${listOf(parameters).map((each) => plain(columnOptions(each, shorthands)['type'])).join(', ')})${cascade(optionsOf(given))}`,
];

const createTrigger: Write = ([table, name, given, definition], shorthands) => {
  const options = optionsOf(given);
  const { constraint, condition, operation, deferrable, functionParams, level, when: time, function: called } = options;
  const own = called ?? name;
  const body = definition === undefined ? [] : [...createFunction([own, [], { ...options, returns: 'trigger' }, definition], shorthands), '; '];
  const late = constraint === true ? `${when(deferrable, `DEFERRABLE INITIALLY ${options['deferred'] === true ? 'DEFERRED' : 'IMMEDIATE'}`) || 'NOT DEFERRABLE'} ` : '';
  const moment = constraint === true ? 'AFTER' : plain(time);
  return [...body, `CREATE ${when(constraint, 'CONSTRAINT ')}TRIGGER ${nameText(name)} ${moment} ${listOf(operation).map(plain).join(' OR ')} ON ${nameText(table)} ${late}FOR EACH ${/instead/i.test(moment) ? 'ROW' : plain(level ?? 'STATEMENT')} `
    + `${when(condition, `WHEN (${plain(condition)}) `)}EXECUTE PROCEDURE ${nameText(own)}(${listOf(functionParams).map(valueText).join(', ')})`];
};

function policyClauses({ role, using, check }: Options): string {
  return `${when(role, ` TO ${listOf(role).map(plain).join(', ')}`)}${when(using, ` USING (${plain(using)})`)}${when(check, ` WITH CHECK (${plain(check)})`)}`;
}

const createPolicy: Write = ([table, name, given]) => [`CREATE POLICY ${nameText(name)} ON ${nameText(table)} FOR ${plain(optionsOf(given)['command'] ?? 'ALL')}${policyClauses({ role: 'PUBLIC', ...optionsOf(given) })}`];
const alterPolicy: Write = ([table, name, given]) => [`ALTER POLICY ${nameText(name)} ON ${nameText(table)}${policyClauses(optionsOf(given))}`];

const createView = (materialized: boolean): Write => ([name, given, definition]) => {
  const options = optionsOf(given);
  const { replace, temporary, recursive, columns, options: storage, checkOption } = options;
  const settings = Object.entries(optionsOf(storage)).map(([key, value]) => (value === true ? key : `${key} = ${plain(value)}`));
  const head = `CREATE ${when(replace, 'OR REPLACE ')}${when(temporary, 'TEMPORARY ')}${when(recursive, 'RECURSIVE ')}${materialized ? 'MATERIALIZED ' : ''}VIEW ${materialized ? missing(options) : ''}${nameText(name)}`;
  return [`${head}${when(nameList(columns), `(${nameList(columns)})`)}${settings.length === 0 ? '' : ` WITH (${settings.join(', ')})`} AS ${plain(definition)}${when(checkOption, ` WITH ${plain(checkOption)} CHECK OPTION`)}`];
};

const createType: Write = ([name, given], shorthands) => [Array.isArray(given) ? `CREATE TYPE ${nameText(name)} AS ENUM (${listOf(given).map(valueText).join(', ')})`
  : `CREATE TYPE ${nameText(name)} AS (${Object.entries(optionsOf(given)).map(([key, type]) => `${nameText(key)} ${plain(columnOptions(type, shorthands)['type'])}`).join(', ')})`];

const addTypeValue: Write = ([name, value, given]) => {
  const { before, after } = optionsOf(given);
  return [`ALTER TYPE ${nameText(name)} ADD VALUE ${missing(optionsOf(given))}${valueText(value)}${when(before, ` BEFORE ${valueText(before)}`)}${when(after, ` AFTER ${valueText(after)}`)}`];
};

const createDomain: Write = ([name, type, given], shorthands) => {
  const { default: value, collation, notNull, check, constraintName } = optionsOf(given);
  const constraint = when(notNull, ' NOT NULL') || when(check, ` CHECK (${plain(check)})`);
  return [`CREATE DOMAIN ${nameText(name)} AS ${plain(columnOptions(type, shorthands)['type'])}${when(collation, ` COLLATE ${plain(collation)}`)}${value === undefined ? '' : ` DEFAULT ${valueText(value)}`}${when(constraintName, ` CONSTRAINT ${nameText(constraintName)}`)}${constraint}`];
};

const createRole = (verb: string): Write => ([name, given]) => {
  const options: Options = { ...(verb === 'CREATE' && { superuser: false, login: false, inherit: true, replication: false }), ...optionsOf(given) };
  const words = ['superuser', 'bypassrls', 'login', 'inherit', 'replication'].flatMap((key) => (typeof options[key] === 'boolean' ? [`${options[key] ? '' : 'NO'}${key.toUpperCase()}`] : []));
  return [`${verb} ROLE ${nameText(name)}${words.length === 0 ? '' : ` WITH ${words.join(' ')}`}`];
};

const onTables = (verb: 'GRANT' | 'REVOKE'): Write => ([given]) => {
  const { privileges, tables, schema, roles } = optionsOf(given);
  const on = schema === undefined ? nameList(tables) : `ALL TABLES IN SCHEMA ${nameText(schema)}`;
  return [`${verb} ${listOf(privileges).map(plain).join(', ')} ON ${on} ${verb === 'GRANT' ? 'TO' : 'FROM'} ${listOf(roles).map((role) => (role === 'PUBLIC' ? role : nameText(role))).join(', ')}`];
};

/** `pgm.name(...)` as the statement that node-pg-migrate sends for it. */
export const STATEMENTS: Readonly<Record<string, Write>> = {
  createTable, dropTable: drop('TABLE'), renameTable: rename('TABLE'), alterTable, addColumns, addColumn: addColumns, dropColumns, dropColumn: dropColumns, alterColumn,
  renameColumn: ([table, name, to]) => [`ALTER TABLE ${nameText(table)} RENAME ${nameText(name)} TO ${nameText(to)}`],
  addConstraint, createConstraint: addConstraint,
  dropConstraint: ([table, name, given]) => [`ALTER TABLE ${when(optionsOf(given)['ifTableExists'], 'IF EXISTS ')}${nameText(table)} DROP CONSTRAINT ${exists(optionsOf(given))}${nameText(name)}${cascade(optionsOf(given))}`],
  renameConstraint: ([table, name, to]) => [`ALTER TABLE ${nameText(table)} RENAME CONSTRAINT ${nameText(name)} TO ${nameText(to)}`],
  createIndex, addIndex: createIndex, dropIndex, renameIndex: rename('INDEX'),
  createType, addType: createType, dropType: drop('TYPE'), renameType: rename('TYPE'), addTypeValue,
  renameTypeValue: ([name, value, to]) => [`ALTER TYPE ${nameText(name)} RENAME VALUE ${valueText(value)} TO ${valueText(to)}`],
  createDomain, dropDomain: drop('DOMAIN'), renameDomain: rename('DOMAIN'),
  createFunction, dropFunction, createTrigger, dropTrigger: dropOn('TRIGGER'), renameTrigger: renameOn('TRIGGER'),
  createPolicy, alterPolicy, dropPolicy: dropOn('POLICY'), renamePolicy: renameOn('POLICY'),
  createView: createView(false), dropView: drop('VIEW'), renameView: rename('VIEW'),
  createMaterializedView: createView(true), dropMaterializedView: drop('MATERIALIZED VIEW'), renameMaterializedView: rename('MATERIALIZED VIEW'),
  createSchema: ([name, given]) => [`CREATE SCHEMA ${missing(optionsOf(given))}${nameText(name)}`], dropSchema: drop('SCHEMA'), renameSchema: rename('SCHEMA'),
  createSequence: ([name, given]) => [`CREATE SEQUENCE ${missing(optionsOf(given))}${nameText(name)}`], dropSequence: drop('SEQUENCE'), renameSequence: rename('SEQUENCE'),
  createExtension: ([names]) => [listOf(names).map((name) => `CREATE EXTENSION IF NOT EXISTS ${nameText(name)}`).join('; ')], dropExtension: ([names]) => [listOf(names).map((name) => `DROP EXTENSION IF EXISTS ${nameText(name)}`).join('; ')],
  createRole: createRole('CREATE'), alterRole: createRole('ALTER'), dropRole: drop('ROLE'),
  grantRoles: ([from, to]) => [`GRANT ${nameList(from)} TO ${nameList(to)}`], revokeRoles: ([from, to]) => [`REVOKE ${nameList(from)} FROM ${nameList(to)}`],
  grantOnTables: onTables('GRANT'), revokeOnTables: onTables('REVOKE'),
};

/** What the tool does for a call of `up` where a migration has no `down`; a call that is not named here it refuses to turn round. */
export const REVERSED: Readonly<Record<string, (args: readonly Data[]) => readonly [name: string, args: readonly Data[]]>> = {
  ...Object.fromEntries([['createTable', 'dropTable'], ['createType', 'dropType'], ['addType', 'dropType'], ['createSchema', 'dropSchema'], ['createSequence', 'dropSequence'], ['createExtension', 'dropExtension'], ['createRole', 'dropRole']]
    .map(([name, back]) => [name, ([first, , options]: readonly Data[]) => [back, [first, options]]])),
  ...Object.fromEntries(['View', 'MaterializedView', 'Domain'].map((what) => [`create${what}`, ([first]: readonly Data[]) => [`drop${what}`, [first]]])),
  ...Object.fromEntries([['addColumns', 'dropColumns'], ['addColumn', 'dropColumns'], ['createIndex', 'dropIndex'], ['addIndex', 'dropIndex'], ['createFunction', 'dropFunction'], ['createPolicy', 'dropPolicy'], ['createTrigger', 'dropTrigger']]
    .map(([name, back]) => [name, (args: readonly Data[]) => [back, args]])),
  addConstraint: ([table, name, given]) => ['dropConstraint', [table, name, given]], createConstraint: ([table, name, given]) => ['dropConstraint', [table, name, given]],
  renameTable: ([name, to]) => ['renameTable', [to, name]], renameColumn: ([table, name, to]) => ['renameColumn', [table, to, name]], renameConstraint: ([table, name, to]) => ['renameConstraint', [table, to, name]],
  grantOnTables: (args) => ['revokeOnTables', args], grantRoles: (args) => ['revokeRoles', args],
};

/** Calls that change nothing which a tenant's rows depend on. */
export const HARMLESS = /^(?:(?:create|drop|rename|alter)(?:Operator\w*|Cast)|(?:addTo|removeFrom)OperatorFamily|alter(?:Domain|Sequence|View|ViewColumn|MaterializedView)|refreshMaterializedView|renameMaterializedViewColumn|renameFunction|renameRole|(?:grant|revoke)OnSchemas|(?:rename|add|drop|set)TypeAttribute)$/;
