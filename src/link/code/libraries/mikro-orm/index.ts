import { entryOf } from '../../../../entry.js';
import type { Location } from '../../../../facts/location.js';
import type { Call, Context, Library } from '../../library.js';
import { boundOf, operationsOfText, queriesOfText } from '../../sql-text.js';
import type { ClassValue, ExternalValue, InstanceValue, LibraryValue, RowValue, TypeInScope, Value } from '../../values.js';
import { undefinedValue, unknownValue } from '../../values.js';
import { applyDecorator, decorator, isDecorator } from '../entities/decorators.js';
import { classesOf, classOfType } from '../entities/evaluate.js';
import { emitEach, migrationInstance } from '../entities/migrations.js';
import { entityOf, entityOfClass, type Entity } from '../entities/registry.js';
import { presumedManager } from '../entities/presumed.js';
import { client, exportedPath } from '../sql-client.js';
import { builderMethod, sendBuilder } from './builder.js';
import { declareClass, declareSchema } from './entities.js';
import { relationOf, writtenColumn } from '../prisma/models.js';
import { assignTo, changeRow, managerMethod, repositoryMethod } from './manager.js';
import { MIKRO } from './members.js';

const DECORATORS = /^(?:Entity|Property|PrimaryKey|SerializedPrimaryKey|Enum|Embedded|Embeddable|ManyToOne|OneToOne|OneToMany|ManyToMany|Index|Unique|Filter|Formula|Check|Version|BeforeCreate|AfterCreate|BeforeUpdate|AfterUpdate|OnInit|OnLoad|BeforeDelete|AfterDelete)$/;
const MANAGERS = /EntityManager$/;
const REPOSITORIES = /EntityRepository$/;

/** What entity managers answer that are given an entity first. */
const OF_MANAGER = /^(?:find\w*|count|create|insert|insertMany|upsert|upsertMany|native(?:Insert|Update|Delete)|getRepository|getReference|createQueryBuilder|qb)$/;

/** MikroORM: entities by decorators and schemas, entity managers, repositories, filters and migrations. */
export const mikroOrmLibrary: Library = {
  name: MIKRO,
  modules: ['@mikro-orm/'],
  call: (callee, call, ctx) => (callee.kind === 'external' ? externalCall(callee, call, ctx) : isDecorator(callee) ? applyDecorator(callee, call, ctx) : undefined),
  member: (object, name) => (object.kind === 'library' ? member(object, name) : undefined),
  method: (object, name, call, ctx) => (object.kind === 'library' ? method(object, name, call, ctx) : externalCall({ ...object, path: [...object.path, name] }, call, ctx)),
  presumed: presumedManager(MIKRO, OF_MANAGER),
  typed, instance,
  classValue: (value, base, ctx) => (/Repository$|Migration$|Manager$/.test(exportedPath(base).at(-1) ?? '') ? undefined : entityValue(value, ctx)),
  decoratedClass: (value, _decorator, _call, ctx) => entityValue(value, ctx),
  decoratedBy: (value, ctx) => entityValue(value, ctx),
  awaited: (value, location, ctx) => (value.type === 'builder' ? sendBuilder(value, 'execute', location, ctx) : undefined),
  rowMethod,
  assigned: rowAssigned,
  changed: (object, entries, location, ctx) => {
    if (object.type === 'created') ctx.assign((object.data as { value: Value }).value, entries, location);
  },
  migrations: { kinds: ['mikro-orm'], run: runMigration },
};

function entityValue(value: ClassValue, ctx: Context): LibraryValue | undefined {
  const entity = entityOfClass(MIKRO, value.class, ctx) ?? declareClass(value, ctx);
  return entity && { kind: 'library', library: MIKRO, type: 'entity', data: entity };
}

function entityOfType(type: TypeInScope | undefined, ctx: Context): Entity | undefined {
  const found = type && classOfType(type, ctx);
  return found && (entityOfClass(MIKRO, found.class, ctx) ?? declareClass(found, ctx));
}

function typed(type: ExternalValue, typeArguments: readonly TypeInScope[], ctx: Context): Value | undefined {
  const name = exportedPath(type).at(-1) ?? '';
  if (MANAGERS.test(name)) return client(MIKRO, 'manager');
  if (name === 'MikroORM') return client(MIKRO, 'orm');
  return REPOSITORIES.test(name) ? { kind: 'library', library: MIKRO, type: 'repository', data: entityOfType(typeArguments[0], ctx) } : undefined;
}

/** Repositories, managers and migrations of one's own. */
function instance(value: InstanceValue, base: ExternalValue, ctx: Context): LibraryValue | undefined {
  const name = exportedPath(base).at(-1) ?? '';
  if (/Migration$/.test(name)) return client(MIKRO, 'migration');
  if (MANAGERS.test(name)) return client(MIKRO, 'manager');
  if (!REPOSITORIES.test(name)) return undefined;
  for (const each of classesOf(value.class, ctx)) {
    for (const type of each.class.baseTypes) {
      const found = entityOfType({ type, scope: each.scope }, ctx);
      if (found) return { kind: 'library', library: MIKRO, type: 'repository', data: found };
    }
  }
  return { kind: 'library', library: MIKRO, type: 'repository', data: undefined };
}

