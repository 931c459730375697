import { posix } from 'node:path';
import { entryOf } from '../../../../entry.js';
import type { Location } from '../../../../facts/location.js';
import type { Operation } from '../../../../facts/operation.js';
import { parseSqlText } from '../../../../parse/sql/index.js';
import type { Call, Context, Library } from '../../library.js';
import { operationsOfText } from '../../sql-text.js';
import { addTo, stepsIn, stepSlot } from '../../steps.js';
import { stored } from '../../store.js';
import type { LibraryValue, ReferenceValue, Value } from '../../values.js';
import { undefinedValue } from '../../values.js';
import { notUnderstood } from '../entities/migrations.js';
import { client, exportedPath, resultObject, runText } from '../sql-client.js';
import type { Shorthands } from './columns.js';
import type { Data } from './data.js';
import { dataOf, optionsOf, PG_MIGRATE, placesOf, UNREAD } from './data.js';
import type { Sql } from './statements.js';
import { HARMLESS, REVERSED, STATEMENTS } from './statements.js';
import { nameText, plainName, valueText } from './text.js';

/** node-pg-migrate: `exports.up = (pgm) => { pgm.addColumns('notes', { org_id: { type: 'uuid' } }) }`. */
export const nodePgMigrateLibrary: Library = {
  name: PG_MIGRATE,
  modules: ['node-pg-migrate'],
  incidental: true,
  call: (callee, call) => (callee.kind === 'external' && exportedPath(callee).at(-1) === 'PgLiteral' ? literal(call) : undefined),
  member: (object, name) => (object.kind === 'library' && object.type === 'builder' && name === 'db' ? client(PG_MIGRATE, 'connection') : undefined),
  method: (object, name, call, ctx) => {
    if (object.kind === 'external') return exportedPath(object).at(-1) === 'PgLiteral' && name === 'create' ? literal(call) : undefined;
    if (object.type === 'builder') return builderMethod(object.data as Builder, name, call, ctx);
    return object.type === 'connection' ? connectionMethod(name, call, ctx) : undefined;
  },
  migrations: { kinds: ['node-pg-migrate'], run: runMigration },
};

interface Builder {
  /** What is sent when the migration has told all of it. */
  readonly queue: ReferenceValue;
  readonly shorthands: Shorthands;
  /** `up` is told, and its opposite is done. */
  readonly reversed: boolean;
}

/**
 * Runs one direction. What is told to `pgm` is sent when the function has ended, so after whatever `pgm.db` was asked.
 * Without a `down` the tool turns `up` round (`exports.down = false`: it does not).
 */
function runMigration(lookup: (name: string) => Value | undefined, direction: 'up' | 'down', ctx: Context): boolean {
  const own = functionOf(lookup, direction, ctx);
  const reversed = own === undefined && direction === 'down';
  const migration = reversed ? functionOf(lookup, 'up', ctx) : own;
  if (migration?.kind !== 'function') return false;
  const { location } = migration.function;
  const queue = stepSlot<readonly Operation[]>(PG_MIGRATE, [], ctx);
  ctx.invoke(migration, [client(PG_MIGRATE, 'builder', { queue, shorthands: shorthandsOf(ctx), reversed } satisfies Builder)], location);
  for (const { step: operations, maybe } of stepsIn<readonly Operation[]>(queue, ctx) ?? []) {
    if (operations.length === 0) continue;
    const sent = { kind: 'operations', operations, location: operations[0]!.location } as const;
    ctx.emit(maybe ? { kind: 'branch', condition: undefined, then: [sent], otherwise: [], location: sent.location } : sent);
  }
  return true;
}

function functionOf(lookup: (name: string) => Value | undefined, direction: 'up' | 'down', ctx: Context): Value | undefined {
  const whole = lookup('default') ?? lookup('export =');
  const found = lookup(direction) ?? (whole && ctx.member(whole, direction));
  const known = found && ctx.read(found);
  return known === undefined || known.kind === 'unknown' || (known.kind === 'constant' && known.value === undefined) ? undefined : known;
}

/** The shorthands of the folder's migrations: each may use those of the ones before it. */
function shorthandsOf(ctx: Context): Shorthands {
  const all = stored(ctx, 'node-pg-migrate:shorthands', () => ctx.journal.filesWith(/\bshorthands\b/));
  const files = all.filter((file) => posix.dirname(file) === posix.dirname(ctx.file) && file <= ctx.file);
  const data = files.map((file) => dataOf(ctx.member({ kind: 'namespace', file }, 'shorthands'), ctx));
  return Object.assign({}, ...data.map((each) => (typeof each === 'symbol' ? {} : optionsOf(each)))) as Shorthands;
}

