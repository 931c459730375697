import type { Context } from '../../library.js';
import type { ClassValue, Value } from '../../values.js';
import { Scope } from '../../scope.js';
import { notUnderstood } from '../entities/migrations.js';
import { appOf } from './apps.js';
import { applyValue, type Run } from './operations.js';
import { SchemaEditor } from './schema-editor.js';
import { migrationState } from './state.js';
import { itemsOf } from '../sqlalchemy/given.js';

/** The list of operations, in sight of what the body of the class declares before it. */
function operationsOf(owner: ClassValue, ctx: Context): Value | undefined {
  const body = new Scope(owner.scope.file, owner.scope);
  for (const method of owner.class.methods) if (method.name !== undefined) ctx.declare(body, method.name, { kind: 'function', function: method, scope: owner.scope });
  let found: Value | undefined;
  for (const { name, value } of owner.class.fields) {
    if (value === undefined) continue;
    const made = ctx.evaluate(value, body);
    ctx.declare(body, name, made);
    if (name === 'operations') found = made;
  }
  return found;
}

/** Runs the operations of the class `Migration` of a module. @returns false when the module has no such class, or for the way back */
export function runMigration(lookup: (name: string) => Value | undefined, direction: 'up' | 'down', ctx: Context): boolean {
  const found = direction === 'up' ? lookup('Migration') : undefined;
  const owner = found && ctx.read(found);
  if (owner?.kind !== 'classValue') return false;
  const state = migrationState(ctx);
  const run: Run = { app: appOf(ctx.file, ctx), state, ctx, sends: true };
  const { location } = owner.class;
  const operations = operationsOf(owner, ctx);
  const items = operations && itemsOf(operations, ctx);
  if (items) for (const each of items) applyValue(each, run);
  else if (owner.class.fields.some(({ name }) => name === 'operations')) ctx.emit({ kind: 'operations', operations: [notUnderstood('the operations of the migration are not known', location)], location });
  new SchemaEditor(state, location, ctx).flush();
  return true;
}
