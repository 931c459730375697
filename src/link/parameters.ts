interface Names {
  readonly all: ReadonlySet<string>;
  /** Those that are named otherwise than as what something else falls back to. */
  readonly own: ReadonlySet<string>;
}

const known = new WeakMap<object, Names>();

/**
 * The names of all parameters in queries and expressions, at any depth, in the order they are met.
 * A query and an expression are gone through once: neither ever changes.
 */
export function parameterNames(value: unknown): ReadonlySet<string> {
  if (Array.isArray(value)) return value.length === 1 ? parameterNames(value[0]) : new Set(value.flatMap((each) => [...parameterNames(each)]));
  return namesOf(value).all;
}

/** Of those, the names of parameters that are read whatever else was sent: not `header` of `body.accountId ?? header`. */
export function ownNames(value: object): ReadonlySet<string> {
  return namesOf(value).own;
}

function namesOf(value: unknown): Names {
  if (typeof value !== 'object' || value === null) return NO_NAMES;
  let names = known.get(value);
  if (names === undefined) known.set(value, names = namesIn(value));
  return names;
}

const NONE: ReadonlySet<string> = new Set();
const NO_NAMES: Names = { all: NONE, own: NONE };

/** Without recursion: chains of operators may be longer than the stack is deep. */
function namesIn(value: object): Names {
  const all = new Set<string>();
  const fallbacks = new Set<string>();
  const own = new Set<string>();
  const open: unknown[] = [value];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== 'object' || node === null) continue;
    const { kind, name, fallback } = node as { kind?: string; name?: unknown; fallback?: true };
    if (kind === 'parameter' && typeof name === 'string') {
      all.add(name);
      (fallback ? fallbacks : own).add(name);
    }
    else for (const key of Object.keys(node).reverse()) if (key !== 'location') open.push((node as Record<string, unknown>)[key]);
  }
  return all.size === 0 ? NO_NAMES : { all, own: fallbacks.size === 0 ? all : own };
}
