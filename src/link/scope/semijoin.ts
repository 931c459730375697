import type { Expression, SubqueryExpression } from '../../facts/expression.js';
import type { Query } from '../../facts/query.js';
import type { Builder } from './builder.js';
import { requirePresence } from './conditions.js';
import type { Frame, Outputs } from './frame.js';
import type { Region } from './regions.js';
import { isSingleRow, withoutExtreme } from './single-row.js';
import { isUngroupedAggregate, mayGroupNothing } from './shape.js';
import { bare, columnOf } from './values.js';

/** EXISTS: the sub-select is joined to the block, so that its conditions govern both; NOT EXISTS only looks into it. */
export function existsCondition(expression: SubqueryExpression, negated: boolean, region: Region, frame: Frame, builder: Builder): void {
  const { query, location } = expression;
  if (negated) {
    const inner = builder.regions.make('block', region);
    builder.query(query, frame, inner);
    builder.facts.gates.push({ target: region, branches: [{ region: inner }], location, mode: 'negated' });
    return;
  }
  if (query.kind === 'select' && !isUngroupedAggregate(query) && !mayGroupNothing(query)) {
    builder.query(query, frame, region, { once: true });
    return;
  }
  const inner = builder.regions.make('block', region);
  const arms: Region[] = [];
  builder.query(query, frame, inner, { arms });
  if (query.kind === 'set' && query.operator === 'union') {
    builder.facts.gates.push({ target: region, branches: arms.map((arm) => ({ region: arm })), location, mode: 'proof' });
  }
}

/** `x IN (SELECT y ...)`, `x = (SELECT y ...)`: x = y, for both sides where rows of the sub-select that fail it have no other effect. */
export function linkSubquery(left: Expression, subquery: SubqueryExpression, negated: boolean, region: Region, frame: Frame, builder: Builder): void {
  const plain = isExtreme(subquery.query) ? withoutExtreme(subquery.query, frame) : undefined;
  const query = plain ?? subquery.query;
  builder.subqueries(left, region, frame);
  const joined = !negated && query.kind === 'select' && !mayGroupNothing(query) && (!isUngroupedAggregate(query) || isExtreme(query));
  const inner = joined ? region : builder.regions.make('block', region);
  const outputs = builder.query(query, frame, inner, { outputs: true, once: joined && subquery.form === 'scalar' });
  const reachesIn = !negated && (subquery.form !== 'scalar' || isSingleRow(query, frame) || plain !== undefined);
  if (!negated) requirePresence(left, region, frame, builder);
  const row = bare(left);
  (row.kind === 'row' ? row.items : [left]).forEach((part, index) => { linkColumn(part, index, outputs, reachesIn, subquery, negated, region, frame, builder); });
}

/** `(SELECT x ...) = (SELECT y ...)`: both have a row, and x = y; a side whose rows could be others is not governed by the other. */
export function linkSubqueries(left: SubqueryExpression, right: SubqueryExpression, negated: boolean, region: Region, frame: Frame, builder: Builder): void {
  const [a, b] = [left, right].map(({ query, location }) => {
    const joined = !negated && query.kind === 'select' && !mayGroupNothing(query) && (!isUngroupedAggregate(query) || isExtreme(query));
    const outputs = builder.query(query, frame, joined ? region : builder.regions.make('block', region), { outputs: true, once: joined });
    return { outputs, output: outputs.columns[0], reachesIn: !negated && isSingleRow(query, frame), location };
  }) as [LinkedSide, LinkedSide];
  for (const [from, to] of [[a, b], [b, a]] as const) {
    if (!from.output || !to.output || !to.reachesIn) continue;
    builder.facts.flows.push({
      from: from.output.column, fromRegion: from.outputs.region, to: to.output.column, toRegion: to.outputs.region, location: to.location, mode: negated ? 'negated' : 'proof',
    });
    if (to.output.plain) builder.present(to.output.plain, to.outputs.region);
  }
}

interface LinkedSide {
  readonly outputs: Outputs;
  readonly output: Outputs['columns'][number] | undefined;
  readonly reachesIn: boolean;
  readonly location: SubqueryExpression['location'];
}

function linkColumn(
  part: Expression, index: number, outputs: Outputs, reachesIn: boolean, { location }: SubqueryExpression, negated: boolean,
  region: Region, frame: Frame, builder: Builder,
): void {
  const output = outputs.columns[index];
  if (!output) return;
  const column = columnOf(part, frame);
  if (!column) {
    if (reachesIn) builder.compareOutput(output.column, part, location, outputs.region, frame);
    return;
  }
  const mode = negated ? 'negated' : 'proof';
  builder.facts.flows.push({ from: output.column, fromRegion: outputs.region, to: column, toRegion: region, location, mode });
  if (!reachesIn) return;
  builder.facts.flows.push({ from: column, fromRegion: region, to: output.column, toRegion: outputs.region, location, mode });
  if (output.plain) builder.present(output.plain, outputs.region);
}

/** One row of min() or max(): its value is NULL when there is no row, and then nothing is equal to it. */
function isExtreme(query: Query): boolean {
  return query.kind === 'select' && query.targets.every(({ expression }) => {
    const inner = bare(expression);
    return inner.kind === 'call' && (inner.name.at(-1) === 'min' || inner.name.at(-1) === 'max') && !inner.over;
  });
}
