import type { Expression } from '../../facts/expression.js';
import type { Operation } from '../../facts/operation.js';
import type { Query } from '../../facts/query.js';
import { isWithin, type Location } from '../../facts/location.js';
import type { Call, Effect, QueryEffect, RecordedQuery } from './library.js';
import type { Machine, QueryRecord } from './machine.js';
import type { Fact, FunctionValue, LibraryValue, Session, SettingSet, Value } from './values.js';

/** Connections and transactions: what is set on one (`SET LOCAL app.tenant = ...`) holds for what runs on it, and on no other. */

type SessionFact = Extract<Fact, { kind: 'session' }>;

/** The call of a tenant callback (`queries.scopedCallbacks`): what the functions it is given are called with is the client that is scoped. */
export function handing(call: Call): Call {
  const positional = call.arguments.positional.map((value) => (value.kind === 'function' ? { ...value, handed: true as const } : value));
  return { ...call, arguments: { ...call.arguments, positional } };
}

/** A parameter's value: where a tenant callback gives its function a client, that client alone is scoped inside of it. */
export function handedTo(m: Machine, fn: FunctionValue, value: Value): Value {
  const inner = m.read(value);
  const frame = m.frames.at(-1);
  if (fn.handed === undefined || frame === undefined || inner.kind !== 'library' || typeof inner.access === 'string') return value;
  frame.handed = inner.library;
  return { ...inner, access: { ...(inner.access ?? m.connections.make('always')), handed: true } };
}

/** The connections of a program, as libraries make and use them. */
export class Connections {
  private made = 0;
  private noted: SettingSet[] | undefined;

  constructor(private readonly m: Machine) {}

  /** One that nothing else runs on. */
  make(transaction: Session['transaction']): Session {
    return { id: ++this.made, transaction };
  }

  /** The same client on a connection of its own, `always` in a transaction; one that is configured, or is in a transaction already, stays what it is. */
  own(client: LibraryValue, transaction: Session['transaction']): LibraryValue {
    if (typeof client.access === 'string' || client.access?.transaction === 'always') return client;
    return { ...client, access: client.access ? { ...client.access, transaction } : this.make(transaction) };
  }

  /** A client begins a transaction on its connection, or ends it. */
  event({ access }: LibraryValue, event: 'begin' | 'end'): void {
    noteEvent(this.m, access, event);
  }

  /** What some work sets for a transaction, on whatever path: where it sets nothing, nothing is set. */
  settingsOf(work: () => void): readonly SettingSet[] {
    const before = this.noted;
    const noted: SettingSet[] = this.noted = [];
    work();
    this.noted = before;
    return noted;
  }

  /** Takes note of what is set. */
  note(event: SessionFact['event']): void {
    if (typeof event === 'object' && 'set' in event && event.local) this.noted?.push(event);
  }

  /** The statements that stand in a call were sent in one transaction: `prisma.$transaction([prisma.$executeRaw`SELECT set_config(...)`, prisma.note.findMany()])`. */
  batch(call: Location): void {
    setTogether(this.m.effects, call);
  }
}

/** What a query's client says of the tenant it runs for: the tenant callback it runs in, or beside of, and the settings that are set. */
export function contextOf(m: Machine, { library, access }: QueryEffect, callback: string | undefined): Pick<RecordedQuery, 'callback' | 'beside' | 'settings'> {
  const session = typeof access === 'object' ? access : undefined;
  const settings = session && settingsOf(m.state.facts, session);
  const isBeside = callback !== undefined && session?.handed !== true && m.frames.some(({ handed }) => handed === library);
  return { ...(callback !== undefined && { [isBeside ? 'beside' : 'callback']: callback }), ...(settings && settings.length > 0 && { settings }) };
}

/** Takes note of what a statement sets for those that follow it on the same connection. */
export function noteQuery(m: Machine, { access, query, parameters, facts }: QueryRecord): void {
  if (typeof access !== 'object' || query === undefined) return;
  for (const setting of settingsIn(query)) noteEvent(m, access, { ...setting, by: { parameters, facts } });
}

