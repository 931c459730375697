import type { Location } from '../../facts/location.js';
import type { Query } from '../../facts/query.js';
import type { ModelRelation, ModelTable } from '../../facts/schema.js';
import { and, column, constant, equal, select, table } from '../code/libraries/build.js';
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
  return models.flatMap((model) => Object.values(model.relations ?? {}).flatMap((relation) => {
    const { joinedAt } = relation;
    if (joinedAt === undefined || (sources.only !== undefined && joinedAt.file !== sources.only)) return [];
    const [own, other] = [model, models.find(({ modelName, orm }) => modelName === relation.model && orm === model.orm)].map((each) => each && tableOf(each, sources));
    if (own?.class !== 'tenant' || other?.class !== 'tenant' || isKey(own, relation.columns) || isKey(other, relation.referencedColumns)) return [];
    const query = loading(own, other, relation, joinedAt);
    return [{ called: [], own: [toFound({ kind: 'query', library: model.orm, location: joinedAt, query, stack: [], calls: [], facts: [], checks: [], parameters: new Map([[TENANT.name, TENANT]]) }, sources.config)] }];
  }));
}

function tableOf({ name: { name, schema } }: ModelTable, sources: QuerySources): ClassifiedTable | undefined {
  return tablesOf(sources).find((each) => each.table.name === name && (schema === undefined || each.table.schema === schema));
}

/** Whether some columns hold one row of all tenants together. */
function isKey({ uniqueKeys, tenantColumns }: ClassifiedTable, columns: readonly string[]): boolean {
  const isGlobal = (name: string | undefined) => name !== undefined && columns.includes(name) && !tenantColumns.some((tenant) => tenant.name === name);
  return uniqueKeys.some((key) => !key.partial && !key.hasExpressions && key.columns.every(isGlobal));
}

function loading(own: ClassifiedTable, other: ClassifiedTable, { columns, referencedColumns }: ModelRelation, location: Location): Query {
  const item = ({ table: { schema, name } }: ClassifiedTable, alias: string) => table({ schema, name }, alias, location);
  return select({
    targets: [{ expression: constant(1, location) }], from: [item(own, 'own'), item(other, 'other')], location,
    where: and([
      ...own.tenantColumns.map(({ name }) => equal(column('own', name, location), { kind: 'parameter', name: TENANT.name, location }, location)),
      ...columns.map((name, index) => equal(column('own', name, location), column('other', referencedColumns[index]!, location), location)),
    ], location),
  });
}
