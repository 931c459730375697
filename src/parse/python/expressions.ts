import type { CodeArgument, CodeExpression, ComprehensionExpression, ListExpression, ObjectEntry, Parameter } from '../../facts/code.js';
import type { Node } from './grammar.js';
import { lowerNumber, lowerString } from './literals.js';
import { isOperation, lowerOperation } from './operators.js';
import { patternOf } from './patterns.js';
import { inBrackets, splitAtCommas, type Reading } from './reading.js';

/** Lowers one expression; a missing one (an error of syntax) is `other`. */
export function lowerExpression(node: Node | undefined, reading: Reading): CodeExpression {
  if (!node) return { kind: 'other', name: 'missing', parts: [], location: reading.at(0, 0) };
  const lower = (part: Node | undefined) => lowerExpression(part, reading);
  if (isOperation(node)) return lowerOperation(node, reading, lower);
  const location = reading.of(node);
  switch (node.type) {
    case 'VariableName': {
      const stands = reading.marks.stands.get(node.from);
      // What it stands for may begin with a name at the same place.
      reading.marks.stands.delete(node.from);
      return stands ? lower(reading.part(stands, 'expression')) : { kind: 'name', name: reading.word(node), location };
    }
    case 'MemberExpression': return lowerMember(node, reading);
    case 'CallExpression': return lowerCall(node, reading);
    case 'String': case 'ContinuedString': return lowerString(node, reading, lower);
    case 'Number': return lowerNumber(node, reading);
    case 'Boolean': return { kind: 'literal', form: 'boolean', value: reading.word(node) === 'True', location };
    case 'None': return { kind: 'literal', form: 'null', value: null, location };
    case 'Ellipsis': return { kind: 'literal', form: 'ellipsis', value: null, location };
    case 'ParenthesizedExpression': return lowerList(inBrackets(node), reading, location);
    case 'TupleExpression': return listOf('tuple', inBrackets(node), reading, location);
    case 'ArrayExpression': return listOf('list', inBrackets(node), reading, location);
    case 'SetExpression': return listOf('set', inBrackets(node), reading, location);
    case 'DictionaryExpression': return { kind: 'object', entries: splitAtCommas(inBrackets(node)).map((entry) => lowerEntry(entry, reading)), location };
    case 'ComprehensionExpression': return lowerComprehension('generator', inBrackets(node), reading, location);
    case 'ArrayComprehensionExpression': return lowerComprehension('list', inBrackets(node), reading, location);
    case 'SetComprehensionExpression': return lowerComprehension('set', inBrackets(node), reading, location);
    case 'DictionaryComprehensionExpression': return lowerComprehension('dict', inBrackets(node), reading, location);
    case 'ConditionalExpression': {
      const [then, , test, , otherwise] = node.children;
      return { kind: 'conditional', test: lower(test), then: lower(then), otherwise: lower(otherwise), location };
    }
    case 'NamedExpression': {
      const [target, , value] = node.children;
      return { kind: 'assignment', operator: '=', target: patternOf(target ? [target] : [], reading), value: lower(value), location };
    }
    case 'LambdaExpression': return lowerLambda(node, reading);
    case 'YieldExpression': case 'YieldStatement': return lowerYield(node, reading);
    default: return { kind: 'other', name: node.type, parts: node.children.filter(({ type }) => /^[A-Z]/.test(type)).map(lower), location };
  }
}

/** One expression, or a tuple where there are commas or a star: `return a, *b`. */
export function lowerList(nodes: readonly Node[], reading: Reading, location = spanOf(nodes, reading)): CodeExpression {
  const [first] = nodes;
  if (nodes.length === 1 || !nodes.some(({ type }) => type === ',' || type === '*')) return lowerExpression(first, reading);
  return listOf('tuple', nodes, reading, location);
}

/** The location from the first to the last of some nodes. */
export function spanOf(nodes: readonly Node[], reading: Reading) {
  return reading.at(nodes[0]?.from ?? 0, nodes.at(-1)?.to ?? 0);
}

