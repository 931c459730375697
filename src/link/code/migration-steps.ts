import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { Statement, Step } from '../../facts/operation.js';
import type { Effect } from './library.js';
import { expressionOf, existsExpression } from './lower.js';
import type { Machine, QueryRecord } from './machine.js';
import { conditionValues } from './values.js';
import type { Condition, Value } from './values.js';

/**
 * What a migration in code does, as statements that the replay runs: what depends on a condition becomes a program of steps.
 * A query whose result is only tested stands in the condition itself.
 */
export function statementsOf(m: Machine, effects: readonly Effect[]): Statement[] {
  const tested = new Set<QueryRecord>();
  collectTested(m, effects, tested);
  return effects.flatMap((effect): Statement[] => {
    if (effect.kind === 'query' && (tested.has(effect) || effect.draft?.withdrawn === true)) return [];
    const steps = stepsOf(m, effect, tested);
    return steps.map((step): Statement => (step.kind === 'statement' ? step : {
      kind: 'statement', location: step.location,
      operations: [{ kind: 'execution', block: { kind: 'block', declarations: [], body: [step], handlers: [], location: step.location }, location: step.location }],
    }));
  });
}

function stepsOf(m: Machine, effect: Effect, tested: ReadonlySet<QueryRecord>): Step[] {
  const all = (effects: readonly Effect[]) => effects.flatMap((each) => (each.kind === 'query' && (tested.has(each) || each.draft?.withdrawn === true) ? [] : stepsOf(m, each, tested)));
  const { location } = effect;
  switch (effect.kind) {
    case 'operations': return [{ kind: 'statement', location, operations: effect.operations }];
    case 'query': return [{ kind: 'statement', location, operations: [effect.query === undefined
      ? { kind: 'notUnderstood', reason: effect.unknown ?? 'a query that cannot be read', tables: [], location }
      : { kind: 'query', query: effect.query, location }] }];
    case 'branch': return [{
      kind: 'if', branches: [{ condition: conditionExpression(m, effect.condition, location), body: all(effect.then), location }], otherwise: all(effect.otherwise), location,
    }];
    case 'loop': return [{ kind: 'loop', condition: { kind: 'hole', text: 'a condition', location }, body: all(effect.body), location }];
    case 'try': return [{
      kind: 'block', declarations: [], body: all(effect.body), location,
      handlers: effect.handlers.map((handler) => ({ conditions: ['others'], body: all(handler) })),
    }];
    case 'raise': return [{ kind: 'raise', level: effect.level, arguments: [], location }];
    case 'opaque': return [{ kind: 'statement', location, operations: [{ kind: 'notUnderstood', reason: effect.reason, tables: [], location }] }];
    case 'interpolation': case 'left': return [];
  }
}

function collectTested(m: Machine, effects: readonly Effect[], tested: Set<QueryRecord>): void {
  for (const effect of effects) {
    if (effect.kind === 'branch') {
      if (effect.condition) for (const id of resultsOf(m, effect.condition)) {
        const record = m.recordOf(id);
        if (record !== undefined) tested.add(record);
      }
      collectTested(m, [...effect.then, ...effect.otherwise], tested);
    } else if (effect.kind === 'loop') collectTested(m, effect.body, tested);
    else if (effect.kind === 'try') collectTested(m, [...effect.body, ...effect.handlers.flat()], tested);
  }
}

function resultsOf(m: Machine, condition: Condition): number[] {
  return conditionValues(condition).flatMap((value): number[] => {
    const inner = m.read(value);
    if (inner.kind === 'condition') return resultsOf(m, inner.condition);
    if (inner.kind === 'union') return inner.options.flatMap((option) => resultsOf(m, { operator: 'truthy', value: option.value }));
    return inner.kind === 'field' || inner.kind === 'row' || inner.kind === 'rowList' ? [inner.result.id] : [];
  });
}

