import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import type { ClassValue, LibraryValue, Value } from '../../values.js';
import { select, subquery } from '../build.js';
import { SQLALCHEMY } from './data.js';
import { columnValue, expressionData, expressionValue } from './expressions.js';
import { Given, libraryData, libraryValue } from './given.js';
import { entityAttribute, entityTable } from './mapped.js';
import { relationOfTable, sideOf } from './related.js';
import type { TableData } from './tables.js';

/** `association_proxy('user', 'group_id')`. */
interface ProxyData {
  readonly collection: string;
  readonly attribute: string;
}

/** `association_proxy(...)`: an attribute of what a relationship leads to. */
export function proxyCall(call: Call, ctx: Context): Value | undefined {
  const given = new Given(call, ['target_collection', 'attr'], ctx);
  const [collection, attribute] = [given.text('target_collection'), given.text('attr')];
  return collection === undefined || attribute === undefined ? undefined : libraryValue(SQLALCHEMY, 'proxy', { collection, attribute } satisfies ProxyData);
}

/** An attribute that a class has by way of a relationship that leads to one row: what it is there. */
export function proxied(table: TableData, name: string, location: Location, ctx: Context): LibraryValue | undefined {
  if (!table.entity) return undefined;
  for (const owner of ctx.ancestry(table.entity)) {
    const field = owner.kind === 'classValue' ? owner.class.fields.find((each) => each.name === name) : undefined;
    if (owner.kind !== 'classValue' || !field?.value) continue;
    const data = libraryData<ProxyData>(ctx.evaluate(field.value, owner.scope), SQLALCHEMY, 'proxy', ctx);
    if (!data || relationOfTable(table, data.collection, ctx)?.relation.list !== false) return undefined;
    const side = sideOf({ table, name: data.collection }, location, ctx);
    const attribute = side && side.target.alias !== table.alias ? entityAttribute(side.target, data.attribute, location, ctx) : undefined;
    const expression = attribute && expressionData(attribute, ctx);
    return expression && expressionValue(subquery('scalar', select({ targets: [{ expression }], from: [side!.from], where: side!.on, location }), location), [columnValue(table, '', location)], ctx);
  }
  return undefined;
}

/** The same of a mapped class. */
export function proxiedAttribute(owner: ClassValue, name: string, location: Location, ctx: Context): LibraryValue | undefined {
  const table = entityTable(owner, ctx);
  return table && proxied(table, name, location, ctx);
}
