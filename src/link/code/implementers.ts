import { isWithin, type Location } from '../../facts/location.js';
import { ancestry, instanceFor } from './classes.js';
import type { Implementer } from './implementations.js';
import type { Machine } from './machine.js';
import { joined } from './state.js';
import { typeBehind } from './types.js';
import type { ClassValue, TypeInScope, Value } from './values.js';

/**
 * What is there where an interface is asked for that says what is to be done (`interface Notes { find(id: string): Promise<Note> }`): an object of the
 * class of the project that says that it implements it, whoever makes it.
 * @param name the interface, as it is asked for
 * @param at where it is asked for: a class that is given another one (a cache before it) is not given itself
 * @returns undefined for an interface of data, and where no class, or one of many, may be there
 * @see TypeScript Handbook, "Classes", implements clauses
 */
export function implementer(m: Machine, declared: TypeInScope, name: string, at: Location): Value | undefined {
  if (m.language !== 'javascript' || !saysWhatToDo(m, declared)) return undefined;
  return together(m, implementersOf(m, name, at, (found) => implementsType(m, found, declared.type.location)));
}

/** What is there where an abstract class is asked for: an object of the class of the project that extends it. */
export function extender(m: Machine, base: ClassValue, at: Location | undefined): Value | undefined {
  if (m.language !== 'javascript' || base.class.name === undefined) return undefined;
  return together(m, implementersOf(m, base.class.name, at, (found) => ancestry(m, found).some((each) => each.kind === 'classValue' && each.class === base.class)));
}

function saysWhatToDo(m: Machine, declared: TypeInScope): boolean {
  const { type } = typeBehind(m, declared, ({ kind }) => kind === 'object') ?? {};
  return type?.kind === 'object' && type.members.length > 0 && type.members.every((member) => member.type?.kind === 'function');
}

function implementersOf(m: Machine, name: string, at: Location | undefined, isIt: (found: ClassValue) => boolean): ClassValue[] {
  m.journal.interfaces.add(name);
  return m.program.resolver.implementations.of(name).flatMap((each) => classAt(m, each) ?? [])
    .filter((found) => isIt(found) && !(at !== undefined && isWithin(at, found.class.location)));
}

function together(m: Machine, classes: readonly ClassValue[]): Value | undefined {
  return classes.length === 0 ? undefined : joined(classes.map((each) => ({ value: instanceFor(m, each), facts: [] })));
}

function classAt(m: Machine, { file, class: name }: Implementer): ClassValue | undefined {
  const slot = m.program.resolver.load(m, file).own(name);
  const value = typeof slot === 'number' ? m.read({ kind: 'reference', slot }) : undefined;
  return value?.kind === 'classValue' ? value : undefined;
}

/** @param location where the interface stands: another one may have its name */
function implementsType(m: Machine, { class: { interfaces }, scope }: ClassValue, location: Location): boolean {
  return interfaces?.some((type) => {
    const found = type.kind === 'named' ? m.program.resolver.typeNamed(m, scope, type.path.join('.'))?.type.location : undefined;
    return found !== undefined && found.file === location.file && found.start === location.start;
  }) === true;
}
