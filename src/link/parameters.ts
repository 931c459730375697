const known = new WeakMap<object, ReadonlySet<string>>();

/**
 * The names of all parameters in queries and expressions, at any depth, in the order they are met.
 * A query and an expression are gone through once: neither ever changes.
 */
export function parameterNames(value: unknown): ReadonlySet<string> {
  if (Array.isArray(value)) return value.length === 1 ? parameterNames(value[0]) : new Set(value.flatMap((each) => [...parameterNames(each)]));
  if (typeof value !== 'object' || value === null) return NONE;
  let names = known.get(value);
  if (names === undefined) known.set(value, names = namesIn(value));
  return names;
}

const NONE: ReadonlySet<string> = new Set();

/** Without recursion: chains of operators may be longer than the stack is deep. */
function namesIn(value: object): ReadonlySet<string> {
  const names = new Set<string>();
  const open: unknown[] = [value];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== 'object' || node === null) continue;
    const { kind, name } = node as { kind?: string; name?: unknown };
    if (kind === 'parameter' && typeof name === 'string') names.add(name);
    else for (const key of Object.keys(node).reverse()) if (key !== 'location') open.push((node as Record<string, unknown>)[key]);
  }
  return names.size === 0 ? NONE : names;
}
