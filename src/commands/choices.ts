import type { PresetName } from '../config/types.js';

// What options may be, and what they are when they are not given.

export const PRESETS: readonly PresetName[] = ['recommended', 'strict', 'rls'];
export const TABLE_FORMATS = ['table', 'json', 'markdown', 'html'] as const;
export const LIST_FORMATS = ['text', 'json'] as const;
export const CONFIG_FORMATS = ['json', 'ts'] as const;
export const CI_NAMES = ['github', 'gitlab'] as const;
/** More share too little: what follows on parsing is done by one. */
export const MOST_THREADS = 4;
/** The largest file that is read at all takes a fifth of it. */
export const FILE_SECONDS = 60;
/** Of one statement on a database. */
export const TIMEOUT_SECONDS = 30;
export const BASELINE = 'tenantlint-baseline.json';
