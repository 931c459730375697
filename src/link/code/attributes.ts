import type { AssignmentExpression, CodeFunction, DeclareStatement } from '../../facts/code.js';
import { nodes } from '../queries/nodes.js';
import { ancestry } from './classes.js';
import type { Call } from './library.js';
import type { Machine } from './machine.js';
import { assignToRow, memberOf, setMember } from './members.js';
import { constantText } from './patterns.js';
import type { Value } from './values.js';
import { nullValue, unknownValue } from './values.js';

/** Python's `getattr(object, name)`, `hasattr(object, name)` and `setattr(object, name, value)`. */
export function attributeCall(m: Machine, name: string, { arguments: { positional: [object, key, value] }, location }: Call): Value | undefined {
  const text = key && constantText(m, key);
  if (name === 'getattr') return object && text !== undefined ? memberOf(m, object, text, location) : unknownValue('a computed attribute');
  if (name === 'hasattr') return object && text !== undefined ? hasAttribute(m, object, text) : undefined;
  if (object && text !== undefined && value) setMember(m, object, text, value, location);
  else if (object && value) assignToRow(m, object, undefined, value, location);
  return nullValue;
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
