import type { Location } from '../../../../facts/location.js';
import type { Operation } from '../../../../facts/operation.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { Call, Context } from '../../library.js';
import { StepList, Steps } from '../../steps.js';
import type { LibraryValue, Value } from '../../values.js';
import { undefinedValue, unknownValue } from '../../values.js';
import { value } from './builder.js';
import type { Client, Step } from './builder.js';
import { Lowering } from './expressions.js';
import { queryOf } from './query.js';
import { tableChanges, tableParts } from './table.js';

/** `db.schema`: a chain of calls that makes or changes one thing, sent by `execute` (Kysely's manual, "Schema builder"). */
export function schemaOf(object: LibraryValue): LibraryValue {
  return value('schema', { client: object.data as Client, steps: new Steps() } satisfies SchemaData, object);
}

interface SchemaData {
  readonly client: Client;
  readonly steps: Steps<Step>;
}

/** A call on `db.schema`, or on the builder of a column, a constraint or an index. */
export function schemaMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value {
  const { client, steps } = object.data as SchemaData;
  const [first = undefinedValue] = call.arguments.positional;
  switch (name) {
    case 'execute': return send(steps, client, call.location, ctx);
    case 'compile': case 'toOperationNode': return unknownValue('a compiled statement');
    case '$call': return ctx.invoke(first, [object], call.location);
    case 'withPlugin': case 'withoutPlugins': return object;
    default: break;
  }
  if (name === 'withSchema') {
    const schema = new Lowering(ctx, client, () => '').text(first);
    return { ...object, data: { steps, client: schema === undefined ? client : { ...client, schema } } satisfies SchemaData };
  }
  const inner = name === 'where' ? value('eb', client) : value('schema', { client, steps: new Steps() } satisfies SchemaData);
  const args = call.arguments.positional.map((argument) => (ctx.read(argument).kind === 'function' ? ctx.invoke(argument, [inner], call.location) : argument));
  const step: Step = { method: name, args, places: call.arguments.locations, location: { ...call.location, start: call.nameLocation.start } };
  return { ...object, data: { client, steps: steps.with(step) } satisfies SchemaData };
}

function send(steps: Steps<Step>, client: Client, location: Location, ctx: Context): Value {
  const operations = operationsOf(new Statement(steps, client, ctx));
  if (operations.length > 0) ctx.emit({ kind: 'operations', operations, location });
  return undefinedValue;
}

/** A chain that is complete: what it is about, and the calls that say more. */
export class Statement extends StepList<Step> {
  readonly lower: Lowering;

  constructor(steps: Steps<Step>, readonly client: Client, readonly ctx: Context) {
    super(steps.items);
    this.lower = new Lowering(ctx, client, (given, place) => queryOf(given, ctx, place));
  }

  /** A name as the database has it. */
  name(given: Value | undefined): string | undefined {
    const text = this.lower.text(given);
    return text === undefined ? undefined : this.lower.name(text);
  }

  /** One name or a list of them; undefined when one of them is not known. */
  names(given: Value | undefined): string[] | undefined {
    const known = given && this.ctx.read(given);
    const names = known?.kind === 'list' ? known.items.map((item) => this.name(item.value)) : [this.name(known)];
    return names.every((name) => name !== undefined) ? names : undefined;
  }

  /** `table`, `schema.table`. */
  qualified(given: Value | undefined): QualifiedName | undefined {
    const parts = this.lower.text(given)?.split('.').map((part) => this.lower.name(part));
    const schema = parts && parts.length > 1 ? parts.at(-2) : this.client.schema;
    return parts && { ...(schema !== undefined && { schema }), name: parts.at(-1)! };
  }

  /** The calls on a builder that a callback was given. */
  inner(given: Value | undefined): Statement | undefined {
    const known = given && this.ctx.read(given);
    return known?.kind === 'library' && known.type === 'schema' ? new Statement((known.data as SchemaData).steps, this.client, this.ctx) : undefined;
  }

  isConditional(): boolean {
    return this.steps.some(({ step, maybe }) => maybe || step.args.some((argument) => this.inner(argument)?.isConditional() === true));
  }
}

