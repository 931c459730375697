import { print, variants, type Node } from './tree.js';

/**
 * Takes parts away as long as something holds.
 * @param edit the smaller versions of a node
 */
export async function minimal(tree: Node, edit: (node: Node) => Iterable<Node>, holds: (tree: Node) => Promise<unknown>): Promise<Node> {
  for (let steps = 0; steps < 60; steps += 1) {
    const next = await firstThat([...variants(tree, edit)].sort((a, b) => print(a).length - print(b).length), holds);
    if (next === undefined) return tree;
    tree = next;
  }
  return tree;
}

async function firstThat(candidates: readonly Node[], holds: (tree: Node) => Promise<unknown>): Promise<Node | undefined> {
  for (const candidate of candidates) if (await holds(candidate) !== undefined) return candidate;
  return undefined;
}