function externalCall(callee: ExternalValue, call: Call, ctx: Context): Value | undefined {
  const name = exportedPath(callee).at(-1) ?? '';
  const [first] = call.arguments.positional;
  if (name === 'EntitySchema' || name === 'defineEntity') return { kind: 'library', library: MIKRO, type: 'entity', data: declareSchema(first, call.location, ctx) };
  if (DECORATORS.test(name)) return decorator(MIKRO, name, call);
  switch (name) {
    case 'init': case 'initSync': case 'MikroORM': return client(MIKRO, 'orm');
    case 'raw': case 'sql': return { kind: 'library', library: MIKRO, type: 'raw', data: first ?? undefinedValue };
    case 'wrap': return { kind: 'library', library: MIKRO, type: 'wrapped', data: first ?? undefinedValue };
    case 'ref': case 'rel': return first;
    case 'InjectRepository': return { kind: 'library', library: MIKRO, type: 'repository', data: entityOf(MIKRO, first, ctx) };
    default: return undefined;
  }
}

function member(object: LibraryValue, name: string): Value | undefined {
  if (object.type === 'orm') return name === 'em' ? { ...object, type: 'manager' } : undefined;
  if (object.type === 'repository' && (name === 'em' || name === '_em')) return { ...object, type: 'manager', data: undefined };
  if (object.type === 'migration' && name === 'ctx') return client('knex', 'client');
  return undefined;
}

function method(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const [first = undefinedValue, second] = call.arguments.positional;
  switch (object.type) {
    case 'wrapped': return wrappedMethod(object.data as Value, name, call, ctx);
    case 'manager': return managerMethod(object, name, call, ctx);
    case 'repository': return repositoryMethod(object, name, call, ctx);
    case 'builder': return builderMethod(object, name, call, ctx);
    case 'connection': return name === 'execute' ? queriesOfText(first, boundOf(second, ctx), ctx, call.location, MIKRO, { question: 'values' }) : name === 'getKnex' ? client('knex', 'client') : name === 'getConnection' ? object : undefined;
    case 'orm': return name === 'close' || name === 'connect' ? object : undefined;
    case 'migration': return migrationMethod(name, call, ctx);
    case 'properties': return propertyBuilder([], name, call, ctx);
    case 'propertyBuilder': return propertyBuilder(object.data as readonly unknown[], name, call, ctx);
    default: return undefined;
  }
}

const RELATION_KINDS: Readonly<Record<string, string>> = { manyToOne: 'm:1', oneToOne: '1:1', oneToMany: '1:m', manyToMany: 'm:n', embedded: 'embedded' };

/** `p.string().nullable()`: the options of a property, call by call. */
function propertyBuilder(before: readonly unknown[], name: string, call: Call, ctx: Context): Value {
  const { location } = call;
  const [first] = call.arguments.positional;
  const add = (key: string, value: Value) => ({ kind: 'property', key, value, maybe: false, location });
  const constantOf = (value: string | boolean): Value => ({ kind: 'constant', value });
  const kind = before.length === 0 ? entryOf(RELATION_KINDS, name) : undefined;
  const entries = kind !== undefined ? [add('kind', constantOf(kind)), ...(first ? [add('entity', first)] : [])]
    : before.length === 0 ? [add('type', name === 'type' && first ? first : constantOf(name))] : [add(name === 'name' ? 'fieldName' : name, first ?? constantOf(true))];
  void ctx;
  return { kind: 'library', library: MIKRO, type: 'propertyBuilder', data: [...before, ...entries] };
}

/** `wrap(entity).assign(data)`. */
function wrappedMethod(value: Value, name: string, call: Call, ctx: Context): Value | undefined {
  if (name === 'assign') return assignTo(value, call.arguments.positional[0], { library: MIKRO, location: call.location, ctx });
  return /^(?:toObject|toPOJO|toJSON|toReference|init|populate)$/.test(name) ? value : undefined;
}

/** A property of a row is set: the next flush sends it. Of no interest is what says nothing of whose the row is. */
function rowAssigned(row: RowValue, name: string | undefined, to: Value, location: Location, ctx: Context): void {
  const model = row.result.entity?.model;
  const own = model && name !== undefined ? writtenColumn(model, name) : undefined;
  const isKey = own !== undefined && (relationOf(model!, name!) !== undefined || model!.constraints.some((each) => each.kind === 'foreignKey' && each.columns.includes(own)));
  if (isKey) changeRow(row, ctx.allocate({ kind: 'object', entries: [{ kind: 'property', key: name!, value: to, maybe: false, location }], location }), { library: MIKRO, location, ctx });
}

function rowMethod(row: RowValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (name === 'assign') return assignTo(row, call.arguments.positional[0], { library: MIKRO, location: call.location, ctx });
  return name === 'toJSON' || name === 'toObject' || name === 'init' || name === 'load' || name === 'loadOrFail' ? row : undefined;
}

/** `class X extends Migration { up() { this.addSql(...) } }`. */
function runMigration(lookup: (name: string) => Value | undefined, direction: 'up' | 'down', ctx: Context): boolean {
  const found = migrationInstance(lookup, direction, ctx);
  const migration = found && ctx.read(ctx.member(found, direction));
  if (migration?.kind !== 'function') return false;
  ctx.invoke(migration, [], migration.function.location);
  return true;
}

/** What a migration does: `addSql`, `execute`, `getKnex`. */
function migrationMethod(name: string, call: Call, ctx: Context): Value | undefined {
  const [first = undefinedValue, second] = call.arguments.positional;
  switch (name) {
    case 'addSql': {
      const known = ctx.read(first);
      emitEach(operationsOfText(known.kind === 'library' && known.type === 'raw' ? known.data as Value : first, ctx, call.location, boundOf(second, ctx), second === undefined ? {} : { question: 'values' }), ctx);
      return undefinedValue;
    }
    case 'execute': return queriesOfText(first, boundOf(second, ctx), ctx, call.location, MIKRO, second === undefined ? {} : { question: 'values' });
    case 'getKnex': return client('knex', 'client');
    case 'getEntityManager': return client(MIKRO, 'manager');
    case 'isTransactional': return unknownValue(name);
    default: return undefined;
  }
}
