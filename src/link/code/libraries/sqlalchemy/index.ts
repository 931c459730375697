import type { Call, Context, Library } from '../../library.js';
import type { ExternalValue, LibraryValue, Value } from '../../values.js';
import { columnCall, computedCall, foreignKeyCall, identityCall } from './columns.js';
import { connectionMember, connectionMethod, connectionValue, sessionValue, sharedSession } from './connection.js';
import { constraintCall } from './constraints.js';
import { dataOf, make, SQLALCHEMY } from './data.js';
import { dialectMember } from './dialect.js';
import { enumMethod } from './enums.js';
import { columnValue, expressionData, expressionMethod, expressionOf, expressionOperator, expressionTruth } from './expressions.js';
import { operator } from '../build.js';
import { expressionValue } from './expressions.js';
import { functionCall, packageCall } from './functions.js';
import { Given, libraryData, textOf } from './given.js';
import { loaderMethod } from './loaders.js';
import { inspectorMethod, inspectorValue } from './inspector.js';
import { metadataCall, metadataMember } from './metadata.js';
import { modelOf } from './models.js';
import { legacyItems, legacyMethod } from './legacy.js';
import { aliasOf, derivedMethod } from './subqueries.js';
import { entityAttribute, mappedAttribute, type ModelData } from './mapped.js';
import { existsMethod, queryMethod, sessionQuery, tableQuery } from './queries.js';
import { proxied, proxiedAttribute, proxyCall } from './proxies.js';
import { relatedData, relatedMethod } from './related.js';
import { givenAttribute } from './given-rows.js';
import { madeFrom, makeInstance, rowAssigned, rowMethod } from './session.js';
import { begunSession, sessionMaker } from './begun.js';
import { presumedSession } from './presumed.js';
import { backrefCall, relationshipCall } from './relationships.js';
import { repositoryMethod, repositoryOf } from './repositories.js';
import { resultItems, resultMember, resultMethod } from './results.js';
import { fieldCall } from './sqlmodel.js';
import { columnsAccessor, tableCall } from './table-objects.js';
import type { TableData } from './tables.js';
import { textData, textMethod } from './text.js';
import { isTypeBase, ownType } from './type-classes.js';
import { isTypeName, typeCall, typeOf, withVariant } from './types.js';

const SESSIONS = new Set(['Session', 'AsyncSession', 'scoped_session', 'async_scoped_session']);
const MAKERS = new Set(['sessionmaker', 'async_sessionmaker']);
const ENGINES = new Set(['Engine', 'AsyncEngine', 'Connection', 'AsyncConnection', 'create_engine', 'create_async_engine', 'engine_from_config', 'async_engine_from_config']);
/** Bases of Advanced Alchemy. */
const OWN_BASES = /^(?:UUID(?:v[67])?|BigInt|NanoID|Identity|Default)(?:Audit)?Base$/;
const BASES = new Set(['DeclarativeBase', 'DeclarativeBaseNoMeta', 'MappedAsDataclass', 'SQLModel', 'Model', 'AsyncAttrs']);
/** `@as_declarative()` makes a base of the class, `@registry.mapped` a model. */
const DECORATED_BASES = new Map<string, ExternalValue>([
  ['as_declarative', { kind: 'external', module: 'sqlalchemy.orm', path: ['DeclarativeBase'] }], ['as_declarative_base', { kind: 'external', module: 'sqlalchemy.orm', path: ['DeclarativeBase'] }],
  ...['mapped', 'mapped_as_dataclass'].map((name) => [name, { kind: 'external', module: 'sqlalchemy.orm', path: ['DeclarativeBase'], arguments: [] }] as const),
]);
const COLUMNS = new Set(['Column', 'mapped_column']);

/** The name of the package's member: `sa.Column`, `sa.orm.mapped_column`, `db.Column`. */
function nameOf({ module, path }: ExternalValue): string {
  return path.at(-1) ?? module.split('.').at(-1)!;
}

/** `declarative_base(metadata=...)`, `registry().generate_base()`: a base like DeclarativeBase, with its metadata. */
function baseValue(call: Call, ctx: Context): ExternalValue {
  const metadata = call.arguments.named.get('metadata') ?? call.arguments.positional.find((value) => dataOf(value, 'metadata', ctx) !== undefined);
  return { kind: 'external', module: 'sqlalchemy.orm', path: ['DeclarativeBase'], arguments: metadata ? [metadata] : [] };
}

