import type { Expression } from '../../facts/expression.js';
import type { Step, VariablePath } from '../../facts/step.js';
import type { Catalog, Table, Trigger } from '../catalog/types.js';
import { nodes } from '../queries/nodes.js';
import { functionsNamed } from './names.js';

/** Whether a row trigger gives a column a value before a row is written, or may: its function is not known. */
export function mayGive(trigger: Trigger, event: 'insert' | 'update', column: string, catalog: Catalog): boolean {
  if (!trigger.enabled || trigger.timing !== 'before' || !trigger.events.includes(event)) return false;
  const body = bodyOf(trigger, catalog);
  return body === undefined || nodes(body).some((node) => isGiven(node as Step, column));
}

/** The trigger that may give a column another value than an UPDATE does, where that one is not NULL. */
export function overrules({ triggers }: Table, column: string, catalog: Catalog): Trigger | undefined {
  return triggers.find((trigger) => trigger.forEachRow && mayGive(trigger, 'update', column, catalog) && replaces(bodyOf(trigger, catalog) ?? [], column));
}

function bodyOf({ function: { schema, name } }: Trigger, catalog: Catalog): readonly Step[] | undefined {
  const [entry] = functionsNamed(catalog, [...(schema === undefined ? [] : [schema]), name]);
  return entry?.body === undefined ? undefined : [entry.body];
}

/** `IF new.c IS NULL THEN new.c := ...` and `new.c := COALESCE(new.c, ...)` leave a value that is there. */
function replaces(steps: readonly Step[], column: string): boolean {
  return steps.some((step): boolean => {
    if (step.kind === 'if') return step.branches.some(({ condition, body }) => !asksForNull(condition, column) && replaces(body, column)) || replaces(step.otherwise, column);
    if (step.kind === 'block') return [step.body, ...step.handlers.map(({ body }) => body)].some((body) => replaces(body, column));
    if (step.kind === 'assign' && step.value.kind === 'call' && step.value.name.at(-1) === 'coalesce' && isNew(step.value.arguments[0], column)) return false;
    return nodes(step).some((node) => isGiven(node as Step, column));
  });
}

function asksForNull(condition: Expression, column: string): boolean {
  return condition.kind === 'nullTest' && !condition.negated && isNew(condition.operand, column);
}

function isNew(expression: Expression | undefined, column: string): boolean {
  return expression?.kind === 'column' && expression.path.length === 2 && expression.path[0] === 'new' && expression.path[1] === column;
}

function isGiven(step: Step, column: string): boolean {
  return targetsOf(step).some((path) => path[0]?.toLowerCase() === 'new' && (path.length === 1 || path[1] === column));
}

/** The variables a step gives values. */
function targetsOf(step: Step): readonly VariablePath[] {
  if (step.kind === 'assign') return [step.target];
  return step.kind === 'selectInto' || step.kind === 'execute' ? step.targets : [];
}
