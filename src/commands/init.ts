import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import type { Project } from '../link/project.js';
import { choiceOption } from './arguments.js';
import { loadFor } from './shared.js';
import type { Arguments, Command, Io } from './types.js';
import { writeWhole } from './write.js';

export const command: Command = {
  usage: 'init',
  summary: 'Detects tenant column, root table and global tables, and writes tenantlint.config.json.',
  options: {
    'dry-run': { type: 'boolean', help: 'Print the file instead of writing it.' },
    force: { type: 'boolean', help: 'Overwrite a config that is there.' },
    format: { type: 'string', value: 'FORMAT', help: 'json or ts.' },
    hook: { type: 'boolean', help: 'Add the pre-commit hook (not available in this version).' },
    ci: { type: 'string', value: 'NAME', help: 'Write the CI step for github or gitlab (not available in this version).' },
    eslint: { type: 'boolean', help: 'Add the ESLint configuration (not available in this version).' },
  },
  run,
};

async function run(args: Arguments, io: Io): Promise<number> {
  if (args.flag('hook') || args.flag('eslint') || args.text('ci') !== undefined) throw new UsageError('--hook, --ci and --eslint are not available in this version');
  const format = choiceOption(args, 'format', ['json', 'ts'] as const) ?? 'json';
  const file = `tenantlint.config.${format}`;
  const path = join(io.cwd, file);
  if (existsSync(path) && !args.flag('force') && !args.flag('dry-run')) throw new UsageError(`${file} is there already; --force overwrites it`);
  const { project } = await loadFor(args, io);
  if (project.tables.length === 0) {
    io.error('tenantlint: no table found: nothing to propose.\n');
    return 2;
  }
  const text = configText(project, format);
  if (args.flag('dry-run')) io.out(text);
  else {
    writeWhole(path, text);
    io.out(`${file} written. ${project.tenancy.explanation}\n`);
  }
  return 0;
}

function configText({ tenancy, tables, config }: Project, format: 'json' | 'ts'): string {
  const levels = tenancy.levels.map(({ columns, root }) => ({
    column: columns.length === 1 ? columns[0] : columns, ...(root === undefined ? {} : { root }),
  }));
  // A table that no foreign key links to the root is shared data as far as the schema tells; the user decides.
  const global = tables.filter(({ class: kind }) => kind === 'global' || kind === 'unclassified').map(({ name }) => name);
  const proposal = {
    ...(format === 'json' ? { $schema: './node_modules/tenantlint/dist/config.schema.json' } : {}),
    ...(levels.length === 0 ? {} : { tenant: levels.length === 1 ? levels[0] : levels }),
    ...(global.length === 0 ? {} : { tables: { global } }),
    ...(config.migrations.length === 0 ? {} : { migrations: config.migrations }),
  };
  const note = global.length === 0 ? '' : '// tables.global: no foreign key links these to the root table. Move those that hold data of one tenant to tables.tenant.\n';
  const body = JSON.stringify(proposal, null, 2);
  return format === 'json' ? `${note}${body}\n` : `import { defineConfig } from 'tenantlint';\n\n${note}export default defineConfig(${body});\n`;
}
