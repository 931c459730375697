import type { Value } from '../../values.js';
import { libraryValue, textOf } from '../sqlalchemy/given.js';
import type { Call, Context } from '../../library.js';
import { DJANGO } from './fields.js';
import { modelNamed } from './model.js';
import type { OperationData } from './operation-data.js';
import type { Run } from './operations.js';
import { registryOf } from './state.js';
import type { Registry } from './spec.js';

/** `RunPython(code)`: the function runs with the models of this time. @returns why it is not understood */
export function runPython(operation: OperationData, { ctx, state }: Run): string | undefined {
  const code = operation.named.get('code');
  const known = code && ctx.read(code);
  if (known?.kind === 'external' && known.path.at(-1) === 'noop') return undefined;
  const given = [libraryValue(DJANGO, 'apps', registryOf(state)), libraryValue(DJANGO, 'schemaEditor', undefined)];
  // An object that can be called.
  const called = known?.kind === 'instance' ? ctx.read(ctx.member(code!, '__call__')) : known;
  if (called?.kind !== 'function') return 'the function of RunPython() is not known';
  ctx.invoke(called, given, called.function.location);
  return undefined;
}

/** `apps.get_model('app', 'Model')`, `apps.get_model('app.Model')`. */
export function getModel(registry: Registry, call: Call, ctx: Context): Value | undefined {
  const [first, second] = [call.arguments.positional[0] ?? call.arguments.named.get('app_label'), call.arguments.positional[1] ?? call.arguments.named.get('model_name')];
  const [app, name] = [first && textOf(first, ctx), second && textOf(second, ctx)];
  if (app === undefined || (name === undefined && !app.includes('.'))) return undefined;
  const key = (name === undefined ? app : `${app}.${name}`).toLowerCase();
  const model = modelNamed(key, registry, ctx);
  return model && libraryValue(DJANGO, 'model', model);
}
