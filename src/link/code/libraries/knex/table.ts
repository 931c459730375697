import type { Location } from '../../../../facts/location.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { Call, Context } from '../../library.js';
import { knownText } from '../../sql-pieces.js';
import { Steps } from '../../steps.js';
import type { BuilderStep } from '../../steps.js';
import type { LibraryValue, ReferenceValue, Value } from '../../values.js';
import { undefinedValue } from '../../values.js';
import { isColumnMethod } from './column-types.js';
import { KNEX } from './builder.js';

/** One call on a table builder, or on a column (or key) that a call of it made. */
export interface TableStep {
  readonly method: string;
  readonly args: readonly Value[];
  readonly location: Location;
  /** The call it belongs to, for modifiers. */
  readonly of?: TableStep;
}

interface TableData {
  readonly state: ReferenceValue;
}

interface PartData extends TableData {
  readonly step: TableStep;
}

/** A table builder: what `createTable` and `alterTable` give to their callbacks. */
export function newTable(ctx: Context): LibraryValue {
  const state = ctx.allocate({ kind: 'library', library: KNEX, type: 'state', data: new Steps<TableStep>() });
  return { kind: 'library', library: KNEX, type: 'table', data: { state } satisfies TableData };
}

/** What was called on a table builder. */
export function tableSteps(table: LibraryValue, ctx: Context): readonly BuilderStep<TableStep>[] {
  const state = ctx.read((table.data as TableData).state);
  return state.kind === 'library' && state.data instanceof Steps ? (state.data as Steps<TableStep>).items : [];
}

function add(state: ReferenceValue, step: TableStep, ctx: Context): void {
  const before = ctx.read(state);
  if (before.kind === 'library' && before.data instanceof Steps) ctx.write(state, { ...before, data: (before.data as Steps<TableStep>).with(step) });
}

/** Methods of a table builder whose result takes modifiers. */
const parts = new Set(['foreign', 'timestamps']);

/** `table.string('name')` makes a column, `table.dropColumn('name')` changes the table; modifiers follow the column. */
export function tableMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const { state } = object.data as TableData;
  if (object.type === 'part') {
    const { step: of } = object.data as PartData;
    add(state, { method: name, args: call.arguments.positional, location: call.location, of }, ctx);
    return object;
  }
  const step: TableStep = { method: name, args: call.arguments.positional, location: call.location };
  add(state, step, ctx);
  if (isColumnMethod(name) || parts.has(name)) return { kind: 'library', library: KNEX, type: 'part', data: { state, step } satisfies PartData };
  return undefinedValue;
}

/** Runs the callback of `createTable` or `alterTable`. Undefined when it is not known. */
export function followTable(callback: Value | undefined, location: Location, ctx: Context): readonly BuilderStep<TableStep>[] | undefined {
  const known = callback && ctx.read(callback);
  if (known?.kind !== 'function') return undefined;
  const table = newTable(ctx);
  ctx.invoke({ ...known, self: known.self ?? table }, [table], location);
  return tableSteps(table, ctx);
}

/** The modifiers of a column, and the whole chain that made it. */
export function chainOf(step: TableStep, steps: readonly BuilderStep<TableStep>[]): { readonly modifiers: readonly TableStep[]; readonly location: Location } {
  const modifiers = steps.filter((each) => each.step.of === step).map((each) => each.step);
  const chained = modifiers.filter(({ location }) => location.file === step.location.file && location.start === step.location.start);
  return { modifiers, location: { ...step.location, end: Math.max(step.location.end, ...chained.map(({ location }) => location.end)) } };
}

/** The text of a constant argument. */
export function argumentText(value: Value | undefined, ctx: Context): string | undefined {
  return knownText(value, ctx);
}

/** One name or a list of names. */
export function argumentNames(value: Value | undefined, ctx: Context): readonly string[] {
  const known = value && ctx.read(value);
  if (known?.kind === 'list') return known.items.flatMap((item) => argumentText(item.value, ctx) ?? []);
  return argumentText(known, ctx)?.split(',').map((each) => each.trim()) ?? [];
}

/** A property of an object that is an argument. */
export function argumentOption(value: Value | undefined, name: string, ctx: Context): Value | undefined {
  const known = value && ctx.read(value);
  const entry = known?.kind === 'object' ? known.entries.find((each) => each.kind === 'property' && each.key === name) : undefined;
  return entry?.kind === 'property' ? entry.value : undefined;
}

/** PostgreSQL cuts longer names. */
const LONGEST_NAME = 63;

/** The name Knex gives a key or index (its manual, "Schema Builder"): the table, the columns and the kind, in lower case. */
export function keyName(table: QualifiedName, columns: readonly string[], kind: 'unique' | 'index' | 'foreign'): string {
  const name = table.schema === undefined ? table.name : `${table.schema}_${table.name}`;
  return `${name.replace(/[.-]/g, '_')}_${columns.join('_')}_${kind}`.toLowerCase().slice(0, LONGEST_NAME);
}