function listOf(form: ListExpression['form'], nodes: readonly Node[], reading: Reading, location: ListExpression['location']): ListExpression {
  const items = splitAtCommas(nodes).map((group) => {
    const item = group.at(-1)!;
    return { value: lowerExpression(item, reading), spread: group[0]!.type === '*' || reading.marks.starred.has(item.from) };
  });
  return { kind: 'list', form, items, location };
}

function lowerEntry(entry: readonly Node[], reading: Reading): ObjectEntry {
  const location = spanOf(entry, reading);
  const colon = entry.findIndex(({ type }) => type === ':');
  if (colon < 0) return { kind: 'spread', value: lowerExpression(entry.at(-1), reading), location };
  return { kind: 'property', key: keyOf(lowerExpression(entry[0], reading)), value: lowerExpression(entry[colon + 1], reading), location };
}

/** A key that is a string is that string. */
export function keyOf(key: CodeExpression): string | CodeExpression {
  return key.kind === 'literal' && key.form === 'string' ? (key.value as string) : key;
}

function lowerMember(node: Node, reading: Reading): CodeExpression {
  const [object, sign, property] = node.children;
  const location = reading.of(node);
  const base = lowerExpression(object, reading);
  if (sign?.type !== '[') {
    if (!property) return base;
    return { kind: 'member', object: base, property: reading.word(property), optional: false, propertyLocation: reading.of(property), location };
  }
  const inside = node.children.slice(2, node.children.at(-1)!.type === ']' ? -1 : undefined);
  const groups = splitAtCommas(inside);
  const isTuple = groups.length > 1 || inside.at(-1)?.type === ',' || groups.some((group) => reading.marks.starred.has(group[0]!.from));
  const items = groups.map((group) => ({ value: lowerSubscript(group, reading), spread: reading.marks.starred.has(group[0]!.from) }));
  const index: CodeExpression = isTuple || !items[0] ? { kind: 'list', form: 'tuple', items, location: spanOf(inside, reading) } : items[0].value;
  return { kind: 'index', object: base, index, optional: false, location };
}

function lowerSubscript(group: readonly Node[], reading: Reading): CodeExpression {
  if (!group.some(({ type }) => type === ':')) return lowerExpression(group[0], reading);
  const parts: (Node | undefined)[] = [undefined];
  for (const node of group) {
    if (node.type === ':') parts.push(undefined);
    else parts[parts.length - 1] = node;
  }
  const [from, to, step] = parts.map((part) => part && lowerExpression(part, reading));
  return { kind: 'slice', ...(from && { from }), ...(to && { to }), ...(step && { step }), location: spanOf(group, reading) };
}

function lowerCall(node: Node, reading: Reading): CodeExpression {
  const [callee, list] = node.children;
  return {
    kind: 'call', callee: lowerExpression(callee, reading), arguments: list ? lowerArguments(list, reading) : [],
    isNew: false, optional: false, typeArguments: [], location: reading.of(node),
  };
}

/** The arguments of a call or the bases of a class. */
export function lowerArguments(list: Node, reading: Reading): CodeArgument[] {
  return splitAtCommas(inBrackets(list)).map((group): CodeArgument => {
    const [first, second] = group;
    if (first!.type === '*' || first!.type === '**') return { value: lowerExpression(second, reading), spread: first!.type === '*' ? 'list' : 'map' };
    const isNamed = second?.type === 'AssignOp' && reading.word(second) === ':=';
    const node = isNamed ? { type: 'NamedExpression', from: first!.from, to: (group[2] ?? second).to, children: group.slice(0, 3) } : first;
    if (group.some(({ type }) => type === 'for')) {
      return { value: lowerComprehension('generator', isNamed ? [node!, ...group.slice(3)] : group, reading, spanOf(group, reading)) };
    }
    if (second?.type === 'AssignOp' && !isNamed) return { name: reading.word(first!), value: lowerExpression(group[2], reading) };
    return { value: lowerExpression(node, reading) };
  });
}

