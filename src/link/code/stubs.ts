import type { CodeFunction } from '../../facts/code.js';
import type { Location } from '../../facts/location.js';
import type { Machine } from './machine.js';
import { admitsUndefined } from './types.js';
import type { FunctionValue, Value } from './values.js';
import { nullValue } from './values.js';

/** What a function of Python gives that comes to its end: nothing, or, where it is only declared (`def find(self, id) -> Note: ...`), what it says that it gives. */
export function resultAtEnd(m: Machine, fn: FunctionValue, location: Location): Value {
  const { returns, name = 'a function' } = fn.function;
  if (!isStub(fn.function) || (returns?.kind === 'literal' && returns.value === null)) return nullValue;
  const type = returns && { type: returns, scope: fn.scope };
  const typed = type && m.typed(type);
  if (typed !== undefined && m.read(typed).kind !== 'input') return typed;
  return { kind: 'input', key: `${name}()@${location.file}:${location.start}`, name: `${name}()`, trust: 'unknown', maybe: returns === undefined || admitsUndefined(returns), ...(type && { type }) };
}

/** A body that is only `...`, behind a docstring or not: of a Protocol, an abstract class, a stub. */
function isStub({ body }: CodeFunction): boolean {
  const literals = body.map((each) => (each.kind === 'expression' && each.expression.kind === 'literal' ? each.expression : undefined));
  return literals.every((each) => each !== undefined) && literals.at(-1)?.form === 'ellipsis';
}
