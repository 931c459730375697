/**
 * Maps the nodes of an expression, query or operation. Nodes without a change keep their identity, because resolutions are
 * keyed by it.
 * @param visit gives the replacement of a node, or undefined to go on into its parts
 */
export function mapTree<T>(node: T, visit: (node: { readonly kind?: string }) => object | undefined): T {
  if (node === null || typeof node !== 'object') return node;
  if (Array.isArray(node)) {
    let copy: unknown[] | undefined;
    for (let index = 0; index < node.length; index += 1) {
      const mapped = mapTree(node[index] as unknown, visit);
      if (mapped !== node[index]) (copy ??= [...(node as unknown[])])[index] = mapped;
    }
    return (copy ?? node) as T;
  }
  const replacement = visit(node);
  if (replacement !== undefined) return replacement as T;
  let copy: Record<string, unknown> | undefined;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'location' || value === null || typeof value !== 'object') continue;
    const mapped = mapTree(value as unknown, visit);
    if (mapped !== value) (copy ??= { ...(node as Record<string, unknown>) })[key] = mapped;
  }
  return (copy ?? node) as T;
}

/** Visits every node of an expression, query or operation, outer ones first; `visit` returns false to leave a node's parts out. */
export function walkTree(node: unknown, visit: (node: { readonly kind?: string }) => boolean | void): void {
  if (node === null || typeof node !== 'object') return;
  if (Array.isArray(node)) {
    for (const item of node) walkTree(item, visit);
    return;
  }
  if (visit(node) === false) return;
  for (const [key, value] of Object.entries(node)) {
    if (key !== 'location' && value !== null && typeof value === 'object') walkTree(value, visit);
  }
}
