import type { CodeFunction } from '../../facts/code.js';
import type { Location } from '../../facts/location.js';
import { enterScope } from './calls.js';
import { changesOf } from './changes.js';
import { singleEffects } from './effects.js';
import type { Arguments, Effect } from './library.js';
import { short } from './lower.js';
import type { Machine, QueryRecord } from './machine.js';
import type { Snapshot } from './state.js';
import type { FunctionValue, Value } from './values.js';

/** A call that was evaluated once, for the whole project. */
interface Remembered {
  readonly value: Value;
  readonly effects: readonly Effect[];
  /** What it set of what was there before it, and what it found out. */
  readonly change: Snapshot;
  /** Results of its queries; `isBranch`: of those that only some paths of it ran. */
  readonly results: readonly { readonly id: number; readonly record: QueryRecord; readonly isBranch: boolean }[];
  /** Set on a path that was given the value: the objects in it are that path's from then on. */
  readonly given: number;
  /** What it gives holds nothing that was made by it: a path may be given it any number of times. */
  readonly isShared: boolean;
}

/** Each begins a stack of calls of its own. */
const DEEPEST = 4;

/** A call that was met once, is being evaluated for all, or was. */
type Entry = 'met' | 'running' | Remembered;

/**
 * The calls whose value depends on nothing of the caller's: functions of a module that are given nothing but constants and inputs
 * (`getServerSession()`, `createContainer()`). From their second time on they are evaluated apart, and from then on only taken over.
 */
export class Memo {
  private depth = 0;
  private readonly entries = new Map<CodeFunction, Map<string, Entry>>();

  /** What a call gives; undefined when it has to be evaluated where it stands. */
  call(m: Machine, fn: FunctionValue, given: Arguments, location: Location): Value | undefined {
    const key = keyOf(m, fn, given);
    if (key === undefined) return undefined;
    let known = this.entries.get(fn.function);
    if (known === undefined) this.entries.set(fn.function, known = new Map());
    let entry = known.get(key);
    if (entry === undefined) {
      known.set(key, 'met');
      return undefined;
    }
    if (entry === 'met' && this.depth < DEEPEST) {
      known.set(key, 'running');
      this.depth++;
      known.set(key, entry = evaluateApart(m, fn, given, location));
      this.depth--;
    }
    // A function that calls itself is seen where it stands.
    if (typeof entry === 'string' || (!entry.isShared && m.state.slot(entry.given) !== undefined)) return undefined;
    return takeOver(m, entry, location);
  }
}

function keyOf(m: Machine, fn: FunctionValue, given: Arguments): string | undefined {
  if (fn.scope.parent !== undefined || given.open || m.state === m.root) return undefined;
  const self = fn.self === undefined ? '' : m.isOfProgram(fn.self) ? `${fn.self.slot}` : undefined;
  if (self === undefined) return undefined;
  const keys: string[] = [self];
  for (const [name, value] of [...given.positional.map((each) => ['', each] as const), ...given.named]) {
    const key = keyOfArgument(m, value);
    if (key === undefined) return undefined;
    keys.push(name + key);
  }
  return short(keys.join('\n'));
}

function keyOfArgument(m: Machine, value: Value): string | undefined {
  const inner = m.read(value);
  if (inner.kind === 'constant') return `${typeof inner.value} ${String(inner.value)}${inner.source === undefined ? '' : `@${inner.source.location.file}:${inner.source.location.start}`}`;
  if (inner.kind === 'input') return m.state.isDefined(inner.key) || changesOf(m, inner) !== undefined ? undefined : `${inner.key} ${inner.trust} ${inner.maybe} ${inner.type === undefined ? '' : inner.type.type.location.start}`;
  if (inner.kind === 'external') return inner.arguments === undefined ? `${inner.module} ${inner.path.join('.')} ${inner.instance === true}` : undefined;
  if (inner.kind === 'function' && inner.scope.parent === undefined && inner.self === undefined && inner.bound === undefined) return `${inner.function.location.file}:${inner.function.location.start}`;
  return value.kind === 'reference' && m.isOfProgram(value) ? `slot ${value.slot}` : undefined;
}

function evaluateApart(m: Machine, fn: FunctionValue, given: Arguments, location: Location): Remembered {
  return m.budget.unmetered(() => m.atRoot(() => {
    let value: Value | undefined;
    const before = m.newestSlot;
    const newest = m.newestResult;
    const path = m.path(() => {
      value = enterScope(m, fn, given, location);
      return true;
    });
    const isShared = holdsNothingNew(m, value!, before);
    const own = [...path.snapshot.heap].filter(([slot]) => slot > before);
    for (const [slot, each] of own) m.state.set(slot, each);
    const heap = new Map([...path.snapshot.heap].filter(([slot]) => slot <= before));
    const always = queriesOf(path.effects);
    const results = m.found.between(newest, m.newestResult, singleEffects(path.effects).filter((effect) => effect.kind === 'query')).map((each) => ({ ...each, isBranch: !always.includes(each.record) }));
    return { value: value!, effects: path.effects, change: { heap, facts: path.snapshot.facts, kept: true }, results, given: m.newMark(), isShared };
  }));
}

/** The queries that every path of some effects runs. */
function queriesOf(effects: readonly Effect[]): QueryRecord[] {
  return effects.flatMap((effect) => (effect.kind === 'query' ? [effect] : effect.kind === 'try' ? queriesOf(effect.body) : []));
}

/** Whether a value holds nothing that can be changed or checked, of what was made since a slot. */
function holdsNothingNew(m: Machine, value: Value, before: number): boolean {
  const each = (part: Value): boolean => holdsNothingNew(m, part, before);
  switch (value.kind) {
    case 'constant': case 'input': case 'unknown': case 'namespace': return true;
    case 'reference': return value.slot <= before && m.state.isOfRoot(value.slot);
    case 'external': return value.arguments?.every(each) !== false;
    case 'library': return value.data === undefined;
    case 'function': return value.scope.parent === undefined && (value.self === undefined || each(value.self)) && value.bound?.every(each) !== false;
    case 'classValue': return value.scope.parent === undefined;
    case 'union': return value.options.every((option) => each(option.value));
    default: return false;
  }
}

function takeOver(m: Machine, { value, effects, change, results, given }: Remembered, location: Location): Value {
  const made = new Map<QueryRecord, QueryRecord>();
  m.emitAll(effects.map((effect) => asCalled(m, effect, made, location)));
  m.settle([change]);
  for (const { id, record, isBranch } of results) m.recordResult(id, made.get(record)!, isBranch);
  m.state.set(given, value);
  return value;
}

/** An effect as it comes of a call on the path reached. */
function asCalled(m: Machine, effect: Effect, made: Map<QueryRecord, QueryRecord>, location: Location): Effect {
  const all = (effects: readonly Effect[]) => effects.map((each) => asCalled(m, each, made, location));
  switch (effect.kind) {
    case 'branch': return { ...effect, then: all(effect.then), otherwise: all(effect.otherwise) };
    case 'loop': return { ...effect, body: all(effect.body) };
    case 'try': return { ...effect, body: all(effect.body), handlers: effect.handlers.map(all) };
    case 'query': {
      const record = m.calledHere(effect, location);
      made.set(effect, record);
      return record;
    }
    default: return effect;
  }
}
