import type { ClassifiedTable } from '../project.js';

const MEMBER = /user|member|profile|account|^e_?mail$/i;
const GRANT = /member|collaborat|participant|grant|permission|access|share/i;

/**
 * The columns (`table.column`) that name the member in tables of memberships: with the tenant it is unique. So it is in tables that say who else may
 * use one thing of a tenant (collaborators of a document), with the key of that thing.
 */
export function membershipColumns(classes: readonly ClassifiedTable[]): string[] {
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
