import { NEWEST_VERSION, OLDEST_VERSION } from '../facts/version.js';
import { DIALECTS } from '../plan/dialects/types.js';
import { FORMATS } from '../report/types.js';
import { BASELINE, CI_NAMES, CONFIG_FORMATS, FILE_SECONDS, LIST_FORMATS, MOST_THREADS, PRESETS, TABLE_FORMATS, TIMEOUT_SECONDS } from './choices.js';
import type { Command, OptionSpec, OptionSpecs } from './types.js';

/** Options of every command that reads a project. */
const PROJECT_OPTIONS: OptionSpecs = {
  config: { type: 'string', value: 'FILE', help: 'Use this configuration; its paths are relative to the working folder.' },
  'no-config-code': { type: 'boolean', help: 'Refuse a configuration written in TypeScript or JavaScript instead of running it: for projects that are not trusted.' },
  'pg-version': { type: 'string', value: 'N', help: `The major version of PostgreSQL that the migrations run on, ${OLDEST_VERSION} to ${NEWEST_VERSION} (default: the configured one, else ${NEWEST_VERSION}).` },
  jobs: { type: 'string', value: 'N', least: 1, help: `How many threads parse (default: as many as there are processors, ${MOST_THREADS} at most).` },
  'file-timeout': { type: 'string', value: 'SECONDS', least: 1, help: `What work on one file may take before the run goes on without it (default ${FILE_SECONDS}).` },
  'no-cache': { type: 'boolean', help: 'Parse every file anew, and keep nothing of it.' },
  'cache-dir': { type: 'string', value: 'DIR', help: 'Where to keep what files say, by content (default node_modules/.cache/tenantlint, else the cache folder of the user).' },
};

/** Options of every command whose output has colours; `wantsColor` reads them. */
const COLOR_OPTIONS: OptionSpecs = {
  color: { type: 'boolean', help: 'Colours, even when the output is not a terminal.' },
  'no-color': { type: 'boolean', help: 'No colours.' },
};

/** How what was found is written. */
const REPORT_FORMAT: OptionSpec = { type: 'string', value: 'FORMAT', choices: FORMATS, help: `${FORMATS.join(', ')} (default pretty).` };

