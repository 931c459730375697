import type { Call, Context, Library } from '../../library.js';
import type { ExternalValue, LibraryValue, TypeInScope, Value } from '../../values.js';
import { undefinedValue, unknownValue } from '../../values.js';
import { hole } from '../build.js';
import { exportedPath } from '../sql-client.js';
import { builderMethod, clientMember, clientMethod, clientValue, newClient, presumedClient, queryMember, relationalMethod, setOperation, withQuery } from './client.js';
import { describeColumn, type ColumnBuilder } from './columns.js';
import { describeConstraint } from './constraints.js';
import { columnName, dataOf, DRIZZLE, expressionValue, made, setCasing, sourceOf, textOf, type BuilderData, type ColumnData, type ExpressionData, type SqlData, type TableSource } from './data.js';
import { operatorCall } from './operators.js';
import { declaredRelation, declareRelations, defineRelations, relationHelper } from './relations.js';
import { policyMethod } from './policies.js';
import { run } from './run.js';
import { columnFunctionCall, columnFunctionMember, definitions, namedSchemaMethod, schemaCall, tableColumns, tableMakerCall, viewMethod, withRowSecurity } from './schema.js';
import { isSetOperation } from './select.js';
import { memberOfSource } from './selection.js';
import { appendable, sqlHelper, sqlMethod, sqlTag } from './sql.js';
import { property } from '../sql-client.js';

/** Drizzle ORM: tables declared in code, query builders, relational queries, sql`...`. */
export const drizzleLibrary: Library = {
  name: DRIZZLE,
  modules: ['drizzle-orm', 'drizzle-kit'],
  call: (callee, call, ctx) => (callee.kind === 'external' ? externalCall(callee, call, ctx) : libraryCall(callee, call, ctx)),
  member: (object, name, _location, ctx) => (object.kind === 'library' ? member(object, name, ctx) : undefined),
  method: (object, name, call, ctx) => (object.kind === 'library' ? method(object, name, call, ctx) : externalCall({ ...object, path: [...object.path, name] }, call, ctx)),
  presumed: presumedClient,
  hook: (fn, ctx) => definitions(ctx).has(fn.function),
  tag: (tag, call, ctx) => tagged(tag, call, ctx),
  typed: (type, typeArguments, ctx) => typed(type, typeArguments, ctx),
  operator: (operator, left, right, _location, ctx) => (operator === '[]' ? indexed(ctx.read(left), right, ctx) : undefined),
  awaited: (value, location, ctx) => (dataOf<BuilderData>(value, 'builder') ? run(value, location, 'list', ctx) : undefined),
};

function externalCall(callee: ExternalValue, call: Call, ctx: Context): Value | undefined {
  const path = exportedPath(callee);
  const name = path.at(-1);
  const [first, second] = call.arguments.positional;
  if (name === undefined) return undefined;
  if (path.at(-2) === 'sql') return appendable(sqlHelper(name, call, ctx), ctx);
  if (path.at(-2) === 'relation') return declaredRelation(name === 'many', first, second);
  if (call.template) return name === 'sql' ? appendable(sqlTag(call), ctx) : undefined;
  const made = exportedCall(name, callee, call, ctx);
  if (made !== NOTHING) return made;
  if (isSetOperation(name)) return setOperation(name, call, ctx);
  const isOfDialect = !['drizzle-orm', 'drizzle-orm/sql', 'drizzle-orm/expressions'].includes(callee.module);
  return (isOfDialect ? undefined : operatorCall(name, call, ctx)) ?? schemaCall(callee, name, call, ctx) ?? operatorCall(name, call, ctx);
}

/** Another name than those of `exportedCall`. */
const NOTHING = Symbol('nothing');

/** Functions of the packages that make no column, constraint or operator. */
function exportedCall(name: string, callee: ExternalValue, call: Call, ctx: Context): Value | undefined | typeof NOTHING {
  const [first, second] = call.arguments.positional;
  switch (name) {
    case 'drizzle': case 'mock': return newClient(callee.module, call, ctx);
    case 'withReplicas': return first;
    case 'QueryBuilder': return made('client', { module: callee.module });
    case 'defineConfig': {
      const config = first && ctx.read(first);
      setCasing(config?.kind === 'object' ? property(config.entries, 'casing') : undefined, ctx);
      return undefinedValue;
    }
    case 'relations': return declareRelations(call, ctx);
    case 'defineRelations': case 'defineRelationsPart': return defineRelations(call, ctx);
    case 'alias': case 'aliasedTable': return aliased(first, textOf(second, ctx), ctx);
    case 'getTableColumns': case 'getColumns': case 'getViewSelectedFields': return tableColumns(first, call, ctx);
    case 'placeholder': case 'param': return sqlHelper(name, call, ctx);
    case 'getTableName': {
      const source = first && sourceOf(ctx.read(first));
      return source?.kind === 'table' ? { kind: 'constant', value: source.name.name } : undefined;
    }
    case 'migrate': return undefinedValue;
    default: return NOTHING;
  }
}

function aliased(table: Value | undefined, alias: string | undefined, ctx: Context): Value | undefined {
  const value = table && ctx.read(table);
  const source = sourceOf(value);
  return source?.kind === 'table' && alias !== undefined ? made('table', { ...source, alias } satisfies TableSource) : undefined;
}

