import type { Call, Context, Library } from '../../library.js';
import { boundOf } from '../../sql-text.js';
import type { ClassValue, ExternalValue, LibraryValue, Value } from '../../values.js';
import { undefinedValue } from '../../values.js';
import { execute } from '../alembic/execute.js';
import { isModelBase } from './builtin.js';
import { classModel, customField } from './classes.js';
import { expressionValue, isExpressionName, operated, qValue } from './expressions.js';
import { DJANGO, fieldValue, isFieldName } from './fields.js';
import { isMetaName, metaValue } from './meta.js';
import { runMigration } from './migrate.js';
import { isOperationName, operationValue } from './operation-data.js';
import { getModel } from './run-python.js';
import type { Registry } from './spec.js';

/** Packages whose fields, bases and managers are those of models of Django. */
const MODELS = [
  'mptt', 'model_utils', 'django_extensions', 'polymorphic', 'treebeard', 'modelcluster', 'taggit', 'phonenumber_field', 'django_measurement', 'django_prices', 'django_countries', 'djmoney', 'timezone_field', 'colorfield', 'jsonfield', 'picklefield', 'netfields',
  'encrypted_model_fields', 'encrypted_fields', 'fernet_fields', 'django_cryptography', 'fernet', 'multiselectfield', 'ckeditor', 'ckeditor_uploader', 'django_ckeditor_5', 'tinymce', 'imagekit', 'sorl', 'easy_thumbnails', 'autoslug', 'django_fsm',
  'shortuuidfield', 'shortuuid', 'psqlextra', 'pgvector', 'sortedm2m', 'ordered_model', 'django_multitenant', 'django_scopes', 'django_tenants', 'organizations', 'parler', 'wagtail', 'versatileimagefield', 'localflavor', 'django_lifecycle', 'dirtyfields', 'simple_history', 'sequences', 'pgtrigger', 'address', 'recurrence', 'thumbnails', 'oauth2_provider', 'django_celery_beat', 'django_better_admin_arrayfield', 'rest_framework_api_key', 'bitfield', 'django_stubs_ext',
];

/** Django: its models, its migrations, its query sets. */
export const djangoLibrary: Library = {
  name: DJANGO,
  modules: ['django', ...MODELS],
  migrations: { kinds: ['django'], run: runMigration },
  call: (callee, call) => (callee.kind === 'external' ? externalCall(callee, call) : libraryCall(callee, call)),
  method: (object, name, call, ctx) => (object.kind === 'library' ? libraryMethod(object, name, call, ctx) : undefined),
  operator: operated,
  classValue: classValue,
};

function nameOf({ module, path }: ExternalValue): string {
  return path.at(-1) ?? module.split('.').at(-1)!;
}

function externalCall(callee: ExternalValue, call: Call): Value | undefined {
  const name = nameOf(callee);
  if (name === 'Q') return qValue({ kind: 'leaf', arguments: call.arguments, location: call.location });
  if (isOperationName(name)) return operationValue(name, call);
  if (isMetaName(name)) return metaValue(name, call);
  if (isExpressionName(name)) return expressionValue(name, call);
  if (isFieldName(name) && !/(?:^|\.)forms?(?:\.|$)/.test([callee.module, ...callee.path].join('.'))) return fieldValue(name, call);
  return undefined;
}

function libraryCall(callee: LibraryValue, call: Call): Value | undefined {
  if (callee.type === 'fieldClass') { const { name, dbType } = callee.data as { name: string; dbType?: string }; return fieldValue(name, call, dbType === undefined ? {} : { dbType }); }
  if (callee.type === 'operationClass') return operationValue(callee.data as string, call);
  return undefined;
}

function libraryMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (object.type === 'apps' && name === 'get_model') return getModel(object.data as Registry, call, ctx);
  if (object.type === 'schemaEditor' && name === 'execute' && call.arguments.positional[0]) {
    execute(call.arguments.positional[0], ctx, call.location, boundOf(call.arguments.positional[1] ?? call.arguments.named.get('params'), ctx));
    return undefinedValue;
  }
  return undefined;
}

function classValue(value: ClassValue, base: ExternalValue, ctx: Context): LibraryValue | undefined {
  const name = nameOf(base);
  if (isModelBase(name)) return classModel(value, base, ctx);
  if (isOperationName(name)) return { kind: 'library', library: DJANGO, type: 'operationClass', data: name };
  if (isFieldName(name) || name === 'Field') return customField(value, base);
  return undefined;
}
