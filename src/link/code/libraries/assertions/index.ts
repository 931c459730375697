import type { Call, Context, Library } from '../../library.js';
import { neverReturns, undefinedValue, type Condition, type ExternalValue, type Value } from '../../values.js';
import { exportedPath } from '../sql-client.js';

/** `assert(c)`, `assert.ok(c)`, `assert.strictEqual(a, b)`, `invariant(c)`: what follows runs only where it holds (Node.js manual, "Assert"). */
export const assertionsLibrary: Library = {
  name: 'assertions',
  modules: ['assert', 'node:assert', 'tiny-invariant', 'invariant', 'ts-invariant', 'outvariant'],
  incidental: true,
  leads: () => false,
  call: (callee, call, ctx) => (callee.kind === 'external' ? asserted(exportedPath(callee).at(-1), call, ctx) : undefined),
  method: (object, name, call, ctx) => (object.kind === 'external' && isAssert(object) ? asserted(name, call, ctx) : undefined),
};

const isAssert = ({ module }: ExternalValue): boolean => /^(?:node:)?assert(?:\/strict)?$/.test(module);

/** @param name of the function; undefined: the package itself, called */
function asserted(name: string | undefined, call: Call, ctx: Context): Value | undefined {
  const [first, second] = call.arguments.positional;
  if (name === 'fail') return neverReturns;
  const condition = first === undefined ? undefined : conditionFor(name, first, second, ctx);
  if (condition === undefined) return undefined;
  return ctx.assume(condition.holds, condition.outcome) ? undefinedValue : neverReturns;
}

function conditionFor(name: string | undefined, first: Value, second: Value | undefined, ctx: Context): { readonly holds: Condition; readonly outcome: boolean } | undefined {
  switch (name) {
    case undefined: case 'ok': case 'strict': case 'invariant': case 'assert': {
      const inner = ctx.read(first);
      return { holds: inner.kind === 'condition' ? inner.condition : { operator: 'truthy', value: first }, outcome: true };
    }
    case 'equal': case 'strictEqual': return second && { holds: { operator: 'equal', left: first, right: second }, outcome: true };
    case 'notEqual': case 'notStrictEqual': return second && { holds: { operator: 'equal', left: first, right: second }, outcome: false };
    default: return undefined;
  }
}
