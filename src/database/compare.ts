import type { Location } from '../facts/location.js';
import type { Catalog, Table } from '../link/catalog/types.js';
import type { LiveTable } from './catalog.js';
import { compareChecks, comparePolicies, compareTriggers, type DifferenceAspect, type Tell } from './compare-rules.js';
import { saysElse } from './policy-text.js';
import { displayOf } from './table-info.js';

/** A fact of which the model and the live database say different things. */
export interface Difference {
  readonly table: string;
  readonly aspect: DifferenceAspect;
  readonly column?: string;
  /** Where the model says it. */
  readonly location: Location;
  readonly message: string;
}

/**
 * Compares a catalog with a live database, table by table and column by column.
 * @param isOurs which live tables count when the model lacks them (not those of a platform or of a migration tool)
 */
export function compareCatalogs(catalog: Catalog, live: readonly LiveTable[], isOurs: (table: LiveTable) => boolean = () => true): Difference[] {
  const byName = new Map(live.map((table) => [`${table.schema}.${table.name}`, table]));
  const differences: Difference[] = [];
  const anywhere = [...catalog.tables.values()].find(({ assumed }) => !assumed)?.created.location ?? { file: '', start: 0, end: 0 };
  for (const [key, table] of catalog.tables) {
    if (table.assumed || table.temporary) continue;
    const other = byName.get(key);
    if (other === undefined) differences.push({ table: displayOf(table), aspect: 'table', location: table.created.location, message: `${words(table.kind)} "${displayOf(table)}" does not exist in the database` });
    else differences.push(...compareTable(table, other));
  }
  for (const [key, table] of byName) {
    if (!catalog.tables.has(key) && !table.partition && isOurs(table)) differences.push({ table: displayOf(table), aspect: 'table', location: anywhere, message: `The database has a ${words(table.kind).toLowerCase()} "${displayOf(table)}" that the migrations and models do not know` });
  }
  return differences;
}

function words(kind: Table['kind']): string {
  return { table: 'Table', view: 'View', materializedView: 'Materialized view', foreignTable: 'Foreign table' }[kind];
}

function compareTable(table: Table, live: LiveTable): Difference[] {
  const name = displayOf(table);
  const found: Difference[] = [];
  const tell = (aspect: DifferenceAspect, message: string, location: Location = table.created.location, column?: string): void => {
    found.push({ table: name, aspect, location, message, ...(column !== undefined && { column }) });
  };
  compareColumns(table, live, tell);
  if (table.kind !== 'table') return found;
  compareKeys(table, live, tell);
  compareIndexes(table, live, tell);
  compareChecks(table, live, tell);
  compareTriggers(table, live, tell);
  comparePolicies(table, live, tell);
  return found;
}

function compareColumns(table: Table, live: LiveTable, tell: Tell): void {
  const name = displayOf(table);
  const theirs = new Map(live.columns.map((column) => [column.name, column]));
  for (const column of table.columns.values()) {
    const other = theirs.get(column.name);
    const where = column.added.location;
    if (other === undefined) {
      tell('column', `Column "${column.name}" of "${name}" does not exist in the database`, where, column.name);
      continue;
    }
    const type = `${column.type.name}${'[]'.repeat(Math.min(1, column.type.dimensions))}`;
    const liveType = `${other.type}${'[]'.repeat(Math.min(1, other.dimensions))}`;
    if (table.kind === 'table' && type !== liveType) tell('type', `Column "${column.name}" of "${name}" is ${liveType} in the database, not ${type}`, where, column.name);
    if (table.kind === 'table' && column.notNull !== other.notNull) {
      tell('nullability', `Column "${column.name}" of "${name}" is ${other.notNull ? 'NOT NULL' : 'nullable'} in the database, not ${column.notNull ? 'NOT NULL' : 'nullable'}`, column.notNullOrigin?.location ?? where, column.name);
    }
    const hasDefault = column.default !== undefined && column.default.clientSide !== true;
    if (table.kind === 'table' && column.generated === undefined && hasDefault !== other.hasDefault && !isNullDefault(column.default)) {
      tell('default', `Column "${column.name}" of "${name}" has ${other.hasDefault ? 'a' : 'no'} default in the database`, where, column.name);
    } else if (hasDefault && other.default !== null && saysElse(column.default!.expression, other.default) === true) {
      tell('default', `The default of column "${column.name}" of "${name}" is another in the database: ${other.default}`, column.default!.location, column.name);
    }
    if (table.kind === 'table' && column.added.migration !== undefined && generationOf(column) !== generationOf(other)) {
      tell('generation', `Column "${column.name}" of "${name}" is ${generationOf(other)} in the database, not ${generationOf(column)}`, where, column.name);
    }
  }
  if (table.open) return;
  for (const { name: column } of live.columns) if (!table.columns.has(column)) tell('column', `The database has a column "${column}" in "${name}" that the migrations and models do not know`, undefined, column);
}

function generationOf({ generated, identity }: { readonly generated?: unknown; readonly identity?: boolean }): string {
  if (identity || generated === 'identity') return 'an identity column';
  return generated === undefined || generated === false ? 'a plain column' : 'a generated column';
}