/** Every command. What it does is loaded when it is to run: `--version` and a mistake in the arguments should not read a parser. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  check: {
    brief: 'Check migrations and schemas (the default).',
    usage: '[check] [path...]',
    summary: 'Checks migrations and schemas of a multi-tenant PostgreSQL product. Paths are files, folders or globs; none: the whole project.',
    options: {
      ...PROJECT_OPTIONS,
      format: REPORT_FORMAT,
      output: { type: 'string', short: 'o', value: 'FILE', help: 'Write the report to a file, whole or not at all.' },
      fix: { type: 'boolean', help: 'Apply the fixes there are: those that can only tighten.' },
      staged: { type: 'boolean', help: 'Check what is staged in git; report what is found in staged files or caused by them.' },
      'changed-since': { type: 'string', value: 'REF', help: 'Report only what is found in files changed since a git revision, or caused by them.' },
      rule: { type: 'string', multiple: true, value: 'ID:LEVEL', help: 'Set the level of a rule: error, warn or off. Repeatable.' },
      preset: { type: 'string', value: 'NAME', choices: PRESETS, help: `${PRESETS.join(', ')}.` },
      'max-warnings': { type: 'string', value: 'N', least: 0, help: 'Exit with status 1 when there are more warnings than this.' },
      exemptions: { type: 'boolean', help: 'List every exception instead: suppression comments, what the configuration exempts, the baseline. Status 1 when one is unused or expired.' },
      'baseline-may-only-shrink': { type: 'string', value: 'REF', help: 'Fail when the baseline has entries that it did not have at a git revision.' },
      quiet: { type: 'boolean', short: 'q', help: 'Report errors only.' },
      stats: { type: 'boolean', help: 'Tell on standard error how long the run took and what it read.' },
      coverage: { type: 'boolean', help: 'Tell what was seen, decided and left undecided, with reasons.' },
      debug: { type: 'boolean', help: 'Tell on standard error what each stage did.' },
      ...COLOR_OPTIONS,
      stdin: { type: 'boolean', help: 'Read the text of one file from standard input.' },
      'stdin-filename': { type: 'string', value: 'FILE', help: 'The file the text of --stdin belongs to.' },
      types: { type: 'boolean', help: 'Ask the compiler, with what is installed, of what type a receiver is and whether a value may be undefined. Slower.' },
    },
    load: async () => (await import('./check.js')).run,
  },
  init: {
    brief: 'Propose and write a configuration.',
    usage: 'init',
    summary: 'Detects tenant column, root table and global tables, and writes tenantlint.config.json; with --hook, --ci or --eslint sets up that instead.',
    options: {
      'dry-run': { type: 'boolean', help: 'Print instead of writing.' },
      force: { type: 'boolean', help: 'Overwrite what is there.' },
      yes: { type: 'boolean', short: 'y', help: 'Ask nothing; it never does, and this is for scripts that say so.' },
      format: { type: 'string', value: 'FORMAT', choices: CONFIG_FORMATS, help: 'json or ts.' },
      hook: { type: 'boolean', help: 'Add the hook that checks what is staged before each commit: husky, lefthook, pre-commit or git itself.' },
      ci: { type: 'string', value: 'NAME', choices: CI_NAMES, help: 'Write the job for github or gitlab.' },
      eslint: { type: 'boolean', help: 'Write the ESLint configuration, or print the lines to add to it.' },
    },
    load: async () => (await import('./init.js')).run,
  },
  tables: {
    brief: 'List every table with its class and keys.',
    usage: 'tables',
    summary: 'Lists every table: its class, tenant column, keys, row-level security and its path to the root table.',
    options: { ...PROJECT_OPTIONS, format: { type: 'string', value: 'FORMAT', choices: TABLE_FORMATS, help: 'table, json, markdown or html.' } },
    load: async () => (await import('./tables.js')).run,
  },
  explain: {
    brief: 'Show the page of a rule, or why a line is reported.',
    usage: 'explain <rule> | explain <file>:<line>',
    summary: 'Shows the page of a rule, or what is known of a line and what is reported there.',
    options: { ...PROJECT_OPTIONS, ...COLOR_OPTIONS },
    load: async () => (await import('./explain.js')).run,
  },
  rules: {
    brief: 'List the rules.',
    usage: 'rules',
    summary: 'Lists the rules, their levels and whether they have a fix.',
    options: { format: { type: 'string', value: 'FORMAT', choices: LIST_FORMATS, help: 'text or json.' } },
    load: async () => (await import('./rules.js')).run,
  },
  baseline: {
    brief: 'Record the findings of today; check then reports new ones.',
    usage: 'baseline',
    summary: `Records today's findings in ${BASELINE}; "tenantlint check" then reports only new ones.`,
    options: PROJECT_OPTIONS,
    load: async () => (await import('./baseline.js')).run,
  },
  plan: {
    brief: 'Write the missing migrations.',
    usage: 'plan [table...]',
    summary: 'Writes the migrations that give every tenant table its tenant column: add, backfill, verify, NOT NULL, index. Exit status 1 when a table is refused.',
    options: {
      ...PROJECT_OPTIONS,
      dialect: { type: 'string', value: 'NAME', choices: DIALECTS, help: `${DIALECTS.join(', ')} (default: the project's own).` },
      out: { type: 'string', short: 'o', value: 'DIR', help: 'Write the files into this folder, all or none; never over a file. Default: print them.' },
      'write-models': { type: 'boolean', help: 'Change the ORM models accordingly (Prisma, Drizzle, TypeORM, SQLAlchemy). Default: print the changes.' },
      report: { type: 'boolean', help: 'Explain how each table gets its tenant, instead of the migrations (with --out: as well).' },
      via: { type: 'string', multiple: true, value: 'TABLE.COLUMN', help: 'Follow this foreign key; several columns (a.x,y) in their order. Repeatable.' },
      agree: { type: 'boolean', help: 'Where foreign keys are equally good, take the first and abort the migration unless all agree.' },
      'default-tenant': { type: 'string', value: 'ID', help: 'The tenant of rows that no foreign key assigns.' },
      unique: { type: 'boolean', help: 'Put the tenant column into unique keys that leave it out.' },
      rls: { type: 'boolean', help: 'Add a policy, ENABLE and FORCE ROW LEVEL SECURITY.' },
      immutable: { type: 'boolean', help: 'Add triggers that keep the tenant column from being changed.' },
      online: { type: 'boolean', help: 'Hold no lock for long: NOT VALID, VALIDATE, CREATE INDEX CONCURRENTLY, in several migrations.' },
      batched: { type: 'boolean', help: 'Backfill in batches with a commit after each.' },
      single: { type: 'boolean', help: 'One migration for all tables.' },
    },
    load: async () => (await import('./plan.js')).run,
  },
  gate: {
    brief: 'Print or run the SQL that counts missing tenants.',
    usage: 'gate',
    summary: 'Prints one SQL statement that counts the rows without a tenant (all must be 0). With a database: runs it and compares the live catalog with the project. Reads only.',
    options: {
      ...PROJECT_OPTIONS,
      'database-url': { type: 'string', value: 'URL', help: 'The database to look at, read-only (default: DATABASE_URL of the environment).' },
      sql: { type: 'boolean', help: 'Print the statement, even when there is a database.' },
      timeout: { type: 'string', value: 'SECONDS', least: 1, help: `Longest time of one statement (default ${TIMEOUT_SECONDS}).` },
      format: { ...REPORT_FORMAT, help: `${FORMATS.join(', ')} (default pretty); with a database.` },
      ...COLOR_OPTIONS,
    },
    load: async () => (await import('./gate.js')).run,
  },
  replay: {
    brief: 'Prove the migrations on a real PostgreSQL.',
    usage: 'replay',
    summary: 'Runs the migrations on a real PostgreSQL, on tables with rows of two tenants: what fails, where NULLs remain, whose rows are mixed up or lost, what one tenant can do to another.',
    options: {
      ...PROJECT_OPTIONS,
      'database-url': { type: 'string', value: 'URL', help: 'An empty scratch database to run on, as superuser. Default: an embedded one (PGlite).' },
      format: REPORT_FORMAT,
      ...COLOR_OPTIONS,
    },
    load: async () => (await import('./replay.js')).run,
  },
};
