import type { Library } from '../../library.js';

const NAME = 'python values';

/**
 * Python's own types that are the value they are made of, written otherwise: `uuid.UUID(text)`, `decimal.Decimal(text)`, `typing.cast(T, value)`,
 * `UserId = NewType('UserId', UUID)`; dicts that make what is not there.
 */
export const pythonValuesLibrary: Library = {
  name: NAME,
  modules: ['uuid', 'decimal', 'collections', 'typing', 'typing_extensions'],
  incidental: true,
  leads: () => false,
  call: (callee, { arguments: { positional, named }, location }, ctx) => {
    if (callee.kind !== 'external') return callee.type === 'new type' ? positional[0] : undefined;
    const name = callee.path.at(-1) ?? '';
    if (/^typing/.test(callee.module)) return name === 'NewType' ? { kind: 'library', library: NAME, type: 'new type', data: undefined } : name === 'cast' ? positional[1] : undefined;
    if (callee.module === 'collections') {
      const [factory] = positional;
      return name === 'defaultdict' ? ctx.allocate({ kind: 'object', entries: [], location, ...(factory && { factory }) }) : undefined;
    }
    return /^(?:UUID|Decimal)$/.test(name) && positional.length === 1 && named.size === 0 ? positional[0] : undefined;
  },
};
