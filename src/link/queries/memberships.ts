import type { ForeignKey, Table } from '../catalog/types.js';
import type { ClassifiedTable } from '../project.js';

const MEMBER = /user|member|profile|account|^e_?mail$/i;
/** A table with a row for each user, who belongs to one tenant. */
const USERS = /(?:^|_|[a-z])(?:users?|profiles?|employees?)$/i;
/** Columns by which an identity provider names a user. */
const IDENTITY = /^e_?mail$|(?:user|auth|clerk|external|identity|provider)_?id$|^(?:sub|uid)$/i;
/** The key of the user whose row it is. */
const OWNER = /^user_?id$/i;
const OWNER_OF_TENANT = /^owner(?:_?user)?(?:_?id)?$|^user_?id$/i;
/** Tables that say by their name who belongs to which tenant: not all that make them make that unique. */
const MEMBERSHIPS = /member(?:ship)?s?$|(?:^|[_.])users?_?(?:(?:on|in|to)_?)?(?:org|team|workspace|tenant|compan|account)\w*$|(?:organi[sz]ation|org|team|workspace|tenant|company|account)_?users?$/i;
const MEMBER_ID = /^(?:user|member|profile)_?id$/i;
/** Who was invited is asked for by their address. */
const INVITATIONS = /invit/i;
const INVITED = /^(?:invited?e?s?_?)?(?:user_?)?e_?mail$/i;
const GRANT = /member|collaborat|participant|grant|permission|access|share/i;

/** When a row was marked as deleted. */
const DELETED = /^(?:is_?)?(?:deleted|archived|removed)(?:_?(?:at|on))?$/i;

/**
 * The columns (`table.column`) that name the signed-in user: in tables of users that belong to a tenant the key, and what else is unique and names them;
 * in tables with one row for each user (their preferences) the user's key; in others that of `memberships`.
 */
export function membershipColumns(classes: readonly ClassifiedTable[]): string[] {
  const invited = classes.flatMap(({ name, class: kind, table }) => (kind === 'tenant' && INVITATIONS.test(name) ? columnsNamed(table, INVITED).map((column) => `${name}.${column}`) : []));
  return [...memberships(classes), ...invited, ...classes.flatMap((table) => table.uniqueKeys.flatMap(({ columns: [column, ...others], partial, hasExpressions, kind }) => {
    if (column === undefined || others.length > 0 || partial || hasExpressions || isOfTenant(table, column)) return [];
    const isOfUsers = table.class === 'tenant' && USERS.test(table.name) && (kind === 'primaryKey' || IDENTITY.test(column));
    return isOfUsers || OWNER.test(column) ? [`${table.name}.${column}`] : [];
  }))];
}

/**
 * Columns that refer to a user of exactly one tenant: the rows of the signed-in user are of that tenant. Where users are members of several, they are not;
 * nor is a row that is written, which has yet to be given its tenant.
 */
export function ownRows(classes: readonly ClassifiedTable[]): string[] {
  const users = new Set(classes.filter((table) => table.class === 'tenant' && USERS.test(table.name)).map(({ name }) => name));
  const isMembership = (table: ClassifiedTable) => named(table).length > 0 || isUniqueMember(table);
  const isUniqueMember = ({ uniqueKeys, tenantColumns, references }: ClassifiedTable) => uniqueKeys.some(({ columns }) => columns.some((column) => tenantColumns.some(({ name }) => name === column))
    && references.some(({ columns: own, to }) => users.has(to) && own.every((column) => columns.includes(column))));
  if (classes.some((table) => !users.has(table.name) && isMembership(table))) return [];
  return classes.flatMap((table) => table.references.flatMap(({ columns: [column, ...others], to }) => (column !== undefined && others.length === 0 && users.has(to) && !isOfTenant(table, column) ? [`${table.name}.${column}`] : [])));
}

/**
 * The columns (`table.column`) that name the member in tables of memberships: they are named so, or with the tenant it is unique. So it is in tables that say who else may
 * use one thing of a tenant (collaborators of a document), with the key of that thing. Of rows that are only marked as deleted there may be more.
 */
export function memberships(classes: readonly ClassifiedTable[]): string[] {
  return classes.flatMap((table) => [...new Set([...named(table), ...unique(table), ...owners(table)])].map((column) => `${table.name}.${column}`));
}

/** The user whose tenant it is: `projects.owner_id`. Whoever has made it may have left since. */
function owners({ class: kind, table: { foreignKeys } }: ClassifiedTable): string[] {
  const isOwner = ({ columns, table }: ForeignKey): boolean => columns.length === 1 && OWNER_OF_TENANT.test(columns[0]!) && USERS.test(table);
  return kind === 'root' ? foreignKeys.filter(isOwner).flatMap(({ columns }) => columns) : [];
}

function named({ table, name, class: kind, tenantColumns }: ClassifiedTable): string[] {
  return kind === 'tenant' && MEMBERSHIPS.test(name) ? columnsNamed(table, MEMBER_ID).filter((column) => tenantColumns.every((tenant) => tenant.name !== column)) : [];
}

function columnsNamed({ columns }: Table, pattern: RegExp): string[] {
  return [...columns.keys()].filter((column) => pattern.test(column));
}

function unique(table: ClassifiedTable): string[] {
  return table.uniqueKeys.flatMap(({ columns: all, hasExpressions }) => {
    const columns = all.filter((column) => !DELETED.test(column));
    if (hasExpressions || columns.length !== 2) return [];
    const rest = columns.filter((column) => !isOfTenant(table, column));
    const [member] = rest;
    return rest.length === 1 && member !== undefined && MEMBER.test(member) ? [member] : [];
  });
}

function isOfTenant({ name, tenantColumns, references }: ClassifiedTable, column: string): boolean {
  if (tenantColumns.some((tenant) => tenant.name === column)) return true;
  return GRANT.test(name) && references.some(({ columns, to, toClass }) => columns.join() === column && !USERS.test(to) && (toClass === 'tenant' || toClass === 'child'));
}
