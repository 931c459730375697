import { unknownQuery } from '../entities/site.js';
import { migrationFiles } from '../../store.js';
import { isOfAny, type Call, type Context, type Library } from '../../library.js';
import { fragmentValue } from '../../sql-pieces.js';
import { queriesOfText, boundOf } from '../../sql-text.js';
import type { ClassValue, ExternalValue, InstanceValue, LibraryValue, Value } from '../../values.js';
import { undefinedValue, unknownValue } from '../../values.js';
import { applyDecorator, decorator, isDecorator } from '../entities/decorators.js';
import { isGiven, option, textOf } from '../entities/given.js';
import { entityNamed, entityOfClass, type Entity } from '../entities/registry.js';
import { asObject } from '../entities/writing.js';
import { fieldsOf } from '../objects.js';
import { client, exportedPath, runCallbacks } from '../sql-client.js';
import { declareDecorated } from './decorated.js';
import { noteHook } from './hooks.js';
import { interfaceMethod, runMigration } from './migrations.js';
import { defineModel, noteDefaults, type DeclaredAttribute } from './models.js';
import { ownMember, setOnModel } from './own-members.js';
import { built, modelMethod, rowMethod, setEntries } from './statics.js';
import { isTypeName, SEQUELIZE } from './types.js';

const DECORATORS = /^(?:Table|Column|Attribute|PrimaryKey|AutoIncrement|AllowNull|NotNull|Default|Unique|ForeignKey|BelongsTo|HasOne|HasMany|BelongsToMany|CreatedAt|UpdatedAt|DeletedAt|Index|createIndexDecorator|Scopes|DefaultScope|Comment|IsUUID|Is\w*|Not\w*|Length|Max|Min|Before\w+|After\w+|Validate\w*)$/;

/** Sequelize, and the classes of sequelize-typescript. */
export const sequelizeLibrary: Library = {
  name: SEQUELIZE,
  modules: ['sequelize', '@sequelize/core', 'sequelize-typescript'],
  external: ({ path }) => (path.length > 1 && path.at(-2) === 'Op' ? { kind: 'constant', value: `Op.${path.at(-1)!}` } : undefined),
  call: (callee, call, ctx) => (callee.kind === 'external' ? externalCall(callee, call, ctx) : libraryCall(callee, call, ctx)),
  member: (object, name, _location, ctx) => (object.kind === 'library' ? member(object, name, ctx) : undefined),
  method: (object, name, call, ctx) => (object.kind === 'library' ? method(object, name, call, ctx) : externalCall({ ...object, path: [...object.path, name] }, call, ctx)),
  presumed: (name, { arguments: { positional } }, ctx) => (name === 'define' && isAttributes(positional[1], ctx) ? client(SEQUELIZE, 'client') : undefined),
  typed: (type) => typed(exportedPath(type).at(-1) ?? ''),
  classValue: (value, base, ctx) => (isModel(base) ? classModel(value, ctx) : undefined),
  instance: (value, base) => (isModel(base) ? { kind: 'library', library: SEQUELIZE, type: 'instance', data: value } : isSequelize(base) ? client(SEQUELIZE, 'client') : undefined),
  rowMethod,
  changed: (object, entries, location, ctx) => {
    if (object.type === 'model') setOnModel(object, entries, ctx);
    if (object.type === 'built') ctx.assign((object.data as { value: Value }).value, entries, location);
  },
  migrations: { kinds: ['sequelize'], run: runMigration },
};

/** `{ id: { type: DataTypes.UUID }, body: DataTypes.TEXT }`. */
function isAttributes(value: Value | undefined, ctx: Context): boolean {
  return valuesIn(value, ctx).some((given) => isType(given) || valuesIn(given, ctx).some(isType));
}

function valuesIn(value: Value | undefined, ctx: Context): Value[] {
  const known = value && ctx.read(value);
  return known?.kind === 'object' ? known.entries.flatMap((entry) => (entry.kind === 'property' ? [ctx.read(entry.value)] : [])) : [];
}

function isType(value: Value): boolean {
  return value.kind === 'external' ? isOfAny(value.module, ['sequelize', '@sequelize/core']) : value.kind === 'library' && value.library === SEQUELIZE;
}

function isModel(base: ExternalValue): boolean {
  return exportedPath(base).at(-1) === 'Model';
}

function isSequelize(base: ExternalValue): boolean {
  return /^(Sequelize)?$/.test(exportedPath(base).at(-1) ?? '');
}