function operationsOf(statement: Statement): readonly Operation[] {
  const [root] = statement.steps;
  if (root === undefined) return [];
  const { method, args, location } = root.step;
  const name = statement.qualified(args[0]);
  const notUnderstood = (reason: string): Operation[] => [{ kind: 'notUnderstood', reason, tables: name && /table/i.test(method) ? [name] : [], location }];
  if (name === undefined) return notUnderstood(`${method}() of a name that is not known`);
  if (statement.isConditional()) return notUnderstood(`${method}() with calls on some paths only`);
  switch (method) {
    case 'createTable': {
      if (statement.has('as')) return notUnderstood('createTable() from a query');
      const ifNotExists = statement.has('ifNotExists');
      const { columns, constraints, after } = tableParts(statement);
      return [{ kind: 'createTable', definition: { name, columns, constraints, location }, ifNotExists, temporary: statement.has('temporary'), like: [], inherits: [], partitioned: false, location }, ...after];
    }
    case 'alterTable': return tableChanges(statement, name);
    case 'createIndex': return [createIndex(statement, root.step)];
    case 'createView': return [createView(statement, name, location)];
    default: return simple(statement, root.step, name) ?? notUnderstood(`${method}() of db.schema`);
  }
}

const DROPPED = { dropTable: 'table', dropIndex: 'index', dropView: 'view' } as const;

/** Statements that say little more than a name. */
function simple(statement: Statement, { method, location }: Step, name: QualifiedName): readonly Operation[] | undefined {
  const ifExists = statement.has('ifExists');
  const ifNotExists = statement.has('ifNotExists');
  const cascade = statement.has('cascade');
  switch (method) {
    case 'dropTable': case 'dropIndex': return [{ kind: 'dropRelation', relation: DROPPED[method], name, ifExists, cascade, location }];
    case 'dropView': return [{ kind: 'dropRelation', relation: statement.has('materialized') ? 'materializedView' : 'view', name, ifExists, cascade, location }];
    case 'refreshMaterializedView': return [{ kind: 'harmless', name: 'REFRESH MATERIALIZED VIEW', location }];
    case 'createSchema': return [{ kind: 'createSchema', name: name.name, ifNotExists, location }];
    case 'dropSchema': return [{ kind: 'dropSchema', name: name.name, ifExists, cascade, location }];
    case 'createType': return [{ kind: 'createType', name, form: 'enum', labels: statement.names(statement.last('asEnum')?.args[0]) ?? [], location }];
    case 'dropType': return [{ kind: 'dropType', name, ifExists, cascade, location }];
    default: return undefined;
  }
}

function createIndex(statement: Statement, { args, location }: Step): Operation {
  const { lower } = statement;
  const table = statement.qualified(statement.last('on')?.args[0]);
  const name = statement.name(args[0]);
  const keys = statement.all('column', 'columns', 'expression').flatMap(({ step }) => keysOf(step, statement));
  if (table === undefined || keys.some((key) => key === undefined)) return { kind: 'notUnderstood', reason: 'createIndex() of a table or columns that are not known', tables: table ? [table] : [], location };
  const [where] = statement.all('where').map(({ step }) => lower.condition(step.args, step.places, step.location));
  return {
    kind: 'createIndex', table, ifNotExists: statement.has('ifNotExists'), location,
    index: {
      ...(name !== undefined && { name }), unique: statement.has('unique'), keys: keys.filter((key) => key !== undefined), include: [], ...(where && { where }),
      method: lower.text(statement.last('using')?.args[0])?.toLowerCase() ?? 'btree', nullsNotDistinct: statement.has('nullsNotDistinct'), concurrently: false, location,
    },
  };
}

/** `column('created_at desc')`, `columns(['a', 'b'])`, an expression. */
function keysOf({ method, args, location }: Step, statement: Statement): readonly (Extract<Operation, { kind: 'createIndex' }>['index']['keys'][number] | undefined)[] {
  const known = args[0] && statement.ctx.read(args[0]);
  const items = known?.kind === 'list' ? known.items.map((item) => item.value) : known ? [known] : [];
  return items.map((item) => {
    const text = method === 'expression' ? undefined : statement.lower.text(item);
    if (text !== undefined) return { column: statement.lower.name(text.trim().split(/\s+/)[0]!) };
    return statement.ctx.read(item).kind === 'library' ? { expression: statement.lower.expression(item, location) } : undefined;
  });
}

function createView(statement: Statement, name: QualifiedName, location: Location): Operation {
  const given = statement.last('as')?.args[0];
  const query = given && statement.lower.anyQuery(given, location);
  if (!query) return { kind: 'notUnderstood', reason: 'a view whose query is not known', tables: [], location };
  return {
    kind: 'createView', name, columns: statement.names(statement.last('columns')?.args[0]) ?? [], query, orReplace: statement.has('orReplace'), ifNotExists: statement.has('ifNotExists'),
    materialized: statement.has('materialized'), temporary: statement.has('temporary'), securityInvoker: false, location,
  };
}
