import { resolve } from 'node:path';
import { rules } from '../../rules/index.js';
import type { Settings } from '../check/levels.js';
import type { CheckResult } from '../check/types.js';
import { toLevel } from '../config/load.js';
import { didYouMean } from '../config/nearest.js';
import type { Level, UserLevel } from '../config/types.js';
import type { FileView } from '../discover/view.js';
import { UsageError } from '../errors.js';
import { report } from '../report/index.js';
import { asJson, printable } from '../report/text.js';
import { FORMATS, type Format } from '../report/types.js';
import type { Finding } from '../rule.js';
import { choiceOption, numberOption } from './arguments.js';
import { applyBaseline, describeEntry, grownSince, readBaseline, type BaselineEntry } from './baseline-file.js';
import { PRESETS } from './choices.js';
import { coverageReport } from './coverage.js';
import { exemptionsOf, exemptionsReport, type Exemption } from './exemptions.js';
import { applyFixes } from './fix.js';
import { focusOf, focusOn } from './focus.js';
import { packageVersion, rulePage } from './package.js';
import type { LoadedProject } from './pipeline.js';
import { checkFor, reportText, wantsColor } from './shared.js';
import type { Arguments, Io } from './types.js';
import { writeWhole } from './write.js';

const LEVELS: readonly UserLevel[] = ['error', 'warn', 'warning', 'off'];

/** Runs the command. @returns the exit status */
export async function run(args: Arguments, io: Io): Promise<number> {
  const start = performance.now();
  const format = choiceOption(args, 'format', FORMATS) ?? 'pretty';
  const maximum = numberOption(args, 'max-warnings');
  const settings = settingsOf(args);
  const overlay = await overlayOf(args, io);
  const focus = focusOf(args, io, overlay?.file);
  const { loaded, result: whole } = await checkFor(args, io, settings, { types: args.flag('types'), ...(overlay && { overlay }), ...(focus?.view && { view: focus.view }) });
  const baseline = readBaseline(loaded.config.root) ?? [];
  const { result: checked, known, gone } = applyBaseline(whole, baseline);
  if (args.flag('exemptions')) return listExemptions(io, exemptionsOf(whole, loaded, io.cwd, baseline, new Set(gone)), format);
  const result = focus === undefined ? checked : await focusOn(checked, focus, (view) => findingsBefore(args, io, view, settings));
  if (args.flag('fix') && fix(args, io, loaded, result)) return run(args, io);
  const milliseconds = performance.now() - start;
  if (seen(result)) {
    deliver(args, io, report(format, result, {
      rules, version: packageVersion(), color: wantsColor(args, io) && args.text('output') === undefined, quiet: args.flag('quiet'), milliseconds,
      text: reportText(loaded, io.cwd),
      page: rulePage, suppressedByBaseline: known, goneFromBaseline: focus === undefined && args.positionals.length === 0 ? gone.map(describeEntry) : [],
    }));
  }
  tell(args, io, loaded, result, milliseconds, format);
  const status = exitStatus(whole, result, maximum, loaded, args, io);
  return status === 0 && hasGrown(args, io, loaded.config.root, baseline) ? 1 : status;
}

function listExemptions(io: Io, exemptions: readonly Exemption[], format: Format): number {
  if (format !== 'pretty' && format !== 'json') throw new UsageError('--exemptions is printed as pretty or json');
  io.out(format === 'json' ? asJson(exemptions) : exemptionsReport(exemptions));
  return exemptions.every(({ state }) => state === 'in use') ? 0 : 1;
}

/** `--baseline-may-only-shrink`: what is known by now and was not at a revision. */
function hasGrown(args: Arguments, io: Io, root: string, baseline: readonly BaselineEntry[]): boolean {
  const ref = args.text('baseline-may-only-shrink');
  const grown = ref === undefined ? [] : grownSince(root, ref, baseline);
  for (const entry of grown) io.error(`tenantlint: not in the baseline of ${ref}: ${describeEntry(entry)}\n`);
  return grown.length > 0;
}

/** Applies the fixes. @returns whether a file was changed: then everything is judged anew */
function fix(args: Arguments, io: Io, loaded: LoadedProject, { findings }: CheckResult): boolean {
  for (const other of ['staged', 'stdin']) if (args.flag(other)) throw new UsageError(`--fix changes files on disk, --${other} judges another text: they exclude each other`);
  const { fixed, files } = applyFixes(findings, io.cwd, reportText(loaded, io.cwd));
  if (fixed > 0) io.error(`${fixed} fixed in ${files.join(', ')}\n`);
  return fixed > 0;
}

