import type { Pattern } from '../../facts/code.js';
import { evaluate } from './expressions.js';
import { setAtFirst } from './later.js';
import type { Machine } from './machine.js';
import { indexOf, restOf, setGlobal, setIndex, setMember } from './members.js';
import type { Scope } from './scope.js';
import { unionOf } from './state.js';
import { isUndefined, unknownValue, type Value } from './values.js';

/** Binds what a pattern names to (parts of) a value. `declares`: the names are new ones of this scope. */
export function bind(m: Machine, pattern: Pattern, value: Value, scope: Scope, declares: boolean): void {
  switch (pattern.kind) {
    case 'name':
      return assignName(m, pattern.name, value, scope, declares);
    case 'object': {
      const taken: string[] = [];
      for (const { key, target, default: fallback } of pattern.properties) {
        const name = typeof key === 'string' ? key : constantText(m, evaluate(m, key, scope));
        if (name !== undefined) taken.push(name);
        const found = name === undefined ? unknownValue('a computed property') : m.member(value, name);
        bind(m, target, fallback === undefined ? found : withDefault(m, found, () => evaluate(m, fallback, scope)), scope, declares);
      }
      if (pattern.rest) bind(m, pattern.rest, restOf(m, value, taken), scope, declares);
      return;
    }
    case 'list':
      for (const [index, item] of pattern.items.entries()) {
        if (item === undefined) continue;
        const after = pattern.items.length - index - 1;
        const found = item.rest === true ? sliceFrom(m, value, index, after) : indexOf(m, value, { kind: 'constant', value: index });
        bind(m, item.target, item.default === undefined ? found : withDefault(m, found, () => evaluate(m, item.default!, scope)), scope, declares);
      }
      return;
    case 'target': {
      const { expression } = pattern;
      if (expression.kind === 'member') setMember(m, evaluate(m, expression.object, scope), expression.property, setAtFirst(m, value, expression.object, expression.property, scope), expression.location);
      else if (expression.kind === 'index') setIndex(m, evaluate(m, expression.object, scope), evaluate(m, expression.index, scope), value, expression.location);
      else if (expression.kind === 'name') assignName(m, expression.name, value, scope, declares);
    }
  }
}

function assignName(m: Machine, name: string, value: Value, scope: Scope, declares: boolean): void {
  const found = declares ? undefined : scope.find(name);
  if (typeof found === 'number') return m.state.set(found, value);
  if (!declares && m.language === 'javascript') setGlobal(m, name, value);
  m.declare(scope, name, value);
}

/** A value, or what stands in for it where it is undefined. */
export function withDefault(m: Machine, value: Value, fallback: () => Value): Value {
  const inner = m.read(value);
  if (isUndefined(inner)) return fallback();
  if (inner.kind === 'union' && inner.options.some(({ value: each }) => isUndefined(each))) {
    return unionOf([...inner.options.filter(({ value: each }) => !isUndefined(each)), { value: fallback(), facts: [] }]);
  }
  return inner.kind === 'input' && inner.maybe && !m.state.isDefined(inner.key) ? unionOf([{ value: { ...inner, maybe: false }, facts: [] }, { value: fallback(), facts: [] }]) : value;
}

/** The text of a constant used as a key; undefined when it is not known. */
export function constantText(m: Machine, value: Value): string | undefined {
  const inner = m.read(value);
  if (inner.kind === 'constant' && (typeof inner.value === 'string' || typeof inner.value === 'number')) return String(inner.value);
  if (inner.kind !== 'text') return undefined;
  const parts = inner.parts.map((part) => (part.kind === 'text' ? part.value : constantText(m, part.value)));
  return parts.every((part) => part !== undefined) ? parts.join('') : undefined;
}

function sliceFrom(m: Machine, value: Value, from: number, after: number): Value {
  const inner = m.read(value);
  if (inner.kind !== 'list') return inner.kind === 'rowList' ? inner : unknownValue('the rest of a list that is not known');
  return m.allocate({ ...inner, items: inner.items.slice(from, after === 0 ? undefined : -after) });
}

