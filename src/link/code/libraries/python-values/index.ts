import type { Library } from '../../library.js';

/** Python's own types that are the value they are made of, written otherwise: `uuid.UUID(text)`, `decimal.Decimal(text)`. */
export const pythonValuesLibrary: Library = {
  name: 'python values',
  modules: ['uuid', 'decimal'],
  incidental: true,
  leads: () => false,
  call: (callee, { arguments: { positional, named } }) =>
    callee.kind === 'external' && /^(?:UUID|Decimal)$/.test(callee.path.at(-1) ?? '') && positional.length === 1 && named.size === 0 ? positional[0] : undefined,
};