function externalCall(callee: ExternalValue, call: Call, ctx: Context): Value | undefined {
  const name = nameOf(callee);
  if (callee.path.at(-2) === 'func') return functionCall(name, call, ctx);
  if (COLUMNS.has(name)) return columnCall(call, ctx, name === 'mapped_column');
  if (name === 'deferred' || name === 'query_expression') return call.arguments.positional[0];
  if (name === 'Field' && callee.module.startsWith('sqlmodel')) return fieldCall(call, ctx);
  if (isTypeName(name)) return typeCall(name, call, ctx);
  if (MAKERS.has(name)) return sessionMaker(call);
  if (SESSIONS.has(name)) return begunSession(ctx.connections.own(sessionValue(), 'always'), undefined, true, ctx);
  if (ENGINES.has(name)) return connectionValue();
  switch (name) {
    case 'ForeignKey': return foreignKeyCall(call, ctx);
    case 'Identity': return identityCall(call, ctx);
    case 'Computed': return computedCall(call, ctx);
    case 'Sequence': { const text = new Given(call, ['name'], ctx).text('name'); return make('sequence', text === undefined ? {} : { name: text }); }
    case 'MetaData': return metadataCall(call, ctx);
    case 'Table': return tableCall(call, ctx);
    case 'relationship': case 'Relationship': case 'dynamic_loader': return relationshipCall(call, ctx);
    case 'association_proxy': return proxyCall(call, ctx);
    case 'backref': return backrefCall(call, ctx);
    case 'declarative_base': case 'automap_base': return baseValue(call, ctx);
    case 'registry': return { ...baseValue(call, ctx), path: ['registry'] };
    case 'object_session': case 'async_object_session': return sessionOfObject(ctx);
    case 'inspect': return isConnection(call.arguments.positional[0], ctx) ? inspectorValue() : undefined;
    case 'from_engine': return inspectorValue();
    case 'SQLAlchemy': return flaskDatabase(call);
    default: return constraintCall(name, call, ctx) ?? packageCall(name, call, ctx);
  }
}

/** `object_session(note)`, `Session.object_session(note)`: whichever session has the object. */
function sessionOfObject(ctx: Context): LibraryValue {
  return begunSession(ctx.connections.own(sessionValue(), 'always'), undefined, false, ctx);
}

/** `SQLAlchemy(app, metadata=...)` of Flask-SQLAlchemy, or of a class of the project below it. */
function flaskDatabase(call: Call): ExternalValue {
  return { kind: 'external', module: 'flask_sqlalchemy', path: ['db'], arguments: [...call.arguments.named.values()] };
}

function isConnection(value: Value | undefined, ctx: Context): boolean {
  const known = value && ctx.read(value);
  return known?.kind === 'library' && known.library === SQLALCHEMY && (known.type === 'connection' || known.type === 'session');
}

function externalMethod(object: ExternalValue, name: string, call: Call, ctx: Context): Value | undefined {
  const path = object.path.at(-1);
  if (name === 'object_session' && SESSIONS.has(path ?? '')) return sessionOfObject(ctx);
  if (path === 'registry' && name === 'generate_base') return { ...object, path: ['DeclarativeBase'] };
  if (path === 'db' && object.module === 'flask_sqlalchemy') return databaseMethod(name, call, ctx);
  if (path === 'session' && object.module === 'flask_sqlalchemy') return connectionMethod(sharedSession(), name, call, ctx);
  if (name === 'with_variant') { const type = typeOf(object, ctx); return type && withVariant(type, call, ctx); }
  return undefined;
}

/** Flask-SQLAlchemy's `db.get_or_404(User, id)`, `db.first_or_404(select)`, `db.paginate(select)`. */
function databaseMethod(name: string, call: Call, ctx: Context): Value | undefined {
  const session = sharedSession();
  if (name === 'get_or_404') return connectionMethod(session, name, call, ctx);
  if (!/^(?:first_or_404|one_or_404|paginate)$/.test(name)) return undefined;
  const found = connectionMethod(session, 'scalars', call, ctx);
  if (found === undefined || name !== 'paginate') return found && resultMethod(found, 'one', ctx);
  const items = resultMethod(found, 'all', ctx);
  return items && ctx.allocate({ kind: 'object', entries: [{ kind: 'property', key: 'items', value: items, maybe: false, location: call.location }], location: call.location });
}

