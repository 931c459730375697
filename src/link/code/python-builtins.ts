/** The names that Python itself defines in every module (Python library reference, "Built-in Functions" and "Built-in Constants"). */
const NAMES = new Set(`abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex delattr dict dir divmod enumerate eval exec
  filter float format frozenset getattr globals hasattr hash help hex id input int isinstance issubclass iter len list locals map max memoryview min next object oct open ord
  pow print property range repr reversed round set setattr slice sorted staticmethod str sum super tuple type vars zip NotImplemented Ellipsis None True False`.split(/\s+/));

/** Whether a name is a built-in function or constant of Python. */
export function isPythonBuiltin(name: string): boolean {
  return NAMES.has(name);
}
