import type { Call, Context } from '../../library.js';
import type { ClassValue, Value } from '../../values.js';
import { libraryData } from '../sqlalchemy/given.js';
import { modelOfClass } from './classes.js';
import { DJANGO } from './fields.js';
import type { DjangoModel } from './model.js';
import { allOf, rowsOf } from './queryset.js';

/** The model that a value is: its class, or what a migration has of it. */
export function modelOfValue(value: Value | undefined, ctx: Context): DjangoModel | undefined {
  const known = value && ctx.read(value);
  return known?.kind === 'classValue' ? modelOfClass(known, ctx) : libraryData<DjangoModel>(known, DJANGO, 'model', ctx);
}

/** `get_object_or_404(X, ...)`, `get_list_or_404(X, ...)`; `XQuerySet(X)` as `querySet`. */
export function shortcut(name: string, call: Call, ctx: Context, owner?: ClassValue): Value | undefined {
  const [first, ...rest] = call.arguments.positional;
  const given = first ?? call.arguments.named.get('klass') ?? call.arguments.named.get('model');
  const model = modelOfValue(given, ctx);
  if (name === 'querySet') return model && rowsOf(allOf(model, call.location, owner ? { owner } : {}), ctx);
  if (name !== 'get_object_or_404' && name !== 'get_list_or_404' && name !== 'aget_object_or_404') return undefined;
  const method = name === 'get_list_or_404' ? 'filter' : 'get';
  const own: Call = { ...call, arguments: { ...call.arguments, positional: rest, locations: call.arguments.locations.slice(1) } };
  if (model) return ctx.callMethod(ctx.member(given!, '_default_manager'), method, own);
  return given && ctx.callMethod(given, method, own);
}
