import type { Context } from './library.js';
import { stored } from './store.js';
import type { ClassValue } from './values.js';

/** The classes of each file, in the order they were declared. */
export function declaredClasses(m: Pick<Context, 'store'>): Map<string, ClassValue[]> {
  return stored(m, 'declared classes', () => new Map<string, ClassValue[]>());
}
