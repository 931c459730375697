/**
 * The names of all parameters in queries and expressions, at any depth, in the order they are met.
 * Without recursion: chains of operators may be longer than the stack is deep.
 */
export function parameterNames(value: unknown): Set<string> {
  const names = new Set<string>();
  const open: unknown[] = [value];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== 'object' || node === null) continue;
    const { kind, name } = node as { kind?: string; name?: unknown };
    if (kind === 'parameter' && typeof name === 'string') names.add(name);
    else for (const key of Object.keys(node).reverse()) if (key !== 'location') open.push((node as Record<string, unknown>)[key]);
  }
  return names;
}