/** The same for statements that are no queries: SET, BEGIN, COMMIT. */
export function noteStatements(m: Machine, access: LibraryValue['access'], operations: readonly Operation[]): void {
  const add = (event: SessionFact['event']): void => noteEvent(m, access, event);
  for (const operation of operations) {
    if (operation.kind === 'setSetting' && operation.values !== undefined) add({ set: operation.name.toLowerCase(), local: operation.local });
    if (operation.kind === 'setSetting' && operation.values === undefined) add({ reset: operation.name.toLowerCase() });
    if (operation.kind === 'transaction' && operation.action === 'begin') add('begin');
    if (operation.kind === 'transaction' && (operation.action === 'commit' || operation.action === 'rollback')) add('end');
  }
}

/** A transaction begins or ends, a setting is set on a connection. What a generator ends after its `yield` holds while its `with` block runs. */
function noteEvent(m: Machine, access: LibraryValue['access'], event: SessionFact['event']): void {
  const isPaused = m.frames.some((frame) => frame.function?.generator === true && frame.returns.length > 0);
  if (typeof access === 'object') m.connections.note(event);
  if (typeof access === 'object' && !(isPaused && event === 'end')) m.state.add({ kind: 'session', session: access.id, event });
}

/** What follows a setting in a batch runs with it. */
function setTogether(effects: readonly Effect[], call: Location): void {
  const setBy = (effect: Effect): SettingSet[] => (effect.kind !== 'query' || effect.query === undefined || !isWithin(effect.location, call) ? []
    : settingsIn(effect.query).map((setting) => ({ ...setting, by: { parameters: effect.parameters, facts: effect.facts } })));
  const last = effects.findLastIndex((effect) => setBy(effect).length > 0);
  if (last < 0) return;
  for (const effect of effects.slice(last + 1)) if (effect.kind === 'query') effect.settings = [...effect.settings ?? [], ...setBy(effects[last]!)];
}

/** `SELECT set_config('app.tenant', $1, true)` (PostgreSQL manual, 9.28.1). */
function settingsIn(query: Query): SettingSet[] {
  if (query.kind !== 'select' || query.from.length > 0) return [];
  return query.targets.flatMap(({ expression }) => {
    if (expression.kind !== 'call' || expression.name.at(-1) !== 'set_config') return [];
    const [setting, , local] = expression.arguments;
    const name = constantText(setting);
    return name === undefined ? [] : [{ set: name.toLowerCase(), local: !isFalse(local) }];
  });
}

/** The text of a constant, with or without a cast. */
export function constantText(expression: Expression | undefined): string | undefined {
  if (expression?.kind === 'cast') return constantText(expression.operand);
  return expression?.kind === 'constant' && expression.value !== null ? String(expression.value) : undefined;
}

/** Whether an expression is a constant that PostgreSQL reads as false. */
export function isFalse(expression: Expression | undefined): boolean {
  return ['false', 'f', 'off', 'no', '0'].includes(constantText(expression)?.toLowerCase() ?? '');
}

/** The settings that hold on a connection: those of a transaction until it ends (PostgreSQL manual, SET). */
function settingsOf(facts: readonly Fact[], { id, transaction }: Session): SettingSet[] {
  const held = new Map<string, SettingSet>();
  let isBegun = transaction === 'always';
  for (const fact of facts) {
    if (fact.kind !== 'session' || fact.session !== id) continue;
    if (fact.event === 'begin') isBegun = true;
    else if (fact.event === 'end') {
      isBegun = transaction === 'always';
      for (const [name, { local }] of held) if (local) held.delete(name);
    } else if ('reset' in fact.event) held.delete(fact.event.reset);
    else if (!fact.event.local || isBegun) held.set(fact.event.set, fact.event);
  }
  return [...held.values()];
}
