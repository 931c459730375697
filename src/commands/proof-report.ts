import { relative, resolve } from 'node:path';
import { rules } from '../../rules/index.js';
import { createLocator } from '../check/position.js';
import type { SkippedPlace } from '../check/types.js';
import type { Notice } from '../facts/location.js';
import { report } from '../report/index.js';
import type { Format } from '../report/types.js';
import type { Finding } from '../rule.js';
import { packageVersion, rulePage } from './package.js';
import type { LoadedProject } from './pipeline.js';
import { wantsColor } from './shared.js';
import type { Arguments, Io } from './types.js';

/** Prints what a run on a database showed, in the form of every other report. */
export function reportProof(args: Arguments, io: Io, { project, config, text }: LoadedProject, shown: {
  readonly format: Format; readonly findings: readonly Finding[]; readonly notices: readonly Notice[]; readonly milliseconds: number;
}): void {
  const locator = createLocator(project, io.cwd, text);
  const skipped = [...project.notices, ...shown.notices].map(({ location, reason }): SkippedPlace => ({ file: locator.path(location.file), line: locator.start(location).line, reason }));
  const result = { findings: shown.findings, skipped, tenancy: project.tenancy, coverage: project.coverage, crashes: [], suppressions: [], project: () => project };
  io.out(report(shown.format, result, {
    rules, version: packageVersion(), color: wantsColor(args, io), quiet: false, milliseconds: shown.milliseconds, page: rulePage,
    text: (file) => text(relative(config.root, resolve(io.cwd, file)).replaceAll('\\', '/')),
  }));
}
