import type { Expression } from '../../../src/facts/expression.js';
import type { Location } from '../../../src/facts/location.js';
import type { Context, Effect } from '../../../src/link/code/library.js';
import type { ReferenceValue, Value } from '../../../src/link/code/values.js';

/** A context without an evaluator, for functions that need no more than a heap and a record of effects. */
export function fakeContext(): { ctx: Context; effects: Effect[] } {
  const effects: Effect[] = [];
  const heap: Value[] = [];
  let results = 0;
  const read = (value: Value): Value => (value.kind === 'reference' ? heap[value.slot]! : value);
  const ctx = {
    file: 'case.ts', language: 'javascript', models: [], store: new Map(),
    read, state: { isDefined: () => false },
    allocate: (value: Value): ReferenceValue => ({ kind: 'reference', slot: heap.push(value) - 1 }),
    write: (reference: ReferenceValue, value: Value) => { heap[reference.slot] = value; },
    query: (effect: Effect) => effects.push(effect),
    emit: (effect: Effect) => effects.push(effect),
    result: (result: object) => ({ ...result, id: (results += 1) }),
    input: (name: string, trust: 'untrusted' | 'trusted' | 'unknown', options?: { key?: string }) => ({ kind: 'input', key: options?.key ?? name, name, trust, maybe: false }),
    mayBe: () => false,
    oneOf: (works: readonly (() => unknown)[]) => works.map((work) => work()),
    nameOf: () => undefined,
    invoke: () => ({ kind: 'unknown', reason: 'not invoked here' }),
    expression: (value: Value, location: Location) => lower(read(value), location, read),
  } as unknown as Context;
  return { ctx, effects };
}

function lower(value: Value, location: Location, read: (value: Value) => Value): Expression {
  switch (value.kind) {
    case 'constant': return { kind: 'constant', value: value.value ?? null, location };
    case 'input': return { kind: 'parameter', name: value.name, location };
    case 'list': return { kind: 'array', items: value.items.map((item) => lower(read(item.value), location, read)), location };
    default: return { kind: 'hole', text: value.kind, location };
  }
}
