import type { CallExpression } from '../../facts/expression.js';
import type { Query } from '../../facts/query.js';

interface Node {
  readonly kind: string;
}

const QUERIES = new Set(['select', 'values', 'set', 'insert', 'update', 'delete', 'merge']);

/** Every node with a kind, at any depth, sub-queries included; `enter` says whether to look inside. */
export function nodes(value: unknown, enter: (node: Node) => boolean = () => true): Node[] {
  const found: Node[] = [];
  const visit = (each: unknown): void => {
    if (Array.isArray(each)) each.forEach(visit);
    if (Array.isArray(each) || typeof each !== 'object' || each === null) return;
    if (isNode(each)) {
      found.push(each);
      if (!enter(each)) return;
    }
    for (const key in each) if (key !== 'location') visit((each as Record<string, unknown>)[key]);
  };
  visit(value);
  return found;
}

/** The same nodes anew, with the same locations: names are resolved by node, so that none may stand at two places of a query. */
export function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, key === 'location' ? part : copyOf(part)])) as T;
}

function isNode(value: object): value is Node {
  return typeof (value as Partial<Node>).kind === 'string';
}

/** Whether a node is a query. */
export function isQuery(node: Node): node is Query {
  return QUERIES.has(node.kind) && 'with' in node;
}

/** The queries of a program that stand in no other query. */
export function outermostQueries(value: unknown): Query[] {
  return nodes(value, (each) => !isQuery(each)).filter(isQuery);
}

/** Every call, at any depth. */
export function callsIn(value: unknown): CallExpression[] {
  return nodes(value).filter(({ kind }) => kind === 'call') as unknown as CallExpression[];
}
