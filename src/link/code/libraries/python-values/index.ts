import type { Library } from '../../library.js';

/** Python's own types that are the value they are made of, written otherwise: `uuid.UUID(text)`, `decimal.Decimal(text)`; dicts that make what is not there. */
export const pythonValuesLibrary: Library = {
  name: 'python values',
  modules: ['uuid', 'decimal', 'collections'],
  incidental: true,
  leads: () => false,
  call: (callee, { arguments: { positional, named }, location }, ctx) => {
    if (callee.kind !== 'external') return undefined;
    const name = callee.path.at(-1) ?? '';
    if (callee.module === 'collections') {
      const [factory] = positional;
      return name === 'defaultdict' ? ctx.allocate({ kind: 'object', entries: [], location, ...(factory && { factory }) }) : undefined;
    }
    return /^(?:UUID|Decimal)$/.test(name) && positional.length === 1 && named.size === 0 ? positional[0] : undefined;
  },
};
