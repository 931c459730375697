import type { CodeFunction } from '../../../../facts/code.js';
import type { Query } from '../../../../facts/query.js';
import { nodes } from '../../../queries/nodes.js';
import type { Context } from '../../library.js';
import { stored } from '../../store.js';
import type { FunctionValue, ObjectEntryValue, Value } from '../../values.js';
import { functionsWhere } from '../searched.js';
import { targetOf, type SessionData } from './begun.js';
import { isMigration } from './registry.js';

const EVENT = 'do_orm_execute';

/** A function that is asked before a session sends a statement, and of which sessions. */
interface Listener {
  readonly target: Value;
  readonly fn: FunctionValue;
}

/**
 * What becomes of a statement that a session sends: each listener of `do_orm_execute` is run with it.
 * @param statement the statement, as a value
 * @param options its `execution_options()`
 * @param read the statement that a listener has left, if it has on every path
 * @returns undefined where listeners are not all known, or where it is not known whether they listen to this session
 * @see SQLAlchemy manual, "ORM Events", SessionEvents.do_orm_execute; ORMExecuteState
 */
export function executed<T>(statement: () => Value, options: readonly ObjectEntryValue[], query: Query, session: SessionData, read: (value: Value) => T | undefined, ctx: Context): T | undefined {
  const running = stored(ctx, 'sqlalchemy:listening', () => new WeakSet<CodeFunction>());
  const { location } = query;
  const all = isMigration(location.file, ctx) ? undefined : listeners(ctx);
  if (all === undefined || all.some(({ fn }) => running.has(fn.function))) return undefined;
  const own = all.map((each) => ({ ...each, isAsked: listensTo(each.target, session) }));
  if (own.some(({ isAsked }) => isAsked === undefined)) return undefined;
  let value = statement();
  for (const { fn, isAsked } of own) {
    if (isAsked !== true) continue;
    running.add(fn.function);
    const state = stateOf(value, options, query, ctx);
    ctx.invoke(fn, [state], location);
    running.delete(fn.function);
    value = ctx.member(state, 'statement');
  }
  return read(value);
}

function listensTo(target: Value, { maker, isMade }: SessionData): boolean | undefined {
  if (target.kind === 'external') return /Session$/.test(target.path.at(-1) ?? '') || undefined;
  if (target.kind !== 'library' || target.type !== 'sessionmaker') return undefined;
  return isMade ? target.data === maker : undefined;
}

/** ORMExecuteState. */
function stateOf(statement: Value, options: readonly ObjectEntryValue[], { kind, location }: Query, ctx: Context): Value {
  const given = ctx.allocate({ kind: 'object', entries: options, location });
  const is = (name: string): readonly [string, Value] => [`is_${name}`, { kind: 'constant', value: kind === name }];
  const not = (name: string): readonly [string, Value] => [name, { kind: 'constant', value: false }];
  const members: readonly (readonly [string, Value])[] = [
    ['statement', statement], ['execution_options', given], ['is_orm_statement', { kind: 'constant', value: true }], ...['select', 'insert', 'update', 'delete'].map(is),
    ...['is_column_load', 'is_relationship_load', 'is_from_statement', 'is_executemany'].map(not),
  ];
  return ctx.allocate({ kind: 'object', entries: members.map(([key, value]) => ({ kind: 'property', key, value, maybe: false, location })), location });
}

/** The listeners of the project; undefined where there is one that was not found by its decorator. */
function listeners(ctx: Context): readonly Listener[] | undefined {
  const functions = stored(ctx, 'sqlalchemy:do_orm_execute', () => functionsWhere('python', /["'](?:do_orm_execute|before_compile\w*)["']/, ctx, false));
  const found = functions.flatMap((fn) => fn.function.decorators.flatMap((node): Listener[] => {
    const target = targetOf(node, fn, ctx, EVENT);
    return target === undefined ? [] : [{ target, fn }];
  }));
  return found.length > 0 && found.length === named(ctx) ? found : undefined;
}

/** How often modules of the project name the events by which statements are changed. */
function named(ctx: Context): number {
  const counts = stored(ctx, 'sqlalchemy:named events', () => new WeakMap<object, number>());
  return [...ctx.journal.modulesWith(/sqlalchemy[^]*["'](?:do_orm_execute|before_compile\w*)["']/)].reduce((sum, module) => {
    let count = counts.get(module);
    if (count === undefined) counts.set(module, count = nodes(module.body).filter((node) => node.kind === 'literal' && /^(?:do_orm_execute|before_compile\w*)$/.test(String((node as { readonly value?: unknown }).value))).length);
    return sum + count;
  }, 0);
}
