import { isAbsolute, join, resolve } from 'node:path';
import { didYouMean } from '../config/nearest.js';
import { UsageError } from '../errors.js';
import { DIALECTS } from '../plan/dialects/types.js';
import { planProject, type DatabasePlan } from '../plan/index.js';
import { applyEdits, modelEdits } from '../plan/models/index.js';
import type { PlanRequest } from '../plan/types.js';
import { count, printable } from '../report/text.js';
import { choiceOption } from './arguments.js';
import { unifiedDiff } from './diff.js';
import { orphanNote, planReport, printedFiles } from './plan-text.js';
import type { LoadedProject } from './pipeline.js';
import { loadFor } from './shared.js';
import type { Arguments, Io } from './types.js';
import { writeAll, type NewFile } from './write.js';

/** Runs the command. @returns the exit status */
export async function run(args: Arguments, io: Io): Promise<number> {
  const dialect = choiceOption(args, 'dialect', DIALECTS);
  const loaded = await loadFor(args, io, { paths: [], schemaOnly: true });
  const { project } = loaded;
  if (project.tables.length === 0) throw new UsageError('no table found: nothing to plan');
  if (project.tables.every(({ table }) => table.model?.otherDatabase === true)) throw new UsageError('the tables are those of another database: migrations are planned for PostgreSQL only');
  if (project.tenancy.levels.length === 0) throw new UsageError(project.tenancy.explanation);
  const request = requestOf(args, loaded);
  const plans = planProject(project, { request, text: loaded.text, now: new Date(), ...(dialect !== undefined && { dialect }) });
  requireFitting(plans, request);
  if (plans.length === 0) {
    io.out(`Nothing to do: ${request.tables.length > 0 ? 'these tables have' : 'every tenant table has'} the tenant column, NOT NULL. ${project.tenancy.explanation}\n`);
    return 0;
  }
  await deliver(args, io, loaded, plans);
  return plans.some(({ decisions }) => decisions.refused.length > 0) ? 1 : 0;
}

function requestOf(args: Arguments, { project }: LoadedProject): PlanRequest {
  const names = project.tables.map(({ name }) => name);
  const known = (name: string, where: string) => {
    if (!names.includes(name)) throw new UsageError(`${where}: unknown table "${name}"${didYouMean(name, names)}`);
  };
  for (const name of args.positionals) known(name, 'plan');
  const via = new Map<string, readonly string[]>();
  for (const text of args.list('via')) {
    const [, table, columns] = /^(.+)\.([^.]+)$/.exec(text) ?? [];
    if (table === undefined || columns === undefined) throw new UsageError(`--via needs TABLE.COLUMN, not "${text}"`);
    known(table, '--via');
    via.set(table, [...(via.get(table) ?? []), ...columns.split(',')]);
  }
  const defaultTenant = args.text('default-tenant');
  return {
    tables: args.positionals, via, ...(defaultTenant !== undefined && { defaultTenant }),
    agree: args.flag('agree'), unique: args.flag('unique'), rls: args.flag('rls'), immutable: args.flag('immutable'),
    online: args.flag('online'), batched: args.flag('batched'), single: args.flag('single'),
  };
}

/** A default tenant that cannot be one is a mistake of the command line, not of a migration. */
function requireFitting(plans: readonly DatabasePlan[], { defaultTenant }: PlanRequest): void {
  if (defaultTenant === undefined) return;
  for (const { column, table, type } of plans.flatMap(({ decisions }) => decisions.plans)) {
    const fits = type.name === 'uuid' ? /^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i.test(defaultTenant) : !/^int\d$/.test(type.name) || /^-?\d+$/.test(defaultTenant);
    if (!fits) throw new UsageError(`--default-tenant ${defaultTenant} is no ${type.name === 'uuid' ? 'uuid' : 'whole number'}, which ${table.name}.${column} holds`);
  }
}

async function deliver(args: Arguments, io: Io, { config, project, text: textOf }: LoadedProject, plans: readonly DatabasePlan[]): Promise<void> {
  const out = args.text('out');
  const explains = args.flag('report');
  const models = await modelEdits(plans, { project, text: textOf });
  const changed = [...new Set(models.edits.map(({ file }) => file))].sort().map((file) => {
    const before = textOf(file) ?? '';
    return { file, before, after: applyEdits(before, models.edits.filter((edit) => edit.file === file)) };
  });
  const written: NewFile[] = args.flag('write-models') ? changed.map(({ file, after }) => ({ file: inProject(config.root, file), text: after, overwrites: true })) : [];
  if (out !== undefined) {
    if (plans.filter(({ files }) => files.length > 0).length > 1) throw new UsageError('--out: columns are missing in several databases; name the tables of one');
    const folder = resolve(io.cwd, out);
    written.push(...plans.flatMap((plan) => plan.files.map(({ path, text, completes }): NewFile => {
      const file = join(folder, path);
      return { file, text, overwrites: completes === true && file === inProject(config.root, join(plan.dir, path)) };
    })));
  }
  writeAll(written);
  io.out(written.map(({ file }) => `${printable(file)}\n`).join(''));
  if (explains) io.out(planReport(plans));
  else {
    if (out === undefined) io.out(printedFiles(plans));
    if (!args.flag('write-models') && changed.length > 0) io.out(`\n${changed.map(({ file, before, after }) => unifiedDiff(file, before, after)).join('')}`);
  }
  tell(io, plans, models.byHand, explains);
}

function tell(io: Io, plans: readonly DatabasePlan[], byHand: readonly string[], explained: boolean): void {
  for (const { decisions } of explained ? [] : plans) {
    const orphans = orphanNote(decisions);
    if (orphans !== undefined) io.error(`tenantlint: ${orphans}\n`);
    for (const { table, reason } of decisions.refused) io.error(`tenantlint: refused ${printable(table.name)}: ${printable(reason)}.\n`);
  }
  for (const words of byHand) io.error(`tenantlint: by hand: ${printable(words)}\n`);
  const tables = plans.reduce((sum, { decisions }) => sum + decisions.plans.length, 0);
  const migrations = plans.reduce((sum, plan) => sum + plan.migrations.length, 0);
  io.error(`tenantlint: ${count(tables, 'table')} in ${count(migrations, 'migration')}.\n`);
}

function inProject(root: string, path: string): string {
  return isAbsolute(path) ? path : join(root, path);
}
