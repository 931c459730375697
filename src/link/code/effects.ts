import type { Effect } from './library.js';

/** Something that running code does by itself: no branch, loop or try around others. */
export type SingleEffect = Exclude<Effect, { readonly kind: 'branch' | 'loop' | 'try' }>;

/** What effects come to at any depth, in order, whatever it depends on; parts of other queries are left out. */
export function singleEffects(effects: readonly Effect[]): SingleEffect[] {
  return effects.flatMap((effect): SingleEffect[] => {
    switch (effect.kind) {
      case 'branch': return singleEffects([...effect.then, ...effect.otherwise]);
      case 'loop': return singleEffects(effect.body);
      case 'try': return singleEffects([...effect.body, ...effect.handlers.flat()]);
      case 'query': return effect.draft?.withdrawn === true ? [] : [effect];
      default: return [effect];
    }
  });
}
