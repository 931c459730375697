import type { CallExpression } from '../../facts/expression.js';
import type { Context } from './context.js';
import { failure } from './failure.js';
import { isAggregateCall, isSetReturning, isWindowOnly } from './functions.js';
import type { Scope } from './scope.js';
import { typeText } from './typing.js';
import type { Value } from './value.js';
import { visitExpressions } from './walk.js';

/** What PostgreSQL refuses of a call: aggregates and window functions where they may not stand, and aggregates of types they do not take. */
export function checkCall(call: CallExpression, name: string | undefined, values: readonly Value[], scope: Scope, context: Context): void {
  if (name === undefined) return;
  if (call.over) {
    refuseInPlace('42P20', 'window functions are', call, context);
    return;
  }
  if (isWindowOnly(name)) {
    context.fail(failure('42809', `window function ${name} requires an OVER clause`, call.location));
    return;
  }
  if (isSetReturning(name)) refuseSets(call, context);
  checkText(call, name, values, context);
  if (!isAggregateCall(call, context.env.catalog, context.env.searchPath)) return;
  checkAggregateType(call, name, values[0], context);
  if (context.place !== 'HAVING' && belongsHere(call, scope, context)) refuseInPlace('42803', 'aggregate functions are', call, context);
}

function refuseInPlace(code: string, subject: string, call: CallExpression, context: Context): void {
  if (context.place) context.fail(failure(code, `${subject} not allowed in ${context.place}`, call.location));
}

function refuseSets(call: CallExpression, context: Context): void {
  if (context.place === 'WHERE' || context.place === 'HAVING' || context.place === 'JOIN conditions') {
    context.fail(failure('0A000', `set-returning functions are not allowed in ${context.place}`, call.location));
  }
}

/** An aggregate belongs to the innermost block whose columns it has; one without columns to the block it stands in. */
function belongsHere(call: CallExpression, scope: Scope, context: Context): boolean {
  let columns = 0;
  let here = false;
  for (const argument of call.arguments) {
    visitExpressions(argument, (expression) => {
      if (expression.kind === 'column') {
        columns++;
        if (context.bindings.get(expression)?.block === scope.block) here = true;
      }
      return expression.kind !== 'subquery';
    });
  }
  return here || columns === 0;
}

const ofText: ReadonlySet<string> = new Set(['lower', 'upper', 'initcap', 'btrim', 'ltrim', 'rtrim', 'length', 'char_length', 'reverse', 'replace', 'split_part']);
const notText: ReadonlySet<string> = new Set(['number', 'uuid', 'boolean', 'date', 'json', 'jsonb']);

/** No type but the string types becomes text unasked (PostgreSQL manual, section 10.3). */
function checkText(call: CallExpression, name: string, values: readonly Value[], context: Context): void {
  const group = context.group(values[0]);
  if (group === undefined || !ofText.has(name) || !notText.has(group)) return;
  const types = values.map((value) => (value.literal ? 'unknown' : typeText(value.type))).join(', ');
  context.fail(failure('42883', `function ${name}(${types}) does not exist`, call.location, { suggestion: 'Cast the value to text.' }));
}

const orderless: ReadonlySet<string> = new Set(['uuid', 'boolean', 'json', 'jsonb']);

function checkAggregateType(call: CallExpression, name: string, value: Value | undefined, context: Context): void {
  const group = context.group(value);
  if (group === undefined || call.arguments.length !== 1) return;
  const refused = name === 'min' || name === 'max' ? orderless.has(group) : (name === 'sum' || name === 'avg') && !['number', 'time'].includes(group);
  if (!refused) return;
  const suggestion = group === 'uuid' && name !== 'sum' && name !== 'avg' ? `PostgreSQL has no ${name} of uuid: cast to text and back, or choose with ORDER BY ... LIMIT 1.` : undefined;
  context.fail(failure('42883', `function ${name}(${typeText(value?.type)}) does not exist`, call.location, { suggestion }));
}
