import { keyOf } from '../link/catalog/names.js';
import type { ClassifiedTable, QueryFact } from '../link/project.js';
import { isApplicationQuery } from '../rule.js';

/** One row of the inventory of tables; facts about a column that is not there are null. */
export function describeTable({ name, class: kind, tenantColumns, uniqueKeys, path, table: state }: ClassifiedTable, queries: readonly QueryFact[]) {
  const uses = queries.filter(isApplicationQuery).map(({ references }) => references.filter(({ table }) => table.table === state || (table.table.isPartition && table.table.parents.includes(keyOf(state))))).filter((each) => each.length > 0);
  const column = tenantColumns[0];
  const leads = (columns: readonly (string | undefined)[]): boolean => columns[0] === column?.name;
  return {
    name,
    class: kind,
    tenantColumn: column?.name ?? null,
    nullable: column === undefined ? null : !column.notNull,
    foreignKey: column === undefined ? null : state.foreignKeys.some((key) => key.columns.includes(column.name)),
    index: column === undefined ? null
      : state.indexes.some((index) => leads(index.keys.map((key) => key.column))) || uniqueKeys.some((key) => leads(key.columns)),
    uniqueKeys: uniqueKeys.map((key) => [...key.columns]),
    rls: state.rowSecurity ? (state.forceRowSecurity ? 'forced' : 'enabled') : 'off',
    queries: uses.length,
    queriesScoped: uses.filter((references) => references.every(({ verdict, enforced }) => enforced || verdict === 'scoped')).length,
    policies: state.policies.map((policy) => policy.name),
    path: path.map((step) => `${step.table}.${step.columns.join('+')} → ${step.to}.${step.toColumns.join('+')}`),
  };
}

/** One row of the inventory. */
export type TableRow = ReturnType<typeof describeTable>;
