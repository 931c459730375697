import { parameterNames } from '../parameters.js';
import type { Machine } from './machine.js';
import type { Value } from './values.js';

const DEEPEST = 4;

/** The inputs that values hold or were found by, by their keys. */
export function inputKeys(m: Machine, values: readonly Value[]): Set<string> {
  const found = new Set<string>();
  for (const value of values) collect(m, value, found, 0);
  return found;
}

function collect(m: Machine, value: Value, found: Set<string>, depth: number): void {
  if (depth > DEEPEST) return;
  const inner = m.read(value);
  const each = (part: Value): void => collect(m, part, found, depth + 1);
  switch (inner.kind) {
    case 'input': found.add(inner.key); return;
    case 'object': inner.entries.forEach((entry) => each(entry.value)); return;
    case 'list': inner.items.forEach((item) => each(item.value)); return;
    case 'union': inner.options.forEach((option) => each(option.value)); return;
    case 'instance': inner.fields.forEach(each); return;
    case 'text': inner.parts.forEach((part) => part.kind === 'hole' && each(part.value)); return;
    case 'row': case 'rowList': case 'field':
      for (const name of parameterNames(inner.result.rows)) {
        const known = m.parameter(name);
        if (known?.kind === 'input') found.add(known.key);
      }
  }
}

/** Whether a value is one of some inputs, or a part of one. */
export function isAnyOf(value: Value, keys: ReadonlySet<string>): boolean {
  return keys.size > 0 && value.kind === 'input' && partsOf(value.key).some((key) => keys.has(key));
}

/** `a.b[0]`: itself, `a.b`, `a`. */
function partsOf(key: string): string[] {
  return [key, ...[...key.matchAll(/[.[\\]/g)].map(({ index }) => key.slice(0, index))];
}
