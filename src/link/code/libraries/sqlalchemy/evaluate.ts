import type { CodeExpression } from '../../../../facts/code.js';
import { ancestry } from '../../classes.js';
import { evaluate } from '../../expressions.js';
import type { Context } from '../../library.js';
import type { Machine } from '../../machine.js';
import type { Scope } from '../../scope.js';
import { Scope as NameScope } from '../../scope.js';
import type { ClassValue, ExternalValue, LibraryValue, Value } from '../../values.js';

/** The value of an expression, in the scope it stands in. */
export function evaluateIn(ctx: Context, expression: CodeExpression, scope: Scope): Value {
  const machine = ctx as Machine;
  return machine.inFile(scope.file, () => evaluate(machine, expression, scope));
}

/** The classes a class is made from, nearest first, itself included. */
export function basesOf(ctx: Context, value: ClassValue): readonly (ClassValue | ExternalValue | LibraryValue)[] {
  return ancestry(ctx as Machine, value);
}

/** A scope inside of another that knows some more names. */
export function scopeWith(ctx: Context, parent: Scope, names: ReadonlyMap<string, Value>): Scope {
  const machine = ctx as Machine;
  const scope = new NameScope(parent.file, parent, true);
  for (const [name, value] of names) machine.declare(scope, name, value);
  return scope;
}
