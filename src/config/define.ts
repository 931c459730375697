import type { UserConfig } from './types.js';

/** Gives completion and type checking to a config written in TypeScript or JavaScript. */
export function defineConfig(config: UserConfig): UserConfig {
  return config;
}
