import type { Random } from './random.js';

/**
 * SQL text as a tree that knows its own near misses and its own simplifications.
 * Nothing here knows SQL's grammar: PostgreSQL refuses what an edit made invalid.
 */
export type Node = string | Sequence | List | Junction | Choice | Alternative;

export interface Sequence {
  readonly kind: 'sequence';
  readonly parts: readonly Node[];
}

/** Items of which any may be left out; without items nothing is printed, not even the prefix. */
export interface List {
  readonly kind: 'list';
  readonly prefix: string;
  readonly separator: string;
  readonly suffix: string;
  readonly items: readonly Node[];
}

/** Conditions joined by AND or OR; `block` names the query block whose clauses may exchange them. */
export interface Junction {
  readonly kind: 'junction';
  readonly operator: 'AND' | 'OR';
  readonly clause: 'where' | 'on' | 'having' | 'bare';
  readonly block?: number;
  readonly items: readonly Node[];
}

/** A word for which others can stand. */
export interface Choice {
  readonly kind: 'choice';
  readonly value: string;
  readonly others: readonly string[];
}

/** A part that can be replaced by something simpler. */
export interface Alternative {
  readonly kind: 'alternative';
  readonly node: Node;
  readonly simpler: readonly Node[];
}

export const sequence = (...parts: Node[]): Sequence => ({ kind: 'sequence', parts });
export const list = (prefix: string, items: readonly Node[], separator = ', ', suffix = ''): List => ({ kind: 'list', prefix, separator, suffix, items });
export const choice = (value: string, others: readonly string[]): Choice => ({ kind: 'choice', value, others: others.filter((other) => other !== value) });
export const alternative = (node: Node, ...simpler: Node[]): Alternative => ({ kind: 'alternative', node, simpler });
export const junction = (clause: Junction['clause'], items: readonly Node[], block?: number, operator: Junction['operator'] = 'AND'): Junction => (
  { kind: 'junction', operator, clause, items, ...(block === undefined ? {} : { block }) }
);

const CLAUSE = { where: ' WHERE ', on: ' ON ', having: ' HAVING ', bare: '' };

/** Writes the tree as SQL. */
export function print(node: Node): string {
  if (typeof node === 'string') return node;
  switch (node.kind) {
    case 'sequence': return node.parts.map(print).join('');
    case 'list': return node.items.length === 0 ? '' : node.prefix + node.items.map(print).join(node.separator) + node.suffix;
    case 'choice': return node.value;
    case 'alternative': return print(node.node);
    case 'junction': {
      if (node.items.length === 0) return node.clause === 'where' || node.clause === 'having' ? '' : `${CLAUSE[node.clause]}TRUE`;
      const text = node.items.map((item) => printItem(item, node.items.length > 1)).join(` ${node.operator} `);
      return CLAUSE[node.clause] + text;
    }
  }
}

function printItem(item: Node, several: boolean): string {
  const inner = typeof item !== 'string' && item.kind === 'alternative' ? item.node : item;
  const bracketed = several && typeof inner !== 'string' && inner.kind === 'junction' && inner.items.length > 1;
  return bracketed ? `(${print(item)})` : print(item);
}

/** Every tree in which exactly one node was replaced by one of what `edit` proposes for it. */
export function* variants(node: Node, edit: (node: Node) => Iterable<Node>): Generator<Node> {
  yield* edit(node);
  if (typeof node === 'string' || node.kind === 'choice') return;
  if (node.kind === 'alternative') {
    for (const inner of variants(node.node, edit)) yield { ...node, node: inner };
    return;
  }
  const children = node.kind === 'sequence' ? node.parts : node.items;
  for (const [index, child] of children.entries()) {
    for (const changed of variants(child, edit)) {
      const next = children.with(index, changed);
      yield node.kind === 'sequence' ? { ...node, parts: next } : { ...node, items: next };
    }
  }
}

/** Smaller versions of a node. */
export function* simplify(node: Node): Generator<Node> {
  if (typeof node === 'string' || node.kind === 'choice') return;
  if (node.kind === 'alternative') {
    yield* node.simpler;
    return;
  }
  if (node.kind === 'sequence') return;
  for (const index of node.items.keys()) yield { ...node, items: node.items.toSpliced(index, 1) };
  if (node.kind === 'junction' && node.clause === 'bare' && node.items.length > 1) yield* node.items;
}