/** `db.Model`, `db.session`, `registry.metadata`. */
function externalMember(object: ExternalValue, name: string): Value | undefined {
  const last = object.path.at(-1);
  if (object.module === 'flask_sqlalchemy' && last === 'db') {
    if (name === 'session') return sharedSession();
    if (name === 'Model') return { kind: 'external', module: 'flask_sqlalchemy', path: ['Model'], ...(object.arguments && { arguments: object.arguments }) };
    if (name === 'engine') return connectionValue();
    return { kind: 'external', module: 'flask_sqlalchemy', path: [name] };
  }
  return name === 'metadata' && (last === 'registry' || last === 'DeclarativeBase') ? object.arguments?.[0] : undefined;
}

function libraryMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  switch (object.type) {
    case 'connection': case 'session': return connectionMethod(object, name, call, ctx);
    case 'sessionmaker': return name === 'begin' ? madeSession(object, ctx) : undefined;
    case 'result': return resultMethod(object, name, ctx);
    case 'inspector': return inspectorMethod(name, call, ctx);
    case 'dialect': if (name === 'quote' || name === 'quote_identifier') return quoted(call, ctx);
      if (name === 'type_descriptor') return call.arguments.positional[0];
      return name === 'has_table' ? inspectorMethod(name, withoutFirst(call), ctx) : undefined;
    case 'text': { const data = textData(object, ctx); return data && textMethod(data, name, call, ctx); }
    case 'type': { const data = dataOf(object, 'type', ctx); return data && (name === 'with_variant' ? withVariant(data, call, ctx) : enumMethod(data, name, call, ctx)); }
    case 'query': return legacyMethod(object, name, call, ctx) ?? queryMethod(object, name, call, ctx);
    case 'exists': return existsMethod(object, name, call, ctx);
    case 'repository': return repositoryMethod(object, name, call, ctx);
    case 'model': return modelMethod(object.data as ModelData, name, call, ctx);
    case 'loader': return loaderMethod(object, name, call, ctx);
    case 'related': { const data = relatedData(object, ctx); return data && relatedMethod(object, data, name, call, ctx); }
    case 'table': return tableMethod(object.data as TableData, name, call, ctx);
    case 'expression': return expressionMethod(object, expressionData(object, ctx)!, name, call, ctx);
    default: return undefined;
  }
}

/** `SessionLocal()`, `SessionLocal.begin()`. */
function madeSession(maker: LibraryValue, ctx: Context): LibraryValue {
  return begunSession(ctx.connections.own(sessionValue(), 'always'), maker, true, ctx);
}

/** `dialect.identifier_preparer.quote('user')`. */
function quoted(call: Call, ctx: Context): Value | undefined {
  const [first] = call.arguments.positional;
  const text = first && textOf(first, ctx);
  return text === undefined ? undefined : { kind: 'constant', value: `"${text.replaceAll('"', '""')}"` };
}

/** `dialect.has_table(connection, 'name')`. */
function withoutFirst(call: Call): Call {
  const { positional, locations } = call.arguments;
  return { ...call, arguments: { ...call.arguments, positional: positional.slice(1), locations: locations.slice(1) } };
}

function tableMethod(data: TableData, name: string, call: Call, ctx: Context): Value | undefined {
  return name === 'alias' ? aliasOf(data, call, ctx) : derivedMethod(data, name, call, ctx) ?? tableQuery(data, name, call, ctx);
}

function libraryMember(object: LibraryValue, name: string, location: Call['location'], ctx: Context): Value | undefined {
  switch (object.type) {
    case 'connection': case 'session': return connectionMember(object, name);
    case 'result': return resultMember(object, name, ctx);
    case 'dialect': return dialectMember(name);
    case 'inspector': return name === 'dialect' ? { kind: 'library', library: SQLALCHEMY, type: 'dialect', data: undefined } : undefined;
    case 'table': return name === 'c' || name === 'columns' ? columnsAccessor(object.data as TableData) : undefined;
    case 'columns': return columnValue(object.data as TableData, name, location);
    case 'entity': return entityAttribute(object.data as TableData, name, location, ctx) ?? proxied(object.data as TableData, name, location, ctx);
    case 'model': return modelMember(object.data as ModelData, name, location, ctx);
    case 'expression': return name === 'astext' || name === 'element' || name === 'expression' ? object : undefined;
    case 'metadata': return metadataMember(object, name, ctx);
    default: return undefined;
  }
}

