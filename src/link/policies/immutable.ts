import type { Expression } from '../../facts/expression.js';
import type { Answer } from '../../facts/location.js';
import type { Step } from '../../facts/operation.js';
import type { Catalog, Table, Trigger } from '../catalog/types.js';
import { functionsNamed } from './names.js';

/**
 * Whether a trigger keeps the values of a column: for every UPDATE that would change it, its function raises or puts the old value back.
 * @returns unknown when a trigger runs a function whose body is not known
 */
export function keepsColumn(table: Table, column: string, catalog: Catalog): Answer {
  const answers = table.triggers.filter((trigger) => runsOnChange(trigger, column)).map((trigger) => triggerKeeps(trigger, table, column, catalog));
  return answers.includes('yes') ? 'yes' : answers.includes('unknown') ? 'unknown' : 'no';
}

function runsOnChange({ enabled, forEachRow, events, updateOf, timing }: Trigger, column: string): boolean {
  return enabled && forEachRow && timing !== 'insteadOf' && events.includes('update') && (updateOf.length === 0 || updateOf.includes(column));
}

function triggerKeeps(trigger: Trigger, table: Table, column: string, catalog: Catalog): Answer {
  const change: Change = { column, nullable: table.columns.get(column)?.notNull !== true };
  if (trigger.when && !holdsOnChange(trigger.when, change)) return 'no';
  const { schema, name } = trigger.function;
  const [entry] = functionsNamed(catalog, [...(schema === undefined ? [] : [schema]), name]);
  if (entry?.body === undefined) return 'unknown';
  return entry.body.handlers.length === 0 && stepsKeep(entry.body.body, change, trigger.timing === 'before') ? 'yes' : 'no';
}

interface Change {
  readonly column: string;
  readonly nullable: boolean;
}

/** Whether these steps, run for a row whose column changes, surely raise or restore the old value. */
function stepsKeep(steps: readonly Step[], change: Change, before: boolean): boolean {
  for (const step of steps) {
    if (step.kind === 'raise' && step.level === 'exception') return true;
    if (step.kind === 'assign' && before && isField(step.target, 'new', change.column) && step.value.kind === 'column' && isField(step.value.path, 'old', change.column)) return true;
    if (step.kind === 'block' && step.handlers.length === 0 && stepsKeep(step.body, change, before)) return true;
    if (step.kind === 'if' && branchesKeep(step, change, before)) return true;
    if (step.kind === 'return' && !step.continues) return false;
  }
  return false;
}

/** The first branch whose condition surely holds decides; those before it may be taken as well. */
function branchesKeep(step: Extract<Step, { kind: 'if' }>, change: Change, before: boolean): boolean {
  for (const { condition, body } of step.branches) {
    if (neverOnUpdate(condition)) continue;
    if (!stepsKeep(body, change, before)) return false;
    if (holdsOnChange(condition, change)) return true;
  }
  return step.otherwise.length > 0 && stepsKeep(step.otherwise, change, before);
}

/** `TG_OP = 'INSERT'`. */
function neverOnUpdate(condition: Expression): boolean {
  const operation = operationTest(condition);
  return operation !== undefined && operation !== 'UPDATE';
}

function holdsOnChange(condition: Expression, change: Change): boolean {
  switch (condition.kind) {
    case 'or': return condition.operands.some((operand) => holdsOnChange(operand, change));
    // A row that had no tenant yet may be given one.
    case 'and': return condition.operands.every((operand) => holdsOnChange(operand, change) || operationTest(operand) === 'UPDATE' || isOldNotNull(operand, change));
    case 'distinct': return !condition.negated && comparesColumn(condition.left, condition.right, change.column);
    case 'operator': return condition.operator === '<>' && !change.nullable && condition.left !== undefined && comparesColumn(condition.left, condition.right, change.column);
    case 'not': return condition.operand.kind === 'distinct' && holdsOnChange({ ...condition.operand, negated: !condition.operand.negated }, change);
    default: return operationTest(condition) === 'UPDATE';
  }
}

function operationTest(condition: Expression): string | undefined {
  if (condition.kind !== 'operator' || condition.operator !== '=' || condition.left?.kind !== 'column' || condition.right.kind !== 'constant') return undefined;
  return condition.left.path.join('.').toLowerCase() === 'tg_op' ? String(condition.right.value).toUpperCase() : undefined;
}

function isOldNotNull(condition: Expression, { column }: Change): boolean {
  return condition.kind === 'nullTest' && condition.negated && condition.operand.kind === 'column' && isField(condition.operand.path, 'old', column);
}

/** NEW.c with OLD.c, in either order. */
function comparesColumn(left: Expression, right: Expression, column: string): boolean {
  if (left.kind !== 'column' || right.kind !== 'column') return false;
  return (isField(left.path, 'new', column) && isField(right.path, 'old', column)) || (isField(left.path, 'old', column) && isField(right.path, 'new', column));
}

function isField(path: readonly string[], record: string, column: string): boolean {
  return path.length === 2 && path[0]!.toLowerCase() === record && path[1] === column;
}
