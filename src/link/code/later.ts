import type { CodeExpression, CodeType } from '../../facts/code.js';
import { evaluate } from './expressions.js';
import type { Machine } from './machine.js';
import { isConstructor, reassignedIn } from './reassigned.js';
import type { Scope } from './scope.js';
import { unionOf } from './state.js';
import { begin, end } from './store.js';
import { admitsUndefined } from './types.js';
import { isNothing, type Value } from './values.js';

/**
 * What a member holds that begins as a constant and is set by functions of its module: by the time others read it, either.
 * Taken for the constant alone, all that `if (!this.ready) return` guards would never run.
 * @param type what the member is declared as
 * @param scope where its class, or the object it is of, is declared
 */
export function orSetLater(m: Machine, value: Value, name: string, type: CodeType | undefined, scope: Scope): Value {
  if (m.read(value).kind !== 'constant') return value;
  const module = m.program.modules.get(scope.file);
  const member = module && reassignedIn(module).members.get(name);
  return member === undefined || isOfVariable(type) ? value : orLater(m, value, name, type, member.values, scope);
}

/** A variable of a module that begins as a constant, or an object of one whose members do, and that functions set. */
export function orReassigned(m: Machine, name: string, type: CodeType | undefined, value: Value, scope: Scope): Value {
  const inner = m.read(value);
  const module = m.program.modules.get(scope.file);
  if (module === undefined) return value;
  const { names, members } = reassignedIn(module);
  if (inner.kind === 'constant') {
    if (names.has(name)) return orLater(m, value, name, type, names.get(name)!, scope);
    // `pool: Pool | None = None` of a module is set from outside: for nothing it would need no type.
    return isNothing(inner) && declared(m, type, scope) !== undefined ? orLater(m, value, name, type, [], scope) : value;
  }
  if (inner.kind !== 'object' || value.kind !== 'reference') return value;
  const entries = inner.entries.map((entry) => {
    const member = entry.kind === 'property' && m.read(entry.value).kind === 'constant' ? members.get(entry.key) : undefined;
    return entry.kind === 'property' && member?.of.has(name) === true ? { ...entry, value: orLater(m, entry.value, entry.key, undefined, member.values, scope) } : entry;
  });
  if (entries.some((entry, index) => entry !== inner.entries[index])) m.write(value, { ...inner, entries });
  return value;
}

/** What a constructor sets on the instance that it makes. */
export function setAtFirst(m: Machine, value: Value, object: CodeExpression, name: string, scope: Scope): Value {
  const code = m.frames.at(-1)?.function;
  if (!isConstructor(code?.name) || (object.kind !== 'this' && !(object.kind === 'name' && object.name === 'self')) || m.read(value).kind !== 'constant') return value;
  const self = m.read(evaluate(m, object, scope));
  if (self.kind !== 'instance' || !(self.given === true || outlives(m))) return value;
  return orSetLater(m, value, name, self.class.class.fields.find((field) => field.name === name)?.type, self.class.scope);
}

/** `T | undefined`, where T is a parameter of the class by its name: what that is, nothing tells. */
function isOfVariable(type: CodeType | undefined): boolean {
  if (type?.kind === 'union') return type.parts.every((part) => admitsUndefined(part) || isOfVariable(part)) && type.parts.some(isOfVariable);
  return type?.kind === 'named' && type.path.length === 1 && /^(?:[A-Z]|T[A-Z]\w*)$/.test(type.path[0]!);
}

/** Whether what is made now is there when other functions run. What a function makes for itself is followed from there on. */
export function outlives(m: Machine): boolean {
  return m.frames.every(({ function: code }) => isConstructor(code?.name));
}

function declared(m: Machine, type: CodeType | undefined, scope: Scope): Value | undefined {
  const found = type && m.typed({ type, scope });
  return found !== undefined && m.read(found).kind !== 'input' ? found : undefined;
}

/** A client is known by what the member is given, or by its type; that one is there whenever it is used: what makes it when it is not needs no look. */
function orLater(m: Machine, value: Value, name: string, type: CodeType | undefined, values: readonly CodeExpression[], scope: Scope): Value {
  const found = values.map((each) => clientOf(m, each, scope)).find((each) => each !== undefined) ?? declared(m, type, scope);
  const isThere = found !== undefined && isNothing(m.read(value)) && ['library', 'instance'].includes(m.read(found).kind);
  return isThere ? found : unionOf([{ value, facts: [] }, { value: found ?? m.input(name, 'unknown', { key: `${name}@${scope.file}` }), facts: [] }]);
}

function clientOf(m: Machine, node: CodeExpression, scope: Scope): Value | undefined {
  const made = node.kind === 'await' ? node.operand : node;
  if (made.kind !== 'call' || !begin(m, 'values set later', made)) return undefined;
  try {
    let value: Value | undefined;
    m.collect(() => m.inFile(scope.file, () => {
      // What a function of the project gives costs more to find out than it tells.
      if (m.read(evaluate(m, made.callee, scope)).kind !== 'function') value = evaluate(m, node, scope);
    }));
    return value !== undefined && m.read(value).kind === 'library' ? value : undefined;
  } finally {
    end(m, 'values set later', made);
  }
}
