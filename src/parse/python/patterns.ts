import type { CodeExpression, ListPatternItem, Pattern } from '../../facts/code.js';
import { lowerExpression, spanOf } from './expressions.js';
import type { Node } from './grammar.js';
import { inBrackets, splitAtCommas, type Reading } from './reading.js';

/** What an assignment, a loop or `as` binds: `a`, `a, *b`, `(a, b)`, `a.b`. */
export function patternOf(nodes: readonly Node[], reading: Reading): Pattern {
  const [only] = nodes;
  if (nodes.some(({ type }) => type === ',' || type === '*')) return listPattern(nodes, reading, spanOf(nodes, reading));
  if (only?.type === 'TupleExpression' || only?.type === 'ArrayExpression') return listPattern(inBrackets(only), reading, reading.of(only));
  if (only?.type === 'ParenthesizedExpression') return patternOf(inBrackets(only), reading);
  const expression = lowerExpression(only, reading);
  if (expression.kind === 'name') return { kind: 'name', name: expression.name, location: expression.location };
  return { kind: 'target', expression, location: expression.location };
}

function listPattern(nodes: readonly Node[], reading: Reading, location: Pattern['location']): Pattern {
  const items = splitAtCommas(nodes).map((group): ListPatternItem => {
    const star = group[0]!.type === '*';
    const rest = star || reading.marks.starred.has(group[0]!.from);
    return { target: patternOf(star ? group.slice(1) : group, reading), ...(rest && { rest }) };
  });
  return { kind: 'list', items, location };
}

/** A case of a match: what it compares with, or what it binds. */
export interface CasePattern {
  readonly tests: readonly CodeExpression[];
  readonly pattern?: Pattern;
}

/** Lowers the pattern of a case, which was read as an expression. Neither tests nor a pattern: it always matches. */
export function casePattern(expression: CodeExpression): CasePattern {
  const tests = alternatives(expression);
  if (tests.every(isValue)) return { tests };
  return expression.kind === 'name' && expression.name === '_' ? { tests: [] } : { tests: [], pattern: bindings(expression) };
}

function alternatives(expression: CodeExpression): CodeExpression[] {
  if (expression.kind === 'binary' && expression.operator === '|') return [...alternatives(expression.left), ...alternatives(expression.right)];
  return [expression];
}

/** Literals, and names with a dot, are compared with. */
function isValue(expression: CodeExpression): boolean {
  if (expression.kind === 'unary') return isValue(expression.operand);
  return expression.kind === 'literal' || expression.kind === 'member' || (expression.kind === 'binary' && /^[+-]$/.test(expression.operator));
}

/**
 * What a case pattern binds. A class pattern is an object whose `__class__` must be the class, its positional parts have numbers for keys;
 * `P as n` is an object whose rest is `n`.
 */
function bindings(expression: CodeExpression): Pattern {
  const { location } = expression;
  switch (expression.kind) {
    case 'name': return { kind: 'name', name: expression.name, location };
    case 'list':
      return { kind: 'list', items: expression.items.map((item) => item && { target: bindings(item.value), ...(item.spread && { rest: true }) }), location };
    case 'object': {
      const rest = expression.entries.find((entry) => entry.kind === 'spread');
      const properties = expression.entries.flatMap((entry) => (entry.kind === 'property' ? [{ key: entry.key, target: bindings(entry.value) }] : []));
      return { kind: 'object', properties, ...(rest && { rest: bindings(rest.value) }), location };
    }
    case 'call': {
      const type: Pattern = { kind: 'target', expression: expression.callee, location: expression.callee.location };
      const parts = expression.arguments.map(({ name, value }, index) => ({ key: name ?? String(index), target: bindings(value) }));
      return { kind: 'object', properties: [{ key: '__class__', target: type }, ...parts], location };
    }
    case 'binary': {
      if (expression.operator === 'as') {
        const inner = bindings(expression.left);
        const rest = bindings(expression.right);
        if (inner.kind === 'target') return rest;
        if (inner.kind === 'object' && inner.rest === undefined) return { ...inner, rest, location };
        if (inner.kind !== 'list') return { kind: 'object', properties: boundNames(inner).map((target) => ({ key: unknownKey(location), target })), rest, location };
        const properties = inner.items.flatMap((item, index) => (item ? [{ key: item.rest ? unknownKey(location) : String(index), target: item.target }] : []));
        return { kind: 'object', properties, rest, location };
      }
      if (expression.operator === '|') return eitherOf(alternatives(expression), location);
    }
  }
  return { kind: 'target', expression, location };
}

/** Each alternative binds the same names; which value they get is not known. */
function eitherOf(all: readonly CodeExpression[], location: Pattern['location']): Pattern {
  const names = new Map(all.flatMap((one) => boundNames(bindings(one))).map((target) => [target.name, target]));
  if (names.size === 0) return { kind: 'object', properties: [], location };
  return { kind: 'object', properties: [...names.values()].map((target) => ({ key: unknownKey(location), target })), location };
}

function boundNames(pattern: Pattern | undefined): (Pattern & { kind: 'name' })[] {
  if (!pattern || pattern.kind === 'target') return [];
  if (pattern.kind === 'name') return [pattern];
  if (pattern.kind === 'list') return pattern.items.flatMap((item) => boundNames(item?.target));
  return [...pattern.properties.flatMap(({ target }) => boundNames(target)), ...boundNames(pattern.rest)];
}

function unknownKey(location: Pattern['location']): CodeExpression {
  return { kind: 'other', name: 'pattern', parts: [], location };
}
