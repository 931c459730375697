import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import type { Value } from '../../values.js';
import { loadedRows } from './loaders.js';
import { SQLALCHEMY } from './data.js';
import { conditionOf } from './conditions.js';
import { libraryData, libraryValue } from './given.js';
import { filtered, type QueryData, type Step } from './statement.js';
import { tableData, tableValue, type TableData } from './tables.js';

interface CriteriaData {
  readonly entity: Value;
  readonly criteria: Value;
}

/** `with_loader_criteria(User, User.org_id == org_id)`, or a lambda of the class. */
export function criteriaCall(call: Call): Value | undefined {
  const [entity, criteria] = [call.arguments.positional[0] ?? call.arguments.named.get('entity_or_base'), call.arguments.positional[1] ?? call.arguments.named.get('where_criteria')];
  return entity && criteria && libraryValue(SQLALCHEMY, 'criteria', { entity, criteria } satisfies CriteriaData);
}

/** What `options(...)` adds: criteria of an entity hold for each of its tables; related rows are read, too. */
export function loaderOptions(given: readonly Value[], location: Location, ctx: Context): Step {
  const criteria = given.flatMap((value) => libraryData<CriteriaData>(value, SQLALCHEMY, 'criteria', ctx) ?? []);
  return (before, maybe) => criteria.reduce((data: QueryData, { entity, criteria: condition }) => {
    const table = tableData(entity, ctx);
    const known = ctx.read(condition);
    const conditions = data.tables.filter((each) => (table === undefined ? isMadeFrom(each, entity, ctx) : each.key === table.key)).map((each) => {
      const made = known.kind === 'function' ? ctx.invoke(known, [each.entity ?? tableValue(each)], known.function.location) : condition;
      return conditionOf(made, ctx, location);
    });
    return { ...data, query: filtered(data.query, conditions, maybe) };
  }, withLoaded(before, given, location, ctx));
}

/** Whether a table is that of a class made from one that is mapped to none: a mixin, the base of all. */
function isMadeFrom({ entity }: TableData, base: Value, ctx: Context): boolean {
  const known = ctx.read(base);
  return known.kind === 'classValue' && entity !== undefined && ctx.ancestry(entity).some((each) => each.kind === 'classValue' && each.class === known.class);
}

function withLoaded(before: QueryData, given: readonly Value[], location: Location, ctx: Context): QueryData {
  const loaded = given.flatMap((value) => loadedRows(value, before.tables, location, ctx));
  return loaded.length === 0 ? before : { ...before, loaded: [...before.loaded ?? [], ...loaded] };
}
