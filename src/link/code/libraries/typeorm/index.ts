import type { CodeClass } from '../../../../facts/code.js';
import type { Call, Context, Library } from '../../library.js';
import type { ClassValue, ExternalValue, FunctionValue, InstanceValue, LibraryValue, RowValue, TypeInScope, Value } from '../../values.js';
import { applyDecorator, decorator, isDecorator } from '../entities/decorators.js';
import { classesOf, classOfType } from '../entities/evaluate.js';
import { entityOf, entityOfClass, type Entity } from '../entities/registry.js';
import { presumedManager } from '../entities/presumed.js';
import { client, exportedPath } from '../sql-client.js';
import { brackets, isBuilder, newBuilder } from './builder.js';
import { declareClass, noteChild } from './entities.js';
import { entitySchema } from './entity-schema.js';
import { classDecorations, names, TYPEORM } from './members.js';
import { runMigration, migrationMethod } from './migrations.js';
import { isOperatorName, operatorValue } from './operators.js';
import { paginated, paginatingModules } from './paginated.js';
import { mainAlias } from './query.js';
import { extended, managerMethod, repository, repositoryMethod, runnerMethod, type RepositoryData } from './repository.js';
import { builderMethod } from './run.js';
import { schemaObject } from './schema-objects.js';
import { remove, save } from './write.js';

const DECORATORS = /^(?:Entity|ViewEntity|ChildEntity|TableInheritance|Column|PrimaryColumn|PrimaryGeneratedColumn|CreateDateColumn|UpdateDateColumn|DeleteDateColumn|VersionColumn|ViewColumn|ObjectIdColumn|TreeLevelColumn|Generated|ManyToOne|OneToOne|OneToMany|ManyToMany|JoinColumn|JoinTable|Index|Unique|Check|Exclusion|RelationId|Tree|TreeParent|TreeChildren|EntityRepository|EventSubscriber|BeforeInsert|BeforeUpdate|AfterLoad|AfterInsert|AfterUpdate|BeforeRemove|AfterRemove|VirtualColumn)$/;
const MANAGERS = /^(?:EntityManager|DataSource|Connection|QueryRunnerManager)$/;
const REPOSITORIES = /^(?:Repository|TreeRepository|AbstractRepository)$/;

/** What managers and data sources answer that are given an entity first. */
const OF_MANAGER = /^(?:find|count|exists|insert|update|upsert|delete|softDelete|restore|sum|average|minimum|maximum|increment|decrement|create|save|remove|getRepository|getTreeRepository|createQueryBuilder|withRepository)(?!\w*Many$)\w*$/;

/** TypeORM: entities by decorators, repositories, entity managers, query builders and migrations. */
export const typeormLibrary: Library = {
  name: TYPEORM,
  modules: ['typeorm', '@nestjs/typeorm', 'typeorm-naming-strategies', 'typeorm-transactional', ...paginatingModules],
  call: (callee, call, ctx) => (callee.kind === 'external' ? externalCall(callee, call, ctx) : isDecorator(callee) ? applyDecorator(callee, call, ctx) : undefined),
  member: (object, name, _location, ctx) => (object.kind === 'library' ? member(object, name, ctx) : undefined),
  method: (object, name, call, ctx) => (object.kind === 'library' ? method(object, name, call, ctx) : externalCall({ ...object, path: [...object.path, name] }, call, ctx)),
  presumed: presumedManager(TYPEORM, OF_MANAGER),
  typed,
  instance,
  classValue: (value, base, ctx) => classValue(value, base, ctx),
  decoratedClass: (value, _decorator, _call, ctx) => entityValue(value, 'entity', ctx),
  decoratedBy: (value, ctx) => entityValue(value, 'entity', ctx),
  rowMethod,
  parameters,
  migrations: { kinds: ['typeorm'], run: runMigration },
};

function entityValue(value: ClassValue, type: 'entity' | 'record', ctx: Context): LibraryValue | undefined {
  const known = entityOfClass(TYPEORM, value.class, ctx);
  if (known === undefined && classDecorations(value, ctx).some(({ name }) => name === 'ChildEntity')) noteChild(value, ctx);
  const entity = known ?? declareClass(value, ctx);
  return entity && { kind: 'library', library: TYPEORM, type, data: entity };
}

