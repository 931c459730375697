import type { Reported } from '../check/suppress.js';
import type { Location, Notice } from '../facts/location.js';
import type { ClassifiedTable, Database, Project } from '../link/project.js';
import { readCatalog, readRoles, type LiveTable } from './catalog.js';
import { compareCatalogs } from './compare.js';
import { reported } from './findings.js';
import { PLATFORM_SCHEMAS, isBookkeeping } from './platform.js';
import { harmless, literal, quote, relationName } from './sql.js';
import type { Connection } from './types.js';

/** A tenant column whose NULLs are counted. */
interface Counted {
  readonly table: ClassifiedTable;
  readonly column: string;
}

/** What a gate found in a live database. */
export interface GateResult {
  readonly reported: readonly Reported[];
  readonly notices: readonly Notice[];
  readonly counted: number;
}

/**
 * One statement that counts the rows without a tenant of every tenant table: each `nulls` must be 0. Hybrid tables are left out: NULL is meant there.
 * @returns undefined when there is no tenant table
 */
export function gateStatement(tables: readonly ClassifiedTable[]): string | undefined {
  return statementOf(countedColumns(tables));
}

function countedColumns(tables: readonly ClassifiedTable[]): Counted[] {
  return tables.filter(({ class: kind, hybrid, table }) => kind === 'tenant' && !hybrid && table.kind === 'table')
    .flatMap((table) => table.tenantColumns.map(({ name }) => ({ table, column: name })));
}

function statementOf(counted: readonly Counted[]): string | undefined {
  if (counted.length === 0) return undefined;
  const parts = counted.map(({ table, column }) => (
    `SELECT ${literal(table.name)} AS "table", ${literal(column)} AS "column", count(*) AS nulls FROM ${relationName(table.table)} WHERE ${quote(column)} IS NULL`));
  return harmless(`${parts.join('\nUNION ALL\n')};`);
}

/**
 * Compares a live database with the project, and counts rows without a tenant. Reads only.
 * @param project its largest database is the one compared
 */
export async function runGate(connection: Connection, project: Project): Promise<GateResult> {
  await connection.run('begin read only');
  try {
    const [database] = project.databases;
    const live = await readCatalog(connection);
    const tables = project.tables.filter(({ table }) => database?.catalog.tables.get(`${table.schema}.${table.name}`) === table);
    const { counted, notices } = countable(tables, live);
    return {
      reported: [...await nullFindings(connection, counted), ...(database ? driftFindings(project, database, live) : []), ...await roleFindings(connection, project)],
      notices, counted: counted.length,
    };
  } finally {
    await connection.run('rollback');
  }
}

/** The columns that exist in the database. */
function countable(tables: readonly ClassifiedTable[], live: readonly LiveTable[]): { counted: Counted[]; notices: Notice[] } {
  const columns = new Map(live.map((table) => [relationName(table), new Set(table.columns.map(({ name }) => name))]));
  const all = countedColumns(tables);
  const counted = all.filter(({ table, column }) => columns.get(relationName(table.table))?.has(column));
  const missing = all.filter((each) => !counted.includes(each));
  return { counted, notices: missing.map(({ table, column }) => ({ location: table.location, reason: `"${table.name}".${column} is not in the database: its NULLs were not counted` })) };
}

async function nullFindings(connection: Connection, counted: readonly Counted[]): Promise<Reported[]> {
  const statement = statementOf(counted);
  if (statement === undefined) return [];
  const rows = await connection.rows<{ table: string; column: string; nulls: number | string }>(statement);
  return rows.flatMap(({ table, column, nulls }) => {
    if (Number(nulls) === 0) return [];
    const { table: { tenantColumns, location } } = counted.find((each) => each.table.name === table && each.column === column)!;
    return [reported('gate-null-tenant', {
      location: tenantColumns.find(({ name }) => name === column)?.added.location ?? location, tables: [table], tenantColumn: column,
      message: `${nulls} ${Number(nulls) === 1 ? 'row' : 'rows'} of "${table}" in the database ${Number(nulls) === 1 ? 'has' : 'have'} no ${column}`,
      suggestion: 'Fill them before the column is set NOT NULL, or before a release relies on it.',
    })];
  });
}

function driftFindings(project: Project, { catalog }: Database, live: readonly LiveTable[]): Reported[] {
  const schemas = new Set([...catalog.tables.values()].filter(({ assumed }) => !assumed).map(({ schema }) => schema));
  const isOurs = ({ schema, name, kind }: LiveTable): boolean => kind === 'table' && schemas.has(schema) && !PLATFORM_SCHEMAS.has(schema) && !isBookkeeping(name);
  const ignored = new Set(project.tables.filter(({ class: kind }) => kind === 'ignored').map(({ name }) => name));
  return compareCatalogs(catalog, live, isOurs).filter(({ table }) => !ignored.has(table)).map(({ table, column, location, message }) => reported('gate-drift', {
    location, tables: [table], message, suggestion: 'Run the missing migration, or write down what was changed by hand.',
    ...(column !== undefined && project.tables.some((each) => each.name === table && each.tenantColumns.some(({ name }) => name === column)) && { tenantColumn: column }),
  }));
}

/** Roles of the application that no policy binds. */
async function roleFindings(connection: Connection, { config, databases, tables }: Project): Promise<Reported[]> {
  const wanted = config.rls?.roles ?? [];
  const location: Location | undefined = tables.find(({ class: kind }) => kind === 'root' || kind === 'tenant')?.location ?? databases[0]?.catalog.tables.values().next().value?.created.location;
  if (location === undefined) return [];
  const roles = await readRoles(connection, wanted);
  const tell = (message: string, suggestion: string): Reported => reported('gate-drift', { location, message, suggestion });
  return [
    ...wanted.filter((name) => !roles.some((role) => role.name === name)).map((name) => tell(`The role "${name}" of the configuration does not exist in the database`, 'Create it, or correct rls.roles.')),
    ...await madeRoles(connection, databases, wanted),
    ...roles.filter(({ bypassRls, superuser }) => bypassRls || superuser).map(({ name, superuser }) => tell(
      `The role "${name}" ${superuser ? 'is a superuser' : 'has BYPASSRLS'} in the database: no policy binds it`, `ALTER ROLE ${quote(name)} NOSUPERUSER NOBYPASSRLS.`)),
  ];
}

/** Roles that the migrations make, and that stand above policies in the database alone, or in the migrations alone. */
async function madeRoles(connection: Connection, databases: Project['databases'], others: readonly string[]): Promise<Reported[]> {
  const made = new Map(databases.flatMap(({ catalog }) => [...catalog.roles]).filter(([name]) => !others.includes(name)));
  const live = await readRoles(connection, [...made.keys()]);
  const words = ({ bypassRls, superuser }: { readonly bypassRls: boolean; readonly superuser: boolean }): string => (superuser ? 'a superuser' : bypassRls ? 'a role with BYPASSRLS' : 'bound by policies');
  return live.flatMap((role) => {
    const ours = made.get(role.name)!;
    return words(role) === words(ours) ? [] : [reported('gate-drift', {
      location: ours.origin.location, message: `The role "${role.name}" is ${words(role)} in the database, not ${words(ours)}`, suggestion: 'Run the missing migration, or write down what was changed by hand.',
    })];
  });
}
