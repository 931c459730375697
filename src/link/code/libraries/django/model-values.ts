import { entryOf } from '../../../../entry.js';
import type { Context } from '../../library.js';
import type { ExternalValue, Value } from '../../values.js';
import { unknownValue } from '../../values.js';
import { libraryValue } from '../sqlalchemy/given.js';
import { userModel } from './apps.js';
import { classOfModel, liveRegistry } from './classes.js';
import { DJANGO } from './fields.js';
import { defaultManager, managerValue } from './managers.js';
import { modelNamed, type DjangoModel } from './model.js';
import { externalKey } from './spec.js';

const OWN = /^django\.contrib\.(?:auth|contenttypes|sites|sessions|admin|flatpages|redirects)\b/;
const NAMES = /^(?:User|Group|Permission|ContentType|Site|Session|LogEntry|FlatPage|Redirect)$/;

/** A model of one of Django's own apps. */
export function externalModel({ module, path }: ExternalValue, ctx: Context): DjangoModel | undefined {
  const name = path.at(-1) ?? '';
  const key = OWN.test(module) && NAMES.test(name) ? externalKey(module, path) : undefined;
  return key === undefined ? undefined : modelNamed(key, liveRegistry(ctx), ctx);
}

/** `get_user_model()`. */
export function userValue(ctx: Context): Value | undefined {
  const registry = liveRegistry(ctx);
  const spec = registry.find(userModel(ctx));
  const owner = spec && classOfModel(spec, ctx);
  if (owner) return owner;
  const model = modelNamed(userModel(ctx), registry, ctx);
  return model && libraryValue(DJANGO, 'model', model);
}

/** `Model.objects` and the like, where the class says nothing of it itself. */
export function modelMember(model: DjangoModel, name: string, ctx: Context): Value | undefined {
  switch (name) {
    case 'objects': case '_base_manager': return managerValue({ model });
    case '_default_manager': return managerValue({ ...defaultManager(model, ctx), model });
    case 'DoesNotExist': case 'MultipleObjectsReturned': return unknownValue(name);
    case '_meta': return libraryValue(DJANGO, 'options', model);
    case '__name__': return { kind: 'constant', value: model.spec.name };
    default: return undefined;
  }
}

/** `Model._meta.db_table` and the like. */
export function optionsMember({ table, spec }: DjangoModel, name: string): Value | undefined {
  const values: Readonly<Record<string, string>> = { db_table: table.name.name, app_label: spec.app, model_name: spec.name.toLowerCase(), object_name: spec.name };
  const value = entryOf(values, name);
  return value === undefined ? undefined : { kind: 'constant', value };
}

/** A method of a model's class. */
export function modelMethod(model: DjangoModel, name: string): Value | undefined {
  return /^(?:check|from_db|full_clean)$/.test(name) ? unknownValue(`${name} of ${model.spec.name}`) : undefined;
}

