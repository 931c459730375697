import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Assignment, CommonTableExpression, FromItem, InsertQuery, Query } from '../../../../facts/query.js';
import type { ModelRelation, ModelTable } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import { column, constant, opaque, select, subquery, table, type Names } from '../build.js';
import { openOf } from '../objects.js';
import { dataRows, type Data, type NestedField } from './data.js';
import { modelNamed } from './models.js';
import { connected, itemsOf, nestedWrites, type Parent } from './nested.js';

/** A statement that is being put together: rows that are written before or beside its main part are CTEs, as PostgreSQL would say it. */
export interface Draft {
  readonly names: Names;
  readonly ctes: CommonTableExpression[];
  readonly ctx: Context;
}

const DEFAULT = (location: Location): Expression => ({ kind: 'other', name: 'default', parts: [], location });

/** Where the rows inserted get the key of the row they hang on. */
export interface Hanging {
  readonly parent: Parent;
  readonly relation: ModelRelation;
}

/**
 * INSERT of the rows of `data`, with the rows it creates on the way. Rows it hangs other rows on become a CTE that these read.
 * @param hanging the parent whose key a nested create gets
 */
export function insertRows(model: ModelTable, rows: readonly Data[], location: Location, draft: Draft, hanging?: Hanging): Query {
  const complete = rows.map((row) => withOwnKeys(model, row, draft));
  const insert = insertQuery(model, complete, location, hanging);
  const hangs = rows.flatMap(({ nested }) => nested.filter(({ relation }) => !relation.owns));
  if (hangs.length === 0) return insert;
  const name = draft.names.fresh(`new_${model.name.name}`);
  draft.ctes.push(cte(name, returning(insert, location), location));
  const parent: Parent = { model, alias: name, from: [table({ name }, undefined, location)], where: constant(true, location), names: draft.names };
  for (const field of hangs) for (const query of nestedWrites(field, parent, draft)) draft.ctes.push(cte(draft.names.fresh('nested'), query, field.location));
  return select({ targets: [{ expression: { kind: 'star', path: [], location } }], from: [table({ name }, undefined, location)], location });
}

/** The row (or rows) as a CTE that can be read by name. */
export function insertNamed(model: ModelTable, rows: readonly Data[], location: Location, draft: Draft): string {
  const query = insertRows(model, rows, location, draft);
  // With rows hanging on it, it is a CTE already.
  if (query.kind === 'select') return (query.from[0] as Extract<FromItem, { kind: 'table' }>).name.name;
  const name = draft.names.fresh(`new_${model.name.name}`);
  draft.ctes.push(cte(name, returning(query as InsertQuery, location), location));
  return name;
}

function cte(name: string, query: Query, location: Location): CommonTableExpression {
  return { name, columns: [], query, location };
}

function returning(query: InsertQuery, location: Location): InsertQuery {
  return { ...query, returning: [{ expression: { kind: 'star', path: [], location } }] };
}

/** Adds the foreign keys of this row that `connect`, `create` and `connectOrCreate` set. */
export function withOwnKeys(model: ModelTable, row: Data, draft: Draft): Data {
  const keys = row.nested.filter(({ relation }) => relation.owns).flatMap((field) => ownKeys(model, field, draft));
  return keys.length === 0 ? row : { ...row, assigned: [...row.assigned.filter(({ column: name }) => !keys.some((key) => key.column === name)), ...keys] };
}

function ownKeys(model: ModelTable, { relation, value }: NestedField, draft: Draft): readonly Assignment[] {
  const { ctx } = draft;
  const target = modelNamed(relation.model, model, ctx);
  if (!target) return [];
  const items = itemsOf(value, ctx);
  const found = items.find(({ key }) => key === 'connect') ?? items.find(({ key }) => key === 'connectOrCreate');
  if (found) {
    const parts = found.key === 'connect' ? undefined : itemsOf(found.value, ctx);
    const where = parts ? parts.find(({ key }) => key === 'where')?.value : found.value;
    const created = parts?.find(({ key }) => key === 'create');
    if (created) insertNamed(target, dataRows(created.value, target, 'create', ctx), created.location, draft);
    return connected(target, relation, where, found.location, draft);
  }
  const created = items.find(({ key }) => key === 'create');
  if (created) {
    const name = insertNamed(target, dataRows(created.value, target, 'create', ctx), created.location, draft);
    return relation.columns.map((own, index): Assignment => {
      const key = select({ targets: [{ expression: column(name, relation.referencedColumns[index]!, created.location) }], from: [table({ name }, undefined, created.location)], location: created.location });
      return { column: own, value: subquery('scalar', key, created.location), location: created.location };
    });
  }
  const removed = items.find(({ key }) => key === 'disconnect' || key === 'delete');
  return removed ? relation.columns.map((own): Assignment => ({ column: own, value: constant(null, removed.location), location: removed.location })) : [];
}

/** One INSERT for all the rows; a column that a row leaves out is DEFAULT there. */
function insertQuery(model: ModelTable, rows: readonly Data[], location: Location, hanging: Hanging | undefined): InsertQuery {
  const keys = hanging && !hanging.relation.through ? hanging.relation.referencedColumns : [];
  const own = [...new Set(rows.flatMap(({ assigned }) => assigned.map((each) => each.column)))].filter((name) => !keys.includes(name));
  const columns = [...own, ...keys];
  const cells = (row: Data): Expression[] => own.map((name) => row.assigned.find((each) => each.column === name)?.value ?? (row.open ? opaque('unknown', [], location) : DEFAULT(location)));
  return {
    kind: 'insert', target: table(model.name, undefined, location), columns, ...openOf(rows), returning: [], with: [], location,
    source: hanging && keys.length > 0 ? hangingSource(rows.map(cells), hanging, location)
      : { kind: 'values', rows: rows.map(cells), orderBy: [], with: [], location },
  };
}

/** `SELECT ..., parent.key FROM parent WHERE ...`; rows that differ are put together by UNION ALL. */
function hangingSource(rows: readonly (readonly Expression[])[], { parent, relation }: Hanging, location: Location): Query {
  const arms = rows.map((cells): Query => select({
    targets: [...cells, ...relation.columns.map((name) => column(parent.alias, name, location))].map((expression) => ({ expression })),
    from: parent.from, where: parent.where, location,
  }));
  return arms.reduce((left, right): Query => ({ kind: 'set', operator: 'union', all: true, left, right, orderBy: [], with: [], location }));
}
