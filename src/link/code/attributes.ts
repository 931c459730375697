import type { AssignmentExpression, CodeFunction, DeclareStatement } from '../../facts/code.js';
import { nodes } from '../queries/nodes.js';
import { ancestry } from './classes.js';
import type { Call } from './library.js';
import type { Machine } from './machine.js';
import { assignToRow, memberOf, setMember } from './members.js';
import { isInstance } from './operators.js';
import { constantText } from './patterns.js';
import { unionOf } from './state.js';
import type { InstanceValue, Value } from './values.js';
import { computedAttribute, nullValue, unknownValue } from './values.js';

/** Python's `getattr(object, name)`, `hasattr(object, name)`, `setattr(object, name, value)` and `isinstance(object, class)`. */
export function attributeCall(m: Machine, name: string, { arguments: { positional: [object, key, value] }, location }: Call): Value | undefined {
  if (name === 'isinstance') return object && key && isInstanceOf(m, object, key);
  const text = key && constantText(m, key);
  if (name === 'getattr') return object && text !== undefined ? memberOf(m, object, text, location) : computedAttribute;
  if (name === 'hasattr') return object && text !== undefined ? hasAttribute(m, object, text) : undefined;
  if (object && text !== undefined && value) setMember(m, object, text, value, location);
  else if (object && value) assignToRow(m, object, undefined, value, location);
  return nullValue;
}

/**
 * Python's `isinstance(value, Class)`, `isinstance(value, (A, B))`: of what the project has made or found.
 * @returns undefined where it cannot be told
 */
export function isInstanceOf(m: Machine, value: Value, of: Value): Value | undefined {
  const inner = m.read(value);
  if (inner.kind === 'union') {
    const options = inner.options.map((option) => ({ ...option, value: isInstanceOf(m, option.value, of) ?? unknownValue('an instance') }));
    return options.every((option) => option.value.kind === 'unknown') ? undefined : unionOf(options);
  }
  const classes = m.read(of);
  if (classes.kind === 'list') {
    const answers = classes.items.map((item) => isInstanceOf(m, inner, item.value));
    return answers.find((each) => each?.kind === 'constant' && each.value === true) ?? (answers.includes(undefined) ? undefined : answers[0]);
  }
  if (inner.kind === 'constant' && inner.value === null && isType(classes)) return { kind: 'constant', value: false };
  if (classes.kind !== 'classValue' || (inner.kind !== 'row' && (inner.kind !== 'instance' || isHandedOver(m, value, inner)))) return undefined;
  return isInstance(m, inner, classes);
}

/** A class of the project, or a built-in type: None is of none of them. */
function isType(value: Value): boolean {
  return value.kind === 'classValue' || (value.kind === 'external' && value.module === 'global:python' && value.path.join() !== 'object');
}

/** What was handed over stands for each of the types that its parameter may have. */
function isHandedOver(m: Machine, value: Value, { class: owner, given }: InstanceValue): boolean {
  const shared = m.instanceOf(owner);
  return given === true || (value.kind === 'reference' && shared.kind === 'reference' && value.slot === shared.slot);
}

/**
 * `hasattr(self, 'organization')`: of an instance that had it set or whose class declares it, true. Where nothing has, and the function that asks is the one that sets it,
 * false: what it would have found is what it puts there.
 * @returns undefined where it cannot be told
 */
function hasAttribute(m: Machine, object: Value, name: string): Value | undefined {
  const inner = m.read(object);
  if (inner.kind !== 'instance') return undefined;
  const isDeclared = ancestry(m, inner.class).some((each) => each.kind === 'classValue' && (each.class.methods.some((method) => method.name === name) || each.class.fields.some((field) => field.name === name && field.value !== undefined)));
  if (isDeclared || inner.fields.has(name)) return { kind: 'constant', value: true };
  return setsOnSelf(m.frames.findLast(({ function: code }) => code !== undefined)?.function, name) ? { kind: 'constant', value: false } : undefined;
}

function setsOnSelf(code: CodeFunction | undefined, name: string): boolean {
  const [first] = code?.parameters ?? [];
  const self = first?.target.kind === 'name' ? first.target.name : undefined;
  return self !== undefined && nodes(code!.body).some((node) => {
    if (node.kind !== 'assignment' && node.kind !== 'declare') return false;
    const { target } = node as unknown as AssignmentExpression | DeclareStatement;
    const place = target.kind === 'target' ? target.expression : undefined;
    return place?.kind === 'member' && place.property === name && place.object.kind === 'name' && place.object.name === self;
  });
}
