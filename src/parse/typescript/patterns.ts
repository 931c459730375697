import type {
  ArrayPattern, AssignmentTarget, AssignmentTargetMaybeDefault, BindingPattern, BindingRestElement, AssignmentTargetRest, MemberExpression, ObjectAssignmentTarget,
  ArrayAssignmentTarget, ObjectPattern,
} from 'oxc-parser';
import type { CodeExpression, ListPatternItem, Pattern } from '../../facts/code.js';
import type { LowerContext } from './context.js';
import { locate } from './context.js';
import { lowerExpression, propertyKey } from './expressions.js';

type AnyPattern = BindingPattern | AssignmentTarget | AssignmentTargetMaybeDefault | MemberExpression;

/** What a declaration, a parameter or the left side of an assignment binds. A default of the whole is the caller's. */
export function lowerPattern(context: LowerContext, node: AnyPattern): Pattern {
  const location = locate(context, node);
  switch (node.type) {
    case 'Identifier': return { kind: 'name', name: node.name, location };
    case 'ObjectPattern': return objectPattern(context, node);
    case 'ArrayPattern': return listPattern(context, node);
    case 'AssignmentPattern': return lowerPattern(context, node.left);
    default: {
      const expression = lowerExpression(context, node);
      // `(x as T) = v`, `x! = v`
      return expression.kind === 'name' ? { kind: 'name', name: expression.name, location: expression.location } : { kind: 'target', expression, location };
    }
  }
}

function withDefault(context: LowerContext, node: AnyPattern): { target: Pattern; default?: CodeExpression } {
  return node.type === 'AssignmentPattern'
    ? { target: lowerPattern(context, node.left), default: lowerExpression(context, node.right) }
    : { target: lowerPattern(context, node) };
}

function objectPattern(context: LowerContext, node: ObjectPattern | ObjectAssignmentTarget): Pattern {
  let rest: Pattern | undefined;
  const properties: Extract<Pattern, { kind: 'object' }>['properties'][number][] = [];
  for (const property of node.properties as readonly (ObjectPattern['properties'][number] | ObjectAssignmentTarget['properties'][number])[]) {
    if (property.type === 'RestElement') rest = lowerPattern(context, property.argument);
    else properties.push({ key: propertyKey(context, property.key, property.computed), ...withDefault(context, property.value) });
  }
  return { kind: 'object', properties, ...(rest && { rest }), location: locate(context, node) };
}

function listPattern(context: LowerContext, node: ArrayPattern | ArrayAssignmentTarget): Pattern {
  const elements = node.elements as readonly (AnyPattern | BindingRestElement | AssignmentTargetRest | null)[];
  const items = elements.map((element): ListPatternItem | undefined => {
    if (!element) return undefined;
    return element.type === 'RestElement' ? { target: lowerPattern(context, element.argument), rest: true } : withDefault(context, element);
  });
  return { kind: 'list', items, location: locate(context, node) };
}