function literal(call: Call): LibraryValue {
  return client(PG_MIGRATE, 'literal', call.arguments.positional[0] ?? undefinedValue);
}

/** A call on `pgm`. */
function builderMethod({ queue, shorthands, reversed }: Builder, name: string, call: Call, ctx: Context): Value | undefined {
  if (name === 'func') return literal(call);
  if (name === 'noTransaction') return undefinedValue;
  const operations = reversed ? reversedOperations(name, call, shorthands, ctx) : name === 'sql' ? operationsOfSql(call, ctx) : operationsOf(name, call, shorthands, ctx);
  for (const each of operations ?? []) addTo(queue, [each], ctx);
  return operations && undefinedValue;
}

/** `pgm.db` answers at once. */
function connectionMethod(name: string, call: Call, ctx: Context): Value | undefined {
  if (name !== 'query' && name !== 'select') return undefined;
  const rows = runText(call, ctx, PG_MIGRATE);
  return name === 'select' ? rows : resultObject(rows, ctx, call.location);
}

/** `pgm.sql(text, { name: value })`: names in braces stand for names and values. */
function operationsOfSql(call: Call, ctx: Context): readonly Operation[] {
  const [text = undefinedValue, given] = call.arguments.positional;
  const [written, data] = [dataOf(text, ctx), dataOf(given, ctx)];
  if (typeof data === 'symbol') return [notUnderstood('pgm.sql() with values that are not known', call.location)];
  const names = Object.entries(optionsOf(data));
  if (names.length === 0 || typeof written !== 'string') return operationsOfText(text, ctx, call.location);
  const filled = names.reduce((all, [key, value]) => all.replaceAll(`{${key}}`, () => (typeof value === 'string' || optionsOf(value)['name'] !== undefined ? nameText(value) : valueText(value))), written);
  return parsed([filled], () => call.location, call.location);
}

function operationsOf(name: string, call: Call, shorthands: Shorthands, ctx: Context): readonly Operation[] | undefined {
  const write = entryOf(STATEMENTS, name);
  const { location } = call;
  if (write === undefined) return HARMLESS.test(name) ? [{ kind: 'harmless', name, location }] : undefined;
  const given = call.arguments.positional;
  const args = given.map((each) => dataOf(each, ctx));
  if (call.arguments.open || args.includes(UNREAD)) return [notUnderstood(`${name}() of what is not known`, location, tableOf(args[0]))];
  const places = placesOf(given[1], ctx);
  return parsed(write(args as Data[], shorthands), (column) => (column === undefined ? location : places.get(column) ?? location), location);
}

function tableOf(first: Data | symbol): { name: string; schema?: string }[] {
  if (typeof first === 'symbol' || first === undefined) return [];
  const { schema } = optionsOf(first);
  return [{ name: plainName(first), ...(typeof schema === 'string' && { schema }) }];
}

function reversedOperations(name: string, { arguments: { positional }, location }: Call, shorthands: Shorthands, ctx: Context): readonly Operation[] {
  const args = positional.map((each) => dataOf(each, ctx));
  const [back, given] = args.includes(UNREAD) ? [] : entryOf(REVERSED, name)?.(args as Data[]) ?? [];
  const write = back === undefined ? undefined : entryOf(STATEMENTS, back);
  return write === undefined || given === undefined ? [] : parsed(write(given, shorthands), () => location, location);
}

/** Reads SQL as it is sent; what is said of a column stands where the column does. */
function parsed(sql: Sql, placeOf: (column: string | undefined) => Location, location: Location): readonly Operation[] {
  const ends: { readonly end: number; readonly place: Location }[] = [];
  let text = '';
  for (const part of sql) {
    text += typeof part === 'string' ? part : part.text;
    ends.push({ end: text.length, place: placeOf(typeof part === 'string' ? undefined : part.column) });
  }
  const { statements, notices } = parseSqlText(text, (start, end) => ends.find((each) => start < each.end && end <= each.end)?.place ?? location);
  return [...statements.flatMap(({ operations }) => operations), ...notices.map(({ reason }) => notUnderstood(reason, location))];
}
