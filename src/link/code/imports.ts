import { posix } from 'node:path';
import { FOLDER, requiredModuleOf, type CodeCall } from '../../facts/code.js';
import { callValue } from './calls.js';
import { unknownCall } from './unknown-calls.js';
import { evaluate } from './expressions.js';
import type { Call } from './library.js';
import type { Machine } from './machine.js';
import { constantText } from './patterns.js';
import type { Scope } from './scope.js';
import { unknownValue, type Value } from './values.js';

/** Whether a call of a name imports a module by a path that is found out when it runs. */
export function importsByPath(name: string): boolean {
  return name === 'import' || requiredModuleOf(name)?.endsWith(FOLDER) === true;
}

/** `import('module')`, `require(path)`: the module, as `import * as` binds it. A path that is put together begins at the project's root. */
export function importedByPath(m: Machine, node: CodeCall, scope: Scope): Value {
  const [first] = node.arguments;
  const module = first && constantText(m, evaluate(m, first.value, scope));
  if (module === undefined) return unknownValue('a module that is chosen when it runs');
  const isPut = first!.value.kind !== 'literal' && !module.startsWith('.');
  return m.program.resolver.imported(m, scope.file, { module: isPut ? `./${posix.relative(posix.dirname(scope.file), module)}` : module, imported: '*' });
}

/** A module that is a function with others beside it: `module.exports = run; module.exports.once = ...`. */
export function callModule(m: Machine, module: Extract<Value, { kind: 'namespace' }>, call: Call): Value {
  const whole = m.program.resolver.exported(m, module.file, 'default');
  return whole === undefined ? unknownCall(m, module, call) : callValue(m, whole, call);
}
