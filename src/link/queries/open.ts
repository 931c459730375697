import type { InsertQuery, OpenSource, Query, UpdateQuery } from '../../facts/query.js';
import type { QueryReference, UntrustedTenant } from '../project.js';
import { nodes } from './nodes.js';

function sourcesFor({ open = [] }: InsertQuery | UpdateQuery, columns: readonly string[]): readonly OpenSource[] {
  return open.filter(({ only, except }) => columns.some((column) => only?.includes(column) !== false && except?.includes(column) !== true));
}

/** Whose the value of one of several columns may be that objects give whose keys are not known; undefined when none of them gives it. */
export function openFor(write: InsertQuery | UpdateQuery, columns: readonly string[]): OpenSource['trust'] | undefined {
  const sources = sourcesFor(write, columns);
  return sources.find(({ trust }) => trust === 'untrusted')?.trust ?? sources[0]?.trust;
}

/**
 * Writes of an object that a request holds whole (`data: body`): it may name the tenant too.
 * @param isChecked whether a column's value in the object of a parameter has been compared with something
 */
export function openWrites(query: Query, references: readonly QueryReference[], isChecked: (column: string, parameter: string) => boolean): UntrustedTenant[] {
  return nodes(query).flatMap((node): UntrustedTenant[] => {
    const write = node as unknown as InsertQuery | UpdateQuery;
    if ((write.kind !== 'insert' && write.kind !== 'update') || write.open === undefined) return [];
    const table = references.find(({ reference }) => reference === write.target)?.table;
    const columns = table?.class === 'tenant' ? table.tenantColumns.map(({ name }) => name) : [];
    const given = write.kind === 'insert' ? write.columns : write.set.map(({ column }) => column);
    if (table === undefined || columns.some((name) => given.includes(name))) return [];
    const isFree = sourcesFor(write, columns).some(({ trust, parameter }) => trust === 'untrusted' && !columns.some((column) => parameter !== undefined && isChecked(column, parameter)));
    return isFree ? [{ table, input: 'an object of the request', location: write.location }] : [];
  });
}