/** Smaller versions that take away nothing that could pin: for a query that is right and must stay so. */
export function* simplifyRight(node: Node): Generator<Node> {
  const tenants = (text: string): number => text.split('$1').length;
  for (const simpler of simplify(node)) {
    // A query that shows no column shows no difference.
    if (typeof node === 'object' && node.kind === 'list' && node.prefix === '' && typeof simpler === 'object' && simpler.kind === 'list' && simpler.items.length === 0) continue;
    if (typeof node === 'object' && node.kind === 'junction') {
      const gone = typeof simpler === 'object' && simpler.kind === 'junction' ? node.items.filter((item) => !simpler.items.includes(item)) : node.items;
      if (node.operator === 'AND' && gone.some((item) => /\$1|t\d+\.\w+.*t\d+\.\w/.test(print(item)))) continue;
    } else if (typeof node === 'object' && node.kind === 'alternative' && tenants(print(node)) !== tenants(print(simpler))) continue;
    yield simpler;
  }
}

/** The ways in which a correct query is got slightly wrong. */
export const MUTATIONS: Readonly<Record<string, (node: Node) => Iterable<Node>>> = {
  *drop(node) {
    if (typeof node === 'object' && node.kind === 'junction') for (const index of node.items.keys()) yield { ...node, items: node.items.toSpliced(index, 1) };
  },
  *flip(node) {
    if (typeof node === 'object' && node.kind === 'junction' && node.items.length > 1) yield { ...node, operator: node.operator === 'AND' ? 'OR' : 'AND' };
  },
  *word(node) {
    if (typeof node === 'object' && node.kind === 'choice') for (const other of node.others) yield { ...node, value: other, others: [node.value] };
  },
  *wrap(node) {
    if (typeof node !== 'object' || node.kind !== 'junction') return;
    for (const [index, item] of node.items.entries()) {
      const wrapped: Node[] = [
        sequence('(', item, ' OR $5 IS NULL)'), sequence('NOT (', item, ')'), sequence('(', item, ') IS NOT FALSE'), sequence('(', item, ') IS TRUE'),
        sequence('COALESCE(', item, ', TRUE)'), sequence('CASE WHEN $5 IS NULL THEN TRUE ELSE ', item, ' END'), sequence('($5 = 1 AND ', item, ')'),
        sequence('(', item, ' OR FALSE)'), sequence('(', item, ') IS NOT TRUE'), sequence('COALESCE(', item, ', FALSE)'), sequence('NOT (NOT (', item, '))'),
      ];
      for (const one of wrapped) yield { ...node, items: node.items.with(index, alternative(one, item)) };
    }
  },
};

/** Trees in which one condition moved to another clause (WHERE, ON) of the same block. */
export function moves(root: Node): Node[] {
  const junctions: Junction[] = [];
  const collect = (node: Node): Iterable<Node> => {
    if (typeof node === 'object' && node.kind === 'junction' && node.block !== undefined) junctions.push(node);
    return [];
  };
  Array.from(variants(root, collect));
  const results: Node[] = [];
  for (const from of junctions) {
    for (const to of junctions) {
      if (from === to || from.block !== to.block) continue;
      for (const [index, item] of from.items.entries()) {
        results.push(replaceAll(root, new Map<Node, Node>([[from, { ...from, items: from.items.toSpliced(index, 1) }], [to, { ...to, items: [...to.items, item] }]])));
      }
    }
  }
  return results;
}

function replaceAll(node: Node, replacements: ReadonlyMap<Node, Node>): Node {
  const found = replacements.get(node);
  if (found !== undefined) return found;
  if (typeof node === 'string' || node.kind === 'choice') return node;
  if (node.kind === 'alternative') return { ...node, node: replaceAll(node.node, replacements) };
  if (node.kind === 'sequence') return { ...node, parts: node.parts.map((part) => replaceAll(part, replacements)) };
  return { ...node, items: node.items.map((item) => replaceAll(item, replacements)) };
}

/** One near miss of the tree, and the name of what was done. */
export function mutate(root: Node, random: Random): { readonly tree: Node; readonly mutation: string } {
  const kinds: [number, string][] = [[4, 'drop'], [2, 'flip'], [4, 'word'], [2, 'wrap'], [2, 'move']];
  const mutation = random.weighted(kinds);
  const candidates = mutation === 'move' ? moves(root) : [...variants(root, MUTATIONS[mutation]!)];
  return candidates.length === 0 ? { tree: root, mutation: 'none' } : { tree: random.pick(candidates), mutation };
}
