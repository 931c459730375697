import type { Expression, JSXAttributeItem, JSXChild, JSXElementName } from 'oxc-parser';
import type { CodeExpression, OtherCode } from '../../facts/code.js';
import type { LowerContext } from './context.js';
import { locate } from './context.js';
import { lowerExpression } from './expressions.js';

/** JSX has no meaning here; its component, attributes and children are kept, so that calls in them are seen. */
export function lowerJsx(context: LowerContext, node: Extract<Expression, { type: 'JSXElement' | 'JSXFragment' }>): OtherCode {
  const parts = node.type === 'JSXElement'
    ? [...component(context, node.openingElement.name), ...node.openingElement.attributes.flatMap((each) => attribute(context, each))]
    : [];
  return { kind: 'other', name: 'jsx', parts: [...parts, ...node.children.flatMap((child) => lowerChild(context, child))], location: locate(context, node) };
}

function component(context: LowerContext, name: JSXElementName): CodeExpression[] {
  const location = locate(context, name);
  if (name.type === 'JSXIdentifier') return /^[a-z]/.test(name.name) ? [] : [{ kind: 'name', name: name.name, location }];
  if (name.type === 'JSXNamespacedName') return [];
  const object: CodeExpression | undefined = name.object.type === 'JSXIdentifier'
    ? { kind: 'name', name: name.object.name, location: locate(context, name.object) }
    : component(context, name.object)[0];
  return object ? [{ kind: 'member', object, property: name.property.name, optional: false, propertyLocation: locate(context, name.property), location }] : [];
}

function attribute(context: LowerContext, node: JSXAttributeItem): CodeExpression[] {
  if (node.type === 'JSXSpreadAttribute') return [lowerExpression(context, node.argument)];
  if (node.value === null || node.value.type === 'Literal') return [];
  return lowerChild(context, node.value);
}

function lowerChild(context: LowerContext, node: JSXChild): CodeExpression[] {
  switch (node.type) {
    case 'JSXElement': case 'JSXFragment': return [lowerJsx(context, node)];
    case 'JSXExpressionContainer': return node.expression.type === 'JSXEmptyExpression' ? [] : [lowerExpression(context, node.expression)];
    case 'JSXSpreadChild': return [lowerExpression(context, node.expression)];
    default: return [];
  }
}
