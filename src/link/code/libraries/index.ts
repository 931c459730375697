import type { Library } from '../library.js';

/** Every package whose calls are understood. */
export const libraries: readonly Library[] = [
];
