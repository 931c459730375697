import type { ClassifiedTable } from '../project.js';

const MEMBER = /user|member|profile|account|^e_?mail$/i;
/** A table with a row for each user, who belongs to one tenant. */
const USERS = /(?:^|_|[a-z])(?:users?|profiles?|employees?)$/i;
/** Columns by which an identity provider names a user. */
const IDENTITY = /^e_?mail$|(?:user|auth|clerk|external|identity|provider)_?id$|^(?:sub|uid)$/i;
const GRANT = /member|collaborat|participant|grant|permission|access|share/i;

/** The columns (`table.column`) that name the signed-in user: in tables of users that belong to a tenant the key, and what else is unique and names them; in others that of `memberships`. */
export function membershipColumns(classes: readonly ClassifiedTable[]): string[] {
  return [...memberships(classes), ...classes.filter(({ name, class: of }) => of === 'tenant' && USERS.test(name)).flatMap((table) => table.uniqueKeys.flatMap(({ columns: [column, ...others], partial, hasExpressions, kind }) => (
    column !== undefined && others.length === 0 && !partial && !hasExpressions && !isOfTenant(table, column) && (kind === 'primaryKey' || IDENTITY.test(column)) ? [`${table.name}.${column}`] : [])))];
}

/**
 * The columns (`table.column`) that name the member in tables of memberships: with the tenant it is unique. So it is in tables that say who else may
 * use one thing of a tenant (collaborators of a document), with the key of that thing.
 */
function memberships(classes: readonly ClassifiedTable[]): string[] {
  return classes.flatMap((table) => table.uniqueKeys.flatMap(({ columns, partial, hasExpressions }) => {
    if (partial || hasExpressions || columns.length !== 2) return [];
    const rest = columns.filter((column) => !isOfTenant(table, column));
    const [member] = rest;
    return rest.length === 1 && member !== undefined && MEMBER.test(member) ? [`${table.name}.${member}`] : [];
  }));
}

function isOfTenant({ name, tenantColumns, references }: ClassifiedTable, column: string): boolean {
  if (tenantColumns.some((tenant) => tenant.name === column)) return true;
  return GRANT.test(name) && references.some(({ columns, toClass }) => columns.join() === column && (toClass === 'tenant' || toClass === 'child'));
}
