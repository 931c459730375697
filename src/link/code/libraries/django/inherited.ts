import type { Call, Context } from '../../library.js';
import type { ExternalValue, LibraryValue, Value } from '../../values.js';
import { libraryValue } from '../sqlalchemy/given.js';
import { DJANGO } from './fields.js';
import { selfValue } from './instances.js';
import { managerData, managerValue } from './managers.js';
import { querySetMethod } from './queryset.js';
import { querySetOf } from './queryset-data.js';
import { rowMethod } from './rows.js';

/** `super()` in methods of models, managers and query sets: what Django's own class does for the same object. */
export function inherited(base: ExternalValue, self: Value, ctx: Context): LibraryValue | undefined {
  const known = ctx.read(self);
  const manager = managerData(known, ctx);
  if (manager) return managerValue({ ...manager, plain: true });
  if (known.kind === 'instance') return selfValue(known, ctx);
  return (known.kind === 'rowList' || known.kind === 'row') && base.module !== '' ? libraryValue(DJANGO, 'super', known) : undefined;
}

/** `super().filter(...)` of rows, `super().save()` of a row. */
export function superMethod(self: Value, name: string, call: Call, ctx: Context): Value | undefined {
  if (self.kind === 'row') return /^a?(?:save|delete)$/.test(name) ? rowMethod(self, name, call, ctx) : undefined;
  const set = self.kind === 'rowList' ? querySetOf(self, ctx) : undefined;
  return set && querySetMethod(set, name, call, ctx, self);
}