function lowerComprehension(form: ComprehensionExpression['form'], nodes: readonly Node[], reading: Reading, location: ComprehensionExpression['location']): ComprehensionExpression {
  const first = nodes.findIndex(({ type }) => type === 'for' || type === 'async');
  const start = first < 0 ? nodes.length : first;
  const head = nodes.slice(0, start);
  const clauses: { target: ComprehensionExpression['clauses'][number]['target']; iterable: CodeExpression; conditions: CodeExpression[] }[] = [];
  for (let index = start; index < nodes.length; index++) {
    if (nodes[index]!.type === 'for') {
      const at = nodes.findIndex(({ type }, place) => place > index && type === 'in');
      const stop = at < 0 ? nodes.length : at;
      clauses.push({ target: patternOf(nodes.slice(index + 1, stop), reading), iterable: lowerExpression(nodes[stop + 1], reading), conditions: [] });
      index = stop + 1;
    } else if (nodes[index]!.type === 'if') {
      clauses.at(-1)?.conditions.push(lowerExpression(nodes[index + 1], reading));
      index += 1;
    }
  }
  const isPair = form === 'dict' && head[1]?.type === ':';
  return {
    kind: 'comprehension', form, ...(isPair && { key: lowerExpression(head[0], reading) }), element: lowerExpression(isPair ? head[2] : head.at(-1), reading), clauses, location,
  };
}

function lowerYield(node: Node, reading: Reading): CodeExpression {
  if (reading.yields.length > 0) reading.yields[reading.yields.length - 1] = true;
  const delegates = node.children[1]?.type === 'from';
  const value = node.children.slice(delegates ? 2 : 1);
  return { kind: 'yield', ...(value.length > 0 && { value: lowerList(value, reading) }), delegates, location: reading.of(node) };
}

function lowerLambda(node: Node, reading: Reading): CodeExpression {
  const location = reading.of(node);
  const list = node.children.find(({ type }) => type === 'ParamList');
  const colon = node.children.findIndex(({ type }) => type === ':');
  const parameters = list ? lowerParameters(list, reading) : [];
  reading.yields.push(false);
  const value = lowerExpression(colon < 0 ? undefined : node.children[colon + 1], reading);
  const generator = reading.yields.pop()!;
  return {
    kind: 'functionValue', location,
    function: { form: 'arrow', parameters, body: [{ kind: 'return', value, location: value.location }], async: false, generator, decorators: [], location },
  };
}

/** @param typed reads the annotation of a parameter and what `Annotated` says besides the type */
export function lowerParameters(
  list: Node, reading: Reading, typed: (annotation: Node) => Pick<Parameter, 'type' | 'decorators'> = () => ({ decorators: [] }),
): Parameter[] {
  const parameters: Parameter[] = [];
  let keywordOnly = false;
  for (const group of splitAtCommas(inBrackets(list))) {
    const name = group.find(({ type }) => type === 'VariableName');
    const star = group[0]!.type;
    if (!name) {
      if (star === '*') keywordOnly = true;
      continue;
    }
    const annotation = group.find(({ type }) => type === 'TypeDef');
    const equals = group.findIndex(({ type }) => type === 'AssignOp');
    const rest = star === '*' ? 'list' : star === '**' ? 'map' : undefined;
    parameters.push({
      target: { kind: 'name', name: reading.word(name), location: reading.of(name) }, optional: false, location: spanOf(group, reading),
      ...(annotation ? typed(annotation.children.at(-1)!) : { decorators: [] }),
      ...(equals >= 0 && { default: lowerExpression(group[equals + 1], reading) }),
      ...(rest && { rest }), ...(keywordOnly && !rest && { keywordOnly }),
    });
    if (star === '*') keywordOnly = true;
  }
  return parameters;
}
