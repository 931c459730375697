import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { unknownValue } from '../../values.js';
import { constant } from '../build.js';
import { isGivenByHelper } from '../begun.js';
import { countOf, countTarget, resultOf, rowOf, rowsOf, selectOf } from '../entities/reading.js';
import { addStep, cloneBuilder, newBuilder, stepOf, stepsOf } from './builder.js';
import { TYPEORM } from './members.js';
import { builtOf, selectQuery, writeQuery } from './query.js';
import { callSite, record, unknownQuery } from '../entities/site.js';

const SENDING = /^(getMany|getOne|getOneOrFail|getManyAndCount|getRawMany|getRawOne|getRawAndEntities|getCount|getExists|stream|execute)$/;

const RECORDED = new Set([
  'select', 'addSelect', 'distinct', 'distinctOn', 'from', 'addFrom', 'into', 'values', 'set', 'update', 'delete', 'insert', 'softDelete', 'restore', 'take', 'skip', 'limit', 'offset',
  'where', 'andWhere', 'orWhere', 'whereInIds', 'andWhereInIds', 'orWhereInIds', 'whereExists', 'andWhereExists', 'orWhereExists', 'having', 'andHaving', 'orHaving', 'groupBy', 'addGroupBy', 'setParameter',
  'setParameters', 'orUpdate', 'orIgnore', 'onConflict', 'innerJoin', 'leftJoin', 'innerJoinAndSelect', 'leftJoinAndSelect', 'innerJoinAndMapOne', 'innerJoinAndMapMany', 'leftJoinAndMapOne', 'leftJoinAndMapMany',
  'setFindOptions',
]);

/** Calls that change nothing of what is read or written. */
const PASSING = new Set([
  'orderBy', 'addOrderBy', 'cache', 'setLock', 'setOnLocked', 'withDeleted', 'comment', 'useTransaction', 'printSql', 'disableEscaping', 'returning', 'output', 'updateEntity', 'callListeners',
  'loadRelationCountAndMap', 'loadAllRelationIds', 'loadRelationIdAndMap', 'maxExecutionTime', 'setQueryRunner', 'timeTravelQuery', 'useIndex', 'addCommonTableExpression', 'expressionMap',
  'setNativeParameters', 'createQueryBuilder', 'setOption',
]);

/** A call on a query builder. */
export function builderMethod(builder: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (SENDING.test(name)) return send(builder, name, call.location, ctx);
  if (name === 'clone') return cloneBuilder(builder, ctx);
  if (name === 'subQuery') return newBuilder(ctx, [], builder, builder);
  if (name === 'getQuery' || name === 'getSql') return { ...builder, type: 'queryText', data: builder };
  if (name === 'getParameters') return parametersObject(builder, call.location, ctx);
  if (name === 'getQueryAndParameters') return unknownValue('the text of a query');
  if (RECORDED.has(name)) return addStep(builder, stepOf(builder, name, call, ctx), ctx);
  if (name === 'relation') return { kind: 'library', library: TYPEORM, type: 'relationBuilder', data: undefined };
  return PASSING.has(name) ? builder : undefined;
}

function parametersObject(builder: LibraryValue, location: Location, ctx: Context): Value {
  const entries = stepsOf(builder, ctx).flatMap(({ step }) => {
    const given = step.args[1] && /where|setParameter/i.test(step.method) ? ctx.read(step.args[1]) : undefined;
    return given?.kind === 'object' ? given.entries : [];
  });
  return ctx.allocate({ kind: 'object', entries, location });
}

/** From the first token of the chain to its end; where a helper has given the builder, where it is sent. */
function chainLocation(builder: LibraryValue, last: Location, ctx: Context): Location {
  const first = stepsOf(builder, ctx)[0]?.step.location;
  if (first !== undefined && isGivenByHelper(first, last, ctx)) return last;
  return first !== undefined && first.file === last.file && first.start === last.start ? last : first ?? last;
}

function send(builder: LibraryValue, name: string, last: Location, ctx: Context): Value {
  const location = chainLocation(builder, last, ctx);
  const at = callSite(builder, location, ctx);
  if (stepsOf(builder, ctx)[0]?.step.method === 'parameter') return unknownValue('rows of a query that a caller passes');
  const written = writeQuery(builder, ctx, location);
  if (typeof written === 'string') return unknownQuery(at, written);
  if (written !== undefined) {
    for (const query of written) record(at, query);
    return ctx.input(`${name}()`, 'unknown', { key: `${location.file}:${location.start}` });
  }
  const built = builtOf(builder, ctx, location);
  if (typeof built === 'string') return unknownQuery(at, built);
  const { root, where, limited } = built;
  if (root === undefined) {
    const query = selectQuery(builder, ctx, location);
    if (typeof query === 'string') return unknownQuery(at, query);
    record(at, query);
    return unknownValue('rows of a query');
  }
  const isOne = /^getOne|^getRawOne/.test(name);
  const rows = { reading: root, where, limited: limited || isOne, location };
  if (name === 'getCount') {
    record(at, selectOf({ ...rows, limited: false }, [countTarget(location)]));
    return countOf(rows, ctx);
  }
  if (name === 'getExists') {
    record(at, selectOf({ ...rows, limited: true }, [{ expression: constant(1, location) }]));
    return { kind: 'condition', condition: { operator: 'truthy', value: { kind: 'row', result: resultOf(rows, TYPEORM, ctx), path: [], maybe: true } } };
  }
  record(at, selectOf(rows));
  const result = resultOf(rows, TYPEORM, ctx);
  if (isOne) return rowOf(result, !/OrFail/.test(name), ctx);
  if (name !== 'getManyAndCount' && name !== 'getRawAndEntities') return rowsOf(result);
  const item = (value: Value) => ({ value, maybe: false, repeated: false });
  if (name === 'getManyAndCount') return ctx.allocate({ kind: 'list', form: 'list', items: [item(rowsOf(result)), item(countOf(rows, ctx))], location });
  return ctx.allocate({ kind: 'object', location, entries: ['entities', 'raw'].map((key) => ({ kind: 'property', key, value: rowsOf(result), maybe: false, location })) });
}
