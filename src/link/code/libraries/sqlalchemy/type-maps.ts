import type { Context } from '../../library.js';
import type { ClassValue } from '../../values.js';
import type { TypeMap } from './annotations.js';
import type { TypeData } from './data.js';
import { typeOf } from './types.js';

/** `type_annotation_map` of the bases of a class: which type an annotation stands for. Keys are names of types; nearer ones win. */
export function typeMapOf(chain: readonly ClassValue[], ctx: Context): TypeMap {
  const map = new Map<string, TypeData>();
  for (const { class: code, scope } of [...chain].reverse()) {
    const field = code.fields.find(({ name }) => name === 'type_annotation_map');
    if (field?.value?.kind !== 'object') continue;
    for (const entry of field.value.entries) {
      if (entry.kind !== 'property' || typeof entry.key === 'string') continue;
      const { key } = entry;
      const inner = key.kind === 'index' ? key.object : key;
      const name = inner.kind === 'name' ? inner.name : inner.kind === 'member' ? inner.property : undefined;
      const type = typeOf(ctx.evaluate(entry.value, scope), ctx);
      if (name !== undefined && type) map.set(name, type);
    }
  }
  return map;
}