/** What was found in an earlier state of the project; nothing where there was none that the configuration fits. */
async function findingsBefore(args: Arguments, io: Io, view: FileView, settings: Settings): Promise<readonly Finding[]> {
  try {
    return (await checkFor(args, io, settings, { types: args.flag('types'), view })).result.findings;
  } catch (error) {
    if (error instanceof UsageError) return [];
    throw error;
  }
}

function settingsOf(args: Arguments): Settings {
  const preset = choiceOption(args, 'preset', PRESETS);
  const levels = new Map<string, Level>();
  for (const text of args.list('rule')) {
    const [, id, level] = /^([^:]+):([^:]+)$/.exec(text) ?? [];
    if (id === undefined || level === undefined) throw new UsageError(`--rule needs ID:LEVEL, not "${text}"`);
    if (!LEVELS.includes(level as UserLevel)) throw new UsageError(`--rule ${id}: the level must be error, warn or off, not "${level}"${didYouMean(level, LEVELS)}`);
    levels.set(id, toLevel(level as UserLevel));
  }
  return { ...(preset === undefined ? {} : { preset }), levels };
}

async function overlayOf(args: Arguments, io: Io): Promise<{ file: string; text: string } | undefined> {
  const file = args.text('stdin-filename');
  if (!args.flag('stdin')) {
    if (file !== undefined) throw new UsageError('--stdin-filename is of use only with --stdin');
    return undefined;
  }
  if (file === undefined) throw new UsageError('--stdin needs --stdin-filename FILE: the name tells what the text is');
  return { file, text: await io.input() };
}

function seen({ coverage, skipped }: CheckResult): boolean {
  return coverage.filesRead > 0 || skipped.length > 0;
}

function deliver(args: Arguments, io: Io, text: string): void {
  const output = args.text('output');
  if (output === undefined) io.out(text);
  else writeWhole(resolve(io.cwd, output), text);
}

function tell(args: Arguments, io: Io, loaded: LoadedProject, result: CheckResult, milliseconds: number, format: Format): void {
  if (args.flag('coverage')) (format === 'pretty' && args.text('output') === undefined ? io.out : io.error)(coverageReport(result, io.cwd));
  if (args.flag('stats')) io.error(`${result.coverage.filesRead} files, ${result.coverage.statements} statements in ${Math.round(milliseconds)} ms\n`);
  if (args.flag('debug')) {
    for (const [stage, time] of Object.entries(loaded.timings)) io.error(`${stage}: ${time.toFixed(1)} ms\n`);
    for (const { file, role, statements, rejected } of loaded.project.files.values()) {
      io.error(`${printable(file)}: ${role.type}, ${statements.length} statements, ${rejected} rejected\n`);
    }
    for (const migration of loaded.project.migrations) io.error(`migration ${migration.index}: ${migration.kind} ${printable(migration.file)}\n`);
  }
}

/** 2 when nothing could be checked or a rule failed, 1 for errors or too many warnings, else 0. */
function exitStatus(checked: CheckResult, result: CheckResult, maximum: number | undefined, loaded: LoadedProject, args: Arguments, io: Io): number {
  const { coverage } = checked;
  if (checked.findings.length === 0 && coverage.tablesClassified + coverage.tablesUnclassified + coverage.queries === 0) {
    const where = args.positionals.length > 0 ? args.positionals.map((path) => `"${path}"`).join(', ') : loaded.config.file ?? 'this folder';
    io.error(coverage.filesRead + checked.skipped.length === 0
      ? `tenantlint: no migration, model or query file found in ${where}: nothing was checked.\n`
      : `tenantlint: no table and no query found in ${where}: nothing was checked.\n`);
    return 2;
  }
  for (const { ruleId, error } of result.crashes) io.error(`tenantlint: rule ${ruleId} failed: ${error}\n`);
  if (result.crashes.length > 0) return 2;
  const errors = result.findings.filter((finding) => finding.severity === 'error').length;
  return errors > 0 || (maximum !== undefined && result.findings.length - errors > maximum) ? 1 : 0;
}