/** A value that is called: enums and custom types, table creators, methods taken from their client. */
function libraryCall(callee: LibraryValue, call: Call, ctx: Context): Value | undefined {
  switch (callee.type) {
    case 'columnFunction': return columnFunctionCall(callee, call, ctx);
    case 'tableMaker': return tableMakerCall(callee, call, ctx);
    case 'viewMaker': return undefined;
    case 'clientMethod': {
      const { client, name } = callee.data as { client: LibraryValue; name: string };
      return clientMethod(client, name, call, ctx);
    }
    default: return undefined;
  }
}

function method(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  switch (object.type) {
    case 'client': return clientMethod(object, name, call, ctx);
    case 'clientMethod': return name === 'bind' ? object : undefined;
    case 'builder': return builderMethod(object, name, call, ctx);
    case 'relationalTable': return relationalMethod(object, name, call, ctx);
    case 'prepared': return name === 'execute' || name === 'all' || name === 'get' || name === 'values' || name === 'run'
      ? run(object.data as LibraryValue, call.location, name === 'get' ? 'one' : 'list', ctx, call.arguments.positional[0]) : undefined;
    case 'withName': return name === 'as' ? withQuery(object.data as { name: string; client: LibraryValue }, call, ctx) : undefined;
    case 'setOperators': return undefined;
    case 'columnBuilder': return describeColumn(object.data as ColumnBuilder, name, call, ctx);
    case 'constraint': return describeConstraint(object, name, call);
    case 'namedSchema': return namedSchemaMethod(object, name, call, ctx);
    case 'viewMaker': return viewMethod(object, name, call, ctx);
    case 'sql': return sqlMethod(object.data as SqlData, object, name, call, ctx);
    case 'expression': return expressionMethod(object, name, call, ctx);
    case 'table': return name === 'enableRLS' ? withRowSecurity(object, ctx) : name === 'getSQL' || name === 'as' ? object : undefined;
    case 'policy': case 'role': return policyMethod(object, name, call, ctx);
    case 'column': return columnMethod(object, name, call, ctx);
    case 'relationOne': case 'relationMany':
      return declaredRelation(object.type === 'relationMany', ctx.member(object.data as Value, name), call.arguments.positional[0]);
    default: return undefined;
  }
}

function expressionMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const data = object.data as ExpressionData;
  if (name === 'as') return made('expression', { ...data, alias: textOf(call.arguments.positional[0], ctx) ?? 'field' });
  return name === 'mapWith' || name === 'getSQL' ? object : undefined;
}

function columnMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (name === 'through') {
    const [first] = call.arguments.positional;
    const through = first && dataOf<ColumnData>(ctx.read(first), 'column');
    return through ? made('throughColumn', { column: object.data as ColumnData, through }) : undefined;
  }
  return name === 'getSQL' || name === 'as' || name === 'asc' || name === 'desc' || name === 'mapWith' ? object : undefined;
}

function member(object: LibraryValue, name: string, ctx: Context): Value | undefined {
  switch (object.type) {
    case 'client': return clientMember(object, name);
    case 'query': return queryMember(object, name, ctx);
    case 'table': {
      const source = sourceOf(object)!;
      return /^(?:_|\$inferSelect|\$inferInsert)$/.test(name) ? unknownValue('a type') : memberOfSource(source, [name], ctx);
    }
    case 'fields': {
      const { source, path } = object.data as { source: Parameters<typeof memberOfSource>[0]; path: readonly string[] };
      return memberOfSource(source, [...path, name], ctx);
    }
    case 'column': return name === 'name' ? { kind: 'constant', value: columnName((object.data as ColumnData).info, ctx) } : undefined;
    case 'columnFunction': return columnFunctionMember(object, name);
    case 'relationHelper': return relationHelper(object, name, ctx);
    default: return undefined;
  }
}

/** `table[key]` of a key that is known only when it runs: a column that is not known. */
function indexed(left: Value, right: Value | undefined, ctx: Context): Value | undefined {
  const key = right && ctx.read(right);
  if (key?.kind === 'constant' || left.kind !== 'library') return undefined;
  return left.type === 'table' || left.type === 'fields' ? unknownExpression('a column that is chosen when it runs') : undefined;
}

function unknownExpression(words: string): LibraryValue {
  return expressionValue(() => hole(words, { file: '', start: 0, end: 0 }));
}

function tagged(tag: ExternalValue | LibraryValue, call: Call, ctx: Context): Value | undefined {
  return tag.kind === 'external' ? externalCall(tag, call, ctx) : undefined;
}

/** `db: NodePgDatabase<typeof schema>`, `tx: PgTransaction<...>`, `where: SQL`. */
function typed(type: ExternalValue, typeArguments: readonly TypeInScope[], ctx: Context): Value | undefined {
  const name = exportedPath(type).at(-1) ?? '';
  if (/(?:Database|Transaction|D1Database|Db)$/.test(name)) {
    const schema = typeArguments.map((each) => ctx.typed(each)).find((value) => value !== undefined && ['namespace', 'object', 'reference'].includes(value.kind));
    return clientValue(type.module, schema, ctx);
  }
  if (/^(?:SQL|SQLWrapper|Condition)$/.test(name)) return unknownExpression('a condition that is given');
  if (/(?:Column|AnyColumn)$/.test(name)) return unknownExpression('a column that is given');
  return undefined;
}
