import type { Call, Context, Library } from '../../library.js';
import type { ClassValue, ExternalValue, InstanceValue, LibraryValue, Value } from '../../values.js';
import { nullValue } from '../../values.js';
import { isModelBase } from './builtin.js';
import { classModel, customField } from './classes.js';
import { connectionMethod, cursorMethod } from './cursor.js';
import { expressionValue, isExpressionName, operated, qValue } from './expressions.js';
import { boundField, built, selfData, selfMember, selfMethod, selfValue } from './instances.js';
import { DJANGO, fieldData, fieldValue, isFieldName } from './fields.js';
import { managerData, managerMethod, managerValue, onRows, scopedManager, usersOf, type ManagerData } from './managers.js';
import { isMetaName, metaValue } from './meta.js';
import { runMigration } from './migrate.js';
import { externalModel, modelMember, modelMethod, optionsMember, userValue } from './model-values.js';
import { isOperationName, operationValue } from './operation-data.js';
import type { DjangoModel } from './model.js';
import { modelOfClass, liveRegistry } from './classes.js';
import { assign, rowKey, rowMember, rowMethod, used } from './rows.js';
import { prefetchCall } from './prefetch.js';
import { getModel } from './run-python.js';
import { schemaEditorMethod } from './run-sql.js';
import { inherited, superMethod } from './inherited.js';
import { shortcut } from './shortcuts.js';
import { joinedRows } from './set-operators.js';
import type { Registry } from './spec.js';

/** Packages whose fields, bases and managers are those of models of Django. */
const MODELS = [
  'mptt', 'model_utils', 'django_extensions', 'polymorphic', 'treebeard', 'modelcluster', 'taggit', 'phonenumber_field', 'django_measurement', 'django_prices', 'django_countries', 'djmoney', 'timezone_field', 'colorfield', 'jsonfield',
  'picklefield', 'netfields', 'encrypted_model_fields', 'encrypted_fields', 'fernet_fields', 'django_cryptography', 'multiselectfield', 'ckeditor', 'ckeditor_uploader', 'django_ckeditor_5', 'tinymce', 'imagekit', 'sorl', 'easy_thumbnails',
  'autoslug', 'django_fsm', 'shortuuidfield', 'psqlextra', 'sortedm2m', 'ordered_model', 'django_multitenant', 'django_scopes', 'django_tenants', 'organizations', 'parler', 'wagtail', 'versatileimagefield', 'localflavor', 'django_lifecycle',
  'dirtyfields', 'i18nfield', 'simple_history', 'oauth2_provider', 'django_celery_beat', 'rest_framework_api_key', 'bitfield',
  'softdelete', 'safedelete', 'django_softdelete', 'django_cte',
];

/** Django: its models, its migrations, its query sets. */
export const djangoLibrary: Library = {
  name: DJANGO,
  modules: ['django', ...MODELS],
  migrations: { kinds: ['django'], run: runMigration },
  // `from django import forms`.
  external: ({ module, path: [first, ...path] }) => (module === 'django' && first === 'forms' || module === 'django.core' && first === 'signing' ? { kind: 'external', module: `${module}.${first}`, path } : undefined),
  call: (callee, call, ctx) => (callee.kind === 'external' ? externalCall(callee, call, ctx) : libraryCall(callee, call, ctx)),
  method: (object, name, call, ctx) => (object.kind === 'library' ? libraryMethod(object, name, call, ctx) : externalMethod(object, name, call, ctx)),
  member: (object, name, location, ctx) => {
    if (object.kind === 'external') return undefined;
    if (object.type === 'model') return modelMember(object.data as DjangoModel, name, ctx);
    if (object.type === 'options') return optionsMember(object.data as DjangoModel, name);
    if (object.type === 'self') return selfMember(selfData(object, ctx)!, name, location, ctx);
    if (object.type === 'manager' && name === 'model') { const model = managerData(object, ctx)?.model; return model && { kind: 'library', library: DJANGO, type: 'model', data: model }; }
    return undefined;
  },
  operator: (operator, left, right, location, ctx) => joinedRows(operator, left, right, location, ctx) ?? operated(operator, left, right, location, ctx),
  classValue,
  instance,
  bound,
  inherited,
  rowMember,
  rowKey,
  rowMethod,
  rowsMethod: (rows, name, call, ctx) => onRows(rows, name, call, ctx),
  assigned: assign,
  used,
};

function nameOf({ module, path }: ExternalValue): string {
  return path.at(-1) ?? module.split('.').at(-1)!;
}

