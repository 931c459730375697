import type { Expression } from '../../facts/expression.js';
import type { SelectQuery, TableReference } from '../../facts/query.js';
import { tablesNamed } from '../catalog/names.js';
import { keyOf } from '../catalog/index.js';
import type { Catalog, Table } from '../catalog/types.js';
import { normalizeName, singular, words } from '../names.js';
import { tableWith } from './always-there.js';
import type { Context } from './library.js';
import type { FieldValue } from './values.js';

/** What a table of users has for those who administer the whole installation: a role, or a flag. */
const ROLE = /^(?:roles?|(?:is_?)?admin)$/i;
/** `role`, `team_role`, `organisationRole`. */
const SOME_ROLE = /(?:^|_)roles?$/;

/** Whether a field is the role (or the flag) of a user where members of tenants have roles of their own: it is the platform's. */
export function isGlobalRole({ result: { column, rows }, path }: FieldValue, ctx: Context): boolean {
  const named = rows && tableOf(column(path), rows);
  if (named === undefined || !ROLE.test(named.column)) return false;
  const users = globalUsers(ctx.catalogs);
  return tablesNamed(ctx.catalogs, named.table.name).some((table) => users.has(table));
}

/** Whether what is known of the signed-in user (`session.user.role`) is called like the role of such a user. */
export function isCalledGlobalRole(name: string, ctx: Context): boolean {
  const [role = '', owner = ''] = name.split('.').reverse();
  return ROLE.test(role) && [...globalUsers(ctx.catalogs)].some((table) => normalizeName(words(table.name).map(singular).join('')) === normalizeName(owner));
}

function tableOf(column: Expression | undefined, rows: SelectQuery): { readonly table: TableReference; readonly column: string } | undefined {
  if (column?.kind === 'subquery' && column.query.kind === 'select') return tableOf(column.query.targets[0]?.expression, column.query);
  const table = column?.kind === 'column' ? tableWith(rows, column) : undefined;
  return table && column?.kind === 'column' ? { table, column: column.path.at(-1)! } : undefined;
}

const known = new WeakMap<readonly Catalog[], ReadonlySet<Table>>();

/** Tables of users that have a role, and are members of something in which roles are told apart as well (`members (user_id, org_id, role)`). */
function globalUsers(catalogs: readonly Catalog[]): ReadonlySet<Table> {
  let users = known.get(catalogs);
  if (users === undefined) known.set(catalogs, users = new Set(catalogs.flatMap(globalUsersOf)));
  return users;
}

function globalUsersOf(catalog: Catalog): Table[] {
  const tables = [...catalog.tables.values()];
  const withRoles = tables.filter((table) => [...table.columns.keys()].some((name) => SOME_ROLE.test(words(name).join('_'))));
  return tables.filter((user) => {
    if (![...user.columns.keys()].some((name) => ROLE.test(name))) return false;
    const joined = new Set(tables.filter((table) => namesTable(table, keyOf(user)) || namesUser(table, user)).flatMap(({ foreignKeys }) => foreignKeys.map(({ table }) => table)));
    return withRoles.some((other) => other !== user && other.foreignKeys.some(({ table }) => joined.has(table) && table !== keyOf(user) && !isOf(user, table)));
  });
}

function namesTable({ foreignKeys }: Table, key: string): boolean {
  return foreignKeys.some(({ table }) => table === key);
}

/** `members (user_uid, org_id)` without a foreign key to `users (uid)`. */
function namesUser({ columns }: Table, user: Table): boolean {
  const keys = ['id', ...user.primaryKey?.columns ?? []].map((key) => normalizeName(`${words(user.name).map(singular).join('')}${key}`));
  return [...columns.keys()].some((name) => keys.includes(normalizeName(name)));
}

/** Whether each row belongs to one of the others: a user of one tenant, whose role is the tenant's. */
function isOf({ foreignKeys, columns }: Table, key: string): boolean {
  return foreignKeys.some((each) => each.table === key && each.columns.every((name) => columns.get(name)?.notNull));
}
