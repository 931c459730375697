import type { CallExpression } from '../../facts/expression.js';
import type { Query } from '../../facts/query.js';

interface Node {
  readonly kind: string;
}

const QUERIES = new Set(['select', 'values', 'set', 'insert', 'update', 'delete', 'merge']);

/** Every node with a kind, at any depth, sub-queries included; `enter` says whether to look inside. */
export function* nodes(value: unknown, enter: (node: Node) => boolean = () => true): Generator<Node> {
  if (Array.isArray(value)) {
    for (const item of value) yield* nodes(item, enter);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const isNode = typeof (value as Partial<Node>).kind === 'string';
  if (isNode) yield value as Node;
  if (isNode && !enter(value as Node)) return;
  for (const [key, inner] of Object.entries(value)) if (key !== 'location') yield* nodes(inner, enter);
}

/** Whether a node is a query. */
export function isQuery(node: Node): node is Query {
  return QUERIES.has(node.kind) && 'with' in node;
}

/** The queries of a program that stand in no other query. */
export function* outermostQueries(value: unknown): Generator<Query> {
  for (const node of nodes(value, (each) => !isQuery(each))) if (isQuery(node)) yield node;
}

/** Every call, at any depth. */
export function* callsIn(value: unknown): Generator<CallExpression> {
  for (const node of nodes(value)) if (node.kind === 'call') yield node as CallExpression;
}
