import type { CodeExpression, CodeType } from '../../facts/code.js';
import { evaluate } from './expressions.js';
import type { Machine } from './machine.js';
import { constantText } from './patterns.js';
import type { ClassValue, InputValue, InstanceValue, TypeInScope } from './values.js';

const DEEPEST = 8;
/** Types that have the keys of their first argument. */
const SAME = new Set(['Partial', 'Required', 'Readonly', 'NonNullable', 'Awaited', 'Promise']);
/** What NestJS makes of classes (its manual, "Mapped types"). */
const MAPPED = /^(?:PartialType|PickType|OmitType|IntersectionType)$/;

type Keys = readonly string[] | undefined;

/**
 * The keys that an object may have, as its type says: undefined when that is not known. What a caller sends is what it is; only a class, which
 * a framework reads it by, keeps other keys out.
 */
export function keysOf(m: Machine, value: InputValue | InstanceValue): Keys {
  if (value.kind === 'instance') return keysOfClass(m, value.class, 0);
  if (value.type === undefined) return undefined;
  return keysOfType(m, value.type, value.trust === 'untrusted', 0);
}

function keysOfType(m: Machine, { type, scope }: TypeInScope, isSent: boolean, depth: number): Keys {
  if (depth > DEEPEST) return undefined;
  const inner = (part: CodeType): Keys => keysOfType(m, { type: part, scope }, isSent, depth + 1);
  switch (type.kind) {
    case 'object': return isSent || type.members.length === 0 ? undefined : type.members.map(({ name }) => name);
    case 'union': return together(type.parts.filter((part) => part.kind !== 'literal' && !isNothing(part)).map(inner));
    case 'intersection': return together(type.parts.map(inner));
    case 'named': {
      const [first, second] = type.arguments;
      const name = type.path.join('.');
      if (first !== undefined && SAME.has(name)) return inner(first);
      if (first !== undefined && second !== undefined && (name === 'Pick' || name === 'Omit')) return chosen(inner(first), literals(second), name === 'Pick');
      const declared = type.path.length === 1 ? m.program.resolver.typeNamed(m, scope, name) : undefined;
      if (declared !== undefined) return keysOfType(m, declared, isSent, depth + 1);
      const found = type.path.length === 1 && scope.find(name) !== undefined ? m.read(evaluate(m, { kind: 'name', name, location: type.location }, scope)) : undefined;
      return found?.kind === 'classValue' ? keysOfClass(m, found, depth + 1) : undefined;
    }
    default: return undefined;
  }
}

function isNothing(type: CodeType): boolean {
  return type.kind === 'named' && type.path.length === 1 && /^(?:undefined|null)$/.test(type.path[0]!);
}

function literals(type: CodeType): Keys {
  if (type.kind === 'literal') return typeof type.value === 'string' ? [type.value] : undefined;
  return type.kind === 'union' ? together(type.parts.map(literals)) : undefined;
}

function together(all: readonly Keys[]): Keys {
  return all.length > 0 && all.every((keys) => keys !== undefined) ? [...new Set(all.flat())] : undefined;
}

function chosen(keys: Keys, named: Keys, keeps: boolean): Keys {
  return named === undefined ? undefined : keys?.filter((key) => named.includes(key) === keeps) ?? (keeps ? named : undefined);
}

/** The fields of a class and of those it is made from. */
function keysOfClass(m: Machine, { class: code, scope }: ClassValue, depth: number): Keys {
  if (depth > DEEPEST) return undefined;
  const own = [...code.fields.filter(({ isStatic }) => isStatic !== true).map(({ name }) => name), ...code.methods.filter(({ form }) => form === 'setter').flatMap(({ name }) => name ?? [])];
  const bases = m.inFile(scope.file, () => code.bases.map((base) => keysOfBase(m, base, { scope, depth: depth + 1 })));
  const all = together([own, ...bases]);
  return all?.length === 0 ? undefined : all;
}

function keysOfBase(m: Machine, base: CodeExpression, at: { readonly scope: ClassValue['scope']; readonly depth: number }): Keys {
  if (base.kind === 'call' && base.callee.kind === 'name' && MAPPED.test(base.callee.name)) {
    const [first, second] = base.arguments;
    const name = base.callee.name;
    if (name === 'IntersectionType') return together(base.arguments.map(({ value }) => keysOfBase(m, value, at)));
    const keys = first && keysOfBase(m, first.value, at);
    if (name === 'PartialType') return keys;
    const list = second && m.read(evaluate(m, second.value, at.scope));
    const named = list?.kind === 'list' ? list.items.map(({ value }) => constantText(m, value)) : [undefined];
    return named.every((each) => each !== undefined) ? chosen(keys, named, name === 'PickType') : undefined;
  }
  const found = m.read(evaluate(m, base, at.scope));
  return found.kind === 'classValue' ? keysOfClass(m, found, at.depth) : undefined;
}
