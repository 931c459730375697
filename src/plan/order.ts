/**
 * Strongly connected components, each after those it depends on (Tarjan 1972). Members that depend on nothing open keep their order.
 * @param nodes the nodes that count
 * @param needs what a node depends on; others than `nodes` are left out
 */
export function components<T>(nodes: readonly T[], needs: (node: T) => readonly T[]): T[][] {
  const known = new Set(nodes);
  const index = new Map<T, number>();
  const low = new Map<T, number>();
  const stack: T[] = [];
  const result: T[][] = [];
  const visit = (node: T): void => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    stack.push(node);
    for (const next of needs(node)) {
      if (!known.has(next)) continue;
      if (!index.has(next)) {
        visit(next);
        low.set(node, Math.min(low.get(node)!, low.get(next)!));
      } else if (stack.includes(next)) low.set(node, Math.min(low.get(node)!, index.get(next)!));
    }
    if (low.get(node) !== index.get(node)) return;
    const members = stack.splice(stack.indexOf(node));
    result.push(nodes.filter((each) => members.includes(each)));
  };
  for (const node of nodes) if (!index.has(node)) visit(node);
  return result;
}
