import { nodes } from '../queries/nodes.js';
import { callValue } from './calls.js';
import { classOfModel, modelOfRow } from './declared-classes.js';
import { conditionOf } from './expressions.js';
import { gated } from './gates.js';
import type { Call } from './library.js';
import type { Machine } from './machine.js';
import { constantText } from './patterns.js';
import { begin, end, stored } from './store.js';
import type { ClassValue, Condition, FunctionValue, RowValue, Value } from './values.js';
import { neverReturns, undefinedValue } from './values.js';

/** `allow(User, ['read', 'list'], Document, (user, document) => ...)`: who may do what, and when. */
interface Ability {
  readonly actions: readonly string[];
  /** Absent: of whatever it is asked. */
  readonly targets: readonly ClassValue[];
  readonly when: FunctionValue;
}

/** The abilities that were put into a table, by the file of the function that puts them there: what it asks for them stands there, too. */
function abilitiesOf(m: Machine, file: string): Ability[] {
  const all = stored(m, 'abilities', () => new Map<string, Ability[]>());
  const known = all.get(file) ?? [];
  all.set(file, known);
  return known;
}

/** Takes note of an ability while modules are loaded: a class of users, one or more actions, what they are done to, and a function that says whether. */
export function noteAbility(m: Machine, { function: { location } }: FunctionValue, { arguments: { positional } }: Call): void {
  const values = positional.map((each) => m.read(each));
  const when = values.findLast((each) => each.kind === 'function');
  const [performer, ...targets] = values.flatMap((each) => classesIn(m, each));
  const actions = positional.flatMap((each) => textsIn(m, each)).filter((text) => text !== 'all');
  if (when === undefined || performer === undefined || actions.length === 0 || (targets.length === 0 && !positional.some((each) => constantText(m, each) === 'all'))) return;
  m.journal.declared++;
  abilitiesOf(m, location.file).push({ actions, targets, when });
}

function classesIn(m: Machine, value: Value): ClassValue[] {
  if (value.kind === 'classValue') return [value];
  return value.kind === 'list' ? value.items.flatMap((item) => classesIn(m, m.read(item.value))) : [];
}

function textsIn(m: Machine, value: Value): string[] {
  const inner = m.read(value);
  if (inner.kind === 'list') return inner.items.flatMap((item) => textsIn(m, item.value));
  const text = constantText(m, inner);
  return text === undefined ? [] : [text];
}

const ASKS = /^(?:can|may|is_?allowed|allows?)$/i;
const ASKS_NOT = /^(?:cannot|cant|denies)$/i;

/**
 * `authorize(user, 'read', document)`, `can(user, 'read', document)` of a table of abilities: what the functions ask that were put there for it.
 * @returns what the call gives; undefined where no ability of the row's class is known
 */
export function askAbilities(m: Machine, { function: code }: FunctionValue, call: Call): Value | undefined {
  const { name, arguments: { positional } } = call;
  const known = abilitiesOf(m, code.location.file);
  const at = known.length === 0 || name === undefined ? -1 : positional.findIndex((each) => constantText(m, each) !== undefined);
  const target = positional[at + 1];
  if (at < 1 || target === undefined) return undefined;
  const meant = abilitiesFor(m, known, constantText(m, positional[at]!)!, target);
  const condition = conditionOfAll(m, meant, { ...call, arguments: { ...call.arguments, positional: [positional[at - 1]!, ...positional.slice(at + 1)] } });
  if (condition === undefined) return undefined;
  if (ASKS.test(name!)) return { kind: 'condition', condition };
  if (ASKS_NOT.test(name!)) return { kind: 'condition', condition: { operator: 'not', operand: condition } };
  if (!nodes(code.body).some(({ kind }) => kind === 'throw')) return undefined;
  const path = m.path(() => m.assume(condition, true));
  if (!path.live) return neverReturns;
  m.settle([path.snapshot]);
  // What is asked of the row may be more than is understood.
  if (meant.every(looksAtTarget)) gated(m, code, call);
  return undefinedValue;
}

/** Whether an ability hands its target on, or compares something of it. */
function looksAtTarget({ when: { function: code } }: Ability): boolean {
  const target = code.parameters[1]?.target;
  if (target?.kind !== 'name') return target !== undefined;
  return nodes(code.body).some((node) => (node.kind === 'call' || (node.kind === 'binary' && /^[!=]=$/.test((node as unknown as { operator: string }).operator)))
    && nodes(node).some((part) => part.kind === 'name' && (part as unknown as { name: string }).name === target.name));
}

/** The abilities that an action on a row is decided by. */
function abilitiesFor(m: Machine, known: readonly Ability[], action: string, target: Value): readonly Ability[] {
  const row = rowIn(m, target);
  return row === undefined ? [] : known.filter(({ actions, targets }) => actions.some((each) => each === action || each === 'manage') && (targets.length === 0 || targets.some((each) => isOf(m, row, each))));
}

/** One of them has to say yes. */
function conditionOfAll(m: Machine, meant: readonly Ability[], call: Call): Condition | undefined {
  const operands = meant.map((ability): Condition | undefined => {
    if (!begin(m, 'abilities asked', ability)) return undefined;
    const value = callValue(m, ability.when, call);
    end(m, 'abilities asked', ability);
    return conditionOf(m, value);
  });
  return operands.length === 0 || m.budget.exhausted || operands.includes(undefined) ? undefined : { operator: 'or', operands: operands as Condition[] };
}

/** The row that a value is, where it is there. */
function rowIn(m: Machine, value: Value): RowValue | undefined {
  const inner = m.read(value);
  const [first, ...others] = (inner.kind === 'union' ? inner.options.map((option) => m.read(option.value)) : [inner]).filter((each) => each.kind === 'row');
  return first !== undefined && others.every((each) => modelOfRow(m, each) === modelOfRow(m, first)) ? first : undefined;
}

/** Whether a row is of the model that a class is. */
function isOf(m: Machine, row: RowValue, { class: code }: ClassValue): boolean {
  return classOfModel(m, modelOfRow(m, row))?.class === code;
}
