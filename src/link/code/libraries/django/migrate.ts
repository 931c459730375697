import type { Context } from '../../library.js';
import type { Value } from '../../values.js';
import { notUnderstood } from '../entities/migrations.js';
import { appOf } from './apps.js';
import { applyValue, type Run } from './operations.js';
import { SchemaEditor } from './schema-editor.js';
import { migrationState } from './state.js';
import { itemsOf } from '../sqlalchemy/given.js';

/** Runs the operations of the class `Migration` of a module. @returns false when the module has no such class, or for the way back */
export function runMigration(lookup: (name: string) => Value | undefined, direction: 'up' | 'down', ctx: Context): boolean {
  const found = direction === 'up' ? lookup('Migration') : undefined;
  const owner = found && ctx.read(found);
  if (owner?.kind !== 'classValue') return false;
  const state = migrationState(ctx);
  const run: Run = { app: appOf(ctx.file, ctx), state, ctx, sends: true };
  const { location } = owner.class;
  const operations = ctx.member(owner, 'operations');
  const items = itemsOf(operations, ctx);
  if (items) for (const each of items) applyValue(each, run);
  else if (owner.class.fields.some(({ name }) => name === 'operations')) ctx.emit({ kind: 'operations', operations: [notUnderstood('the operations of the migration are not known', location)], location });
  new SchemaEditor(state, location, ctx).flush();
  return true;
}
