import type { Expression } from '../../facts/expression.js';
import type { Answer } from '../../facts/location.js';
import type { Step } from '../../facts/operation.js';
import type { Catalog, Table, Trigger } from '../catalog/types.js';
import { nodes } from '../queries/nodes.js';
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
    if (step.kind === 'return' && !step.continues) return before && givesOldBack(step.value);
    if (step.kind === 'if' ? branchesOf(step, change).some(mayReturn) : mayReturn([step])) return false;
  }
  return false;
}

/** The first branch whose condition surely holds decides; those before it may be taken as well. */
function branchesKeep(step: Extract<Step, { kind: 'if' }>, change: Change, before: boolean): boolean {
  for (const { condition, body } of step.branches) {
    if (neverOnChange(condition, change)) continue;
    if (!stepsKeep(body, change, before)) return false;
    if (holdsOnChange(condition, change)) return true;
  }
  return step.otherwise.length > 0 && stepsKeep(step.otherwise, change, before);
}

/** The branches that a row whose column changes may take. */
function branchesOf({ branches, otherwise }: Extract<Step, { kind: 'if' }>, change: Change): (readonly Step[])[] {
  return [...branches.filter(({ condition }) => !neverOnChange(condition, change)).map(({ body }) => body), otherwise];
}

/** Whether the function may end in these steps, other than by an error. */
function mayReturn(steps: readonly Step[]): boolean {
  return nodes(steps).some((node) => node.kind === 'return' && !(node as Partial<Extract<Step, { kind: 'return' }>>).continues);
}

/** `RETURN OLD` writes the old values, `RETURN NULL` skips the row (PostgreSQL manual, section 37.1), before the row is written. */
function givesOldBack(value: Expression | undefined): boolean {
  return value?.kind === 'constant' ? value.value === null : value?.kind === 'column' && value.path.join('.').toLowerCase() === 'old';
}

/** `TG_OP = 'INSERT'`, and that the column stays the same. */
function neverOnChange(condition: Expression, change: Change): boolean {
  const operation = operationTest(condition);
  if (operation !== undefined) return operation !== 'UPDATE';
  switch (condition.kind) {
    case 'and': return condition.operands.some((operand) => neverOnChange(operand, change));
    case 'or': return condition.operands.every((operand) => neverOnChange(operand, change));
    case 'distinct': return condition.negated && comparesColumn(condition.left, condition.right, change.column);
    case 'operator': return condition.operator === '=' && condition.left !== undefined && comparesColumn(condition.left, condition.right, change.column);
    default: return false;
  }
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
