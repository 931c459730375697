import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { Query, TableReference } from '../../facts/query.js';
import type { ModelRelation, ModelTable } from '../../facts/schema.js';
import type { InputValue } from '../code/values.js';
import type { ClassifiedTable } from '../project.js';
import { toFound, type QuerySite } from './code.js';
import { tablesOf, type QuerySources } from './index.js';

const TENANT: InputValue = { kind: 'input', key: 'tenant', name: 'tenant', trust: 'trusted', maybe: false };

/**
 * What a relationship with a join condition of its own loads for a row of one tenant, wherever code first asks for it: no query of it stands anywhere.
 * Of those that join by the key of either side the foreign keys tell; a value that is only one tenant's own is found in others as well.
 * @see SQLAlchemy documentation, "Specifying Alternate Join Conditions" and "Lazy Loading"
 */
export function relationQueries(models: readonly ModelTable[], sources: QuerySources): QuerySite[] {
  const tables = tablesOf(sources);
  const tableOf = (model: ModelTable | undefined) => model && tables.find(({ table }) => table.name === model.name.name && (model.name.schema === undefined || table.schema === model.name.schema));
  return models.flatMap((model) => Object.values(model.relations ?? {}).flatMap((relation) => {
    const [own, other] = [tableOf(model), tableOf(models.find(({ modelName, orm }) => modelName === relation.model && orm === model.orm))];
    const { joinedAt } = relation;
    if (joinedAt === undefined || own?.class !== 'tenant' || other?.class !== 'tenant') return [];
    if (isKey(own, relation.columns) || isKey(other, relation.referencedColumns)) return [];
    if (sources.only !== undefined && joinedAt.file !== sources.only) return [];
    const query = loading(own, other, relation, joinedAt);
    return [{ called: [], own: [toFound({ kind: 'query', library: model.orm, location: joinedAt, query, stack: [], calls: [], facts: [], checks: [], parameters: new Map([['tenant', TENANT]]) }, sources.config)] }];
  }));
}

/** Whether some columns hold one row of all tenants together. */
function isKey({ uniqueKeys, tenantColumns }: ClassifiedTable, columns: readonly string[]): boolean {
  return uniqueKeys.some(({ columns: key }) => key.every((column) => column !== undefined && columns.includes(column)) && !tenantColumns.some(({ name }) => key.includes(name)));
}

function loading(own: ClassifiedTable, other: ClassifiedTable, { columns, referencedColumns }: ModelRelation, location: Location): Query {
  const reference = ({ table: { schema, name } }: ClassifiedTable, alias: string): TableReference => ({ kind: 'table', name: { schema, name }, alias, columnAliases: [], location });
  const column = (...path: string[]): Expression => ({ kind: 'column', path, location });
  const equal = (left: Expression, right: Expression): Expression => ({ kind: 'operator', operator: '=', left, right, location });
  return {
    kind: 'select', targets: [{ expression: { kind: 'constant', value: 1, location } }], from: [reference(own, 'own'), reference(other, 'other')], groupBy: [], distinctOn: [], orderBy: [], with: [], location,
    where: { kind: 'and', location, operands: [
      ...own.tenantColumns.map(({ name }) => equal(column('own', name), { kind: 'parameter', name: 'tenant', location })),
      ...columns.map((name, index) => equal(column('own', name), column('other', referencedColumns[index]!))),
    ] },
  };
}