function externalCall(callee: ExternalValue, call: Call, ctx: Context): Value | undefined {
  const name = nameOf(callee);
  if (name === 'Q') return qValue({ kind: 'leaf', arguments: call.arguments, location: call.location });
  if (isOperationName(name)) return operationValue(name, call);
  if (isMetaName(name)) return metaValue(name, call);
  if (isExpressionName(name)) return expressionValue(name, call);
  if (isFieldName(name) && !/(?:^|\.)forms?(?:\.|$)/.test([callee.module, ...callee.path].join('.'))) return fieldValue(name, call);
  if (/Manager$/.test(name)) return callee.module.startsWith('django_scopes') ? scopedManager(call, ctx) : managerValue({});
  if (name === 'Prefetch') return prefetchCall(call, ctx);
  if (name === 'get_user_model') return userValue(ctx);
  const model = externalModel(callee, ctx);
  return model ? built(model, call, ctx) : shortcut(name, call, ctx);
}

function externalMethod(object: ExternalValue, name: string, call: Call, ctx: Context): Value | undefined {
  const own = nameOf(object);
  if (own === 'Manager' && name === 'from_queryset') return managerClass({ ...ownerOf(call.arguments.positional[0], ctx) });
  if (own === 'QuerySet' && name === 'as_manager') return managerValue({});
  if (own === 'apps' && name === 'get_model') return getModel(liveRegistry(ctx), call, ctx);
  if (own === 'connection' || own === 'connections') return connectionMethod(name);
  return undefined;
}

function ownerOf(value: Value | undefined, ctx: Context): Pick<ManagerData, 'querySet'> {
  const known = value && ctx.read(value);
  return known?.kind === 'classValue' ? { querySet: known } : {};
}

function managerClass(data: ManagerData): LibraryValue {
  return { kind: 'library', library: DJANGO, type: 'managerClass', data };
}

function libraryCall(callee: LibraryValue, call: Call, ctx: Context): Value | undefined {
  switch (callee.type) {
    case 'fieldClass': { const { name, dbType } = callee.data as { name: string; dbType?: string }; return fieldValue(name, call, dbType === undefined ? {} : { dbType }); }
    case 'operationClass': return operationValue(callee.data as string, call);
    case 'managerClass': return managerValue(callee.data as ManagerData);
    case 'querySetClass': return shortcut('querySet', call, ctx, callee.data as ClassValue);
    case 'model': return built(callee.data as DjangoModel, call, ctx);
    default: return undefined;
  }
}

function libraryMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  switch (object.type) {
    case 'apps': return name === 'get_model' ? getModel(object.data as Registry, call, ctx) : undefined;
    case 'schemaEditor': return schemaEditorMethod(name, call, ctx);
    // A method of the class, which instances have as well.
    case 'manager': case 'managerClass': if (name === 'from_queryset') return managerClass({ ...object.data as ManagerData, ...ownerOf(call.arguments.positional[0], ctx) });
      return object.type === 'manager' ? managerMethod(object, managerData(object, ctx)!, name, call, ctx) : undefined;
    case 'querySetClass': return name === 'as_manager' ? managerValue({ querySet: object.data as ClassValue }) : undefined;
    case 'self': return selfMethod(selfData(object, ctx)!, name, call, ctx);
    case 'super': return superMethod(object.data as Value, name, call, ctx);
    case 'cursor': return cursorMethod(name, call, ctx);
    case 'model': return modelMethod(object.data as DjangoModel, name);
    default: return undefined;
  }
}

function classValue(value: ClassValue, base: ExternalValue, ctx: Context): LibraryValue | undefined {
  const name = nameOf(base);
  if (isModelBase(name)) return classModel(value, base, ctx);
  if (isOperationName(name)) return { kind: 'library', library: DJANGO, type: 'operationClass', data: name };
  if (/Manager$/.test(name)) return managerClass({ owner: value });
  if (/QuerySet$/.test(name)) return { kind: 'library', library: DJANGO, type: 'querySetClass', data: value };
  return isFieldName(name) || name === 'Field' ? customField(value, base) : undefined;
}

/** An instance that stands for whatever a method is called on. */
function instance(value: InstanceValue, base: ExternalValue, ctx: Context): LibraryValue | undefined {
  const name = nameOf(base);
  if (isModelBase(name)) return selfValue(value, ctx);
  if (!/(?:Manager|QuerySet)$/.test(name)) return undefined;
  return managerValue({ ...usersOf(ctx).get(value.class.class), plain: true });
}

/** A manager or a field as an attribute of a model. */
function bound(value: LibraryValue, self: Value, owner: ClassValue, name: string, ctx: Context): Value | undefined {
  const known = ctx.read(self);
  if (value.type === 'manager') {
    const model = modelOfClass(owner, ctx);
    const data = value.data as ManagerData;
    if (model) for (const each of [data.owner, data.querySet]) if (each && !usersOf(ctx).has(each.class)) usersOf(ctx).set(each.class, { model, ...(data.context !== undefined && { context: data.context }) });
    return model && { ...value, data: { ...data, model } };
  }
  const field = value.type === 'field' && known.kind === 'instance' ? fieldData(value, ctx) : undefined;
  return field && known.kind === 'instance' ? boundField(field, known, name, ctx) ?? nullValue : undefined;
}
