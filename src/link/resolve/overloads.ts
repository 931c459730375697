import type { CallExpression, SqlType } from '../../facts/expression.js';
import { inputs, typeKey } from '../catalog/functions.js';
import { isBuiltIn } from '../catalog/type-names.js';
import type { FunctionEntry } from '../catalog/types.js';
import type { Context } from './context.js';
import { failure } from './failure.js';
import { typeText } from './typing.js';
import type { Value } from './value.js';

/**
 * Refuses a call that several functions of one schema take equally well, because they differ in parameters only that have defaults and are left out
 * (PostgreSQL manual, section 10.3). @param entries the functions of that name
 */
export function checkOverloads(call: CallExpression, entries: readonly FunctionEntry[], values: readonly Value[], context: Context): void {
  const [first] = entries;
  if (first === undefined || entries.some(({ schema, parameters }) => schema !== first.schema || parameters.some(({ mode }) => mode === 'variadic'))) return;
  const fitting = entries.filter(({ parameters }) => takes(inputs(parameters), values.length));
  const [one, another] = fitting.map(({ parameters }) => inputs(parameters).slice(0, values.length).map(({ type }) => type));
  if (one === undefined || another === undefined || fitting.length > 2) return;
  if (!one.every((type, index) => typeKey(type) === typeKey(another[index]!) && isCertain(values[index]!, type))) return;
  const name = call.name.join('.');
  context.fail(failure('42725', `function ${name}(${values.map((value) => (value.literal ? 'unknown' : typeText(value.type))).join(', ')}) is not unique`, call.location, {
    related: fitting.map(({ origin }) => ({ location: origin.location, message: 'this one takes the call' })),
    suggestion: 'Two functions take this call: drop the one that is no longer meant, or give the argument that tells them apart.',
  }));
}

function takes(parameters: ReturnType<typeof inputs>, count: number): boolean {
  return parameters.length >= count && parameters.slice(count).every((parameter) => parameter.default !== undefined);
}

function isCertain(value: Value, type: SqlType): boolean {
  return isBuiltIn(type) && (value.literal === true || (value.type !== undefined && typeKey(value.type) === typeKey(type)));
}
