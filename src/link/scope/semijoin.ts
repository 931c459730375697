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

/** A sub-select that is a condition: it has a row, and where it cannot have several, what that row gives is true. */
export function trueSubquery(expression: SubqueryExpression, region: Region, frame: Frame, builder: Builder): void {
  const { query, location } = expression;
  const [target] = query.kind === 'select' ? query.targets : [];
  if (query.kind !== 'select' || !target || target.expression.kind === 'star' || isUngroupedAggregate(query) || mayGroupNothing(query)) {
    builder.subqueries(expression, region, frame);
    return;
  }
  const always = query.from.length === 0 && !query.where && !query.limit && !query.offset;
  const where = always ? target.expression : isSingleRow(query, frame) ? { kind: 'and', operands: [query.where!, target.expression], location } as const : query.where;
  existsCondition({ kind: 'subquery', form: 'exists', query: where ? { ...query, where } : query, location }, false, region, frame, builder);
}

const FLIPPED: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' };
const OPPOSITE: Readonly<Record<string, string>> = { '<': '>=', '>': '<=', '<=': '>', '>=': '<', '=': '<>', '<>': '=', '!=': '=' };

/** `(SELECT count(*) ...) > 0` as EXISTS: what is counted has a row at least. */
export function countedRows(operator: string, left: Expression, right: Expression, negated: boolean): SubqueryExpression | undefined {
  if (right.kind === 'subquery' && left.kind !== 'subquery') return countedRows(FLIPPED[operator] ?? operator, right, left, negated);
  const number = bare(right);
  if (left.kind !== 'subquery' || left.form !== 'scalar' || number.kind !== 'constant' || typeof number.value !== 'number') return undefined;
  const asked = negated ? OPPOSITE[operator] : operator;
  const isSome = asked === '>' ? number.value >= 0 : asked === '<>' || asked === '!=' ? number.value === 0 : (asked === '=' || asked === '>=') && number.value > 0;
  const { query } = left;
  if (!isSome || query.kind !== 'select' || query.targets.length !== 1 || query.groupBy.length > 0 || query.having || query.limit || query.offset) return undefined;
  const call = bare(query.targets[0]!.expression);
  if (call.kind !== 'call' || call.name.at(-1) !== 'count' || call.filter || call.over) return undefined;
  return { kind: 'subquery', form: 'exists', query: { ...query, targets: [], orderBy: [] }, location: left.location };
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
