import type { CaseExpression, Expression } from '../../facts/expression.js';
import { partsOf } from '../resolve/walk.js';
import { absorbedTerms } from './absorption.js';
import type { Builder } from './builder.js';
import { addCondition, isTruth, literalComparison } from './conditions.js';
import type { Frame } from './frame.js';
import type { Region } from './regions.js';
import { bare, columnOf } from './values.js';

/** One of several conditions of which one holds. */
export interface Term {
  readonly expression: Expression;
  readonly negated: boolean;
  /** The term counts only where all of these are NULL. */
  readonly nulls?: readonly Expression[];
}

/** `p IS NOT FALSE`: p, or p is NULL. */
export function addUnlessNull(whole: Expression, operand: Expression, negated: boolean, region: Region, frame: Frame, builder: Builder): void {
  const isNull: Expression = { kind: 'constant', value: true, location: whole.location };
  addDisjunction(whole, [{ expression: operand, negated }, { expression: isNull, negated: false, nulls: [operand] }], region, frame, builder);
}

/** CASE is true where one of its branches is: its condition and its result; earlier conditions that failed are not counted. */
export function addCase(expression: CaseExpression, negated: boolean, region: Region, frame: Frame, builder: Builder): void {
  const { location, operand } = expression;
  const terms = expression.branches.map(({ when, then }): Term => {
    const result: Expression = negated ? { kind: 'not', operand: then, location } : then;
    const condition: Expression = operand ? { kind: 'operator', operator: '=', left: operand, right: when, location } : when;
    return { expression: { kind: 'and', operands: [condition, result], location }, negated: false };
  });
  if (expression.otherwise) terms.push({ expression: expression.otherwise, negated });
  addDisjunction(expression, terms, region, frame, builder);
}

/** Each branch is a region of its own; what all of them say holds around them. */
export function addDisjunction(whole: Expression, terms: readonly Term[], region: Region, frame: Frame, builder: Builder): void {
  const absorbed = absorbedTerms(terms);
  const branches = terms.map((term) => {
    const { expression, negated, nulls = nullOnly(expression, negated) } = term;
    const inner = builder.regions.make('branch', region);
    addCondition(expression, inner, frame, builder, negated);
    if (absorbed.has(term)) builder.regions.find(inner).dead = true;
    const always = isAlways(expression, negated);
    const branch = { region: inner, ...(always ? { always } : {}), ...(!always && isOptional(expression, frame) ? { optional: true } : {}) };
    if (nulls.length > 0) builder.nullBranches.push({ branch, operands: nulls, frame });
    return branch;
  });
  const live = branches.filter((branch) => !branch.region.dead);
  if (live.length === 0) {
    builder.regions.find(region).dead = true;
    return;
  }
  const presence = (): void => { builder.presentInAll(live.flatMap((branch) => (branch.region.dead ? [] : [branch.region])), region); };
  presence();
  builder.later.push(presence);
  builder.facts.gates.push({ target: region, branches: live, location: whole.location, mode: 'proof', isOr: true, ...((whole.kind === 'operator' || (whole.kind === 'or' && whole.chosen === true)) && { isChoice: true }) });
}

/** What `$1 IS NULL` asks to be NULL. */
function nullOnly(expression: Expression, negated: boolean): readonly Expression[] {
  const inner = bare(expression);
  const input = inner.kind === 'nullTest' && inner.negated === negated ? bare(inner.operand) : undefined;
  return input?.kind === 'parameter' ? [input] : [];
}

function isAlways(expression: Expression, negated: boolean): boolean {
  const inner = bare(expression);
  if (inner.kind === 'constant' && inner.value !== null) return isTruth(inner.value) === !negated;
  if (inner.kind === 'not') return isAlways(inner.operand, !negated);
  if (inner.kind === 'operator') return literalComparison(inner.operator, inner.left, inner.right) === !negated;
  return false;
}

/** A branch that speaks of parameters alone: `$1 IS NULL`. */
function isOptional(expression: Expression, frame: Frame): boolean {
  let input = false;
  const open: Expression[] = [expression];
  for (let each = open.pop(); each; each = open.pop()) {
    if (each.kind === 'subquery' || each.kind === 'star' || columnOf(each, frame)) return false;
    if (each.kind === 'parameter' || each.kind === 'call' || each.kind === 'column') input = true;
    open.push(...partsOf(each));
  }
  return input;
}
