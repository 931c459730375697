import type { CodeExpression } from '../../facts/code.js';
import type { Location } from '../../facts/location.js';
import type { Machine } from './machine.js';
import type { Value } from './values.js';

/** A type by the package that declares it. */
export interface PackageType {
  readonly module: string;
  readonly name: string;
}

/** What the project's own compiler knows of its code. Asked only where the code alone does not tell; whatever it does not know, it leaves open. */
export interface TypeProvider {
  /** The type of the expression at a place, when a package declares it. */
  typeAt(location: Location): PackageType | undefined;
  /** Whether the type of the expression at a place admits `undefined` there, after what was tested before. */
  mayBeUndefined(location: Location): boolean;
  /** Whether something that `file` imports from a package is, or gives, a value of a type of one of these packages. */
  leads(file: string, module: string, isLibrary: (module: string) => boolean): boolean;
}

/** A receiver that the code does not explain, as the value of a library that its type names. */
export function typedReceiver(m: Machine, value: Value, location: Location): Value {
  const { types } = m.program;
  const inner = types && m.read(value);
  if (inner === undefined || !isOpen(m, inner)) return value;
  const type = types!.typeAt(location);
  const made = type && m.libraryOf(type.module)?.typed?.({ kind: 'external', module: type.module, path: [type.name] }, [], m);
  return made?.kind === 'library' ? made : value;
}

function isOpen(m: Machine, value: Value): boolean {
  return value.kind === 'input' || value.kind === 'unknown' || (value.kind === 'external' && m.libraryBehind(value) === undefined);
}

/** An input of no declared type that may be undefined where it is used, as the compiler sees it. */
export function typedInput(m: Machine, node: CodeExpression, value: Value): Value {
  const { types } = m.program;
  if (types === undefined || value.kind !== 'input' || value.maybe || m.language !== 'javascript') return value;
  return types.mayBeUndefined(node.location) ? { ...value, maybe: true } : value;
}