/** A condition of code in SQL's shape: rows that are there are EXISTS, fields are sub-selects; what cannot be said is unknown. */
export function conditionExpression(m: Machine, condition: Condition | undefined, location: Location): Expression {
  if (condition === undefined) return { kind: 'hole', text: 'a condition', location };
  switch (condition.operator) {
    case 'not': return { kind: 'not', operand: conditionExpression(m, condition.operand, location), location };
    case 'and': case 'or': return { kind: condition.operator, operands: condition.operands.map((each) => conditionExpression(m, each, location)), location };
    case 'truthy': return truth(m, condition.value, location);
    case 'nullish': return isNull(m, condition.value, location);
    case 'equal': return { kind: 'operator', operator: '=', left: expressionOf(m, condition.left, location), right: expressionOf(m, condition.right, location), location };
    case 'compare': return { kind: 'operator', operator: condition.sign, left: expressionOf(m, condition.left, location), right: expressionOf(m, condition.right, location), location };
    case 'in': return among(m, condition.left, condition.right, location);
  }
}

/** `x in list`: one of known items, or of a column of rows. */
function among(m: Machine, left: Value, right: Value, location: Location): Expression {
  const unknown: Expression = { kind: 'hole', text: 'a condition', location };
  const inner = m.read(right);
  const operand = expressionOf(m, left, location);
  if (inner.kind === 'field' && inner.many) return amongRows(operand, expressionOf(m, inner, location), location) ?? unknown;
  if (inner.kind === 'object') return inner.entries.every((entry) => entry.kind === 'property' && !entry.maybe) ? listed(operand, inner.entries.flatMap((entry): Expression[] => (entry.kind === 'property' ? [{ kind: 'constant', value: entry.key, location }] : [])), location) : unknown;
  if (inner.kind !== 'list') return unknown;
  const rows: Expression[] = [];
  const items: Expression[] = [];
  for (const { value, maybe, repeated } of inner.items) {
    const item = m.read(value);
    if (repeated && item.kind === 'field') rows.push(amongRows(operand, expressionOf(m, { ...item, many: true }, location), location) ?? unknown);
    else if (maybe || repeated) rows.push(unknown);
    else items.push(expressionOf(m, value, location));
  }
  const operands = [...(items.length > 0 ? [listed(operand, items, location)] : []), ...rows];
  if (operands.length === 0) return { kind: 'constant', value: false, location };
  return operands.length === 1 ? operands[0]! : { kind: 'or', operands, location };
}

function amongRows(left: Expression, list: Expression, location: Location): Expression | undefined {
  return list.kind === 'subquery' ? { ...list, form: 'any', operator: '=', left, location } : undefined;
}

function listed(operand: Expression, list: readonly Expression[], location: Location): Expression {
  if (list.length === 0) return { kind: 'constant', value: false, location };
  if (operand.kind === 'constant' && list.every((each) => each.kind === 'constant')) return { kind: 'constant', value: list.some((each) => each.kind === 'constant' && each.value === operand.value), location };
  return { kind: 'inList', operand, list, negated: false, location };
}

function truth(m: Machine, value: Value, location: Location): Expression {
  const inner = m.read(value);
  const unknown: Expression = { kind: 'hole', text: 'a condition', location };
  switch (inner.kind) {
    case 'constant': return { kind: 'constant', value: Boolean(inner.value), location };
    case 'condition': return conditionExpression(m, inner.condition, location);
    case 'row': case 'rowList': return existsExpression(m, inner.result, location) ?? unknown;
    case 'field': {
      const column = inner.result.column(inner.path);
      if (column?.kind === 'call' && column.name.at(-1) === 'count') return { kind: 'operator', operator: '>', left: expressionOf(m, inner, location), right: { kind: 'constant', value: 0, location }, location };
      // A look-up of a constant or a key (`SELECT 1 FROM ...`) asks whether there is a row.
      return column === undefined || column.kind === 'constant' || column.kind === 'column' ? existsExpression(m, inner.result, location) ?? unknown : expressionOf(m, inner, location);
    }
    default: return unknown;
  }
}

function isNull(m: Machine, value: Value, location: Location): Expression {
  const inner = m.read(value);
  if (inner.kind === 'row' || inner.kind === 'field') {
    const exists = existsExpression(m, inner.result, location);
    if (exists) return { kind: 'not', operand: exists, location };
  }
  return { kind: 'hole', text: 'a condition', location };
}
