import type { Call, Context } from '../../library.js';
import type { RowValue, Value } from '../../values.js';
import { and, constant, Names, select } from '../build.js';
import { keysOfRelated } from '../entities/related.js';
import { modelNamed, relationOf } from './models.js';
import { argument, resultOf } from './operations.js';
import { addIncluded, plainReading } from './reading.js';
import { whereCondition } from './where.js';

/** `prisma.user.findUnique({ ... }).posts()`: the related rows of the row that is found (Prisma manual, "Relation queries", fluent API). */
export function relatedRows(row: RowValue, name: string, call: Call, ctx: Context): Value | undefined {
  const parent = row.result.entity?.model;
  const relation = parent && row.path.length === 0 ? relationOf(parent, name) : undefined;
  const model = relation && modelNamed(relation.model, parent!, ctx);
  if (relation === undefined || model === undefined) return undefined;
  const { location } = call;
  const [args] = call.arguments.positional;
  const names = new Names();
  const place = { model, names, alias: names.fresh(model.name.name) };
  const reading = plainReading(place, location);
  addIncluded(reading, args, ctx);
  const given = argument(args, 'where', ctx);
  const where = and([keysOfRelated(row, relation, place, location, ctx), given ? whereCondition(given, place, location, ctx) : constant(true, location)], location);
  const rows = select({ from: [reading.from], where, location });
  ctx.query({ kind: 'query', library: row.result.entity!.library, location, query: { ...rows, targets: reading.targets.length > 0 ? reading.targets : [{ expression: { kind: 'star', path: [place.alias], location } }] } });
  const result = resultOf({ reading, place, where, isOneRow: !relation.list }, rows, location, ctx);
  return relation.list ? { kind: 'rowList', result, path: [] } : { kind: 'row', result, path: [], maybe: true };
}
