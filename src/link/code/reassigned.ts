import type { CodeExpression, CodeModule, Pattern } from '../../facts/code.js';

/** What the functions of a module assign to. */
interface Reassigned {
  /** Variables, with what they are given. */
  readonly names: Map<string, CodeExpression[]>;
  /** Members, by their name: of what (the name before the dot; `this` and `self` as they are written), and what they are given. */
  readonly members: Map<string, { readonly of: Set<string>; readonly values: CodeExpression[] }>;
}

const known = new WeakMap<CodeModule, Reassigned>();

/** What functions of a module assign to, constructors left out: what such a variable or member holds depends on which of them ran. */
export function reassignedIn(module: CodeModule): Reassigned {
  let found = known.get(module);
  if (found === undefined) {
    const own = new Map<string, CodeExpression[]>();
    found = { names: new Map(), members: new Map() };
    collect(module.body, false, { ...found, own });
    if (module.language === 'python') for (const [name, values] of found.names) values.push(...own.get(name) ?? []);
    known.set(module, found);
  }
  return found;
}

/** @param found `own`: Python's variables of functions, which are the module's where they are declared global */
function collect(node: unknown, inFunction: boolean, found: Reassigned & { readonly own: Map<string, CodeExpression[]> }): void {
  if (Array.isArray(node)) {
    for (const each of node) collect(each, inFunction, found);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const { kind, form, name, names, target, value, parameters } = node as { kind?: string; form?: string; name?: string; names?: readonly string[]; target?: Pattern; value?: CodeExpression; parameters?: unknown };
  if (inFunction) {
    const isSet = kind === 'assignment' || (kind === 'declare' && form === 'assign');
    if (isSet && target?.kind === 'name') noteName(target.name, value, kind === 'assignment' ? found.names : found.own);
    if (isSet && target?.kind === 'target') noteMember(target.expression, value, found);
    if (kind === 'unknown' && name === 'global') for (const each of names ?? []) noteName(each, undefined, found.names);
  }
  const isFunction = kind === undefined && parameters !== undefined;
  const inside = isFunction ? !isConstructor(name) : inFunction;
  for (const key in node) if (key !== 'location') collect((node as Record<string, unknown>)[key], inside, found);
}

function noteName(name: string, value: CodeExpression | undefined, names: Map<string, CodeExpression[]>): void {
  const values = names.get(name) ?? [];
  names.set(name, values);
  if (value !== undefined) values.push(value);
}

function noteMember(place: CodeExpression, value: CodeExpression | undefined, { members }: Reassigned): void {
  if (place.kind !== 'member') return;
  let member = members.get(place.property);
  if (member === undefined) members.set(place.property, member = { of: new Set(), values: [] });
  member.of.add(place.object.kind === 'name' ? place.object.name : place.object.kind);
  if (value !== undefined) member.values.push(value);
}

/** Whether a function of this name makes an instance what it is at first. */
export function isConstructor(name: string | undefined): boolean {
  return name === 'constructor' || name === '__init__';
}
