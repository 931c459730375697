import { UsageError } from '../errors.js';
import type { Command } from './types.js';

/** A command of the contract that this version does not have yet. */
export function unavailable(name: string, summary: string): Command {
  return {
    usage: name,
    summary: `${summary} (not available in this version)`,
    options: {},
    run: async () => {
      throw new UsageError(`"tenantlint ${name}" is not available in this version`);
    },
  };
}