/** Entities of the active record, and classes that extend something of TypeORM. */
function classValue(value: ClassValue, base: ExternalValue, ctx: Context): LibraryValue | undefined {
  const name = exportedPath(base).at(-1) ?? '';
  if (name === 'BaseEntity') return entityValue(value, 'record', ctx);
  return REPOSITORIES.test(name) || MANAGERS.test(name) ? undefined : entityValue(value, 'entity', ctx);
}

/** Instances of repositories and managers of one's own, and of entities of the active record. */
function instance(value: InstanceValue, base: ExternalValue, ctx: Context): LibraryValue | undefined {
  const name = exportedPath(base).at(-1) ?? '';
  if (REPOSITORIES.test(name)) return repository(repositoryEntity(value, ctx));
  if (MANAGERS.test(name)) return client(TYPEORM, 'manager');
  return name === 'BaseEntity' ? { kind: 'library', library: TYPEORM, type: 'recordInstance', data: value } : undefined;
}

/** The entity of `class Users extends Repository<User>`: the first type argument on the way up that names one. */
function repositoryEntity({ class: owner }: InstanceValue, ctx: Context): Entity | undefined {
  for (const each of classesOf(owner, ctx)) {
    for (const type of each.class.baseTypes) {
      const found = entityOfType({ type, scope: each.scope }, ctx);
      if (found) return found;
    }
    const decorated = classDecorations(each, ctx).find(({ name }) => name === 'EntityRepository');
    const entity = decorated && entityOf(TYPEORM, decorated.args[0], ctx);
    if (entity) return entity;
  }
  return undefined;
}

function entityOfType(type: TypeInScope | undefined, ctx: Context): Entity | undefined {
  const found = type && classOfType(type, ctx);
  return found && (entityOfClass(TYPEORM, found.class, ctx) ?? declareClass(found, ctx));
}

function typed(type: ExternalValue, typeArguments: readonly TypeInScope[], ctx: Context): Value | undefined {
  const name = exportedPath(type).at(-1) ?? '';
  if (REPOSITORIES.test(name)) return repository(entityOfType(typeArguments[0], ctx));
  if (MANAGERS.test(name)) return client(TYPEORM, 'manager');
  if (name === 'QueryRunner') return client(TYPEORM, 'queryRunner');
  if (/QueryBuilder$/.test(name)) return newBuilder(ctx, [{ method: 'parameter', args: [], location: { file: ctx.file, start: 0, end: 0 } }]);
  return undefined;
}

function externalCall(callee: ExternalValue, call: Call, ctx: Context): Value | undefined {
  const name = exportedPath(callee).at(-1) ?? '';
  if (paginatingModules.includes(callee.module)) return paginated(callee, call, ctx);
  if (DECORATORS.test(name)) return decorator(TYPEORM, name, call);
  if (isOperatorName(name)) return operatorValue(name, call.arguments.positional);
  if (call.isNew && MANAGERS.test(name)) return client(TYPEORM, 'manager');
  if (name === 'Brackets' || name === 'NotBrackets') return brackets(call, name === 'NotBrackets', ctx);
  if (call.isNew) return name === 'EntitySchema' ? entitySchema(call, ctx) : schemaObject(name, call);
  switch (name) {
    case 'getRepository': case 'getTreeRepository': case 'getCustomRepository': case 'getManager': case 'getConnection': case 'createConnection': case 'createQueryBuilder': {
      const manager = client(TYPEORM, 'manager');
      return /Repository|createQueryBuilder/.test(name) ? managerMethod(manager, name, call, ctx) : manager;
    }
    case 'InjectRepository': return repository(entityOf(TYPEORM, call.arguments.positional[0], ctx));
    default: return undefined;
  }
}