/** Flask-SQLAlchemy's `User.query`; a class whose own code has no such attribute. */
function modelMember({ owner }: ModelData, name: string, location: Call['location'], ctx: Context): Value | undefined {
  return name === 'query' ? sessionQuery([owner], location, {}, ctx) : undefined;
}

/** SQLModel's `Hero.model_validate(body, update={...})`. */
function modelMethod({ owner }: ModelData, name: string, call: Call, ctx: Context): Value | undefined {
  return /^(?:model_validate|from_orm|parse_obj)$/.test(name) ? madeFrom(owner, call, ctx) : undefined;
}

function libraryOperator(sign: string, left: Value, right: Value | undefined, location: Call['location'], ctx: Context): Value | undefined {
  const known = ctx.read(left);
  if (sign === 'iterate') return known.kind === 'library' && known.type === 'query' ? legacyItems(known, ctx) : resultItems(left, ctx);
  if (sign === '[]' && known.kind === 'library' && known.type === 'columns' && right) {
    const text = textOf(right, ctx);
    return text === undefined ? undefined : columnValue(known.data as TableData, text, location);
  }
  return sign === 'with' || sign === 'exit' ? undefined : expressionOperator(sign, left, right, location, ctx);
}

/** `column.op('->>')('name')`, `sessionmaker()()`. */
function libraryCall(callee: LibraryValue, call: Call, ctx: Context): Value | undefined {
  if (callee.type === 'sessionmaker') return madeSession(callee, ctx);
  if (callee.type === 'flask') return flaskDatabase(call);
  if (callee.type === 'session' || callee.type === 'type') return callee;
  if (callee.type === 'model') return makeInstance((callee.data as ModelData).owner, call, ctx);
  const made = libraryData<{ left: Value; sign: string }>(callee, SQLALCHEMY, 'operator', ctx);
  const [right] = call.arguments.positional;
  if (!made || !right) return undefined;
  return expressionValue(operator(made.sign, expressionOf(made.left, ctx, call.location), expressionOf(right, ctx, call.location), call.location), [made.left, right], ctx);
}

/** SQLAlchemy, SQLModel and Flask-SQLAlchemy: models, the expression language, connections and sessions. */
export const sqlalchemyLibrary: Library = {
  name: SQLALCHEMY,
  modules: ['sqlalchemy', 'sqlmodel', 'flask_sqlalchemy', 'sqlalchemy_utils', 'pgvector', 'geoalchemy2', 'fastapi_users_db_sqlalchemy', 'advanced_alchemy', 'litestar.plugins.sqlalchemy', 'litestar.contrib.sqlalchemy'],
  call: (callee, call, ctx) => (callee.kind === 'external' ? externalCall(callee, call, ctx) : libraryCall(callee, call, ctx)),
  method: (object, name, call, ctx) => (object.kind === 'external' ? externalMethod(object, name, call, ctx) : libraryMethod(object, name, call, ctx)),
  member: (object, name, location, ctx) => (object.kind === 'external' ? externalMember(object, name) : libraryMember(object, name, location, ctx)),
  operator: libraryOperator,
  truth: (value, ctx) => (value.type === 'expression' ? expressionTruth(value, ctx) : undefined),
  presumed: presumedSession,
  typed: (type, _arguments, ctx) => {
    const name = nameOf(type);
    if (SESSIONS.has(name)) return begunSession(ctx.connections.own(sessionValue(), 'always'), undefined, false, ctx);
    return ENGINES.has(name) ? connectionValue() : undefined;
  },
  mapped: (owner, name, use, location, ctx) => (use === 'given' ? givenAttribute(owner, name, ctx) : undefined) ?? mappedAttribute(owner, name, use === 'class', location, ctx) ?? (use === 'class' ? proxiedAttribute(owner, name, location, ctx) : undefined),
  assigned: rowAssigned,
  rowMethod,
  key: (value, ctx) => { const expression = expressionData(value, ctx); return expression?.kind === 'column' ? expression.path.at(-1) : undefined; },
  instance: repositoryOf,
  decoratedBase: (decorator) => DECORATED_BASES.get(nameOf(decorator)),
  classValue: (value, base, ctx) => {
    const name = nameOf(base);
    if (BASES.has(name) || OWN_BASES.test(name)) return modelOf(value, base, ctx);
    if (name === 'SQLAlchemy' && base.module.startsWith('flask_sqlalchemy')) return { kind: 'library', library: SQLALCHEMY, type: 'flask', data: undefined };
    return isTypeBase(name) ? make('type', ownType(value, base, ctx)) : undefined;
  },
};
