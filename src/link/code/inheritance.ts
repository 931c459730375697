import { ancestry, methodOf } from './classes.js';
import type { Machine } from './machine.js';
import { typedField } from './types.js';
import type { ClassValue, ExternalValue, LibraryValue, Value } from './values.js';

const SUPER = 'super()';

/** What Python's `super()` stands for in a method. */
interface Super {
  readonly self: Value;
  /** The class whose method is running: what comes after it in the order of the classes is meant. */
  readonly owner: ClassValue;
}

/** `super()` in a method of `owner` that runs for `self`. */
export function superValue(self: Value, owner: ClassValue): LibraryValue {
  return { kind: 'library', library: SUPER, type: SUPER, data: { self, owner } satisfies Super };
}

/** Whether a value is what `super()` stands for. */
export function isSuper(value: Value): boolean {
  return value.kind === 'library' && value.library === SUPER;
}

/** A member of `super()`: of the next class that has it, for the same `self`. */
export function superMember(m: Machine, value: Value, name: string): Value | undefined {
  const { self, owner } = dataOf(value);
  const bases = following(m, self, owner);
  for (const each of bases) {
    if (each.kind !== 'classValue') continue;
    const method = each.class.methods.find((candidate) => candidate.name === name);
    if (method) return methodOf(m, self, each, method);
    const field = each.class.fields.find((candidate) => candidate.name === name);
    if (field) return m.inFile(each.scope.file, () => typedField(m, field, each));
  }
  return undefined;
}

/** What the packages behind the classes of the project make of `super()`. */
export function superLibrary(m: Machine, value: Value): LibraryValue | undefined {
  const { self, owner } = dataOf(value);
  for (const base of following(m, self, owner)) {
    const found = base.kind === 'external' ? m.libraryOf(base.module)?.inherited?.(base, self, m) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function dataOf(value: Value): Super {
  return (value as LibraryValue).data as Super;
}

function following(m: Machine, self: Value, owner: ClassValue): readonly (ClassValue | ExternalValue | LibraryValue)[] {
  const inner = m.read(self);
  const start = inner.kind === 'instance' ? inner.class : inner.kind === 'classValue' ? inner : owner;
  const all = ancestry(m, start);
  const at = all.findIndex((each) => each.kind === 'classValue' && each.class === owner.class);
  return at < 0 ? ancestry(m, owner).slice(1) : all.slice(at + 1);
}