function member(object: LibraryValue, name: string, ctx: Context): Value | undefined {
  switch (object.type) {
    case 'repository':
      if (name === 'manager') return { ...object, type: 'manager', data: undefined };
      if (name === 'metadata') return { ...object, type: 'metadata' };
      return name === 'target' ? { kind: 'unknown', reason: `${name} of a repository` } : undefined;
    case 'metadata': {
      const { entity } = object.data as RepositoryData;
      return entity !== undefined && name === 'tableName' ? { kind: 'constant', value: entity.model.name.name } : { kind: 'unknown', reason: `${name} of an entity` };
    }
    case 'builder': {
      const alias = name === 'alias' && isBuilder(object) ? mainAlias(object, ctx) : undefined;
      return alias === undefined ? undefined : { kind: 'constant', value: alias };
    }
    case 'manager':
      if (name === 'manager') return object;
      if (name === 'queryRunner') return { ...object, type: 'queryRunner' };
      if (name === 'options' || name === 'driver') return { ...object, type: 'options' };
      return name === 'connection' || name === 'dataSource' ? object : undefined;
    // Only PostgreSQL is read: code that asks for the database runs as it does there.
    case 'options': return name === 'type' ? { kind: 'constant', value: 'postgres' } : name === 'options' ? object : undefined;
    case 'queryRunner': return name === 'manager' || name === 'connection' || name === 'dataSource' ? { ...object, type: 'manager' } : name === 'isTransactionActive' ? { kind: 'constant', value: true } : undefined;
    case 'names': return names(object.data === '' ? name : `${object.data as string}.${name}`);
    default: return undefined;
  }
}

function method(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  switch (object.type) {
    case 'repository': {
      const { entity, own } = object.data as RepositoryData;
      if (name === 'extend') return extended(object, call.arguments.positional[0]);
      const extension = own && ctx.read(ctx.member(own, name));
      if (extension?.kind === 'function') return ctx.invoke({ ...extension, self: object }, call.arguments.positional, call.location);
      return repositoryMethod(object, entity, name, call, ctx);
    }
    case 'record': return name === 'getRepository' ? repository(object.data as Entity) : repositoryMethod(object, object.data as Entity, name, call, ctx);
    case 'recordInstance': return recordMethod(object, name, call, ctx);
    case 'manager': return managerMethod(object, name, call, ctx);
    case 'queryRunner': return migrationMethod(object, name, call, ctx) ?? runnerMethod(object, name, call, ctx);
    case 'builder': return isBuilder(object) ? builderMethod(object, name, call, ctx) : undefined;
    default: return undefined;
  }
}

/** `user.save()` of an entity of the active record. */
function recordMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const value = object.data as InstanceValue;
  const entity = entityOfClass(TYPEORM, value.class.class, ctx);
  const site = { library: TYPEORM, name, args: [], location: call.location, ctx };
  if (name === 'save') return save(value, entity, site);
  return /^(remove|softRemove|recover)$/.test(name) ? remove(value, entity, site) : undefined;
}

function rowMethod(row: RowValue, name: string, call: Call, ctx: Context): Value | undefined {
  const site = { library: TYPEORM, name, args: [], location: call.location, ctx };
  if (row.path.length > 0) return undefined;
  if (name === 'save') return save(row, undefined, site);
  if (/^(remove|softRemove|recover)$/.test(name)) return remove(row, undefined, site);
  return name === 'reload' ? row : undefined;
}

/** `@InjectRepository(User)` on a parameter whose type does not say which entity. */
function parameters(fn: FunctionValue, _decorators: unknown, ctx: Context): readonly (Value | undefined)[] | undefined {
  const { function: code } = fn;
  if (code.name !== 'constructor' || !code.parameters.some(({ decorators }) => decorators.length > 0)) return undefined;
  const found = code.parameters.map((parameter): Value | undefined => {
    const given = parameter.decorators.map((each) => ctx.read(ctx.evaluate(each, fn.scope))).find((each) => each.kind === 'library' && each.type === 'repository');
    const known = parameter.type && ctx.typed({ type: parameter.type, scope: fn.scope });
    const value = known && ctx.read(known);
    if (given === undefined || value?.kind === 'instance') return undefined;
    return value?.kind === 'library' && (value.data as RepositoryData | undefined)?.entity !== undefined ? undefined : given;
  });
  return found.some((each) => each !== undefined) ? found : undefined;
}

export type { CodeClass };
