import type { Command } from './types.js';

/** Every command, loaded when it is asked for: `--version` should not read a parser. */
export const COMMANDS: Readonly<Record<string, { readonly summary: string; readonly load: () => Promise<Command> }>> = {
  check: { summary: 'Check migrations and schemas (the default).', load: async () => (await import('./check.js')).command },
  init: { summary: 'Propose and write a configuration.', load: async () => (await import('./init.js')).command },
  tables: { summary: 'List every table with its class and keys.', load: async () => (await import('./tables.js')).command },
  explain: { summary: 'Show the page of a rule, or why a line is reported.', load: async () => (await import('./explain.js')).command },
  rules: { summary: 'List the rules.', load: async () => (await import('./rules.js')).command },
  baseline: { summary: 'Record the findings of today; check then reports new ones.', load: async () => (await import('./baseline.js')).command },
  plan: { summary: 'Write the missing migrations.', load: async () => (await import('./plan.js')).command },
  gate: { summary: 'Print or run the SQL that counts missing tenants.', load: async () => (await import('./gate.js')).command },
  replay: { summary: 'Prove the migrations on a real PostgreSQL.', load: async () => (await import('./replay.js')).command },
};
