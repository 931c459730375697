import type { Location } from '../facts/location.js';
import type { Catalog, Table } from '../link/catalog/types.js';
import type { LiveTable } from './catalog.js';
import { saysElse } from './policy-text.js';
import { displayOf } from './table-info.js';

export type DifferenceAspect = 'table' | 'column' | 'type' | 'nullability' | 'default' | 'key' | 'foreign key' | 'index' | 'row security' | 'policy';

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
  comparePolicies(table, live, tell);
  return found;
}

type Tell = (aspect: DifferenceAspect, message: string, location?: Location, column?: string) => void;

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
    }
  }
  if (table.open) return;
  for (const { name: column } of live.columns) if (!table.columns.has(column)) tell('column', `The database has a column "${column}" in "${name}" that the migrations and models do not know`, undefined, column);
}

function isNullDefault(value: { readonly expression: { readonly kind: string; readonly value?: unknown } } | undefined): boolean {
  return value?.expression.kind === 'constant' && value.expression.value === null;
}

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
  for (const other of liveTargets) if (!enforced.some((key) => other.startsWith(target(key)))) tell('foreign key', `"${name}" has a foreign key ${other} in the database that the migrations and models do not know`);
}

function compareIndexes(table: Table, live: LiveTable, tell: Tell): void {
  const name = displayOf(table);
  for (const { name: index } of live.indexes.filter(({ valid }) => !valid)) tell('index', `Index "${index}" of "${name}" is invalid in the database: drop and create it again`, table.indexes.find((each) => each.name === index)?.origin.location);
  const shape = (unique: boolean, columns: readonly (string | null | undefined)[]): string => `${unique ? 'unique ' : ''}index (${columns.map((column) => column ?? 'expression').join(', ')})`;
  const theirs = new Set(live.indexes.map(({ unique, columns }) => shape(unique, columns)));
  const ours = table.indexes.map((index) => ({ shape: shape(index.unique, index.keys.map(({ column }) => column)), location: index.origin.location }));
  for (const index of ours) if (!theirs.has(index.shape)) tell('index', `"${name}" has no ${index.shape} in the database`, index.location);
  const known = new Set([...ours.map((index) => index.shape), ...(table.primaryKey ? [shape(true, table.primaryKey.columns)] : []), ...table.uniques.map(({ columns }) => shape(true, columns))]);
  const constraints = new Set(live.keys.map(({ name: key }) => key));
  for (const index of live.indexes) {
    const text = shape(index.unique, index.columns);
    if (!known.has(text) && !constraints.has(index.name)) tell('index', `"${name}" has an ${text} ("${index.name}") in the database that the migrations and models do not know`);
  }
}

function comparePolicies(table: Table, live: LiveTable, tell: Tell): void {
  const name = displayOf(table);
  const onOff = (on: boolean): string => (on ? 'on' : 'off');
  if (table.rowSecurity !== live.rowSecurity) tell('row security', `Row-level security of "${name}" is ${onOff(live.rowSecurity)} in the database, not ${onOff(table.rowSecurity)}`, table.rowSecurityOrigin?.location);
  if (table.forceRowSecurity !== live.forceRowSecurity) tell('row security', `FORCE ROW LEVEL SECURITY of "${name}" is ${onOff(live.forceRowSecurity)} in the database, not ${onOff(table.forceRowSecurity)}`, table.rowSecurityOrigin?.location);
  const theirs = new Map(live.policies.map((policy) => [policy.name, policy]));
  for (const policy of table.policies) {
    const other = theirs.get(policy.name);
    const where = policy.origin.location;
    if (other === undefined) tell('policy', `Policy "${policy.name}" of "${name}" does not exist in the database`, where);
    else if (other.command !== policy.command || other.permissive !== policy.permissive) tell('policy', `Policy "${policy.name}" of "${name}" is ${other.permissive ? 'permissive' : 'restrictive'} for ${other.command} in the database, not ${policy.permissive ? 'permissive' : 'restrictive'} for ${policy.command}`, where);
    else if ((other.using === null) !== (policy.using === undefined) || (other.check === null) !== (policy.withCheck === undefined)) tell('policy', `Policy "${policy.name}" of "${name}" has ${other.using === null ? 'no' : 'a'} USING and ${other.check === null ? 'no' : 'a'} WITH CHECK in the database`, where);
    else for (const part of ['using', 'check'] as const) comparePolicyText(name, policy, other, part, tell);
  }
  for (const { name: policy } of live.policies) if (!table.policies.some((each) => each.name === policy)) tell('policy', `"${name}" has a policy "${policy}" in the database that the migrations do not know`);
}

function comparePolicyText(table: string, policy: Table['policies'][number], live: LiveTable['policies'][number], part: 'using' | 'check', tell: Tell): void {
  const [ours, theirs] = [part === 'using' ? policy.using : policy.withCheck, live[part]];
  if (ours === undefined || theirs === null || saysElse(ours, theirs) !== true) return;
  tell('policy', `${part === 'using' ? 'USING' : 'WITH CHECK'} of policy "${policy.name}" of "${table}" says something else in the database: ${theirs.replace(/\s+/g, ' ')}`, policy.origin.location);
}