/** A class that extends Model: a model once it is decorated or `init` was called. */
function classModel(value: ClassValue, ctx: Context): LibraryValue {
  const entity = entityOfClass(SEQUELIZE, value.class, ctx) ?? declareDecorated(value, ctx);
  return entity ? { kind: 'library', library: SEQUELIZE, type: 'model', data: entity } : { kind: 'library', library: SEQUELIZE, type: 'modelClass', data: value };
}

function typed(name: string): Value | undefined {
  if (name === 'Sequelize') return client(SEQUELIZE, 'client');
  return name === 'QueryInterface' ? client(SEQUELIZE, 'interface') : undefined;
}

function externalCall(callee: ExternalValue, call: Call, ctx: Context): Value | undefined {
  const name = exportedPath(callee).at(-1) ?? '';
  const [first] = call.arguments.positional;
  if (isTypeName(name)) return { kind: 'library', library: SEQUELIZE, type: 'dataType', data: { name, args: call.arguments.positional } };
  if (call.isNew && (name === 'Sequelize' || name === '')) {
    for (const each of call.arguments.positional) noteDefaults(each, ctx);
    return client(SEQUELIZE, 'client');
  }
  if (name === 'literal' || name === 'fn' || name === 'col' || name === 'where' || name === 'cast' || name === 'json') return { kind: 'library', library: SEQUELIZE, type: name, data: first ?? undefinedValue };
  return DECORATORS.test(name) ? decorator(SEQUELIZE, name, call) : undefined;
}

function libraryCall(callee: LibraryValue, call: Call, ctx: Context): Value | undefined {
  if (isDecorator(callee)) return applyDecorator(callee, call, ctx);
  if (callee.type === 'dataType') return callee;
  // new User({...}) of a model that was defined.
  if (callee.type === 'model' && call.isNew) return (callee.data as Entity).owner === undefined || call.arguments.positional.length > 0 ? built(callee.data as Entity, call.arguments.positional[0], call.location, ctx) : undefined;
  return undefined;
}

function member(object: LibraryValue, name: string, ctx: Context): Value | undefined {
  switch (object.type) {
    case 'client':
      if (name === 'models') return { ...object, type: 'models' };
      return name === 'Op' || name === 'Sequelize' || name === 'DataTypes' ? { kind: 'external', module: 'sequelize', path: name === 'Sequelize' ? [] : [name] } : undefined;
    case 'models': return { kind: 'library', library: SEQUELIZE, type: 'named', data: name, ...(object.access && { access: object.access }) };
    case 'interface': return name === 'sequelize' ? { ...object, type: 'client' } : name === 'queryGenerator' ? { ...object, type: 'generator' } : undefined;
    case 'dataType': return object;
    case 'instance': case 'built': return name === 'sequelize' ? client(SEQUELIZE, 'client') : undefined;
    case 'model': return name === 'sequelize' ? client(SEQUELIZE, 'client') : name === 'name' ? { kind: 'constant', value: (object.data as Entity).name } : ownMember(object, name, ctx);
    default: return undefined;
  }
}

function method(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  switch (object.type) {
    case 'model': return modelMethod(object, name, call, ctx);
    case 'modelClass': return name === 'init' || name === 'initialize' ? initialized(object.data as ClassValue, call, ctx) : undefined;
    case 'named': {
      const entity = entityNamed(SEQUELIZE, object.data as string, ctx);
      return entity && modelMethod({ ...object, type: 'model', data: entity }, name, call, ctx);
    }
    case 'client': return clientMethod(object, name, call, ctx);
    case 'interface': return interfaceMethod(object, name, call, ctx);
    // What it writes is quoted.
    case 'generator': return fragmentValue(SEQUELIZE, [{ kind: 'hole', written: name, pasted: false, location: call.location }]);
    case 'built': return builtMethod(object, name, call, ctx);
    case 'instance': return instanceMethod(object, name, call, ctx);
    case 'dataType': return object;
    default: return undefined;
  }
}

/** `User.init(attributes, options)`. */
function initialized(owner: ClassValue, call: Call, ctx: Context): Value {
  const [attributes, options] = call.arguments.positional;
  defineModel({ name: owner.class.name ?? 'Model', attributes: () => attributesOf(attributes, ctx), options, location: owner.class.location, owner }, ctx);
  return owner;
}

function attributesOf(value: Value | undefined, ctx: Context): readonly DeclaredAttribute[] {
  const known = value && ctx.read(value);
  return known?.kind === 'object' ? fieldsOf(known, ctx).given.map(({ key, value: own, location }) => ({ name: key, value: own, location })) : [];
}

function clientMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const [first, second, third] = call.arguments.positional;
  switch (name) {
    case 'define': {
      const entity = textOf(first, ctx);
      return entity === undefined ? undefined : { ...object, type: 'model', data: defineModel({ name: entity, attributes: () => attributesOf(second, ctx), options: third, location: call.location }, ctx) };
    }
    case 'model': {
      const entity = entityNamed(SEQUELIZE, textOf(first, ctx) ?? '', ctx);
      return entity && { ...object, type: 'model', data: entity };
    }
    case 'query': return rawQuery(object, call, ctx);
    case 'transaction': return transaction(call, ctx);
    case 'getQueryInterface': return { ...object, type: 'interface' };
    case 'literal': case 'fn': case 'col': case 'where': case 'cast': return { kind: 'library', library: SEQUELIZE, type: name, data: first ?? undefinedValue };
    // Only PostgreSQL is read.
    case 'getDialect': return { kind: 'constant', value: 'postgres' };
    case 'escape': return unknownValue('an escaped value');
    default: return noteHook(undefined, name, call, ctx) || /^(authenticate|sync|close|addModels|addHook|import)$/.test(name) ? undefinedValue : undefined;
  }
}

/** A managed transaction; in a migration its statements are one transaction. */
function transaction(call: Call, ctx: Context): Value {
  const { location } = call;
  const callbacks = call.arguments.positional.filter((each) => ctx.read(each).kind === 'function');
  const handle = ctx.input('the transaction', 'trusted');
  if (callbacks.length === 0) return handle;
  const isMigration = migrationFiles(ctx).has(ctx.file);
  const emit = (action: 'begin' | 'commit'): void => {
    if (isMigration) ctx.emit({ kind: 'operations', operations: [{ kind: 'transaction', action, location }], location });
  };
  emit('begin');
  const result = runCallbacks(call, ctx, [handle]);
  emit('commit');
  return result;
}

/** `query(sql, { replacements, bind, type })`: rows, or rows and metadata. */
function rawQuery(object: LibraryValue, call: Call, ctx: Context): Value {
  const [text = undefinedValue, options] = call.arguments.positional;
  const given = option(options, 'replacements', ctx) ?? option(options, 'bind', ctx);
  const inner = ctx.read(text);
  const sql = inner.kind === 'object' ? option(inner, 'query', ctx) ?? option(inner, 'raw', ctx) ?? text : text;
  const rows = queriesOfText(sql, boundOf(given, ctx), ctx, call.location, SEQUELIZE, {
    ...(given && ctx.read(given).kind === 'list' && option(options, 'replacements', ctx) && { question: 'values' as const }), ...(object.access && { access: object.access }),
  });
  if (isGiven(option(options, 'type', ctx), ctx) || isGiven(option(options, 'model', ctx), ctx)) return rows;
  const item = (value: Value) => ({ value, maybe: false, repeated: false });
  return ctx.allocate({ kind: 'list', form: 'list', location: call.location, items: [item(rows), item(unknownValue('the metadata of a query'))] });
}

/** `build(...).save()`. */
function builtMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const { entity, value } = object.data as { entity: Entity; value: Value };
  const model: LibraryValue = { kind: 'library', library: SEQUELIZE, type: 'model', data: entity };
  if (name === 'save') return modelMethod(model, 'create', { ...call, arguments: { ...call.arguments, positional: [value] } }, ctx);
  if (name !== 'set' && name !== 'setDataValue') return undefined;
  ctx.assign(value, setEntries(call, ctx), call.location);
  return object;
}

/** A row that is typed as its class: where it comes from is not known here. */
function instanceMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const value = object.data as InstanceValue;
  const entity = entityOfClass(SEQUELIZE, value.class.class, ctx) ?? declareDecorated(value.class, ctx);
  const site = { library: SEQUELIZE, location: call.location, ctx };
  if (entity && name === 'save' && value.given !== true && value.fields.size > 0) {
    return modelMethod({ kind: 'library', library: SEQUELIZE, type: 'model', data: entity }, 'create', { ...call, arguments: { ...call.arguments, positional: [ctx.allocate(asObject(value))] } }, ctx);
  }
  if (/^(save|update|destroy|restore|increment|decrement)$/.test(name)) return unknownQuery(site, 'The row is passed in: where it was read is not known here');
  return name === 'get' || name === '$get' ? unknownValue(name) : undefined;
}