function isNullDefault(value: { readonly expression: { readonly kind: string; readonly value?: unknown } } | undefined): boolean {
  return value?.expression.kind === 'constant' && value.expression.value === null;
}

const ACTIONS: Readonly<Record<LiveTable['foreignKeys'][number]['onDelete'], string>> = { noAction: 'NO ACTION', restrict: 'RESTRICT', cascade: 'CASCADE', setNull: 'SET NULL', setDefault: 'SET DEFAULT' };

function compareKeys(table: Table, live: LiveTable, tell: Tell): void {
  const name = displayOf(table);
  const listed = (columns: readonly string[]): string => `(${columns.join(', ')})`;
  const ours = [...(table.primaryKey ? [table.primaryKey] : []), ...table.uniques];
  const shown = ({ kind, columns }: { kind: string; columns: readonly string[] }): string => `${kind === 'primaryKey' ? 'primary key' : 'unique'} ${listed(columns)}`;
  const theirs = live.keys.map((key) => ({ kind: key.primary ? 'primaryKey' : 'unique', columns: key.columns }));
  // A unique index serves as well as a constraint.
  const uniqueIndexes = new Set(live.indexes.filter(({ unique, partial }) => unique && !partial).map(({ columns }) => listed(columns.map((column) => column ?? ''))));
  for (const key of ours) if (!theirs.some((other) => shown(other) === shown(key)) && !(key.kind === 'unique' && uniqueIndexes.has(listed(key.columns)))) tell('key', `"${name}" has no ${shown(key)} in the database`, key.origin.location);
  const known = new Set([...ours.map(shown), ...table.indexes.filter(({ unique }) => unique).map(({ keys }) => `unique ${listed(keys.map(({ column }) => column ?? ''))}`)]);
  for (const key of theirs) if (!known.has(shown(key))) tell('key', `"${name}" has a ${shown(key)} in the database that the migrations and models do not know`);

  const target = ({ columns, table: parent, referencedColumns }: Table['foreignKeys'][number]): string => `${listed(columns)} → ${parent}${referencedColumns.length > 0 ? listed(referencedColumns) : ''}`;
  const liveTargets = live.foreignKeys.map((key) => `${listed(key.columns)} → ${key.schema}.${key.parent}${listed(key.parentColumns)}`);
  const enforced = table.foreignKeys.filter((key) => key.enforced);
  for (const key of enforced) if (!liveTargets.some((other) => other.startsWith(target(key)))) tell('foreign key', `"${name}" has no foreign key ${target(key)} in the database`, key.origin.location);
  for (const key of enforced) {
    const other = live.foreignKeys.find((each, index) => each.name === key.name && liveTargets[index]!.startsWith(target(key)));
    if (other === undefined || key.origin.migration === undefined) continue;
    if (other.validated !== key.validated) tell('foreign key', `Foreign key "${key.name}" of "${name}" is ${other.validated ? 'validated' : 'NOT VALID'} in the database, not ${key.validated ? 'validated' : 'NOT VALID'}`, key.origin.location);
    if (other.onDelete !== key.onDelete) tell('foreign key', `Foreign key "${key.name}" of "${name}" is ON DELETE ${ACTIONS[other.onDelete]} in the database, not ${ACTIONS[key.onDelete]}`, key.origin.location);
  }
  for (const other of liveTargets) if (!enforced.some((key) => other.startsWith(target(key)))) tell('foreign key', `"${name}" has a foreign key ${other} in the database that the migrations and models do not know`);
}

function compareIndexes(table: Table, live: LiveTable, tell: Tell): void {
  const name = displayOf(table);
  for (const { name: index } of live.indexes.filter(({ valid }) => !valid)) tell('index', `Index "${index}" of "${name}" is invalid in the database: drop and create it again`, table.indexes.find((each) => each.name === index)?.origin.location);
  const shape = (unique: boolean, columns: readonly (string | null | undefined)[], partial = false): string => (
    `${unique ? 'unique ' : ''}index (${columns.map((column) => column ?? 'expression').join(', ')})${partial ? ' over some rows' : ''}`);
  const theirs = new Set(live.indexes.map(({ unique, columns, partial }) => shape(unique, columns, partial)));
  const ours = table.indexes.map((index) => ({ shape: shape(index.unique, index.keys.map(({ column }) => column), index.where !== undefined), location: index.origin.location }));
  for (const index of ours) if (!theirs.has(index.shape)) tell('index', `"${name}" has no ${index.shape} in the database`, index.location);
  const known = new Set([...ours.map((index) => index.shape), ...(table.primaryKey ? [shape(true, table.primaryKey.columns)] : []), ...table.uniques.map(({ columns }) => shape(true, columns))]);
  const constraints = new Set(live.keys.map(({ name: key }) => key));
  for (const index of live.indexes) {
    const text = shape(index.unique, index.columns, index.partial);
    if (!known.has(text) && !constraints.has(index.name)) tell('index', `"${name}" has an ${text} ("${index.name}") in the database that the migrations and models do not know`);
  }
}
